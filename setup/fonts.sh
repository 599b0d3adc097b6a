#!/usr/bin/env bash
# The fonts of the documents, built once into var/fonts (or XIANJIE_FONTS).
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/steps.sh

fonts=${XIANJIE_FONTS:-${XIANJIE_DATA:-var}/fonts}
mark=$(fingerprint setup/fonts)
if is_done fonts "$mark $fonts" && [ -d "$fonts" ]; then
  exit 0
fi
step "building the fonts of the documents into $fonts (about a minute, once)"
quietly "the fonts could not be built; the lines above say why" bash setup/fonts/build.sh "$fonts"
mark_done fonts "$mark $fonts"
