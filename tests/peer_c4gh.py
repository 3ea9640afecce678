#!/usr/bin/python3
"""A second reader and writer of sealed shards, written from the description of the format and not from the C.

    peer_c4gh.py open FILE --key KEY [--sums FILE] [--stock] > PLAINTEXT
        FILE is header | body. KEY: 64 hex digits of an X25519 secret, or a GA4GH private key file (kdf none).
        --sums also checks each stored segment against its SHA-256. --stock lets any nonces pass, as other
        Crypt4GH readers do. Exit status 4, and nothing on stdout, where anything is wrong.
    peer_c4gh.py make FOLDER
        writes the fixed vectors that tests/test_c4gh.c and tests/test_header.c read.

Curve and header packets by python3-cryptography (OpenSSL), bodies by python3-nacl (libsodium): each the other
library than the C uses for the same thing.
"""
import argparse
import base64
import hashlib
import os
import struct
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.bindings import crypto_aead_chacha20poly1305_ietf_decrypt, crypto_aead_chacha20poly1305_ietf_encrypt
from nacl.exceptions import CryptoError

PLAIN_MAX = 65536
SEGMENT_MAX = 12 + PLAIN_MAX + 16


class Wrong(Exception):
    pass


def public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def packet_key(own, peer, reader, writer):
    point = X25519PrivateKey.from_private_bytes(own).exchange(X25519PublicKey.from_public_bytes(peer))
    return hashlib.blake2b(point + reader + writer, digest_size=64).digest()[:32]


# --- key files -------------------------------------------------------------------------------------------


def read_key(path):
    text = open(path, "rb").read()
    if not text.startswith(b"-----"):
        secret = bytes.fromhex(text.decode().strip())
        if len(secret) != 32:
            raise Wrong("key: not 32 bytes")
        return secret
    lines = text.split(b"\n")
    if lines[0] != b"-----BEGIN CRYPT4GH PRIVATE KEY-----" or b"-----END CRYPT4GH PRIVATE KEY-----" not in lines:
        raise Wrong("key file: not a Crypt4GH private key")
    body = base64.b64decode(b"".join(lines[1:lines.index(b"-----END CRYPT4GH PRIVATE KEY-----")]), validate=True)
    if body[:7] != b"c4gh-v1":
        raise Wrong("key file: not c4gh-v1")
    at = 7

    def string():
        nonlocal at
        (length,) = struct.unpack_from(">H", body, at)
        value = body[at + 2:at + 2 + length]
        at += 2 + length
        if len(value) != length:
            raise Wrong("key file: cut short")
        return value

    if string() != b"none":
        raise Wrong("key file: this reader knows no passphrases")
    if string() != b"none":
        raise Wrong("key file: a cipher without a kdf")
    secret = string()
    if len(secret) != 32:
        raise Wrong("key file: not 32 bytes")
    return secret


def key_file(secret, comment):
    def string(value):
        return struct.pack(">H", len(value)) + value

    body = b"c4gh-v1" + string(b"none") + string(b"none") + string(secret) + string(comment)
    return (b"-----BEGIN CRYPT4GH PRIVATE KEY-----\n" + base64.b64encode(body) +
            b"\n-----END CRYPT4GH PRIVATE KEY-----\n")


# --- reading ---------------------------------------------------------------------------------------------


def open_header(data, secret):
    """The data keys of all packets that open, and the length of the header."""
    if data[:8] != b"crypt4gh":
        raise Wrong("header: no magic bytes")
    version, count = struct.unpack_from("<II", data, 8)
    if version != 1 or count > 65535:
        raise Wrong("header: version or packet count")
    reader = public(secret)
    at, keys = 16, []
    for _ in range(count):
        (length,) = struct.unpack_from("<I", data, at)
        packet = data[at:at + length]
        if length < 4 + 4 + 32 + 12 + 16 or length > 65536 or len(packet) != length:
            raise Wrong("header: packet length")
        at += length
        (method,) = struct.unpack_from("<I", packet, 4)
        if method != 0:
            continue
        writer, nonce, sealed = packet[8:40], packet[40:52], packet[52:]
        try:
            plain = ChaCha20Poly1305(packet_key(secret, writer, reader, writer)).decrypt(nonce, sealed, None)
        except InvalidTag:
            continue
        kind, what = struct.unpack_from("<II", plain, 0)
        if kind == 0 and what == 0 and len(plain) == 40:
            keys.append(plain[8:])
        elif kind == 1:
            raise Wrong("header: an edit list")
    if not keys:
        raise Wrong("header: no packet for this key")
    return keys, at


