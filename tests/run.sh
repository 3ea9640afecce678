#!/bin/sh
# Install what is lacking, build plain and with sanitizers, run all tests (ThreadSanitizer: those with threads). Ends with
# "N passed, N failed, N skipped".
# usage: sh tests/run.sh [plain|sanitized|threads|flow ...]      default: all four
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
. deploy/packages.sh
# Debian's own Python has Debian's modules.
PATH=/usr/bin:$PATH
export PATH
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES binutils python3 python3-cryptography python3-nacl python3-pydicom python3-sklearn dcmtk nginx-light zip unzip \
	zstd xz-utils openssl sqlite3 curl socat || exit 1

base=${STAGER_TEST_BUILD:-${TMPDIR:-/tmp}/stager-test-$(id -u)}
mkdir -p "$base"
passed=0
failed=0
skipped=0
[ $# -gt 0 ] || set -- plain sanitized threads flow
want() { case " $wanted " in *" $1 "*) return 0 ;; esac; return 1; }
wanted=$*

# build NAME OPTION...
build() {
	dir=$base/$1
	shift
	rm -rf "$dir"
	meson setup "$dir" "$top" "$@" >"$dir.log" 2>&1 && meson compile -C "$dir" >>"$dir.log" 2>&1 && return 0
	tail -n 60 "$dir.log"
	echo "the build failed: $dir"
	failed=$((failed + 1))
	return 1
}

# unit NAME [TEST...]: count the results of meson test, a JSON line a test
unit() {
	name=$1
	shift
	meson test -C "$base/$name" --no-rebuild --print-errorlogs "$@" 2>&1 | sed '/^$/d'
	set -- $(/usr/bin/python3 - "$base/$name/meson-logs/testlog.json" <<'PY'
import json, sys
got = {"OK": 0, "SKIP": 0}
bad = 0
for line in open(sys.argv[1]):
    result = json.loads(line)["result"]
    if result in got: got[result] += 1
    else: bad += 1
print(got["OK"], bad, got["SKIP"])
PY
	)
	passed=$((passed + ${1:-0}))
	failed=$((failed + ${2:-1}))
	skipped=$((skipped + ${3:-0}))
}

if want plain || want flow; then
	echo "== plain build"
	build plain || { echo "$passed passed, $failed failed, $skipped skipped"; exit 1; }
fi
want plain && unit plain
if want sanitized; then
	echo "== build with AddressSanitizer and UndefinedBehaviorSanitizer"
	build sanitized -Db_sanitize=address,undefined && unit sanitized
fi
if want threads; then
	echo "== build with ThreadSanitizer: the tests that start threads in their own process"
	build threads -Db_sanitize=thread && unit threads ring csv_threads jsonl_threads records keys c4gh shard node_open cache endpoint endpoint_s3 node_shard carrier fetch
fi
if want flow; then
	for flow in tests/flow/[0-9]*.sh; do
		echo "== $flow"
		log=$base/$(basename "$flow").log
		STAGER_BUILD=$base/plain/stager/roles STAGER_TESTS=$top/tests sh "$flow" >"$log" 2>&1
		status=$?
		last=$(grep -aE '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
		if [ $status = 77 ]; then
			skipped=$((skipped + 1))
			tail -n 2 "$log"
		elif [ -z "$last" ]; then
			failed=$((failed + 1))
			tail -n 40 "$log"
		else
			set -- $(echo "$last" | tr -cd '0-9 \n')
			passed=$((passed + $1))
			failed=$((failed + $2))
			[ "$2" = 0 ] && [ $status = 0 ] || grep -av '^ok' "$log" | tail -n 60
			[ $status = 0 ] || [ "$2" != 0 ] || failed=$((failed + 1))
			echo "$last"
		fi
	done
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
