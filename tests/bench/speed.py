"""The measurements of speed.sh: python3 speed.py PROGRAMS WORK MEGABYTES DEDUCE-PYTHON"""
import json
import os
import re
import resource
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS, WORK, MEGABYTES, PEER = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
POLICY = os.path.join(HERE, "policy.yaml")
ROUNDS = 5
PEER_NOTES = 200


def said(*argv, **more):
    return subprocess.run(argv, check=True, capture_output=True, **more).stdout


def count_lines(path):
    """`wc -l`, MB a second of processor time, its start among it: the best of some rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        said("wc", "-l", path)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = max(best, os.path.getsize(path) / 1e6 / max(took, 1e-4))
    return best


def row(what, path, rate, aim, threads="", apart=""):
    print(f"| {what} | {os.path.getsize(path) / 1e6:.0f} MB | {rate:.0f} | {aim} | {threads} | {apart} | {count_lines(path):.0f} |", flush=True)


def repeated(path, block):
    with open(path, "wb") as f:
        for _ in range(max(1, MEGABYTES * 500000 // len(block))):
            f.write(block)


def records(what, kind, name, aim):
    said("/usr/bin/python3", os.path.join(HERE, "make_bulk.py"), kind, WORK, str(MEGABYTES))
    path = os.path.join(WORK, name)
    told = said(os.path.join(PROGRAMS, "bench_scrub"), POLICY, path, "2").decode()
    rate = float(re.search(r"(\d+) MB/s of processor time", told).group(1))
    row(what, path, rate, aim, "%s times" % re.search(r": ([0-9.]+) times;", told).group(1),
        "%s times" % re.search(r"apart ([0-9.]+) times", told).group(1))
    os.unlink(path)


def main():
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*:\s*(.*)", f.read())
    print("%d cores, %s, load %s. MB a second of processor time on one core, the best of %d rounds; two threads, and two processes that\n"
          "have nothing to do with one another, by the clock beside one: more than the latter no program gets out of the machine.\n"
          % (len(os.sched_getaffinity(0)), model.group(1) if model else "?", open("/proc/loadavg").read().split()[0], ROUNDS))
    print("| what | data | MB/s | aim | two threads (aim: 1.7) | two processes | wc -l |\n|---|---|---|---|---|---|---|")
    letters = os.path.join(WORK, "letters.txt")
    repeated(letters, said("/usr/bin/python3", os.path.join(HERE, "make_letters.py"), "8"))
    told = said(os.path.join(PROGRAMS, "bench_text"), letters).decode()
    row("clinical letters, all detectors", letters, float(re.search(r"(\d+) MB/s", told).group(1)), 150)
    os.unlink(letters)
    cases = said("/usr/bin/python3", os.path.join(HERE, "deid_notes", "make.py"), "test")
    notes = os.path.join(WORK, "notes")
    with open(notes, "wb") as f:
        f.write(cases)
    told = json.loads(said(os.path.join(PROGRAMS, "deid"), "--json", "--rounds", str(4 * ROUNDS), input=cases))
    row("notes as dense as forms, detection alone", notes, told["mb_per_processor_second"], "500 times deduce")
    records("CSV, 20 columns typed by policy", "lab", "lab.table", 400)
    records("JSON Lines, 10 typed fields in nested objects", "events", "events.ndjson", 300)
    records("JSON Lines, a letter a record", "jsonl", "letters.jsonl", "")
    if not os.access(PEER, os.X_OK):
        print("\ndeduce is not there (tests/bench/deid.sh installs it): its speed is left out.")
        return
    some = b"".join(cases.splitlines(keepends=True)[:PEER_NOTES])
    last = json.loads(said(PEER, os.path.join(HERE, "deid_peer.py"), "deduce", input=some).splitlines()[-1])
    rate = last["bytes"] / 1e6 / last["seconds"]
    print("\ndeduce on %d of the notes: %.3f MB/s; the detectors do %.0f times that." % (PEER_NOTES, rate, told["mb_per_processor_second"] / rate))


main()
