#!/usr/bin/python3
"""Endpoints against servers that are strict, faulty or hostile. usage: peer_endpoint.py TOOL [web|s3|dav ...]; or
peer_endpoint.py proxy PORT-FILE LOG: an HTTP proxy that knows CONNECT; or s3-server PORT-FILE: that S3 alone; until they are killed.

The S3 peer checks AWS Signature Version 4 by itself (hmac, from the specification), and every body against its digest."""
import hashlib, hmac, html, http.server, os, re, select, signal, socket, socketserver, subprocess, sys, tempfile, threading, time
from urllib.parse import unquote, quote

MIB = 1 << 20
passed = failed = 0
SIZE = 3 * MIB + 17
DATA = bytes((i * 7 + i // 251) & 255 for i in range(MIB)) * 3 + b"x" * 17


def check(what, good, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("FAILED:", what, str(detail)[:400])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is no news here


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.play(self, length)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_MKCOL = do_MOVE = handle_any

    def body(self, length):
        return self.rfile.read(length)

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def cut(self):
        """The connection, at once and with what was not read."""
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def raw(self, data):
        self.wfile.write(data)
        self.wfile.flush()
        self.cut()


def start(play):
    server = Server(("127.0.0.1", 0), Handler)
    server.play = lambda handler, length: play(handler, length)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


TOOL = None
BASE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TRIES": "4", "PAUSE": "10", "STALL": "5"}


def tool(*args, **env):
    limit = env.pop("limit", 60)
    e = dict(BASE)
    e.update({k: str(v) for k, v in env.items()})
    r = subprocess.run([TOOL, *args], env=e, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit)
    r.text = r.stderr.decode()
    return r


# --- reading by ranges

def asked(handler):
    m = re.fullmatch(r"bytes=(\d+)-(\d+)", handler.headers.get("Range", ""))
    return (int(m[1]), int(m[2])) if m else (0, SIZE - 1)


def good_range(handler, a, b, cut_at=None, content_range=None, status=206, extra=b""):
    body = DATA[a:b + 1]
    handler.send_response(status)
    if content_range != "":
        handler.send_header("Content-Range", content_range or "bytes %d-%d/%d" % (a, min(b, SIZE - 1), SIZE))
    handler.send_header("Content-Length", str(len(body) + len(extra)))
    handler.end_headers()
    if cut_at is not None and cut_at < len(body):
        handler.wfile.write(body[:cut_at])
        handler.wfile.flush()
        return handler.cut()
    handler.wfile.write(body + extra)


def web():
    seen = []

    def play(h, length):
        case = h.path.split("/")[1]
        a, b = asked(h)
        seen.append((a, b))
        n = len(seen)
        if h.command == "HEAD":
            if case == "huge":
                return h.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9007199254740992\r\nConnection: close\r\n\r\n")
            if case == "nolength":
                return h.raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            return h.raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: \"a\x01b\"\r\nConnection: close\r\n\r\n" % SIZE)
        if case == "honest":
            return good_range(h, a, b)
        if case == "short":
            return good_range(h, a, b, cut_at=700000)
        if case == "nothing":
            return h.cut()
        if case == "reset":
            return h.raw(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 100\r\n")
        if case == "wrongstart":
            return good_range(h, a, b, content_range="bytes %d-%d/%d" % (a + 1, b + 1, SIZE))
        if case == "wrongend":
            return good_range(h, a, b, content_range="bytes %d-%d/%d" % (a, b + 9, SIZE))
        if case == "norange":
            return good_range(h, a, b, content_range="")
        if case == "oddrange":
            return good_range(h, a, b, content_range="bytes 0-99999999999999999999999/x")
        if case == "ended":
            return good_range(h, a, a + 99, content_range="bytes %d-%d/%d" % (a, a + 99, a + 100))
        if case == "more":
            return good_range(h, a, b, extra=b"y" * 1000)
        if case == "tail":
            # All that was asked for, and then an end that is none.
            return h.raw(b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d\r\nContent-Length: %d\r\n\r\n"
                         % (a, b, SIZE, b - a + 9) + DATA[a:b + 1])
        if case == "whole":
            return h.answer(200, DATA)
        if case == "wholeshort":
            return h.answer(200, DATA[:1000])
        if case == "error":
            return h.answer(500, b"<html>no</html>")
        if case == "twice":
            return h.answer(503) if n <= 2 else good_range(h, a, b)
        if case == "later":
            return h.answer(429, Retry_After="1") if n == 1 else good_range(h, a, b)
        if case == "denied":
            return h.answer(403, b"secret text of the server")
        if case == "absent":
            return h.answer(404)
        if case == "unsatisfiable":
            return h.answer(416)
        if case == "file":
            return h.answer(301, Location="file:///etc/passwd")
        if case == "elsewhere":
            return h.answer(302, Location="http://127.0.0.1:%d/honest/o" % server.server_port)
        if case == "loris":
            h.wfile.write(b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d\r\nContent-Length: %d\r\n\r\n"
                          % (a, b, SIZE, b - a + 1))
            for i in range(100):
                h.wfile.write(DATA[a + i:a + i + 1])
                h.wfile.flush()
                time.sleep(0.2)
            return h.cut()
        if case == "lorishead":
            for i in range(100):
                h.wfile.write(b"X-%d: y\r\n" % i if i else b"HTTP/1.1 206 Partial Content\r\n")
                h.wfile.flush()
                time.sleep(0.2)
            return h.cut()
        if case == "chunks":
            return h.raw(b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d\r\nTransfer-Encoding: chunked\r\n\r\n"
                         b"zz\r\nnonsense\r\nffffffffffffffffffff\r\n" % (a, b, SIZE))
        if case == "garbage":
            return h.raw(os.urandom(3000))
        if case == "heads":
            return h.raw(b"HTTP/1.1 206 Partial Content\r\n" + b"X: " + b"y" * 2000000 + b"\r\n\r\n")
        if case == "endless":
            h.wfile.write(b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n")
            for _ in range(64):
                h.wfile.write(b"z" * MIB)
            return h.cut()
        return h.answer(404)

    server = start(play)
    base = "http://127.0.0.1:%d/" % server.server_port

    def get(case, a=0, n=SIZE, **env):
        seen.clear()
        return tool("range", base + case, "o", str(a), str(n), **env)

    for case, a, n in (("honest", 0, SIZE), ("honest", 5, 1), ("honest", MIB, 2 * MIB), ("twice", 9, 9999), ("whole", 0, 4000)):
        r = get(case, a, n)
        check("%s %d %d" % (case, a, n), r.returncode == 0 and r.stdout == DATA[a:a + n], r.text)
    r = get("short")
    check("cut bodies: all of it arrives", r.returncode == 0 and r.stdout == DATA, r.text)
    check("cut bodies: each try goes on where the last one broke", [s[0] for s in seen] == list(range(0, SIZE, 700000)), seen)
    t = time.time()
    r = get("later", 0, 10)
    check("429 with Retry-After: waits for it", r.returncode == 0 and time.time() - t >= 1, r.text)
    # status, requests (None: any), case
    for want, count, case in ((5, 4, "nothing"), (5, 4, "reset"), (5, 4, "error"), (4, 1, "wrongstart"), (4, 1, "wrongend"), (4, 1, "norange"),
                              (4, 1, "oddrange"), (4, 1, "ended"), (4, 1, "more"), (4, 1, "wholeshort"), (3, 1, "denied"), (5, 1, "absent"),
                              (4, 1, "unsatisfiable"), (3, 1, "file"), (3, 1, "elsewhere"), (5, 4, "chunks"), (5, 1, "endless")):
        r = get(case)
        check("%s: status %d" % (case, want), r.returncode == want, (r.returncode, r.text))
        check("%s: requests" % case, len(seen) == count, len(seen))
        check("%s: nothing came through" % case, r.stdout == b"")
        check("%s: the server's text is not told" % case, "secret" not in r.text and "html" not in r.text, r.text)
    for case in ("garbage", "heads"):
        check("%s fails" % case, get(case).returncode in (3, 5))
    check("whole object for a range in the middle is refused", get("whole", 5, 10).returncode == 3)
    for case in ("loris", "lorishead"):
        t = time.time()
        r = get(case, STALL=1, TRIES=2)
        check("%s: given up in time" % case, r.returncode == 5 and time.time() - t < 15, (r.returncode, r.text, time.time() - t))
    r = tool("head", base + "nolength", "o")
    check("a head without a length", r.returncode == 4, r.text)
    r = tool("head", base + "huge", "o")
    check("a head with a length that no object has", r.returncode == 4, (r.returncode, r.text))
    r = get("tail", 5, 1000)
    check("an answer that breaks off behind the range", r.returncode == 0 and r.stdout == DATA[5:1005] and len(seen) == 1, (r.text, seen))
    r = get("honest", 5, 9, http_proxy="http://127.0.0.1:9", all_proxy="http://127.0.0.1:9")
    check("what is for this machine alone goes to no proxy", r.returncode == 0 and r.stdout == DATA[5:14], r.text)
    r = tool("head", base + "x", "o")
    check("a tag with a control character is no tag", r.stdout == b"%d \n" % SIZE, r.stdout)
    t = time.time()
    r = get("honest", 0, SIZE, RATE=4 * MIB)
    check("reading at a cap", r.returncode == 0 and r.stdout == DATA and time.time() - t > 0.6, time.time() - t)
    r = tool("range", "http://127.0.0.1:9/x", "o", "0", "1")
    check("nobody there", r.returncode == 5, r.text)
    # A server that comes back.
    port = server.server_port
    server.shutdown()
    server.server_close()
    p = subprocess.Popen([TOOL, "range", base + "honest", "o", "0", "100"], env=dict(BASE, TRIES="10", PAUSE="200"),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    Handler_server = Server(("127.0.0.1", port), Handler)
    Handler_server.play = play
    threading.Thread(target=Handler_server.serve_forever, args=(0.05,), daemon=True).start()
    out, err = p.communicate(timeout=60)
    check("a server that was away for a second", p.returncode == 0 and out == DATA[:100], err)
    Handler_server.shutdown()


# --- S3

class S3:
    key, secret, token, region = "AKPEER", "peer/secret+key", "", "nl-test-1"

    def __init__(self):
        self.objects, self.uploads, self.log, self.bad = {}, {}, [], []
        self.fault = lambda op, count, h: None  # returns True where it answered
        self.counts = {}
        self.lock = threading.Lock()
        self.page = 2
        self.plus = ""  # at the end of tokens
        self.next_id = 0

    def signed(self, h, body):
        """Version 4, header form: AWS General Reference, "Create a signed AWS API request"."""
        m = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
                         h.headers.get("Authorization", ""))
        if not m:
            return "no Authorization"
        who, day, region, names, signature = m.groups()
        names = names.split(";")
        if names != sorted(names) or "host" not in names or "x-amz-content-sha256" not in names or "x-amz-date" not in names:
            return "signed headers " + str(names)
        if who != self.key or region != self.region:
            return "scope"
        if self.token and ("x-amz-security-token" not in names or h.headers["x-amz-security-token"] != self.token):
            return "token"
        digest = h.headers["x-amz-content-sha256"]
        if digest != hashlib.sha256(body).hexdigest():
            return "digest of the body"
        path, _, query = h.path.partition("?")
        pairs = sorted(p.partition("=")[::2] for p in query.split("&")) if query else []
        canonical = "\n".join([h.command, quote(unquote(path), safe="/-._~"),
                               "&".join(quote(unquote(k), safe="-._~") + "=" + quote(unquote(v), safe="-._~") for k, v in pairs),
                               *["%s:%s" % (n, " ".join(h.headers[n].split())) for n in names], "", ";".join(names), digest])
        date = h.headers["x-amz-date"]
        to_sign = "\n".join(["AWS4-HMAC-SHA256", date, "%s/%s/s3/aws4_request" % (day, region),
                             hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret).encode()
        for part in (day, region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        if hmac.new(key, to_sign.encode(), "sha256").hexdigest() != signature or not date.startswith(day):
            return "signature of " + canonical
        return None

    def play(self, h, length):
        path, _, query = h.path.partition("?")
        q = dict((p.partition("=")[0], unquote(p.partition("=")[2])) for p in query.split("&")) if query else {}
        bucket, _, name = unquote(path).lstrip("/").partition("/")
        op = h.command.lower()
        op = {"post": "begin" if "uploads" in q else "end", "put": "part" if "uploadId" in q else "put",
              "delete": "abort" if "uploadId" in q else "delete", "get": "parts" if "uploadId" in q else "get" if name else "uploads" if "uploads" in q else "list"}.get(op, op)
        with self.lock:
            self.counts[op] = count = self.counts.get(op, 0) + 1
            self.log.append((op, name, q))
        if self.fault("early " + op, count, h):
            return
        body = h.body(length)
        why = self.signed(h, body)
        if why:
            self.bad.append((op, why))
            return h.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        if self.fault(op, count, h):
            return
        with self.lock:
            status, out, headers = self.do(op, name, q, body, h)
        if self.fault("late " + op, count, h):
            return
        h.answer(status, out, **headers)

    def do(self, op, name, q, body, h):
        md5 = hashlib.md5(body).hexdigest()
        if op == "put":
            self.objects[name] = (body, md5)
            return 200, b"", {"ETag": '"%s"' % md5}
        if op == "begin":
            self.next_id += 1
            self.uploads["2~id/%d=" % self.next_id] = (name, {})
            return 200, b'<?xml version="1.0" encoding="UTF-8"?><InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' \
                b"<UploadId>2~id/%d=</UploadId></InitiateMultipartUploadResult>" % self.next_id, {}
        if op in ("part", "parts", "end", "abort") and self.uploads.get(q["uploadId"], ("", 0))[0] != name:
            return 404, b"<Error><Code>NoSuchUpload</Code></Error>", {}
        if op == "part":
            self.uploads[q["uploadId"]][1][int(q["partNumber"])] = (body, md5)
            return 200, b"", {"ETag": '"%s"' % md5}
        if op == "parts":
            parts = self.uploads[q["uploadId"]][1]
            left = [n for n in sorted(parts) if n > int(q.get("part-number-marker", 0))]
            text = "".join("<Part><PartNumber>%d</PartNumber><ETag>&quot;%s&quot;</ETag><Size>%d</Size></Part>" %
                           (n, parts[n][1], len(parts[n][0])) for n in left[:self.page])
            if len(left) > self.page:
                text += "<IsTruncated>true</IsTruncated><NextPartNumberMarker>%d</NextPartNumberMarker>" % left[self.page - 1]
            return 200, ("<ListPartsResult>%s</ListPartsResult>" % text).encode(), {}
        if op == "end":
            parts = self.uploads[q["uploadId"]][1]
            given = re.findall(rb"<PartNumber>(\d+)</PartNumber><ETag>&quot;([0-9a-f]+)&quot;</ETag>", body)
            if [(int(n), t.decode()) for n, t in given] != sorted((n, p[1]) for n, p in parts.items()):
                return 400, b"<Error><Code>InvalidPart</Code></Error>", {}
            tag = hashlib.md5(b"".join(bytes.fromhex(parts[n][1]) for n in sorted(parts))).hexdigest() + "-%d" % len(parts)
            self.objects[name] = (b"".join(parts[n][0] for n in sorted(parts)), tag)
            del self.uploads[q["uploadId"]]
            return 200, b"\n  \n<CompleteMultipartUploadResult><ETag>&quot;%s&quot;</ETag></CompleteMultipartUploadResult>" % tag.encode(), {}
        if op == "abort":
            del self.uploads[q["uploadId"]]
            return 204, b"", {}
        if op == "delete":
            self.objects.pop(name, None)
            return 204, b"", {}
        if op in ("get", "head"):
            if name not in self.objects:
                return 404, b"<Error><Code>NoSuchKey</Code></Error>", {}
            data, tag = self.objects[name]
            m = re.fullmatch(r"bytes=(\d+)-(\d+)", h.headers.get("Range", ""))
            if m:
                a, b = int(m[1]), min(int(m[2]), len(data) - 1)
                return 206, data[a:b + 1], {"ETag": '"%s"' % tag, "Content-Range": "bytes %d-%d/%d" % (a, b, len(data))}
            return 200, data, {"ETag": '"%s"' % tag}
        if op == "list":
            keys = sorted(k for k in self.objects if k.startswith(q.get("prefix", "")) and k > max(q.get("continuation-token", "").rstrip("+"), q.get("start-after", "")))
            page = keys[:self.page]
            text = "".join("<Contents><Key>%s</Key><Size>%d</Size><ETag>&quot;%s&quot;</ETag></Contents>" %
                           (quote(k), len(self.objects[k][0]), self.objects[k][1]) for k in page)
            if len(keys) > self.page:
                text += "<IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>" % html.escape(page[-1] + self.plus)
            return 200, ("<ListBucketResult>%s</ListBucketResult>" % text).encode(), {}
        if op == "uploads":
            ids = sorted((n, i) for i, (n, _) in self.uploads.items() if n.startswith(q.get("prefix", ""))
                         and (n, i) > (q.get("key-marker", ""), q.get("upload-id-marker", "")))
            text = "".join("<Upload><Key>%s</Key><UploadId>%s</UploadId></Upload>" % p for p in ids[:self.page])
            if len(ids) > self.page:
                text += "<IsTruncated>true</IsTruncated><NextKeyMarker>%s</NextKeyMarker><NextUploadIdMarker>%s</NextUploadIdMarker>" % ids[self.page - 1]
            return 200, ("<ListMultipartUploadsResult>%s</ListMultipartUploadsResult>" % text).encode(), {}
        return 400, b"", {}


def s3():
    peer = S3()
    server = start(lambda h, n: peer.play(h, n))
    env = {"AWS_ENDPOINT_URL": "http://127.0.0.1:%d" % server.server_port, "AWS_ACCESS_KEY_ID": S3.key,
           "AWS_SECRET_ACCESS_KEY": S3.secret, "AWS_REGION": S3.region, "PART": 5 * MIB, "STREAMS": 3}
    url = "s3://bucket/some/prefix"
    folder = tempfile.mkdtemp()
    small, large = os.path.join(folder, "small"), os.path.join(folder, "large")
    big = (DATA * 4)[:12 * MIB + 5]
    open(small, "wb").write(DATA)
    open(large, "wb").write(big)

    def run(*args, fault=None, **more):
        peer.fault = fault or (lambda op, count, h: None)
        peer.counts.clear()
        peer.bad.clear()
        return tool(*args, **dict(env, **more))

    # As it should be
    for path, data in ((small, DATA), (large, big)):
        r = run("put", url, "v/s/o", path, SHA=1)
        check("put %d" % len(data), r.returncode == 0 and peer.objects.get("some/prefix/v/s/o", (0,))[0] == data, (r.text, peer.bad))
        check("its tag", r.stdout.decode().strip() == peer.objects["some/prefix/v/s/o"][1], r.stdout)
        back = os.path.join(folder, "back")
        r = run("get", url, "v/s/o", back)
        check("get %d" % len(data), r.returncode == 0 and open(back, "rb").read() == data, (r.text, peer.bad))
        r = run("head", url, "v/s/o")
        check("head", r.stdout.decode() == "%d %s\n" % (len(data), peer.objects["some/prefix/v/s/o"][1]), (r.text, peer.bad))
    check("no upload is left", not peer.uploads)
    S3.token = "token/with+signs=="
    r = run("put", url, "v/s/t", large, AWS_SESSION_TOKEN=S3.token)
    check("with a session token", r.returncode == 0 and not peer.bad, (r.text, peer.bad))
    S3.token = ""
    for wrong in ({"AWS_SECRET_ACCESS_KEY": "other"}, {"AWS_REGION": "us-east-1"}):
        r = run("put", url, "v/s/w", small, **wrong)
        check("wrong credentials", r.returncode == 3 and peer.counts == {"put": 1} and "some/prefix/v/s/w" not in peer.objects, r.text)
        r = run("head", url, "v/s/w", **wrong)
        check("wrong credentials at a HEAD, whose answer has no reason in it", r.returncode == 3 and "403 SignatureDoesNotMatch" in r.text, r.text)
        check("the secret is not told", S3.secret not in r.text and "other" not in r.text, r.text)
    r = run("head", url, "v/s/w")
    check("what is not there", r.returncode == 0 and r.stdout == b"none\n" and peer.counts == {"head": 1, "get": 1}, (r.text, peer.counts))
    skewed = lambda op, count, h: (h.answer(403, b"<Error><Code>RequestTimeTooSkewed</Code></Error>"), True)[1] if op in ("head", "get") else None
    r = run("head", url, "v/s/w", fault=skewed)
    check("a clock that is wrong", r.returncode == 3 and "RequestTimeTooSkewed" in r.text, r.text)
    nowhere = lambda op, count, h: (h.answer(404, b"<Error><Code>NoSuchBucket</Code></Error>"), True)[1] if op in ("head", "get") else None
    r = run("head", url, "v/s/w", fault=nowhere)
    check("no bucket is no absent object", r.returncode == 3 and "no such bucket" in r.text, (r.returncode, r.text))

    # Files of credentials
    home = os.path.join(folder, "home")
    os.makedirs(home + "/.aws")
    open(home + "/.aws/credentials", "w").write("[other]\naws_access_key_id=NO\naws_secret_access_key=NO\n# c\n[ job ]\r\naws_access_key_id = %s\r\n"
                                                "aws_secret_access_key = %s\n" % (S3.key, S3.secret))
    open(home + "/.aws/config", "w").write("[default]\nregion=wrong\n[profile job]\nregion = %s\ns3 =\n  region = nested\nendpoint_url = %s\n"
                                           % (S3.region, env["AWS_ENDPOINT_URL"]))
    bare = {"PART": 5 * MIB}
    peer.fault = lambda op, count, h: None
    r = tool("head", url, "v/s/o", HOME=home, AWS_PROFILE="job", **bare)
    check("profile of the files", r.returncode == 0 and r.stdout.startswith(b"12582917 "), r.text)
    r = tool("head", url, "v/s/o", AWS_PROFILE="job", AWS_SHARED_CREDENTIALS_FILE=home + "/.aws/credentials",
             AWS_CONFIG_FILE=home + "/.aws/config", AWS_SESSION_TOKEN="of-another-key", **bare)
    check("files that variables name", r.returncode == 0, r.text)
    r = tool("head", url, "v/s/o", HOME=home, AWS_PROFILE="other", AWS_ENDPOINT_URL=env["AWS_ENDPOINT_URL"], **bare)
    check("another's profile", r.returncode == 3, r.text)
    for what, e in (("no profile of that name", {"HOME": home, "AWS_PROFILE": "none"}), ("no credentials", {}),
                    ("half a pair", {"AWS_ACCESS_KEY_ID": "x"}), ("a file that is not there", {"AWS_SHARED_CREDENTIALS_FILE": "/none"})):
        r = tool("head", url, "o", AWS_ENDPOINT_URL=env["AWS_ENDPOINT_URL"], **e)
        check(what, r.returncode == 3 and "S3:" in r.text, r.text)
    for wrong in ("s3://", "s3://ab", "s3://bucket/a//b", "s3://bucket/../x", "s3://buc%20ket/", "s3://bucket/a b"):
        check("no endpoint: " + wrong, run("head", wrong, "o").returncode == 2)
    check("plain http elsewhere", run("head", url, "o", AWS_ENDPOINT_URL="http://192.0.2.1").returncode == 2)

    # Faults that pass
    def once(op, act, times=1):
        return lambda at, count, h: (act(h), True)[1] if at == op and count <= times else None

    slow = lambda h: h.answer(503, b"<Error><Code>SlowDown</Code></Error>")
    inner = lambda h: h.answer(200, b"<Error><Code>InternalError</Code></Error>")
    early = lambda h: (setattr(h, "close_connection", True), h.answer(500))[1]
    for what, fault in (("SlowDown at a part", once("part", slow, 3)), ("503 at the beginning", once("begin", slow, 2)),
                        ("cut in the middle of a part", once("early part", lambda h: h.cut(), 3)),
                        ("500 before the part is read", once("early part", early, 2)),
                        ("the part's answer is lost", once("late part", lambda h: h.cut(), 2)),
                        ("200 with an error", once("end", inner)), ("the end's answer is lost", once("late end", lambda h: h.cut())),
                        ("the end's answer is cut", once("end", lambda h: h.answer(200, b"<CompleteMultipart"))),
                        ("the end's answer is blank", once("end", lambda h: h.answer(200, b"   "))),
                        ("digest that does not match", once("part", lambda h: h.answer(400, b"<Error><Code>XAmzContentSHA256Mismatch</Code></Error>")))):
        peer.objects.clear()
        r = run("put", url, "v/s/o", large, fault=fault)
        check(what, r.returncode == 0 and peer.objects.get("some/prefix/v/s/o", (0,))[0] == big and not peer.uploads and not peer.bad,
              (r.returncode, r.text, peer.bad, peer.counts, list(peer.uploads)))

    # Faults that do not: nothing there, or what was there, and no upload left
    no = lambda h: h.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><InitiateMultipartUploadResult><UploadId>&c;</UploadId></InitiateMultipartUploadResult>'
    for what, want, fault in (("a part is refused", 3, once("part", no, 99)), ("parts fail for good", 5, once("part", slow, 99)),
                              ("the end is refused", 3, once("end", no, 99)), ("200 with an error, for good", 5, once("end", inner, 99)),
                              ("200 with a refusal", 5, once("end", lambda h: h.answer(200, b"<Error><Code>AccessDenied</Code></Error>"), 99)),
                              ("no beginning", 3, once("begin", no, 99)),
                              ("a beginning in HTML", 4, once("begin", lambda h: h.answer(200, b"<html><p>sign in</html>"), 99)),
                              ("a beginning with entities", 4, once("begin", lambda h: h.answer(200, bomb), 99)),
                              ("a part without a tag", 4, once("part", lambda h: h.answer(200), 99)),
                              ("a part's tag with XML in it", 4, once("part", lambda h: h.answer(200, ETag='"</ETag>"'), 99)),
                              ("sent elsewhere", 3, once("early begin", lambda h: h.answer(307, Location="http://127.0.0.1:1/"), 99))):
        peer.objects.clear()
        peer.uploads.clear()
        peer.objects["some/prefix/v/s/o"] = (b"old", "old")
        r = run("put", url, "v/s/o", large, fault=fault)
        check(what + ": status", r.returncode == want, (r.returncode, r.text, peer.counts))
        check(what + ": the old one stands", peer.objects["some/prefix/v/s/o"][0] == b"old")
        # What the other side failed at, not what it refused, is kept for the next one.
        check(what + ": no upload left", len(peer.uploads) == (want == 5), peer.uploads)
        if want == 3:
            check(what + ": asked once", max(peer.counts.get("part", 0) - 2, peer.counts.get("end", 0), peer.counts.get("begin", 0)) <= 1, peer.counts)

    def replaced(op, count, h):
        # Done, the answer lost, and then another's object in its place.
        if op == "late end":
            peer.objects["some/prefix/v/s/o"] = (big, "another-tag")
            h.cut()
            return True
    r = run("put", url, "v/s/o", large, fault=replaced)
    check("an end that was lost and overtaken is no success", r.returncode == 5, (r.returncode, r.text))

    # 1000 parts at most: longer ones for longer objects, and an end to that.
    sparse = os.path.join(folder, "sparse")
    lengths = []
    for size, want in ((6 << 30, 7 * MIB), ((1000 << 30) + 1, None)):
        with open(sparse, "wb") as f:
            f.truncate(size)
        lengths.clear()
        r = run("put", url, "v/s/o", sparse, STREAMS=1,
                fault=lambda op, count, h: (lengths.append(int(h.headers["Content-Length"])), no(h), True)[2] if op == "part" else None)
        check("parts of an object of %d" % size, r.returncode == 3 and lengths == ([want] if want else []), (r.text, lengths))
    check("no upload is left of those", not peer.uploads)

    # A sender that is told to end, and another one that goes on from there.
    peer.uploads.clear()
    peer.objects.clear()
    reached, released = threading.Event(), threading.Event()

    def wait_here(op, count, h):
        if op == "early part" and count == 2:
            reached.set()
            released.wait(20)
            h.cut()
            return True
    peer.fault = wait_here
    peer.counts.clear()
    p = subprocess.Popen([TOOL, "put", url, "v/s/o", large], env=dict(BASE, **{k: str(v) for k, v in env.items()}), stderr=subprocess.PIPE)
    reached.wait(20)
    for _ in range(200):
        if sum(len(parts) for _, parts in peer.uploads.values()) == 2:
            break
        time.sleep(0.1)
    p.terminate()
    said = p.communicate(timeout=30)[1]
    released.set()
    kept = {n for _, parts in peer.uploads.values() for n in parts}
    check("told to end", p.returncode == 5 and b"stopped" in said and len(peer.uploads) == 1 and len(kept) == 2, (p.returncode, said, peer.uploads))

    def goes_on(what, begins, parts, fault=None, want=0, **more):
        peer.log.clear()
        r = run("put", url, "v/s/o", large, fault=fault, SHA=1, **more)
        put = sorted(int(q["partNumber"]) for op, _, q in peer.log if op == "part")
        check(what, r.returncode == want and (want or peer.objects["some/prefix/v/s/o"][0] == big) and put == sorted(parts) and
              peer.counts.get("begin", 0) == begins and not peer.bad, (r.returncode, r.text, put, peer.counts, peer.bad))
        return r

    goes_on("the next one sends what is not there", 0, {1, 2, 3} - kept)
    check("and nothing is left of it", not peer.uploads, peer.uploads)
    key = "some/prefix/v/s/o"
    cut = [big[i:i + 5 * MIB] for i in range(0, len(big), 5 * MIB)]

    def left(numbers, pieces=cut, name=key, upload="old/1=", tag=lambda d: hashlib.md5(d).hexdigest()):
        peer.uploads[upload] = (name, {n: (pieces[n - 1], tag(pieces[n - 1])) for n in numbers})

    for numbers in ((), (1,), (2, 3), (1, 2, 3)):
        left(numbers)
        goes_on("parts %s are there" % (numbers,), 0, {1, 2, 3} - set(numbers))
    left((1, 2), pieces=[cut[0], cut[1][:-1] + b"!"])
    goes_on("a part of other content", 0, (2, 3))
    left((1, 2), tag=lambda d: "0" * 32)
    goes_on("tags that are none of theirs", 0, (1, 2, 3))
    left((1, 3), tag=lambda d: "of-encrypted-content")
    goes_on("tags that are no MD5", 0, (1, 2, 3))
    for what, pieces, numbers in (("a part that is too long", [cut[0] + b"x"], (1,)), ("a part too many", cut + [b"x"], (1, 4)),
                                  ("parts cut in another way", [big[i:i + 6 * MIB] for i in range(0, len(big), 6 * MIB)], (1, 2)),
                                  ("a short part in the middle", [cut[0], cut[1][:-1]], (2,))):
        left(numbers, pieces=pieces)
        goes_on(what, 1, (1, 2, 3))
        check(what + ": that upload is ended", not peer.uploads, peer.uploads)
    left((1,), upload="a")
    left((1, 3), upload="b")
    left((2,), upload="c")
    goes_on("of three the one that has most", 0, (2,))
    check("the others are ended", not peer.uploads, peer.uploads)
    left((1, 2, 3), name=key + "2", upload="a")
    left((1, 2), name="other" + key, upload="b")
    goes_on("another object's parts", 1, (1, 2, 3))
    check("stay", len(peer.uploads) == 2, peer.uploads)
    peer.uploads.clear()
    left((1, 2))
    goes_on("who may not list may put", 1, (1, 2, 3), once("uploads", no, 99))
    # A list that has parts which the server then will not have: gone on with once, and not for ever.
    wrong = "".join("<Part><PartNumber>%d</PartNumber><ETag>&quot;%s&quot;</ETag><Size>%d</Size></Part>" % (n + 1, hashlib.md5(d).hexdigest(), len(d))
                    for n, d in enumerate(cut))
    for what, status in (("refused", 400), ("refused behind a 200", 200)):
        peer.uploads.clear()
        left((1,))
        lies = lambda op, count, h: h.answer(200, b"<ListPartsResult>%s</ListPartsResult>" % wrong.encode()) or True if op == "parts" else \
            h.answer(status, b"<Error><Code>InvalidPart</Code></Error>") or True if op == "end" else None
        goes_on("parts that are none: " + what, 0, (), lies, want=5)
        check("that upload is ended", not peer.uploads, peer.uploads)
        goes_on("and the next one begins anew", 1, (1, 2, 3))
    left((1,))
    goes_on("more parts than there can be", 1, (1, 2, 3), once("parts", lambda h: h.answer(
        200, b"<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>3</NextPartNumberMarker></ListPartsResult>"), 99))
    check("are another's: that upload is ended", not peer.uploads, peer.uploads)
    left((1, 2))
    goes_on("lists that come late", 0, (3,), lambda op, count, h: (slow(h), True)[1] if op in ("uploads", "parts") and count < 2 else None)
    left((1, 2))
    goes_on("an upload that is gone when its parts are asked for", 1, (1, 2, 3),
            lambda op, count, h: (peer.uploads.pop("old/1=", None), None)[1] if op == "parts" else None)
    for what, text in (("no XML", b"{}"), ("cut", b"<ListPartsResult><Part>"), ("more, and not where", b"<ListPartsResult><IsTruncated>true</IsTruncated></ListPartsResult>"),
                       ("the same place again", b"<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>0</NextPartNumberMarker></ListPartsResult>"),
                       ("a place past all numbers", b"<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>99999999999999999999</NextPartNumberMarker></ListPartsResult>")):
        left((1,))
        r = run("put", url, "v/s/o", large, fault=once("parts", lambda h: h.answer(200, text), 99))
        check("parts: " + what, r.returncode == 4 and not peer.counts.get("part"), (r.returncode, r.text))
        peer.uploads.clear()
    for text in (b"<Part><PartNumber>0</PartNumber><Size>5242880</Size></Part>", b"<Part><Size>5242880</Size></Part>", b"<Part><PartNumber>1</PartNumber></Part>",
                 b"<Part><PartNumber>18446744073709551617</PartNumber><Size>5242880</Size></Part>"):
        left((1,))
        goes_on("parts: odd %r" % text, 1, (1, 2, 3), once("parts", lambda h: h.answer(200, b"<ListPartsResult>%s</ListPartsResult>" % text), 99))
    # Of another file under that name nothing comes in, and of a wrong one nothing is seen.
    left((1, 2, 3))
    other = os.path.join(folder, "other")
    open(other, "wb").write(big[:-1] + b"?")
    peer.log.clear()
    r = run("put", url, "v/s/o", other)
    check("another file of that length", r.returncode == 0 and peer.objects[key][0] == big[:-1] + b"?" and
          [q["partNumber"] for op, _, q in peer.log if op == "part"] == ["3"], (r.text, peer.counts))

    # Lists
    peer.objects.clear()
    names = ["v/s/shard-%05d.body" % i for i in range(7)] + ["v/index.body"]
    for n in names:
        peer.objects["some/prefix/" + n] = (b"x", "t")
    for n in ("../x", "a b", "a//b", "y" * 300, "v/s/~", "v/s/\u00e9", "v/s/%41", "<&>"):
        peer.objects["some/prefix/" + n] = (b"x", "t")
    peer.objects["some/prefixes"] = peer.objects["other"] = (b"x", "t")
    r = run("list", url)
    check("list, in pages", sorted(l.split()[2] for l in r.stdout.decode().splitlines()) == sorted(names) and peer.counts["list"] > 4, (r.text, r.stdout))
    r = run("list", url, "v/s", fault=once("list", slow, 2))
    check("list below a folder, after faults", len(r.stdout.splitlines()) == 7, (r.text, r.stdout))
    peer.plus = "+"
    r = run("list", url)
    check("list, tokens with a plus", sorted(l.split()[2] for l in r.stdout.decode().splitlines()) == sorted(names) and peer.counts["list"] > 4 and
          not peer.bad, (r.text, peer.bad))
    peer.plus = ""
    for what, text in (("more, and not where", b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
                       ("the same token again", b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>"),
                       ("no size", b"<ListBucketResult><Contents><Key>some/prefix/a</Key><Size>x</Size></Contents></ListBucketResult>"),
                       ("a size past all limits", b"<ListBucketResult><Contents><Key>some/prefix/a</Key><Size>9007199254740992</Size></Contents></ListBucketResult>"),
                       ("two roots", b"<ListBucketResult></ListBucketResult><ListBucketResult/>"), ("no XML", b"{}"), ("empty", b""),
                       ("cut", b"<ListBucketResult><Contents>"), ("NUL", b"<ListBucketResult>\0</ListBucketResult>")):
        r = run("list", url, fault=once("list", lambda h: h.answer(200, text), 99))
        check("list: " + what, r.returncode == 4, (r.returncode, r.text))
    odd = "<ListBucketResult><Contents><Key>some/prefix/a</Key><Size>1</Size><ETag>\u00e9</ETag></Contents></ListBucketResult>".encode()
    r = run("list", url, fault=once("list", lambda h: h.answer(200, odd), 99))
    check("list: a tag that is none", r.returncode == 0 and r.stdout.split() == [b"1", b"a"], (r.stdout, r.text))
    r = run("list", url, fault=once("list", lambda h: h.answer(404, b"<Error><Code>NoSuchBucket</Code></Error>"), 99))
    check("no bucket is no empty list", r.returncode == 3, r.text)

    # A sender that is killed, and what it leaves
    peer.uploads.clear()
    peer.objects.clear()
    reached = threading.Event()

    def hold(op, count, h):
        if op == "part" and count == 2:
            reached.set()
            time.sleep(3)
            h.cut()
            return True
    peer.fault = hold
    peer.counts.clear()
    p = subprocess.Popen([TOOL, "put", url, "v/s/o", large], env=dict(BASE, **{k: str(v) for k, v in env.items()}, ), stderr=subprocess.DEVNULL)
    reached.wait(20)
    p.kill()
    p.wait()
    check("a killed sender leaves an upload", len(peer.uploads) == 1 and not peer.objects, peer.uploads)
    r = run("clean", url, "v", KEEP=1)
    check("with which the next one can go on", r.stdout == b"0\n" and len(peer.uploads) == 1 and not peer.counts, (r.stdout, peer.counts))
    for i, n in enumerate(("some/prefix/v/s/a", "some/prefix/w/b", "some/prefix/v/s/no name", "elsewhere/c")):
        peer.uploads["x%d" % i] = (n, {})
    r = run("clean", url, "v")
    check("clean below v", r.returncode == 0 and r.stdout == b"2\n", (r.text, r.stdout))
    r = run("clean", url, fault=once("uploads", slow))
    check("clean all of ours", r.stdout == b"1\n" and sorted(n for n, _ in peer.uploads.values()) == ["elsewhere/c", "some/prefix/v/s/no name"],
          (r.text, r.stdout, peer.uploads))
    r = run("rm", url, "v/s/none")
    check("remove what is not there", r.returncode == 0, r.text)
    r = run("range", url, "v/s/none", "0", "1")
    check("get what is not there", r.returncode == 5 and peer.counts == {"get": 1}, r.text)
    t = time.time()
    r = run("put", url, "v/s/o", large, RATE=12 * MIB)
    check("sending at a cap", r.returncode == 0 and time.time() - t > 0.9, (r.text, time.time() - t))
    subprocess.run(["rm", "-rf", folder])
    server.shutdown()


# --- WebDAV

def dav():
    files, log = {}, []
    state = {"fault": lambda h, n: None}

    def play(h, length):
        log.append(h.command)
        if h.command == "PUT":
            state["put"] = h.path
        if state["fault"](h, log.count(h.command)):
            return
        name = h.path
        if h.command == "PUT":
            files[name] = h.body(length)
            return h.answer(201)
        if h.command == "MOVE":
            if name not in files:
                return h.answer(404)
            files[re.sub("^http://[^/]*", "", h.headers["Destination"])] = files.pop(name)
            return h.answer(204) if not state.get("lost") else (state.update(lost=False), h.cut())
        if h.command == "DELETE":
            return h.answer(204 if files.pop(name, None) is not None else 404)
        if h.command == "MKCOL":
            return h.answer(405)
        if name not in files:
            return h.answer(404)
        return h.answer(200, files[name])

    server = start(play)
    url = "http://127.0.0.1:%d/d/" % server.server_port
    path = tempfile.mktemp()
    open(path, "wb").write(DATA)

    def put(fault=None, lost=False, **env):
        state.update(fault=fault or (lambda h, n: None), lost=lost)
        log.clear()
        files.clear()
        files["/d/v/o"] = b"old"
        return tool("put", url, "v/o", path, SHA=1, **env)

    r = put()
    check("put", r.returncode == 0 and files == {"/d/v/o": DATA}, (r.text, log))
    r = put(lambda h, n: (h.cut(), True)[1] if h.command == "PUT" and n < 3 else None)
    check("put, cut twice", r.returncode == 0 and files == {"/d/v/o": DATA}, (r.text, log))
    r = put(lost=True)
    check("the answer to MOVE is lost", r.returncode == 0 and files == {"/d/v/o": DATA}, (r.text, log))
    for what, want, command, status in (("no MOVE", 3, "MOVE", 405), ("full", 5, "PUT", 507), ("denied", 3, "PUT", 403), ("failing", 5, "MOVE", 500)):
        r = put(lambda h, n: (h.body(int(h.headers.get("Content-Length") or 0)), h.answer(status), True)[2] if h.command == command else None)
        check(what, r.returncode == want and files == {"/d/v/o": b"old"}, (r.returncode, r.text, log))
        check(what + ": how often", log.count(command) == (4 if status == 500 else 1), log)
    r = put(lambda h, n: (files.update({"/d/v/o": b"short"}), None)[1] if h.command == "HEAD" else None)
    check("another length afterwards", r.returncode == 4, r.text)
    # Names of its own for what is half put, by which a sender knows its own again.
    names = set()
    for env in ({}, {}, {"SENDER": "0123456789abcdef"}, {"SENDER": "0123456789abcdef"}):
        put(**env)
        names.add(state["put"])
    check("temporary names", len(names) == 3 and "/d/v/o~put-0123456789abcdef" in names and
          all(re.fullmatch("/d/v/o~put-[0-9a-f]{16}", n) for n in names), names)
    state["fault"] = lambda h, n: None
    left = {"/d/v/o~put-0123456789abcdef": b"ours", "/d/v/o~put-fedcba9876543210": b"theirs", "/d/v/o": b"old"}
    files.clear()
    files.update(left)
    r = tool("put", url, "v/o", path, SENDER="0123456789abcdef")
    check("one's own leftover is written over, another's is not", r.returncode == 0 and
          files == {"/d/v/o": DATA, "/d/v/o~put-fedcba9876543210": b"theirs"}, (r.text, list(files)))
    files.update(left)
    r = tool("rm", url, "v/o", SENDER="0123456789abcdef")
    check("so with removing", r.returncode == 0 and list(files) == ["/d/v/o~put-fedcba9876543210"], (r.text, list(files)))
    files.update(left)
    r = tool("rm", url, "v/o")
    check("who never said who he is removes no leftover", r.returncode == 0 and len(files) == 2, (r.text, list(files)))
    for sender in ("", "0123456789ABCDEF", "../../../../0123", "0123456789abcdef0"):
        check("no sender: " + sender, tool("rm", url, "v/o", SENDER=sender).returncode == 2)
    # A login for this host, from a file that others may not read.
    home = tempfile.mkdtemp()
    seen = []
    state["fault"] = lambda h, n: seen.append(h.headers.get("Authorization"))
    files["/d/v/o"] = b"abc"
    netrc = os.path.join(home, ".netrc")
    open(netrc, "w").write("machine elsewhere login no password no\n# c\nmachine 127.0.0.1\n  login ria\n  password s3cret\n")
    os.chmod(netrc, 0o600)
    check("login of .netrc", tool("head", url, "v/o", HOME=home).returncode == 0 and seen == ["Basic cmlhOnMzY3JldA=="], seen)
    seen.clear()
    open(netrc, "w").write("machine 127.0.0.1 # login no password no\nlogin ria password #s3cret\n")
    check("a password that looks like a comment", tool("head", url, "v/o", HOME=home).returncode == 0 and seen == ["Basic cmlhOiNzM2NyZXQ="], seen)
    os.chmod(netrc, 0o644)
    r = tool("head", url, "v/o", HOME=home)
    check(".netrc that others may read", r.returncode == 3 and "s3cret" not in r.text, r.text)
    open(netrc, "w").write("machine elsewhere login no password no\n")
    seen.clear()
    check("a login for another host goes nowhere", tool("head", url, "v/o", HOME=home).returncode == 0 and seen == [None], seen)
    subprocess.run(["rm", "-rf", home, path])
    server.shutdown()


# --- a proxy, for flows

class Proxy(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.request.recv(1)
            if not piece:
                return
            head += piece
        method, where = head.split()[:2]
        with open(self.server.log, "a") as f:
            f.write("%s %s\n" % (method.decode(), where.decode()))
        if method != b"CONNECT":
            return self.request.sendall(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n")
        host, _, port = where.decode().rpartition(":")
        with socket.create_connection((host, int(port))) as other:
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                for s in select.select([self.request, other], [], [])[0]:
                    data = s.recv(1 << 16)
                    if not data:
                        return
                    (other if s is self.request else self.request).sendall(data)


def proxy(port_file, log):
    class Threads(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
    server = Threads(("127.0.0.1", 0), Proxy)
    server.log = log
    tell_port(server, port_file)
    server.serve_forever()


def tell_port(server, port_file):
    with open(port_file + ".new", "w") as f:
        f.write(str(server.server_address[1]))
    os.rename(port_file + ".new", port_file)


def s3_server(port_file):
    """Of bucket "sealed", with credentials of S3's. /control/KEYS answers with all that it has; no signature."""
    peer = S3()
    peer.page = 5

    def play(h, length):
        if h.path == "/control/keys":
            return h.answer(200, "".join(sorted(n + "\n" for n in list(peer.objects) + ["upload " + n for n, _ in peer.uploads.values()])).encode())
        if h.path.startswith("/control/upload/"):
            peer.uploads["left/%d=" % len(peer.uploads)] = (h.path[16:], {})
            return h.answer(200)
        if h.path.startswith("/control/put/"):
            peer.objects[h.path[13:]] = (b"another's", "t")
            return h.answer(200)
        peer.play(h, length)

    server = start(play)
    tell_port(server, port_file)
    signal.pause()


if __name__ == "__main__":
    if sys.argv[1] == "proxy":
        sys.exit(proxy(*sys.argv[2:]))
    if sys.argv[1] == "s3-server":
        sys.exit(s3_server(*sys.argv[2:]))
    TOOL = sys.argv[1]
    for what in sys.argv[2:] or ["web", "s3", "dav"]:
        {"web": web, "s3": s3, "dav": dav}[what]()
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)
