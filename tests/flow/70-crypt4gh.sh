#!/bin/sh
# Goal: the Python reference tool's own scenarios pass both ways: what one tool seals, cuts or seals again, the other opens, with
# all kinds of keys, and with the same command line.
set -u
. "$STAGER_TESTS/flow/lib.sh"

# The reference tool: from PyPI, or $STAGER_REFERENCE, a folder made by `python3 -m venv` with crypt4gh 1.8.6 in it.
reference=${STAGER_REFERENCE:-$work/reference}
if [ ! -x "$reference/bin/crypt4gh" ]; then
	if ! { /usr/bin/python3 -m venv "$reference" || python3 -m venv --clear "$reference"; } >"$work/log" 2>&1 ||
		! timeout 120 "$reference/bin/pip" install -q --retries 1 --timeout 20 'crypt4gh==1.8.6' >>"$work/log" 2>&1; then
		tail -n 3 "$work/log"
		echo "skipped: the reference tool cannot be had from PyPI here (python3-venv, pip, network)"
		exit 77
	fi
fi
command -v ssh-keygen >/dev/null || { echo "skipped: ssh-keygen is lacking: apt-get install openssh-client"; exit 77; }

mkdir "$work/bin" "$work/k"
for name in crypt4gh crypt4gh-keygen; do
	ln -s "$STAGER_BUILD/stager-crypt4gh" "$work/bin/$name"
done
cd "$work/k" || exit 1
ours() { tool=$work/bin/crypt4gh; "$tool" "$@"; }
theirs() { tool=$reference/bin/crypt4gh; "$tool" "$@"; }

# Bob and Alice, with passphrases; Tom has none; each tool made some of them.
C4GH_PASSPHRASE=bob "$work/bin/crypt4gh-keygen" --sk bob.sec --pk bob.pub -C "Bob's" >log 2>&1 || fail "crypt4gh-keygen" log
C4GH_PASSPHRASE=alice "$work/bin/crypt4gh-keygen" --sk=alice.sec --pk=alice.pub >log 2>&1 || fail "crypt4gh-keygen" log
ok "the reference's keygen makes a key" "$reference/bin/crypt4gh-keygen" --nocrypt --sk tom.sec --pk tom.pub
for name in bob alice ssh; do cp /dev/null "$name.pass"; done
printf bob >bob.pass
printf alice >alice.pass
ssh-keygen -q -t ed25519 -f ssh.sec -N 'a phrase' && mv ssh.sec.pub ssh.pub
printf 'a phrase' >ssh.pass
ssh-keygen -q -t ed25519 -f sshplain.sec -N '' && mv sshplain.sec.pub sshplain.pub

# as WHO TOOL ARGUMENT...: the tool with that person's key, its passphrase in the environment where it has one
as() {
	who=$1
	what_tool=$2
	shift 2
	if [ -s "$who.pass" ]; then
		C4GH_PASSPHRASE=$(cat "$who.pass") $what_tool "$@" --sk "$who.sec"
	else
		$what_tool "$@" --sk "$who.sec"
	fi 2>>stderr
}

# The file of the scenarios: a, b, c and d 65,536 times each; and a random one.
/usr/bin/python3 -c 'import sys
for c in b"abcd": sys.stdout.buffer.write(bytes([c]) * 65536)' >abcd
/usr/bin/python3 -c 'import sys
sys.stdout.buffer.write(b"a" + b"b" * 65536 + b"c")' >abbbc
head -c 3000001 /dev/urandom >random
printf '%s' x >one
head -c 65536 random >full

