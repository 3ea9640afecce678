#!/usr/bin/python3
# Makes the vectors beside it with hashlib and PyNaCl, from DESIGN.md alone: no line of Stager's code is used.
# Run in this folder: python3 make.py
import base64
import hashlib
import json
import struct

from nacl.signing import SigningKey


def canonical(thing):
    return json.dumps(thing, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data):
    return hashlib.sha256(data).digest()


def fill(text):
    """32 bytes that stand for something."""
    return sha256(text.encode())


def b64(data):
    return base64.b64encode(data).decode()


def keyid(key):
    return sha256(bytes(key.verify_key)).hex()[:16]


def public(key):
    return bytes(key.verify_key)


def pae(kind, body):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)


def envelope(kind, body, *keys):
    return canonical(
        {
            "payload": b64(body),
            "payloadType": kind,
            "signatures": [{"keyid": keyid(k), "sig": b64(k.sign(pae(kind, body)).signature)} for k in keys],
        }
    )


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)


house = SigningKey(fill("house"))
job = SigningKey(fill("job"))
anna = SigningKey(fill("anna"))
bram = SigningKey(fill("bram"))

# The table of the set "abroad": two shards and the index.
rows = []
for name, plain, members in (("shard-00000", 536870912, 4321), ("shard-00001", 65537, 1), ("index", 512, 0)):
    segments = -(-plain // 65536)
    rows.append(
        {
            "name": name,
            "plain": plain,
            "segments": segments,
            "body": plain + 28 * segments,
            "members": members,
            "sums": fill("sums " + name).hex(),
            "commitment": fill("commitment " + name).hex(),
        }
    )
table = b"".join(canonical(row) + b"\n" for row in rows)
write("table.jsonl", table)

statement = canonical(
    {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "abroad/shards.jsonl", "digest": {"sha256": sha256(table).hex()}},
            {"name": "abroad/index.sums", "digest": {"sha256": fill("index sums abroad").hex()}},
            {"name": "domestic/shards.jsonl", "digest": {"sha256": fill("table domestic").hex()}},
            {"name": "domestic/index.sums", "digest": {"sha256": fill("index sums domestic").hex()}},
        ],
        "predicateType": "urn:stager:manifest:1",
        "predicate": {
            "house": "proefhuis",
            "holder": "umc-voorbeeld",
            "dataset": "ct-pneumonie",
            "dataset-id": "mfrggzdfmztwq2lknnwg23tpoa",
            "version": 2,
            "version-id": "n5xgk43bnvygyzjamnsxe5djmy",
            "predecessor": fill("predecessor").hex(),
            "meta": {
                "licence": "Licentie voor onderzoek, artikel 3 \u2013 \"besloten\"",
                "purposes": ["DUO:0000007", "DUO:0000026"],
                "legal-basis": "AVG artikel 9 lid 2 onder j",
                "retention": "10 jaar",
            },
            "sets": {
                "abroad": {
                    "hold": ["NL", "FI"],
                    "open": ["lumi"],
                    "evidence": "none",
                    "results": "sealed",
                    "shards": 2,
                    "members": 4322,
                },
                "domestic": {
                    "hold": ["NL"],
                    "open": ["snellius"],
                    "evidence": "none",
                    "results": "none",
                    "shards": 7,
                    "members": 12,
                },
            },
            "policy": fill("policy").hex(),
            "report": fill("report").hex(),
            "ruleset": fill("ruleset").hex(),
            "scrubber": "stager-scrub 0.1.0",
        },
    }
)
write("manifest.json", statement)
write("manifest.envelope", envelope("application/vnd.in-toto+json", statement, house))

request = canonical(
    {
        "type": "stager.request.1",
        "holder": "umc-voorbeeld",
        "dataset": "ct-pneumonie",
        "version-id": "n5xgk43bnvygyzjamnsxe5djmy",
        "manifest": sha256(statement).hex(),
        "set": "abroad",
        "site": "lumi",
        "slots": 4,
        "redemptions": 16,
        "not-before": 1804000000,
        "not-after": 1805209600,
        "job-key": public(job).hex(),
        "requester": "onderzoeker@uni.example",
        "salt": bytes(range(16)).hex(),
    }
)
write("request.json", request)
write("approval-anna.envelope", envelope("application/vnd.stager.request+json", request, anna))
write("approval-both.envelope", envelope("application/vnd.stager.request+json", request, anna, bram))

steward = canonical(
    {"type": "stager.steward.1", "holder": "umc-voorbeeld", "person": "anna@umc.example", "key": public(anna).hex()}
)
write("steward.json", steward)

# What a node asks.
suite = b"stager-1-x25519-chacha20poly1305-ed25519"
nonce, mac, node = fill("nonce"), fill("mac"), fill("node")
expiry, slot, restart = 1804000060, 3, 1


def transcript(evidence_type):
    parts = [
        suite,
        public(house),
        sha256(request),
        sha256(statement),
        struct.pack(">I", slot),
        struct.pack(">I", restart),
        nonce,
        struct.pack(">Q", expiry),
        node,
        sha256(canonical_facts),
        evidence_type.encode(),
    ]
    return sha256(b"".join(struct.pack(">I", len(part)) + part for part in parts))


facts = {"slurm-job-id": "4711", "host": "nid001234", "empty": ""}
canonical_facts = canonical(facts)


def ask(evidence_type, evidence):
    t = transcript(evidence_type)
    signed = envelope("application/vnd.stager.ask+json", t + sha256(evidence), job)
    return canonical(
        {
            "type": "ask",
            "slot": slot,
            "restart": restart,
            "nonce": nonce.hex(),
            "expiry": expiry,
            "mac": mac.hex(),
            "node": node.hex(),
            "facts": facts,
            "evidence-type": evidence_type,
            "evidence": b64(evidence),
            "shards": [0, 3],
            "envelope": b64(signed),
        }
    )


t = transcript("none")
write("ask.json", ask("none", b""))
write("ask-evidence.json", ask("tpm-quote", b"\x00\x01evidence"))
write(
    "entry.json",
    canonical(
        {
            "suite": suite.decode(),
            "house-key": public(house).hex(),
            "request": sha256(request).hex(),
            "manifest": sha256(statement).hex(),
            "slot": slot,
            "restart": restart,
            "nonce": nonce.hex(),
            "expiry": expiry,
            "node": node.hex(),
            "facts": sha256(canonical_facts).hex(),
            "evidence-type": "none",
            "evidence": sha256(b"").hex(),
            "t": t.hex(),
            "first": 0,
            "end": 3,
        }
    ),
)

answer = canonical(
    {
        "type": "stager.answer.1",
        "t": t.hex(),
        "manifest": sha256(statement).hex(),
        "headers": fill("headers").hex(),
        "writer": fill("writer").hex(),
        "checkpoint": "stager/proefhuis\n12\n%s\n\n\u2014 stager/proefhuis %s\n" % (b64(fill("root")), b64(bytes(68))),
        "index": 11,
        "first": 0,
        "end": 3,
    }
)
write("answer.json", answer)
write(
    "card.json",
    canonical(
        {
            "house": "proefhuis",
            "ingest": fill("ingest").hex(),
            "key": public(house).hex(),
            "log-key": fill("log key").hex(),
            "vault": fill("vault").hex(),
        }
    ),
)
write(
    "report.json",
    canonical(
        {
            "type": "stager.report.1",
            "house": "proefhuis",
            "holder": "umc-voorbeeld",
            "dataset": "ct-pneumonie",
            "version-id": "n5xgk43bnvygyzjamnsxe5djmy",
            "version": 2,
            "state": "held",
            "policy": fill("policy").hex(),
            "report": {
                "files": {"seen": 30, "passed": 27, "held": 2, "dropped": 1},
                "formats": {"csv": 3, "dicom": 9},
                "records": {"seen": 1000, "passed": 990, "held": 10},
                "found": {"bsn": 12, "email": 3},
                "held": {
                    "file:kind-unknown": {"count": 2, "files": [4, 17]},
                    "record:value-type": {"count": 10, "files": [2]},
                },
            },
            "sets": {
                "abroad": {"shards": 1, "members": 4321, "bytes": 536936448},
                "domestic": {"shards": 1, "members": 1, "bytes": 1},
            },
            "shards": 2,
            "members": 4322,
            "bytes": 536936449,
        }
    ),
)
# One value a line: name, space, hex.
write(
    "values.txt",
    b"".join(
        name.encode() + b" " + value.hex().encode() + b"\n"
        for name, value in (
            ("house-key", public(house)),
            ("job-key", public(job)),
            ("anna-key", public(anna)),
            ("bram-key", public(bram)),
            ("house-seed", fill("house")),
            ("job-seed", fill("job")),
            ("anna-seed", fill("anna")),
            ("bram-seed", fill("bram")),
            ("statement", sha256(statement)),
            ("request", sha256(request)),
            ("facts", sha256(canonical_facts)),
            ("t", t),
            ("t-tpm-quote", transcript("tpm-quote")),
            ("node", node),
            ("nonce", nonce),
            ("mac", mac),
        )
    ),
)
request_id = base64.b32encode(sha256(request)[:16]).decode().rstrip("=").lower()
write("request-id.txt", request_id.encode() + b"\n")
