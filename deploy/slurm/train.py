"""PyTorch with WebDataset on a node's gateway: ranks and their loaders' workers share the shards, samples are shuffled, and a job that
was stopped or killed goes on in the middle of an epoch: each sample is used once an epoch, none twice.

  stager-node run ... -- python train.py --state FOLDER [--epochs N] [--seed N] [--workers N] [--batch N] [--list FILE]

Put your model and your decode() in place of the ones here, which learn to give back how often each byte stands in a sample.
--list FILE writes epoch and key of the samples that were used, a file for each rank.

How it goes on. The order of an epoch is made of the seed, the epoch's number, the ranks and the workers alone: each worker reads its
shards one after the other and shuffles within a window. So "so many samples of that worker were used" says everything. Each batch
carries its worker's count, and what stands in the checkpoint is the counts of what was used, not of what was read ahead. One file,
replaced by rename, has all ranks' counts, the model and the optimizer, so that they are of one step. A job that starts again does not open
the shards before, and leaves out the samples before undecoded. Where ranks or workers are other in number, or the seed is, it refuses.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys

try:
    import torch
    import torch.distributed as dist
    import webdataset
except ImportError as missing:
    sys.exit("train.py: %s (pip install torch webdataset)" % missing)


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


def samples_of(url):
    """All samples of one shard. WebDataset itself would split it between ranks and workers: that is done here already. What it
    cannot read it must not pass over."""
    return webdataset.DataPipeline(webdataset.SimpleShardList([url]),
                                   webdataset.tarfile_to_samples(handler=webdataset.reraise_exception))


def decode(sample):
    """A sample as a tensor: how often each of the 256 bytes stands in it."""
    data = b"".join(v for k, v in sorted(sample.items()) if not k.startswith("__"))
    counts = torch.bincount(torch.frombuffer(bytearray(data or b"\0"), dtype=torch.uint8), minlength=256)
    return counts.float() / counts.sum() * 16


class Epoch(torch.utils.data.IterableDataset):
    """Batches of one rank's part of an epoch: (worker, samples of this worker used when it is, keys, tensor). Raises where a shard
    cannot be read to its end; torch's loader raises it again in the process that trains."""

    def __init__(self, all_shards, o, epoch, rank, size, used, window=1000):
        self.all_shards, self.o, self.epoch, self.window = all_shards, o, epoch, window
        self.rank, self.size, self.used = rank, size, used  # used: a number for each worker

    def samples(self, worker, workers):
        order = list(range(len(self.all_shards)))
        random.Random("%d/%d" % (self.o.seed, self.epoch)).shuffle(order)
        skip = self.used[worker]
        for shard in order[self.rank * workers + worker::self.size * workers]:
            url, count = self.all_shards[shard]
            if skip >= count:
                skip -= count
                continue
            rng = random.Random("%d/%d/%d" % (self.o.seed, self.epoch, shard))
            seen = 0
            for sample in shuffled(samples_of(url), self.window, rng):
                seen += 1
                if skip > 0:
                    skip -= 1
                else:
                    yield sample["__key__"], decode(sample)
            # A stream that ends too early between two members looks whole to a reader of tar: count.
            if seen != count:
                raise RuntimeError("%s: %d samples where %d were due" % (url, seen, count))

    def __iter__(self):
        info = torch.utils.data.get_worker_info()
        worker, workers = (0, 1) if info is None else (info.id, info.num_workers)
        used, keys, tensors = self.used[worker], [], []
        for key, tensor in self.samples(worker, workers):
            keys.append(key)
            tensors.append(tensor)
            if len(keys) == self.o.batch:
                used += len(keys)
                yield worker, used, keys, torch.stack(tensors)
                keys, tensors = [], []
        if keys:
            yield worker, used + len(keys), keys, torch.stack(tensors)


