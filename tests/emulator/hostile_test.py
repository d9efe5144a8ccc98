#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that mean harm: random messages, floods, half messages, descriptors in masses. The
server answers or hangs up, uses no more memory or descriptors for it, and serves the next one."""

import os
import random
import struct
import time

import engine
from engine import Queue, round_trip, text_page
from fixture import EmulatorTest, main
from vfio_user import DMA_MAP, GET_INFO, NO_REPLY, REPLY, SET_IRQS, Client, Closed, packed

INFO = struct.pack("=IIII", 16, 0, 0, 0)
COMMANDS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 15, 16, 99)
GONE = (Closed, ConnectionError, TimeoutError)


class HostileTest(EmulatorTest):
    OPTIONS = EmulatorTest.IMPATIENT

    def resident(self):
        """KiB of the server's memory."""
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def random_payload(self, dice):
        """Fields of small and of extreme values, of any length."""
        values = (0, 1, 2, 4, 7, 16, 20, 32, 0x1000, 0x100000, 0xFFFFFFFF, 0x80000000)
        words = [dice.choice(values) if dice.random() < 0.8 else dice.getrandbits(32)
                 for _ in range(dice.randrange(16))]
        return struct.pack(f"={len(words)}I", *words) + bytes(dice.choice((0, 0, 0, 1, 3)))

    def test_random_messages(self):
        dice = random.Random(1)
        for _ in range(60):
            with Client(self.server.path, negotiate=dice.random() < 0.9) as client:
                try:
                    for _ in range(40):
                        client.send(dice.choice(COMMANDS), self.random_payload(dice),
                                    fds=[0] * dice.choice((0, 0, 0, 1, 2)),
                                    flags=dice.choice((0, 0, NO_REPLY, REPLY)),
                                    error=dice.getrandbits(8))
                    client.send(GET_INFO, INFO, ident=0xABCD)
                    while client.receive()[0] != 0xABCD:
                        pass
                except GONE:
                    self.fail("whole messages, though wrong ones, are no reason to hang up")
        with Client(self.server.path) as client:
            client.reset()
            self.assertServes(client)

    def test_random_bytes(self):
        dice = random.Random(2)
        for _ in range(50):
            with Client(self.server.path, negotiate=dice.random() < 0.5) as client:
                try:
                    client.send_raw(dice.randbytes(dice.randrange(1, 5000)))
                except GONE:
                    pass
        self.assertServesNext()

    def test_random_registers(self):
        """Any write to any register; then a reset puts it right."""
        dice = random.Random(3)
        client, memory = self.ready()
        for _ in range(2000):
            offset = dice.choice((dice.randrange(0, 0x120, 4),
                                  0x10000 + dice.randrange(0, 0x900, 4),
                                  0x100000 + dice.randrange(9) * 0x1000 + dice.choice((0, 4))))
            client.write32(offset, dice.choice((0, 1, 3, 0xFFFF, engine.IOVA, dice.getrandbits(32))))
        client.reset()
        client.enable_bus_master()
        self.assertTrue(round_trip(Queue(client, memory), [text_page(1)]))

    def test_a_flood_whose_replies_nobody_reads(self):
        with Client(self.server.path) as client:
            client.socket.settimeout(5)
            before = self.resident()
            with self.assertRaises(GONE):
                while True:
                    client.send_raw(packed(GET_INFO, INFO) * 1000)
            self.assertLess(self.resident() - before, 8192)
        self.assertServesNext()

    def test_a_flood_without_replies(self):
        with Client(self.server.path) as client:
            client.send_raw(packed(GET_INFO, INFO, flags=NO_REPLY) * 20000)
            self.assertServes(client)

    def test_half_a_message(self):
        """It can come late; nobody else is served meanwhile, but the device is."""
        client, memory = self.ready()
        queue = Queue(client, memory)
        queue.push(engine.OP_COMPRESS, queue.page(0), 4096, queue.page(1), 1)
        queue.submit()
        message = packed(GET_INFO, INFO, ident=9)
        client.send_raw(message[:20])
        deadline = time.monotonic() + 20
        while queue.poll() is None:
            self.assertLess(time.monotonic(), deadline)
        client.send_raw(message[20:])
        self.assertEqual(client.receive()[0], 9)

    def test_large_messages(self):
        with Client(self.server.path) as client:
            before = self.resident()
            for _ in range(20):
                with self.refused(22, 95):
                    client.request(99, bytes(1 << 20))
            self.assertLess(self.resident() - before, 8192)

    def test_descriptors_in_masses(self):
        before = self.descriptors()
        with Client(self.server.path) as client:
            pipe = os.pipe()
            for _ in range(500):
                client.send(DMA_MAP, bytes(32), [0] * 16, flags=NO_REPLY)
                client.send(SET_IRQS, bytes(20), list(pipe), flags=NO_REPLY)
            self.assertServes(client)
            for fd in pipe:
                os.close(fd)
            self.assertLessEqual(self.descriptors(), before + 2)
        self.assertServesNext()

    def test_descriptors_along_half_messages(self):
        before = self.descriptors()
        for _ in range(30):
            with Client(self.server.path) as client:
                client.send_raw(packed(GET_INFO, INFO)[:8], [0] * 16)
        self.assertServesNext()
        self.assertLessEqual(self.descriptors(), before + 2)

    def test_a_file_that_is_truncated_under_load(self):
        client, memory = self.ready()
        queue = Queue(client, memory)
        for i in range(30):
            queue.push(engine.OP_COMPRESS, queue.page(i), 4096, queue.page(40 + i), i)
        queue.submit()
        os.ftruncate(memory.fd, 0)
        while client.read32(engine.STATE) & 2:
            pass
        self.assertServes(client)

    def test_clients_that_only_connect(self):
        for _ in range(200):
            with Client(self.server.path, negotiate=False):
                pass
        self.assertServesNext()


if __name__ == "__main__":
    main()
