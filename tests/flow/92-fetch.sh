#!/bin/sh
# Goal: sealed shards from a web server, whole or not at all: fetched by ranges, killed, gone on with, damaged here and there, refused;
# and read from there by cat, which fails loudly through readers that are not ours, whatever happens.
set -u
. "${STAGER_TESTS:?}/flow/lib.sh"
command -v nginx >/dev/null || { echo "skipped: no nginx"; exit 77; }
cd "$work" || exit 1
chmod 755 "$work"
servers=
end_here() {
	for pid in $servers; do kill "$pid" 2>/dev/null; done
	umount "$work/small" 2>/dev/null
	flow_end
}
trap end_here EXIT

# ---- three shards of a MiB, and a web server for them ----

mkdir in
/usr/bin/python3 - <<'PY'
import random
rng = random.Random(92)
for n in range(14):
    with open("in/%02d.bin" % n, "wb") as f:
        f.write(rng.randbytes(200000 + 30001 * (n % 4)))
PY
cat >policy.yaml <<'YAML'
policy: 1
name: fetch
project: fetch
pseudonym: {domain: research, key: 1}
files:
  - match: '*.bin'
    format: opaque
    ext: bin
accept: {files: 0, records: 0%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB, order: source, names: generated}
YAML
prepare() {
	make_house "$work/house" && version=$(stager push in --name fetch --policy policy.yaml) && accept "$version" || return 1
	stager-node keygen --out job.key --pub job.pub || return 1
	stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example --slots 2 --redemptions 90 \
		--out request.json >request.id || return 1
	for person in anna boris; do
		stager-sign --yes --key $person.key request.json >$person.approval && stager approve $person.approval || return 1
	done
}
prepare >prepare.log 2>&1 || { fail "a version that is accepted and asked for" prepare.log; finish; exit 1; }
cp -a house/vault web
chmod -R a+rX web
away=$work/web/$version/abroad

# A certificate authority of our own, and a server it vouches for.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=flow CA' -keyout ca.key -out ca.pem 2>openssl.log &&
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=localhost' -keyout tls.key -out tls.csr 2>>openssl.log &&
	printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >san &&
	openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out tls.pem 2>>openssl.log ||
	fail "certificates" openssl.log
port=$(/usr/bin/python3 -c 'import socket
s = [socket.socket() for _ in range(2)]
for x in s: x.bind(("127.0.0.1", 0))
print(*[x.getsockname()[1] for x in s])')
secure=${port#* }
port=${port% *}
cat >nginx.conf <<CONF
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.err;
$([ "$(id -u)" = 0 ] && echo 'user root;')
events {}
http {
	log_format short '\$request_method \$uri \$status \$body_bytes_sent';
	access_log $work/nginx.log short;
	client_body_temp_path $work/nginx-body;
	proxy_temp_path $work/nginx-proxy;
	fastcgi_temp_path $work/nginx-fastcgi;
	uwsgi_temp_path $work/nginx-uwsgi;
	scgi_temp_path $work/nginx-scgi;
	server {
		listen 127.0.0.1:$port;
		listen 127.0.0.1:$secure ssl;
		ssl_certificate $work/tls.pem;
		ssl_certificate_key $work/tls.key;
		root $work/web;
	}
}
CONF
serve() {
	nginx -c "$work/nginx.conf" -e "$work/nginx.err" &
	servers=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		curl -s -o /dev/null "http://127.0.0.1:$port/" && return 0
		sleep 0.1
	done
	return 1
}
unserve() {
	kill $servers 2>/dev/null
	wait $servers 2>/dev/null
	servers=
}
serve || fail "nginx" nginx.err
plain=http://127.0.0.1:$port
tls=https://localhost:$secure

# fetch FROM TO OPTION...: quick to give up
fetch() {
	from=$1
	to=$2
	shift 2
	stager-node fetch --from "$from" --to "$to" --pin house/house.json --json --tries 3 "$@"
}
all() { fetch "$1" "$2" --version "$version"; }
# the folder is the vault's, byte for byte, and nothing else is there
whole() {
	if diff -r "house/vault/$version" "$2/$version" >differs 2>&1; then pass "$1"; else fail "$1" differs; fi
}
flip() { # FILE OFFSET
	/usr/bin/python3 - "$@" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2])); byte = f.read(1); f.seek(-1, 1); f.write(bytes([byte[0] ^ 1]))
