#!/bin/sh
# Goal: tables, records and texts made to do harm are held with a reason, in bounded time and memory, and nothing of them passes.
set -u
. "$STAGER_TESTS/flow/lib.sh"

cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: hostile
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '**/*.csv', format: csv, columns: {a: {keep: number}, b: text}}
  - {match: '**/*.jsonl', format: jsonl, fields: {$.a: {keep: number}, $.b: text, $.c.**: drop}}
  - {match: '**/*.json', format: json, fields: {$.a: {keep: number}, $.b: text}}
  - {match: '**/*.txt', format: text}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
sed -i 's/, \$.c.\*\*: drop//' "$work/policy.yaml"
ok "a house" make_house "$work/house"
mkdir "$work/bad"
/usr/bin/python3 - "$work/bad" <<'PY'
import os, sys
def put(name, *parts):
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        for part in parts: f.write(part)
long = [b"x" * (1 << 20)] * 2048
put("long.csv", b"a,b\n1,", *long)
put("long.jsonl", b'{"b":"', *long)
put("quote.csv", b'a,b\n1,"zwartewaal\n' + b"2,y\n" * 100000)
put("columns.csv", b",".join(b"c%d" % i for i in range(100000)) + b"\n")
put("fields.csv", b"a,b\n" + b"1," * 100000 + b"\n")
put("utf8.csv", b"a,b\n1,\xc3\xa9\n2,\xff\xfe\n3,\xed\xa0\x80\n4,\xc0\xaf\n")
put("nul.csv", b"a,b\n1,\x00\n")
put("deep.jsonl", b'{"b":' + b"[" * 1000000 + b"]" * 1000000 + b"}\n")
put("deep.json", b'{"b":' * 100000 + b"1" + b"}" * 100000)
put("open.json", b'{"b":"' + b"x" * 1000000)
put("many.json", b"{" + b",".join(b'"k%d":1' % i for i in range(100000)) + b"}")
put("twice.jsonl", b'{"a":1,"a":2}\n')
put("escape.jsonl", b'{"b":"\\ud800"}\n{"b":"\\x"}\n{"b":"\x01"}\n')
put("number.jsonl", b'{"a":' + b"9" * 1000000 + b"}\n")
put("utf8.txt", b"zwartewaal \xc3\xa9 \xff\xfe \xe9\n")
put("nul.txt", b"zwartewaal \x00\n")
put("bom.txt", b"\xff\xfe" + b"zwartewaal 06-12345678 ")
put("large.txt", b"x" * (33 << 20))
PY

ok "they are pushed within two minutes" timeout 120 stager push "$work/bad" --name bad --policy "$work/policy.yaml"
first=$(tail -n 1 "$work/out")
[ -n "$first" ] || first=$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT id FROM version")
stager report "$first" --json >"$work/report"

same "each is held for its reason" "$(json "$work/report" '{k: v["count"] for k, v in sorted(j["report"]["held"].items())}')" \
	"{'file:column-unnamed': 1, 'file:not-utf8': 2, 'file:nul-byte': 1, 'file:quote-open': 1, 'file:record-too-long': 2, 'file:text-too-large': 1, 'record:field-count': 1, 'record:field-unnamed': 3, 'record:json-broken': 4, 'record:json-duplicate-key': 1, 'record:not-utf8': 1, 'record:nul-byte': 1, 'record:value-type': 1}"
# Bytes that are no UTF-8 are letters of Windows-1252, but for the record that has both.
same "what reads as Windows-1252 passes" "$(json "$work/report" 'j["report"]["records"]["passed"]')" 3
finish
