#!/bin/sh
# Goal: people and programs that act at the same moment, or in odd surroundings, never leave a house that verify calls damaged,
# and nothing that was said is lost: two stewards added, accepted or rejected, approved or cancelled, a push that was killed.
set -u
. "$STAGER_TESTS/flow/lib.sh"

# both COMMAND COMMAND: at the same moment; how each ended stands in $one and $two
both() {
	sh -c "$1" >"$work/one" 2>&1 &
	first_pid=$!
	sh -c "$2" >"$work/two" 2>&1
	two=$?
	wait "$first_pid"
	one=$?
}
rows() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "$1"; }
steward_of() {
	[ -f "$work/$2.key" ] || stager-sign keygen --out "$work/$2.key" >/dev/null
	stager-sign steward --key "$work/$2.key" --holder "$1" --person "$2@umc.example" >"$work/$1.$2.steward"
}
push_text() {
	mkdir -p "$work/src-$1" && echo "een brief, nummer $1" >"$work/src-$1/brief.txt" &&
		stager push "$work/src-$1" --name "$1" --holder umc-waterdam --policy "$work/text.yaml" --json --receipt "$work/$1.receipt" >/dev/null &&
		json "$work/$1.receipt" 'j["version-id"]' >"$work/$1.id"
}
cat >"$work/text.yaml" <<'YAML'
policy: 1
name: text
project: text
pseudonym: {domain: research, key: 1}
text: {language: [nl]}
files:
  - match: '**'
    format: text
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
YAML

ok "a house" make_house "$work/house"
house=$work/house

# --- people
ok "two more holders" sh -c 'stager holder add second && stager holder add third'
steward_of second anna
ok "a steward of one holder becomes one of another" stager steward add "$work/second.anna.steward"
same "and is listed for both" "$(rows "SELECT count(*) FROM steward WHERE person = 'anna@umc.example'")" 2
expect_status 3 "but not twice for one" stager steward add "$work/second.anna.steward"
steward_of third carla
steward_of third dirk
both "stager steward add $work/third.carla.steward" "stager steward add $work/third.dirk.steward"
same "two stewards added at once" "$one $two" "0 0"
steward_of third emil
for by in carla dirk; do stager-sign --yes --key "$work/$by.key" "$work/third.emil.steward" >"$work/emil.$by" 2>/dev/null; done
expect_status 3 "a third one alone is refused" stager steward add "$work/third.emil.steward"
ok "both are in the key's own register: they admit him" \
	stager steward add "$work/third.emil.steward" "$work/emil.carla" "$work/emil.dirk"
ok "verify" stager verify

# --- a version
for round in 1 2 3; do
	ok "push $round" push_text "both$round"
	id=$(cat "$work/both$round.id")
	stager report "$id" --out "$work/report" >/dev/null
	for by in anna boris; do stager-sign --yes --key "$work/$by.key" "$work/report" >"$work/$by.env" 2>/dev/null; done
	both "stager accept $work/anna.env" "stager accept $work/boris.env"
	same "two stewards accept at once" "$one $two" "0 0"
	ok "verify after it" stager verify
	ok "push $round to reject" push_text "either$round"
	id=$(cat "$work/either$round.id")
	stager report "$id" --out "$work/report" >/dev/null
	stager-sign --yes --key "$work/anna.key" "$work/report" >"$work/anna.env" 2>/dev/null
	both "stager accept $work/anna.env" "stager reject $id"
	same "of accept and reject one is refused" "$(printf '%s\n' "$one" "$two" | sort | tr '\n' ' ')" "0 3 "
	ok "verify after that" stager verify
done

# --- a request
id=$(cat "$work/both1.id")
ok "a job key" stager-node keygen --out "$work/job.key" --pub "$work/job.pub"
for round in 1 2 3; do
	ok "a request" stager request new "$id" --site lumi --job-key "$work/job.pub" --requester zoe@uni.example --out "$work/request"
	request=$(tail -n 1 "$work/out")
	for by in anna boris; do stager-sign --yes --key "$work/$by.key" "$work/request" >"$work/$by.env" 2>/dev/null; done
	ok "approved by one" stager approve "$work/anna.env"
	both "stager approve $work/boris.env" "stager request cancel $request"
	same "a cancel beside the second approval holds" "$two $(rows "SELECT state FROM request WHERE id = '$request'")" "0 CANCELLED"
	ok "verify after it" stager verify
done

