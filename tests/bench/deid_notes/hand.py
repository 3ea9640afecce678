"""Notes by hand as JSON Lines: python3 hand.py [FILE...] > cases.jsonl; default: tests/vectors/notes*.txt. What a line is: the files say."""
import json
import re
import sys
from pathlib import Path

KINDS = dict(zip("PLIDATEUN", ["person", "location", "institution", "date", "age", "phone", "email", "url", "id"], strict=True))


def case(line):
    """{K|what stands there}: the text without the marks, and where they were."""
    text, spans, at = "", [], 0
    for mark in re.finditer(r"\{([A-Z])\|(.*?)\}", line):
        text += line[at:mark.start()].replace("\\n", "\n")
        inner = mark[2].replace("\\n", "\n")
        spans.append([len(text), len(text) + len(inner), KINDS[mark[1]]])
        text += inner
        at = mark.end()
    return {"text": text + line[at:].replace("\\n", "\n"), "spans": spans}


def main():
    vectors = Path(__file__).resolve().parents[2] / "vectors"
    for path in sys.argv[1:] or sorted(vectors.glob("notes*.txt")):
        for number, line in enumerate(Path(path).read_text().splitlines(), 1):
            if line and not line.startswith("#"):
                print(json.dumps({"id": f"{Path(path).stem}-{number}", **case(line)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
