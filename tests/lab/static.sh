#!/bin/sh
# Goal: the one static stager-node, in a root that holds nothing else, with an empty environment: fetch, list, cat and doctor; names
# looked up; a server's certificate checked. Builds it with deploy/static-node.sh (a minute and a half the first time).
# usage, as root: STAGER_BUILD=FOLDER-OF-PROGRAMS sh tests/lab/static.sh [STATIC-STAGER-NODE]
set -u
STAGER_TESTS=$(cd "$(dirname "$0")/.." && pwd)
export STAGER_TESTS
. "$STAGER_TESTS/flow/lib.sh"
[ "$(id -u)" = 0 ] || { echo "skipped: only root can change the root"; exit 77; }
. "$top/deploy/packages.sh"
need_packages nginx-light socat curl openssl || exit 1
cd "$work" || exit 1
if [ $# -gt 0 ]; then cp "$1" static; else sh "$top/deploy/static-node.sh" "$work/static" || exit 1; fi
servers=
root=$work/root
end_here() {
	for pid in $servers; do kill "$pid" 2>/dev/null; done
	umount "$root/proc" 2>/dev/null
	flow_end
}
trap end_here EXIT

same "it needs no library" "$(readelf -d static | grep -c NEEDED)" 0
ok "it is position-independent" sh -c "readelf -h static | grep -q 'Type: *DYN'"
size=$(stat -c %s static)
if [ "$size" -lt 12582912 ]; then pass "$size bytes: under 12 MiB"; else fail "$size bytes"; fi
for word in libarchive librdkafka sqlite; do
	not_ok "no $word in it" grep -qa "$word" static
done

prepare() {
	make_house "$work/house" && version=$(stager push "$top/deploy/sample/data" --name sample --policy "$top/deploy/policies/sample.yaml") &&
		accept "$version" && stager-node keygen --out job.key --pub job.pub || return 1
	stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example --redemptions 40 --out request.json || return 1
	for person in anna boris; do
		stager-sign --yes --key $person.key request.json >$person.approval && stager approve $person.approval || return 1
	done
}
prepare >prepare.log 2>&1 || { fail "a version that is accepted and asked for" prepare.log; finish; exit 1; }

# A root with nothing in it but the program, /dev/null, /proc, names and a certificate.
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/etc/ssl/certs" "$root/job" "$root/copy"
cp static "$root/bin/stager-node"
mknod -m 666 "$root/dev/null" c 1 3
mount -t proc proc "$root/proc" || { echo "skipped: no right to mount"; exit 77; }
cp house/house.json request.json job.key "$root/job/"
chmod 600 "$root/job/job.key"
printf '127.0.0.1 localhost store.example\n' >"$root/etc/hosts"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=store.example' \
	-addext 'subjectAltName=DNS:store.example' -keyout tls.key -out tls.pem 2>openssl.log || fail "certificate" openssl.log
cp tls.pem "$root/etc/ssl/certs/ca-certificates.crt"
set -- $(/usr/bin/python3 -c 'import socket
s = [socket.socket() for _ in range(2)]
for x in s: x.bind(("127.0.0.1", 0))
print(*[x.getsockname()[1] for x in s])')
chmod 755 "$work"
cp -a house/vault web
chmod -R a+rX web
cat >nginx.conf <<CONF
daemon off;
user root;
pid $work/nginx.pid;
events {}
http {
	access_log off;
	server { listen 127.0.0.1:$1; listen 127.0.0.1:$2 ssl; ssl_certificate $work/tls.pem; ssl_certificate_key $work/tls.key; root $work/web; }
}
CONF
nginx -c "$work/nginx.conf" -e "$work/nginx.err" &
servers="$servers $!"
socat "UNIX-LISTEN:$root/job/house,fork" "EXEC:stager release --house $work/house" &
servers="$servers $!"
sleep 1

inside() { env -i /usr/sbin/chroot "$root" /bin/stager-node "$@"; }
r=0
ask() {
	command=$1
	shift
	r=$((r + 1))
	inside "$command" --house unix:/job/house --pin /job/house.json --request /job/request.json --job-key /job/job.key --restart $r "$@"
}
stager-node cat --house "stager release --house $work/house" --pin house/house.json --request request.json --job-key job.key \
	--from house/vault --restart 0 >good.tar 2>err || fail "cat" err

ok "help" inside --help
ok "doctor" inside doctor
ok "doctor reaches a server by name" inside doctor --from "https://store.example:$2/"
grep -q '^yes outgoing' out && pass "it says so" || fail "it does not say so" out
expect_status 0 "fetch over HTTPS, by a name" inside fetch --from "https://store.example:$2/" --to /copy --pin /job/house.json --version "$version"
diff -r "house/vault/$version" "$root/copy/$version" >differs 2>&1 && pass "it is what the house has" || fail "it is not what the house has" differs
ok "fetch over HTTP where it is allowed" inside fetch --from "http://store.example:$1/" --plain-http --to /copy --pin /job/house.json \
	--version "$version"
not_ok "and not where it is not" inside fetch --from "http://store.example:$1/" --to /copy --pin /job/house.json --version "$version"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=another' -keyout other.key \
	-out "$root/etc/ssl/certs/ca-certificates.crt" 2>>openssl.log
expect_status 3 "nor from a server that nobody vouches for" inside fetch --from "https://store.example:$2/" --to /copy --pin /job/house.json \
	--version "$version"
for from in /copy dir:/copy "http://127.0.0.1:$1/"; do
	ask cat --from "$from" >got.tar 2>err
	cmp -s good.tar got.tar && pass "cat from $from" || fail "cat from $from" err
done
ok "list" ask list --from /copy
# Somewhere to send from, by name only: stager-send is the program itself.
same "nothing else was made" "$(cd "$root" && find . -path ./proc -prune -o -type f -print | grep -v '^./copy/\|^./job/\|^./etc/' )" ./bin/stager-node
finish
