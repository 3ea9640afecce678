#!/bin/sh
# Measure: `stager-node fetch` over a long path (40 ms round trip, 1000 Mbit/s, loss 0.0001), over HTTP and HTTPS, beside iperf3 -P 4
# in the same round, and beside curl, rclone and scp. A markdown table; then whether fetch reached 95% of iperf3. Eight minutes.
# usage, as root: STAGER_BUILD=FOLDER-OF-PROGRAMS sh tests/lab/wan.sh [MEGABYTES [RTT-MS [MBIT [LOSS]]]]     default: 2000 40 1000 0.0001
# STAGER_WAN_ROUNDS: medians of so many (default 3). STAGER_WAN_CONTROLS: of bbr, cubic and reno those to set at both ends, a table each
# (default bbr; with another one curl and scp take minutes). Works in $STAGER_BENCH, else TMPDIR; what is fetched goes to /dev/shm.
set -u
: "${STAGER_BUILD:?folder of the programs}"
here=$(cd "$(dirname "$0")" && pwd)
PATH=$STAGER_BUILD:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
unset STAGER_HOUSE http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy
[ "$(id -u)" = 0 ] || { echo "skipped: only root can make network namespaces"; exit 77; }
. "$here/../../deploy/packages.sh"
need_packages gcc libc6-dev iproute2 iperf3 nginx-light curl rclone openssh-server openssh-client openssl python3 || exit 1
megabytes=${1:-2000} rtt=${2:-40} rate=${3:-1000} loss=${4:-0.0001} rounds=${STAGER_WAN_ROUNDS:-3}
name=stgwan$$
far=$name-far near=$name-near address=10.93.0.2
work=$(mktemp -d "${STAGER_BENCH:-${TMPDIR:-/tmp}}/stager-wan.XXXXXX")
memory=$(mktemp -d /dev/shm/stager-wan.XXXXXX)
started=
end_here() {
	for pid in $started; do kill "$pid" 2>/dev/null; done
	sleep 0.5
	ip netns del "$far" 2>/dev/null
	ip netns del "$near" 2>/dev/null
	rm -rf "$work" "$memory"
}
trap end_here EXIT
trap 'exit 1' INT TERM
cc -O2 -D_GNU_SOURCE -pthread "$here/wanlink.c" -o "$work/wanlink" || exit 1
"$work/wanlink" --name "$name" --rtt "$rtt" --rate "$rate" --loss "$loss" >"$work/ready" &
started="$started $!"
for _ in 1 2 3 4 5 6 7 8 9 10; do grep -q ready "$work/ready" && break; sleep 0.5; done
grep -q ready "$work/ready" || { echo "no link"; exit 1; }

