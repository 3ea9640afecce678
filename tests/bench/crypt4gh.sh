#!/bin/sh
# Measure crypt4gh encrypt and decrypt from a file in the page cache to /dev/null, on one and on two processors, beside `openssl speed
# -bytes 65536` between the runs, a bare loop of pread and OpenSSL, and beside age and the reference tool where those are there;
# prints a markdown table.
# usage: STAGER_BUILD=FOLDER-OF-PROGRAMS [STAGER_REFERENCE=VENV] sh tests/bench/crypt4gh.sh [MEGABYTES [ROUNDS]]     default: 2048, 5
# Works in $STAGER_BENCH, else TMPDIR: room for five times MEGABYTES.
set -eu
: "${STAGER_BUILD:?folder of the programs: BUILD/stager/roles}"
PATH=$STAGER_BUILD:$STAGER_BUILD/../../tests/bench:$PATH
export PATH
work=$(mktemp -d "${STAGER_BENCH:-${TMPDIR:-/tmp}}/stager-crypt4gh.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
status=0
/usr/bin/python3 "$(dirname "$0")/crypt4gh.py" "$work" "${1:-2048}" "${2:-5}" || status=$?
exit $status
