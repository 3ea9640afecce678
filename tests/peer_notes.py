"""The half `blind` of the notes for the bench of de-identification, looked at without any detector: its spans stand where they must, its numbers
are valid, and it has enough of everything; what is broken on purpose is noticed. peer_notes.py [show]: also prints counts."""
import json
import os
import re
import subprocess
import sys
from collections import Counter

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench", "deid_notes")
NOTES = os.path.join(HERE, "make.py")
KINDS = ["person", "location", "institution", "date", "age", "phone", "email", "url", "id"]
SUBKINDS = {"agb", "big", "bsn", "card", "dossier", "education", "iban", "ip", "kvk", "mac", "passport", "patient", "plate", "rsin", "vat", "vnumber"}


def eleven(s):
    d = [int(c) for c in s if c.isdigit()]
    return len(d) == 9 and (sum(d[i] * (9 - i) for i in range(8)) - d[8]) % 11 == 0


def mod97(s):
    s = re.sub(r"\s", "", s)
    return re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", s) is not None and int("".join(str(int(c, 36)) for c in s[4:] + s[:4])) % 97 == 1


def luhn(s):
    d = [int(c) for c in s if c.isdigit()][::-1]
    return len(d) == 16 and sum(d[0::2] + [x * 2 - 9 * (x > 4) for x in d[1::2]]) % 10 == 0


def digits(low, high):
    return lambda s: low <= sum(c.isdigit() for c in s) <= high


FORMS = {
    "person": lambda s: not re.search(r"\d", s) and not re.match(r"((?i:mevrouw|mevr|meneer|de heer|prof|collega)|[Mm]w|[Dd]hr|[Hh]r|[Dd]rs?|[Mm]r)\b[. ]", s),
    "location": lambda s: len(s) > 1,
    "institution": lambda s: len(s) > 1,
    "date": lambda s: re.search(r"\d", s) and (re.search(r"(?i)[a-z]{2}", s) or re.match(r"\d+[-/.]\d", s)),
    "age": lambda s: re.match(r"\d{1,2}(\D|$)|[a-zA-Z]+\sjaar", s),
    "phone": digits(8, 13),
    "email": lambda s: re.fullmatch(r"[\w.-]+@[\w-]+\.[a-zA-Z.]+", s, re.ASCII),
    "url": lambda s: "." in s and not re.search(r"\s", s),
    "id": digits(2, 99),
    "id:bsn": eleven,
    "id:rsin": eleven,
    "id:vat": lambda s: eleven(s[2:11]) and re.fullmatch(r"NL\d{9}B\d\d", s),
    "id:iban": mod97,
    "id:card": luhn,
    "id:agb": digits(8, 8),
    "id:kvk": digits(8, 8),
    "id:big": digits(11, 11),
    "id:vnumber": digits(10, 10),
}


def faults(case):
    """What is wrong with one note."""
    text, at = case["text"], 0
    for start, end, kind in case["spans"]:
        what = f"{case['id']} {start}-{end} {kind}"
        top, _, sub = kind.partition(":")
        if top not in KINDS or (sub and sub not in SUBKINDS) or bool(sub) != (top == "id"):
            yield f"{what}: unknown kind"
        elif not at <= start < end <= len(text):
            yield f"{what}: overlaps or lies outside"
        else:
            s = text[start:end]
            if s != s.strip():
                yield f"{what}: blanks at its ends"
            if start and text[start - 1].isalnum() or end < len(text) and text[end].isalnum():
                yield f"{what}: cuts a word: {text[max(0, start - 5):end + 5]!r}"
            if not FORMS[top](s) or not FORMS.get(kind, len)(s):
                yield f"{what}: is none: {s!r}"
        at = max(at, end)
    # What stands in a span of figures, mail or a name of two words stands nowhere outside of one.
    outside = list(text)
    for start, end, _ in case["spans"]:
        outside[start:end] = "\0" * (end - start)
    outside = "".join(outside)
    if re.search(r"@|\bwww\.|https?:|\b[A-Z]{2}\d\d ?[A-Z]{4} ?\d|\b0[1-9]\d{0,2}[- ]?\d{6,8}\b|\b(?!7510)\d{4} ?[A-Z]{2}\b[,;]? [A-Z]|\b\d{7,}\b|"
                 r"\b\d{1,2}[-/.]\d{1,2}[-/.](19|20)\d\d\b|\b\d{1,2}.(jaar oud|-?jarige)\b", outside):
        yield f"{case['id']}: unmarked: {outside!r}"
    for start, end, kind in case["spans"]:
        s = text[start:end]
        if kind == "person" and " " in s and s in outside:
            yield f"{case['id']}: {s!r} is marked at {start} and not elsewhere"


