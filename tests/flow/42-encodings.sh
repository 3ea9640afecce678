#!/bin/sh
# Goal: text in the encodings that Dutch institutions have comes out scrubbed in the encoding that it came in, byte for byte what
# Python makes of the same; what is two encodings at once, or none, is held.
set -u
. "$STAGER_TESTS/flow/lib.sh"

ok "a house" make_house "$work/house"
cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: encodings
project: encodings
pseudonym: {domain: research, key: 1}
files:
  - {match: '**/*.csv', format: csv, csv: {delimiter: ;}, columns: {nr: {keep: code, pattern: '[0-9]+'}, naam: drop, bijzonder: text}}
  - {match: '**/*.jsonl', format: jsonl, sample: file, fields: {$.nr: {keep: number}, $.tekst: text}}
  - {match: '**/*.txt', format: text}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB, order: source}
YAML
cat >"$work/make.py" <<'PY'
import codecs, json, os, sys
work = sys.argv[1]
# What is planted, and what stands in its place; far enough for more than one reading.
mail, tag = "zoë.de-bruin@umc.example".replace("ë", "e"), "[EMAIL-1]"
line = "Coördinatie van de revalidatie: “knie”, € 12,50 – één à twee keer per week\u2026 "
encodings = {"latin": ("iso-8859-1", b""), "windows": ("cp1252", b""), "little": ("utf-16-le", codecs.BOM_UTF16_LE),
    "big": ("utf-16-be", codecs.BOM_UTF16_BE), "bare": ("utf-16-le", b""), "utf8": ("utf-8", b"")}
wanted = {}
os.makedirs(work + "/data")
for name, (codec, mark) in encodings.items():
    text = line if codec != "iso-8859-1" else line.translate({0x201c: '"', 0x201d: '"', 0x20ac: "EUR", 0x2013: "-", 0x2026: "..."})
    if name == "little": text += "\U0001f600 "
    # Nothing past ASCII in front, so that it is seen late.
    front = "De patient kwam op controle. " * 9000
    cell = text.replace('"', "")
    for ext, before, after in (
        ("txt", front + text + mail + "\r\n" + text, front + text + tag + "\r\n" + text),
        ("csv", "nr;naam;bijzonder\r\n" + "1;Zoë;" + cell + mail + "\r\n" + "2;Bö;geen\r\n" * 30000,
            "nr;bijzonder\n" + "1;" + cell + tag + "\n" + "2;geen\n" * 30000),  # tables leave with line feeds
        ("jsonl", json.dumps({"nr": 1, "tekst": text + mail}, ensure_ascii=False) + "\n" + '{"nr": 2}\n' * 9000,
            json.dumps({"nr": 1, "tekst": text + tag}, ensure_ascii=False) + "\n" + '{"nr": 2}\n' * 9000)):
        with open("%s/data/%s.%s" % (work, name, ext), "wb") as f: f.write(mark + before.encode(codec))
        wanted[name + "." + ext] = (mark + after.encode(codec)).hex()
held = {
    "z-half.txt": "Coördinatie".encode("utf-16")[:-1],          # a code unit cut
    "z-mixed.txt": "één ".encode("cp1252") + "één".encode(),     # two encodings
    "z-control.txt": "één \x02".encode("cp1252"),                # no text
    "z-nowhere.txt": b"Fran\x81ois \xe9",                        # a byte that Windows-1252 does not have
    "z-pair.txt": codecs.BOM_UTF16_LE + "a".encode("utf-16-le") + b"\x00\xd8" + "b".encode("utf-16-le"),
}
for name, content in held.items():
    with open("%s/data/%s" % (work, name), "wb") as f: f.write(content)
json.dump({"wanted": wanted, "held": len(held)}, open(work + "/wanted", "w"))
PY
ok "the files are made" /usr/bin/python3 "$work/make.py" "$work"
expect_status 0 "they are pushed" stager push "$work/data" --name encodings --policy "$work/policy.yaml" --json
version=$(json "$work/out" 'j["version-id"]')
stager report "$version" --json >"$work/report"
same "what is no text in one encoding is held, and nothing else" \
	"$(json "$work/report" 'sorted((k, v["count"]) for k, v in j["report"]["held"].items())')" "[('file:not-utf8', 5)]"
