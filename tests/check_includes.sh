#!/bin/sh
# Goal: folders include what lies below them and nothing else (DESIGN.md, "Folders"): nobody another folder's insides, nobody a main's
# folder, and of the contracts in include/stager/ each only those of the owners that its own folder may see.
# usage: sh tests/check_includes.sh [ROOT] | --self-test
# A line for each include that crosses a line; ends with "N passed, N failed", N being files.
set -u
tests=$(cd "$(dirname "$0")" && pwd)

# OWNER HEADER...: whose contract a header of include/stager/ is. One that stands nowhere is a fault: give it a place.
# Of crypto/ there are three: digests; what has keys that live as long as a shard; long-term keys.
owners() {
	cat <<'TABLE'
base apart buf clock enc err io io_aligned json memory progress ring utf8
proc sandbox spawn wire
digest digest mac secret
bulk c4gh header
keys crypt4gh keyfile keystore root share sign upload
net http http_auth http_serve
manifests acceptance commitment delivery dsse ledger log manifest note receipt release tree
ingest ahead archive encoding entry names shard sift source unpack
scrub anonymity check context detect dicom dicom_table gather pattern policy policy_diff records report report_html rows scrub suggest withdrawn xml_path
review review
stream carrier endpoint
house house house_review preview prune send withdraw
node courier doctor fetch gateway node rank
TABLE
}
# FOLDER OWNER...: what a folder may include beside its own; NAME.h: that one contract alone. cli, roles and node are mains:
# libraries of theirs are for mains alone.
allowed() {
	cat <<'TABLE'
base
proc base
crypto base digest bulk keys
net base digest bulk
manifests base digest bulk keys
ingest base digest bulk manifest.h
scrub base digest ingest
review base digest ingest scrub
stream base proc
house base proc digest bulk keys manifests ingest scrub review stream
node base proc digest bulk keys net manifests ingest stream
cli base proc digest keys manifests scrub house
roles base proc digest bulk keys net manifests ingest scrub review stream node
TABLE
}

