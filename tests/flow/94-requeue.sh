#!/bin/sh
# Goal: a node's conversation with its house under batch life: a house that cannot be reached, an answer that is lost, a job
# that is requeued, a chain of jobs, by command and by socket; all within the slots and redemptions that were signed, and what
# is beyond them refused, logged and alarmed. Receipts of what was opened arrive once, or wait, and cannot be made up.
. "${STAGER_TESTS:?}/flow/lib.sh"
cd "$work" || exit 1
command -v socat >/dev/null || { echo "skipped: no socat"; exit 77; }

mkdir data
/usr/bin/python3 - <<'END'
import random
random.seed(94)
words = "de zonnebloemen staan in de tuin en het gaat goed vandaag".split()
for n in range(12):
    with open(f"data/{n:02}.txt", "w") as f:
        f.write("marker-of-plaintext\n")
        while f.tell() < 250000:
            f.write(" ".join(random.choices(words, k=12)) + "\n")
END
cat >policy.yaml <<'END'
policy: 1
name: requeue
project: requeue
pseudonym: {domain: research, key: 1}
text: {language: [nl], default: tag}
files:
  - match: '*.txt'
    format: text
accept: {files: 0, records: 0%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: none}
shards: {size: 1MiB, order: source, names: generated}
END
make_house "$work/house" || exit 1
version=$(stager push data --name requeue --policy policy.yaml 2>err) || { cat err; exit 1; }
accept "$version" >out 2>err || { cat out err; exit 1; }
table=house/vault/$version/abroad/shards.jsonl
segments=$(/usr/bin/python3 -c 'import json, sys
print(sum(j["segments"] for j in map(json.loads, open(sys.argv[1])) if j["name"] != "index"))' "$table")
stager-node keygen --out job.key --pub job.pub || exit 1
stager-node keygen --out other.key --pub other.pub || exit 1

# request FILE OPTION...: approved
request() {
	file=$1
	shift
	stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example --out "$file" "$@" >"$file.id" ||
		return 1
	for person in anna boris; do
		stager-sign --yes --key $person.key "$file" >approval 2>sign.err && stager approve approval >/dev/null || return 1
	done
}
# node REQUEST COMMAND OPTION...: by the command $by
by='stager release'
node() {
	for=$1
	what_to_do=$2
	shift 2
	stager-node "$what_to_do" --house "$by" --pin house/house.json --request "$for" --job-key job.key --from house/vault "$@"
}
# uses REQUEST EXPRESSION: over the list u of what became of it
uses() {
	stager request show "$(cat "$1.id")" --json >uses.json && json uses.json "(lambda u: $2)(j['uses'])"
}
# A house that behaves as planned, one word a conversation: ok, down (it dies at once), lost (it answers, and nobody hears it);
# ok from then on.
cat >fickle.sh <<'END'
n=$(cat calls)
echo $((n + 1)) >calls
# shellcheck disable=SC2046
set -- $(cat plan)
[ "$n" -lt $# ] && shift "$n" || set -- ok
case $1 in
down) exit 1 ;;
lost) stager release | { head -n 1; cat >lost; } ;;
*) exec stager release ;;
esac
END
plan() {
	echo "$*" >plan
	echo 0 >calls
	by="sh fickle.sh"
}
plan_off() { by='stager release'; }
wait_for() { # COMMAND...: at most 3 seconds
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		"$@" && return
		sleep 0.2
	done
	return 1
}

# ---- a house that cannot be reached ----

request wide.json --slots 2 --redemptions 40 || exit 1
started=$(date +%s)
expect_status 5 "a house that is never there" stager-node cat --house 'exit 1' --wait 3 --pin house/house.json \
	--request wide.json --job-key job.key --from house/vault
took=$(($(date +%s) - started))
[ $took -ge 2 ] && [ $took -le 60 ] && pass "given up after its time ($took s)" || fail "given up after $took s"
grep -q 'trying again' err && pass "it says that it tries again" || fail "it says that it tries again" err
expect_status 5 "a socket that is not there" stager-node cat --house unix:nowhere --wait 1 --pin house/house.json \
	--request wide.json --job-key job.key --from house/vault
