"""A house to measure with, in the folder that the first argument names: for push.py, node.py."""
import os
import re
import resource
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import page_cache  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = sys.argv[1]
POLICY = os.path.join(HERE, "policy.yaml")


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


def cached(name, sources, argv_of, **more):
    """The same of what is to read its sources from the page cache; argv_of() gives the command for one try."""
    def once():
        before = page_cache.disk(resource.getrusage(resource.RUSAGE_CHILDREN))
        got = timed(argv_of(), **more)
        return *got, page_cache.disk(resource.getrusage(resource.RUSAGE_CHILDREN)) - before

    return page_cache.held(name, sources, once)


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


def approved(version, *options):
    """request.json and its two approvals, of a version accepted."""
    run("stager", "report", version, "--out", "report.json")
    signed("report.json", ".accept")
    run("stager", "accept", "anna.accept")
    run("stager", "request", "new", version, "--site", "lumi", "--job-key", "job.pub", "--requester", "ria@uni.example",
        "--out", "request.json", *options)
    signed("request.json", ".approval")
    for person in ("anna", "boris"):
        run("stager", "approve", person + ".approval")


NODE = ["stager-node", "cat", "--house", "stager release", "--pin", "house/house.json", "--request", "request.json",
        "--job-key", "job.key"]
