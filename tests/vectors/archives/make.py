#!/usr/bin/env python3
"""Make the archives beside this file: good-* must be read, all others refused. By Python's tarfile and zipfile,
zip(1) and zstd(1); what those will not write is patched in by hand. The outputs are committed; run again only to
change them."""
import gzip
import io
import lzma
import os
import struct
import subprocess
import tarfile
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
GOOD = [("a.csv", b"id;x\n1;2\n"), ("folder/b.txt", "één regel\n".encode()), ("empty.txt", b"")]


def put(name, data):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)


def info(name, size=0, kind=tarfile.REGTYPE, link=""):
    i = tarfile.TarInfo(name)
    i.size, i.type, i.linkname = size, kind, link
    i.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    return i


def tar(members, form=tarfile.USTAR_FORMAT, folders=()):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as t:
        for f in folders:
            t.addfile(info(f, kind=tarfile.DIRTYPE))
        for m in members:
            if isinstance(m, tarfile.TarInfo):
                t.addfile(m)
            else:
                t.addfile(info(m[0], len(m[1])), io.BytesIO(m[1]))
        end = t.offset
    # without tarfile's padding to 10 KiB: the members, then the two zero blocks
    return out.getvalue()[:end + 1024]


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            i = zipfile.ZipInfo(name)
            i.compress_type = method
            i.external_attr = 0o100644 << 16
            z.writestr(i, data)
    return out.getvalue()