for seal in ours theirs; do
	for open in ours theirs; do
		pair="$seal > $open"
		for file in abcd random one full; do
			as bob $seal encrypt --recipient_pk alice.pub <$file >m.c4gh
			as alice $open decrypt <m.c4gh >m
			ok "$pair: $file from Bob to Alice" cmp $file m
		done
		as bob $seal encrypt --recipient_pk bob.pub --recipient_pk alice.pub --recipient_pk tom.pub --recipient_pk tom.pub <abcd >m.c4gh
		for who in bob alice tom; do
			as $who $open decrypt <m.c4gh >m
			ok "$pair: several recipients: $who" cmp abcd m
		done
		as alice $open decrypt --sender_pk bob.pub <m.c4gh >m
		ok "$pair: from the sender expected" cmp abcd m
		as alice $open decrypt --sender_pk tom.pub <m.c4gh >m
		same "$pair: not from another sender" "$?-$(wc -c <m)" "$([ $open = ours ] && echo 4 || echo 1)-0"
		$seal encrypt --recipient_pk alice.pub <abcd >m.c4gh 2>>stderr
		as alice $open decrypt <m.c4gh >m
		ok "$pair: by a writer without a key" cmp abcd m

		# The header apart.
		as bob $seal encrypt --recipient_pk alice.pub --header m.header <abcd >m.body
		same "$pair: the header is apart" "$(head -c 8 m.header) $(wc -c <m.header) $(wc -c <m.body)" "crypt4gh 124 262256"
		cat m.header m.body | as alice $open decrypt >m
		ok "$pair: header and body together again" cmp abcd m

		# Ranges, by either side.
		as bob $seal encrypt --recipient_pk alice.pub --range 65536-131073 <abcd >m.c4gh
		as alice $open decrypt <m.c4gh >m
		same "$pair: only the Bs" "$(tr -d b <m | wc -c) $(wc -c <m)" "0 65536"
		as bob $seal encrypt --recipient_pk alice.pub --range 65535-131074 <abcd >m.c4gh
		as alice $open decrypt <m.c4gh >m
		ok "$pair: one A, all Bs, one C" cmp abbbc m
		as bob $seal encrypt --recipient_pk alice.pub <abcd >m.c4gh
		for range in 0-11 65535-131074 65536-131073 131071-131074 200000-262145 200000-999999 262143-262145; do
			first=${range%-*}
			# The reference tool 1.8.6 reads such a range wrongly, whoever sealed the file: it passes segments by twice.
			[ $open = theirs ] && [ "$first" -ge 65536 ] && continue
			as alice $open decrypt --range $range <m.c4gh >m
			tail -c +$((first + 1)) abcd | head -c $((${range#*-} - first - 1)) >m.want
			ok "$pair: decrypt --range $range" cmp m.want m
		done

		# Sealed again for another, by either tool.
		as bob $seal encrypt --recipient_pk bob.pub <abcd >m.c4gh
		for middle in ours theirs; do
			as bob $middle reencrypt --recipient_pk alice.pub <m.c4gh >m2.c4gh
			as alice $open decrypt <m2.c4gh >m
			ok "$pair: reencrypt by $middle" cmp abcd m
			same "$pair: reencrypt by $middle: the body is the same" "$(tail -c 262256 m.c4gh | sha256sum)" \
				"$(tail -c 262256 m2.c4gh | sha256sum)"
			as bob $middle reencrypt --recipient_pk bob.pub --recipient_pk alice.pub <m.c4gh >m2.c4gh
			for who in bob alice; do
				as $who $open decrypt <m2.c4gh >m
				ok "$pair: reencrypt by $middle for both: $who" cmp abcd m
			done
			head -c 124 m.c4gh | as bob $middle reencrypt --recipient_pk alice.pub >m.header
			{ cat m.header && tail -c +125 m.c4gh; } | as alice $open decrypt >m
			ok "$pair: reencrypt by $middle of a header alone" cmp abcd m
			as bob $middle reencrypt --header-only --recipient_pk alice.pub <m.c4gh >m.header
			same "$pair: reencrypt --header-only by $middle" "$(wc -c <m.header)" 124
			as bob $seal encrypt --recipient_pk bob.pub --recipient_pk tom.pub <abcd >m3.c4gh
			as bob $middle reencrypt --recipient_pk alice.pub <m3.c4gh >m2.c4gh
			as tom $open decrypt <m2.c4gh >m
			ok "$pair: reencrypt by $middle keeps other readers" cmp abcd m
			as bob $middle reencrypt --trim --recipient_pk alice.pub <m3.c4gh >m2.c4gh
			as tom $open decrypt <m2.c4gh >m
			same "$pair: reencrypt --trim by $middle does not" "$(wc -c <m)" 0
			as alice $open decrypt <m2.c4gh >m
			ok "$pair: reencrypt --trim by $middle: Alice" cmp abcd m

			# Rearranged, then sealed again.
			as bob $middle rearrange --range 65535-131074 <m.c4gh >m2.c4gh
			as bob $middle reencrypt --recipient_pk alice.pub <m2.c4gh >m3.c4gh
			as alice $open decrypt <m3.c4gh >m
			ok "$pair: rearrange and reencrypt by $middle" cmp abbbc m
			same "$pair: rearrange by $middle leaves out what is not needed" "$(wc -c <m2.c4gh)" "$((124 + 108 - 24 + 8 + 3 * 65564))"
			as bob $middle rearrange --range 131072-999999 <m.c4gh >m2.c4gh
			as bob $open decrypt <m2.c4gh >m
			tail -c 131072 abcd >m.want
			ok "$pair: rearrange by $middle past the end" cmp m.want m
		done
		as bob ours rearrange --range 65537- <m.c4gh >m2.c4gh
		as bob $open decrypt <m2.c4gh >m
		tail -c +65538 abcd >m.want
		ok "$pair: rearrange to the end" cmp m.want m
	done
done

# All kinds of keys, as readers and as writers. Those of the vectors were made by the reference tool and ssh-keygen.
vectors=$STAGER_TESTS/vectors/c4gh-full
for name in none scrypt bcrypt pbkdf2; do
	cp "$vectors/$name.key" $name.sec
	cp "$vectors/reader.pub" $name.pub
	printf 'correct horse' >$name.pass
done
for name in ssh-locked ssh-cbc ssh-short; do
	cp "$vectors/$name" $name.sec
	cp "$vectors/$name.pub" $name.pub
	printf 'correct horse' >$name.pass
done
for name in none scrypt bcrypt pbkdf2 ssh-locked ssh-cbc ssh-short ssh sshplain bob; do
	as $name ours encrypt --recipient_pk $name.pub <abbbc >m.c4gh
	as $name ours decrypt --sender_pk $name.pub <m.c4gh >m
	ok "key $name: ours" cmp abbbc m
	as $name theirs decrypt --sender_pk $name.pub <m.c4gh >m
	ok "key $name: ours > theirs" cmp abbbc m
	as $name theirs encrypt --recipient_pk $name.pub <abbbc >m.c4gh
	as $name ours decrypt --sender_pk $name.pub <m.c4gh >m
	ok "key $name: theirs > ours" cmp abbbc m
	[ -s $name.pass ] || continue
	[ $name = none ] && continue
	C4GH_PASSPHRASE=wrong ours decrypt --sk $name.sec <m.c4gh >m 2>stderr
	same "key $name: a wrong passphrase" "$?-$(wc -c <m)" "3-0"
done

# An edit list of many parts, as the reference tool's own test makes one; an even and an odd count.
cat >edits.py <<'PY'
import os, sys
from random import Random
from crypt4gh import header, sodium
from crypt4gh.keys import get_private_key, get_public_key
sk, pk, odd, stream = get_private_key(sys.argv[1], None), get_public_key(sys.argv[2]), sys.argv[3] == "odd", sys.argv[4] == "stream"
r, key = Random(sys.argv[3]), os.urandom(32)
parts = [b"Let's have", b" beers ", b"in the sauna!", b" or ", b"Dinner ", b"at 7pm?", b"x" * 70000]
message, edits = b"", []
for part in parts:
    skip = r.randint(10000, 60000)
    message += os.urandom(skip) + part
    edits += [skip, len(part)]
if odd: edits.pop()
else: message += os.urandom(90000)
packets = [header.make_packet_data_enc(0, key), header.make_packet_data_edit_list(edits)]
keys = [(0, sk, pk)]
sys.stdout.buffer.write(header.serialize([s for p in packets for s in header.encrypt(p, keys)]))
sealed = bytearray(65536 + 28)
for at in range(0, len(message), 65536):
    n = sodium.chacha20poly1305_encrypt(sealed, message[at:at + 65536], key)
    sys.stdout.buffer.write(sealed[:n])
with open("m.want", "wb") as f: f.write(b"".join(parts))
PY
for count in even odd; do
	"$reference/bin/python" edits.py tom.sec alice.pub $count random >m.c4gh || fail "edits.py"
	as alice ours decrypt <m.c4gh >m
	ok "an edit list, $count" cmp m.want m
	as alice theirs decrypt <m.c4gh >m
	ok "an edit list, $count: the reference reads it so too" cmp m.want m
	as alice ours decrypt --range 5-70020 <m.c4gh >m
	tail -c +6 m.want | head -c 70014 >m.part
	ok "an edit list, $count, and a range of it" cmp m.part m
	as alice ours reencrypt --recipient_pk tom.pub <m.c4gh >m2.c4gh
	as tom theirs decrypt <m2.c4gh >m
	ok "an edit list, $count, sealed again" cmp m.want m
	as alice ours rearrange --range 5-20 <m.c4gh >m 2>&1
	same "an edit list, $count: rearranging it is refused" "$?" 3
done

# An empty file.
as bob ours encrypt --recipient_pk alice.pub </dev/null >m.c4gh
as alice ours decrypt <m.c4gh >m
same "an empty file: ours" "$?-$(wc -c <m)" "0-0"
as alice theirs decrypt <m.c4gh >m
same "an empty file: ours > theirs" "$?-$(wc -c <m)" "0-0"
same "no tool wrote a trace" "$(grep -c Traceback stderr)" 0

# On a terminal: asked for, not shown, asked again.
cat >terminal.py <<'PY'
import os, pty, sys, time
answers, argv = sys.argv[1].split(","), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.environ.pop("C4GH_PASSPHRASE", None)
    os.execv(argv[0], argv)
shown, end = b"", time.time() + 20
while time.time() < end:
    try: got = os.read(fd, 4096)
    except OSError: break
    shown += got
    if answers and shown.rstrip().endswith(b":"):
        time.sleep(0.1)
        os.write(fd, answers.pop(0).encode() + b"\n")
        shown += b"\n"
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
terminal() { /usr/bin/python3 terminal.py "$@"; }
ok "keygen asks twice on a terminal" terminal secret,secret "$work/bin/crypt4gh-keygen" --sk t.sec --pk t.pub
not_ok "keygen shows no passphrase" grep -q 'secret' "$work/out"
expect_status 3 "keygen: two that differ" terminal secret,Secret "$work/bin/crypt4gh-keygen" --sk u.sec --pk u.pub
same "keygen: two that differ make no file" "$(ls u.* 2>/dev/null)" ""
as bob ours encrypt --recipient_pk t.pub <one >m.c4gh
cat >open.sh <<'SH'
exec "$1" decrypt --sk t.sec <m.c4gh >m
SH
rm -f m
ok "decrypt asks on a terminal, with its input from a file" terminal secret /bin/sh open.sh "$work/bin/crypt4gh"
ok "and opens" cmp one m
expect_status 3 "decrypt: a wrong answer" terminal Secret /bin/sh open.sh "$work/bin/crypt4gh"
expect_status 6 "decrypt: nobody there to ask" setsid "$work/bin/crypt4gh" decrypt --sk bob.sec <m.c4gh
for text in secret 'secret
more'; do
	printf '%s' "$text" >phrase
	ours decrypt --sk t.sec --passphrase-fd 7 7<phrase <m.c4gh >m
	ok "a passphrase from a descriptor" cmp one m
done
ok "stager crypt4gh is the same program" sh -c 'stager crypt4gh decrypt --sk t.sec --passphrase-fd 7 7<phrase <m.c4gh | cmp - one'
C4GH_SECRET_KEY=tom.sec
export C4GH_SECRET_KEY
ours encrypt --recipient_pk tom.pub <one | ours decrypt >m
ok "C4GH_SECRET_KEY" cmp one m
unset C4GH_SECRET_KEY

# keygen's questions.
before=$(sha256sum tom.sec tom.pub)
echo n | "$work/bin/crypt4gh-keygen" --nocrypt --sk tom.sec --pk tom.pub >log 2>&1
same "keygen: no, do not overwrite" "$? $(sha256sum tom.sec tom.pub)" "0 $before"
ok "keygen -f overwrites" "$work/bin/crypt4gh-keygen" -f --nocrypt --sk tom.sec --pk tom.pub
[ "$(sha256sum tom.sec tom.pub)" != "$before" ] && pass "keygen -f made another key" || fail "keygen -f made another key"
same "keygen: modes" "$(stat -c %a tom.sec tom.pub | tr '\n' ' ')" "400 644 "
echo y | HOME=$work/k "$work/bin/crypt4gh-keygen" --nocrypt >log 2>&1
ok "keygen's own place" sh -c "HOME=$work/k $work/bin/crypt4gh encrypt --recipient_pk '~/.c4gh/key.pub' <one | \
	HOME=$work/k $work/bin/crypt4gh decrypt --sk '~/.c4gh/key' | cmp - one"

# Usage.
for words in "" "open" "decrypt" "encrypt" "encrypt --recipient_pk tom.pub --trim" "decrypt --sk tom.sec --recipient_pk tom.pub" \
	"decrypt --sk tom.sec --range x" "decrypt --sk tom.sec --range 5-6" "decrypt --sk tom.sec --range 6-5" "rearrange --sk tom.sec" \
	"rearrange --sk tom.sec --range 0-" "decrypt --sk tom.sec more" "decrypt --sk" "decrypt --sk tom.sec --nothing" \
	"decrypt --sk tom.sec --passphrase-fd x" "encrypt --recipient_pk tom.pub --range 1-99999999999999999999999"; do
	# shellcheck disable=SC2086 # words
	expect_status 2 "usage: '$words'" ours $words </dev/null
done
expect_status 3 "no such recipient" ours encrypt --recipient_pk tom.pub --recipient_pk nobody.pub <one
same "no such recipient: nothing is written" "$(wc -c <"$work/out")" 0
expect_status 3 "no such key" ours decrypt --sk nobody.sec <m.c4gh
ok "--help" ours --help
ok "--version" ours --version

cd "$work" || exit 1
finish
