#!/bin/sh
# Goal: whatever is altered in a house is noticed. Each kind of file at its first, a middle and its last byte, each row of the
# ledger that matters, the ledger's own pages, parts put back to an older state: `stager verify` says 4. The checkpoint
# and the tree hold for programs that are not ours; a damaged shard gives `stager-node cat` not one byte of the damaged segment.
. "${STAGER_TESTS:?}/flow/lib.sh"
cd "$work" || exit 1
house=$work/house

# Three members in two shards of eleven segments each.
mkdir -p in/notes
/usr/bin/python3 - <<'PY'
import hashlib
for name in ("spectra", "other"):
    with open("in/%s.bin" % name, "wb") as f:
        f.write(b"".join(hashlib.sha512(b"%s %d" % (name.encode(), i)).digest() for i in range(11000)))
PY
printf 'Het gaat goed met de zonnebloemen.\n' >in/notes/a.txt
cat >policy.yaml <<'YAML'
policy: 1
name: tamper
project: tamper
pseudonym: {domain: research, key: 1}
dates: {order: [dd-MM-yyyy, yyyy-MM-dd]}
text: {language: [nl], default: tag, bsn: {do: tag, context: any}}
files:
  - match: notes/*.txt
    format: text
  - match: '*.bin'
    format: opaque
    ext: bin
accept: {files: 0, records: 1%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB, order: source, names: generated}
YAML

prepare() {
	make_house "$house" && version=$(stager push in --name tamper --policy policy.yaml) && accept "$version" || return 1
	# Sent to a folder, and another endpoint that was taken back.
	mkdir far && stager endpoint add lumi --url "dir:$work/far" --country FI --site lumi &&
		stager endpoint add old --url s3://old/x --gateway https://s3.example --country NL --site lumi && stager endpoint remove old &&
		stager send "$version" --to lumi || return 1
	stager-node keygen --out job.key --pub job.pub || return 1
	stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example --redemptions 40 \
		--out request.json >request.id || return 1
	for person in anna boris; do
		stager-sign --yes --key $person.key request.json >$person.approval && stager approve $person.approval || return 1
	done
	cp -a "$house" older
}
prepare >prepare.log 2>&1 || { fail "a house with a version that is accepted and asked for" prepare.log; finish; exit 1; }

restart=0
# node_cat FROM [SHARD]: one more release
node_cat() {
	from=$1
	shift
	restart=$((restart + 1))
	stager-node cat --house "stager release --house $house" --pin "$house/house.json" --request request.json --job-key job.key \
		--from "$from" --restart $restart "$@"
}
node_cat "$house/vault" 0 >good.tar 2>err || fail "cat" err
same "the shard's members" "$(tar -tf good.tar | tr '\n' ' ')" "x/000001.txt x/000002.bin "
tar -xOf good.tar x/000002.bin | cmp - in/other.bin >err 2>&1 && pass "the member is the file" || fail "the member is the file" err
ok "verify after a release" stager verify

# What is proven without us.
json "$house/house.json" 'j["log-key"]' >key.hex
/usr/bin/python3 - <<'PY'
import base64
# SubjectPublicKeyInfo of Ed25519 (RFC 8410), and the note's text and signature apart.
key = bytes.fromhex("302a300506032b6570032100" + open("key.hex").read().strip())
with open("log.pem", "w") as f:
    f.write("-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % base64.b64encode(key).decode())
text, signature = open("house/log/checkpoint", "rb").read().split(b"\n\n")
with open("note", "wb") as f:
    f.write(text + b"\n")
with open("note.sig", "wb") as f:
    f.write(base64.b64decode(signature.split()[2])[4:])
PY
ok "openssl verifies the checkpoint" openssl pkeyutl -verify -rawin -pubin -inkey log.pem -in note -sigfile note.sig
sed '2s/^/1/' note >note.other
not_ok "and not another one" openssl pkeyutl -verify -rawin -pubin -inkey log.pem -in note.other -sigfile note.sig
ok "a second implementation builds the tree" /usr/bin/python3 "$STAGER_TESTS/peer_log.py" "$house/log" log.pem stager/flow
same "of the size that we say" "$(cut -d' ' -f1 out)" "$(sed -n 2p "$house/log/checkpoint")"

# A damaged shard: the copy's bytes change, one release each.
damaged() {
	how=$1
	file=$2
	at=$3
	segment=$4
	rm -rf copy
	cp -a "$house/vault" copy
	/usr/bin/python3 - "copy/$version/abroad/$file" "$at" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2])); byte = f.read(1); f.seek(-1, 1); f.write(bytes([byte[0] ^ 1]))
PY
	expect_status 4 "cat: $how" node_cat "$work/copy" 0
	size=$(wc -c <out)
	if [ "$size" -gt $((segment * 65536)) ]; then
		fail "cat: $how: $size bytes where at most $segment segments are good"
	elif head -c "$size" good.tar | cmp -s - out; then
		pass "cat: $how: nothing of the damaged segment"
	else
		fail "cat: $how: what came is not the beginning of the shard"
	fi
}
last=$(($(wc -c <"$house/vault/$version/abroad/shard-00000.body") - 1))
segments=$(($(wc -c <"$house/vault/$version/abroad/shard-00000.sums") / 32))
damaged "first byte of a body" shard-00000.body 0 0
damaged "first byte of segment 5" shard-00000.body $((5 * 65564)) 5
damaged "last byte of segment 5" shard-00000.body $((6 * 65564 - 1)) 5
damaged "last byte of a body" shard-00000.body "$last" $((segments - 1))
damaged "first byte of the sums" shard-00000.sums 0 0
damaged "sum of segment 5" shard-00000.sums $((5 * 32 + 9)) 5

# A released shard, header and body, is plain Crypt4GH.
node_tool=$STAGER_BUILD/../../tests/node_tool
if [ -x "$node_tool" ]; then
	mkdir tool
	ok "a node that gives its key away" "$node_tool" --house "stager release --house $house" --pin "$house/house.json" \
		--request request.json --job-key job.key --out tool --restart 30
	cat tool/shard-00000.header "$house/vault/$version/abroad/shard-00000.body" >shard.c4gh
	ok "another Crypt4GH reader opens it" /usr/bin/python3 "$STAGER_TESTS/peer_c4gh.py" open shard.c4gh --key tool/reader.key \
		--sums "$house/vault/$version/abroad/shard-00000.sums"
	cmp -s out good.tar && pass "to the same bytes" || fail "to the same bytes"
fi

tamper() {
	how=$1
	shift
	if /usr/bin/python3 "$STAGER_TESTS/flow/tamper.py" "$@" >tamper.log 2>&1; then
		pass "$how ($(tail -n 1 tamper.log))"
	else
		fail "$how" tamper.log
	fi
}
tamper "parts put back to an older state" rollback "$house" "$work/older"
tamper "every kind of file" files "$house"
tamper "every row that matters" rows "$house"
tamper "the ledger's pages" pages "$house"
finish
