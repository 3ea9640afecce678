"""Loaders as they are, each reading a set and saying what it got, so that one can be held beside another.

    loaders.py KIND [ARGUMENT...]      one line a member, in the order of reading: NAME SHA-256; at the end: end COUNT
    loaders.py time KIND [ARGUMENT...] bytes, seconds, seconds of processor (its own and of what it started)

    tar FILE               Python's tarfile in stream mode ("-": standard input)
    webdataset URL...      WebDataset, its own handler of errors
    torch URL...           the same in two worker processes of PyTorch's DataLoader; the workers take turns
    datasets URL...        Hugging Face datasets, streaming, by fsspec
    boto3 | s3fs           the shards that a bucket lists ($STAGER_VERSION at $AWS_ENDPOINT_URL)
    members                every member by its own name, by boto3

Status 9 where the loader raised an error, which stands on stderr.
"""
import hashlib
import multiprocessing
import os
import signal
import sys
import tarfile
import time


def read_tar(stream):
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            if member.isreg():
                yield member.name, tar.extractfile(member).read()


def tar(path):
    yield from read_tar(sys.stdin.buffer if path == "-" else open(path, "rb"))


def fields(sample, key):
    for name in sorted(sample):
        if not name.startswith("__"):
            yield "%s.%s" % (key, name), sample[name]


def webdataset(*urls):
    import webdataset
    for sample in webdataset.WebDataset(list(urls), shardshuffle=False):
        yield from fields(sample, sample["__key__"])


def torch(*urls):
    import torch
    import webdataset
    for sample in torch.utils.data.DataLoader(webdataset.WebDataset(list(urls), shardshuffle=False), batch_size=None, num_workers=2):
        yield from fields(sample, sample["__key__"])


def datasets(*urls):
    import datasets
    datasets.disable_progress_bars()
    # By HTTP: with s3:// it hands options to s3fs that no session takes (5.2.0 with s3fs 2026.9.0).
    options = {"http": {"client_kwargs": {"headers": {"Authorization": "Bearer " + os.environ["STAGER_TOKEN"]}}}}
    for sample in datasets.load_dataset("webdataset", data_files={"train": list(urls)}, split="train", streaming=True,
                                        storage_options=options):
        yield from fields(sample, sample["__key__"])


def bucket_shards(client):
    found = []
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=os.environ["STAGER_VERSION"], Prefix="shard-"):
        found += [o["Key"] for o in page.get("Contents", []) if o["Key"].endswith(".tar")]
    return found


def boto3():
    import boto3
    client = boto3.client("s3")
    for key in bucket_shards(client):
        yield from read_tar(client.get_object(Bucket=os.environ["STAGER_VERSION"], Key=key)["Body"])


def s3fs():
    import s3fs
    fs = s3fs.S3FileSystem()
    for path in sorted(fs.glob(os.environ["STAGER_VERSION"] + "/shard-*.tar")):
        with fs.open(path, "rb") as f:
            yield from read_tar(f)


def members():
    import boto3
    client = boto3.client("s3")
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=os.environ["STAGER_VERSION"], Prefix="members/"):
        for o in page.get("Contents", []):
            body = client.get_object(Bucket=os.environ["STAGER_VERSION"], Key=o["Key"])["Body"].read()
            yield o["Key"][len("members/"):], body


KINDS = {"tar": tar, "webdataset": webdataset, "torch": torch, "datasets": datasets, "boto3": boto3, "s3fs": s3fs, "members": members}


def main():
    words = sys.argv[1:]
    timed = words[0] == "time"
    kind, arguments = words[timed], words[timed + 1:]
    count = total = 0
    began, before = time.monotonic(), os.times()
    try:
        for name, content in KINDS[kind](*arguments):
            if not isinstance(content, bytes):
                raise TypeError("%s came as %s, not as bytes" % (name, type(content).__name__))
            count += 1
            total += len(content)
            if not timed:
                print(name, hashlib.sha256(content).hexdigest())
    except Exception as e:  # whatever the loader makes of it
        sys.stdout.flush()
        print("%s: %s" % (type(e).__name__, str(e)[:200]), file=sys.stderr)
        sys.stderr.flush()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # PyTorch's raises where a worker is killed
        for worker in multiprocessing.active_children():
            worker.kill()
        os._exit(9)
    if timed:
        after = os.times()
        print(total, time.monotonic() - began, sum(after[:4]) - sum(before[:4]))
    else:
        print("end", count)


if __name__ == "__main__":
    main()
