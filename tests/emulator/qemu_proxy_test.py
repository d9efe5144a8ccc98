#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress emulate --qemu-proxy: the messages of QEMU's x-pci-proxy-dev, without a QEMU."""

import os
import signal
import socket
import struct
import subprocess
import unittest

import engine
from fixture import PAGEPRESS, main
from mpqemu import ALL_ONES, BARS, BAR_READ, CONFIG_READ, DEVICE_RESET, HEADER, Qemu, SET_IRQFD
from vfio_user import PATIENCE

MSIX_CONTROL = 0x42
MSIX_ENABLE, MSIX_MASK_ALL = 0x8000, 0x4000
APIC = 0xFEE0_0000


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.qemu = Qemu("--device", "fast")
        self.addCleanup(self.qemu.kill)

    def ready(self, pages=256):
        """A function that is set up, and memory that it reaches at engine.IOVA."""
        memory = engine.Memory(pages)
        self.addCleanup(memory.close)
        self.qemu.start()
        self.qemu.sync_memory([(engine.IOVA, memory.size, 0, memory.fd)])
        return memory

    def set_vector(self, vector, data, masked=0):
        for word, value in enumerate((APIC, 0, data, masked)):
            self.qemu.write32(vector * 16 + word * 4, value, region=2)


class ConfigTest(ProxyTest):
    def test_identity(self):
        self.assertEqual(self.qemu.read_config(0, 4), 0x50501234)
        self.assertEqual(self.qemu.read_config(0xA, 2), 0x1200)
        self.assertEqual([self.qemu.read_config(i, 1) for i in range(4)], [0x34, 0x12, 0x50, 0x50])

    def test_bar_sizes_as_qemu_probes_them(self):
        sizes = []
        for at in range(0x10, 0x2C, 4):  # it counts the ROM as a seventh BAR
            before = self.qemu.read_config(at, 4)
            self.qemu.write_config(at, 0xFFFF_FFFF, 4)
            sizes.append(-(self.qemu.read_config(at, 4) & 0xFFFF_FFF0) & 0xFFFF_FFFF)
            self.qemu.write_config(at, before, 4)
        self.assertEqual(sizes, [0x20_0000, 0, 0x2000, 0, 0, 0, 0])

    def test_what_is_not_there_reads_all_ones(self):
        self.assertEqual(self.qemu.read_config(4096, 4), ALL_ONES)
        self.assertEqual(self.qemu.read_config(0, 8), ALL_ONES)
        self.assertEqual(self.qemu.write_config(4094, 0, 4), ALL_ONES)
        self.assertEqual(self.qemu.read_config(0, 2), 0x1234)


class BarTest(ProxyTest):
    def test_registers_by_address(self):
        self.qemu.start()
        self.assertEqual(self.qemu.read32(0), 0x31475050)
        self.assertEqual(self.qemu.read_at(BARS[0], 8) & 0xFFFF_FFFF, 0x31475050)

    def test_what_is_not_there_reads_all_ones(self):
        self.qemu.start()
        for address, count, memory in ((BARS[0] - 4, 4, 1), (BARS[0] + 0x20_0000 + 0x2000, 4, 1),
                                       (BARS[0], 4, 0), (BARS[0] + 1, 4, 1), (BARS[0], 16, 1)):
            with self.subTest(address=address, count=count, memory=memory):
                self.assertEqual(self.qemu.read_at(address, count, memory), ALL_ONES)
        self.assertEqual(self.qemu.read32(0), 0x31475050)

    def test_a_bar_that_moves(self):
        self.qemu.start()
        self.qemu.write_config(0x10, 0xE000_0000, 4)
        self.assertEqual(self.qemu.read_at(0xE000_0000), 0x31475050)
        self.assertEqual(self.qemu.read_at(BARS[0]), ALL_ONES)


class MemoryTest(ProxyTest):
    def test_pages_out_and_in(self):
        queue = engine.Queue(self.qemu, self.ready())
        self.assertTrue(engine.round_trip(queue, [engine.text_page(i) for i in range(8)]))

    def test_memory_synchronised_again_and_again(self):
        memory = self.ready()
        queue = engine.Queue(self.qemu, memory)
        before = len(os.listdir(f"/proc/{self.qemu.server.pid}/fd"))
        for _ in range(300):
            self.qemu.sync_memory([(engine.IOVA, memory.size, 0, memory.fd)])
        self.assertTrue(engine.round_trip(queue, [engine.text_page(1)]))
        self.assertEqual(len(os.listdir(f"/proc/{self.qemu.server.pid}/fd")), before)

    def test_memory_in_pieces(self):
        memory = engine.Memory(256)
        self.addCleanup(memory.close)
        self.qemu.start()
        half = memory.size // 2
        self.qemu.sync_memory([(engine.IOVA + half, half, half, memory.fd),
                               (engine.IOVA, half, 0, memory.fd)])
        queue = engine.Queue(self.qemu, memory)
        self.assertTrue(engine.round_trip(queue, [engine.text_page(i) for i in range(8)]))

    def test_memory_that_is_taken_away_faults(self):
        memory = self.ready()
        queue = engine.Queue(self.qemu, memory)
        page = queue.page(0)
        queue.push(engine.OP_COMPRESS, page + (1 << 40), engine.PAGE, page, 1)
        queue.submit()
        self.assertEqual(queue.wait(1)[0][6], engine.DMA_FAULT)

    def test_no_dma_without_bus_mastering(self):
        memory = self.ready()
        queue = engine.Queue(self.qemu, memory)
        self.qemu.write_config(4, 0x2, 2)
        queue.push(engine.OP_COMPRESS, queue.page(0), engine.PAGE, queue.page(1), 1)
        queue.submit()
        for _ in range(50):
            state = self.qemu.read32(engine.Q_BASE + engine.Q_STATE)
        self.assertEqual(state & 0xF, 5)  # its ring cannot be read
        self.assertIsNone(queue.poll())


