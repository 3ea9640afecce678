# A real nginx on loopback for flows; sourced after lib.sh: nginx_start FOLDER, nginx_stop. It serves FOLDER/www and takes
# PUT, DELETE, MKCOL and MOVE there (WebDAV) at http://127.0.0.1:$nginx_http/ and https://localhost:$nginx_https/, whose
# certificate FOLDER/ca.pem proves. One process, so that it can be killed. /full/ makes folders by itself; /read/ is www again, and takes nothing.
nginx_pid=

# two ports that nobody has just now
free_ports() {
	/usr/bin/python3 -c 'import socket
s = [socket.socket() for _ in range(2)]
for t in s: t.bind(("127.0.0.1", 0))
print(*[t.getsockname()[1] for t in s])'
}

nginx_start() {
	command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || return 1
	mkdir -p "$1/www" "$1/tmp" "$1/log" || return 1
	openssl req -x509 -newkey ed25519 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout "$1/key.pem" -out "$1/ca.pem" 2>/dev/null || return 1
	# shellcheck disable=SC2046 # two words
	set -- "$1" $(free_ports)
	nginx_http=$2
	nginx_https=$3
	cat >"$1/nginx.conf" <<CONF
daemon off;
master_process off;
pid $1/nginx.pid;
error_log $1/log/error.log;
$([ "$(id -u)" = 0 ] && echo 'user root;')
events { worker_connections 256; }
http {
	access_log $1/log/access.log;
	client_body_temp_path $1/tmp/body;
	proxy_temp_path $1/tmp/proxy;
	fastcgi_temp_path $1/tmp/fastcgi;
	uwsgi_temp_path $1/tmp/uwsgi;
	scgi_temp_path $1/tmp/scgi;
	client_max_body_size 0;
	server {
		listen 127.0.0.1:$2;
		listen 127.0.0.1:$3 ssl;
		ssl_certificate $1/ca.pem;
		ssl_certificate_key $1/key.pem;
		root $1/www;
		dav_methods PUT DELETE MKCOL MOVE;
		location /full/ { create_full_put_path on; }
		location /read/ { alias $1/www/; dav_methods off; }
		location /denied/ { return 403; }
	}
}
CONF
	nginx_again "$1"
}

# nginx_again FOLDER: after nginx_stop, or after it was killed
nginx_again() {
	PATH=$PATH:/usr/sbin nginx -p "$1" -c "$1/nginx.conf" >"$1/log/out" 2>&1 &
	nginx_pid=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		/usr/bin/python3 -c "import socket; socket.create_connection(('127.0.0.1', $nginx_http))" 2>/dev/null && return 0
		sleep 0.2
	done
	return 1
}

nginx_stop() {
	[ -z "$nginx_pid" ] || { kill "$nginx_pid" 2>/dev/null; wait "$nginx_pid" 2>/dev/null; }
	nginx_pid=
}
