#!/usr/bin/env python3
"""Measure the first pass by itself: a subject table of N rows into a context, with deploy/policies/ct-pneumonie.yaml.

usage: STAGER_BUILD=FOLDER-OF-PROGRAMS gather.py WORK-FOLDER [N]      default: 2000000; WORK-FOLDER takes 110 bytes a row
Prints wall and processor time, the process's largest memory, and the context's size.
"""
import fcntl, json, os, random, socket, struct, subprocess, sys, time

work, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2000000
build = os.environ["STAGER_BUILD"]
top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FIRST = "Aleida Bram Cato Dirkje Egbert Fenna Gijsbert".split()
LAST = "van der Zandschulp|Hoogmoed|de Wildebras|Kuipersma|Veldmeijer".split("|")
POLICY, FILE, END = 1, 2, 4  # wire.h


def make(path):
    rng = random.Random(1)
    with open(path, "w") as f:
        f.write("patientnr;bsn;voornaam;achternaam;straat;plaats;geboortedatum;postcode;geslacht;opnamedatum;icd10;crp;beroep\n")
        for i in range(count):
            f.write("%d;%09d;%s;%s;Kerkpadlaan %d;Oosterveen;%02d-%02d-%d;%d AB;%s;%02d-%02d-2021;J15;%d,%d;lerares\n" % (
                i + 1, 100000000 + i, rng.choice(FIRST), rng.choice(LAST), i % 200 + 1, i % 28 + 1, i % 12 + 1, 1930 + i % 80,
                1000 + i % 9000, "MV"[i % 2], i % 28 + 1, i % 12 + 1, i % 200, i % 10))


def send(sock, kind, message, fd=None):
    body = json.dumps(message, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    data = struct.pack("<IH", len(body) + 2, kind) + body
    socket.send_fds(sock, [data], [] if fd is None else [fd])


table = os.path.join(work, "patients.csv")
make(table)
policy = json.loads(subprocess.run([build + "/stager", "policy", "check", "--json", top + "/deploy/policies/ct-pneumonie.yaml"],
                                   stdout=subprocess.PIPE, check=True).stdout)
ours, theirs = socket.socketpair()
context = os.memfd_create("context", os.MFD_ALLOW_SEALING)
reader, writer = os.pipe()
os.write(writer, bytes(32))
os.close(writer)
pid = os.fork()
if pid == 0:
    for i, fd in enumerate([fcntl.fcntl(x, fcntl.F_DUPFD, 20) for x in (theirs.fileno(), context, reader)]):
        os.dup2(fd, 3 + i)
    os.execl(build + "/stager-scrub", "stager-scrub", "gather")
theirs.close()
os.close(reader)
begin = time.time()
send(ours, POLICY, policy)
send(ours, FILE, {"name": "patients.csv", "number": 1, "size": os.path.getsize(table)}, os.open(table, os.O_RDONLY))
send(ours, END, {})
length = struct.unpack("<I", ours.recv(4, socket.MSG_WAITALL))[0]
subjects = json.loads(ours.recv(length, socket.MSG_WAITALL)[2:])["subjects"]
wall = time.time() - begin
ours.close()
_, status, used = os.wait4(pid, 0)
size = os.fstat(context).st_size
if status != 0 or subjects != count:
    sys.exit("status %d, %d subjects" % (status, subjects))
print("%d subjects: %.1f s, of the processor %.1f s; process %.0f MiB, context %.0f MiB (%.0f bytes a subject)" % (
    subjects, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, size / 2**20, size / count))
os.unlink(table)
