#!/bin/sh
# Goal: single compressed files are read as what they hold, under either name, the subject table too; one that is damaged, cut short,
# something else, packed twice or a bomb refuses the push in clear words, and leaves nothing behind.
set -u
. "$STAGER_TESTS/flow/lib.sh"

cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: packed
project: flow
pseudonym: {domain: research, key: 1}
subject:
  from: patients.csv
  key: {column: nr}
  known: {person: [naam]}
files:
  - {match: patients.csv, format: csv, csv: {delimiter: ';'}, columns: {nr: pseudonym, naam: drop, x: {keep: number}}}
  - {match: '*.jsonl.xz', format: jsonl, subject: $.nr, fields: {$.nr: pseudonym, $.t: text}}
  - {match: 'brieven/*.txt', format: text, subject: 'brieven/{key}_*.txt'}
  - {match: brieven/*.gz, format: opaque, ext: gz, subject: none}
accept: {files: 0, records: 0}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
ok "a house" make_house "$work/house"
mkdir -p "$work/data/brieven"
/usr/bin/python3 - "$work" <<'PY'
import gzip, json, lzma, os, random, subprocess, sys
work, rng = sys.argv[1], random.Random(1)
zstd = lambda b: subprocess.run(["zstd", "-q", "-c"], input=b, stdout=subprocess.PIPE, check=True).stdout
rows = "".join(f"{i};Zwartewaal{i % 7};{rng.random()}\n" for i in range(5000))
put = lambda name, b: open(os.path.join(work, name), "wb").write(b)
table = ("nr;naam;x\n" + rows).encode()
# Two members, one behind the other, are one file.
put("data/patients.csv.gz", gzip.compress(table[:50000]) + gzip.compress(table[50000:]))
put("data/letters.jsonl.xz", lzma.compress("".join(json.dumps({"nr": i, "t": f"Zwartewaal{i % 7} belt 06-12345678"}) + "\n" for i in range(500)).encode()))
put("data/brieven/12_a.txt.zst", zstd("Beste Zwartewaal5, tot é morgen.\n".encode("latin-1")))
put("data/brieven/scan.gz", gzip.compress(b"passed as it is"))
os.mkdir(work + "/bad")
for how, pack in ("gz", gzip.compress), ("xz", lzma.compress), ("zst", zstd):
    good = pack(table)
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    for name, b in {"cut": good[:-5], "half": good[:len(good) // 2], "flipped": bytes(flipped), "tail": good + b"zwartewaal", "empty": b"",
                    "plain": table, "bomb": pack(b"0;a;1\n" * 30000000), "twice": pack(good), "other": (lzma if how == "gz" else gzip).compress(table)}.items():
        put(f"bad/{name}.{how}", b)
PY
ok "compressed files are pushed" stager push "$work/data" --name packed --policy "$work/policy.yaml"
first=$(tail -n 1 "$work/out")
stager report "$first" --json >"$work/report"
same "all is read" "$(json "$work/report" '[j["report"]["files"]["passed"], j["report"]["records"], j["report"]["check"]["not-rescanned"]]')" \
	"[4, {'held': 0, 'passed': 5500, 'seen': 5500}, 1]"
# Plain ones of the two rules that take compressed files by what they hold, and one of each kind that is there; one of the third.
same "each kind of them has a trial" "$(json "$work/report" 'j["report"]["canaries"]')" "{'checked': 5, 'planted': 5}"
same "it is linked" "$(json "$work/report" 'j["report"]["subjects"]')" "{'linked': 5501, 'unlinked': 1}"
ok "it is opened" release "$first" "$work/out.tar"
mkdir "$work/out.d" && tar -xif "$work/out.tar" -C "$work/out.d"
not_ok "no name is left" grep -rqa Zwartewaal "$work/out.d"
same "its text is as it came" "$(cat "$work/out.d"/*/*.txt | iconv -f latin1 -t utf-8 | sed 's/\[[a-z0-9]*\]/[..]/')" "Beste [..], tot é morgen."
same "what is opaque stays packed" "$(gzip -dc "$work/out.d"/x/*.gz)" "passed as it is"
# A draft is made of what they hold.
ok "a draft" stager policy suggest "$work/data"
if grep -q "match: 'patients.csv'" "$work/out" && grep -q "'naam': drop" "$work/out"; then pass "it names what they hold"; else fail "the draft" "$work/out"; fi
mkdir "$work/one"
for file in "$work/bad"/*; do
	how=${file##*.}
	cp "$file" "$work/one/patients.csv.$how"
	expect_status 3 "$(basename "$file") is refused" stager push "$work/one" --name bad --policy "$work/policy.yaml"
	if [ "$(wc -l <"$work/err")" = 1 ] && ! grep -qi zwartewaal "$work/err"; then pass "$(tail -c 100 "$work/err")"; else fail "what is said" "$work/err"; fi
	rm "$work/one/patients.csv.$how"
done
same "nothing of them is left" "$(sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" 'SELECT count(*) FROM version')" 1
finish
