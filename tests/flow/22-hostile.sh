#!/bin/sh
# Goal: sources made to do harm, and sources, disks and people that fail in the middle, are refused in clear words that repeat no
# name and no content, and leave nothing behind.
set -u
. "$STAGER_TESTS/flow/lib.sh"

flow_end() {
	umount "$work/small" 2>/dev/null
	rm -rf "$work"
}

cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: hostile
project: flow
pseudonym: {domain: research, key: 1}
files:
  - {match: '**/*.bin', format: opaque, ext: bin}
  - {match: '**/*.txt', format: text}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
push() { stager push --name hostile --policy "$work/policy.yaml" "$@"; }
count() { sqlite3 "file:$STAGER_HOUSE/ledger.db?mode=ro" "SELECT count(*) FROM $1"; }
nothing_left() {
	[ -z "$(ls -A "$STAGER_HOUSE/vault")" ] && [ -z "$(find "$STAGER_HOUSE/staging" -mindepth 1 ! -name '*.lock')" ] &&
		[ "$(count version)" = 0 ] && [ "$(count shard)" = 0 ] && [ "$(count shard_set)" = 0 ]
}
# refused STATUS WHAT SOURCE...: one line on stderr, without what was planted; nothing left
refused() {
	want=$1
	what=$2
	shift 2
	expect_status "$want" "$what is refused" push "$@"
	cp "$work/err" "$work/said"
	if [ "$(wc -l <"$work/said")" = 1 ] && ! grep -qi zwartewaal "$work/said" && ! grep -q 'rror 0\|killed' "$work/said"; then
		pass "$what: a line that says why: $(cut -c1-120 "$work/said")"
	else
		fail "$what: what is said" "$work/said"
	fi
	nothing_left || fail "$what: something is left"
}

ok "a house" make_house "$work/house"
house=$work/house

# --- archives
mkdir "$work/archives"
ok "hostile archives are made" /usr/bin/python3 "$STAGER_TESTS/flow/hostile.py" small "$work/archives"
ok "they are many" test "$(ls "$work/archives" | wc -l)" -gt 60
for archive in "$work/archives"/*; do
	case $archive in
	*/good.*) ;;
	*) refused 3 "$(basename "$archive")" "$archive" ;;
	esac
done
# One of them among good files refuses all.
mkdir "$work/folder"
echo goed >"$work/folder/a.txt"
cp "$work/archives/symlink.tar" "$work/folder/z.tar"
refused 3 "an archive with a link among good files" "$work/folder"
# The vectors that the reader's own test has too.
for archive in "$STAGER_TESTS"/vectors/archives/*; do
	case $archive in
	*/good* | *.py | *.txt | */not-tar.* | */gz-of-zip.gz) ;;
	*) refused 3 "vectors/$(basename "$archive")" "$archive" ;;
	esac
done
for archive in not-tar.gz not-tar.xz not-tar.zst gz-of-zip.gz; do
	cp "$STAGER_TESTS/vectors/archives/$archive" "$work/x.tar.${archive##*.}"
	refused 3 "vectors/$archive as a tar" "$work/x.tar.${archive##*.}"
done
ok "a tar of 1,000,001 members" sh -c '/usr/bin/python3 "$1/flow/hostile.py" members 1000001 | zstd -1qc >"$2/members.tar.zst"' sh "$STAGER_TESTS" "$work"
refused 3 "a million and one members" "$work/members.tar.zst"
same "for their number" "$(grep -o 'more than 1000000 members' "$work/said")" "more than 1000000 members"
rm "$work/members.tar.zst"

# --- folders
odd=$work/odd
fresh() {
	rm -rf "$odd"
	mkdir "$odd"
	echo goed >"$odd/a.txt"
}
fresh
ln -s /etc/passwd "$odd/Zwartewaal.txt"
refused 3 "a symbolic link to a file" "$odd"
fresh
ln -s /etc "$odd/Zwartewaal"
refused 3 "a symbolic link to a folder" "$odd"
fresh
ln -s Zwartewaal "$odd/Zwartewaal"
refused 3 "a symbolic link to itself" "$odd"
fresh
mkfifo "$odd/Zwartewaal.txt"
refused 3 "a named pipe" "$odd"
fresh
/usr/bin/python3 -c 'import os, socket, sys; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind("Zwartewaal")' "$odd"
refused 3 "a socket" "$odd"
if [ "$(id -u)" = 0 ] && fresh && mknod "$odd/Zwartewaal" c 1 5 2>/dev/null; then
	refused 3 "a device" "$odd"
