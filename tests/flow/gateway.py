"""A client of the gateway for 93-gateway.sh, with Signature Version 4 of its own: gateway.py WHAT READY [ARGUMENT...]"""
import hashlib, hmac, http.client, json, os, random, socket, struct, sys, tarfile, threading, time, urllib.parse
import xml.etree.ElementTree as ET

what, ready = sys.argv[1], json.load(open(sys.argv[2]))
host, port = "127.0.0.1", int(ready["url"].rsplit(":", 1)[1])
bucket = ready["bucket"]
BEARER = {"Authorization": "Bearer " + ready["bearer"]}
NS = "{http://s3.amazonaws.com/doc/2006-03-01/}"
rng = random.Random(93)


def check(ok, text):
    if not ok:
        sys.exit("wrong: " + text)


def connect(timeout=60):
    return http.client.HTTPConnection(host, port, timeout=timeout)


def request(method, path, headers=None, body=None, conn=None):
    """(status, fields in lower case, body)"""
    c = conn or connect()
    c.request(method, path, body=body, headers=BEARER if headers is None else headers)
    r = c.getresponse()
    data = r.read()
    if conn is None:
        c.close()
    return r.status, {k.lower(): v for k, v in r.getheaders()}, data


def get(key, first=None, last=None, conn=None):
    headers = dict(BEARER)
    if first is not None:
        headers["Range"] = f"bytes={first}-{'' if last is None else last}"
    return request("GET", f"/{bucket}/{key}", headers, conn=conn)


def tars(folder):
    return {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))}


# ---- Signature Version 4, made here ----

def quote(text, safe="-_.~"):
    return urllib.parse.quote(text, safe=safe)


def sign_text(key, *parts):
    for part in parts:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def sign(method, path, query=(), headers=(), payload=b"", at=None, access=None, secret=None, digest=None, presigned=0,
         service="s3", unsigned=()):
    """(target, headers) of a signed request."""
    now = time.gmtime(at if at is not None else time.time())
    date = time.strftime("%Y%m%dT%H%M%SZ", now)
    access, secret = access or ready["access-key"], secret or ready["secret-key"]
    scope = f"{date[:8]}/us-east-1/{service}/aws4_request"
    digest = digest or hashlib.sha256(payload).hexdigest()
    fields = {"host": f"{host}:{port}", **{k.lower(): v for k, v in dict(headers).items()}}
    query = list(query)
    if presigned:
        query += [("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", f"{access}/{scope}"), ("X-Amz-Date", date),
                  ("X-Amz-Expires", str(presigned)), ("X-Amz-SignedHeaders", "host")]
        digest = "UNSIGNED-PAYLOAD"
    else:
        fields["x-amz-date"] = date
        fields["x-amz-content-sha256"] = digest
    names = sorted(k for k in fields if k not in unsigned)
    encoded = "&".join(f"{quote(k)}={quote(v)}" for k, v in sorted(query))
    canonical = "\n".join([method, quote(path, "-_.~/"), encoded, "".join(f"{k}:{fields[k].strip()}\n" for k in names),
                           ";".join(names), digest])
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = sign_text(b"AWS4" + secret.encode(), date[:8], "us-east-1", service, "aws4_request")
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    target = quote(path, "-_.~/") + ("?" + encoded if encoded else "")
    if presigned:
        return target + "&X-Amz-Signature=" + signature, fields, None
    fields["authorization"] = (f"AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={';'.join(names)}, "
                               f"Signature={signature}")
    return target, fields, (key, date, scope, signature)


def signed(method, path, body=None, conn=None, **more):
    target, headers, _ = sign(method, path, payload=body or b"", **more)
    return request(method, target, headers, body, conn)


# ---- what the flow asks ----

