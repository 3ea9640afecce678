"""Makes name_table.c: what is known of words that are names, or stand beside them, or are no names.

    apt-get download wdutch && dpkg -x wdutch_*.deb wdutch          (OpenTaal's word list, BSD licence)
    npm pack @faker-js/faker && tar xf faker-js-faker-*.tgz         (MIT licence)
    node lists/faker.mjs package > faker.json
    python3 make_like.py wdutch/usr/share/dict/dutch faker.json > name_like.c
    python3 make_names.py wdutch/usr/share/dict/dutch faker.json > name_table.c

The same input gives the same bytes. The lists in lists/ are our own. Words enter as hashes of their spelling (token_hash
in token.c), so the table cannot be read back.
"""
import hashlib
import json
import re
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent
# As in name.h.
FLAGS = {name: 1 << i for i, name in enumerate(
    "first last place proper stop med eponym title role interfix label greet inst disease common other verb prep sign firm".split())}
FLAG_BITS = 20
LOAD = 0.5          # of the table of names: few steps, and few words taken for others
BLOOM_BITS = 12     # a word of the dictionary
MASK64 = (1 << 64) - 1


def token_hash(word):
    """token_hash of token.c."""
    data = word.encode()
    small = 0x2020202020202020
    h = len(data) * 0x9e3779b97f4a7c15 & MASK64
    while True:
        part = data[:8].ljust(8, b"\0")
        h = (h ^ (int.from_bytes(part, "little") | small)) * 0xff51afd7ed558ccd & MASK64
        h ^= h >> 32
        if len(data) <= 8:
            return (h ^ h >> 29) & 0xffffffff
        data = data[8:]


def plain(word):
    """Without accents."""
    word = word.translate(str.maketrans("ıłøđßæœ", "ilods" + "ao"))
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def spellings(word):
    """As lists have it, without accents, and with the capitals that do not fold by one bit."""
    word = word.lower().replace("i\u0307", "i")
    yield word
    if plain(word) != word:
        yield plain(word)
        if any(0x100 <= ord(c) <= 0x17f for c in word):
            yield word.upper()
            yield word[0].upper() + word[1:]


def read_lists(name):
    """(class, word) pairs; a file without classes gives None for them."""
    for line in (HERE / "lists" / name).read_text().splitlines():
        if line.startswith("#"):
            continue
        kind, _, words = line.rpartition(":") if re.match(r"[a-z]+: ", line) else (None, "", line)
        for word in words.split():
            yield kind, word


def parts(word):
    """Tokens end at anything but letters and digits."""
    return [p for p in re.split(r"[^0-9a-zà-öø-ÿ\u0100-\u024f]+", word.lower()) if len(p) > 1]


def opentaal(path):
    """The words of everyday, and what has a capital: first names, places, words that belong to places, all others."""
    words = Path(path).read_text().split("\n")
    low = {w for w in words if re.fullmatch(r"[a-zß-ÿ]{2,}", w)}
    caps = {w.lower() for w in words if re.fullmatch(r"[A-ZÀ-Þ][a-zß-ÿ]{2,}", w)}
    # "Wijk bij Duurstede": of several words, with one of these between, and no street
    far = {p.lower() for w in words if re.search(r" (aan|bij|op|in|en) ", w) and w[0].isupper()
           for p in w.split() if re.fullmatch(r"[A-Z][a-z]{3,}", p)}
    return low, caps, far


def sort_caps(caps, low, firsts, lasts, places):
    """OpenTaal does not say what its capitals are; its derived forms do: Aaltens(e) is of a place, Aafjes is Aafje's."""
    street = re.compile(r"(straat|weg|laan|plein|plantsoen|gracht|kade|singel|dreef|steeg|pad|markt|park)$")
    place, other, first, rest = set(), set(), set(), set()
    for w in caps:
        if w in firsts:
            continue
        if w in places:
            place.add(w)
        if w in lasts:
            continue
        if w + "se" in caps or w + "er" in caps or w + "ers" in caps or w + "naar" in caps \
                or (w.endswith("en") and w[:-2] + "se" in caps):
            place.add(w)
    for w in caps:
        stems = [w[:-len(s)] for s in ("se", "er", "ers", "naar", "naren", "s", "ren", "e") if w.endswith(s)]
        stems += [w[:-2] + "en"] if w.endswith("se") else []
        if w in firsts or w in lasts or w in place or (len(w) > 6 and street.search(w)):
            continue
        if any(s in place for s in stems) and not any(s in firsts for s in stems):
            other.add(w)
        elif w + "s" in caps and w not in low:
            first.add(w)
        elif w.endswith("s") and w[:-1] in caps | firsts:
            continue        # a genitive; the finder looks for its stem
        else:
            rest.add(w)
    return place, other, first, rest


def compound(word, low):
    """Participatiewet: two words of everyday, the first a long one, so that Hoogland is none."""
    return any(word[:i] in low and word[i:] in low for i in range(5, len(word) - 2))


def own_names():
    """First names and surnames of lists/."""
    return ({w for _, word in read_lists("first.txt") for w in parts(word)},
            {w for _, word in read_lists("last.txt") for w in parts(word)})


# Of these locales all is taken; of others what is no word of the dictionary, so that no more words of every day become names.
NEAR = {"nl": "both", "nl_BE": "both", "tr": "both", "pl": "both", "de": "both", "fr": "first_name"}