PY
}

# ---- whole ----

ok "fetch over HTTP" all "$plain/" one
whole "it is what the house has" one
same "all of it came" "$(json out 'j["fetched"] == j["bytes"] > 3000000 and j["repaired"] == 0')" True
ok "fetch over HTTPS, with the certificate that we trust" fetch "$tls/" two --version "$version" --ca ca.pem
whole "it is what the house has, too" two
expect_status 3 "not from a server that we do not trust" all "$tls/" three
ok "from the version's own folder, by a request, some shards" fetch "$plain/$version" some --request request.json shard-00001 2
same "those, and the index" "$(ls "some/$version/abroad" | tr '\n' ' ')" \
	"index.body index.sums shard-00001.body shard-00001.sums shard-00002.body shard-00002.sums shards.jsonl "
ok "from a folder" all house/vault three
whole "it is the same" three
: >nginx.log
ok "fetch again" all "$plain/" one
same "nothing came" "$(json out 'j["fetched"]')" 0
same "nothing was asked for but documents" "$(grep -c 'body\|sums' nginx.log)" 0

# ---- killed, and gone on with ----

bytes=$(json out 'j["bytes"]')
stager-node fetch --from "$plain/" --to killed --pin house/house.json --version "$version" --max-rate 1500000 --streams 1 \
	>/dev/null 2>err &
job=$!
sleep 1.5
kill -9 $job
wait $job 2>/dev/null
[ -e "killed/$version/manifest.json" ] && fail "killed too late to show anything"
there=$(find killed -name '*.part' | wc -l)
[ "$there" -gt 0 ] && pass "what is not whole has another name" || fail "no part of a body is there"
ok "run again" all "$plain/" killed
whole "it is whole" killed
got=$(json out 'j["fetched"]')
if [ "$got" -lt "$bytes" ]; then pass "what was there was not fetched again"; else fail "all was fetched again"; fi
same "no part is left" "$(find killed -name '*.part')" ""

# ---- damaged here ----

flip "one/$version/abroad/shard-00000.body" 70000
flip "one/$version/abroad/shard-00001.sums" 40
truncate -s 300000 "one/$version/abroad/shard-00002.body"
rm "one/$version/abroad/index.body"
ok "damaged here: fetch mends it" all "$plain/" one
whole "it is whole again" one
same "with one segment, the end of a body, and the index" "$(json out 'j["fetched"]')" \
	$((65564 + $(wc -c <"$away/shard-00002.body") - 4 * 65564 + $(wc -c <"$away/index.body")))

# ---- damaged there ----

flip "$away/shard-00001.body" $((3 * 65564 + 20))
expect_status 4 "damaged there: refused" all "$plain/" four
grep -q 'shard-00001: segment 3 ' err && pass "and the segment is named" || fail "the segment is not named" err
[ -e "four/$version/abroad/shard-00001.body" ] && fail "a damaged body has its name" || pass "no damaged body has its name"
flip "$away/shard-00001.body" $((3 * 65564 + 20))
ok "mended there: fetch ends" all "$plain/" four
whole "it is whole" four
truncate -s -1 "$away/shard-00002.body"
not_ok "cut by one byte there" all "$plain/" five
cp -a "house/vault/$version/abroad/shard-00002.body" "$away/"
flip "$away/shard-00000.sums" 33
rm -rf five
expect_status 4 "other sums there" all "$plain/" five
cp -a "house/vault/$version/abroad/shard-00000.sums" "$away/"
flip "$away/shards.jsonl" 33
expect_status 4 "another table there" all "$plain/" five
cp -a "house/vault/$version/abroad/shards.jsonl" "$away/"
flip "web/$version/manifest.json" 100
expect_status 4 "another manifest there" all "$plain/" five
cp -a "house/vault/$version/manifest.json" "web/$version/"
mv "$away/shard-00001.sums" kept
rm -rf five
expect_status 5 "sums that are not there" all "$plain/" five
mv kept "$away/shard-00001.sums"
# shellcheck disable=SC2046 # one option or none
STAGER_HOUSE='' stager init elsewhere --name elsewhere $(swap_option) >/dev/null 2>&1
expect_status 4 "a manifest that is not the pinned house's" stager-node fetch --from "$plain/" --to five --pin elsewhere/house.json \
	--version "$version"
