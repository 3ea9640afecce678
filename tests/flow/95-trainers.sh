#!/bin/sh
# Goal: what a trainer sees on a node: `stager-node run` starts one gateway for the ranks that share it and is otherwise as if it
# were not there; a reader of a tar stream gets every member in order, by pipe and by gateway, and an error for every damage.
# tests/lab/trainers.sh does the same with WebDataset and others, which are not Debian's.
. "${STAGER_TESTS:?}/flow/lib.sh"
cd "$work" || exit 1
command -v curl >/dev/null || { echo "skipped: no curl"; exit 77; }
/usr/bin/python3 -c 'import pydicom' 2>/dev/null || { echo "skipped: no python3-pydicom"; exit 77; }
unset XDG_RUNTIME_DIR SLURM_JOB_ID SLURM_NODEID SLURM_RESTART_COUNT STAGER_CHAIN
TMPDIR=$work/tmp
export TMPDIR
mkdir -m 700 tmp

# DICOM files under their own names, under UIDs, and without an extension.
/usr/bin/python3 - data <<'END' || exit 1
import os, pydicom, shutil, sys
data, to = os.path.join(os.path.dirname(pydicom.__file__), "data", "test_files"), sys.argv[1]
for visit in "1", "2", "3":
    os.makedirs(os.path.join(to, visit))
    for n, name in enumerate(sorted(f for f in os.listdir(data) if f.endswith(".dcm"))):
        for as_name in name, "1.2.826.0.1.3680043.8.498.%d.%d" % (n, 10 ** 12 + n), "IM%06d" % n:
            shutil.copy(os.path.join(data, name), os.path.join(to, visit, as_name))
END
cat >policy.yaml <<'END'
policy: 1
name: trainers
project: trainers
pseudonym: {domain: research, key: 1}
files:
  - {match: '**', format: dicom, burned_in: keep, subject: PatientID}
accept: {files: 100%, records: 100%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: none}
shards: {size: 1MiB, order: source}
END
make_house "$work/house" || exit 1
version=$(stager push data --name trainers --policy policy.yaml --json 2>err | json /dev/stdin 'j["version-id"]') || { cat err; exit 1; }
accept "$version" >out 2>err || { cat out err; exit 1; }
stager-node keygen --out job.key --pub job.pub || exit 1
stager request new "$version" --site lumi --job-key job.pub --requester ria@uni.example --redemptions 90 --out request.json >id || exit 1
for person in anna boris; do
	stager-sign --yes --key $person.key request.json >approval 2>err && stager approve approval >/dev/null || exit 1
done
shards=$(find "house/vault/$version/abroad" -name 'shard-*.body' | wc -l)

# A reader: every member of a stream of tar, as a loader reads it: in order, by name and digest; 9 where it raises an error, or
# where the command at the other end of the pipe did not end well.
cat >reader.py <<'END'
import hashlib, subprocess, sys, tarfile
try:
    for command in sys.argv[1:]:
        with subprocess.Popen(command, shell=True, stdout=subprocess.PIPE) as child:
            with tarfile.open(fileobj=child.stdout, mode="r|") as tar:
                for member in tar:
                    print(member.name, hashlib.sha256(tar.extractfile(member).read()).hexdigest())
            while child.stdout.read(1 << 16):
                pass
        if child.returncode != 0:
            raise OSError("status %d" % child.returncode)
except (tarfile.TarError, OSError) as e:
    sys.stdout.flush()
    print("%s: %s" % (type(e).__name__, e), file=sys.stderr)
    sys.exit(9)
print("end")
END
restart=0
# options FROM: $opts; a release of its own
options() {
	restart=$((restart + 1))
	opts="--house 'stager release' --pin $work/house/house.json --request $work/request.json --job-key $work/job.key --from $1 --restart $restart --wait 0"
}
# run [--OPTION VALUE] -- COMMAND...: beside a gateway
from=house/vault
run() {
	options $from
	eval "stager-node run --memory 64M $opts \"\$@\""
}
curls= # one a shard, for a shell beside the gateway
n=0
while [ $n -lt "$shards" ]; do
	curls="$curls 'curl -sSf \$STAGER_URL/\$STAGER_VERSION/$(printf 'shard-%05d.tar' $n)'"
	n=$((n + 1))
done
echo "exec /usr/bin/python3 reader.py $curls" | sed "s/'curl/\"curl/g; s/tar'/tar\"/g" >curls.sh

# ---- every member, in order ----

options house/vault
ok "by pipe: a tar stream" /usr/bin/python3 reader.py "stager-node cat $opts"
cp out wanted
members=$(grep -vc '^end$' wanted)
[ "$members" -ge 60 ] && [ "$shards" -ge 4 ] && pass "$members members in $shards shards" || fail "$members members in $shards shards"
ok "by the gateway: shard after shard" run -- sh curls.sh
cmp -s out wanted && pass "the same members, in the same order" || fail "the same members, in the same order" err
stager request show "$(cat id)" --json >uses.json
same "receipts of both" "$(json uses.json '[x["result"] for x in j["uses"] if x["type"] == "receipt"]')" "['done', 'done']"

