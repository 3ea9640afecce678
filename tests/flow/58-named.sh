#!/bin/sh
# Goal: who is on an exclusion list, or was withdrawn, leaves nowhere under any rule: records and documents that are linked to nobody, or to
# somebody else, and name them by a key that becomes a pseudonym, in every format, in two sets, in a large table on several threads. What
# leaves is counted by a program of its own. stager withdraw takes the same out of what is sealed as a push with the list would; and
# what comes later, also by --append, and also where the subject table has forgotten them, stays out.
set -u
. "$STAGER_TESTS/flow/lib.sh"

cat >"$work/parted.yaml" <<'YAML'
policy: 1
name: named
project: flow
pseudonym: {domain: research, key: 1}
subject:
  from: patients.csv
  key: {column: id, pattern: '[A-Za-z0-9@.]{1,40}', pad: 7}
  unmatched: drop
  exclude: optout
files:
  - {match: patients.csv, format: csv, columns: {id: pseudonym, mother: pseudonym, n: {keep: code, pattern: '#[0-9]+'}}}
  - match: '*/visits.csv'
    format: csv
    subject: none
    columns: {a: pseudonym, b: {do: pseudonym, set: domestic}, n: {keep: code, pattern: '#[0-9]+'}, c: {keep: number, set: domestic}}
  - match: '*/lines.txt'
    format: fixed
    fixed: {a: [1, 12], n: [13, 12]}
    subject: none
    columns: {a: pseudonym, n: {keep: code, pattern: '#[0-9]+'}}
  - match: '*/records.jsonl'
    format: jsonl
    subject: none
    fields: {$.n: {keep: code, pattern: '#[0-9]+'}, '$.who[*]': pseudonym, $.h: {do: pseudonym, set: domestic}}
  - match: '*/parts.jsonl'
    format: jsonl
    sample: file
    subject: $.id
    fields: {$.n: {keep: code, pattern: '#[0-9]+'}, $.id: pseudonym, $.partner: pseudonym}
  - match: '*/docs/*.json'
    format: json
    subject: none
    fields: {'$.n': {keep: code, pattern: '#[0-9]+'}, '$.e[*].s': {do: pseudonym, reference: [Patient, Encounter]}}
  - match: '*/own/*.json'
    format: json
    subject: $.s
    fields: {'$.n': {keep: code, pattern: '#[0-9]+'}, $.s: {do: pseudonym, reference: Patient}, '$.d': {do: pseudonym, reference: Practitioner}}
  - match: '*/xml/*.xml'
    format: xml
    subject: none
    fields: {$.d.n: {keep: code, pattern: '#[0-9]+'}, $.d.p.@id: pseudonym}
  - match: '*/mail/*.eml'
    format: eml
    subject: none
    headers: {From: pseudonym, To: pseudonym}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
  domestic: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML

# make.py FOLDER SUB SEED ROWS: files with a running number in each record, and SUB.json: for each number who it names, in one form
cat >"$work/make.py" <<'PY'
import json, os, random, sys
top, sub, seed, rows = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
rng, named, n = random.Random(seed), {}, 0
people = [f"{i:07d}" for i in (7, 12, 123, 1230, 4567, 23456, 345678, 1234567)] + [f"{i}" for i in range(2000000, 2000200)]
mails = ["ann@mail.nl", "jan@mail.nl", "x.y@mail.nl"]
def one(key): return key.zfill(7)
def spelled(key):
    short = key.lstrip("0")
    return rng.choice([key, short, short, "0" + short if len(short) < 7 else short])
def number(*keys):
    global n
    n += 1
    named[f"#{seed}{n}"] = sorted({one(k) for k in keys if k})
    return f"#{seed}{n}"
def who(): return rng.choice(people)
d = os.path.join(top, sub)
for f in "docs", "own", "xml", "mail": os.makedirs(os.path.join(d, f))
if not os.path.exists(top + "/patients.csv"):
    with open(top + "/patients.csv", "w") as f:
        f.write("id,mother,n\n")
        for i, p in enumerate(people + mails):
            m = spelled(who()) if i % 50 == 3 else ""
            f.write(f"{p},{m},{number(p, m)}\n")
with open(d + "/visits.csv", "w") as f:
    f.write("a,b,n,c\n")
    for i in range(rows):
        a, b = who() if i % 3 else "", who() if i % 7 else ""
        f.write(f"{spelled(a) if a else ''},{spelled(b) if b else ''},{number(a, b)},{i % 10}\n")
