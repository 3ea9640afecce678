#!/bin/sh
# Goal: a dry run says what a push then does, to the number, and leaves nothing behind: no file, no row, no log entry.
set -u
. "$STAGER_TESTS/flow/lib.sh"
policy=$top/deploy/policies/sample.yaml
ok "a house" make_house "$work/house"
house=$work/house
cp -R "$top/deploy/sample/data" "$work/data"

# All that a house is: its files but the database's own, with their bytes, and every row.
state() {
	(cd "$house" && find . -type f ! -name 'ledger.db*' -exec sha256sum {} + | sort -k2 && find . -type d | sort) >"$1"
	# Whatever opens a house remembers the log's checkpoint that it saw; a dry run may be the first.
	sqlite3 "file:$house/ledger.db?mode=ro" .dump | grep -v "^INSERT INTO setting VALUES('checkpoint'" >>"$1"
}
state "$work/before"
expect_status 0 "a dry run" stager push "$work/data" --name sample --policy "$policy" --dry-run
grep -q '^Dry run of sample (umc-waterdam): nothing was sealed, kept or logged' "$work/out" && pass "says what it is" ||
	fail "says what it is" "$work/out"
for words in '^  held back unseen, the policy allows 0 files and 1% of the records$' '^  no review is asked for' \
	'^  set abroad: may be sent; held in NL, FI; opened at lumi$'; do
	grep -q -e "$words" "$work/out" && pass "and what follows: $words" || fail "and what follows: $words" "$work/out"
done
expect_status 0 "as JSON, with a page" stager push "$work/data" --name sample --policy "$policy" --dry-run --json --html "$work/dry.html"
cp "$work/out" "$work/dry.json"
ok "the page says that it is a trial" grep -q "Dit is een proef" "$work/dry.html"
not_ok "and not how to accept" grep -q "stager accept" "$work/dry.html"
same "no version" "$(json "$work/dry.json" 'j["type"], j["state"], "version-id" in j')" "('stager.dry-run.1', 'sealed', False)"
state "$work/after"
ok "the house is as it was" cmp "$work/before" "$work/after"
same "no list of it" "$(stager list --json)" "[]"
not_ok "nobody can sign it" stager-sign --yes --key "$work/anna.key" "$work/dry.json"

ok "the push itself" stager push "$work/data" --name sample --policy "$policy"
stager report "$(tail -n 1 "$work/out")" --out "$work/report.json" >/dev/null
same "comes to the same numbers" "$(json "$work/report.json" 'j["report"], j["members"], j["policy"], j["state"]')" \
	"$(json "$work/dry.json" 'j["report"], j["members"], j["policy"], j["state"]')"
state "$work/pushed"
not_ok "(that the house is as it was would be seen otherwise)" cmp -s "$work/before" "$work/pushed"

# --- what would be held, and what is refused
echo x >"$work/data/unknown.xyz"
state "$work/before"
expect_status 6 "a dry run of what would be held" stager push "$work/data" --name sample --policy "$policy" --dry-run
grep -q '^A push now would be HELD' "$work/out" && pass "says so" || fail "says so" "$work/out"
grep -q '^  it would be HELD: more files were held back' "$work/out" && pass "and for what" || fail "and for what" "$work/out"
same "for nothing else" "$(grep -c 'it would be HELD' "$work/out")" 1
# What the policy wants of people, of sets and of small groups is said before anything is sealed.
sed -e 's/^accept:.*/accept: {files: 2, records: 0.5%, review: {letters: 7, scans: 3, found: 1}}/' "$policy" >"$work/review.yaml"
expect_status 0 "a dry run under a policy that wants a review" stager push "$work/data" --name sample --policy "$work/review.yaml" --dry-run
for words in '2 files and 0.5% of the records$' 'looks, with .stager review., at 7 letters and 3 scans of each set$' 'may find something in 1;'; do
	grep -q -e "$words" "$work/out" && pass "it says: $words" || fail "it says: $words" "$work/out"
done
expect_status 0 "as JSON" stager push "$work/data" --name sample --policy "$work/review.yaml" --dry-run --json
same "the same" "$(json "$work/out" 'j["accept"]["review"], j["held-for"], j["sets"]["abroad"]["hold"]')" "({'found': 1, 'letters': 7, 'scans': 3}, [], ['NL', 'FI'])"
expect_status 6 "the same with a page" stager push "$work/data" --name sample --policy "$policy" --dry-run --html "$work/held.html"
same "is told beside it" "$(grep -c "would be HELD: .*held.html" "$work/err")" 1
printf 'PK\003\004 no archive' >"$work/data/broken.zip"
expect_status 3 "a broken archive is refused as in a push" stager push "$work/data" --name sample --policy "$policy" --dry-run --html "$work/none.html"
not_ok "and no page is made" test -e "$work/none.html"
expect_status 2 "--html without --dry-run" stager push "$work/data" --name sample --policy "$policy" --html "$work/none.html"
expect_status 3 "a policy that is none" stager push "$work/data" --name sample --policy "$work/anna.steward" --dry-run
state "$work/after"
ok "the house is as it was" cmp "$work/before" "$work/after"

# --- sealed sources are opened for it, too
ok "the key that sources are sealed for" stager ingest-key --out "$work/house.pub"
mkdir "$work/inbox"
stager crypt4gh encrypt --recipient_pk "$work/house.pub" <"$work/data/letters.jsonl" >"$work/inbox/letters.jsonl.c4gh"
expect_status 0 "a dry run of a sealed source" stager push "$work/inbox" --name inbox --policy "$policy" --dry-run --json
same "its records were read" "$(json "$work/out" 'j["report"]["records"]["passed"], j["report"]["sealed"]')" "(24, {'order-proven': 1})"
finish
