#!/usr/bin/env bash
# Chromium, and the library that its driver's Node.js lacks on a bare machine; the browser tests use both.
set -euo pipefail
cd "$(dirname "$0")/.."

known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null || true)
if ! command -v chromium >/dev/null || [[ $known != *libatomic.so.1* ]]; then
  bash setup/apt.sh "Chromium, for the browser tests" chromium libatomic1
fi