# ---- the command is as it would be alone ----

expect_status 7 "its status" run -- sh -c 'exit 7'
expect_status 137 "its signal" run -- sh -c 'kill -KILL $$'
expect_status 127 "a command that is not there" run -- no-such-command
expect_status 126 "one that is no program" run -- "$work"
expect_status 2 "no command" stager-node run --memory 64M
expect_status 2 "no command after --" stager-node run --memory 64M --
expect_status 2 "an option that a gateway has not" run --no-such-option x -- true
run -- sh -c 'grep -E "^(Seccomp|NoNewPrivs|SigBlk|SigIgn)" /proc/self/status; umask; ulimit -a; pwd; ls /proc/self/fd | wc -l' >inside 2>err
sh -c 'grep -E "^(Seccomp|NoNewPrivs|SigBlk|SigIgn)" /proc/self/status; umask; ulimit -a; pwd; ls /proc/self/fd | wc -l' >outside 2>/dev/null
cmp -s inside outside && pass "no confinement is handed down" || { diff inside outside >diff.out; fail "no confinement is handed down" diff.out; }
ok "the environment" run -- sh -c 'test -n "$AWS_ACCESS_KEY_ID$AWS_SECRET_ACCESS_KEY" && test "$AWS_ENDPOINT_URL" = "$STAGER_URL" && test "$AWS_REGION" = us-east-1 &&
	test "$AWS_EC2_METADATA_DISABLED" = true && test -z "$AWS_PROFILE$AWS_SESSION_TOKEN" && stat -c %a "$CURL_HOME" "$CURL_HOME/netrc" "$CURL_HOME/.curlrc"'
same "its files are private" "$(tr '\n' ' ' <out)" "700 600 600 "
printf '%s\n' 'user-agent = "of-the-user"' >tmp/.curlrc
cat >echo.py <<'END'
"""A server that is not the gateway: what does curl tell it?"""
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(self.headers).encode())
    def log_message(self, *a):
        pass
server = http.server.HTTPServer(("127.0.0.2", 0), Handler)
print(server.server_address[1], flush=True)
server.handle_request()
END
/usr/bin/python3 echo.py >port &
n=0
while [ ! -s port ] && [ $n -lt 50 ]; do
	sleep 0.1
	n=$((n + 1))
