#!/bin/sh
# Goal: FHIR by the shipped policy, a bulk export, Bundles of one person and Bundles of many: nothing of the people or their doctors is left,
# and references still lead where they led: one patient is one pseudonym in the table, in each resource and in each Bundle, and one's
# dates move alike in all of them. A Bundle of several people, or of nobody, where one person's is wanted is held. Under the same policy one
# person is withdrawn, and then everybody: no pseudonym of theirs is left, also not in the Bundles of many, which go whole; what comes later stays out.
set -u
. "$STAGER_TESTS/flow/lib.sh"

ok "a house" make_house "$work/house"
/usr/bin/python3 "$STAGER_TESTS/formats_make.py" fhir "$work/data" 30 || exit 1
ok "the export is pushed" stager push "$work/data" --name fhir --policy "$top/deploy/policies/fhir.yaml"
first=$(tail -n 1 "$work/out")
stager report "$first" --json >"$work/report"
same "all passes" "$(json "$work/report" '[j["report"]["files"]["passed"], j["report"]["records"]]')" \
	"[42, {'held': 0, 'passed': 216, 'seen': 216}]"
same "whose they are" "$(json "$work/report" 'j["report"]["subjects"]')" "{'linked': 210, 'unlinked': 6}"
ok "it is opened" release "$first" "$work/out.tar"
mkdir "$work/out.d" && tar -xif "$work/out.tar" -C "$work/out.d"
cat >"$work/look.py" <<'PY'
import csv, glob, json, os, sys
out, data = sys.argv[1:]
gone, kept = (json.load(open(f"{data}.{what}.json")) for what in ("gone", "kept"))
rows = {r["patientnr"]: r for f in glob.glob(out + "/x/*.csv") for r in csv.DictReader(open(f, encoding="utf-8"), delimiter=";")}
singles, own, bundled, everything = {}, {}, {}, ""
for f in glob.glob(out + "/*/*.json"):
    text = open(f, encoding="utf-8").read()
    everything += json.dumps(json.loads(text), ensure_ascii=False) + text
    j, who = json.loads(text), os.path.basename(os.path.dirname(f))
    if j["resourceType"] == "Bundle" and who != "x":
        if who not in rows: sys.exit("a Bundle of somebody who is not in the table")
        for entry in j["entry"]:
            r = entry["resource"]
            own[r["resourceType"], r["id"]] = r
            if (r["id"] if r["resourceType"] == "Patient" else r["subject"]["reference"].split("/")[1]) != who: sys.exit("under another subject")
    elif j["resourceType"] == "Bundle":
        for entry in j["entry"]: bundled[entry["resource"]["resourceType"], entry["resource"]["id"]] = entry["resource"]
    else:
        if who not in rows: sys.exit("a resource of somebody who is not in the table")
        singles[j["resourceType"], j["id"]] = j
        if (j["id"] if j["resourceType"] == "Patient" else j["subject"]["reference"].split("/")[1]) != who: sys.exit("under another subject")
if len(singles) != 150 or len(bundled) != 120 or set(bundled) - set(singles): sys.exit(f"{len(singles)} and {len(bundled)} resources")
if set(own) != set(bundled): sys.exit(f"{len(own)} resources in Bundles of one")
for key, r in own.items():
    for what in "effectiveDateTime", "onsetDateTime", "period", "note":
        if r.get(what) != (singles[key].get(what) if what != "note" or "note" not in r else [{"text": n["text"]} for n in singles[key]["note"]]):
            sys.exit(f"{key[0]}: {what} is not the same in its Bundle")
for resources in singles, own, bundled:
    for (kind, _), j in resources.items():
        for what in "subject", "encounter":
            if what in j and tuple(j[what]["reference"].split("/")) not in resources: sys.exit("a reference leads nowhere")
        if kind == "Patient" and (j["birthDate"], j["gender"]) != (rows[j["id"]]["geboortedatum"], rows[j["id"]]["geslacht"]):
            sys.exit("other than in the table")
for (kind, _), j in singles.items():
    if kind == "Observation":
        encounter = singles[tuple(j["encounter"]["reference"].split("/"))]
        day = j["effectiveDateTime"]
        if encounter["period"]["start"] != day or f"{day[8:10]}-{day[5:7]}-{day[:4]}" not in j["note"][0]["text"]:
            sys.exit("one day is not moved alike everywhere")
