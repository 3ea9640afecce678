#!/bin/sh
# Goal: data that nobody here wrote, pydicom's and scikit-learn's own, goes from push to an opened tar: each file is held with a
# reason, or comes out clean (DICOM, read by pydicom) or unchanged (tables of numbers, read by Python's csv).
set -u
. "$STAGER_TESTS/flow/lib.sh"
PYTHONPATH=$STAGER_TESTS
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
/usr/bin/python3 -c 'import pydicom, sklearn' 2>/dev/null || { echo "python3-pydicom or python3-sklearn is missing: skipped"; exit 77; }

# pushed WHAT FOLDER POLICY: pushed (HELD or not); its report in $work/WHAT.report, its opened members in $work/WHAT/
pushed() {
	stager push "$2" --name "$1" --policy "$3" --json >"$work/printed" 2>"$work/said"
	status=$?
	case $status in
	0 | 6) pass "$1: pushed, status $status" ;;
	*) fail "$1: push: status $status" "$work/said" ;;
	esac
	version=$(json "$work/printed" 'j["version-id"]')
	stager report "$version" --json >"$work/$1.report"
	ok "$1: released" release "$version" "$work/$1.tar"
	mkdir "$work/$1"
	tar -xf "$work/$1.tar" -C "$work/$1"
}
head_of_policy() {
	printf '%s\n' 'policy: 1' "name: $1" 'project: real' 'pseudonym: {domain: research, key: 1}' 'files:'
}
tail_of_policy() {
	printf '%s\n' 'accept: {files: 100%, records: 100%}' 'sets:' \
		'  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}' 'shards: {size: 1MiB, order: source}'
}

ok "a house" make_house "$work/house"

# --- DICOM: every DICOM file that pydicom ships, whatever it is called
ok "pydicom's files are copied" /usr/bin/python3 - "$work/originals" <<'PY'
import os, pydicom, shutil, sys
data, to = os.path.join(os.path.dirname(pydicom.__file__), "data"), sys.argv[1]
n = 0
for folder, _, files in os.walk(data):
    for name in files:
        path = os.path.join(folder, name)
        with open(path, "rb") as f: start = f.read(132)
        if name.endswith(".dcm") or start[128:] == b"DICM":
            target = os.path.join(to, os.path.relpath(path, data))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(path, target)
            n += 1
print(n)
sys.exit(n < 100)
PY
cat >"$work/check.py" <<'PY'
"""check.py ORIGINALS OPENED REPORT...: for each OPENED and its REPORT: every original was held with a reason, or its member is clean."""
import json, os, re, sys
import peer_dicom
originals = sys.argv[1]
names = sorted((os.path.relpath(os.path.join(b, f), originals) for b, _, fs in os.walk(originals) for f in fs), key=os.fsencode)
uids, bad = {}, 0
for opened, report in zip(sys.argv[2::2], sys.argv[3::2]):
    report = json.load(open(report))["report"]
    held = {}
    for reason, what in report["held"].items():
        if not re.fullmatch(r"file:[a-z-]+", reason) or what["count"] != len(what["files"]):
            sys.exit("%s: %r" % (reason, what))
        for number in what["files"]:
            if number in held: sys.exit("file %d is held twice" % number)
            held[number] = reason
    passed = [n for i, n in enumerate(names, 1) if i not in held]
    if (report["files"]["seen"], report["files"]["held"], report["files"]["passed"]) != (len(names), len(held), len(passed)):
        sys.exit("numbers: %r" % report["files"])
    # members are numbered in the order of the sources
    members = sorted((re.search(r"(\d+)\.dcm$", f).group(1), os.path.join(b, f)) for b, _, fs in os.walk(opened) for f in fs)
    if len(members) != len(passed): sys.exit("%d members, %d passed" % (len(members), len(passed)))
    blind = 0
    for name, (_, member) in zip(passed, members):
        original = os.path.join(originals, name)
        for line in (peer_dicom.check(original, member, uids) + peer_dicom.dcmdump(member))[:3]:
            bad += 1
            print("%s: %s" % (os.path.basename(name), line))
        blind += not peer_dicom.check(original, original, {})
    if blind: sys.exit("the check finds nothing wrong with %d originals" % blind)
    print("%d scrubbed and read again; held: %s" % (len(passed), ", ".join("%s %d" % (r, w["count"]) for r, w in sorted(report["held"].items()))))
    if len(passed) < 20: sys.exit("too few to say anything")
sys.exit(bad != 0)
PY
{ head_of_policy dicom; echo "  - {match: '**', format: dicom, burned_in: keep}"; tail_of_policy; } >"$work/dicom.yaml"
sed 's/burned_in: keep/burned_in: keep, subject: PatientID/' "$work/dicom.yaml" >"$work/subject.yaml"
pushed dicom "$work/originals" "$work/dicom.yaml"
pushed dicom-by-subject "$work/originals" "$work/subject.yaml"
ok "each DICOM file is held with a reason, or clean to pydicom and dcmtk" /usr/bin/python3 "$work/check.py" "$work/originals" \
	"$work/dicom" "$work/dicom.report" "$work/dicom-by-subject" "$work/dicom-by-subject.report"
