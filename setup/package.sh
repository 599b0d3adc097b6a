#!/usr/bin/env bash
# The command `xianjie` in .venv, from this checkout; its build hook builds the scripts of the pages.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/steps.sh

mark=$(fingerprint pyproject.toml hatch_build.py app/web/assets.py app/web/frontend)
if is_done package "$mark" && [ -x .venv/bin/xianjie ] && [ -f app/web/static/dist/manifest.json ]; then
  exit 0
fi
install=(.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --editable .)
# The build tools are in the lock; a machine without Node.js lets pip fetch one for this build.
if [ -z "$(.venv/bin/python -c 'import runpy; print(*runpy.run_path("app/web/assets.py")["dependencies"]())')" ]; then
  install+=(--no-build-isolation)
fi
step "building the pages' scripts and installing xianjie"
quietly "xianjie could not be installed; the lines above say why" "${install[@]}"
mark_done package "$mark"
