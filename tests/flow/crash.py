"""Kill the house's programs at many moments of each command and see that the same command goes on.

Usage: crash.py WORK       (an empty folder; the programs are in the path). Prints "ok: ..." and "FAILED: ..." lines.
"""
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

WORK = sys.argv[1]
HOUSE = os.path.join(WORK, "house")
CHILDREN = ["stager-scrub", "stager-check", "stager-seal", "stager-key", "stager-log", "stager"]
POLICY = """policy: 1
name: crash
project: crash
pseudonym: {domain: research, key: 1}
dates: {order: [dd-MM-yyyy, yyyy-MM-dd]}
text: {language: [nl], default: tag, bsn: {do: tag, context: any}}
files:
  - {match: '*.txt', format: text, set: domestic}
  - {match: '*.bin', format: opaque, ext: bin}
accept: {files: 0, records: 1%}
sets:
  abroad: {hold: [NL, FI], open: [lumi], evidence: none, results: sealed}
  domestic: {hold: [NL], open: [snellius], evidence: none, results: none}
shards: {size: 1MiB, order: source, names: generated}
"""


class Check:
    bad = False

    @classmethod
    def say(cls, good, what, detail=""):
        cls.bad |= not good
        print("%s: %s%s" % ("ok" if good else "FAILED", what, "" if good else ": " + detail))
        sys.stdout.flush()


def run(*argv, status=0, **more):
    """A command that must come to an end by itself. Its output."""
    got = subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=WORK, **more)
    if status is not None and got.returncode != status:
        raise Exception("%s: status %d: %s" % (" ".join(argv[:3]), got.returncode, got.stderr.strip()))
    return got.stdout.strip()


def ours(group):
    """Living processes of a group: pid and name."""
    out = []
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % pid) as f:
                text = f.read()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
        if int(rest[2]) == group and rest[0] not in "ZX":
            out.append((int(pid), name))
    return out


def killed(argv, after, victim, **more):
    """Start argv in a group of its own and kill it, or its child of that name, after so many seconds. True where it was in time."""
    p = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd=WORK, **more)
    hit = False
    until = time.monotonic() + after
    while time.monotonic() < until and p.poll() is None:
        time.sleep(min(0.002, max(0, until - time.monotonic())))
    if p.poll() is None:
        if victim is None:
            os.killpg(p.pid, signal.SIGKILL)
            hit = True
        else:
            # The kernel keeps 15 letters of a name. A child lives short: look for a while.
            until = time.monotonic() + 0.3
            while not hit and p.poll() is None and time.monotonic() < until:
                for pid, name in ours(p.pid):
                    if name == victim[:15]:
                        try:
                            os.kill(pid, signal.SIGKILL)
                            hit = True
                        except ProcessLookupError:
                            pass
                        break
    try:
        p.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGKILL)
        p.wait()
        raise Exception("%s hangs after %s was killed" % (argv[1], victim))
    # A child that lost its supervisor ends by itself, at once.
    until = time.monotonic() + 5
    while ours(p.pid) and time.monotonic() < until:
        time.sleep(0.01)
    left = ours(p.pid)
    if left:
        os.killpg(p.pid, signal.SIGKILL)
        raise Exception("%s: still running: %s" % (argv[1], left))
    return hit


def ledger(sql, *values):
    db = sqlite3.connect(os.path.join(HOUSE, "ledger.db"))
    rows = db.execute(sql, values).fetchall()
    db.close()
    return rows


def staging():
    return [name for name in os.listdir(os.path.join(HOUSE, "staging")) if not name.endswith(".lock")]


def versions():
    return {v["version-id"]: v["state"] for v in json.loads(run("stager", "list", "--json"))}


