# SPDX-License-Identifier: Apache-2.0
"""A driver for one queue of the engine, for tests: rings and pages in one block of memory that
the client lets the device reach, by a mapped file or by DMA messages.

Names and numbers are rtl/abi's. Limitation: no ring goes round more than 65,535 entries.
"""

import mmap
import os
import struct
import time

from vfio_user import BAR0, PATIENCE

CTRL, STATE, CAP0 = 0x20, 0x24, 0x08
CTRL_ENABLE, CTRL_RESET = 1, 2
Q_BASE, Q_STRIDE = 0x10000, 0x100
Q_CTRL, Q_STATE, Q_SIZE, Q_SQ_BASE, Q_CQ_BASE, Q_IRQ_CTRL = 0x00, 0x04, 0x08, 0x10, 0x18, 0x30
DOORBELLS, DB_STRIDE, SQ_TAIL, CQ_HEAD = 0x100000, 0x1000, 0, 4
OP_COMPRESS, OP_DECOMPRESS = 1, 2
SQE_IRQ = 1
OK, SAME_FILLED, INCOMPRESSIBLE, DMA_FAULT = 0, 1, 2, 5
SQE = struct.Struct("<BBHIQQIIQIBBHQQ")
CQE = struct.Struct("<QIIQIHBB")

PAGE = 4096
IOVA = 0x4000_0000


class Memory:
    """A memfd, as the device is to see it from IOVA on."""

    def __init__(self, pages=256):
        self.size = pages * PAGE
        self.fd = os.memfd_create("emulator-test")
        os.ftruncate(self.fd, self.size)
        self.bytes = mmap.mmap(self.fd, self.size)

    def close(self):
        self.bytes.close()
        os.close(self.fd)

    def read(self, address, count):
        return self.bytes[address - IOVA : address - IOVA + count]

    def write(self, address, data):
        self.bytes[address - IOVA : address - IOVA + len(data)] = data


class Queue:
    """Ring of submissions at IOVA, of completions a page later, pages from page 2 on."""

    LOG2 = 5  # entries: 32

    def __init__(self, client, memory, index=0, doorbells=None, irq_vector=None):
        self.client, self.memory, self.index = client, memory, index
        self.doorbells = doorbells  # an mmap of the region's file; else trapped
        self.tail = self.head = 0
        self.memory.write(IOVA, bytes(2 * PAGE))
        client.write32(CTRL, CTRL_ENABLE)
        base = Q_BASE + index * Q_STRIDE
        client.write32(base + Q_SIZE, self.LOG2 | self.LOG2 << 8)
        client.write(BAR0, base + Q_SQ_BASE, struct.pack("<Q", IOVA))
        client.write(BAR0, base + Q_CQ_BASE, struct.pack("<Q", IOVA + PAGE))
        if irq_vector is not None:
            client.write32(base + Q_IRQ_CTRL, 1 | irq_vector << 16)
        client.write32(base + Q_CTRL, 1)
        assert client.read32(base + Q_STATE) & 0xF == 1

    def ring(self, which, value):
        offset = self.index * DB_STRIDE + which
        if self.doorbells is None:
            self.client.write32(DOORBELLS + offset, value & 0xFFFF)
        else:
            struct.pack_into("<I", self.doorbells, offset, value & 0xFFFF)

    def push(self, opcode, source, length, destination, tag, flags=0, capacity=PAGE):
        entry = SQE.pack(opcode, 0, flags, length, source, destination, capacity, 0, tag, 0, 0, 0, 0,
                         0, 0)
        slot = self.tail % (1 << self.LOG2)
        self.memory.write(IOVA + slot * SQE.size, entry)
        self.tail += 1

    def submit(self):
        self.ring(SQ_TAIL, self.tail)

    def poll(self):
        """The next completion: (tag, out_len, crc, info, cycles, sq_head, status, flags) or None."""
        slot = self.head % (1 << self.LOG2)
        entry = CQE.unpack(self.memory.read(IOVA + PAGE + slot * CQE.size, CQE.size))
        if entry[7] & 1 != (self.head >> self.LOG2) + 1 & 1:
            return None
        self.head += 1
        return entry

    def wait(self, count):
        """`count` completions, and tells the device."""
        done, deadline = [], time.monotonic() + PATIENCE
        while len(done) < count:
            entry = self.poll()
            if entry is not None:
                done.append(entry)
                continue
            assert time.monotonic() < deadline, f"{len(done)} of {count} completions"
            # DMA messages are answered while a reply is waited for.
            if self.doorbells is None:
                self.client.read32(STATE)
            else:
                time.sleep(0.0005)
        self.ring(CQ_HEAD, self.head)
        return done

    def page(self, index):
        return IOVA + (2 + index) * PAGE


def text_page(seed):
    """A page that compresses, another one for each seed."""
    words = b"".join(b"%d: page %d of the emulator's tests; " % (i * seed % 97, seed)
                     for i in range(200))
    return words[:PAGE]


def round_trip(queue, pages, flags=0):
    """Compresses and decompresses pages through the engine; true if they come back."""
    count = len(pages)
    for i, page in enumerate(pages):
        queue.memory.write(queue.page(i), page)
        queue.push(OP_COMPRESS, queue.page(i), PAGE, queue.page(count + i), i, flags)
    queue.submit()
    blocks = {entry[0]: entry for entry in queue.wait(count)}
    assert sorted(blocks) == list(range(count))
    for i in range(count):
        assert blocks[i][6] == OK, blocks[i]
        queue.memory.write(queue.page(2 * count + i), bytes(PAGE))
        queue.push(OP_DECOMPRESS, queue.page(count + i), blocks[i][1], queue.page(2 * count + i),
                   count + i, flags)
    queue.submit()
    done = queue.wait(count)
    assert all(entry[6] == OK and entry[1] == PAGE for entry in done), done
    return all(queue.memory.read(queue.page(2 * count + i), PAGE) == page
               for i, page in enumerate(pages))
