#!/bin/sh
# Goal: CDA documents by the shipped policy: nothing of the patient, the doctors or the institution is left in what leaves, which is
# well-formed and says what it said, with the pseudonym and the days of the table; and XML made to do harm is held with a reason.
set -u
. "$STAGER_TESTS/flow/lib.sh"

ok "a house" make_house "$work/house"
/usr/bin/python3 "$STAGER_TESTS/formats_make.py" cda "$work/data" 40 || exit 1
ok "the documents are pushed" stager push "$work/data" --name cda --policy "$top/deploy/policies/cda.yaml"
first=$(tail -n 1 "$work/out")
stager report "$first" --json >"$work/report"
same "all pass" "$(json "$work/report" '[j["report"]["files"][k] for k in ("seen", "passed", "held")]')" "[41, 41, 0]"
same "a trial document of each rule was looked at" "$(json "$work/report" 'j["report"]["canaries"]')" "{'checked': 2, 'planted': 2}"
same "each is linked" "$(json "$work/report" 'j["report"]["subjects"]')" "{'linked': 80}"
ok "they are opened" release "$first" "$work/out.tar"
mkdir "$work/out.d" && tar -xif "$work/out.tar" -C "$work/out.d"
cat >"$work/look.py" <<'PY'
import csv, glob, json, os, re, sys
import xml.etree.ElementTree as tree
out, data = sys.argv[1:]
gone, kept = (json.load(open(f"{data}.{what}.json")) for what in ("gone", "kept"))
rows = {r["patientnr"]: r for f in glob.glob(out + "/x/*.csv") for r in csv.DictReader(open(f, encoding="utf-8"), delimiter=";")}
files = glob.glob(out + "/*/*.xml")
if len(files) != 40 or len(rows) != 40: sys.exit(f"{len(files)} documents, {len(rows)} rows")
h, everything = "{urn:hl7-org:v3}", ""
for f in files:
    raw = open(f, "rb").read()
    text = raw.decode("iso-8859-1" if b"ISO-8859-1" in raw[:80] else "utf-8")
    everything += text
    root = tree.fromstring(raw)
    who = os.path.basename(os.path.dirname(f))
    if [i.get("extension") for i in root.iter(h + "id")][1] != who or who not in rows: sys.exit("another pseudonym in the document")
    if root.find(f".//{h}birthTime").get("value") != rows[who]["geboortedatum"]: sys.exit("another year of birth than in the table")
    if root.find(f".//{h}administrativeGenderCode").get("code") != rows[who]["geslacht"]: sys.exit("another sex than in the table")
    words = "".join(root.find(f".//{h}text").itertext())
    if f"[{who}]" not in words: sys.exit("known values are not linked")
    # The day of the letter, in its head and in its text, moved alike, and not by nothing.
    day = root.find(h + "effectiveTime").get("value")
    if f"{day[6:8]}-{day[4:6]}-{day[:4]}" not in words: sys.exit("another day in the text than in the head")
    encounter = root.find(f".//{h}encompassingEncounter/{h}effectiveTime/{h}high").get("value")
    if encounter != day[:8]: sys.exit("another day of the encounter")
left = [g for g in gone if g in everything]
lost = [k for k in kept if k not in everything]
if left or lost: sys.exit(f"left: {left[:5]}, lost: {lost}")
if re.search("<!--|<[?]xml-", everything): sys.exit("comments or instructions are left")
PY
ok "nothing of the people is left, and the rest is" /usr/bin/python3 "$work/look.py" "$work/out.d" "$work/data"

# --- made to do harm
cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: hostile
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '**/*.xml', format: xml, fields: {$.**: text, $.**.@*: text}}
accept: {files: 100%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
mkdir "$work/bad"
/usr/bin/python3 - "$work/bad" <<'PY'
import os, sys
def put(name, data): open(os.path.join(sys.argv[1], name + ".xml"), "wb").write(data)
laughs = b"<!DOCTYPE l [<!ENTITY a 'ha'>" + b"".join(b"<!ENTITY %c '%s'>" % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)) + b"]>"
put("xml-doctype-1", laughs + b"<l>&j;</l>")
put("xml-doctype-2", b"<!DOCTYPE l SYSTEM 'file:///etc/passwd'><l/>")
put("xml-doctype-3", b"<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><l>&x;</l>")
put("xml-entity", b"<l>&zwartewaal;</l>")
put("xml-depth", b"<l>" * 1000000 + b"</l>" * 1000000)
put("xml-attributes", b"<l " + b" ".join(b"a%d='1'" % i for i in range(100000)) + b"/>")
put("xml-broken-1", b"<l>" + b"<" * 5000000)
put("xml-broken-2", b"<l a='" + b"x" * 10000000)
put("xml-broken-3", b"<l>" + b"<!-- " * 1000000)
put("xml-broken-4", b"<l>" + b"<![CDATA[ " * 1000000)
put("xml-broken-5", b"<" + b"l" * 10000000 + b"/>")
put("xml-broken-6", b"<l>\xef\xbf\xbf</l>")
put("xml-broken-7", b"<l><k></l></k>")
put("xml-namespace", b"<l xmlns='urn:zwartewaal'/>")
put("not-utf8", b"<l>\xc3\xa9 \xe9</l>")
put("xml-encoding-2", b"<?xml version='1.0' encoding='UTF-7'?><l>+ADw-script</l>")
put("xml-encoding-3", b"<?xml version='1.0' encoding='utf-16'?><l>x</l>")
put("text-too-large", b"<l>" + b" " * (17 << 20) + b"</l>")
put("good", b"<l a='bel 06-12345678'>" + b"<k/>" * 100000 + b"bel 06-12345678" + b"</l>")
PY
ok "hostile XML is pushed within a minute" timeout 60 stager push "$work/bad" --name bad --policy "$work/policy.yaml"
second=$(tail -n 1 "$work/out")
stager report "$second" --json >"$work/report"
same "each is held for its reason" "$(json "$work/report" '{k: v["count"] for k, v in sorted(j["report"]["held"].items())}')" \
	"{'file:not-utf8': 1, 'file:text-too-large': 1, 'file:xml-attributes': 1, 'file:xml-broken': 7, 'file:xml-depth': 1, 'file:xml-doctype': 3, 'file:xml-encoding': 2, 'file:xml-entity': 1, 'file:xml-namespace': 1}"
same "the good one is not" "$(json "$work/report" 'j["report"]["files"]["passed"]')" 1
finish
