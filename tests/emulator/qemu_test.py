#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The conversation that QEMU's hw/vfio-user has with a device, from its start to an interrupt, as
its sources (10.1) have it. QEMU itself is not run: Debian 12 has none that speaks vfio-user."""

import json
import os
import struct
import time

import engine
from engine import IOVA, PAGE, Queue
from fixture import EmulatorTest, main
from vfio_user import (ACTION_TRIGGER, BAR0, BAR2, CONFIG, DATA_EVENTFD, DATA_NONE, DMA_MAP, NO_REPLY,
                       PATIENCE, REGION_WRITE, VERSION)

CAPABILITIES = {"max_msg_fds": 8, "max_data_xfer_size": 1048576, "pgsizes": 4096,
                "max_dma_maps": 65535, "write_multiple": True,
                "migration": {"pgsize": 4096, "max_bitmap_size": 268435456}}
MSIX_CONTROL = 0x42


class QemuTest(EmulatorTest):
    def start(self):
        """Version and the guest's memory: regions are sent without waiting for replies."""
        client, ram = self.client(negotiate=False), self.memory()
        text = json.dumps({"capabilities": CAPABILITIES}).encode() + b"\0"
        payload, _ = client.request(VERSION, struct.pack("=HH", 0, 0) + text)
        self.assertEqual(payload[:4], struct.pack("=HH", 0, 0))
        sent = []
        for address, size, flags, fds in ((0, 0xA0000, 3, []), (0xC0000, 0x20000, 1, []),
                                          (IOVA, ram.size, 3, [ram.fd])):
            body = struct.pack("=IIQQQ", 32, flags, 0, address, size)
            sent.append(client.send(DMA_MAP, body, fds))
        for ident in sent:
            client.reply(ident, DMA_MAP)
        return client, ram

    def realize(self, client):
        regions = []
        for index in range(8):
            info, _, fds = client.region_info(index, argsz=32)
            if info[0] > 32:  # once more, with room for the capabilities
                for fd in fds:
                    os.close(fd)
                info, _, fds = client.region_info(index, argsz=info[0])
                self.addCleanup(os.close, fds[0])
            regions.append(info[4])
        for index in range(5):
            client.irq_info(index)
        config = client.read(CONFIG, 0, regions[CONFIG])
        self.assertEqual(config[:4], struct.pack("<HH", 0x1234, 0x5050))
        self.assertEqual(config[0x3D], 0)
        client.set_irqs(DATA_NONE | ACTION_TRIGGER, 0, 0, index=0)
        client.reset()
        for bar in range(6):
            client.write(CONFIG, 0x10 + 4 * bar, bytes(4))

    def posted(self, client, offset, data):
        client.send(REGION_WRITE, struct.pack("=QII", offset, BAR0, len(data)) + data, flags=NO_REPLY)

    def test_to_the_first_interrupt(self):
        client, ram = self.start()
        self.realize(client)
        event = os.eventfd(0, os.EFD_NONBLOCK)
        self.addCleanup(os.close, event)
        # The guest's driver: bus master, MSI-X with all vectors masked, then unmasked. The table
        # stays in QEMU, which gives an eventfd for what is in use.
        client.write(CONFIG, 4, struct.pack("<H", 0x0406))
        client.write(CONFIG, MSIX_CONTROL, struct.pack("<H", 0xC008))
        client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, 0, 1, [event])
        client.write(CONFIG, MSIX_CONTROL, struct.pack("<H", 0x8008))
        queue = Queue(client, ram, irq_vector=0)
        queue.push(engine.OP_COMPRESS, queue.page(0), PAGE, queue.page(1), 7, engine.SQE_IRQ)
        self.posted(client, engine.DOORBELLS, struct.pack("<I", 1))
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.assertEqual(os.eventfd_read(event), 1)
                break
            except BlockingIOError:
                self.assertLess(time.monotonic(), deadline)
        self.assertEqual(queue.poll()[0], 7)
        self.assertEqual(client.read(BAR2, 0x1000, 8), bytes(8))
        client.set_irqs(DATA_NONE | ACTION_TRIGGER, 0, 0)
        client.unmap(0, 0, flags=2)

    def test_wide_posted_writes(self):
        client, ram = self.start()
        self.realize(client)
        client.enable_bus_master()
        queue = engine.Q_BASE + engine.Q_SQ_BASE
        self.posted(client, queue, struct.pack("<Q", IOVA + (1 << 40)))
        self.assertEqual(client.read(BAR0, queue, 8), struct.pack("<Q", IOVA + (1 << 40)))
        self.assertEqual(ram.read(IOVA, 8), bytes(8))


if __name__ == "__main__":
    main()
