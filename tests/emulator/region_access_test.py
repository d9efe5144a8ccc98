#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""REGION_READ, REGION_WRITE and REGION_WRITE_MULTI."""

import struct

from fixture import OneClientTest, main
from vfio_user import BAR0, BAR2, CONFIG, REGION_READ, REGION_WRITE, WRITE_MULTI

INJECT_COUNT, INJECT_ARG = 0x84, 0x88  # plain read-write registers
SIZES = {BAR0: 0x200000, BAR2: 0x2000, CONFIG: 0x1000}


def access(offset, region, count):
    return struct.pack("=QII", offset, region, count)


class RegionAccessTest(OneClientTest):
    def test_too_short(self):
        for command in (REGION_READ, REGION_WRITE):
            for payload in (b"", bytes(15)):
                with self.refused():
                    self.c.request(command, payload)

    def test_no_such_region(self):
        for region in (1, 3, 6, 8, 9, 0xFFFFFFFF):
            with self.refused():
                self.c.read(region, 0, 4)
            with self.refused():
                self.c.write(region, 0, bytes(4))

    def test_outside(self):
        for region, size in SIZES.items():
            for offset in (size - 3, size, size + 4, (1 << 64) - 4, (1 << 64) - 1):
                with self.refused():
                    self.c.read(region, offset, 4)
                with self.refused():
                    self.c.write(region, offset, bytes(4))

    def test_empty(self):
        for region in SIZES:
            with self.refused():
                self.c.read(region, 0, 0)
            with self.refused():
                self.c.write(region, 0, b"")

    def test_registers_are_words(self):
        for offset, count in ((0, 1), (0, 2), (2, 4), (1, 4), (0, 6)):
            with self.refused():
                self.c.read(BAR0, offset, count)
            with self.refused():
                self.c.write(BAR0, offset, bytes(count))

    def test_too_much(self):
        for count in (0x200001, 0x7FFFFFFF, 0xFFFFFFFF):
            with self.refused():
                self.c.request(REGION_READ, access(0, BAR0, count))

    def test_data_that_do_not_fit_the_count(self):
        for count, data in ((4, b""), (4, bytes(3)), (4, bytes(8)), (0xFFFFFFFF, bytes(4))):
            with self.refused():
                self.c.request(REGION_WRITE, access(INJECT_ARG, BAR0, count) + data)

    def test_registers(self):
        self.assertEqual(self.c.read32(0), 0x31475050)
        self.c.write32(INJECT_ARG, 0x12345678)
        self.assertEqual(self.c.read32(INJECT_ARG), 0x12345678)

    def test_two_words_at_once(self):
        self.c.write(BAR0, INJECT_COUNT, struct.pack("<II", 1, 2))
        self.assertEqual(self.c.read(BAR0, INJECT_COUNT, 8), struct.pack("<II", 1, 2))

    def test_a_whole_page(self):
        self.assertEqual(self.c.read(BAR0, 0, 4096)[:4], b"PPG1")


class WriteMultiTest(OneClientTest):
    @staticmethod
    def entry(offset, value, count=4, region=BAR0):
        return access(offset, region, count) + struct.pack("<Q", value)

    def ask(self, count, *entries):
        return self.c.request(WRITE_MULTI, struct.pack("=Q", count) + b"".join(entries))

    def test_too_short(self):
        with self.refused():
            self.c.request(WRITE_MULTI, bytes(7))

    def test_count_is_wrong(self):
        for count in (0, 2, (1 << 64) - 1, 1 << 61):
            with self.refused():
                self.ask(count, self.entry(INJECT_ARG, 1))

    def test_half_an_entry(self):
        with self.refused():
            self.ask(1, self.entry(INJECT_ARG, 1)[:-1])

    def test_an_entry_is_wrong(self):
        for wrong in (self.entry(INJECT_ARG, 1, count=9), self.entry(2, 1),
                      self.entry(0, 1, region=1), self.entry(0, 1, count=0)):
            with self.refused():
                self.ask(2, self.entry(INJECT_ARG, 77), wrong)

    def test_in_order(self):
        payload, _ = self.ask(3, self.entry(INJECT_ARG, 1), self.entry(INJECT_ARG, 2),
                              self.entry(INJECT_COUNT, 5 | 6 << 32, count=8))
        self.assertEqual(payload, struct.pack("=Q", 3))
        self.assertEqual((self.c.read32(INJECT_COUNT), self.c.read32(INJECT_ARG)), (5, 6))

    def test_none(self):
        payload, _ = self.ask(0)
        self.assertEqual(payload, struct.pack("=Q", 0))


if __name__ == "__main__":
    main()
