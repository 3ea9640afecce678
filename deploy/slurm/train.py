"""PyTorch with WebDataset on a node's gateway: ranks share the shards, samples are shuffled, and a job that was stopped goes
on in the middle of an epoch with the very samples that are left.

  stager-node run ... -- python train.py --state FOLDER [--epochs N] [--seed N]       a toy model; put yours in its place
  stager-node run ... -- python train.py --state FOLDER --list FILE                   no model: the samples' keys, as read

How it goes on: the order of an epoch is made of the seed, the epoch's number and the ranks alone. Each rank reads its shards one
after the other and shuffles within a window; so "so many samples of this epoch were used" says everything. That number is
kept for each rank, by rename, after each step; a job that starts again leaves out that many without decoding them, and does not
open the shards before. Where the number of ranks has changed, the epoch begins anew.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys

import webdataset


def rank_and_size():
    return (int(os.environ.get("RANK", os.environ.get("SLURM_PROCID", 0))),
            int(os.environ.get("WORLD_SIZE", os.environ.get("SLURM_NTASKS", 1))))


def shards():
    """(url, samples) of each shard, as the gateway's WIDS index has them. curl has the gateway's password from CURL_HOME."""
    url = "%s/%s/index.json" % (os.environ["STAGER_URL"], os.environ["STAGER_VERSION"])
    index = json.loads(subprocess.run(["curl", "-sSf", url], check=True, stdout=subprocess.PIPE).stdout)
    return [(shard["url"], shard["nsamples"]) for shard in index["shardlist"]]


def shuffled(samples, window, rng):
    """Each sample from a window of so many, by the generator's choice alone: the same for the same seed."""
    held = []
    for sample in samples:
        if len(held) < window:
            held.append(sample)
            continue
        i = rng.randrange(window)
        held[i], sample = sample, held[i]
        yield sample
    rng.shuffle(held)
    yield from held


def epoch_samples(all_shards, epoch, seed, rank, size, skip, window=1000):
    """This rank's samples of an epoch, but for the first `skip`. Raises where a shard cannot be read to its end."""
    order = list(range(len(all_shards)))
    random.Random("%d/%d" % (seed, epoch)).shuffle(order)
    for shard in order[rank::size]:
        url, count = all_shards[shard]
        if skip >= count:
            skip -= count
            continue
        rng = random.Random("%d/%d/%d" % (seed, epoch, shard))
        seen = 0
        for sample in shuffled(webdataset.WebDataset(url, shardshuffle=False, handler=webdataset.reraise_exception), window, rng):
            seen += 1
            if skip > 0:
                skip -= 1
            else:
                yield sample
        # A stream that ends too early between two members looks whole to a reader of tar: count.
        if seen != count:
            raise RuntimeError("shard %d: %d samples where %d were due" % (shard, seen, count))


class Progress:
    """How far this rank has come: FOLDER/rank-N.json, whole at any time."""

    def __init__(self, folder, rank, size, seed):
        self.path = os.path.join(folder, "rank-%d.json" % rank)
        self.now = {"epoch": 0, "used": 0, "ranks": size, "seed": seed}
        if os.path.exists(self.path):
            with open(self.path) as f:
                before = json.load(f)
            if before["ranks"] == size and before["seed"] == seed:
                self.now = before
            else:
                self.now["epoch"] = before["epoch"]

    def save(self, epoch, used):
        self.now.update(epoch=epoch, used=used)
        with open(self.path + ".new", "w") as f:
            json.dump(self.now, f)
            f.flush()
            os.fsync(f.fileno())
        os.replace(self.path + ".new", self.path)


def steps_of(all_shards, epoch, seed, size, batch):
    """Steps that every rank can take: ranks have different numbers of samples, and one that waits for another's waits for ever."""
    order = list(range(len(all_shards)))
    random.Random("%d/%d" % (seed, epoch)).shuffle(order)
    return min(-(-sum(all_shards[shard][1] for shard in order[rank::size]) // batch) for rank in range(size))


class Lister:
    """What stands in for training where no torch is wanted: each sample's key. Ranks do not wait for each other."""
    together = False

    def __init__(self, path, rank):
        self.file = open("%s.%d" % (path, rank), "a")

    def step(self, batch):
        for sample in batch:
            self.file.write(sample["__key__"] + "\n")
        self.file.flush()

    def agree(self, stop):
        return stop

    def save(self):
        os.fsync(self.file.fileno())


class Toy:
    """A model that learns how long samples are. Yours decodes them."""
    together = True

    def __init__(self, folder, rank, size):
        import torch
        self.torch, self.rank = torch, rank
        self.distributed = size > 1
        if self.distributed:
            torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo", rank=rank, world_size=size)
        self.device = "cuda:%s" % os.environ.get("SLURM_LOCALID", 0) if torch.cuda.is_available() else "cpu"
        self.model = torch.nn.Linear(1, 1).to(self.device)
        self.path = os.path.join(folder, "model.pt")
        if os.path.exists(self.path):
            self.model.load_state_dict(torch.load(self.path, map_location=self.device, weights_only=True))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=1e-3)

    def step(self, batch):
        torch = self.torch
        sizes = [[sum(len(v) for k, v in sample.items() if not k.startswith("_")) / 1e6] for sample in batch]
        x = torch.tensor(sizes, device=self.device)
        self.optimizer.zero_grad()
        torch.nn.functional.mse_loss(self.model(x), x).backward()
        if self.distributed:
            for p in self.model.parameters():
                torch.distributed.all_reduce(p.grad)
        self.optimizer.step()

    def agree(self, stop):
        """Whether any rank was told to stop: all stop after the same step."""
        if not self.distributed:
            return stop
        flag = self.torch.tensor([1 if stop else 0], device=self.device)
        self.torch.distributed.all_reduce(flag, op=self.torch.distributed.ReduceOp.MAX)
        return flag.item() == 1

    def save(self):
        if self.rank == 0:
            self.torch.save(self.model.state_dict(), self.path + ".new")
            os.replace(self.path + ".new", self.path)


def batches(samples, size):
    batch = []
    for sample in samples:
        batch.append(sample)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", required=True)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--list")
    parser.add_argument("--stop-after", type=int, help="end after so many steps, as a signal would")
    o = parser.parse_args()
    rank, size = rank_and_size()
    progress = Progress(o.state, rank, size, o.seed)
    model = Lister(o.list, rank) if o.list else Toy(o.state, rank, size)
    stop = []
    # The batch system's warning before it takes the node away (--signal=USR1@300), and its SIGTERM.
    signal.signal(signal.SIGUSR1, lambda *_: stop.append(1))
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    all_shards = shards()
    steps = 0
    for epoch in range(progress.now["epoch"], o.epochs):
        used = progress.now["used"] if epoch == progress.now["epoch"] else 0
        last = steps_of(all_shards, epoch, o.seed, size, o.batch) if model.together else None
        for batch in batches(epoch_samples(all_shards, epoch, o.seed, rank, size, used), o.batch):
            if last is not None and used >= last * o.batch:
                break
            model.step(batch)
            used += len(batch)
            steps += 1
            ending = model.agree(bool(stop) or steps == o.stop_after)
            if ending or steps % 100 == 0:
                model.save()
                progress.save(epoch, used)
            if ending:
                print("rank %d: stopped in epoch %d after %d samples" % (rank, epoch, used), file=sys.stderr)
                return 75  # not done: whoever started this may start it again
        model.save()
        progress.save(epoch + 1, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
