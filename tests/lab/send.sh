#!/bin/sh
# Goal: a large version goes to a real Ceph S3 gateway through everything that happens to one: an object is replaced by a damaged
# one, the gateway dies and comes back, the sender dies and is started again. It ends whole and proven, and nothing that was
# there was sent twice. Then, in the same run, `stager send` beside `rclone copy`.
# usage: STAGER_BUILD=DIR sh tests/lab/send.sh [WORK]   WORK: a folder with room for five times the size; default $TMPDIR
# SEND_MIB: of the version (8192), SEND_SHARD: of a shard in MiB (512), both whole numbers; SEND_ROUNDS: of rclone beside it (2). With 0
# rounds the house's copy and Ceph's are all that stands on disk: twice the size, and 10 GiB. Ends with "N passed, N failed".
here=$(cd "$(dirname "$0")" && pwd)
STAGER_TESTS=$(dirname "$here")
TMPDIR=${1:-${TMPDIR:-/tmp}}
export STAGER_TESTS TMPDIR
. "$STAGER_TESTS/flow/lib.sh"
mib=${SEND_MIB:-8192}
shard=${SEND_SHARD:-512}
rounds=${SEND_ROUNDS:-2}
copies=$((rounds > 0 ? 4 : 1))
CEPH_BYTES=$(((copies * mib + 8192) << 20))
need=$((((copies + 1) * mib + 10240) << 20))
room=$(df -B1 --output=avail "$work" | tail -n 1)
[ "$room" -ge $need ] || { echo "skipped: $((need >> 20)) MiB are needed below $work, $((room >> 20)) are free"; exit 77; }
export CEPH_BYTES
cd "$work" || exit 1

sh "$here/ceph.sh" up "$work/ceph" >ceph.env
status=$?
[ $status = 0 ] || exit $status
trap 'sh "$here/ceph.sh" down "$work/ceph" >/dev/null 2>&1; flow_end' EXIT
eval "$(cat ceph.env)"
# s3 CURL-ARGUMENT...: one signed request
s3() {
	curl -sS --fail-with-body --aws-sigv4 "aws:amz:$AWS_REGION:s3" -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@"
}
empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
for bucket in sealed rclone; do
	s3 -H "x-amz-content-sha256: $empty" -X PUT "$AWS_ENDPOINT_URL/$bucket" || { fail "a bucket"; finish; exit 1; }
done
uploads() { s3 -H "x-amz-content-sha256: $empty" "$AWS_ENDPOINT_URL/sealed?uploads=" | grep -o '<UploadId>' | wc -l; }

mkdir in
i=0
while [ $((i * shard)) -lt "$mib" ]; do
	# A little less than a shard: it is padded. A hole is read as any other content, and takes no room beside what is made of it.
	printf '%08d' $i >"$(printf 'in/%04d.bin' $i)"
	truncate -s $(((shard << 20) * 97 / 100)) "$(printf 'in/%04d.bin' $i)"
	i=$((i + 1))
done
cat >policy.yaml <<YAML
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
  abroad: {hold: [FI], open: [lumi], evidence: none, results: sealed}
shards: {size: ${shard}MiB, order: source, names: generated}
YAML
make_house "$work/house" >setup 2>&1 && version=$(stager push in --name send --policy policy.yaml) && accept "$version" >accept.log 2>&1 ||
	{ fail "an accepted version of $mib MiB" setup accept.log; finish; exit 1; }
