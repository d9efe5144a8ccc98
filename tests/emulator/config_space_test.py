#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The PCI configuration space, as a host's enumeration uses it."""

import struct

from fixture import EmulatorTest, main
from vfio_user import CONFIG

COMMAND, BARS, CAPABILITIES = 0x04, 0x10, 0x34
MSIX_ID, EXPRESS_ID = 0x11, 0x10
FLR = 0x8000


class ConfigSpaceTest(EmulatorTest):
    def setUp(self):
        self.c = self.client()
        self.c.reset()

    def read(self, offset, kind):
        return struct.unpack("<" + kind, self.c.read(CONFIG, offset, struct.calcsize(kind)))[0]

    def write(self, offset, kind, value):
        self.c.write(CONFIG, offset, struct.pack("<" + kind, value))

    def capabilities(self):
        found, at = {}, self.read(CAPABILITIES, "B")
        while at:
            found[self.read(at, "B")] = at
            at = self.read(at + 1, "B")
        return found

    def test_read_only(self):
        before = self.c.read(CONFIG, 0, 4096)
        for offset in (0x00, 0x06, 0x08, 0x0E, 0x14, 0x2C, 0x30, 0x34, 0x3D, 0x100):
            self.write(offset, "B", 0xFF)
        self.assertEqual(self.c.read(CONFIG, 0, 4096), before)

    def test_identity(self):
        self.assertEqual((self.read(0, "H"), self.read(2, "H")), (0x1234, 0x5050))
        self.assertEqual(self.read(0x0A, "H"), 0x1200)
        self.assertEqual(self.read(0x0E, "B"), 0)  # type 0
        self.assertEqual(self.read(0x3D, "B"), 0)  # no INTx

    def test_bar_sizing(self):
        for bar, size in enumerate((0x200000, 0, 0x2000, 0, 0, 0)):
            self.write(BARS + 4 * bar, "I", 0xFFFFFFFF)
            self.assertEqual(self.read(BARS + 4 * bar, "I"), -size & 0xFFFFFFFF)
        self.write(BARS, "I", 0xFEA12345)
        self.assertEqual(self.read(BARS, "I"), 0xFEA00000)

    def test_accesses_of_any_size(self):
        self.c.write(CONFIG, BARS + 3, b"\xfe")
        self.assertEqual(self.read(BARS, "I"), 0xFE000000)
        self.c.write(CONFIG, BARS + 1, b"\xff\xff\xff\x00\x00\x00")
        self.assertEqual(self.read(BARS, "I"), 0xFFE00000)

    def test_command(self):
        self.write(COMMAND, "H", 0xFFFF)
        self.assertEqual(self.read(COMMAND, "H"), 0x0546)
        self.assertEqual(self.read(COMMAND + 2, "H"), 0x10)

    def test_msix(self):
        at = self.capabilities()[MSIX_ID]
        self.assertEqual((self.read(at + 4, "I"), self.read(at + 8, "I")), (2, 0x1002))
        self.assertEqual(self.read(at + 2, "H"), 8)  # nine vectors
        self.write(at + 2, "H", 0xFFFF)
        self.assertEqual(self.read(at + 2, "H"), 0xC008)

    def test_express(self):
        at = self.capabilities()[EXPRESS_ID]
        self.assertEqual(self.read(at + 2, "H"), 2)  # version 2, endpoint
        self.assertTrue(self.read(at + 4, "I") & 1 << 28)  # FLR
        self.assertEqual(self.read(0x100, "I"), 0)  # no extended capabilities

    def test_function_level_reset(self):
        control = self.capabilities()[EXPRESS_ID] + 8
        self.write(COMMAND, "H", 6)
        self.write(BARS, "I", 0xFE000000)
        self.c.write32(0x88, 5)
        self.write(control, "H", FLR)
        self.assertEqual((self.read(COMMAND, "H"), self.read(BARS, "I"), self.c.read32(0x88)),
                         (0, 0, 0))
        self.assertFalse(self.read(control, "H") & FLR)


if __name__ == "__main__":
    main()
