#!/bin/sh
# Measure `stager-node cat` of one shard in the page cache: to /dev/null on one and two processors, beside what `openssl speed` says
# in the same run; and into a pipe, beside `cat` of the same plaintext. Prints a markdown table with the ratios.
# usage: STAGER_BUILD=FOLDER-OF-PROGRAMS sh tests/bench/node.sh [MEGABYTES [ROUNDS]]     default: 2048, 5
# Works in $STAGER_BENCH, else TMPDIR: a file system whose page cache is the machine's usual one.
set -eu
: "${STAGER_BUILD:?folder of the programs}"
PATH=$STAGER_BUILD:/usr/bin:$PATH
export PATH
unset STAGER_HOUSE
work=$(mktemp -d "${STAGER_BENCH:-${TMPDIR:-/tmp}}/stager-node.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
status=0
/usr/bin/python3 "$(dirname "$0")/node.py" "$work" "${1:-2048}" "${2:-5}" || status=$?
exit $status
