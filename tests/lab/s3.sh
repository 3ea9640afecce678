#!/bin/sh
# Goal: S3 as an endpoint against a real Ceph gateway: objects of all sizes, a killed sender, a killed gateway, a bit that changes
# under way, wrong credentials, long lists. Ends with "N passed, N failed"; status 77 without Ceph's packages or without root.
# usage: STAGER_BUILD=FOLDER-OF-PROGRAMS STAGER_TESTS=tests sh tests/lab/s3.sh [MEGABYTES]      of the large object; default: 700, at least 500
# Ceph works in $STAGER_LAB (default: /dev/shm), in a file of $CEPH_BYTES (default here: 6 GiB); sources lie in TMPDIR.
. "$STAGER_TESTS/flow/lib.sh"
. "$top/deploy/packages.sh"
need_packages curl python3 || exit 1
megabytes=${1:-700}
tool=$STAGER_BUILD/../../tests/endpoint_tool
[ -x "$tool" ] || { echo "skipped: no endpoint_tool was built"; exit 77; }
ceph=$(mktemp -d "${STAGER_LAB:-/dev/shm}/stager-ceph.XXXXXX")
flip_pid=
trap '[ -z "$flip_pid" ] || kill $flip_pid; sh "$STAGER_TESTS/lab/ceph.sh" down "$ceph"; rm -rf "$ceph"; flow_end' EXIT
for variable in $(env | sed -n 's/^\(AWS_[A-Z0-9_]*\)=.*/\1/p') http_proxy https_proxy all_proxy; do unset "$variable"; done
CEPH_BYTES=${CEPH_BYTES:-6442450944} sh "$STAGER_TESTS/lab/ceph.sh" up "$ceph" >"$work/env"
status=$?
[ $status = 0 ] || exit $status
. "$work/env"
nothing=$(printf '' | sha256sum | cut -d' ' -f1)
curl -sS -f --aws-sigv4 aws:amz:default:s3 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-content-sha256: $nothing" \
	-X PUT "$AWS_ENDPOINT_URL/lab" || exit 1
url=s3://lab/project/stager
# s3 URL: what the gateway answers; taken: how many bytes it has taken since it was started, by its own count
s3() {
	curl -sS -f --aws-sigv4 "aws:amz:default:s3" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-content-sha256: $nothing" "$@"
}
taken() { ceph --admin-daemon "$ceph/client.rgw.asok" perf dump rgw 2>/dev/null | json /dev/stdin 'j["rgw"]["put_b"]'; }

# bytes COUNT: no two the same
bytes() {
	openssl enc -aes-128-ctr -pass pass:"$1" -nosalt -in /dev/zero 2>/dev/null | head -c "$1"
}
for size in 0 1 67108863 67108864 67108865 200000000; do
	bytes $size >"$work/file"
	ok "put $size" env SHA=1 "$tool" put $url v/s/$size "$work/file"
	tag=$(cat "$work/out")
	ok "get $size" "$tool" get $url v/s/$size "$work/back"
	ok "the same: $size" cmp "$work/file" "$work/back"
	same "head: $size" "$("$tool" head $url v/s/$size)" "$size $tag"
	ok "remove $size" "$tool" rm $url v/s/$size
	same "gone: $size" "$("$tool" head $url v/s/$size)" none
done
rm -f "$work/back"
expect_status 3 "another secret" env AWS_SECRET_ACCESS_KEY=other "$tool" put $url v/s/x "$work/file"
expect_status 3 "another key" env AWS_ACCESS_KEY_ID=other "$tool" list $url
expect_status 3 "no such bucket" "$tool" list s3://elsewhere
expect_status 5 "get what is not there" "$tool" range $url v/s/none 0 1
expect_status 4 "a range past the end" sh -c "'$tool' put $url v/s/x /etc/hostname >/dev/null && '$tool' range $url v/s/x 0 100000"
ok "remove" "$tool" rm $url v/s/x

