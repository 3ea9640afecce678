#!/bin/sh
# Goal: each program links exactly what its row in DESIGN.md allows, is hardened, and once confined can open, create, connect,
# execute and fork nothing: shown from inside, on the plain build.
set -u
. "$STAGER_TESTS/flow/lib.sh"

# program: libraries that it needs besides libc
libraries() {
	case $1 in
	stager) echo libcrypto libsodium libsqlite3 ;;
	stager-scrub) echo libarchive libsodium libyaml libz ;;
	stager-check | stager-sift) ;;
	stager-seal | stager-open) echo libcrypto libsodium ;;
	stager-key | stager-log | stager-sign | stager-review) echo libsodium ;;
	stager-node | stager-crypt4gh) echo libcrypto libsodium ;;
	stager-send) echo libcrypto libcurl ;;
	esac
}
programs="stager stager-open stager-scrub stager-check stager-sift stager-seal stager-key stager-log stager-sign stager-review stager-node stager-crypt4gh stager-send"

# FILE's NEEDED, sorted, without libc and version numbers
needed() {
	LC_ALL=C readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p' | sed 's/-0$//' | grep -vx 'libc' | sort |
		tr '\n' ' ' | sed 's/ $//'
}

for program in $programs; do
	file=$STAGER_BUILD/$program
	if [ ! -x "$file" ]; then
		fail "$program: it is not there"
		continue
	fi
	same "$program: needs what its row allows, no more" "$(needed "$file")" "$(libraries "$program")"
	LC_ALL=C readelf -hldW "$file" >"$work/elf" 2>&1
	LC_ALL=C readelf --dyn-syms -W "$file" >"$work/symbols" 2>&1
	ok "$program: is position-independent" grep -Eq '^ *Type: +DYN' "$work/elf"
	ok "$program: relocations are read-only" grep -q GNU_RELRO "$work/elf"
	ok "$program: all symbols are bound at start" grep -Eq '\(BIND_NOW\)|\(FLAGS\).*BIND_NOW' "$work/elf"
	ok "$program: flags say NOW and PIE" grep -Eq '\(FLAGS_1\).*NOW.*PIE' "$work/elf"
	ok "$program: no executable stack" grep -Eq 'GNU_STACK.* RW +0x' "$work/elf"
	not_ok "$program: no segment both writable and executable" grep -Eq ' RWE +0x' "$work/elf"
	not_ok "$program: no search path for libraries" grep -Eq '\((RPATH|RUNPATH|TEXTREL)\)' "$work/elf"
	ok "$program: has a stack protector" grep -q __stack_chk_fail "$work/symbols"
	ok "$program: is built with _FORTIFY_SOURCE" grep -Eq ' __[a-z]+_chk' "$work/symbols"
done

# launch.py: start a program as the supervisor does: control socket 3; 4 and 5 as its row says. Status as a shell gives it.
cat >"$work/launch.py" <<'PY'
import os, socket, subprocess, sys
kind, argv = sys.argv[1], sys.argv[2:]
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
def full(n):
    r, w = os.pipe(); os.write(w, bytes(range(7, 7 + n))); os.close(w); return r
def sink():
    return os.open("/dev/null", os.O_WRONLY)
def source():
    r, w = os.pipe(); os.close(w); return r
def folder():
    return os.open(os.environ["PROVE_FOLDER"], os.O_RDONLY | os.O_DIRECTORY)
def none():
    return None
made = {"scrub": (sink, lambda: full(32)), "check": (source, sink), "seal": (source, none), "open": (none, none), "key": (lambda: full(32), none),
        "log": (lambda: full(32), folder), "none": (none, none)}[kind]
fds = [None if kind == "none" else theirs.fileno(), made[0](), made[1]()]
def place():
    high = [None if fd is None else os.dup2(fd, 20 + i) for i, fd in enumerate(fds)]
    for i, fd in enumerate(high):
        if fd is None:
            try: os.close(3 + i)
            except OSError: pass
        else:
            os.dup2(fd, 3 + i); os.close(fd)
