"""What tests/bench/s3.sh measures: s3.py TOOL FOLDER ROUNDS. The gateway is in AWS_*."""
import os, resource, shutil, statistics, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import page_cache  # noqa: E402

tool, folder, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
files = sorted(os.path.join(folder, f) for f in os.listdir(folder))
total = sum(os.path.getsize(f) for f in files)
env = dict(os.environ, RCLONE_CONFIG_LAB_TYPE="s3", RCLONE_CONFIG_LAB_PROVIDER="Ceph", RCLONE_CONFIG_LAB_ENV_AUTH="true",
           RCLONE_CONFIG_LAB_ENDPOINT=os.environ["AWS_ENDPOINT_URL"], RCLONE_CONFIG="/dev/null")
# No second digest of whole files, no look before or after: what we do not do either.
rclone = ["rclone", "-q", "copy", folder, "lab:bench/v/s", "--s3-disable-checksum", "--s3-no-check-bucket", "--s3-no-head", "--ignore-checksum",
          "--s3-chunk-size=64M"]
ways = {"stager (default: 4 streams)": ([tool, "puts", "s3://bench", "v/s"] + files, {}),
        "stager, 2 objects at once": ([tool, "puts", "s3://bench", "v/s"] + files, {"OBJECTS": "2"}),
        "stager, 8 streams": ([tool, "puts", "s3://bench", "v/s"] + files, {"STREAMS": "8", "OBJECTS": "2"}),
        "rclone, 4 parts of 1 object": (rclone + ["--transfers=1", "--s3-upload-concurrency=4"], {}),
        "rclone, 4 parts of 4 objects": (rclone + ["--transfers=4", "--s3-upload-concurrency=4"], {}),
        "rclone, 8 parts of 2 objects": (rclone + ["--transfers=2", "--s3-upload-concurrency=8"], {})}


def must(*command):
    subprocess.run(command, env=env, check=True)


def room():
    """Objects away, and the gateway given the time to take their bytes back: else its disk fills."""
    subprocess.run(["rclone", "-q", "delete", "lab:bench"], env=env)
    time.sleep(5)


must("rclone", "-q", "mkdir", "lab:bench")
got = {name: [] for name in ways}
for _ in range(rounds):
    for name, (command, more) in ways.items():
        read = [shutil.which(command[0])] + files

        def once():
            room()
            page_cache.warm(read)
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            subprocess.run(command, env=dict(env, **more), check=True)
            seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            return (total / seconds / 1e6, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime,
                    page_cache.disk(after) - page_cache.disk(before))

        got[name].append(page_cache.held(name, read, once, 2))
        print(name, "%.0f MB/s" % got[name][-1][0], "%.2f s" % got[name][-1][1], file=sys.stderr, flush=True)
print("| sender | MB/s | processor seconds a GiB |\n|---|---|---|")
best = {}
for name, runs in got.items():
    speed, cpu = statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs)
    best[name.split()[0].rstrip(",")] = max(best.get(name.split()[0].rstrip(","), 0), speed)
    print("| %s | %.0f | %.2f |" % (name, speed, cpu / (total / 2**30)))
ours = statistics.median(r[0] for r in got["stager (default: 4 streams)"])
print("\n%s." % page_cache.told())
print("The default, of the best of rclone: %.2f. Needed: 1.00" % (ours / best["rclone"]))
sys.exit(0 if ours >= best["rclone"] else 1)
