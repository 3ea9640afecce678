#!/bin/sh
# Goal: one person is one subject in table, letters and scans, however the key is spelled; who is on an exclusion list leaves in no
# format; who has no row is held, or dropped where the policy says so; the table counts wherever it stands in the sources;
# and a table or list that cannot be read as a whole, or a source that changes between the two passes, refuses the push.
set -u
. "$STAGER_TESTS/flow/lib.sh"

# policy [UNMATCHED [EXCLUDE]]: for data as tests/bench/make_ct.py makes them
policy() {
	cat <<YAML
policy: 1
name: subjects
project: flow
pseudonym: {domain: research, key: 1}
subject:
  from: patients.csv
  key: {column: patientnr, pattern: '[0-9]{1,7}', pad: 7}
  unmatched: ${1:-hold}
  exclude: ${2:-[]}
dates: {order: [dd-MM-yyyy, yyyy-MM-dd]}
files:
  - match: patients.csv
    format: csv
    csv: {delimiter: ';', decimal: ','}
    columns: {patientnr: pseudonym, bsn: drop, voornaam: drop, achternaam: drop, straat: drop, plaats: drop, geboortedatum: drop,
      postcode: drop, geslacht: {keep: enum, values: [M, V]}, opnamedatum: year, icd10: {keep: code, pattern: '[A-Z][0-9]{2}(\.[0-9])?'},
      crp: {keep: number}, beroep: drop}
  - match: letters.jsonl
    format: jsonl
    subject: \$.patientnr
    fields: {\$.patientnr: pseudonym, \$.datum: year, \$.specialisme: {keep: enum, values: [INT, LON, RAD]}, \$.tekst: drop}
  - {match: 'dicom/**', format: dicom, subject: PatientID}
  - {match: 'brieven/**', format: text, subject: 'brieven/{key}_*.txt'}
  - {match: 'films/**', format: opaque, ext: bin, subject: 'films/{key}/*'}
  - {match: 'protocol.txt', format: text, subject: none}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
}
count() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*) FROM $1"; }
left() {
	find "$STAGER_HOUSE/vault" "$STAGER_HOUSE/staging" -mindepth 1 ! -name '*.lock' | sort
	count version
	count shard
	count gathered
}
# refused STATUS WHAT FRAGMENT PUSH-ARGUMENTS...: one line that says so, and nothing is left
refused() {
	want=$1
	what=$2
	why=$3
	shift 3
	before=$(left)
	expect_status "$want" "$what is refused" stager push "$@"
	if { [ "$want" = 2 ] || [ "$(wc -l <"$work/err")" = 1 ]; } && grep -q "$why" "$work/err"; then
		pass "$what: $(tail -n 1 "$work/err" | cut -c1-140)"
	else
		fail "$what: what is said, wanted '$why'" "$work/err"
	fi
	[ "$(left)" = "$before" ] || fail "$what: something is left"
}
# unpacked VERSION FOLDER: released, and its members there
unpacked() { release "$1" "$2.tar" && mkdir "$2" && tar -xif "$2.tar" -C "$2"; }
report() { stager report "$1" --json >"$work/report" && json "$work/report" "$2"; }
# shards VERSION: names, lengths and members, which are the same for the same plaintext
shards() { /usr/bin/python3 -c 'import json, sys
for line in open(sys.argv[1]):
    j = json.loads(line); print(j["name"], j["plain"], j["members"])' "$STAGER_HOUSE/vault/$1/abroad/shards.jsonl"; }

ok "a house" make_house "$work/house"
policy hold optout >"$work/policy.yaml"
ok "the policy is read" stager policy check "$work/policy.yaml"
/usr/bin/python3 "$STAGER_TESTS/bench/make_ct.py" "$work/data" --patients 200 --optout 5 --strangers 2 || exit 1
mkdir -p "$work/data/brieven" "$work/data/films/0000013" "$work/data/films/5555555"
echo 'Alles rustig.' >"$work/data/brieven/0000013_2021.txt"
echo 'Ook rustig.' >"$work/data/brieven/13_2022.txt"
echo 'Wie is dit?' >"$work/data/brieven/5555555_2022.txt"
echo 'Zonder nummer.' >"$work/data/brieven/brief.txt"
echo 'Film.' >"$work/data/films/0000013/a.bin"
echo 'Film.' >"$work/data/films/5555555/b.bin"
echo 'Iedereen om acht uur.' >"$work/data/protocol.txt"
out=$(head -n 1 "$work/data.optout.txt")
echo 'Weg.' >"$work/data/brieven/${out}_2020.txt"

# --- who is who
refused 2 "a push without the list that the policy wants" "exclude optout=FILE" "$work/data" --name a --policy "$work/policy.yaml"
refused 2 "a list that the policy does not want" "fewer exclusion lists" "$work/data" --name a --policy "$work/policy.yaml" \
	--exclude optout="$work/data.optout.txt" --exclude other="$work/data.optout.txt"
ok "the data are pushed" stager push "$work/data" --name a --policy "$work/policy.yaml" --exclude optout="$work/data.optout.txt"
first=$(tail -n 1 "$work/out")
# 195 rows, letters twice that; each excluded has a row, two letters and a scan, one of them a text; the two strangers two letters each.
same "whom the records are about" "$(report "$first" 'j["report"]["subjects"]')" \
	"{'excluded': $((5 * 4 + 1)), 'linked': $((195 * 4 + 3)), 'unlinked': 1}"
same "who has no row is held" "$(report "$first" '{k: v["count"] for k, v in j["report"]["held"].items()}')" \
	"{'file:subject-missing': 1, 'file:subject-unmatched': 4, 'record:subject-unmatched': 4}"
same "an excluded scan and letter are dropped files" "$(report "$first" 'j["report"]["files"]["dropped"]')" 6
same "no record is lost on the way" "$(report "$first" '[j["report"]["records"][k] for k in ("seen", "passed", "held")]')" "[604, 585, 4]"
ok "it is opened" unpacked "$first" "$work/a"
cat >"$work/look.py" <<'PY'
import csv, io, json, os, sys
import pydicom
top, truth = sys.argv[1], json.load(open(sys.argv[2]))
table, folders, letters, scans = {}, set(), {}, {}
for folder, _, files in os.walk(top):
    who = os.path.basename(folder)
    for f in files:
        path = os.path.join(folder, f)
        if who != "x": folders.add(who)
        if f.endswith(".csv"):
            for row in csv.DictReader(open(path), delimiter=";"):
                if row["patientnr"] in table: sys.exit("a pseudonym twice in the table")
                table[row["patientnr"]] = row
        elif f.endswith(".json"):
            j = json.loads(open(path).read())
            if j["patientnr"] != who: sys.exit("a letter under another subject than its own")
            letters.setdefault(who, []).append(j)
        elif f.endswith(".dcm"):
            d = pydicom.dcmread(path)
            if d.PatientID != who: sys.exit("a scan under another subject than its own")
            scans.setdefault(who, []).append(d)
stay = sum(1 for p in truth if not p["uit"])
if not (len(table) == stay and set(letters) == set(table) == set(scans) and folders == set(table)):
    sys.exit("not the same people: %d in the table, %d in letters, %d in scans, of %d" % (len(table), len(letters), len(scans), stay))
if any(len(x) != 2 for x in letters.values()) or any(len(x) != 1 for x in scans.values()): sys.exit("not each letter and scan is there")
print(len(table))
PY
if /usr/bin/python3 -c 'import pydicom' 2>/dev/null; then
	same "one pseudonym a person, in table, letters and scans" "$(/usr/bin/python3 "$work/look.py" "$work/a" "$work/data.truth.json" 2>&1)" 195
else
	echo "python3-pydicom is missing: the scans are not looked into"
fi
same "texts and films stand under their subjects" "$(find "$work/a" -name '*.txt' -o -name '*.bin' | sed 's,.*/a/,,; s,/.*,,' | sort | uniq -c | sed 's/[a-z2-7]\{26\}/S/; s/^ *//' | sort | tr '\n' ' ')" "1 x 3 S "

# --- versions
same "pushed again it is the same version" "$(stager push "$work/data" --name a --policy "$work/policy.yaml" --exclude optout="$work/data.optout.txt" 2>/dev/null | tail -n 1)" "$first"
echo 13 >>"$work/data.optout.txt"
ok "with one more who wants out" stager push "$work/data" --name a --policy "$work/policy.yaml" --exclude optout="$work/data.optout.txt"
second=$(tail -n 1 "$work/out")
same "it is another version, without all of that person's" "$(report "$second" 'j["report"]["subjects"]')" \
	"{'excluded': $((6 * 4 + 1 + 3)), 'linked': $((194 * 4)), 'unlinked': 1}"
same "what was gathered stands in the ledger and has its log entry" \
	"$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*) FROM gathered g JOIN opening o ON o.place = g.place WHERE o.type = 'gather'")" 2