def prepare():
    with open(os.path.join(WORK, "policy.yaml"), "w") as f:
        f.write(POLICY)
    with open("/proc/swaps") as f:
        swap = any(not line.startswith(("Filename", "/dev/zram", "/dev/dm-")) for line in f)
    run("stager", "init", HOUSE, "--name", "crash", *(["--allow-swap"] if swap else []))
    os.environ["STAGER_HOUSE"] = HOUSE
    run("stager", "holder", "add", "umc")
    for person in ("anna", "boris"):
        run("stager-sign", "keygen", "--out", person + ".key")
        with open(os.path.join(WORK, person + ".steward"), "w") as f:
            f.write(run("stager-sign", "steward", "--key", person + ".key", "--holder", "umc", "--person", person + "@umc.example"))
        run("stager", "steward", "add", person + ".steward")
    run("stager-node", "keygen", "--out", "job.key", "--pub", "job.pub")


def source(name, files, size):
    os.mkdir(os.path.join(WORK, name))
    block = b"".join(hashlib.sha512(b"%d" % i).digest() for i in range(1 << 14))
    for i in range(files):
        with open(os.path.join(WORK, name, "%d.bin" % i), "wb") as f:
            for at in range(0, size, len(block)):
                f.write(hashlib.sha512(b"%d %d" % (i, at)).digest() + block[64:min(len(block), size - at)])
        with open(os.path.join(WORK, name, "%d.txt" % i), "w") as f:
            f.write("De zonnebloemen staan er goed bij, regel na regel.\n" * 4000)


