#!/usr/bin/python3
"""What seal.sh does. usage: seal.py FOLDER MEGABYTES ROUNDS"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import page_cache  # noqa: E402


def main():
    folder, megabytes, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    source = os.path.join(folder, "in")
    with open(source, "wb") as out:
        block = os.urandom(1 << 20)
        for i in range(megabytes):
            out.write(i.to_bytes(8, "little") + block[8:])
    cpus = sorted(os.sched_getaffinity(0))[:2]
    n = len(cpus)
    best = {}

    def keep(name, value):
        best.setdefault(name, []).append(value)

    def openssl(name, algorithm):
        said = subprocess.run(["taskset", "-c", str(cpus[0]), "openssl", "speed", "-seconds", "2", "-bytes", "65536", "-evp",
                               algorithm], capture_output=True, text=True, check=True).stdout
        keep(name, float(said.strip().splitlines()[-1].split()[-1].rstrip("k")) / 1000)

    def bench(name, on, *args):
        def once():
            _, usage, said = page_cache.child(["taskset", "-c", ",".join(map(str, on)), "bench_seal", *args])
            return said.decode().split(), page_cache.disk(usage) if name != "made" else 0

        files = ["in"] if args[-1] == source else ["shard-00000.body", "shard-00000.sums"] if args[-1] == folder else ["loop"]
        said, = page_cache.held(name, [os.path.join(folder, f) for f in files if name != "made"], once)
        keep(name, float(said[said.index("mb_s") + 1]))
        keep(name + " cpu", len(on) * int(said[said.index("bytes") + 1]) / 1e6 / float(said[said.index("cpu_s") + 1]))
        keep("peak", int(said[said.index("peak_kib") + 1]))

    bench("made", cpus, "make", source, folder)
    subprocess.run(["bench_seal", "loop", "make", source, os.path.join(folder, "loop")], check=True)
    for name in ("in", "loop", "shard-00000.body", "shard-00000.sums"):
        with open(os.path.join(folder, name), "rb") as f:
            os.fsync(f.fileno())  # nothing is written back while we measure
    for _ in range(rounds):
        openssl("c", "chacha20-poly1305")
        bench("loop seal", cpus[:1], "loop", "seal", source)
        bench("loop open", cpus[:1], "loop", "open", os.path.join(folder, "loop"))
        bench("seal 1", cpus[:1], "seal", source)
        bench("open 1", cpus[:1], "open", folder)
        openssl("s", "sha256")
        bench("seal n", cpus, "seal", source)
        bench("open n", cpus, "open", folder)

    def median(name):
        values = sorted(best[name])
        return values[len(values) // 2]

    c, s = median("c"), median("s")
    both = 1 / (1 / c + 1 / s)
    rows = [("openssl speed, chacha20-poly1305 (c)", 1, c, None), ("openssl speed, sha256 (s)", 1, s, None),
            ("one loop of sealing, no sums", 1, "loop seal", ("c", c)),
            ("one loop of opening, no sums", 1, "loop open", ("c", c)),
            ("sealing with sums", 1, "seal 1", ("1/(1/c + 1/s)", both)),
            ("opening with sums checked", 1, "open 1", ("1/(1/c + 1/s)", both)),
            ("sealing with sums", n, "seal n", (f"{n}/(1/c + 1/s)", n * both)),
            ("opening with sums checked", n, "open n", (f"{n}/(1/c + 1/s)", n * both))]
    print(f"{megabytes} MiB in one file, in the page cache; medians of {rounds} rounds; {page_cache.told()}; peak memory {max(best['peak']) / 1024:.1f} MiB\n")
    print("| what | threads | MB/s | of | ratio | ratio by processor time |\n|---|---|---|---|---|---|")
    for what, threads, name, bound in rows:
        if bound is None:
            print(f"| {what} | {threads} | {name:.0f} | | | |")
            continue
        print(f"| {what} | {threads} | {median(name):.0f} | {bound[0]} = {bound[1]:.0f} | {median(name) / bound[1] * 100:.0f}% | "
              f"{median(name + ' cpu') / bound[1] * 100:.0f}% |")
    print("\n`openssl speed` counts processor time. Where other work keeps the machine busy, the clock says what was left; the last column,\n"
          "threads times bytes by seconds of processor, hardly depends on that.")


main()