left, lost = [g for g in gone if g in everything], [k for k in kept if k not in everything]
if left or lost: sys.exit(f"left: {left[:5]}, lost: {lost}")
PY
ok "nothing of the people is left, and all leads where it led" /usr/bin/python3 "$work/look.py" "$work/out.d" "$work/data"
# A Bundle of two people where one person's is wanted, one of nobody, one of somebody who is not in the table: each is held, and no other.
cp -r "$work/data" "$work/several"
rm -r "$work/several/fhir" "$work/several/searchsets"
/usr/bin/python3 - "$work/several/bundles" <<'PY'
import json, sys
def read(i): return json.load(open(f"{sys.argv[1]}/{i:04d}.json", encoding="utf-8"))
def write(i, j): json.dump(j, open(f"{sys.argv[1]}/{i:04d}.json", "w", encoding="utf-8"))
two = read(0); two["entry"].append(read(1)["entry"][0]); write(0, two)
mother = read(2); mother["entry"].insert(0, {"resource": {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/" + next(
    e["resource"]["id"] for e in read(3)["entry"] if e["resource"]["resourceType"] == "Patient")}}}); write(2, mother)
none = read(4); none["entry"] = [{"resource": {"resourceType": "Observation", "id": "o", "status": "final"}}]; write(4, none)
import uuid
def by_urn(i):
    """As a transaction has them: each entry under a UUID of its own, and references to that."""
    j = read(i)
    urns = {e["resource"]["resourceType"] + "/" + e["resource"]["id"]: f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, e['resource']['id'])}" for e in j["entry"]}
    for e in j["entry"]:
        e["fullUrl"] = urns[e["resource"]["resourceType"] + "/" + e["resource"]["id"]]
        for what in "subject", "patient":
            if what in e["resource"]: e["resource"][what]["reference"] = urns["/".join(e["resource"][what]["reference"].split("/_history/")[0].split("/")[-2:])]
    return j
write(6, by_urn(6))
mixed = by_urn(7); mixed["entry"] += [e for e in by_urn(8)["entry"] if e["resource"]["resourceType"] == "Patient"]; write(7, mixed)
other = read(5); other["entry"] = [{"resource": {"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/niemand"}}}]; write(5, other)
PY
expect_status 6 "Bundles that are nobody's, or of several" stager push "$work/several" --name several --policy "$top/deploy/policies/fhir.yaml"
stager report "$(tail -n 1 "$work/out")" --json >"$work/report"
same "are held, five of them, and no other: not the one whose references are URNs of its entries" "$(json "$work/report" '{k: v["count"] for k, v in sorted(j["report"]["held"].items())}, j["report"]["records"]["passed"]')" \
	"({'record:subject-missing': 1, 'record:subject-several': 3, 'record:subject-unmatched': 1}, 55)"
# One of them is withdrawn, the fourth: of the table, of the resources, of the Bundle, and the searchset that names them goes whole. It looks at all
# shards, and says what would go.
cp -r "$work/data" "$work/source"
cat >"$work/pick.py" <<'PY'
import csv, glob, re, sys
data, out, which, what = sys.argv[1], sys.argv[2], slice(*map(int, sys.argv[3].split(":"))), sys.argv[4]
def column(f): return [r["patientnr"] for r in csv.DictReader(open(f, encoding="utf-8-sig"), delimiter=";")]
keys, pseudonyms = column(data + "/patienten.csv"), column(glob.glob(out + "/x/*.csv")[0])
if len(keys) != 30 or len(pseudonyms) != 30: sys.exit("not as many rows")
open(what + ".keys", "w").write("".join(k + "\n" for k in keys[which]))
open(what + ".pseudonyms", "w").write("".join(p + "\n" for p in pseudonyms[which]))
PY
# left FOLDER PSEUDONYMS: how often any of them stands in a file or is the name of a folder, how many searchsets there are, how many people have anything
cat >"$work/left.py" <<'PY'
import glob, os, re, sys
out, who = sys.argv[1], set(open(sys.argv[2]).read().split())
n, sets, people = 0, 0, set()
for f in glob.glob(out + "/*/*"):
    text, folder = open(f, encoding="utf-8").read(), os.path.basename(os.path.dirname(f))
    n += sum(w in who for w in re.findall(r"[a-z2-7]{26}", text + " " + f))
    sets += folder == "x" and f.endswith(".json")
    if folder != "x": people.add(folder)