try: p = subprocess.run(argv, stdin=subprocess.DEVNULL, preexec_fn=place, close_fds=False, timeout=20)
except subprocess.TimeoutExpired: sys.exit(99)
sys.exit(p.returncode if p.returncode >= 0 else 128 - p.returncode)
PY

# The control: outside of any confinement this machine lets all of it happen, so a refusal is the program's own doing.
ok "outside, a file opens, a socket is made, a child is started" /usr/bin/python3 - "$work/control" <<'PY'
import socket, subprocess, sys
open("/etc/passwd").close()
open(sys.argv[1], "w").close()
for family, kind in ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_UNIX, socket.SOCK_STREAM)):
    socket.socket(family, kind).close()
subprocess.run(["/bin/true"], check=True)
PY

PROVE_FOLDER=$work/log
mkdir "$PROVE_FOLDER"
export PROVE_FOLDER
launch() { /usr/bin/python3 "$work/launch.py" "$@"; }

# prove NAME KIND PROGRAM [ARGUMENT...]
prove() {
	name=$1
	kind=$2
	shift 2
	[ -x "$STAGER_BUILD/$1" ] || { fail "$name: it is not there"; return; }
	expect_status 1 "$name: read is allowed (the control)" launch "$kind" "$@" --prove read
	same "$name: says that read is allowed" "$(cat "$work/out")" "read: ALLOWED"
	for deed in open create; do
		expect_status 0 "$name: $deed is refused" launch "$kind" "$@" --prove $deed
		same "$name: $deed is refused as it should be" "$(cat "$work/out")" "$deed: refused: EACCES"
	done
	for deed in socket udp unix exec ptrace mount fork executable; do
		expect_status 159 "$name: dies of $deed (SIGSYS)" launch "$kind" "$@" --prove $deed
		same "$name: says nothing after $deed" "$(cat "$work/out")" ""
	done
}

prove "stager-scrub policy" scrub stager-scrub policy
prove "stager-scrub unit" scrub stager-scrub unit
prove "stager-check" check stager-check
prove "stager-seal" seal stager-seal
prove "stager-seal stream" open stager-seal stream
prove "stager-open" open stager-open
prove "stager-open digest" open stager-open digest
prove "stager-review draw" check stager-review draw
prove "stager-review show" scrub stager-review show
prove "stager-sift" open stager-sift
for purpose in open ingest sign pseudonym log; do
	prove "stager-key $purpose" key stager-key $purpose
done
prove "stager-key root" key stager-key root raw
prove "stager-log" log stager-log
prove "stager-sign" none stager-sign
# To a folder: nothing beyond it, and no network.
mkdir "$work/there"
prove "stager-send dir:" none stager-send "dir:$work/there"
prove "stager-send dir:, on a node" none stager-send "dir:$work/there" --node

# stager-node is confined when its files are open and the house's command runs: it needs a request of a real version.
node_files() {
	make_house "$work/house" &&
		version=$(stager push "$top/deploy/sample/data" --name sample --policy "$top/deploy/policies/sample.yaml") &&
		accept "$version" && stager-node keygen --out "$work/job.key" --pub "$work/job.pub" &&
		stager request new "$version" --site lumi --job-key "$work/job.pub" --requester ria@uni.example --out "$work/request.json"
}
ok "a request of a version that stager-node could open" node_files
for command in list cat; do
	prove "stager-node $command" none stager-node $command --house 'cat >/dev/null' --pin "$work/house/house.json" \
		--request "$work/request.json" --job-key "$work/job.key" --from "$work/house/vault"
done
ok "a key pair for stager-crypt4gh" stager-crypt4gh keygen --nocrypt --sk "$work/c4gh" --pk "$work/c4gh.pub"
for command in "encrypt --recipient_pk $work/c4gh.pub" "decrypt --sk $work/c4gh" "rearrange --sk $work/c4gh --range 1-9" \
	"reencrypt --sk $work/c4gh --recipient_pk $work/c4gh.pub"; do
	# shellcheck disable=SC2086 # its words
	prove "stager-crypt4gh ${command%% *}" none stager-crypt4gh $command
done
same "no file was made by any of them" "$(find /tmp -maxdepth 1 -name stager-prove -newer "$work/launch.py")" ""

finish
