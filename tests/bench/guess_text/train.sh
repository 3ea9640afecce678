#!/bin/sh
# Makes stager/scrub/detect/guess_weights.c again: sh tests/bench/guess_text/train.sh BUILD [LEAVE...] > guess_weights.c
# BUILD: a build folder with tests/bench/guess_train. LEAVE: names of files of notes (clinic-2, mixed-3) that are kept apart, to be scored.
# The same tree gives the same bytes, so that what is in the tree can be checked against it. Half a minute.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bench=$(dirname "$here")
build=${1:?usage: train.sh BUILD [LEAVE...]}
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=/usr/bin/python3
"$python" "$here/fill.py" 25 >"$work/filled"
"$python" "$bench/deid_notes/make.py" dev 1200 7 >"$work/dev"
"$python" "$bench/deid_notes/hand.py" >"$work/short"
: >"$work/notes"
for notes in clinic-1 clinic-2 office-1 office-2 mixed-3; do
	case " $* " in
	*" $notes "*) ;;
	*) "$python" "$bench/deid_notes/hand.py" "$bench/deid_notes/written/$notes.txt" >>"$work/notes" ;;
	esac
done
"$build/tests/bench/guess_train" "4:$work/notes" "2:$work/short" "0.3:$work/dev" "0.25:$work/filled"
