#!/usr/bin/env bash
# The fonts of the documents, built once into var/fonts (or XIANJIE_FONTS).
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/steps.sh

fonts=${XIANJIE_FONTS:-${XIANJIE_DATA:-var}/fonts}
[ "$(cat "$fonts/.recipe" 2>/dev/null)" != "$(fingerprint setup/fonts)" ] || exit 0
step "building the fonts of the documents into $fonts (a minute or two, once)"
PYTHON=.venv/bin/python quietly "the fonts could not be built; the lines above say why" bash setup/fonts/build.sh "$fonts"
