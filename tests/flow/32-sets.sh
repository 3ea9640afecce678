#!/bin/sh
# Goal: fields of the set `domestic` go to shards of their own that never leave the house. No byte of them stands in a shard that
# may go abroad, and nothing but the pseudonym stands in both, by which the two join. Each set is sealed, accepted, requested, opened,
# sent and verified by itself; a crash leaves no half of either; the same input gives the same bytes in both.
set -u
. "$STAGER_TESTS/flow/lib.sh"
cd "$work" || exit 1

# ---- what goes in: 40 people, with a word of each field's own that nothing else has ----
mkdir in in/brieven in/films
cat >data.py <<'END'
import json, random
def word(kind, i):
    return kind + "".join(chr(97 + (i // 26 ** k) % 26) for k in range(3)) + "markering"
random.seed(5)
letters = open("in/letters.jsonl", "w")
table = open("in/patients.csv", "w")
fixed = open("in/vast.txt", "w")
table.write("patientnr;naam;code;beroep;wijk\n")
for i in range(40):
    nr = "%07d" % (4711 + 37 * i)
    table.write('%s;Jansen%s;A%02d;"%s; %s";%s\n' % (nr, word("", i), i, word("beroep", i), "timmert, en \"\"zaagt\"\"", word("wijk", i)))
    for k in range(2):
        letters.write(json.dumps({"patientnr": nr, "kort": word("kort", 2 * i + k), "lang": {"tekst": word("lang", 2 * i + k)},
            "metingen": [{"crp": 10 * i + k, "wie": word("wie", 2 * i + k)}, {"crp": 1, "wie": "x"}],
            "weg": word("weg", i)}) + "\n")
    fixed.write("%-7s%-24s%-24s\n" % (nr, word("open", i), word("dicht", i)))
    if i < 10:
        open("in/brieven/%s_1.txt" % nr, "w").write("Een brief: %s.\n" % word("brief", i))
        open("in/films/%s.bin" % nr, "wb").write(("film " + word("film", i)).encode() * 40)
open("in/open.txt", "w").write("Een protocol: %s.\n" % word("protocol", 0))
END
/usr/bin/python3 data.py

# policy [SIZE [ORDER]]
policy() {
	cat <<YAML
policy: 1
name: sets
project: sets
pseudonym: {domain: research, key: 1}
subject:
  from: patients.csv
  key: {column: patientnr, pattern: '[0-9]{1,7}', pad: 7}
  known: {person: [naam]}
files:
  - match: patients.csv
    format: csv
    csv: {delimiter: ';'}
    columns: {patientnr: pseudonym, naam: drop, code: {keep: code, pattern: 'A[0-9]{2}'}, beroep: {do: text, set: domestic},
      wijk: {keep: code, pattern: '[a-z]+', set: domestic}}
  - match: letters.jsonl
    format: jsonl
    subject: \$.patientnr
    fields:
      \$.patientnr: pseudonym
      \$.kort: text
      \$.lang.tekst: {do: text, set: domestic}
      \$.metingen[*].crp: {keep: number}
      \$.metingen[*].wie: {do: text, set: domestic}
      \$.weg: drop
  - match: vast.txt
    format: fixed
    subject: nr
    fixed: {nr: [1, 7], open: [8, 24], dicht: [32, 24]}
    columns: {nr: pseudonym, open: text, dicht: {do: text, set: domestic}}
  - {match: 'brieven/**', format: text, subject: 'brieven/{key}_*.txt', set: domestic}
  - {match: 'films/**', format: opaque, ext: bin, subject: 'films/{key}.bin', set: domestic}
  - {match: 'open.txt', format: text, subject: none}
accept: {files: 0, records: 0}
sets:
  domestic: {hold: [NL], open: [snellius], evidence: none, results: none}
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: ${1:-1MiB}${2:+, order: $2}}
YAML
}
policy >policy.yaml
make_house "$work/house" >setup 2>&1 || { fail "a house" setup; finish; exit 1; }
house=$work/house

# ---- the policy is read, and what is wrong in it is said ----
ok "the policy" stager policy check policy.yaml
sed 's/set: domestic}$/set: domestik}/' policy.yaml >bad.yaml
expect_status 3 "a set that is none" stager policy check bad.yaml
grep -q 'there is no set `domestik`' err && pass "and is told by its name" || fail "and is told by its name" err
sed 's/, set: domestic//' policy.yaml >bad.yaml
expect_status 3 "a set to which nothing goes" stager policy check bad.yaml
grep -q 'nothing goes to the set `domestic`' err && pass "and is told so" || fail "and is told so" err
sed 's/patientnr: pseudonym/patientnr: drop/' policy.yaml >bad.yaml
expect_status 3 "two sets that nothing joins" stager policy check bad.yaml
grep -q 'nothing that joins them' err && pass "and is told so" || fail "and is told so" err

# ---- a dry run says what would go where ----
ok "a dry run" stager push in --name sets --policy policy.yaml --dry-run --json
cp out dry.json
# ---- and a push does that ----
version=$(stager push in --name sets --policy policy.yaml) || { fail "push" err; finish; exit 1; }
home=$house/vault/$version
stager show "$version" --json >show.json
same "it is logged" "$(json show.json 'j["state"]')" LOGGED
same "both sets, as the dry run said" "$(json show.json '{n: s["members"] for n, s in j["sets"].items()}')" \
	"$(json dry.json '{n: s["members"] for n, s in j["sets"].items()}')"
same "members of each" "$(json show.json '{n: s["members"] for n, s in j["sets"].items()}')" "{'abroad': 83, 'domestic': 102}"
same "shards of each in a folder of its own" "$(cd "$home" && echo */shard-00000.body */shards.jsonl)" \
	"abroad/shard-00000.body domestic/shard-00000.body abroad/shards.jsonl domestic/shards.jsonl"
json "$home/manifest.json" 'json.loads(__import__("base64").b64decode(j["payload"]))["predicate"]["sets"]' >sets
grep -q "'hold': \['NL'\]" sets && grep -q "'open': \['snellius'\]" sets && pass "the manifest has the terms of each" ||
	fail "the manifest has the terms of each" sets
stager report "$version" --json >report.json
same "the report counts each" "$(json report.json '{n: (s["members"], s["shards"]) for n, s in j["sets"].items()}')" \
	"{'abroad': (83, 1), 'domestic': (102, 1)}"
same "canaries came through in both sets" "$(json report.json 'j["report"]["canaries"]')" "{'checked': 8, 'planted': 8}"
stager report "$version" >report.txt
grep -q '^  Set domestic: members 102' report.txt && pass "and on a terminal" || fail "and on a terminal" report.txt
same "nothing is held" "$(json report.json 'list(j["report"].get("held", {}))')" "[]"
ok "verify" stager verify

# ---- accepted together, asked for and opened each by itself ----
accept "$version" >accept.log 2>&1 && pass "one acceptance" || fail "one acceptance" accept.log
stager-sign --key anna.key accept.json </dev/null 2>&1 | grep -q 'domestic: 1 shards, 102 members' &&
	pass "which shows both" || fail "which shows both"
stager-node keygen --out job.key --pub job.pub
expect_status 3 "domestic is not for lumi" \
	stager request new "$version" --set domestic --site lumi --job-key job.pub --requester ria@uni.example
expect_status 3 "abroad is not for snellius" \
	stager request new "$version" --set abroad --site snellius --job-key job.pub --requester ria@uni.example
expect_status 3 "a site of neither" stager request new "$version" --site puhti --job-key job.pub --requester ria@uni.example
expect_status 3 "a set that it does not have" \
	stager request new "$version" --set eu --site lumi --job-key job.pub --requester ria@uni.example
# open_set SITE SET OPTION...: what comes out is SET.tar
open_set() {
	site=$1
	name=$2
	shift 2
	stager request new "$version" --site "$site" --job-key job.pub --requester ria@uni.example --redemptions 5 --out "$name.req" "$@" >id || return 1
	for person in anna boris; do
		stager-sign --yes --key "$person.key" "$name.req" >approval && stager approve approval >approved || return 1
	done
	stager-node cat --house 'stager release' --pin "$house/house.json" --request "$name.req" --job-key job.key \
		--from "$house/vault" >"$name.tar"
}
ok "abroad opens at lumi" open_set lumi abroad
ok "domestic opens at snellius, which says which set" open_set snellius domestic
same "that is what was asked for" "$(json domestic.req 'j["set"]') $(json abroad.req 'j["set"]')" "domestic abroad"
stager-node list --house 'stager release' --pin "$house/house.json" --request domestic.req --job-key job.key \
	--from "$house/vault" --restart 1 >members 2>err && same "its list" "$(wc -l <members)" 102 || fail "its list" err

cat >compare.py <<'END'
"""No byte of a domestic field abroad, nothing but pseudonyms in both, and all of it joins."""
import csv, io, json, re, sys, tarfile
def members(name):
    with tarfile.open(name) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar}
abroad, domestic = members("abroad.tar"), members("domestic.tar")
raw = {"abroad": open("abroad.tar", "rb").read(), "domestic": open("domestic.tar", "rb").read()}
home = {"beroep": 40, "wijk": 40, "lang": 80, "wie": 80, "dicht": 40, "brief": 10, "film": 10}
away = {"kort": 80, "open": 40, "protocol": 1}
exec(open("data.py").read().split("random.seed")[0])
for kinds, own, other in ((home, "domestic", "abroad"), (away, "abroad", "domestic")):
    for kind, count in kinds.items():
        for i in range(count):
            mark = word(kind, i).encode()
            assert mark in raw[own], (kind, i, "is lost")
            assert mark not in raw[other], (kind, i, "is in both")
for key in (b"beroep", b"wijk", b"lang", b"wie", b"dicht", b"domestic"):
    assert key not in raw["abroad"], key
for key in (b"kort", b"crp", b"code"):
    assert key not in raw["domestic"], key
assert b'"weg"' not in raw["abroad"] + raw["domestic"] and b"Jansen" not in raw["abroad"] + raw["domestic"]
def tables(found):
    """The tables of a set, by their columns."""
    out = {}
    for name, data in sorted(found.items()):
        if name.endswith(".csv"):
            text = data.decode()
            rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.split("\n")[0] else ","))
            out[tuple(rows[0])] = rows
    return out
