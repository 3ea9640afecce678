#!/bin/sh
# Goal: parts of a push are scrubbed several at once, and what comes of it is the same as one after the other: every byte of every set,
# the report, the numbers of files, and which fault is told. One that dies takes the push with it and leaves nothing; what waits for its
# turn is bounded.
set -u
. "$STAGER_TESTS/flow/lib.sh"
cd "$work" || exit 1
make_house "$work/house" >setup 2>&1 || { fail "a house" setup; finish; exit 1; }

# ---- what goes in: archives, each a unit of its own, between units of many files; 2048 files are one ----
mkdir in
/usr/bin/python3 - <<'END'
import io, os, random, tarfile
rng = random.Random(7)
names = ["Jan Jansen", "Els Pietersen", "Kees de Vries", "Anna Bakker"]
def letter(i):
    return ("Geachte collega,\nOp 12 maart 2019 zag ik dhr. %s (nr %07d), tel. 06-%08d.\n" % (rng.choice(names), i, rng.randrange(10 ** 8))
            + "".join("Regel %d: controle, %s.\n" % (k, rng.choice(["goed", "matig", "slecht"])) for k in range(rng.randrange(1, 30)))).encode()
def tar(name, count, start, bad=()):
    with tarfile.open(name, "w") as t:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        t.addfile(folder)
        for i in range(count):
            data = b"\xff\x00\xff" if i in bad else letter(start + i)
            info = tarfile.TarInfo("%04d.txt" % i)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
tar("in/a-first.tar", 400, 0, bad=(3,))     # slow: those behind it are through before it
tar("in/b-empty.tar", 0, 0)                 # counts as no file
tar("in/c-three.tar", 3, 400)
os.mkdir("in/d")
for i in range(2300):                       # two units
    with open("in/d/%05d.txt" % i, "wb") as f:
        f.write(b"\xff\x00\xff" if i in (7, 2200) else letter(1000 + i))
tar("in/e-more.tar", 50, 5000, bad=(49,))
with open("in/p.csv", "w") as f:
    f.write("nr;naam\n")
    for i in range(500):
        f.write("%07d;%s\n" % (i, names[i % 4]))
with open("in/f.csv", "w") as f:
    f.write("nr;naam;wijk;getal\n")
    for i in range(30000):
        f.write("%07d;%s;wijk%s;%s\n" % (i % 500, rng.choice(names), "abcdef"[i % 6], "x" if i == 77 else i))
for i in range(12):                         # a unit each
    tar("in/g%02d.tar" % i, 20, 6000 + 20 * i)
END
cat >policy.yaml <<'YAML'
policy: 1
name: units
project: units
pseudonym: {domain: research, key: 1}
subject: {from: p.csv, key: {column: nr, pattern: '[0-9]{7}'}, known: {person: [naam]}}
files:
  - {match: p.csv, format: csv, csv: {delimiter: ';'}, subject: nr, columns: {nr: pseudonym, naam: drop}}
  - match: f.csv
    format: csv
    csv: {delimiter: ';'}
    subject: nr
    columns: {nr: pseudonym, naam: drop, wijk: {keep: code, pattern: '[a-z]+', set: domestic}, getal: {keep: number, range: [0, 100000]}}
  - {match: '**/*.txt', format: text, subject: none}
accept: {files: 5, records: 5}
sets:
  domestic: {hold: [NL], open: [snellius], evidence: none, results: none}
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB, order: shuffled}
YAML
stager-node keygen --out job.key --pub job.pub
# contents NAME JOBS: pushed so, then every byte of both sets, the table's lines but for keys and sums, and the report
contents() {
	version=$(stager push in --name "$1" --policy policy.yaml --jobs "$2" 2>"$1.err") || return 1
	accept "$version" >"$1.err" 2>&1 || return 1
	stager report "$version" --json | /usr/bin/python3 -c 'import json, sys
j = json.load(sys.stdin)
print(json.dumps({"report": j["report"], "sets": j["sets"], "members": j["members"]}, sort_keys=True))' >"$1.report"
	for set in abroad:lumi domestic:snellius; do
		stager request new "$version" --set "${set%:*}" --site "${set#*:}" --job-key job.pub --requester ria@uni.example --out "$1.req" >/dev/null || return 1
		for person in anna boris; do
			stager-sign --yes --key "$person.key" "$1.req" >"$1.app" 2>/dev/null && stager approve "$1.app" >/dev/null || return 1
		done
		stager-node cat --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request "$1.req" --job-key job.key \
			--from "$STAGER_HOUSE/vault" >"$1.tar" 2>>"$1.err" || return 1
		sha256sum <"$1.tar" >>"$1.sum"
		tar -tf "$1.tar" | wc -l >>"$1.count"
		/usr/bin/python3 -c 'import json, sys
for line in open(sys.argv[1]):
    j = json.loads(line)
    print(j["name"], j["plain"], j["segments"], j["members"], j["body"])' "$STAGER_HOUSE/vault/$version/${set%:*}/shards.jsonl" >>"$1.sum"
	done
}
contents one 1 && pass "one unit at a time" || { fail "one unit at a time" one.err; finish; exit 1; }
same "has all that was sent" "$(tr '\n' ' ' <one.count)" "2991 1 "
same "and tells of the files that are held by their numbers, those in archives counted" \
	"$(json one.report 'j["report"]["held"]')" \
	"{'file:nul-byte': {'count': 4, 'files': [4, 411, 2604, 2753]}, 'record:value-type': {'count': 1, 'files': [2754]}}"
