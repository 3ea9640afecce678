#!/bin/sh
# Goal: the root secret as a file, a passphrase, a descriptor, a credential and shares; rotation and erasure, killed at each of
# their steps; what is wrong is refused with its status and changes nothing.
set -u
. "$STAGER_TESTS/flow/lib.sh"
unset STAGER_ROOT_FD STAGER_PASSPHRASE_FD CREDENTIALS_DIRECTORY
policy=$top/deploy/policies/sample.yaml
data=$top/deploy/sample/data
sql() { sqlite3 -cmd '.timeout 5000' "$STAGER_HOUSE/ledger.db" "$1"; }
# What a refused command must leave as it was: everything but locks.
state() {
	(
		cd "$STAGER_HOUSE" && find . -type f ! -name '*.lock' ! -name 'ledger.db*' -exec sha256sum {} + | sort
		sqlite3 -cmd '.timeout 5000' ledger.db .dump | grep -v "'checkpoint'"
	) | sha256sum
}
# said WORDS: in the last command's complaint, or at its terminal
said() {
	if grep -q "$1" "$work/err" "$work/out"; then pass "it says: $1"; else fail "it does not say: $1" "$work/err"; fi
}
# unchanged STATUS WHAT COMMAND...
unchanged() {
	before=$(state)
	expect_status "$@"
	same "$2: nothing changed" "$(state)" "$before"
}
generation() { sql "SELECT json_extract(value, '\$.generation') FROM setting WHERE key = 'root'"; }
# the only generation's folder there is
folders() { (cd "$STAGER_HOUSE/keys" && echo [0-9]*); }
push() { stager push "$data" --name "$1" --policy "$policy"; }

# give VERSION: released to a node and read back, its digest
stager-node keygen --out "$work/job.key" --pub "$work/job.pub"
release() {
	stager request new "$1" --site lumi --job-key "$work/job.pub" --requester ria@uni.example --redemptions 9 --out "$work/request.json" >/dev/null || return 1
	for person in anna boris; do
		stager-sign --yes --key "$work/$person.key" "$work/request.json" >"$work/$person.env" || return 1
		stager approve "$work/$person.env" >/dev/null || return 1
	done
}
read_back() {
	stager-node cat --house "stager release --house $STAGER_HOUSE" --pin "$STAGER_HOUSE/house.json" --request "$work/request.json" \
		--job-key "$work/job.key" --from "$STAGER_HOUSE/vault" --restart "$1" 0 >"$work/node.tar" || return 1
	sha256sum <"$work/node.tar"
}

# --- a file in the house: rotation
ok "a house with its root secret in a file" make_house "$work/file"
first=$(push first)
accept "$first" >/dev/null 2>&1
ok "a release is approved" release "$first"
was=$(read_back 0)
old_root=$(sha256sum <"$STAGER_HOUSE/root.key")
cp -a "$STAGER_HOUSE/keys/1" "$work/keys-1"
cp "$STAGER_HOUSE/root.key" "$work/old-root.key"
cp "$STAGER_HOUSE/ledger.db" "$work/old-ledger.db"
ok "rotate" stager root rotate
same "generation 2 is in force" "$(generation) $(folders)" "2 2"
not_ok "the old root secret is gone" test -e "$STAGER_HOUSE/root.key"
not_ok "the new one is another" test "$(sha256sum <"$STAGER_HOUSE/root-2.key")" = "$old_root"
ok "verify after it" stager verify
same "the log has it" "$(sql "SELECT count(*) FROM opening WHERE type = 'root-rotate' AND place IS NOT NULL")" 1
same "what was released before is released again" "$(read_back 1)" "$was"
second=$(push second)
ok "a push after it, and its acceptance" accept "$second"
ok "release of it" release "$second"
ok "and its data" read_back 0
before=$(state)
expect_status 3 "the old root secret given by hand is refused" stager verify --root-fd 3 3<"$work/old-root.key"
said 'not the root secret of house flow'
same "and changes nothing" "$(state)" "$before"
ok "the new one by hand is good" stager verify --root-fd 3 3<"$STAGER_HOUSE/root-2.key"
# Old blobs put back: under the new generation's name, one by one; and as the folder that they were.
for blob in open sign log pseudonym ingest; do
	cp "$STAGER_HOUSE/keys/2/$blob.key" "$work/kept.key"
	cp "$work/keys-1/$blob.key" "$STAGER_HOUSE/keys/2/$blob.key"
	expect_status 4 "the old blob of $blob put back" stager verify
	cp "$work/kept.key" "$STAGER_HOUSE/keys/2/$blob.key"
