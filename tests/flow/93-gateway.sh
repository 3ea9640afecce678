#!/bin/sh
# Goal: what was released comes out of the gateway on loopback as S3 and as plain HTTP, byte for byte, and nothing else does:
# ranges, lists, members, indexes, keys, tricks with paths, damage, readers of every kind; results go in, and are sealed.
. "${STAGER_TESTS:?}/flow/lib.sh"
cd "$work" || exit 1
command -v curl >/dev/null || { echo "skipped: no curl"; exit 77; }
client() { /usr/bin/python3 "$STAGER_TESTS/flow/gateway.py" "$@"; }

# ---- a released set ----

mkdir data
/usr/bin/python3 - <<'PY'
import random
random.seed(93)
words = "de zonnebloemen staan in de tuin en het gaat goed vandaag".split()
for n in range(60):
    with open(f"data/{n:02}.txt", "w") as f:
        f.write("marker-of-plaintext\n")
        while f.tell() < 150000 + 7777 * n:
            f.write(" ".join(random.choices(words, k=12)) + "\n")
PY
cat >policy.yaml <<'YAML'
policy: 1
name: gateway
project: gateway
pseudonym: {domain: research, key: 1}
text: {language: [nl], default: tag}
files:
  - match: '*.txt'
    format: text
accept: {files: 0, records: 0%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 4MiB, order: source, names: generated}
YAML
make_house "$work/house" || exit 1
version=$(stager push data --name gateway --policy policy.yaml 2>err) || { cat err; exit 1; }
accept "$version" >out 2>err || { cat out err; exit 1; }
stager-node keygen --out job.key --pub job.pub || exit 1
stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example --out req.json --redemptions 60 >id || exit 1
for person in anna boris; do
	stager-sign --yes --key $person.key req.json >approval 2>err && stager approve approval >/dev/null || { cat err; exit 1; }
done
r=0
node() {
	what_to_do=$1
	shift
	r=$((r + 1))
	stager-node "$what_to_do" --house 'stager release' --pin house/house.json --request req.json --job-key job.key --restart $r "$@"
}
mkdir -m 700 ready results copy
cp -r "house/vault/$version" copy/
shards=$(find "copy/$version" -name 'shard-*.body' | wc -l)
mkdir tars
for n in $(seq 0 $((shards - 1))); do
	node cat --from copy "$n" >"tars/shard-$(printf %05d "$n").tar" 2>err || fail "cat" err
done
node list --from copy --json >members.jsonl 2>err || fail "list" err

pid=
# start_gateway OPTION...: waits until it serves; its errors go to gateway.err
start_gateway() {
	r=$((r + 1))
	rm -f ready/gateway.json
	stager-node gateway --house 'stager release' --pin house/house.json --request req.json --job-key job.key --restart $r \
		--ready ready/gateway.json "$@" 2>>gateway.err &
	pid=$!
	for _ in $(seq 200); do
		[ -f ready/gateway.json ] && break
		kill -0 $pid 2>/dev/null || return 1
		sleep 0.05
	done
	url=$(json ready/gateway.json 'j["url"]')
	bearer=$(json ready/gateway.json 'j["bearer"]')
}
stop_gateway() {
	kill $pid
	wait $pid
}
# The gateway ends with the flow, whatever happens.
flow_end() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	rm -rf "$work"
}
get() { curl -s -S -f -H "Authorization: Bearer $bearer" "$@"; }
code() { curl -s -o /dev/null -w '%{http_code}' "$@"; }

expect_status 2 "without a place to tell its keys" node gateway --from copy
expect_status 2 "with too little memory" node gateway --from copy --ready ready/gateway.json --memory 1M
chmod 755 ready
expect_status 3 "a ready file in a folder that others can enter" node gateway --from copy --ready ready/gateway.json
chmod 700 ready
start_gateway --from copy --results results --memory 64M && pass "it serves" || { fail "it serves" gateway.err; finish; exit 1; }
same "the ready file is for its owner alone" "$(stat -c %a ready/gateway.json)" 600
same "it says which version" "$(json ready/gateway.json 'j["bucket"], j["results"], j["pid"]')" "('$version', True, $pid)"
/usr/bin/python3 - "$pid" "$bearer" <<'PY' && pass "its keys stand on no command line and in no environment" || fail "keys on the command line"
import sys
for what in ("cmdline", "environ"):
    try:
        assert sys.argv[2].encode() not in open(f"/proc/{sys.argv[1]}/{what}", "rb").read()
    except PermissionError:
        pass
PY
b=$url/$version

# ---- reading ----

for n in $(seq 0 $((shards - 1))); do
	name=shard-$(printf %05d "$n").tar
	get -o got "$b/$name" 2>err && cmp -s got "tars/$name" || { fail "GET $name" err; continue; }
