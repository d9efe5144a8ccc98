#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that come, go, come back, wait and die."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time

import engine
from engine import IOVA, Queue, round_trip, text_page
from fixture import EmulatorTest, main
from vfio_user import BAR2, CONFIG, GET_INFO, PATIENCE, Client, packed

# A client in a process of its own, which keeps the device busy until it is killed.
LOAD = """
import sys
from vfio_user import Client
from engine import IOVA, Memory, Queue, round_trip, text_page
client, memory = Client(sys.argv[1]), Memory()
client.reset()
client.enable_bus_master()
if sys.argv[2] == "mapped":
    client.map(IOVA, memory.size, fd=memory.fd)
else:
    client.memory = memory
    client.map(IOVA, memory.size)
queue = Queue(client, memory)
print("busy", flush=True)
while True:
    assert round_trip(queue, [text_page(i) for i in range(14)])
"""


class ClientsTest(EmulatorTest):
    def test_comes_back(self):
        """The device's state stays; mappings and eventfds are gone."""
        with Client(self.server.path) as first:
            first.reset()
            first.enable_bus_master()
            first.map(IOVA, 4096)
            first.write32(0x88, 1234)
            first.write(BAR2, 0, struct.pack("<Q", 99))
            first.write(CONFIG, 0x10, struct.pack("<I", 0xFE000000))
        with Client(self.server.path) as second:
            self.assertEqual(second.read32(0x88), 1234)
            self.assertEqual(second.read(BAR2, 0, 8), struct.pack("<Q", 99))
            self.assertEqual(second.read(CONFIG, 0x10, 4), struct.pack("<I", 0xFE000000))
            self.assertEqual(second.read(CONFIG, 4, 1), b"\x06")
            second.map(IOVA, 8192)

    def test_a_queue_goes_on(self):
        """A queue at rest serves the next client, as its rings are mapped again."""
        client, memory = self.ready()
        queue = Queue(client, memory)
        self.assertTrue(round_trip(queue, [text_page(1)] * 3))
        client.socket.close()
        queue.client = self.client()
        queue.client.map(IOVA, memory.size, fd=memory.fd)
        self.assertTrue(round_trip(queue, [text_page(2)] * 3))

    def test_gone_with_work_outstanding(self):
        client, memory = self.ready()
        queue = Queue(client, memory)
        for i in range(32):
            queue.push(engine.OP_COMPRESS, queue.page(i), 4096, queue.page(40 + i), i)
        queue.submit()
        client.socket.close()
        again = self.client()  # once this is served, nothing touches the memory any more
        before = memory.read(IOVA, memory.size)
        again.enable_bus_master()
        for _ in range(20):
            again.read32(engine.STATE)
        self.assertEqual(memory.read(IOVA, memory.size), before)
        self.assertNotEqual(again.read32(engine.STATE) & 2, 2)

    def test_others_wait(self):
        first = self.client()
        second = Client(self.server.path, negotiate=False)
        self.addCleanup(second.socket.close)
        second.socket.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            second.version()
        self.assertServes(first)
        first.socket.close()
        second.socket.settimeout(PATIENCE)
        self.assertEqual(second.receive()[1], 1)  # the reply to its VERSION
        self.assertServes(second)

    def test_too_many_wait(self):
        first = self.client()
        waiting = []
        with self.assertRaises(BlockingIOError):
            for _ in range(100):
                waiting.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                waiting[-1].setblocking(False)
                waiting[-1].connect(str(self.server.path))
        self.assertServes(first)
        for one in waiting:
            one.close()
        first.socket.close()
        self.assertServesNext()

    def test_killed_in_mid_load(self):
        for how in ("mapped", "messages"):
            for delay in (0, 0.05, 0.12):
                with subprocess.Popen([sys.executable, "-B", "-c", LOAD, self.server.path, how],
                                      cwd=os.path.dirname(os.path.abspath(__file__)),
                                      stdout=subprocess.PIPE) as load:
                    self.assertEqual(load.stdout.readline(), b"busy\n")
                    time.sleep(delay)
                    load.send_signal(signal.SIGKILL)
                client, memory = self.ready()
                self.assertTrue(round_trip(Queue(client, memory), [text_page(5)]))
                client.socket.close()

    def test_gone_at_any_byte(self):
        message = packed(GET_INFO, struct.pack("=IIII", 16, 0, 0, 0))
        for length in range(len(message)):
            with Client(self.server.path) as client:
                client.send_raw(message[:length])
        for length in range(0, 60, 7):  # or of its first message
            with Client(self.server.path, negotiate=False) as client:
                client.send_raw(packed(1, struct.pack("=HH", 0, 1) + b" " * 60)[:length])
        self.assertServesNext()

    def test_gone_without_reading_replies(self):
        for _ in range(10):
            with Client(self.server.path) as client:
                client.send_raw(packed(GET_INFO, struct.pack("=IIII", 16, 0, 0, 0)) * 100)
        self.assertServesNext()

    def test_gone_while_its_memory_is_asked_for(self):
        for answered in range(6):
            client, memory = self.ready(mapped=False)
            queue = Queue(client, memory)
            queue.push(engine.OP_COMPRESS, queue.page(0), 4096, queue.page(1), 1)
            queue.submit()
            for _ in range(answered):
                ident, command, flags, _, payload, _ = client.receive()
                if flags & 0xF == 0:
                    client.answer(ident, command, payload)
                if command == 12 and payload[:8] == struct.pack("=Q", IOVA + 4096):
                    break
            client.socket.close()
        self.assertServesNext()


if __name__ == "__main__":
    main()