done
cp -a "$work/keys-1" "$STAGER_HOUSE/keys/1"
ok "verify, with the old generation's folder put back" stager verify
same "which is swept away" "$(folders)" 2
mv "$STAGER_HOUSE/ledger.db" "$work/new-ledger.db"
cp "$work/old-ledger.db" "$STAGER_HOUSE/ledger.db"
rm -f "$STAGER_HOUSE"/ledger.db-*
expect_status 4 "an older ledger, which says generation 1" stager verify
same "takes nothing away" "$(folders) $(ls "$STAGER_HOUSE" | grep -c '^root-2.key')" "2 1"
cp "$work/new-ledger.db" "$STAGER_HOUSE/ledger.db"
rm -f "$STAGER_HOUSE"/ledger.db-*
sql "UPDATE setting SET value = CAST(json_set(CAST(value AS TEXT), '\$.generation', 3) AS BLOB) WHERE key = 'root'"
expect_status 4 "a ledger that says another generation" stager list
sql "UPDATE setting SET value = CAST(json_set(CAST(value AS TEXT), '\$.generation', 2) AS BLOB) WHERE key = 'root'"
ok "verify again" stager verify
unchanged 1 "rotate to a file that is not there" stager root rotate --new-root-key "$work/nowhere"
head -c 31 /dev/urandom >"$work/short"
unchanged 3 "rotate to a file of 31 bytes" stager root rotate --new-root-key "$work/short"
cp "$STAGER_HOUSE/root-2.key" "$work/the-same"
unchanged 3 "rotate to the same secret" stager root rotate --new-root-key "$work/the-same"
unchanged 2 "rotate to two at once" stager root rotate --new-root-key "$work/short" --new-passphrase
# While somebody works with the house nothing is rotated, and the other is not disturbed.
flock -s "$STAGER_HOUSE/keys.lock" sleep 14 &
sleep 0.2
unchanged 5 "rotate while others work with the house" stager root rotate
kill $! 2>/dev/null
wait $! 2>/dev/null
# A root secret that was moved away and linked is not replaced unasked.
mv "$STAGER_HOUSE/root-2.key" "$work/moved.key"
ln -s "$work/moved.key" "$STAGER_HOUSE/root-2.key"
ok "verify with the root secret linked" stager verify
unchanged 2 "rotate without saying where the new one is" stager root rotate
head -c 32 /dev/urandom >"$work/elsewhere.key"
ok "rotate to a file elsewhere" stager root rotate --new-root-key "$work/elsewhere.key"
ok "the link is left to whoever made it" test -L "$STAGER_HOUSE/root-2.key"
ok "verify" stager verify
chmod 0 "$work/elsewhere.key"
mv "$work/elsewhere.key" "$work/away.key"
not_ok "without that file nothing opens" stager verify
mv "$work/away.key" "$work/elsewhere.key"
chmod 600 "$work/elsewhere.key"

# --- shares
unchanged 2 "no split with a threshold above the shares" stager root split --shares 3 --threshold 4 --out "$work/s"
unchanged 2 "no split with a threshold of 1" stager root split --shares 3 --threshold 1 --out "$work/s"
ok "split in 5, 3 of them needed" stager root split --shares 5 --threshold 3 --out "$work/shares"
same "files for their keepers alone" "$(stat -c %a "$work/shares"/* | sort -u)" 600
not_ok "not over shares that are there" stager root split --shares 5 --threshold 3 --out "$work/shares"
same "which stay" "$(ls "$work/shares" | wc -l)" 5
good=0
for a in 1 2 3 4 5; do for b in 1 2 3 4 5; do for c in 1 2 3 4 5; do
	[ $a -lt $b ] && [ $b -lt $c ] || continue
	rm -f "$work/joined"
	stager root join "$work/shares/share-$c.txt" "$work/shares/share-$a.txt" "$work/shares/share-$b.txt" --out "$work/joined" >/dev/null &&
		cmp -s "$work/joined" "$work/elsewhere.key" && good=$((good + 1))