class Trainer:
    """The model, and how far all ranks have come with it: FOLDER/checkpoint.pt, whole at any time."""

    def __init__(self, o, rank, size):
        self.o, self.rank, self.size = o, rank, size
        self.device = "cpu"
        if torch.cuda.is_available():
            self.device = "cuda:%s" % os.environ.get("SLURM_LOCALID", 0)
            torch.cuda.set_device(self.device)
        torch.manual_seed(o.seed)
        self.model = torch.nn.Sequential(torch.nn.Linear(256, 32), torch.nn.ReLU(), torch.nn.Linear(32, 256)).to(self.device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-2)
        self.epoch, self.steps, self.used, self.listed = 0, 0, [0] * max(o.workers, 1), 0
        self.path = os.path.join(o.state, "checkpoint.pt")
        if os.path.exists(self.path):
            self.load()
        self.list = None
        if o.list:
            self.list = open("%s.%d" % (o.list, rank), "a")
            self.list.truncate(self.listed)  # what came after the checkpoint is done again
            self.list.seek(0, os.SEEK_END)

    def shape(self):
        return {"seed": self.o.seed, "ranks": self.size, "workers": self.o.workers, "batch": self.o.batch}

    def load(self):
        before = torch.load(self.path, map_location=self.device, weights_only=True)
        if before["shape"] != self.shape():
            sys.exit("train.py: %s was made with %s, this run has %s" % (self.path, before["shape"], self.shape()))
        self.model.load_state_dict(before["model"])
        self.optimizer.load_state_dict(before["optimizer"])
        self.epoch, self.steps = before["epoch"], before["steps"]
        self.used, self.listed = before["used"][self.rank], before["listed"][self.rank]
        print("rank %d: goes on in epoch %d after %d of its samples" % (self.rank, self.epoch, sum(self.used)), file=sys.stderr)

    def save(self):
        """Called by all ranks after the same step."""
        if self.list:
            self.list.flush()
            os.fsync(self.list.fileno())
            self.listed = self.list.tell()
        every = [None] * self.size
        dist.all_gather_object(every, (self.used, self.listed))
        if self.rank == 0:
            with open(self.path + ".new", "wb") as f:
                torch.save({"shape": self.shape(), "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
                            "epoch": self.epoch, "steps": self.steps, "used": [e[0] for e in every],
                            "listed": [e[1] for e in every]}, f)
                f.flush()
                os.fsync(f.fileno())
            os.replace(self.path + ".new", self.path)

    def step(self, batch, samples):
        """One step of all ranks together, on so many samples of them all. A rank whose samples are at their end takes part without
        any: ranks have different numbers, none is cut off, and none waits for another for ever."""
        self.optimizer.zero_grad(set_to_none=False)
        loss = torch.zeros(1, device=self.device)
        if batch is not None:
            worker, used, keys, x = batch
            x = x.to(self.device)
            loss = (self.model(x) - x).square().mean(dim=1).sum() / samples
            loss.backward()
            self.used[worker] = used
            if self.list:
                self.list.write("".join("%d %s\n" % (self.epoch, key) for key in keys))
        for p in self.model.parameters():
            p.grad = torch.zeros_like(p) if p.grad is None else p.grad
            dist.all_reduce(p.grad)
        self.optimizer.step()
        self.steps += 1
        total = loss.detach().reshape(1).clone()
        dist.all_reduce(total)
        return total.item()


def train(o, trainer, all_shards, told):
    """All epochs; True where they are done, False where it was told to stop before."""
    for epoch in range(trainer.epoch, o.epochs):
        part = Epoch(all_shards, o, epoch, trainer.rank, trainer.size, list(trainer.used))
        batches = iter(torch.utils.data.DataLoader(part, batch_size=None, num_workers=o.workers))
        here = 0
        while True:
            batch = next(batches, None)
            state = torch.tensor([0 if batch is None else len(batch[2]), len(told) + (here == o.stop_after)], device=trainer.device)
            dist.all_reduce(state)  # of all ranks: samples of this step; whether any was told to stop
            samples, stop = state.tolist()
            if stop:
                trainer.save()
                print("rank %d: stopped in epoch %d after %d of its samples" % (trainer.rank, epoch, sum(trainer.used)), file=sys.stderr)
                return False
            if samples == 0:
                break
            loss = trainer.step(batch, samples)
            here += 1
            if trainer.rank == 0 and trainer.steps % 10 == 0:
                print("epoch %d step %d loss %.4f" % (epoch, trainer.steps, loss), flush=True)
            if trainer.steps % o.save_every == 0:
                trainer.save()
        trainer.epoch, trainer.used = epoch + 1, [0] * len(trainer.used)
        trainer.save()
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", required=True)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2, help="processes that read and decode, of each rank")
    parser.add_argument("--save-every", type=int, default=100, help="steps from one checkpoint to the next")
    parser.add_argument("--list")
    parser.add_argument("--stop-after", type=int, help="stop after so many steps, as a signal would")
    o = parser.parse_args()
    rank = int(os.environ.get("RANK", os.environ.get("SLURM_PROCID", 0)))
    size = int(os.environ.get("WORLD_SIZE", os.environ.get("SLURM_NTASKS", 1)))
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", "29500")
    told = []
    # The batch system's warning before it takes the node away (--signal=USR1@300), and its SIGTERM.
    signal.signal(signal.SIGUSR1, lambda *_: told.append(1))
    signal.signal(signal.SIGTERM, lambda *_: told.append(1))
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", rank=rank, world_size=size)
    done = train(o, Trainer(o, rank, size), shards(), told)
    dist.destroy_process_group()
    return 0 if done else 75  # not done: whoever started this may start it again


if __name__ == "__main__":
    sys.exit(main())
