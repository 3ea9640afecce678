"""The measurements of push.sh: python3 push.py WORK MEGABYTES"""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench_house import HERE, POLICY, WORK, approved, house, run, speed, timed  # noqa: E402

MEGABYTES = int(sys.argv[2])
KINDS = [("csv", "CSV, 8 typed columns, one file", 1), ("jsonl", "JSON Lines, a letter a record", 0.5),
         ("text", "text: letters, 64 KB a file", 0.5), ("letters", "text: letters, one a file", 0.125),
         ("dicom", "DICOM, 2 MB a slice", 1), ("opaque", "opaque", 1)]


def main():
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*:\s*(.*)", f.read())
    chacha, sha = speed("-evp", "chacha20-poly1305"), speed("-evp", "sha256")
    cores = len(os.sched_getaffinity(0))
    bound = 1 / (1 / chacha + 1 / sha)
    print("%d cores, %s; openssl speed, one core: ChaCha20-Poly1305 %.0f MB/s, SHA-256 %.0f MB/s; so sealing is bound by %.0f MB/s a core"
          % (cores, model.group(1) if model else "?", chacha, sha, bound))
    print()
    print("| path | data | MB/s | of the bound | MB a second of processor |")
    print("|---|---|---|---|---|")

    def row(name, megabytes, wall, used):
        print("| %s | %.0f MB | %.0f | %.0f%% | %.0f |" % (name, megabytes, megabytes / wall, 100 * megabytes / wall / bound, megabytes / used))
        sys.stdout.flush()

    house()
    for kind, name, share in KINDS:
        subprocess.run([sys.executable, os.path.join(HERE, "make_bulk.py"), kind, os.path.join(WORK, "in"),
                        str(int(MEGABYTES * share))], check=True)
        size = sum(os.path.getsize(os.path.join(d, n)) for d, _, names in os.walk(os.path.join(WORK, "in")) for n in names) / 1e6
        wall, used, out = timed(["stager", "push", "in", "--name", kind, "--policy", POLICY], stdout=subprocess.PIPE)
        row("push: " + name, size, wall, used)
        version = out.decode().split()[-1]
        shutil.rmtree(os.path.join(WORK, "in"))
    wall, used, _ = timed(["stager", "verify", version], stdout=subprocess.DEVNULL)
    row("verify", size, wall, used)
    approved(version)
    wall, used, _ = timed(["sh", "-c", "stager-node cat --house 'stager release' --pin house/house.json --request request.json "
                           "--job-key job.key --from house/vault | cat >/dev/null"])
    row("cat on a node, to a pipe", size, wall, used)


main()
