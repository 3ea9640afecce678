#!/bin/sh
# Goal: a newcomer sees a sensitive dataset go the whole way, from push to an opened shard, on a fresh Debian 12 or 13 machine.
# usage: sh deploy/try.sh [FOLDER]     FOLDER: keep the house there; else a temporary folder, removed at the end
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/deploy/packages.sh"

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
run() { printf '\033[2m$ %s\033[0m\n' "$*"; "$@"; }
[ -t 1 ] || { say() { printf '\n== %s\n' "$*"; }; run() { printf '$ %s\n' "$*"; "$@"; }; }

# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES
say "Building (a minute or so the first time, longer on a busy machine)"
# One for each tree: another clone is other source.
build=${STAGER_TRY_BUILD:-${TMPDIR:-/tmp}/stager-try-build-$(id -u)-$(printf '%s' "$top" | cksum | cut -d ' ' -f 1)}
[ -f "$build/build.ninja" ] || meson setup "$build" "$top" >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
meson compile -C "$build" >"$build.log" 2>&1 || { tail -n 40 "$build.log"; exit 1; }
echo "programs in $build/stager/roles"
PATH=$build/stager/roles:$PATH

if [ $# -gt 0 ]; then
	work=$1
	mkdir -p "$work"
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' INT TERM
fi
cd "$work"

say "A house, a holder, and two stewards with keys of their own"
swap=
if [ "$(grep -cv -e '^Filename' -e '^/dev/zram' -e '^/dev/dm-' /proc/swaps || true)" != 0 ]; then
	echo "This machine has unencrypted swap. A real house refuses that; this one is told to bear it (--allow-swap)."
	swap=--allow-swap
fi
run stager init house --name try $swap
STAGER_HOUSE=$work/house
export STAGER_HOUSE
run stager holder add umc-waterdam
for person in anna boris; do
	run stager-sign keygen --out "$person.key"
	echo "$ stager-sign steward --key $person.key --holder umc-waterdam --person $person@umc.example > $person.steward"
	stager-sign steward --key "$person.key" --holder umc-waterdam --person "$person@umc.example" >"$person.steward"
	run stager steward add "$person.steward"
done

say "Push: unpack, scrub, check again, cut into shards, seal, sign the manifest, log"
run stager policy check "$top/deploy/policies/sample.yaml"
printf '$ stager push deploy/sample/data --name sample --policy deploy/policies/sample.yaml\n'
version=$(stager push "$top/deploy/sample/data" --name sample --policy "$top/deploy/policies/sample.yaml")
echo "$version"

say "The scrub report: numbers and reasons, never a value"
run stager report "$version"

say "A steward accepts the version: he signs the report"
run stager report "$version" --out report.json
echo "$ stager-sign --yes --key anna.key report.json > accept.env"
stager-sign --yes --key anna.key report.json >accept.env
run stager accept accept.env

say "A researcher asks for it, for one node at LUMI; two stewards sign"
run stager-node keygen --out job.key --pub job.pub
run stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example \
	--redemptions 2 --out request.json
for person in anna boris; do
	echo "$ stager-sign --yes --key $person.key request.json > $person.approval"
	stager-sign --yes --key "$person.key" request.json >"$person.approval" 2>/dev/null
	run stager approve "$person.approval"
done

say "On the node: a key that lives in its memory alone, released by the house, logged first"
node() {
	command=$1
	shift
	stager-node "$command" --house 'stager release' --pin house/house.json --request request.json --job-key job.key \
		--from house/vault "$@"
}
echo "$ stager-node list --house 'stager release' --pin house/house.json --request request.json --job-key job.key --from house/vault"
node list >members
head -n 12 members
echo "... $(wc -l <members) lines"
echo "$ stager-node cat ... --restart 1 > shards.tar; tar -tf shards.tar"
node cat --restart 1 >shards.tar
mkdir opened
tar -xf shards.tar -C opened
echo "$(tar -tf shards.tar | wc -l) members"

say "Before and after"
before_after() {
	printf '%s\n' "before  $1:"
	printf '%s\n' "$2" | cut -c1-200
	printf '%s\n' "after:"
	printf '%s\n' "$3" | cut -c1-200
	echo
}
first=$(find opened -name '*.csv' | sort | while read -r f; do grep -l icd10 "$f" && break; done)
before_after patients.csv "$(head -n 3 "$top/deploy/sample/data/patients.csv")" "$(head -n 3 "$first")"
letter=$(find opened -name '*.json' | sort -t/ -k3 | head -n 1)
before_after "letters.jsonl (one record)" "$(head -n 1 "$top/deploy/sample/data/letters.jsonl")" "$(head -n 1 "$letter")"
note=$(find opened -name '*.txt' | sort -t/ -k3 | head -n 1)
before_after "a note" "$(head -n 1 "$(find "$top/deploy/sample/data/notes" -name 'note-01*')")" "$(head -n 1 "$note")"

echo "What the detectors do not know as a name, an address or a number stands as it was: they miss some (SECURITY.md)."

say "Everything is proven again from what is on disk"
run stager verify
run stager show "$version"
echo
echo "Done. The log is in house/log, servable by any web server; its head:"
cat house/log/checkpoint
