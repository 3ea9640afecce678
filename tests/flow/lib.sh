# What the flows share: counting, and a house to work in. Sourced first: . "$STAGER_TESTS/flow/lib.sh"
# STAGER_BUILD: folder of the programs. STAGER_TESTS: this repository's tests/. Sets $work, removed at the end.
: "${STAGER_BUILD:?folder of the programs}" "${STAGER_TESTS:?the tests folder}"
PATH=$STAGER_BUILD:/usr/bin:$PATH
export PATH
unset STAGER_HOUSE
top=$(cd "$STAGER_TESTS/.." && pwd)
work=$(mktemp -d)
trap 'flow_end' EXIT
trap 'exit 1' INT TERM
passed=0
failed=0

flow_end() {
	# What a flow mounted below $work it unmounts itself.
	rm -rf "$work"
}

pass() {
	passed=$((passed + 1))
	echo "ok: $1"
}

# fail WHAT [FILE...]: the files are shown
fail() {
	failed=$((failed + 1))
	echo "FAILED: $1"
	shift
	for shown in "$@"; do
		[ -s "$shown" ] && sed 's/^/    /' "$shown" | cut -c1-300 | head -n 20
	done
	return 0
}

# ok WHAT COMMAND...: it must succeed. Its output stands in $work/out and $work/err afterwards.
ok() {
	what=$1
	shift
	if "$@" >"$work/out" 2>"$work/err"; then pass "$what"; else fail "$what (status $?)" "$work/out" "$work/err"; fi
}

# not_ok WHAT COMMAND...: it must fail, with any status
not_ok() {
	what=$1
	shift
	if "$@" >"$work/out" 2>"$work/err"; then fail "$what: it succeeded" "$work/out" "$work/err"; else pass "$what"; fi
}

# expect_status N WHAT COMMAND...
expect_status() {
	want=$1
	what=$2
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	got=$?
	if [ $got = "$want" ]; then pass "$what"; else fail "$what: status $got, not $want" "$work/out" "$work/err"; fi
}

# same WHAT GOT WANTED
same() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		printf '%s\n' "got    $2" "wanted $3" >"$work/same"
		fail "$1" "$work/same"
	fi
}

# json FILE EXPRESSION: a Python expression over the object j that stands in FILE
json() {
	/usr/bin/python3 -c 'import json, sys
with open(sys.argv[1]) as f: j = json.load(f)
print(eval(sys.argv[2]))' "$1" "$2"
}

# --allow-swap where this machine has unencrypted swap, which a house refuses
swap_option() {
	[ "$(grep -cv -e '^Filename' -e '^/dev/zram' -e '^/dev/dm-' /proc/swaps)" = 0 ] || echo --allow-swap
}

# make_house FOLDER: with the holder umc-waterdam and the stewards anna and boris, whose keys are $work/NAME.key
make_house() {
	# shellcheck disable=SC2046 # one option or none
	stager init "$1" --name flow $(swap_option) >/dev/null || return 1
	STAGER_HOUSE=$1
	export STAGER_HOUSE
	stager holder add umc-waterdam >/dev/null || return 1
	for person in anna boris; do
		[ -f "$work/$person.key" ] || stager-sign keygen --out "$work/$person.key" >/dev/null || return 1
		stager-sign steward --key "$work/$person.key" --holder umc-waterdam --person "$person@umc.example" \
			>"$work/$person.steward" || return 1
		stager steward add "$work/$person.steward" >/dev/null || return 1
	done
}

# accept VERSION [STEWARD]: signs its report
accept() {
	stager report "$1" --out "$work/accept.json" &&
		stager-sign --yes --key "$work/${2:-anna}.key" "$work/accept.json" >"$work/accept.env" &&
		stager accept "$work/accept.env"
}

# release VERSION TAR: accepted, requested, approved by two, opened on a node
release() {
	accept "$1" && stager-node keygen --out "$work/$1.key" --pub "$work/$1.pub" &&
		stager request new "$1" --site lumi --job-key "$work/$1.pub" --requester ria@uni.example --out "$work/$1.request" || return 1
	for person in anna boris; do
		stager-sign --yes --key "$work/$person.key" "$work/$1.request" >"$work/$person.approval" &&
			stager approve "$work/$person.approval" || return 1
	done
	stager-node cat --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request "$work/$1.request" \
		--job-key "$work/$1.key" --from "$STAGER_HOUSE/vault" >"$2"
}

# the last line of a flow
finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
}
