#!/bin/sh
# Goal: what two stewards approved, and nothing else, comes out on a node: releases, every refusal, every kind of damage.
. "$STAGER_TESTS/flow/lib.sh"
tool=$STAGER_BUILD/../../tests/node_tool

# ---- a dataset of several shards ----

/usr/bin/python3 - "$work/data" <<'END'
# 40 notes of plain words, and a table with a name to drop. Words alone, so that no detector finds anything.
import os, random, sys
folder = sys.argv[1]
os.makedirs(folder + "/notes")
random.seed(30)
words = "de patiënt heeft sinds gisteren last van hoesten en wat koorts maar eet en drinkt goed".split()
for n in range(40):
    with open(f"{folder}/notes/{n:02}.txt", "w") as f:
        while f.tell() < 90000 + 700 * n:
            f.write(" ".join(random.choices(words, k=12)) + "\n")
with open(folder + "/people.csv", "w") as f:
    f.write("patientnr;naam;score\n")
    for n in range(500):
        f.write(f"{1000 + n};Achternaam{n};{n % 7}\n")
END
cat >"$work/policy.yaml" <<'END'
policy: 1
name: flow
project: flow-2026
pseudonym: {domain: research, key: 1}
text:
  language: [nl]
  default: tag
files:
  - match: people.csv
    format: csv
    csv: {delimiter: ';'}
    columns:
      patientnr: pseudonym
      naam: drop
      score: {keep: number, range: [0, 10]}
  - match: notes/*.txt
    format: text
accept: {files: 0, records: 0%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB, order: source, names: generated}
END
make_house "$work/house" || exit 1
cd "$work" || exit 1
version=$(stager push data --name flow --policy policy.yaml 2>err) || { cat err; exit 1; }
accept "$version" >out 2>err || { cat out err; exit 1; }
vault=$work/house/vault
set=$vault/$version/abroad
shards=$(find "$set" -name 'shard-*.body' | wc -l)
[ "$shards" -ge 3 ] && pass "several shards" || fail "several shards: $shards"

# ---- the request ----

ok "job key" stager-node keygen --out job.key --pub job.pub
expect_status 1 "a key is never overwritten" stager-node keygen --out job.key
same "the job key is for its owner alone" "$(stat -c %a job.key)" 600
stager-node keygen --out other.key >other.pub 2>err || fail "public key on stdout" err
openssl pkey -in job.key -pubout 2>err | cmp -s - job.pub && pass "openssl reads the key" || fail "openssl reads the key" err

# ask FILE OPTION...: a request
ask() {
	file=$1
	shift
	stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example --out "$file" "$@" >id
}
# approve FILE PERSON
approve() {
	stager-sign --yes --key "$2.key" "$1" >approval 2>sign.err || return
	stager approve approval
}
node_at() { # DIR REQUEST COMMAND ARGUMENT...
	at=$1
	for_request=$2
	what_to_do=$3
	shift 3
	stager-node "$what_to_do" --house 'stager release' --pin house/house.json --request "$for_request" --job-key job.key \
		--from "$at" "$@"
}
node() { node_at "$vault" req.json "$@"; }

expect_status 3 "no request for a site that the policy has not" \
	stager request new "$version" --site elsewhere --job-key job.pub --requester ria@uni.example
grep -q 'allows: .*lumi' err && pass "it says which sites the policy has" || fail "it says which sites the policy has" err
ok "request" ask req.json --slots 2 --redemptions 60
expect_status 6 "no release before an approval" node cat
ok "anna approves" approve req.json anna
not_ok "anna cannot approve twice" approve req.json anna
expect_status 6 "no release with one approval" node cat
stager-sign keygen --out eve.key >/dev/null
expect_status 3 "nobody approves who is no steward" approve req.json eve
sed 's/"slots":2/"slots":3/' req.json >changed.json
cmp -s req.json changed.json && fail "the request was not changed"
not_ok "an approval of a changed request" approve changed.json boris
ok "boris approves" approve req.json boris

# A steward who asks leaves one of two: nobody could ever say yes, so that is said at once, and nothing is entered.
before=$(stager request list | wc -l)
expect_status 3 "a steward cannot ask where two others are not left" ask own.json --requester Anna@UMC.example
grep -q "a steward of umc-waterdam, who may not approve what they ask for" err && pass "which says why" || fail "which says why" err
stager-sign public --key boris.key --pem >boris.pem
expect_status 3 "nor by a steward's own key" stager request new "$version" --site lumi --job-key boris.pem --requester ria@uni.example
grep -q "the job's own key" err && pass "which says why" || fail "which says why" err
same "no request is left of them" "$(stager request list | wc -l)" "$before"
stager-sign keygen --out carla.key >/dev/null
stager-sign steward --key carla.key --holder umc-waterdam --person carla@umc.example >carla.steward
for by in anna boris; do stager-sign --yes --key $by.key carla.steward >carla.$by 2>sign.err; done
ok "a third steward" stager steward add carla.steward carla.anna carla.boris
ok "then one of them may ask" ask own.json --requester anna@umc.example
expect_status 3 "the requester cannot approve" approve own.json anna
ok "boris approves anna's" approve own.json boris
expect_status 6 "and hers does not count" node_at "$vault" own.json cat

# ---- what comes out ----

ok "list" node list
cp out members
same "members in the list" "$(wc -l <members)" "$(json "$set/../manifest.json" \
	'json.loads(__import__("base64").b64decode(j["payload"]))["predicate"]["sets"]["abroad"]["members"]')"
ok "list --json" node list --json --restart 1
/usr/bin/python3 -c 'import json, sys
for line in open("out"): json.loads(line)["member"]' && pass "a JSON object a line" || fail "a JSON object a line" out
r=1
next() { r=$((r + 1)); } # every run is a release of its own
next
node cat --restart $r >all.tar 2>err && pass "cat" || fail "cat" err
cat >compare.py <<'END'
"""The tar holds the notes byte for byte, and the table without its names; nothing else."""
import csv, glob, io, sys, tarfile
notes, tables, names = [], [], []
with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as tar:
    for m in tar:
        assert m.isreg() and m.mode == 0o644 and m.uid == m.gid == m.mtime == 0, m.name
        names.append(m.name)
        (tables if m.name.endswith(".csv") else notes).append(tar.extractfile(m).read())
assert names == [line.split()[2] for line in open("members")], "names"
assert sorted(notes) == sorted(open(f, "rb").read() for f in glob.glob("data/notes/*")), "notes"
rows = [row for t in tables for row in list(csv.DictReader(io.StringIO(t.decode()), delimiter=";"))]
source = list(csv.DictReader(open("data/people.csv"), delimiter=";"))
assert [row["score"] for row in rows] == [row["score"] for row in source], "score"
assert all("naam" not in row for row in rows) and b"Achternaam" not in b"".join(tables), "naam"
assert len({row["patientnr"] for row in rows}) == 500, "pseudonyms"
assert not {row["patientnr"] for row in rows} & {row["patientnr"] for row in source}, "numbers"
END
ok "the members are the scrubbed files" /usr/bin/python3 compare.py <all.tar
same "GNU tar reads all members" "$(tar -tf all.tar 2>&1 | wc -l)" "$(wc -l <members)"

# A shard at a time: as sealed, padding and all; and in the order given.
next
node cat --restart $r shard-00001 >one.tar 2>err && pass "cat of one shard" || fail "cat of one shard" err
same "its length is what was sealed" "$(wc -c <one.tar)" "$(sed -n 2p "$set/shards.jsonl" >row && json row 'j["plain"]')"
same "its members are the index's" "$(tar -tf one.tar)" "$(awk '$1 == "shard-00001" {print $3}' members)"
next
node cat --restart $r 2 0 >two.tar 2>err || fail "cat of two shards" err
same "two shards, in the order given" "$(tar -tf two.tar)" \
	"$(awk '$1 == "shard-00002" {print $3}' members; awk '$1 == "shard-00000" {print $3}' members)"
next
expect_status 2 "no shard that is not there" node cat --restart $r 999
expect_status 2 "no shard twice" node cat 1 shard-00001
next
node_at "$vault/$version" req.json cat --restart $r >version.tar 2>err
cmp -s all.tar version.tar && pass "--from may be the version's own folder" || fail "--from may be the version's own folder" err
next
SLURM_NODEID=1 SLURM_RESTART_COUNT=$r node cat >slurm.tar 2>err
cmp -s all.tar slurm.tar && pass "slot and restart from Slurm" || fail "slot and restart from Slurm" err

# A reader that leaves: too early, or where the members end and only zeros follow.
mark=$(/usr/bin/python3 -c 'print((len(open("one.tar", "rb").read().rstrip(b"\0")) + 511) // 512 * 512)')
next
{ node cat --restart $r 2>err; echo $? >status; } | head -c 100000 >/dev/null
same "a reader that left early is told" "$(cat status)" 5
next
{ node cat --restart $r 1 2>err; echo $? >status; } | head -c "$((mark + 512))" >/dev/null
same "one that left at the end-of-archive mark is not" "$(cat status)" 0
next
{ node cat --restart $r 2>err; echo $? >status; } | head -c "$(($(wc -c <all.tar) - (1 << 20) - 400000))" >/dev/null
same "one that left while more was to come than a pipe holds is" "$(cat status)" 5

# ---- a reader that is not ours ----

mkdir foreign again
ok "a node that gives its key away" "$tool" --house 'stager release' --pin house/house.json --request req.json \
	--job-key job.key --out foreign --slot 1 --restart 50
for shard in 00000 00001; do
	cat "foreign/shard-$shard.header" "$set/shard-$shard.body" >"$shard.c4gh"
done
/usr/bin/python3 "$STAGER_TESTS/peer_c4gh.py" open 00001.c4gh --key foreign/reader.key --sums "$set/shard-00001.sums" \
	>peer.tar 2>err
cmp -s peer.tar one.tar && pass "another Crypt4GH reader opens a released shard" || fail "another Crypt4GH reader" err
cat foreign/shard-00000.header "$set/shard-00001.body" >mixed.c4gh
not_ok "but not with another shard's header" /usr/bin/python3 "$STAGER_TESTS/peer_c4gh.py" open mixed.c4gh \
	--key foreign/reader.key
ok "the same node key again, the same restart" "$tool" --house 'stager release' --pin house/house.json --request req.json \
	--job-key job.key --out again --slot 1 --restart 50 --key foreign/reader.key

# ---- refusals ----

expect_status 3 "another node key under the same restart" node cat --slot 1 --restart 50
grep -q alarm err && pass "and it is an alarm" || fail "and it is an alarm" err
expect_status 3 "an earlier restart" node cat --slot 1 --restart 49
expect_status 3 "a slot that the request has not" node cat --slot 2
same "it is said once" "$(grep -c . err) $(grep -c 'the house says' err)" "1 1"
expect_status 3 "a job key that is not the request's" stager-node cat --house 'stager release' --pin house/house.json \
	--request req.json --job-key other.key --from "$vault" --restart 59
not_ok "nor does the house take its word" "$tool" --house 'stager release' --pin house/house.json --request req.json \
	--job-key other.key --out again --slot 1 --restart 59
grep -q 'the house says' err && pass "the house said so" || fail "the house said so" err
digit=$(json req.json 'j["manifest"][0]')
other=$([ "$digit" = a ] && echo b || echo a)
sed "s/\"manifest\":\"$digit/\"manifest\":\"$other/" req.json >other-manifest.json
expect_status 3 "another manifest" node_at "$vault" other-manifest.json cat --restart 59
expect_status 3 "a changed request" node_at "$vault" changed.json cat --restart 59
STAGER_HOUSE='' ok "another house" stager init elsewhere --name elsewhere $(swap_option)
expect_status 4 "a house that is not the pinned one" stager-node cat --house 'stager release' --pin elsewhere/house.json \
	--request req.json --job-key job.key --from "$vault" --restart 59
chmod 644 other.key
expect_status 3 "a job key that others may read" stager-node cat --house 'stager release' --pin house/house.json \
	--request req.json --job-key other.key --from "$vault"
expect_status 5 "a house that hangs up" stager-node cat --wait 0 --house 'exit 1' --pin house/house.json --request req.json \
	--job-key job.key --from "$vault"

ask few.json --slots 1 --redemptions 2 && approve few.json anna >/dev/null && approve few.json boris >/dev/null
ok "first of two redemptions" node_at "$vault" few.json cat 0
ok "second of two" node_at "$vault" few.json cat 0 --restart 1
expect_status 3 "no third" node_at "$vault" few.json cat 0 --restart 2

ask short.json --until $(($(date +%s) + 4)) && approve short.json anna >/dev/null && approve short.json boris >/dev/null
ok "within its window" node_at "$vault" short.json cat 0
sleep 5
expect_status 3 "after its window" node_at "$vault" short.json cat 0 --restart 1
grep -q window err && pass "and it says why" || fail "and it says why" err
ask gone.json && approve gone.json anna >/dev/null && approve gone.json boris >/dev/null && stager request cancel "$(cat id)" >/dev/null
expect_status 3 "after it was cancelled" node_at "$vault" gone.json cat

# ---- damage ----

cat >flip.py <<'END'
"""flip.py FILE OFFSET: one bit of one byte; a negative offset counts from the end"""
import os, sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]), os.SEEK_SET if int(sys.argv[2]) >= 0 else os.SEEK_END)
    byte = f.read(1)[0]
    f.seek(-1, os.SEEK_CUR)
    f.write(bytes([byte ^ 1]))
END
cat >broken.py <<'END'
"""broken.py FILE WHOLE N: FILE is WHOLE up to byte N, then nothing, or one header that cannot be read on; tar readers fail."""
import sys, tarfile
got, whole, n = open(sys.argv[1], "rb").read(), open(sys.argv[2], "rb").read(), int(sys.argv[3])
assert got[:n] == whole[:n] and len(got) in (n, n + 512), (len(got), n)
assert len(got) == n or got[n:n + 12] == b"stager-error"
for mode in "r|", "r:":
    try:
        with tarfile.open(sys.argv[1], mode) as tar:
            for m in tar:
                tar.extractfile(m).read()
    except tarfile.ReadError:
        continue
    raise SystemExit(mode + " took it for whole")
END
# damaged WHAT FILE OFFSET BYTES: one flipped byte in a copy; status 4, and BYTES of the tar before it
damaged() {
	rm -rf copy
	cp -r "$vault" copy
	/usr/bin/python3 flip.py "copy/$version/$2" "$3"
	next
	node_at copy req.json cat --restart $r >part.tar 2>err
	same "$1: status" "$?" 4
	ok "$1: nothing of it came out" /usr/bin/python3 broken.py part.tar all.tar "$4"
}
sealed_before() { # bytes of members in shards before number N
	/usr/bin/python3 -c 'import json, sys
print(sum((m["size"] + 511) // 512 * 512 + 512 for m in map(json.loads, open("list.json")) if m["shard"] < int(sys.argv[1])))' "$1"
}
next
node list --json --restart $r >list.json 2>err
first=$(sealed_before 1)
damaged "first byte of a body" abroad/shard-00000.body 0 0
damaged "fourth segment of a body" abroad/shard-00000.body $((3 * 65564 + 777)) $((3 * 65536))
damaged "second shard, first segment" abroad/shard-00001.body 5 "$first"
damaged "second shard, third segment" abroad/shard-00001.body $((2 * 65564 + 5)) $((first + 2 * 65536))
damaged "sums of the second shard" abroad/shard-00001.sums 40 "$first"
damaged "shard table of the copy" abroad/shards.jsonl 100 0
damaged "manifest of the copy" manifest.json 200 0
rm -rf copy
cp -r "$vault" copy
/usr/bin/python3 flip.py "copy/$version/abroad/index.body" 100
next
expect_status 4 "index: list" node_at copy req.json list --restart $r
[ ! -s out ] && pass "index: nothing of it came out" || fail "index: nothing of it came out" out
cp "$set/index.body" "copy/$version/abroad/"
/usr/bin/python3 flip.py "copy/$version/abroad/shard-00001.body" -1
next
node_at copy req.json cat --restart $r 1 >part.tar 2>err
same "last byte of a shard, in its padding" "$?" 4
rm "copy/$version/abroad/shard-00001.body"
next
node_at copy req.json cat --restart $r >part.tar 2>err
same "a shard that is not there: status" "$?" 5
ok "a shard that is not there: no reader takes it for an end" /usr/bin/python3 broken.py part.tar all.tar "$first"
# The house's own table, while it is asked.
cp "$set/shards.jsonl" kept
/usr/bin/python3 flip.py "$set/shards.jsonl" 60
next
expect_status 4 "the house's shard table" node cat --restart $r
cp kept "$set/shards.jsonl"
next
ok "whole again" node cat --restart $r

# ---- confinement ----

same "what it links" "$(readelf -d "$STAGER_BUILD/stager-node" | sed -n 's/.*NEEDED.*\[\(lib[a-z]*\)\..*/\1/p' | sort | tr '\n' ' ')" \
	"libc libcrypto libsodium "
