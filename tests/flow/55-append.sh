#!/bin/sh
# Goal: push --append makes a version of all that the latest one has and of what is new in the sources, and of nothing twice: older shards are
# the same files, numbers go on, one index is of all; a subject table that has grown adds its new rows. Who was withdrawn stays out.
# What cannot be added honestly is refused, or waits for a steward; then nothing is left of it.
set -u
. "$STAGER_TESTS/flow/lib.sh"
sql() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "$1"; }
# policy [SUBJECT [RULES [SHARDS [COLOUR]]]]: what is added at these places
policy() {
	cat <<YAML
policy: 1
name: append
project: flow
pseudonym: {domain: research, key: 1}
text: {language: [nl], default: tag, bsn: {do: tag, context: any}}
subject: {from: patients.csv, key: {column: nr, pattern: '[0-9]{1,4}', pad: 4}, unmatched: hold${1:-}}
${2:-}
files:
  - match: patients.csv
    format: csv
    columns: {nr: pseudonym, kleur: ${4:-"{keep: enum, values: [rood, blauw]}"}, wijk: {keep: code, pattern: '[a-z]+', set: domestic}}
  - {match: 'films/**', format: opaque, ext: bin, subject: 'films/{key}_*.bin'}
  - {match: 'brieven/**', format: text, subject: 'brieven/{key}_*.txt', set: domestic}
  - {match: '*.log', format: drop}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
  domestic: {hold: [NL], open: [lumi], evidence: none, results: none}
shards: {size: 1MiB${3:-}}
YAML
}
# table FOLDER NUMBERS [DISTRICT]; film FOLDER NAME [BLOCKS of 64 bytes]; letter FOLDER NAME
table() {
	mkdir -p "$1"
	printf 'nr,kleur,wijk\n' >"$1/patients.csv"
	for i in $2; do printf '%s,%s,%s\n' "$i" "$([ $((i % 2)) = 0 ] && echo rood || echo blauw)" "${3:-noord}" >>"$1/patients.csv"; done
}
film() {
	mkdir -p "$1/films"
	/usr/bin/python3 -c 'import hashlib, sys
open(sys.argv[1], "wb").write(b"".join(hashlib.sha512(b"%s %d" % (sys.argv[2].encode(), k)).digest() for k in range(int(sys.argv[3]))))' \
		"$1/films/$2.bin" "$2" "${3:-9000}"
}
letter() {
	mkdir -p "$1/brieven"
	printf 'Brief %s. Alles rustig in de tuin.\n' "$2" >"$1/brieven/$2.txt"
}
push() { stager push "$@" --policy "$work/policy.yaml" --json; }
got() { json "$work/out" "$1"; }
report() { stager report "$1" --json >"$work/report" && json "$work/report" "$2"; }
left() {
	find "$STAGER_HOUSE/vault" "$STAGER_HOUSE/staging" -mindepth 1 ! -name '*.lock' | sort
	for one in version shard shard_set pushed source_content gathered dataset; do sql "SELECT count(*) FROM $one"; done
	sql "SELECT id, state FROM version"
}
# refused STATUS WHAT FRAGMENT PUSH-ARGUMENTS...: it says so, with no name of a file, and nothing changes
refused() {
	want=$1
	what=$2
	why=$3
	shift 3
	before=$(left)
	expect_status "$want" "$what is refused" push "$@" --append
	if grep -q "$why" "$work/err" && ! grep -qi -e zwart -e films/ "$work/err"; then pass "$what: $(tail -n 1 "$work/err" | cut -c1-150)"; else fail "$what: wanted '$why'" "$work/err"; fi
	[ "$(left)" = "$before" ] || fail "$what: something is left"
}
# unpacked VERSION FOLDER: both sets, once it is accepted
unpacked() {
	[ "$(sql "SELECT acceptance IS NULL FROM version WHERE id = '$1'")" = 0 ] || accept "$1" || return 1
	mkdir "$2" && stager-node keygen --out "$2.key" --pub "$2.pub" || return 1
	for set in $(sql "SELECT name FROM shard_set WHERE version = '$1' AND shards > 0"); do
		stager request new "$1" --site lumi --set "$set" --job-key "$2.pub" --requester ria@uni.example --redemptions 2 \
			--out "$work/request" || return 1
		for person in anna boris; do
			stager-sign --yes --key "$work/$person.key" "$work/request" >"$work/approval" && stager approve "$work/approval" || return 1
		done
		stager-node cat --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request "$work/request" --job-key "$2.key" \
			--from "$STAGER_HOUSE/vault" >"$2.$set.tar" && stager-node list --house 'stager release' --pin "$STAGER_HOUSE/house.json" \
			--request "$work/request" --job-key "$2.key" --from "$STAGER_HOUSE/vault" --restart 1 --json >"$2.$set.list" && mkdir "$2/$set" && tar -xif "$2.$set.tar" -C "$2/$set" || return 1
	done
}
# indexed LIST FOLDER: what the index says against what is there
cat >"$work/indexed.py" <<'END'
import json, os, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
there = {os.path.relpath(os.path.join(at, n), sys.argv[2]): os.path.getsize(os.path.join(at, n)) for at, _, names in os.walk(sys.argv[2]) for n in names}
shards = [line["shard"] for line in lines]
print({line["member"]: line["size"] for line in lines} == there, len(lines) == len(there), shards == sorted(shards))
END
members() { (cd "$1" && find . -type f | sort); }
rows() { cat "$1"/abroad/x/*.csv | grep -vc ^nr; }

ok "a house" make_house "$work/house"
policy >"$work/policy.yaml"
for i in 1 2 3; do
	film "$work/jan" "000$i"_a
	letter "$work/jan" "000$i"_a
done
table "$work/jan" "1 2 3"
echo begonnen >"$work/jan/run.log"
refused 2 "a dataset that is not there" "no dataset films" "$work/jan" --name films
ok "a first push" push "$work/jan" --name films
first=$(got 'j["version-id"]')
ok "it is opened" unpacked "$first" "$work/first"

# --- new files, and the table has grown
table "$work/feb" "4 1 2 3" zuid
film "$work/feb" 0002_b
film "$work/feb" 0004_a
letter "$work/feb" 0004_a
echo opnieuw >"$work/feb/run.log"
ok "a dry run of the next month" push "$work/feb" --name films --append --dry-run
same "counts old and new" "$(got '[j["state"], j["sets"]["abroad"]["members"], j["sets"]["domestic"]["members"], j["report"]["files"]["seen"], j["report"]["subjects"]["carried"]]')" "['sealed', 7, 6, 12, 3]"
ok "the next month" push "$work/feb" --name films --append
second=$(got 'j["version-id"]')
same "is a version of its own" "$(got '[j["state"], j["existed"], j["appended-to"]]')" "['LOGGED', False, '$first']"
same "the older one stays" "$(sql "SELECT state FROM version WHERE id = '$first'")" ACCEPTED
same "and is its predecessor" "$(sql "SELECT predecessor = (SELECT digest FROM version WHERE id = '$first') FROM version WHERE id = '$second'")" 1
ok "verify" stager verify
for set in abroad domestic; do
	for file in "$STAGER_HOUSE/vault/$first/$set"/shard-*; do
		[ "$file" -ef "$STAGER_HOUSE/vault/$second/$set/${file##*/}" ] || fail "$set: ${file##*/} is not the same file"
	done
done
same "all older shards are the same files" "$(find "$STAGER_HOUSE/vault/$second" -name 'shard-*' -links 2 | wc -l)" "$(find "$STAGER_HOUSE/vault/$first" -name 'shard-*' | wc -l)"
ok "it is opened" unpacked "$second" "$work/second"
(cd "$work/first" && find . -type f -exec cmp {} "$work/second/{}" \;) >"$work/cmp" 2>&1
for set in abroad domestic; do
	same "$set: the index has every member, where it is" "$(/usr/bin/python3 "$work/indexed.py" "$work/second.$set.list" "$work/second/$set")" "True True True"
done
same "all older members are there as they were" "$(cat "$work/cmp")" ""
same "and so many more" "$(members "$work/second" | wc -l)" "$(($(members "$work/first" | wc -l) + 5))"
same "each row stands once" "$(rows "$work/second") $(cat "$work"/second/abroad/x/*.csv | grep -v ^nr | cut -d, -f1 | sort | uniq -d)" "4 "
same "nobody's row changed" "$(cat "$work"/second/domestic/x/*.csv | grep -c zuid)" 1
two=$(dirname "$(find "$work/first" -path '*/abroad/*' -name '*.bin' -exec cmp -s {} "$work/jan/films/0002_a.bin" \; -print)")
same "the same person under the same pseudonym" "$(find "$work/second/abroad/${two##*/}" -name '*.bin' -exec cmp -s {} "$work/feb/films/0002_b.bin" \; -print | wc -l)" 1
same "no number twice" "$(members "$work/second/abroad" | sed 's|.*/||; s|\..*||' | sort | uniq -d)" ""
same "what was carried over" "$(report "$second" 'j["report"]["appended"]')" "{'files': 8, 'members': $(members "$work/first" | wc -l), 'shards': $(find "$STAGER_HOUSE/vault/$first" -name 'shard-*.body' | wc -l), 'version': 1}"
same "rows that stood there are counted as such" "$(report "$second" 'j["report"]["subjects"]["carried"]')" 3
same "the difference is what is new" "$(report "$second" 'j["report"]["previous"]["difference"]["members"]["out"]')" 5
ok "a page of it" stager report "$second" --html "$work/page.html"
grep -q "carried over from the version" "$work/page.html" && pass "which says what was carried over" || fail "the page"

# --- nothing comes twice
before=$(left)
ok "the same again" push "$work/feb" --name films --append
same "is the same version" "$(got '[j["version-id"], j["existed"], j["state"]]')" "['$second', True, 'ACCEPTED']"
find "$work/jan" "$work/feb" -type f -exec touch {} +
ok "the first month again, touched" push "$work/jan" --name films --append
same "is the same version, whose table has more" "$(got '[j["version-id"], j["existed"]]')" "['$second', True]"
cp -r "$work/feb" "$work/both"
cp "$work"/jan/films/* "$work/both/films"
cp "$work"/jan/brieven/* "$work/both/brieven"
ok "a folder with all that was pushed" push "$work/both" --name films --append
same "is the same version" "$(got '[j["version-id"], j["existed"]]')" "['$second', True]"
same "nothing is left of it" "$(left)" "$before"
letter "$work/both" 0003_c
ok "one letter more in it" push "$work/both" --name films --append
third=$(got 'j["version-id"]')
same "adds one member" "$(report "$third" 'j["report"]["previous"]["difference"]["members"]["out"]')" 1
same "a set to which nothing came is shared whole" "$(find "$STAGER_HOUSE/vault/$third/abroad" -type f -links 1 | sed 's|.*/||')" shards.jsonl
ok "verify" stager verify
ok "it is opened" unpacked "$third" "$work/third"
same "one member more" "$(members "$work/third" | wc -l)" "$(($(members "$work/second" | wc -l) + 1))"


# --- a push without --append is answered as ever
ok "the first month, whole" push "$work/jan" --name films
same "is the first version" "$(got '[j["version-id"], j["existed"]]')" "['$first', True]"

# --- what is refused
cp -r "$work/both" "$work/case"
printf 'anders' >"$work/case/films/0002_b.bin"
refused 3 "another file of a name that was pushed" "source file 8: version $third has a file of its name" "$work/case" --name films
rm -r "$work/case" && cp -r "$work/both" "$work/case"
letter "$work/case" 0001_z
cp "$work/policy.yaml" "$work/policy.kept"
policy "" "" "" drop >"$work/policy.yaml"
refused 3 "another policy" "made under another policy" "$work/case" --name films
cp "$work/policy.kept" "$work/policy.yaml"
printf '{"licence":"none"}' >"$work/meta.json"
refused 3 "another meta file" "another meta file" "$work/case" --name films --meta "$work/meta.json"
rm "$work/case/patients.csv"
refused 3 "new files without the subject table" "no file of the sources has its name" "$work/case" --name films
refused 2 "another holder's dataset" "no such holder" "$work/case" --name films --holder nobody
mkdir "$work/empty"
refused 3 "a folder of nothing" "no file in it" "$work/empty" --name films
ln -s /etc/passwd "$work/case/link"
refused 3 "a link among them" "symbolic link" "$work/case" --name films
rm "$work/case/link"
cp "$STAGER_HOUSE/vault/$third/abroad/index.body" "$work/kept"
printf 'x' | dd of="$STAGER_HOUSE/vault/$third/abroad/index.body" bs=1 seek=30 conv=notrunc 2>/dev/null
table "$work/case" "1 2 3 4"
refused 4 "a damaged index" "index" "$work/case" --name films
cp "$work/kept" "$STAGER_HOUSE/vault/$third/abroad/index.body"
for third_file in "$STAGER_HOUSE/vault/$third/domestic/shard-00001.sums"; do
	mv "$third_file" "$work/kept" && refused 4 "a shard that is not there" "missing" "$work/case" --name films
	mv "$work/kept" "$third_file"
done

# --- held ones wait: nothing is added before it is decided
letter "$work/case" 0099_a
expect_status 6 "a letter of nobody" push "$work/case" --name films --append
held=$(got 'j["version-id"]')
same "is held" "$(got 'j["state"]')" HELD
expect_status 6 "the same again" push "$work/case" --name films --append
same "is the same version" "$(got '[j["version-id"], j["existed"]]')" "['$held', True]"
letter "$work/case" 0001_y
refused 6 "more, onto one that is held" "$held is HELD" "$work/case" --name films
same "files are numbered on" "$(report "$held" 'j["report"]["held"]["file:subject-unmatched"]["files"]')" "[$(($(report "$third" 'j["report"]["files"]["seen"]') + 2))]"
ok "verify" stager verify
ok "it is rejected" stager reject "$held"
rm "$work/case/brieven/0099_a.txt"
ok "then it is added to the one before" push "$work/case" --name films --append
same "which is that" "$(got '[j["state"], j["appended-to"]]')" "['LOGGED', '$third']"
between=$(got 'j["version-id"]')
letter "$work/case" 0001_x
ok "and one more to that" push "$work/case" --name films --append
fourth=$(got 'j["version-id"]')
same "which is in between" "$(got 'j["appended-to"]')" "$between"
ok "that one is rejected" stager reject "$between"
ok "verify" stager verify
ok "the later one opens all the same" unpacked "$fourth" "$work/fourth"
same "with all that it had" "$(members "$work/fourth" | wc -l)" "$(($(members "$work/second" | wc -l) + 4))"

# --- sent
mkdir "$work/far"
ok "an endpoint" stager endpoint add far --url "dir:$work/far" --country FI --site lumi
ok "it is sent" stager send "$fourth" --to far --set abroad
same "whole" "$(find "$work/far/$fourth/abroad" -name '*.body' | wc -l)" "$(find "$STAGER_HOUSE/vault/$fourth/abroad" -name '*.body' | wc -l)"

# --- withdrawals
echo 2 >"$work/list"
ok "somebody withdraws" stager withdraw films --subjects "$work/list" --yes --json
fifth=$(got 'j["version-id"]')
letter "$work/case" 0002_x
letter "$work/case" 0003_x
ok "later letters of two" push "$work/case" --name films --append
same "are added to what the withdrawal left" "$(got '[j["appended-to"], j["state"]]')" "['$fifth', 'LOGGED']"
sixth=$(got 'j["version-id"]')
ok "it is opened" unpacked "$sixth" "$work/sixth"
same "nobody of that pseudonym is in it" "$(find "$work/sixth" -path "*${two##*/}*" | wc -l) $(cat "$work"/sixth/*/x/*.csv | grep -c "${two##*/}")" "0 0"
same "of the two letters one" "$(report "$sixth" '[j["report"]["previous"]["difference"]["members"]["out"], j["report"]["subjects"]["excluded"] >= 1]')" "[1, True]"
ok "verify" stager verify
echo 3 >"$work/list"
ok "another withdraws" stager withdraw films --subjects "$work/list" --yes --json
seventh=$(got 'j["version-id"]')
ok "which goes through old shards and new" test "$(got 'j["members-removed"]')" -ge 4
ok "it is opened" unpacked "$seventh" "$work/seventh"
ok "verify" stager verify
echo 0777 >"$work/list"
ok "somebody whom nobody knows" stager withdraw films --subjects "$work/list" --yes --unknown
letter "$work/case" 0001_w
refused 3 "adding to a version that may hold somebody withdrawn" "people were withdrawn" "$work/case" --name films
ok "a push of all of it" push "$work/case" --name films
eighth=$(got 'j["version-id"]')
letter "$work/case" 0001_v
ok "can be added to" push "$work/case" --name films --append
same "as ever" "$(got 'j["appended-to"]')" "$eighth"

# --- exclusion lists
policy ", exclude: optout" >"$work/policy.yaml"
echo 3 >"$work/optout"
table "$work/lists" "1 2 3"
for i in 1 2 3; do letter "$work/lists" "000$i"_a; done
ok "a dataset with a list" push "$work/lists" --name lists --exclude optout="$work/optout"
letter "$work/lists" 0002_b
letter "$work/lists" 0003_b
cp "$work/optout" "$work/optout.kept"
echo 1 >>"$work/optout"
refused 3 "a list that has grown" "exclusion list optout: it is another one" "$work/lists" --name lists --exclude optout="$work/optout"
ok "the list as it was" push "$work/lists" --name lists --append --exclude optout="$work/optout.kept"
same "keeps out who is on it" "$(report "$(got 'j["version-id"]')" '[j["report"]["previous"]["difference"]["members"]["out"], j["report"]["subjects"]["excluded"]]')" "[1, 3]"

# --- groups
groups() { policy ", attributes: {wijk: {from: wijk, map: {noord: N, zuid: Z}, other: blank}}" \
	"disclosure: {quasi: [wijk], k: 2, below: {then: blank, max: 100%}, min_cell: 1}" | sed 's/wijk: {keep: code[^}]*}/wijk: {attribute: wijk, set: domestic}/' >"$work/policy.yaml"; }
groups
table "$work/groups" "1 2 3 4"
printf '5,blauw,zuid\n' >>"$work/groups/patients.csv"
letter "$work/groups" 0001_a
ok "four in the north, one alone in the south" push "$work/groups" --name groups
cp -r "$work/groups" "$work/groups.kept"
printf '6,rood,noord\n' >>"$work/groups/patients.csv"
letter "$work/groups" 0006_a
ok "one more in the north" push "$work/groups" --name groups --append
same "changes what is shown of nobody" "$(got 'j["state"]') $(report "$(got 'j["version-id"]')" 'j["report"]["appended"].get("groups-differ")')" "LOGGED None"
same "groups are counted over all" "$(report "$(got 'j["version-id"]')" 'j["report"]["disclosure"]["subjects"]')" 6
printf '7,rood,zuid\n8,rood,zuid\n' >>"$work/groups/patients.csv"
expect_status 6 "two more in the south: the one there is no longer alone, and older shards blank it" push "$work/groups" --name groups --append
same "a steward looks" "$(report "$(got 'j["version-id"]')" '[j["state"], j["report"]["appended"]["groups-differ"], j["report"]["disclosure"]["held"]]')" "['held', 1, 1]"
ok "who accepts it" accept "$(got 'j["version-id"]')"
letter "$work/groups" 0007_a
ok "the next month with the same table" push "$work/groups" --name groups --append
same "is as it is shown by now" "$(got 'j["state"]') $(report "$(got 'j["version-id"]')" 'j["report"]["appended"].get("groups-differ")')" "LOGGED None"
sed -i '/^6,/d' "$work/groups/patients.csv"
letter "$work/groups" 0008_a
expect_status 6 "somebody's row is gone from the table: nobody can count" push "$work/groups" --name groups --append
ok "verify" stager verify

# --- no subjects; a set that was empty
cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: plain
project: flow
pseudonym: {domain: research, key: 1}
text: {language: [nl], default: tag}
files:
  - {match: '*.txt', format: text}
  - {match: '*.bin', format: opaque, ext: bin, set: domestic}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
  domestic: {hold: [NL], open: [lumi], evidence: none, results: none}
YAML
mkdir "$work/plain.a" "$work/plain.b"
echo 'Een tuin.' >"$work/plain.a/1.txt"
ok "notes of nobody" push "$work/plain.a" --name plain
head -c 100000 /dev/zero >"$work/plain.b/x.bin"
ok "files of another set alone" push "$work/plain.b" --name plain --append
echo 'Nog een tuin.' >"$work/plain.b/2.txt"
ok "both folders, with one note more" push "$work/plain.a" "$work/plain.b" --name plain --append
plain=$(got 'j["version-id"]')
ok "it is opened" unpacked "$plain" "$work/plain"
same "each is there once" "$(members "$work/plain" | tr '\n' ' ')" "./abroad/x/000001.txt ./abroad/x/000002.txt ./domestic/x/000001.bin "
ok "verify" stager verify

# --- records as units
cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: records
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: 'survey*.csv', format: csv, columns: {sex: {keep: enum, values: [m, v]}, score: {keep: number}}}
disclosure: {unit: record, quasi: [sex], k: 3, below: {then: blank, max: 100%}, min_cell: 1}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
YAML
mkdir "$work/survey"
printf 'sex,score\nm,1\nm,2\nm,3\nm,4\nv,5\nv,6\nv,7\n' >"$work/survey/survey1.csv"
ok "a survey" push "$work/survey" --name survey
printf 'sex,score\nv,8\nv,9\nv,10\nm,11\nm,12\nm,13\n' >"$work/survey/survey2.csv"
ok "a second one" push "$work/survey" --name survey --append
same "in which nobody stands alone either" "$(got 'j["state"]') $(report "$(got 'j["version-id"]')" '[j["report"]["disclosure"].get(k, 0) for k in ("records", "smallest", "held")]')" "LOGGED [13, 3, 0]"
printf 'sex,score\nv,14\nm,15\nm,16\nm,17\n' >"$work/survey/survey3.csv"
ok "a third, where one does" push "$work/survey" --name survey --append
survey=$(got 'j["version-id"]')
ok "it is opened" unpacked "$survey" "$work/survey.out"
same "is shown without it, with others" "$(cat "$work"/survey.out/abroad/x/000003.csv | cut -d, -f1 | sort -u | tr '\n' ' ') $(report "$survey" 'j["report"]["disclosure"]["blanked"]')" " sex  4"
printf 'sex,score\nv,18\n' >"$work/survey/survey4.csv"
expect_status 6 "a fourth, of one alone, with whom nobody can be blanked" push "$work/survey" --name survey --append
same "no group of it passes, and none is told" "$(report "$(got 'j["version-id"]')" '[j["report"]["disclosure"][k] for k in ("held", "smallest")]')" "[1, 0]"
ok "verify" stager verify

# --- shuffled, archives, sealed files
policy "" "" ", order: shuffled" >"$work/policy.yaml"
table "$work/mix" "1 2 3 4 5 6 7 8 9"
for i in 1 2 3 4 5 6 7 8 9; do film "$work/mix" "000$i"_a 4000; done
ok "a dataset with shuffled samples" push "$work/mix" --name mix
ok "it is opened" unpacked "$(got 'j["version-id"]')" "$work/mix.a"
for i in 1 2 3 4 5 6 7 8 9; do film "$work/mix" "000$i"_b 4000; done
mkdir -p "$work/tar/films" && cp "$work/mix/films/0001_b.bin" "$work/tar/films/0009_t.bin" && tar -cf "$work/mix/more.tar" -C "$work/tar" films
ok "the house's key" stager ingest-key --out "$work/in.pub"
film "$work/seal" 0005_s 100
ok "a film is sealed" sh -c "stager crypt4gh encrypt --recipient_pk '$work/in.pub' <'$work/seal/films/0005_s.bin' >'$work/mix/films/0005_s.bin.c4gh'"
expect_status 6 "more of them, and an archive whose films no rule takes" push "$work/mix" --name mix --append
mixed=$(got 'j["version-id"]')
same "one file of which is held" "$(report "$mixed" 'j["report"]["held"]["file:file-unmatched"]["count"]')" 1
ok "a steward accepts it" accept "$mixed"
ok "it is opened" unpacked "$mixed" "$work/mix.b"
(cd "$work/mix.a" && find . -type f -exec cmp {} "$work/mix.b/{}" \;) >"$work/cmp" 2>&1
same "older samples are where they were" "$(cat "$work/cmp")" ""
same "and ten more, the sealed one among them" "$(members "$work/mix.b" | wc -l) $(find "$work/mix.b" -name '*.bin' -exec cmp -s {} "$work/seal/films/0005_s.bin" \; -print | wc -l)" "$(($(members "$work/mix.a" | wc -l) + 10)) 1"
ok "the same again" push "$work/mix" --name mix --append
same "is the same version" "$(got 'j["existed"]')" True
echo x >>"$work/mix/more.tar"
refused 3 "an archive that has changed" "holds something else" "$work/mix" --name mix

# --- what the ledger has of it is bound to its version
ok "verify" stager verify
sqlite3 "$STAGER_HOUSE/ledger.db" "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
cp "$STAGER_HOUSE/ledger.db" "$work/ledger.saved"
forged() {
	sqlite3 "$STAGER_HOUSE/ledger.db" "$2" >"$work/sql" 2>&1 || fail "$1: sqlite3" "$work/sql"
	expect_status 4 "verify: $1" stager verify
	rm -f "$STAGER_HOUSE"/ledger.db-wal "$STAGER_HOUSE"/ledger.db-shm
	cp "$work/ledger.saved" "$STAGER_HOUSE/ledger.db"
}
forged "a file's mark is changed" "UPDATE pushed SET files = zeroblob(length(files)) WHERE version = '$eighth'"
forged "the last file's mark is cut off" "UPDATE pushed SET files = substr(files, 1, length(files) - 32) WHERE version = '$eighth'"
forged "rows of another version" "UPDATE pushed SET rows = (SELECT rows FROM pushed WHERE version = '$second') WHERE version = '$eighth'"
forged "rows are gone" "UPDATE pushed SET rows = x'' WHERE version = '$eighth'"
forged "all is gone" "DELETE FROM pushed WHERE version = '$eighth'"
forged "the entry of its opening is about another" "UPDATE opening SET about = '$second' WHERE type = 'append-begin' AND about = '$first'"
forged "or about nothing" "UPDATE opening SET about = NULL WHERE type = 'append-begin' AND about = '$eighth'"
forged "who was left out is counted otherwise" "UPDATE gathered SET json = CAST(replace(CAST(json AS TEXT), 'withdrawn\":', 'withdrawn\":1') AS BLOB) WHERE version = '$eighth'"
forged "a first pass is gone, and its entry about nothing" "PRAGMA foreign_keys = OFF; UPDATE opening SET about = NULL WHERE type = 'gather' AND about = '$eighth';
	UPDATE gathered SET place = NULL WHERE version = '$eighth'"

# --- who was withdrawn is what the log says: an append and a push ask it, and not the ledger alone
policy >"$work/policy.yaml"
letter "$work/case" 0001_u
before=$(left)
# tampered WHAT SQL WHY [WHOLE]: an append, a whole push and verify stop; nothing is left. WHOLE no: a whole push has nothing to do with it
tampered() {
	sqlite3 "$STAGER_HOUSE/ledger.db" "$2" >"$work/sql" 2>&1 || fail "$1: sqlite3" "$work/sql"
	left >"$work/left.before"
	expect_status 4 "append: $1" push "$work/case" --name films --append
	grep -q "$3" "$work/err" || fail "$1: wanted '$3'" "$work/err"
	expect_status 4 "a dry run of one: $1" push "$work/case" --name films --append --dry-run
	[ "${4:-}" = no ] || expect_status 4 "push: $1" push "$work/case" --name films
	left | diff "$work/left.before" - >"$work/diff" || fail "$1: something is left" "$work/diff"
	expect_status 4 "verify: $1" stager verify
	rm -f "$STAGER_HOUSE"/ledger.db-wal "$STAGER_HOUSE"/ledger.db-shm
	cp "$work/ledger.saved" "$STAGER_HOUSE/ledger.db"
}
last="(SELECT max(place) FROM withdrawal)"
tampered "a list is gone" "DELETE FROM withdrawal WHERE place = $last" "who was withdrawn at log entry [0-9]* is missing"
tampered "a list is gone, and its entry about nothing" "UPDATE opening SET about = NULL WHERE place = $last; DELETE FROM withdrawal WHERE place = $last" "give it the same list again"
tampered "a list and its opening are gone" "DELETE FROM opening WHERE place = $last; DELETE FROM withdrawal WHERE place = $last" "the opening of log entry [0-9]* is missing"
tampered "a list whose opening says that it is something else" "UPDATE opening SET type = 'holder' WHERE place = $last; DELETE FROM withdrawal WHERE place = $last" "is not what was committed to"
tampered "a mark is changed" "UPDATE withdrawal SET marks = zeroblob(length(marks)) WHERE place = $last" "is not as the log has it"
tampered "the list is another dataset's" "UPDATE withdrawal SET dataset = (SELECT id FROM dataset WHERE name = 'lists') WHERE place = $last" "is not as the log has it"
tampered "its keys' form is changed" "UPDATE withdrawal SET form = x'7b7d' WHERE place = $last" "is not as the log has it"
tampered "somebody of whom the log has nothing" "INSERT INTO withdrawal SELECT 9999, dataset, form, marks, at FROM withdrawal WHERE place = $last" "of whom the log has no entry"
tampered "the dataset goes by another name" "UPDATE dataset SET name = 'oud' WHERE name = 'films'; UPDATE dataset SET name = 'films' WHERE name = 'lists'" "is another one than that from which people were withdrawn"
ninth=$(sql "SELECT v.id FROM version v JOIN dataset d ON d.id = v.dataset WHERE d.name = 'films' ORDER BY number DESC LIMIT 1")
tampered "what its first pass left out is counted otherwise" "UPDATE gathered SET json = CAST(replace(CAST(json AS TEXT), 'withdrawn\":', 'withdrawn\":1') AS BLOB) WHERE version = '$ninth'" "what was gathered" no
tampered "what its first pass came to is gone" "DELETE FROM gathered WHERE version = '$ninth'" "what was gathered of version $ninth is missing" no
tampered "a version that was withdrawn lives" "UPDATE version SET state = 'REJECTED' WHERE dataset = (SELECT id FROM dataset WHERE name = 'films') AND state IN ('LOGGED', 'ACCEPTED', 'SENT');
	UPDATE version SET state = 'LOGGED' WHERE id = '$sixth'" "log entry [0-9]* says that it ended" no
tampered "its report is another" "UPDATE version SET report = CAST(replace(CAST(report AS TEXT), 'seen\":', 'seen\":1') AS BLOB) WHERE id = '$ninth'" "is not what its manifest says" no
same "as before" "$(left)" "$before"
ok "the ledger as it was is taken" push "$work/case" --name films --append
same "and added to" "$(got '[j["appended-to"], j["state"]]')" "['$ninth', 'LOGGED']"
ok "verify" stager verify

same "no plain digest of a source is kept" \
	"$(find "$work/jan" "$work/feb" -type f -exec sha256sum {} + | cut -c1-32 | while read -r hex; do sqlite3 "$STAGER_HOUSE/ledger.db" "SELECT count(*) FROM pushed WHERE instr(hex(files), upper('$hex')) > 0"; done | sort -u)" 0
ok "all put back: verify" stager verify
ok "erased" stager erase --holder umc-waterdam --dataset films --yes
same "nothing is kept of what was pushed" "$(sql "SELECT count(*) FROM pushed p JOIN version v ON v.id = p.version JOIN dataset d ON d.id = v.dataset WHERE d.name = 'films' AND v.state = 'ERASED'")" 0
refused 3 "adding to what was erased" "no version that anything" "$work/case" --name films
finish
