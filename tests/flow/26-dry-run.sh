#!/bin/sh
# Goal: a dry run says what a push then does, to the number, and leaves nothing behind: no file, no row, no log entry.
set -u
. "$STAGER_TESTS/flow/lib.sh"
policy=$top/deploy/policies/sample.yaml
ok "a house" make_house "$work/house"
house=$work/house
cp -R "$top/deploy/sample/data" "$work/data"

# All that a house is: its files but the database's own, with their bytes, and every row.
state() {
	(cd "$house" && find . -type f ! -name 'ledger.db*' -exec sha256sum {} + | sort -k2 && find . -type d | sort) >"$1"
	# Whatever opens a house remembers the log's checkpoint that it saw; a dry run may be the first.
	sqlite3 "file:$house/ledger.db?mode=ro" .dump | grep -v "^INSERT INTO setting VALUES('checkpoint'" >>"$1"
}
state "$work/before"
expect_status 0 "a dry run" stager push "$work/data" --name sample --policy "$policy" --dry-run
grep -q '^Dry run of sample (umc-waterdam): nothing was sealed, kept or logged' "$work/out" && pass "says what it is" ||
	fail "says what it is" "$work/out"
for words in '^  held back unseen, the policy allows 0 files and 1% of the records$' '^  no review is asked for' \
	'^  set abroad: may be sent; held in NL, FI; opened at lumi$'; do
	grep -q -e "$words" "$work/out" && pass "and what follows: $words" || fail "and what follows: $words" "$work/out"
done
expect_status 0 "as JSON, with a page" stager push "$work/data" --name sample --policy "$policy" --dry-run --json --html "$work/dry.html"
cp "$work/out" "$work/dry.json"
ok "the page says that it is a trial" grep -q "Dit is een proef" "$work/dry.html"
not_ok "and not how to accept" grep -q "stager accept" "$work/dry.html"
same "no version" "$(json "$work/dry.json" 'j["type"], j["state"], "version-id" in j')" "('stager.dry-run.1', 'sealed', False)"
state "$work/after"
ok "the house is as it was" cmp "$work/before" "$work/after"
same "no list of it" "$(stager list --json)" "[]"
not_ok "nobody can sign it" stager-sign --yes --key "$work/anna.key" "$work/dry.json"

ok "the push itself" stager push "$work/data" --name sample --policy "$policy"
stager report "$(tail -n 1 "$work/out")" --out "$work/report.json" >/dev/null
same "comes to the same numbers" "$(json "$work/report.json" 'j["report"], j["members"], j["policy"], j["state"]')" \
	"$(json "$work/dry.json" 'j["report"], j["members"], j["policy"], j["state"]')"
state "$work/pushed"
not_ok "(that the house is as it was would be seen otherwise)" cmp -s "$work/before" "$work/pushed"

# --- what would be held, and what is refused
echo x >"$work/data/unknown.xyz"
state "$work/before"
expect_status 6 "a dry run of what would be held" stager push "$work/data" --name sample --policy "$policy" --dry-run
grep -q '^A push now would be HELD' "$work/out" && pass "says so" || fail "says so" "$work/out"
grep -q '^  it would be HELD: more files were held back' "$work/out" && pass "and for what" || fail "and for what" "$work/out"
same "for nothing else" "$(grep -c 'it would be HELD' "$work/out")" 1
# What the policy wants of people, of sets and of small groups is said before anything is sealed.
sed -e 's/^accept:.*/accept: {files: 2, records: 0.5%, review: {letters: 7, scans: 3, found: 1}}/' "$policy" >"$work/review.yaml"
expect_status 0 "a dry run under a policy that wants a review" stager push "$work/data" --name sample --policy "$work/review.yaml" --dry-run
for words in '2 files and 0.5% of the records$' 'looks, with .stager review., at 7 letters and 3 scans of each set$' 'may find something in 1;'; do
	grep -q -e "$words" "$work/out" && pass "it says: $words" || fail "it says: $words" "$work/out"