for jobs in 2 4 8; do
	contents "jobs$jobs" $jobs && pass "$jobs at once" || { fail "$jobs at once" "jobs$jobs.err"; continue; }
	same "$jobs at once: the same bytes" "$(cat "jobs$jobs.sum")" "$(cat one.sum)"
	same "$jobs at once: the same report" "$(cat "jobs$jobs.report")" "$(cat one.report)"
done
ok "a dry run, one at a time" stager push in --name dry --policy policy.yaml --jobs 1 --dry-run --json
cp out dry
ok "and with four at once" stager push in --name dry --policy policy.yaml --jobs 4 --dry-run --json
same "says the same" "$(cat out)" "$(sed 's/"dataset":"[a-z]*"/"dataset":"dry"/' dry)"
ok "without --jobs" stager push in --name plain --policy policy.yaml
for wrong in 0 9 x -1 ''; do
	expect_status 2 "--jobs '$wrong'" stager push in --name wrong --policy policy.yaml --jobs "$wrong"
done

# ---- programs that wait, die or fail where the test wants it: stager-scrub behind a script that counts the units ----
mkdir bin
for program in "$STAGER_BUILD"/stager "$STAGER_BUILD"/stager-*; do
	[ -f "$program" ] && [ -x "$program" ] && cp "$program" bin/
done
cat >bin/scrub.sh <<END
#!/bin/sh
PATH=/usr/bin:/bin
if [ "\$1" = unit ]; then
	n=1
	until mkdir "$work/begun/\$n" 2>/dev/null; do n=\$((n + 1)); done
	. "$work/unit.sh"
fi
exec "$work/bin/stager-scrub.true" "\$@"
END
mv bin/stager-scrub bin/stager-scrub.true
mv bin/scrub.sh bin/stager-scrub
chmod +x bin/stager-scrub
# try WORDS OF unit.sh: what unit \$n does before it scrubs
try() {
	rm -rf begun
	mkdir begun
	echo "$1" >unit.sh
}
# waits FOLDER: until it is there, 30 s at most
waits() { printf 'i=0; until [ -e "%s" ] || [ $i = 300 ]; do sleep 0.1; i=$((i + 1)); done; [ -e "%s" ] || exit 9' "$1" "$1"; }
# told FILE: what stager itself said goes there; with sanitizers its programs' own words stand before it
told() { grep '^stager: ' err >"$1"; }
nothing_left() {
	same "$1: no version of it" "$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*) FROM version v JOIN dataset d ON d.id = v.dataset WHERE d.name = 'broken'")" 0
	same "$1: nothing staged" "$(find "$STAGER_HOUSE/staging" -mindepth 1 -type d | wc -l)" 0
	left=$(find /proc -maxdepth 2 -name exe -lname "$work/bin/*" 2>/dev/null | wc -l)
	same "$1: no program is left" "$left" 0
}
try "[ \$n != 1 ] || { $(waits "$work/begun/2"); }"
ok "a second unit begins while the first is not through" bin/stager push in --name both --policy policy.yaml --jobs 2
try "[ \$n != 1 ] || { $(waits "$work/begun/4"); }"
ok "and four" bin/stager push in --name four --policy policy.yaml --jobs 4
rm -f late
try "[ \$n != 1 ] || { sleep 1; [ ! -e $work/begun/2 ] || : >$work/late; }"
ok "with --jobs 1" bin/stager push in --name alone --policy policy.yaml --jobs 1
[ ! -e late ] && pass "none begins before the one before it is through" || fail "none begins before the one before it is through"

