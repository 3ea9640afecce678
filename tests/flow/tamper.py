"""Alter a house byte by byte and row by row, and see that `stager verify` notices.

Usage: tamper.py files|rows|pages|rollback HOUSE [OLDER]
HOUSE is put back after every change. Prints "ok: ..." or "FAILED: ..." lines; status 1 where one failed.
OLDER (rollback): a copy of the same house from before.
"""
import os
import shutil
import sqlite3
import subprocess
import sys

# Columns that prove nothing and that nothing is decided by, each with its reason. All others must be noticed.
HARMLESS = {
    "at": "when a row was written, for lists; what counts is the time in the log's openings",
    "opening.id": "the order of recovery alone",
    "opening.after": "where recovery starts to look, for an opening without a place",
    "release.id": "a number for lists",
    "release.done": "what the node got, for lists; stager-key's journal decides",
    "setting.allow-swap": "how the house was made; a damaged one still is there",
}


def verify(house):
    got = subprocess.run(["stager", "verify", "--house", house], capture_output=True, text=True)
    return got.returncode, got.stderr.strip()


class Count:
    good = bad = 0

    @classmethod
    def say(cls, good, what):
        if not good:
            print("FAILED: " + what)
            cls.bad += 1
        else:
            cls.good += 1


def read(path):
    with open(path, "rb") as f:
        return f.read()


def put(path, data):
    with open(path, "wb") as f:
        f.write(data)