done
[ "$failed" = 0 ] && pass "every shard is what cat gives"
ok "ranges, heads, conditions, members, lists, indexes" client read ready/gateway.json tars members.jsonl
get -r 100-299 -D head -o got "$b/shard-00000.tar"
same "a range by curl" "$(wc -c <got) $(sed -n 's/^Content-Range: bytes \(.*\)\r$/\1/p' head)" "200 100-299/$(wc -c <tars/shard-00000.tar)"
same "by netrc, as run sets it up" "$(printf 'machine 127.0.0.1 login stager password %s\n' "$bearer" >netrc
	curl -s --netrc-file netrc "$b/shard-00001.tar" | sha256sum)" "$(sha256sum <tars/shard-00001.tar)"
same "pipelined requests" "$(client pipeline ready/gateway.json tars)" ok

# ---- who may ----

same "without a key" "$(code "$b/shard-00000.tar")" 403
same "with another key" "$(code -H "Authorization: Bearer ${bearer}x" "$b/shard-00000.tar")" 403
same "with half of it" "$(code -H "Authorization: Bearer $(echo "$bearer" | cut -c 1-20)" "$b/shard-00000.tar")" 403
ok "signatures: good ones, and every kind of bad one" client signatures ready/gateway.json tars
for path in /x/shard-00000.tar "/$version/shard-99999.tar" "/$version/shard-0000.tar" "/$version/shard-00000.body" \
	"/$version/manifest.json" "/$version/members/x/999999.txt" "/$version/SHARD-00000.tar" "/$version/shard-00000.tar/" \
	"/$version/members/" "/$version/members" "/house/house.json"; do
	same "what the index does not name: $path" "$(code -H "Authorization: Bearer $bearer" "$url$path")" 404
done
for path in "/$version/../../etc/passwd" "/$version/%2e%2e/%2e%2e/etc/passwd" "/$version//shard-00000.tar" "/$version/members/../shard-00000.tar" \
	"/$version/members%2fx%2f000001.txt" "/$version/shard-00000.tar%00" "/$version/..%5cshard-00000.tar" "/%ff"; do
	same "a trick: $path" "$(code --path-as-is -H "Authorization: Bearer $bearer" "$url$path")" 400
done
for method in PUT POST DELETE PATCH; do
	same "$method of what was released" "$(code -X $method -H "Authorization: Bearer $bearer" "$b/shard-00000.tar")" 405
done

# ---- many readers, slow ones, some that leave; memory within its bound ----

ok "many readers at once, at random and in order" client many ready/gateway.json tars
ok "readers that are slow, and readers that leave" client rude ready/gateway.json tars
ok "strangers who hold more connections than there are places keep nobody out" client strangers ready/gateway.json tars

# ---- results ----

head -c 3000000 /dev/urandom >result.bin
ok "a result" get -T result.bin "$url/results/model.pt"
ok "one in a folder, in chunks" get -T - "$url/results/run-1/epoch=3-step=100.ckpt" <data/05.txt
same "they stand sealed below the results folder" "$(cd results && find . -type f | sort | tr '\n' ' ')" "./model.pt.c4gh ./run-1/epoch=3-step=100.ckpt.c4gh "
same "Crypt4GH for one reader" "$(head -c 16 results/model.pt.c4gh | od -An -tx1 | tr -d ' \n')" 63727970743467680100000001000000
same "of the length that it must have" "$(stat -c %s results/model.pt.c4gh)" $((124 + 3000000 + 28 * 46))
same "HEAD of it" "$(curl -s -I -H "Authorization: Bearer $bearer" "$url/results/model.pt" | sed -n 's/^Content-Length: \([0-9]*\)\r$/\1/p')" 3000000
same "nobody reads it back" "$(code -H "Authorization: Bearer $bearer" "$url/results/model.pt")" 403
same "nor lists them" "$(code -H "Authorization: Bearer $bearer" "$url/results/")" 403
same "no result without a key" "$(code -T result.bin "$url/results/other")" 403
for name in .hidden a/.b "a//b" "a/../b" "$(printf 'x%.0s' $(seq 300))" 'a%0ab' 'a:b' 'a%5cb'; do
	same "no result of this name: $(echo "$name" | cut -c 1-20)" "$(code --path-as-is -T result.bin -H "Authorization: Bearer $bearer" "$url/results/$name")" 400
