"""Runs that are to meet the page cache alone. Some machines drop files from it while memory is free: a run that read blocks from disk says
nothing of it, and is done again."""
import os
import subprocess
import sys
import time

again = 0  # runs that were done again


def warm(sources):
    for source in sources:
        with open(source, "rb") as f:
            while f.read(1 << 22):
                pass


def held(name, sources, run, tries=6):
    """What run() gives but for its last, the blocks that it read from disk: of the first try that read none."""
    global again
    for _ in range(tries):
        warm(sources)
        *got, blocks = run()
        if blocks == 0:
            return got
        again += 1
    sys.exit("%s: what it reads does not stay in the page cache" % name)


def child(argv, **more):
    """Seconds by the clock, what it used (a struct rusage), what it said on stdout. It must end well."""
    start = time.monotonic()
    p = subprocess.Popen(argv, **dict({"stdout": subprocess.PIPE}, **more))
    said = p.stdout.read() if p.stdout else b""
    _, status, usage = os.wait4(p.pid, 0)
    took = time.monotonic() - start
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode != 0:
        sys.exit("%s: status %d" % (" ".join(argv[:4]), p.returncode))
    return took, usage, said


def blocks_of(pid):
    """Bytes that another process, not ours to wait for, has had read from disk. Only root may look into one that is not dumpable."""
    with open("/proc/%d/io" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("read_bytes"))
