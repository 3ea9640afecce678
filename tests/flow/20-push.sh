#!/bin/sh
# Goal: a push says what it did in numbers and never in values; what it cannot judge it holds; a steward accepts or rejects that;
# and no plaintext stands anywhere below the house.
set -u
. "$STAGER_TESTS/flow/lib.sh"
policy=$top/deploy/policies/sample.yaml

# a file's lines as grep -F patterns that must not be found in any of these
nowhere() { ! grep -rlaiF -f "$@"; }
ledger_dump() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" .dump; }
count() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*) FROM $1"; }
vault_empty() { [ -z "$(ls -A "$STAGER_HOUSE/vault")" ] && [ -z "$(find "$STAGER_HOUSE/staging" -type f ! -name '*.lock')" ]; }

ok "a house with a holder and two stewards" make_house "$work/house"
house=$work/house

# --- the sample
cp -R "$top/deploy/sample/data" "$work/data"
expect_status 0 "the sample is pushed" stager push "$work/data" --name sample --policy "$policy" --json --receipt "$work/receipt"
same "a push that no terminal watches says nothing on stderr" "$(cat "$work/err")" ""
cp "$work/out" "$work/printed"
same "--json is one line" "$(wc -l <"$work/printed")" 1
ok "--receipt holds the same object" cmp "$work/printed" "$work/receipt"
same "only its owner reads the receipt" "$(stat -c %a "$work/receipt")" 600
same "the push is logged and new" "$(json "$work/receipt" 'sorted(j), j["state"], j["existed"]')" \
	"(['existed', 'state', 'version-id'], 'LOGGED', False)"
first=$(json "$work/receipt" 'j["version-id"]')

# The report's numbers beside those of Python's own readers over the sources.
cat >"$work/numbers.py" <<'PY'
import csv, io, json, os, re, subprocess, sys, tarfile, zipfile
data, report = sys.argv[1], json.load(open(sys.argv[2]))["report"]
names, texts = [], {}
def take(name, content):
    names.append(name); texts[name] = content
for folder, _, files in os.walk(data):
    for f in files:
        path = os.path.join(folder, f); name = os.path.relpath(path, data)
        if f.endswith(".zip"):
            z = zipfile.ZipFile(path)
            for i in z.infolist():
                if not i.is_dir(): take(name + "/" + i.filename, z.read(i))
        elif f.endswith(".tar.zst"):
            plain = subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout
            for m in tarfile.open(fileobj=io.BytesIO(plain)):
                if m.isfile(): take(name + "/" + m.name, tarfile.open(fileobj=io.BytesIO(plain)).extractfile(m).read())
        else:
            take(name, open(path, "rb").read())
def rows(name, delimiter):
    return list(csv.reader(io.StringIO(texts[name].decode("utf-8-sig"), newline=""), delimiter=delimiter))[1:]
tables = [rows("patients.csv", ";"), rows("lab.tsv", "\t"), rows("survey.zip/survey/answers.csv", ",")]
letters = [json.loads(l) for l in texts["letters.jsonl"].splitlines() if l]
dicom = [n for n in names if n.endswith(".dcm")]
plain = [n for n in names if n.endswith(".txt") or n.startswith("old-letters")]
number = re.compile(r"\d+([.,]\d+)?")
bad = sum(1 for r in tables[0] if r[11] not in ("", "NA") and not number.fullmatch(r[11]))
bad += sum(1 for r in tables[1] if not number.fullmatch(r[3]))
records = sum(map(len, tables)) + len(letters)
wanted = {
    "files": {"seen": len(names), "passed": len(names) - 1, "held": 0, "dropped": 1},
    "formats": {"csv": 3, "dicom": len(dicom), "drop": 1, "jsonl": 1, "opaque": 1, "text": len(plain)},
    "records": {"seen": records, "passed": records - bad, "held": bad},
    "members": {"out": 3 + len(dicom) + 1 + len(letters) + len(plain)},
}
got = {k: report[k] for k in wanted}
if got != wanted: sys.exit("%r\n%r" % (got, wanted))
if sum(v["count"] for k, v in report["held"].items() if k.startswith("record:")) != bad: sys.exit("held: %r" % report["held"])
if report["check"]["members"] != report["members"]["out"] or report["check"]["bytes"] != report["bytes"]["out"]:
    sys.exit("check saw something else: %r" % report["check"])