expect_status 2 "a socket's path that is too long" stager-node cat --house "unix:/$(printf '%0110d' 0)" --wait 1 \
	--pin house/house.json --request wide.json --job-key job.key --from house/vault
plan down down ok
ok "a house that comes back" node wide.json cat
same "it was asked three times, and once for the receipt" "$(cat calls)" 4
same "one release, one receipt" "$(uses wide.json '[x["type"] for x in u]')" "['release', 'receipt']"

# ---- an answer that is lost ----

plan lost lost ok
ok "an answer lost twice" node wide.json cat --restart 1
cp out kept.tar
same "the same node each time: three releases in the log" \
	"$(uses wide.json '(len([x for x in u if x["type"] == "release" and x["restart"] == 1]), len({x["node"] for x in u if x["restart"] == 1}))')" "(3, 1)"
grep -q headers lost && pass "the house had answered" || fail "the house had answered" lost
stager request list --json >list.json
same "and two redemptions used, of two runs" "$(json list.json 'j[0]["used"]')" 2

# ---- requeued, replaced, in a chain ----

plan_off
slurm() { # RESTARTS OPTION...
	restarts=$1
	shift
	SLURM_NODEID=0 SLURM_RESTART_COUNT=$restarts node wide.json cat "$@"
}
ok "requeued: a higher restart count" slurm 2
cmp -s out kept.tar && pass "the same shards" || fail "the same shards"
expect_status 3 "the count before it is over" slurm 1
grep -q 'came before' err && pass "and it says so" || fail "and it says so" err
expect_status 3 "the same count from another node" slurm 2
grep -q alarm err && pass "is an alarm" || fail "is an alarm" err
ok "the other slot is its own" node wide.json cat --slot 1 --restart 2
export STAGER_CHAIN=1
ok "the next job of a chain begins at restart 0 again" slurm 0
ok "and is requeued" slurm 1
unset STAGER_CHAIN
ok "the one after, by option" slurm 0 --chain 2
same "as counts of one request" \
	"$(uses wide.json 'sorted({x["restart"] for x in u if x["type"] == "release" and x["slot"] == 0 and x["done"]})')" \
	"[0, 1, 2, 1000, 1001, 2000]"
expect_status 3 "a job of the chain that was superseded" slurm 5 --chain 1
expect_status 2 "no restart past the step of a chain" slurm 1000 --chain 1
expect_status 2 "no chain past the count's end" slurm 0 --chain 100

# ---- beyond what was signed ----

log=none
if [ "$(id -u)" = 0 ] && [ ! -e /dev/log ]; then
	log=/dev/log
	socat -u UNIX-RECV:$log OPEN:syslog.out,creat,append &
	logger=$!
	wait_for test -S $log || fail "a syslog to listen with"
fi
expect_status 3 "a third node of two slots" node wide.json cat --slot 2
same "is logged, as an alarm" \
	"$(uses wide.json '[(x["status"], x["alarm"]) for x in u if x["type"] == "refusal" and x["slot"] == 2]')" "[(3, True)]"
request few.json --slots 1 --redemptions 2 || exit 1
ok "first of two redemptions" node few.json cat 0
ok "second of two" node few.json cat 0 --restart 1
expect_status 3 "no third" node few.json cat 0 --restart 2
same "the third is logged, as an alarm" "$(uses few.json '[(x["restart"], x["alarm"]) for x in u if x["type"] == "refusal"]')" \
	"[(2, True)]"
if [ $log != none ]; then
	wait_for grep -q "$(cat few.json.id)" syslog.out
	kill $logger
	wait $logger 2>/dev/null
	rm -f $log
	same "alarms went to syslog" "$(grep -ao 'stager\[[0-9]*\]: release: house flow, request [a-z0-9]*: [^:]*:* *alarm' syslog.out | wc -l)" 2
