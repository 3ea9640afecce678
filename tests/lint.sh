#!/bin/sh
# Form and faults that tools find: which folder includes what, clang-format, cppcheck, clang-tidy over all of our C. Ends with "N passed, N failed".
# usage: sh tests/lint.sh [includes|format|cppcheck|tidy ...]      default: all four. A tool that is not there is left out.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
build=${STAGER_LINT_BUILD:-${TMPDIR:-/tmp}/stager-lint-$(id -u)}
passed=0
failed=0
[ $# -gt 0 ] || set -- includes format cppcheck tidy

# the first of these programs that there is
first_of() {
	for name in "$@"; do
		command -v "$name" && return 0
	done
	return 1
}
result() {
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok: $2"
	else
		failed=$((failed + 1))
		echo "FAILED: $2"
	fi
}
# Ours, and not the tables that a script made.
sources() { find crypto manifests stager tests include -name "*.[$1]" ! -name '*_table.c' | sort; }

for what in "$@"; do
	case $what in
	includes)
		sh tests/check_includes.sh
		result $? "includes"
		;;
	format)
		# Another version lays the same code out differently.
		tool=$(first_of clang-format-14) || { echo "skipped: no clang-format-14"; continue; }
		sources ch | xargs "$tool" --dry-run -Werror
		result $? "clang-format"
		;;
	cppcheck)
		tool=$(first_of cppcheck) || { echo "skipped: no cppcheck"; continue; }
		sources c | xargs "$tool" --quiet --error-exitcode=1 --enable=warning,performance,portability --std=c11 \
			--inline-suppr --suppressions-list=tests/lint.suppress -Iinclude -Itests -D_GNU_SOURCE -D__x86_64__ \
			-D__linux__ -j "$(nproc)"
		result $? "cppcheck"
		;;
	tidy)
		tool=$(first_of clang-tidy-14) || { echo "skipped: no clang-tidy-14"; continue; }
		rm -rf "$build" # one that was made of another tree tells of files that are gone
		CC=clang-14 meson setup "$build" "$top" >"$build.log" 2>&1 ||
			{ tail -n 20 "$build.log"; result 1 "clang-tidy: build folder"; continue; }
		sources c | grep -v -e '^tests/' | xargs -P "$(nproc)" -n 4 "$tool" --quiet -p "$build" 2>/dev/null
		result $? "clang-tidy"
		;;
	*)
		echo "usage: sh tests/lint.sh [includes|format|cppcheck|tidy ...]" >&2
		exit 2
		;;
	esac
done
[ $((passed + failed)) -gt 0 ] || exit 77
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
