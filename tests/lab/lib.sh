# What the lab's scripts share, beside tests/flow/lib.sh: the programs, and a version that is accepted and asked for.
# Sourced first: . tests/lab/lib.sh. Sets STAGER_BUILD (built where it is not given), STAGER_TESTS.
STAGER_TESTS=$(cd "$(dirname "$0")/.." && pwd)
if [ -z "${STAGER_BUILD:-}" ]; then
	lab_build=${TMPDIR:-/tmp}/stager-lab-$(id -u)
	[ -f "$lab_build/build.ninja" ] || meson setup "$lab_build" "$STAGER_TESTS/.." >"$lab_build.log" 2>&1
	meson compile -C "$lab_build" >"$lab_build.log" 2>&1 || { tail -n 40 "$lab_build.log"; exit 1; }
	STAGER_BUILD=$lab_build/stager/roles
fi
export STAGER_BUILD STAGER_TESTS
. "$STAGER_TESTS/flow/lib.sh"

# policy FORMAT-LINES SIZE: on stdout
policy() {
	printf '%s\n' 'policy: 1' 'name: lab' 'project: lab' 'pseudonym: {domain: research, key: 1}' 'files:' "$1" \
		'accept: {files: 100%, records: 100%}' 'sets:' '  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: none}' \
		"shards: {size: $2, order: source}"
}
# pushed FOLDER NAME POLICY: pushed and accepted; the version's id in $version
pushed() {
	version=$(stager push "$1" --name "$2" --policy "$3" --json 2>"$work/err" | json /dev/stdin 'j["version-id"]') &&
		accept "$version" >"$work/out" 2>>"$work/err" && return
	cat "$work/err" >&2
	return 1
}
# asked FILE VERSION JOB-PUB OPTION...: a request, approved by two; its id in FILE.id
asked() {
	request_file=$1
	for_version=$2
	job_pub=$3
	shift 3
	stager request new "$for_version" --site lumi --job-key "$job_pub" --requester ria@uni.example --out "$request_file" "$@" \
		>"$request_file.id" || return 1
	for person in anna boris; do
		stager-sign --yes --key "$work/$person.key" "$request_file" >"$work/approval" 2>"$work/err" &&
			stager approve "$work/approval" >/dev/null || return 1
	done
}
wait_for() { # COMMAND...: at most 10 seconds
	waited=0
	while [ $waited -lt 50 ]; do
		"$@" && return
		sleep 0.2
		waited=$((waited + 1))
	done
	return 1
}
