"""The figures of de-identification: deid.py DEID CASES [NAME=FINDS...] prints a markdown table.

DEID is the bench's program, CASES what it reads, FINDS what deid_peer.py wrote of other tools over the same cases. Spans are compared here a
second time, without the program's ways; what it says of its own must be the same.
"""
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

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


class Lists:
    """The detectors' own lists of names, as their table has them: to tell which gold persons stand in none."""

    def __init__(self):
        folder = Path(__file__).resolve().parents[2] / "stager" / "scrub" / "detect"
        sys.path.insert(0, str(folder))
        import make_names
        self.made = make_names
        rows = re.search(r"name_slots\[\d+\] = \{(.*?)\}", (folder / "name_table.c").read_text(), re.S).group(1)
        self.slots = [int(value, 16) for value in rows.split(",") if value.strip()]
        self.names = sum(make_names.FLAGS[name] for name in ("first", "last", "proper"))

    def has(self, word):
        """But for chance, which has it so for one word in some thousand."""
        h, bits = self.made.token_hash(word.lower()), self.made.FLAG_BITS
        at = h * len(self.slots) >> 32
        while self.slots[at]:
            if self.slots[at] >> bits == h & ((1 << 32 - bits) - 1):
                return bool(self.slots[at] & self.names)
            at = (at + 1) % len(self.slots)
        return False

    def knows(self, name):
        """A word of it, initials and what is shorter than three letters aside, is in the lists."""
        return any(self.has(word) for word in re.findall(r"[^\W\d_]{3,}", name))


def held_out(cases, finds):
    """Of the gold persons, those of which no word is in the detectors' lists: how many, and how many were found."""
    lists, count, unknown, hit = Lists(), 0, 0, 0
    for case, found in zip(cases, finds, strict=True):
        for start, end, kind in case["spans"]:
            if kind != "person":
                continue
            count += 1
            if not lists.knows(case["text"][start:end]):
                unknown += 1
                hit += any(f[2] == "person" and touches(f, (start, end)) for f in found["spans"])
    return count, unknown, hit


def own(tool, data, cases):
    """The program's finds and counts; the counts made again here must be the same."""
    lines = subprocess.run([tool, "--spans"], input=data, capture_output=True, check=True).stdout.splitlines()
    said = json.loads(subprocess.run([tool, "--json", "--rounds", "5"], input=data, capture_output=True, check=True).stdout)
    finds = [json.loads(line) for line in lines]
    n = compare(cases, finds)
    for kind in KINDS:
        k = said["kinds"][kind]
        counted = (k["gold"], k["found"], k["exact"]["true"], k["overlap"]["true"], k["overlap"]["right"])
        again = tuple(n[kind][what] for what in ("gold", "found", "exact", "hit", "right"))
        assert counted == again, f"{kind}: the program counts {counted}, this {again}"
    assert (said["any"]["overlap"]["true"], said["any"]["overlap"]["right"]) == (n["any"]["hit"], n["any"]["right"])
    return n, said["mb_per_processor_second"], held_out(cases, finds)


def main():
    tool, path, *peers = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    cases = [json.loads(line) for line in data.splitlines()]
    n, mb, (persons, unknown, hit) = own(tool, data, cases)
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
    print(f"Of {persons} gold persons {unknown} ({100 * unknown / persons:.0f}%) have no word in the detectors' lists of names; "
          f"of these {ratio(hit, unknown)} were found.")
    print(f"\n| kind | gold | recall | precision | exact recall | exact precision |\n|{'---|' * 6}")
    for kind in KINDS:
        k = n[kind]
        print(f"| {kind} | {k['gold']} | {ratio(k['hit'], k['gold'])} | {ratio(k['right'], k['found'])} | "
              f"{ratio(k['exact'], k['gold'])} | {ratio(k['exact'], k['found'])} |")


if __name__ == "__main__":
    main()
