#!/bin/sh
# Goal: a policy with a fault is refused with its line and the reason; a command used wrongly says how it is used, with status 2.
set -u
. "$STAGER_TESTS/flow/lib.sh"
sample=$top/deploy/policies/sample.yaml

# --- policies: one line of the sample's is changed, and that line must be named
expect_status 0 "the sample's policy is good" stager policy check "$sample"
expect_status 0 "and is printed resolved" stager policy check "$sample" --json
cp "$work/out" "$work/resolved"
same "one object of canonical JSON" "$(/usr/bin/python3 -c 'import json, sys
t = open(sys.argv[1], encoding="utf-8").read(); j = json.loads(t)
print(t == json.dumps(j, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n", j["policy"], j["accept"]["records"])' "$work/resolved")" \
	"True 1 {'ppm': 10000}"

# bad WHAT PATTERN NEW FRAGMENT: the first line that matches PATTERN becomes NEW; the message names that line and holds FRAGMENT
bad() {
	number=$(grep -n -m 1 -e "$2" "$sample" | cut -d: -f1)
	awk -v n="$number" -v new="$3" 'NR == n { gsub(/\\n/, "\n", new); print new; next } { print }' "$sample" >"$work/bad.yaml"
	expect_status 3 "policy: $1 is refused" stager policy check "$work/bad.yaml"
	cp "$work/err" "$work/said"
	if grep -q "line $number: .*$4" "$work/said"; then
		pass "policy: $1: line $number is named, and why"
	else
		fail "policy: $1: wanted line $number and '$4'" "$work/said"
	fi
	same "policy: $1: one line is said" "$(wc -l <"$work/said")" 1
}
bad "an unknown key" '^project:' 'projekt: sample-2026' 'unknown key `projekt`'
bad "a key twice" '^project:' 'name: again' 'name'
bad "another version of the schema" '^policy:' 'policy: 2' ''
bad "an unknown action" 'bsn: drop' '      bsn: remove' 'remove'
bad "an action of a later version" 'opnamedatum: year' '      opnamedatum: shift' 'shift'
bad "a keep without a type" 'crp: {keep' '      crp: keep' 'keep'
bad "a range that is upside down" 'crp: {keep' '      crp: {keep: number, range: [10, 1]}' 'range'
bad "a pattern that does not end" 'icd10: {keep' "      icd10: {keep: code, pattern: '[A-Z'}" 'pattern'
bad "a keep that matches nothing by its pattern" 'icd10: {keep' '      icd10: {keep: code}' 'pattern'
bad "an unknown format" 'format: tsv' '    format: xlsx' 'xlsx'
bad "a key that does not go with its format" 'ext: bin' '    columns: {a: drop}' 'columns'
bad "a column named twice" 'voornaam: drop' '      bsn: drop' 'bsn'
bad "a subject that is no column" 'csv: {delimiter: .;' '    subject: nobody' 'subject'
bad "a date order that there is not" '^dates:' 'dates: {order: [dd-yyyy-MM]}' 'dd-yyyy-MM'
bad "an anchor" 'format: tsv' '    format: &x tsv' ''
bad "a tag" 'format: tsv' '    format: !!str tsv' ''
bad "a match that leaves the source" 'match: lab.tsv' '  - match: ../lab.tsv' 'match'
bad "a set without countries" '  abroad:' '  abroad: {open: [lumi], evidence: none, results: sealed}' 'hold'
bad "a share over 100%" '^accept:' 'accept: {files: 0, records: 101%}' ''
bad "a shard that is too small" '^shards:' 'shards: {size: 1KiB, order: source, names: generated}' 'size'
printf 'policy: 1\n\tname: x\n' >"$work/tab.yaml"
expect_status 3 "a tab where YAML has none is refused" stager policy check "$work/tab.yaml"
same "and its line is named" "$(grep -o 'line 2: ' "$work/err")" "line 2: "
head -c 2000000 /dev/zero | tr '\0' '#' >"$work/huge.yaml"
expect_status 3 "a policy of 2 MB is refused" stager policy check "$work/huge.yaml"
: >"$work/empty.yaml"
expect_status 3 "an empty policy is refused" stager policy check "$work/empty.yaml"
expect_status 1 "a policy that is not there cannot be read" stager policy check "$work/no-such.yaml"

# --- usage: status 2, the usage line of that command, nothing on stdout
ok "a house" make_house "$work/house"
usage() {
	expect_status 2 "usage: $*" "$@"
	cp "$work/err" "$work/said"
	cp "$work/out" "$work/printed"
	case $1 in
	stager-*) ok "it says what is wrong: $*" grep -q "^$1: " "$work/said" ;;
	*) ok "it says how $2 is used: $*" grep -q "^usage: stager $2" "$work/said" ;;
	esac
	same "it prints nothing" "$(cat "$work/printed")" ""
}
usage stager init
usage stager init "$work/h2"
usage stager init "$work/h2" --name
usage stager init "$work/h2" --name 'A B'
usage stager holder
usage stager holder remove x
usage stager holder add
usage stager holder add a b
usage stager steward
usage stager steward add
usage stager steward remove x
usage stager policy check
usage stager policy suggest
usage stager push
usage stager push "$top/deploy/sample/data"
usage stager push "$top/deploy/sample/data" --name x
usage stager push "$top/deploy/sample/data" --policy "$sample"
usage stager push "$top/deploy/sample/data" --name x --policy "$sample" --nonsense
usage stager push "$top/deploy/sample/data" --name x --policy
usage stager push "$top/deploy/sample/data" --name x --policy "$sample" --json=yes
usage stager list extra
usage stager show
usage stager show a b
usage stager report
usage stager verify a b
usage stager accept
usage stager accept a b
usage stager reject
usage stager request
usage stager request new
usage stager request new nothing-of-that-name
usage stager request new x --site lumi --job-key x
usage stager request new x --site lumi --job-key x --requester y --slots 0
usage stager request new x --site lumi --job-key x --requester y --slots 2 --redemptions 1
usage stager request new x --site lumi --job-key x --requester y --days many
usage stager approve
usage stager approve a b
usage stager release extra
usage stager-sign
usage stager-sign --nonsense
usage stager-sign keygen
usage stager-sign steward
usage stager-node
usage stager-node nonsense
usage stager-node keygen
usage stager-node list
usage stager-node cat --house x
# What is named is not there: status 2 as well, and the one line that says so, for the command itself was well formed.
unknown() {
	expect_status 2 "unknown: $*" "$@"
	same "one line says so: $*" "$(grep -c . "$work/err") $(grep -c 'there is no such' "$work/err")" "1 1"
}
unknown stager show nothing-of-that-name
unknown stager report nothing-of-that-name
unknown stager verify nothing-of-that-name
unknown stager reject nothing-of-that-name
unknown stager request show nothing-of-that-name
unknown stager request cancel nothing-of-that-name
unknown stager request cancel aaaaaaaaaaaaaaaaaaaaaaaaaa
unknown stager endpoint remove nothing-of-that-name
said() {
	said_what=$1
	said_text=$2
	shift 2
	"$@" >"$work/printed" 2>"$work/said"
	if grep -qF -- "$said_text" "$work/said"; then pass "$said_what"; else fail "$said_what" "$work/said"; fi
}
said "an unknown command is named" "nonsense: no such command" stager-node nonsense
said "no command is no unknown one" "a command is wanted" stager-node
ok "stager-node says which one it is" stager-node --version
for inner in check key log open scrub seal send; do
	ok "stager-$inner says that it is not for people" sh -c "stager-$inner --help </dev/null | grep -q 'never by hand'"
