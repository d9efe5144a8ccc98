#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The device's DMA: by mapped files and by DMA_READ and DMA_WRITE; what becomes a bus error."""

import os
import struct
import time

import engine
from engine import DMA_FAULT, IOVA, PAGE, Queue, round_trip, text_page
from fixture import EmulatorTest, main
from vfio_user import (BAR0, DMA_READ, ERROR, GET_INFO, MAP_READ, NO_REPLY, PATIENCE, REGION_WRITE,
                       REPLY, Client, Closed, packed)


class DmaTest(EmulatorTest):
    def compress_one(self, queue, source=None, destination=None):
        """The completion of a page."""
        queue.memory.write(queue.page(0), text_page(3))
        queue.push(engine.OP_COMPRESS, queue.page(0) if source is None else source, PAGE,
                   queue.page(1) if destination is None else destination, 5)
        queue.submit()
        return queue.wait(1)[0]

    def assertFaults(self, queue, address, **where):
        entry = self.compress_one(queue, **where)
        self.assertEqual((entry[6], entry[3] & ~0xFFF), (DMA_FAULT, address))


class MappedDmaTest(DmaTest):
    def test_round_trip(self):
        client, memory = self.ready()
        queue = Queue(client, memory)
        for i in range(4):
            self.assertTrue(round_trip(queue, [text_page(i + j) for j in range(14)]))
        self.assertEqual(client.dma_messages, 0)

    def test_what_is_not_mapped(self):
        client, memory = self.ready()
        queue = Queue(client, memory)
        self.assertFaults(queue, 0x10000, source=0x10000)
        self.assertFaults(queue, 0x20000, destination=0x20000)
        self.assertTrue(round_trip(queue, [text_page(0)]))

    def test_a_read_only_destination(self):
        client, memory = self.ready()
        other = self.memory()
        client.map(0x10000, PAGE, flags=MAP_READ, fd=other.fd)
        self.assertFaults(Queue(client, memory), 0x10000, destination=0x10000)

    def test_a_page_in_two_regions(self):
        client, memory = self.ready()
        other = self.memory()
        client.map(0x10000, PAGE, fd=other.fd, offset=PAGE)
        client.map(0x10000 + PAGE, PAGE, fd=other.fd, offset=8 * PAGE)
        page = text_page(9)
        other.bytes[PAGE + 2048 : 2 * PAGE] = page[:2048]
        other.bytes[8 * PAGE : 8 * PAGE + 2048] = page[2048:]
        queue = Queue(client, memory)
        split = self.compress_one(queue, source=0x10000 + 2048)
        queue.memory.write(queue.page(0), page)
        queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(2), 6)
        queue.submit()
        whole = queue.wait(1)[0]
        self.assertEqual(split[1:3], whole[1:3])
        self.assertEqual(memory.read(queue.page(1), split[1]), memory.read(queue.page(2), split[1]))

    def test_no_bus_master(self):
        client, memory = self.ready()
        queue = Queue(client, memory)
        client.write(7, 4, struct.pack("<H", 2))
        queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(1), 5)
        queue.submit()
        while client.read32(engine.STATE) & 2:
            pass
        self.assertEqual(client.read32(engine.Q_BASE + engine.Q_STATE) & 0xF, 5)  # error
        self.assertIsNone(queue.poll())

    def test_unmapped_while_it_works(self):
        client, memory = self.ready()
        queue = Queue(client, memory)
        for i in range(30):
            queue.push(engine.OP_COMPRESS, queue.page(i), PAGE, queue.page(32 + i), i)
        queue.submit()
        client.unmap(IOVA, memory.size)
        memory.write(IOVA, bytes(memory.size))
        client.read32(0)
        while client.read32(engine.STATE) & 2:
            pass
        self.assertEqual(memory.read(IOVA, memory.size), bytes(memory.size))

    def test_a_file_that_shrinks(self):
        """No SIGBUS of the server, but a bus error of the device."""
        client, memory = self.ready()
        other = os.memfd_create("shrinks")
        self.addCleanup(os.close, other)
        os.ftruncate(other, PAGE)
        client.map(0x10000, PAGE, fd=other)
        queue = Queue(client, memory)
        os.ftruncate(other, 0)
        self.assertFaults(queue, 0x10000, source=0x10000)
        self.assertFaults(queue, 0x10000, destination=0x10000)
        os.ftruncate(other, PAGE)
        os.pwrite(other, text_page(3), 0)
        self.assertEqual(self.compress_one(queue, source=0x10000)[6], engine.OK)


