#!/bin/sh
# Goal: under a real Slurm: two tasks with two slots read a dataset beside their gateways; one is killed, the job is requeued and
# goes on; a third node is refused, logged, alarmed; a chain of three jobs that train by PyTorch and WebDataset, one stopped in the
# middle of an epoch and one killed there, uses every sample once an epoch; and after it no plaintext and no key lies on any disk.
# usage: sh tests/lab/slurm.sh         as root; needs slurmctld slurmd slurm-client munge. STAGER_LAB_VENV: as for trainers.sh,
# with torch in it for the training loop
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || { echo "skipped: not root"; exit 77; }
for program in slurmctld slurmd sbatch munged; do
	command -v $program >/dev/null || [ -x /usr/sbin/$program ] || {
		echo "skipped: no $program (apt-get install --no-install-recommends slurmctld slurmd slurm-client munge)"
		exit 77
	}
done
PATH=$PATH:/usr/sbin
cd "$work" || exit 1
chmod 755 "$work"
venv=${STAGER_LAB_VENV:-${TMPDIR:-/tmp}/stager-lab-venv-$(id -u)}

# ---- a cluster of one node ----

cluster_pids=
flow_end() {
	for pid in $cluster_pids; do kill "$pid" 2>/dev/null; done
	sleep 0.5
	rm -rf "$work"
}
host=$(hostname -s)
mkdir -p slurm/state slurm/spool slurm/log
[ -f /etc/munge/munge.key ] || mungekey -c
if [ ! -S /run/munge/munge.socket.2 ]; then
	install -d -o munge -g munge /run/munge /var/lib/munge /var/log/munge
	su -s /bin/sh munge -c "$(command -v munged) --force --foreground" 2>slurm/log/munged &
	wait_for test -S /run/munge/munge.socket.2
	cluster_pids=$(pgrep -u munge munged)
fi
cat >slurm/slurm.conf <<END
ClusterName=lab
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=18817
SlurmdPort=18818
SlurmUser=root
AuthType=auth/munge
AuthInfo=cred_expire=6
StateSaveLocation=$work/slurm/state
SlurmdSpoolDir=$work/slurm/spool
SlurmctldPidFile=$work/slurm/ctld.pid
SlurmdPidFile=$work/slurm/d.pid
SlurmctldLogFile=$work/slurm/log/ctld
SlurmdLogFile=$work/slurm/log/d
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
MpiDefault=none
ReturnToService=2
KillWait=20
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=2000 State=UNKNOWN
PartitionName=lab Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$work/slurm/slurm.conf
slurmctld -D >slurm/log/ctld.out 2>&1 &
cluster_pids="$cluster_pids $!"
slurmd -D -N "$host" >slurm/log/d.out 2>&1 &
cluster_pids="$cluster_pids $!"
idle() { sinfo -h -o %t 2>/dev/null | grep -q idle; }
wait_for idle || wait_for idle || { fail "a cluster" slurm/log/ctld slurm/log/d; finish; exit 1; }
pass "a cluster of one node"
# ended JOB: its last state, once it has one
ended() {
	n=0
	while [ $n -lt 600 ]; do
		state=$(scontrol show job "$1" 2>/dev/null | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p')
		case $state in
		COMPLETED | FAILED | CANCELLED | TIMEOUT | NODE_FAIL) break ;;
		esac
		sleep 0.2
		n=$((n + 1))
	done
	echo "$state"
}

# ---- a dataset with marks that are not to be found again ----

mark=mark-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
make_house "$work/house" || exit 1
mkdir "$work/source"
/usr/bin/python3 - "$mark" source <<'END'
import random, sys
mark, folder = sys.argv[1:]
random.seed(1)
words = "de zonnebloemen staan in de tuin en het gaat goed vandaag".split()
for n in range(400):
    with open(f"{folder}/{n:03}.txt", "w") as f:
        f.write(f"{mark} {n}\n")
        while f.tell() < 20000:
            f.write(" ".join(random.choices(words, k=12)) + "\n")
