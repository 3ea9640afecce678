#!/bin/sh
# Goal: kill -9 at any moment of push, accept, approve, send, release or prune leaves a state from which the same command goes on, or nothing
# visible; no child survives, no key is given without its log entry.
. "${STAGER_TESTS:?}/flow/lib.sh"
if /usr/bin/python3 "$STAGER_TESTS/flow/crash.py" "$work" 2>"$work/err"; then :; else
	[ $? = 1 ] || fail "crash.py broke off" "$work/err"
fi >"$work/log"
cat "$work/log"
passed=$((passed + $(grep -c '^ok' "$work/log")))
failed=$((failed + $(grep -c '^FAILED' "$work/log")))
[ "$passed" -gt 0 ] || fail "nothing was tried" "$work/err"
finish
