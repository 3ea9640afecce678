"""Runs that are to meet the page cache alone. Some machines drop files from it while memory is free: a run that read a hundredth of its
sources from disk, or more, says nothing of it, and is done again. (Programs that are started are read, too, now and then.)"""
import os
import subprocess
import sys
import time

again = 0  # runs that were done again
kept = 0  # and those that met the disk at the last try, too


def warm(sources):
    for source in sources:
        with open(source, "rb") as f:
            while f.read(1 << 22):
                pass


def told():
    """For the line above a table."""
    return "%d runs that met the disk done again" % again + (", %d COUNTED ALL THE SAME" % kept if kept else "")


def held(name, sources, run, tries=5):
    """What run() gives but for its last, the bytes that it read from disk: of the first try that read next to none, else of the last."""
    global again, kept
    most = sum(os.path.getsize(source) for source in sources) / 100
    for left in reversed(range(tries)):
        warm(sources)
        *got, from_disk = run()
        if from_disk <= most or left == 0:
            break
        again += 1
    if from_disk > most:
        kept += 1
        print("%s: what it reads does not stay in the page cache" % name, file=sys.stderr)
    return got


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


def disk(usage):
    """Bytes read from disk by what a struct rusage is of."""
    return usage.ru_inblock * 512


def disk_of(pid):
    """Bytes that another process, not ours to wait for, has had read from disk. Only root may look into one that is not dumpable."""
    with open("/proc/%d/io" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("read_bytes"))