rm -rf in
pass "an accepted version of $mib MiB in shards of $shard MiB"
stager endpoint add lumi --url s3://sealed/at --country FI --site lumi >/dev/null
home=$work/house/vault/$version
total=$(find "$home" -type f -printf '%s\n' | awk '{n += $1} END {printf "%.0f\n", n}')
seconds() { /usr/bin/python3 -c 'import time; print("%.2f" % time.monotonic())'; }
# remote: name and size of what is there
remote() { stager_list "s3://sealed/at"; }
stager_list() {
	/usr/bin/python3 - "$@" <<'PY'
import os, re, subprocess, urllib.parse
token = ""
while True:
    query = "list-type=2" if not token else "continuation-token=%s&list-type=2" % urllib.parse.quote(token, safe="")
    text = subprocess.run(["curl", "-sS", "--aws-sigv4", "aws:amz:%s:s3" % os.environ["AWS_REGION"], "-u", "%s:%s" % (os.environ["AWS_ACCESS_KEY_ID"],
        os.environ["AWS_SECRET_ACCESS_KEY"]), "-H", "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        os.environ["AWS_ENDPOINT_URL"] + "/sealed?" + query], capture_output=True, text=True, check=True).stdout
    for item in re.findall("<Contents>.*?</Contents>", text, re.S):
        print(re.search("<Key>(.*?)</Key>", item).group(1), re.search("<Size>(.*?)</Size>", item).group(1))
    more = re.search("<NextContinuationToken>(.*?)</NextContinuationToken>", text)
    if not more: break
    token = more.group(1)
PY
}
# what Ceph's own gateway has taken since it was started, by its own count
taken() { ceph --admin-daemon "$work/ceph/client.rgw.asok" perf dump rgw 2>/dev/null | json /dev/stdin 'j["rgw"]["put_b"]'; }
bytes_there() { remote | awk '{n += $2} END {printf "%.0f\n", n}'; }
# parts_there: bytes of parts of uploads that were not ended
parts_there() {
	s3 -H "x-amz-content-sha256: $empty" "$AWS_ENDPOINT_URL/sealed?uploads=" >uploads.xml
	/usr/bin/python3 -c 'import re, sys; print(*("%s %s\n" % (re.search("<Key>(.*?)</Key>", u)[1], re.search("<UploadId>(.*?)</UploadId>", u)[1])
    for u in re.findall("<Upload>.*?</Upload>", sys.stdin.read(), re.S)), sep="", end="")' <uploads.xml >uploads.list
	while read -r key upload; do
		s3 -H "x-amz-content-sha256: $empty" "$AWS_ENDPOINT_URL/sealed/$key?uploadId=$upload" | grep -o '<Size>[0-9]*' | cut -c7-
	done <uploads.list | awk '{n += $1} END {printf "%.0f\n", n}'
}
last() { tail -n 1 "$1" >"$1.last"; json "$1.last" "$2"; }
# wait_for N FILE: until N objects were sent by the run that writes FILE
wait_for() {
	for _ in $(seq 3000); do
		[ "$(grep -c '"sent"' "$2")" -ge "$1" ] && return 0
		kill -0 "$sender" 2>/dev/null || return 1
		sleep 0.2
	done
	return 1
}
objects=$(find "$home" -type f | wc -l)