def zip_special(name, mode, data=b"target"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        i = zipfile.ZipInfo(name)
        i.create_system = 3
        i.external_attr = mode << 16
        z.writestr(i, data)
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", "-19"], input=data, stdout=subprocess.PIPE, check=True).stdout


def gz(data):
    return gzip.compress(data, mtime=0)


def rename(archive, old, new):
    """Patch a name in a zip, both times it stands there; same length."""
    assert len(old) == len(new) and archive.count(old) == 2
    return archive.replace(old, new)


def tar_named(raw):
    """A tar whose one member has exactly these bytes as its name."""
    block = bytearray(tar([("n", b"x")]))
    block[0:100] = raw.ljust(100, b"\0")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


plain = tar(GOOD, folders=["./", "folder"])
long_name = "/".join(["very-long-folder-name-%02d" % i for i in range(8)]) + "/é.txt"

put("good-ustar.tar", plain)
put("good-dot.tar", tar([("./" + n, d) for n, d in GOOD], folders=["./", "./folder"]))
put("good-pax.tar", tar(GOOD + [(long_name, b"deep")], tarfile.PAX_FORMAT))
put("good-gnu.tar", tar(GOOD + [(long_name, b"deep")], tarfile.GNU_FORMAT))
put("good.tar.gz", gz(plain))
put("good.tar.xz", lzma.compress(plain))
put("good.tar.zst", zstd(plain))
put("good-two.tar", plain + tar([("second.txt", b"also read")]))
put("good.zip", zipped(GOOD))
put("good-stored.zip", zipped(GOOD, zipfile.ZIP_STORED))
put("good-empty.tar.gz", gz(bytes(1024)))
put("empty.zip", zipped([]))

for suffix, make in (("tar", lambda n: tar([("first.txt", b"1"), (n, b"x")], tarfile.PAX_FORMAT)),
                     ("zip", lambda n: zipped([("first.txt", b"1"), (n, b"x")]))):
    put("absolute." + suffix, make("/etc/passwd"))
    put("dotdot." + suffix, make("a/../../b"))
    put("dot." + suffix, make("a/./b"))
    put("empty-part." + suffix, make("a//b"))
    put("control." + suffix, make("a\nb"))
    put("part-long." + suffix, make("p" * 256))
    put("twice." + suffix, make("first.txt"))
    put("backslash." + suffix, make("a/b\\c"))
put("dots-only.tar", tar([("..", b"x")]))
put("slash-only.tar", tar_named(b"/"))
put("no-name.tar", tar_named(b""))
put("folder-dotdot.tar", tar([], folders=["../up"]))
put("twice-dot.tar", tar([("a", b"1"), ("./a", b"2")]))
put("latin1.tar", tar_named("caf\xe9".encode("latin1")))
put("overlong.tar", tar_named(b"a\xc0\xaf b"))
put("latin1.zip", rename(zipped([("cafX", b"x")]), b"cafX", b"caf\xe9"))
put("too-long.tar", tar([("/".join(["d" * 200] * 21), b"x")], tarfile.PAX_FORMAT))

put("symlink.tar", tar([info("l", kind=tarfile.SYMTYPE, link="/etc/passwd")]))
put("hardlink.tar", tar([("a", b"1"), info("l", kind=tarfile.LNKTYPE, link="a")]))
put("character.tar", tar([info("d", kind=tarfile.CHRTYPE)]))
put("block.tar", tar([info("d", kind=tarfile.BLKTYPE)]))
put("fifo.tar", tar([info("d", kind=tarfile.FIFOTYPE)]))
put("symlink.zip", zip_special("l", 0o120777))
# libarchive takes both of these for what their makers meant: Info-ZIP's bug, and Windows' separator
put("good-fifo.zip", zip_special("l", 0o010644))
put("good-backslash.zip", zipped([("a\\b", b"x")]))
put("backslash-up.zip", zipped([("..\\b", b"x")]))
put("socket.zip", zip_special("l", 0o140644))

put("nested-tar-in-zip.zip", zipped([("in.tar", plain)]))
put("nested-zip-in-tar.tar", tar([("in.zip", zipped(GOOD))]))
put("nested-docx.tar.gz", gz(tar([("brief.docx", zipped([("[Content_Types].xml", b"<x/>")]))])))
put("nested-gz.tar", tar([("in.gz", gz(b"text"))]))
put("nested-xz.tar", tar([("in.xz", lzma.compress(b"text"))]))
put("nested-zst.tar", tar([("in.zst", zstd(b"text"))]))
put("gz-of-gz.tar.gz", gz(gz(plain)))
put("not-tar.gz", gz(b"only a text\n" * 100))
put("not-tar.xz", lzma.compress(b"only a text\n" * 100))
put("not-tar.zst", zstd(b"only a text\n" * 100))
put("gz-of-zip.gz", gz(zipped(GOOD)))

bomb = bytes(20 << 20)
put("bomb.zip", zipped([("zeros", bomb)]))
put("bomb.tar.xz", lzma.compress(tar([("zeros", bomb), ("more", b"x")])))
put("bomb.tar.zst", zstd(tar([("zeros", bomb)])))

# A sparse file of 8 GiB in GNU's old form: one block of data, the rest a hole.
sparse = bytearray(512)
sparse[0:6] = b"sparse"
sparse[100:108], sparse[108:116], sparse[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
sparse[124:136], sparse[136:148] = b"%011o\0" % 512, b"%011o\0" % 0
sparse[156:157] = b"S"
sparse[257:265] = b"ustar  \0"
sparse[386:410] = b"%011o\0" % 0 + b"%011o\0" % 512
sparse[410:434] = b"%011o\0" % ((8 << 30) - 1) + b"%011o\0" % 0
sparse[483:495] = b"%011o\0" % ((8 << 30) - 1)
sparse[148:156] = b" " * 8
sparse[148:156] = b"%06o\0 " % sum(sparse)
put("sparse.tar", bytes(sparse) + b"d" * 512 + bytes(1024))

with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "secret.txt"), "wb") as f:
        f.write(b"secret\n" * 10)
    subprocess.run(["zip", "-q", "-X", "-P", "pass", "e.zip", "secret.txt"], cwd=folder, check=True)
    with open(os.path.join(folder, "e.zip"), "rb") as f:
        put("encrypted.zip", f.read())
put("bzip2.zip", zipped(GOOD, zipfile.ZIP_BZIP2))
put("lzma.zip", zipped(GOOD, zipfile.ZIP_LZMA))
bad = bytearray(zipped([("a.txt", b"stored text")], zipfile.ZIP_STORED))
bad[bad.index(b"stored text")] ^= 1
put("crc.zip", bytes(bad))

put("no-mark.tar", plain[:-1024])
put("half-mark.tar", plain[:-512])
put("garbage.tar", plain + b"x" * 512)
put("text.txt", b"no archive at all\n" * 40)