if report["check"]["not-rescanned"] != 1: sys.exit("not-rescanned: %r" % report["check"])
PY
ok "its report" stager report "$first" --json --receipt "$work/report"
ok "the report's numbers are those that Python counts" /usr/bin/python3 "$work/numbers.py" "$work/data" "$work/report"
ok "the report in words" stager report "$first"
cp "$work/out" "$work/words"
ok "the report as a document" stager report "$first" --out "$work/document"
ok "show" stager show "$first" --json --receipt "$work/show"
same "show and report agree" "$(json "$work/show" '[j[k] for k in ("version-id", "dataset", "holder", "shards", "members", "bytes")]')" \
	"$(json "$work/report" '[j[k] for k in ("version-id", "dataset", "holder", "shards", "members", "bytes")]')"
same "the manifest has one log entry" "$(json "$work/show" '[x["type"] for x in j["log"]]')" "['manifest']"
ok "list" stager list --json --receipt "$work/list"
same "list has the one version" "$(json "$work/list" '[(x["version-id"], x["state"], x["version"]) for x in j]')" "[('$first', 'LOGGED', 1)]"
same "the vault holds bodies and sums, the table and the manifest" \
	"$(cd "$house/vault/$first" && find . -type f | LC_ALL=C sort | tr '\n' ' ')" \
	"./abroad/index.body ./abroad/index.sums ./abroad/shard-00000.body ./abroad/shard-00000.sums ./abroad/shards.jsonl ./manifest.json "
ok "everything is proven from what is on disk" stager verify

# --- no value of the dataset anywhere: the identifying fields of the table and the letters, and the files' own names
/usr/bin/python3 - "$work/data" >"$work/planted" <<'PY'
import csv, json, os, re, sys
data, planted = sys.argv[1], set()
for row in csv.DictReader(open(data + "/patients.csv", encoding="utf-8-sig", newline=""), delimiter=";"):
    planted |= {row["bsn"], row["achternaam"], row["straat"], row["postcode"], row["geboortedatum"], row["opnamedatum"]}
for line in open(data + "/letters.jsonl", encoding="utf-8"):
    letter = json.loads(line)
    planted |= {letter["tekst"][:40], letter["afzender"]["naam"], letter["afzender"]["mail"]}
    planted |= set(re.findall(r"\S+@\S+\.example|06-\d+|NL\d\d[A-Z]{4}\d+", letter["tekst"]))
for folder, _, files in os.walk(data):
    planted |= {os.path.splitext(f)[0] for f in files}
planted -= {"patients", "lab", "letters", "notes", "survey", "spectra"}  # words of the policy,
planted -= {"Thumbs", "old-letters.tar", "answers", "readme"}                     # which the ledger holds
print("\n".join(sorted(p.rstrip(".;,") for p in planted if len(p) >= 6)))
PY
ok "the planted values are many" test "$(wc -l <"$work/planted")" -gt 150
ok "they stand in the source (the control)" grep -rqaF -f "$work/planted" "$work/data"
ok "no planted value stands anywhere below the house" nowhere "$work/planted" "$house"
ledger_dump >"$work/dump"
ok "the ledger was dumped (the control)" grep -q "$first" "$work/dump"
ok "nor in the ledger, the report, what push said or the list" nowhere "$work/planted" "$work/dump" "$work/report" "$work/words" \
	"$work/document" "$work/receipt" "$work/show" "$work/list"