done
same "an empty one" "$(code -T /dev/null -H "Authorization: Bearer $bearer" "$url/results/empty")" 400
ok "uploads that break off, at once, in aws-chunked, signed over another body" client put ready/gateway.json
same "nothing is left of those that failed" "$(cd results && find . -type f ! -name '*.c4gh' | wc -l) $(find results -name 'bad*' | wc -l)" "0 0"
same "their plaintext is nowhere on disk" "$(grep -rlaF -e marker-of-plaintext -e 'plain-result-of-a-job' results ready copy 2>/dev/null | wc -l)" 0
# boto3 as Debian or PyPI have it.
told=
for python in /usr/bin/python3 "${STAGER_LAB_VENV:-${TMPDIR:-/tmp}/stager-lab-venv-$(id -u)}/bin/python"; do
	[ -x "$python" ] || continue
	env -u AWS_PROFILE "$python" "$STAGER_TESTS/flow/gateway_boto3.py" ready/gateway.json tars >told 2>&1
	case $? in 0) pass "$(cat told)"; told=yes ;; 77) ;; *) fail "boto3" told; told=yes ;; esac
done
[ -n "$told" ] || echo "skipped: boto3 (python3-boto3, or STAGER_LAB_VENV)"
stop_gateway
same "SIGTERM ends it well" $? 0
[ ! -f ready/gateway.json ] && pass "its keys are gone with it" || fail "its keys are gone with it"

# The house opens them: its ingest key is stager-key's alone; here another house whose key is known stands for it.
if /usr/bin/python3 "$STAGER_TESTS/peer_c4gh.py" --help >/dev/null 2>&1 && stager-crypt4gh --help >/dev/null 2>&1; then
	stager-crypt4gh keygen --sk reader.sec --pk reader.pub --nocrypt >/dev/null 2>err || fail "keygen" err
	/usr/bin/python3 - <<'PY'
import base64, json
card = json.load(open("house/house.json"))
key = base64.b64decode(open("reader.pub").read().split("\n")[1])
card["ingest"] = key.hex()
json.dump(card, open("card.json", "w"))
PY
	r=$((r + 1))
	stager-node gateway --house 'stager release' --pin card.json --request req.json --job-key job.key --restart $r --from copy \
		--ready ready/gateway.json --results results 2>>gateway.err &
	pid=$!
	for _ in $(seq 200); do [ -f ready/gateway.json ] && break; sleep 0.05; done
	url=$(json ready/gateway.json 'j["url"]') bearer=$(json ready/gateway.json 'j["bearer"]')
	get -T result.bin "$url/results/known.bin" || fail "a result for a known key"
	stager-crypt4gh decrypt --sk reader.sec <results/known.bin.c4gh >opened 2>err
	cmp -s opened result.bin && pass "a result opens with the key of the card, in order and whole" || fail "a result opens" err
	client multipart ready/gateway.json >parts.bin 2>err; status=$?
	if [ $status = 0 ]; then
		stager-crypt4gh decrypt --sk reader.sec <results/parts.bin.c4gh >opened 2>err
		cmp -s opened parts.bin && pass "an upload in parts is one result" || fail "an upload in parts is one result" err
		same "no part is left" "$(find results -name '.part-*' | wc -l)" 0
	else
		fail "an upload in parts" err
	fi
	stop_gateway
fi

# ---- memory: a set three times as large as what is kept ----

mkdir large
for n in 1 2 3; do head -c 64M /dev/urandom >large/$n.bin; done
sed -e "s/match: .*/match: '*.bin'/" -e 's/format: text/format: opaque\n    ext: bin/' -e '/^text:/d' -e 's/4MiB/32MiB/' policy.yaml >large.yaml
second=$(stager push large --name large --policy large.yaml 2>err) && accept "$second" >out 2>err || fail "a large set" err
stager request new "$second" --site lumi --job-key job.pub --requester ria@uni.example --out large.json --redemptions 3 >id || fail "its request"
for person in anna boris; do
	stager-sign --yes --key $person.key large.json >approval 2>err && stager approve approval >/dev/null || fail "its approval" err
done
stager-node gateway --house 'stager release' --pin house/house.json --request large.json --job-key job.key --from house/vault \
	--ready ready/gateway.json --memory 64M 2>>gateway.err &
pid=$!
for _ in $(seq 200); do [ -f ready/gateway.json ] && break; sleep 0.05; done
url=$(json ready/gateway.json 'j["url"]') bearer=$(json ready/gateway.json 'j["bearer"]')
same "a set larger than the memory, twice, by four at once" "$(for round in 1 2; do
	for n in 0 1 2; do get "$url/$second/members/x/00000$((n + 1)).bin" | cmp - large/$((n + 1)).bin || echo "differs: $n"; done &
	for n in 2 0 1; do get "$url/$second/members/x/00000$((n + 1)).bin" | cmp - large/$((n + 1)).bin || echo "differs: $n"; done &
	wait %1 %2 2>/dev/null
	wait
