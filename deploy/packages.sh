# Install Debian packages that are lacking, saying which. Sourced: need_packages NAME...
need_packages() {
	lacking=
	for package in "$@"; do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || lacking="$lacking $package"
	done
	[ -n "$lacking" ] || return 0
	echo "installing:$lacking"
	if [ "$(id -u)" != 0 ]; then
		echo "these packages are lacking, and only root can install them: apt-get install$lacking" >&2
		return 1
	fi
	# shellcheck disable=SC2086 # a list of names
	if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $lacking; } \
		>"${TMPDIR:-/tmp}/stager-apt.$$" 2>&1; then
		tail -n 20 "${TMPDIR:-/tmp}/stager-apt.$$" >&2
		rm -f "${TMPDIR:-/tmp}/stager-apt.$$"
		return 1
	fi
	rm -f "${TMPDIR:-/tmp}/stager-apt.$$"
}

BUILD_PACKAGES="gcc libc6-dev meson ninja-build pkg-config libsodium-dev libarchive-dev libyaml-dev libsqlite3-dev libssl-dev zlib1g-dev libcurl4-openssl-dev"
