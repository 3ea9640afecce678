"""What node.sh does. usage: node.py WORK MEGABYTES ROUNDS"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import page_cache  # noqa: E402
from bench_house import HERE, NODE, POLICY, WORK, approved, cached, house, run, speed  # noqa: E402

MEGABYTES, ROUNDS = int(sys.argv[2]), int(sys.argv[3])


def one_shard():
    """A version of one shard of so many megabytes; the vault's folder and the files of it that are read."""
    house()
    subprocess.run([sys.executable, os.path.join(HERE, "make_bulk.py"), "opaque", os.path.join(WORK, "in"), str(MEGABYTES)], check=True)
    policy = os.path.join(WORK, "policy.yaml")
    with open(POLICY) as f, open(policy, "w") as out:
        out.write(f.read().replace("size: 512MiB", "size: 5GiB"))
    approved(run("stager", "push", "in", "--name", "opaque", "--policy", policy).split()[-1], "--redemptions", "100000")
    vault = os.path.join(WORK, "house", "vault")
    return vault, [os.path.join(d, n) for d, _, names in os.walk(vault) for n in names if n.startswith("shard-")]


def main():
    (vault, sealed), seen, restart = one_shard(), {}, 0
    cpus = sorted(os.sched_getaffinity(0))[:2]
    subprocess.run(NODE + ["--from", vault], check=True, cwd=WORK, stdout=open(os.path.join(WORK, "one.tar"), "wb"))
    size = os.path.getsize(os.path.join(WORK, "one.tar")) / 1e6
    run("sync")

    def restarted():
        nonlocal restart
        restart += 1
        return str(restart)

    def keep(name, wall, used, on):
        seen.setdefault(name, []).append((size / wall, len(on) * size / used))

    for _ in range(ROUNDS):
        seen.setdefault("c", []).append((speed("-evp", "chacha20-poly1305"),) * 2)
        for on in (cpus[:1], cpus):
            wall, used, _ = cached("cat", sealed, lambda: ["taskset", "-c", ",".join(map(str, on)), *NODE, "--from", vault,
                                                           "--restart", restarted()], stdout=subprocess.DEVNULL)
            keep("cat to /dev/null, %d" % len(on), wall, used, on)
            # The same conversation with the house, and then next to nothing to read.
            start = cached("list", sealed, lambda: ["taskset", "-c", ",".join(map(str, on)), NODE[0], "list", *NODE[2:], "--from", vault,
                                                    "--restart", restarted()], stdout=subprocess.DEVNULL)[0]
            seen.setdefault("start, %d" % len(on), []).append((start,))
            seen.setdefault("past its start, %d" % len(on), []).append((size / (wall - start),))
        seen.setdefault("s", []).append((speed("-evp", "sha256"),) * 2)
        for name, sources, writer in (
                ("cat of the plaintext to a pipe", [os.path.join(WORK, "one.tar")], lambda: "cat one.tar"),
                ("stager-node cat to a pipe", sealed,
                 lambda: " ".join("'%s'" % word for word in NODE) + " --from house/vault --restart " + restarted())):
            wall, used, _ = cached(name, sources, lambda: ["sh", "-c", writer() + " | dd of=/dev/null bs=1M status=none"])
            keep(name, wall, used, cpus)

    def median(name, which=0):
        values = sorted(v[which] for v in seen[name])
        return values[len(values) // 2]

    c, s = median("c"), median("s")
    both = 1 / (1 / c + 1 / s)
    print("%.0f MB in one shard, in the page cache; medians of %d rounds; %s; `openssl speed`, one core: "
          "ChaCha20-Poly1305 %.0f MB/s (c), SHA-256 %.0f MB/s (s)\n" % (size, ROUNDS, page_cache.told(), c, s))
    print("| what | MB/s | of | ratio | ratio by processor time |\n|---|---|---|---|---|")
    for n in sorted({1, len(cpus)}):
        name = "cat to /dev/null, %d" % n
        print("| stager-node %s threads | %.0f | %d/(1/c + 1/s) = %.0f | %.0f%% | %.0f%% |"
              % (name, median(name), n, n * both, 100 * median(name) / (n * both), 100 * median(name, 1) / (n * both)))
        past = median("past its start, %d" % n)
        print("| the same past its start of %.2f s | %.0f | | %.0f%% | |" % (median("start, %d" % n), past, 100 * past / (n * both)))
    plain = median("cat of the plaintext to a pipe")
    print("| cat of the plaintext to a pipe | %.0f | | | |" % plain)
    name = "stager-node cat to a pipe"
    print("| %s | %.0f | cat = %.0f | %.0f%% | %.0f%% |" % (name, median(name), plain, 100 * median(name) / plain,
                                                            100 * median(name, 1) / median("cat of the plaintext to a pipe", 1)))


main()
