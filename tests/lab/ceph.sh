#!/bin/sh
# A Ceph of one machine with its S3 gateway on loopback, for tests: monitor, manager, one OSD in a sparse file, radosgw.
# usage: sh tests/lab/ceph.sh up DIR       start it below DIR; prints lines for eval: AWS_* and CEPH_RGW_PID
#        sh tests/lab/ceph.sh gateway DIR  start its gateway again, after that was killed; prints CEPH_RGW_PID
#        sh tests/lab/ceph.sh down DIR     end all of it
# DIR on tmpfs (/dev/shm) for speed, on disk for size. CEPH_BYTES: of the OSD's file, 20 GiB if not set, and so much it
# comes to take. CEPH_PORT: of the monitor, the gateway has the next one; two that are free if not set. Status 77 where Ceph's packages are not there; needs root.
set -u
verb=${1:-}
dir=${2:-}
[ -n "$dir" ] || { sed -n 's/^# \(usage:.*\|  *sh tests.*\)/\1/p' "$0" >&2; exit 2; }
for program in ceph-mon ceph-osd ceph-mgr radosgw radosgw-admin ceph monmaptool uuidgen; do
	command -v "$program" >/dev/null || { echo "skipped: no $program (Debian: ceph-mon ceph-osd ceph-mgr radosgw uuid-runtime)" >&2; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: Ceph's programs want root" >&2; exit 77; }
log=$dir/up.log
if [ -f "$dir/port" ]; then
	port=$(cat "$dir/port")
else
	port=${CEPH_PORT:-$(/usr/bin/python3 -c 'import random, socket
while True:
    p = random.randrange(16000, 30000)
    try:
        for q in p, p + 1:
            with socket.socket() as s: s.bind(("127.0.0.1", q))
        break
    except OSError: pass
print(p)')}
fi
rgw_port=$((port + 1))
conf=$dir/ceph.conf

start_gateway() {
	rm -f "$dir/rgw.asok" "$dir/rgw.pid"
	setsid radosgw -c "$conf" -n client.rgw --pid-file "$dir/rgw.pid" -f >>"$dir/rgw.out" 2>&1 </dev/null &
	echo $! >"$dir/rgw.pids"
	for _ in $(seq 120); do
		/usr/bin/python3 -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$rgw_port', timeout=5)" 2>/dev/null && break
		sleep 0.5
	done
	echo "export CEPH_RGW_PID=$(cat "$dir/rgw.pids")"
}

case $verb in
down)
	for signal in TERM KILL; do
		for file in "$dir"/*.pids; do
			[ -f "$file" ] && kill -$signal "$(cat "$file")" 2>/dev/null
		done
		sleep 2
	done
	exit 0
	;;
gateway)
	start_gateway
	exit 0
	;;
up) ;;
*) exit 2 ;;
esac

[ ! -e "$dir/mon" ] || { echo "$dir: there was one already" >&2; exit 1; }
mkdir -p "$dir/mon" "$dir/osd" "$dir/mgr" || exit 1
echo "$port" >"$dir/port"
fsid=$(uuidgen)
osd=$(uuidgen)
cat >"$conf" <<CONF
[global]
fsid = $fsid
mon host = v1:127.0.0.1:$port
auth cluster required = none
auth service required = none
auth client required = none
ms bind msgr2 = false
mon allow pool size one = true
mon data = $dir/mon
mon data avail crit = 1
mgr data = $dir/mgr
osd data = $dir/osd
osd objectstore = bluestore
osd memory target = 1073741824
osd crush update on start = true
osd class update on start = false
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
bluestore block create = true
bluestore block size = ${CEPH_BYTES:-21474836480}
rgw gc obj min wait = 1
rgw gc processor period = 2
run dir = $dir
admin socket = $dir/\$name.asok
log file = $dir/\$name.log
[mon.a]
mon addr = v1:127.0.0.1:$port
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$rgw_port
CONF

# daemon NAME COMMAND...: in the background, in a session of its own, its process id kept
daemon() {
	name=$1
	shift
	setsid "$@" -c "$conf" -f >"$dir/$name.out" 2>&1 </dev/null &
	echo $! >"$dir/$name.pids"
}
give_up() {
	echo "Ceph did not come up: $1" >&2
	tail -n 5 "$log" "$dir"/*.out >&2
	sh "$0" down "$dir"
	exit 1
}
monmaptool --create --clobber --fsid "$fsid" --addv a "[v1:127.0.0.1:$port]" "$dir/monmap" >"$log" 2>&1 &&
	ceph-mon -c "$conf" --mkfs -i a --monmap "$dir/monmap" >>"$log" 2>&1 || give_up "monitor"
daemon mon ceph-mon -i a
for _ in $(seq 60); do
	timeout 10 ceph -c "$conf" osd new "$osd" >>"$log" 2>&1 && break
	sleep 0.5
done
ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$osd" >>"$log" 2>&1 || give_up "OSD"
daemon osd ceph-osd -i 0
daemon mgr ceph-mgr -i x
up=
for _ in $(seq 60); do
	# Asked again it may not answer: the monitor, too, is busy.
	timeout 10 ceph -c "$conf" osd stat 2>>"$log" | grep -q '1 up' && up=1 && break
	sleep 0.5
	# On a busy machine it may ask the monitor before it knows the cluster ("wrong fsid"), and end.
	kill -0 "$(cat "$dir/osd.pids")" 2>/dev/null || daemon osd ceph-osd -i 0
done
[ -n "$up" ] || give_up "OSD"
start_gateway
timeout 60 radosgw-admin -c "$conf" -n client.rgw user create --uid=lab --display-name=lab --access-key=LABKEY \
	--secret-key=LABSECRET >>"$log" 2>&1 || give_up "gateway"
echo "export AWS_ENDPOINT_URL=http://127.0.0.1:$rgw_port AWS_ACCESS_KEY_ID=LABKEY AWS_SECRET_ACCESS_KEY=LABSECRET AWS_REGION=default"
