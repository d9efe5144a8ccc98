#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""DMA_MAP and DMA_UNMAP."""

import errno
import os
import struct

from engine import IOVA, PAGE
from fixture import EmulatorTest, main
from vfio_user import DMA_MAP, DMA_UNMAP, MAP_READ

TOP = 1 << 64


class DmaMapTest(EmulatorTest):
    def setUp(self):
        self.c = self.client()

    def fd(self, size=PAGE, flags=os.O_RDWR):
        fd = os.memfd_create("dma-map-test")
        os.ftruncate(fd, size)
        reopened = os.open(f"/proc/self/fd/{fd}", flags)
        os.close(fd)
        self.addCleanup(os.close, reopened)
        return reopened

    def test_too_short(self):
        for payload in (b"", bytes(31), struct.pack("=IIQQQ", 31, 3, 0, IOVA, PAGE)):
            with self.refused():
                self.c.request(DMA_MAP, payload)

    def test_unknown_flags(self):
        with self.refused():
            self.c.map(IOVA, PAGE, flags=4)

    def test_empty(self):
        with self.refused():
            self.c.map(IOVA, 0)

    def test_around_the_top(self):
        for address, size in ((TOP - PAGE, PAGE + 1), (2, TOP - 1), (IOVA, TOP - 1)):
            with self.refused():
                self.c.map(address, size)

    def test_up_to_the_top(self):
        self.c.map(TOP - PAGE, PAGE)
        with self.refused(errno.EEXIST):
            self.c.map(TOP - 1, 1)

    def test_overlaps(self):
        self.c.map(IOVA, 4 * PAGE)
        for address, size in ((IOVA, 4 * PAGE), (IOVA + PAGE, PAGE), (IOVA - PAGE, PAGE + 1),
                              (IOVA + 4 * PAGE - 1, PAGE), (IOVA - PAGE, 16 * PAGE)):
            with self.refused(errno.EEXIST):
                self.c.map(address, size)
        self.c.map(IOVA - PAGE, PAGE)
        self.c.map(IOVA + 4 * PAGE, PAGE)

    def test_file_too_short(self):
        fd = self.fd(4 * PAGE)
        for offset, size in ((0, 5 * PAGE), (PAGE, 4 * PAGE), (4 * PAGE, 1), (TOP - PAGE, PAGE),
                             (PAGE, TOP - IOVA - 1)):
            with self.refused():
                self.c.map(IOVA, size, fd=fd, offset=offset)
        self.c.map(IOVA, 3 * PAGE, fd=fd, offset=PAGE)

    def test_what_is_no_file(self):
        reading, writing = os.pipe()
        folder = os.open("/", os.O_RDONLY)
        zero = os.open("/dev/zero", os.O_RDWR)
        for fd in (reading, writing, folder, zero, os.eventfd(0)):
            self.addCleanup(os.close, fd)
            with self.refused():
                self.c.map(IOVA, PAGE, fd=fd)

    def test_a_file_without_the_permission(self):
        with self.refused(errno.EACCES):
            self.c.map(IOVA, PAGE, fd=self.fd(flags=os.O_RDONLY))
        self.c.map(IOVA, PAGE, fd=self.fd(flags=os.O_RDONLY), flags=MAP_READ)

    def test_two_files(self):
        payload = struct.pack("=IIQQQ", 32, 3, 0, IOVA, PAGE)
        with self.refused():
            self.c.request(DMA_MAP, payload, [self.fd(), self.fd()])

    def test_offsets_need_no_alignment(self):
        self.c.map(IOVA + 100, PAGE, fd=self.fd(3 * PAGE), offset=33)

    def test_a_refused_one_leaves_nothing(self):
        with self.refused():
            self.c.map(IOVA, 2 * PAGE, fd=self.fd(PAGE))
        self.c.map(IOVA, PAGE, fd=self.fd(PAGE))

    def test_too_many(self):
        most = self.c.capabilities["max_dma_maps"]
        for i in range(most):
            self.c.map(IOVA + 2 * i * PAGE, PAGE)
        with self.refused(errno.ENOSPC):
            self.c.map(0, PAGE)
        self.c.unmap(IOVA, PAGE)
        self.c.map(0, PAGE)


class DmaUnmapTest(EmulatorTest):
    def setUp(self):
        self.c = self.client()
        self.c.map(IOVA, 2 * PAGE)

    def test_too_short(self):
        for payload in (b"", bytes(23), struct.pack("=IIQQ", 23, 0, IOVA, 2 * PAGE)):
            with self.refused():
                self.c.request(DMA_UNMAP, payload)

    def test_what_is_not_mapped(self):
        for address, size in ((IOVA + PAGE, PAGE), (IOVA, PAGE), (IOVA, 3 * PAGE), (0, PAGE),
                              (IOVA, 0), (IOVA - PAGE, 2 * PAGE), (0, TOP - 1)):
            with self.refused(errno.ENOENT):
                self.c.unmap(address, size)

    def test_flags(self):
        with self.refused(errno.ENOTSUP):  # dirty pages
            self.c.unmap(IOVA, 2 * PAGE, flags=1)
        with self.refused():  # all, but of a range
            self.c.unmap(IOVA, 2 * PAGE, flags=2)

    def test_twice(self):
        self.c.unmap(IOVA, 2 * PAGE)
        with self.refused(errno.ENOENT):
            self.c.unmap(IOVA, 2 * PAGE)

    def test_all(self):
        self.c.map(0, PAGE)
        self.c.unmap(0, 0, flags=2)
        self.c.map(0, TOP - 1)

    def test_the_file_is_let_go(self):
        memory = self.memory()
        maps = f"/proc/{self.server.process.pid}/maps"

        def mapped():
            with open(maps, encoding="ascii") as file:
                return file.read().count("memfd:emulator-test")

        self.c.map(0, memory.size, fd=memory.fd)
        self.assertEqual(mapped(), 1)
        self.c.unmap(0, memory.size)
        self.assertEqual(mapped(), 0)


if __name__ == "__main__":
    main()
