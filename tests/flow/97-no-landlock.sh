#!/bin/sh
# Goal: on a kernel without Landlock the house refuses to start, and so does what sends for it; a node works, says so before and in
# the log, and is refused where Landlock is demanded; and what its programs may then do by name is to read.
. "${STAGER_TESTS:?}/flow/lib.sh"
. "$STAGER_TESTS/flow/nginx.sh"
house_pid=
trap 'nginx_stop; [ -z "$house_pid" ] || kill $house_pid; flow_end' EXIT
command -v cc >/dev/null && cc -O1 -o "$work/no_landlock" "$STAGER_TESTS/flow/no_landlock.c" 2>"$work/err" || { echo "skipped: no compiler"; exit 77; }
command -v socat >/dev/null || { echo "skipped: no socat"; exit 77; }
"$work/no_landlock" true || { echo "skipped: no seccomp filter can be had"; exit 77; }
cd "$work" || exit 1
without="$work/no_landlock"
mkdir in there
/usr/bin/python3 -c 'import random
r = random.Random(97)
for i in range(4): open("in/%d.bin" % i, "wb").write(r.randbytes(900000))'
cat >policy.yaml <<'YAML'
policy: 1
name: bare
project: bare
pseudonym: {domain: research, key: 1}
files:
  - {match: '*.bin', format: opaque, ext: bin}
accept: {files: 0, records: 0%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB, order: source, names: generated}
YAML
make_house "$work/house" >setup 2>&1 && version=$(stager push in --name bare --policy policy.yaml) && accept "$version" >accept.log 2>&1 ||
	{ fail "a version" setup accept.log; finish; exit 1; }
stager endpoint add lumi --url "dir:$work/there" --country FI --site lumi >/dev/null

# --- in the house ---
expect_status 1 "a push" "$without" stager push in --name other --policy policy.yaml
grep -q 'no Landlock, and the house demands it' err && pass "is refused, and says why" || fail "is refused, and says why" err
not_ok "a send" "$without" stager send "$version" --to lumi
same "is refused before anything leaves" "$(find there -type f | wc -l)" 0
ok "with Landlock" stager send "$version" --to lumi
for program in "stager-seal" "stager-send dir:$work/there" "stager-send https://localhost:1/"; do
	# shellcheck disable=SC2086 # program and argument
	expect_status 1 "$program alone" "$without" $program --prove read </dev/null
done

# --- what a node's programs may by name ---
for deed in create executable limit raise; do
	"$without" stager-send "dir:$work/there" --node --prove $deed >out 2>err
	case $?.$(cat out) in
	0.$deed:\ refused*|159.) pass "stager-send dir:, on a node: $deed is refused" ;;
	*) fail "stager-send dir:, on a node: $deed" out err ;;
	esac
done
same "nothing was made" "$(ls /tmp/stager-prove 2>/dev/null)" ""
for deed in socket udp unix exec ptrace mount fork; do
	expect_status 159 "it dies of $deed" "$without" stager-send "dir:$work/there" --node --prove $deed
done
expect_status 1 "to read it may" "$without" stager-send "dir:$work/there" --node --prove open

# --- the doctor ---
expect_status 0 "doctor" stager-node doctor
has=$(sed -n 's/^\(yes\|no\) *landlock .*/\1/p' out)
same "with Landlock says so" "$has" yes
ok "and gives what a policy demands" stager-node doctor --policy-minimum landlock
expect_status 0 "doctor, without" "$without" stager-node doctor
same "says that there is none, and what follows" "$(grep -c '^no *landlock .*seccomp forbids that to the others$' out)" 1
grep -q '^yes *seccomp' out && pass "that seccomp holds" || fail "that seccomp holds" out
expect_status 3 "and is refused where a policy demands it" "$without" stager-node doctor --policy-minimum landlock
grep -q 'landlock' err && pass "by its name" || fail "by its name" err
expect_status 0 "not where it does not" "$without" stager-node doctor --policy-minimum seccomp

# --- a release; the house is on its own machine, behind a socket ---
stager-node keygen --out job.key --pub job.pub &&
	stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example --redemptions 9 --slots 3 --out request.json >request.id &&
	for person in anna boris; do
		stager-sign --yes --key $person.key request.json >$person.approval && stager approve $person.approval || break
	done >approve.log 2>&1 || fail "a request" approve.log
socat UNIX-LISTEN:house.sock,fork,mode=600 EXEC:'stager release' 2>socat.err &
house_pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -S house.sock ] || sleep 0.2; done
# node COMMAND OPTION...: asks the house by the socket
node() {
	command=$1
	shift
	"$without" stager-node "$command" --house "unix:$work/house.sock" --pin house/house.json --request request.json --job-key job.key "$@"
}
ok "cat" node cat --from house/vault --slot 0
without_count=1
cp out plain.tar
same "gives the data" "$(tar xOf plain.tar | sha256sum)" "$(cat in/*.bin | sha256sum)"
ok "fetch from a folder" "$without" stager-node fetch --pin house/house.json --request request.json --from "dir:$work/there" --to fetched
diff -r "there/$version/abroad" fetched/"$version"/abroad >differ 2>&1 && pass "is whole" || fail "is whole" differ
if nginx_start "$work/nginx"; then
	cp -a there/. nginx/www/
	rm -rf fetched
	ok "fetch from a web server" "$without" stager-node fetch --pin house/house.json --request request.json --from "http://127.0.0.1:$nginx_http/" --to fetched
	diff -r "there/$version/abroad" fetched/"$version"/abroad >differ 2>&1 && pass "is whole" || fail "is whole" differ
	without_count="1 1"
	ok "cat from there" node cat --from "http://127.0.0.1:$nginx_http/" --slot 1
	cmp -s out plain.tar && pass "the same" || fail "the same"
else
	echo "skipped: no nginx: no web server"
fi
ok "with Landlock" stager-node cat --house 'stager release' --pin house/house.json --request request.json --job-key job.key --from house/vault --slot 2
# What a node says of itself is bound into what it signs, by its digest.
facts() { /usr/bin/python3 - "$1" <<'PY'
import hashlib, json, os, sqlite3, sys
want = hashlib.sha256(json.dumps({"landlock": sys.argv[1], "locked": "yes", "node": os.uname().nodename}, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
rows = sqlite3.connect("house/ledger.db").execute("SELECT json FROM opening WHERE type = 'release' ORDER BY place").fetchall()
print(*[int(json.loads(r[0])["facts"] == want) for r in rows])
PY
}
same "the log has that there was none" "$(facts no)" "$without_count 0"
same "and that there was" "$(facts yes)" "$(echo "$without_count" | tr 1 0) 1"
ok "verify" stager verify
finish
