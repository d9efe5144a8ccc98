#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SET_IRQS, and what becomes of a device's interrupts: masks, table, pending bits."""

import errno
import os
import struct
import time

import engine
from engine import IOVA, PAGE, Queue
from fixture import EmulatorTest, OneClientTest, main
from vfio_user import (ACTION_MASK, ACTION_TRIGGER, ACTION_UNMASK, BAR2, CONFIG, DATA_BOOL,
                       DATA_EVENTFD, DATA_NONE, MSIX, PATIENCE, SET_IRQS)

VECTORS = 9
ENTRY, MASK_BIT, PBA = 16, 12, 0x1000
MSIX_CONTROL = 0x42


def head(flags, start=0, count=1, index=MSIX, argsz=20):
    return struct.pack("=IIIII", argsz, flags, index, start, count)


class IrqTest(EmulatorTest):
    def event(self):
        fd = os.eventfd(0, os.EFD_NONBLOCK)
        self.addCleanup(os.close, fd)
        return fd

    def count(self, event):
        """How often it has been signalled since the last time."""
        try:
            return os.eventfd_read(event)
        except BlockingIOError:
            return 0


class SetIrqsTest(IrqTest, OneClientTest):
    def test_too_short(self):
        for payload in (b"", bytes(19), head(DATA_NONE | ACTION_TRIGGER, argsz=19)):
            with self.refused():
                self.c.request(SET_IRQS, payload)

    def test_flags(self):
        for flags in (0, DATA_NONE, ACTION_TRIGGER, DATA_NONE | DATA_BOOL | ACTION_TRIGGER,
                      DATA_NONE | ACTION_MASK | ACTION_UNMASK, 64 | DATA_NONE | ACTION_MASK):
            with self.refused():
                self.c.request(SET_IRQS, head(flags))

    def test_no_such_vector(self):
        for start, count in ((0, VECTORS + 1), (VECTORS, 1), (0xFFFFFFFF, 1), (1, 0xFFFFFFFF),
                             (0xFFFFFFFF, 0xFFFFFFFF), (VECTORS + 1, 0)):
            with self.refused():
                self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, start, count)

    def test_no_such_index(self):
        with self.refused():
            self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, 0, 0, index=5)
        for index in (0, 1, 3, 4):  # they are there, but have no vectors
            with self.refused():
                self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, 0, 1, index=index)
            self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, 0, 0, index=index)

    def test_too_few_booleans(self):
        with self.refused():
            self.c.set_irqs(DATA_BOOL | ACTION_TRIGGER, 0, 3, data=b"\1\1")

    def test_descriptors_that_do_not_fit_the_count(self):
        for fds in (1, 3):
            with self.refused():
                self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 0, 2,
                                [self.event() for _ in range(fds)])

    def test_what_is_no_eventfd(self):
        reading, writing = os.pipe()
        for fd in (reading, writing):
            self.addCleanup(os.close, fd)
            with self.refused():
                self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 0, 2, [self.event(), fd])

    def test_no_eventfds_for_masks(self):
        with self.refused(errno.ENOTSUP):
            self.c.set_irqs(DATA_EVENTFD | ACTION_MASK, 0, 1, [self.event()])

    def test_count_0_does_nothing_but_disable(self):
        for flags in (DATA_NONE | ACTION_MASK, DATA_BOOL | ACTION_TRIGGER,
                      DATA_EVENTFD | ACTION_TRIGGER):
            with self.refused():
                self.c.set_irqs(flags, 0, 0)
        with self.refused():
            self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, 1, 0)

    def test_trigger(self):
        events = [self.event() for _ in range(VECTORS)]
        self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 0, VECTORS, events)
        self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, 2, 2)
        self.c.set_irqs(DATA_BOOL | ACTION_TRIGGER, 3, 3, data=b"\1\0\1")
        self.assertEqual([self.count(e) for e in events], [0, 0, 1, 2, 0, 1, 0, 0, 0])

    def test_take_one_away(self):
        events = [self.event() for _ in range(2)]
        self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 0, 2, events)
        self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 0, 1)
        self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, 0, 2)
        self.assertEqual([self.count(e) for e in events], [0, 1])

    def test_disable_all(self):
        events = [self.event() for _ in range(2)]
        self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 0, 2, events)
        self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, 0, 0)
        self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, 0, 2)
        self.assertEqual([self.count(e) for e in events], [0, 0])

    def test_a_full_eventfd_stops_nobody(self):
        event = self.event()
        os.eventfd_write(event, (1 << 64) - 2)
        self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 0, 1, [event])
        self.c.set_irqs(DATA_NONE | ACTION_TRIGGER, 0, 1)

    def test_closed_with_the_client(self):
        fds = f"/proc/{self.server.process.pid}/fd"
        before = len(os.listdir(fds))
        self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 0, VECTORS,
                        [self.event() for _ in range(VECTORS)])
        self.assertEqual(len(os.listdir(fds)), before + VECTORS)
        self.c.socket.close()
        self.c = self.client()
        self.assertEqual(len(os.listdir(fds)), before)


