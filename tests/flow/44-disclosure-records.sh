#!/bin/sh
# Goal: a table without persons' keys, in which nobody stands alone: each record is a unit of disclosure control, wherever its files stand, and
# a count that knows nothing of the rules finds k and l in all that leaves; what cannot be counted is refused.
set -u
. "$STAGER_TESTS/flow/lib.sh"

# policy RULE DISCLOSURE
policy() {
	cat <<YAML
policy: 1
name: survey
project: flow
pseudonym: {domain: research, key: 1}
files:
$1
disclosure: {unit: record, $2}
accept: {files: 1, records: 90%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
}
table="  - match: 'survey/**'
    format: csv
    csv: {missing: ['99']}
    columns:
      age: {round: 5, top: 90, range: [0, 120]}
      postcode: {first: 4, pattern: '[0-9]{4} ?[A-Z]{2}'}
      sex: {keep: enum, values: [m, v, x]}
      education: {hierarchy: education.csv, level: 1}
      income: {round: 5000, top: 100000}
      remark: text"
rules="quasi: [age, postcode, sex, education], k: 5, l: {income: 2}, below: {widen: {postcode: [3, 2, 1], education: [2], age: [10, 20]}, then: blank, max: 20%}, min_cell: 1"
lines="  - match: people.jsonl
    format: jsonl
    sample: file
    fields: {\$.who.age: {keep: number, range: [0, 120]}, \$.who.pc: {keep: code, pattern: '[0-9]{4}'}, \$.sex: {keep: enum, values: [m, v]}, \$.answer: {keep: enum, values: [a, b, c]}}"
report() { stager report "$1" --json >"$work/report" && json "$work/report" "$2"; }
push() { folder=$1 name=$2 && shift 2 && stager push "$work/$folder" --name "$name" --policy "$work/$name.yaml" "$@"; }
# what leaves of a version, opened as a node would
release() {
	accept "$1" >/dev/null 2>&1
	stager request new "$1" --site lumi --job-key "$work/job.pub" --requester ria@uni.example --out "$work/request" >/dev/null 2>&1
	for person in anna boris; do
		stager-sign --yes --key "$work/$person.key" "$work/request" >"$work/approval" 2>/dev/null && stager approve "$work/approval" >/dev/null 2>&1
	done
	mkdir -p "$work/$2"
	stager-node cat --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request "$work/request" --job-key "$work/job.key" \
		--from "$STAGER_HOUSE/vault" 2>/dev/null >"$work/tar" && tar -xif "$work/tar" -C "$work/$2"
}
# make.py FOLDER SEED: 6000 records in files of every sort, some of which are held
cat >"$work/make.py" <<'PY'
import csv, gzip, io, json, os, random, sys, zipfile
folder, rng = sys.argv[1], random.Random(int(sys.argv[2]))
os.makedirs(folder + "/survey")
def record():
    area = rng.choice(["10", "10", "10", "35", "35", "97"])
    age = 99 if rng.random() < 0.02 else min(119, int(18 + rng.expovariate(1 / 25)))
    row = [age, area + "%02d" % int(12 * rng.random() ** 3) + rng.choice(["", " "]) + "AB", rng.choice("mmmvvvx"),
           rng.choice(["vmbo", "mavo", "havo", "vwo", "hbo", "wo"]), int(rng.lognormvariate(10, 0.6)), rng.choice(["", "niets", "Mijn buurman Jan de Vries, 06-12345678"])]
    wrong = rng.random()
    if wrong < 0.01: row[2] = "man"
    elif wrong < 0.02: row[1] = "1012"
    elif wrong < 0.03: row.append("more")
    elif wrong < 0.04: row[3] = "ulo"
    elif wrong < 0.05: row[4] = "veel"
    return row
def table(n):
    out = io.StringIO()
    w = csv.writer(out)
    w.writerow(["age", "postcode", "sex", "education", "income", "remark"])
    w.writerows(record() for _ in range(n))
    return out.getvalue()
open(folder + "/survey/a.csv", "w").write(table(1500))
gzip.open(folder + "/survey/b.csv.gz", "wt").write(table(1500))
open(folder + "/survey/c.csv", "w", encoding="utf-16").write(table(1500))
with zipfile.ZipFile(folder + "/survey/d.zip", "w", zipfile.ZIP_DEFLATED) as z: z.writestr("x/d.csv", table(1500))
open(folder + "/survey/no.csv", "w").write("another,header\n1,2\n")
PY
printf 'vmbo;low;any\nmavo;low;any\nhavo;middle;any\nvwo;middle;any\nhbo;high;any\nwo;high;any\n' >"$work/education.csv"
# look.py FOLDER K L: what left, held against k and l without any knowledge of the rules
cat >"$work/look.py" <<'PY'
import collections, csv, json, os, sys
groups, records, blank, lengths = collections.defaultdict(list), 0, 0, collections.Counter()
for folder, _, files in os.walk(sys.argv[1]):
    for f in files:
        raw = open(os.path.join(folder, f), "rb").read()
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
        if f.endswith(".csv"):
            for row in csv.DictReader(text.splitlines()):
                groups[row["age"], row["postcode"], row["sex"], row["education"]].append(row["income"])
        else:
            for line in text.splitlines():
                j = json.loads(line)
                groups[j["who"]["age"], j["who"]["pc"], j["sex"]].append(j["answer"])
for shown, members in groups.items():
    records += len(members)
    if len(members) < int(sys.argv[2]) or len({m for m in members if m not in ("", "99", None)}) < int(sys.argv[3]): sys.exit("a group that is too small or too uniform: %d" % len(members))
    if not any(shown): blank += len(members)
    else: lengths[len(shown[1] or "")] += len(members)
print(records, len(groups), blank, min(map(len, groups.values())), sorted(lengths))
PY

ok "a house" make_house "$work/house"
stager-node keygen --out "$work/job.key" --pub "$work/job.pub" >/dev/null
for seed in 1 2 3; do
	/usr/bin/python3 "$work/make.py" "$work/s$seed" $seed
	policy "$table" "$rules" >"$work/s$seed.yaml"
	ok "seed $seed: it is pushed" push "s$seed" "s$seed"
	id=$(tail -n 1 "$work/out")
	release "$id" "out$seed"
	look=$(/usr/bin/python3 "$work/look.py" "$work/out$seed" 5 2 2>&1)
	stager report "$id" --json >"$work/report"
	told=$(json "$work/report" '"%d %d %d" % (j["report"]["disclosure"]["records"], j["report"]["disclosure"]["blanked"], j["report"]["disclosure"]["smallest"])')
	same "seed $seed: what left is what was counted ($look)" "$(echo "$look" | awk '{print $1, $3, $4}')" "$told"
	same "seed $seed: and what passed" "$(json "$work/report" 'j["report"]["records"]["passed"] == j["report"]["disclosure"]["records"], j["report"]["records"]["held"] > 100, j["report"]["files"]["held"]')" "(True, True, 1)"
done

# --- what is told of it
ok "a dry run" stager push "$work/s1" --name s1 --policy "$work/s1.yaml" --dry-run --json
cp "$work/out" "$work/dry.json"
id=$(push s1 s1 2>/dev/null | tail -n 1)
same "counts the same" "$(json "$work/dry.json" 'j["report"]["disclosure"]')" "$(report "$id" 'j["report"]["disclosure"]')"
ok "a table" stager report "$id"
same "which says what was counted" "$(grep -c 'Disclosure control, in records' "$work/out")" 1
ok "a page" stager report "$id" --html "$work/page.html"
same "in both languages" "$(grep -c -e 'records met de zeldzaamste' -e 'records with the rarest' "$work/page.html")" 2
same "each column has a k of its own" "$(report "$id" '[j["report"]["quasi"][n] >= 5 for n in ("1-smallest", "2-smallest", "3-smallest", "4-smallest")], "5-values" in j["report"]["quasi"]')" "([True, True, True, True], False)"
ok "it proves" stager verify

# --- records of JSON, sealed for the house; and the same bytes from two processors and from one
mkdir "$work/lines" "$work/lines1"
cat >"$work/lines.py" <<'PY'
import json, random, sys
rng = random.Random(44)
with open(sys.argv[1], "w") as f:
    for i in range(90000):
        r = {"who": {"age": int(rng.expovariate(1 / 30)), "pc": "%d%02d" % (rng.choice([10, 10, 35, 97]), 99 * rng.random() ** 4)}, "sex": rng.choice("mv"), "answer": rng.choice("abc")}
        if rng.random() < 0.01: del r["who"]["pc"]
        if rng.random() < 0.01: r["sex"] = None
        f.write(json.dumps(r) + "\n")
PY
/usr/bin/python3 "$work/lines.py" "$work/plain.jsonl"
ok "sealed for the house" sh -c 'stager ingest-key >"$1/ingest.pub" && stager-crypt4gh encrypt --recipient_pk "$1/ingest.pub" <"$1/plain.jsonl" >"$1/lines/people.jsonl.c4gh"' - "$work"
policy "$lines" "quasi: [\$.who.age, \$.who.pc, \$.sex], k: 8, l: {\$.answer: 2}, below: {widen: {\$.who.age: [5, 10, 20], \$.who.pc: [3, 2]}, max: 20%}, min_cell: 1" >"$work/lines.yaml"
ok "records of JSON" push lines lines
id=$(tail -n 1 "$work/out")
release "$id" outl
look=$(/usr/bin/python3 "$work/look.py" "$work/outl" 8 2 2>&1)
same "what left is what was counted ($look)" "$(echo "$look" | awk '{print $1, $3, $4}')" \
	"$(report "$id" '"%d %d %d" % (j["report"]["records"]["passed"], j["report"]["disclosure"]["blanked"], j["report"]["disclosure"]["smallest"])')"
same "records without such a field are held" "$(report "$id" 'j["report"]["held"]["record:quasi-missing"]["count"] > 500')" True
cp "$work/plain.jsonl" "$work/lines1/people.jsonl"
cp "$work/lines.yaml" "$work/lines1.yaml"
ok "on one processor" taskset -c 0 stager push "$work/lines1" --name lines1 --policy "$work/lines1.yaml"
release "$(tail -n 1 "$work/out")" outl1
same "the same bytes leave" "$(cd "$work/outl1" && find . -type f -exec sha256sum {} + | sort)" "$(cd "$work/outl" && find . -type f -exec sha256sum {} + | sort)"

# --- records that are added to a version count among themselves
/usr/bin/python3 "$work/make.py" "$work/more" 4
cp "$work/more/survey/a.csv" "$work/s1/survey/later.csv"
ok "records are added" push s1 s1 --append
release "$(tail -n 1 "$work/out")" out4
look=$(/usr/bin/python3 "$work/look.py" "$work/out4" 5 2 2>&1)
case $look in
7[0-9][0-9][0-9]" "*) pass "k and l hold of old and new together ($look)" ;;
*) printf '%s\n' "$look" >"$work/look" && fail "k and l of old and new" "$work/look" ;;
esac

