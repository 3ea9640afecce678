#!/bin/sh
# Goal: a version is accepted only when a steward has looked at as many of its letters and scans as the policy wants, drawn by a key that
# nobody chose; what is shown cannot act on the terminal and stands on no disk; what was said enters the signed report with its
# exact upper bound, and cannot be changed unseen; what was found keeps the version from being accepted.
set -u
. "$STAGER_TESTS/flow/lib.sh"
command -v sqlite3 >/dev/null || { echo "skipped: no sqlite3"; exit 77; }

ok "a house" make_house "$work/house"
cp -R "$top/deploy/sample/data" "$work/data"
# A letter that would clear the screen and retitle the window, turn its text around, and hide some of it.
printf '%s\n' '{"nr":"0000001","datum":"2024-01-02","tekst":"Merkteken kwaad \u001b[H\u001b]0;weg\u0007 dan \u202egaan\u200b en \u009b31m. Slot."}' >"$work/hostile.jsonl"
mkdir "$work/letters"
i=0
while [ $i -lt 30 ]; do
	printf 'Merkteken%s: de patient kwam op tijd.\nTweede regel.\n' $i >"$work/letters/b$i.txt"
	i=$((i + 1))
done
cp "$work/hostile.jsonl" "$work/letters/kwaad.jsonl"
cp "$work/data/dicom"/*.dcm "$work/letters/" 2>/dev/null || find "$work/data" -name '*.dcm' -exec cp {} "$work/letters/" \;
policy() {
	cat <<YAML
policy: 1
name: review
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '*.txt', format: text}
  - {match: '*.jsonl', format: jsonl, fields: {\$.nr: pseudonym, \$.datum: year, \$.tekst: text}}
  - {match: '*.dcm', format: dicom}
  - {match: '*.csv', format: opaque, ext: csv}
dates: {order: [yyyy-MM-dd]}
accept: {files: 0, records: 0, review: {$1}}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
}
policy 'letters: 10, scans: 3' >"$work/policy.yaml"
ok "a push" stager push "$work/letters" --name letters --policy "$work/policy.yaml"
version=$(tail -n 1 "$work/out")
anna=anna@umc.example
review() { stager review "$version" --reviewer $anna "$@"; }
# said EXPRESSION: of the state, over the part `r` of the set abroad
said() {
	stager review "$version" --json >"$work/state" && json "$work/state" "(lambda r: ($1))(j['review']['sets']['abroad'])"
}

# --- nobody has looked
ok "the state, before" stager review "$version" --json
same "says what is wanted, and that nobody looked" "$(json "$work/out" '(j["review"]["wanted"], j["review"]["sets"], j["review"]["by"])')" \
	"({'found': 0, 'letters': 10, 'scans': 3}, {}, [])"
expect_status 6 "it cannot be accepted" accept "$version"
same "for a person must look first" "$(grep -c "stager review $version --reviewer" "$work/err")" 1
expect_status 2 "who looks must be said" stager review "$version" --list
expect_status 3 "somebody who is no steward does not" stager review "$version" --reviewer carla@umc.example --list
expect_status 2 "two things at once" review --list --show 1
expect_status 2 "a set that is none" review --list --set nowhere
expect_status 2 "a version that is none" stager review aaaaaaaaaaaaaaaaaaaaaaaaaa --reviewer $anna --list
expect_status 2 "without a terminal nothing is asked" review </dev/null
same "a session that was refused left nothing in the log" "$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*) FROM opening WHERE type = 'review'")" 0

# --- the sample
ok "the sample" review --list --json
cp "$work/out" "$work/list"
ok "and once more" review --list --json
same "it is the same" "$(cat "$work/out")" "$(cat "$work/list")"
ok "a larger one" review --list --json --letters 20
cp "$work/out" "$work/larger"
same "begins with the smaller one" "$(json "$work/larger" '[m["member"] for m in j["members"] if m["stratum"] == "letters"][:10]')" \
	"$(json "$work/list" '[m["member"] for m in j["members"] if m["stratum"] == "letters"]')"
same "ten letters and three scans of what there is" "$(json "$work/list" 'sorted(j["population"].items()), sum(m["stratum"] == "letters" for m in j["members"]), sum(m["stratum"] == "scans" for m in j["members"]), len({m["member"] for m in j["members"]})')" \
	"([('letters', 31), ('others', 0), ('scans', $(find "$work/letters" -name '*.dcm' | wc -l))], 10, 3, 13)"
same "each session stands in the log before a key leaves" "$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*), count(place) FROM opening WHERE type = 'review'")" "3|3"
ok "another version" stager push "$work/letters" --name others --policy "$work/policy.yaml"
other=$(tail -n 1 "$work/out")
ok "its sample" stager review "$other" --reviewer $anna --list --json
[ "$(json "$work/out" '[m["member"] for m in j["members"]]')" != "$(json "$work/list" '[m["member"] for m in j["members"]]')" ] &&
	pass "is another, of the same data" || fail "is another, of the same data"

# --- what is shown
first=$(json "$work/list" 'j["members"][0]["member"]')
ok "a letter" review --show "$first"
same "is text" "$(grep -c 'Merkteken' "$work/out")" 1
scan=$(json "$work/list" '[m["member"] for m in j["members"] if m["stratum"] == "scans"][0]')
ok "a scan" review --show "$scan"
same "is its attributes, and it is said that its pixels are not shown" "$(grep -c -e 'PatientIdentityRemoved: YES' -e 'the pixels; they, and' "$work/out")" 2
ok "all letters" review --list --json --letters 40
json "$work/out" '"\n".join(str(m["member"]) for m in j["members"] if m["extension"] == "json")' >"$work/numbers"
outside=$(json "$work/out" '[m["member"] for m in j["members"] if m["rank"] > 10 and m["stratum"] == "letters"][0]')
expect_status 3 "one that is not in the sample is not shown" review --show "$outside"
ok "the letter that would act" review --show "$(cat "$work/numbers")" --letters 40
same "nothing in it does" "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177\233]')" "$work/out")" 0
same "it is shown, its signs as words" "$(grep -c 'kwaad <1B>\[H<1B>\]0;weg<07> dan <U+202E>gaan<U+200B> en <9B>31m\. Slot\.' "$work/out")" 1

# --- damage: nothing of it is shown
body=$STAGER_HOUSE/vault/$version/abroad/shard-00000.body
cp "$body" "$work/body"
/usr/bin/python3 - "$body" <<'PY'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
for i in range(500, len(b), 1000): b[i] ^= 1
open(sys.argv[1], "wb").write(b)
PY
expect_status 4 "a damaged shard" review --show "$first"
same "shows nothing" "$(cat "$work/out")" ""
cp "$work/body" "$body"
truncate -s -1 "$body"
expect_status 4 "a cut one" review --show "$first"
cp "$work/body" "$body"
cp "$STAGER_HOUSE/vault/$version/abroad/shard-00000.sums" "$work/sums"
printf 'x' >>"$STAGER_HOUSE/vault/$version/abroad/shard-00000.sums"
expect_status 4 "longer sums" review --show "$first"
tr '\000-\177' '\200-\377' <"$work/sums" >"$STAGER_HOUSE/vault/$version/abroad/shard-00000.sums"
expect_status 4 "other sums" review --show "$first"
cp "$work/sums" "$STAGER_HOUSE/vault/$version/abroad/shard-00000.sums"
sqlite3 "$STAGER_HOUSE/ledger.db" "CREATE TEMP TABLE x AS SELECT wrapped FROM shard WHERE version = '$version' AND row = 0; UPDATE shard SET wrapped = zeroblob(72) WHERE version = '$version' AND row = 0; SELECT hex(wrapped) FROM x" >"$work/wrapped"
expect_status 4 "a key that does not open" review --show "$first"
sqlite3 "$STAGER_HOUSE/ledger.db" "UPDATE shard SET wrapped = x'$(cat "$work/wrapped")' WHERE version = '$version' AND row = 0"
ok "all of it back in its place" review --show "$first"

# --- verdicts from a file
# verdicts EXPRESSION: over the members m of the sample, as a file
verdicts() {
	/usr/bin/python3 -c 'import json, sys
j = json.load(open(sys.argv[1])); m = [x["member"] for x in j["members"]]
print(json.dumps({"type": "stager.verdicts.1", "version-id": sys.argv[3], "set": "abroad", "verdicts": eval(sys.argv[2])}))' "$work/list" "$1" "$version" >"$work/verdicts"
}
all='[{"member": x, "verdict": "ok"} for x in m]'
refused() {
	expect_status "$1" "refused: $2" review --verdicts "$work/verdicts"
	same "and nothing of it was noted" "$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*) FROM verdict")" "${3:-0}"
}
verdicts "$all + [{'member': $outside, 'verdict': 'ok'}]"
refused 3 "a member that is not in the sample"
verdicts "$all + [{'member': m[0], 'verdict': 'ok'}]"
refused 3 "a member twice"
verdicts "$all[:3] + [{'member': m[4], 'verdict': 'good'}]"
refused 3 "a verdict that is none"
verdicts "[{'member': m[4], 'verdict': 'found'}]"
refused 3 "found without a kind"
verdicts "[{'member': m[4], 'verdict': 'found', 'kind': 'Jan Jansen'}]"
refused 3 "a kind that is none"
verdicts "[{'member': m[4], 'verdict': 'ok', 'kind': 'person'}]"
refused 3 "ok with a kind"
verdicts "[{'member': m[4], 'verdict': 'ok', 'note': 'x'}]"
refused 3 "more than a verdict"
verdicts "$all"
sed -i "s/$version/$other/" "$work/verdicts"
refused 3 "verdicts on another version"
verdicts "$all"
sed -i 's/"abroad"/"domestic"/' "$work/verdicts"
refused 3 "verdicts on another set"
verdicts "$all"
cut -c1-200 "$work/verdicts" >"$work/cut" && mv "$work/cut" "$work/verdicts"
refused 3 "a file that is cut"
verdicts "$all[:9] + $all[10:]"
ok "all but the last letter" review --verdicts "$work/verdicts"
same "nine letters and three scans, nothing found" "$(said '[(r[s]["reviewed"], r[s]["found"]) for s in ("letters", "scans")]')" "[(9, 0), (3, 0)]"
expect_status 6 "one too few" accept "$version"
verdicts "$all[1:]"
ok "the last, and others again" review --verdicts "$work/verdicts"
same "the bound is the exact one" "$(said 'r["letters"]["at-most-ppm"], r["scans"]["at-most-ppm"]')" \
	"($(/usr/bin/python3 "$STAGER_TESTS/peer_review.py" 0 10 | cut -d' ' -f3), $(/usr/bin/python3 "$STAGER_TESTS/peer_review.py" 0 3 | cut -d' ' -f3))"
ok "now the report" stager report "$version" --out "$work/report.json" --html "$work/page.html"
same "has it" "$(json "$work/report.json" 'j["review"]["sets"]["abroad"]["letters"]["reviewed"], j["review"]["by"]')" "(10, ['$anna'])"
same "the page too, in both languages" "$(grep -c -e 'Door een mens bekeken' -e 'Looked at by a person' "$work/page.html")" 2
ok "it is signed" sh -c "stager-sign --yes --key '$work/anna.key' '$work/report.json' >'$work/early.env'"
same "the steward sees what was looked at" "$(grep -c '10 of 31 letters' "$work/err")" 1

# --- something found
verdicts '[{"member": m[2], "verdict": "found", "kind": "person"}]'
ok "something was found after all" review --verdicts "$work/verdicts"
expect_status 4 "what was signed before is not the report as it stands" stager accept "$work/early.env"
expect_status 3 "and the version is refused" accept "$version"
same "with the way out" "$(grep -c 'push again, and reject' "$work/err")" 1
same "one of ten" "$(said 'r["letters"]["found"], r["letters"]["at-most-ppm"]')" "(1, $(/usr/bin/python3 "$STAGER_TESTS/peer_review.py" 1 10 | cut -d' ' -f3))"
verdicts '[{"member": m[2], "verdict": "ok"}]'
ok "it is taken back" review --verdicts "$work/verdicts"
same "which shows" "$(said 'r["letters"]["found"], r["letters"]["changed"]')" "(0, 1)"
ok "the record" stager review "$version" --record "$work/record.json"
same "has every verdict, who and when, and no value" "$(json "$work/record.json" 'sorted({k for v in j["verdicts"] for k in v}), len(j["verdicts"]), {v["person"] for v in j["verdicts"]}')" \
	"(['at', 'kind', 'member', 'person', 'rank', 'set', 'stratum', 'verdict'], 26, {'$anna'})"
stager report "$version" --out "$work/report.json" >/dev/null
same "its digest is in the report" "$(json "$work/report.json" 'j["review"]["digest"]')" "$(sha256sum <"$work/record.json" | cut -d' ' -f1)"
ok "verify" stager verify

# --- changed unseen
cp "$STAGER_HOUSE/ledger.db" "$work/ledger.db"
# tampered WHAT SQL
tampered() {
	sqlite3 "$STAGER_HOUSE/ledger.db" "$2"
	expect_status 4 "found out: $1" stager verify
	cp "$work/ledger.db" "$STAGER_HOUSE/ledger.db"
}
sqlite3 "$STAGER_HOUSE/ledger.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cp "$STAGER_HOUSE/ledger.db" "$work/ledger.db"
tampered "a verdict that was turned" "UPDATE verdict SET verdict = 'ok', kind = '' WHERE verdict = 'found'"
tampered "a verdict that is gone" "DELETE FROM verdict WHERE id = 1"
tampered "one that somebody else is said to have given" "UPDATE verdict SET person = 'boris@umc.example' WHERE id = 5"
tampered "a review that is gone" "PRAGMA foreign_keys=OFF; DELETE FROM review"
ok "put back, all of it proves" stager verify

# --- at a terminal
cat >"$work/term.py" <<'PY'
# term.py VERSION REVIEWER KEYS [signal]: answers each question with the next of KEYS (a list of lines); prints what came
import json, os, pty, re, select, signal, sys, time
keys, stop = json.loads(sys.argv[3]), sys.argv[4:] == ["signal"]
pid, fd = pty.fork()
if pid == 0:
    os.execvp("stager", ["stager", "review", sys.argv[1], "--reviewer", sys.argv[2]])
import fcntl, struct, termios
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
got, at, end = b"", 0, time.time() + 60
while time.time() < end:
    if select.select([fd], [], [], 0.5)[0]:
        try: piece = os.read(fd, 65536)
        except OSError: break
        if not piece: break
        got += piece
    while at < got.rfind(b"> ") + 2 and got.endswith(b"> ") and keys:
        at = len(got)
        os.write(fd, keys.pop(0).encode() + b"\n")
    if not keys and stop and got.endswith(b"> ") and at < len(got):
        os.kill(pid, signal.SIGTERM); stop = False
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(got)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
PY
term() { /usr/bin/python3 "$work/term.py" "$other" $anna "$@"; }
of_other() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT $1 FROM verdict WHERE version = '$other'"; }
ok "ok, found, back, skip, stop" term '["o", "f", "person", "b", "o", "s", "q"]'
cp "$work/out" "$work/screen"
same "three verdicts, of two letters" "$(of_other "group_concat(rank || verdict || kind, ' ')")" "1ok 2foundperson 2ok"
same "the terminal's other screen is entered and left" "$(LC_ALL=C grep -o "$(printf '\033\\[?1049[hl]')" "$work/screen" | tr -d '\033\n')" "[?1049h[?1049l"
/usr/bin/python3 - "$work/screen" <<'PY' && pass "nothing else is sent that moves or colours" || fail "nothing else is sent that moves or colours"
import re, sys
s = open(sys.argv[1], "rb").read()
s = re.sub(rb"\x1b\[(\?1049[hl]|0m|H|2J)", b"", s)
sys.exit(any(c < 32 and c not in (10, 13) for c in s))
PY
same "killed in the middle of the next, it ends by the signal" "$(term '["o"]' signal >"$work/screen"; echo $?)" 241
same "what was said before stands" "$(of_other 'count(*)')" 4
LC_ALL=C tail -c 20 "$work/screen" | grep -q "$(printf '\033\\[?1049l')" && pass "and the screen was left" || fail "and the screen was left"
cat >"$work/stop.py" <<'PY'
import os, pty, select, sys
pid, fd = pty.fork()
if pid == 0: os.execvp("stager", ["stager", "review", sys.argv[1], "--reviewer", sys.argv[2]])
got, keys = b"", [b"\x1a", b"q\n"]
while True:
    if not select.select([fd], [], [], 30)[0]: break
    try: piece = os.read(fd, 65536)
    except OSError: break
    if not piece: break
    got += piece
    if got.rstrip(b"^Z").endswith(b"> ") and keys:
        os.write(fd, keys.pop(0))
        if not keys: break
        os.write(fd, keys.pop(0))
while True:
    try: piece = os.read(fd, 65536)
    except OSError: break
    if not piece: break
    got += piece
# Whatever stands before the other screen is entered, or after it is left, has no member in it.
sys.exit(b"Merkteken" in got.split(b"\x1b[?1049h")[0] + got.split(b"\x1b[?1049l")[-1] or os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0)
PY
ok "it is not put aside with a member on the screen" timeout 60 /usr/bin/python3 "$work/stop.py" "$other" $anna
ok "verify, after that" stager verify
ok "it goes on with the fourth" term '["o", "q"]'
same "that was" "$(of_other 'max(rank)')" 4
same "a killed session's verdicts went into the log with the next one's" "$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT json_extract(json, '\$.count') FROM opening WHERE type = 'verdicts' AND about = '$other' ORDER BY id DESC LIMIT 1")" 5
same "nobody skips what is hard: the third stops the count" "$(stager review "$other" --json >"$work/state"; json "$work/state" 'j["review"]["sets"]["abroad"]["letters"]["reviewed"]')" 4

# --- accepted
ok "it is accepted" accept "$version"
verdicts '[{"member": m[2], "verdict": "found", "kind": "person"}]'
expect_status 3 "after that nothing more is said of it" review --verdicts "$work/verdicts"
expect_status 3 "nor shown" review --show "$first"
ok "all of it proves" stager verify
sqlite3 "$STAGER_HOUSE/ledger.db" "UPDATE verdict SET at = at + 1 WHERE id = 26"
expect_status 4 "a verdict that was changed after the signature" stager verify
sqlite3 "$STAGER_HOUSE/ledger.db" "UPDATE verdict SET at = at - 1 WHERE id = 26"

# --- as many as the policy lets pass
policy 'letters: 2, found: 1' >"$work/some.yaml"
ok "a policy that lets one pass" stager push "$work/letters" --name some --policy "$work/some.yaml"
version=$(tail -n 1 "$work/out")
ok "its sample" review --list --json --scans 0
cp "$work/out" "$work/list"
verdicts '[{"member": m[0], "verdict": "found", "kind": "other"}, {"member": m[1], "verdict": "ok"}]'
ok "one found" review --verdicts "$work/verdicts" --scans 0
ok "is accepted" accept "$version"
expect_status 6 "that is what policy diff names" stager policy diff "$work/policy.yaml" "$work/some.yaml"
same "as looser" "$(grep -c 'may show something' "$work/out")" 1

# --- rejected in the middle of a session: nothing more is shown, and it is no alarm
ok "one more" stager push "$work/letters" --name rejected --policy "$work/policy.yaml"
other=$(tail -n 1 "$work/out")
cat >"$work/reject.py" <<'PY'
import os, pty, select, subprocess, sys
pid, fd = pty.fork()
if pid == 0: os.execvp("stager", ["stager", "review", sys.argv[1], "--reviewer", sys.argv[2]])
got, done = b"", False
while True:
    if not select.select([fd], [], [], 60)[0]: break
    try: piece = os.read(fd, 65536)
    except OSError: break
    if not piece: break
    got += piece
    if got.endswith(b"> ") and not done:
        subprocess.run(["stager", "reject", sys.argv[1]], check=True, stdout=subprocess.DEVNULL)
        os.write(fd, b"s\n"); done = True
sys.stdout.buffer.write(got)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
expect_status 3 "rejected while a steward looks" /usr/bin/python3 "$work/reject.py" "$other" $anna
ok "which is no alarm" stager verify

# --- a version of two sets: each is looked at
cat >"$work/two.yaml" <<YAML
policy: 1
name: two
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '*.jsonl', format: jsonl, fields: {\$.nr: pseudonym, \$.datum: year, \$.tekst: {do: text, set: domestic}}}
  - {match: '*.txt', format: drop}
  - {match: '*.dcm', format: drop}
dates: {order: [yyyy-MM-dd]}
accept: {review: {letters: 3}}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
  domestic: {hold: [NL], open: [snellius], evidence: none, results: none}
shards: {size: 1MiB}
YAML
ok "two sets" stager push "$work/letters" --name two --policy "$work/two.yaml"
other=$(tail -n 1 "$work/out")
version=$other
expect_status 2 "which one is to be said" review --list
ok "at a terminal one comes after the other" term '["o", "q"]'
same "the first was looked at" "$(stager review "$other" --json >"$work/state"; json "$work/state" '{s: r["letters"]["reviewed"] for s, r in j["review"]["sets"].items()}')" "{'abroad': 1, 'domestic': 0}"
expect_status 6 "the second still waits" accept "$other"
same "and is named" "$(grep -c 'set domestic' "$work/err")" 1
ok "the other one" term '["o"]'
same "both were" "$(stager review "$other" --json >"$work/state"; json "$work/state" '{s: r["letters"]["reviewed"] for s, r in j["review"]["sets"].items()}')" "{'abroad': 1, 'domestic': 1}"
ok "the version is accepted" accept "$other"

# --- no plaintext stays
not_ok "no letter stands in the house or beside it" grep -rlF Merkteken "$STAGER_HOUSE" "${TMPDIR:-/tmp}/stager-prove"
ok "verify" stager verify
finish
