"""Templates to notes: expands choices and slots into pieces (text, kind), adds noise that keeps the spans, and joins them to a case."""
import random
import re


class Expander:
    """Template syntax: <a|b|> chooses one (nests), {slot arg...} is filled by slots, {=name} takes a template of that pool, backslash escapes."""

    def __init__(self, rng, slots, pools):
        self.rng, self.slots, self.pools = rng, slots, pools

    def expand(self, template):
        pieces, at = self._sequence(template, 0, top=True)
        assert at == len(template), template[at:at + 40]
        return pieces

    def _sequence(self, t, at, top=False, live=True):
        out = []
        text = []

        def flush():
            if text:
                out.append(("".join(text), None))
                text.clear()

        while at < len(t):
            c = t[at]
            if c == "\\":
                text.append(t[at + 1])
                at += 2
            elif c == "<":
                flush()
                pieces, at = self._choice(t, at + 1, live)
                out += pieces
            elif c in "|>" and not top:
                break
            elif c == "{":
                end = t.index("}", at)
                flush()
                if live:
                    out += self._slot(t[at + 1:end])
                at = end + 1
            else:
                text.append(c)
                at += 1
        flush()
        return out, at

    def _choice(self, t, at, live):
        # Two passes, so that slots of branches that are not taken are never filled (they may change the cast).
        starts, scan = [at], at
        while True:
            _, scan = self._sequence(t, scan, live=False)
            if t[scan] == ">":
                break
            scan += 1
            starts.append(scan)
        if not live:
            return [], scan + 1
        pieces, _ = self._sequence(t, self.rng.choice(starts))
        return pieces, scan + 1

    def _slot(self, spec):
        if spec[0] == "=":
            return self.expand(self.rng.choice(self.pools[spec[1:]]))
        name, *args = spec.split(" ")
        filled = self.slots.fill(name, args)
        return [(filled, None)] if isinstance(filled, str) else filled


def merge(pieces):
    """Joins neighbours without a kind; drops what is empty."""
    out = []
    for text, kind in pieces:
        if not text:
            continue
        if out and kind is None and out[-1][1] is None:
            out[-1] = (out[-1][0] + text, None)
        else:
            out.append((text, kind))
    return out


def _typo(rng, word):
    """One slip of the finger inside a word of five letters or more; its first letter stays."""
    if len(word) < 5 or not word.isalpha():
        return word
    i = rng.randint(1, len(word) - 2)
    how = rng.randint(0, 2)
    if how == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2:]
    if how == 1:
        return word[:i] + word[i + 1:]
    return word[:i] + word[i] + word[i:]


def _words(rng, text, share):
    return re.sub(r"[^\W\d_]+", lambda m: _typo(rng, m.group()) if rng.random() < share else m.group(), text)


NOT_CASED = ("email", "url")


def noise(rng, pieces, style):
    """One of the ways in which real notes are untidy. Kinds stay with their pieces, so spans stay true."""
    if style == "caps":
        return [(t.upper() if k not in NOT_CASED or rng.random() < 0.5 else t, k) for t, k in pieces]
    if style == "lower":
        return [(t.lower() if not (k or "").startswith(("id:iban", "id:plate", "id:passport", "id:vat")) else t, k) for t, k in pieces]
    if style == "crlf":
        return [(t.replace("\n", "\r\n"), k) for t, k in pieces]
    if style == "typos":
        # Plain words, and names of persons and places now and then; numbers are never mistyped, or they would not be valid.
        return [(_words(rng, t, 0.03 if k is None else 0.12 if k == "person" else 0), k) for t, k in pieces]
    if style == "squeezed":
        return [(re.sub(r"(?<=[a-z])([.,:;]) (?=\w)", lambda m: m.group(1) if rng.random() < 0.4 else m.group(), t) if k is None else t, k)
                for t, k in pieces]
    if style == "spaced":
        return [(re.sub(r" ", lambda m: rng.choice([" ", " ", " ", "  "]), t) if k is None else t, k) for t, k in pieces]
    if style == "oneline":
        return [(re.sub(r"\n+", " ", t), k) for t, k in pieces]
    if style == "wrapped":
        return wrap(pieces, rng.choice([60, 72, 76]))
    if style == "nbsp":
        return [(t.replace(" ", "\u00a0") if k is not None and rng.random() < 0.5 else t, k) for t, k in pieces]
    assert style == "plain", style
    return pieces


def wrap(pieces, width):
    """Breaks lines at spaces as mail programs do, inside spans too."""
    out, column = [], 0
    for text, kind in pieces:
        made = []
        for part in re.split(r"( |\n)", text):
            if part == "\n":
                column = 0
            elif part == " " and column >= width - 8:
                part, column = "\n", 0
            else:
                column += len(part)
            made.append(part)
        out.append(("".join(made), kind))
    return out


STYLES = (["plain"] * 52 + ["lower"] * 10 + ["caps"] * 5 + ["crlf"] * 8 + ["typos"] * 8 + ["squeezed"] * 4 + ["spaced"] * 4 +
          ["oneline"] * 4 + ["wrapped"] * 4 + ["nbsp"] * 1)


def case(pieces):
    """Pieces to text and spans; offsets in code points."""
    text, spans = "", []
    for part, kind in merge(pieces):
        if kind is not None:
            # A span has no space at its ends.
            lead = len(part) - len(part.lstrip())
            spans.append([len(text) + lead, len(text) + len(part.rstrip()), kind])
        text += part
    return {"text": text, "spans": spans}


def make_note(seed, number, half):
    """The number-th note of a half: deterministic in (seed, number), whatever else is made."""
    rng = random.Random(f"{half.NAME}/{seed}/{number}")
    slots = half.slots(rng)
    template_name, template = rng.choice(half.TEMPLATES)
    pieces = Expander(rng, slots, half.POOLS).expand(template.strip("\n"))
    style = rng.choice(STYLES)
    made = case(noise(rng, merge(pieces), style))
    made["id"], made["doc"], made["style"] = f"{half.NAME}-{number}", template_name, style
    return made
