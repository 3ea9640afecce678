#!/bin/sh
# Goal: sealed sets go where their policy lets them and nowhere else, entered in the log first; a sender that was cut goes on
# without sending twice; what is damaged here never leaves; what is damaged there is found and sent again; and what was
# delivered is proven by a signed record.
. "${STAGER_TESTS:?}/flow/lib.sh"
. "$STAGER_TESTS/flow/nginx.sh"
trap 'nginx_stop; flow_end' EXIT
cd "$work" || exit 1
house=$work/house
far=$work/far

# Twelve shards of some 1 MiB, one of 9 MiB.
mkdir -p in far
/usr/bin/python3 - <<'PY'
import random
random.seed(91)
for i in range(12):
    with open("in/%02d.bin" % i, "wb") as f: f.write(random.randbytes(1000000 if i else 9000000))
PY
policy() {
	cat <<YAML
policy: 1
name: send
project: send
pseudonym: {domain: research, key: 1}
dates: {order: [dd-MM-yyyy]}
files:
  - match: '*.bin'
    format: opaque
    ext: bin
accept: {files: 0, records: 1%}
sets:
  $1: {hold: [NL, FI], open: [lumi, puhti], evidence: none, results: sealed}
shards: {size: 1MiB, order: source, names: generated}
YAML
}
policy abroad >policy.yaml
policy domestic >domestic.yaml
make_house "$house" >setup 2>&1 || { fail "a house" setup; finish; exit 1; }
version=$(stager push in --name send --policy policy.yaml) || { fail "a version"; finish; exit 1; }
home=$house/vault/$version
entries() { sed -n 2p "$house/log/checkpoint"; }
# sent: how many objects stand there whole, and how many temporary names
there() { find "$far" -type f ! -name '*~*' | wc -l; }
litter() { find "$far" -name '*~*' | wc -l; }
last() { tail -n 1 "$1" >"$1.last"; json "$1.last" "$2"; }

# --- where it may go ---
mkdir elsewhere
ok "an endpoint" stager endpoint add lumi --url "dir:$far/" --country FI --site lumi
ok "one in another country" stager endpoint add sweden --url "dir:$work/elsewhere" --country SE --site lumi
ok "one of another site" stager endpoint add mahti --url s3://mahti/x --gateway https://a3s.example --country FI --site mahti
expect_status 2 "a name that is taken" stager endpoint add lumi --url dir:/x --country FI --site lumi
for url in 'dir:relative' 'dir:/a/../b' 's3://' 'https://user:secret@host/x' 'ftp://host/x' 'https://host//x' 'https://host/x?y=z'; do
	expect_status 2 "no endpoint: $url" stager endpoint add bad --url "$url" --country FI --site lumi
done
expect_status 2 "a country that is none" stager endpoint add bad --url dir:/x --country fi --site lumi
not_ok "what is refused is not repeated with what was secret in it" grep -rq secret "$work/err"
before=$(entries)
expect_status 3 "a version that nobody accepted" stager send "$version" --to lumi
accept "$version" >accept.log 2>&1 || fail "accept" accept.log
expect_status 3 "a country that the policy does not list" stager send "$version" --to sweden
expect_status 3 "a site that it does not list" stager send "$version" --to s3://mahti/x/y
expect_status 3 "a folder that nobody named" stager send "$version" --to "dir:$work/in"
expect_status 3 "a name that only begins like an endpoint's" stager send "$version" --to "dir:${far}er"
expect_status 3 "a name that nobody knows" stager send "$version" --to somewhere
expect_status 2 "no URL" stager send "$version" --to gopher:x
expect_status 2 "a set that it does not have" stager send "$version" --to lumi --set domestic
ln -s "$work/elsewhere" "$far/link"
expect_status 3 "a link that leads out of the endpoint" stager send "$version" --to "dir:$far/link"
rm "$far/link"
expect_status 2 "--check of what was never sent" stager send "$version" --to lumi --check
ok "an endpoint taken back" stager endpoint remove mahti
expect_status 3 "is none any more" stager send "$version" --to mahti
inner=$(stager push in --name inner --policy domestic.yaml) && accept "$inner" >accept.log 2>&1 || fail "a domestic version" accept.log
expect_status 3 "the set domestic never leaves" stager send "$inner" --to lumi
grep -q domestic err && pass "and is told so" || fail "and is told so" err
same "nothing has left" "$(find "$far" elsewhere -type f | wc -l)" 0
same "nothing was entered as sent" "$(stager show "$version" | grep -c ' send ')" 0

# --- what is damaged here does not leave ---
# damage FILE OFFSET: one bit
damage() {
	/usr/bin/python3 - "$1" "$2" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2])); byte = f.read(1); f.seek(-1, 1); f.write(bytes([byte[0] ^ 1]))