check() {
	root=$1
	{
		owners | sed 's/^/owner /'
		allowed | sed 's/^/allowed /'
		cd "$root" && find crypto manifests stager include/stager -name '*.[ch]' | sort | sed 's/^/file /'
		find crypto manifests stager include/stager -name '*.[ch]' -exec grep -Hn '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' {} + | sort |
			sed -n 's/^\([^:]*\):\([0-9]*\):[^"]*"\([^"]*\)".*/include \1 \2 \3/p'
	} | awk '
		# a/b/../c as a/c
		function plain(path,   n, parts, out, i, k) {
			n = split(path, parts, "/"); k = 0
			for (i = 1; i <= n; i++) {
				if (parts[i] == "..") k--
				else if (parts[i] != ".") out[++k] = parts[i]
			}
			path = out[1]
			for (i = 2; i <= k; i++) path = path "/" out[i]
			return path
		}
		function folder(path,   parts) { split(path, parts, "/"); return parts[1] == "stager" ? parts[2] : parts[1] }
		function fault(file, line, what) { printf "%s:%s: %s\n", file, line, what; bad[file] = 1 }
		$1 == "owner" { for (i = 3; i <= NF; i++) owner[$i ".h"] = $2; next }
		$1 == "allowed" { for (i = 3; i <= NF; i++) may[$2, $i] = 1; known[$2] = 1; may[$2, $2] = 1; next }
		$1 == "file" {
			files[++count] = $2; there[$2] = 1
			if ($2 ~ /^include\// && !(substr($2, 16) in owner)) fault($2, 0, "whose contract is it? Give it a place in tests/check_includes.sh")
			if ($2 !~ /^include\// && !(folder($2) in known)) fault($2, 0, "what may this folder include? Give it a place in tests/check_includes.sh")
			next
		}
		{
			file = $2; name = $4; sub(/[^\/]*$/, "", $2); at = plain($2 name)
			if (name ~ /\.c$/) fault(file, $3, name " is no header")
			# A contract is written beside those of its owner, which has three names where it is crypto.
			own = file ~ /^include\// ? owner[substr(file, 16)] : folder(file)
			as = own == "digest" || own == "bulk" || own == "keys" ? "crypto" : own
			if (at in there) {
				if (folder(at) != folder(file)) fault(file, $3, name " is inside of " folder(at))
			} else if (name ~ /^stager\// && (("include/" name) in there)) {
				short = substr(name, 8); of = owner[short]
				if (as != "" && of != "" && !((as, of) in may) && !((as, short) in may)) fault(file, $3, as " may not see " name ", which is of " of)
			} else {
				fault(file, $3, name " is not there")
			}
		}
		END {
			for (i = 1; i <= count; i++) if (files[i] in bad) failed++
			printf "%d passed, %d failed\n", count - failed, failed
			exit failed > 0 || count == 0
		}'
}

# Each kind of fault, planted in a copy, must be found, and nothing else.
self_test() {
	copy=$(mktemp -d)
	trap 'rm -rf "$copy"' EXIT
	passed=0
	failed=0
	(cd "$tests/.." && find crypto manifests stager include/stager -name '*.[ch]' | cpio -pdm --quiet "$copy" 2>/dev/null ||
		tar -cf - crypto manifests stager include | tar -xf - -C "$copy")
	result() {
		if [ "$1" = 0 ]; then passed=$((passed + 1)); echo "ok: $2"; else failed=$((failed + 1)); echo "FAILED: $2"; fi
	}
	check "$copy" >"$copy/said" 2>&1
	result $? "the copy as it is"
	# planted WHAT FILE LINE FRAGMENT
	planted() {
		[ -f "$copy/$2" ] && cp "$copy/$2" "$copy/kept" || rm -f "$copy/kept"
		printf '%s\n' "$3" >>"$copy/$2"
		if check "$copy" >"$copy/said" 2>&1; then got=0; else got=1; fi
		[ $got = 1 ] && [ "$(grep -c . "$copy/said")" = 2 ] && grep -q "^$2:[0-9]*: .*$4" "$copy/said"
		result $? "found: $1"
		if [ -f "$copy/kept" ]; then mv "$copy/kept" "$copy/$2"; else rm "$copy/$2"; fi
	}
	planted "another folder's insides" stager/ingest/tar.c '#include "../scrub/subject.h"' "is inside of scrub"
	planted "a main's folder" stager/house/push.c '#include "../cli/cli.h"' "is inside of cli"
	planted "a main's library" stager/house/push.c '#include "stager/gateway.h"' "which is of node"
	planted "the floor includes what stands on it" stager/base/json.c '#include "stager/wire.h"' "which is of proc"
	planted "scrub and the long-term keys" stager/scrub/file.c '#include "stager/keystore.h"' "which is of keys"
	planted "ingest and scrub" stager/ingest/entry.c '#  include "stager/policy.h" /* why */' "which is of scrub"
	planted "a contract of manifests that is not that one" stager/ingest/entry.c '#include "stager/log.h"' "which is of manifests"
	planted "a contract that includes one above it" include/stager/buf.h '#include "stager/house.h"' "which is of house"
	planted "a contract of digests that includes one above crypto" include/stager/mac.h '#include "stager/scrub.h"' "which is of scrub"
	planted "a house that includes a command" include/stager/house.h '#include "../../stager/cli/cli.h"' "is inside of cli"
	planted "a source" stager/house/push.c '#include "plan.c"' "is no header"
	planted "what is not there" stager/house/push.c '#include "nowhere.h"' "is not there"
	planted "a contract of nobody" include/stager/nobody.h '/* */' "whose contract"
	mkdir "$copy/stager/new"
	planted "a folder of no place" stager/new/a.c '/* */' "what may this folder"
	rmdir "$copy/stager/new"
	mkdir "$copy/empty" "$copy/empty/crypto" "$copy/empty/manifests" "$copy/empty/stager" "$copy/empty/include" "$copy/empty/include/stager"
	if check "$copy/empty" >"$copy/said" 2>&1; then result 1 "a tree of nothing is no good one"; else result 0 "a tree of nothing is no good one"; fi
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
}

case ${1-} in
--self-test) self_test ;;
*) check "${1:-$tests/..}" ;;
esac
