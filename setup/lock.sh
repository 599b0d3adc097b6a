#!/usr/bin/env bash
# Pins every library with its hashes, naming no host: requirements.lock (to run), requirements-dev.lock (to test).
# Pins that still fit stay; `make lock UPGRADE=1` takes the newest of everything.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/steps.sh

[ -x .venv/bin/uv ] || fail "uv is missing: run \`make test\` once, it installs the development tools into .venv"

# The build tools are pinned too: the package itself is then built without a look at the network.
build_tools() {
  .venv/bin/python - <<'PY'
import tomllib
from pathlib import Path

print(*tomllib.loads(Path("pyproject.toml").read_text())["build-system"]["requires"], "editables>=0.5", sep="\n")
PY
}

compile_lock() {
  local target=$1
  shift
  step "pinning $target"
  build_tools | .venv/bin/uv pip compile pyproject.toml - "$@" --output-file "$target" --quiet --universal \
    --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
    --custom-compile-command "make lock" ${UPGRADE:+--upgrade}
}

compile_lock requirements.lock
compile_lock requirements-dev.lock --group dev --constraints requirements.lock
