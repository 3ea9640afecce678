#!/bin/sh
# Goal: where a file system gives a file no second name, the bodies that a new version shares with the one before it are copied; a copy that is cut
# short is an error, leaves nothing, and is no version.
set -u
. "$STAGER_TESTS/flow/lib.sh"
command -v cc >/dev/null && cc -shared -fPIC -D_GNU_SOURCE -o "$work/no_link.so" "$STAGER_TESTS/flow/no_link.c" 2>"$work/err" || { echo "skipped: no compiler"; exit 77; }
cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: shared
project: flow
pseudonym: {domain: research, key: 1}
files: [{match: '*.txt', format: text}]
sets: {abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}}
shards: {size: 1MiB}
YAML
ok "a house" make_house "$work/house"
mkdir "$work/a" "$work/b"
seq 100000 >"$work/a/1.txt"
seq 10 >"$work/b/2.txt"
ok "a first version" stager push "$work/a" --name shared --policy "$work/policy.yaml"
first=$(tail -n 1 "$work/out")
state() { find "$STAGER_HOUSE/vault" "$STAGER_HOUSE/staging" -mindepth 1 ! -name '*.lock' | sort; }
state >"$work/before"
STAGER_COPY=none LD_PRELOAD=$work/no_link.so expect_status 1 "a copy of nothing is an error" stager push "$work/b" --name shared --policy "$work/policy.yaml" --append
grep -q 'body: copied in part' "$work/err" && pass "which says so" || fail "which says so" "$work/err"
state >"$work/after"
ok "and leaves nothing" cmp "$work/before" "$work/after"
LD_PRELOAD=$work/no_link.so expect_status 0 "a whole copy is taken" stager push "$work/b" --name shared --policy "$work/policy.yaml" --append
second=$(tail -n 1 "$work/out")
body=$STAGER_HOUSE/vault/$second/abroad/shard-00000.body
same "it is a file of its own" "$(stat -c %h "$body")" 1
ok "with the same bytes" cmp "$body" "$STAGER_HOUSE/vault/$first/abroad/shard-00000.body"
ok "all is sound" stager verify
finish