# ---- one dies, while one before it and those behind it are at work ----
for jobs in 1 2 4; do
	try '[ $n != 3 ] || kill -9 $$'
	expect_status 1 "the third unit is killed, $jobs at once" bin/stager push in --name broken --policy policy.yaml --jobs $jobs
	told "killed.$jobs"
	nothing_left "killed, $jobs at once"
done
grep -q "stager-scrub" killed.1 && grep -q "killed" killed.1 && pass "and it is said what happened" || fail "and it is said what happened" killed.1
same "the same, several at once" "$(cat killed.2 killed.4)" "$(cat killed.1 killed.1)"
# The first is slow, the second was killed long before: those before it are heard to their end.
try "case \$n in 1) $(waits "$work/begun/2"); sleep 1 ;; 2) kill -9 \$\$ ;; esac"
expect_status 1 "one that is killed while the first is at work" bin/stager push in --name broken --policy policy.yaml --jobs 3
told early
same "is what is told" "$(cat early)" "$(cat killed.1)"
nothing_left "killed early"
# A true kill, of whichever check is the youngest.
# All but the second wait, so that it is there to be killed.
try "[ \$n = 2 ] || { $(waits "$work/killed"); }"
rm -f killed
bin/stager push in --name broken --policy policy.yaml --jobs 3 >out 2>err &
push=$!
i=0
until [ -d begun/3 ] || [ $i = 300 ]; do sleep 0.1; i=$((i + 1)); done
victim=$(find /proc -maxdepth 2 -name exe -lname "$work/bin/stager-check" 2>/dev/null | sed 's|/proc/||; s|/exe||' | sort -n | tail -n 1)
[ -n "$victim" ] && kill -9 "$victim"
: >killed
wait $push
same "a check of a later unit is killed" "$?" 1
grep -q "stager-check" err && pass "which is said" || fail "which is said" err
nothing_left "a check killed"

# ---- two of them are damaged: the first in order is told, though the other is found first ----
cp -r in damaged
truncate -s -1500 damaged/a-first.tar
truncate -s 700 damaged/c-three.tar
printf 'no tar\n' >damaged/g03.tar
for jobs in 1 2 4; do
	try "[ \$n != 1 ] || [ $jobs = 1 ] || { $(waits "$work/begun/2"); sleep 1; }"
	expect_status 3 "damaged archives, $jobs at once" bin/stager push damaged --name broken --policy policy.yaml --jobs $jobs
	told "damaged.$jobs"
	nothing_left "damaged, $jobs at once"
done
grep -q "file 1: archive" damaged.1 && pass "the first is told" || fail "the first is told" damaged.1
same "however many at once" "$(cat damaged.2 damaged.4)" "$(cat damaged.1 damaged.1)"
cp in/a-first.tar damaged/
for jobs in 1 4; do
	try ""
	expect_status 3 "the next one, $jobs at once" bin/stager push damaged --name broken --policy policy.yaml --jobs $jobs
	told "damaged.$jobs"
done
grep -q "file 3: archive" damaged.1 && pass "by its place among the sources" || fail "by its place among the sources" damaged.1
same "however many are at once" "$(cat damaged.4)" "$(cat damaged.1)"

# ---- what waits for its turn is bounded: the first unit stands still while 420 MB could come of the others, and 30 MB of text in each ----
mkdir large
cp in/c-three.tar large/a.tar
/usr/bin/python3 - <<'END'
import io, tarfile
table = b"code;getal\n" + b"".join(b"w%05d;%d\n" % (i % 100000, i) for i in range(80000))
text = b"Regel: controle, goed. De patient is tevreden en komt over een half jaar terug.\n" * 375000
for i in range(7):
    with tarfile.open("large/b%d.tar" % i, "w") as t:
        for name, data in [("%d/%02d.csv" % (i, k), table) for k in range(60)] + [("%d/z.txt" % i, text)]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
END
cat >large.yaml <<'YAML'
policy: 1
name: large
project: units
pseudonym: {domain: research, key: 1}
files:
  - {match: '**/*.txt', format: text}
  - match: '**/*.csv'
    format: csv
    csv: {delimiter: ';'}
    columns: {code: {keep: code, pattern: 'w[0-9]{5}'}, getal: {keep: number, range: [0, 1000000]}}
