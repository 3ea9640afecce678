#!/bin/sh
# Goal: each run shows that scrubbing works: planted values are gone, no shard holds a trace of them, and a scrubber that lets one through
# stops the push.
set -u
. "$STAGER_TESTS/flow/lib.sh"
policy=$top/deploy/policies/sample.yaml
data=$top/deploy/sample/data
ok "a house" make_house "$work/house"
house_vault=$STAGER_HOUSE/vault
ok "a push" stager push "$data" --name sample --policy "$policy"
stager report "$(tail -n 1 "$work/out")" --out "$work/report.json" --html "$work/report.html" >/dev/null
same "all that was planted was looked at" \
	"$(json "$work/report.json" '(lambda c: (c["planted"] > 0, c["planted"] == c["checked"]))(j["report"]["canaries"])')" "(True, True)"
same "what is sealed and counted has none of it" "$(json "$work/report.json" 'j["members"] == j["report"]["members"]["out"] == j["report"]["check"]["members"]')" True
ok "the page says so" grep -q "trial files themselves were dropped" "$work/report.html"

# The same input gives the same plaintext, though every run plants others.
digest() {
	stager-node keygen --out "$work/$1.key" --pub "$work/$1.pub" >/dev/null && accept "$2" >/dev/null 2>&1 &&
		stager request new "$2" --site lumi --job-key "$work/$1.pub" --requester ria@uni.example --out "$work/$1.json" >/dev/null || return 1
	for person in anna boris; do
		stager-sign --yes --key "$work/$person.key" "$work/$1.json" >"$work/approval" 2>/dev/null && stager approve "$work/approval" >/dev/null || return 1
	done
	stager-node cat --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request "$work/$1.json" --job-key "$work/$1.key" \
		--from "$STAGER_HOUSE/vault" --restart 1 2>/dev/null | sha256sum
}
one=$(digest one "$(stager list --json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["version-id"])')")
ok "the same under another name" stager push "$data" --name again --policy "$policy"
two=$(digest two "$(tail -n 1 "$work/out")")
[ -n "$one" ] && pass "the plaintext can be read" || fail "the plaintext can be read"
same "gives the same plaintext" "$two" "$one"

# --- a scrubber that finds nothing in text
mkdir "$work/bin"
cp "$STAGER_BUILD"/stager "$STAGER_BUILD"/stager-* "$work/bin/" 2>/dev/null
cp "$STAGER_BUILD/../../tests/scrub_blind" "$work/bin/stager-scrub"
mkdir "$work/letters"
echo "Een brief zonder iets." >"$work/letters/a.txt"
sed -e "s/notes\/\*.txt/'*.txt'/" "$policy" >"$work/letters.yaml"
before=$(ls "$house_vault" 2>/dev/null; stager list --json)
expect_status 4 "stops the push, though the data hold nothing" "$work/bin/stager" push "$work/letters" --name letters --policy "$work/letters.yaml"
grep -q "a planted value ([a-z]*) is still there after scrubbing" "$work/err" && pass "and says why" || fail "and says why" "$work/err"
same "nothing of it is kept" "$(ls "$house_vault" 2>/dev/null; stager list --json)" "$before"
expect_status 4 "a dry run, too" "$work/bin/stager" push "$work/letters" --name letters --policy "$work/letters.yaml" --dry-run
expect_status 0 "the true one passes it" stager push "$work/letters" --name letters --policy "$work/letters.yaml"
# What the policy keeps in text is no proof of a fault.
sed -e 's/^  default: tag.*/&\n  date: keep\n  location: keep/' "$work/letters.yaml" >"$work/keep.yaml"
echo "Op 12-03-1950 in 8890 BT." >"$work/letters/b.txt"
expect_status 0 "dates and places that the policy keeps stop nothing" stager push "$work/letters" --name keep --policy "$work/keep.yaml"

# --- every form that is read, and what is known of people
mkdir "$work/all"
printf 'nr;voornaam;straat;geboren;opname;vrij\n1234567;Jan;Dreef 1;01-01-1970;01-01-2020;rustig\n' >"$work/all/patients.csv"
cat >"$work/all.yaml" <<'YAML'
policy: 1
name: all
project: all
pseudonym: {domain: flow, key: 1}
subject:
  from: patients.csv
  key: {column: nr, pattern: '[0-9]{7}'}
  known: {person: [voornaam], number: [nr], address: [straat]}
  attributes:
    age: {from: geboren, at: 2020-01-01, bands: [0, 50]}
