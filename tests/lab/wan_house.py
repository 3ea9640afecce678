"""A house with one version of opaque files, in shards of 512 MiB, accepted: for wan.sh. usage: wan_house.py WORK MEGABYTES
The last line of output is the version's id."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from bench_house import HERE, POLICY, WORK, approved, house, run  # noqa: E402

house()
subprocess.run([sys.executable, os.path.join(HERE, "make_bulk.py"), "opaque", os.path.join(WORK, "in"), sys.argv[2]], check=True)
version = run("stager", "push", "in", "--name", "opaque", "--policy", POLICY).split()[-1]
approved(version)
subprocess.run(["rm", "-r", os.path.join(WORK, "in")], check=True)
print(version)
