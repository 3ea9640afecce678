#!/bin/sh
# Run unit tests, and a house from init to a node that opens what was pushed, under valgrind's memcheck. Not part of tests/run.sh:
# it takes some ten minutes. Ends with "N passed, N failed".
# usage: sh tests/valgrind.sh [unit|house ...]      default: both
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
command -v valgrind >/dev/null || { echo "skipped: valgrind is lacking: apt-get install valgrind"; exit 77; }
base=${STAGER_TEST_BUILD:-${TMPDIR:-/tmp}/stager-valgrind-$(id -u)}
mkdir -p "$base"
# A build of its own, which cannot be installed: valgrind makes code as it goes, which the house's filter kills.
if ! { [ -f "$base/build/build.ninja" ] || meson setup "$base/build" "$top" -Dvalgrind=true; } >"$base/build.log" 2>&1 ||
	! meson compile -C "$base/build" >>"$base/build.log" 2>&1; then
	tail -n 40 "$base/build.log"
	exit 1
fi
passed=0
failed=0
# Errors, and memory that nobody points to any more. What a program that failed did not free goes with it.
options="-q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --vgdb=no --num-callers=30"
STAGER_BUILD=$base/build/stager/roles
STAGER_TESTS=$top/tests
export STAGER_BUILD STAGER_TESTS

# What is ours and touches memory by hand: not those that start programs (below), nor those that try millions of cases.
units="base utf8 ring wire keys share c4gh keyfile packets upload tree note dsse entry archive report pattern policy file text jsonl csv dicom
dicom_pixels check check_dicom manifest request approvals release sign node node_open shard seal ledger key key_state"
unit() {
	for name in $units; do
		test=$base/build/tests/test_$name
		[ -x "$test" ] || { echo "FAILED: $name: it is not there"; failed=$((failed + 1)); continue; }
		# shellcheck disable=SC2086 # words
		if (cd "$base" && valgrind $options "$test") >"$base/$name.log" 2>&1; then
			passed=$((passed + 1))
			echo "ok: $name"
		else
			failed=$((failed + 1))
			echo "FAILED: $name"
			grep -v '^ok' "$base/$name.log" | head -n 40
		fi
	done
}

# Every program in a wrapper of its name, so that `stager` finds those. What valgrind says goes where a program's complaints go: with
# --log-file it would open a descriptor of a number that the program looks for.
wrap() {
	rm -rf "$base/run"
	mkdir "$base/run"
	for program in "$base/build/stager/roles"/stager*; do
		[ -f "$program" ] && [ -x "$program" ] || continue
		if [ "$(basename "$program")" = stager ]; then
			cp "$program" "$base/run/stager"
		else
			printf '#!/bin/sh\nexec valgrind %s "%s" "$@"\n' "$options" "$program" >"$base/run/$(basename "$program")"
			chmod +x "$base/run/$(basename "$program")"
		fi
	done
}

house() {
	wrap
	STAGER_BUILD=$base/run
	before="passed=$passed failed=$failed" # which it begins anew
	. "$STAGER_TESTS/flow/lib.sh"
	eval "$before"
	# watched WHAT COMMAND...: `stager` itself, too, but for push, which opens files by a call that valgrind 3.19 does not know
	watched() {
		what=$1
		shift
		if [ "$1" = stager ] && [ "$2" != push ]; then
			# shellcheck disable=SC2086 # words
			ok "$what" valgrind $options "$@"
		else
			ok "$what" "$@"
		fi
	}
	watched "init" stager init "$work/house" --name flow $(swap_option)
	export STAGER_HOUSE="$work/house"
	watched "holder" stager holder add umc-waterdam
	for person in anna boris; do
		watched "a key for $person" stager-sign keygen --out "$work/$person.key"
		stager-sign steward --key "$work/$person.key" --holder umc-waterdam --person "$person@umc.example" >"$work/$person.steward"
		watched "$person" stager steward add "$work/$person.steward"
	done
	watched "the ingest key" stager ingest-key --out "$work/in.pub"
	cp -r "$top/deploy/sample/data" "$work/source"
	for file in patients.csv letters.jsonl; do
		watched "seal $file" sh -c 'stager-crypt4gh encrypt --recipient_pk "$1" <"$2" >"$2.c4gh" && rm "$2"' sh "$work/in.pub" "$work/source/$file"
	done
	watched "push" stager push "$work/source" --name sample --policy "$top/deploy/policies/sample.yaml"
	version=$(tail -n 1 "$work/out")
	stager report "$version" --out "$work/accept.json" >/dev/null
	watched "sign the report" sh -c 'stager-sign --yes --key "$1/anna.key" "$1/accept.json" >"$1/accept.env"' sh "$work"
	watched "accept" stager accept "$work/accept.env"
	stager-node keygen --out "$work/job.key" --pub "$work/job.pub" >/dev/null
	watched "request" stager request new "$version" --site lumi --job-key "$work/job.pub" --requester ria@uni.example --out "$work/request.json"
	for person in anna boris; do
		stager-sign --yes --key "$work/$person.key" "$work/request.json" >"$work/$person.env" 2>/dev/null
		watched "$person approves" stager approve "$work/$person.env"
	done
	watched "a node opens it" sh -c 'stager-node cat --house "stager release --house $1/house" --pin "$1/house/house.json" \
		--request "$1/request.json" --job-key "$1/job.key" --from "$1/house/vault" >"$1/got.tar"' sh "$work"
	ok "what it opened is a tar" sh -c 'tar -tf "$1/got.tar" | grep -q 000001' sh "$work"
	watched "rotate" stager root rotate
	watched "verify" stager verify
	for way in "encrypt --recipient_pk $work/in.pub" "keygen --nocrypt --sk $work/k --pk $work/k.pub"; do
		# shellcheck disable=SC2086 # words
		watched "crypt4gh ${way%% *}" sh -c 'stager-crypt4gh "$@" <"$0" >/dev/null' "$top/README.md" $way
	done
	stager-crypt4gh encrypt --recipient_pk "$work/k.pub" <"$top/DESIGN.md" >"$work/sealed"
	for way in decrypt "rearrange --range 10-100" "reencrypt --recipient_pk $work/in.pub"; do
		# shellcheck disable=SC2086 # words
		watched "crypt4gh ${way%% *}" sh -c 'sealed=$0; key=$1; shift; stager-crypt4gh "$@" --sk "$key" <"$sealed" >/dev/null' "$work/sealed" "$work/k" $way
	done
	watched "erase" stager erase --dataset sample --holder umc-waterdam --yes
	# The control: libraries keep memory to the end, and where that counts as an error a child is stopped for it.
	options="$options --errors-for-leak-kinds=all --show-leak-kinds=all"
	wrap
	not_ok "the control: what a child does is seen" stager push "$work/source" --name control --policy "$top/deploy/policies/sample.yaml"
	mv "$work/err" "$work/said"
	ok "the control: it is a child" grep -q '^stager: .*stager-' "$work/said"
	[ "$failed" = 0 ] || cat "$work/said"
}

[ $# -gt 0 ] || set -- unit house
for part in "$@"; do
	case $part in
	unit | house) "$part" ;;
	*) echo "usage: sh tests/valgrind.sh [unit|house ...]"; exit 2 ;;
	esac
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