same "commitments to one list differ from version to version" \
	"$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(DISTINCT json_extract(json, '\$.exclusions[0].commitment')), min(json_extract(json, '\$.exclusions[0].keys')), min(json_extract(json, '\$.subjects')) FROM gathered")" "2|5|200"
sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT json_extract(json, '\$.exclusions[0].salt') || ' ' || json_extract(json, '\$.exclusions[0].commitment') FROM gathered WHERE version = '$second'" >"$work/committed"
same "the commitment is to the list" "$(/usr/bin/python3 -c 'import hashlib, sys
salt, commitment = open(sys.argv[1]).read().split()
print(hashlib.sha256(bytes.fromhex(salt) + open(sys.argv[2], "rb").read()).hexdigest() == commitment)' "$work/committed" "$work/data.optout.txt")" True
ok "verify" stager verify
cp "$STAGER_HOUSE/ledger.db" "$work/ledger.db"
sqlite3 "$STAGER_HOUSE/ledger.db" "UPDATE gathered SET context = replace(context, substr(context, 1, 1), 'g') WHERE version = '$second'"
expect_status 4 "a ledger whose record of the context was changed is found out" stager verify
cp "$work/ledger.db" "$STAGER_HOUSE/ledger.db"
policy drop optout >"$work/drop.yaml"
ok "where the policy says so, strangers are dropped" stager push "$work/data" --name a --policy "$work/drop.yaml" --exclude optout="$work/data.optout.txt"
same "and counted" "$(report "$(tail -n 1 "$work/out")" 'j["report"]["subjects"], sum(v["count"] for v in j["report"]["held"].values())')" \
	"({'excluded': $((6 * 4 + 1 + 3)), 'linked': $((194 * 4)), 'unlinked': 1, 'unmatched': 8}, 1)"

