#!/bin/sh
# Goal: who has data and no policy gets a draft that can be checked and pushed under as it is, that lets nothing out but pseudonyms, and that
# shows no value of the data.
set -u
. "$STAGER_TESTS/flow/lib.sh"
data=$top/deploy/sample/data
expect_status 0 "a draft, without any house" stager policy suggest "$data" --out "$work/draft.yaml"
same "into the file alone" "$(cat "$work/out" "$work/err")" ""
expect_status 0 "the same on standard output" stager policy suggest "$data"
cp "$work/out" "$work/printed"
ok "the same" cmp "$work/printed" "$work/draft.yaml"
expect_status 0 "policy check takes it" stager policy check "$work/draft.yaml"
for word in "'patientnr': pseudonym" "bsn in all; " "- match: 'notes/\*.txt'" "modality: \[CT\]" "- match: 'survey.zip/survey/answers.csv'" \
	"old-letters.tar.zst/old/\*.txt" "'\$.codes\[\*\].icd10': drop" "'spectra.bin': it is neither text"; do
	grep -q -e "$word" "$work/draft.yaml" && pass "it has $word" || fail "it has $word" "$work/draft.yaml"
done
cut -d';' -f2-6 "$data/patients.csv" | tail -n +2 | tr ';' '\n' | grep -E '.{4}' | sort -u >"$work/values"
not_ok "no value of the table" grep -F -w -f "$work/values" "$work/draft.yaml"

ok "a house" make_house "$work/house"
expect_status 6 "a push under it: the file without a rule is held" stager push "$data" --name draft --policy "$work/draft.yaml"
version=$(tail -n 1 "$work/out")
stager report "$version" --json >"$work/report"
same "nothing but dropped and pseudonyms" "$(json "$work/report" 'sorted(j["report"]["actions"]), j["report"]["found"], j["report"]["files"]["held"]')" \
	"(['drop', 'pseudonym'], {}, 1)"
ok "it can be accepted" accept "$version"

# --- the draft with its proposals taken at their word, as its text says: without the # of what is about the subject, and with the
# lines that may stand in the place of `format: drop`
cat >"$work/take.py" <<'PY'
import re, sys
lines, out, block = open(sys.argv[1], encoding="utf-8").read().splitlines(), [], False
for i, line in enumerate(lines):
    block = bool(line) and (block or line in ("# subject:", "# disclosure:"))
    if "disclosure:" in line and "--no-disclosure" in sys.argv: block = False
    if block: line = line.removeprefix("# ")
    rest = lines[i + 1:]
    end = next((k for k, l in enumerate(rest) if l.startswith("  - match:")), len(rest))
    if line == "    format: drop" and any(l.startswith("    # format:") for l in rest[:end]): continue
    out.append(re.sub("^    # (format|subject|modality|burned_in|headers|attachments):", r"    \1:", line))
print("\n".join(out))
PY
/usr/bin/python3 "$work/take.py" "$work/draft.yaml" >"$work/taken.yaml"
ok "policy check takes that, too" stager policy check "$work/taken.yaml"
grep -q '^subject:' "$work/taken.yaml" && grep -q '^disclosure:' "$work/taken.yaml" && grep -q '^    format: dicom' "$work/taken.yaml" &&
	pass "it has them" || fail "it has them" "$work/taken.yaml"
/usr/bin/python3 "$work/take.py" "$work/draft.yaml" --no-disclosure >"$work/linked.yaml"
expect_status 6 "a push under it: linked by the table that it found" stager push "$data" --name linked --policy "$work/linked.yaml"
stager report "$(tail -n 1 "$work/out")" --json >"$work/report"
same "every record of three tables and the letters" "$(json "$work/report" 'j["report"]["subjects"]["linked"] >= 224, sorted(set(j["report"]["actions"]) & {"keep", "shift", "year", "first"})')" \
	"(True, [])"
