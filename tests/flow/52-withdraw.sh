#!/bin/sh
# Goal: a withdrawn person is gone from the new version, in table, records, letters, films and scans, and only the shards that held
# something of theirs changed: all else is the same file. The old version opens nowhere any more, its requests are ended, a later push
# of the same source does not bring them back. Lists with keys that nobody has, that are empty, that were withdrawn before, or
# that hold everybody; a version that is being sent; policies that cannot tell whose a record is.
set -u
. "$STAGER_TESTS/flow/lib.sh"

# policy [PAD [COLUMN-ACTION [LETTERS]]]: for data as tests/bench/make_ct.py makes them
policy() {
	cat <<YAML
policy: 1
name: withdraw
project: flow
pseudonym: {domain: research, key: 1}
subject:
  from: patients.csv
  key: {column: patientnr, pattern: '[0-9]{1,7}', pad: ${1:-7}}
  unmatched: drop
dates: {order: [dd-MM-yyyy, yyyy-MM-dd]}
files:
  - match: patients.csv
    format: csv
    csv: {delimiter: ';', decimal: ','}
    columns: {patientnr: ${2:-pseudonym}, bsn: drop, voornaam: drop, achternaam: drop, straat: drop, plaats: drop, geboortedatum: drop,
      postcode: drop, geslacht: {keep: enum, values: [M, V]}, opnamedatum: year, icd10: {keep: code, pattern: '[A-Z][0-9]{2}(\.[0-9])?'},
      crp: {keep: number}, beroep: drop}
  - match: '*.jsonl'
    format: jsonl
    sample: ${3:-record}
    subject: \$.patientnr
    fields: {\$.patientnr: pseudonym, \$.datum: year, \$.specialisme: {keep: enum, values: [INT, LON, RAD]}, \$.tekst: text}
  - {match: 'dicom/**', format: dicom, subject: PatientID}
  - {match: 'brieven/**', format: text, subject: 'brieven/{key}_*.txt'}
  - {match: 'films/**', format: opaque, ext: bin, subject: 'films/{key}.bin'}
  - {match: 'protocol.txt', format: text, subject: none}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
}
sql() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "$1"; }
left() {
	find "$STAGER_HOUSE/vault" "$STAGER_HOUSE/staging" -mindepth 1 ! -name '*.lock' | sort
	for table in version shard shard_set withdrawal; do sql "SELECT count(*) FROM $table"; done
	sql "SELECT id, state FROM version"
}
# refused STATUS WHAT FRAGMENT WITHDRAW-ARGUMENTS...: says so, and nothing changes
refused() {
	want=$1
	what=$2
	why=$3
	shift 3
	before=$(left)
	expect_status "$want" "$what is refused" stager withdraw "$@"
	if grep -q "$why" "$work/err"; then pass "$what: $(tail -n 1 "$work/err" | cut -c1-160)"; else fail "$what: wanted '$why'" "$work/err"; fi
	[ "$(left)" = "$before" ] || fail "$what: something changed"
}
# Entries of a type: how many, of how many lists, how long the commitment to one is;
openings() { sql "SELECT count(*), count(DISTINCT json_extract(json, '$.list')), max(length(json_extract(json, '$.list'))) FROM opening WHERE type = '$1' AND place IS NOT NULL AND about = '$first'" | tr '|' ' '; }
withdraw() { stager withdraw "$@" --yes --json; }
got() { json "$work/out" "$1"; }
unpacked() { release "$1" "$2.tar" && mkdir "$2" && tar -xif "$2.tar" -C "$2"; }
report() { stager report "$1" --json >"$work/report" && json "$work/report" "$2"; }

ok "a house" make_house "$work/house"
policy >"$work/policy.yaml"
ok "the policy is read" stager policy check "$work/policy.yaml"
/usr/bin/python3 "$STAGER_TESTS/bench/make_ct.py" "$work/data" --patients 60 || exit 1
mkdir "$work/data/films" "$work/data/brieven"
# Films of 300 kB, so that there are some thirty shards; one person has one, a letter, and a marker in each.
/usr/bin/python3 - "$work/data" <<'PY'
import csv, hashlib, sys
top = sys.argv[1]
keys = [row["patientnr"] for row in csv.DictReader(open(top + "/patients.csv"), delimiter=";")]
out, every = keys[17], keys
for i, key in enumerate(keys):
    block = b"".join(hashlib.sha512(b"%d %d" % (i, k)).digest() for k in range(4700))
    with open("%s/films/%s.bin" % (top, key), "wb") as f:
        f.write((b"MERKTEKEN-FILM" if key == out else b"-") + block)
