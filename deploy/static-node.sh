#!/bin/sh
# Build stager-node as one static program, to be copied into containers and onto nodes: HTTP only, stager-send in it.
# curl is built from Debian's source package, fetched and proven by apt (its archive's signature), with Debian's patches; libcrypto,
# libsodium and glibc are Debian's static ones. Needs Debian 12 or 13; installs what is lacking as root.
# usage: sh deploy/static-node.sh [OUT]     default: ./stager-node-static. Works in $STAGER_STATIC, else in a folder below TMPDIR; a
# curl that was built there is used again.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-stager-node-static}
most=$((12 * 1024 * 1024))
work=${STAGER_STATIC:-${TMPDIR:-/tmp}/stager-static-$(id -u)}
PATH=/usr/bin:/bin:/usr/sbin:/sbin
export PATH
. "$top/deploy/packages.sh"
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES dpkg-dev make
# Debian 13's libcrypto has zstd in it.
if grep -q 'libzstd' /usr/lib/*/pkgconfig/libcrypto.pc 2>/dev/null; then need_packages libzstd-dev; fi
mkdir -p "$work"

# The source package, by the archives that this machine trusts for binaries; its own lists, so that nothing of the system changes.
fetch_source() {
	rm -rf "$work/apt" "$work/source"
	mkdir -p "$work/apt/parts" "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/source"
	for file in /etc/apt/sources.list.d/*.sources; do
		if [ -f "$file" ] && grep -q '^URIs:.*debian' "$file"; then
			sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/apt/parts/${file##*/}"
		fi
	done
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		if [ -f "$file" ] && grep -q '^deb .*debian' "$file"; then
			sed -n '/debian/s/^deb /deb-src /p' "$file" >"$work/apt/parts/${file##*/}.list"
		fi
	done
	apt_options="-qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$work/apt/parts -o Dir::State::Lists=$work/apt/lists
		-o Dir::Cache=$work/apt/cache -o APT::Sandbox::User=$(id -un) -o APT::Get::AllowUnauthenticated=false"
	# shellcheck disable=SC2086 # its words
	(cd "$work/source" && apt-get $apt_options update && apt-get $apt_options source curl) >"$work/source.log" 2>&1 ||
		{ tail -n 20 "$work/source.log" >&2; echo "static-node: Debian's source of curl cannot be had" >&2; exit 5; }
}

# Each step by &&: what calls it looks at its status, so that set -e does not hold in it.
build_curl() {
	set -- "$work"/source/curl-*/configure
	source=${1%/configure}
	without="zlib brotli zstd libpsl nghttp2 nghttp3 ngtcp2 libidn2 librtmp libssh libssh2 gssapi ca-bundle ca-path"
	disable="shared ftp file ldap ldaps rtsp dict telnet tftp pop3 imap smb smtp gopher mqtt manual ntlm tls-srp unix-sockets cookies
		alt-svc hsts netrc doh libcurl-option get-easy-options websockets"
	rm -rf "$work/curl" "$work/curl-build"
	# Debian's patches touch what configure was made of, and it was made again: times in that order, so that nothing is made anew.
	# shellcheck disable=SC2046,SC2086 # words
	find "$source" -type f -exec touch -d '3 hours ago' {} + &&
		find "$source" -name aclocal.m4 -exec touch -d '2 hours ago' {} + &&
		find "$source" \( -name configure -o -name Makefile.in -o -name '*config.h.in' \) -exec touch -d '1 hour ago' {} + &&
		mkdir "$work/curl-build" && cd "$work/curl-build" &&
		CFLAGS="-O2 -g0 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 -ffunction-sections -fdata-sections" \
			"$source/configure" --quiet --prefix="$work/curl" --enable-static --with-openssl --with-ca-fallback \
			--enable-threaded-resolver $(printf -- '--without-%s ' $without) $(printf -- '--disable-%s ' $disable) &&
		make -s -C lib install && make -s -C include install && make -s install-pkgconfigDATA
}

if [ ! -f "$work/curl/lib/pkgconfig/libcurl.pc" ]; then
	fetch_source
	echo "building curl" >&2
	(build_curl) >"$work/curl.log" 2>&1 || { tail -n 30 "$work/curl.log" >&2; echo "static-node: curl cannot be built" >&2; exit 1; }
fi
rm -rf "$work/node"
if ! { PKG_CONFIG_PATH=$work/curl/lib/pkgconfig meson setup "$work/node" "$top" -Dalone=true -Doptimization=2 -Ddebug=false \
	-Dc_args='-ffunction-sections -fdata-sections' && ninja -C "$work/node" stager/roles/stager-node-alone; } >"$work/node.log" 2>&1; then
	tail -n 30 "$work/node.log" >&2
	exit 1
fi
strip -o "$work/stager-node" "$work/node/stager/roles/stager-node-alone"
size=$(stat -c %s "$work/stager-node")
if [ "$size" -gt $most ]; then
	echo "static-node: $size bytes: more than the $most that it may have" >&2
	exit 1
fi
cp "$work/stager-node" "$out"
echo "$out: $size bytes"
