# SPDX-License-Identifier: Apache-2.0
"""What the workloads of scripts/make_corpus.sh share: starting a program whose memory others
may read, saying that it is ready, and data from fixed seeds.

A workload is a program that fills a real program with work, prints `ready PID` when the pages of
process PID are worth capturing, and then holds still until it is killed. It runs in an empty
folder of its own with an almost empty environment, and takes what it needs from there, from its
seed and from files of Debian packages.

Limitation: Linux only (prctl).
"""

import ctypes
import glob
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_PTRACER = 0x59616D61
PR_SET_PTRACER_ANY = 2**64 - 1
PATIENCE = 180  # seconds that a program may take to get ready
SEED = 1

FIRST = "Ada Alan Barbara Claude Edsger Frances Grace Hedy Ivan John Kathleen Ken Lynn Margaret Niklaus Radia".split()
LAST = "Allen Conway Dijkstra Hamilton Hopper Johnson Lamarr Liskov Lovelace Perlman Ritchie Shannon Turing".split()
CITY = "Berlin Cairo Dakar Hanoi Kyoto Lagos Lima Oslo Porto Quito Riga Sydney Taipei Tunis Vienna Zagreb".split()


def allow_capture():
    """Lets this user's other processes read this one, which Yama's default forbids.

    It survives exec, but children do not inherit it. Without Yama the call fails, and
    nothing is needed.
    """
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(PR_SET_PTRACER_ANY), 0, 0, 0)


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGTERM), 0, 0, 0)


def start(command, **options):
    """Starts the program that is to be captured; it ends with the workload."""
    def prepare():
        allow_capture()
        die_with_parent()
    return subprocess.Popen(command, preexec_fn=prepare, **options)


def ready(pid=None):
    """Says that a process (this one if none is given) can be captured, and holds still."""
    if pid is None:
        allow_capture()
        pid = os.getpid()
    print(f"ready {pid}", flush=True)
    while True:
        signal.pause()


def wait_for(condition, process, what):
    """Polls until condition() is true, as long as the process lives."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if process.poll() is not None:
            sys.exit(f"{what}: ended with code {process.returncode} before it was ready")
        if time.monotonic() > deadline:
            sys.exit(f"{what}: not ready after {PATIENCE} s")
        time.sleep(0.02)


def await_line(process, line, what):
    """Reads the program's output up to a line."""
    for text in process.stdout:
        if text.strip() == line:
            return
    sys.exit(f"{what}: ended with code {process.wait()} before it was ready")


def licence_words():
    """English text that every Debian has, as words."""
    words = []
    for path in sorted(glob.glob("/usr/share/common-licenses/*")):
        if not os.path.islink(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                words += file.read().split()
    return words


def order(rng, number):
    """A document as shops keep them."""
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