# A version in shards of 512 MiB, and its servers at the far end, in memory.
/usr/bin/python3 "$here/wan_house.py" "$work" "$megabytes" >"$work/house.log" 2>&1 || { tail -n 20 "$work/house.log"; exit 1; }
version=$(tail -n 1 "$work/house.log")
cp -a "$work/house/vault" "$memory/web"
chmod -R a+rX "$memory"
total=$(find "$memory/web/$version" -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%.0f", sum }')
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=far' -addext "subjectAltName=IP:$address" \
	-keyout "$work/tls.key" -out "$work/tls.pem" 2>"$work/openssl.log" || { cat "$work/openssl.log"; exit 1; }
cat >"$work/nginx.conf" <<CONF
daemon off;
user root;
pid $work/nginx.pid;
error_log $work/nginx.err;
worker_processes 2;
events { worker_connections 256; }
http {
	access_log off;
	sendfile on;
	keepalive_requests 100000;
	server {
		listen $address:80;
		listen $address:443 ssl;
		ssl_certificate $work/tls.pem;
		ssl_certificate_key $work/tls.key;
		root $memory/web;
		location / { autoindex on; }
	}
}
CONF
ip netns exec "$far" nginx -c "$work/nginx.conf" -e "$work/nginx.err" &
started="$started $!"
ip netns exec "$far" iperf3 -s -B $address >"$work/iperf.log" 2>&1 &
started="$started $!"
ssh-keygen -q -t ed25519 -N '' -f "$work/host.key" && ssh-keygen -q -t ed25519 -N '' -f "$work/user.key" && mkdir -p /run/sshd
ip netns exec "$far" /usr/sbin/sshd -D -f /dev/null -h "$work/host.key" -o "ListenAddress=$address" -o "AuthorizedKeysFile=$work/user.key.pub" \
	-o StrictModes=no -o PermitRootLogin=yes -o UsePAM=no -o "Subsystem=sftp internal-sftp" -o "PidFile=$work/sshd.pid" >"$work/sshd.log" 2>&1 &
started="$started $!"
sleep 1

at_near() { ip netns exec "$near" "$@"; }
# Seconds of one command; nothing where it failed.
seconds() {
	begin=$(date +%s.%N)
	"$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; return; }
	date +%s.%N | awk -v b="$begin" '{ printf "%.3f\n", $1 - b }'
}
clean() { rm -rf "$memory/got" && mkdir "$memory/got"; }
fetch() { clean && at_near stager-node fetch --to "$memory/got" --pin "$work/house/house.json" --version "$version" "$@"; }
the_biggest=$(cd "$memory/web" && find "$version" -name '*.body' -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
the_biggest_len=$(stat -c %s "$memory/web/$the_biggest")
run() {
	case $1 in
	'iperf3 -P 4') at_near iperf3 -c $address -P 4 -R -t 10 -O 2 -J >"$work/iperf.json" 2>&1 && /usr/bin/python3 -c '
import json, sys
print(json.load(open(sys.argv[1]))["end"]["sum_received"]["bits_per_second"] / 8e6)' "$work/iperf.json"; return ;;
	'stager-node fetch, HTTP') t=$(seconds fetch --from "http://$address/" --plain-http) size=$total ;;
	'stager-node fetch, HTTPS') t=$(seconds fetch --from "https://$address/" --ca "$work/tls.pem") size=$total ;;
	'curl, HTTP, one shard') t=$(seconds at_near curl -sf -o /dev/null "http://$address/$the_biggest") size=$the_biggest_len ;;
	'curl, HTTPS, one shard') t=$(seconds at_near curl -sf --cacert "$work/tls.pem" -o /dev/null "https://$address/$the_biggest") size=$the_biggest_len ;;
	'rclone copy, HTTP') clean; t=$(seconds at_near rclone --config /dev/null copy --transfers 16 --multi-thread-streams 16 \
		--multi-thread-cutoff 16M --http-url "http://$address/" :http: "$memory/got") size=$total ;;
	'scp, one shard') clean; t=$(seconds at_near scp -q -i "$work/user.key" -o StrictHostKeyChecking=no -o "UserKnownHostsFile=$work/known" \
		"root@$address:$memory/web/$the_biggest" "$memory/got/") size=$the_biggest_len ;;
	esac
	[ -n "$t" ] && awk -v t="$t" -v s="$size" 'BEGIN { print s / t / 1e6 }'
}
median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }

status=0
echo "$rtt ms round trip, $rate Mbit/s, loss $loss; $((total / 1000000)) MB in shards of 512 MiB; medians of $rounds rounds, each with its own iperf3"
for control in ${STAGER_WAN_CONTROLS:-bbr}; do
	choose() { ip netns exec "$1" sysctl -qw net.ipv4.tcp_congestion_control=$control 2>/dev/null; }
	choose "$far" && choose "$near" || continue
	set -- 'stager-node fetch, HTTP' 'stager-node fetch, HTTPS' 'rclone copy, HTTP' 'curl, HTTP, one shard' 'curl, HTTPS, one shard' 'scp, one shard'
	for _ in $(seq "$rounds"); do
		echo "load $(cut -d' ' -f1-3 /proc/loadavg)" >&2
		line=$(run 'iperf3 -P 4')
		[ -n "$line" ] || { echo "no iperf3"; status=1; continue; }
		echo "$line" >>"$work/$control.iperf3"
		for what in "$@"; do
			got=$(run "$what")
			[ -n "$got" ] || { status=1; continue; }
			echo "$got" >>"$work/$control.$what"
			awk -v g="$got" -v l="$line" 'BEGIN { print 100 * g / l }' >>"$work/$control.$what.share"
			case $what in stager*) diff -rq "$memory/web/$version" "$memory/got/$version" || status=1 ;; esac
		done
	done
	echo
	echo "| $control | MB/s | of iperf3 -P 4 | lowest and highest share |"
	echo "|---|---|---|---|"
	[ -f "$work/$control.iperf3" ] && median <"$work/$control.iperf3" | awk '{ printf "| iperf3 -P 4 | %.1f | | |\n", $1 }'
	for what in "$@"; do
		[ -f "$work/$control.$what" ] || { echo "| $what | failed | | |"; continue; }
		sort -n "$work/$control.$what.share" | awk -v w="$what" -v m="$(median <"$work/$control.$what")" '{ v[NR] = $1 }
			END { printf "| %s | %.1f | %.1f%% | %.1f%%, %.1f%% |\n", w, m, v[int((NR + 1) / 2)], v[1], v[NR] }'
	done
	for what in 'stager-node fetch, HTTP' 'stager-node fetch, HTTPS'; do
		median 2>/dev/null <"$work/$control.$what.share" | awk '{ exit $1 < 95 }' || { echo "$what ($control): below 95%"; status=1; }
	done
done
exit $status
