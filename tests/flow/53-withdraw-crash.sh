#!/bin/sh
# Goal: stager withdraw, killed at any of its steps or by the death of any program that it started, leaves the old version whole or the
# new one in its place; the same command then ends as if nothing had been.
set -u
. "$STAGER_TESTS/flow/lib.sh"
if ! command -v cc >/dev/null || ! cc -shared -fPIC -D_GNU_SOURCE -o "$work/kill_at.so" "$STAGER_TESTS/flow/kill_at.c" -ldl 2>"$work/err"; then
	echo "   no compiler: the steps of withdraw are not tried"
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
mkdir -p "$work/data/films"
/usr/bin/python3 - "$work/data" <<'PY'
import hashlib, sys
with open(sys.argv[1] + "/patients.csv", "w") as f: f.write("nr,kleur\n" + "".join("%d,rood\n" % i for i in range(1, 9)))
for i in range(1, 9):
    with open("%s/films/%04d.bin" % (sys.argv[1], i), "wb") as f:
        f.write(b"".join(hashlib.sha512(b"%d %d" % (i, k)).digest() for k in range(12000)))
PY
cp -r "$work/data" "$work/more" && cp "$work/more/films/0005.bin" "$work/more/films/0006.bin"
make_house "$work/house" >/dev/null || exit 1
first=$(stager push "$work/data" --name films --policy "$work/policy.yaml") || exit 1
ok "it is released" release "$first" "$work/first.tar"
mkdir "$work/far"
ok "an endpoint" stager endpoint add far --url "dir:$work/far" --country FI --site lumi
ok "it is sent" stager send "$first" --to far
echo 5 >"$work/list"
cp -a "$work/house" "$work/house-kept"
cp -a "$work/far" "$work/far-kept"
restore() {
	rm -rf "$work/house" "$work/far" && cp -a "$work/house-kept" "$work/house" && cp -a "$work/far-kept" "$work/far"
}
withdraw() { stager withdraw films --subjects "$work/list" --yes; }
states() { sql "SELECT group_concat(state, ' ') FROM (SELECT state FROM version ORDER BY number)"; }
# As it must be in the end.
good() {
	[ "$(states)" = "WITHDRAWN LOGGED" ] && [ "$(sql "SELECT state FROM request")" = CANCELLED ] &&
		[ "$(ls "$STAGER_HOUSE/vault")" = "$(sql "SELECT id FROM version WHERE state = 'LOGGED'")" ] &&
		[ "$(ls "$STAGER_HOUSE/staging" | grep -vc '\.lock$')" = 0 ] && [ "$(find "$work/far" -type f | wc -l)" = 0 ] &&
		[ "$(sql "SELECT count(*) FROM withdrawal")" = 1 ] && stager verify
}
# The old version, or the new one: nothing between.
between() {
	case "$(states)" in
	SENT | "SENT RECEIVED") [ -d "$STAGER_HOUSE/vault/$first" ] ;;
	"WITHDRAWN SEALED" | "WITHDRAWN LOGGED") [ "$(sql "SELECT count(*) FROM shard WHERE version = '$first'")" = 0 ] ;;
	*) false ;;
	esac && { stager verify || cut_at_list; }
}
# Killed between the entry of the list and its row: who withdrew is known to nobody, so verify alarms and nothing new is pushed.
cut_at_list() {
	cut=$((${cut:-0} + 1))
	grep -q "give it the same list again" "$work/err" && [ "$(sql "SELECT count(*) FROM withdrawal")" = 0 ] &&
		! stager push "$work/more" --name films --policy "$work/policy.yaml" && [ "$(states)" = SENT ]
}
restore
LD_PRELOAD=$work/kill_at.so STAGER_KILL_COUNT=$work/steps withdraw >"$work/out" 2>"$work/err" || fail "withdraw" "$work/err"
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
	LD_PRELOAD=$work/kill_at.so STAGER_KILL_AT=$at withdraw >/dev/null 2>&1
	[ $? = 137 ] && killed=$((killed + 1))
	[ "$(states)" = SENT ] || [ "$(states)" = "SENT RECEIVED" ] && old=$((old + 1))
	{ between && withdraw && good; } >"$work/out" 2>"$work/err" || {
		bad=$((bad + 1))
		fail "withdraw, killed at step $at: $(states)" "$work/err"
	}
	at=$((at + ${STAGER_KILL_STRIDE:-9}))
done
same "killed at $tried of its $steps steps, it goes on" "$bad" 0
echo "   cut between a list's entry and its row: ${cut:-0} times"
ok "each kill came" test "$killed" -ge $((tried - 1))
ok "before the switch and after it ($old of $tried before)" test "$old" -gt 5 -a "$old" -lt "$tried"

# --- a program of its own dies
children=0
for name in stager-scrub stager-sift stager-open stager-seal stager-key stager-log; do
	for delay in 0.01 0.05 0.1; do
		restore
		withdraw >"$work/out" 2>"$work/err" &
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
		[ -n "$hit" ] && children=$((children + 1))
		{ between && withdraw && good; } >"$work/out" 2>"$work/err" || fail "withdraw after $name died: $(states)" "$work/err"
	done
done
ok "$children of 18 children were killed in time" test "$children" -ge 6
ok "and it went on each time" good

# --- a push of the same source after a run that was cut before the end
restore
LD_PRELOAD=$work/kill_at.so STAGER_KILL_AT=$((steps / 6)) withdraw >/dev/null 2>&1
same "a push meanwhile gives the version that there is" "$(stager push "$work/data" --name films --policy "$work/policy.yaml" 2>/dev/null)" "$first"
ok "and withdraw goes on" withdraw
ok "to the same end" good
finish
