"""The measurements of memory.sh: python3 memory.py WORK MEGABYTES-MIXED MEGABYTES-CSV. Status 1 where a limit is passed."""
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import make_bulk  # noqa: E402

WORK = sys.argv[1]
HOUSE = os.path.join(WORK, "house")
POLICY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "policy.yaml")
LIMIT = 512 << 20
PLANTED = ["Zonnebloem^Nep", "Ziekenhuis Waterdam", "polikliniek interne geneeskunde", "patientnr;geboortedatum"]
bad = []


def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True, cwd=WORK).stdout.strip()


def house():
    with open("/proc/swaps") as f:
        swap = any(not line.startswith(("Filename", "/dev/zram", "/dev/dm-")) for line in f)
    run("stager", "init", HOUSE, "--name", "bench", *(["--allow-swap"] if swap else []))
    os.environ["STAGER_HOUSE"] = HOUSE
    run("stager", "holder", "add", "umc")


def status(pid):
    """Parent, name, resident bytes now and at most; None where it is gone."""
    try:
        with open("/proc/%s/status" % pid) as f:
            text = f.read()
    except OSError:
        return None
    numbers = {k: int(v) for k, v in re.findall(r"^(PPid|VmRSS|VmHWM):\s*(\d+)", text, re.M)}
    return numbers.get("PPid"), text.split()[1], numbers.get("VmRSS", 0) << 10, numbers.get("VmHWM", 0) << 10


def push(name, source, said, *more):
    begin = time.monotonic()
    p = subprocess.Popen(["stager", "push", source, "--name", name, "--policy", POLICY, *more], cwd=WORK, stdout=subprocess.DEVNULL)
    top, high, samples = 0, {}, 0
    while p.poll() is None:
        total = 0
        for pid in os.listdir("/proc"):
            got = status(pid) if pid.isdigit() else None
            if got and (int(pid) == p.pid or got[0] == p.pid):
                total += got[2]
                high[got[1]] = max(high.get(got[1], 0), got[3])
        top = max(top, total)
        samples += 1
        time.sleep(0.05)
    size = sum(os.path.getsize(os.path.join(d, n)) for d, _, names in os.walk(source) for n in names)
    if p.returncode != 0:
        bad.append("%s: status %d" % (name, p.returncode))
    if top >= LIMIT:
        bad.append("%s: %d MiB" % (name, top >> 20))
    print("| %s | %.1f GB | %.0f s | **%d MiB** | %s |" % (
        said, size / 1e9, time.monotonic() - begin, top >> 20,
        ", ".join("%s %d" % (k.replace("stager-", ""), v >> 20) for k, v in sorted(high.items(), key=lambda x: -x[1]))))
    sys.stdout.flush()


def worst(megabytes):
    """What takes most, found by trying: DICOM files near the limit of 256 MiB, which are read whole, before letters, which wait in memory."""
    import pydicom
    source = os.path.join(WORK, "worst")
    for i in range(2):
        folder = os.path.join(source, "%d" % (2 * i))
        make_bulk.make("dicom", folder, 1)
        d = pydicom.dcmread(os.path.join(folder, "00000.dcm"))
        d.NumberOfFrames = "120"
        d.PixelData = d.PixelData * 120
        d.save_as(os.path.join(folder, "00000.dcm"))
        make_bulk.make("text", os.path.join(source, "%d" % (2 * i + 1)), megabytes // 2)
    for more in (("--jobs", "2"), ("--jobs", "8")):
        push("worst" + "".join(more[1:]), source, " ".join(("DICOM of 240 MiB, letters behind it",) + more), *more)
    shutil.rmtree(source)


def written():
    """Every file that is opened for writing while a push runs, and what is found in the house afterwards."""
    folder = os.path.join(WORK, "traced")
    for kind, size in (("csv", 8), ("jsonl", 8), ("text", 8), ("dicom", 16), ("opaque", 8)):
        make_bulk.make(kind, os.path.join(folder, kind), size)
    trace = os.path.join(WORK, "trace")
    # A program that makes itself undumpable can only be traced by root or from its start on; -f is from its start on.
    subprocess.run(["strace", "-f", "-y", "-o", trace, "-e", "trace=openat,creat,open,openat2", "stager", "push", "traced", "--name",
                    "traced", "--policy", POLICY], check=True, cwd=WORK, stdout=subprocess.DEVNULL)
    count, outside = 0, []
    with open(trace) as f:
        for line in f:
            if not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE|creat\(", line):
                continue
            got = re.search(r"= \d+<([^>]*)>", line)
            if got is None:
                continue
            count += 1
            if not got.group(1).startswith((HOUSE + "/", "/dev/null")):
                outside.append(got.group(1))
    if count == 0 or outside:
        bad.append("opened for writing: %d, outside the house: %s" % (count, sorted(set(outside))[:5]))
    hits = [what for what in PLANTED if subprocess.run(["grep", "-rqaF", what, HOUSE]).returncode == 0]
    seen = [what for what in PLANTED if subprocess.run(["grep", "-rqaF", what, folder]).returncode == 0]
    if hits or seen != PLANTED:
        bad.append("planted: found in the house: %s; in the source: %s" % (hits, seen))
    print()
    print("No plaintext on disk: %d files opened for writing by a push of all formats, %d of them outside the house; %d of %d planted values "
          "found in the house." % (count, len(outside), len(hits), len(PLANTED)))
    shutil.rmtree(folder)


def main():
    mixed, table = int(sys.argv[2]), int(sys.argv[3])
    house()
    print("| push | data | time | peak of all processes together | peak of each, MiB |")
    print("|---|---|---|---|---|")
    source = os.path.join(WORK, "mixed")
    for kind, share in (("opaque", 0.5), ("dicom", 0.25), ("csv-part", 0.125), ("text", 0.0625), ("jsonl", 0.0625)):
        make_bulk.make(kind, os.path.join(source, kind), int(mixed * share))
    for more in ((), ("--jobs", "2"), ("--jobs", "8")):
        push("mixed" + "".join(more[1:]), source, " ".join(("CSV, JSON Lines, text, DICOM, opaque",) + more), *more)
    shutil.rmtree(source)
    worst(mixed // 4)
    source = os.path.join(WORK, "table")
    make_bulk.make("csv", source, table)
    push("table", source, "one CSV")
    shutil.rmtree(source)
    written()
    for what in bad:
        print("FAILED: " + what)
    return 1 if bad else 0


sys.exit(main())
