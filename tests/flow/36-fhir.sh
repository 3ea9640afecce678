#!/bin/sh
# Goal: FHIR by the shipped policy, a bulk export, Bundles of one person and Bundles of many: nothing of the people or their doctors is left,
# and references still lead where they led: one patient is one pseudonym in the table, in each resource and in each Bundle, and one's
# dates move alike in all of them. A Bundle of several people, or of nobody, where one person's is wanted is held.
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
# Without a rule for documents of many, somebody can be taken out: of the table, of the resources and of the Bundle.
cp -r "$work/data" "$work/single" && rm -r "$work/single/searchsets"
mkdir "$work/beside" && cp "$top"/deploy/policies/* "$work/beside/"
/usr/bin/python3 - "$top/deploy/policies/fhir.yaml" "$work/beside/single.yaml" <<'PY'
import re, sys
text, n = re.subn(r"\n  # Bundles of any number.*?(?=\n\n)", "", open(sys.argv[1], encoding="utf-8").read(), flags=re.S)
if n != 1: sys.exit("the rule is not where it was")
open(sys.argv[2], "w", encoding="utf-8").write(text)
PY
ok "patients, resources and their Bundles" stager push "$work/single" --name single --policy "$work/beside/single.yaml"
single=$(tail -n 1 "$work/out")
/usr/bin/python3 - "$work/single" "$work/who" <<'PY'
import csv, glob, sys
rows = list(csv.DictReader(open(glob.glob(sys.argv[1] + "/*.csv")[0], encoding="utf-8-sig"), delimiter=";"))
open(sys.argv[2], "w").write(rows[3]["patientnr"] + "\n")
PY
stager withdraw "$single" --subjects "$work/who" --yes >"$work/out" 2>"$work/err"
case $? in 0 | 6) pass "one of them is withdrawn" ;; *) fail "withdraw: $(cat "$work/err")" ;; esac
stager report "$(tail -n 1 "$work/out")" --json >"$work/report"
same "with the resources, the Bundle and the row that are theirs" "$(json "$work/report" 'j["report"]["withdrawn"]')" \
	"{'members': 6, 'records': 1, 'shards': 1, 'subjects': 1}"
# What the policy does not name holds the resource, and no other.
sed -i '1s/"active"/"zwartewaal": 1, "active"/' "$work/data/fhir/Patient.ndjson"
expect_status 6 "a field that is not named is held" stager push "$work/data" --name fhir --policy "$top/deploy/policies/fhir.yaml"
second=$(tail -n 1 "$work/out")
stager report "$second" --json >"$work/report"
same "one record" "$(json "$work/report" '{k: v["count"] for k, v in j["report"]["held"].items()}')" "{'record:field-unnamed': 1}"
finish
