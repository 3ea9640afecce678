#!/usr/bin/python3
"""Hostile archives for 22-hostile.sh, every member of which has a name and a content that must be repeated nowhere.

    hostile.py small FOLDER      one archive a fault; what is wrong stands in the archive's own name
    hostile.py members N         a tar of N empty files on stdout; names of 8 random bytes, so that it packs less than 100 times
"""
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import zipfile

NAME = "Zwartewaal"  # planted
TEXT = b"De heer Zwartewaal belt morgen.\n" + os.urandom(3000).hex().encode()


def info(name, size=0, kind=tarfile.REGTYPE, link=""):
    i = tarfile.TarInfo(name)
    i.size, i.type, i.linkname = size, kind, link
    return i


def tar(*members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        for m in members:
            if isinstance(m, tarfile.TarInfo):
                t.addfile(m)
            else:
                t.addfile(info(m[0], len(m[1])), io.BytesIO(m[1]))
    return out.getvalue()


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            i = zipfile.ZipInfo(name)
            i.compress_type = method
            i.create_system = 3
            i.external_attr = 0o100644 << 16
            z.writestr(i, data)
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout


def small(folder):
    def put(name, data):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)

    first, second = ("a.txt", b"een\n"), (NAME + ".txt", TEXT)
    for kind, link in (("symlink", tarfile.SYMTYPE), ("hardlink", tarfile.LNKTYPE), ("device", tarfile.CHRTYPE),
                       ("block-device", tarfile.BLKTYPE), ("fifo", tarfile.FIFOTYPE)):
        put(kind + ".tar", tar(first, info(NAME, kind=link, link="a.txt")))
    i = zipfile.ZipInfo(NAME)
    i.create_system, i.external_attr = 3, 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(i, "/etc/passwd")
    put("symlink.zip", out.getvalue())
    for suffix, make, pack in (("tar", tar, bytes), ("tar.gz", tar, gzip.compress), ("tar.xz", tar, lzma.compress),
                               ("tar.zst", tar, zstd), ("zip", zipped, bytes)):
        whole = pack(make(first, second, ("b.txt", TEXT)))
        put("good." + suffix, whole)
        put("absolute." + suffix, pack(make(first, ("/" + NAME, TEXT))))
        put("up." + suffix, pack(make(first, ("a/../../" + NAME, TEXT))))
        put("twice." + suffix, pack(make(second, first, second)))
        put("newline." + suffix, pack(make(first, (NAME + "\n", TEXT))))
        put("nested-tar." + suffix, pack(make(first, (NAME + ".txt", tar(second)))))
        put("nested-zip." + suffix, pack(make(first, (NAME + ".txt", zipped(second)))))
        put("nested-gz." + suffix, pack(make(first, (NAME + ".txt", gzip.compress(TEXT)))))
        put("nested-zst." + suffix, pack(make(first, (NAME + ".txt", zstd(TEXT)))))
        if suffix != "tar":
            put("bomb." + suffix, pack(make(first, (NAME, bytes(32 << 20)))))
        # tarfile pads to 10,240 bytes: without them the end-of-archive mark is gone
        tail = 10240 if suffix == "tar" else 1
        for where, end in (("half", len(whole) // 2), ("end", len(whole) - tail), ("start", 600)):
            put("cut-%s.%s" % (where, suffix), whole[:end])
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 0x55
        if suffix in ("tar.gz", "tar.xz", "tar.zst", "zip"):  # a tar has no sum over contents
            put("flipped." + suffix, bytes(flipped))
    plain = os.path.join(folder, NAME + ".txt")
    put(NAME + ".txt", TEXT)
    subprocess.run(["zip", "-q", "-j", "-P", "geheim", os.path.join(folder, "encrypted.zip"), plain], check=True)
    os.unlink(plain)
    put("nothing.tar", b"")
    put("noise.tar", os.urandom(5000))
    put("noise.zip", os.urandom(5000))


def members(count):
    template = bytearray(tar(info("0" * 16))[:512])
    template[148:156] = b" " * 8
    base, out = sum(template) - 16 * ord("0"), sys.stdout.buffer
    head, tail = bytes(template[16:148]), bytes(template[156:])
    for start in range(0, count, 10000):
        n = min(10000, count - start)
        names = os.urandom(8 * n).hex().encode()
        blocks = []
        for k in range(n):
            name = names[16 * k:16 * k + 16]
            blocks.append(b"%s%s%06o\0 %s" % (name, head, base + sum(name), tail))
        out.write(b"".join(blocks))
    out.write(bytes(1024))


if sys.argv[1] == "small":
    small(sys.argv[2])
else:
    members(int(sys.argv[2]))