PY
}
cp -a "$home/abroad" keep
damage "$home/abroad/shard-00003.body" 70000
expect_status 4 "a damaged body is not sent" stager send "$version" --to lumi --streams 2
same "nothing of it is there" "$(find "$far" -name 'shard-00003.body*' | wc -l) $(litter)" "0 0"
[ ! -e "$far/$version/manifest.json" ] && pass "nor the manifest" || fail "nor the manifest"
cp keep/shard-00003.body "$home/abroad/"
printf x >>"$home/abroad/shard-00005.sums"
expect_status 4 "nor one whose sums are longer" stager send "$version" --to lumi
cp keep/shard-00005.sums "$home/abroad/"
damage "$home/abroad/shard-00005.sums" 7
expect_status 4 "nor one whose sums are others" stager send "$version" --to lumi
cp keep/shard-00005.sums "$home/abroad/"
damage "$home/abroad/shards.jsonl" 30
expect_status 4 "nor anything under another table" stager send "$version" --to lumi
cp keep/shards.jsonl "$home/abroad/"
rm "$home/abroad/index.body"
expect_status 4 "nor a version that is not whole" stager send "$version" --to lumi
cp keep/index.body "$home/abroad/"
same "that it began is in the log, once" "$(stager show "$version" | grep -c ' send ')" 1
same "that it is there is not" "$(json receipt 0 2>/dev/null; stager show "$version" | grep -c ' delivery  *20')" 0

