#!/bin/sh
# Goal: what is erased here goes from where it was sent, too: from folders, web servers and S3, entered in the log first; what is not
# the house's stays; a place that cannot be reached stays named and is tried again; one that looks empty is not believed.
. "${STAGER_TESTS:?}/flow/lib.sh"
. "$STAGER_TESTS/flow/nginx.sh"
s3_pid=
trap 'nginx_stop; [ -z "$s3_pid" ] || kill $s3_pid; flow_end' EXIT
cd "$work" || exit 1
mkdir -p in other far/mounted far/inner
/usr/bin/python3 - <<'PY'
import random
random.seed(96)
for i in range(5):
    with open("in/%d.bin" % i, "wb") as f: f.write(random.randbytes(900000 if i else 7000000))
with open("other/x.bin", "wb") as f: f.write(random.randbytes(1000))
PY
cat >policy.yaml <<YAML
policy: 1
name: prune
project: prune
pseudonym: {domain: research, key: 1}
dates: {order: [dd-MM-yyyy]}
files:
  - {match: '*.bin', format: opaque, ext: bin}
accept: {files: 0, records: 1%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB, order: source, names: generated}
YAML
make_house "$work/house" >setup 2>&1 || { fail "a house" setup; finish; exit 1; }
version=$(stager push in --name gone --policy policy.yaml) && accept "$version" >accept.log 2>&1 || { fail "a version" accept.log; finish; exit 1; }
kept=$(stager push other --name kept --policy policy.yaml) && accept "$kept" >accept.log 2>&1 || { fail "another one" accept.log; finish; exit 1; }
objects=$(find "house/vault/$version" -type f | wc -l)
# state URL: of the delivery there
state() { stager show "$version" --json | /usr/bin/python3 -c 'import json, sys
print(*[d["state"] for d in json.load(sys.stdin)["deliveries"] if d["url"] == sys.argv[1]])' "$1"; }
entries() { sed -n 2p house/log/checkpoint; }
of_version() { find "$1" -path "*$version*" ! -name "another*" -type f | wc -l; }

# --- sent to a folder, one below it, one that is mounted, a web server, S3 ---
stager endpoint add lumi --url "dir:$work/far" --country FI --site lumi >/dev/null
for url in lumi "dir:$work/far/inner" "dir:$work/far/mounted"; do ok "sent: $url" stager send "$version" --to "$url"; done
ok "another dataset beside it" stager send "$kept" --to lumi
echo x >"far/$version/abroad/another's.txt"
echo x >"far/$version/abroad/shard-99999.body" # not one that the house put there
echo x >"far/another.body"
web=
if nginx_start "$work/nginx"; then
	web=http://127.0.0.1:$nginx_http
	mkdir nginx/www/sealed
	stager endpoint add web --url "$web/sealed" --country NL --site lumi >/dev/null
	ok "sent: a web server" stager send "$version" --to web
	ok "and another one" stager send "$kept" --to web
	echo x >"nginx/www/sealed/$version/abroad/another.txt"
else
	echo "skipped: no nginx: no web server"
fi
AWS_ACCESS_KEY_ID=AKPEER AWS_SECRET_ACCESS_KEY=peer/secret+key AWS_REGION=nl-test-1
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION
/usr/bin/python3 "$STAGER_TESTS/peer_endpoint.py" s3-server "$work/s3.port" &
s3_pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s s3.port ] || sleep 0.3; done
s3=http://127.0.0.1:$(cat s3.port)
stager endpoint add bucket --url s3://sealed/at --gateway "$s3" --country FI --site lumi >/dev/null
ok "sent: S3" stager send "$version" --to bucket --part 5242880
same "its objects" "$(curl -s "$s3/control/keys" | grep -c "$version")" "$objects"
curl -s "$s3/control/put/at/$version/another.body"
curl -s "$s3/control/upload/at/$version/abroad/shard-00002.body"
curl -s "$s3/control/upload/at/x/abroad/shard-00000.body"
curl -s "$s3/control/put/elsewhere/$version/manifest.json"

# --- nothing goes that is not to ---
before=$(entries)
ok "with nothing erased" stager prune
same "there is nothing to do, and nothing entered" "$(cat out) $(entries)" " $before"
same "all is there" "$(of_version far)" $((3 * objects + 1))
expect_status 2 "a dataset without its holder" stager prune --dataset gone

