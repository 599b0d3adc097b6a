#!/usr/bin/env bash
# The libraries of the system that set documents in type.
set -euo pipefail
cd "$(dirname "$0")/.."

bash setup/apt.sh "what sets documents in type" libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig
