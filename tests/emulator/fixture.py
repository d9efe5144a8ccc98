# SPDX-License-Identifier: Apache-2.0
"""What the emulator's tests share: a server, and clients of it. CTest sets PAGEPRESS."""

import contextlib
import errno
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile
import unittest

import engine
from vfio_user import PATIENCE, REGION_READ, Client, Refused

PAGEPRESS = os.environ["PAGEPRESS"]


class Server:
    """pagepress emulate, listening."""

    def __init__(self, *options):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pagepress-emulator-"))
        self.path = self.folder / "socket"
        self.process = subprocess.Popen(
            [PAGEPRESS, "emulate", "--vfio-user", self.path, *options], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if line != f"listening on {self.path}\n":
            self.process.kill()
            raise AssertionError((line, self.process.communicate()))

    def end(self, by=signal.SIGTERM):
        """Ends it; (exit code, standard error)."""
        self.process.send_signal(by)
        _, errors = self.process.communicate(timeout=PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.process.returncode, errors


def prepare(client, memory, mapped=True):
    """A device at reset that reaches `memory`, by its file or by DMA messages."""
    client.reset()
    client.enable_bus_master()
    if mapped:
        client.map(engine.IOVA, memory.size, fd=memory.fd)
    else:
        client.memory = memory
        client.map(engine.IOVA, memory.size)


class EmulatorTest(unittest.TestCase):
    """Has one server for all its tests, which must outlive them."""

    # Long enough for a client that answers, on a loaded machine.
    OPTIONS = ("--device", "fast", "--answer-ms", "20000")
    IMPATIENT = ("--device", "fast", "--answer-ms", "300")  # for clients that do not

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.OPTIONS)

    @classmethod
    def tearDownClass(cls):
        code, errors = cls.server.end()
        assert code == -signal.SIGTERM, (code, errors)

    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), "the server has ended")

    def client(self, **options):
        client = Client(self.server.path, **options)
        self.addCleanup(client.socket.close)
        return client

    def memory(self, pages=256):
        memory = engine.Memory(pages)
        self.addCleanup(memory.close)
        return memory

    def ready(self, mapped=True):
        """A client with memory that the device reaches, and a device at reset."""
        client, memory = self.client(), self.memory()
        prepare(client, memory, mapped)
        return client, memory

    @contextlib.contextmanager
    def refused(self, *errnos):
        with self.assertRaises(Refused) as caught:
            yield
        self.assertIn(caught.exception.errno, errnos or (errno.EINVAL,))

    def assertServes(self, client):
        """The connection is in step, and the device answers."""
        payload, _ = client.request(REGION_READ, struct.pack("=QII", 0, 0, 4))
        self.assertEqual(payload[16:], b"PPG1")

    def assertServesNext(self):
        with Client(self.server.path) as client:
            self.assertServes(client)


class OneClientTest(EmulatorTest):
    """Has a client for each test, which it leaves in step with the server."""

    def setUp(self):
        self.c = self.client()

    def tearDown(self):
        self.assertServes(self.c)
        super().tearDown()


def main():
    unittest.main()