done; done; done
same "any 3 of 5 give the root secret" "$good" 10
same "for its owner alone" "$(stat -c %a "$work/joined")" 600
expect_status 1 "not over a file that is there" stager root join "$work"/shares/*.txt --out "$work/joined"
two="$work/shares/share-1.txt $work/shares/share-5.txt"
# shellcheck disable=SC2086 # two names
expect_status 3 "2 of 5 do not" stager root join $two --out "$work/none"
said '3 are needed, 2 given'
# shellcheck disable=SC2086
expect_status 3 "one of them twice" stager root join $two "$work/shares/share-1.txt" --out "$work/none"
sed 's/^value: ./value: g/' "$work/shares/share-2.txt" >"$work/damaged.txt"
# shellcheck disable=SC2086
expect_status 4 "a damaged one" stager root join $two "$work/damaged.txt" --out "$work/none"
said 'damaged.txt'
stager root split --shares 5 --threshold 3 --out "$work/other" >/dev/null
# shellcheck disable=SC2086
expect_status 3 "one of another split" stager root join $two "$work/other/share-2.txt" --out "$work/none"
expect_status 1 "one that is not there" stager root join "$work/shares/share-9.txt" --out "$work/none"
expect_status 2 "neither a file nor a command" stager root join "$work"/shares/*.txt
not_ok "none of that left a file" test -e "$work/none"
mv "$work/elsewhere.key" "$work/away.key"
ok "a command with the joined secret" stager root join "$work"/shares/share-[245].txt -- stager verify
expect_status 7 "it has its own status" stager root join "$work"/shares/share-[245].txt -- sh -c 'exit 7'
mv "$work/away.key" "$work/elsewhere.key"
ok "rotate" stager root rotate --new-passphrase-fd 3 3<<-'END'
	twaalf kikkers in een vijver
END
expect_status 3 "shares of the old secret" stager root join "$work"/shares/share-[245].txt -- stager verify
if command -v gfcombine >/dev/null; then
	(
		cd "$work" && for i in 1 3 4; do
			sed -n 's/^value: //p' "shares/share-$i.txt" | /usr/bin/python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >"plain.00$i"
		done
	)
	ok "libgfshare's gfcombine joins the values too" gfcombine -o "$work/combined" "$work/plain.001" "$work/plain.003" "$work/plain.004"
	ok "to the same bytes" cmp "$work/combined" "$work/elsewhere.key"
else
	echo "   libgfshare-bin is not installed: its gfcombine is not tried"
fi

# --- a passphrase
swap=$(swap_option)
# shellcheck disable=SC2086 # one option or none
ok "init with a passphrase of a descriptor" stager init "$work/phrase" --name flow --passphrase-fd 3 $swap 3<<-'END'
	een
END
not_ok "it has no root secret in a file" test -e "$work/phrase/root.key"
expect_status 3 "which wants it" stager verify --house "$work/phrase" --passphrase-fd 3 3<<-'END'
	twee
END
# shellcheck disable=SC2086
expect_status 2 "not with a file, too" stager init "$work/none" --name flow --passphrase-fd 3 --root-key "$work/none.key" $swap 3</dev/null
# shellcheck disable=SC2086
ok "a house with a file" stager init "$work/in-file" --name flow $swap
expect_status 2 "has no use for a passphrase" stager verify --house "$work/in-file" --passphrase-fd 3 3<<-'END'
	een
END
said 'behind no passphrase'
phrase='twaalf kikkers in een vijver'
ok "verify with the passphrase" stager verify --passphrase-fd 3 3<<END
$phrase
END
STAGER_PASSPHRASE_FD=4 ok "named by a variable" stager verify 4<<END
$phrase
END
before=$(state)
expect_status 3 "a wrong passphrase" stager verify --passphrase-fd 3 3<<END
$phrase.
END
said 'wrong passphrase'
expect_status 3 "an empty one" stager verify --passphrase-fd 3 3</dev/null
expect_status 2 "a descriptor that is not open" stager verify --passphrase-fd 77
expect_status 6 "none, and no terminal" setsid stager verify
same "nothing changed" "$(state)" "$before"
ok "what needs no key asks for none" setsid stager list
ok "a push with it" stager push "$data" --name third --policy "$policy" --passphrase-fd 3 3<<END
$phrase
END
not_ok "the passphrase is nowhere in the house" grep -rqF 'kikkers' "$STAGER_HOUSE"
cat >"$work/type.py" <<'PY'
# Type at a terminal: type.py LINES... -- COMMAND...; prints what the terminal showed, exits with the command's status.
import os, pty, sys, time, select
at = sys.argv.index("--")
lines, argv = sys.argv[1:at], sys.argv[at + 1:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
shown = b""
def until(what):
    global shown
    end = time.time() + 20
    mark = len(shown)
    while time.time() < end and what not in shown[mark:]:
        if select.select([fd], [], [], 0.1)[0]:
            try: got = os.read(fd, 4096)
            except OSError: return False
            if not got: return False
            shown += got
    return what in shown[mark:]
for line in lines:
    until(b": ")
    time.sleep(0.1)
    os.write(fd, line.encode().decode("unicode_escape").encode("latin-1") + b"\n")
until(b"\0never")
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
ok "typed at a terminal" /usr/bin/python3 "$work/type.py" "$phrase" -- stager verify
said 'passphrase: '
same "it does not show it" "$(grep -c kikkers "$work/out")" 0
ok "with slips of the finger put right" /usr/bin/python3 "$work/type.py" "tien\\x15twaalf kikkers in eenx\\x7f vijver" -- stager verify
expect_status 3 "typed wrong" /usr/bin/python3 "$work/type.py" "twaalf" -- stager verify
expect_status 3 "given up with control-C" /usr/bin/python3 "$work/type.py" "twaalf\\x03" -- stager verify
# shellcheck disable=SC2086 # one option or none
expect_status 3 "a new one typed twice, differently" /usr/bin/python3 "$work/type.py" een twee -- stager init "$work/typed" --name flow --passphrase $swap
rm -rf "$work/typed"
# shellcheck disable=SC2086
ok "a new one typed twice" /usr/bin/python3 "$work/type.py" een een -- stager init "$work/typed" --name flow --passphrase $swap
ok "a holder, with it" stager holder add umc --house "$work/typed" --passphrase-fd 3 3<<-'END'
	een
END

# --- given to each command
head -c 32 /dev/urandom >"$work/given.key"
ok "rotate to a secret that the house does not keep" stager root rotate --new-root-fd 5 --passphrase-fd 3 3<<END 5<"$work/given.key"
$phrase
END
unchanged 3 "no command without it" stager verify
ok "with a descriptor" stager verify --root-fd 3 3<"$work/given.key"
STAGER_ROOT_FD=3 ok "with a variable" stager verify 3<"$work/given.key"
mkdir "$work/credentials"
cp "$work/given.key" "$work/credentials/stager-root"
CREDENTIALS_DIRECTORY=$work/credentials ok "with a systemd credential" stager verify
cp "$work/old-root.key" "$work/credentials/stager-root"
CREDENTIALS_DIRECTORY=$work/credentials expect_status 3 "with another house's" stager verify
# shellcheck disable=SC2086
expect_status 2 "init, to be given a secret that is not there" stager init "$work/given" --name flow --root-given $swap
rm -rf "$work/given"
# shellcheck disable=SC2086
ok "init with one that is given" stager init "$work/given" --name flow --root-fd 3 $swap 3<"$work/given.key"
ok "its first entry is there" stager verify --house "$work/given" --root-fd 3 3<"$work/given.key"
same "and no root secret in it" "$(find "$work/given" -name 'root*')" ""

# --- erasure
ok "another house" make_house "$work/erase"
kept=$(push kept)
first=$(push gone)
sed 's/^name: .*/name: sample-2/' "$policy" >"$work/second.yaml"
second=$(stager push "$data" --name gone --policy "$work/second.yaml")
accept "$first" >/dev/null 2>&1
ok "a release of what will be erased" release "$first"
ok "which works" read_back 0
kek=$(sql "SELECT id FROM dataset WHERE name = 'gone'")
cp "$STAGER_HOUSE/keys/1/kek/$kek" "$work/kek"
cp -a "$STAGER_HOUSE/vault/$first" "$work/bodies"
sqlite3 "$STAGER_HOUSE/ledger.db" ".backup $work/rows.db"
unchanged 6 "not without --yes" stager erase --dataset gone --holder umc-waterdam
expect_status 6 "which says what would go" stager erase --dataset gone --holder umc-waterdam --json
same "all of it, once" "$(json "$work/out" 'sorted(v["version-id"] for v in j["versions"]), j["done"]')" \
	"$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT v.id FROM version v JOIN dataset d ON d.id = v.dataset WHERE d.name = 'gone' AND v.state NOT IN ('ERASED', 'REJECTED') ORDER BY v.id" |
		/usr/bin/python3 -c 'import sys; print(([line.strip() for line in sys.stdin], False))')"