fi
stager request list --json >list.json
same "alarms stand in the list" "$(json list.json '[r["alarms"] for r in j]')" "[2, 1]"
ok "request show, in words" stager request show "$(cat few.json.id)"
grep -q 'refusal.*slot 0 restart 2: status 3, ALARM' out && pass "names the alarm" || fail "names the alarm" out
not_ok "a job key that is not the request's" stager-node cat --house 'stager release' --pin house/house.json --request wide.json \
	--job-key other.key --from house/vault

# ---- by socket ----

# What systemd does for stager-release.socket: a `stager release` a connection, the socket its standard input and output.
socat UNIX-LISTEN:house.sock,fork,mode=600 EXEC:'stager release',nofork &
server=$!
wait_for test -S house.sock || fail "a socket to ask by"
by=unix:$work/house.sock
ok "by socket" node wide.json cat --restart 5000
cmp -s out kept.tar && pass "the same shards by socket" || fail "the same shards by socket"
expect_status 3 "refused by socket" node wide.json cat --restart 4999
kill $server
wait $server 2>/dev/null
plan_off
if command -v systemd-analyze >/dev/null; then
	mkdir units
	cp "$top"/deploy/systemd/stager-release* units/
	# The program and the accounts of the units need not be here.
	sed -i -e "s:/usr/bin/stager:$STAGER_BUILD/stager:" -e '/^User=/d' -e '/^Group=/d' -e '/^Socket\(User\|Group\)=/d' units/*
	ok "the units are sound" systemd-analyze verify --man=no units/stager-release.socket units/stager-release@.service
	[ -s err ] && fail "the units are sound: nothing is said of them" err
fi

# ---- receipts ----

ok "a run" node wide.json cat --restart 6000
same "its receipt: all segments" \
	"$(uses wide.json '[(x["segments"], x["result"]) for x in u if x["type"] == "receipt" and x["restart"] == 6000]')" \
	"[($segments, 'done')]"
mkdir copy
cp -r "house/vault/$version" copy/
printf x | dd of="copy/$version/abroad/shard-00001.body" bs=1 seek=70000 conv=notrunc 2>/dev/null
expect_status 4 "a run that meets damage" stager-node cat --house "$by" --pin house/house.json --request wide.json \
	--job-key job.key --from copy --restart 6001
same "its receipt says so" \
	"$(uses wide.json '[(x["segments"] < '"$segments"', x["result"]) for x in u if x["type"] == "receipt" and x["restart"] == 6001]')" \
	"[(True, 'failed')]"

expect_status 2 "a folder of receipts that is not there" node wide.json cat --restart 6002 --receipts waiting
expect_status 2 "nor can it be emptied" stager-node receipt --house "$by" --receipts waiting
[ -e waiting ] && fail "and it is not made" || pass "and it is not made"
mkdir -m 700 waiting
plan ok down
ok "a house that is gone at the end" node wide.json cat --restart 6002 --receipts waiting
grep -q 'waits in the folder' err && pass "it says that the receipt waits" || fail "it says that the receipt waits" err
same "a receipt waits in it, private too" "$(stat -c %a waiting/*.receipt)" 600
not_ok "no plaintext in it" grep -rq marker-of-plaintext waiting
/usr/bin/python3 - job.key waiting/*.receipt <<'END' && pass "no key in it" || fail "no key in it"
import base64, json, sys
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
key = load_pem_private_key(open(sys.argv[1], "rb").read(), None)
seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
raw = open(sys.argv[2], "rb").read()
payload = base64.b64decode(json.loads(raw)["payload"])
assert set(json.loads(payload)) == {"type", "request", "t", "slot", "restart", "node", "part", "parts", "begun", "ended",
                                    "result", "shards"}
for form in seed, seed.hex().encode(), base64.b64encode(seed):
    assert form not in raw and form not in payload
END
plan down
expect_status 5 "sending it to a house that is not there" stager-node receipt --house "$by" --receipts waiting
same "leaves it there" "$(find waiting -name '*.receipt' | wc -l)" 1
mkdir -m 700 second third
cp waiting/* second/
cp waiting/* third/
plan_off
ok "sending it" stager-node receipt --house "$by" --receipts waiting
same "takes it away" "$(find waiting -type f | wc -l)" 0
ok "sending it again" stager-node receipt --house "$by" --receipts second
same "is the same entry" "$(uses wide.json 'len([x for x in u if x["type"] == "receipt" and x["restart"] == 6002])')" 1
ok "sending nothing" stager-node receipt --house "$by" --receipts waiting
plan ok down
node wide.json cat --restart 6003 --receipts waiting >out 2>err
plan_off
ok "the next run" node wide.json cat --restart 6004 --receipts waiting
same "sends what waited" \
	"$(uses wide.json 'sorted(x["restart"] for x in u if x["type"] == "receipt" and x["restart"] >= 6003)')" "[6003, 6004]"
plan ok down
ok "a run with no folder, and a house that is gone at the end" node wide.json cat --restart 6005
grep -q 'neither sent nor kept' err && pass "says that its receipt is lost" || fail "says that its receipt is lost" err
plan_off
mkdir open
chmod 777 open
expect_status 3 "no folder to which others may write" node wide.json cat --restart 6006 --receipts open

cat >forge.py <<'END'
"""forge.py KEY CHANGE: a receipt like the one in third/, changed by a Python expression over r, signed with KEY."""
import base64, glob, json, os, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
envelope = json.load(open(glob.glob("third/*.receipt")[0]))
r = json.loads(base64.b64decode(envelope["payload"]))
exec(sys.argv[2])
payload = json.dumps(r, sort_keys=True, separators=(",", ":")).encode()
kind = envelope["payloadType"].encode()
key = load_pem_private_key(open(sys.argv[1], "rb").read(), None)
signature = key.sign(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
os.makedirs("forged", mode=0o700, exist_ok=True)
for old in glob.glob("forged/*"):
    os.unlink(old)
with open("forged/%s.receipt" % ("ab" * 32), "w") as f:
    json.dump({"payload": base64.b64encode(payload).decode(), "payloadType": kind.decode(),
               "signatures": [{"keyid": "", "sig": base64.b64encode(signature).decode()}]}, f)
END
# forged STATUS WHAT KEY CHANGE
forged() {
	/usr/bin/python3 forge.py "$3" "$4" || { fail "$2: forge"; return; }
	expect_status "$1" "$2" stager-node receipt --house "$by" --receipts forged
}
entries=$(sed -n 2p house/log/checkpoint)
forged 0 "the same receipt, signed again" job.key 'pass'
forged 4 "one by another job key" other.key 'pass'
forged 3 "another one of the same release" job.key 'r["shards"] = []'
forged 3 "one of a slot that had no release" job.key 'r["slot"] = 1'
forged 3 "one of a restart that had none" job.key 'r["restart"] = 9'
forged 3 "one of another node" job.key 'r["node"] = "00" * 32'
forged 3 "one of another answer" job.key 'r["t"] = "00" * 32'
forged 3 "one of another request" job.key 'r["request"] = "00" * 32'
forged 3 "of shards that were not released" job.key 'r["shards"] = [[99999, 1, 0, 0]]; r["part"] = 1; r["parts"] = 2'
forged 3 "of shards twice" job.key 'r["shards"] = 2 * r["shards"]'
forged 3 "that ended before it began" job.key 'r["ended"] = r["begun"] - 1'
forged 3 "a word more" job.key 'r["more"] = 1'
same "none of them is in the log" "$(sed -n 2p house/log/checkpoint)" "$entries"
printf '{"envelope":"AAAA","type":"receipt"}\n' | stager release >out 2>err
same "no envelope" "$(json out 'j["status"]')" 3
head -c 3000000 /dev/zero | tr '\0' a | stager release >out 2>err
same "a line past the limit" "$(json out 'j["status"]')" 3

ok "all of it proven again" stager verify
/usr/bin/python3 -c 'import sqlite3
db = sqlite3.connect("house/ledger.db")
db.execute("UPDATE receipt SET slot = 1 WHERE place = (SELECT max(place) FROM receipt)")
db.commit()'
expect_status 4 "a receipt's row changed" stager verify
finish
