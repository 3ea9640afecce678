#!/bin/sh
# Measure what stager-key does for releases of 10,000 shards, message to reply, in as many processes at once as there are processors
# (two at most): every one with a house of its own. The log's and the nodes' part runs too, and is not counted in key_cpu_s.
# usage: STAGER_BENCH_BUILD=FOLDER-OF-bench_release sh tests/bench/release.sh [NODES]     default: 1000
set -eu
: "${STAGER_BENCH_BUILD:?folder of bench_release: BUILD/tests/bench}"
processes=$(nproc)
[ "$processes" -le 2 ] || processes=2
"$STAGER_BENCH_BUILD/bench_release" "${1:-1000}" "$processes"