with open(d + "/lines.txt", "w") as f:
    for i in range(300):
        a = who()
        f.write(f"{spelled(a):>12}{number(a):<12}\n" if i % 2 else f"{spelled(a):<12}{number(a):<12}\n")
with open(d + "/records.jsonl", "w") as f:
    for i in range(300):
        w, h = [who() for _ in range(i % 4)], who()
        f.write(json.dumps({"n": number(*w, h), "who": [spelled(x) for x in w], "h": spelled(h)}) + "\n")
with open(d + "/parts.jsonl", "w") as f:
    for i in range(300):
        a, b = who(), who()
        f.write(json.dumps({"n": number(a, b), "id": spelled(a), "partner": spelled(b)}) + "\n")
for i in range(20):
    w = [who() for _ in range(5)]
    e = [{"s": "Patient/" + spelled(x)} for x in w] + [{"s": "Encounter/" + people[i % 8]}]
    json.dump({"n": number(*w), "e": e}, open(f"{d}/docs/{i}.json", "w"))
    a = who()
    json.dump({"n": number(a), "s": "Patient/" + spelled(a), "d": "Practitioner/" + people[i % 8]}, open(f"{d}/own/{i}.json", "w"))
    w = [who() for _ in range(5)]
    open(f"{d}/xml/{i}.xml", "w").write("<d><n>" + number(*w) + "</n>" + "".join(f'<p id="{spelled(x)}"/>' for x in w) + "</d>")
    a, b = mails[i % 3], mails[i * 7 % 3 - 1]
    named[f"#{seed}m{i}"] = sorted({one(a), one(b)})
    open(f"{d}/mail/{i}.eml", "w").write(f"From: {a.upper()}\nTo: iemand@elders.nl, A <{b}>\n\nNummer #{seed}m{i}\n")
json.dump(named, open(f"{top}.{sub}.json", "w"))
PY
# count.py OUT LIST NAMED...: the numbers in what left, of each set, against those of records that name nobody of the list
cat >"$work/count.py" <<'PY'
import glob, json, re, sys
out, listed, named = sys.argv[1], {k.strip().zfill(7) for k in open(sys.argv[2]) if k.strip()}, {}
for f in sys.argv[3:]: named |= json.load(open(f))
left = []
for f in glob.glob(out + "/*/*"): left += re.findall(r"#\d+m?\d*", open(f, encoding="utf-8").read())
want = sorted(k for k, who in named.items() if not listed & set(who))
if len(set(left)) != len(left): sys.exit("something left twice")
if sorted(left) != want: sys.exit(f"too much: {sorted(set(left) - set(want))[:5]}, too little: {sorted(set(want) - set(left))[:5]}")
print(len(left), len(named) - len(want))
PY
# pseudonyms.py OUT: of each member by its words: how often each word of 26 stands in it; as a set of lines WORD COUNT
cat >"$work/words.py" <<'PY'
import collections, glob, re, sys
c = collections.Counter()
for f in glob.glob(sys.argv[1] + "/*/*"): c.update(re.findall(r"(?<!Encounter/)(?<!Practitioner/)\b[a-z2-7]{26}\b", open(f, encoding="utf-8").read()))
for w in sorted(c): print(w, c[w])
PY
# opened VERSION FOLDER: what a node gets of each set
opened() {
	accept "$1" || return 1
	for set in abroad domestic; do
		rm -f "$work/job.key" "$work/job.pub"
		stager-node keygen --out "$work/job.key" --pub "$work/job.pub" &&
			stager request new "$1" --site lumi --set $set --job-key "$work/job.pub" --requester ria@uni.example --out "$work/request" || return 1
		for person in anna boris; do
			stager-sign --yes --key "$work/$person.key" "$work/request" >"$work/approval" && stager approve "$work/approval" || return 1
		done
		stager-node cat --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request "$work/request" \
			--job-key "$work/job.key" --from "$STAGER_HOUSE/vault" >"$2.tar" && mkdir -p "$2.$set" && tar -xif "$2.tar" -C "$2.$set" || return 1
	done
}
report() { stager report "$1" --json >"$work/report" && json "$work/report" "$2"; }
# push FOLDER NAME POLICY LIST [--append]: $version
push() {
	from=$1 name=$2 policy=$3 list=$4
	shift 4
	stager push "$from" --name "$name" --policy "$work/$policy.yaml" --exclude optout="$list" "$@" >"$work/pushed" || return 1
	version=$(tail -n 1 "$work/pushed")
}
# counted FOLDER NAMED...: $numbers is how many records there are, and how many are not
counted() {
	from=$1
	shift
	numbers=$(/usr/bin/python3 "$work/count.py" "$from.abroad" "$@" 2>&1)
	case $numbers in *[!0-9\ ]* | "") echo "$numbers" && return 1 ;; esac
}
# Rows of the large table, whose parts alone are so long
visits() { find "$1/x" -name '*.csv' -size +100k -exec cat {} + | grep -vc '^a,'; }

