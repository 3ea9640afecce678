#!/bin/sh
# Measure the gateway to one `curl` beside nginx with sendfile on the same plaintext file, both from the page cache, in the same
# run; then from the gateway's own cache; several readers at once; and a shard much larger than --memory, with the peak of memory.
# Prints a markdown table with the ratios.
# usage: STAGER_BUILD=FOLDER-OF-PROGRAMS sh tests/bench/gateway.sh [MEGABYTES [ROUNDS]]     default: 2048, 5
# Works in $STAGER_BENCH, else TMPDIR: a file system whose page cache is the machine's usual one.
set -eu
: "${STAGER_BUILD:?folder of the programs}"
PATH=$STAGER_BUILD:/usr/bin:/usr/sbin:$PATH
export PATH
unset STAGER_HOUSE
command -v nginx >/dev/null && command -v curl >/dev/null || { echo "skipped: nginx and curl are wanted"; exit 77; }
work=$(mktemp -d "${STAGER_BENCH:-${TMPDIR:-/tmp}}/stager-gateway.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
status=0
/usr/bin/python3 "$(dirname "$0")/gateway.py" "$work" "${1:-2048}" "${2:-5}" || status=$?
exit $status
