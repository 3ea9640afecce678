#!/bin/sh
# Goal: stager push --list-files says which file of its sources each number of a report stands for, archives' members too, and reads and keeps
# nothing else; what a push would refuse it refuses.
set -u
. "$STAGER_TESTS/flow/lib.sh"
ok "a house" make_house "$work/house"
mkdir -p "$work/data/sub" "$work/inner/deep"
echo een >"$work/data/a.txt"
echo twee >"$work/inner/deep/x.txt"
echo drie >"$work/inner/odd.dat"
echo vier >"$work/inner/y.txt"
tar -C "$work/inner" --sort=name -czf "$work/data/m.tar.gz" deep odd.dat y.txt
echo vijf >"$work/data/sub/één.dat"
printf 'x' >"$work/data/z.txt"
cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: list
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '**/*.txt', format: text}
accept: {files: 0, records: 0}
sets:
  domestic: {hold: [NL], open: [nowhere]}
YAML
expect_status 6 "two files without a rule" stager push "$work/data" --name list --policy "$work/policy.yaml" --json
version=$(json "$work/out" 'j["version-id"]')
stager report "$version" --json >"$work/report"
numbers=$(json "$work/report" 'j["report"]["held"]["file:file-unmatched"]["files"]')
(cd "$work/house" && find . -type f -exec cksum {} + | sort) >"$work/before"
ok "which is which" stager push "$work/data" --list-files --json
same "by the numbers of the report" "$(json "$work/out" "[f['path'].split('/')[-1] for f in j['files'] if f['number'] in $numbers]")" "['odd.dat', 'één.dat']"
same "all of them are there, in order" "$(json "$work/out" "[f['number'] for f in j['files']]")" "[1, 2, 3, 4, 5, 6]"
unset STAGER_HOUSE
ok "without a house, in lines" stager push "$work/data" --list-files
same "of a number, a tab and a path" "$(grep -c "^[1-6]$(printf '\t')" "$work/out") $(sed -n 's/^1\t//p' "$work/out")" "6 a.txt"
same "nothing in the house is another" "$(cd "$work/house" && find . -type f -exec cksum {} + | sort | diff "$work/before" -)" ""
# --- what cannot be listed
expect_status 2 "no source" stager push --list-files
expect_status 2 "of an append" stager push "$work/data" --list-files --append
grep -q "behind those that the version has" "$work/err" && pass "it is told how that numbers" || fail "an append" "$work/err"
expect_status 3 "an empty folder" sh -c "mkdir '$work/empty'; stager push '$work/empty' --list-files"
head -c 40 "$work/data/m.tar.gz" >"$work/data/broken.tar.gz"
expect_status 3 "an archive that breaks off" stager push "$work/data" --list-files
grep -q "^stager: .*file 2" "$work/err" && ! grep -q broken "$work/err" && pass "is named by its number" || fail "the error" "$work/err"
mv "$work/data/broken.tar.gz" "$work/data/sealed.tar.gz.c4gh"
expect_status 3 "a sealed archive" stager push "$work/data" --list-files
grep -q "a sealed archive" "$work/err" && pass "says why" || fail "the error" "$work/err"
rm "$work/data/sealed.tar.gz.c4gh"
ln -s a.txt "$work/data/link.txt"
expect_status 3 "a link" stager push "$work/data" --list-files
finish
