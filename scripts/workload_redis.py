#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A real workload for the demo: a redis server full of what such servers hold.

  workload_redis.py serve DIR   becomes the server (exec: the PID stays), socket DIR/redis.sock
  workload_redis.py load DIR    waits for it, then fills it and edits what it filled

The data come from a generator with a fixed seed: JSON documents, sessions,
counters, queues, a leaderboard, text (the licences that every Debian has) and
thumbnails that are compressed already. The process' pages are nearly, not
exactly, the same from run to run: the allocator and addresses differ.

Limitations: nothing is saved; the server listens on the unix socket alone.
"""

import argparse
import base64
import ctypes
import glob
import json
import os
import random
import signal
import socket
import sys
import time
import zlib

SERVER = "/usr/bin/redis-check-rdb"  # the server's binary; it goes by argv[0]
PR_SET_PDEATHSIG = 1
PR_SET_PTRACER = 0x59616D61
PR_SET_PTRACER_ANY = 2**64 - 1

FIRST = "Ada Alan Barbara Claude Edsger Frances Grace Hedy Ivan John Kathleen Ken Lynn Margaret Niklaus Radia".split()
LAST = "Allen Conway Dijkstra Hamilton Hopper Johnson Lamarr Liskov Lovelace Perlman Ritchie Shannon Turing".split()
CITY = "Berlin Cairo Dakar Hanoi Kyoto Lagos Lima Oslo Porto Quito Riga Sydney Taipei Tunis Vienna Zagreb".split()
PAGES = "/ /search /cart /checkout /account /orders /help /blog /product".split()
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
)


def serve(directory):
    """Becomes the server."""
    prctl = ctypes.CDLL(None).prctl
    # No stray server, even if the script that started it is killed outright.
    prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGTERM), 0, 0, 0)
    # Under Yama a process may read only its descendants' memory; this one allows
    # its user's others too. Without Yama the call fails, and nothing is needed.
    prctl(PR_SET_PTRACER, ctypes.c_ulong(PR_SET_PTRACER_ANY), 0, 0, 0)
    os.chdir(directory)
    os.symlink(SERVER, "redis-server")  # so that the process goes by that name
    arguments = ["redis-server", "--port", "0", "--unixsocket", os.path.join(directory, "redis.sock"),
                 "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"]
    os.execve("redis-server", arguments, dict(os.environ))


def document(rng, number):
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    items = [{"sku": f"SKU-{rng.randrange(4000):05d}", "quantity": rng.randint(1, 5),
              "price": {"amount": rng.randint(99, 99999), "currency": "EUR"}}
             for _ in range(rng.randint(1, 6))]
    return {
        "id": number, "type": "order", "version": 3,
        "customer": {"name": name, "email": name.lower().replace(" ", ".") + "@example.org",
                     "address": {"street": f"{rng.randint(1, 200)} {rng.choice(LAST)} Street",
                                 "city": rng.choice(CITY), "zip": f"{rng.randrange(100000):05d}"}},
        "created_at": f"2024-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}T{rng.randrange(24):02d}:00:00Z",
        "status": rng.choice(("paid", "shipped", "delivered", "returned")),
        "items": items, "notes": None, "gift": rng.random() < 0.1,
    }


def commands(seed):
    """Yields redis commands as tuples of str and bytes."""
    rng = random.Random(seed)
    words = []
    for path in sorted(glob.glob("/usr/share/common-licenses/*")):
        if not os.path.islink(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                words += file.read().split()
    for i in range(5000):
        yield "SET", f"order:{i}", json.dumps(document(rng, i))
    for i in range(3000):
        yield ("HSET", f"session:{rng.randbytes(16).hex()}", "user", str(rng.randrange(20000)),
               "token", base64.b64encode(rng.randbytes(48)), "agent", rng.choice(AGENTS),
               "path", rng.choice(PAGES), "ip", f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}",
               "csrf", rng.randbytes(20).hex(), "seen", str(1700000000 + rng.randrange(10**7)))
    for i in range(12000):
        yield "INCRBY", f"hits:{PAGES[i % len(PAGES)]}:{i}", str(rng.randrange(10**9))
    for i in range(6000):
        yield "ZADD", "leaderboard", str(rng.randrange(10**6)), f"player:{i:06d}"
    for i in range(6000):
        yield "RPUSH", f"queue:{i % 8}", json.dumps({"job": i, "kind": "mail", "retry": rng.randrange(3)})
    for i in range(700):
        start = rng.randrange(len(words) - 400)
        yield "SET", f"article:{i}", " ".join(words[start:start + rng.randint(100, 400)])
    for i in range(200):
        pixels = bytes(min(255, max(0, int(rng.gauss(128, 30)))) for _ in range(64 * 48))
        yield "SET", f"thumbnail:{i}", zlib.compress(pixels, 9)
    # A server that has run for a while: edited, expired and deleted entries.
    for i in rng.sample(range(5000), 1500):
        yield "SET", f"order:{i}", json.dumps(document(rng, i))
    for i in rng.sample(range(12000), 2000):
        yield "DEL", f"hits:{PAGES[i % len(PAGES)]}:{i}"
    for i in rng.sample(range(700), 120):
        yield "DEL", f"article:{i}"


def encode(command):
    """A command in the server's protocol (RESP)."""
    parts = [part if isinstance(part, bytes) else part.encode() for part in command]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)


def connect(path, seconds):
    deadline = time.monotonic() + seconds
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            return connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            if time.monotonic() > deadline:
                raise SystemExit(f"workload_redis.py: no server at {path} after {seconds} s")
            time.sleep(0.05)


def load(directory, seed):
    with connect(os.path.join(directory, "redis.sock"), 20) as connection:
        replies = connection.makefile("rb")
        batch, count = [], 0

        def flush():
            connection.sendall(b"".join(batch))
            for _ in batch:
                reply = replies.readline()
                if not reply.startswith((b"+", b":")):
                    raise SystemExit(f"workload_redis.py: the server says: {reply.decode().strip()}")
            batch.clear()

        for command in commands(seed):
            batch.append(encode(command))
            count += 1
            if len(batch) == 64:
                flush()
        flush()
    print(f"workload: {count} commands sent to redis")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("serve", "load"))
    parser.add_argument("directory", help="holds the socket; must exist")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.action == "serve":
        serve(arguments.directory)
    load(arguments.directory, arguments.seed)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"workload_redis.py: {error}")
