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
finish
