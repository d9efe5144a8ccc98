#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""DEVICE_GET_INFO, GET_REGION_INFO, GET_REGION_IO_FDS and GET_IRQ_INFO."""

import fcntl
import mmap
import os
import struct
import tempfile

from fixture import EmulatorTest, Server, main
from vfio_user import (BAR0, BAR2, CONFIG, GET_INFO, GET_IRQ_INFO, GET_REGION_INFO,
                       GET_REGION_IO_FDS, MSIX)

READ_WRITE, MAPPABLE_WITH_CAPS = 3, 12
QUEUES = 8


class DeviceInfoTest(EmulatorTest):
    def test_too_short(self):
        client = self.client()
        for command, size in ((GET_INFO, 16), (GET_REGION_INFO, 32), (GET_REGION_IO_FDS, 16),
                              (GET_IRQ_INFO, 16)):
            for length in (0, 4, size - 1):
                with self.refused():
                    client.request(command, struct.pack("=I", size) + bytes(length - 4)
                                   if length else b"")
        self.assertServes(client)

    def test_argsz_too_small(self):
        client = self.client()
        for command, payload in ((GET_INFO, struct.pack("=IIII", 15, 0, 0, 0)),
                                 (GET_REGION_INFO, struct.pack("=IIIIQQ", 31, 0, 0, 0, 0, 0)),
                                 (GET_REGION_IO_FDS, struct.pack("=IIII", 0, 0, 0, 0)),
                                 (GET_IRQ_INFO, struct.pack("=IIII", 12, 0, 2, 0))):
            with self.refused():
                client.request(command, payload)

    def test_info(self):
        payload, fds = self.client().request(GET_INFO, struct.pack("=IIII", 100, 0, 0, 0))
        self.assertEqual((struct.unpack("=IIII", payload), fds), ((16, 3, 9, 5), []))


class RegionInfoTest(EmulatorTest):
    def test_no_such_region(self):
        client = self.client()
        for index in (9, 10, 0xFFFFFFFF):
            with self.refused():
                client.region_info(index)

    def test_sizes(self):
        client = self.client()
        sizes = [client.region_info(index)[0][4] for index in range(9)]
        self.assertEqual(sizes, [0x200000, 0, 0x2000, 0, 0, 0, 0, 4096, 0])

    def test_only_doorbells_can_be_mapped(self):
        client = self.client()
        for index in range(1, 9):
            info, caps, fds = client.region_info(index)
            flags = READ_WRITE if index in (BAR2, CONFIG) else 0
            self.assertEqual((info[:4], caps, fds), ((32, flags, index, 0), b"", []))

    def test_the_doorbells_of_each_queue(self):
        info, caps, fds = self.client().region_info(BAR0)
        self.addCleanup(os.close, fds[0])
        self.assertEqual(info, (64, READ_WRITE | MAPPABLE_WITH_CAPS, BAR0, 32, 0x200000, 0))
        self.assertEqual(struct.unpack("=HHIIIQQ", caps),
                         (1, 1, 0, 1, 0, 0x100000, QUEUES * 0x1000))
        mmap.mmap(fds[0], QUEUES * 0x1000, offset=0x100000).close()

    def test_without_room_for_the_capability(self):
        info, caps, fds = self.client().region_info(BAR0, argsz=32)
        self.addCleanup(os.close, fds[0])
        self.assertEqual((info[0], info[3], caps), (64, 0, b""))

    def test_a_client_that_takes_no_descriptors(self):
        client = self.client(negotiate=False)
        client.version({"max_msg_fds": 0})
        info, caps, fds = client.region_info(BAR0)
        self.assertEqual((info[:4], caps, fds), ((32, READ_WRITE, BAR0, 0), b"", []))

    def test_the_file_cannot_be_resized(self):
        _, _, fds = self.client().region_info(BAR0)
        self.addCleanup(os.close, fds[0])
        for size in (0, 1 << 30):
            with self.assertRaises(PermissionError):
                os.ftruncate(fds[0], size)
        with self.assertRaises(PermissionError):
            fcntl.fcntl(fds[0], fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)

    def test_each_client_has_its_own_file(self):
        numbers = set()
        for _ in range(2):
            client = self.client()
            fd = client.region_info(BAR0)[2][0]
            numbers.add(os.fstat(fd).st_ino)
            os.close(fd)
            client.socket.close()
        self.assertEqual(len(numbers), 2)


class RegionIoFdsTest(EmulatorTest):
    def ask(self, client, *fields):
        return client.request(GET_REGION_IO_FDS, struct.pack("=IIII", *fields))

    def test_wrong(self):
        client = self.client()
        for fields in ((16, 0, 9, 0), (16, 1, 0, 0), (16, 0, 0, 1)):
            with self.refused():
                self.ask(client, *fields)

    def test_there_are_none(self):
        payload, fds = self.ask(self.client(), 4096, 0, BAR0, 0)
        self.assertEqual((struct.unpack("=IIII", payload), fds), ((16, 0, BAR0, 0), []))


class IrqInfoTest(EmulatorTest):
    def test_no_such_index(self):
        client = self.client()
        for index in (5, 0xFFFFFFFF):
            with self.refused():
                client.irq_info(index)

    def test_only_msix(self):
        client = self.client()
        for index in range(5):
            expected = (16, 3, index, QUEUES + 1) if index == MSIX else (16, 0, index, 0)
            self.assertEqual(client.irq_info(index), expected)


class DeadFromTheStartTest(EmulatorTest):
    """Its capabilities read all ones, which is no reason to tell of what the regions have not."""

    @classmethod
    def setUpClass(cls):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as plan:
            plan.write('[[fault]]\nkind = "dead-device"\nat_us = 0\n')
            plan.flush()
            cls.server = Server(*cls.OPTIONS, "--faults", plan.name)

    def test_what_it_tells_lies_inside_its_regions(self):
        client = self.client()
        self.assertEqual(client.read32(0), 0xFFFFFFFF)
        info, caps, fds = client.region_info(BAR0)
        os.close(fds[0])
        offset, size = struct.unpack("=QQ", caps[16:32])
        self.assertLessEqual(offset + size, info[4])
        self.assertLessEqual(client.irq_info(MSIX)[3] * 16, 0x1000, "pending bits follow the table")


if __name__ == "__main__":
    main()
