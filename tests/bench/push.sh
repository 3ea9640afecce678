#!/bin/sh
# Measure push, verify and cat beside `openssl speed` of the same machine in the same run; prints a markdown table.
# usage: STAGER_BUILD=FOLDER-OF-PROGRAMS sh tests/bench/push.sh [MEGABYTES]      default: 512 of each kind
# Works in $STAGER_BENCH, else /dev/shm (so that the disk is not measured), which must hold some six times as much.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
: "${STAGER_BUILD:?folder of the programs}"
PATH=$STAGER_BUILD:/usr/bin:$PATH
export PATH
work=$(mktemp -d "${STAGER_BENCH:-/dev/shm}/stager-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
status=0
/usr/bin/python3 "$top/tests/bench/push.py" "$work" "${1:-512}" || status=$?
exit $status
