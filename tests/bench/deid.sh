#!/bin/sh
# Quality and speed of the detectors of free text, beside PyPI's deduce and presidio-analyzer, on generated Dutch notes: markdown tables.
# usage: sh tests/bench/deid.sh [dev|test|blind [COUNT [SEED]]]      default: test, 2400 notes, seed 1
# Builds in $STAGER_BENCH_BUILD (default: a folder below TMPDIR). The others go to venvs in
# $STAGER_BENCH_PEERS (the same), which are kept: deduce builds its tables once, for some minutes. What cannot be installed is left out, aloud.
set -u
here=$(cd "$(dirname "$0")" && pwd)
base=${TMPDIR:-/tmp}/stager-deid-$(id -u)
STAGER_BENCH_BUILD=${STAGER_BENCH_BUILD:-$base/build}
export STAGER_BENCH_BUILD
peers=${STAGER_BENCH_PEERS:-$base/peers}
half=${1:-test}
count=${2:-2400}
seed=${3:-1}
mkdir -p "$base" "$peers" || exit 1
work=$(mktemp -d "$base/run.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
"$here/deid" --help >/dev/null || exit 1
/usr/bin/python3 "$here/deid_notes/make.py" "$half" "$count" "$seed" >"$work/cases" || exit 1

# peer NAME PACKAGE: in its venv, over the cases
peer() {
	venv=$peers/$1
	if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c "import $3" 2>/dev/null; then
		{ python3 -m venv "$venv" && "$venv/bin/pip" install -q "$2"; } >"$work/$1.log" 2>&1 ||
			{ echo "left out: $2 could not be installed: $(tail -n 1 "$work/$1.log")"; return; }
		# A Dutch model is no package of PyPI's; where it is to be had otherwise (PIP_FIND_LINKS), it is taken.
		[ "$1" != presidio ] || "$venv/bin/pip" install -q nl_core_news_sm >"$work/model.log" 2>&1 ||
			echo "presidio: no Dutch model (nl_core_news_sm) could be installed"
	fi
	if "$venv/bin/python" "$here/deid_peer.py" "$1" <"$work/cases" >"$work/$1" 2>"$work/$1.log"; then
		set -- "$1" "$("$venv/bin/pip" list 2>/dev/null | awk -v name="$2" '{ gsub("_", "-", $1) } $1 == name { print $2 }')"
		echo "$1 $2=$work/$1" >>"$work/peers"
	else
		echo "left out: $1 failed: $(tail -n 1 "$work/$1.log")"
	fi
}
: >"$work/peers"
peer deduce deduce deduce
peer presidio presidio-analyzer presidio_analyzer
set -- "$STAGER_BENCH_BUILD/tests/bench/deid" "$work/cases"
while read -r line; do
	set -- "$@" "$line"
done <"$work/peers"
echo "half $half, seed $seed"
/usr/bin/python3 "$here/deid.py" "$@"
