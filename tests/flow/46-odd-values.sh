#!/bin/sh
# Goal: files with a twist (marks, line ends, quotes, keys, references, character sets, headers, names that are not theirs) are each held for the reason
# that fits, or scrubbed right, and never end the push; what was planted in them leaves nowhere, in no encoding.
set -u
. "$STAGER_TESTS/flow/lib.sh"

cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: odd
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '*.csv', format: csv, columns: {a: {keep: number}, b: text}}
  - {match: '*.tsv', format: tsv, columns: {a: {keep: number}, b: text}}
  - {match: '*.jsonl', format: jsonl, fields: {$.a: {keep: number}, $.b: text, $.d.*: text}}
  - {match: '*.json', format: json, fields: {$.a: {keep: number}, $.b: text}}
  - {match: '*.txt', format: text}
  - {match: '*.xml', format: xml, fields: {$.r.**: text, '$.r.**.@*': text}}
  - {match: '*.eml', format: eml, headers: {From: pseudonym, Subject: text}, attachments: drop}
  - {match: '*.fix', format: fixed, fixed: {a: [1, 3], b: [4, 57]}, columns: {a: {keep: number}, b: text}}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
ok "a house" make_house "$work/house"
mkdir "$work/odd"
/usr/bin/python3 "$STAGER_TESTS/flow/odd_values.py" "$work/odd" >"$work/wanted"
ok "they are pushed" timeout 300 stager push "$work/odd" --name odd --policy "$work/policy.yaml"
first=$(tail -n 1 "$work/out")
stager report "$first" --json >"$work/report"
/usr/bin/python3 - "$work/report" "$work/wanted" >"$work/wrong" <<'PY'
import json, sys
with open(sys.argv[1]) as f: held = json.load(f)["report"]["held"]
with open(sys.argv[2]) as f: wanted = [line.split() for line in f]
got = {}
for reason, of in held.items():
    for number in of["files"]: got.setdefault(number, []).append(reason)
for number, (name, reason) in enumerate(wanted, 1):
    # Of a file that is held in its middle the records before count, too.
    reasons = [r for r in got.get(number, ["-"]) if r != "record:" + reason[5:]] if reason[:5] == "file:" else got.get(number, ["-"])
    if reasons != [reason]: print(name, reasons, "and not", reason)
PY
same "each is held for its reason, or passes" "$(cat "$work/wrong")" ""
ok "what passed is opened" release "$first" "$work/out.tar"
/usr/bin/python3 - "$work/out.tar" >"$work/found" <<'PY'
import html, re, sys, tarfile, unicodedata
for member in (tar := tarfile.open(sys.argv[1], ignore_zeros=True)):
    data = tar.extractfile(member).read()
    for encoding in "utf-8", "cp1252", "utf-16-le", "utf-16-be":
        text = data.decode(encoding, "ignore")
        text = html.unescape(re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text))
        text = "".join(c for c in text if not unicodedata.combining(c))
        for planted in "Zwartewaal", "12345678":
            if planted in text: print(member.name, planted)
PY
same "and nothing of what was planted is in it" "$(cat "$work/found")" ""
finish