unchanged 2 "not what is not there, without --yes" stager erase --dataset gone --holder nobody
unchanged 2 "not what is not there" stager erase --dataset gone --holder nobody --yes
ok "erase" stager erase --dataset gone --holder umc-waterdam --yes
same "a new generation" "$(generation) $(folders)" "2 2"
same "both versions are ERASED, the other is not" "$(sql "SELECT group_concat(state) FROM (SELECT state FROM version ORDER BY id = '$kept', id)")" "ERASED,ERASED,LOGGED"
same "their bodies are gone" "$(ls "$STAGER_HOUSE/vault")" "$kept"
same "so are their wrapped keys" "$(sql "SELECT count(*) FROM shard WHERE version <> '$kept'")" 0
not_ok "so is the KEK" test -e "$STAGER_HOUSE/keys/2/kek/$kek"
ok "verify" stager verify
not_ok "no release of it" read_back 1
expect_status 3 "no request for it" stager request new "$first" --site lumi --job-key "$work/job.pub" --requester ria@uni.example
ok "once more is nothing new" stager erase --dataset gone --holder umc-waterdam --yes
same "but a generation" "$(generation)" 3
# All of it put back from a backup, but for the store's own blob: the KEK opens nowhere.
cp "$work/kek" "$STAGER_HOUSE/keys/3/kek/$kek"
cp -a "$work/bodies" "$STAGER_HOUSE/vault/$first"
sql "ATTACH '$work/rows.db' AS old; INSERT INTO shard SELECT * FROM old.shard WHERE version = '$first'; UPDATE version SET state = 'ACCEPTED' WHERE id = '$first'"
expect_status 4 "put back from a backup, verify sees it" stager verify
not_ok "and no release opens it" read_back 2
printf '\003' | dd of="$STAGER_HOUSE/keys/3/kek/$kek" bs=1 seek=9 conv=notrunc 2>/dev/null
not_ok "nor with its generation changed" read_back 3
ok "erased again" stager erase --dataset gone --holder umc-waterdam --yes
ok "verify is good" stager verify
again=$(push gone)
same "the name can be pushed again" "$(sql "SELECT state || ' ' || number FROM version WHERE id = '$again'")" "LOGGED 3"
ok "verify with it" stager verify

