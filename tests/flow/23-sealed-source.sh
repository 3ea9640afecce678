#!/bin/sh
# Goal: what was sealed for the house, by our tool or another's, becomes the same version as the files themselves; what was
# damaged, cut, put in another order, sealed for somebody else or sealed with a nonce twice refuses the push and leaves nothing.
set -u
. "$STAGER_TESTS/flow/lib.sh"

cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: sealed
project: flow
pseudonym: {domain: research, key: 1}
files:
  - match: '**/*.csv'
    format: csv
    columns: {nr: pseudonym, age: {keep: number}}
  - {match: '**/*.bin', format: opaque, ext: bin}
  - {match: '**/*.txt', format: text}
  - {match: '**/*.tmp', format: drop}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
count() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*) FROM $1"; }
push() { stager push --name "$@" --policy "$work/policy.yaml"; }
left() {
	find "$STAGER_HOUSE/vault" "$STAGER_HOUSE/staging" -mindepth 1 ! -name '*.lock' | sort
	count version
	count shard
}
# refused STATUS WHAT FILE FRAGMENT: pushed under a name of its own among good files; one line, which does not repeat what was planted
refused() {
	rm -rf "$work/case"
	mkdir "$work/case"
	echo goed >"$work/case/a.txt"
	echo goed >"$work/case/zz.txt"
	cp "$3" "$work/case/Zwartewaal.${5:-bin}.c4gh"
	before=$(left)
	expect_status "$1" "$2 is refused" push refused "$work/case"
	cp "$work/err" "$work/said"
	if [ "$(wc -l <"$work/said")" = 1 ] && ! grep -qi zwartewaal "$work/said" && ! grep -q 'rror 0\|killed' "$work/said" &&
		grep -q 'ile 1' "$work/said" && grep -q "$4" "$work/said"; then
		pass "$2: a line that says why: $(cut -c1-120 "$work/said")"
	else
		fail "$2: what is said, wanted '$4'" "$work/said"
	fi
	[ "$(left)" = "$before" ] || fail "$2: something is left"
}
# plaintext VERSION: the digest of its shards' plaintext, with the vault's wrapped keys opened by a release to this machine
shards() { /usr/bin/python3 -c 'import json, sys
for line in open(sys.argv[1]):
    j = json.loads(line); print(j["name"], j["plain"], j["members"])' "$STAGER_HOUSE/vault/$1/abroad/shards.jsonl"; }

ok "a house" make_house "$work/house"
ok "the house gives its public key out" stager ingest-key --out "$work/in.pub"
same "as every Crypt4GH tool reads it" "$(head -n 1 "$work/in.pub")" "-----BEGIN CRYPT4GH PUBLIC KEY-----"
stager ingest-key >"$work/out.pub"
ok "on standard output too" cmp "$work/in.pub" "$work/out.pub"
same "it stands in the card" "$(sed -n 2p "$work/in.pub" | base64 -d | od -An -tx1 | tr -d ' \n')" "$(json "$work/house/house.json" 'j["ingest"]')"
expect_status 2 "usage" stager ingest-key here
encrypt() { stager-crypt4gh encrypt --recipient_pk "$work/in.pub" <"$1" >"$2" 2>"$work/log"; }

# --- the same files, open and sealed
mkdir -p "$work/open/sub" "$work/sealed/sub"
for i in $(seq 2000); do echo "$i,$((i % 90))"; done | sed '1i nr,age' >"$work/open/patients.csv"
head -c 3000001 /dev/urandom >"$work/open/scan.bin"
head -c 65536 /dev/urandom >"$work/open/sub/full.bin"
printf 'bel 0612345678 of mail jan@umc.example\n' >"$work/open/sub/letter.txt"
: >"$work/open/sub/nothing.bin"
head -c 200000 /dev/zero >"$work/open/junk.tmp"
echo x >"$work/open/unknown.xyz"
mkdir "$work/pack"
cp "$work/open/sub/letter.txt" "$work/open/scan.bin" "$work/pack"
(cd "$work/pack" && tar -cf ../open/a.tar . && tar -czf ../open/b.tar.gz . && tar -cf - . | zstd -qc >../open/c.tar.zst && tar -cJf ../open/d.tar.xz . &&
	zip -qr ../open/e.zip .)
(cd "$work/open" && find . -type f) >"$work/names"
while read -r name; do
	encrypt "$work/open/$name" "$work/sealed/$name.c4gh" || fail "encrypt $name" "$work/log"
done <"$work/names"
mv "$work/sealed/sub/full.bin.c4gh" "$work/sealed/sub/full.bin.C4GH"
cp "$work/open/sub/letter.txt" "$work/sealed/sub/letter.txt"
rm "$work/sealed/sub/letter.txt.c4gh"
ok "the open files are pushed" push open "$work/open"
open=$(tail -n 1 "$work/out")
ok "the sealed ones are" push sealed "$work/sealed"
sealed=$(tail -n 1 "$work/out")
same "they make the same shards" "$(shards "$sealed")" "$(shards "$open")"
for version in open sealed; do
	eval "stager report \$$version --out $work/$version.json" >/dev/null
	json "$work/$version.json" '{k: v for k, v in j["report"].items() if k != "sealed"}' >"$work/$version.report"
done
ok "and the same report" cmp "$work/open.report" "$work/sealed.report"
same "which says of the sealed ones that their order is proven" "$(json "$work/sealed.json" 'j["report"]["sealed"]')" "{'order-proven': $(($(wc -l <"$work/names") - 1))}"
same "and nothing of the others" "$(json "$work/open.json" 'j["report"]["sealed"]')" "{}"
ok "a steward is told" sh -c 'stager-sign --yes --key "$1/anna.key" "$1/sealed.json" 2>&1 >/dev/null | grep -q "sealed sources *order-proven"' sh "$work"
ok "verify" stager verify
same "pushed again it is the same version" "$(push sealed "$work/sealed" 2>/dev/null | tail -n 1)" "$sealed"
# What a node opens is what was in the files.
ok "the sealed version is accepted" accept "$sealed"
stager-node keygen --out "$work/job.key" --pub "$work/job.pub" >/dev/null
ok "and requested" stager request new "$sealed" --site lumi --job-key "$work/job.pub" --requester ria@uni.example --out "$work/request.json"
for person in anna boris; do
	stager-sign --yes --key "$work/$person.key" "$work/request.json" >"$work/$person.env" 2>/dev/null
	ok "$person approves" stager approve "$work/$person.env"
done
ok "a node opens it" sh -c 'stager-node cat --house "stager release --house $1/house" --pin "$1/house/house.json" --request "$1/request.json" \
	--job-key "$1/job.key" --from "$1/house/vault" >"$1/got.tar"' sh "$work"
mkdir "$work/got"
tar -xif "$work/got.tar" -C "$work/got" 2>"$work/log"
same "the opaque file came through, from a file, tars and a zip" \
	"$(find "$work/got" -name '*.bin' -size +2M -exec sha256sum {} + | cut -d' ' -f1 | sort | uniq -c | tr -s ' ')" \
	" 6 $(sha256sum <"$work/open/scan.bin" | cut -d' ' -f1)"
ok "and the letter, scrubbed" sh -c 'cat "$1"/got/x/*.txt | grep -q "bel .* of mail "' sh "$work"
not_ok "nothing of it as it was" grep -rq 0612345678 "$work/got"

# --- one sealed file as the source itself, a file and an archive
encrypt "$work/open/patients.csv" "$work/patients.csv.c4gh"
ok "a sealed file is a source" push one "$work/patients.csv.c4gh"
ok "a sealed archive is one" push tar "$work/sealed/b.tar.gz.c4gh"
stager-crypt4gh keygen --nocrypt --sk "$work/mine" --pk "$work/mine.pub" >/dev/null 2>&1
stager-crypt4gh encrypt --recipient_pk "$work/mine.pub" --recipient_pk "$work/in.pub" <"$work/open/patients.csv" >"$work/patients.csv.c4gh"
ok "one for several readers" push one "$work/patients.csv.c4gh"
stager-crypt4gh encrypt --recipient_pk "$work/mine.pub" <"$work/open/patients.csv" |
	stager-crypt4gh reencrypt --sk "$work/mine" --recipient_pk "$work/in.pub" --trim >"$work/patients.csv.c4gh"
ok "one that was sealed again for the house" push one "$work/patients.csv.c4gh"
cp "$work/open/patients.csv" "$work/case.csv" && mkdir "$work/both" && cp "$work/case.csv" "$work/both/a.csv" && cp "$work/patients.csv.c4gh" "$work/both/a.csv.c4gh"
expect_status 3 "a file and its sealed copy are two files of one name" push both "$work/both"

# --- other writers: an independent one, in Python
cat >"$work/writer.py" <<'PY'
import os, struct, sys
sys.path.insert(0, os.environ["STAGER_TESTS"])
import base64
import peer_c4gh as c4
pub, folder = sys.argv[1:3]
reader = base64.b64decode(open(pub).read().split("\n")[1])
stream = lambda i, l: struct.pack("<QI", i, int(l))
rand = lambda i, l: os.urandom(12)
def make(what, plain):
    writer, key, key2 = os.urandom(32), os.urandom(32), os.urandom(32)
    def packet(payload, w=writer):
        return c4.header(w, reader, payload, os.urandom(12))
    def data(k):
        return packet(struct.pack("<II", 0, 0) + k)
    def edits(*lengths, w=writer):
        return packet(struct.pack("<II", 1, len(lengths)) + struct.pack("<%dQ" % len(lengths), *lengths), w)
    fixed = os.urandom(12)
    head, segs = [data(key)], c4.body(key, plain, stream)
    if what == "random": segs = c4.body(key, plain, rand)
    elif what == "fixed": segs = c4.body(key, plain, lambda i, l: fixed)
    elif what == "zero": segs = c4.body(key, plain, lambda i, l: bytes(12))
    elif what == "late":  # the last has the nonce of the second
        n = [os.urandom(12) for _ in range(1000)]
        segs = c4.body(key, plain, lambda i, l: n[1] if l else n[i])
    elif what in ("keys", "keys-repeat", "keys-fixed"):
        a, b = c4.body(key, plain, (lambda i, l: struct.pack("<Q", i * i) + b"ab01") if what == "keys" else rand), None
        b = c4.body(key2, plain, (lambda i, l: struct.pack("<Q", i * i) + b"ab01") if what == "keys" else (lambda i, l: fixed) if what == "keys-repeat" else rand)
        segs, head = [(a, b)[i % 2][i] for i in range(len(a))], [data(key), data(key2)]
    elif what == "edits":
        head.append(edits(70000, 100, 50, 2000))
        segs = c4.body(key, plain, rand)
    elif what == "edits-odd":
        head.append(edits(70000, 100, 50))
    elif what == "edits-other": head.append(edits(70000, 100, w=os.urandom(32)))
    elif what == "edits-two": head += [edits(70000, 100), edits(70000, 100)]
    elif what == "empty": segs = []
    elif what == "empty-proven": segs, head = [], head + [edits(2**63 - 1)]
    elif what == "twice": head.append(data(key))
    elif what == "type": head.append(packet(struct.pack("<II", 2, 0) + key))
    elif what == "strangers": head = [c4.header(writer, os.urandom(32), struct.pack("<II", 0, 0) + key, os.urandom(12)) for _ in range(3000)] + head
    elif what == "packets": head = [b"\x08\0\0\0\1\0\0\0"] * 65537
    elif what == "long": head = [struct.pack("<II", 65536, 1) + bytes(65528)] * 257
    elif what == "many-keys": head = [data(os.urandom(32)) for _ in range(257)]
    elif what == "flip":
        segs[2] = segs[2][:500] + bytes([segs[2][500] ^ 1]) + segs[2][501:]
    elif what in ("flip-last", "flip-tail"): segs[-1] = segs[-1][:-1] + bytes([segs[-1][-1] ^ 128])
    elif what == "flip-random":
        segs = c4.body(key, plain, rand); segs[-1] = segs[-1][:-1] + bytes([segs[-1][-1] ^ 128])
    elif what == "flip-unwanted":
        head.append(edits(70000, 100)); segs[3] = segs[3][:-1] + bytes([segs[3][-1] ^ 128])
    elif what == "swap": segs[1], segs[2] = segs[2], segs[1]
    elif what == "again": segs.insert(2, segs[1])
    elif what == "again-random":
        segs = c4.body(key, plain, rand); segs.insert(2, segs[1])
    elif what == "without": del segs[1]
    elif what == "cut": segs = segs[:-1]
    elif what == "cut-short": segs[-1] = segs[-1][:20]
    elif what == "behind": segs.append(b"x" * 100)
    elif what == "count":
        pass
    sealed = c4.container(*head) + b"".join(segs)
    if what == "count": sealed = sealed[:12] + b"\xff\xff\xff\xff" + sealed[16:]
    elif what == "length": sealed = sealed[:16] + b"\xff\xff\xff\xff" + sealed[20:]
    elif what == "version": sealed = sealed[:8] + b"\2" + sealed[9:]
    elif what == "header-cut": sealed = sealed[:100]
    elif what == "nothing": sealed = b""
    elif what == "magic": sealed = b"Zwartewaal is geen Crypt4GH"
    elif what == "packet": sealed = sealed[:80] + bytes([sealed[80] ^ 1]) + sealed[81:]
    with open(os.path.join(folder, what), "wb") as f: f.write(sealed)
for word in sys.argv[3:]:
    what, _, plain = word.partition("=")
    make(what, open(plain, "rb").read())
PY
head -c 400000 /dev/urandom >"$work/plain"
{ cat "$work/open/a.tar" && head -c 3000000 /dev/zero; } >"$work/tail.tar"
mkdir "$work/made"
# shellcheck disable=SC2046 # words
ok "an independent writer seals them" /usr/bin/python3 "$work/writer.py" "$work/in.pub" "$work/made" $(for one in stream random keys edits edits-odd \
	empty-proven strangers fixed zero late keys-repeat again-random flip flip-last flip-random flip-unwanted swap again without cut cut-short behind \
	count length version header-cut nothing magic packets long many-keys type twice edits-other edits-two empty packet; do
	echo "$one=$work/plain"
done) flip-tail="$work/tail.tar"
# taken WHAT SIZE ORDER: one member of that size; the report says so of its order
taken() {
	rm -rf "$work/case"
	mkdir "$work/case"
	cp "$work/made/$1" "$work/case/x.bin.c4gh"
	expect_status 0 "$1 is taken" push "taken-$1" "$work/case"
	stager report "$(tail -n 1 "$work/out")" --out "$work/taken.json" >/dev/null
	same "$1: what it opens to" "$(json "$work/taken.json" 'j["report"]["bytes"]["in"], list(j["report"]["sealed"])')" "($2, ['order-$3'])"
}
taken stream 400000 proven
taken random 400000 not-proven
taken keys 400000 not-proven
taken edits 2100 not-proven
taken edits-odd 329950 proven
taken empty-proven 0 proven
taken strangers 400000 proven
refused 3 "a writer of one nonce" "$work/made/fixed" 'segment 1: has the nonce of segment 0 under the same key'
refused 3 "a writer of nonce zero" "$work/made/zero" 'segment 1: has the nonce of a segment before it under the same key'
refused 3 "a nonce again at the end" "$work/made/late" 'segment 6: has the nonce of segment 1'
refused 3 "one nonce under the second key" "$work/made/keys-repeat" 'segment 3: has the nonce of a segment before it'
refused 3 "a segment again in a foreign file" "$work/made/again-random" 'segment 2: has the nonce of segment 1'
for one in "flip:segment 2: damaged" "flip-last:segment 6: damaged" "flip-random:segment 6: damaged" "flip-unwanted:segment 3: damaged" \
	"swap:segment 1: out of its place" "again:segment 2: out of its place" "without:segment 1: out of its place" "cut:segment 5: not the last" \
	"cut-short:body: cut short" "behind:segment 6: " "count:more than 65536 packets" "length:a packet has a length" "version:not Crypt4GH" \
	"header-cut:header: cut short" "nothing:header: cut short" "magic:header: not Crypt4GH" "packets:more than 65536 packets" "long:header: longer than" \
	"many-keys:more than 256 data keys" "type:a packet of a type" "twice:more than one packet opens" "edits-other:an edit list beside packets" \
	"edits-two:more than one edit list" "empty:body: empty"; do
	refused 4 "${one%%:*}" "$work/made/${one%%:*}" "${one#*:}"
done
refused 3 "a damaged packet is nobody's" "$work/made/packet" 'no packet gives this house a data key'
stager-crypt4gh encrypt --recipient_pk "$work/mine.pub" <"$work/plain" >"$work/made.c4gh"
refused 3 "a file for somebody else" "$work/made.c4gh" 'no packet gives this house a data key'
# The format makes no difference: what is dropped or held unread is opened to its end all the same.
for end in tmp xyz txt csv; do
	refused 4 "a damaged .$end" "$work/made/flip-last" 'segment 6: damaged' $end
done
# An archive that ends before its bytes do; one that is none.
refused 4 "a tar with damage behind its end" "$work/made/flip-tail" 'damaged or forged' tar
refused 3 "a tar that is none" "$work/made/stream" 'file 1: archive: neither tar nor zip' tar

# --- a source that changes while it is read
rm -rf "$work/case"
mkdir "$work/case"
head -c 60000000 /dev/zero >"$work/zero"
for i in 1 2 3 4; do encrypt "$work/zero" "$work/case/$i.bin.c4gh"; done
push moving "$work/case" >"$work/printed" 2>"$work/said" &
pid=$!
for i in $(seq 1000); do
	[ -z "$(find "$STAGER_HOUSE/staging" -name '*.body')" ] || break
	sleep 0.01
done
echo x >>"$work/case/4.bin.c4gh"
wait $pid
same "a sealed file that changes is refused" "$? $(grep -o 'changed while it was read' "$work/said")" "3 changed while it was read"

# --- a new root secret: what was sealed before still opens, under the same public key
rm -rf "$work/case"
mkdir "$work/case"
encrypt "$work/open/patients.csv" "$work/case/before.csv.c4gh"
ok "the root secret is changed" stager root rotate
stager ingest-key >"$work/out.pub"
ok "the public key stays" cmp "$work/in.pub" "$work/out.pub"
encrypt "$work/open/patients.csv" "$work/case/after.csv.c4gh"
ok "files sealed before and after are taken" push rotated "$work/case"
ok "verify again" stager verify
not_ok "no plaintext was written anywhere in the house" grep -rqa 'jan@umc.example\|nr,age' "$STAGER_HOUSE/vault" "$STAGER_HOUSE/staging" "$STAGER_HOUSE/ledger.db"

finish