# --- one band, one offset, in every format
rm -rf "$work/data/films" "$work/data/brieven" "$work/data/protocol.txt"
cat >"$work/moved.yaml" <<'YAML'
policy: 1
name: moved
project: flow
pseudonym: {domain: research, key: 1}
subject:
  from: patients.csv
  key: {column: patientnr, pattern: '[0-9]{1,7}', pad: 7}
  unmatched: drop
  known: {person: [voornaam, achternaam], number: [bsn, patientnr], address: [straat, postcode, plaats]}
  attributes:
    age: {from: geboortedatum, at: opnamedatum, bands: [0, 18, 30, 45, 60, 75, 90]}
    pc: {from: postcode, prefix: 4}
    sex: {from: geslacht, map: {M: M, V: F}, other: blank}
dates: {order: [dd-MM-yyyy, yyyy-MM-dd], shift: {step: 7, max: 364}}
text: {date: shift, age: {attribute: age}}
files:
  - match: patients.csv
    format: csv
    csv: {delimiter: ';', decimal: ','}
    columns: {patientnr: pseudonym, bsn: drop, voornaam: drop, achternaam: drop, straat: drop, plaats: drop,
      geboortedatum: {attribute: age}, postcode: {attribute: pc}, geslacht: {attribute: sex}, opnamedatum: shift,
      icd10: {keep: code, pattern: '[A-Z][0-9]{2}(\.[0-9])?'}, crp: {keep: number}, beroep: drop}
  - match: letters.jsonl
    format: jsonl
    subject: $.patientnr
    fields: {$.patientnr: pseudonym, $.datum: shift, $.specialisme: {keep: enum, values: [INT, LON, RAD]}, $.tekst: text}
  - match: 'dicom/**'
    format: dicom
    subject: PatientID
    options: [longitudinal-modified-dates]
    tags: {PatientAge: {attribute: age}, PatientSex: {attribute: sex}}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