dates: {order: [dd-MM-yyyy], shift: {step: 7, max: 364}}
files:
  - {match: patients.csv, format: csv, csv: {delimiter: ';'}, subject: nr, columns: {nr: pseudonym, voornaam: drop, straat: blank, geboren: {attribute: age}, opname: shift, vrij: text}}
  - {match: '*.jsonl', format: jsonl, subject: $.nr, fields: {$.nr: {do: pseudonym, reference: Patient}, $.op: shift, $.geboren: {attribute: age}, $.tekst: text}}
  - {match: '*.json', format: json, subject: $.nr, fields: {$.nr: pseudonym, '$.a[*].b': text, $.d: year}}
  - {match: '*.tsv', format: tsv, subject: nr, columns: {nr: pseudonym, x: year}}
  - {match: '*.fix', format: fixed, fixed: {nr: [1, 9], x: [11, 60], y: [80, 12], z: [92, 400]}, subject: nr, columns: {nr: pseudonym, x: text, y: shift, z: text}}
  - {match: 'ct/**', format: dicom, subject: PatientID, tags: {PatientAge: {attribute: age}}}
  - {match: 'mr/**', format: dicom, modality: [MR], subject: PatientID, tags: {PatientName: blank}}
  - {match: '*.txt', format: text, subject: '{key}.txt'}
  - {match: '*.xml', format: xml, namespaces: {'': 'urn:hl7-org:v3', x: 'urn:x'}, subject: '$.brief.nr[@root=1.2.3].@extension', fields: {$.brief.nr: drop, '$.brief.nr[@root=1.2.3].@extension': pseudonym, '$.brief.nr[@root=1.2.3].@*': drop, $.brief.titel: text, $.brief.datum.@value: shift, $.brief.geboren.@value: {attribute: age}, $.brief.soort.@code: {keep: enum, values: [A]}, '$.brief.tekst.**': text, '$.brief.tekst.**.@*': drop, '$.brief.tekst.**.@x:titel': text, '$.brief.tekst.**.naam': drop, '$.brief.tekst.**.naam.deel': {keep: code, pattern: '[0-9]{9}'}}}
  - {match: '*.eml', format: eml, subject: '{key}.eml', headers: {From: pseudonym, To: drop, Subject: text, Date: shift, Message-ID: pseudonym}}
sets: {abroad: {hold: [NL], open: [lumi]}}
YAML
ok "a policy that reads every form" stager push "$work/all" --name all --policy "$work/all.yaml"
stager report "$(tail -n 1 "$work/out")" --out "$work/report.json" >/dev/null
same "has a trial of each, and each was looked at" "$(json "$work/report.json" 'j["report"]["canaries"]')" "{'checked': 10, 'planted': 10}"
cp "$STAGER_BUILD/../../tests/scrub_unlinked" "$work/bin/stager-scrub"
expect_status 4 "a scrubber that links no known person to a text stops the push" "$work/bin/stager" push "$work/all" --name unlinked --policy "$work/all.yaml"
grep -q "a planted value (known) is still there" "$work/err" && pass "and says why" || fail "and says why" "$work/err"
cp "$STAGER_BUILD/../../tests/scrub_blind" "$work/bin/stager-scrub"
for form in jsonl json fix txt eml xml; do
	awk -v form="'*.$form'" '/^  - / && !/patients.csv/ && index($0, form) == 0 { next } { print }' "$work/all.yaml" | sed 's/, vrij: text/, vrij: drop/' >"$work/one.yaml"
	expect_status 4 "one that is blind in text stops a push of *.$form" "$work/bin/stager" push "$work/all" --name "$form" --policy "$work/one.yaml"
done

# --- rules of compressed files: the planted file is compressed, too, and goes the same way
sed -e '/^  - /{/patients.csv/!d}' "$work/all.yaml" >"$work/packed.yaml"
sed -i '/^files:/a\
  - {match: "*.csv.gz", format: csv, subject: nr, columns: {nr: pseudonym, x: text}}\
  - {match: "*.tsv.GZ", format: tsv, subject: nr, columns: {nr: pseudonym, x: text}}\
  - {match: "*.jsonl.xz", format: jsonl, subject: $.nr, fields: {$.nr: pseudonym, $.tekst: text}}\
  - {match: "*.txt.zst", format: text, subject: "{key}.txt.zst"}\
  - {match: "*.eml.gz", format: eml, subject: "{key}.eml.gz", headers: {Subject: text}}\
  - {match: "*.xml.xz", format: xml, namespaces: {"": "urn:x"}, subject: $.brief.nr, fields: {$.brief.nr: drop, $.brief.titel: text}}\
  - {match: "*.fix.zst", format: fixed, fixed: {nr: [1, 9], x: [11, 600]}, subject: nr, columns: {nr: pseudonym, x: text}}\
  - {match: "beeld/*.gz", format: dicom, subject: PatientID}\
  - {match: "oud/*.gz", format: opaque, ext: gz, subject: none}' "$work/packed.yaml"
cp "$STAGER_BUILD/stager-scrub" "$work/bin/stager-scrub"
ok "a policy of compressed files" "$work/bin/stager" push "$work/all" --name packed --policy "$work/packed.yaml"
stager report "$(tail -n 1 "$work/out")" --out "$work/report.json" >/dev/null
same "has a trial of each, and each was looked at" "$(json "$work/report.json" 'j["report"]["canaries"]')" "{'checked': 9, 'planted': 9}"
cp "$STAGER_BUILD/../../tests/scrub_blind" "$work/bin/stager-scrub"
for form in csv.gz tsv.GZ jsonl.xz txt.zst eml.gz xml.xz fix.zst; do
	awk -v form="\"*.$form\"" '/^  - / && !/patients.csv/ && index($0, form) == 0 { next } { print }' "$work/packed.yaml" | sed 's/, vrij: text/, vrij: drop/' >"$work/one.yaml"
	expect_status 4 "one that is blind in text stops a push of *.$form" "$work/bin/stager" push "$work/all" --name blind --policy "$work/one.yaml"
done

# --- columns too narrow for any planted value: there is no trial of them, and no alarm
mkdir "$work/narrow"
echo '0000001Jansen  123' >"$work/narrow/a.fix"
cat >"$work/narrow.yaml" <<'YAML'
policy: 1
name: narrow
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '*.fix', format: fixed, fixed: {nr: [1, 7], naam: [8, 8], w: [16, 3]}, columns: {nr: pseudonym, naam: drop, w: {keep: number}}}
sets: {abroad: {hold: [NL], open: [lumi]}}
YAML
ok "columns too narrow for what is planted are pushed" stager push "$work/narrow" --name narrow --policy "$work/narrow.yaml"
ok "all of it proves" stager verify
finish