expect_status 5 "a version that is not there" fetch "$plain/" five --version aaaaaaaaaaaaaaaaaaaaaaaaaa
expect_status 2 "a version's id that is none" fetch "$plain/" five --version ../../etc
expect_status 2 "a shard that is not there" fetch "$plain/" five --version "$version" 99
expect_status 2 "neither version nor request" fetch "$plain/" five
ok "after all that, it is fetched" all "$plain/" five
whole "and whole" five

# ---- this side ----

stager-node fetch --from "$plain/" --to busy --pin house/house.json --version "$version" --max-rate 1000000 >/dev/null 2>&1 &
job=$!
sleep 0.6
expect_status 5 "another fetch at work in the same folder" all "$plain/" busy
kill -9 $job
wait $job 2>/dev/null
mkdir small
if mount -t tmpfs -o size=1m tmpfs small 2>/dev/null; then
	expect_status 1 "a disk that is full" all "$plain/" small
	grep -q 'No space left' err && pass "it says so" || fail "it does not say so" err
	mount -o remount,size=64m small
	ok "with room, it goes on" all "$plain/" small
	whole "to the end" small
	umount small
else
	echo "not tried: a full disk (no right to mount)"
fi
ln -s /etc/passwd link
expect_status 1 "a --to that is no folder" all "$plain/" link
rm -rf linked && mkdir linked && ln -s "$work/one/$version" "linked/$version"
not_ok "a link in the place of the version's folder" all "$plain/" linked

# ---- cat, from there ----

cat >reader.py <<'PY'
"""A reader that is not ours: the members of a tar in stream mode, one line each; 3 where it raises."""
import sys, tarfile, hashlib
try:
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as tar:
        for m in tar:
            data = tar.extractfile(m).read()
            if len(data) != m.size: raise tarfile.ReadError("short member")
            print(m.name, hashlib.sha256(data).hexdigest())
except (tarfile.TarError, EOFError, OSError) as e:
    sys.exit(3)
PY
r=0
# node_cat FROM [OPTION...]: every run is a release of its own
node_cat() {
	from=$1
	shift
	$in_place stager-node cat --house "stager release --house $work/house" --pin house/house.json --request request.json --job-key job.key \
		--from "$from" --restart $r --tries 3 "$@"
}
in_place=
# read_from STATUS WHAT FROM [OPTION...]: what a reader makes of it, and what cat says of itself
read_from() {
	want=$1
	what=$2
	shift 2
	r=$((r + 1))
	{ node_cat "$@" 2>cat.err; echo $? >status; } | /usr/bin/python3 reader.py >members 2>reader.err
	reader=$?
	same "cat $what: its status" "$(cat status)" "$want"
	if [ "$want" = 0 ]; then
		same "cat $what: the reader is content" $reader 0
	else
		same "cat $what: the reader raises" $reader 3
		head -n "$(wc -l <members)" members.good | cmp -s - members && pass "cat $what: what it had read is right" ||
			fail "cat $what: a sample that is none" members
	fi
}
read_from 0 "from the vault" house/vault
cp members members.good
same "all members" "$(wc -l <members.good)" 14
for from in "$plain/" "$tls/ --ca ca.pem" "$plain/$version --streams 1" "$plain/ --streams 64" one "dir:$work/one"; do
	# shellcheck disable=SC2086 # its words
	read_from 0 "from ${from%%:*}" $from
	cmp -s members members.good && pass "the same members" || fail "other members" members