YAML
cat >"$work/moved.py" <<'PY'
import csv, datetime, json, os, re, sys
import pydicom
top, truth = sys.argv[1], json.load(open(sys.argv[2]))
MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()
table, letters, scans = {}, {}, {}
for folder, _, files in os.walk(top):
    who = os.path.basename(folder)
    for f in files:
        path = os.path.join(folder, f)
        if f.endswith(".csv"):
            for row in csv.DictReader(open(path), delimiter=";"): table[row["patientnr"]] = row
        elif f.endswith(".json"):
            j = json.loads(open(path).read()); letters.setdefault(who, []).append(j)
        elif f.endswith(".dcm"):
            d = pydicom.dcmread(path); scans.setdefault(who, []).append(d)
day = lambda s: datetime.datetime.strptime(s, "%d-%m-%Y").date()
bands = [0, 18, 30, 45, 60, 75, 90]
# Who is who is found by what stays: the intervals, the codes; in order of the table, which is kept.
stay = [p for p in truth if not p["uit"]]
if len(table) != len(stay): sys.exit("%d of %d" % (len(table), len(stay)))
offsets = []
for p, (who, row) in zip(stay, table.items()):
    off = (day(row["opnamedatum"]) - datetime.date.fromisoformat(p["opname"])).days
    if off == 0 or off % 7 or abs(off) > 364: sys.exit("an offset of %d days" % off)
    offsets.append(off)
    low = max(b for b in bands if b <= p["leeftijd"])
    band = "%d+" % low if low == 90 else "%d-%d" % (low, bands[bands.index(low) + 1] - 1)
    if row["geboortedatum"] != band: sys.exit("band %s for %d" % (row["geboortedatum"], p["leeftijd"]))
    if row["postcode"] != p["postcode"][:4] or row["geslacht"] != ("M" if p["geslacht"] == "M" else "F"): sys.exit("pc or sex")
    move = datetime.timedelta(days=off)
    want = sorted((datetime.date.fromisoformat(a) + move, datetime.date.fromisoformat(b) + move) for a, b in p["brieven"])
    got = []
    for j in letters[who]:
        if datetime.date.fromisoformat(j["datum"]) not in [a for a, _ in want]: sys.exit("a letter's date moved otherwise")
        m = re.search(r"Op (\d+) (\w+) (\d{4})", j["tekst"])
        n = re.search(r"Controle op (\d\d-\d\d-\d{4})", j["tekst"])
        if not m or not n: sys.exit("a date in a text is gone: " + j["tekst"])
        got.append((datetime.date(int(m[3]), MONTHS.index(m[2]) + 1, int(m[1])), day(n[1])))
    if sorted(got) != want: sys.exit("dates in a text moved otherwise")
    gone = [p["bsn"], p["straat"], p["voornaam"]] + [w for w in p["achternaam"].split() if len(w) > 4]
    for j in letters[who]:
        for value in gone:
            if value.lower() in j["tekst"].lower(): sys.exit("known, and still there: %s in %s" % (value, j["tekst"]))
        if "[" + who + "]" not in j["tekst"] or "[ADRES]" not in j["tekst"]: sys.exit("nothing in their place: " + j["tekst"])
        for word in ("zag ik", "op de polikliniek", "Geachte collega,"):
            if word not in j["tekst"]: sys.exit("gone, and not known: %s in %s" % (word, j["tekst"]))
    for d in scans[who]:
        if d.StudyDate != (datetime.date.fromisoformat(p["opname"]) + move).strftime("%Y%m%d") or d.SeriesDate != d.StudyDate:
            sys.exit("a scan's date moved otherwise: %s" % d.StudyDate)
        if d.PatientAge != "%03dY" % low or d.PatientSex != row["geslacht"]: sys.exit("a scan's age or sex")
        if d.PatientBirthDate != "" or d.LongitudinalTemporalInformationModified != "MODIFIED" or d.StudyTime != "101500":
            sys.exit("a scan's birth date, time or what it says of its dates")
        if [c.CodeValue for c in d.DeidentificationMethodCodeSequence] != ["113100", "113107"]: sys.exit("method codes")
