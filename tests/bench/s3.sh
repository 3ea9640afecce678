#!/bin/sh
# Measure sending to S3: our puts beside `rclone copy` with the flags that are best for it, to the same Ceph gateway, in the same run,
# turn by turn. A markdown table of medians: MB/s, and seconds of processor time of the sender.
# usage, as root: STAGER_BUILD=FOLDER-OF-PROGRAMS sh tests/bench/s3.sh [MEGABYTES [ROUNDS]]      default: 4096, 3; in shards of 512 MiB
# Ceph works in $STAGER_LAB (default: /dev/shm, then its disk is memory) in a file of three times that size; sources lie in
# $STAGER_BENCH, else TMPDIR, and in the page cache. Status 1 where we are slower than the best of rclone.
set -u
: "${STAGER_BUILD:?folder of the programs}"
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/../deploy/packages.sh"
need_packages rclone curl openssl python3 || exit 1
megabytes=${1:-4096}
rounds=${2:-3}
work=$(mktemp -d "${STAGER_BENCH:-${TMPDIR:-/tmp}}/stager-s3.XXXXXX")
ceph=$(mktemp -d "${STAGER_LAB:-/dev/shm}/stager-ceph.XXXXXX")
trap 'sh "$tests/lab/ceph.sh" down "$ceph"; rm -rf "$ceph" "$work"' EXIT
trap 'exit 1' INT TERM
for variable in $(env | sed -n 's/^\(\(AWS\|RCLONE\)_[A-Z0-9_]*\)=.*/\1/p') http_proxy https_proxy all_proxy; do unset "$variable"; done
CEPH_BYTES=$((megabytes * 3 * 1048576)) sh "$tests/lab/ceph.sh" up "$ceph" >"$work/env" || exit $?
. "$work/env"
mkdir "$work/src"
i=0
while [ $((i * 512)) -lt "$megabytes" ]; do
	size=$((megabytes - i * 512))
	[ $size -gt 512 ] && size=512
	openssl enc -aes-128-ctr -pass pass:$i -nosalt -in /dev/zero 2>/dev/null | head -c $((size * 1048576)) >"$work/src/$(printf 'shard-%05d.body' $i)"
	i=$((i + 1))
done
/usr/bin/python3 "$tests/bench/s3.py" "$STAGER_BUILD/../../tests/endpoint_tool" "$work/src" "$rounds"
