#!/bin/sh
# Measure sealing and opening with sums, from a file in the page cache to /dev/null, beside what `openssl speed -bytes 65536` says of
# the same machine between the runs; prints a markdown table with the ratios.
# usage: STAGER_BENCH_BUILD=FOLDER-OF-bench_seal sh tests/bench/seal.sh [MEGABYTES [ROUNDS]]     default: 2048, 5
# Works in $STAGER_BENCH, else TMPDIR: a file system whose page cache is the machine's usual one (tmpfs has small pages).
set -eu
: "${STAGER_BENCH_BUILD:?folder of bench_seal: BUILD/tests/bench}"
PATH=$STAGER_BENCH_BUILD:/usr/bin:$PATH
export PATH
work=$(mktemp -d "${STAGER_BENCH:-${TMPDIR:-/tmp}}/stager-seal.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
status=0
/usr/bin/python3 "$(dirname "$0")/seal.py" "$work" "${1:-2048}" "${2:-5}" || status=$?
exit $status
