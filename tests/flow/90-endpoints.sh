#!/bin/sh
# Goal: objects go to a real nginx over HTTP and HTTPS and come back the same, by the calls that stager-send uses: WebDAV's
# PUT and MOVE, ranges, cut connections, wrong certificates, refusals, a proxy, a server that ends and comes back.
. "$STAGER_TESTS/flow/lib.sh"
. "$STAGER_TESTS/flow/nginx.sh"
tool=$STAGER_BUILD/../../tests/endpoint_tool
[ -x "$tool" ] || { echo "skipped: no endpoint_tool was built"; exit 77; }
proxy_pid=
trap 'nginx_stop; [ -z "$proxy_pid" ] || kill $proxy_pid; flow_end' EXIT
for variable in https_proxy http_proxy all_proxy HTTPS_PROXY ALL_PROXY no_proxy NO_PROXY CA; do unset $variable; done
nginx_start "$work/nginx" || { [ -n "$nginx_pid" ] && cat "$work/nginx/log/"* >&2; echo "skipped: no nginx"; exit 77; }
http=http://127.0.0.1:$nginx_http/
https=https://localhost:$nginx_https/
HOME=$work
TRIES=3
PAUSE=50
export HOME TRIES PAUSE
head -c 40000003 /dev/urandom >"$work/large"
head -c 1000 /dev/urandom >"$work/small"
: >"$work/empty"
CA=$work/nginx/ca.pem
export CA

for file in empty small large; do
	for base in "$http" "$https" "${https}full/"; do
		ok "put: $file, $base" env SHA=1 "$tool" put "$base" v/s/$file "$work/$file"
		rm -f "$work/back"
		ok "get: $file, $base" "$tool" get "$base" v/s/$file "$work/back"
		ok "the same came back" cmp "$work/$file" "$work/back"
	done
	same "head: $file" "$("$tool" head "$https" v/s/$file | cut -d' ' -f1)" "$(stat -c %s "$work/$file")"
done
same "nothing but the objects stands there" "$(find "$work/nginx/www" -type f | wc -l)" 6
ok "put over what is there" "$tool" put "$http" v/s/large "$work/small"
ok "it is the new one" cmp "$work/small" "$work/nginx/www/v/s/large"
ok "over HTTPS, with stager's own reading by ranges" env PART=700000 STREAMS=3 "$tool" get "${https}full/" v/s/large "$work/back"
ok "the same" cmp "$work/large" "$work/back"
ok "remove" "$tool" rm "$http" v/s/large
same "it is gone" "$("$tool" head "$http" v/s/large)" none
ok "remove once more" "$tool" rm "$http" v/s/large
expect_status 5 "get what is gone" "$tool" range "$http" v/s/large 0 1
expect_status 4 "a range past the end" "$tool" range "$http" v/s/small 999 2
expect_status 4 "a range beyond the end" "$tool" range "$http" v/s/small 2000 2
expect_status 2 "a web server does not list" "$tool" list "$http"
expect_status 3 "put where nothing may be put" "$tool" put "${http}read/" v/s/new "$work/small"
expect_status 3 "put where the server says no" "$tool" put "${http}denied/" v/s/new "$work/small"
ok "read where nothing may be put" "$tool" range "${http}read/" v/s/small 0 1000
same "nothing was left behind" "$(find "$work/nginx/www" "$work/nginx/tmp" -type f | wc -l)" 5

expect_status 3 "a certificate that nobody vouches for" env -u CA "$tool" head "$https" v/s/small
expect_status 3 "a certificate for another name" "$tool" head "https://127.0.0.1:$nginx_https/" v/s/small
expect_status 3 "certificates that are not there" env CA="$work/none" "$tool" head "$https" v/s/small
expect_status 2 "http:// to elsewhere" "$tool" head http://192.0.2.1/ v/s/small
expect_status 2 "a password in an address" "$tool" head "https://a:b@localhost:$nginx_https/" v/s/small

# A proxy, by the variable that all tools know.
/usr/bin/python3 "$STAGER_TESTS/peer_endpoint.py" proxy "$work/proxy.port" "$work/proxy.log" &
proxy_pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ -s "$work/proxy.port" ] && break
	sleep 0.3
done
proxy=http://127.0.0.1:$(cat "$work/proxy.port")
ok "put through a proxy" env https_proxy="$proxy" "$tool" put "$https" v/s/proxied "$work/large"
ok "get through a proxy" env https_proxy="$proxy" "$tool" get "$https" v/s/proxied "$work/back"
ok "the same" cmp "$work/large" "$work/back"
same "it went there" "$(sort -u "$work/proxy.log")" "CONNECT localhost:$nginx_https"
rm "$work/proxy.log"
ok "not where no_proxy says" env https_proxy="$proxy" no_proxy=localhost "$tool" head "$https" v/s/proxied
same "it did not go there" "$(cat "$work/proxy.log" 2>/dev/null)" ""
expect_status 5 "a proxy that is not there" env https_proxy=http://127.0.0.1:9 "$tool" head "$https" v/s/proxied

# The server ends in the middle and comes back.
RATE=20000000 TRIES=20 "$tool" get "$http" v/s/proxied "$work/back" 2>"$work/err" &
reader=$!
sleep 0.7
kill -KILL "$nginx_pid" 2>/dev/null
wait "$nginx_pid" 2>/dev/null
sleep 0.5
rm -f "$work/nginx/nginx.pid"
nginx_again "$work/nginx"
if wait $reader; then pass "a server that ended and came back"; else fail "a server that ended and came back" "$work/err"; fi
ok "the same" cmp "$work/large" "$work/back"
finish
