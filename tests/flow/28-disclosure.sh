#!/bin/sh
# Goal: nobody stands alone by what the attributes show. Who would is widened, then blanked, the same in table and letters, up to
# the policy's share; past it the version is HELD; and no count of the report is smaller than the policy says.
set -u
. "$STAGER_TESTS/flow/lib.sh"

# policy DISCLOSURE
policy() {
	cat <<YAML
policy: 1
name: alone
project: flow
pseudonym: {domain: research, key: 1}
subject:
  from: patients.csv
  key: {column: nr, pattern: '[0-9]{1,7}', pad: 7}
  exclude: optout
  attributes:
    pc: {from: postcode, prefix: 4, wider: [2]}
    sex: {from: geslacht, map: {M: M, V: F}, other: blank}
files:
  - match: patients.csv
    format: csv
    csv: {delimiter: ';'}
    columns: {nr: pseudonym, postcode: {attribute: pc}, geslacht: {attribute: sex}, icd10: {keep: code, pattern: '[A-Z][0-9]{2}'}}
  - match: letters.jsonl
    format: jsonl
    subject: \$.nr
    fields: {\$.nr: pseudonym, \$.wijk: {attribute: pc}, \$.mv: {attribute: sex}}
disclosure: {$1}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
}
report() { stager report "$1" --json >"$work/report" && json "$work/report" "$2"; }
push() { stager push "$work/data" --name "$1" --policy "$work/$1.yaml" --exclude optout="$work/optout.txt"; }

# 1000 people: postcodes of whom some are rare, and 20 who want out
mkdir "$work/data"
/usr/bin/python3 - "$work" <<'PY'
import json, random, sys
rng = random.Random(28)
table, letters = ["nr;postcode;geslacht;icd10"], []
for i in range(1000):
    area = rng.choice(["10", "10", "10", "35", "35", "97"])
    pc = area + "%02d" % int(30 * rng.random() ** 2)
    table.append("%d;%s AB;%s;%s" % (i, pc, rng.choice("MV"), rng.choice(["A01", "B02", "C03"])))
    letters.append(json.dumps({"nr": "%07d" % i, "wijk": "x", "mv": "y"}))
open(sys.argv[1] + "/data/patients.csv", "w").write("\n".join(table) + "\n")
open(sys.argv[1] + "/data/letters.jsonl", "w").write("\n".join(letters) + "\n")
open(sys.argv[1] + "/optout.txt", "w").write("nr\n" + "\n".join(str(i) for i in range(0, 1000, 50)) + "\n")
PY
cat >"$work/look.py" <<'PY'
# look.py FOLDER K L: what is shown, held against k and l without any knowledge of the rule
import collections, csv, json, os, sys
table, letters = {}, {}
for folder, _, files in os.walk(sys.argv[1]):
    for f in files:
        path = os.path.join(folder, f)
        if f.endswith(".csv"):
            for row in csv.DictReader(open(path), delimiter=";"):
                table[row["nr"]] = row
        elif f.endswith(".json"):
            j = json.load(open(path))
            letters[j["nr"]] = j
groups = collections.defaultdict(list)
for row in table.values():
    groups[row["postcode"], row["geslacht"]].append(row["icd10"])
if len(table) != 980 or set(table) != set(letters): sys.exit("not the same people: %d, %d" % (len(table), len(letters)))
for who, row in table.items():
    if (letters[who]["wijk"], letters[who]["mv"]) != (row["postcode"], row["geslacht"]): sys.exit("a letter shows other than the table")
for members in groups.values():
    if len(members) < int(sys.argv[2]) or len(set(members)) < int(sys.argv[3]): sys.exit("a group that is too small or too uniform")
lengths = collections.Counter(len(pc) for pc, _ in groups)
print(lengths[4] > 5, lengths[2] > 1, sum(len(m) for (pc, sex), m in groups.items() if pc == sex == ""))
PY

ok "a house" make_house "$work/house"
policy "quasi: [pc, sex], k: 10, l: {icd10: 2}, below: {widen: pc, then: blank, max: 5%}" >"$work/a.yaml"
ok "the policy is read" stager policy check "$work/a.yaml"
ok "it is pushed" push a
first=$(tail -n 1 "$work/out")
same "all subjects count but those who want out" "$(report "$first" 'j["report"]["disclosure"]["subjects"], j["report"]["disclosure"]["held"]')" "(980, 0)"
same "no count is smaller than k" "$(report "$first" 'all(n == 0 or n >= 10 for k, n in j["report"]["disclosure"].items() if k not in ("held", "classes")) and j["report"]["quasi"]["1-smallest"] >= 10')" True
same "some were widened, and all that was is shown" "$(report "$first" 'j["report"]["disclosure"]["below"] >= j["report"]["disclosure"]["widened"] >= 10')" True
accept "$first" >/dev/null 2>&1
stager-node keygen --out "$work/job.key" --pub "$work/job.pub" >/dev/null && stager request new "$first" --site lumi --job-key "$work/job.pub" \
	--requester ria@uni.example --out "$work/request" >/dev/null || fail "a request"
for person in anna boris; do
	stager-sign --yes --key "$work/$person.key" "$work/request" >"$work/$person.approval" 2>/dev/null && stager approve "$work/$person.approval" >/dev/null 2>&1
done
stager-node cat --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request "$work/request" --job-key "$work/job.key" \
	--from "$STAGER_HOUSE/vault" 2>/dev/null >"$work/a.tar" && mkdir "$work/a" && tar -xif "$work/a.tar" -C "$work/a"