done
expect_status 0 "as JSON" stager push "$work/data" --name sample --policy "$work/review.yaml" --dry-run --json
same "the same" "$(json "$work/out" 'j["accept"]["review"], j["held-for"], j["sets"]["abroad"]["hold"]')" "({'found': 1, 'letters': 7, 'scans': 3}, [], ['NL', 'FI'])"
expect_status 0 "as a page" stager push "$work/data" --name sample --policy "$work/review.yaml" --dry-run --html "$work/follows.html"
same "which says what follows, in both languages" "$(grep -Eo 'What follows a push|Wat er na een push volgt|2 files and 0.50% of the records|7 brieven en 3 beelden' "$work/follows.html" | sort | tr '\n' ';')" \
	"2 files and 0.50% of the records;7 brieven en 3 beelden;Wat er na een push volgt;What follows a push;"
expect_status 6 "the same with a page" stager push "$work/data" --name sample --policy "$policy" --dry-run --html "$work/held.html"
same "is told beside it" "$(grep -c "would be HELD: .*held.html" "$work/err")" 1
printf 'PK\003\004 no archive' >"$work/data/broken.zip"
expect_status 3 "a broken archive is refused as in a push" stager push "$work/data" --name sample --policy "$policy" --dry-run --html "$work/none.html"
not_ok "and no page is made" test -e "$work/none.html"
expect_status 2 "--html without --dry-run" stager push "$work/data" --name sample --policy "$policy" --html "$work/none.html"
expect_status 3 "a policy that is none" stager push "$work/data" --name sample --policy "$work/anna.steward" --dry-run
state "$work/after"
ok "the house is as it was" cmp "$work/before" "$work/after"

# --- whose values they were: the policy's own words for columns and paths, and nothing of the data
rm "$work/data/unknown.xyz" "$work/data/broken.zip"
cp -R "$work/data" "$work/wrong"
awk -F';' -v OFS=';' 'NR >= 2 && NR <= 4 {$11 = "GEHEIM"} NR == 5 || NR == 6 {$12 = "GEHEIM"} NR == 7 {$12 = "9999"} {print}' \
	"$work/data/patients.csv" >"$work/wrong/patients.csv"
sed -e '1,4s/"specialisme": "[A-Z]*"/"specialisme": "GEHEIM"/' -e '5s/"icd10": "[^"]*"/"icd10": "GEHEIM"/' \
	"$work/data/letters.jsonl" >"$work/wrong/letters.jsonl"
dry_wrong() {
	expect_status 6 "$1" stager push "$work/wrong" --name wrong --policy "$2" --dry-run
	shift 2
	for words; do
		grep -q -e "$words" "$work/out" && pass "it says: $words" || fail "it says: $words" "$work/out"
	done
}
# (One more row, of the sample itself, has no number in crp.)
sed -e 's/^accept:.*/accept: {files: 0, records: 0}/' "$policy" >"$work/none.yaml"
dry_wrong "values that are not of their type" "$work/none.yaml" '^Held back for a value, by what the policy calls it$' \
	'^ *6  records of patients.csv: value-type in icd10 (3), crp (3)$' '^ *1  records of patients.csv: value-range in crp (1)$' \
	'^ *5  records of letters.jsonl: value-type in \$.specialisme (4), \$.codes\[\*\].icd10 (1)$'
not_ok "no value is told" grep -q GEHEIM "$work/out"
expect_status 6 "as JSON, with a page" stager push "$work/wrong" --name wrong --policy "$work/none.yaml" --dry-run --json --html "$work/wrong.html"
cp "$work/out" "$work/wrong.json"
same "by the places of rules and columns" "$(json "$work/wrong.json" 'sorted((k, *sorted(v.items())) for k, v in j["report"]["fields"].items())')" \
	"[('1:11', ('match', 'patients.csv'), ('name', 'icd10'), ('record:value-type', 3)), ('1:12', ('match', 'patients.csv'), ('name', 'crp'), ('record:value-range', 1), ('record:value-type', 3)), ('3:3', ('match', 'letters.jsonl'), ('name', '\$.specialisme'), ('record:value-type', 4)), ('3:6', ('match', 'letters.jsonl'), ('name', '\$.codes[*].icd10'), ('record:value-type', 1))]"
