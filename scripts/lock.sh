#!/usr/bin/env bash
# scripts/lock.sh UV: resolve each requirements*.in to a requirements*.txt with exact versions and hashes, for every platform and Python 3.11+.
set -euo pipefail
uv=$1
cd "$(dirname "$0")/.."

compile() { # compile NAME [uv options]
  local name=$1
  shift
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-annotate \
    --custom-compile-command "make lock" "$@" "$name.in" --output-file "$name.txt"
}

compile requirements
compile requirements-otel --constraint requirements.txt
compile requirements-dev --constraint requirements.txt
for name in requirements-nodeps requirements-dev-nodeps; do compile "$name" --no-deps; done