# --- again, and changed
expect_status 0 "the same push again" stager push "$work/data" --name sample --policy "$policy" --json
same "gives the version that there is" "$(json "$work/out" 'j["version-id"], j["existed"], j["state"]')" "('$first', True, 'LOGGED')"
same "and makes no other" "$(count version)" 1
printf 'Een regel meer, zonder gegevens.\n' >>"$work/data/notes/note-01-eikenhorst.txt"
expect_status 0 "a changed file" stager push "$work/data" --name sample --policy "$policy" --json
second=$(json "$work/out" 'j["version-id"]')
stager show "$second" --json >"$work/show2"
same "makes version 2, whose predecessor is version 1" "$(json "$work/show2" 'j["version"], j["predecessor"]')" \
	"(2, '$(json "$work/show" 'j["manifest"]')')"
sed 's/range: \[1, 5\]/range: [1, 6]/' "$policy" >"$work/policy2.yaml"
expect_status 0 "a changed policy" stager push "$work/data" --name sample --policy "$work/policy2.yaml" --json
same "makes version 3" "$(stager show "$(json "$work/out" 'j["version-id"]')" --json >"$work/show3" && json "$work/show3" 'j["version"]')" 3
expect_status 0 "another name" stager push "$work/data" --name sample-two --policy "$policy" --json
same "is another dataset" "$(stager show "$(json "$work/out" 'j["version-id"]')" --json >"$work/show3" && json "$work/show3" 'j["dataset"], j["version"]')" \
	"('sample-two', 1)"
echo '{"licence": "x", "unknown": 1}' >"$work/meta"
expect_status 3 "meta with an unknown key is refused" stager push "$work/data" --name sample --policy "$policy" --meta "$work/meta"

# --- fail closed: each file has its fault, and a value that must appear nowhere
ok "the faulty files" /usr/bin/python3 - "$work" "$top/deploy/sample/data/dicom/eikenhorst-1.dcm" <<'PY'
import json, os, sys
work, dcm = sys.argv[1], open(sys.argv[2], "rb").read()
files, held, n = {}, {}, 0
def put(name, content, reason=None, unit="file", count=1, column=None):
    files[name] = content if isinstance(content, bytes) else content.encode()
    if reason: held[name] = ("%s:%s" % (unit, reason), count, column)