ok "the page has them" grep -q '<td>patients.csv</td><td>crp</td>' "$work/wrong.html"
ok "under what it calls them" grep -q 'Wat het was: kolom, pad, kop of kenmerk' "$work/wrong.html"
ok "in both languages" grep -q 'What it was: column, path, header or tag' "$work/wrong.html"
not_ok "no value is in it" grep -q GEHEIM "$work/wrong.html" "$work/wrong.json"
expect_status 6 "the push itself" stager push "$work/wrong" --name wrong --policy "$work/none.yaml"
wrong=$(tail -n 1 "$work/out")
stager report "$wrong" --out "$work/wrong-pushed.json" >/dev/null
same "tells the same" "$(json "$work/wrong-pushed.json" 'j["report"]["fields"]')" "$(json "$work/wrong.json" 'j["report"]["fields"]')"
stager report "$wrong" >"$work/out"
grep -q 'records of patients.csv: value-type in ' "$work/out" && pass "as text, too" || fail "as text, too" "$work/out"
accept "$wrong" >/dev/null
ok "what a steward signs for, and verify makes again" stager verify

# Of XML it is the file that is held.
mkdir "$work/xml"
echo '<l><d>12</d></l>' >"$work/xml/good.xml"
echo '<l><d>GEHEIM</d></l>' >"$work/xml/bad.xml"
cat >"$work/xml.yaml" <<'YAML'
policy: 1
name: xml
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '*.xml', format: xml, fields: {$.l.e: drop, $.l.d: {keep: number}}}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
YAML
expect_status 6 "a dry run of XML" stager push "$work/xml" --name xml --policy "$work/xml.yaml" --dry-run
grep -q '^ *1  files of \*.xml: value-type in \$.l.d (1)$' "$work/out" && pass "says by which path" || fail "says by which path" "$work/out"

# Of DICOM it is a tag, of mail a header.
printf 'Q;x;*\n' >"$work/sex.csv"
sed -e "s/^    modality: \[CT\]/&\n    tags: {PatientSex: {hierarchy: sex.csv, level: 1}}/" "$policy" >"$work/tags.yaml"
cp -R "$top/deploy/sample/data" "$work/tagged"
expect_status 6 "a dry run of DICOM" stager push "$work/tagged" --name tags --policy "$work/tags.yaml" --dry-run
grep -q '^ *8  files of dicom/\*\*: value-unlisted in (0010,0040) (8)$' "$work/out" && pass "says by which tag" || fail "says by which tag" "$work/out"
mkdir "$work/mail"
printf 'Subject: x\nDate: GEHEIM\nTo: a@b.nl\n\nx\n' >"$work/mail/1.eml"
printf 'Subject: x\nTo: GEHEIM (\n\nx\n' >"$work/mail/2.eml"
printf 'Subject: x\nTo: a@b.nl\n\nx\0\n' >"$work/mail/3.eml"
cat >"$work/mail.yaml" <<'YAML'
policy: 1
name: mail
project: flow
pseudonym: {domain: research, key: 1}
dates: {order: [dd-MM-yyyy]}
files: [{match: '*.eml', format: eml, headers: {Subject: text, To: pseudonym, Date: year}}]
sets: {abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}}
YAML
expect_status 6 "a dry run of mail" stager push "$work/mail" --name mail --policy "$work/mail.yaml" --dry-run
same "says by which header" "$(grep -o 'files of \*.eml: .*' "$work/out" | sort | tr '\n' ';')" "files of *.eml: date-form in Date (1);files of *.eml: mail-address in To (1);"
not_ok "and no value" grep -q GEHEIM "$work/out"

# --- sealed sources are opened for it, too
ok "the key that sources are sealed for" stager ingest-key --out "$work/house.pub"
mkdir "$work/inbox"
stager crypt4gh encrypt --recipient_pk "$work/house.pub" <"$work/data/letters.jsonl" >"$work/inbox/letters.jsonl.c4gh"
expect_status 0 "a dry run of a sealed source" stager push "$work/inbox" --name inbox --policy "$policy" --dry-run --json
same "its records were read" "$(json "$work/out" 'j["report"]["records"]["passed"], j["report"]["sealed"]')" "(24, {'order-proven': 1})"
finish