# --- what does not leave
policy "$table" "quasi: [age, postcode, sex, education], k: 5, below: {max: 1%}" >"$work/tight.yaml"
cp -r "$work/s1" "$work/tight"
expect_status 6 "more would be blank than the policy allows: HELD" push tight tight
id=$(tail -n 1 "$work/out")
same "and what is shown is told all the same" "$(report "$id" 'j["report"]["disclosure"]["held"], all(j["report"]["quasi"][n] >= 5 for n in ("1-smallest", "2-smallest", "3-smallest", "4-smallest"))')" "(1, True)"
same "and the reason, which is not that records were held back" "$(stager report "$id" | grep -c '^HELD: more stand alone, or were blanked, than the policy accepts')" 1
stager report "$id" --html "$work/held.html" && grep -q 'By what is shown of them more stand alone' "$work/held.html" && grep -q 'Door wat van hen wordt getoond' "$work/held.html" &&
	! grep -q 'More was held back than' "$work/held.html" && pass "and the page says it in both languages" || fail "the page" "$work/held.html"
mkdir -p "$work/torn/survey"
{ head -n 900 "$work/s1/survey/a.csv" && echo '34,"1011AB,m,wo,1,' && tail -n 100 "$work/s1/survey/a.csv" | tr -d '"'; } >"$work/torn/survey/a.csv"
policy "$table" "$rules" >"$work/torn.yaml"
expect_status 3 "a file that breaks off in its middle is refused" push torn torn
same "by its number and why" "$(grep -c 'file 1: held (quote-open) after some of its records' "$work/err")" 1