ok "a node opens it" release "$version" "$work/out.tar"
cat >"$work/compare.py" <<'PY'
import json, sys, tarfile
work = sys.argv[1]
wanted = json.load(open(work + "/wanted"))["wanted"]
got = [tarfile.open(work + "/out.tar")]
members = [(m.name, got[0].extractfile(m).read()) for m in got[0] if m.isfile()]
left = {bytes.fromhex(v): k for k, v in wanted.items()}
for name, content in members:
    if content in left: del left[content]
    else: print("not wanted:", name, content[:60], len(content))
for name in left.values(): print("lacking:", name)
print(len(members) == len(wanted) and not left)
PY
same "all come out in the encoding that they came in, and are what Python makes" \
	"$(/usr/bin/python3 "$work/compare.py" "$work")" True

# --- the subject table in one encoding, and the letters in another
mkdir "$work/subjects"
printf 'pati\353ntnr;plaats\n12;Caf\351\n13;x\n' >"$work/subjects/patients.csv"
printf '\377\376' >"$work/subjects/letters.jsonl"
printf '{"patiëntnr": "0012"}\n{"patiëntnr": "14"}\n' | iconv -f UTF-8 -t UTF-16LE >>"$work/subjects/letters.jsonl"
cat >"$work/subjects.yaml" <<'YAML'
policy: 1
name: encodings
project: encodings
pseudonym: {domain: research, key: 1}
subject: {from: patients.csv, key: {column: patiëntnr, pattern: '[0-9]{1,7}', pad: 7}, unmatched: hold}
files:
  - {match: patients.csv, format: csv, csv: {delimiter: ;}, columns: {patiëntnr: pseudonym, plaats: drop}}
  - {match: letters.jsonl, format: jsonl, subject: $.patiëntnr, sample: file, fields: {$.patiëntnr: pseudonym}}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB, order: source}
YAML
expect_status 0 "a table in Windows-1252 with letters in UTF-16 is pushed" \
	stager push "$work/subjects" --name subjects --policy "$work/subjects.yaml" --json
version=$(json "$work/out" 'j["version-id"]')
stager report "$version" --json >"$work/report"
same "who stands in the table is found, and who does not is held" \
	"$(json "$work/report" 'sorted((k, v["count"]) for k, v in j["report"]["held"].items()), j["report"]["records"]["passed"]')" \
	"([('record:subject-unmatched', 1)], 3)"

# --- columns of fixed width, in Windows-1252, as the subject table
mkdir "$work/fixed"
printf '     12Jos\351 de Wit    5,5\r\n     13\303             x7\r\n' >"$work/fixed/patients.txt"
printf 'patientnr;v\n12;1\n99;1\n' >"$work/fixed/visits.csv"
cat >"$work/fixed.yaml" <<'YAML'
policy: 1
name: fixed
project: encodings
pseudonym: {domain: research, key: 1}
subject: {from: patients.txt, key: {column: patientnr, pattern: '[0-9]{1,7}', pad: 7}, unmatched: hold}
files:
  - match: patients.txt
    format: fixed
    csv: {decimal: ','}
    fixed: {patientnr: [1, 7], naam: [8, 14], crp: [22, 4]}
    columns: {patientnr: pseudonym, naam: drop, crp: {keep: number}}
  - {match: visits.csv, format: csv, csv: {delimiter: ;}, subject: patientnr, columns: {patientnr: pseudonym, v: {keep: number}}}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB, order: source}
YAML
expect_status 0 "a table of fixed columns is pushed" stager push "$work/fixed" --name fixed --policy "$work/fixed.yaml" --json
version=$(json "$work/out" 'j["version-id"]')
stager report "$version" --json >"$work/report"
same "its subjects are known, a wrong number and a stranger are held" \
	"$(json "$work/report" 'sorted((k, v["count"]) for k, v in j["report"]["held"].items()), j["report"]["records"]["passed"]')" \
	"([('record:subject-unmatched', 1), ('record:value-type', 1)], 2)"
ok "a node opens it" release "$version" "$work/fixed.tar"
same "it leaves as CSV" "$(tar -xOf "$work/fixed.tar" --wildcards 'x/000001.csv' | sed 's/^[a-z2-7]\{26\}/PSEUDONYM/' | tr '\n' '|')" \
	"patientnr,crp|PSEUDONYM,\"5,5\"|"
ok "all is proven" stager verify
finish
