"""Our HTTP server beside others: peer_http.py TOOL serve | node

serve  the blocking server: keep-alive, pipelining, 100-continue, chunks, cut anywhere, breaking off, many at once; by
       raw sockets, http.client and curl
node   Node's own parser (http.createServer) reads the same bytes: what we take, it takes with the same method, target,
       fields, body and number of requests; status 77 where there is no node. What it takes and we refuse is counted.
"""
import http.client, json, os, random, shutil, signal, socket, subprocess, sys, threading

tool, what = sys.argv[1:3]
failed = 0


def check(ok, text):
    global failed
    if not ok:
        failed += 1
        print("FAILED:", text)


def start(argv):
    child = subprocess.Popen(argv, stdout=subprocess.PIPE)
    return child, int(child.stdout.readline())


def read_all(s):
    got = b""
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                return got, False
            got += piece
    except ConnectionResetError:
        return got, True


def talk(port, data, pieces=1):
    """All that comes back for these bytes, sent in so many pieces; our end is closed after them."""
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.settimeout(20)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        step = max(1, -(-len(data) // pieces))
        try:
            for at in range(0, len(data), step):
                s.sendall(data[at:at + step])
            s.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass
        return read_all(s)[0]


def responses(raw):
    """[(status, body)] of a connection's responses."""
    out = []
    while raw:
        head, mark, rest = raw.partition(b"\r\n\r\n")
        if not mark:
            break
        lines = head.split(b"\r\n")
        status = int(lines[0].split()[1])
        fields = {k.lower(): v.strip() for k, v in (line.split(b":", 1) for line in lines[1:])}
        length = int(fields.get(b"content-length", b"0"))
        if status == 100:
            length = 0
        out.append((status, rest[:length]))
        raw = rest[length:]
    return out


def request(j):
    return (bytes.fromhex(j["method"]), bytes.fromhex(j["target"]), bytes.fromhex(j["body"]),
            sorted((bytes.fromhex(k).lower(), bytes.fromhex(v)) for k, v in j["fields"]))


def understood(raw):
    """The requests that were understood, and whether something was refused after them."""
    good, refused = [], False
    for status, body in responses(raw):
        if status == 200 and body:
            good.append(request(json.loads(body)))
        elif status >= 400:
            refused = True
    return good, refused


def serve():
    child, port = start([tool])
    one = b"GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n"
    put = b"PUT /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    chunked = b"PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n"
    for data, count in ((one, 1), (one * 20, 20), (put + one, 2), (chunked + put + one, 3), ((chunked + one) * 10, 20)):
        for pieces in (1, 7, len(data)):
            good, refused = understood(talk(port, data, pieces))
            check(len(good) == count and not refused, f"{count} requests in {pieces} pieces: {len(good)}")
    good, _ = understood(talk(port, chunked + put))
    check([g[2] for g in good] == [b"helloabc", b"hello"], "bodies")
    # Large bodies, chunked and not, with a request behind them that came along.
    big = random.Random(1).randbytes(3 << 20)
    for data in (b"PUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(big) + big,
                 b"PUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                 b"".join(b"%x\r\n%s\r\n" % (len(big[i:i + 100000]), big[i:i + 100000]) for i in range(0, len(big), 100000)) +
                 b"0\r\n\r\n"):
        raw = responses(talk(port, data + one * 3))
        check([json.loads(b)["length"] for _, b in raw] == [len(big), 0, 0, 0], "a large body, then three requests")
    # What nobody reads is read away; too much of it ends the connection.
    small = b"PUT /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000
    check(len(understood(talk(port, small + one))[0]) == 2, "an unread body, then a request")
    large = b"PUT /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n"
    check(len(understood(talk(port, large + one))[0]) == 1, "an unread body too large to read away")
    # A refused head ends the connection: nothing behind it counts.
    for bad in (b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"GET / HTTP/9.1\r\nHost: h\r\n\r\n", b"X" * 40000):
        good, refused = understood(talk(port, one + bad + one))
        check(len(good) == 1 and refused, "a refused head")
    raw = talk(port, b"HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n")
    check(raw.endswith(b"\r\n\r\n") and b"Content-Length: 0" not in raw, "HEAD has a length and no body")
    check(b"Connection: close" in talk(port, one.replace(b"1.1", b"1.0")), "HTTP/1.0 is one request")
    # 100-continue: only once the body is wanted, and never where it came already to be ignored.
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.settimeout(20)
        s.sendall(b"PUT /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        check(s.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n", "100 Continue")
        s.sendall(b"hello")
        s.shutdown(socket.SHUT_WR)
        check(b"68656c6c6f" in read_all(s)[0], "the body after it")
    raw = talk(port, b"PUT /ignore HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    check(b"100 Continue" not in raw and b"Connection" in raw, "no 100 Continue where nobody reads")
    # Breaking off is a reset, not an end.
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(b"GET /close HTTP/1.1\r\nHost: h\r\n\r\n")
        got, reset = read_all(s)
        check(reset and got.endswith(b"thousand bytes"), "a broken-off answer is a reset")
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for n in range(50):
        c.request("POST", f"/n/{n}", body=b"x" * n * 100, headers={"X-N": str(n)})
        j = json.loads(c.getresponse().read())
        check(j["length"] == n * 100, "http.client")
    c.request("PUT", "/g", body=(b"part %d" % i for i in range(100)), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    check(json.loads(c.getresponse().read())["length"] == 100 * 5 + 10 + 90 * 2, "http.client, chunked")
    c.close()
    if shutil.which("curl"):
        with open("/dev/null", "rb") as null:
            for extra in (["-T", "-"], ["-T", "-", "-H", "Expect: 100-continue"], ["--data-binary", "@-"]):
                got = subprocess.run(["curl", "-sf", *extra, f"http://127.0.0.1:{port}/u"], input=big[:1 << 20], capture_output=True)
                check(got.returncode == 0 and json.loads(got.stdout)["length"] == 1 << 20, f"curl {extra}")
            got = subprocess.run(["curl", "-sf", f"http://127.0.0.1:{port}/close"], capture_output=True, stdin=null)
            check(got.returncode in (18, 56), "curl is told of a broken-off answer")
    else:
        print("skipped: no curl")

    def many(results, n):
        conn = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for i in range(40):
            conn.request("PUT", f"/{n}/{i}", body=bytes([n]) * 3000)
            results[n] += json.loads(conn.getresponse().read())["body"] == bytes([n] * 3000).hex()
        conn.close()
    # More than there are places: they wait, and none is turned away.
    results = [0] * 24
    threads = [threading.Thread(target=many, args=(results, n)) for n in range(24)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    check(results == [40] * 24, "24 connections at 8 places")
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
    idle[0].sendall(b"GET / HT")
    child.send_signal(signal.SIGTERM)
    check(child.wait(10) == 0, "SIGTERM ends it, whoever is connected")


NODE = r"""
const http = require('http');
const hex = (s) => Buffer.from(s, 'latin1').toString('hex');
const sockets = new Map();
const server = http.createServer({ insecureHTTPParser: false, keepAlive: true }, (req, res) => {
  const one = { req, parts: [] };
  sockets.get(req.socket).requests.push(one);
  req.on('data', (d) => one.parts.push(d));
  req.on('error', () => {});
  res.on('error', () => {});
  req.on('end', () => res.end());
});
server.on('checkContinue', (req, res) => server.emit('request', req, res));
server.on('connection', (socket) => {
  const all = { requests: [], refused: false };
  sockets.set(socket, all);
  socket.on('error', () => {});
  socket.on('close', () => {
    const out = all.requests.filter((one) => one.req.complete).map(({ req, parts }) => {
      const fields = [];
      for (let i = 0; i < req.rawHeaders.length; i += 2) fields.push([hex(req.rawHeaders[i]), hex(req.rawHeaders[i + 1])]);
      return { method: hex(req.method), target: hex(req.url), body: Buffer.concat(parts).toString('hex'), fields };
    });
    console.log(JSON.stringify({ requests: out, refused: all.refused }));
  });
});
server.on('clientError', (err, socket) => { sockets.get(socket).refused = true; socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'); });
server.listen(0, '127.0.0.1', () => { console.log(server.address().port); console.log(JSON.stringify(http.METHODS)); });
"""

SEEDS = [
    b"GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-A: b\r\n\r\n",
    b"PUT /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET /n HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /n HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nT: u\r\n\r\nGET /n HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /n HTTP/1.1\r\nHost: h\r\n\r\n",
    b"DELETE /x%20y HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\nContent-Length: 0\r\n\r\nGET /n HTTP/1.1\r\nHost: h\r\n\r\n",
]
SPLICES = [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b",", b"0", b"\0", b"\x0b", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n",
           b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n", b"Transfer-Encoding: chunked, chunked\r\n",
           b"Content-Length : 5\r\n", b"Content-Length:\r\n 5\r\n", b"Host: i\r\n", b"X: y\r\n z\r\n", b"chunked", b";", b"\x80",
           b"Connection: close\r\n", b"Expect: 100-continue\r\n", b"%", b"#", b"//", b"/../", b"http://h", b"+", b"-", b"_",
           b"Transfer_Encoding: chunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n", b"\xc2\xa0", b"Upgrade: h2c\r\n"]


def mutate(rng):
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(data) + 1)
        # Most places that matter are near a line's end.
        if rng.random() < 0.5:
            ends = [i for i in range(len(data)) if data[i:i + 2] == b"\r\n"]
            at = rng.choice(ends) + rng.choice((0, 0, 2, 2, 1)) if ends else at
        how = rng.randrange(4)
        if how == 0:
            data[at:at] = rng.choice(SPLICES)
        elif how == 1:
            del data[at:at + rng.choice((1, 1, 2))]
        elif how == 2 and at < len(data):
            data[at] = rng.randrange(256)
        else:
            data[at:at + 1] = rng.choice(SPLICES)
    return bytes(data)


def node():
    if not shutil.which("node"):
        print("skipped: no node")
        sys.exit(77)
    ours, our_port = start([tool])
    theirs, their_port = start(["node", "-e", NODE])
    methods = {m.encode() for m in json.loads(theirs.stdout.readline())}
    rng = random.Random(int(os.environ.get("SEED", "7")))
    cases = SEEDS + [mutate(rng) for _ in range(int(os.environ.get("CASES", "3000")))]
    stricter = same = 0
    for data in cases:
        a, a_refused = understood(talk(our_port, data))
        talk(their_port, data)
        said = json.loads(theirs.stdout.readline())
        b = [request(j) for j in said["requests"]]
        # A method that Node has not is refused there.
        known = next((i for i, r in enumerate(a) if r[0] not in methods), len(a))
        a_refused |= known < len(a)
        a = a[:known]
        if a == b:
            same += 1
        elif a == b[:len(a)] and a_refused:
            stricter += 1
        elif b == a[:len(b)] and said["refused"] and b"\t\r\n" in data:
            pass  # Node takes no tab behind Content-Length, where RFC 9110 5.6.3 has white space
        else:
            check(False, f"{data!r}\n  ours  {a} {a_refused}\n  node  {b} {said['refused']}")
    check(same > len(cases) / 2, "hardly anything was the same")
    print(f"{len(cases)} messages: {same} understood alike, {stricter} refused by us alone")
    for child in (ours, theirs):
        child.terminate()
        child.wait()


{"serve": serve, "node": node}[what]()
sys.exit(1 if failed else 0)
