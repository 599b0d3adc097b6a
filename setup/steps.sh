# What every set-up script says and remembers; sourced from the root of the checkout.

# Say what is being done, one line a step.
step() {
  printf '· %s\n' "$*"
}

# Say what to do, and stop.
fail() {
  printf 'set-up: %s\n' "$*" >&2
  exit 1
}

# Run quietly; when it fails show the end of what it said, and what to do.
quietly() {
  local advice=$1 said
  shift
  said=$(mktemp)
  if ! "$@" >"$said" 2>&1 </dev/null; then
    tail -n 40 "$said" >&2
    rm -f "$said"
    fail "$advice"
  fi
  rm -f "$said"
}

# One hash over the contents and names of files and folders, without what git ignores inside them.
fingerprint() {
  find "$@" \( -name node_modules -o -name __pycache__ \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

# Whether a step was already done for this fingerprint.
is_done() {
  [ -f ".venv/.done/$1" ] && [ "$(cat ".venv/.done/$1")" = "$2" ]
}

# Remember a step as done for this fingerprint.
mark_done() {
  mkdir -p .venv/.done
  printf '%s\n' "$2" >".venv/.done/$1"
}
