#!/usr/bin/python3
"""What crypt4gh.sh does. usage: crypt4gh.py FOLDER MEGABYTES ROUNDS"""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import page_cache  # noqa: E402


def main():
    folder, megabytes, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.chdir(folder)
    with open("in", "wb") as out:
        block = os.urandom(1 << 20)
        for i in range(megabytes):
            out.write(i.to_bytes(8, "little") + block[8:])
    cpus = sorted(os.sched_getaffinity(0))[:2]
    n = len(cpus)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run(["stager-crypt4gh", "keygen", "--nocrypt", "--sk", "k", "--pk", "k.pub"], **quiet)
    tools = {"stager crypt4gh": ("in.c4gh", ["stager-crypt4gh", "encrypt", "--recipient_pk", "k.pub"],
                                 ["stager-crypt4gh", "decrypt", "--sk", "k"])}
    reference = os.path.join(os.environ.get("STAGER_REFERENCE", "/nowhere"), "bin", "crypt4gh")
    if os.access(reference, os.X_OK):
        tools["reference tool"] = ("in.reference", [reference, "encrypt", "--recipient_pk", "k.pub"], [reference, "decrypt", "--sk", "k"])
    if shutil.which("age"):
        subprocess.run(["age-keygen", "-o", "age.key"], **quiet)
        pub = [line.split()[-1] for line in open("age.key") if "public key" in line][0]
        tools["age"] = ("in.age", ["age", "-r", pub], ["age", "-d", "-i", "age.key"])
    best, peak = {}, 0

    def run(name, on, argv, source, out="/dev/null"):
        nonlocal peak

        def once():
            with open(source, "rb") as i, open(out, "wb") as o:
                took, usage, _ = page_cache.child(["taskset", "-c", ",".join(map(str, on)), *argv], stdin=i, stdout=o, stderr=subprocess.DEVNULL)
            return took, usage, page_cache.disk(usage) if out == "/dev/null" else 0

        took, usage = page_cache.held(name, [source], once)
        best.setdefault(name, []).append((os.path.getsize("in") / took / 1e6, os.path.getsize("in") / (usage.ru_utime + usage.ru_stime) / 1e6))
        if argv[0].startswith("stager"):
            peak = max(peak, usage.ru_maxrss)

    for name, (sealed, enc, _) in tools.items():
        run("made", cpus, enc, "in", sealed)
    os.sync()
    loop = shutil.which("bench_seal")
    if loop:
        subprocess.run([loop, "loop", "make", "in", "in.loop"], check=True)
        with open("in.loop", "rb") as f:
            os.fsync(f.fileno())

    def loops(name, on, way, source):
        """The least that must be done: pread and EVP in a loop, one process a processor."""
        page_cache.warm([source])
        procs = [subprocess.Popen(["taskset", "-c", str(cpu), loop, "loop", way, source], stdout=subprocess.PIPE, text=True) for cpu in on]
        said = [p.communicate()[0].split() for p in procs]
        best.setdefault(name, []).append((sum(float(s[s.index("mb_s") + 1]) for s in said),
                                          sum(int(s[s.index("bytes") + 1]) / 1e6 for s in said) / sum(float(s[s.index("cpu_s") + 1]) for s in said)))

    for _ in range(rounds):
        said = subprocess.run(["taskset", "-c", str(cpus[0]), "openssl", "speed", "-seconds", "2", "-bytes", "65536", "-evp",
                               "chacha20-poly1305"], capture_output=True, text=True, check=True).stdout
        best.setdefault("c", []).append((float(said.strip().splitlines()[-1].split()[-1].rstrip("k")) / 1000, 0))
        for name, (sealed, enc, dec) in tools.items():
            run(name + " encrypt", cpus, enc, "in")
            run(name + " decrypt", cpus, dec, sealed)
        run("1 encrypt", cpus[:1], tools["stager crypt4gh"][1], "in")
        run("1 decrypt", cpus[:1], tools["stager crypt4gh"][2], "in.c4gh")
        for way, source, name in (("seal", "in", "encrypt"), ("open", "in.loop", "decrypt")) if loop else ():
            loops("loop 1 " + name, cpus[:1], way, source)
            loops("loop n " + name, cpus, way, source)

    def median(name, which=0):
        return sorted(v[which] for v in best[name])[len(best[name]) // 2]

    c = median("c")
    print(f"{megabytes} MiB in the page cache, to /dev/null; medians of {rounds} rounds; {page_cache.told()}; peak memory of stager-crypt4gh {peak / 1024:.1f} MiB\n")
    print("| what | processors | MB/s | of c each | MB a second of processor |\n|---|---|---|---|---|")
    print(f"| openssl speed, chacha20-poly1305 (c) | 1 | {c:.0f} | | |")
    for way in ("encrypt", "decrypt"):
        print(f"| stager crypt4gh {way} | 1 | {median('1 ' + way):.0f} | {median('1 ' + way) / c * 100:.0f}% | {median('1 ' + way, 1):.0f} |")
        for name, on in (("loop 1", 1), ("loop n", n)) if loop else ():
            both = median(name + " " + way)
            print(f"| a loop of pread and OpenSSL, {way} | {on} | {both:.0f} | {both / c / on * 100:.0f}% | {median(name + ' ' + way, 1):.0f} |")
        for name in tools:
            both = median(name + " " + way)
            print(f"| {name} {way} | {n} | {both:.0f} | {both / c / n * 100:.0f}% | {median(name + ' ' + way, 1):.0f} |")


main()
