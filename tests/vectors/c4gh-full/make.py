"""Make the files beside this one again, with other keys: by the Python reference tool and by OpenSSH.

    python3 -m venv V && V/bin/pip install crypt4gh && V/bin/python make.py FOLDER
"""
import io
import os
import struct
import subprocess
import sys
from base64 import b64encode

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from crypt4gh import header, lib, sodium
from crypt4gh.keys import c4gh, get_private_key, get_public_key
from crypt4gh.keys.kdf import derive_key, get_kdf

folder = sys.argv[1]
passphrase = b"correct horse"
plain = bytes((7 * i + 3 * (i >> 8)) & 255 for i in range(140001))


def put(name, data):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def private(body):
    return b"-----BEGIN CRYPT4GH PRIVATE KEY-----\n" + b64encode(body) + b"\n-----END CRYPT4GH PRIVATE KEY-----\n"


def locked(kdf, key):
    """What c4gh.encode_private_key does for scrypt alone, for each derivation that the reference tool reads."""
    size, rounds = get_kdf(kdf)
    salt, nonce = os.urandom(size), os.urandom(12)
    sealed = ChaCha20Poly1305(derive_key(kdf, passphrase, salt, rounds)).encrypt(nonce, key, None)
    return (c4gh.MAGIC_WORD + c4gh.encode_string(kdf) + c4gh.encode_string(rounds.to_bytes(4, "big") + salt) +
            c4gh.encode_string(b"chacha20_poly1305") + c4gh.encode_string(nonce + sealed))


reader, writer = os.urandom(32), os.urandom(32)
put("reader.hex", reader.hex().encode() + b"\n")
put("none.key", private(c4gh.encode_private_key(reader, None, b"a comment")))
put("scrypt.key", private(c4gh.encode_private_key(reader, passphrase, None)))
put("bcrypt.key", private(locked(b"bcrypt", reader)))
put("pbkdf2.key", private(locked(b"pbkdf2_hmac_sha256", reader)))
put("reader.pub", b"-----BEGIN CRYPT4GH PUBLIC KEY-----\n" + b64encode(sodium.derive_pk(reader)) +
    b"\n-----END CRYPT4GH PUBLIC KEY-----\n")
for name, cipher in (("plain", None), ("locked", "aes256-ctr"), ("cbc", "aes256-cbc"), ("short", "aes128-ctr")):
    path = os.path.join(folder, "ssh-" + name)
    for stale in (path, path + ".pub"):
        if os.path.exists(stale):
            os.remove(stale)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-C", "a comment", "-f", path, "-N",
                    passphrase.decode() if cipher else ""] +
                   (["-Z", cipher, "-a", "16" if name == "locked" else "2"] if cipher else []), check=True)
    put("ssh-%s.hex" % name, get_private_key(path, lambda: passphrase.decode()).hex().encode() + b"\n")
for name in ("rsa", "ecdsa"):
    path = os.path.join(folder, name)
    subprocess.run(["ssh-keygen", "-q", "-t", name, "-C", "", "-f", path, "-N", ""], check=True)
    os.remove(path)
for name in os.listdir(folder):
    os.chmod(os.path.join(folder, name), 0o644)

one = [(0, writer, sodium.derive_pk(reader))]
both = one + [(0, writer, get_public_key(os.path.join(folder, "ssh-plain.pub")))]
out = io.BytesIO()
lib.encrypt(both, io.BytesIO(plain), out)
put("two-recipients.c4gh", out.getvalue())

out = io.BytesIO()
lib.encrypt(one, io.BytesIO(plain), out)
body = out.getvalue()
again = io.BytesIO()
lib.rearrange([(0, reader, sodium.derive_pk(reader))], io.BytesIO(body), again, offset=65530, span=70000)
put("rearranged.c4gh", again.getvalue())


def container(*packets, keys=one):
    sealed = [s for p in packets for s in header.encrypt(p, keys)]
    return header.serialize(sealed)


def segments(keys, text):
    out, sealed = [], bytearray(65536 + 28)
    for i, at in enumerate(range(0, len(text), 65536)):
        n = sodium.chacha20poly1305_encrypt(sealed, text[at:at + 65536], keys[i % len(keys)])
        out.append(bytes(sealed[:n]))
    return b"".join(out)


key, other = os.urandom(32), os.urandom(32)
data, more = header.make_packet_data_enc(0, key), header.make_packet_data_enc(0, other)
small = plain[:70000]
put("edits-even.c4gh", container(data, header.make_packet_data_edit_list([10, 20, 65500, 100])) + segments([key], small))
put("edits-odd.c4gh", container(header.make_packet_data_edit_list([100, 1, 69000]), data) + segments([key], small))
put("two-keys.c4gh", container(data, more) + segments([key, other], small))
put("data-key.hex", key.hex().encode() + b"\n")
put("writer.hex", writer.hex().encode() + b"\n")
