#!/bin/sh
# Goal: before a policy is used, its writer reads in words what it lets out more than the one in force, most dangerous first.
set -u
. "$STAGER_TESTS/flow/lib.sh"
policy=$top/deploy/policies/sample.yaml

expect_status 0 "a policy and itself, without any house" stager policy diff "$policy" "$policy"
same "are the same" "$(cat "$work/out")" "the policies are the same"
cat >"$work/change" <<'E'
s/^      beroep: drop$/&/
s/^      plaats: drop$/      plaats: {keep: code, pattern: '[A-Z ]+'}/
s/range: \[0, 1000\]/range: [0, 5000]/
s/values: \[M, V\]/values: [M]/
s/hold: \[NL, FI\]/hold: [NL, FI, US]/
s/records: 1%/records: 5%/
s/context: any/context: near/
E
sed -f "$work/change" "$policy" >"$work/new.yaml"
expect_status 6 "a looser one wants a person" stager policy diff "$policy" "$work/new.yaml"
cat >"$work/wanted" <<'E'
LETS OUT
  files patients.csv, column plaats
    the value leaves as it is: {"keep":"code","pattern":"[A-Z ]+"}, no longer {"do":"drop"}
  sets.abroad.hold
    sealed shards may stand in one country more: "US"

LOOSER
  text.bsn.context
    a number that passes the 11-test is replaced only near a word like BSN, no longer wherever it stands
  files patients.csv, column crp
    numbers from 0 to 5000 pass, no longer from 0 to 1000
  accept.records
    more records may be held back before a steward must look: 50000 in a million, no longer 10000

TIGHTER
  files patients.csv, column geslacht
    a value no longer passes: "V"
E
cp "$work/out" "$work/said"
ok "in these words" diff "$work/wanted" "$work/said"
expect_status 6 "as JSON" stager policy diff "$policy" "$work/new.yaml" --json
same "each with its danger" "$(json "$work/out" '[c["danger"] for c in j["changes"]]')" "['out', 'out', 'looser', 'looser', 'looser', 'tighter']"
sed 's/^      opmerking: text/      opmerking: drop/' "$policy" >"$work/tight.yaml"
expect_status 0 "a tighter one wants nobody" stager policy diff "$policy" "$work/tight.yaml"
grep -q "less leaves" "$work/out" && pass "and is said to be" || fail "and is said to be" "$work/out"

sed 's/^      icd10: {keep: code.*/      icd10: drop/' "$policy" >"$work/untyped.yaml"
expect_status 6 "a type that is gone holds no record any more" stager policy diff "$policy" "$work/untyped.yaml"
grep -q "held for their form" "$work/out" && pass "and is said to" || fail "and is said to" "$work/out"

# --- against the policy in force
ok "a house" make_house "$work/house"
ok "a push" stager push "$top/deploy/sample/data" --name sample --policy "$policy"
version=$(tail -n 1 "$work/out")
expect_status 0 "a version's policy is the one that it was made under" stager policy diff "$version" "$policy"
expect_status 6 "and what a new one lets out more" stager policy diff "$version" "$work/new.yaml"
expect_status 6 "the way back lets one value out, among much that is tighter" stager policy diff "$work/new.yaml" "$version"
expect_status 0 "a tighter one in its place" stager policy diff "$version" "$work/tight.yaml"
expect_status 2 "a version that is not there" stager policy diff aaaaaaaaaaaaaaaaaaaaaaaaaa "$policy"
expect_status 1 "a file that is not there" stager policy diff "$work/none.yaml" "$policy"
printf 'policy: 1\nname: [' >"$work/bad.yaml"
expect_status 3 "a policy that is none" stager policy diff "$policy" "$work/bad.yaml"
expect_status 2 "one policy" stager policy diff "$policy"
expect_status 2 "three" stager policy diff "$policy" "$policy" "$policy"
finish
