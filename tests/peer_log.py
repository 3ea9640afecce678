"""Read a log as anybody could, from the C2SP texts alone (tlog-tiles, tlog-checkpoint, signed-note).

Usage: peer_log.py LOGDIR PUBKEY.pem [ORIGIN]

Checks the checkpoint's signature, recomputes the root from the entry bundles, and compares every hash of every
tile with the recomputation. Prints size and root. Exit status: 0 good, 1 bad, 77 where Python's `cryptography`
is missing.
"""
import base64
import hashlib
import os
import sys

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
except ImportError:
    print("skipped: Python's cryptography is missing")
    sys.exit(77)


class Bad(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Bad(what)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def read_checkpoint(data, key, origin):
    """The size and root that key signed under its own origin."""
    text, blank, signatures = data.rpartition(b"\n\n")
    need(blank and signatures.endswith(b"\n"), "checkpoint: no signatures")
    text += b"\n"
    lines = text.decode("utf-8").split("\n")
    need(len(lines) >= 4 and lines.pop() == "" and all(lines), "checkpoint: lines")
    name = lines[0]
    need(origin is None or name == origin, "checkpoint: origin")
    public = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id = sha256(name.encode(), b"\n\x01", public)[:4]
    good = 0
    for line in signatures.decode("utf-8").split("\n")[:-1]:
        dash, signer, encoded = line.split(" ")
        need(dash == "\u2014", "checkpoint: signature line")
        raw = base64.b64decode(encoded, validate=True)
        if signer == name and raw[:4] == key_id:
            try:
                key.verify(raw[4:], text)
            except InvalidSignature:
                raise Bad("checkpoint: signature")
            good += 1
    need(good > 0, "checkpoint: not signed by this key")
    need(lines[1] == str(int(lines[1])) and int(lines[1]) >= 0, "checkpoint: size")
    root = base64.b64decode(lines[2], validate=True)
    need(len(root) == 32, "checkpoint: root")
    return int(lines[1]), root


def index_path(number):
    """Three digits to a part, all but the last with an x."""
    digits = str(number)
    digits = digits.rjust((len(digits) + 2) // 3 * 3, "0")
    parts = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    return "/".join(["x" + part for part in parts[:-1]] + [parts[-1]])


def resources(folder, kind, count):
    """The bytes of each tile or bundle of a level that has count hashes in all, with its width and path."""
    for number in range((count + 255) // 256):
        width = min(256, count - number * 256)
        path = "tile/%s/%s%s" % (kind, index_path(number), "" if width == 256 else ".p/%d" % width)
        try:
            with open(os.path.join(folder, path), "rb") as file:
                yield file.read(), width, path
        except OSError:
            raise Bad(path + ": missing")


def read_entries(folder, size):
    for data, width, path in resources(folder, "entries", size):
        at = 0
        for _ in range(width):
            need(at + 2 <= len(data), path + ": cut short")
            end = at + 2 + int.from_bytes(data[at:at + 2], "big")
            need(end <= len(data), path + ": cut short")
            yield data[at + 2:end]
            at = end
        need(at == len(data), path + ": trailing bytes")


def pair_up(hashes):
    """One level up, whole pairs only."""
    return [sha256(b"\x01", hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]


def check(folder, key, origin):
    with open(os.path.join(folder, "checkpoint"), "rb") as file:
        size, root = read_checkpoint(file.read(), key, origin)
    hashes = [sha256(b"\x00", entry) for entry in read_entries(folder, size)]
    need(len(hashes) == size, "entries: count")
    top = None  # the hash of what no whole pair took in, from the right
    level = 0
    while hashes:
        if level % 8 == 0:
            for data, width, path in resources(folder, level // 8, len(hashes)):
                need(len(data) == 32 * width, path + ": length")
                first = int(path.split("/", 2)[2].split(".")[0].replace("x", "").replace("/", "")) * 256
                need(data == b"".join(hashes[first:first + width]), path + ": hashes")
        if len(hashes) % 2 == 1:
            top = hashes[-1] if top is None else sha256(b"\x01", hashes[-1], top)
        hashes = pair_up(hashes)
        level += 1
    if top is None:
        top = hashlib.sha256(b"").digest()
    need(top == root, "root: the entries lead to another one")
    return size, root


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(sys.argv[2], "rb") as file:
            key = load_pem_public_key(file.read())
        size, root = check(sys.argv[1], key, sys.argv[3] if len(sys.argv) == 4 else None)
    except (Bad, OSError, ValueError) as problem:
        print("bad log: %s" % problem, file=sys.stderr)
        return 1
    print(size, root.hex())
    return 0


sys.exit(main())
