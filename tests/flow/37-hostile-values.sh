#!/bin/sh
# Goal: tables, records, documents, mail and texts made to do harm are held with a reason, in bounded time and memory, and nothing of them passes.
set -u
. "$STAGER_TESTS/flow/lib.sh"

cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: hostile
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '**/*.csv', format: csv, columns: {a: {keep: number}, b: text}}
  - {match: '**/*.jsonl', format: jsonl, fields: {$.a: {keep: number}, $.b: text, $.d.*: text}}
  - {match: '**/*.json', format: json, fields: {$.a: {keep: number}, $.b: text}}
  - {match: '**/*.txt', format: text}
  - {match: '**/*.xml', format: xml, fields: {$.r.**: text, '$.r.**.@*': text}}
  - {match: '**/*.eml', format: eml, headers: {From: pseudonym, Subject: text}, attachments: drop}
  - {match: '**/*.fix', format: fixed, fixed: {a: [1, 3], b: [4, 57]}, columns: {a: {keep: number}, b: text}}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
ok "a house" make_house "$work/house"
mkdir "$work/bad"
/usr/bin/python3 - "$work/bad" <<'PY'
import base64, gzip, lzma, os, subprocess, sys
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
# The same line of 2 GiB, by the other readers.
for name in "long.xml", "long.eml", "long.fix": os.link(os.path.join(sys.argv[1], "long.csv"), os.path.join(sys.argv[1], name))
# Long lines that are packed: too little for a bomb.
line = base64.b64encode(os.urandom(26 << 20))
put("packed.csv.gz", gzip.compress(b"a,b\n1," + line, 1))
put("packed.jsonl.xz", lzma.compress(b'{"b":"' + line, preset=0))
put("packed.txt.zst", subprocess.run(["zstd", "-1qc"], input=line, stdout=subprocess.PIPE, check=True).stdout)
# Names and texts where no value stands.
put("keys.jsonl", b'{"d":{"Jansen":"x"}}\n{"d":{"De heer Jansen":"x"}}\n{"d":{"111222333":"x"}}\n{"d":{"jan@example.nl":"x"}}\n')
put("nul.jsonl", b'{"b":"De heer Jan\\u0000sen"}\n')
put("names.xml", b"<r Jansen='1'/>")
put("elements.xml", b"<r><Jansen/></r>")
put("laughs.xml", b'<!DOCTYPE r [<!ENTITY a "x">' + b"".join(b'<!ENTITY a%d "%s">' % (i, (b"&a%d;" % (i - 1) if i else b"&a;") * 10) for i in range(12)) + b"]><r>&a11;</r>")
put("outside.xml", b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p; <!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>')
put("quadratic.xml", b'<!DOCTYPE r [<!ENTITY x "' + b"x" * 100000 + b'">]><r>' + b"&x;" * 100000 + b"</r>")
put("deep.xml", b"<r>" * 200000 + b"</r>" * 200000)
put("attributes.xml", b"<r " + b" ".join(b'a%d=""' % i for i in range(100000)) + b"/>")
put("wrong16.xml", b'<?xml version="1.0" encoding="UTF-16"?><r>zwartewaal</r>')
put("wrong8.xml", '<?xml version="1.0" encoding="UTF-8"?><r>zwartewaal</r>'.encode("utf-16"))
put("utf7.xml", b'<?xml version="1.0" encoding="UTF-7"?><r>+AEoAYQBuAHMAZQBu-</r>')
head = b"From: a@b.nl\r\nSubject: x\r\n"
put("parts.eml", head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nzwartewaal\r\n" * 100000)
put("nested.eml", head + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(100000)))
put("base64.eml", head + b"Content-Transfer-Encoding: base64\r\n\r\nendh!!cn*Rld2FhbA\r\n")
put("uuencode.eml", head + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 zwartewaal\r\n`\r\nend\r\n")
put("utf7.eml", head + b"Content-Type: text/plain; charset=utf-7\r\n\r\n+AEoAYQBuAHMAZQBu-\r\n")
put("outside.fix", b"001" + b" " * 57 + b"zwartewaal\n")
PY

ok "they are pushed within five minutes" timeout 300 stager push "$work/bad" --name bad --policy "$work/policy.yaml"
first=$(tail -n 1 "$work/out")
[ -n "$first" ] || first=$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT id FROM version")
stager report "$first" --json >"$work/report"

same "each is held for its reason" "$(json "$work/report" '{k: v["count"] for k, v in sorted(j["report"]["held"].items())}')" \
	"{'file:column-unnamed': 1, 'file:field-unnamed': 2, 'file:mail-broken': 1, 'file:mail-charset': 1, 'file:mail-encoding': 2, 'file:mail-parts': 1, 'file:not-utf8': 2, 'file:nul-byte': 1, 'file:quote-open': 1, 'file:record-too-long': 5, 'file:text-too-large': 4, 'file:xml-attributes': 1, 'file:xml-depth': 1, 'file:xml-doctype': 3, 'file:xml-encoding': 3, 'record:field-count': 2, 'record:field-unnamed': 7, 'record:json-broken': 4, 'record:json-duplicate-key': 1, 'record:not-utf8': 1, 'record:nul-byte': 2, 'record:value-type': 2}"
# Bytes that are no UTF-8 are letters of Windows-1252, but for the record that has both.
same "what reads as Windows-1252 passes" "$(json "$work/report" 'j["report"]["records"]["passed"]')" 3
finish
