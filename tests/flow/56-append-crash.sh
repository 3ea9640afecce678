#!/bin/sh
# Goal: push --append, killed at any of its steps or by the death of any program that it started, leaves the version that there was, whole,
# and perhaps the new one, whole; the same command then ends as if nothing had been. Two at once make one version.
set -u
. "$STAGER_TESTS/flow/lib.sh"
if ! command -v cc >/dev/null || ! cc -shared -fPIC -D_GNU_SOURCE -o "$work/kill_at.so" "$STAGER_TESTS/flow/kill_at.c" -ldl 2>"$work/err"; then
	echo "   no compiler: the steps of an append are not tried"
	exit 77
fi
sql() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "$1"; }
cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: crash
project: flow
pseudonym: {domain: research, key: 1}
subject: {from: patients.csv, key: {column: nr, pattern: '[0-9]{1,4}', pad: 4}, unmatched: hold}
files:
  - {match: patients.csv, format: csv, columns: {nr: pseudonym, kleur: {keep: enum, values: [rood, blauw]}}}
  - {match: 'films/**', format: opaque, ext: bin, subject: 'films/{key}.bin'}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
# source FOLDER FROM TO: films of these, and a table of all up to there
source_of() {
	mkdir -p "$1/films"
	/usr/bin/python3 - "$@" <<'PY'
import hashlib, sys
top, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(top + "/patients.csv", "w") as f: f.write("nr,kleur\n" + "".join("%d,rood\n" % i for i in range(1, last + 1)))
for i in range(first, last + 1):
    with open("%s/films/%04d.bin" % (top, i), "wb") as f:
        f.write(b"".join(hashlib.sha512(b"%d %d" % (i, k)).digest() for k in range(9000)))
PY
}
source_of "$work/jan" 1 4
source_of "$work/feb" 5 8
make_house "$work/house" >/dev/null || exit 1
first=$(stager push "$work/jan" --name films --policy "$work/policy.yaml") || exit 1
ok "it is released" release "$first" "$work/first.tar"
cp -a "$work/house" "$work/house-kept"
restore() { rm -rf "$work/house" && cp -a "$work/house-kept" "$work/house"; }
append() { stager push "$work/feb" --name films --policy "$work/policy.yaml" --append; }
states() { sql "SELECT group_concat(state, ' ') FROM (SELECT state FROM version ORDER BY number)"; }
# As it must be in the end.
good() {
	[ "$(states)" = "ACCEPTED LOGGED" ] && [ "$(sql "SELECT sum(members) FROM shard_set")" = 15 ] &&
		[ "$(ls "$STAGER_HOUSE/vault")" = "$(sql "SELECT id FROM version ORDER BY id")" ] &&
		[ "$(ls "$STAGER_HOUSE/staging" | grep -vc '\.lock$')" = 0 ] && [ "$(sql "SELECT count(*) FROM pushed")" = 2 ] && stager verify
}
# The old version, and the new one not at all or whole.
between() {
	case "$(states)" in
	ACCEPTED | "ACCEPTED RECEIVED") ;;
	"ACCEPTED SEALED" | "ACCEPTED LOGGED") [ "$(sql "SELECT min(members) FROM shard_set")" = 5 ] && [ "$(sql "SELECT max(members) FROM shard_set")" = 10 ] ;;
	*) false ;;
	esac && stager verify
}
restore

# What the new members' index is damaged by, between two steps, is told by its name; nothing is left of the append.
mkdir "$work/bin"
for program in "$STAGER_BUILD"/stager "$STAGER_BUILD"/stager-*; do
	[ -f "$program" ] && [ -x "$program" ] && cp "$program" "$work/bin/"
done
mv "$work/bin/stager-sift" "$work/bin/stager-sift.true"
cat >"$work/bin/stager-sift" <<END
#!/bin/sh
PATH=/usr/bin:/bin
# It goes by another name by now, or soon; what is empty is the index of all that begins.
# On a busy machine it may not be written out yet.
damaged=0
tries=0
while [ "\$damaged" = 0 ] && [ "\$tries" -lt 50 ]; do
	for one in "$STAGER_HOUSE"/staging/*/abroad/index.body "$STAGER_HOUSE"/staging/*/abroad/index-new.body; do
		[ ! -s "\$one" ] || { head -c 64 /dev/zero | dd of="\$one" bs=1 seek=100 conv=notrunc 2>/dev/null; damaged=1; }
	done
	[ "\$damaged" = 1 ] || sleep 0.1
	tries=\$((tries + 1))