def push():
    """Kill pushes of one source all over their time, then let one end."""
    source("in", 5, 5 << 20)
    argv = ["stager", "push", "in", "--name", "first", "--policy", "policy.yaml"]
    begin = time.monotonic()
    first = run(*argv).splitlines()[-1]
    whole = time.monotonic() - begin
    Check.say(versions() == {first: "LOGGED"}, "push")
    moments = 44
    hits = 0
    for i in range(moments):
        victim = None if i % 2 == 0 else CHILDREN[i // 2 % len(CHILDREN)]
        argv[argv.index("--name") + 1] = name = "crash-%d" % (i // 2)
        entries = ledger("SELECT count(*) FROM opening WHERE type = 'manifest' AND place IS NOT NULL")
        before = versions()
        hits += killed(argv, whole * (i + random.random()) / moments, victim)
        after = versions()
        seen = [after[k] for k in after if after[k] != before.get(k)]
        if len(seen) > 1 or not set(seen) <= {"RECEIVED", "SEALED", "LOGGED"}:
            Check.say(False, "push killed at moment %d (%s)" % (i, victim), "it left %s" % seen)
        if "LOGGED" in seen and ledger("SELECT count(*) FROM opening WHERE type = 'manifest' AND place IS NOT NULL") <= entries:
            Check.say(False, "push killed at moment %d" % i, "LOGGED without an entry")
        if i % 2 == 0:
            continue
        final = run(*argv).splitlines()[-1]
        rows = ledger("SELECT v.id, v.state FROM version v JOIN dataset d ON d.id = v.dataset WHERE d.name = ?", name)
        if rows != [(final, "LOGGED")] or staging() != [] or run(*argv).splitlines()[-1] != final:
            Check.say(False, "%s: killed twice, then one good version" % name, "%s %s" % (rows, staging()))
    Check.say(not Check.bad, "push killed at %d moments, then run again: one good version, staging empty" % moments)
    Check.say(hits >= moments // 5, "%d of %d kills came in time" % (hits, moments), "too few")
    print("   a push takes %.2f s" % whole)
    vault = set(os.listdir(os.path.join(HOUSE, "vault")))
    Check.say(vault == set(versions()), "the vault holds the versions and nothing else", str(vault ^ set(versions())))
    run("stager", "verify")
    return first


def again(what, argv, version, good, moments=12):
    """Kill argv at moments all over its time, then let it through: it must have done what it should, once."""
    for i in range(moments):
        victim = None if i % 2 == 0 else ["stager-key", "stager-log", "stager"][i // 2 % 3]
        killed(argv, 0.06 * i / moments, victim)
        run("stager", "verify", version)
    run(*argv, status=None)
    Check.say(good(), what)


def decide(version):
    run("stager", "report", version, "--out", "report.json")
    with open(os.path.join(WORK, "accept.env"), "w") as f:
        f.write(run("stager-sign", "--yes", "--key", "anna.key", "report.json"))
    # What an accept leaves that is killed just before it records: the moments below seldom meet it.
    with open(os.path.join(WORK, "accept.env"), "rb") as f:
        db = sqlite3.connect(os.path.join(HOUSE, "ledger.db"))
        db.execute("UPDATE version SET acceptance = ? WHERE id = ?", (f.read(), version))
        db.commit()
        db.close()
    again("accept, killed at 12 moments", ["stager", "accept", "accept.env"], version,
          lambda: versions()[version] == "ACCEPTED")
    run("stager", "request", "new", version, "--site", "lumi", "--job-key", "job.pub", "--requester", "ria@uni.example",
        "--redemptions", "60", "--out", "request.json")
    for person in ("anna", "boris"):
        with open(os.path.join(WORK, person + ".approval"), "w") as f:
            f.write(run("stager-sign", "--yes", "--key", person + ".key", "request.json"))
        count = 1 if person == "anna" else 2
        again("approval of %s, killed at 12 moments" % person, ["stager", "approve", person + ".approval"], version,
              lambda: len(ledger("SELECT 1 FROM approval")) == count)
    Check.say(ledger("SELECT state FROM request") == [("APPROVED",)], "the request is approved")


def send(version):
    """Senders die at many moments, whole or in part: no byte before the entry, no manifest before the rest, and nothing twice."""
    home, far = os.path.join(HOUSE, "vault", version), os.path.join(WORK, "far")
    os.makedirs(os.path.join(far, "first"))
    run("stager", "endpoint", "add", "far", "--url", "dir:" + far, "--country", "FI", "--site", "lumi")
    argv = ["stager", "send", version, "--json", "--max-rate", "80000000", "--to"]

    def files(folder):
        return {os.path.relpath(os.path.join(at, name), folder): os.path.getsize(os.path.join(at, name))
                for at, _, names in os.walk(folder) for name in names}

    begin = time.monotonic()
    run(*argv, "dir:" + far + "/first")
    whole = time.monotonic() - begin
    # The set domestic stays.
    wanted = {version + "/" + name: size for name, size in files(home).items() if not name.startswith("domestic/")}
    Check.say(files(far + "/first") == wanted, "send: there is what is here")
    hits = 0
    for i in range(27):
        victim = [None, "stager-send", None, "stager", "stager-log", "stager-key"][i % 6]
        place = os.path.join(far, str(i // 3))
        os.makedirs(place, exist_ok=True)
        hits += killed(argv + ["dir:" + place], whole * random.random(), victim)
        there = {name: size for name, size in files(place).items() if "~" not in name}
        if files(place) and not ledger("SELECT 1 FROM delivery WHERE url = ?", "dir:" + place):
            Check.say(False, "send killed at moment %d" % i, "something left before the log had its entry")
        if version + "/manifest.json" in there and there != wanted:
            Check.say(False, "send killed at moment %d" % i, "a manifest without the rest")
        run("stager", "verify", version)
        if i % 3 != 2:
            continue
        done = json.loads(run(*argv, "dir:" + place).splitlines()[-1])
        if files(place) != wanted or done["sent-bytes"] != sum(wanted.values()) - sum(there.values()):
            Check.say(False, "send killed thrice, then run again", "%s %s" % (done, files(place)))
    Check.say(not Check.bad, "send killed at 27 moments, then run again: all there, nothing sent twice")
    Check.say(hits >= 5, "%d of 27 kills came in time" % hits, "too few")
    run("stager", "verify")
    states = ledger("SELECT DISTINCT state FROM delivery")
    Check.say(states == [("DELIVERED",)] and versions()[version] == "SENT", "each delivery is DELIVERED, the version SENT", str(states))


def prune(version):
    """What was erased goes from a dozen places while the one who takes it away dies again and again."""
    far = os.path.join(WORK, "far")

    def left():
        return {"dir:" + os.path.join(far, place) for place in os.listdir(far) if os.path.isdir(os.path.join(far, place, version))}

    places = left()
    Check.say(len(places) == 10, "ten places hold bodies", str(places))
    others = [os.path.join(far, place, version, "another's") for place in os.listdir(far)]
    for path in others:
        open(path, "w").close()
    killed(["stager", "erase", "--dataset", "first", "--holder", "umc", "--yes"], 0.2, None)
    for i in range(14):
        victim = [None, "stager-send", "stager", "stager-log"][i % 4]
        killed(["stager", "erase", "--dataset", "first", "--holder", "umc", "--yes"] if versions()[version] != "ERASED" else ["stager", "prune"],
               0.15 * random.random(), victim)
        begun = {row[0] for row in ledger("SELECT url FROM delivery WHERE state IN ('REMOVING', 'REMOVED')")}
        for url in places - begun:
            if len(os.listdir(os.path.join(url[4:], version, "abroad"))) * 2 < 10:
                Check.say(False, "prune killed at moment %d" % i, "something went before the log had its entry")
        run("stager", "verify")
    run("stager", "prune", status=None)
    # Killed between the last object and the row that knew of it: it asks whether that is the place.
    asked = ledger("SELECT count(*) FROM delivery WHERE state = 'REMOVING'")[0][0]
    run("stager", "prune", "--gone")
    rest = [os.path.join(at, name) for at, _, names in os.walk(far) for name in names]
    Check.say(sorted(rest) == sorted(others), "prune, killed at 14 moments, then run again: nothing of ours is left, all of others' (%d asked for --gone)" % asked, str(rest))
    states = ledger("SELECT DISTINCT state FROM delivery")
    Check.say(states == [("REMOVED",)], "each delivery is REMOVED", str(states))
    Check.say(run("stager", "prune") == "", "there is nothing more to do")
    run("stager", "verify")


def release():
    """The house's side and the node die at many moments; each redemption in the key's journal has its entry in the log."""
    argv = ["stager-node", "cat", "--house", "stager release --house " + HOUSE, "--pin", HOUSE + "/house.json", "--request",
            "request.json", "--job-key", "job.key", "--from", HOUSE + "/vault", "0"]
    begin = time.monotonic()
    subprocess.run(argv + ["--restart", "0"], stdout=subprocess.DEVNULL, check=True, cwd=WORK)
    whole = time.monotonic() - begin
    for i in range(1, 31):
        victim = [None, "stager-key", "stager", "stager-log"][i % 4]
        killed(argv + ["--restart", str(i)], whole * 1.1 * random.random(), victim)
    # type u32 | slot u32 | restart u32 | 0 u32 | number u64 | digest 32 | node 32 | MAC 32: type 1 is a redemption
    with open(os.path.join(HOUSE, "keys", "open.journal"), "rb") as f:
        journal = f.read()
    records = [journal[i:i + 120] for i in range(0, len(journal) - 119, 120)]
    redeemed = {(int.from_bytes(r[8:12], "little"), r[56:88].hex()) for r in records if r[:4] == b"\1\0\0\0"}
    run("stager", "list")
    logged = set()
    for (text,) in ledger("SELECT json FROM opening WHERE type = 'release' AND place IS NOT NULL"):
        j = json.loads(text)
        logged.add((j["restart"], j["node"]))
    Check.say(len(redeemed) > 0 and redeemed <= logged,
              "release: %d redemptions, each with its entry (%d entries)" % (len(redeemed), len(logged)), str(redeemed - logged))
    # A node that lost its answer asks again with the same key: one redemption, an entry each time.
    done = set(ledger("SELECT restart, node FROM release WHERE done = 1"))
    Check.say(done <= redeemed, "no release is called done without a redemption", str(done - redeemed))
    subprocess.run(argv + ["--restart", "31"], stdout=subprocess.DEVNULL, check=True, cwd=WORK)
    run("stager", "verify")
    Check.say(True, "release, killed at 30 moments, then it works; verify is good")


def main():
    random.seed(4)
    prepare()
    try:
        version = push()
        decide(version)
        send(version)
        release()
        prune(version)
    except Exception as problem:
        Check.say(False, "flow", repr(problem))
    shutil.rmtree(os.path.join(WORK, "in"), ignore_errors=True)
    return 1 if Check.bad else 0


sys.exit(main())