done 2>&1)" ""
peak=$(awk '/VmHWM/ {print int($2 / 1024)}' /proc/$pid/status)
[ "$peak" -ge 64 ] && [ "$peak" -le $((64 + 64)) ] && pass "peak memory with --memory 64M: $peak MiB" || fail "peak memory: $peak MiB"
stop_gateway
rm -r large

# ---- the end, while somebody waits for a server that says nothing more ----

/usr/bin/python3 - <<'PY' >port 2>/dev/null &
import http.server, os, re, time
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        path = "copy/" + self.path.strip("/")
        if not os.path.exists(path):
            self.send_response(404); self.send_header("Content-Length", "0"); self.end_headers(); return
        if "shard-" in path and path.endswith(".body") and self.command == "GET":
            open("asked", "w").close()
            time.sleep(100)
        data = open(path, "rb").read()
        m = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        a, b = (int(m[1]), int(m[2]) + 1) if m else (0, len(data))
        self.send_response(206 if m else 200)
        if m: self.send_header("Content-Range", "bytes %d-%d/%d" % (a, min(b, len(data)) - 1, len(data)))
        self.send_header("Content-Length", str(len(data[a:b]))); self.end_headers()
        if self.command == "GET": self.wfile.write(data[a:b])
    do_HEAD = do_GET
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
print(s.server_address[1], flush=True)
s.serve_forever()
PY
server=$!
for _ in $(seq 50); do [ -s port ] && break; sleep 0.1; done
if start_gateway --from "http://127.0.0.1:$(cat port)/"; then
	get "$url/$version/shard-00000.tar" >/dev/null 2>&1 &
	reader=$!
	for _ in $(seq 100); do [ -f asked ] && break; sleep 0.1; done
	began=$(date +%s)
	kill -TERM $pid
	wait $pid
	took=$(($(date +%s) - began))
	[ $took -le 20 ] && pass "SIGTERM ends it in $took s where its server is silent" || fail "SIGTERM took $took s"
	wait $reader
else
	fail "a gateway by HTTP" gateway.err
fi
kill $server

# ---- damage ----

size=$(stat -c %s "copy/$version/abroad/shard-00001.body")
/usr/bin/python3 - "copy/$version/abroad/shard-00001.body" $((size / 2)) <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 1]))
PY
start_gateway --from copy --memory 64M || fail "it starts over a damaged shard" gateway.err
b=$url/$version
get -o got "$b/shard-00001.tar" 2>err
case $? in 18 | 56) pass "a damaged segment breaks the connection before the length that was said" ;; *) fail "a damaged segment: curl ends with $?" err ;; esac
[ "$(stat -c %s got)" -lt "$(stat -c %s tars/shard-00001.tar)" ] && cmp -s -n "$(stat -c %s got)" got tars/shard-00001.tar &&
	pass "what came before it is sound" || fail "what came before it is sound"
ok "clients of Python are told, too" client damaged ready/gateway.json tars $((size / 2 / 65564 * 65536))
get -o got "$b/shard-00000.tar" && cmp -s got tars/shard-00000.tar && pass "other shards go on" || fail "other shards go on"
get -r 0-99999 -o got "$b/shard-00001.tar" && pass "and what is sound of this one" || fail "and what is sound of this one"
truncate -s -1 "copy/$version/abroad/shard-00002.body"
same "a shard cut short: no byte of it" "$(code -H "Authorization: Bearer $bearer" "$b/shard-00002.tar")" 409
mv "copy/$version/abroad/shard-00003.body" away
same "a shard that is gone: try again" "$(code -H "Authorization: Bearer $bearer" "$b/shard-00003.tar")" 503
mv away "copy/$version/abroad/shard-00003.body"
get -o got "$b/shard-00003.tar" && cmp -s got tars/shard-00003.tar && pass "and it is there again" || fail "and it is there again"
same "no results where there is no folder for them" "$(code -T result.bin -H "Authorization: Bearer $bearer" "$url/results/x")" 403
stop_gateway
same "and it ends well" $? 0
printf 'x' >>"copy/$version/abroad/index.sums"
start_gateway --from copy --memory 64M
wait $pid
same "a damaged index: it does not serve" $? 4
[ ! -f ready/gateway.json ] && pass "and says nothing" || fail "and says nothing"

# ---- confinement ----

for what in open create socket udp unix exec ptrace mount fork; do
	mkdir -p -m 700 proofs
	r=$((r + 1))
	stager-node gateway --house 'stager release' --pin house/house.json --request req.json --job-key job.key --restart $r --from house/vault \
		--ready proofs/x --results results --prove $what >out 2>err
	status=$?
	case $what in
	open | create) grep -q "refused: EACCES" out && pass "confined: $what" || fail "confined: $what (status $status)" out err ;;
	*) [ $status -gt 128 ] && pass "confined: $what" || fail "confined: $what (status $status)" out err ;;
	esac
done
pid=
finish
