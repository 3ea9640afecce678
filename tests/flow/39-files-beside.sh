#!/bin/sh
# Goal: hierarchies and lists of words stand in files beside the policy: what they say is in its digest, another row makes another version, and
# what is no such file (lacking, a link, a pipe, in another folder, too large) is refused by name.
set -u
. "$STAGER_TESTS/flow/lib.sh"

policy() {
	cat <<YAML
policy: 1
name: beside
project: flow
pseudonym: {domain: research}
text: {keep_words: [woorden.txt]}
files:
  - {match: t.csv, format: csv, columns: {zorg: {hierarchy: ${1-zorg.csv}, level: 1}, crp: {round: 10, top: 200}, tekst: text}}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
}
push() { stager push "$work/data" --name beside --policy "$work/p/policy.yaml"; }

mkdir "$work/data" "$work/p"
printf 'zorg,crp,tekst\nA01,12,De heer Van Dijk uit Wilgenhoek\nB01,1999,niets\n' >"$work/data/t.csv"
printf 'A01;infectie;*\nB01;nieuwvorming;*\n' >"$work/p/zorg.csv"
printf '# plaatsen die wij houden\nWilgenhoek\n' >"$work/p/woorden.txt"
policy >"$work/p/policy.yaml"
ok "a house" make_house "$work/house"
ok "the policy is read" stager policy check "$work/p/policy.yaml"
ok "from its own folder, too" sh -c 'cd "$1" && stager policy check policy.yaml' sh "$work/p"
stager policy check "$work/p/policy.yaml" --json >"$work/a.json"
same "what the files say is part of it" "$(json "$work/a.json" 'j["hierarchies"][0]["cells"], j["text"]["keep_words"]')" \
	"(['A01', 'infectie', '*', 'B01', 'nieuwvorming', '*'], ['Wilgenhoek'])"
ok "it is pushed" push
first=$(tail -n 1 "$work/out")
accept "$first" >/dev/null 2>&1
stager-node keygen --out "$work/job.key" --pub "$work/job.pub" >/dev/null && stager request new "$first" --site lumi --job-key "$work/job.pub" \
	--requester ria@uni.example --out "$work/request" >/dev/null || fail "a request"
for person in anna boris; do
	stager-sign --yes --key "$work/$person.key" "$work/request" >"$work/$person.approval" 2>/dev/null && stager approve "$work/$person.approval" >/dev/null 2>&1
done
stager-node cat --house 'stager release' --pin "$STAGER_HOUSE/house.json" --request "$work/request" --job-key "$work/job.key" \
	--from "$STAGER_HOUSE/vault" 2>/dev/null >"$work/a.tar" && mkdir "$work/a" && tar -xif "$work/a.tar" -C "$work/a"
same "levels, rounded numbers and words that stay" "$(find "$work/a" -name '*.csv' -exec cat {} + | tr '\n' ' ')" \
	"zorg,crp,tekst infectie,10,De heer [PERSOON-1] uit Wilgenhoek nieuwvorming,200,niets "
same "pushed again it is the same version" "$(push 2>/dev/null | tail -n 1)" "$first"
printf 'A01;infectie;*\nB01;ander;*\n' >"$work/p/zorg.csv"
stager policy diff "$first" "$work/p/policy.yaml" >"$work/diff" 2>&1
same "another row is a change that a person must look at" "$(grep -c 'zorg.csv' "$work/diff")" 1
ok "and another version" push
[ "$(tail -n 1 "$work/out")" != "$first" ] && pass "with an id of its own" || fail "with an id of its own"

# refused STATUS NAME WORDS: of the policy as it stands now
refused() {
	expect_status "$1" "$2" stager policy check "$work/p/policy.yaml"
	grep -q "$3" "$work/err" && pass "and says so ($3)" || fail "and says so ($3)" "$work/err"
}
printf 'A01;infectie;*\nB01;ander\n' >"$work/p/zorg.csv"
refused 3 "a ragged row is refused" "zorg.csv, row 2"
rm "$work/p/zorg.csv"
refused 3 "a file that is not there" "no file zorg.csv beside it"
printf 'A01;x;*\n' >"$work/zorg.csv"
ln -s ../zorg.csv "$work/p/zorg.csv"
refused 3 "a link out of the folder" "no file zorg.csv beside it"
rm "$work/p/zorg.csv" && mkfifo "$work/p/zorg.csv"
refused 3 "a pipe" "zorg.csv beside it is no file"
rm "$work/p/zorg.csv" && truncate -s 7M "$work/p/zorg.csv"
refused 3 "too large a file" "too large"
rm "$work/p/zorg.csv" && truncate -s 5M "$work/p/zorg.csv"
refused 3 "a little less of one" "zorg.csv: larger than"
policy ../zorg.csv >"$work/p/policy.yaml"
refused 3 "a name with a folder in it" "not the name of a file beside the policy"
policy .zorg.csv >"$work/p/policy.yaml"
refused 3 "a hidden file" "not the name of a file beside the policy"
finish
