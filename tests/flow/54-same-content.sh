#!/bin/sh
# Goal: a push of files that say the same gives back the version that there is, whatever their times, inodes and folder; one byte, one name,
# one file more or less, another list, another policy make a new version. What a version was pushed from is bound to it: changed, copied,
# swapped or taken away it is status 4, of a push that would be answered by it and of `stager verify`, also while the version is HELD.
set -u
. "$STAGER_TESTS/flow/lib.sh"
sql() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "$1"; }
cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: same
project: flow
pseudonym: {domain: research, key: 1}
subject: {from: patients.csv, key: {column: nr, pattern: '[0-9]{1,4}', pad: 4}, exclude: optout, unmatched: drop}
files:
  - {match: patients.csv, format: csv, columns: {nr: pseudonym, kleur: {keep: enum, values: [rood, blauw]}}}
  - {match: 'films/**', format: opaque, ext: bin, subject: 'films/{key}.bin'}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
YAML
push() { stager push "$1" --name same --policy "$work/policy.yaml" --exclude optout="$work/list" --json >"$work/out" 2>"$work/err"; }
# same_as VERSION WHAT FOLDER; other WHAT FOLDER: a new version, into $version
same_as() {
	push "$3"
	same "$2" "$(json "$work/out" '[j["version-id"], j["existed"]]')" "['$1', True]"
}
other() {
	before=$(sql "SELECT count(*) FROM version")
	push "$2"
	same "$1: a new version" "$(json "$work/out" 'j["existed"]') $(sql "SELECT count(*) FROM version")" "False $((before + 1))"
	version=$(json "$work/out" 'j["version-id"]')
}
ok "a house" make_house "$work/house"
mkdir -p "$work/data/films"
printf 'nr,kleur\n1,rood\n2,blauw\n3,rood\n' >"$work/data/patients.csv"
for i in 1 2 3; do head -c 100000 /dev/zero | tr '\0' "$i" >"$work/data/films/000$i.bin"; done
echo 3 >"$work/list"
other "a first push" "$work/data"
first=$version
same_as "$first" "again" "$work/data"
touch "$work/data/films/0001.bin" "$work/data/patients.csv"
same_as "$first" "touched" "$work/data"
same_as "$first" "again, without a look at what they hold" "$work/data"
cp -r "$work/data" "$work/copy"
same_as "$first" "a copy elsewhere" "$work/copy"
cp "$work/list" "$work/list.new" && mv "$work/list.new" "$work/list"
same_as "$first" "a list that is another file" "$work/copy"
printf '4' | dd of="$work/copy/films/0001.bin" bs=1 seek=50000 conv=notrunc 2>/dev/null
other "one byte of the same length" "$work/copy"
second=$version
same_as "$first" "the first source" "$work/data"
same_as "$second" "and the second" "$work/copy"
mv "$work/copy/films/0002.bin" "$work/copy/films/0004.bin"
mv "$work/copy/films/0003.bin" "$work/copy/films/0002.bin"
mv "$work/copy/films/0004.bin" "$work/copy/films/0003.bin"
other "two files that changed their names" "$work/copy"
rm "$work/copy/films/0003.bin"
other "a file less" "$work/copy"
echo 2 >"$work/list"
other "another list" "$work/data"
echo 3 >"$work/list"
same_as "$first" "the list as it was" "$work/data"
sed -i 's/key: 1}/key: 2}/' "$work/policy.yaml"
other "another policy" "$work/data"
other_policy=$version
sed -i 's/key: 2}/key: 1}/' "$work/policy.yaml"
ok "the first one is rejected" stager reject "$first"
touch "$work/data/patients.csv"
other "touched, where it was rejected" "$work/data"
# A withdrawal's version is that of the same source, too.
printf '1\n' >"$work/gone"
ok "somebody withdraws" stager withdraw same --subjects "$work/gone" --yes --json
withdrawn=$(json "$work/out" 'j["version-id"]')
find "$work/data" -type f -exec touch {} +
same_as "$withdrawn" "the source they were in, touched" "$work/data"
# No digest of a file stands in the house that could be tried.
same "no plain digest of a source is kept" \
	"$(find "$work/data" -type f -exec sha256sum {} + | cut -c1-64 | while read -r hex; do strings -a "$STAGER_HOUSE"/ledger.db* | grep -c "$hex"; done | sort -u)" 0
ok "verify" stager verify

