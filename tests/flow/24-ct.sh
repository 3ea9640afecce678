#!/bin/sh
# Goal: the shipped policy runs whole on what it is for: a table of patients, their letters, their CT scans. One pseudonym, one offset and one age band a
# person in all three; nobody alone in a group; the domestic column joined by the pseudonym; a steward looks at the sample; who withdraws is gone from the
# next version. STAGER_CT says of how many patients (default 1500).
set -u
. "$STAGER_TESTS/flow/lib.sh"
cd "$work" || exit 1
patients=${STAGER_CT:-1500}
policy=$STAGER_TESTS/../deploy/policies/ct-pneumonie.yaml
report() { stager report "$1" --json >report && json report "$2"; }

cat >look.py <<'END'
"""Table, letters and scans that left, beside the truth: one pseudonym, one offset, one band; k and l without any knowledge of the rule."""
import collections, csv, datetime, io, json, os, re, sys
abroad, domestic, truth, gone = sys.argv[1], sys.argv[2], json.load(open(sys.argv[3])), set(sys.argv[4].split())
MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()
BANDS = [0, 18, 30, 45, 60, 75, 90]
table, letters, scans, work = {}, {}, {}, {}
for top, rows in ((abroad, table), (domestic, work)):
    for folder, _, files in os.walk(top):
        who = os.path.basename(folder)
        for f in sorted(files):
            path = os.path.join(folder, f)
            if f.endswith(".csv"):
                for row in csv.DictReader(open(path), delimiter=";"): rows[row["patientnr"]] = row
            elif f.endswith(".json"):
                letters.setdefault(who, []).append(json.load(open(path)))
            elif f.endswith(".dcm"):
                scans.setdefault(who, []).append(open(path, "rb").read())
day = lambda s: datetime.datetime.strptime(s, "%d-%m-%Y").date()
def element(data, tag):
    at = data.find(tag)
    return data[at + 8:at + 8 + int.from_bytes(data[at + 6:at + 8], "little")].decode().strip() if at >= 0 else None
stay = [p for p in truth if not p["uit"] and str(p["nummer"]) not in gone]
if not len(stay) == len(table) == len(letters) == len(scans) == len(work) or set(table) != set(work):
    sys.exit("%d people: %d rows, %d with letters, %d with scans, %d at home" % (len(stay), len(table), len(letters), len(scans), len(work)))
if not set(table) == set(letters) == set(scans): sys.exit("not the same pseudonyms")
offsets, groups, wide, blank = set(), collections.defaultdict(list), 0, 0
for p, (who, row) in zip(stay, table.items()):
    off = (day(row["opnamedatum"]) - datetime.date.fromisoformat(p["opname"])).days
    if off == 0 or off % 7 or abs(off) > 364: sys.exit("an offset of %d days" % off)
    offsets.add(off)
    move = datetime.timedelta(days=off)
    low = max(b for b in BANDS if b <= p["leeftijd"])
    band = "90+" if low == 90 else "%d-%d" % (low, BANDS[BANDS.index(low) + 1] - 1)
    shown = row["geboortedatum"], row["postcode"], row["geslacht"]
    groups[shown].append(row["icd10"])
    if shown == ("", "", ""): blank += 1
    elif shown[0] != band or shown[1] not in (p["postcode"][:4], p["postcode"][:2]) or shown[2] != ("M" if p["geslacht"] == "M" else "F"):
        sys.exit("shown as %r: %r" % (shown, p))
    wide += len(shown[1]) == 2
    want = sorted((datetime.date.fromisoformat(a) + move).isoformat() for a, _ in p["brieven"])
    if sorted(j["datum"] for j in letters[who]) != want: sys.exit("a letter's date moved otherwise")
    for j in letters[who]:
        m = re.search(r"Op (\d+) (\w+) (\d{4})", j["tekst"])
        if not m or datetime.date(int(m[3]), MONTHS.index(m[2]) + 1, int(m[1])).isoformat() not in want: sys.exit("a date in a text moved otherwise")
        if j["patientnr"] != who: sys.exit("another pseudonym in a letter")
        for value in [p["bsn"], p["straat"], p["voornaam"]] + [w for w in p["achternaam"].split() if len(w) > 4]:
            if value.lower() in j["tekst"].lower(): sys.exit("known, and still there")
    for d in scans[who]:
        study, age, sex, name = (element(d, t) for t in (b"\x08\0\x20\0DA", b"\x10\0\x10\x10AS", b"\x10\0\x40\0CS", b"\x10\0\x20\0LO"))
        if study != (datetime.date.fromisoformat(p["opname"]) + move).strftime("%Y%m%d"): sys.exit("a scan's date moved otherwise")
        if (age, sex, name) != ("%03dY" % low if shown[0] else "", shown[2], who): sys.exit("a scan shows other than the table: %r %r" % ((age, sex, name), shown))