print(len(table), len(set(offsets)) > 50, min(offsets) < 0 < max(offsets))
PY
ok "the policy with attributes and a shift is read" stager policy check "$work/moved.yaml"
ok "and pushed" stager push "$work/data" --name moved --policy "$work/moved.yaml"
moved=$(tail -n 1 "$work/out")
same "nothing is held" "$(report "$moved" '{k: v["count"] for k, v in j["report"]["held"].items()}')" "{}"
ok "it is opened" unpacked "$moved" "$work/moved"
if /usr/bin/python3 -c 'import pydicom' 2>/dev/null; then
	/usr/bin/python3 -c 'import json, sys
j = json.load(open(sys.argv[1]))
for p in j: p["uit"] = False
json.dump(j, open(sys.argv[2], "w"))' "$work/data.truth.json" "$work/all.json"
	same "one offset and one band a person, in table, letters and scans" \
		"$(/usr/bin/python3 "$work/moved.py" "$work/moved" "$work/all.json" 2>&1)" "200 True True"
fi
sed 's/geslacht: {attribute: sex}/geslacht: {attribute: sexe}/' "$work/moved.yaml" >"$work/wrong.yaml"
refused 3 "an attribute that is none" "line 2[0-9]: .sexe. is none of" "$work/data" --name moved --policy "$work/wrong.yaml"

# --- wherever the table stands: the same version, but for the archive's own name
policy >"$work/plain.yaml"
sed 's,from: patients.csv,from: "**/patients.csv",; s,match: \([pldbf][^ ]*\)$,match: "**/\1",; s,{match: .\([^ ]*\).\, format,{match: "**/\1"\, format,; s,subject: .\([bf][^ ]*\).},subject: "**/\1"},' "$work/plain.yaml" >"$work/anywhere.yaml"
mkdir "$work/other" "$work/sealed" "$work/pack"
ok "the data again" stager push "$work/data" --name plain --policy "$work/anywhere.yaml"
plain=$(tail -n 1 "$work/out")
(cd "$work/data" && tar -cf - dicom letters.jsonl patients.csv | zstd -qc) >"$work/pack/data.tar.zst"
ok "in a tar.zst, with the table last" stager push "$work/pack/data.tar.zst" --name pack --policy "$work/plain.yaml"
pack=$(tail -n 1 "$work/out")
same "whom the records are about is the same" "$(report "$pack" 'j["report"]["subjects"]')" "$(report "$plain" 'j["report"]["subjects"]')"
mkdir "$work/inside"
mv "$work/pack/data.tar.zst" "$work/inside"
ok "in a tar.zst in a folder" stager push "$work/inside" --name inside --policy "$work/anywhere.yaml"
same "the same shards" "$(shards "$(tail -n 1 "$work/out")")" "$(shards "$pack")"
stager ingest-key --out "$work/in.pub" >/dev/null
(cd "$work/data" && find . -type f) | while read -r name; do
	mkdir -p "$work/sealed/$(dirname "$name")"
	stager-crypt4gh encrypt --recipient_pk "$work/in.pub" <"$work/data/$name" >"$work/sealed/$name.c4gh" 2>"$work/log" || fail "encrypt" "$work/log"
