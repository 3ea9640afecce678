#!/bin/sh
# Build the fuzzers and run each for some seconds; stops at the first that finds something. Not part of tests/run.sh.
# usage: sh tests/fuzz/run.sh [SECONDS [NAME...]]     default: 60 seconds, all
# The corpora grow in $STAGER_FUZZ (default: below TMPDIR), so that a later run goes on where this one ended.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
work=${STAGER_FUZZ:-${TMPDIR:-/tmp}/stager-fuzz-$(id -u)}
seconds=${1:-60}
[ $# -eq 0 ] || shift

[ -n "${CC:-}" ] || for name in clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14; do
	if command -v "$name" >/dev/null; then
		CC=$name
		break
	fi
done
[ -n "${CC:-}" ] || { echo "clang is lacking: apt-get install clang"; exit 77; }
export CC
mkdir -p "$work"
[ -f "$work/build/build.ninja" ] || meson setup "$work/build" "$top" -Dfuzz=true -Db_sanitize=address,undefined >"$work/build.log"
meson compile -C "$work/build" >"$work/build.log" || { tail -n 40 "$work/build.log"; exit 1; }

[ $# -gt 0 ] || set -- $(cd "$top/tests/fuzz" && for f in fuzz_*.c; do n=${f#fuzz_}; echo "${n%.c}"; done)
cd "$work"
for name in "$@"; do
	mkdir -p "corpus/$name"
	echo "== $name"
	# The known files as seeds, where the fuzzer reads what they are, and the words of the format.
	case $name in
	archive) set -- "corpus/$name" "$top/tests/vectors/archives" ;;
	manifest | release | dsse) set -- "corpus/$name" "$top/tests/vectors/release" ;;
	keyfile | packets) set -- "corpus/$name" "$top/tests/vectors/c4gh-full" ;;
	keystore) set -- "corpus/$name" "$top/tests/vectors/keystore" ;;
	http) set -- "corpus/$name" "$top/tests/vectors/http" ;;
	xml) set -- "corpus/$name" "$top/tests/vectors/s3" ;;
	parts) set -- "corpus/$name" "$top/tests/vectors/parts" ;;
	policy) set -- "corpus/$name" "$top/deploy/policies" ;;
	*) set -- "corpus/$name" ;;
	esac
	[ ! -d "$top/tests/vectors/fuzz/$name" ] || set -- "$@" "$top/tests/vectors/fuzz/$name"
	[ ! -f "$top/tests/fuzz/$name.dict" ] || set -- "-dict=$top/tests/fuzz/$name.dict" "$@"
	# Without the weights by entropy: where a run touches thousands of features they cost ten times what the run does.
	if ! UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -entropic=0 -timeout=20 \
		-rss_limit_mb=2048 -print_final_stats=1 "$@" >"$name.log" 2>&1; then
		grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "$name.log" || tail -n 20 "$name.log"
		echo "found something: $work/$name.log"
		exit 1
	fi
	sed -n 's/^stat::number_of_executed_units: */runs: /p' "$name.log"
done
echo "nothing found"