done
HOME=$work/tmp ok "curl at another server" run -- curl -sS "http://127.0.0.2:$(cat port)/"
grep -qi authorization out && fail "does not give it the password" out || pass "does not give it the password"
grep -q of-the-user out && pass "and the user's own curlrc counts" || fail "and the user's own curlrc counts" out
options house/vault
eval "exec stager-node run --memory 64M $opts -- sh -c 'trap \"echo heard; exit 5\" TERM; echo up; while :; do sleep 0.1; done'" >out 2>err &
job=$!
n=0
while ! grep -q up out && [ $n -lt 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
kill -TERM $job
wait $job
same "a signal goes on to it" "$? $(tail -n 1 out)" "5 heard"

options house/vault
eval "set -- stager-node run --memory 64M $opts -- sh -c 'kill -SEGV \$PPID; sleep 5'"
mkdir cores
same "a crash of run leaves no core file, with the gateway's password in it" "$(cd cores && ulimit -c unlimited && /usr/bin/python3 -c 'import os, sys
pid = os.fork()
if pid == 0: os.chdir("..") or os.execvp(sys.argv[1], sys.argv[1:])
status = os.waitpid(pid, 0)[1]
print(os.WTERMSIG(status), os.WCOREDUMP(status))' "$@" 2>../err)" "11 False"

# ---- one gateway for ranks that share it ----

export SLURM_JOB_ID=4711 SLURM_STEP_TASKS_PER_NODE='2(x3),1' SLURM_NODEID=0
options house/vault
printf '%s\n' "stager-node run --memory 64M $opts -- sh -c 'echo \$STAGER_URL; sleep '\$1'; curl -sSf -o shard.'\$1' \$STAGER_URL/\$STAGER_VERSION/shard-00000.tar'" >rank.sh
sh rank.sh 0 >rank.0 2>err.0 &
first=$!
sleep 1
sh rank.sh 2 >rank.2 2>err.2 &
second=$!
wait $first
same "the rank that came first ends first" "$?" 0
wait $second
same "the other one goes on" "$?" 0
same "and had the same gateway" "$(cat rank.2)" "$(cat rank.0)"
cmp -s shard.0 shard.2 && pass "both have read" || fail "both have read" err.0 err.2
same "it is gone with the last" "$(pgrep -fc "stager-node gateway.*$work/request.json")" 0
sh rank.sh 0 >out 2>err
same "a rank that comes too late is told so" "$? $(grep -c 'has ended' err)" "1 1"
unset SLURM_JOB_ID SLURM_STEP_TASKS_PER_NODE SLURM_NODEID
chmod 755 "tmp/stager-$(id -u)"
expect_status 3 "no folder that others can enter" run -- true
chmod 700 "tmp/stager-$(id -u)"
mv "tmp/stager-$(id -u)" elsewhere
ln -s "$work/elsewhere" "tmp/stager-$(id -u)"
expect_status 3 "nor a link" run -- true
rm "tmp/stager-$(id -u)"
mkdir open open/mine
chmod 700 open/mine
chmod 777 open
TMPDIR=$work/open expect_status 3 "no TMPDIR that others can write and rename in" run -- true
TMPDIR=$work/open/mine expect_status 3 "nor one below such a folder" run -- true
chmod 1777 open
TMPDIR=$work/open/mine ok "a sticky one is good" run -- true

# ---- a gateway that is not there, or goes ----

restart=$((restart - 1))
options house/vault
expect_status 3 "a house that refuses: its status, and no command" stager-node run --memory 64M --house 'stager release' \
	--pin house/house.json --request request.json --job-key job.key --from house/vault --restart 1 --wait 0 -- touch ran
[ ! -e ran ] && pass "the command never ran" || fail "the command never ran"
options house/vault
# A command that does not end when it is told to: for as long as it is there, nobody else has the gateway's port.
cat >port.py <<'PY'
"""port.py URL: 0 where the port may be had, 1 where it may not; then nobody answers there either."""
import socket, sys
at = ("127.0.0.1", int(sys.argv[1].rsplit(":", 1)[1]))
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    s.bind(at)
    s.listen()
except OSError:
    pass
else:
    sys.exit(0)
try:
    c = socket.create_connection(at, 20)
    c.settimeout(20)
    c.sendall(b"GET / HTTP/1.0\r\n\r\n")
    sys.exit(2 if c.recv(1) else 3)
except socket.timeout:
    sys.exit(4)
except OSError:
    sys.exit(1)
PY
eval "stager-node run --memory 64M $opts -- sh -c 'trap \"\" TERM; echo \$STAGER_URL >url; exec sleep 60.125'" >out 2>gone.err &
job=$!
n=0
while [ "$(pgrep -fc '^sleep 60.125$')" = 0 ] && [ $n -lt 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
# Of the gateway and its courier the older one.
kill -KILL "$(pgrep -of "stager-node gateway.*--restart $restart ")"
n=0
while ! grep -q 'the gateway has ended' gone.err && [ $n -lt 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
expect_status 1 "its port is nobody else's while the command lives, and nobody answers there" /usr/bin/python3 port.py "$(cat url)"
wait $job
ended=$?
n=0
while ! /usr/bin/python3 port.py "$(cat url)" && [ $n -lt 50 ]; do
	sleep 0.1
	n=$((n + 1))
done
expect_status 0 "afterwards it is free" /usr/bin/python3 port.py "$(cat url)"
same "a gateway that is killed: run fails, loudly" "$ended $(grep -c 'the gateway has ended' gone.err)" "1 1"

# ---- damage ----

# broke WHAT STATUS: an error, and a true beginning of the members before it
broke() {
	if [ "$2" = 9 ] && ! grep -q '^end$' out && /usr/bin/python3 -c 'import sys
sys.exit(not open("wanted").read().startswith(open("out").read()))'; then
		pass "$1: $(wc -l <out) of $members, then an error"
	else
		fail "$1: status $2, $(wc -l <out) of $members" err
	fi
}
hurt() { # WHAT COMMAND
	rm -rf copy
	mkdir copy
	cp -r "house/vault/$version" copy/
	body=copy/$version/abroad/shard-00002.body
	eval "$2"
	options copy
	/usr/bin/python3 reader.py "stager-node cat $opts" >out 2>err
	broke "pipe: $1" $?
	from=copy
	run -- sh curls.sh >out 2>err
	broke "gateway: $1" $?
	from=house/vault
}
options house/vault
eval "stager-node cat $opts 2" >two.tar 2>err
middle=$(/usr/bin/python3 -c 'import tarfile
with tarfile.open("two.tar") as tar:
    offsets = [m.offset for m in tar.getmembers()]
print(offsets[len(offsets) // 2])')
sealed() { echo $(($1 / 65536 * 65564 + $1 % 65536 + 12)); } # where a byte of plaintext lies in the body
hurt "one bit flipped" 'printf "\001" | dd of=$body bs=1 seek=$(sealed $((middle + 700))) conv=notrunc 2>/dev/null'
hurt "cut at a member's boundary" 'truncate -s "$(sealed $middle)" $body'
hurt "cut in a header" 'truncate -s "$(sealed $((middle + 100)))" $body'
hurt "a shard gone" 'rm $body'

same "nothing is left but what ended says" "$(find tmp elsewhere -type f ! -name lock ! -name ranks ! -name alive ! -name ended ! -name .curlrc | wc -l)" 0
ok "the house is whole" stager verify
finish