# --- one value in several spellings is one; a text that is held is held in both passes
codes="  - {match: '*.csv', format: csv, columns: {age: {keep: number}, dx: {keep: code, pattern: '[A-Za-z ]{1,9}'}}}
  - {match: notes.jsonl, format: drop}"
policy "$codes" "from: '*.csv', quasi: [age], k: 3, l: {dx: 2}, below: {max: 100%}, min_cell: 1" >"$work/spelled.yaml"
mkdir "$work/spelled" "$work/nul"
printf 'age,dx\n5,HIV\n5,hiv\n5,"HIV "\n' >"$work/spelled/a.csv"
expect_status 6 "three spellings of one value are no three values: HELD" push spelled spelled
printf '5,flu\n' >>"$work/spelled/a.csv"
ok "with another one they are two" push spelled spelled
policy "  - {match: '*.jsonl', format: jsonl, fields: {\$.age: {keep: number}, \$.note: text}}" "quasi: [\$.age], k: 3, below: {max: 100%}, min_cell: 1" >"$work/nul.yaml"
{ for i in 1 2 3; do echo "{\"age\":5,\"note\":\"$i\"}"; done && printf '%s\n' '{"age":5,"note":"a\u0000b"}'; } >"$work/nul/a.jsonl"
ok "a text with a zero byte" push nul nul
same "is held, and counts for nobody" "$(report "$(tail -n 1 "$work/out")" 'j["report"]["held"]["record:nul-byte"]["count"], j["report"]["disclosure"]["records"]')" "(1, 3)"
policy "$table" "quasi: [age, income], k: 5, l: {remark: 2}" >"$work/wrong.yaml"
expect_status 3 "free text is nothing that could be alike" stager policy check "$work/wrong.yaml"
same "the line and the column are named" "$(grep -c 'line 16: .remark. is under .text.' "$work/err")" 1

# --- what a change of it lets out
sed -e 's/k: 5/k: 3/' "$work/s1.yaml" >"$work/lower.yaml"
expect_status 6 "a lower k wants a person" stager policy diff "$work/s1.yaml" "$work/lower.yaml"
same "and is named" "$(grep -c 'the smallest group that looks alike: 3, no longer 5' "$work/out")" 1
sed -e 's/, sex, education\], k/, sex], k/' -e 's/education: \[2\], //' "$work/s1.yaml" >"$work/fewer.yaml"
expect_status 6 "a column that counts no longer" stager policy diff "$work/s1.yaml" "$work/fewer.yaml"
same "is named, too" "$(grep -c 'no longer counts for who looks alike: "education"' "$work/out")" 1
finish
