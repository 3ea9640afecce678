#!/bin/sh
# Goal: what the policy types as plain numbers and is citizen service numbers in truth does not leave unseen.
set -u
. "$STAGER_TESTS/flow/lib.sh"
ok "a house" make_house "$work/house"
mkdir "$work/data"
/usr/bin/python3 - "$work/data" <<'PY'
import json, sys
def passes(n): return sum(int(c) * w for c, w in zip("%09d" % n, (9, 8, 7, 6, 5, 4, 3, 2, -1))) % 11 == 0
bsn = [n for n in range(123456000, 123470000) if passes(n)][:300]
plain = list(range(200000000, 200000000 + 300 * 37, 37))
with open(sys.argv[1] + "/good.csv", "w") as f:
    f.write("waarde;teller\n" + "".join("%d;%d\n" % (n, i) for i, n in enumerate(plain)))
with open(sys.argv[1] + "/bad.csv", "w") as f:
    f.write("waarde;teller\n" + "".join("%d;%d\n" % (n, i) for i, n in enumerate(bsn)))
with open(sys.argv[1] + "/bad.jsonl", "w") as f:
    f.writelines(json.dumps({"waarde": n}) + "\n" for n in bsn)
PY
cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: numbers
project: numbers
pseudonym: {domain: flow, key: 1}
files:
  - {match: '*.csv', format: csv, csv: {delimiter: ';'}, columns: {waarde: {keep: number}, teller: {keep: number}}}
  - {match: '*.jsonl', format: jsonl, fields: {$.waarde: {keep: number}}}
sets: {abroad: {hold: [NL], open: [lumi]}}
YAML
expect_status 6 "numbers that are citizen service numbers, in a table and in records" stager push "$work/data" --name bad --policy "$work/policy.yaml"
stager report "$(tail -n 1 "$work/out")" --out "$work/report.json" >/dev/null
same "one column and one key are named, by their files" "$(json "$work/report.json" 'j["report"]["held"]')" \
	"{'check:check-bsn-share': {'count': 2, 'files': [1, 2]}}"
rm "$work/data/bad.csv" "$work/data/bad.jsonl"
expect_status 0 "numbers of which one in eleven passes are numbers" stager push "$work/data" --name good --policy "$work/policy.yaml"

# --- what the subject table says of somebody does not leave with that somebody's records, whatever the policy keeps
mkdir "$work/known"
cat >"$work/known/patients.csv" <<'CSV'
nr;voornaam;achternaam;plaats;code
1234567;Wilhelmina;Veldhuis;Utrecht;A1
1234568;Cornelis;Utrecht;Veenendaal;A2
1234569;Fatma;Bakker;Utrecht;A3
CSV
cat >"$work/known/visits.jsonl" <<'JSONL'
{"nr": "1234567", "arts": "Bakker"}
{"nr": "1234568", "arts": "Utrecht"}
{"nr": "1234569", "arts": "Fatma"}
JSONL
# known POLICY-COLUMNS JSON-ACTION
known() {
	cat >"$work/known.yaml" <<YAML
policy: 1
name: known
project: known
pseudonym: {domain: flow, key: 1}
subject:
  from: patients.csv
  key: {column: nr, pattern: '[0-9]{7}'}
  known: {person: [voornaam, achternaam], number: [nr]}
files:
  - {match: patients.csv, format: csv, csv: {delimiter: ';'}, subject: nr, columns: {nr: pseudonym, $1}}
  - {match: visits.jsonl, format: jsonl, subject: \$.nr, fields: {\$.nr: pseudonym, \$.arts: $2}}
sets: {abroad: {hold: [NL], open: [lumi]}}
YAML
}
any="{keep: code, pattern: '[^;]*'}"
known "voornaam: drop, achternaam: drop, plaats: $any, code: $any" "$any"
expect_status 0 "a town or a doctor that has somebody's name is nobody" stager push "$work/known" --name one --policy "$work/known.yaml"
known "voornaam: $any, achternaam: $any, plaats: drop, code: $any" drop
expect_status 6 "a table that keeps first and last names" stager push "$work/known" --name two --policy "$work/known.yaml"
stager report "$(tail -n 1 "$work/out")" --out "$work/report.json" >/dev/null
same "is withheld for it" "$(json "$work/report.json" '{k: v["count"] for k, v in j["report"]["held"].items()}')" "{'check:check-known': 1}"
/usr/bin/python3 - "$work/known/visits.jsonl" <<'PY'
import sys
with open(sys.argv[1], "a") as f: f.write('{"nr": "1234568", "arts": "nummer 1234568"}\n')
PY
known "voornaam: drop, achternaam: drop, plaats: drop, code: $any" "$any"
expect_status 6 "a record that keeps its subject's number" stager push "$work/known" --name three --policy "$work/known.yaml"
stager report "$(tail -n 1 "$work/out")" --out "$work/report.json" >/dev/null
same "is withheld, and the others are not" "$(json "$work/report.json" '{k: v["count"] for k, v in j["report"]["held"].items()}')" "{'check:check-known': 1}"
finish