bytes $((megabytes * 1048576 + 12345)) >"$work/large"
# A sender that is killed, and what the next one finds.
RATE=60000000 "$tool" put $url v/s/large "$work/large" 2>/dev/null &
sender=$!
sleep 7
kill -KILL $sender
wait $sender 2>/dev/null
same "a killed sender leaves nothing that is seen" "$("$tool" list $url)" ""
# The next one sends the parts that are not there, and no other: by the gateway's count of bytes, and by the list of parts.
upload=$(s3 "$AWS_ENDPOINT_URL/lab?uploads=" | sed -n 's,.*<UploadId>\([^<]*\)</UploadId>.*,\1,p')
parts=$(s3 "$AWS_ENDPOINT_URL/lab/project/stager/v/s/large?uploadId=$upload" | grep -o '<PartNumber>' | wc -l)
[ "$parts" -gt 0 ] && pass "$parts parts of 64 MiB are there" || fail "no part is there"
before=$(taken)
ok "the next one goes on" env SHA=1 "$tool" put $url v/s/large "$work/large"
same "and sends what was not there, once" "$(($(taken) - before))" $(($(stat -c %s "$work/large") - parts * 67108864))
ok "get it" "$tool" get $url v/s/large "$work/back"
ok "the same" cmp "$work/large" "$work/back"
same "nothing unfinished is left" "$("$tool" clean s3://lab)" 0
ok "remove" "$tool" rm $url v/s/large
RATE=60000000 "$tool" put $url v/s/large "$work/large" 2>/dev/null &
sender=$!
sleep 3
kill -KILL $sender
wait $sender 2>/dev/null
same "what a put would go on with may stay" "$(KEEP=1 "$tool" clean $url v)" 0
ok "cut in another way" env PART=50000000 SHA=1 "$tool" put $url v/s/large "$work/large"
same "nothing unfinished is left of either" "$("$tool" clean s3://lab)" 0
RATE=60000000 "$tool" put $url v/s/other "$work/large" 2>/dev/null &
sender=$!
sleep 3
kill -KILL $sender
wait $sender 2>/dev/null
same "its parts are found and removed" "$("$tool" clean $url v)" 1
same "once" "$("$tool" clean $url v)" 0

# The gateway is killed while it takes an object, and started again; then while it gives one.
for what in put get; do
	[ $what = put ] && file=$work/large || file=$work/back
	RATE=80000000 SHA=1 "$tool" $what $url v/s/large "$file" >/dev/null 2>"$work/$what.err" &
	pid=$!
	sleep 3
	kill -KILL "$CEPH_RGW_PID"
	sleep 2
	sh "$STAGER_TESTS/lab/ceph.sh" gateway "$ceph" >"$work/env" && . "$work/env"
	if wait $pid; then pass "$what: the gateway was killed and came back"; else fail "$what: the gateway was killed" "$work/$what.err"; fi
done
ok "the same" cmp "$work/large" "$work/back"
ok "the gateway keeps no parts, or gives them back" "$tool" clean $url
rm -f "$work/back"

# One bit of one part changes under way: the gateway sees it by the part's digest, and the part is sent again.
/usr/bin/python3 "$STAGER_TESTS/lab/flip_proxy.py" "${AWS_ENDPOINT_URL##*:}" 100000000 "$work/flip.port" "$work/flipped" &
flip_pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$work/flip.port" ] && break; sleep 0.3; done
ok "put, a bit changed under way" env AWS_ENDPOINT_URL="http://127.0.0.1:$(cat "$work/flip.port")" "$tool" put $url v/s/flipped "$work/large"
same "it was changed" "$(ls "$work/flipped" 2>/dev/null)" "$work/flipped"
ok "get" "$tool" get $url v/s/flipped "$work/back"
ok "the same" cmp "$work/large" "$work/back"
for name in flipped large; do ok "remove $name" "$tool" rm $url v/s/$name; done

# More objects than a page of a list holds.
mkdir "$work/many"
for i in $(seq 1100); do echo "$i" >"$work/many/o$i"; done
ok "1100 objects" env OBJECTS=8 STREAMS=8 "$tool" puts $url v/many "$work/many"/*
same "all are listed" "$("$tool" list $url v/many | cut -d' ' -f3 | sort)" "$(ls "$work/many" | sed 's,^,v/many/,' | sort)"
same "nothing unfinished is left" "$("$tool" clean s3://lab)" 0
finish
