#!/usr/bin/env bash
# python.sh LOCK: a virtual environment in .venv with the libraries of a lock file.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/steps.sh

lock=$1
python=${PYTHON:-python3}
command -v "$python" >/dev/null || bash setup/apt.sh "Python" python3 python3-venv
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "Python 3.11 or newer is needed, this is $("$python" --version); name another with PYTHON=/path/to/python3"

if ! .venv/bin/python -c '' 2>/dev/null; then
  "$python" -c 'import ensurepip, venv' 2>/dev/null || bash setup/apt.sh "Python's venv module" python3-venv
  step "creating .venv with $("$python" --version)"
  rm -rf .venv
  quietly "the virtual environment could not be created in .venv" "$python" -m venv .venv
fi

# The development lock holds everything of the other one.
for whole in requirements-dev.lock "$lock"; do
  ! is_done "$whole" "$(fingerprint "$whole")" || exit 0
done
.venv/bin/python -c 'import pip' 2>/dev/null ||
  quietly "pip could not be added to .venv; remove .venv and run it again" .venv/bin/python -m ensurepip
step "installing the libraries of $lock"
quietly "pip could not install $lock: check the network, then run it again" \
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps -r "$lock"
mark_done "$lock" "$(fingerprint "$lock")"