fi
for name in "Zwartewaal
.txt" 'Zwartewaal\.txt' "$(printf 'Zwartewaal\351.txt')" "$(printf 'Zwartewaal\033[2J.txt')"; do
	fresh
	echo x >"$odd/$name"
	refused 3 "a name that no archive may have" "$odd"
done
fresh
refused 3 "the same file in two sources" "$odd" "$odd"
refused 3 "a device as the source" /dev/null
fresh
deep=$odd
for i in $(seq 70); do deep=$deep/Zwartewaal; done
mkdir -p "$deep"
echo x >"$deep/x.txt"
refused 3 "folders 70 deep" "$odd"
if [ "$(id -u)" != 0 ]; then
	fresh
	chmod 0 "$odd/a.txt"
	refused 1 "a file that may not be read" "$odd"
fi

# --- sources that change: large enough that the push is still busy when the first shard appears
mkdir "$work/moving"
for i in 1 2 3 4; do head -c 60000000 /dev/zero >"$work/moving/$i.bin"; done
# meanwhile WHAT COMMAND...: a push is under way; when its first shard is there, do this to its sources
meanwhile() {
	what=$1
	shift
	echo Zwartewaal >"$work/moving/z.txt"
	push "$work/moving" >"$work/printed" 2>"$work/said" &
	pid=$!
	for i in $(seq 1000); do
		[ -z "$(find "$house/staging" -name '*.body')" ] || break
		sleep 0.01
	done
	"$@"
	wait $pid
	same "$what: status 3" "$?" 3
	same "$what: why" "$(grep -o 'changed while it was read' "$work/said")" "changed while it was read"
	not_ok "$what: no name is said" grep -qi 'zwartewaal\|z\.txt\|\.bin' "$work/said"
	ok "$what: nothing is left" nothing_left
}
meanwhile "a file that is still to be read changes" sh -c 'echo meer >>"$1/z.txt"' sh "$work/moving"
meanwhile "a file that was read already changes" sh -c 'echo x | dd of="$1/1.bin" conv=notrunc status=none' sh "$work/moving"
meanwhile "a file vanishes" rm "$work/moving/z.txt"
meanwhile "a link takes a file's place" ln -sf /etc/passwd "$work/moving/z.txt"
rm "$work/moving/z.txt"
meanwhile "another file takes its place" sh -c 'echo Zwartewaal >"$1/y" && mv "$1/y" "$1/z.txt"' sh "$work/moving"
meanwhile "a file grows as it is read" truncate -s 60000001 "$work/moving/1.bin"
truncate -s 60000000 "$work/moving/1.bin"
expect_status 0 "left alone, it is pushed" push "$work/moving"
expect_status 0 "and rejected" stager reject "$(cat "$work/out")"
rm -rf "$work/moving"

# --- a full disk, full at different moments
mkdir "$work/small"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=12m none "$work/small" 2>/dev/null; then
	ok "a house on a small disk" make_house "$work/small/house"
	house=$work/small/house
	mkdir "$work/big"
	head -c 30000000 /dev/urandom >"$work/big/a.bin"
	refused 1 "a dataset larger than the disk" "$work/big"
	same "for want of space" "$(grep -o 'No space left on device' "$work/said")" "No space left on device"
	ok "the house is sound" stager verify
	free=$(df -B1024 --output=avail "$work/small" | tail -n 1)
	tried=
	for less in 0 40 80 120 160 200 280 400 600 1000; do
		head -c $(((free - less) * 1024)) /dev/urandom >"$work/big/a.bin"
		push "$work/big" >"$work/printed" 2>"$work/said"
		status=$?
		tried="$tried $status"
		case $status in
		0)
			stager verify >"$work/out" 2>&1 || fail "pushed with $less KiB to spare, but not sound" "$work/out"
			stager reject "$(cat "$work/printed")" >"$work/out" 2>&1 || fail "$less KiB to spare: reject" "$work/out"
			;;
		1)
			stager verify >"$work/out" 2>&1 || fail "full with $less KiB to spare: not sound" "$work/out"
			[ "$(count "version WHERE state NOT IN ('REJECTED')")" = 0 ] || fail "$less KiB: a version is left"
			[ -z "$(ls -A "$house/vault")" ] || fail "$less KiB: something is left in the vault"
			[ -z "$(find "$house/staging" -mindepth 1 ! -name '*.lock')" ] || fail "$less KiB: something is left in staging"
			;;
		*) fail "$less KiB to spare: status $status" "$work/said" ;;
		esac
	done
	case $tried in
	*1*0*) pass "with less and less on the disk it fails whole, with enough it goes on:$tried" ;;
	*) fail "a push of what just fits:$tried" "$work/said" ;;
	esac
else
	echo "no small disk can be mounted here: the full disk is skipped"
fi

finish