sets: {abroad: {hold: [NL], open: [lumi]}}
YAML
# resident PROGRAM...: kB of each process of these, one a line
resident() {
	for program in "$@"; do
		find /proc -maxdepth 2 -name exe -lname "$work/bin/$program" 2>/dev/null | sed 's|/exe||' | while read -r p; do
			sed -n 's/^VmRSS:[ \t]*\([0-9]*\) kB/\1/p' "$p/status" 2>/dev/null
		done
	done
}
sum() { awk '{ n += $1 } END { print n + 0 }'; }
# stand JOBS: a push of these whose first unit stands still, until nothing of what the others hold moves any more; and then to its end
stand() {
	rm -f killed
	try "[ \$n != 1 ] || { $(waits "$work/killed"); }"
	bin/stager push large --name "large$1" --policy large.yaml --jobs "$1" >out 2>err &
	push=$!
	last=-1
	still=0
	i=0
	while [ $still -lt 4 ] && [ $i -lt 100 ]; do
		sleep 0.5
		now=$(resident stager-seal stager-check stager-scrub.true | sum)
		if [ -e begun/2 ] && [ "$now" = "$last" ]; then still=$((still + 1)); else still=0; fi
		last=$now
		i=$((i + 1))
	done
	seal=$(resident stager-seal | sum)
	check=$(resident stager-check | sort -n | tail -n 1)
	all=$(resident stager stager-seal stager-check stager-scrub.true stager-key stager-open stager-log | sum)
	: >killed
	wait $push
	same "a push whose first unit stands still, $1 at once" "$?" 0
	tail -n 1 out >"large$1"
}
# shape FILE: of the version whose id it holds, name, bytes of plaintext and members of each shard
shape() {
	/usr/bin/python3 -c 'import json, sys
for line in open(sys.argv[1]):
    j = json.loads(line)
    print(j["name"], j["plain"], j["members"])' "$STAGER_HOUSE/vault/$(cat "$1")/abroad/shards.jsonl"
}
stand 2
[ "$seal" -gt 60000 ] && [ "$seal" -lt 95000 ] && pass "what waits is 64 MiB of a unit, and no more: $seal kB in stager-seal" ||
	fail "what waits is bounded: $seal kB in stager-seal"
[ "$check" -lt 60000 ] && pass "and nothing in stager-check: $check kB" || fail "and nothing in stager-check: $check kB"
stand 8
[ "$seal" -gt 40000 ] && [ "$seal" -lt 75000 ] && pass "with eight units it is 46 MiB of all: $seal kB in stager-seal" ||
	fail "with eight units what waits is bounded: $seal kB in stager-seal"
# The unit whose turn it is may take 282 MiB of the 512 that a push may come to; here it takes next to nothing.
if grep -q __asan_init "$STAGER_BUILD/stager-seal"; then
	echo "skip: what sanitizers take is not counted"
else
	[ "$all" -lt 235000 ] && pass "and all programs come to no more than leaves the first unit its own: $all kB" ||
		fail "all programs together: $all kB"
fi
same "as much in every shard as with two" "$(shape large8)" "$(shape large2)"

# ---- nor do more units wait than may: the seal stands still while small ones are through ----
mkdir many
for i in $(seq 100 179); do cp in/g00.tar "many/$i.tar"; done
rm -f stopped
try "[ \$n != 1 ] || { $(waits "$work/stopped"); }"
bin/stager push many --name many --policy large.yaml --jobs 2 >out 2>err &
push=$!
i=0
until [ -d begun/2 ] || [ $i = 300 ]; do sleep 0.1; i=$((i + 1)); done
seal=$(find /proc -maxdepth 2 -name exe -lname "$work/bin/stager-seal" 2>/dev/null | sed 's|/proc/||; s|/exe||')
kill -STOP "$seal"
: >stopped
i=0
until [ -d begun/64 ] || [ $i = 600 ]; do sleep 0.1; i=$((i + 1)); done
sleep 2
begun=$(ls begun | wc -l)
kill -CONT "$seal"
wait $push
same "a push whose seal stood still" "$?" 0
# One stream may have been read to its end before the seal stood still.
[ "$begun" = 64 ] || [ "$begun" = 65 ] && pass "had as many units before it as may wait: $begun of 80" ||
	fail "had as many units before it as may wait: $begun of 80"
same "and all of them are begun in the end" "$(ls begun | wc -l)" 80
ok "all of it proves" stager verify
finish
