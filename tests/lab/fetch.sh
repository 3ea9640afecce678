#!/bin/sh
# Goal: the node's side against a real Ceph S3 gateway: cat, list, fetch and stager-node's own gateway from s3://; Ceph's gateway is killed and
# comes back in the middle; fetch is killed and goes on; a damaged object is named, mended and fetched; credentials, buckets, objects
# and clocks that are wrong are told as such. Ends with "N passed, N failed"; status 77 without Ceph's packages or without root.
# usage: sh tests/lab/fetch.sh [MEGABYTES]      of the version, default: 512. Ceph lies in TMPDIR and takes twice as much.
. "$(dirname "$0")/lib.sh"
. "$top/deploy/packages.sh"
need_packages curl gcc libc6-dev || exit 1
mib=${1:-512}
cd "$work" || exit 1
lab=$STAGER_TESTS/lab
unset http_proxy https_proxy all_proxy AWS_PROFILE AWS_SESSION_TOKEN AWS_CA_BUNDLE
CEPH_BYTES=$(((2 * mib + 4096) << 20)) sh "$lab/ceph.sh" up "$work/ceph" >ceph.env
status=$?
[ $status = 0 ] || exit $status
trap 'sh "$lab/ceph.sh" down "$work/ceph" >/dev/null 2>&1; flow_end' EXIT
eval "$(cat ceph.env)"
s3() {
	curl -sS --fail-with-body --aws-sigv4 "aws:amz:$AWS_REGION:s3" -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@"
}
s3 -H "x-amz-content-sha256: $(printf '' | sha256sum | cut -d' ' -f1)" -X PUT "$AWS_ENDPOINT_URL/sealed" || exit 1
# Ceph's gateway is killed, and started again two seconds later.
bounce() {
	kill -KILL "$CEPH_RGW_PID"
	sleep 2
	sh "$lab/ceph.sh" gateway "$work/ceph" >ceph.env
	eval "$(cat ceph.env)"
}

mkdir in
for i in $(seq $((mib / 8))); do
	openssl enc -aes-128-ctr -K "$(printf '%032x' "$i")" -iv 0 -in /dev/zero 2>/dev/null | head -c $((8 << 20)) >"$(printf 'in/%05d.bin' "$i")"
done
make_house "$work/house" || exit 1
policy "  - {match: '**', format: opaque, ext: bin}" 64MiB >policy.yaml
pushed in lab policy.yaml || exit 1
rm -rf in
stager-node keygen --out job.key --pub job.pub && asked request.json "$version" job.pub --redemptions 60 || exit 1
stager endpoint add lumi --url s3://sealed/at --country FI --site lumi >/dev/null &&
	ok "sent" stager send "$version" --to lumi
from=s3://sealed/at
home=house/vault/$version
restart=0
# node COMMAND FROM ARGUMENT...: with a release of its own
node() {
	restart=$((restart + 1))
	command=$1 where=$2
	shift 2
	stager-node "$command" --house "stager release --house $work/house" --pin house/house.json --request request.json --job-key job.key \
		--from "$where" --restart $restart --wait 0 "$@"
}
fetch() { stager-node fetch --from $from --to copy --pin house/house.json --version "$version" "$@"; }
# fetched EXPRESSION over the number of bytes f that the last fetch --json fetched
fetched() { tail -n 1 out >last && json last "(lambda f: $1)(j['fetched'])"; }

# ---- as it should be ----

node cat house/vault 2>err | sha256sum >wanted
restart=10 # what runs in a pipe counts in a shell of its own
node list house/vault >wanted.list 2>err
same "cat from Ceph: the same bytes" "$(node cat $from 2>err | sha256sum)" "$(cat wanted)"
restart=50
ok "list from Ceph" node list $from
cmp -s out wanted.list && pass "the same members" || fail "the same members" out
cat >curls.sh <<'END'
for n in $(seq 0 $((SHARDS - 1))); do
	curl -sSf "$STAGER_URL/$STAGER_VERSION/$(printf 'shard-%05d.tar' "$n")" || exit 1
done
END
SHARDS=$(find "$home" -name 'shard-*.body' | wc -l)
export SHARDS
read_tar='import tarfile
for m in tarfile.open("got.tar", "r|"): pass'
n=0
while [ $n -lt "$SHARDS" ]; do
	node cat house/vault $n 2>err
	n=$((n + 1))
done | sha256sum >wanted.shards
restart=100
same "the gateway from Ceph: the same bytes" "$(node run $from --memory 256M -- sh curls.sh 2>err | sha256sum)" "$(cat wanted.shards)"
restart=200
ok "fetch from Ceph" fetch
diff -r "$home" "copy/$version" >differs && pass "it is what the house has" || fail "it is what the house has" differs
rm -rf copy

# ---- Ceph's gateway dies and comes back ----

rate=$((mib * 1048576 / 12))
fetch --max-rate $rate >out 2>err &
pid=$!
sleep 4
bounce
if wait $pid; then pass "fetch: Ceph's gateway is killed and comes back"; else fail "fetch: Ceph's gateway is killed" err; fi
diff -r "$home" "copy/$version" >differs && pass "it is what the house has" || fail "it is what the house has" differs
rm -rf copy
restart=300
node cat $from --max-rate $rate 2>err >got.tar &
pid=$!
sleep 4
bounce
if wait $pid; then pass "cat: Ceph's gateway is killed and comes back"; else fail "cat: Ceph's gateway is killed" err; fi
same "the same bytes" "$(sha256sum <got.tar)" "$(cat wanted)"
rm got.tar
restart=400
node run $from --memory 256M --max-rate $rate -- sh curls.sh 2>err >got.shards &
pid=$!
sleep 4
bounce
if wait $pid; then pass "gateway: Ceph's is killed and comes back"; else fail "gateway: Ceph's is killed" err; fi
same "the same bytes" "$(sha256sum <got.shards)" "$(cat wanted.shards)"
rm got.shards
restart=500
node cat $from --tries 3 --max-rate $rate >got.tar 2>err &
pid=$!
sleep 4
kill -KILL "$CEPH_RGW_PID"
wait $pid
same "cat: Ceph's gateway stays away: status" $? 5
cat err
not_ok "and a reader of the tar raises" /usr/bin/python3 -c "$read_tar"
rm got.tar
expect_status 5 "fetch: nobody there" fetch --tries 2
cat err
eval "$(sh "$lab/ceph.sh" gateway "$work/ceph")"

