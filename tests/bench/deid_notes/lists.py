"""Small helpers for the halves' lists: words from a block of text, family names into interfix and name."""


def words(text):
    return text.split()


def lines(text):
    return [line.strip() for line in text.strip().splitlines()]


def names(text):
    """Family names separated by commas: ("van de", "Laar"). What stands before the first capital is the interfix."""
    out = []
    for name in text.replace("\n", " ").split(","):
        parts = name.split()
        if not parts:
            continue
        at = next(i for i, part in enumerate(parts) if part[0].isupper())
        out.append((" ".join(parts[:at]), " ".join(parts[at:])))
    return out


def people(weight, m, v, last):
    return {"weight": weight, "m": words(m), "v": words(v), "last": names(last)}