print(n, sets, len(people))
PY
left() { /usr/bin/python3 "$work/left.py" "$1" "$work/$2.pseudonyms"; }
/usr/bin/python3 "$work/pick.py" "$work/source" "$work/out.d" 3:4 "$work/one"
/usr/bin/python3 "$work/pick.py" "$work/source" "$work/out.d" 0:30 "$work/all"
same "the person is in 11 places, of the table, five resources, the Bundle of one and that of many" "$([ "$(left "$work/out.d" one | cut -d' ' -f1)" -ge 11 ] && left "$work/out.d" one | cut -d' ' -f2-)" "6 30"
expect_status 6 "what a withdrawal would take is shown" stager withdraw fhir --subjects "$work/one.keys"
ok "one of them is withdrawn" stager withdraw fhir --subjects "$work/one.keys" --yes
without=$(tail -n 1 "$work/out")
stager report "$without" --json >"$work/report"
same "with the resources, the Bundles and the row that are theirs" "$(json "$work/report" 'j["report"]["withdrawn"]')" \
	"{'members': 7, 'records': 2, 'shards': 1, 'subjects': 1}"
ok "the new version is opened" release "$without" "$work/without.tar"
mkdir "$work/without.d" && tar -xif "$work/without.tar" -C "$work/without.d"
same "nothing of theirs is left, nor the searchset, and all others are there" "$(left "$work/without.d" one)" "0 5 29"
ok "the same source gives it back" stager push "$work/source" --name fhir --policy "$top/deploy/policies/fhir.yaml"
same "it does" "$(tail -n 1 "$work/out")" "$without"
# New Bundles of many, one with that person and one without, and a table that has forgotten them: added, and as a whole.
/usr/bin/python3 - "$work/source" "$(cat "$work/one.keys")" <<'PY'
import json, sys
top, gone = sys.argv[1:]
for name, i in ("9001", 4), ("9002", 9):
    j = json.load(open(f"{top}/searchsets/{i:04d}.json", encoding="utf-8"))
    j["total"] += 1
    j["entry"].append({"resource": {"resourceType": "Observation", "id": "obs-new" + name, "status": "final", "subject": {"reference": "Patient/1"}}})
    json.dump(j, open(f"{top}/searchsets/{name}.json", "w", encoding="utf-8"))
rows = [r for r in open(top + "/patienten.csv", encoding="utf-8") if not r.startswith(gone + ";")]
open(top + "/patienten.csv", "w", encoding="utf-8").writelines(rows)
PY
ok "what came since is added" stager push "$work/source" --name fhir --policy "$top/deploy/policies/fhir.yaml" --append
added=$(tail -n 1 "$work/out")
ok "and opened" release "$added" "$work/added.tar"
mkdir "$work/added.d" && tar -xif "$work/added.tar" -C "$work/added.d"
same "of the two searchsets the one without them" "$(left "$work/added.d" one)" "0 6 29"
for f in fhir/*.ndjson bundles; do rm -rf "$work"/source/$f; done
echo >>"$work/source/searchsets/9001.json"
ok "what is left of the source is pushed as a whole" stager push "$work/source" --name fhir --policy "$top/deploy/policies/fhir.yaml"
whole=$(tail -n 1 "$work/out")
stager report "$whole" --json >"$work/report"
same "without them, too" "$(json "$work/report" 'j["report"]["subjects"]["excluded"], j["report"]["records"]')" "(2, {'held': 0, 'passed': 35, 'seen': 37})"
# Everybody.
ok "all are withdrawn" stager withdraw fhir --subjects "$work/all.keys" --yes --json
same "nothing is left" "$(json "$work/out" 'j["version-id"]')" None
expect_status 6 "and nothing comes of the source any more" stager push "$work/data" --name fhir --policy "$top/deploy/policies/fhir.yaml"
stager report "$(tail -n 1 "$work/out")" --json >"$work/report"
same "not a member" "$(json "$work/report" 'j["report"]["members"], j["report"]["subjects"], j["report"]["records"]')" "({'out': 0}, {'excluded': 216}, {'held': 0, 'passed': 0, 'seen': 216})"
# What the policy does not name holds the resource, and no other.
sed -i '1s/"active"/"zwartewaal": 1, "active"/' "$work/data/fhir/Patient.ndjson"
expect_status 6 "a field that is not named is held" stager push "$work/data" --name named --policy "$top/deploy/policies/fhir.yaml"
second=$(tail -n 1 "$work/out")
stager report "$second" --json >"$work/report"
same "one record" "$(json "$work/report" '{k: v["count"] for k, v in j["report"]["held"].items()}')" "{'record:field-unnamed': 1}"
finish
