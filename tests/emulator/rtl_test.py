#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The RTL behind the server: a round trip each way of DMA, interrupts, doorbells, reset."""

import mmap
import os
import time

import engine
from engine import DOORBELLS, PAGE, Queue, round_trip, text_page
from fixture import EmulatorTest, main
from vfio_user import ACTION_TRIGGER, BAR0, DATA_EVENTFD, PATIENCE


class RtlTest(EmulatorTest):
    OPTIONS = ("--device", "rtl", "--answer-ms", "20000")

    def test_mapped(self):
        client, memory = self.ready()
        fd = client.region_info(BAR0)[2][0]
        with mmap.mmap(fd, PAGE, offset=DOORBELLS) as doorbells:
            os.close(fd)
            queue = Queue(client, memory, doorbells=doorbells)
            self.assertTrue(round_trip(queue, [text_page(i) for i in range(8)]))

    def test_by_messages_with_interrupts(self):
        client, memory = self.ready(mapped=False)
        event = os.eventfd(0, os.EFD_NONBLOCK)
        self.addCleanup(os.close, event)
        client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 1, 1, [event])
        queue = Queue(client, memory, irq_vector=1)
        self.assertTrue(round_trip(queue, [text_page(i) for i in range(3)], engine.SQE_IRQ))
        deadline, interrupts = time.monotonic() + PATIENCE, 0
        while interrupts < 6:
            self.assertLess(time.monotonic(), deadline)
            client.read32(engine.STATE)
            try:
                interrupts += os.eventfd_read(event)
            except BlockingIOError:
                pass
        self.assertEqual(interrupts, 6)

    def test_reset_under_load(self):
        client, memory = self.ready()
        queue = Queue(client, memory)
        for i in range(20):
            queue.push(engine.OP_COMPRESS, queue.page(i), PAGE, queue.page(40 + i), i)
        queue.submit()
        client.reset()
        client.enable_bus_master()
        self.assertTrue(round_trip(Queue(client, memory), [text_page(1)]))


if __name__ == "__main__":
    main()