def open_body(body, keys, sums, stock):
    if not body:
        raise Wrong("body: empty")
    count = (len(body) + SEGMENT_MAX - 1) // SEGMENT_MAX
    if sums is not None and len(sums) != 32 * count:
        raise Wrong("sums: not one for each segment")
    out = []
    for index in range(count):
        segment = body[index * SEGMENT_MAX:(index + 1) * SEGMENT_MAX]
        if len(segment) <= 28:
            raise Wrong("segment %d: cut short" % index)
        if sums is not None and hashlib.sha256(segment).digest() != sums[32 * index:32 * index + 32]:
            raise Wrong("segment %d: not its sum" % index)
        if not stock and segment[:12] != struct.pack("<QI", index, int(index + 1 == count)):
            raise Wrong("segment %d: out of its place" % index)
        for key in keys:
            try:
                out.append(crypto_aead_chacha20poly1305_ietf_decrypt(segment[12:], None, segment[:12], key))
                break
            except CryptoError:
                continue
        else:
            raise Wrong("segment %d: does not open" % index)
    return b"".join(out)


# --- writing the vectors ---------------------------------------------------------------------------------


def header(writer_secret, reader, payload, nonce):
    writer = public(writer_secret)
    sealed = ChaCha20Poly1305(packet_key(writer_secret, reader, reader, writer)).encrypt(nonce, payload, None)
    packet = struct.pack("<I", 0) + writer + nonce + sealed
    return struct.pack("<I", len(packet) + 4) + packet


def container(*packets):
    return b"crypt4gh" + struct.pack("<II", 1, len(packets)) + b"".join(packets)


def body(key, plain, nonce_of):
    pieces = [plain[i:i + PLAIN_MAX] for i in range(0, len(plain), PLAIN_MAX)]
    out = []
    for index, piece in enumerate(pieces):
        nonce = nonce_of(index, index + 1 == len(pieces))
        out.append(nonce + crypto_aead_chacha20poly1305_ietf_encrypt(piece, None, nonce, key))
    return out


def make(folder):
    def put(name, data):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)

    def fixed(label, length=32):
        return hashlib.sha256(label.encode()).digest()[:length]

    reader_secret, writer_secret, key = fixed("reader"), fixed("writer"), fixed("data key")
    reader = public(reader_secret)
    data_packet = struct.pack("<II", 0, 0) + key
    one = container(header(writer_secret, reader, data_packet, fixed("nonce", 12)))

    def stream(index, last):
        return struct.pack("<QI", index, int(last))

    put("reader.hex", reader_secret.hex().encode() + b"\n")
    put("writer.hex", writer_secret.hex().encode() + b"\n")
    put("data-key.hex", key.hex().encode() + b"\n")
    put("commitment.hex",
        hashlib.blake2b(b"stager key commitment v1" + key, digest_size=32).hexdigest().encode() + b"\n")
    put("shared.hex", packet_key(reader_secret, public(writer_secret), reader, public(writer_secret)).hex().encode() + b"\n")
    put("reader.key", key_file(reader_secret, b"a test vector"))
    for length in (1, 65536, 70001):
        # What test_c4gh.c makes again: byte i is 7i + 3(i >> 8).
        plain = bytes((7 * i + 3 * (i >> 8)) & 255 for i in range(length))
        segments = body(key, plain, stream)
        put("%d.c4gh" % length, one + b"".join(segments))
        put("%d.sums" % length, b"".join(hashlib.sha256(s).digest() for s in segments))
    # Refused by the profile, though stock readers take them.
    put("stock.c4gh", one + b"".join(body(key, b"stock nonces", lambda i, l: fixed("segment %d" % i, 12))))
    edit = struct.pack("<II4Q", 1, 4, 0, 10, 5, 10)
    assert len(edit) == len(data_packet)
    put("edit-list.header", container(header(writer_secret, reader, edit, fixed("edit", 12))))
    put("two-packets.header", container(*[header(writer_secret, reader, data_packet, fixed(n, 12)) for n in "ab"]))


def main():
    parser = argparse.ArgumentParser()
    sub = parser.add_subparsers(dest="what", required=True)
    p = sub.add_parser("open")
    p.add_argument("file")
    p.add_argument("--key", required=True)
    p.add_argument("--sums")
    p.add_argument("--stock", action="store_true")
    p = sub.add_parser("make")
    p.add_argument("folder")
    args = parser.parse_args()
    if args.what == "make":
        make(args.folder)
        return 0
    try:
        data = open(args.file, "rb").read()
        keys, at = open_header(data, read_key(args.key))
        sums = open(args.sums, "rb").read() if args.sums else None
        sys.stdout.buffer.write(open_body(data[at:], keys, sums, args.stock))
    except (Wrong, struct.error, ValueError) as wrong:
        print("peer_c4gh: %s" % wrong, file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