class InterruptTest(IrqTest):
    """Interrupts of the device: vector 3, one for each completion."""

    VECTOR = 3

    def setUp(self):
        self.c, memory = self.ready()
        self.e = self.event()
        self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, self.VECTOR, 1, [self.e])
        self.queue = Queue(self.c, memory, irq_vector=self.VECTOR)

    def interrupt(self):
        """Lets the device send one; it has been sent when this returns."""
        self.queue.push(engine.OP_COMPRESS, self.queue.page(0), PAGE, self.queue.page(1), 0,
                        engine.SQE_IRQ)
        self.queue.submit()
        self.queue.wait(1)
        deadline = time.monotonic() + PATIENCE
        while self.c.read32(engine.STATE) & 2:  # busy
            self.assertLess(time.monotonic(), deadline)

    def eventually(self, expected):
        total, deadline = 0, time.monotonic() + PATIENCE
        while total < expected and time.monotonic() < deadline:
            total += self.count(self.e)
        self.assertEqual(total + self.count(self.e), expected)

    def pending(self):
        return struct.unpack("<Q", self.c.read(BAR2, PBA, 8))[0]

    def assertPendingThenDelivered(self, mask, unmask):
        mask()
        self.interrupt()
        deadline = time.monotonic() + PATIENCE
        while self.pending() != 1 << self.VECTOR:
            self.assertLess(time.monotonic(), deadline)
        self.interrupt()
        self.assertEqual(self.count(self.e), 0)
        unmask()
        self.assertEqual(self.count(self.e), 1)
        self.assertEqual(self.pending(), 0)

    def test_delivered(self):
        self.interrupt()
        self.eventually(1)

    def test_masked_by_the_client(self):
        self.assertPendingThenDelivered(
            lambda: self.c.set_irqs(DATA_NONE | ACTION_MASK, self.VECTOR, 1),
            lambda: self.c.set_irqs(DATA_BOOL | ACTION_UNMASK, self.VECTOR, 1, data=b"\1"))

    def test_masked_in_the_table(self):
        at = self.VECTOR * ENTRY + MASK_BIT
        self.assertPendingThenDelivered(lambda: self.c.write(BAR2, at, struct.pack("<I", 1)),
                                        lambda: self.c.write(BAR2, at, struct.pack("<I", 0)))

    def test_masked_function(self):
        self.assertPendingThenDelivered(
            lambda: self.c.write(CONFIG, MSIX_CONTROL, struct.pack("<H", 0xC000)),
            lambda: self.c.write(CONFIG, MSIX_CONTROL, struct.pack("<H", 0x8000)))

    def test_an_unmasked_eventfd_that_comes_late_has_none(self):
        self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, self.VECTOR, 1)
        self.interrupt()
        self.c.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, self.VECTOR, 1, [self.e])
        self.assertEqual(self.count(self.e), 0)

    def test_reset_clears_table_and_pending_bits(self):
        self.c.write(BAR2, self.VECTOR * ENTRY, struct.pack("<QII", IOVA, 42, 1))
        self.assertEqual(self.c.read(BAR2, self.VECTOR * ENTRY, 16),
                         struct.pack("<QII", IOVA, 42, 1))
        self.interrupt()
        self.c.reset()
        self.assertEqual(self.pending(), 0)
        self.assertEqual(self.c.read(BAR2, self.VECTOR * ENTRY, 16), struct.pack("<QII", 0, 0, 1))
        self.assertEqual(self.count(self.e), 0)

    def test_the_rest_of_the_bar(self):
        for offset, count in ((VECTORS * ENTRY, 64), (PBA, 64), (0x1FF0, 16)):
            self.c.write(BAR2, offset, b"\xff" * count)
            self.assertEqual(self.c.read(BAR2, offset, count), bytes(count))


if __name__ == "__main__":
    main()
