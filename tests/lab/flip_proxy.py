#!/usr/bin/python3
"""A TCP forwarder that damages one bit, once, of what the client sends. usage: flip_proxy.py TARGET-PORT OFFSET PORT-FILE FLIPPED-FILE
OFFSET counts bytes over all connections; FLIPPED-FILE appears when it was done."""
import os, select, socket, sys, threading

target, offset, port_file, flipped_file = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
lock, passed = threading.Lock(), 0


def forward(client):
    global passed
    with client, socket.create_connection(("127.0.0.1", target)) as server:
        while True:
            for s in select.select([client, server], [], [])[0]:
                data = s.recv(1 << 16)
                if not data:
                    return
                if s is client:
                    with lock:
                        at = offset - passed
                        passed += len(data)
                    if 0 <= at < len(data):
                        data = bytearray(data)
                        data[at] ^= 4
                        open(flipped_file, "w").close()
                (server if s is client else client).sendall(data)


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
with open(port_file + ".new", "w") as f:
    f.write(str(listener.getsockname()[1]))
os.rename(port_file + ".new", port_file)
while True:
    threading.Thread(target=forward, args=(listener.accept()[0],), daemon=True).start()
