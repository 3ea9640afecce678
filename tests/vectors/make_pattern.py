#!/usr/bin/env python3
"""Make tests/vectors/pattern.txt: patterns, values, and what Python's re says of them.

One line each: pattern TAB value in hex TAB 1 or 0 (re.fullmatch) TAB longest matching prefix (-1: none).
The seed is fixed, so that the file can be made again.
"""
import random
import re
import sys

rng = random.Random(20260101)
ALPHABET = "ab01 .-_"


def char_class():
    if rng.random() < 0.3:
        return rng.choice(["\\d", "\\w", "\\s"])
    members = []
    for _ in range(rng.randint(1, 3)):
        kind = rng.random()
        if kind < 0.4:
            members.append(rng.choice(["a-b", "0-1", "a-z", "0-9", "A-Z"]))
        elif kind < 0.6:
            members.append(rng.choice(["\\d", "\\w", "\\s", "\\-", "\\]", "\\."]))
        else:
            members.append(rng.choice("ab01 ._"))
    return "[" + rng.choice(["", "", "^"]) + "".join(members) + rng.choice(["", "", "-"]) + "]"


def atom(depth):
    kind = rng.random()
    if depth > 0 and kind < 0.25:
        return "(" + alternatives(depth - 1) + ")"
    if kind < 0.4:
        return char_class()
    if kind < 0.47:
        return "."
    if kind < 0.52:
        return rng.choice(["\\.", "\\-", "\\*", "\\(", "\\\\"])
    return rng.choice("ab01 _-")


def repeated(depth):
    text = atom(depth)
    kind = rng.random()
    if kind < 0.5:
        return text
    low = rng.randint(0, 3)
    return text + rng.choice(["?", "*", "+", "{%d}" % low, "{%d,}" % low, "{%d,%d}" % (low, low + rng.randint(0, 3))])


def alternatives(depth):
    rows = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        rows.append("".join(repeated(depth) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4]))))
    return "|".join(rows)


def sample(tree_text):
    """A value that has a fair chance: literal characters of the pattern, now and then changed."""
    letters = [c for c in tree_text if c in ALPHABET] or list("a")
    return "".join(rng.choice(letters) if rng.random() < 0.8 else rng.choice(ALPHABET + "Zz9\n\t")
                   for _ in range(rng.randint(0, 9)))


def longest(compiled, value):
    for n in range(len(value), -1, -1):
        if compiled.fullmatch(value, 0, n):
            return n
    return -1


FIXED = [
    ("[A-Z][0-9]{2}(\\.[0-9])?", ["I10", "J18.1", "J18.", "j18", "J181", "J18.12", ""]),
    ("[0-9]{1,7}", ["", "1", "1234567", "12345678", "12a"]),
    ("Z[0-9]{7}", ["Z1234567", "Z123456", "Z12345678", "z1234567"]),
    ("(a|b)*abb", ["abb", "aabb", "babb", "ab", "abba", "abababb"]),
    ("(a*)*b", ["aaaaaaaaaaaaaaaaab", "aaaaaaaa", "b", ""]),
    ("(a|aa)+", ["a", "aaaa", "", "ab"]),
    ("", ["", "a"]),
    ("|a", ["", "a", "aa"]),
    ("()", ["", "a"]),
    ("((a?){3}){2}", ["", "aaa", "aaaaaa", "aaaaaaa"]),
    ("a{0}b", ["b", "ab"]),
    (".{255}", ["x" * 255, "x" * 254, "x" * 256]),
    ("[^a]", ["a", "b", "\n", ""]),
]

lines = []
for pattern, values in FIXED:
    compiled = re.compile(pattern.encode())
    for value in values:
        lines.append((pattern, value.encode(), compiled))
while len(lines) < 6000:
    pattern = alternatives(2)
    if len(pattern) > 60:
        continue
    compiled = re.compile(pattern.encode())
    for _ in range(4):
        lines.append((pattern, sample(pattern).encode(), compiled))

with open(sys.argv[1], "w", encoding="ascii", newline="\n") as out:
    for pattern, value, compiled in lines:
        out.write("%s\t%s\t%d\t%d\n" % (pattern, value.hex(), bool(compiled.fullmatch(value)), longest(compiled, value)))