done
ok "sealed for the house, file by file" stager push "$work/sealed" --name sealed --policy "$work/plain.yaml"
same "the same shards" "$(shards "$(tail -n 1 "$work/out")")" "$(shards "$plain")"
same "each sealed file counts once" "$(report "$(tail -n 1 "$work/out")" 'j["report"]["sealed"]["order-proven"]')" "$(find "$work/data" -type f | wc -l)"
stager-crypt4gh encrypt --recipient_pk "$work/in.pub" <"$work/inside/data.tar.zst" >"$work/pack/data.tar.zst.c4gh" 2>"$work/log"
ok "an archive sealed for the house" stager push "$work/pack/data.tar.zst.c4gh" --name sealedpack --policy "$work/plain.yaml"
same "the same shards" "$(shards "$(tail -n 1 "$work/out")")" "$(shards "$pack")"
head -c 30000 "$work/pack/data.tar.zst.c4gh" >"$work/other/data.tar.zst.c4gh"
refused 4 "one that was cut" "ile 1" "$work/other/data.tar.zst.c4gh" --name x --policy "$work/plain.yaml"

# --- tables and lists that nothing can be made of
small() {
	rm -rf "$work/small"
	mkdir "$work/small"
	printf 'patientnr;bsn;voornaam;achternaam;straat;plaats;geboortedatum;postcode;geslacht;opnamedatum;icd10;crp;beroep\n' >"$work/small/patients.csv"
	printf '%s;;a;b;c;d;;;M;01-02-2020;J15;1;\n' "$@" >>"$work/small/patients.csv"
	printf '{"patientnr": "%s", "datum": "2020-01-01", "specialisme": "INT", "tekst": "a"}\n' "$@" >"$work/small/letters.jsonl"
}
try() { stager push "$work/small" --name "$1" --policy "$work/plain.yaml"; }
small 1 2 3
rm "$work/small/patients.csv"
refused 3 "no table" "subject table: no file" "$work/small" --name x --policy "$work/plain.yaml"
small 1 2 3
mkdir "$work/small/b"
cp "$work/small/patients.csv" "$work/small/b"
refused 3 "a second table" "more than one file" "$work/small" --name x --policy "$work/anywhere.yaml"
small 1 2 3
sed -i '1s/patientnr/patient/' "$work/small/patients.csv"
refused 3 "a table without the key's column" "no column" "$work/small" --name x --policy "$work/plain.yaml"
small 1 2 3
: >"$work/small/patients.csv"
refused 3 "an empty table" "no header row" "$work/small" --name x --policy "$work/plain.yaml"
small 1 2 3
printf '4;"nooit dicht' >>"$work/small/patients.csv"
refused 3 "a quote that is never closed" "never closed" "$work/small" --name x --policy "$work/plain.yaml"
small 1 2 3
head -c 3000000 /dev/zero | tr '\0' 'a' >>"$work/small/patients.csv"
refused 3 "a field of 3 MB" "longer than it may be" "$work/small" --name x --policy "$work/plain.yaml"
small 1 2 0000002 3
ok "a key with two rows" try twice
same "both rows and both letters are held" "$(report "$(tail -n 1 "$work/out")" '{k: v["count"] for k, v in j["report"]["held"].items()}, j["report"]["subjects"]')" \
	"({'record:subject-repeated': 4}, {'linked': 4})"
