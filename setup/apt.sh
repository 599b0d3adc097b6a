#!/usr/bin/env bash
# apt.sh WHAT PACKAGE…: have Debian packages installed; without root say in one line what an administrator must do.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/steps.sh

what=$1
shift
missing=()
for package in "$@"; do
  case "$(dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null)" in
    "install ok installed") ;;
    *) missing+=("$package") ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

order="apt-get install --no-install-recommends ${missing[*]}"
command -v apt-get >/dev/null || fail "$what is needed; install what this system calls: ${missing[*]}"
[ "$(id -u)" = 0 ] || fail "$what is needed; as root, run: $order"

export DEBIAN_FRONTEND=noninteractive
step "installing $what (${missing[*]})"
install() {
  apt-get install --yes --no-install-recommends "${missing[@]}"
}
if ! install >/dev/null 2>&1 </dev/null; then
  # The package lists of a new machine are empty, or older than its mirror.
  quietly "the Debian package lists could not be read: check the network, then run it again" apt-get update
  quietly "Debian could not install it: run \`$order\` to see why, then run it again" install
fi