a, d = tables(abroad), tables(domestic)
assert set(a) == {("patientnr", "code"), ("nr", "open")} and set(d) == {("patientnr", "beroep", "wijk"), ("nr", "dicht")}, (list(a), list(d))
# By the pseudonym every row finds its other half.
left, right = a["patientnr", "code"], d["patientnr", "beroep", "wijk"]
by = {row["patientnr"]: row for row in right}
assert len(by) == len(left) == 40 and all(re.fullmatch("[a-z2-7]{26}", p) for p in by)
for i, row in enumerate(left):
    assert row["code"] == "A%02d" % i and by[row["patientnr"]]["beroep"] == word("beroep", i) + '; timmert, en "zaagt"'
assert [r["nr"] for r in a["nr", "open"]] == [r["nr"] for r in d["nr", "dicht"]] == [r["patientnr"] for r in left]
# Letters: records, two a person, in the order of the source, and under that person's name in both.
def letters(found):
    return [(name.split("/")[0], json.loads(data)) for name, data in found.items() if name.endswith(".json")]
la, ld = letters(abroad), letters(domestic)
assert len(la) == len(ld) == 80 and [s for s, _ in la] == [s for s, _ in ld]
for i, ((s, x), (_, y)) in enumerate(zip(la, ld)):
    assert x["patientnr"] == y["patientnr"] == s == left[i // 2]["patientnr"]
    assert set(x) == {"patientnr", "kort", "metingen"} and set(y) == {"patientnr", "lang", "metingen"}, (x, y)
    assert x["metingen"] == [{"crp": 10 * (i // 2) + i % 2}, {"crp": 1}] and [set(m) for m in y["metingen"]] == [{"wie"}] * 2
whole = [name for name in domestic if name.endswith((".txt", ".bin"))]
assert len(whole) == 20 and {n.split("/")[0] for n in whole} <= set(by), whole
assert [n for n in abroad if n.endswith(".txt")] == [n for n in abroad if n.startswith("x/") and n.endswith(".txt")]
END
ok "no byte of a domestic field is abroad, nothing but the pseudonym in both, and all joins by it" /usr/bin/python3 compare.py
sed 's/assert mark not in raw\[other\]/assert mark not in raw[own]/' compare.py >blind.py
not_ok "which the comparison would see" /usr/bin/python3 blind.py

# ---- what leaves is the set that may ----
far=$work/far
mkdir "$far" "$work/nl"
ok "an endpoint in Finland" stager endpoint add lumi --url "dir:$far" --country FI --site lumi
ok "one in the Netherlands" stager endpoint add snellius --url "dir:$work/nl" --country NL --site snellius
expect_status 3 "domestic never leaves" stager send "$version" --to lumi --set domestic
expect_status 3 "not even to where it may be opened" stager send "$version" --to snellius --set domestic
same "not a byte did" "$(find "$far" "$work/nl" -type f | wc -l)" 0
expect_status 3 "abroad does not go where it may not" stager send "$version" --to snellius
expect_status 2 "a set that it does not have" stager send "$version" --to lumi --set eu
ok "the one that may is sent" stager send "$version" --to lumi
same "and nothing of the other" "$(cd "$far" && find . -type f | sort | sed 's/shard-0000[0-9]/shard/' | sort -u | tr '\n' ' ')" \
	"$(cd "$far" && echo "./$version/abroad/index.body ./$version/abroad/index.sums ./$version/abroad/shard.body ./$version/abroad/shard.sums ./$version/abroad/shards.jsonl ./$version/manifest.json") "
same "it is sent" "$(stager show "$version" --json >show.json; json show.json 'j["state"]')" SENT
ok "a node takes it from there" stager-node cat --house 'stager release' --pin "$house/house.json" --request abroad.req \
	--job-key job.key --from "$far" --restart 1
cmp -s out abroad.tar && pass "the same bytes" || fail "the same bytes"
not_ok "and finds no domestic one there" stager-node cat --house 'stager release' --pin "$house/house.json" --request domestic.req \
	--job-key job.key --from "$far" --restart 2
ok "verify" stager verify

# ---- damage in either is found ----
for name in abroad domestic; do
	cp "$home/$name/shard-00000.body" body
	printf 'x' | dd of="$home/$name/shard-00000.body" bs=1 seek=3000 conv=notrunc 2>dd.err
	expect_status 4 "damage in $name is found" stager verify
	cp body "$home/$name/shard-00000.body"
done
mv "$home/domestic" gone
expect_status 4 "domestic, gone, is missed" stager verify
mv gone "$home/domestic"
ok "whole again" stager verify
sqlite3 "$house/ledger.db" "UPDATE shard_set SET members = members + 1 WHERE version = '$version' AND name = 'domestic'"
expect_status 4 "a count in the ledger that is not the table's" stager verify
sqlite3 "$house/ledger.db" "UPDATE shard_set SET members = members - 1 WHERE version = '$version' AND name = 'domestic'"

sqlite3 "$house/ledger.db" "UPDATE delivery SET set_name = 'domestic'"
expect_status 4 "a delivery of domestic" stager verify
grep -q 'set domestic of version .* was sent' err && pass "alarms as what it is" || fail "alarms as what it is" err
sqlite3 "$house/ledger.db" "UPDATE delivery SET set_name = 'abroad'"

# ---- the same input gives the same bytes; a record held from one is held from both ----
same "the same push is the same version" "$(stager push in --name sets --policy policy.yaml)" "$version"
tables() { for name in abroad domestic; do /usr/bin/python3 -c 'import json, sys
for line in open(sys.argv[1]):
    j = json.loads(line); print(j["name"], j["plain"], j["members"])' "$house/vault/$1/$name/shards.jsonl"; done; }
again=$(stager push in --name again --policy policy.yaml) || fail "a second dataset"
same "as many bytes in each shard" "$(tables "$version")" "$(tables "$again")"
accept "$again" >accept.log 2>&1
first=$version
version=$again
mv abroad.tar abroad.first
mv domestic.tar domestic.first
open_set lumi abroad 2>err && open_set snellius domestic 2>>err || fail "opened again" err
cmp -s abroad.tar abroad.first && cmp -s domestic.tar domestic.first && pass "and the same bytes, in both sets" || fail "and the same bytes, in both sets"
version=$first
mkdir bad
cp in/patients.csv bad
sed '3s/wijk[a-z]*$/Wijk 9/' in/patients.csv >bad/patients.csv
sed '5s/"crp": 20/"crp": "veel"/; 7s/"wie": "x"/"wie": true/' in/letters.jsonl >bad/letters.jsonl
held=$(stager push bad --name held --policy policy.yaml)
stager show "$held" --json >show.json
same "what one set cannot take neither gets" "$(json show.json 'j["state"], {n: s["members"] for n, s in j["sets"].items()}')" \
	"('HELD', {'abroad': 79, 'domestic': 79})"
ok "and it can be rejected" stager reject "$held"

# ---- a set that comes out empty is none ----
mkdir few
cp in/open.txt in/patients.csv few
sed -n 1p in/patients.csv >few/patients.csv
one=$(stager push few --name few --policy policy.yaml)
same "only a protocol" "$(stager show "$one" --json >show.json; json show.json 'j["state"], {n: s["shards"] for n, s in j["sets"].items()}')" \
	"('LOGGED', {'abroad': 1, 'domestic': 0})"
same "its manifest has one set" "$(json "$house/vault/$one/manifest.json" \
	'list(json.loads(__import__("base64").b64decode(j["payload"]))["predicate"]["sets"])')" "['abroad']"
accept "$one" >accept.log 2>&1
expect_status 3 "which is all that can be asked for" \
	stager request new "$one" --set domestic --site snellius --job-key job.pub --requester ria@uni.example
ok "verify" stager verify

# ---- shuffled over several open shards, in both sets, and the same every time ----
policy 1MiB shuffled >shuffled.yaml
mkdir many many/films
/usr/bin/python3 -c '
import hashlib, random
with open("many/patients.csv", "w") as table:
    table.write("patientnr;naam;code;beroep;wijk\n")
    for i in range(60):
        nr = "%07d" % i
        table.write("%s;Jansen;A%02d;x;wijk\n" % (nr, i))
        open("many/films/%s.bin" % nr, "wb").write(hashlib.sha512(nr.encode()).digest() * 4000)'
shuffled=$(stager push many --name shuffled --policy shuffled.yaml) || fail "push, shuffled"
twice=$(stager push many --name twice --policy shuffled.yaml) || fail "push, shuffled, again"
same "several shards, of which each has some" "$(json "$house/vault/$shuffled/manifest.json" \
	'json.loads(__import__("base64").b64decode(j["payload"]))["predicate"]["sets"]["domestic"]["shards"] > 15')" True
same "the same shards" "$(tables "$shuffled")" "$(tables "$twice")"
for version in $shuffled $twice; do
	accept "$version" >accept.log 2>&1
	open_set snellius domestic 2>err || fail "opened, shuffled" err
	mv domestic.tar "$version.tar"
	stager-node list --house 'stager release' --pin "$house/house.json" --request domestic.req --job-key job.key \
		--from "$house/vault" --restart 1 >"$version.list" 2>err && pass "its index is in order" || fail "its index is in order" err
done
cmp -s "$shuffled.tar" "$twice.tar" && pass "the same bytes" || fail "the same bytes"
same "every sample once" "$(awk '{ print $3 }' "$shuffled.list" | sed 's/.*\///' | sort -u | wc -l)" "$(wc -l <"$shuffled.list")"
sed 's/.*\///' "$shuffled.list" | sort -c 2>/dev/null && fail "in another order than the source's" || pass "in another order than the source's"
ok "verify" stager verify

# ---- erased with both ----
expect_status 0 "erase" stager erase --holder umc-waterdam --dataset sets --yes
same "of neither set is a file left" "$(find "$house/vault/$first" 2>/dev/null | wc -l)" 0
same "nor a key" "$(sqlite3 "file:$house/ledger.db?mode=ro" "SELECT count(*) FROM shard WHERE version = '$first'")" 0
finish