with open("%s/brieven/%s_2022.txt" % (top, out), "w") as f: f.write("MERKTEKEN-BRIEF alles rustig.\n")
with open("%s/brieven/%s_2023.txt" % (top, keys[3]), "w") as f: f.write("Alles rustig.\n")
with open(top + "/protocol.txt", "w") as f: f.write("Iedereen om acht uur.\n")
open(top + ".out", "w").write("%d\n" % int(out))
open(top + ".keys", "w").write("\n".join(keys) + "\n")
PY
ok "the data are pushed" stager push "$work/data" --name ct --policy "$work/policy.yaml"
first=$(tail -n 1 "$work/out")
ok "it is opened" unpacked "$first" "$work/first"
request=$(sql "SELECT id FROM request WHERE version = '$first'")
shards=$(sql "SELECT shards FROM shard_set WHERE version = '$first'")
[ "$shards" -ge 10 ] && pass "it has $shards shards" || fail "it has only $shards shards"
who=$(dirname "$(grep -rl MERKTEKEN-FILM "$work/first")")
who=${who##*/}
same "the markers are where they should be" "$(grep -rlc MERKTEKEN "$work/first" | wc -l)" 2
theirs=$(find "$work/first/$who" -type f | wc -l)
(cd "$STAGER_HOUSE/vault/$first/abroad" && sha256sum shard-*.body shard-*.sums) >"$work/first.sums"
cp -r "$STAGER_HOUSE/vault/$first" "$work/kept"

# --- what is refused
refused 2 "a receipt of nothing" "goes with --yes" ct --subjects "$work/data.out" --receipt "$work/none"
refused 2 "without a list" "subjects" ct --yes
: >"$work/list"
refused 3 "an empty list" "empty" ct --subjects "$work/list" --yes
printf 'patientnr\n\n' >"$work/list"
refused 3 "a list of no key" "empty" ct --subjects "$work/list" --yes
cat "$work/data.out" >"$work/list"
printf '9999999\n0000123\nJansen\n' >>"$work/list"
refused 3 "a line that is no key" "line 4 has not the form" ct --subjects "$work/list" --yes
sed -i '$d' "$work/list"
refused 3 "keys that nobody has" "line 2, 3: nobody" ct --subjects "$work/list" --yes
grep -q 9999999 "$work/err" && fail "a key is told" "$work/err"
same "the log has that it was looked at, with the list's commitment" "$(openings withdraw-begin)" "1 1 64"
refused 3 "keys that nobody has, without --yes" "line 2, 3: nobody" ct --subjects "$work/list"
refused 2 "an unknown dataset" "no dataset" other --subjects "$work/data.out" --yes
refused 2 "another holder's" "no dataset" ct --subjects "$work/data.out" --holder nobody --yes
refused 1 "a list that is not there" "open" ct --subjects "$work/none" --yes
refused 3 "a list that is a folder" "not a file" ct --subjects "$work" --yes

# --- nothing is opened before the log has its entry
mkdir "$work/bin"
for program in "$STAGER_BUILD"/stager*; do [ -f "$program" ] && ln -s "$program" "$work/bin/"; done
rm "$work/bin/stager" "$work/bin/stager-open" "$work/bin/stager-log"
cp "$STAGER_BUILD/stager" "$work/bin/stager"
printf '#!/bin/sh\necho "opened $1" >>%s/opened\nexec %s/stager-open "$@"\n' "$work" "$STAGER_BUILD" >"$work/bin/stager-open"
printf '#!/bin/sh\nexit 1\n' >"$work/bin/stager-log"
chmod +x "$work/bin/stager-open" "$work/bin/stager-log"
opened() { grep -c '^opened $' "$work/opened" 2>/dev/null; }
before=$(openings withdraw-begin)
not_ok "a log that takes no entry" "$work/bin/stager" withdraw ct --subjects "$work/list" --yes
same "nothing was opened" "$(opened)" 0
same "and there is no entry" "$(openings withdraw-begin)" "$before"
ln -sf "$STAGER_BUILD/stager-log" "$work/bin/stager-log"
expect_status 3 "one that does" "$work/bin/stager" withdraw ct --subjects "$work/list" --yes
[ "$(opened)" -ge 1 ] && pass "it was opened" || fail "it was not opened" "$work/opened"
same "with an entry more" "$(openings withdraw-begin)" "3 3 64"
ok "verify" stager verify

# --- without --yes it is shown what would go, and nothing goes
refused 6 "without --yes" "nothing was done.*--yes does it" ct --subjects "$work/data.out"
cp "$work/out" "$work/shown"
ok "it says what would go" grep -q "^version 1 $first, ACCEPTED: $shards shards" "$work/shown"
ok "with the request" grep -qx "  request $request ends" "$work/shown"
ok "and what is made" grep -q "without $theirs member(s) and 1 record(s) of 1 key(s)" "$work/shown"
same "the log has that it was looked at" "$(openings withdraw-begin)" "4 4 64"
refused 6 "the same for a program" "nothing was done" ct --subjects "$work/data.out" --json
cp "$work/out" "$work/shown"
same "as many members as are theirs, and a row of the table" "$(json "$work/shown" '[j[k] for k in ("members-removed", "records-removed", "done", "versions-withdrawn")]')" "[$theirs, 1, False, 0]"
same "what goes" "$(json "$work/shown" '[(v["version-id"], v["shards"], v["requests"], v["copies"]) for v in j["versions"]]')" "[('$first', $shards, ['$request'], [])]"
refused 6 "only ending the version, without --yes" "nothing was done" ct --subjects "$work/data.out" --no-new-version
same "opens nothing" "$(openings withdraw-begin)" "5 5 64"
ok "verify" stager verify

# --- one person
ok "one person withdraws" withdraw ct --subjects "$work/data.out" --receipt "$work/receipt"
second=$(got 'j["version-id"]')
touched=$(got 'j["shards-changed"]')
same "one version is withdrawn, one request ended" "$(got '[j[k] for k in ("versions-withdrawn", "requests-ended", "unknown", "state")]')" "[1, 1, 0, 'LOGGED']"
same "as many members went as were theirs, and a row of the table" "$(got '[j[k] for k in ("members-removed", "records-removed")]')" "[$theirs, 1]"
grep -q "cannot be recalled" "$work/err" && pass "it says what cannot be recalled" || fail "it does not say what cannot be recalled" "$work/err"
same "states" "$(sql "SELECT state FROM version ORDER BY number" | tr '\n' ' ')" "WITHDRAWN LOGGED "
same "the log: looked at, who, withdrawn, of one list" "$(sql "SELECT group_concat(type, ' ') FROM (SELECT type FROM opening WHERE coalesce(json_extract(json, '$.list'),
	json_extract(json, '$.commitment')) = (SELECT json_extract(json, '$.list') FROM opening WHERE type = 'withdraw') ORDER BY place)")" "withdraw-begin withdraw-list withdraw"
(cd "$STAGER_HOUSE/vault/$second/abroad" && sha256sum shard-*.body shard-*.sums) >"$work/second.sums"
same "all but $touched shards are byte for byte the same" \
	"$(sort "$work/first.sums" "$work/second.sums" | cut -d' ' -f1 | sort | uniq -d | wc -l)" "$((2 * (shards - touched)))"
same "as was shown before" "$(json "$work/shown" 'j["shards-changed"]')" "$touched"
[ "$touched" -lt $((shards / 2)) ] && pass "$touched of $shards shards changed" || fail "$touched of $shards shards changed"
[ -d "$STAGER_HOUSE/vault/$first" ] && fail "the old version's bodies are still there" || pass "the old version's bodies are gone"
same "and its keys" "$(sql "SELECT count(*) FROM shard WHERE version = '$first'")" 0
ok "verify" stager verify
ok "the new version is opened" unpacked "$second" "$work/second"
grep -rqa -e "$who" -e MERKTEKEN "$work/second" "$work/second.tar" && fail "something of theirs is still there" || pass "nothing of theirs is in it"
same "nothing but theirs is missing" "$(cd "$work/first" && find . -type f ! -path "./$who/*" | sort)" "$(cd "$work/second" && find . -type f | sort)"
same "and all but the table is the same" "$(diff -rq "$work/first" "$work/second" | grep -vc -e "Only in $work/first: $who" -e '\.csv ')" 0
same "the table lacks one row" "$(cat "$work/first"/x/*.csv | grep -vc "$who")" "$(cat "$work/second"/x/*.csv | wc -l)"
# The index that a node lists names what is there, at its place.
asked() {
	stager request new "$second" --site lumi --job-key "$work/$second.pub" --requester ria@uni.example --out "$work/again" || return 1
	for person in anna boris; do
		stager-sign --yes --key "$work/$person.key" "$work/again" >"$work/again.approval" && stager approve "$work/again.approval" || return 1
	done
}
ok "another request" asked
ok "its index is listed" stager-node list --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request "$work/again" \
	--job-key "$work/$second.key" --from "$STAGER_HOUSE/vault"
same "as many members as there are" "$(wc -l <"$work/out")" "$(find "$work/second" -type f | wc -l)"
same "the report says so" "$(report "$second" 'j["report"]["withdrawn"]')" "{'members': $theirs, 'records': 1, 'shards': $touched, 'subjects': 1}"
same "its predecessor is the withdrawn one" "$(sql "SELECT predecessor = (SELECT digest FROM version WHERE id = '$first') FROM version WHERE id = '$second'")" 1

# --- the old one opens nowhere
expect_status 3 "its request is over" stager-node cat --restart 1 --house 'stager release' --pin "$STAGER_HOUSE/house.json" \
	--request "$work/$first.request" --job-key "$work/$first.key" --from "$work/kept"
expect_status 3 "nobody can ask for it" stager request new "$first" --site lumi --job-key "$work/$first.pub" --requester ria@uni.example
expect_status 3 "nor approve what was asked" stager approve "$work/anna.approval"
stager report "$first" --out "$work/old.json" --html "$work/old.html" >/dev/null 2>"$work/err"
same "its report says that it is over" "$(cat "$work/err")" "stager: version $first is WITHDRAWN: nothing of it is released any more (stager list names later versions)"
same "in the table, too" "$(stager report "$first" | grep -c '^WITHDRAWN: nothing of it is released')" 1
same "and on the page, which tells nobody to accept it" "$(grep -Ec 'TERUGGETROKKEN: van|WITHDRAWN: nothing' "$work/old.html") $(grep -c 'stager accept' "$work/old.html")" "2 0"
stager-sign --yes --key "$work/anna.key" "$work/old.json" >"$work/old.env" 2>/dev/null
expect_status 3 "nor accept it" stager accept "$work/old.env"
same "the request is cancelled" "$(sql "SELECT state FROM request WHERE id = '$request'")" CANCELLED
mkdir "$work/far"
ok "an endpoint" stager endpoint add far --url "dir:$work/far" --country FI --site lumi
expect_status 3 "nor send it" stager send "$first" --to far

# --- again, and pushed again
ok "withdrawn twice" withdraw ct --subjects "$work/data.out"
same "is the same version" "$(got '[j["version-id"], j["existed"], j["versions-withdrawn"]]')" "['$second', True, 0]"
ok "withdrawn from the old one" withdraw "$first" --subjects "$work/data.out"
same "is the same version" "$(got '[j["version-id"], j["existed"]]')" "['$second', True]"
ok "the same source again" stager push "$work/data" --name ct --policy "$work/policy.yaml" --json
same "gives the version without them" "$(json "$work/out" '[j["version-id"], j["existed"]]')" "['$second', True]"
echo 'Iedereen om negen uur.' >"$work/data/protocol.txt"
ok "a changed source" stager push "$work/data" --name ct --policy "$work/policy.yaml"
third=$(tail -n 1 "$work/out")
ok "is opened" unpacked "$third" "$work/third"
grep -rqa -e "$who" -e MERKTEKEN "$work/third" && fail "a later push brought them back" || pass "a later push does not bring them back"
same "they count as excluded" "$(report "$third" 'j["report"]["subjects"]["excluded"] > 3')" True
same "the log says how many were left out so" "$(sql "SELECT json FROM opening WHERE type = 'gather' AND about = '$third'" >"$work/gather"; json "$work/gather" 'j["withdrawn"]')" 1
expect_status 0 "a dry run leaves them out, too" stager push "$work/data" --name ct --policy "$work/policy.yaml" --dry-run --json
same "and counts them" "$(json "$work/out" 'j["report"]["subjects"]["excluded"] > 3')" True
policy 6 >"$work/other.yaml"
expect_status 3 "a policy whose keys have another form" stager push "$work/data" --name ct --policy "$work/other.yaml"
grep -q "another form" "$work/err" && pass "for that reason" || fail "the reason" "$work/err"
sed '/^subject:/,/unmatched/d; s/subject: .{key}[^}]*//' "$top/deploy/policies/sample.yaml" >"$work/plain.yaml"
expect_status 3 "a policy without subjects" stager push "$top/deploy/sample/data" --name ct --policy "$top/deploy/policies/sample.yaml"
grep -q "no .subject." "$work/err" && pass "for that reason" || fail "the reason" "$work/err"
same "no key, no pseudonym of theirs in the ledger" "$(strings -a "$STAGER_HOUSE"/ledger.db* | grep -c -e "$who" -e "^$(cat "$work/data.out")\$")" 0

# --- unknown ones, taken all the same; several at once; by name: of all living versions
printf '%s\n' 0000001 >"$work/list"
head -n 3 "$work/data.keys" >>"$work/list"
sort -u "$work/data.keys" | grep -qx 0000001 && fail "the unknown key is known"
ok "three more, and one who is unknown" withdraw ct --subjects "$work/list" --unknown
fourth=$(got 'j["version-id"]')
same "both living versions go" "$(got '[j["versions-withdrawn"], j["unknown"], j["unknown-lines"]]')" "[2, 1, [1]]"
same "states" "$(sql "SELECT state FROM version ORDER BY number" | tr '\n' ' ')" "WITHDRAWN WITHDRAWN WITHDRAWN LOGGED "
ok "verify" stager verify
same "who was unknown is known now" "$(withdraw ct --subjects "$work/list" >"$work/out" 2>"$work/err"; got '[j["version-id"], j["existed"], j["unknown"]]')" "['$fourth', True, 0]"

# --- while it is sent
ok "it is accepted" accept "$fourth"
ok "it is sent" stager send "$fourth" --to far
stager send "$fourth" --to far --check --deep --max-rate 200000 >"$work/log" 2>&1 &
sender=$!
sleep 0.5
sed -n 20p "$work/data.keys" >"$work/list"
refused 5 "while a sender is at work" "sender is at work" ct --subjects "$work/list" --yes
kill "$sender"
wait "$sender"
ok "afterwards" withdraw ct --subjects "$work/list"
fifth=$(got 'j["version-id"]')
same "nothing of it is left where it was sent" "$(find "$work/far" -type f | wc -l)" 0
same "which is told" "$(got '[len(j["removed-from"]), j["held-at"]]')" "[1, []]"
same "the shards of the sent version that nothing changed in are shared" \
	"$(find "$STAGER_HOUSE/vault/$fifth" -name 'shard-*.body' -links 1 | wc -l)" "$(sql "SELECT shards FROM shard_set WHERE version = '$fifth'")"

# --- versions side by side share what they have; either goes without the other
echo 'Iedereen om tien uur.' >"$work/data/protocol.txt"
ok "a version beside it" stager push "$work/data" --name ct --policy "$work/policy.yaml"
sixth=$(tail -n 1 "$work/out")
sed -n 21p "$work/data.keys" >"$work/list"
ok "of one version alone" withdraw "$fifth" --subjects "$work/list"
seventh=$(got 'j["version-id"]')
same "the other is left, which is said" "$(got '[j["versions-withdrawn"], j["versions-left"]]')" "[1, 1]"
same "and lives" "$(sql "SELECT state FROM version WHERE id = '$sixth'")" LOGGED
ok "the other is rejected" stager reject "$sixth"
ok "verify" stager verify
ok "the one is opened" unpacked "$seventh" "$work/seventh"

# --- everybody
mv "$work/data.keys" "$work/list"
ok "everybody withdraws" withdraw ct --subjects "$work/list"
same "what is left is nobody's" "$(got '[j["state"], j["members-removed"] > 50]')" "['LOGGED', True]"
last=$(got 'j["version-id"]')
ok "it is opened" unpacked "$last" "$work/last"
same "it is the protocol" "$(cd "$work/last" && find . -type f | wc -l)" 1
mkdir "$work/small"
printf 'patientnr;bsn;voornaam;achternaam;straat;plaats;geboortedatum;postcode;geslacht;opnamedatum;icd10;crp;beroep\n1;;a;b;c;d;;;M;01-02-2020;J15;1;\n' >"$work/small/patients.csv"
ok "a dataset of one person" stager push "$work/small" --name small --policy "$work/policy.yaml"
echo 1 >"$work/list"
ok "who withdraws" withdraw small --subjects "$work/list"
same "leaves nothing" "$(got '[j["version-id"], j["versions-withdrawn"]]')" "[None, 1]"
refused 3 "again" "nothing could be withdrawn\|anything could be withdrawn" small --subjects "$work/list" --yes
expect_status 6 "pushed again" stager push "$work/small" --name small --policy "$work/policy.yaml"

# --- records in parts, in other encodings
mkdir "$work/parts"
/usr/bin/python3 - "$work/parts" <<'PY'
import json, sys
top = sys.argv[1]
head = "patientnr;bsn;voornaam;achternaam;straat;plaats;geboortedatum;postcode;geslacht;opnamedatum;icd10;crp;beroep\n"
rows = "".join("%d;;José;b;c;d;;;M;01-02-2020;J15;%d;\n" % (i, i % 7) for i in range(1, 4000))
open(top + "/patients.csv", "w", encoding="utf-16").write(head + rows)
for name, coding in (("a", "utf-8"), ("b", "windows-1252"), ("c", "utf-16")):
    with open("%s/%s.jsonl" % (top, name), "w", encoding=coding, newline="\n") as f:
        for i in range(1, 4000):
            f.write(json.dumps({"patientnr": i, "datum": "2020-01-01", "specialisme": "INT", "tekst": "café \"%d\"" % (i % 5)}, ensure_ascii=False) + "\n")
PY
policy 7 pseudonym file >"$work/parts.yaml"
ok "records in parts" stager push "$work/parts" --name parts --policy "$work/parts.yaml"
parts=$(tail -n 1 "$work/out")
ok "are opened" unpacked "$parts" "$work/parts.a"
printf '7\n0003999\n' >"$work/list"
ok "two of them withdraw" withdraw parts --subjects "$work/list"
same "eight records" "$(got '[j["members-removed"], j["records-removed"]]')" "[0, 8]"
ok "are opened" unpacked "$(got 'j["version-id"]')" "$work/parts.b"
cat >"$work/parts.py" <<'PY'
import os, sys
def lines(path):
    data = open(path, "rb").read()
    return (data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.decode("utf-8" if path.endswith("utf8") else "windows-1252")).splitlines(True)
gone = 0
for name in sorted(os.listdir(sys.argv[1] + "/x")):
    a, b = lines(sys.argv[1] + "/x/" + name), lines(sys.argv[2] + "/x/" + name)
    left = [line for line in a if line in set(b)]
    if left != b: sys.exit("%s: not the same lines in the same order" % name)
    gone += len(a) - len(b)
print(gone)
PY
same "in every encoding, and nothing else" "$(/usr/bin/python3 "$work/parts.py" "$work/parts.a" "$work/parts.b" 2>&1)" 8

# --- two sets, one of which stays in the country, and shards that samples were shuffled over
mkdir -p "$work/two/films" "$work/two/brieven"
cat >"$work/two.yaml" <<'YAML'
policy: 1
name: two
project: flow
pseudonym: {domain: research, key: 1}
subject: {from: patients.csv, key: {column: nr, pattern: '[0-9]{1,4}', pad: 4}}
files:
  - {match: patients.csv, format: csv, columns: {nr: pseudonym, kleur: {keep: enum, values: [rood]}, wijk: {keep: code, pattern: '[a-z]+', set: domestic}}}
  - {match: 'films/**', format: opaque, ext: bin, subject: 'films/{key}.bin'}
  - {match: 'brieven/**', format: text, subject: 'brieven/{key}.txt', set: domestic}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
  domestic: {hold: [NL], open: [lumi], evidence: none, results: none}
shards: {size: 1MiB, order: shuffled}
YAML
/usr/bin/python3 - "$work/two" <<'PY'
import hashlib, sys
with open(sys.argv[1] + "/patients.csv", "w") as f: f.write("nr,kleur,wijk\n" + "".join("%d,rood,noord\n" % i for i in range(1, 31)))
for i in range(1, 31):
    with open("%s/films/%04d.bin" % (sys.argv[1], i), "wb") as f: f.write(b"".join(hashlib.sha512(b"%d %d" % (i, k)).digest() for k in range(6000)))
    with open("%s/brieven/%04d.txt" % (sys.argv[1], i), "w") as f: f.write("Alles rustig.\n" * 9000)
PY
ok "two sets" stager push "$work/two" --name two --policy "$work/two.yaml"
two=$(tail -n 1 "$work/out")
all=$(sql "SELECT sum(shards) FROM shard_set WHERE version = '$two'")
(cd "$STAGER_HOUSE/vault/$two" && sha256sum ./*/shard-*.body) >"$work/first.sums"
echo 17 >"$work/list"
ok "one of thirty withdraws" withdraw two --subjects "$work/list"
changed=$(got 'j["shards-changed"]')
same "a film, a letter, and a row in each set" "$(got '[j["members-removed"], j["records-removed"]]')" "[2, 2]"
(cd "$STAGER_HOUSE/vault/$(got 'j["version-id"]')" && sha256sum ./*/shard-*.body) >"$work/second.sums"
same "of $all shards of both sets $changed changed" "$(sort "$work/first.sums" "$work/second.sums" | cut -d' ' -f1 | uniq -d | wc -l)" $((all - changed))
ok "a few of them" test "$changed" -le 4 -a "$all" -ge 12
ok "verify" stager verify

# --- a group may become too small by it: a steward looks
sed 's/^dates:.*/dates: {order: [dd-MM-yyyy, yyyy-MM-dd]}\ndisclosure: {quasi: [sex], k: 3, below: {then: blank, max: 100%}, min_cell: 2}/; s/unmatched: drop/unmatched: drop\n  attributes: {sex: {from: geslacht, map: {M: M, V: F}, other: blank}}/; s/geslacht: {keep: enum, values: \[M, V\]}/geslacht: {attribute: sex}/' \
	"$work/policy.yaml" >"$work/groups.yaml"
rm -rf "$work/groups"
mkdir "$work/groups"
/usr/bin/python3 - "$work/groups" <<'PY'
import sys
head = "patientnr;bsn;voornaam;achternaam;straat;plaats;geboortedatum;postcode;geslacht;opnamedatum;icd10;crp;beroep\n"
rows = "".join("%d;;J;b;c;d;;;%s;01-02-2020;J15;1;\n" % (i, "M" if i < 6 else "V") for i in range(1, 12))
open(sys.argv[1] + "/patients.csv", "w").write(head + rows)
PY
ok "groups of five and six" stager push "$work/groups" --name groups --policy "$work/groups.yaml"
printf '1\n2\n' >"$work/list"
ok "two of them may go" withdraw groups --subjects "$work/list"
same "and it is no less than three" "$(got 'j["state"]')" LOGGED
echo 7 >"$work/list"
expect_status 6 "a third one makes a steward look" withdraw groups --subjects "$work/list"
held=$(got 'j["version-id"]')
same "for it is HELD" "$(got 'j["state"]')" HELD
same "as the report says, in multiples of min_cell" "$(report "$held" '[j["report"]["disclosure"]["held"], j["report"]["withdrawn"]["subjects"]]')" "[1, 4]"
same "and why" "$(stager report "$held" | grep -c "^HELD: people were taken out")" 1
ok "verify" stager verify
ok "a steward accepts it" accept "$held"
ok "and it is opened" release "$held" "$work/held.tar"

# --- whose it is cannot be told
policy 7 drop >"$work/drop.yaml"
ok "a table without pseudonyms" stager push "$work/small" --name dropped --policy "$work/drop.yaml"
dropped=$(tail -n 1 "$work/out")
echo 1 >"$work/list"
refused 3 "whose rows nobody can tell apart" "keeps no pseudonym" dropped --subjects "$work/list" --yes
ok "the version alone is withdrawn" withdraw dropped --subjects "$work/list" --no-new-version
same "it is" "$(sql "SELECT state FROM version WHERE id = '$dropped'")" WITHDRAWN
expect_status 6 "and a push leaves them out" stager push "$work/small" --name dropped --policy "$work/drop.yaml"
ok "a policy without subjects" stager push "$top/deploy/sample/data" --name sample --policy "$top/deploy/policies/sample.yaml"
refused 3 "withdrawing from it" "no .subject." sample --subjects "$work/list" --yes

# --- damage
small2() {
	rm -rf "$work/small"
	mkdir "$work/small"
	cp "$work/parts/patients.csv" "$work/small"
}
small2
ok "another one" stager push "$work/small" --name damaged --policy "$work/policy.yaml"
damaged=$(tail -n 1 "$work/out")
echo 5 >"$work/list"
cp "$STAGER_HOUSE/vault/$damaged/abroad/shard-00000.body" "$work/body"
printf 'x' | dd of="$STAGER_HOUSE/vault/$damaged/abroad/shard-00000.body" bs=1 seek=1000 conv=notrunc 2>/dev/null
refused 4 "a damaged body" "shard-00000\|segment\|damaged" damaged --subjects "$work/list" --yes
truncate -s 1000 "$STAGER_HOUSE/vault/$damaged/abroad/shard-00000.body"
refused 4 "a cut body" "wrong length" damaged --subjects "$work/list" --yes
cp "$work/body" "$STAGER_HOUSE/vault/$damaged/abroad/shard-00000.body"
cp "$STAGER_HOUSE/vault/$damaged/abroad/index.body" "$work/index"
printf 'x' | dd of="$STAGER_HOUSE/vault/$damaged/abroad/index.body" bs=1 seek=20 conv=notrunc 2>/dev/null
refused 4 "a damaged index" "index\|segment\|damaged" damaged --subjects "$work/list" --yes
cp "$work/index" "$STAGER_HOUSE/vault/$damaged/abroad/index.body"
ok "mended" withdraw damaged --subjects "$work/list"
ok "verify" stager verify
sqlite3 "$STAGER_HOUSE/ledger.db" "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
cp "$STAGER_HOUSE/ledger.db" "$work/ledger.db"
sqlite3 "$STAGER_HOUSE/ledger.db" "UPDATE opening SET about = NULL WHERE type = 'withdraw-begin' AND about = '$damaged' AND
	json_extract(json, '$.list') = (SELECT json_extract(json, '$.list') FROM opening WHERE type = 'withdraw' AND about = '$damaged')"
expect_status 4 "verify sees that a withdrawal opened what the log does not have as opened" stager verify
grep -q "nothing was opened for it" "$work/err" && pass "and says so" || fail "and says so" "$work/err"
rm -f "$STAGER_HOUSE"/ledger.db-wal "$STAGER_HOUSE"/ledger.db-shm
cp "$work/ledger.db" "$STAGER_HOUSE/ledger.db"
ok "put back: verify" stager verify
sqlite3 "$STAGER_HOUSE/ledger.db" "DELETE FROM withdrawal WHERE place = (SELECT max(place) FROM withdrawal)"
expect_status 4 "verify sees that somebody's withdrawal is gone" stager verify
finish
