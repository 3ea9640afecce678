#!/usr/bin/env python3
"""Measure the first pass over records that are units of disclosure control: a table of N rows into the table of what may not be shown as it is.

usage: STAGER_BUILD=FOLDER-OF-PROGRAMS records.py WORK-FOLDER [N [people|unlike]]      default: 10000000 people; WORK-FOLDER takes 35 bytes a row
people: age, postcode, sex, education, income; unlike: no two rows show the same. Prints wall and processor time, the process's largest memory, the
table's size, and what the report says.
"""
import fcntl, json, os, random, socket, struct, subprocess, sys, time

work, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10000000
unlike = sys.argv[3:] == ["unlike"]
build = os.environ["STAGER_BUILD"]
POLICY, FILE, END = 1, 2, 4  # wire.h
YAML = """policy: 1
name: survey
project: bench
pseudonym: {domain: bench}
files:
  - match: survey.csv
    format: csv
    columns:
      age: {keep: number, range: [0, 150]}
      postcode: {keep: code, pattern: '[0-9]{4}'}
      sex: {keep: enum, values: [m, v, x]}
      education: {keep: code, pattern: '[0-9]{1,3}'}
      income: {round: 1000, top: 100000}
disclosure:
  unit: record
  quasi: [age, postcode, sex, education]
  k: 10
  l: {income: 2}
  below: {widen: {postcode: [3, 2], age: [5, 10]}, max: 100%}
sets: {abroad: {hold: [NL], open: [lumi]}}
"""


def make(path):
    rng = random.Random(1)
    with open(path, "w") as f:
        f.write("age,postcode,sex,education,income\n")
        if unlike:
            for i in range(count):
                f.write("%d,%d,m,%d,%d\n" % (i % 100, 1000 + i // 100 % 9000, i // 900000, i % 90000))
            return
        # A million different draws, again and again in another order.
        block = ["%d,%d,%s,%d,%d\n" % (18 + 70 * rng.random() ** 1.5, 1000 + 4000 * rng.random() ** 3, rng.choice("mvmvmvmvx"), rng.randrange(7),
                                       rng.lognormvariate(10, 0.6)) for _ in range(min(count, 1000000))]
        for _ in range(count // len(block)):
            rng.shuffle(block)
            f.write("".join(block))
        f.write("".join(block[:count % len(block)]))


def send(sock, kind, message, fd=None):
    body = json.dumps(message, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    data = struct.pack("<IH", len(body) + 2, kind) + body
    socket.send_fds(sock, [data], [] if fd is None else [fd])


table = os.path.join(work, "survey.csv")
make(table)
with open(os.path.join(work, "survey.yaml"), "w") as f:
    f.write(YAML)
policy = json.loads(subprocess.run([build + "/stager", "policy", "check", "--json", os.path.join(work, "survey.yaml")],
                                   stdout=subprocess.PIPE, check=True).stdout)
ours, theirs = socket.socketpair()
context = os.memfd_create("records", os.MFD_ALLOW_SEALING)
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
send(ours, FILE, {"name": "survey.csv", "number": 1, "size": os.path.getsize(table)}, os.open(table, os.O_RDONLY))
send(ours, END, {})
gathered = None
try:
    head = ours.recv(4, socket.MSG_WAITALL)
    if len(head) == 4:
        gathered = json.loads(ours.recv(struct.unpack("<I", head)[0], socket.MSG_WAITALL)[2:])
except ConnectionResetError:
    pass  # it said why, and its status is told
wall = time.time() - begin
ours.close()
_, status, used = os.wait4(pid, 0)
size = os.fstat(context).st_size
os.unlink(table)
print("%d records: %.1f s, %.1f s of processor, %d MiB at most, table %.1f MiB" % (
    count, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, size / 2**20))
if status != 0 or gathered is None or gathered["records"] != count:
    sys.exit("status %d" % status)
print(json.dumps(gathered["report"]["disclosure"]))
