#!/bin/sh
# The scrubber's speed on one core and on two, beside `wc -l` of the same file and what is aimed at: a markdown table, in some two minutes.
# usage: sh tests/bench/speed.sh [MEGABYTES]      default: 128 of each kind; letters half, notes one
# Builds in $STAGER_BENCH_BUILD, as tests/bench/deid does; works in $STAGER_BENCH, else /dev/shm. Where deid.sh has installed deduce
# ($STAGER_BENCH_PEERS), it reads some of the notes, too.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
base=${TMPDIR:-/tmp}/stager-deid-$(id -u)
STAGER_BENCH_BUILD=${STAGER_BENCH_BUILD:-$base/build}
export STAGER_BENCH_BUILD
"$here/deid" --help >/dev/null
ninja -C "$STAGER_BENCH_BUILD" tests/bench/bench_text tests/bench/bench_scrub >"$STAGER_BENCH_BUILD/speed.log" 2>&1 ||
	{ tail -n 40 "$STAGER_BENCH_BUILD/speed.log" >&2; echo "speed: the build failed" >&2; exit 1; }
work=$(mktemp -d "${STAGER_BENCH:-/dev/shm}/stager-speed.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
status=0
/usr/bin/python3 "$here/speed.py" "$STAGER_BENCH_BUILD/tests/bench" "$work" "${1:-128}" "${STAGER_BENCH_PEERS:-$base/peers}/deduce/bin/python" || status=$?
exit $status