V = "Zwartewaal"  # in every file; planted
put("a-good.csv", "nr;n\n" + "".join("%d;1\n" % i for i in range(40)))
put("b-kind.csv", dcm, "kind-unknown")
put("b-unnamed.csv", "nr;n;%s1\n1;2;%s2\n" % (V, V), "column-unnamed", column=3)
put("b-lacking.csv", "nr\n%s3\n" % V, "column-missing", column=2)
put("b-twice.csv", "nr;n;n\n%s4;1;1\n" % V, "column-repeated", column=3)
put("b-open.csv", 'nr;n\n1;"%s5\n' % V, "quote-open")
put("b-rows.csv", "nr;n\n1;%s6\n2;%s7\n3;4\n" % (V, V), "value-type", "record", 2)
put("b-range.csv", "nr;n\n1;5001\n", "value-range", "record")
put("b-count.csv", "nr;n\n1;2;%s8\n" % V, "field-count", "record")
put("b-date.csv", "nr;d\n1;%s9\n2;2025-02-30\n" % V, "date-form", "record", 2)
put("b-stray.csv", 'nr;n\n%s1"0;2\n' % V, "quote-stray", "record")
put("c-broken.jsonl", '{"a": "x" %s11}\n' % V, "json-broken", "record")
put("c-twice.jsonl", '{"a": "x", "a": "x"} \n', "json-duplicate-key", "record")
put("c-unnamed.jsonl", '{"a": "x", "%s13": 1}\n' % V, "field-unnamed", "record")
put("c-type.jsonl", '{"a": "%s14"}\n' % V, "value-type", "record")
put("d-nul.txt", V + "15 \0", "nul-byte")
put("d-mixed.txt", (V + " é16").encode("latin-1") + " é".encode(), "not-utf8")
put("d-picture.txt", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + V.encode(), "kind-unknown")
put("e-text.dcm", V + "17", "dicom-preamble")
put("e-cut.dcm", dcm[:len(dcm) // 3], "dicom-broken")
put("f-%s18.docx" % V, "PK\x03\x04" + V, "file-unmatched")
put("g-both.two.three", V + "19", "file-several-rules")
wanted = {}
for i, name in enumerate(sorted(files)):
    os.makedirs(work + "/bad", exist_ok=True)
    with open(os.path.join(work, "bad", name), "wb") as f: f.write(files[name])
    if name in held:
        reason, count, column = held[name]
        w = wanted.setdefault(reason, {"columns": [], "count": 0, "files": []} if column else {"count": 0, "files": []})
        w["count"] += count; w["files"].append(i + 1)
        if column: w["columns"].append(column)
json.dump(wanted, open(work + "/wanted", "w"))
PY
{
	cat <<'YAML'
policy: 1
name: bad
project: flow
pseudonym: {domain: research, key: 1}
dates: {order: [yyyy-MM-dd]}
files:
  - {match: b-date.csv, format: csv, csv: {delimiter: ;}, columns: {nr: pseudonym, d: year}}
YAML
	for f in a-good b-kind b-unnamed b-lacking b-twice b-open b-rows b-range b-count b-stray a-x; do
		echo "  - {match: $f.csv, format: csv, csv: {delimiter: ;}, columns: {nr: pseudonym, n: {keep: number, range: [0, 1000]}}}"
	done
	cat <<'YAML'
  - {match: '*.jsonl', format: jsonl, fields: {$.a: {keep: enum, values: [x]}}}
  - {match: '*.txt', format: text}
  - {match: '*.dcm', format: dicom, modality: [CT]}
  - {match: '*.three', format: text}
  - {match: '*.two.*', format: text}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
} >"$work/faulty.yaml"
expect_status 0 "the policy of the faulty files is good" stager policy check "$work/faulty.yaml"
expect_status 6 "a push of faulty files waits for a person" stager push "$work/bad" --name bad --policy "$work/faulty.yaml" --json
cp "$work/err" "$work/said"
held=$(json "$work/out" 'j["version-id"]')
same "it is HELD" "$(json "$work/out" 'j["state"]')" HELD
stager report "$held" --json >"$work/held-report"
stager report "$held" >"$work/held-words"
same "each fault is counted by reason and file number" "$(json "$work/held-report" 'sorted(j["report"]["held"].items())')" \
	"$(json "$work/wanted" 'sorted(j.items())')"
number() { ls "$work/bad" | LC_ALL=C sort | grep -n -x "$1" | cut -d: -f1; }
ok "in words a column's number, of the file" grep -q -x " *in files $(number b-unnamed.csv) (column 3)" "$work/held-words"
ok "and for one that is lacking its place in the policy" \
	grep -q -x " *in files $(number b-lacking.csv) (column 2 of the policy's)" "$work/held-words"
echo Zwartewaal >"$work/planted-bad"
ledger_dump >"$work/dump"
ok "and nowhere by its value: not in the report, in words, on stderr, in the ledger" nowhere "$work/planted-bad" "$work/held-report" \
	"$work/held-words" "$work/said" "$work/dump"
ok "nor anywhere below the house" nowhere "$work/planted-bad" "$house"
expect_status 6 "the same push again still waits" stager push "$work/bad" --name bad --policy "$work/faulty.yaml" --json
same "for the same version" "$(json "$work/out" 'j["version-id"]')" "$held"
same "it has no manifest" "$(ls "$house/vault/$held")" abroad
stager-sign keygen --out "$work/stranger.key" >/dev/null
expect_status 3 "a stranger cannot accept it" accept "$held" stranger
expect_status 0 "a steward signs its report" accept "$held"
same "and it goes on" "$(stager show "$held" --json >"$work/show3" && json "$work/show3" 'j["state"], [x["type"] for x in j["log"]]')" \
	"('ACCEPTED', ['manifest', 'accept'])"
ok "it has a manifest" test -s "$house/vault/$held/manifest.json"
expect_status 0 "to accept twice changes nothing" stager accept "$work/accept.env"
expect_status 3 "an accepted version cannot be rejected" stager reject "$held"
ok "all is proven" stager verify

# --- rejected
expect_status 6 "held again, under another name" stager push "$work/bad" --name bad-two --policy "$work/faulty.yaml" --json
held=$(json "$work/out" 'j["version-id"]')
stager report "$held" --out "$work/late.json"
stager-sign --yes --key "$work/anna.key" "$work/late.json" >"$work/late.env" 2>/dev/null
sed "s/$held/aaaaaaaaaaaaaaaaaaaaaaaaaa/" "$work/late.json" >"$work/elsewhere.json"
stager-sign --yes --key "$work/anna.key" "$work/elsewhere.json" >"$work/elsewhere.env" 2>/dev/null
expect_status 3 "a signed report of a version that is not here is refused" stager accept "$work/elsewhere.env"
expect_status 2 "the id of such a version, typed, is a wrong argument" stager reject aaaaaaaaaaaaaaaaaaaaaaaaaa
expect_status 0 "rejected" stager reject "$held"
ok "its shards are gone" test ! -e "$house/vault/$held"
same "its keys are gone" "$(count "shard WHERE version = '$held'")" 0
expect_status 3 "nobody can accept it any more" stager accept "$work/late.env"
expect_status 6 "pushed again" stager push "$work/bad" --name bad-two --policy "$work/faulty.yaml" --json
not_ok "it is a new version" test "$(json "$work/out" 'j["version-id"]')" = "$held"
ok "all is proven" stager verify

# --- the limit is a limit: 1 in 10 is not more than 10%, 1 in 9 is
mkdir "$work/ten" "$work/nine" "$work/none"
printf 'nr;n\nx;x\n' >"$work/none/a-x.csv"
printf 'nr;n\n1;1\n2;1\n3;1\n4;1\n5;1\n6;1\n7;1\n8;1\n9;1\n10;x\n' >"$work/ten/a-x.csv"
sed '/^9;/d' "$work/ten/a-x.csv" >"$work/nine/a-x.csv"
sed 's/records: 0/records: 10%/' "$work/faulty.yaml" >"$work/ten.yaml"
expect_status 0 "as much as the policy accepts" stager push "$work/ten" --name ten --policy "$work/ten.yaml"
expect_status 6 "more than it accepts" stager push "$work/nine" --name nine --policy "$work/ten.yaml"
expect_status 6 "nothing left" stager push "$work/none" --name none --policy "$work/ten.yaml" --json
expect_status 3 "where all was held there is nothing to accept" accept "$(json "$work/out" 'j["version-id"]')"

# --- a push that fails leaves nothing
ok "another house" make_house "$work/empty"
expect_status 1 "no source" stager push "$work/no-such" --name x --policy "$policy"
expect_status 2 "no such holder" stager push "$work/data" --name x --policy "$policy" --holder nobody
mkdir "$work/nothing"
expect_status 3 "an empty folder" stager push "$work/nothing" --name x --policy "$policy"
expect_status 2 "a name that is none" stager push "$work/data" --name ../x --policy "$policy"
ok "nothing is left of any" vault_empty
same "no version" "$(count version)" 0

# The house is no source, and neither is a folder that it stands in.
for inside in "$STAGER_HOUSE" "$STAGER_HOUSE/keys" "$STAGER_HOUSE/root.key" "$STAGER_HOUSE/.."; do
	expect_status 3 "a source in or around the house: ${inside##*/}" stager push "$inside" --name inside --policy "$top/deploy/policies/sample.yaml"
done
ok "holders are listed" stager holder list --json
ok "requests are listed" stager request list --json

finish
