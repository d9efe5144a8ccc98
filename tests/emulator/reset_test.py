#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""DEVICE_RESET: also with work outstanding; nothing of before it happens after its reply."""

import struct
import time

import engine
from engine import IOVA, PAGE, Queue, round_trip, text_page
from fixture import EmulatorTest, main
from vfio_user import CONFIG

INJECT, INJECT_COUNT, INJECT_ARG, STUCK_ENGINE = 0x80, 0x84, 0x88, 4


class ResetTest(EmulatorTest):
    def submit_much(self, client, memory):
        queue = Queue(client, memory)
        for i in range(32):
            queue.memory.write(queue.page(i), text_page(i))
            queue.push(engine.OP_COMPRESS, queue.page(i), PAGE, queue.page(40 + i), i)
        queue.submit()
        return queue

    def test_registers(self):
        client = self.client()
        client.write32(0x88, 7)
        client.write32(engine.CTRL, engine.CTRL_ENABLE)
        client.write32(engine.Q_BASE + engine.Q_SIZE, 0x505)
        client.reset()
        for register in (0x88, engine.CTRL, engine.Q_BASE + engine.Q_SIZE):
            self.assertEqual(client.read32(register), 0)
        self.assertEqual(client.read32(engine.STATE), 1)
        self.assertEqual(client.read(CONFIG, 4, 2), b"\0\0")

    def test_no_dma_after_it(self):
        for _ in range(5):
            client, memory = self.ready()
            self.submit_much(client, memory)
            client.reset()
            memory.write(IOVA, bytes(memory.size))
            client.enable_bus_master()
            for _ in range(20):
                client.read32(engine.STATE)
            self.assertEqual(memory.read(IOVA, memory.size), bytes(memory.size))
            client.socket.close()

    def test_works_again(self):
        client, memory = self.ready()
        self.submit_much(client, memory)
        for _ in range(3):
            client.reset()
            client.enable_bus_master()
            self.assertTrue(round_trip(Queue(client, memory), [text_page(1)]))

    def stick(self, client, memory):
        """A unit that never ends."""
        client.write32(INJECT_ARG, 0)
        client.write32(INJECT_COUNT, 1 << 16)
        client.write32(INJECT, 1 << 31 | 0xFFFF << 8 | STUCK_ENGINE)
        queue = Queue(client, memory)
        queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(1), 1)
        queue.submit()
        time.sleep(0.05)
        self.assertEqual(client.read32(engine.STATE), 3)  # busy
        self.assertIsNone(queue.poll())

    def test_of_a_stuck_engine(self):
        client, memory = self.ready()
        self.stick(client, memory)
        client.reset()
        client.enable_bus_master()
        self.assertTrue(round_trip(Queue(client, memory), [text_page(1)]))

    def test_of_an_engine_that_a_former_client_left_stuck(self):
        client, memory = self.ready()
        self.stick(client, memory)
        client.socket.close()
        client, memory = self.ready()
        self.assertTrue(round_trip(Queue(client, memory), [text_page(1)]))

    def test_mappings_stay(self):
        client, memory = self.ready()
        client.reset()
        client.unmap(IOVA, memory.size)

    def test_a_payload_is_ignored(self):
        client = self.client()
        client.request(13, struct.pack("=Q", 1))
        self.assertServes(client)


class SilentClientTest(EmulatorTest):
    OPTIONS = EmulatorTest.IMPATIENT

    def test_with_a_client_that_answers_no_dma(self):
        client, memory = self.ready(mapped=False)
        queue = Queue(client, memory)
        queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(1), 1)
        client.answer = lambda *_: None
        queue.submit()
        client.reset()
        self.assertEqual(client.read32(engine.STATE), 1)


if __name__ == "__main__":
    main()