# --- keys
kek=$(rows "SELECT dataset FROM version WHERE id = '$id'")
mv "$house/keys/1/kek/$kek" "$work/kek"
expect_status 4 "verify misses a dataset's key" stager verify
echo "meer" >"$work/src-both1/nog.txt"
expect_status 4 "a push does not make another one over shards" stager push "$work/src-both1" --name both1 --holder umc-waterdam --policy "$work/text.yaml"
not_ok "and none was made" test -e "$house/keys/1/kek/$kek"
mv "$work/kek" "$house/keys/1/kek/$kek"
ok "verify with the key back" stager verify

# --- a push that was killed, of sources that changed since
mkdir "$work/src-killed"
# Enough files that the push is still at them when the kill comes.
head -c 8000000 /dev/zero | tr '\0' 'a' | fold -w 80 >"$work/src-killed/lang.txt"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do cp "$work/src-killed/lang.txt" "$work/src-killed/lang$i.txt"; done
stager push "$work/src-killed" --name killed --holder umc-waterdam --policy "$work/text.yaml" >/dev/null 2>&1 &
pid=$!
until [ "$(rows "SELECT count(*) FROM version WHERE state = 'RECEIVED'")" = 1 ] || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
kill -9 $pid
wait $pid 2>/dev/null
same "a killed push leaves a row" "$(rows "SELECT count(*) FROM version WHERE state = 'RECEIVED'")" 1
ok "verify beside it" stager verify
rm "$work/src-killed"/lang?*.txt
echo "kort" >"$work/src-killed/lang.txt"
ok "other sources of the same name" stager push "$work/src-killed" --name killed --holder umc-waterdam --policy "$work/text.yaml"
same "sweep it away" "$(rows "SELECT count(*) FROM version WHERE state = 'RECEIVED'")$(find "$house/staging" -mindepth 1 -type d)" 0

# --- two pushes of one dataset: the second waits, and says so in one line, terminal or not
dataset=$(rows "SELECT id FROM dataset WHERE name = 'killed'")
mkfifo "$work/hold"
flock "$house/staging/$dataset.lock" cat "$work/hold" >/dev/null &
holder=$!
exec 9>"$work/hold" # the lock is held until this end is closed
until ! flock -n "$house/staging/$dataset.lock" true; do sleep 0.02; done
stager push "$work/src-killed" --name killed --holder umc-waterdam --policy "$work/text.yaml" >"$work/one" 2>"$work/waited" 9>&- &
pid=$!
until [ -s "$work/waited" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
sleep 0.2
ok "the second push still waits" kill -0 $pid
same "and has said so, once" "$(cat "$work/waited")" "stager: another push of this dataset is at work; waiting for it"
ok "a push of another dataset does not wait" push_text both2
exec 9>&-
wait $holder
wait $pid
same "then it is done" "$? $(wc -l <"$work/one")" "0 1"
ok "one that need not wait says nothing of it" stager push "$work/src-killed" --name killed --holder umc-waterdam --policy "$work/text.yaml"
not_ok "nothing" grep -q waiting "$work/err"

# --- terms that no manifest can say are refused before anything is read
for meta in '{"licence":1}' '{"purposes":"DUO:0000007"}' '{"purposes":["a b"]}' '{"legal-basis":["x"]}' "{\"retention\":\"$(printf 'x%.0s' $(seq 300))\"}"; do
	echo "$meta" >"$work/meta"
	expect_status 3 "meta $(echo "$meta" | cut -c1-30)" \
		stager push "$work/src-both1" --name terms --holder umc-waterdam --policy "$work/text.yaml" --meta "$work/meta"
done
same "and leave no row" "$(rows "SELECT count(*) FROM dataset WHERE name = 'terms'")" 0
echo '{"licence":"CC-BY-4.0","purposes":["DUO:0000007"]}' >"$work/meta"
ok "good terms" stager push "$work/src-both1" --name terms --holder umc-waterdam --policy "$work/text.yaml" --meta "$work/meta"
ok "output that has no room is an error" sh -c 'stager list >/dev/full; [ $? = 1 ]'

# --- odd surroundings
echo "nog een" >"$work/src-both2/nog.txt"
ok "a push with standard input, output and error closed" \
	sh -c "stager push '$work/src-both2' --name both2 --holder umc-waterdam --policy '$work/text.yaml' <&- >&- 2>&-"
echo "en nog een" >"$work/src-both3/nog.txt"
ok "a push whose parent ignores its children's ends" /usr/bin/python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
os.execvp("stager", ["stager"] + sys.argv[1:])' push "$work/src-both3" --name both3 --holder umc-waterdam --policy "$work/text.yaml"
mkdir "$work/real"
ln -s real "$work/link"
# shellcheck disable=SC2046 # one option or none
ok "a house behind a symbolic link" stager init "$work/link/house" --name linked $(swap_option)
ok "is a good one" stager verify --house "$work/link/house"
ok "verify at the end" stager verify
finish
