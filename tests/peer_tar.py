"""Read a tar by Python's tarfile, as a stream, and say what is in it: one line a member; then by WebDataset's rule
which members make a sample (same name up to the first dot of the base name, next to each other)."""
import hashlib
import os
import sys
import tarfile

keys = []
with tarfile.open(sys.argv[1], "r|") as t:
    for m in t:
        assert m.isreg() and m.mode == 0o644 and m.uid == m.gid == 0 and m.mtime == 0
        assert m.uname == "" and m.gname == "" and m.linkname == ""
        data = hashlib.sha256()
        f = t.extractfile(m)
        for piece in iter(lambda: f.read(1 << 20), b""):
            data.update(piece)
        folder, base = os.path.split(m.name)
        stem, _, ext = base.partition(".")
        key = folder + "/" + stem
        if not keys or keys[-1] != key:
            assert key not in keys
            keys.append(key)
        print(m.name, m.size, data.hexdigest(), m.offset_data, len(keys))