small 1 12345678 Jansen ' ' 3
ok "keys that are none" try none
same "are held" "$(report "$(tail -n 1 "$work/out")" '{k: v["count"] for k, v in j["report"]["held"].items()}, j["report"]["subjects"]')" \
	"({'record:subject-key': 5, 'record:subject-missing': 1}, {'linked': 4})"
small 1 2 3
printf '4;;\303\251 \377\376;b;c;d;;;M;01-02-2020;J15;1;\n5;;a;b\n' >>"$work/small/patients.csv"
printf '{"patientnr": 4, "datum": "2020-01-01", "specialisme": "INT", "tekst": "a"}\n' >>"$work/small/letters.jsonl"
ok "rows of a bad encoding and of the wrong length" try bytes
same "are held, and so is the letter of such a row" "$(report "$(tail -n 1 "$work/out")" '{k: v["count"] for k, v in j["report"]["held"].items()}')" \
	"{'record:field-count': 1, 'record:not-utf8': 1, 'record:subject-unmatched': 1}"
small 1
/usr/bin/python3 -c 'print("1;;a;b;c;d;;;M;01-02-2020;J15;1;\n" * 2000000, end="")' >>"$work/small/patients.csv"
expect_status 6 "two million rows of one key" try million
same "are all held" "$(report "$(tail -n 1 "$work/out")" '{k: v["count"] for k, v in j["report"]["held"].items()}')" "{'record:subject-repeated': 2000002}"
small 1 2 3
printf '\357\273\277patientnr\r\n 2 \r\n\r\n' >"$work/list"
policy hold '[optout]' >"$work/list.yaml"
ok "a list with a mark, a header, spaces and empty lines" stager push "$work/small" --name list --policy "$work/list.yaml" --exclude optout="$work/list"
same "is read" "$(report "$(tail -n 1 "$work/out")" 'j["report"]["subjects"]')" "{'excluded': 2, 'linked': 4}"
printf '2\n3\nJansen\n' >"$work/list"
refused 3 "a list with a line that is no key" "exclusion list: line 3" "$work/small" --name x --policy "$work/list.yaml" --exclude optout="$work/list"
head -c 100000 /dev/zero | tr '\0' '1' >"$work/list"
refused 3 "a list with a long line" "exclusion list: line 1" "$work/small" --name x --policy "$work/list.yaml" --exclude optout="$work/list"
refused 3 "a list that is a folder" "not a file" "$work/small" --name x --policy "$work/list.yaml" --exclude optout="$work"

# --- a source that changes between the passes
small 1 2 3
/usr/bin/python3 -c 'import json, random
for i in range(400000): print(json.dumps({"patientnr": i % 3 + 1, "datum": "2020-01-01", "specialisme": "INT", "tekst": "x" * 50}))' >"$work/small/letters.jsonl"
change() {
	stager push "$work/small" --name changed --policy "$work/plain.yaml" >"$work/changed.out" 2>"$work/changed.err" &
	pusher=$!
	# The first pass is over once there is a scrub of the second, which has the letters to read then.
	until for child in $(cat /proc/$pusher/task/$pusher/children 2>/dev/null); do tr '\0' ' ' </proc/"$child"/cmdline; done | grep -q 'scrub unit'; do
		kill -0 $pusher 2>/dev/null || break
		sleep 0.01
	done
	"$@"
	wait $pusher
}
before=$(left)
expect_status 3 "a table that is written to between the passes" change sh -c 'echo "4;;a;b;c;d;;;M;01-02-2020;J15;1;" >>"$1"' sh "$work/small/patients.csv"
sed -i '$d' "$work/small/patients.csv"
expect_status 3 "a table that is replaced by its own copy" change sh -c 'cp -p "$1" "$1.new" && mv "$1.new" "$1"' sh "$work/small/patients.csv"
same "for that reason" "$(cut -d" " -f2- "$work/changed.err" | sed 's/[0-9]/N/')" "source file N: it changed while it was read"
[ "$(left)" = "$before" ] || fail "changed: something is left"
ok "verify" stager verify
finish
