"""What gateway.sh does. usage: gateway.py WORK MEGABYTES ROUNDS"""
import json
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import page_cache  # noqa: E402
from bench_house import HERE, NODE, POLICY, WORK, approved, house, run, speed  # noqa: E402

MEGABYTES, ROUNDS = int(sys.argv[2]), int(sys.argv[3])
TICKS = os.sysconf("SC_CLK_TCK")


def processor(pid):
    """Seconds of processor time of a process and its threads."""
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak(pid):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM"))


def one_shard():
    house()
    subprocess.run([sys.executable, os.path.join(HERE, "make_bulk.py"), "opaque", os.path.join(WORK, "in"), str(MEGABYTES)], check=True)
    policy = os.path.join(WORK, "policy.yaml")
    with open(POLICY) as f, open(policy, "w") as out:
        out.write(f.read().replace("size: 512MiB", "size: 5GiB"))
    version = run("stager", "push", "in", "--name", "opaque", "--policy", policy).split()[-1]
    approved(version, "--redemptions", "1000")
    return version


def gateway(restart, memory):
    ready = os.path.join(WORK, "ready")
    os.makedirs(ready, mode=0o700, exist_ok=True)
    path = os.path.join(ready, "gateway.json")
    words = [NODE[0], "gateway", *NODE[2:], "--from", "house/vault", "--restart", str(restart), "--ready", path, "--memory", memory]
    child = subprocess.Popen(words, cwd=WORK)
    while not os.path.exists(path):
        if child.poll() is not None:
            sys.exit("the gateway did not start")
        time.sleep(0.02)
    with open(path) as f:
        return child, json.load(f)


def stop(child):
    child.terminate()
    if child.wait() != 0:
        sys.exit("the gateway ended with %d" % child.returncode)


def nginx(folder):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    conf = os.path.join(WORK, "nginx.conf")
    with open(conf, "w") as f:
        f.write("daemon off; master_process off; pid %s/nginx.pid; error_log %s/nginx.log; %s\nevents {}\nhttp { access_log off; sendfile on; "
                "tcp_nopush on; sendfile_max_chunk 2m; server { listen 127.0.0.1:%d; root %s; } }\n"
                % (WORK, WORK, "user root;" if os.geteuid() == 0 else "", port, folder))
    child = subprocess.Popen(["nginx", "-c", conf, "-e", os.path.join(WORK, "nginx.log"), "-p", WORK])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return child, "http://127.0.0.1:%d" % port
        except OSError:
            time.sleep(0.05)
    sys.exit("nginx did not start")


def curl(url, pid, readers=1, bearer=None):
    """MB/s by the clock of so many curls together, the server's processor seconds for a GB, and what it read from disk meanwhile."""
    words = ["curl", "-sSf", "-o", "/dev/null", "-w", "%{size_download}"] + (["-H", "Authorization: Bearer " + bearer] if bearer else []) + [url]
    used, disk, wall = processor(pid), page_cache.disk_of(pid), time.monotonic()
    all_of_them = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(readers)]
    size = sum(int(c.communicate()[0]) for c in all_of_them)
    wall, used = time.monotonic() - wall, processor(pid) - used
    if any(c.returncode for c in all_of_them):
        sys.exit("curl failed")
    return size / 1e6 / wall, used / (size / 1e9), page_cache.disk_of(pid) - disk


def main():
    version = one_shard()
    plain = os.path.join(WORK, "plain")
    os.makedirs(plain)
    with open(os.path.join(plain, "shard-00000.tar"), "wb") as out:
        subprocess.run(NODE + ["--from", "house/vault"], check=True, cwd=WORK, stdout=out)
    size = os.path.getsize(os.path.join(plain, "shard-00000.tar"))
    run("sync")
    server, base = nginx(plain)
    seen, restart = {}, 0

    def keep(name, value):
        seen.setdefault(name, []).append(value)

    set_dir = os.path.join(WORK, "house", "vault", version, "abroad")
    sealed = [os.path.join(set_dir, n) for n in os.listdir(set_dir) if n.startswith("shard-")]
    plaintext = [os.path.join(plain, "shard-00000.tar")]

    def at_nginx(name, readers):
        keep(name, page_cache.held(name, plaintext, lambda: curl(base + "/shard-00000.tar", server.pid, readers)))

    def at_gateway(memory, *names_and_readers):
        """A new gateway, read so many times; it gives its peak of memory, too."""
        def once():
            nonlocal restart
            restart += 1
            child, ready = gateway(restart, memory)
            got = [curl("%s/%s/shard-00000.tar" % (ready["url"], version), child.pid, readers, ready["bearer"]) for _, readers in names_and_readers]
            most = peak(child.pid)
            stop(child)
            return got, most, sum(g[2] for g in got)

        got, most = page_cache.held("gateway", sealed, once)
        for (name, _), g in zip(names_and_readers, got):
            keep(name, g)
        return most

    for _ in range(ROUNDS):
        at_nginx("nginx", 1)
        # As large as the set: the second reading is from the cache.
        at_gateway("%dM" % (size // (1 << 20) + 64), ("opened", 1), ("cached", 1))
        at_nginx("nginx, 4", 4)
        keep("peak", (at_gateway("64M", ("64M", 1), ("64M, 4", 4)),))
    server.terminate()
    server.wait()
    c, s = speed("-evp", "chacha20-poly1305"), speed("-evp", "sha256")

    def median(name, which=0):
        values = sorted(v[which] for v in seen[name])
        return values[len(values) // 2]

    print("%.0f MB in one shard, in the page cache, %d processors; medians of %d rounds; %s; `openssl speed`, one core: "
          "ChaCha20-Poly1305 %.0f MB/s, SHA-256 %.0f MB/s\n" % (size / 1e6, len(os.sched_getaffinity(0)), ROUNDS, page_cache.told(), c, s))
    print("| what | MB/s | of nginx | processor seconds of the server for a GB |\n|---|---|---|---|")
    for name, text, of in (("nginx", "nginx, sendfile, to one curl", None), ("opened", "gateway to one curl, opened as it is read", "nginx"),
                           ("64M", "the same with --memory 64M", "nginx"), ("cached", "gateway to one curl, from its cache", "nginx"),
                           ("nginx, 4", "nginx to four curls", None), ("64M, 4", "gateway to four curls, --memory 64M", "nginx, 4")):
        print("| %s | %.0f | %s | %.2f |" % (text, median(name), "" if of is None else "%.0f%%" % (100 * median(name) / median(of)), median(name, 1)))
    print("\nPeak memory with --memory 64M: %.0f MiB." % max(v[0] for v in seen["peak"]))


main()