def read(folder, members):
    shards = tars(folder)
    members = [json.loads(line) for line in open(members)]
    c = connect()
    for name, data in shards.items():
        size = len(data)
        status, fields, _ = request("HEAD", f"/{bucket}/{name}", conn=c)
        check(status == 200 and int(fields["content-length"]) == size and fields["accept-ranges"] == "bytes", "HEAD")
        tag = fields["etag"]
        cuts = [(0, 0), (0, 65535), (65535, 65536), (65536, 131071), (524287, 524288), (size - 1, size - 1), (1, size - 2)]
        cuts += [tuple(sorted(rng.sample(range(size), 2))) for _ in range(20)]
        for first, last in cuts:
            status, fields, got = get(name, first, last, c)
            check(status == 206 and got == data[first:last + 1] and fields["content-range"] == f"bytes {first}-{last}/{size}",
                  f"range {first}-{last}")
        status, _, got = get(name, size - 1000, None, c)
        check(status == 206 and got == data[-1000:], "open range")
        status, _, got = request("GET", f"/{bucket}/{name}", {**BEARER, "Range": "bytes=-77"}, conn=c)
        check(status == 206 and got == data[-77:], "range of the end")
        for value in ("bytes=0-1,5-6", "bytes=5-1", "lines=1-2", "bytes=x"):
            status, _, got = request("GET", f"/{bucket}/{name}", {**BEARER, "Range": value}, conn=c)
            check(status == 200 and got == data, f"Range: {value} is the whole")
        status, fields, _ = get(name, size, None, c)
        check(status == 416 and fields["content-range"] == f"bytes */{size}", "past the end")
        for field, value, want in (("If-Match", tag, 200), ("If-Match", '"other"', 412), ("If-Match", "*", 200), ("If-Match", tag.strip('"'), 200),
                                   ("If-None-Match", tag, 304), ("If-None-Match", '"other"', 200)):
            check(request("GET", f"/{bucket}/{name}", {**BEARER, field: value}, conn=c)[0] == want, f"{field}: {value}")
        for value, want in ((tag, 206), ('"other"', 200)):
            check(request("GET", f"/{bucket}/{name}", {**BEARER, "Range": "bytes=0-9", "If-Range": value}, conn=c)[0] == want, "If-Range")
    # Members, as the shards have them.
    for m in members:
        tar = shards[f"shard-{m['shard']:05}.tar"]
        status, _, got = get("members/" + m["member"], conn=c)
        check(status == 200 and got == tar[m["offset"]:m["offset"] + m["size"]], m["member"])
        status, _, got = get("members/" + m["member"], 10, 19, c)
        check(status == 206 and got == tar[m["offset"] + 10:m["offset"] + 20], "a member's range")
    # Lists: whole, in pages, by prefix and delimiter, each size right.
    names = sorted(["index.json"] + ["members/" + m["member"] for m in members] +
                   [n[:-4] + end for n in shards for end in (".idx", ".tar", ".tar.idx")])

    def list_all(conn=c, **query):
        keys, prefixes, token, pages = [], [], None, 0
        while True:
            q = {"list-type": "2", **query, **({"continuation-token": token} if token else {})}
            status, _, got = request("GET", f"/{bucket}?{urllib.parse.urlencode(q)}", conn=conn)
            check(status == 200, f"list {q}: {got[:200]}")
            root = ET.fromstring(got)
            keys += [(e.find(NS + "Key").text, int(e.find(NS + "Size").text), e.find(NS + "ETag").text) for e in root.iter(NS + "Contents")]
            prefixes += [e.find(NS + "Prefix").text for e in root.iter(NS + "CommonPrefixes")]
            pages += 1
            count = int(root.find(NS + "KeyCount").text)
            check(count <= int(query.get("max-keys", 1000)), "max-keys")
            if root.find(NS + "IsTruncated").text == "false":
                return keys, prefixes, pages
            token = root.find(NS + "NextContinuationToken").text
    keys, prefixes, _ = list_all()
    check([k for k, _, _ in keys] == names and not prefixes, "list of all")
    for step in (1, 2, 7):
        some, _, pages = list_all(**{"max-keys": step})
        check(some == keys and pages >= len(keys) // step, f"pages of {step}")
    for key, size, tag in keys:
        status, fields, got = get(key, conn=c)
        check(status == 200 and len(got) == size and fields["etag"] == tag, f"size and ETag of {key}")
    some, prefixes, _ = list_all(delimiter="/")
    check([k for k, _, _ in some] == [n for n in names if "/" not in n] and prefixes == ["members/"], "delimiter")
    for step in (1, 2, 3):
        again, prefixes, _ = list_all(delimiter="/", **{"max-keys": step})
        check(again == some and prefixes == ["members/"], f"delimiter, in pages of {step}")
    some, prefixes, _ = list_all(prefix="members/", delimiter="/")
    check(not some and prefixes == sorted({"members/" + m["subject"] + "/" for m in members}), "folders of subjects")
    for prefix in ("shard-", "shard-00001", "index.json", "members/x", "nothing", "zzz"):
        some, _, _ = list_all(prefix=prefix, **{"encoding-type": "url"})
        check([k for k, _, _ in some] == [n for n in names if n.startswith(prefix)], f"prefix {prefix}")
    some, _, _ = list_all(**{"start-after": names[3]})
    check([k for k, _, _ in some] == names[4:], "start-after")
    for bad in ("max-keys=x", "max-keys=-1", "encoding-type=base64", "continuation-token=xyz", "list-type=3", "prefix=a&prefix=b", "prefix=%ff"):
        check(request("GET", f"/{bucket}?list-type=2&{bad}".replace("list-type=2&list-type", "list-type"), conn=c)[0] == 400, bad)
    # Buckets.
    root = ET.fromstring(request("GET", "/", conn=c)[2])
    check([e.text for e in root.iter(NS + "Name")] == [bucket] + ["results"] * ready["results"], "buckets")
    check(request("HEAD", f"/{bucket}", conn=c)[0] == 200 and request("HEAD", "/other", conn=c)[0] == 404, "HeadBucket")
    check(b"LocationConstraint" in request("GET", f"/{bucket}?location", conn=c)[2], "location")
    # WIDS, DALI and Energon against the tars themselves.
    wids = json.loads(get("index.json", conn=c)[2])
    check(wids["wids_version"] == 1 and len(wids["shardlist"]) == len(shards), "WIDS")
    for shard, (name, data) in zip(wids["shardlist"], shards.items()):
        path = os.path.join(folder, name)
        lines, offsets, last = [], [], None
        with tarfile.open(path) as tar:
            for m in tar:
                base, ext = m.name[:m.name.index(".", m.name.rfind("/"))], m.name[m.name.index(".", m.name.rfind("/")) + 1:]
                part = f"{ext} {m.offset_data} {m.size} {m.name}"
                if base != last:
                    lines.append(part)
                    offsets.append(m.offset)
                else:
                    lines[-1] += " " + part
                last = base
            offsets.append(tar.offset)
        check(shard == {"url": f"{ready['url']}/{bucket}/{name}", "nsamples": len(lines), "filesize": len(data)}, "WIDS shard")
        check(get(name[:-4] + ".idx", conn=c)[2].decode() == f"v1.2 {len(lines)}\n" + "\n".join(lines) + "\n", "DALI")
        check(get(name + ".idx", conn=c)[2] == struct.pack(f"<{len(offsets)}Q", *offsets), "Energon")
        check(get(name + ".idx", 8, 15, c)[2] == struct.pack("<Q", offsets[1]), "a range of what is made")


def pipeline(folder):
    data = tars(folder)["shard-00000.tar"]
    one = f"GET /{bucket}/shard-00000.tar HTTP/1.1\r\nHost: h\r\nAuthorization: {BEARER['Authorization']}\r\nRange: bytes=%d-%d\r\n%s\r\n"
    want = b""
    with socket.create_connection((host, port)) as s:
        s.sendall("".join(one % (n * 1000, n * 1000 + 99, "Connection: close\r\n" * (n == 19)) for n in range(20)).encode())
        got = b""
        while piece := s.recv(65536):
            got += piece
    for n in range(20):
        head, _, got = got.partition(b"\r\n\r\n")
        check(head.startswith(b"HTTP/1.1 206") and got[:100] == data[n * 1000:n * 1000 + 100], f"answer {n}")
        got = got[100:]
    check(got == b"", "something behind the answers")
    print("ok")


def signatures(folder):
    data = tars(folder)["shard-00001.tar"]
    path = f"/{bucket}/shard-00001.tar"
    now = time.time()
    status, _, got = signed("GET", path)
    check(status == 200 and got == data, "signed")
    status, _, got = signed("GET", path, headers={"Range": "bytes=5-9"})
    check(status == 206 and got == data[5:10], "signed range")
    check(signed("GET", f"/{bucket}", query=[("list-type", "2"), ("prefix", "members/"), ("delimiter", "/")])[0] == 200, "signed list")
    check(signed("HEAD", path)[0] == 200, "signed HEAD")
    check(signed("GET", path, headers={"x-amz-meta-a": "b  c"})[0] in (200, 403), "runs of spaces")
    target, _, _ = sign("GET", path, presigned=60)
    status, _, got = request("GET", target, {})
    check(status == 200 and got == data, "presigned")
    check(request("GET", target.replace("shard-00001", "shard-00000"), {})[0] == 403, "presigned for another")
    check(request("HEAD", target, {})[0] == 403, "presigned for another method")
    check(request("GET", target + "&x=y", {})[0] == 403, "presigned, and more")
    check(request("GET", sign("GET", path, presigned=60, at=now - 120)[0], {})[0] == 403, "presigned, over")
    check(request("GET", sign("GET", path, presigned=10 ** 6)[0], {})[0] == 400, "presigned for too long")
    check(signed("GET", path, secret="x" * 52)[0] == 403, "wrong secret")
    check(signed("GET", path, access="AKIAIOSFODNN7EXAMPLE")[0] == 403, "wrong access key")
    check(signed("GET", path, at=now - 1000)[0] == 403 and signed("GET", path, at=now + 1000)[0] == 403, "clocks")
    check(signed("GET", path, service="iam")[0] == 400, "another service")
    check(signed("GET", path, headers={"x-amz-meta-a": "b"}, unsigned=("x-amz-meta-a",))[0] == 400, "a field that is not signed")
    target, headers, _ = sign("GET", path)
    for change in ({"authorization": headers["authorization"][:-1] + "g"}, {"x-amz-date": "x"}, {"x-amz-content-sha256": "x"}):
        check(request("GET", target, {**headers, **change})[0] in (400, 403), f"changed {change}")
    check(request("GET", target, {**headers, "host": "other"})[0] == 403, "for another host")
    for auth in ("Basic " + "a" * 40, "Bearer", "AWS4-HMAC-SHA256", "AWS stgr:abc", "Digest x"):
        check(request("GET", path, {"Authorization": auth})[0] in (400, 403), auth)


def many(folder):
    shards = tars(folder)
    faults = []

    def reader(n):
        own = random.Random(n)
        c = connect()
        try:
            for _ in range(6):
                name = own.choice(list(shards))
                data = shards[name]
                if n % 2:
                    status, _, got = get(name, conn=c)
                    ok = status == 200 and got == data
                else:
                    first = own.randrange(len(data))
                    last = min(len(data) - 1, first + own.randrange(1 << 21))
                    status, _, got = get(name, first, last, c)
                    ok = status == 206 and got == data[first:last + 1]
                if not ok:
                    faults.append((n, name, status))
        except Exception as e:
            faults.append((n, repr(e)))
        c.close()
    threads = [threading.Thread(target=reader, args=(n,)) for n in range(80)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    check(not faults, str(faults[:5]))


def rude(folder):
    shards = tars(folder)
    name, data = list(shards.items())[0]
    head = f"GET /{bucket}/{name} HTTP/1.1\r\nHost: h\r\nAuthorization: {BEARER['Authorization']}\r\n\r\n".encode()
    slow = []
    for _ in range(20):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect((host, port))
        s.sendall(head)
        slow.append(s)
    for _ in range(40):
        s = socket.create_connection((host, port))
        whole = rng.random() < 0.5
        s.sendall(head if whole else head[:rng.randrange(len(head))])
        if whole and rng.random() < 0.5:
            s.recv(1000)
        s.close()
    check(get(name)[2] == data, "a reader beside them")
    # A slow one gets all of it in the end.
    got = b""
    while len(got) < 300000:
        got += slow[0].recv(1000)
        time.sleep(0.0005)
    while piece := slow[0].recv(1 << 20):
        got += piece
        if len(got.partition(b"\r\n\r\n")[2]) >= len(data):
            break
    check(got.partition(b"\r\n\r\n")[2] == data, "a slow reader")
    [s.close() for s in slow]
    time.sleep(0.2)
    check(get(name)[2] == data, "a reader after them")


def strangers(folder):
    """Connections of somebody without a key, more than there are places: who has one is served."""
    name, data = list(tars(folder).items())[0]
    for what in b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"PUT /results/x HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n":
        held = []
        for _ in range(100):
            held.append(socket.create_connection((host, port), timeout=20))
            held[-1].sendall(what)
        begun = time.time()
        c = connect(20)
        check(get(name, conn=c)[2] == data, "a reader among strangers")
        check(time.time() - begun < 15, "it waited long")
        check(get(name, conn=c)[2] == data, "the same connection again")
        [s.close() for s in held]
        c.close()


def chunked_body(body, seal, mode, bad=None):
    """aws-chunked, by the key and the signature of the request."""
    key, date, scope, previous = seal
    out = b""
    pieces = [body[i:i + 70000] for i in range(0, len(body), 70000)] + [b""]
    empty = hashlib.sha256(b"").hexdigest()
    for n, piece in enumerate(pieces):
        text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", date, scope, previous, empty, hashlib.sha256(piece).hexdigest()])
        previous = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        shown = "0" * 64 if bad == "chunk" and n == 1 else previous
        out += (f"{len(piece):x};chunk-signature={shown}\r\n" if mode != "STREAMING-UNSIGNED-PAYLOAD-TRAILER" else f"{len(piece):x}\r\n").encode()
        out += piece + (b"\r\n" if piece else b"")
    if mode.endswith("TRAILER"):
        trailer = "x-amz-checksum-crc32:AAAAAA=="
        out += trailer.encode() + b"\r\n"
        if mode != "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
            text = "\n".join(["AWS4-HMAC-SHA256-TRAILER", date, scope, previous, hashlib.sha256((trailer + "\n").encode()).hexdigest()])
            out += b"x-amz-trailer-signature:" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest().encode() + b"\r\n"
    return out + b"\r\n"


def put():
    body = b"plain-result-of-a-job " * 20000
    check(signed("PUT", "/results/signed.bin", body)[0] == 200, "signed")
    target, headers, _ = sign("PUT", "/results/bad-digest", payload=b"another body")
    check(request("PUT", target, headers, body)[0] == 400, "a body that is not the one that was signed")
    for mode in ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"):
        more = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": str(len(body))}
        for bad, name in ((None, "good"), ("chunk", "bad"), ("length", "bad"), ("cut", "bad")):
            if bad == "chunk" and "UNSIGNED" in mode:
                continue
            if bad == "length":
                more["x-amz-decoded-content-length"] = str(len(body) + 1)
            target, headers, seal = sign("PUT", f"/results/{name}-{len(mode)}", headers=more, digest=mode)
            data = chunked_body(body, seal, mode, bad)
            if bad == "cut":
                data = data[:len(data) // 2]
            status = request("PUT", target, headers, data)[0]
            check(status == (200 if bad is None else 400 if bad in ("length", "cut") else 403), f"{mode} {bad}: {status}")
    # Broken off in the middle: nothing is left. Then all at once, of one name and of many.
    for _ in range(5):
        s = socket.create_connection((host, port))
        s.sendall(f"PUT /results/bad-broken HTTP/1.1\r\nHost: h\r\nAuthorization: {BEARER['Authorization']}\r\nContent-Length: 10000000\r\n\r\n".encode() + body)
        s.close()
    s = socket.create_connection((host, port))
    s.sendall(f"PUT /results/bad-chunk HTTP/1.1\r\nHost: h\r\nAuthorization: {BEARER['Authorization']}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nx\r\n".encode())
    check(s.recv(100).startswith(b"HTTP/1.1 400"), "a chunk of a bad form")
    s.close()
    statuses = []

    def one(n):
        statuses.append(request("PUT", f"/results/at-once-{n % 4}", body=bytes([65 + n]) * 300000)[0])
    threads = [threading.Thread(target=one, args=(n,)) for n in range(16)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    check(statuses == [200] * 16, f"at once: {statuses}")
    s = socket.create_connection((host, port))
    s.sendall(f"PUT /results/asked HTTP/1.1\r\nHost: h\r\nAuthorization: {BEARER['Authorization']}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n".encode())
    check(s.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n", "100-continue")
    s.sendall(b"hello")
    check(s.recv(100).startswith(b"HTTP/1.1 200"), "after it")
    s.close()
    check(request("PUT", "/results/copy", {**BEARER, "x-amz-copy-source": "/results/signed.bin"})[0] == 501, "no copies")
    # Wait until those that left are noticed.
    time.sleep(0.3)


def multipart():
    parts = [rng.randbytes(n) for n in (5 << 20, (5 << 20) + 12345, 7 << 20, 1000, 1)]
    name = "/results/parts.bin"

    def start():
        status, _, got = signed("POST", name, query=[("uploads", "")])
        check(status == 200, f"begin: {status} {got[:200]}")
        return ET.fromstring(got).find(NS + "UploadId").text

    def part(upload, number, data):
        return signed("PUT", name, data, query=[("partNumber", str(number)), ("uploadId", upload)])

    def finish(upload, listed):
        xml = "<CompleteMultipartUpload>" + "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in listed) + \
            "</CompleteMultipartUpload>"
        return signed("POST", name, xml.encode(), query=[("uploadId", upload)])
    upload, tags = start(), {}
    # Lengths that are only said, and would bring the numbers of segments past all ends.
    for length in (2 ** 63 - 1, 2 ** 56, 2 ** 63 - 1):
        with socket.create_connection((host, port)) as s:
            s.sendall(f"PUT {name}?partNumber=7&uploadId={upload} HTTP/1.1\r\nHost: h\r\nAuthorization: {BEARER['Authorization']}\r\n"
                      f"Content-Length: {length}\r\n\r\n".encode())
            check(s.recv(65536).startswith(b"HTTP/1.1 400"), "a length that cannot be")

    def send(n):
        status, fields, _ = part(upload, n + 1, parts[n])
        check(status == 200, f"part {n + 1}: {status}")
        tags[n + 1] = fields["etag"]
    # In any order, at once; one of them twice.
    check(part(upload, 2, b"not this" * 1000)[0] == 200, "a part that is replaced")
    threads = [threading.Thread(target=send, args=(n,)) for n in (4, 2, 0, 3, 1)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    check(len(tags) == 5, "parts")
    good = sorted(tags.items())
    for listed, why in ((good[::-1], "not in order"), (good + [(9, '"x"')], "a part that is not there"), (good[:1] + [(2, '"wrong"')], "another ETag"),
                        ([], "no part"), (good[:1] * 2, "a part twice")):
        check(finish(upload, listed)[0] == 400, why)
    check(part("0" * 32, 1, b"x")[0] == 404 and finish("0" * 32, good)[0] == 404, "no such upload")
    check(part(upload, 0, b"x")[0] == 400 and part(upload, 10001, b"x")[0] == 400, "numbers of parts")
    status, _, got = finish(upload, good)
    check(status == 200 and ET.fromstring(got).find(NS + "ETag").text, f"finish: {got[:200]}")
    check(finish(upload, good)[0] == 404, "finished once")
    other = start()
    check(part(other, 1, b"x" * 100000)[0] == 200, "another upload")
    check(signed("DELETE", name, query=[("uploadId", other)])[0] == 204, "given up")
    check(part(other, 1, b"x")[0] == 404, "after that")
    start()
    sys.stdout.buffer.write(b"".join(parts))


def damaged(folder, sound):
    """No client ends well, and no byte of the damaged segment or after it came."""
    name = "shard-00001.tar"
    data = tars(folder)[name]
    c = connect()
    c.request("GET", f"/{bucket}/{name}", headers=BEARER)
    r = c.getresponse()
    got = b""
    try:
        while piece := r.read(10000):
            got += piece
        check(False, f"http.client ended well after {len(got)} bytes")
    except (ConnectionResetError, http.client.IncompleteRead) as e:
        got += getattr(e, "partial", b"")
    check(len(got) < len(data) and data.startswith(got) and len(got) <= int(sound), "what came before")
    with socket.create_connection((host, port)) as s:
        s.sendall(f"GET /{bucket}/{name} HTTP/1.1\r\nHost: h\r\nAuthorization: {BEARER['Authorization']}\r\n\r\n".encode())
        try:
            while s.recv(65536):
                pass
            check(False, "the connection ended, and was not reset")
        except ConnectionResetError:
            pass
    status, fields, got = get(name, int(sound), int(sound) + 9)
    check(status == 409 and b"DamagedData" in got, f"a range of the damage: {status}")
    with tarfile.open(os.path.join(folder, name)) as tar:
        hit = [m for m in tar if m.offset_data <= int(sound) + 40000 and m.offset_data + m.size > int(sound)]
    status, _, _ = get("members/" + hit[0].name)
    check(status == 409, f"a member in it: {status}")


{"read": read, "pipeline": pipeline, "signatures": signatures, "many": many, "rude": rude, "strangers": strangers, "put": put, "multipart": multipart,
 "damaged": damaged}[what](*sys.argv[3:])
