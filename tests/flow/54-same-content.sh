#!/bin/sh
# Goal: a push of files that say the same gives back the version that there is, whatever their times, inodes and folder; one byte, one name,
# one file more or less, another list, another policy make a new version.
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
finish