def files(house):
    """Every file but the ledger (rows, pages) and what is no data: one bit at the first, a middle and the last byte; then cut."""
    for folder, _, names in sorted(os.walk(house)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            short = os.path.relpath(path, house)
            if name.startswith("ledger.db") or name.endswith(".lock"):
                continue
            # Partial tiles that a larger one has taken the place of: nobody reads them again.
            if ".p" in os.path.basename(folder) and name != max(os.listdir(folder), key=int):
                continue
            before = read(path)
            if not before:
                continue
            for where in sorted({0, len(before) // 2, len(before) - 1}):
                data = bytearray(before)
                data[where] ^= 0x01
                put(path, data)
                status, text = verify(house)
                Count.say(status == 4, "%s: byte %d of %d: status %d %s" % (short, where, len(before), status, text))
            put(path, before[:-1])
            status, text = verify(house)
            # A journal's cut record was never whole, so nothing depended on it. Here all are whole: see rollback.
            Count.say(status == 4 or short in ("keys/open.journal", "root.key"), "%s: its last byte cut: status %d %s" % (short, status, text))
            os.unlink(path)
            status, text = verify(house)
            wanted = (4,) if not short.endswith(("house.json", "root.key")) else (1, 2, 4)
            Count.say(status in wanted, "%s: deleted: status %d %s" % (short, status, text))
            put(path, before)
    status, text = verify(house)
    Count.say(status == 0, "all put back: status %d %s" % (status, text))


def ledger(house):
    return os.path.join(house, "ledger.db")


def restore(house, saved):
    for end in ("-wal", "-shm"):
        if os.path.exists(ledger(house) + end):
            os.unlink(ledger(house) + end)
    put(ledger(house), saved)


def whole(house):
    """The ledger as one file."""
    db = sqlite3.connect(ledger(house))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return read(ledger(house))


def other(value):
    """Another value, as near as can be."""
    if value is None:
        return "0" * 64
    if isinstance(value, int):
        return value + 1
    middle = len(value) // 2
    if isinstance(value, bytes):
        return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1:] if value else b"x"
    return value[:middle] + ("b" if value[middle:middle + 1] == "a" else "a") + value[middle + 1:]


STATES = {
    "version": ["RECEIVED", "SCRUBBED", "HELD", "SEALED", "LOGGED", "ACCEPTED", "SENT", "REJECTED", "WITHDRAWN", "ERASED"],
    "request": ["OPEN", "APPROVED", "CANCELLED"],
}


def rows(house):
    saved = whole(house)

    def change(what, sql, *values):
        db = sqlite3.connect(ledger(house))
        db.execute("PRAGMA ignore_check_constraints=ON")
        try:
            db.execute(sql, values)
        except sqlite3.IntegrityError:
            db.close()
            return
        db.commit()
        db.close()
        status, text = verify(house)
        Count.say(status == 4, "%s: status %d %s" % (what, status, text))
        restore(house, saved)

    db = sqlite3.connect(ledger(house))
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    work = []
    for table in tables:
        columns = [row[1] for row in db.execute("PRAGMA table_info(%s)" % table)]
        for row in db.execute("SELECT rowid, * FROM %s" % table).fetchall():
            name = "%s %d" % (table, row[0])
            for column, value in zip(columns, row[1:]):
                if column in HARMLESS or table + "." + column in HARMLESS or table + "." + str(row[1]) in HARMLESS:
                    continue
                values = [other(value)]
                if table in STATES and column == "state":
                    values = [state for state in STATES[table] if state != value]
                elif value is not None and column in ("acceptance", "manifest", "report", "predecessor", "about"):
                    values.append(None)
                for new in values:
                    shown = " to " + new if column == "state" else " to NULL" if new is None else ""
                    work.append(("%s: %s%s" % (name, column, shown), "UPDATE %s SET %s = ? WHERE rowid = ?" % (table, column), new, row[0]))
            if table + "." + str(row[1]) not in HARMLESS:
                work.append((name + ": deleted", "DELETE FROM %s WHERE rowid = ?" % table, row[0]))
    db.close()
    for item in work:
        change(*item)
    status, text = verify(house)
    Count.say(status == 0, "all put back: status %d %s" % (status, text))


def content(house):
    """All that the ledger says, or None where it cannot be read."""
    try:
        db = sqlite3.connect("file:%s?immutable=1" % ledger(house), uri=True)
        db.text_factory = bytes
        tables = db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
        data = [db.execute("SELECT * FROM %s ORDER BY 1" % name.decode()).fetchall() for name, sql in tables if sql and sql.startswith(b"CREATE TABLE")]
        db.close()
        return tables, data
    except (sqlite3.Error, UnicodeDecodeError, AttributeError):
        return None


def pages(house):
    """One bit of the file here and there: noticed, or nothing that the ledger says has changed."""
    saved = whole(house)
    wanted = content(house)
    count = 0
    for where in sorted(set(range(0, 100, 4)) | set(range(7, len(saved), max(1, len(saved) // 300)))):
        data = bytearray(saved)
        data[where] ^= 0x01
        restore(house, bytes(data))
        same = content(house) == wanted
        status, text = verify(house)
        harmless = same
        if not harmless and status == 0:
            got = content(house)
            harmless = got is not None and differences(wanted, got) <= set(HARMLESS)
        Count.say(status == 4 or (status == 0 and harmless), "ledger.db: byte %d: status %d %s" % (where, status, text))
        count += 1
        restore(house, saved)
    status, text = verify(house)
    Count.say(status == 0, "all put back: status %d %s" % (status, text))


def differences(wanted, got):
    """Names of the columns that differ, as HARMLESS calls them; {"?"} where more differs."""
    if wanted[0] != got[0]:
        return {"?"}
    out = set()
    names = [(name.decode(), sql.decode()) for name, sql in wanted[0] if sql and sql.startswith(b"CREATE TABLE")]
    for (table, sql), old, new in zip(names, wanted[1], got[1]):
        columns = [part.split()[0] for part in sql[sql.index("(") + 1:].split(", ")]
        if len(old) != len(new):
            return {"?"}
        for before, after in zip(old, new):
            for i, (a, b) in enumerate(zip(before, after)):
                if a != b:
                    column = columns[i]
                    key = "setting." + before[0].decode() if table == "setting" else table + "." + column
                    out.add(column if column in HARMLESS else key)
    return out


def rollback(house, older):
    """Single parts put back to what they were before the release."""
    def swap(what, parts, wanted):
        for part in parts:
            os.rename(os.path.join(house, part), os.path.join(house, part + ".now"))
            source = os.path.join(older, part)
            (shutil.copytree if os.path.isdir(source) else shutil.copy2)(source, os.path.join(house, part))
        status, text = verify(house)
        Count.say(status == wanted, "%s: status %d %s" % (what, status, text))
        for part in parts:
            path = os.path.join(house, part)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
            os.rename(path + ".now", path)

    whole(house)
    whole(older)
    saved = read(ledger(house))
    for what, parts in (("an older log", ["log"]), ("an older ledger", ["ledger.db"]), ("an older journal", ["keys/open.journal"]),
                        ("an older journal and register", ["keys/open.journal", "keys/register"]),
                        ("an older log and ledger", ["log", "ledger.db"]),
                        ("an older log, ledger and vault", ["log", "ledger.db", "vault"])):
        swap(what, parts, 4)
        restore(house, saved)
    status, text = verify(house)
    Count.say(status == 0, "all put back: status %d %s" % (status, text))


def main():
    house = sys.argv[2]
    {"files": lambda: files(house), "rows": lambda: rows(house), "pages": lambda: pages(house),
     "rollback": lambda: rollback(house, sys.argv[3])}[sys.argv[1]]()
    print("%s: %d noticed, %d not" % (sys.argv[1], Count.good, Count.bad))
    return 1 if Count.bad else 0


sys.exit(main())