# --- the gateway dies and comes back; then the sender dies ---
stager send "$version" --to lumi --json >one.json 2>one.err &
sender=$!
wait_for $((objects / 4)) one.json || fail "a quarter of it is sent" one.err
kill -9 "$CEPH_RGW_PID"
sleep 3
kill -0 $sender 2>/dev/null && pass "the gateway is killed, the sender waits" || fail "the gateway is killed, the sender waits" one.err
eval "$(sh "$here/ceph.sh" gateway "$work/ceph")"
wait_for $((objects / 2)) one.json && pass "the gateway is back, and it goes on" || fail "the gateway is back, and it goes on" one.err
kill -9 $sender
wait $sender 2>/dev/null
sleep 1
remote | grep -q manifest.json && fail "no manifest before the end" || pass "the sender is killed; no manifest is there"
parts=$(parts_there)
[ "$parts" -gt 0 ] && pass "parts of objects that were under way are there: $((parts >> 20)) MiB" || fail "no part of an object that was under way is there"
there=$(($(bytes_there) + parts))
before=$(taken)
from=$(seconds)
ok "the same command ends it" stager send "$version" --to lumi --json --receipt record.json
to=$(seconds)
cp out two.json
same "as many bytes came in at the gateway" "$(($(taken) - before))" $((total - there))
awk -v n=$((total - there)) -v a="$from" -v b="$to" 'BEGIN {printf "that was %.0f MB/s\n", n / (b - a) / 1e6}'
same "it sent just what was not there ($((there >> 20)) of $((total >> 20)) MiB were)" "$(last two.json 'j["sent-bytes"]')" $((total - there))
same "no object twice" "$(cat one.json two.json | grep '"sent"' | sed 's/.*"name":"\([^"]*\)".*/\1/' | sort | uniq -d | wc -l)" 0
same "all of it is there" "$(bytes_there)" "$total"
same "no unfinished upload is left" "$(uploads)" 0
before=$(taken)
ok "again: nothing to do" stager send "$version" --to lumi --json
same "nothing was sent or read" "$(last out '(j["sent-bytes"], j["read-bytes"], j["unchanged"])')" "(0, 0, True)"
same "not by the gateway's count either" "$(($(taken) - before))" 0

# --- one object is replaced by a damaged one, another one vanishes ---
body=$version/abroad/shard-00001.body
cp "$work/house/vault/$body" damaged
printf '\377\376' | dd of=damaged bs=1 seek=$((shard << 19)) conv=notrunc status=none
s3 -H "x-amz-content-sha256: $(sha256sum damaged | cut -d' ' -f1)" -T damaged "$AWS_ENDPOINT_URL/sealed/at/$body" || fail "replace"
rm damaged
s3 -H "x-amz-content-sha256: $empty" -X DELETE "$AWS_ENDPOINT_URL/sealed/at/$version/abroad/shard-00000.sums" || fail "delete"
ok "--check" stager send "$version" --to lumi --check --json
same "finds the one that changed and the one that vanished" "$(grep -e '"changed"' -e '"vanished"' out | wc -l)" 2
same "and sends both again" "$(last out 'j["sent-objects"]')" 2
ok "--check --deep reads all of it" stager send "$version" --to lumi --check --deep --json
same "and finds it good" "$(last out '(j["read-bytes"], j["sent-bytes"])')" "($total, 0)"
ok "verify" stager verify
df -B1M --output=avail "$work" | tail -n 1 | sed 's/$/ MiB are free with all of it on disk/'

# --- beside rclone, to fresh places ---
if [ "$rounds" = 0 ]; then
	echo "skipped: rclone beside it"
elif command -v rclone >/dev/null; then
	unset AWS_CA_BUNDLE # which rclone takes for its own transport's, and fails
	cat >rclone.conf <<CONF
[ceph]
type = s3
provider = Ceph
env_auth = true
endpoint = $AWS_ENDPOINT_URL
CONF
	if rclone --config rclone.conf check --download "$home" "ceph:sealed/at/$version" >check.log 2>&1; then
		pass "rclone reads the same bytes"
	else
		fail "rclone reads the same bytes" check.log
	fi
	for round in $(seq "$rounds"); do
		s3 -H "x-amz-content-sha256: $empty" "$AWS_ENDPOINT_URL/" >/dev/null
		from=$(seconds)
		stager send "$version" --to "s3://sealed/at/round$round" >round.out 2>&1 || fail "round $round" round.out
		middle=$(seconds)
		rclone --config rclone.conf copy --transfers 4 --s3-upload-concurrency 4 --s3-chunk-size 64M --s3-disable-checksum \
			"$home" "ceph:rclone/round$round" >rclone.log 2>&1 || fail "rclone" rclone.log
		to=$(seconds)
		/usr/bin/python3 - "$total" "$from" "$middle" "$to" <<'PY'
import sys
total, a, b, c = int(sys.argv[1]), *map(float, sys.argv[2:])
print("send: %.0f MB/s  rclone copy: %.0f MB/s  ratio %.2f" % (total / (b - a) / 1e6, total / (c - b) / 1e6, (c - b) / (b - a)))
PY
		for place in "sealed/at/round$round" "rclone/round$round"; do
			rclone --config rclone.conf purge "ceph:$place" >/dev/null 2>&1
		done
	done
else
	echo "skipped: no rclone beside it (Debian: rclone)"
fi

# --- erased: it goes from the bucket, too ---
killed=$(uploads)
stager erase --dataset send --holder umc-waterdam --yes >erase.out 2>erase.err || [ "$rounds" != 0 ] || fail "erase" erase.err
# Rounds that rclone took away are not believed to be gone until somebody says so.
ok "prune" stager prune --gone
same "nothing is left in the bucket ($killed unfinished uploads before)" "$(remote | wc -l) $(uploads)" "0 0"
ok "verify" stager verify
finish
