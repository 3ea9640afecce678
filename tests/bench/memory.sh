#!/bin/sh
# Show that memory stays under 512 MiB for a push of any size (8 GB of mixed files, one CSV of 4 GB, two and eight units at once, and what takes most), and that no plaintext is
# written to disk: with strace, every file that any program opens for writing lies in the house, and nothing planted is found there.
# usage: STAGER_BUILD=FOLDER-OF-PROGRAMS sh tests/bench/memory.sh [MEGABYTES-MIXED [MEGABYTES-CSV]]     default: 8000 4000
# Works in $STAGER_BENCH, else TMPDIR: the sources and the vault together need twice as much as the larger of the two.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
: "${STAGER_BUILD:?folder of the programs}"
PATH=$STAGER_BUILD:/usr/bin:$PATH
export PATH
work=$(mktemp -d "${STAGER_BENCH:-${TMPDIR:-/tmp}}/stager-memory.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
status=0
/usr/bin/python3 "$top/tests/bench/memory.py" "$work" "${1:-8000}" "${2:-4000}" || status=$?
exit $status
