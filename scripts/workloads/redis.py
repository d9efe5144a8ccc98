#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A redis server full of what such servers hold.

  redis.py              starts one in the current folder, fills it, says that it is ready
  redis.py serve DIR    becomes the server (exec: the PID stays), socket DIR/redis.sock
  redis.py load DIR     waits for it, then fills it and edits what it filled

The data come from a generator with a fixed seed: JSON documents, sessions,
counters, queues, a leaderboard, text (the licences that every Debian has) and
thumbnails that are compressed already. The process' pages are nearly, not
exactly, the same from run to run: the allocator and addresses differ.

Limitations: nothing is saved; the server listens on the unix socket alone.
"""

import argparse
import base64
import json
import os
import random
import socket
import sys
import time
import zlib

import workload

SERVER = "/usr/bin/redis-check-rdb"  # the server's binary; it goes by argv[0]

PAGES = "/ /search /cart /checkout /account /orders /help /blog /product".split()
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
)


def serve(directory):
    """Becomes the server."""
    workload.die_with_parent()  # no stray server, even if its starter is killed outright
    workload.allow_capture()
    os.chdir(directory)
    os.symlink(SERVER, "redis-server")  # so that the process goes by that name
    arguments = ["redis-server", "--port", "0", "--unixsocket", os.path.join(directory, "redis.sock"),
                 "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"]
    os.execve("redis-server", arguments, dict(os.environ))


def commands(seed):
    """Yields redis commands as tuples of str and bytes."""
    rng = random.Random(seed)
    words = workload.licence_words()
    for i in range(5000):
        yield "SET", f"order:{i}", json.dumps(workload.order(rng, i))
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
        yield "SET", f"order:{i}", json.dumps(workload.order(rng, i))
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
                raise SystemExit(f"redis.py: no server at {path} after {seconds} s")
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
                    raise SystemExit(f"redis.py: the server says: {reply.decode().strip()}")
            batch.clear()

        for command in commands(seed):
            batch.append(encode(command))
            count += 1
            if len(batch) == 64:
                flush()
        flush()
    print(f"workload: {count} commands sent to redis", file=sys.stderr)


def capture_target(seed):
    server = workload.start([sys.executable, "-EsB", __file__, "serve", os.getcwd()], stdout=sys.stderr)
    load(os.getcwd(), seed)
    workload.ready(server.pid)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("serve", "load", "capture"), nargs="?", default="capture")
    parser.add_argument("directory", help="holds the socket; must exist", nargs="?", default=os.getcwd())
    parser.add_argument("--seed", type=int, default=workload.SEED)
    arguments = parser.parse_args()
    if arguments.action == "capture":
        capture_target(arguments.seed)
    if arguments.action == "serve":
        serve(arguments.directory)
    load(arguments.directory, arguments.seed)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"redis.py: {error}")