ok "a house" make_house "$work/house"
sed 's/{do: pseudonym, set: domestic}/pseudonym/' "$work/parted.yaml" >"$work/joined.yaml"
/usr/bin/python3 "$work/make.py" "$work/data" a 1 210000 || exit 1
: >"$work/nobody"
printf '123\n 0000007\n2000017\nann@mail.nl\n' >"$work/list"
for policy in parted joined; do
	ok "$policy: everybody is pushed" push "$work/data" $policy $policy "$work/nobody"
	ok "$policy: and opened" opened "$version" "$work/all"
	ok "$policy: every record is there" counted "$work/all" "$work/nobody" "$work/data.a.json"
	same "$policy: and none is missing" "${numbers#* }" 0
	ok "$policy: the same without those of a list" push "$work/data" $policy-some $policy "$work/list"
	rm -rf "$work"/some.*
	ok "$policy: and opened" opened "$version" "$work/some"
	ok "$policy: what is left names nobody of the list, and all else is there" counted "$work/some" "$work/list" "$work/data.a.json"
	echo "     $numbers gone"
	same "$policy: each is counted as excluded, none as held" \
		"$(report "$version" '[j["report"]["subjects"]["excluded"], j["report"]["files"]["held"], j["report"]["records"]["held"]]')" "[${numbers#* }, 0, 0]"
	same "$policy: both sets leave out the same rows" "$(visits "$work/some.abroad")" "$(visits "$work/some.domestic")"
	rm -rf "$work"/all.*
done
expect_status 3 "who is named in one of two sets alone cannot be taken out of the other" stager withdraw parted --subjects "$work/list" --yes
grep -q 'rule 2 (\*/visits.csv).*sets alone' "$work/err" || fail "it does not say so" "$work/err"
# The same people, out of what is sealed.
expect_status 6 "what a withdrawal would take is shown" stager withdraw joined --subjects "$work/list"
stager withdraw joined --subjects "$work/list" --yes --json >"$work/out" 2>"$work/err"
case $? in 0 | 6) pass "they are withdrawn from the version that has all" ;; *) fail "withdraw" "$work/err" ;; esac
ok "the new version is opened" opened "$(json "$work/out" 'j["version-id"]')" "$work/without"
left=$numbers
ok "what is left names none of them, and all else is there" counted "$work/without" "$work/list" "$work/data.a.json"
same "as a push with the list makes it" "$numbers" "$left"
for set in abroad domestic; do
	for which in some without; do /usr/bin/python3 "$work/words.py" "$work/$which.$set" >"$work/$which.words"; done
	if [ -s "$work/some.words" ] && cmp -s "$work/some.words" "$work/without.words"; then pass "$set: pseudonym by pseudonym"; else fail "$set: other pseudonyms are left"; fi
done
# What comes later, where the subject table has forgotten them: added, and as a whole.
/usr/bin/python3 "$work/make.py" "$work/data" b 2 300 || exit 1
sed -i -e '/^0000123,/d' -e '/^0000007,/d' "$work/data/patients.csv"
ok "what came since is added" push "$work/data" joined joined "$work/nobody" --append
ok "it is opened" opened "$version" "$work/added"
ok "nothing that was added names them, and all else is there" counted "$work/added" "$work/list" "$work/data.a.json" "$work/data.b.json"
left=$numbers
echo >>"$work/data/b/lines.txt"
ok "all is pushed again" push "$work/data" joined joined "$work/nobody"
ok "it is opened" opened "$version" "$work/again"
ok "nothing of it names them, and all else is there" counted "$work/again" "$work/list" "$work/data.a.json" "$work/data.b.json"
same "as much" "$numbers" "$left"
finish