for try in create socket udp unix exec ptrace mount fork executable; do
	not_allowed=$(node cat --prove $try 2>/dev/null </dev/null)
	status=$?
	case $status:$not_allowed in
	0:*refused* | 159:* | 31:*) pass "confined: no $try" ;;
	*) fail "confined: $try: $status $not_allowed" ;;
	esac
done
same "confined: it can still read" "$(node cat --prove read 2>/dev/null </dev/null)" "read: ALLOWED"
ok "the log and the vault are whole" stager verify

# ---- a request that was cancelled, brought back by who writes to the ledger ----

cancelled=$(sqlite3 "$STAGER_HOUSE/ledger.db" "SELECT id FROM request WHERE state = 'CANCELLED' LIMIT 1")
sqlite3 "$STAGER_HOUSE/ledger.db" "UPDATE request SET state = 'APPROVED' WHERE id = '$cancelled'"
expect_status 4 "a cancelled request that is back is noticed" stager verify
sqlite3 "$STAGER_HOUSE/ledger.db" "UPDATE opening SET about = NULL WHERE type = 'cancel'"
expect_status 4 "and where its entry is said to be about nothing" stager verify
grep -q "log entry .*cancel" err && pass "and it names the entry" || fail "and it names the entry"
sqlite3 "$STAGER_HOUSE/ledger.db" "UPDATE request SET state = 'CANCELLED' WHERE id = '$cancelled'; UPDATE opening SET about = '$cancelled' WHERE type = 'cancel'"
ok "as it was it is whole" stager verify
finish
