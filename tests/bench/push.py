"""The measurements of push.sh: python3 push.py WORK MEGABYTES"""
import os
import re
import resource
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORK, MEGABYTES = sys.argv[1], int(sys.argv[2])
POLICY = os.path.join(HERE, "policy.yaml")
KINDS = [("csv", "CSV, 8 typed columns, one file", 1), ("jsonl", "JSON Lines, a letter a record", 0.5),
         ("text", "text: letters, 64 KB a file", 0.5), ("letters", "text: letters, one a file", 0.125),
         ("dicom", "DICOM, 2 MB a slice", 1), ("opaque", "opaque", 1)]


def run(*argv, **more):
    return subprocess.run(argv, check=True, capture_output=True, text=True, cwd=WORK, **more).stdout.strip()


def cpu():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


def timed(argv, **more):
    """Seconds on the clock, and on the processors, of argv and all its children."""
    wall, used = time.monotonic(), cpu()
    got = subprocess.run(argv, check=True, cwd=WORK, stderr=subprocess.PIPE, **more)
    return time.monotonic() - wall, cpu() - used, got.stdout


def speed(*what):
    """openssl speed at 64 KiB, MB/s of one core."""
    text = run("openssl", "speed", "-seconds", "1", "-bytes", "65536", *what, stdin=subprocess.DEVNULL)
    return float(re.findall(r"([0-9.]+)k\s*$", text, re.M)[-1]) / 1000


def house():
    with open("/proc/swaps") as f:
        swap = any(not line.startswith(("Filename", "/dev/zram", "/dev/dm-")) for line in f)
    run("stager", "init", "house", "--name", "bench", *(["--allow-swap"] if swap else []))
    os.environ["STAGER_HOUSE"] = os.path.join(WORK, "house")
    run("stager", "holder", "add", "umc")
    for person in ("anna", "boris"):
        run("stager-sign", "keygen", "--out", person + ".key")
        with open(os.path.join(WORK, person + ".st"), "w") as f:
            f.write(run("stager-sign", "steward", "--key", person + ".key", "--holder", "umc", "--person", person + "@umc.example"))
        run("stager", "steward", "add", person + ".st")
    run("stager-node", "keygen", "--out", "job.key", "--pub", "job.pub")


def signed(document, envelope):
    for person in ("anna", "boris"):
        with open(os.path.join(WORK, person + envelope), "w") as f:
            f.write(run("stager-sign", "--yes", "--key", person + ".key", document))


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
    run("stager", "report", version, "--out", "report.json")
    signed("report.json", ".accept")
    run("stager", "accept", "anna.accept")
    run("stager", "request", "new", version, "--site", "lumi", "--job-key", "job.pub", "--requester", "ria@uni.example", "--out", "request.json")
    signed("request.json", ".approval")
    for person in ("anna", "boris"):
        run("stager", "approve", person + ".approval")
    wall, used, _ = timed(["sh", "-c", "stager-node cat --house 'stager release' --pin house/house.json --request request.json "
                           "--job-key job.key --from house/vault | cat >/dev/null"])
    row("cat on a node, to a pipe", size, wall, used)


main()