look=$(/usr/bin/python3 "$work/look.py" "$work/a" 10 2 2>&1)
case $look in
"True True "*) pass "every group that is shown is large and various enough, common postcodes at four digits, rare ones at two ($look blanked)" ;;
*) printf '%s\n' "$look" >"$work/err" && fail "what is shown" "$work/err" ;;
esac
same "pushed again it is the same version" "$(push a 2>/dev/null | tail -n 1)" "$first"

# --- what reports tell: multiples of min_cell, everywhere, and no part from a total
ok "the report as a page and a document" stager report "$first" --html "$work/a.html" --out "$work/a.json"
ok "and as a table" stager report "$first"
same "the table says how it counts" "$(grep -c 'in multiples of 10' "$work/out")" 1
same "the page, in both languages" "$(grep -c -e 'afgerond op een veelvoud van 10' -e 'rounded to a multiple of 10' "$work/a.html")" 2
cat >"$work/told.py" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))["report"]
def flat(j): return [n for v in j.values() for n in (flat(v) if isinstance(v, dict) else [v])]
about = ("records", "actions", "found", "subjects")
for name in about:
    if any(n % 10 for n in r[name].values()): sys.exit(name)
for parts in ("rules", "by-file"):
    for p in r[parts].values():
        if any(n % 10 or not n for name in about for n in p.get(name, {}).values()): sys.exit(parts)
if any(v["count"] % 10 for k, v in r["held"].items() if k.startswith("record:")): sys.exit("held")
d = r.get("previous", {}).get("difference", {})
if any(n % 10 for name in about + ("rules",) for n in d.get(name, {}).values()): sys.exit("difference")
if r["told"] != {"least": 10}: sys.exit("told")
print(len(d.get("found", {})) + len(d.get("records", {})) + len(d.get("rules", {})) > 0)
PY
same "every count about people is a multiple of 10" "$(/usr/bin/python3 "$work/told.py" "$work/a.json")" False
sed -i '$d' "$work/data/letters.jsonl"
ok "one letter less" push a
ok "its report" stager report "$(tail -n 1 "$work/out")" --out "$work/less.json"
same "no difference is told more closely" "$(/usr/bin/python3 "$work/told.py" "$work/less.json")" True
same "in the ledger it is exact, and so is what decides" "$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT json_extract(CAST(report AS TEXT), '\$.previous.difference.records.passed') FROM version ORDER BY at DESC LIMIT 1")" -1
ok "a dry run" stager push "$work/data" --name a --policy "$work/a.yaml" --exclude optout="$work/optout.txt" --dry-run --json
cp "$work/out" "$work/dry.json"
same "tells no more" "$(/usr/bin/python3 "$work/told.py" "$work/dry.json")" False
ok "it proves" stager verify

policy "quasi: [pc, sex], k: 10" >"$work/b.yaml"
expect_status 6 "where nothing may be blanked the version is HELD" push b
policy "quasi: [pc, sex], k: 2000, below: {widen: pc, max: 100%}" >"$work/c.yaml"
expect_status 6 "and where there are not as many people" push c
same "which the report says" "$(report "$(tail -n 1 "$work/out")" 'j["report"]["disclosure"]["held"], j["report"]["disclosure"]["classes"]')" "(1, 0)"
same "whether, and not how many" "$(stager report "$(tail -n 1 "$work/out")" | grep -Ec ' held +yes( |$)')" 1
same "and where nothing is, that" "$(stager report "$first" | grep -Ec ' held +no( |$)')" 1
policy "quasi: [pc, sex], k: 10, unit: record" >"$work/d.yaml"
expect_status 3 "records are no units where there are subjects" stager policy check "$work/d.yaml"

# Sex stays in the country: what each set shows is counted, and what holds for both together holds for each.
policy "quasi: [pc, sex], k: 10, l: {icd10: 2}, below: {widen: pc, then: blank, max: 2%}" | sed -e 's/{attribute: sex}/{attribute: sex, set: domestic}/g' \
	-e 's/^sets:/sets:\n  domestic: {hold: [NL], open: [snellius]}/' >"$work/e.yaml"
ok "two sets" push e
part=$(tail -n 1 "$work/out")
cat >"$work/sets.py" <<'PY'
d = j["report"]["disclosure"]
print(d["set-1-smallest"] >= d["smallest"] >= 10, d["set-2-smallest"] >= 10, d["set-1-classes"] < d["classes"], d["set-2-classes"], d["held"])
PY
stager report "$part" --json >"$work/report"
same "each set's classes are k, and fewer than those of both" "$(/usr/bin/python3 -c 'import json, sys
with open(sys.argv[1]) as f: j = json.load(f)
exec(open(sys.argv[2]).read())' "$work/report" "$work/sets.py")" "True True True 2 0"
sed -e 's/, below: {[^}]*}//' "$work/e.yaml" >"$work/f.yaml"
expect_status 6 "where it is HELD for that" push f
stager report "$(tail -n 1 "$work/out")" --json >"$work/report"
same "each set is told all the same, for whoever must decide" "$(json "$work/report" '[j["report"]["disclosure"]["held"], sorted(k for k in j["report"]["disclosure"] if k.startswith("set-"))]')" \
	"[1, ['set-1-classes', 'set-1-smallest', 'set-2-classes', 'set-2-smallest']]"
finish
