"""Makes name_like.c: how much the spelling of a word is that of a name. A logistic model over pieces of two to five bytes.

    python3 make_like.py wdutch/usr/share/dict/dutch faker.json > name_like.c         (sources: make_names.py)

Names are those of lists/ and of faker that are no words of the dictionary, and, for a quarter of the weight, what the dictionary writes with a
capital and cannot explain; the rest is the dictionary in small letters, and lists/medical.txt. One word in ten is kept out of the training: what is
said of these on standard error. The same input gives the same bytes. make_names.py and name_words.c read what comes out.
"""
import hashlib
import json
import math
import random
import sys
from pathlib import Path

import make_names

BITS = 14           # of a piece's hash: as many weights
SCALE = 32          # a weight of 1.0
LONGEST = 5         # bytes of a piece
WORD_MIN = 4
ROUNDS = 4
RATE = 0.3
COMMON_WORDS = 120000
MASK32 = (1 << 32) - 1


def pieces(word):
    """name_like of name_words.c: the slots of all pieces, with a mark before the word and behind it."""
    data = b"\1" + bytes(c | 0x20 for c in word.encode()) + b"\2"
    found = []
    for start in range(len(data) - 1):
        h = 0
        for end in range(start, min(start + LONGEST, len(data))):
            h = (h ^ data[end]) * 0x01000193 & MASK32
            if end > start:
                found.append((h * 0x9e3779b1 & MASK32) >> (32 - BITS))
    return found


def score(weights, word):
    return sum(weights[i] for i in pieces(word))


def read_weights():
    """Those of name_like.c beside this file."""
    text = (Path(__file__).parent / "name_like.c").read_text()
    return [int(v) for v in text[text.index("= {") + 3:text.index("};")].replace("\n", "").split(",") if v.strip()]


def words(dictionary, faker):
    """(word, is a name, weight)"""
    low, caps, far = make_names.opentaal(dictionary)
    firsts, lasts = make_names.own_names()
    context = {w for name in ("context.txt", "medical.txt") for _, word in make_names.read_lists(name) for w in make_names.parts(word)}
    names = firsts | lasts | make_names.faker_names(faker)
    places = {w for _, word in make_names.read_lists("places.txt") for w in make_names.parts(word)}
    _, _, _, rest = make_names.sort_caps(caps, low, firsts, lasts, places | far)
    names = sorted(w for w in names if w not in low and w not in context and len(w) >= WORD_MIN)
    rest = sorted(w for w in rest - low - context - set(names) if len(w) >= WORD_MIN and not make_names.compound(w, low))
    common = sorted(w for w in low - context if len(w) >= WORD_MIN)
    rng = random.Random(1)
    rng.shuffle(common)
    common = common[:COMMON_WORDS]
    known = sorted(w for w in context if len(w) >= WORD_MIN and w not in firsts | lasts)
    share = (len(common) + 3 * len(known)) / (len(names) + len(rest) / 4) / 2
    return ([(w, 1, share) for w in names] + [(w, 1, share / 4) for w in rest] + [(w, 0, 1) for w in common] +
            [(w, 0, 3) for w in known])


def train(data, rng):
    """Stochastic steps, each weight's the smaller the more it has moved (AdaGrad)."""
    weights, moved = [0.0] * (1 << BITS), [1e-6] * (1 << BITS)
    data = [(pieces(word), name, weight) for word, name, weight in data]
    for _ in range(ROUNDS):
        rng.shuffle(data)
        for slots, name, weight in data:
            total = max(-30.0, min(30.0, sum([weights[i] for i in slots])))
            step = (1 / (1 + math.exp(-total)) - name) * weight
            if abs(step) < 1e-3:
                continue
            for i in slots:
                moved[i] += step * step
                weights[i] -= RATE * step / math.sqrt(moved[i])
    return [max(-127, min(127, round(w * SCALE))) for w in weights]


def main():
    data = words(sys.argv[1], sys.argv[2])
    rng = random.Random(2)
    kept = [d for d in data if hashlib.sha256(d[0].encode()).digest()[0] % 10 == 0]
    weights = train([d for d in data if hashlib.sha256(d[0].encode()).digest()[0] % 10 != 0], rng)
    scores = {n: sorted(score(weights, w) / SCALE for w, name, _ in kept if name == n) for n in (0, 1)}
    for least in range(-3, 5):
        shares = [sum(s >= least for s in scores[n]) / len(scores[n]) for n in (1, 0)]
        print(f"{least:2} or more: {shares[0]:.3f} of the names, {shares[1]:.3f} of the other words", file=sys.stderr)
    digest = {p: hashlib.sha256(Path(p).read_bytes()).hexdigest() for p in sys.argv[1:3]}
    print("/* How much the spelling of a word is that of a name: weights. Made by make_like.py; not to be edited. Sources and licences: "
          "lists/README. */")
    print(f"/* dictionary sha256 {digest[sys.argv[1]]}\n   faker sha256 {digest[sys.argv[2]]} */")
    print('#include "name.h"\n')
    print("/* clang-format off */")
    print(f"const int8_t name_like_weights[{1 << BITS}] = {{")
    for i in range(0, len(weights), 32):
        print(",".join(map(str, weights[i:i + 32])) + ",")
    print("};\n/* clang-format on */")


if __name__ == "__main__":
    main()