END
policy "  - {match: '**', format: opaque, ext: txt}" 1MiB >policy.yaml
pushed source lab policy.yaml || exit 1
sort_of() { /usr/bin/python3 -c 'import glob, hashlib
print(*sorted(hashlib.sha256(open(f, "rb").read()).hexdigest() for f in glob.glob("source/*")), sep="\n")'; }
sort_of >wanted
rm -rf source
mkdir -m 700 job
stager-node keygen --out job/job.key --pub job/job.pub || exit 1
cp house/house.json job/
asked job/request.json "$version" job/job.pub --slots 2 --redemptions 12 || exit 1
shards=$(find "house/vault/$version/abroad" -name 'shard-*.body' | wc -l)
# The shards' data keys, by a release of its own, for the search at the end; and their headers away again.
stager-node keygen --out keys.key --pub keys.pub && asked keys.json "$version" keys.pub && mkdir foreign &&
	"$STAGER_BUILD/../../tests/node_tool" --house 'stager release' --pin house/house.json --request keys.json --job-key keys.key --out foreign \
		--restart 1 && /usr/bin/python3 - "$STAGER_TESTS" <<'END' >data.keys || { fail "the data keys"; finish; exit 1; }
import glob, sys
sys.path.insert(0, sys.argv[1])
from peer_c4gh import open_header, read_key
secret = read_key("foreign/reader.key")
for path in sorted(glob.glob("foreign/shard-*.header")):
    with open(path, "rb") as f:
        print(open_header(f.read(), secret)[0][0].hex())
END
rm -rf foreign
same "a data key for each shard" "$(sort -u data.keys | wc -l)" "$shards"
sleep 1
touch stamp
sleep 1

uses() { # EXPRESSION over the list u
	stager request show "$(cat job/request.json.id)" --json >uses.json && json uses.json "(lambda u: $1)(j['uses'])"
}
cat >task.py <<'END'
"""Reads all shards of the gateway, slowly the first time, and writes down the digests of their members."""
import hashlib, os, subprocess, sys, tarfile, time
slow, out, shards = float(sys.argv[1]), sys.argv[2], int(sys.argv[3])
digests = []
for n in range(shards):
    url = "%s/%s/shard-%05d.tar" % (os.environ["STAGER_URL"], os.environ["STAGER_VERSION"], n)
    with subprocess.Popen(["curl", "-sSf", url], stdout=subprocess.PIPE) as curl:
        with tarfile.open(fileobj=curl.stdout, mode="r|") as tar:
            for member in tar:
                digests.append(hashlib.sha256(tar.extractfile(member).read()).hexdigest())
        while curl.stdout.read(65536):
            pass
    assert curl.returncode == 0
    time.sleep(slow)
with open(out, "w") as f:
    print(*sorted(digests), sep="\n", file=f)
END
# node.sh OPTION... -- COMMAND...: beside a gateway
mkdir -p -m 700 job/receipts
cat >node.sh <<END
exec stager-node run --house 'stager release --house $work/house' --pin job/house.json --request job/request.json \\
	--job-key job/job.key --from house/vault --memory 128M --receipts job/receipts "\$@"
END

# ---- two tasks, two slots; one killed, all requeued ----

cat >two.sbatch <<END
#!/bin/bash
#SBATCH --ntasks=2 --cpus-per-task=1 --requeue --open-mode=append --output=$work/two.out
cd $work
slow=3
[ "\${SLURM_RESTART_COUNT:-0}" = 0 ] || slow=0
# One node here: the slot is the task's number, where it would be the node's.
srun --kill-on-bad-exit=1 sh -c 'exec sh node.sh --ranks 1 --slot \$SLURM_PROCID -- python3 task.py \$0 got.\$SLURM_PROCID $shards' \$slow
status=\$?
echo "restart \${SLURM_RESTART_COUNT:-0}: status \$status"
[ \$status = 0 ] && exit 0
[ "\${SLURM_RESTART_COUNT:-0}" = 0 ] && scontrol requeue \$SLURM_JOB_ID
sleep 5
exit \$status
END
job=$(sbatch --parsable two.sbatch)
both() { [ "$(pgrep -fc '^python3 task.py 3 ')" = 2 ]; }
wait_for both && wait_for both
pass "two tasks run"
same "two slots were released" "$(uses 'sorted((x["slot"], x["restart"], x["done"]) for x in u if x["type"] == "release")')" \
	"[(0, 0, True), (1, 0, True)]"
victim=$(pgrep -f '[s]tager-node run.*--slot 1 ' | head -n 1)
kill -KILL "$victim"
same "the job ends well, requeued" "$(ended "$job")" COMPLETED
grep -q 'restart 0: status [1-9]' two.out && grep -q 'restart 1: status 0' two.out && pass "after one task was killed" ||
	fail "after one task was killed" two.out
for task in 0 1; do
	cmp -s got.$task wanted && pass "task $task has read every member" || fail "task $task has read every member" two.out
done
same "each slot was released anew" "$(uses 'sorted((x["slot"], x["restart"]) for x in u if x["type"] == "release" and x["done"])')" \
	"[(0, 0), (0, 1), (1, 0), (1, 1)]"
same "receipts of the run that ended well" \
	"$(uses 'sorted((x["slot"], x["result"]) for x in u if x["type"] == "receipt" and x["restart"] == 1)')" "[(0, 'done'), (1, 'done')]"

# ---- a third node ----

cat >third.sbatch <<END
#!/bin/bash
#SBATCH --ntasks=1 --output=$work/third.out
cd $work
srun sh node.sh --slot 2 -- python3 task.py 0 got.2 $shards
END
same "a third node: its job fails" "$(ended "$(sbatch --parsable third.sbatch)")" FAILED
[ ! -e got.2 ] && pass "and its command never ran" || fail "and its command never ran"
grep -q 'alarm' third.out && pass "it is told why" || fail "it is told why" third.out
same "it is logged, as an alarm" "$(uses '[(x["slot"], x["status"], x["alarm"]) for x in u if x["type"] == "refusal"]')" "[(2, 3, True)]"

# ---- a chain: PyTorch on two ranks, stopped in the middle of an epoch, killed in the middle of another ----

if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import torch, webdataset' 2>/dev/null; then
	mkdir state
	epochs=8
	GLOO_SOCKET_IFNAME=lo MASTER_PORT=$((20000 + $$ % 20000))
	export GLOO_SOCKET_IFNAME MASTER_PORT
	# Two ranks on one gateway, with two workers each. The first job is told to stop after 3 steps; in the second one a rank is killed.
	cat >chain.sbatch <<END
#!/bin/bash
#SBATCH --ntasks=2 --cpus-per-task=1 --output=$work/chain.%x.%j.out
cd $work
[ "\$STAGER_CHAIN" = 1 ] && stop="--stop-after 3"
srun --cpus-per-task=1 --kill-on-bad-exit=1 sh node.sh --slot 0 -- $venv/bin/python $top/deploy/slurm/train.py --state state --list samples \\
	--batch 17 --workers 2 --epochs $epochs --save-every 5 \$stop
END
	# The first link is number 1: number 0's restart counts were used above.
	sed 's/^number=0/number=1/; s/"$number" -lt "$count"/"$number" -le "$count"/' "$top/deploy/slurm/chain.sh" >chain.sh
	sh chain.sh 3 chain.sbatch --job-name=chain >jobs
	first=$(sed -n 1p jobs) second=$(sed -n 2p jobs) third=$(sed -n 3p jobs)
	ended "$first" >/dev/null
	same "told to stop in the middle of an epoch" "$(grep -c 'stopped in epoch 0 after [1-9]' chain.*."$first".out)" 2
	n=0
	while [ "$(cat samples.0 samples.1 | wc -l)" -lt 900 ] && [ $n -lt 3000 ]; do
		sleep 0.02
		n=$((n + 1))
	done
	kill -KILL "$(pgrep -of "^$venv/bin/python .*train.py")"
	same "a rank is killed: its job fails" "$(ended "$second")" FAILED
	same "the chain's last job ends well" "$(ended "$third")" COMPLETED
	same "from the middle of an epoch" "$(grep -ch 'goes on in epoch [1-9] after [1-9]' chain.*."$third".out)" 2
	cat samples.0 samples.1 >all
	same "every sample once an epoch, over all jobs and ranks" \
		"$(sort -u all | wc -l) of $(wc -l <all), $(cut -d' ' -f2 all | sort -u | wc -l) keys" "$((400 * epochs)) of $((400 * epochs)), 400 keys"
	for e in 0 1; do sed -n "s/^$e //p" samples.0 >order.$e; done
	sort order.0 | cmp -s - order.0 && fail "in a shuffled order" || pass "in a shuffled order"
	cmp -s order.0 order.1 && fail "another one each epoch" || pass "another one each epoch"
	/usr/bin/python3 - chain.*.out <<'END' && pass "the model learns" || fail "the model learns" chain.*."$third".out
import re, sys
losses = [(int(s), float(l)) for path in sys.argv[1:] for s, l in re.findall(r"step (\d+) loss ([0-9.]+)", open(path).read())]
losses.sort()
print(losses[0], losses[-1])
sys.exit(not losses[-1][1] < losses[0][1] / 2)
END
	same "one gateway for the two ranks of each" \
		"$(uses 'sorted((x["slot"], x["restart"]) for x in u if x["type"] == "release" and x["restart"] >= 1000)')" \
		"[(0, 1000), (0, 2000), (0, 3000)]"
else
	echo "skipped: the training loop, for want of PyTorch and WebDataset ($venv/bin/pip install torch webdataset)"
fi

# ---- what is left on disk ----

cat >search.py <<'END'
"""Every file of every disk and tmpfs that was made or changed after the stamp, searched for the mark of the plaintext and for keys, raw,
in hex and in base64. usage: search.py MARK JOB-KEY [FOLDER...]"""
import base64, os, re, stat, subprocess, sys
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
stamp, (mark, key_path, *tops) = os.stat("stamp").st_ctime, sys.argv[1:]
key = load_pem_private_key(open(key_path, "rb").read(), None)
seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
def forms(s):
    """Raw (as much of it as grep takes for one pattern), in hex, and in base64 that begins at any place."""
    raw = max(re.split(b"[\0\n]", s), key=len)[:16]
    if len(raw) < 6:
        sys.exit("a key that cannot be searched for: run this again")
    return [raw, s.hex().encode()[:32]] + [base64.b64encode(bytes(n) + s)[skip:skip + 20] for n, skip in ((0, 0), (1, 2), (2, 3))]
needles = {"plaintext": forms(mark.encode()), "job key": forms(seed),
           "data key": [form for line in open("data.keys") for form in forms(bytes.fromhex(line))]}
patterns = os.memfd_create("patterns")
os.write(patterns, b"".join(n + b"\n" for some in needles.values() for n in some))
def search(paths):
    """What was found: grep for speed, then which it was."""
    got = subprocess.run(["grep", "-zZlsaF", "-f", "/proc/self/fd/%d" % patterns, "--", *paths], env={"LC_ALL": "C"}, pass_fds=[patterns],
                         stdout=subprocess.PIPE).stdout
    for path in got.split(b"\0")[:-1]:
        try:
            with open(path, "rb") as f:
                data = f.read()
        except OSError:
            continue
        for what, some in needles.items():
            if any(n in data for n in some):
                yield "%s: %s" % (os.fsdecode(path), what)
if not tops: # the mounted file systems that hold files
    tops = sorted({line.split()[4] for line in open("/proc/self/mountinfo")
                   if line.split(" - ")[1].split()[0] in ("ext4", "xfs", "btrfs", "tmpfs", "overlay", "ramfs", "vfat", "nfs", "nfs4", "lustre")})
seen, some, count, bad = set(), [], 0, 0
def flush():
    global bad
    for line in search(some) if some else ():
        bad += 1
        print(line)
    some.clear()
for top in tops:
    for folder, names, files in os.walk(top):
        names[:] = [n for n in names if not os.path.ismount(os.path.join(folder, n))]
        for name in files:
            path = os.path.join(folder, name)
            try:
                st = os.lstat(path)
            except OSError:
                continue # gone meanwhile
            if not stat.S_ISREG(st.st_mode) or st.st_ctime < stamp or (st.st_dev, st.st_ino) in seen:
                continue
            seen.add((st.st_dev, st.st_ino))
            some.append(path)
            count += 1
            if len(some) == 500:
                flush()
flush()
print("%d files searched, below %s" % (count, " ".join(tops)))
sys.exit(bad != 0 or count == 0)
END
# What it must find: one of each, in a folder that only this run of it reads.
mkdir planted
printf '%s' "$mark" >planted/mark
{ printf x; cat planted/mark; } | base64 -w 0 >planted/mark64
cp job/job.key planted/job.key
sed -n 1p data.keys >planted/data.key
/usr/bin/python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(open("data.keys").readlines()[-1]))' >planted/data.raw
/usr/bin/python3 search.py "$mark" job/job.key planted >search.out 2>&1
same "the search finds what is planted" "$(sed -n 's,^planted/,,p' search.out | LC_ALL=C sort | tr '\n' ';')" \
	"data.key: data key;data.raw: data key;job.key: job key;mark64: plaintext;mark: plaintext;"
rm -r planted
ok "no plaintext and no key in any file" /usr/bin/python3 search.py "$mark" job/job.key
tail -n 1 out
same "no receipt waits" "$(find job/receipts -name '*.receipt' 2>/dev/null | wc -l)" 0
same "no gateway is left" "$(pgrep -fc '[s]tager-node gateway.*job/request.json')" 0
ok "the house is whole" stager verify
finish