for kind in cda fhir mail; do
	/usr/bin/python3 "$STAGER_TESTS/formats_make.py" $kind "$work/$kind.d" 12 || exit 1
	expect_status 0 "$kind: a draft" stager policy suggest "$work/$kind.d" --out "$work/$kind.yaml"
	expect_status 0 "$kind: a dry run under it" stager push "$work/$kind.d" --name $kind --policy "$work/$kind.yaml" --dry-run --json
	cp "$work/out" "$work/report"
	same "$kind: nothing but dropped and pseudonyms" "$(json "$work/report" 'sorted(set(j["report"]["actions"]) - {"drop", "pseudonym"}), j["report"]["found"]')" "([], {})"
	/usr/bin/python3 "$work/take.py" "$work/$kind.yaml" >"$work/taken.yaml"
	ok "$kind: and with its proposals it is a policy" stager policy check "$work/taken.yaml"
done

# --- what it refuses, and what it leaves out
expect_status 2 "no source" stager policy suggest
expect_status 1 "a source that is not there" stager policy suggest "$work/none"
mkdir "$work/odd"
ln -s /etc/passwd "$work/odd/link"
expect_status 3 "a link" stager policy suggest "$work/odd"
rm "$work/odd/link"
printf 'x' >"$work/odd/a.c4gh"
expect_status 3 "a sealed source" stager policy suggest "$work/odd"
rm "$work/odd/a.c4gh"
printf 'na\033[31mam;b\n1;2\n' >"$work/odd/escape.csv"
printf 'PK\003\004 none' >"$work/odd/x.bin"
printf 'a;b\n1;2\n' >"$work/odd/b[1].csv"
expect_status 0 "names with control characters make no rule" stager policy suggest "$work/odd"
grep -q "b\[1\].csv': a .match. cannot hold such a name" "$work/out" && pass "nor does a name that a glob cannot hold" || fail "nor does a name that a glob cannot hold" "$work/out"
not_ok "and are not printed" grep -q "$(printf '\033')" "$work/out"
mkdir "$work/fhir"
printf '{\n "resourceType": "Bundle",\n "entry": [\n  {"resource": {"id": "1", "text": "Zoutkamp"}}\n ]\n}\n' >"$work/fhir/bundle.json"
printf '[{"nr": 1},\n {"nr": 2}]\n' >"$work/fhir/list.json"
expect_status 0 "JSON documents" stager policy suggest "$work/fhir" --out "$work/fhir.yaml"
for word in 'format: json$' "'\$.entry\[\*\].resource.text': drop" "'\$\[\*\].nr': "; do
	grep -q -e "$word" "$work/fhir.yaml" && pass "have $word" || fail "have $word" "$work/fhir.yaml"
done
expect_status 0 "can be pushed under their draft" stager push "$work/fhir" --name fhir --policy "$work/fhir.yaml"
mkdir "$work/old"
i=0
echo 'patientnr;opnamedatum;hartslag;tumorstadium;achternaam;opmerking' >"$work/old/table.csv"
while [ $i -lt 30 ]; do
	i=$((i + 1))
	echo "$((4000 + i));01-02-20$((10 + i % 10));$((60 + i));II;Jansen$i;pati\353nt \200 $i"
done | while read -r line; do printf "$line\n"; done >>"$work/old/table.csv"
printf 'Pati\353nt met \351\351n zwelling.\r\n' >"$work/old/note.txt"
printf 'P\000a\000t\000i\000\353\000n\000t\000 \000w\000e\000l\000.\000' >"$work/old/wide.md"
printf 'Pati\353nt \001\002\003 \201\n' >"$work/old/not.dat"
expect_status 0 "text in Windows-1252 and UTF-16" stager policy suggest "$work/old" --out "$work/old.yaml"
for word in "match: 'table.csv'" "match: 'note.txt'" "match: 'wide.md'" "person: \['achternaam'\]" "'not.dat': it is neither text nor an image" \
	"'achternaam': drop .*leave it dropped" "put yours in the place of nowhere"; do
	grep -q -e "$word" "$work/old.yaml" && pass "has $word" || fail "has $word" "$work/old.yaml"
done
not_ok "an admission, a pulse and a stage are nobody's name" grep -E "'(opnamedatum|hartslag|tumorstadium)': drop .*leave it dropped" "$work/old.yaml"
expect_status 6 "a push under that draft" stager push "$work/old" --name old --policy "$work/old.yaml"
printf 'PK\003\004 none' >"$work/odd/x.zip"
expect_status 3 "a broken archive" stager policy suggest "$work/odd"
finish