done
exec "$work/bin/stager-sift.true" "\$@"
END
chmod +x "$work/bin/stager-sift"
expect_status 4 "an append whose own index is damaged" "$work/bin/stager" push "$work/feb" --name films --policy "$work/policy.yaml" --append
grep -q "^stager: index: " "$work/err" && pass "is told so: $(tail -n 1 "$work/err" | cut -c1-100)" || fail "is told so" "$work/err"
same "nothing is left of it" "$(states) $(ls "$STAGER_HOUSE/staging" | grep -vc '\.lock$')" "ACCEPTED 0"
restore
LD_PRELOAD=$work/kill_at.so STAGER_KILL_COUNT=$work/steps append >"$work/out" 2>"$work/err" || fail "append" "$work/err"
ok "it is as it must be" good
steps=$(cat "$work/steps")
bad=0
killed=0
old=0
tried=0
at=1
while [ "$at" -le "$steps" ]; do
	restore
	tried=$((tried + 1))
	LD_PRELOAD=$work/kill_at.so STAGER_KILL_AT=$at append >/dev/null 2>&1
	[ $? = 137 ] && killed=$((killed + 1))
	case "$(states)" in ACCEPTED | "ACCEPTED RECEIVED") old=$((old + 1)) ;; esac
	{ between && append && good; } >"$work/out" 2>"$work/err" || {
		bad=$((bad + 1))
		fail "append, killed at step $at: $(states)" "$work/err"
	}
	at=$((at + ${STAGER_KILL_STRIDE:-9}))
done
same "killed at $tried of its $steps steps, it goes on" "$bad" 0
ok "each kill came" test "$killed" -ge $((tried - 1))
ok "before the switch and after it ($old of $tried before)" test "$old" -gt 2 -a "$old" -lt "$tried"

# --- a program of its own dies
children=0
children_tried=0
# Where the programs are gone before they are seen: again.
until [ "$children" -ge 7 ] || [ "$children_tried" -ge 84 ]; do
	for name in stager-scrub stager-check stager-sift stager-open stager-seal stager-key stager-log; do
		for delay in 0.01 0.05 0.15; do
			restore
			append >"$work/out" 2>"$work/err" &
			pid=$!
			end=$(($(date +%s) + 5))
			hit=
			sleep $delay
			while [ -z "$hit" ] && kill -0 $pid 2>/dev/null && [ "$(date +%s)" -lt $end ]; do
				for child in $(cat /proc/$pid/task/$pid/children 2>/dev/null); do
					for one in $child $(cat "/proc/$child/task/$child/children" 2>/dev/null); do
						[ "$(cat "/proc/$one/comm" 2>/dev/null)" = "$name" ] && kill -9 "$one" 2>/dev/null && hit=$one && break 2
					done
				done
			done
			wait $pid
			[ -z "$hit" ] || children=$((children + 1))
			children_tried=$((children_tried + 1))
			{ between && append && good; } >"$work/out" 2>"$work/err" || fail "append after $name died: $(states)" "$work/err"
		done
	done
done
ok "$children of $children_tried children were killed in time" test "$children" -ge 7
ok "and it went on each time" good

# --- others meanwhile
restore
LD_PRELOAD=$work/kill_at.so STAGER_KILL_AT=$((steps / 2)) append >/dev/null 2>&1
same "a push of the older source meanwhile gives the version that there is" "$(stager push "$work/jan" --name films --policy "$work/policy.yaml" 2>/dev/null)" "$first"
ok "and the append goes on" append
ok "to the same end" good
restore
append >"$work/one" 2>"$work/one.err" &
pid=$!
append >"$work/two" 2>"$work/two.err"
wait $pid
same "two at once make one version" "$(cat "$work/one")" "$(cat "$work/two")"
ok "and no other" good
restore
LD_PRELOAD=$work/kill_at.so STAGER_KILL_AT=$((steps / 4)) append >/dev/null 2>&1
echo 2 >"$work/list"
ok "a withdrawal after one that was cut" stager withdraw films --subjects "$work/list" --yes
ok "and the append" append
same "goes on from what the withdrawal left" "$(states) $(sql "SELECT members FROM shard_set s JOIN version v ON v.id = s.version ORDER BY v.number DESC LIMIT 1")" "WITHDRAWN LOGGED LOGGED 9"
ok "verify" stager verify
finish