class InterruptTest(ProxyTest):
    def one_page(self, queue):
        queue.memory.write(queue.page(0), engine.text_page(3))
        queue.push(engine.OP_COMPRESS, queue.page(0), engine.PAGE, queue.page(1), 1, engine.SQE_IRQ)
        queue.submit()
        self.assertEqual(queue.wait(1)[0][6], engine.OK)

    def queue(self):
        return engine.Queue(self.qemu, self.ready(), irq_vector=3)

    def test_message_of_the_table_entry(self):
        queue = self.queue()
        self.set_vector(3, 0x4123)
        self.qemu.write_config(MSIX_CONTROL, MSIX_ENABLE, 2)
        self.one_page(queue)
        self.assertEqual(self.qemu.interrupt(), (APIC, 0x4123))
        self.assertIsNone(self.qemu.interrupt(wait=0.1))

    def test_lost_while_not_enabled(self):
        queue = self.queue()
        self.set_vector(3, 0x4123)
        self.one_page(queue)
        self.qemu.write_config(MSIX_CONTROL, MSIX_ENABLE, 2)
        self.assertIsNone(self.qemu.interrupt(wait=0.1))

    def test_masked_entry_and_function(self):
        for entry, function in ((1, 0), (0, MSIX_MASK_ALL)):
            with self.subTest(entry=entry, function=function):
                self.qemu.request(DEVICE_RESET)
                queue = self.queue()
                self.qemu.write_config(MSIX_CONTROL, MSIX_ENABLE | function, 2)
                self.set_vector(3, 0x4123, masked=entry)
                self.one_page(queue)
                self.assertIsNone(self.qemu.interrupt(wait=0.1))
                self.assertEqual(self.qemu.read32(0x1000, region=2), 1 << 3)
                self.set_vector(3, 0x4567)
                self.qemu.write_config(MSIX_CONTROL, MSIX_ENABLE, 2)
                self.assertEqual(self.qemu.interrupt(), (APIC, 0x4567))

    def test_nobody_reads_qtest(self):
        """More interrupts than the socket has room for hold nothing up."""
        queue = self.queue()
        self.set_vector(3, 0x4123)
        self.qemu.write_config(MSIX_CONTROL, MSIX_ENABLE, 2)
        self.qemu.qtest.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        for _ in range(400):
            self.one_page(queue)
        for _ in range(400):
            self.assertEqual(self.qemu.interrupt(), (APIC, 0x4123))
            self.qemu.read32(0)

    def test_qtest_gone(self):
        queue = self.queue()
        self.set_vector(3, 0x4123)
        self.qemu.write_config(MSIX_CONTROL, MSIX_ENABLE, 2)
        self.qemu.qtest.close()
        self.one_page(queue)


class ResetTest(ProxyTest):
    def test_reset(self):
        engine.Queue(self.qemu, self.ready())
        self.assertEqual(self.qemu.request(DEVICE_RESET), 0)
        self.assertEqual(self.qemu.read_config(4, 2), 0)
        self.qemu.start()
        self.assertEqual(self.qemu.read32(engine.Q_BASE + engine.Q_STATE), 0)


class EndTest(ProxyTest):
    def test_qemu_goes(self):
        self.qemu.start()
        code, out, errors = self.qemu.close()
        self.assertEqual((code, out), (0, "serving QEMU\n"), errors)
        self.assertIn("QEMU has closed the connection", errors)

    def test_terminated(self):
        self.qemu.start()
        self.qemu.server.send_signal(signal.SIGTERM)
        self.assertEqual(self.qemu.ended()[0], -signal.SIGTERM)

    def test_wrong_messages_end_it(self):
        for text, data in (("is it QEMU", HEADER.pack(CONFIG_READ, 0, 1 << 40)),
                           ("unknown message 9", HEADER.pack(9, 0, 0)),
                           ("with 4 bytes", HEADER.pack(BAR_READ, 0, 4) + bytes(4)),
                           ("cannot map", HEADER.pack(0, 0, 192) + struct.pack("<24Q", *[1] * 24))):
            with self.subTest(text=text):
                qemu = Qemu()
                self.addCleanup(qemu.kill)
                rights = [os.open("/dev/null", os.O_RDWR)] if text == "cannot map" else []
                qemu.send(SET_IRQFD)  # has no reply
                socket.send_fds(qemu.proxy, [data], rights)
                code, _, errors = qemu.ended()
                self.assertEqual(code, 0, errors)
                self.assertIn(text, errors)

    def test_command_lines(self):
        for code, text, options in ((2, "--qtest", ("--qemu-proxy", "0")),
                                    (2, "--qemu-proxy", ("--qtest", "0")),
                                    (2, "--record", ("--qemu-proxy", "0", "--qtest", "0",
                                                     "--record", "x")),
                                    (1, "--qemu-proxy 0: is no socket", ("--qemu-proxy", "0",
                                                                         "--qtest", "0"))):
            with self.subTest(options=options):
                result = subprocess.run([PAGEPRESS, "emulate", *options], capture_output=True,
                                        text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                                        check=False)
                self.assertEqual(result.returncode, code, result.stderr)
                self.assertIn(text, result.stderr)


if __name__ == "__main__":
    main()