# Versions enough to swap: two that are logged, one HELD.
cp -r "$work/data" "$work/more"
printf '4' | dd of="$work/more/films/0001.bin" bs=1 seek=50000 conv=notrunc 2>/dev/null
other "another one" "$work/more"
third=$version
cp -r "$work/data" "$work/held"
mkdir "$work/held/rest" && echo x >"$work/held/rest/a.txt"
before=$(sql "SELECT count(*) FROM version")
push "$work/held"
held=$(json "$work/out" 'j["version-id"]')
same "one that is held" "$(sql "SELECT state FROM version WHERE id = '$held'") $(sql "SELECT count(*) FROM version")" "HELD $((before + 1))"
push "$work/held"
same "it, again" "$(json "$work/out" '[j["version-id"], j["existed"]]')" "['$held', True]"
ok "verify with one that is held" stager verify
cp "$STAGER_HOUSE/ledger.db" "$work/ledger.saved"
same "the ledger is one file" "$(find "$STAGER_HOUSE" -name 'ledger.db-wal' -size +0)" ""
says() { grep -q "pushed from is" "$work/err" && pass "which says so" || fail "which says so" "$work/err"; }
# forged WHAT SQL PUSH...: verify says 4; a push of each of these folders says 4; no new version is made of it
forged() {
	how=$1
	sqlite3 "$STAGER_HOUSE/ledger.db" "$2" >"$work/sql" 2>&1 || fail "$how: sqlite3" "$work/sql"
	shift 2
	expect_status 4 "verify: $how" stager verify
	says
	for folder; do
		count=$(sql "SELECT count(*) FROM version")
		expect_status 4 "push of $(basename "$folder"): $how" stager push "$folder" --name same --policy "$work/policy.yaml" --exclude optout="$work/list"
		says
		same "and makes nothing" "$(sql "SELECT count(*) FROM version")" "$count"
	done
	rm -f "$STAGER_HOUSE"/ledger.db-wal "$STAGER_HOUSE"/ledger.db-shm
	cp "$work/ledger.saved" "$STAGER_HOUSE/ledger.db"
}
columns="digest, files, bytes, mac"
copy="UPDATE source_content SET ($columns) = (SELECT $columns FROM source_content WHERE version = '$third') WHERE version = '$withdrawn'"
find "$work/more" -type f -exec touch {} +
forged "a whole row, copied to another version" "$copy; DELETE FROM source_content WHERE version = '$third'" "$work/more"
forged "its digest alone, copied" "UPDATE source_content SET digest = (SELECT digest FROM source_content WHERE version = '$third') WHERE version = '$withdrawn';
	UPDATE source_content SET digest = 'x' WHERE version = '$third'" "$work/more"
forged "two rows swapped" "UPDATE source_content SET version = 'x' WHERE version = '$third'; UPDATE source_content SET version = '$third' WHERE version = '$withdrawn';
	UPDATE source_content SET version = '$withdrawn' WHERE version = 'x'" "$work/data" "$work/more"
forged "two fingerprints swapped" "UPDATE version SET source = (SELECT source FROM version b WHERE b.id IN ('$withdrawn', '$third') AND b.id <> version.id)
	WHERE id IN ('$withdrawn', '$third')" "$work/data"
forged "fingerprint and row of another version" "UPDATE version SET source = 'x' || source WHERE id = '$third';
	UPDATE version SET source = (SELECT substr(source, 2) FROM version WHERE id = '$third') WHERE id = '$withdrawn'; $copy"
forged "a row taken away" "DELETE FROM source_content WHERE version = '$third'"
forged "that of a held version" "DELETE FROM source_content WHERE version = '$held'" "$work/held"
forged "the policy that it was compared by" "UPDATE version SET policy = (SELECT policy FROM version WHERE id = '$other_policy') WHERE id = '$held'"
forged "the meta that it was compared by" "UPDATE version SET meta = CAST('{\"licence\":\"none\"}' AS BLOB) WHERE id = '$third'"
forged "its number of files" "UPDATE source_content SET files = files + 1 WHERE version = '$third'"
forged "its bytes" "UPDATE source_content SET bytes = bytes + 1 WHERE version = '$third'"
forged "its MAC cut short" "UPDATE source_content SET mac = substr(mac, 1, 31) WHERE version = '$third'"
sqlite3 "$STAGER_HOUSE/ledger.db" "DELETE FROM source_content WHERE version = '$withdrawn'"
printf '2\n' >"$work/gone"
expect_status 4 "a withdrawal from a version of which it is missing" stager withdraw "$withdrawn" --subjects "$work/gone" --yes
says
rm -f "$STAGER_HOUSE"/ledger.db-wal "$STAGER_HOUSE"/ledger.db-shm
cp "$work/ledger.saved" "$STAGER_HOUSE/ledger.db"
ok "all put back: verify" stager verify
same_as "$withdrawn" "and a push" "$work/data"
ok "erased, it is not kept" stager erase --holder umc-waterdam --dataset same --yes
same "nothing of any but those that were rejected before" "$(sql "SELECT count(*) FROM source_content JOIN version ON id = version WHERE state <> 'REJECTED'")" 0
ok "verify of what is erased" stager verify
sqlite3 "$STAGER_HOUSE/ledger.db" "INSERT INTO source_content VALUES ('$third', 'x', 1, 1, x'00')"
expect_status 4 "a row where none should be" stager verify
finish
