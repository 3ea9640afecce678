"""Python's csv module beside the CSV reader: `make` writes tables, `compare` reads them and what came out.

A table's first two bytes, the delimiter and the number of columns, are not of the table.
"""
import csv
import io
import random
import sys

COUNT = 200
PIECES = ["", "a", "bc", "12", "3.5", "-1", '"', '""', ",", ";", "\t", "|", "\n", "\r", "\r\n", " ", "é", "€", "😀", "'"]


def value(rng):
    return "".join(rng.choice(PIECES) for _ in range(rng.choice([0, 1, 1, 2, 3, 8, 40])))


def rows_of(text, delimiter):
    """All rows but the empty lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return [row for row in reader if row]


def swallowed(row, delimiter):
    """Does a value look like the end of one record, whole ones, and the beginning of another? All columns fit."""
    n = len(row)
    for i, value in enumerate(row):
        first, *rest = value.replace("\r", "\n").split("\n")
        rest = [line for line in rest if line]
        if n == 1 or not rest:
            continue
        counts = [line.count(delimiter) for line in rest]
        if n - 1 in counts[:-1] or (first.count(delimiter), counts[-1]) == (n - 1 - i, i):
            return True
    return False


def make(folder):
    rng = random.Random(20260101)
    for i in range(COUNT):
        delimiter, columns = rng.choice(",;\t|"), rng.randint(1, 8)
        out = io.StringIO(newline="")
        out.write("\ufeff" if rng.random() < 0.3 else "")
        header, ends = True, rng.choice([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]])
        for row in range(rng.choice([1, 2, 10, 60])):
            quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
            # A CR is quoted by hand-chosen terminators only in newer versions: all line ends are named here.
            line = io.StringIO(newline="")
            writer = csv.writer(line, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")
            writer.writerow([f"c{k}" for k in range(columns)] if header else [value(rng) for _ in range(columns)])
            header = False
            out.write(line.getvalue()[:-2] + rng.choice(ends) * rng.choice([1, 1, 1, 1, 2]))
        text = out.getvalue()
        if rng.random() < 0.3:
            text = text.rstrip("\r\n")
        with open(f"{folder}/{i}.in", "wb") as f:
            f.write((delimiter + str(columns) + text).encode())


def compare(folder):
    wrong = rows = 0
    for i in range(COUNT):
        with open(f"{folder}/{i}.in", "rb") as f:
            text = f.read().decode()
        with open(f"{folder}/{i}.out", "rb") as f:
            out = f.read().decode()
        want = rows_of(text[2:].removeprefix("\ufeff"), text[0])
        header = want[0]
        want = [row for row in want[1:] if not swallowed(row, text[0])]
        want = [header] + want if want else []
        have = rows_of(out, text[0])
        rows += len(want)
        if want != have:
            wrong += 1
            print(f"table {i}: differs", file=sys.stderr)
    assert rows > 1000
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit({"make": make, "compare": compare}[sys.argv[1]](sys.argv[2]))
