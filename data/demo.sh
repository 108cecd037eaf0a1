#!/bin/sh
# The main job on a fresh machine: installs what is missing, builds into build/, and counts the
# characters of the example. Standard output holds the job's output only.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/needs.sh
. tests/needs.sh
needs build

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
if ! { cmake -S . -B build -DBUILD_TESTING=OFF -DWCMR_WERROR=OFF &&
    cmake --build build --target wc-mr --parallel "$(nproc)"; } >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    echo "The build failed." >&2
    exit 1
fi

set -- data/stormofswords.csv -m 8 -r 4 --drop-numeric --top=10 --format=colon
echo "\$ build/wc-mr $*" >&2
build/wc-mr "$@"
