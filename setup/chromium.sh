#!/usr/bin/env bash
# Chromium; the browser tests drive it.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v chromium >/dev/null || bash setup/apt.sh "Chromium, for the browser tests" chromium