cat "$work/out"
same "one person, one folder" "$(find "$work/dicom-by-subject" -mindepth 1 -maxdepth 1 ! -name '[a-z2-7]*' | wc -l)" 0
sed 's/burned_in: keep/burned_in: hold/' "$work/dicom.yaml" >"$work/burned.yaml"
expect_status 6 "with burned_in: hold" sh -c 'sed "s/100%, records: 100%/0, records: 0/" "$1" >"$1.0" && stager push "$2" --name burned --policy "$1.0"' sh \
	"$work/burned.yaml" "$work/originals"

# --- tables: scikit-learn's, as they are shipped, and with names where their first line has counts
ok "scikit-learn's tables are copied, and given names" /usr/bin/python3 - "$work" <<'PY'
import csv, glob, json, os, shutil, sklearn, sys
work = sys.argv[1]
data = os.path.join(os.path.dirname(sklearn.__file__), "datasets", "data")
rules = {"shipped": [], "named": []}
for kind in rules: os.makedirs(os.path.join(work, kind))
def rule(kind, name, columns, delimiter=","):
    if len(set(columns)) < len(columns) or "" in columns: columns = ["none"]  # no policy can name these: they must be held
    rules[kind].append("  - {match: %s, format: csv, csv: {delimiter: %s}, columns: {%s}}" % (
        name, json.dumps(delimiter), ", ".join("%s: {keep: number}" % json.dumps(c) for c in columns)))
for path in sorted(glob.glob(data + "/*.csv") + glob.glob(data + "/*.csv.gz")):
    name = os.path.basename(path)
    shutil.copy(path, os.path.join(work, "shipped", name))
    if name.endswith(".gz"):
        rule("shipped", name, ["x"])
        continue
    delimiter = " " if name.startswith("linnerud") else ","
    rows = list(csv.reader(open(path, newline=""), delimiter=delimiter))
    rule("shipped", name, rows[0], delimiter)
    if rows[0][0].isdigit():
        body = rows[2:] if name.startswith("boston") else rows[1:]
        names = ["c%d" % i for i in range(len(body[0]))]
        with open(os.path.join(work, "named", name), "w", newline="") as f:
            csv.writer(f).writerows([names] + body)
        rule("named", name, names)
for kind, lines in rules.items():
    open(os.path.join(work, kind + ".rules"), "w").write("\n".join(lines) + "\n")
PY
cat >"$work/tables.py" <<'PY'
"""tables.py SOURCE OPENED REPORT: every record is held and counted, or came out as Python's csv reads it in the source."""
import csv, json, os, re, sys
source, opened, report = sys.argv[1], sys.argv[2], json.load(open(sys.argv[3]))["report"]
number = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|")
wanted, seen, held, files_held, parts = [], 0, 0, {}, 0
for i, name in enumerate(sorted(os.listdir(source)), 1):
    if name.endswith(".gz"):
        files_held[i] = "file:column-unnamed"  # unpacked and read: its columns are not the rule's
        continue
    rows = list(csv.reader(open(os.path.join(source, name), newline=""), delimiter=" " if name.startswith("linnerud") else ","))
    if "" in rows[0]:
        files_held[i] = "file:column-unnamed"
        continue
    good = [r for r in rows[1:] if len(r) == len(rows[0]) and all(number.fullmatch(v) for v in r)]
    seen += len(rows) - 1
    held += len(rows) - 1 - len(good)
    if good: wanted.append([rows[0]] + good)
members = sorted(os.path.join(b, f) for b, _, fs in os.walk(opened) for f in fs)
got = []
for m in members:
    text = open(m, newline="", encoding="utf-8").read()
    got.append(list(csv.reader(text.splitlines(), delimiter=" " if text.split("\n")[0].count(" ") == 2 else ",")))
print("%d records seen, %d held; %d tables out; files held: %r" % (seen, held, len(got), files_held))
if got != wanted: sys.exit("what came out differs: %r" % [(len(g), len(w)) for g, w in zip(got, wanted)])
if report["records"] != {"seen": seen, "passed": seen - held, "held": held}: sys.exit("records: %r" % report["records"])
by_file = {n: r for r, w in report["held"].items() if r.startswith("file:") for n in w["files"]}
if by_file != files_held: sys.exit("files held: %r" % by_file)
if seen - held < 100: sys.exit("too few to say anything")
PY
for kind in shipped named; do
	{ head_of_policy $kind; cat "$work/$kind.rules"; tail_of_policy; } >"$work/$kind.yaml"
	mv "$work/$kind" "$work/$kind.source"
	pushed $kind "$work/$kind.source" "$work/$kind.yaml"
	ok "$kind: each record is held and counted, or unchanged" /usr/bin/python3 "$work/tables.py" "$work/$kind.source" "$work/$kind" \
		"$work/$kind.report"
	cat "$work/out"
done
same "with their names, nothing of the tables is held" "$(json "$work/named.report" 'j["report"]["records"]["held"], j["report"]["files"]["held"]')" "(0, 0)"
ok "everything is proven from what is on disk" stager verify

finish
