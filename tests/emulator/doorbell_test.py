#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Doorbells that the client maps."""

import mmap
import os
import struct
import time

import engine
from engine import DOORBELLS, PAGE, Queue, round_trip, text_page
from fixture import EmulatorTest, main
from vfio_user import BAR0, PATIENCE

SQ_TAIL_REGISTER = engine.Q_BASE + 0x24
QUEUES = 8


class DoorbellTest(EmulatorTest):
    def setUp(self):
        self.c, self.m = self.ready()
        self.map_doorbells()

    def map_doorbells(self):
        fd = self.c.region_info(BAR0)[2][0]
        self.doorbells = mmap.mmap(fd, QUEUES * PAGE, offset=DOORBELLS)
        os.close(fd)
        self.addCleanup(self.doorbells.close)

    def word(self, queue=0, which=0):
        return struct.unpack_from("<I", self.doorbells, queue * PAGE + which)[0]

    def eventually(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline)

    def test_round_trip(self):
        queue = Queue(self.c, self.m, doorbells=self.doorbells)
        for i in range(8):  # the rings go round
            self.assertTrue(round_trip(queue, [text_page(i + j) for j in range(10)]))

    def test_each_queue_has_a_page(self):
        for index in range(QUEUES):
            queue = Queue(self.c, self.m, index=index, doorbells=self.doorbells)
            self.assertTrue(round_trip(queue, [text_page(index)]))

    def test_an_enabled_queue_starts_at_0(self):
        """Else the second queue's first doorbell, of the same value, would not be seen."""
        for _ in range(3):
            queue = Queue(self.c, self.m, doorbells=self.doorbells)
            self.assertEqual(self.word(), 0)
            self.assertTrue(round_trip(queue, [text_page(1)] * 4))
            self.c.write32(engine.Q_BASE, 0)
            self.eventually(lambda: self.c.read32(engine.Q_BASE + engine.Q_STATE) & 0xF == 0)

    def test_a_running_queue_keeps_its_words(self):
        queue = Queue(self.c, self.m, doorbells=self.doorbells)
        self.assertTrue(round_trip(queue, [text_page(1)] * 4))
        self.c.write32(engine.Q_BASE, 1 | 2 << 8)  # another priority
        self.assertEqual((self.word(), self.word(which=4)), (8, 8))
        self.assertTrue(round_trip(queue, [text_page(2)] * 4))

    def test_resets_clear_the_words(self):
        for reset in (self.c.reset, lambda: self.c.write32(engine.CTRL, engine.CTRL_RESET)):
            self.c.enable_bus_master()
            self.assertTrue(round_trip(Queue(self.c, self.m, doorbells=self.doorbells),
                                       [text_page(1)]))
            self.assertNotEqual(self.word(), 0)
            reset()
            self.assertEqual(bytes(self.doorbells), bytes(len(self.doorbells)))
            self.eventually(lambda: self.c.read32(engine.CTRL) == 0)

    def test_trapped_and_mapped(self):
        queue = Queue(self.c, self.m, doorbells=self.doorbells)
        for i in range(6):
            queue.doorbells = self.doorbells if i % 2 else None
            self.assertTrue(round_trip(queue, [text_page(i)] * 3))
            self.assertEqual(self.word(), queue.tail)

    def test_a_doorbell_comes_before_a_later_message(self):
        queue = Queue(self.c, self.m, doorbells=self.doorbells)
        for _ in range(20):
            queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(1), 0)
            queue.submit()
            self.assertEqual(self.c.read32(SQ_TAIL_REGISTER), queue.tail)
            queue.wait(1)

    def test_wrong_values_are_logged_by_the_device(self):
        Queue(self.c, self.m, doorbells=self.doorbells)
        struct.pack_into("<I", self.doorbells, 0, 0xFFFFFFFF)
        self.eventually(lambda: self.c.read32(0x40) & 1)
        self.assertEqual(self.c.read32(0x48) & 0xFF, 1)  # PP_ERR_DOORBELL_RANGE

    def test_a_former_client_rings_nothing(self):
        old = self.doorbells
        Queue(self.c, self.m, doorbells=old)
        self.c.socket.close()
        self.c, self.m = self.ready()
        self.map_doorbells()
        queue = Queue(self.c, self.m, doorbells=self.doorbells)
        struct.pack_into("<I", old, 0, 5)
        self.assertTrue(round_trip(queue, [text_page(1)]))
        self.assertEqual(self.c.read32(SQ_TAIL_REGISTER), 2)


if __name__ == "__main__":
    main()