def sentences(case):
    """Which sentences have a span: a list of yes and no."""
    out = []
    for m in re.finditer(r"[^\n.!?]+(?:[.!?](?=\S)[^\n.!?]+)*", case["text"]):
        if len(re.findall(r"[^\W\d_]{2,}", m.group())) > 1:
            out.append(any(s[0] < m.end() and s[1] > m.start() for s in case["spans"]))
    return out


def broken(cases):
    """One thing broken in a note at a time: (what, note)."""
    def find(kind):
        return next((c, i) for c in cases for i, s in enumerate(c["spans"]) if s[2] == kind and c["style"] == "plain")

    def moved(kind, start, end, new=None):
        case, i = find(kind)
        spans = [list(s) for s in case["spans"]]
        spans[i] = [spans[i][0] + start, spans[i][1] + end, new or kind]
        return {**case, "spans": spans}

    def bumped(kind):
        case, i = find(kind)
        at = [j for j in range(*case["spans"][i][:2]) if case["text"][j].isdigit()][4]
        return {**case, "text": case["text"][:at] + str((int(case["text"][at]) + 1) % 10) + case["text"][at + 1:]}

    for kind in ("person", "location", "date", "phone", "email", "id:bsn"):
        yield f"{kind} one to the left", moved(kind, -1, -1)
        yield f"{kind} cut", moved(kind, 0, -1)
        yield f"{kind} gone", moved(kind, 0, 0, "nothing")
    for kind in ("id:bsn", "id:rsin", "id:vat", "id:iban", "id:card"):
        yield f"{kind} with another digit", bumped(kind)
    yield "a person as a date", moved("person", 0, 0, "date")
    yield "an id without sub-kind", moved("id:bsn", 0, 0, "id")
    case, i = find("email")
    yield "an email unmarked", {**case, "spans": case["spans"][:i] + case["spans"][i + 1:]}
    yield "a span twice", {**case, "spans": case["spans"][:i + 1] + case["spans"][i:]}
    yield "past the end", {**case, "text": case["text"][:case["spans"][-1][1] - 1]}


def made(*args):
    return subprocess.run([sys.executable, NOTES, "blind", *args], capture_output=True, check=True).stdout


def main():
    data = made()
    assert data == made("2400", "1"), "two runs differ"
    assert made("5", "2") != made("5", "1") and data.startswith(made("5", "1"))
    cases = [json.loads(line) for line in data.splitlines()]
    assert len(cases) == 2400 and len({c["id"] for c in cases}) == 2400
    wrong = [w for c in cases for w in faults(c)]
    assert not wrong, "\n".join([str(len(wrong)), *wrong[:20]])
    for what, case in broken(cases):
        assert list(faults(case)), f"not noticed: {what}"
    size = sum(len(c["text"].encode()) for c in cases)
    assert 900_000 < size < 1_300_000, size
    kinds = Counter(s[2].partition(":")[0] for c in cases for s in c["spans"])
    subkinds = Counter(s[2] for c in cases for s in c["spans"] if s[2].startswith("id:"))
    assert set(kinds) == set(KINDS) and min(kinds.values()) >= 100, kinds
    assert {s[3:] for s in subkinds} == SUBKINDS and min(subkinds.values()) >= 10, subkinds
    marked = Counter(m for c in cases for m in sentences(c))
    assert marked[False] > sum(marked.values()) / 3, marked
    # Sentences said to have nothing to be found have no slot that is.
    sys.path.insert(0, HERE)
    from blind_notes import NAME, slots
    from blind_prose import POOLS
    from engine import Expander
    import random
    for pool in POOLS.values():
        assert len(pool) == len(set(pool)) >= 10
        for sentence in pool:
            pieces = Expander(random.Random(NAME), slots(random.Random(NAME)), {}).expand(sentence)
            assert all(kind is None for _, kind in pieces), sentence
    if sys.argv[1:] == ["show"]:
        print(f"{size} bytes, {sum(kinds.values())} spans, {sum(marked.values())} sentences and lines, {marked[False]} without a span")
        print(dict(kinds), dict(subkinds), sep="\n")
        print(Counter(len(c["spans"]) == 0 for c in cases)[True], "notes without a span,", len({c["doc"] for c in cases}), "kinds of notes")


main()