def faker_names(path, kind=None):
    """Those of one kind, or of both: what they all have, but for what stands in one list as a word of two letters."""
    peers = json.loads(Path(path).read_text())
    return {w for lists in peers.values() for k in ([kind] if kind else lists) for n in lists[k] for w in parts(n) if len(w) > 2}


def collect(dictionary, faker):
    import make_like        # which imports this
    weights = make_like.read_weights()
    table = {}

    def add(word, flag):
        for spelling in spellings(word):
            table[spelling] = table.get(spelling, 0) | FLAGS[flag]

    context = {}
    for name in ("context.txt", "medical.txt"):
        for kind, word in read_lists(name):
            if name == "medical.txt" or "-" not in word:
                context.setdefault(kind, set()).update(parts(word) or [word])
    own_first, own_last = own_names()
    places = {w for _, word in read_lists("places.txt") for w in parts(word) if "-" not in word or w not in own_first}
    firsts, lasts = set(own_first), set(own_last)
    low, caps, far = opentaal(dictionary)
    taken = low | places | far | {w for words in context.values() for w in words} | {w for w in caps if w + "se" in caps or w + "er" in caps}
    for kind, into in (("first_name", firsts), ("last_name", lasts)):
        near = {w for locale, which in NEAR.items() if which in ("both", kind)
                for n in json.loads(Path(faker).read_text())[locale][kind] for w in parts(n)}
        into |= near | (faker_names(faker, kind) - taken)
    interfix = context["interfix"]
    firsts -= interfix
    lasts -= interfix
    place, other, first, rest = sort_caps(caps, low, firsts, lasts, places | far - firsts - lasts)
    for words, flag in ((firsts, "first"), (first, "first"), (lasts, "last"), (places | place, "place"), (rest, "proper"),
                        (other, "other")):
        for word in words:
            if len(plain(word)) > 1:
                add(word, flag)
    for kind, words in context.items():
        for word in words:
            if kind not in ("firm", "loose") and not (kind == "eponym" and word in own_first):
                add(word, kind)
    for word in table:
        known = word in low or word in context["loose"]
        if word in firsts and word not in context["loose"] and word not in context["stop"]:
            known = False
        surname = False
        if word in rest and word not in lasts and compound(word, low):
            surname = not known and make_like.score(weights, word) >= 0
            known = True
        if known:
            table[word] |= FLAGS["firm" if surname or word in context["firm"] else "common"]
    return table, {w for w in low if w not in table}


def name_slots(table):
    """Open addressing: the slot by the hash's upper bits, then upwards; in it 12 bits of the hash and the flags."""
    size = int(len(table) / LOAD)
    slots = [0] * size
    by_hash = {}
    for word, flags in table.items():
        h = token_hash(word)
        by_hash[h] = by_hash.get(h, 0) | flags
    for h, flags in sorted(by_hash.items()):
        at = h * size >> 32
        while slots[at]:
            at = (at + 1) % size
        slots[at] = (h & 0xfff) << FLAG_BITS | flags
    return slots


def bloom(words):
    """Blocks of 512 bits; six bits of one block a word."""
    blocks = len(words) * BLOOM_BITS // 512 + 1
    bits = [0] * (blocks * 8)
    for word in words:
        h = token_hash(word)
        block = h * blocks >> 32
        mix = h * 0x9e3779b97f4a7c15 & MASK64
        for i in range(6):
            bit = mix >> (10 + 9 * i) & 511
            bits[block * 8 + (bit >> 6)] |= 1 << (bit & 63)
    return bits


def triggers(table):
    """One bit for the upper 16 of the hash: small words that a name in small letters may follow."""
    bits = [0] * 1024
    for word, flags in table.items():
        if flags & (FLAGS["title"] | FLAGS["role"] | FLAGS["label"] | FLAGS["greet"]):
            top = token_hash(word) >> 16
            bits[top >> 6] |= 1 << (top & 63)
    return bits


def rows(values, digits, line):
    for i in range(0, len(values), line):
        yield "\t" + "".join(f"0x{v:0{digits}x}," for v in values[i:i + line])


def main():
    table, words = collect(sys.argv[1], sys.argv[2])
    slots, bits = name_slots(table), bloom(words)
    digest = {p: hashlib.sha256(Path(p).read_bytes()).hexdigest() for p in sys.argv[1:3]}
    print("/* What is known of words, by their hashes. Made by make_names.py; not to be edited. Sources and licences: "
          "lists/README. */")
    print(f"/* dictionary sha256 {digest[sys.argv[1]]}\n   faker sha256 {digest[sys.argv[2]]} */")
    print('#include "name.h"\n')
    print("/* clang-format off */")
    print(f"const uint32_t name_slots[{len(slots)}] = {{")
    print("\n".join(rows(slots, 1, 16)))
    print(f"}};\nconst uint32_t name_slot_count = {len(slots)};\n")
    print(f"const uint64_t name_common[{len(bits)}] = {{")
    print("\n".join(rows(bits, 1, 8)))
    print(f"}};\nconst uint64_t name_triggers[1024] = {{")
    print("\n".join(rows(triggers(table), 1, 8)))
    print(f"}};\nconst uint32_t name_common_blocks = {len(bits) // 8};")
    print("/* clang-format on */")
    print(f"{len(table)} words with flags, {len(words)} of the dictionary", file=sys.stderr)


if __name__ == "__main__":
    main()