# ---- fetch dies and goes on ----

rm -rf copy
stager-node fetch --from $from --to copy --pin house/house.json --version "$version" --max-rate $rate >out 2>err &
pid=$!
sleep 6
kill -KILL $pid
wait $pid 2>/dev/null
total=$(find "$home" -name '*.body' -printf '%s\n' | awk '{n += $1} END {printf "%.0f\n", n}')
there=$(find copy -name '*.body*' -printf '%b\n' | awk '{n += $1 * 512} END {printf "%.0f\n", n}')
[ "$there" -gt 0 ] && pass "fetch is killed with $((there >> 20)) of $((total >> 20)) MiB on disk" || fail "fetch is killed with nothing on disk"
ok "the same command ends it" fetch --json
# What was under way at 16 streams of 4 MiB may have to come again.
same "it fetched what was not there" "$(fetched "0 < f <= $total - $there + (64 << 20)")" True
diff -r "$home" "copy/$version" >differs && pass "it is what the house has" || fail "it is what the house has" differs
ok "again: nothing to do" fetch --json
same "it fetched nothing" "$(fetched f)" 0

# ---- an object is replaced by a damaged one ----

body=$version/abroad/shard-00001.body
cp "house/vault/$body" damaged
printf '\377\376' | dd of=damaged bs=1 seek=30000001 conv=notrunc status=none
s3 -H "x-amz-content-sha256: $(sha256sum damaged | cut -d' ' -f1)" -T damaged "$AWS_ENDPOINT_URL/sealed/at/$body" || fail "replace"
rm -rf damaged copy
expect_status 4 "fetch: a damaged object" fetch
cat err
restart=600
node cat $from >got.tar 2>err
same "cat: status" $? 4
cat err
not_ok "and a reader of the tar raises" /usr/bin/python3 -c "$read_tar"
rm got.tar
restart=700
not_ok "the gateway: curl raises" node run $from --memory 256M -- sh curls.sh
grep '^curl' err
ok "the sender finds it, and sends it again" stager send "$version" --to lumi --check
ok "fetch goes on" fetch
diff -r "$home" "copy/$version" >differs && pass "it is what the house has" || fail "it is what the house has" differs
rm -rf copy

# ---- what is wrong is told: the status, and the server's own word ----

# told STATUS WHAT WORD COMMAND...
told() {
	want_status=$1 what=$2 word=$3
	shift 3
	"$@" >out 2>err
	got=$?
	[ $got = "$want_status" ] && grep -q "$word" err && pass "$what: $(head -n 1 err)" || fail "$what: status $got, not $want_status and $word" err
}
told 3 "another secret" SignatureDoesNotMatch env AWS_SECRET_ACCESS_KEY=other stager-node fetch --from $from --to copy --pin house/house.json --version "$version"
told 3 "another key" InvalidAccessKeyId env AWS_ACCESS_KEY_ID=other stager-node fetch --from $from --to copy --pin house/house.json --version "$version"
told 3 "another secret, send" SignatureDoesNotMatch env AWS_SECRET_ACCESS_KEY=other stager send "$version" --to lumi --check
from=s3://elsewhere/at
told 3 "no such bucket" "no such bucket" fetch
from=s3://sealed/other
told 5 "nothing there" "no manifest.json" fetch
from=s3://sealed/at
told 5 "no such endpoint" "onnect" env AWS_ENDPOINT_URL=http://127.0.0.1:9 stager-node fetch --from $from --to copy --pin house/house.json --version "$version" --tries 2
stager endpoint add gone --url s3://elsewhere/at --country FI --site lumi >/dev/null
told 3 "no such bucket, send" "no such bucket" stager send "$version" --to gone

# Ceph's gateway with a clock two hours ahead: ours is late then.
cat >ahead.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
#define AHEAD 7200
int clock_gettime(clockid_t c, struct timespec *t)
{
	static int (*next)(clockid_t, struct timespec *);
	if (next == NULL)
		next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int rc = next(c, t);
	if (rc == 0 && (c == CLOCK_REALTIME || c == CLOCK_REALTIME_COARSE))
		t->tv_sec += AHEAD;
	return rc;
}
int gettimeofday(struct timeval *restrict v, void *restrict zone)
{
	struct timespec t;
	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	v->tv_sec = t.tv_sec, v->tv_usec = t.tv_nsec / 1000;
	return 0;
}
time_t time(time_t *out)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	if (out != NULL)
		*out = t.tv_sec;
	return t.tv_sec;
}
END
gcc -shared -fPIC -o ahead.so ahead.c
kill -KILL "$CEPH_RGW_PID"
sleep 1
LD_PRELOAD=$work/ahead.so sh "$lab/ceph.sh" gateway "$work/ceph" >ceph.env
eval "$(cat ceph.env)"
told 3 "a clock that is two hours off" RequestTimeTooSkewed fetch
told 3 "a clock that is two hours off, send" RequestTimeTooSkewed stager send "$version" --to lumi --check
ok "the house is whole" stager verify
finish
