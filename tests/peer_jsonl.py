"""Python's json beside the JSON Lines reader: `make` writes records, whole and damaged, to FOLDER/in.jsonl;
`compare` makes the same ones, decides by itself what must come out of each, and reads FOLDER/out.jsonl.

The rule: $.k first 64, $.n a number, $.e one of a, true, 7, $.d drop, $.b blank, $.l[*].x first 3,
$.l[*].d drop, $.o.* first 2.
"""
import json
import random
import re
import sys

COUNT = 4000
PIECES = ["", "a", "b", "J. de Vries", "é", "€", "😀", '"', "\\", "/", "\n", "\t", "\x01", "\x7f", "x" * 30, "{", "]", ","]
NUMBERS = ["0", "-0", "7", "12", "-3.25", "1e5", "1E-7", "2.50", "100000000000000000000", "7.0"]
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")


class Held(Exception):
    pass


class Number(str):
    pass


def string(rng):
    return "".join(rng.choice(PIECES) for _ in range(rng.choice([0, 1, 1, 2, 4, 8])))


def spell(rng, s):
    """A JSON string for s, some characters escaped that need not be."""
    out = []
    for c in s:
        if rng.random() < 0.2 or c in '"\\' or c < " ":
            out.append(json.dumps(c)[1:-1])
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


def leaf(rng):
    return rng.choice([lambda: spell(rng, string(rng)), lambda: rng.choice(NUMBERS), lambda: "null",
                       lambda: rng.choice(["true", "false"]), lambda: '"a"'])()


def wide(rng):
    return rng.choice(["", "", "", " ", "\t", " \r "])


def members(rng, pairs):
    return "{" + wide(rng) + ("," + wide(rng)).join(
        spell(rng, k) + wide(rng) + ":" + wide(rng) + v + wide(rng) for k, v in pairs) + "}"


def anything(rng, depth=0):
    kind = rng.random()
    if depth > 3 or kind < 0.6:
        return leaf(rng)
    if kind < 0.8:
        return "[" + ",".join(anything(rng, depth + 1) for _ in range(rng.randint(0, 3))) + "]"
    return members(rng, [(f"k{i}", anything(rng, depth + 1)) for i in range(rng.randint(0, 3))])


def record(rng):
    pairs = []
    for name in rng.sample("knedblo", rng.randint(0, 7)):
        if rng.random() < 0.03:
            value = anything(rng)
        elif name == "k":
            value = rng.choice([spell(rng, string(rng)), "null"])
        elif name == "n":
            value = rng.choice(NUMBERS + ['"1.5"', "null"])
        elif name == "e":
            value = rng.choice(['"a"', "true", "7", "null", '""', '"true"'])
        elif name == "d":
            value = anything(rng)
        elif name == "b":
            value = leaf(rng)
        elif name == "l":
            rows = [[("x", spell(rng, string(rng)))] + ([("d", anything(rng))] if rng.random() < 0.5 else [])
                    for _ in range(rng.randint(0, 3))]
            for row in rows:
                rng.shuffle(row)
            value = "[" + ("," + wide(rng)).join(members(rng, row) for row in rows) + "]"
        else:
            value = members(rng, [(rng.choice(["a", "B_2", "x9"]) + str(i), spell(rng, string(rng)))
                                  for i in range(rng.randint(0, 3))])
        pairs.append((name, value))
    return wide(rng) + members(rng, pairs) + wide(rng)


def damage(rng, line):
    data = bytearray(line)
    for _ in range(rng.choice([1, 1, 2])):
        at = rng.randrange(len(data))
        what = rng.random()
        if what < 0.4:
            data[at] = rng.choice(b'{}[]":,\\/0123eE+-.tfnu ak\x80\xc3\xff')
        elif what < 0.7:
            del data[at]
        else:
            data.insert(at, rng.choice(b'{}[]":,\\0-. tu\xe2'))
        if not data:
            data = bytearray(b"x")
    return bytes(data).replace(b"\n", b" ")


def lines():
    rng = random.Random(20261121)
    out = []
    for _ in range(COUNT):
        line = record(rng).encode()
        out.append(damage(rng, line) if rng.random() < 0.5 else line)
    return out


def unique(pairs):
    if len({k for k, _ in pairs}) != len(pairs):
        raise Held
    return dict(pairs)


def bad_constant(_):
    raise Held


def read(line):
    text = line.decode("utf-8")
    value = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=bad_constant, object_pairs_hook=unique)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate cannot be encoded
    return value


def empty(value):
    return value in ({}, []) and isinstance(value, (dict, list))


def typed(value, action):
    if empty(value):
        return value
    if isinstance(value, (dict, list)):
        raise Held
    if value is None:
        return None
    if action == "blank":
        return None
    if action == "number":
        if isinstance(value, bool) or (value != "" and (not NUMBER.match(value) or len(value) > 64)):
            raise Held
        return value
    if action == "enum":
        word = {True: "true", False: "false"}[value] if isinstance(value, bool) else value
        if word not in ("a", "true", "7") and (word != "" or isinstance(value, bool)):
            raise Held
        return value
    if not isinstance(value, str) or isinstance(value, Number):  # first
        raise Held
    return value[:action]


def scrub(value):
    if not isinstance(value, dict):
        raise Held
    out = {}
    for k, v in value.items():
        if k == "d":
            continue
        if k in ("k", "n", "e", "b"):
            out[k] = typed(v, {"k": 64, "n": "number", "e": "enum", "b": "blank"}[k])
        elif k == "l":
            if empty(v):
                out[k] = v
                continue
            if not isinstance(v, list):
                raise Held
            out[k] = []
            for row in v:
                if empty(row):
                    out[k].append(row)
                    continue
                if not isinstance(row, dict) or not set(row) <= {"x", "d"}:
                    raise Held
                out[k].append({"x": typed(row["x"], 3)} if "x" in row else {})
        elif k == "o":
            if empty(v):
                out[k] = v
                continue
            if not isinstance(v, dict):
                raise Held
            if not all(KEY.match(name) for name in v):
                raise Held
            out[k] = {name: typed(x, 2) for name, x in v.items()}
        else:
            raise Held
    return out


def shape(value):
    """With the types kept apart that Python holds equal, and the order of keys."""
    if isinstance(value, dict):
        return ("object", [(k, shape(v)) for k, v in value.items()])
    if isinstance(value, list):
        return ("list", [shape(v) for v in value])
    return (type(value).__name__, value)


def compare(folder):
    wanted = []
    for line in lines():
        if not line.strip(b" \t\r"):
            continue
        try:
            wanted.append((line, scrub(read(line))))
        except (Held, ValueError, RecursionError):
            pass
    with open(folder + "/out.jsonl", "rb") as f:
        got = f.read().split(b"\n")[:-1]
    if len(got) != len(wanted):
        print(f"peer: {len(got)} records, wanted {len(wanted)}", file=sys.stderr)
    for (line, want), have in zip(wanted, got):
        if shape(read(have)) != shape(want):
            print(f"peer: {line!r} gave {have!r}", file=sys.stderr)
            return 1
        if shape(read(line)) == shape(want) and have != line.rstrip(b"\r"):
            print(f"peer: {line!r} changed to {have!r}", file=sys.stderr)
            return 1
    return 0 if len(got) == len(wanted) else 1


if __name__ == "__main__":
    if sys.argv[1] == "make":
        with open(sys.argv[2] + "/in.jsonl", "wb") as f:
            f.write(b"\n".join(lines()) + b"\n")
        sys.exit(0)
    sys.exit(compare(sys.argv[2]))
