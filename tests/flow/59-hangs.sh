#!/bin/sh
# Goal: a program of a push that hangs (it was stopped, or computes for ever) ends the push after --stall: the error names the program, the step and the
# file; nothing is left, and the next push is as any other. What is slow, but moves, is let be.
set -u
. "$STAGER_TESTS/flow/lib.sh"
cd "$work" || exit 1
make_house "$work/house" >setup 2>&1 || { fail "a house" setup; finish; exit 1; }
mkdir in bin
/usr/bin/python3 - <<'END'
import io, tarfile
for i in range(3):                          # a unit each
    with tarfile.open("in/%d.tar" % i, "w") as t:
        for k in range(20):
            data = b"Geachte collega, het gaat goed.\n" * 8192
            info = tarfile.TarInfo("%d/%02d.txt" % (i, k))
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
with open("in/p.csv", "w") as f:
    f.write("nr;naam\n" + "".join("%07d;Jan Jansen\n" % i for i in range(100)))
END
cat >policy.yaml <<'YAML'
policy: 1
name: hangs
project: hangs
pseudonym: {domain: research, key: 1}
subject: {from: p.csv, key: {column: nr, pattern: '[0-9]{7}'}, known: {person: [naam]}}
files:
  - {match: p.csv, format: csv, csv: {delimiter: ';'}, subject: nr, columns: {nr: pseudonym, naam: drop}}
  - {match: '**/*.txt', format: text, subject: none}
accept: {files: 5}
sets: {abroad: {hold: [NL], open: [lumi]}}
YAML
for program in "$STAGER_BUILD"/stager "$STAGER_BUILD"/stager-*; do
	[ -f "$program" ] && [ -x "$program" ] && cp "$program" bin/
done
# before NAME WORDS: what runs before that program, of which $n is how many were started, its arguments being "$@"
before() {
	[ -e "bin/$1.true" ] || mv "bin/$1" "bin/$1.true"
	rm -rf "begun.$1"
	mkdir "begun.$1"
	cat >"bin/$1" <<END
#!/bin/sh
PATH=/usr/bin:/bin
n=1
until mkdir "$work/begun.$1/\$n" 2>/dev/null; do n=\$((n + 1)); done
$2
exec "$work/bin/$1.true" "\$@"
END
	chmod +x "bin/$1"
}
as_it_was() { mv "bin/$1.true" "bin/$1"; }
# hangs WHAT SECONDS WORDS-OF-THE-ERROR OPTION...: the push ends with status 1 and these, in time, and leaves nothing
hangs() {
	what=$1
	wanted=$2
	shift 2
	begin=$(date +%s)
	timeout -k 1 300 bin/stager push in --name broken --policy policy.yaml "$@" >out 2>err
	same "$what: the push ends" "$?" 1
	echo "    after $(($(date +%s) - begin)) s: $(grep '^stager: ' err)"
	grep -q "^stager: $wanted" err && pass "$what: it is said" || fail "$what: it is said" err
	same "$what: no version of it" "$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*) FROM version v JOIN dataset d ON d.id = v.dataset WHERE d.name = 'broken'")" 0
	same "$what: nothing staged" "$(find "$STAGER_HOUSE/staging" -mindepth 1 -type d | wc -l)" 0
	same "$what: no program is left" "$(find /proc -maxdepth 2 -name exe -lname "$work/bin/*" 2>/dev/null | wc -l)" 0
}
stop='[ "$1" != unit ] || [ $n != 3 ] || kill -STOP $$'
before stager-scrub "$stop"
hangs "a scrub that is stopped, one at a time" "stager-scrub: hangs: it was stopped, and nothing has moved for [0-9]* s; scrubbing" --jobs 1 --stall 3
before stager-scrub "$stop"
hangs "a scrub that is stopped, three at once" "stager-scrub: hangs: it was stopped, and nothing has moved for [0-9]* s; scrubbing" --jobs 3 --stall 3
before stager-scrub "$stop"
hangs "in a dry run" "stager-scrub: hangs: it was stopped" --jobs 2 --stall 3 --dry-run
before stager-scrub '[ "$1" != unit ] || [ $n != 3 ] || while :; do :; done'
hangs "a scrub that computes for ever" "stager-scrub: hangs: it computes, and nothing has moved for [0-9]* s; scrubbing" --jobs 2 --stall 2
before stager-scrub '[ "$1" != gather ] || kill -STOP $$'
hangs "the first pass is stopped" "stager-scrub: hangs: it was stopped, and nothing has moved for [0-9]* s; first pass" --stall 3
before stager-scrub '[ "$1" != unit ] || [ $n != 3 ] || sleep 5'
ok "one that is slow to begin, but within the time" bin/stager push in --name slow --policy policy.yaml --jobs 2 --stall 60
before stager-scrub '[ "$1" != unit ] || [ $n != 3 ] || sleep 5'
ok "and without a limit" bin/stager push in --name never --policy policy.yaml --jobs 2 --stall 0
as_it_was stager-scrub
before stager-check '[ $n != 2 ] || kill -STOP $$'
hangs "a check that is stopped" "stager-check: hangs: it was stopped, and nothing has moved for [0-9]* s; scrubbing, at file [0-9]*" --jobs 2 --stall 3
as_it_was stager-check
before stager-seal 'kill -STOP $$'
hangs "a seal that is stopped" "stager-seal: hangs: it was stopped" --jobs 2 --stall 3
as_it_was stager-seal
# ---- keys: they are asked, and their answer is waited for; and one that did its work, but does not end ----
before stager-key '[ "$1" != pseudonym ] || kill -STOP $$'
hangs "a key that is stopped" "stager-key: hangs: it neither answers nor ends in 3 s" --stall 3
as_it_was stager-key
ok "a push after all that" bin/stager push in --name broken --policy policy.yaml
for wrong in x -1 1000001 ''; do
	expect_status 2 "--stall '$wrong'" stager push in --name wrong --policy policy.yaml --stall "$wrong"
done
ok "all of it proves" stager verify
finish