class MessageDmaTest(DmaTest):
    def test_round_trip(self):
        client, memory = self.ready(mapped=False)
        queue = Queue(client, memory)
        self.assertTrue(round_trip(queue, [text_page(j) for j in range(14)]))
        self.assertGreater(client.dma_messages, 14 * 4)

    def test_mixed(self):
        client, memory = self.ready()
        client.unmap(IOVA, memory.size)
        client.map(IOVA, 3 * PAGE, fd=memory.fd)  # rings and a page
        client.map(IOVA + 3 * PAGE, memory.size - 3 * PAGE)
        client.memory = memory
        self.assertTrue(round_trip(Queue(client, memory), [text_page(j) for j in range(5)]))

    def test_an_error_reply_is_a_bus_error(self):
        client, memory = self.ready(mapped=False)
        answer = client.answer

        def refuse(ident, command, payload):
            address, _ = struct.unpack("=QQ", payload[:16])
            if address >= IOVA + 2 * PAGE:
                client.send_raw(packed(command, ident=ident, flags=REPLY | ERROR, error=5))
            else:
                answer(ident, command, payload)

        client.answer = refuse
        queue = Queue(client, memory)
        self.assertFaults(queue, queue.page(0))

    def test_a_reply_of_a_wrong_length_is_a_bus_error(self):
        client, memory = self.ready(mapped=False)
        answer = client.answer

        def shorten(ident, command, payload):
            address, _ = struct.unpack("=QQ", payload[:16])
            if command == DMA_READ and address >= IOVA + 2 * PAGE:
                client.send_raw(packed(command, payload[:16] + b"short", ident=ident, flags=REPLY))
            else:
                answer(ident, command, payload)

        client.answer = shorten
        queue = Queue(client, memory)
        self.assertFaults(queue, queue.page(0))

    def test_small_transfers(self):
        client = Client(self.server.path, negotiate=False)
        self.addCleanup(client.socket.close)
        client.version({"max_data_xfer_size": 64})
        client.reset()
        client.enable_bus_master()
        client.memory = self.memory()
        client.map(IOVA, client.memory.size)
        answer, longest = client.answer, []

        def measure(ident, command, payload):
            longest.append(struct.unpack("=QQ", payload[:16])[1])
            answer(ident, command, payload)

        client.answer = measure
        self.assertTrue(round_trip(Queue(client, client.memory), [text_page(0)]))
        self.assertEqual(max(longest), 64)

    def test_requests_meanwhile_are_kept_in_order(self):
        client, memory = self.ready(mapped=False)
        queue = Queue(client, memory)
        answer = client.answer
        sent = []

        def ask_first(ident, command, payload):
            if len(sent) < 12:
                sent.extend(client.send(GET_INFO, struct.pack("=IIII", 16, 0, 0, 0))
                            for _ in range(4))
            answer(ident, command, payload)

        client.answer = ask_first
        queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(1), 5)
        queue.submit()
        replies = []
        while len(replies) < 12:
            ident, command, flags, _, payload, _ = client.receive()
            if flags & 0xF == REPLY:
                replies.append(ident)
            else:
                client.answer(ident, command, payload)
        self.assertEqual(replies, sent)

    def test_a_flood_instead_of_an_answer(self):
        client, memory = self.ready(mapped=False)
        queue = Queue(client, memory)
        queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(1), 5)
        queue.submit()
        with self.assertRaises((Closed, ConnectionError)):
            for _ in range(2000):
                client.send(GET_INFO, struct.pack("=IIII", 16, 0, 0, 0))
            while True:
                client.receive()
        self.assertServesNext()



def ring_message(queue):
    """The doorbell as a message's payload: for one that is sent without waiting."""
    return struct.pack("=QIII", engine.DOORBELLS, BAR0, 4, queue.tail)


class SilentClientTest(DmaTest):
    OPTIONS = EmulatorTest.IMPATIENT

    def test_a_silent_client_is_a_bus_error(self):
        client, memory = self.ready(mapped=False)
        queue = Queue(client, memory)
        queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(1), 5)
        start = time.monotonic()
        client.answer = lambda *_: None
        queue.submit()
        while client.read32(engine.STATE) & 2:
            pass
        self.assertEqual(client.read32(engine.Q_BASE + engine.Q_STATE) & 0xF, 5)
        self.assertGreaterEqual(time.monotonic() - start, 0.25)
        self.assertServes(client)

    def test_a_silent_client_is_asked_once(self):
        """What the device wants of it after that faults at once, until it sends something."""
        client, memory = self.ready()
        client.unmap(IOVA, memory.size)
        client.map(IOVA, 2 * PAGE, fd=memory.fd)  # the rings
        client.map(IOVA + 2 * PAGE, memory.size - 2 * PAGE)
        queue = Queue(client, memory)
        for i in range(20):
            queue.push(engine.OP_COMPRESS, queue.page(i), PAGE, queue.page(40 + i), i)
        client.send(REGION_WRITE, ring_message(queue), flags=NO_REPLY)
        deadline, done = time.monotonic() + PATIENCE, []
        while len(done) < 20:
            self.assertLess(time.monotonic(), deadline)
            entry = queue.poll()
            done += [entry[6]] if entry else []
        self.assertEqual(done, [DMA_FAULT] * 20)
        self.assertEqual(client.receive()[1], DMA_READ)
        client.write32(engine.DOORBELLS + engine.CQ_HEAD, queue.head)
        self.assertEqual(client.dma_messages, 0)
        queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(40), 0)
        client.send(REGION_WRITE, ring_message(queue), flags=NO_REPLY)
        self.assertEqual(client.receive()[1], DMA_READ)  # asked again


if __name__ == "__main__":
    main()