for shown, codes in groups.items():
    if len(codes) < 10 or len(set(codes)) < 2: sys.exit("%d people alike, of %d codes" % (len(codes), len(set(codes))))
if blank > 0.02 * len(stay): sys.exit("%d blanked" % blank)
if "beroep" in next(iter(table.values())) or set(next(iter(work.values()))) != {"patientnr", "beroep"}: sys.exit("a column in the wrong set")
print(len(stay), len(offsets) > 50, wide > 0)
END

# open_set VERSION SITE SET FOLDER
open_set() {
	stager request new "$1" --site "$2" --set "$3" --job-key job.pub --requester ria@uni.example --out request >id || return 1
	for person in anna boris; do
		stager-sign --yes --key "$person.key" request >approval && stager approve approval >approved || return 1
	done
	mkdir "$4" && stager-node cat --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request request --job-key job.key \
		--from "$STAGER_HOUSE/vault" | tar -xif - -C "$4"
}
# look_at VERSION: a steward finds nothing in the samples of both sets
look_at() {
	for set in abroad domestic; do
		stager review "$1" --reviewer anna@umc.example --set $set --list --json >list || return 1
		/usr/bin/python3 -c 'import json, sys
j = json.load(open("list"))
print(json.dumps({"type": "stager.verdicts.1", "version-id": sys.argv[1], "set": sys.argv[2], "verdicts": [{"member": m["member"], "verdict": "ok"} for m in j["members"]]}))' \
			"$1" $set >verdicts
		stager review "$1" --reviewer anna@umc.example --set $set --verdicts verdicts || return 1
	done
}

ok "a house" make_house "$work/house"
/usr/bin/python3 "$STAGER_TESTS/bench/make_ct.py" data --patients "$patients" --optout 5 --strangers 0 || exit 1
begin=$(date +%s)
ok "the policy is read" stager policy check "$policy"
ok "$patients patients are pushed" stager push data --name ct --policy "$policy" --exclude optout=data.optout.txt
version=$(tail -n 1 out)
echo "# pushed in $(($(date +%s) - begin)) s"
same "nothing is held" "$(report "$version" 'j["report"].get("held", {}), j["report"]["disclosure"]["held"]')" "({}, 0)"
expect_status 6 "a steward must look first" accept "$version"
ok "and does" look_at "$version"
ok "it is accepted" accept "$version"
stager-node keygen --out job.key --pub job.pub
ok "abroad opens at lumi" open_set "$version" lumi abroad a
expect_status 3 "domestic does not" stager request new "$version" --site lumi --set domestic --job-key job.pub --requester ria@uni.example
ok "it opens at snellius" open_set "$version" snellius domestic d
same "one pseudonym, one offset, one band a person in table, letters and scans; groups of 10 and two codes" \
	"$(/usr/bin/python3 look.py a d data.truth.json "" 2>&1)" "$((patients - 5)) True True"
begin=$(date +%s)
same "pushed again it is the same version" "$(stager push data --name ct --policy "$policy" --exclude optout=data.optout.txt 2>/dev/null | tail -n 1)" "$version"
echo "# pushed again in $(($(date +%s) - begin)) s"
finish