# --- killed at every step
if ! command -v cc >/dev/null || ! cc -shared -fPIC -D_GNU_SOURCE -o "$work/kill_at.so" "$STAGER_TESTS/flow/kill_at.c" -ldl 2>"$work/err"; then
	echo "   no compiler: the steps of rotate and erase are not tried"
	finish
	exit
fi
make_house "$work/crash" >/dev/null
kept=$(push kept)
cp -a "$work/crash" "$work/crash-kept"
restore() { rm -rf "$work/crash" && cp -a "$work/crash-kept" "$work/crash"; }
# every_step WHAT GOOD COMMAND...: GOOD is a function that must hold afterwards, once COMMAND went through
every_step() {
	what=$1
	good=$2
	shift 2
	restore
	LD_PRELOAD=$work/kill_at.so STAGER_KILL_COUNT=$work/steps "$@" >/dev/null 2>"$work/err" || fail "$what" "$work/err"
	steps=$(cat "$work/steps")
	bad=0
	killed=0
	old=0
	at=1
	while [ "$at" -le "$steps" ]; do
		restore
		LD_PRELOAD=$work/kill_at.so STAGER_KILL_AT=$at "$@" >/dev/null 2>&1
		[ $? = 137 ] && killed=$((killed + 1))
		if ! stager verify >/dev/null 2>"$work/err"; then
			bad=$((bad + 1))
			fail "$what, killed at step $at: verify" "$work/err"
		fi
		[ "$(generation)" = 1 ] && old=$((old + 1))
		{ "$@" && stager verify && $good; } >/dev/null 2>"$work/err" || {
			bad=$((bad + 1))
			fail "$what, killed at step $at, and again" "$work/err"
		}
		at=$((at + 1))
	done
	same "$what: killed at each of its $steps steps, the old generation works or the new one, and it goes on" "$bad" 0
	ok "$what: each kill came" test "$killed" -ge $((steps - 1))
	ok "$what: before the switch and after it ($old of $steps before)" test "$old" -gt 5 -a "$old" -lt "$steps"
}
rotated() { [ "$(folders)" = "$(generation)" ] && [ "$(ls "$STAGER_HOUSE" | grep -c '^root.*key$')" = 1 ] && push kept | grep -qx "$kept"; }
every_step rotate rotated stager root rotate
erased() {
	[ "$(folders)" = "$(generation)" ] && [ "$(sql "SELECT group_concat(state) FROM version")" = ERASED ] && [ "$(ls "$STAGER_HOUSE/vault")" = "" ] &&
		[ "$(ls "$STAGER_HOUSE/keys/$(generation)/kek")" = "" ]
}
every_step erase erased stager erase --dataset kept --holder umc-waterdam --yes

finish