done
read_from 0 "of two shards" "$plain/" 2 0
segments=$(($(wc -c <"$away/shard-00000.sums") / 32))
for segment in 0 1 3 7 $((segments - 1)); do
	flip "$away/shard-00000.body" $((segment * 65564 + 30))
	read_from 4 "with segment $segment damaged there" "$plain/"
	flip "$away/shard-00000.body" $((segment * 65564 + 30))
done
flip "$away/shard-00002.sums" 5
read_from 4 "with other sums of the last shard" "$plain/"
cp -a "house/vault/$version/abroad/shard-00002.sums" "$away/"
# Cut: at a segment's end, and where a member of the plaintext ends.
for cut in $((5 * 65564)) 70000 0; do
	truncate -s "$cut" "$away/shard-00001.body"
	r=$((r + 1))
	{ node_cat "$plain/" 2>cat.err; echo $? >status; } | /usr/bin/python3 reader.py >members 2>reader.err
	same "cat, cut at $cut there: the reader raises" $? 3
	case $(cat status) in 4 | 5) pass "cat, cut at $cut there: status $(cat status)" ;; *) fail "cat, cut at $cut there: status" status cat.err ;; esac
	cp -a "house/vault/$version/abroad/shard-00001.body" "$away/"
done
mv "$away/shard-00002.body" kept
read_from 5 "with a body gone there" "$plain/"
mv kept "$away/shard-00002.body"
# What has been read before is right; the reader hears of the rest, whoever stops it.
r=$((r + 1))
{ (in_place=exec; node_cat "$plain/" --max-rate 1500000 --streams 1) 2>cat.err & echo $! >cat.pid; wait $!; echo $? >status; } |
	/usr/bin/python3 reader.py >members 2>reader.err &
reader=$!
sleep 1.5
kill -TERM "$(cat cat.pid)"
wait $reader
same "cat, told to end: the reader raises" $? 3
same "cat, told to end: its status" "$(cat status)" 5
ask_short() {
	stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example --until $(($(date +%s) + 1)) \
		--out short.json >/dev/null && for person in anna boris; do
		stager-sign --yes --key $person.key short.json >$person.approval && stager approve $person.approval || return 1
	done
}
ask_short >short.log 2>&1 || fail "a request with a short window" short.log
sleep 2
{ stager-node cat --house "stager release --house $work/house" --pin house/house.json --request short.json --job-key job.key \
	--from "$plain/" --tries 3 2>cat.err; echo $? >status; } | /usr/bin/python3 reader.py >members 2>reader.err
same "cat, its window over: the reader raises" $? 3
same "cat, its window over: refused" "$(cat status)" 3
r=$((r + 1))
{ node_cat "$plain/" --max-rate 1500000 --streams 1 2>cat.err; echo $? >status; } | /usr/bin/python3 reader.py >members 2>reader.err &
reader=$!
sleep 1.5
unserve
wait $reader
same "cat, the server killed in the middle: the reader raises" $? 3
same "cat, the server killed in the middle: its status" "$(cat status)" 5
head -n "$(wc -l <members)" members.good | cmp -s - members && pass "what it had read is right" || fail "a sample that is none" members
expect_status 5 "fetch, the server gone" fetch "$plain/" gone --version "$version"
read_from 5 "with the server gone" "$plain/"

# ---- nothing of the plaintext, and no key, on this disk ----

/usr/bin/python3 - >found <<'PY'
import os
marks = [open("in/%02d.bin" % n, "rb").read(64) for n in range(14)] + [open("job.key", "rb").read().split(b"\n")[1]]
for top in ("one", "two", "killed", "four", "web"):
    for folder, _, names in os.walk(top):
        for name in names:
            data = open(os.path.join(folder, name), "rb").read()
            if any(mark in data for mark in marks): print(os.path.join(folder, name))
PY
same "no plaintext and no key in what was fetched" "$(cat found)" ""
finish
