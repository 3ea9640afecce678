#!/bin/sh
# Goal: what the documents show works as it stands there: the whole policy of POLICY.md is good, and a survey pushed by it is as it says; every policy
# of deploy/ that a reader is sent to is good.
set -u
. "$STAGER_TESTS/flow/lib.sh"
top=$(dirname "$STAGER_TESTS")

# The first block of POLICY.md that is a whole policy.
mkdir -p "$work/data/survey"
awk '/^```/ { if (inside && text ~ /^policy: 1\n/) { printf "%s", text; exit } inside = !inside; text = ""; next } inside { text = text $0 "\n" }' \
	"$top/POLICY.md" >"$work/survey.yaml"
grep -q 'unit: record' "$work/survey.yaml" && pass "POLICY.md has a whole policy of records" || fail "no whole policy of records in POLICY.md" "$work/survey.yaml"
expect_status 3 "without its hierarchy it is refused" stager policy check "$work/survey.yaml"
grep -q 'isced.csv' "$work/err" && pass "by the file's name" || fail "by the file's name" "$work/err"
# The lines of it that POLICY.md shows.
grep -o '`vmbo;[^`]*`' "$top/POLICY.md" | tr -d '`' | tr ' ' '\n' >"$work/isced.csv"
same "its lines are there" "$(grep -c '^[a-z]*;[a-z]*;\*$' "$work/isced.csv")" 4
ok "with it the policy is good" stager policy check "$work/survey.yaml"
sed 's/income: 2}/remark: 2}/' "$work/survey.yaml" >"$work/wrong.yaml"
expect_status 3 "free text under l is refused" stager policy check "$work/wrong.yaml"
python3 - "$work/data/survey/2026.csv" <<'PY'
import random, sys
rng = random.Random(45)
with open(sys.argv[1], "w") as out:
    out.write("age,postcode,sex,education,income,remark\n")
    for i in range(2000):
        out.write("%d,%s,%s,%s,%d,%s\n" % (rng.randint(20, 80), rng.choice(["1011 AB", "1012 CD", "9711 AA"]), rng.choice("mv"),
                                         rng.choice(["vmbo", "havo", "hbo", "wo"]), rng.randint(10, 60) * 1000, rng.choice(["", "bel 06-12345678"])))
PY
ok "a house" make_house "$work/house"
stager push "$work/data" --name survey --policy "$work/survey.yaml" --dry-run --json >"$work/dry" 2>"$work/err"
same "a survey passes it, and nobody stands alone" \
	"$(json "$work/dry" 'j["report"]["records"]["held"], j["report"]["disclosure"]["records"], j["report"]["disclosure"]["smallest"] >= 10')" "(0, 2000, True)"
same "its small groups are seen" "$(json "$work/dry" 'j["report"]["disclosure"]["below"] > 0')" True

for policy in "$top"/deploy/policies/*.yaml; do
	ok "$(basename "$policy")" stager policy check "$policy"
done
finish