# --- erased; two places cannot be reached, one is not what it was ---
mv far/mounted hidden && mkdir far/mounted
[ -z "$web" ] || nginx_stop
expect_status 5 "erase, with places that cannot be reached" env AWS_SECRET_ACCESS_KEY=wrong stager erase --dataset gone --holder umc-waterdam --yes
same "the folders have nothing of it" "$(of_version far)" 1
same "but what is not the house's" "$(cd far && find . -type f ! -path "*$kept*" | sed "s/$version/V/" | LC_ALL=C sort | tr '\n' ' ')" "./V/abroad/another's.txt ./V/abroad/shard-99999.body ./another.body "
same "no empty folder is left" "$(find far/inner -mindepth 1 | wc -l)" 0
same "nor anything of another dataset touched" "$(find "far/$kept" -type f | wc -l)" "$(find "house/vault/$kept" -type f | wc -l)"
same "removed" "$(state "dir:$work/far") $(state "dir:$work/far/inner")" "REMOVED REMOVED"
same "what is open is named: one that has nothing of it at all" "$(grep -c "dir:$work/far/mounted still holds bodies of $version: nothing is there of $objects objects" err)" 1
same "S3" "$(grep -c "s3://sealed/at still holds bodies of $version" err)" 1
[ -z "$web" ] || same "a web server that is gone" "$(grep -c "$web/sealed still holds bodies of $version" err)" 1
same "it is erased here" "$(stager show "$version" --json >shown; json shown 'j["state"]') $(ls house/vault)" "ERASED $kept"
same "the log has it before" "$(stager show "$version" | grep -c -e ' remove ' -e ' removed ')" $((5 + 2 - (${#web} == 0)))
ok "verify" stager verify
expect_status 3 "what is erased is not sent again" stager send "$version" --to lumi

# --- again, and again ---
rmdir far/mounted && mv hidden far/mounted
ok "one place alone" stager prune --to "dir:$work/far/mounted"
same "is done" "$(state "dir:$work/far/mounted") $(of_version far/mounted)" "REMOVED 0"
expect_status 5 "the others cannot be reached still" stager prune --dataset gone --holder umc-waterdam --tries 1
if [ -n "$web" ]; then
	rm -f nginx/nginx.pid
	nginx_again "$work/nginx"
	# A leftover of a sender of ours that was killed, and one of another's.
	sender=$(/usr/bin/python3 -c 'import hashlib, json; print(hashlib.sha256(bytes.fromhex(json.load(open("house/house.json"))["key"])).hexdigest()[:16])')
	echo x >"nginx/www/sealed/$version/abroad/shard-00000.body~put-$sender"
	echo x >"nginx/www/sealed/$version/abroad/another.body~put-0123456789abcdef"
	rm "nginx/www/sealed/$version/abroad/index.sums"
	# What it put beside a name that never came to be.
	echo x >"nginx/www/sealed/$version/abroad/index.sums~put-$sender"
	ok "the web server is back" stager prune --to web --json
	same "and is told of" "$(json out '[(r["endpoint"], r["objects"]) for r in j["removed-from"]], j["held-at"]')" "([('web', $((objects - 1)))], [])"
	same "has nothing of it but what is another's" "$(cd nginx/www/sealed && find . -type f ! -path "*$kept*" | LC_ALL=C sort | tr '\n' ' ')" "./$version/abroad/another.body~put-0123456789abcdef ./$version/abroad/another.txt "
	same "nor lost another dataset" "$(find "nginx/www/sealed/$kept" -type f | wc -l)" "$(find "house/vault/$kept" -type f | wc -l)"
	same "is entered" "$(state "$web/sealed")" REMOVED
fi
ok "with its credentials S3" stager prune
same "has nothing of it but what is another's" "$(curl -s "$s3/control/keys" | sed "s/$version/V/" | LC_ALL=C sort | tr '\n' ' ')" "at/V/another.body elsewhere/V/manifest.json upload at/x/abroad/shard-00000.body "
ok "nothing is left to do" stager prune --json
same "and nothing is done" "$(json out '(j["removed-from"], j["held-at"])')" "([], [])"
same "all are removed" "$(stager show "$version" --json >shown; json shown 'sorted({d["state"] for d in j["deliveries"]})')" "['REMOVED']"
ok "erasing once more" stager erase --dataset gone --holder umc-waterdam --yes

# --- where all of it is gone already, one says so ---
rm -r "far/$kept"
[ -z "$web" ] || rm -r "nginx/www/sealed/$kept"
expect_status 5 "a place that was emptied" stager erase --dataset kept --holder umc-waterdam --yes
ok "--gone" stager prune --gone
stager show "$kept" | grep -q "^delivery .*, REMOVED" && pass "is removed then" || fail "is removed then"
ok "verify" stager verify

# --- killed anywhere, and then what was mounted is not: an empty folder is never taken for the place ---
if command -v cc >/dev/null && cc -shared -fPIC -D_GNU_SOURCE -o kill_at.so "$STAGER_TESTS/flow/kill_at.c" -ldl 2>cc.log; then
	third=$(stager push other --name third --policy policy.yaml) && accept "$third" >accept.log 2>&1 || fail "a third one" accept.log
	ok "sent where something is mounted" stager send "$third" --to "dir:$work/far/mounted"
	mv far/mounted hidden && mkdir far/mounted
	expect_status 5 "erased while it is not" stager erase --dataset third --holder umc-waterdam --yes
	rmdir far/mounted && mv hidden far/mounted
	# A sender that died before it said what it had put.
	sqlite3 house/ledger.db "DELETE FROM delivered WHERE delivery = (SELECT place FROM delivery WHERE version = '$third') AND name NOT LIKE '%/manifest.json'"
	cp -a house house.kept && cp -a far far.kept
	restore() { rm -rf house far && cp -a house.kept house && cp -a far.kept far; }
	removed() { [ "$(sqlite3 "file:house/ledger.db?mode=ro" "SELECT state FROM delivery WHERE version = '$third'")" = REMOVED ]; }
	there() { find "$1" -path "*$third*" -type f | wc -l; }
	ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$work/kill_at.so STAGER_KILL_COUNT=$work/steps stager prune --to "dir:$work/far/mounted" >out 2>err || fail "prune" err
	steps=$(cat steps)
	removed && [ "$(there far)" = 0 ] && pass "prune in $steps steps" || fail "prune in $steps steps"
	believed=0 left=0 asked=0 begun=0
	for at in $(seq 1 "$steps"); do
		restore
		ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$work/kill_at.so STAGER_KILL_AT=$at stager prune --to "dir:$work/far/mounted" >out 2>&1
		[ "$(there far)" -lt "$(there far.kept)" ] && [ "$(there far)" -gt 0 ] && begun=$((begun + 1))
		mv far/mounted hidden && mkdir far/mounted
		stager prune --to "dir:$work/far/mounted" >out 2>&1
		removed && [ "$(there hidden)" -gt 0 ] && believed=$((believed + 1))
		rm -r far/mounted && mv hidden far/mounted
		stager prune --to "dir:$work/far/mounted" >out 2>err || asked=$((asked + 1))
		removed || stager prune --gone --to "dir:$work/far/mounted" >out 2>err
		{ removed && [ "$(there far)" = 0 ] && stager verify; } >out 2>&1 || left=$((left + 1))
	done
	same "killed at each of them, the empty folder is believed, bodies are left" "$believed $left" "0 0"
	[ "$begun" -gt 0 ] && pass "$begun times some had gone; $asked times it asks for --gone, all of it being gone" || fail "never killed between two objects"
	[ "$asked" -lt $((steps / 2)) ] && pass "which is not the rule" || fail "it asks too often"
	restore
else
	echo "skipped: no compiler: the steps of prune are not tried"
fi

# --- a fault of the house counts for more than that it was stopped ---
mkdir bin
cp "$STAGER_BUILD/stager" bin/ && ln -s "$STAGER_BUILD"/stager-* bin/ && rm bin/stager-log
printf '#!/bin/sh\nkill -TERM $PPID\nexit 1\n' >bin/stager-log && chmod +x bin/stager-log
fourth=$(stager push other --name fourth --policy policy.yaml) && accept "$fourth" >accept.log 2>&1 || fail "a fourth one" accept.log
ok "sent" stager send "$fourth" --to lumi
mv far hidden-far
not_ok "erased while it cannot be reached" stager erase --dataset fourth --holder umc-waterdam --yes
mv hidden-far far
expect_status 1 "a log that fails, and a signal" bin/stager prune
grep -q "log entry" err && pass "is told of as a fault of the log" || fail "is told of as something else" err
ok "and it goes on" stager prune

# --- the ledger cannot say so without the log ---
for change in "state = 'REMOVED'" "state = 'REMOVING'" "state = 'STARTED'"; do
	cp house/ledger.db keep.db
	sqlite3 house/ledger.db "UPDATE delivery SET $change WHERE url = 'dir:$work/far' AND version = '$version'" 2>/dev/null ||
		/usr/bin/python3 -c 'import sqlite3, sys; d = sqlite3.connect("house/ledger.db"); d.execute(sys.argv[1]); d.commit()' "UPDATE delivery SET $change WHERE url = 'dir:$work/far' AND version = '$version'"
	[ "$change" = "state = 'REMOVED'" ] && ok "as it is: $change" stager verify || expect_status 4 "forged: $change" stager verify
	cp keep.db house/ledger.db
	rm -f house/ledger.db-wal house/ledger.db-shm
done
ok "verify" stager verify
finish
