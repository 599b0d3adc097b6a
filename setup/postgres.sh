#!/usr/bin/env bash
# The programs of a PostgreSQL server; the tests start and stop one of their own.
set -euo pipefail
cd "$(dirname "$0")/.."

compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ||
  bash setup/apt.sh "a PostgreSQL server, for the tests" postgresql
