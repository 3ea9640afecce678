"""The figures of de-identification: deid.py DEID CASES [NAME=FINDS...] prints a markdown table.

DEID is the bench's program, CASES what it reads, FINDS what deid_peer.py wrote of other tools over the same cases. Spans are compared here a
second time, without the program's ways; what it says of its own must be the same.
"""
import json
import subprocess
import sys
from collections import Counter

KINDS = ["person", "location", "institution", "date", "age", "phone", "email", "url", "id"]
GROUPS = [("persons", ["person"]), ("numbers, contacts, dates, ages", ["id", "phone", "email", "url", "date", "age"]),
          ("places, addresses", ["location"]), ("institutions", ["institution"]), ("all kinds", KINDS)]


def touches(a, b):
    return a[0] < b[1] and b[0] < a[1]


def compare(cases, finds):
    """Counts by kind: gold, found, exact, hit, right; and by "any" hit and right with kinds left out."""
    n = {kind: Counter() for kind in [*KINDS, "any"]}
    for case, found in zip(cases, finds, strict=True):
        gold = sorted({(s, e, k.split(":")[0]) for s, e, k in case["spans"]})
        found = sorted({(s, e, k) for s, e, k, *_ in found["spans"]})
        for g in gold:
            near = [f for f in found if touches(g, f)]
            n[g[2]]["gold"] += 1
            n[g[2]]["exact"] += g in near
            n[g[2]]["hit"] += any(f[2] == g[2] for f in near)
            n["any"]["gold"] += 1
            n["any"]["hit"] += bool(near)
        for f in found:
            near = [g for g in gold if touches(g, f)]
            n[f[2]]["found"] += 1
            n[f[2]]["right"] += any(g[2] == f[2] for g in near)
            n["any"]["found"] += 1
            n["any"]["right"] += bool(near)
    return n


def total(n, kinds):
    return sum((n[kind] for kind in kinds), Counter())


def ratio(part, whole):
    return f"{part / whole:.3f}" if whole else "-"


def row(name, n, speed):
    cells = [name]
    for _, kinds in GROUPS:
        t = total(n, kinds)
        cells.append(f"{ratio(t['hit'], t['gold'])} / {ratio(t['right'], t['found'])}" if t["found"] else "-")
    cells.append(f"{ratio(n['any']['hit'], n['any']['gold'])} / {ratio(n['any']['right'], n['any']['found'])}")
    t = total(n, KINDS)
    cells.append(f"{ratio(t['exact'], t['gold'])} / {ratio(t['exact'], t['found'])}")
    cells.append(speed)
    return "| " + " | ".join(cells) + " |"


def own(tool, data, cases):
    """The program's finds and counts; the counts made again here must be the same."""
    lines = subprocess.run([tool, "--spans"], input=data, capture_output=True, check=True).stdout.splitlines()
    said = json.loads(subprocess.run([tool, "--json", "--rounds", "5"], input=data, capture_output=True, check=True).stdout)
    n = compare(cases, [json.loads(line) for line in lines])
    for kind in KINDS:
        k = said["kinds"][kind]
        counted = (k["gold"], k["found"], k["exact"]["true"], k["overlap"]["true"], k["overlap"]["right"])
        again = tuple(n[kind][what] for what in ("gold", "found", "exact", "hit", "right"))
        assert counted == again, f"{kind}: the program counts {counted}, this {again}"
    assert (said["any"]["overlap"]["true"], said["any"]["overlap"]["right"]) == (n["any"]["hit"], n["any"]["right"])
    return n, said["mb_per_processor_second"]


def main():
    tool, path, *peers = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    cases = [json.loads(line) for line in data.splitlines()]
    n, mb = own(tool, data, cases)
    print(f"{len(cases)} notes, {sum(len(c['text'].encode()) for c in cases)} bytes, {n['any']['gold']} gold spans. "
          "Recall / precision by overlap; in the last but one column by exact span. Speed: one core, processor time.\n")
    head = ["tool", *(name for name, _ in GROUPS), "kinds left out", "all, exact", "MB/s"]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    print(row("stager", n, f"{mb:.0f}"))
    notes = []
    for peer in peers:
        name, _, file = peer.partition("=")
        with open(file) as lines:
            *finds, last = [json.loads(line) for line in lines]
        rate = last["bytes"] / 1e6 / last["seconds"]
        print(row(name, compare(cases, finds), f"{rate:.3f} (1/{mb / rate:.0f})"))
        if last["said"]:
            notes.append(f"{name}: {last['said']}.")
    print()
    for note in notes:
        print(note)
    print(f"\n| kind | gold | recall | precision | exact recall | exact precision |\n|{'---|' * 6}")
    for kind in KINDS:
        k = n[kind]
        print(f"| {kind} | {k['gold']} | {ratio(k['hit'], k['gold'])} | {ratio(k['right'], k['found'])} | "
              f"{ratio(k['exact'], k['gold'])} | {ratio(k['exact'], k['found'])} |")


if __name__ == "__main__":
    main()