# --- cut, and gone on with ---
total=$(cd "$home" && cat manifest.json abroad/* | wc -c)
rm -rf "$far/$version"
twice=0
# kill SECONDS SIGNAL: a slow sender, ended so
cut_sender() {
	stager send "$version" --to lumi --streams 2 --max-rate 12000000 --json >cut.json 2>cut.err &
	sender=$!
	sleep "$1"
	kill "-$2" $sender
	wait $sender
	status=$?
}
for seconds in 0.25 0.5 0.6; do
	had=$(there)
	cut_sender $seconds KILL
	[ $status = 137 ] && [ "$(there)" -ge "$had" ] && [ ! -e "$far/$version/manifest.json" ] && pass "killed after $seconds s, $(there) objects there" ||
		fail "killed after $seconds s: status $status" cut.err
	# shellcheck disable=SC2013 # no spaces
	for name in $(grep '"sent"' cut.json | sed 's/.*"name":"\([^"]*\)".*/\1/'); do
		grep -q "^$name\$" sent.names 2>/dev/null && twice=$((twice + 1))
		echo "$name" >>sent.names
	done
done
cut_sender 0.4 TERM
same "SIGTERM ends it so that it can be gone on with" $status 5
grep -q 'goes on from here' cut.err && pass "and says so" || fail "and says so" cut.err
same "and leaves nothing half put" "$(litter)" 0
printf 'half' >"$far/$version/abroad/shard-00011.body~0123456789abcdef"
whole=$(find "$far" -type f ! -name '*~*' -printf '%s\n' | awk '{n += $1} END {printf "%.0f\n", n}')
ok "the same command goes on" stager send "$version" --to lumi --json --receipt record.json
cp out run.json
same "and sends just what was not there" "$(last run.json 'j["sent-bytes"]')" $((total - whole))
same "all in all" "$(last run.json 'j["bytes"]')" "$total"
same "no object twice" $twice 0
same "what killed senders left is gone" "$(litter)" 0
diff -r "$home" "$far/$version" >differ 2>&1 && pass "there is what is here" || fail "there is what is here" differ
same "its state" "$(stager show "$version" --json | /usr/bin/python3 -c 'import json,sys; j=json.load(sys.stdin); print(j["state"], j["deliveries"][0]["state"])')" "SENT DELIVERED"
ok "verify" stager verify

# --- the record, by a program that is not ours ---
cat >record.py <<'PY'
import base64, hashlib, json, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
card = json.load(open("house/house.json")); env = json.load(open("record.json")); version, far = sys.argv[1:]
payload = base64.b64decode(env["payload"]); kind = env["payloadType"].encode()
assert kind == b"application/vnd.stager.delivery+json"
pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
Ed25519PublicKey.from_public_bytes(bytes.fromhex(card["key"])).verify(base64.b64decode(env["signatures"][0]["sig"]), pae)
j = json.loads(payload)
manifest = json.load(open("%s/%s/manifest.json" % (far, version)))
assert j["manifest"] == hashlib.sha256(base64.b64decode(manifest["payload"])).hexdigest()
assert j["table"] == hashlib.sha256(open("%s/%s/abroad/shards.jsonl" % (far, version), "rb").read()).hexdigest()
print(j["version-id"], j["set"], j["endpoint"], j["country"], j["site"], j["objects"], j["bytes"], j["url"])
PY
ok "the record is the house's" /usr/bin/python3 record.py "$version" "$far"
same "and says what is where" "$(cat out)" "$version abroad lumi FI lumi $(find "$far" -type f | wc -l) $total dir:$far"

# --- nothing to do; what changes there is found ---
before=$(entries)
ok "a second run" stager send "$version" --to "dir:$far" --json --receipt again.json
same "sends nothing, reads nothing" "$(last out '(j["sent-bytes"], j["read-bytes"], j["unchanged"])')" "(0, 0, True)"
cmp -s record.json again.json && pass "and gives the same record" || fail "and gives the same record"
same "and is no log entry" "$(entries)" "$before"
damage "$far/$version/abroad/shard-00002.body" 4
rm "$far/$version/abroad/index.sums"
ok "--check" stager send "$version" --to lumi --check --json
same "finds what changed and what vanished" "$(grep -e '"changed"' -e '"vanished"' out | sed 's/.*abroad.\([a-z0-9.-]*\)".*/\1/' | sort | tr '\n' ' ')" "index.sums shard-00002.body "
same "and sends it again, nothing else" "$(last out 'j["sent-bytes"]')" "$(cat "$home/abroad/shard-00002.body" "$home/abroad/index.sums" | wc -c)"
same "with new entries" "$(entries)" $((before + 2))
touch -r "$far/$version/abroad/shard-00004.body" stamp
damage "$far/$version/abroad/shard-00004.body" 100000
touch -r stamp "$far/$version/abroad/shard-00004.body"
ok "--check of one whose time of writing was put back" stager send "$version" --to lumi --check --json
same "sends it again" "$(last out 'j["sent-objects"]')" 1
cmp -s "$far/$version/abroad/shard-00004.body" "$home/abroad/shard-00004.body" && pass "and it is sound" || fail "and it is sound"
chmod 640 "$far/$version/abroad/shard-00004.body"
ok "--check of one that only looks different" stager send "$version" --to lumi --check --json
same "reads it, sends nothing" "$(last out '(j["sent-bytes"], j["read-bytes"])')" "(0, $(wc -c <"$home/abroad/shard-00004.body"))"
ok "--deep" stager send "$version" --to lumi --check --deep --json
same "reads all" "$(last out '(j["sent-objects"], j["read-bytes"] > 19000000)')" "(0, True)"
cp -a "$far/$version/abroad/shard-00006.body" copy && mv copy "$far/$version/abroad/shard-00006.body"
touch "$far/$version/abroad/shard-00006.body"
ok "another copy of the same" stager send "$version" --to lumi --json
same "is read, not sent" "$(last out '(j["sent-bytes"], j["read-bytes"])')" "(0, $(wc -c <"$home/abroad/shard-00006.body"))"
diff -r "$home" "$far/$version" >differ 2>&1 && pass "there is what is here" || fail "there is what is here" differ
ok "verify" stager verify

# --- below an endpoint; two at once; a disk that is full ---
mkdir "$far/inner"
ok "below an endpoint's URL" stager send "$version" --to "dir:$far/inner/"
mkdir "$far/both"
stager send "$version" --to "dir:$far/both" --streams 1 --max-rate 12000000 >first.out 2>&1 &
first=$!
sleep 0.4
expect_status 5 "a second sender of the same" stager send "$version" --to "dir:$far/both"
ok "one to another place is not in its way" stager send "$version" --to "dir:$far/inner"
wait $first && pass "the first one ends well" || fail "the first one ends well" first.out
if mkdir "$far/small" && mount -t tmpfs -o size=6m none "$far/small" 2>/dev/null; then
	expect_status 5 "a disk that is full" stager send "$version" --to "dir:$far/small"
	same "nothing half put is left there" "$(litter)" 0
	[ ! -e "$far/small/$version/manifest.json" ] && pass "and no manifest" || fail "and no manifest"
	mount -o remount,size=64m "$far/small"
	ok "with room it goes on" stager send "$version" --to "dir:$far/small"
	umount "$far/small"
	expect_status 5 "a disk that is gone" stager send "$version" --to "dir:$far/small/more"
else
	echo "skipped: nothing can be mounted here: no full disk"
fi
# --- a web server, over TLS, which cannot list ---
if nginx_start "$work/nginx"; then
	mkdir nginx/www/sealed
	ok "a web server" stager endpoint add web --url "https://localhost:$nginx_https/sealed" --country NL --site puhti
	expect_status 3 "whose certificate nobody knows" stager send "$version" --to web
	same "has nothing" "$(find nginx/www -type f | wc -l)" 0
	ok "with its certificate" stager send "$version" --to web --ca nginx/ca.pem --json
	same "all of it is sent" "$(last out 'j["sent-bytes"]')" "$total"
	diff -r "$home" "nginx/www/sealed/$version" >differ 2>&1 && pass "there is what is here" || fail "there is what is here" differ
	damage "nginx/www/sealed/$version/abroad/shard-00001.body" 9
	# Its tag is the length and the time in whole seconds.
	touch -d '2 hours ago' "nginx/www/sealed/$version/abroad/shard-00001.body"
	rm "nginx/www/sealed/$version/abroad/index.body"
	SSL_CERT_FILE=$work/nginx/ca.pem stager send "$version" --to web --check --json >out 2>err
	same "what changed and vanished is sent again" "$(last out 'j["sent-objects"]')" 2
	ok "--deep" stager send "$version" --to web --ca nginx/ca.pem --deep --json
	same "finds all of it good" "$(last out '(j["read-bytes"], j["sent-bytes"])')" "($total, 0)"
	mkdir nginx/www/sealed/two
	ok "plain HTTP on loopback" stager endpoint add plain --url "http://127.0.0.1:$nginx_http/sealed/two" --country NL --site puhti
	ok "is served" stager send "$version" --to plain
	same "and named" "$(grep -c 'at endpoint plain, http://127.0.0.1.* (site puhti, NL); sent now' out)" 1
	for deed in open create; do
		expect_status 0 "stager-send with a network: $deed is refused" stager-send "https://localhost:$nginx_https/" --prove $deed
		same "as it should be" "$(cat out)" "$deed: refused: EACCES"
	done
	expect_status 0 "and a socket to this machine's own" stager-send "https://localhost:$nginx_https/" --prove unix
	expect_status 1 "one to elsewhere is what it is for" stager-send "https://localhost:$nginx_https/" --prove socket
	for deed in exec ptrace mount fork executable; do
		expect_status 159 "it dies of $deed" stager-send "https://localhost:$nginx_https/" --prove $deed
	done
	nginx_stop
	expect_status 5 "a web server that is gone" stager send "$version" --to web --ca nginx/ca.pem --tries 1
else
	echo "skipped: no nginx: no web server"
fi
stager show "$version" >show
same "show lists deliveries" "$(grep '^delivery ' show | grep -v -e small -e http | sort)" "delivery     dir:$far, DELIVERED
delivery     dir:$far/both, DELIVERED
delivery     dir:$far/inner, DELIVERED"

# --- a stager-send that is not there, and one that is no good ---
mkdir programs
for program in stager stager-key stager-log; do cp "$STAGER_BUILD/$program" programs/; done
expect_status 1 "without stager-send" programs/stager send "$version" --to lumi
printf '#!/bin/sh\nexit 0\n' >programs/stager-send && chmod +x programs/stager-send
not_ok "with one that does nothing" programs/stager send "$version" --to lumi

# --- a server that takes connections and says nothing, and somebody who does not wait for it ---
/usr/bin/python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(60)' >port &
silent=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s port ] || sleep 0.3; done
expect_status 2 "S3 without its gateway" stager endpoint add quiet --url s3://quiet/x --country FI --site lumi
expect_status 2 "a gateway that is none" stager endpoint add quiet --url s3://quiet/x --gateway https://h/x --country FI --site lumi
expect_status 2 "a gateway of a folder" stager endpoint add quiet --url "dir:$far" --gateway https://h --country FI --site lumi
ok "an endpoint in S3" stager endpoint add quiet --url s3://quiet/x --gateway "http://127.0.0.1:$(cat port)/" --country FI --site lumi
stager endpoint list | grep -q "s3://quiet/x at http://127.0.0.1:$(cat port)" && pass "its gateway is listed" || fail "its gateway is listed"
# What the environment says of a gateway does not count: this one would refuse at once.
env AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_ENDPOINT_URL="http://127.0.0.1:1" \
	timeout -s KILL 20 stager send "$version" --to quiet 2>quiet.err &
sender=$!
sleep 1
kill -TERM $sender
wait $sender
same "SIGTERM while it lists what is there" $? 5
grep -q 'goes on from here' quiet.err && pass "and says so" || fail "and says so" quiet.err
kill $silent

# --- gone here, and there where it can be reached (96-prune.sh) ---
stager erase --dataset send --holder umc-waterdam --yes >out 2>err
same "erasing names the places that hold bodies still" "$(grep -c "still holds bodies of $version" err)" \
	"$(stager show "$version" | grep '^delivery ' | grep -vc REMOVED)"
same "the others have none" "$(find "$far" -type f | wc -l)" 0
expect_status 3 "what is erased is not sent" stager send "$version" --to lumi
ok "verify" stager verify
finish
