#!/bin/sh
# Goal: under a real Slurm: two tasks with two slots read a dataset beside their gateways; one is killed, the job is requeued and
# goes on; a third node is refused, logged, alarmed; a chain of two jobs and a training loop that is stopped in the middle of an
# epoch see every sample once; and after all of it no plaintext and no key lies anywhere on disk.
# usage: sh tests/lab/slurm.sh         as root; needs slurmctld slurmd slurm-client munge. STAGER_LAB_VENV: as for trainers.sh
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
same "two slots were released" "$(uses '[(x["slot"], x["restart"], x["done"]) for x in u if x["type"] == "release"]' | tr -d '[]' | tr ')' '\n' | sort | tr -d '\n ')" \
	"$(printf '%s' '(0,0,True,(1,0,True')"
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

# ---- a chain: stopped in the middle of an epoch, and on from there; ranks of one node share a gateway ----

if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import webdataset' 2>/dev/null; then
	mkdir state
	cat >chain.sbatch <<END
#!/bin/bash
#SBATCH --ntasks=2 --cpus-per-task=1 --output=$work/chain.%j.out
cd $work
stop=
[ "\$STAGER_CHAIN" = 2 ] || stop="--stop-after 3"
srun --cpus-per-task=1 sh node.sh --slot 0 -- $venv/bin/python $top/deploy/slurm/train.py --state state --list samples \\
	--batch 17 --epochs 1 \$stop
END
	# The first link is number 1: number 0's restart counts were used above.
	sed 's/^number=0/number=1/; s/"$number" -lt "$count"/"$number" -le "$count"/' "$top/deploy/slurm/chain.sh" >chain.sh
	sh chain.sh 2 chain.sbatch >jobs
	for job in $(cat jobs); do state=$(ended "$job"); done
	same "the chain's last job ends well" "$state" COMPLETED
	grep -h 'stopped in epoch 0' chain.*.out | sort | head -n 2
	same "stopped in the middle of the epoch" "$(cat chain.*.out | grep -c 'stopped in epoch 0 after 51 samples')" 2
	cat samples.0 samples.1 >all
	same "every sample once, over both jobs and ranks" "$(sort all | uniq -c | awk '$1 == 1' | wc -l) of $(wc -l <all)" "400 of 400"
	sort all | cmp -s - all && fail "in a shuffled order" || pass "in a shuffled order"
	same "one gateway for the two ranks of each" \
		"$(uses 'sorted((x["slot"], x["restart"]) for x in u if x["type"] == "release" and x["restart"] >= 1000)')" "[(0, 1000), (0, 2000)]"
	cat samples.* >/dev/null
else
	echo "skipped: the training loop, for want of WebDataset (sh tests/lab/trainers.sh gets it)"
fi
if "$venv/bin/python" -c 'import torch' 2>/dev/null; then
	: # the toy model is run by hand: deploy/slurm/train.py without --list
else
	echo "skipped: the toy model, for want of PyTorch"
fi

# ---- what is left on disk ----

cat >search.py <<'END'
"""Every file that is newer than the stamp, where jobs and this house write, searched for the marks of the plaintext and for
keys: as bytes, hex and base64. What must be found there, to show that the search finds: the job key in its own file."""
import base64, os, sys
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
stamp, mark, key_path, folders = os.path.getmtime("stamp"), sys.argv[1].encode(), sys.argv[2], sys.argv[3:]
key = load_pem_private_key(open(key_path, "rb").read(), None)
seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
needles = {"plaintext": [mark, base64.b64encode(mark)[:20], mark.hex().encode()],
           "job key": [seed, seed.hex().encode(), base64.b64encode(seed), base64.b64encode(seed[:30])]}
def search(path):
    try:
        with open(path, "rb") as f:
            data = f.read()
    except OSError:
        return []
    return [what for what, forms in needles.items() if any(n in data for n in forms)]
pem = base64.b64decode("".join(open(key_path).read().split("\n")[1:-2]))
if seed not in pem:
    sys.exit("the search does not know the key")
count = bad = 0
for top in folders:
    for folder, names, files in os.walk(top):
        for name in files:
            path = os.path.join(folder, name)
            try:
                st = os.lstat(path)
            except OSError:
                continue
            if not os.path.isfile(path) or os.path.islink(path) or st.st_mtime < stamp or st.st_size > 1 << 30:
                continue
            count += 1
            for what in search(path):
                bad += 1
                print("%s: %s" % (path, what))
print("%d files searched" % count)
sys.exit(bad != 0 or count < 10)
END
printf '%s\n' "$mark" >planted
/usr/bin/python3 search.py "$mark" job/job.key "$work" >search.out 2>&1
same "the search finds what is planted" "$(grep -c "planted: plaintext" search.out)" 1
rm planted
ok "no plaintext and no key in any file" /usr/bin/python3 search.py "$mark" job/job.key "$work" /tmp /var/tmp /dev/shm /root /home /var/spool /var/log /run
tail -n 1 out
same "no receipt waits" "$(find job/receipts -name '*.receipt' 2>/dev/null | wc -l)" 0
same "no gateway is left" "$(pgrep -fc '[s]tager-node gateway.*job/request.json')" 0
ok "the house is whole" stager verify
finish