done
said "a file that is no envelope is said to be none: accept" "this file is no envelope" stager accept "$STAGER_TESTS/run.sh"
said "a file that is no envelope is said to be none: approve" "this file is no envelope" stager approve "$STAGER_TESTS/run.sh"
said "a file that is no envelope is said to be none: steward add" "this file is no envelope" stager steward add "$STAGER_TESTS/run.sh"
said "a country is two letters" "two letters" stager endpoint add x --url dir:/tmp --country Finland --site x
stager-sign keygen --out "$work/once.key" >"$work/printed"
said "a key file is never overwritten" "never overwritten" stager-sign keygen --out "$work/once.key"
said "a document that is none is said to be none" "no request, report" stager-sign --key "$work/once.key" "$STAGER_TESTS/run.sh"
expect_status 2 "no command" stager
expect_status 2 "no such command" stager nonsense
(
	unset STAGER_HOUSE
	stager list >"$work/printed" 2>"$work/said"
	echo $? >"$work/status"
)
same "no house is named: status 2" "$(cat "$work/status")" 2
expect_status 1 "a house that is not there" stager list --house "$work/nowhere"
not_ok "none of it made a house" test -e "$work/h2"

for command in init holder steward policy push list show report verify accept reject request approve release; do
	expect_status 0 "stager $command --help" stager $command --help
	cp "$work/out" "$work/printed"
	ok "stager $command --help says how it is used" grep -q "^usage: stager $command" "$work/printed"
done
stager policy --help >"$work/printed"
same "each way of use stands below the other" "$(grep -c '^       stager policy ' "$work/printed")" 2
for program in stager stager-sign stager-node; do
	expect_status 0 "$program --help" $program --help
done
for program in stager stager-sign stager-crypt4gh; do
	expect_status 0 "$program --version" $program --version
	same "$program says which one it is" "$(cat "$work/out")" "$program $(sed -n "s/^  version: '\(.*\)',$/\1/p" "$top/meson.build")"
done
expect_status 2 "--version goes with no command" stager-sign keygen --version

# --- a house is made once, and only in a place of its own
# shellcheck disable=SC2046
expect_status 3 "a house where one stands" stager init "$work/house" --name again $(swap_option)
mkdir "$work/full"
: >"$work/full/file"
# shellcheck disable=SC2046
expect_status 3 "a house in a folder that is not empty" stager init "$work/full" --name x $(swap_option)
same "nothing was put there" "$(ls -A "$work/full")" file

finish
