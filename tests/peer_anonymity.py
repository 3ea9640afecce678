"""Disclosure control by brute force, beside anonymity_tool: peer_anonymity.py TOOL

Random tables. Two things are held: that the tool decides as the rule says, read literally and with values, not codes; and, without any
regard to the rule, that what is then shown has k rows and l values in every group of equal rows.
"""
import collections
import random
import subprocess
import sys

CASES = 3000


def make(rng):
    """One table: values as strings. A widened attribute is a code of letters that loses its last one at each step."""
    quasi = rng.randint(1, 4)
    turn = []
    for i in rng.sample(range(quasi), min(quasi, rng.choice([0, 1, 1, 2, 3]))):
        turn += [i] * rng.choice([1, 1, 2, 3])
    if rng.random() < 0.2:
        rng.shuffle(turn)
    sensitive = rng.choice([0, 0, 1, 1, 2])
    n = rng.choice([0, 1, 2, 5, 20, 100, 400, 400, 2000, 2000])
    kinds = [rng.choice([1, 2, 2, 3, 10, 1000]) for _ in range(quasi)]
    letters = rng.choice(["ab", "abc", "abcdefgh"])
    skew = rng.choice([1, 3])

    def pick(count):
        return int(count * rng.random() ** skew)

    rows = []
    for _ in range(n):
        row = [str(pick(kinds[i])) for i in range(quasi)]
        for i in set(turn):
            row[i] = "" if rng.random() < 0.05 else "".join(letters[pick(len(letters))] for _ in range(4))
        rows.append((tuple(row), tuple(rng.choice(["", "x", "y", "z", "w"][:rng.choice([2, 3, 5])]) for _ in range(sensitive))))
    return {"k": rng.choice([1, 2, 3, 5, 10, 50]), "l": [rng.choice([2, 2, 3, 4]) for _ in range(sensitive)], "turn": turn,
            "quasi": quasi, "rows": rows, "max": rng.choice([0, 20000, 100000, 500000, 1000000]),
            "memory": rng.choice([128, 128, 1024])}


def wide(case, quasi, step):
    """What a row shows after so many steps, each of one attribute."""
    done = case["turn"][:step]
    return tuple(text[:4 - done.count(i)] if i in done else text for i, text in enumerate(quasi))


def enough(case, members):
    """Is this group of rows large and various enough?"""
    return len(members) >= case["k"] and all(
        len({case["rows"][m][1][i] for m in members} - {""}) >= least for i, least in enumerate(case["l"]))


def decide(case, order):
    """The rule, read literally: of each row the step, None where it is blanked; the rows below; whether it is held."""
    shown, rest = {}, list(range(len(case["rows"])))
    below = None
    for step in range(len(case["turn"]) + 1):
        groups = collections.defaultdict(list)
        for m in rest:
            groups[wide(case, case["rows"][m][0], step)].append(m)
        rest = []
        for key, members in groups.items():
            if enough(case, members):
                shown[step, key] = members
            else:
                rest += members
        below = len(rest) if below is None else below
    if rest and not enough(case, rest):
        if not shown:
            return [None] * len(case["rows"]), below, True
        rest += shown.pop(min(shown, key=lambda c: (len(shown[c]), c[0], order(c[1]))))
    decisions = [None] * len(case["rows"])
    for (step, _), members in shown.items():
        for m in members:
            decisions[m] = step
    return decisions, below, len(rest) * 1000000 > case["max"] * len(case["rows"])


def encode(case):
    """Codes, and the order that they give to tuples."""
    dictionaries = []
    wider = []
    for i in range(case["quasi"]):
        codes = {}
        steps = case["turn"].count(i)
        for row, _ in case["rows"]:
            codes.setdefault(row[i], len(codes))
        if steps:
            for text in list(codes):
                for step in range(1, steps + 1):
                    codes.setdefault(text[:4 - step] if text else "", len(codes))
            wider.append([codes[text[:-1] if len(text) > 4 - steps else text] for text in codes] or [0])
        codes.setdefault("?", 0)
        dictionaries.append(codes)
    values = [max(d.values()) + 1 for d in dictionaries]
    secrets = {"": 0, "x": 1, "y": 7, "z": 70000, "w": 4000000000}
    numbers = [case["k"], case["max"], case["memory"], len(case["turn"]), case["quasi"], len(case["l"]), len(case["rows"])]
    numbers += case["turn"] + values + case["l"] + [code for codes in wider for code in codes]
    for row, sensitive in case["rows"]:
        numbers += [dictionaries[i][v] for i, v in enumerate(row)] + [secrets[s] for s in sensitive]
    return numbers, lambda key: tuple(dictionaries[i][v] for i, v in enumerate(key))


def verify(case, order, line):
    held, below, widened, blanked, classes, smallest, *more = map(int, line.split())
    shown, decisions = more[:2 * case["quasi"]], more[2 * case["quasi"]:]
    want, want_below, want_held = decide(case, order)
    assert len(decisions) == len(case["rows"])
    assert below == want_below
    assert held == want_held
    assert [None if d == 255 else d for d in decisions] == want
    groups, values = collections.defaultdict(list), [collections.Counter() for _ in range(case["quasi"])]
    for m, (row, _) in enumerate(case["rows"]):
        key = None if decisions[m] == 255 else wide(case, row, decisions[m])
        groups[key].append(m)
        for i, v in enumerate(key or ()):
            values[i][v] += 1
    helped = not held or len(groups) > 1 or enough(case, groups[None])
    for members in groups.values():
        assert enough(case, members) or not helped, "a group that is too small is shown"
    assert smallest == (min(map(len, groups.values()), default=0) if helped else 0)
    assert blanked == decisions.count(255) == len(groups.pop(None, []))
    assert held or blanked * 1000000 <= case["max"] * len(case["rows"])
    assert widened == sum(0 < d < 255 for d in decisions)
    assert classes == len(groups)
    assert shown == [n for v in values for n in (len(v), min(v.values(), default=0))]


def main():
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20260101)
    cases = [make(rng) for _ in range(CASES)]
    encoded = [encode(c) for c in cases]
    text = "\n".join([str(len(cases))] + [" ".join(map(str, numbers)) for numbers, _ in encoded])
    run = subprocess.run([sys.argv[1]], input=text, capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert len(lines) == len(cases)
    kinds = collections.Counter()
    for i, (case, (_, order), line) in enumerate(zip(cases, encoded, lines)):
        try:
            verify(case, order, line)
        except AssertionError:
            print("case %d: k %d, l %r, %d rows, %d steps" % (i, case["k"], case["l"], len(case["rows"]), len(case["turn"])))
            raise
        held, _, widened, blanked = map(int, line.split()[:4])
        for kind, is_so in (("held", held), ("blanked", blanked and not held), ("widened", widened and not held),
                            ("as they are", not held and not blanked and not widened)):
            kinds[kind] += bool(is_so)
    assert all(kinds[k] > CASES // 50 for k in ("held", "blanked", "widened", "as they are")), kinds
    print(dict(kinds))


main()
