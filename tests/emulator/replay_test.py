#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Recordings of served devices: bad files first, then replays that give the same device log."""

import mmap
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import engine
from engine import DOORBELLS, PAGE, Queue, round_trip, text_page
from fixture import PAGEPRESS, Server, prepare
from vfio_user import ACTION_TRIGGER, BAR0, DATA_EVENTFD, PATIENCE, Client

DEAD = '[[fault]]\nkind = "dead-device"\nafter = 30\n'
READ_ERROR = '[[fault]]\nkind = "dma-read-fault"\ntarget = "data"\nafter = 3\n'


def emulate(*arguments):
    return subprocess.run([PAGEPRESS, "emulate", *map(str, arguments)], capture_output=True,
                          text=True, check=False, timeout=PATIENCE)


class ReplayTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pagepress-replay-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.file, self.log = self.folder / "recording", self.folder / "log"
        self.again = self.folder / "again"

    def serve(self, use, *options, end=signal.SIGTERM):
        """Records what use(server) does."""
        server = Server("--record", self.file, "--device-log", self.log, *options)
        try:
            use(server)
        finally:
            code, errors = server.end(end)
        self.assertEqual(code, -end, errors)

    def client(self, server, mapped):
        client, memory = Client(server.path), engine.Memory()
        self.addCleanup(memory.close)
        prepare(client, memory, mapped)
        return client, memory

    def compress(self, client, memory, count):
        """What the device says of so many pages."""
        queue = Queue(client, memory)
        for i in range(count):
            memory.write(queue.page(i), text_page(i))
            queue.push(engine.OP_COMPRESS, queue.page(i), PAGE, queue.page(40 + i), i)
        queue.submit()
        return [entry[6] for entry in queue.wait(count)]

    def trapped(self, server, mapped=True, pages=10):
        client, memory = self.client(server, mapped)
        with client:
            event = os.eventfd(0)
            self.addCleanup(os.close, event)
            client.set_irqs(DATA_EVENTFD | ACTION_TRIGGER, start=1, count=1, fds=[event])
            queue = Queue(client, memory, irq_vector=1)
            self.assertTrue(round_trip(queue, [text_page(i) for i in range(pages)], engine.SQE_IRQ))

    def mapped_doorbells(self, server):
        client, memory = self.client(server, mapped=True)
        with client:
            fd = client.region_info(BAR0)[2][0]
            with mmap.mmap(fd, 8 * PAGE, offset=DOORBELLS) as doorbells:
                os.close(fd)
                queue = Queue(client, memory, doorbells=doorbells)
                for i in range(3):
                    self.assertTrue(round_trip(queue, [text_page(i + j) for j in range(9)]))

    def replay(self, *options):
        return emulate("--replay", self.file, "--device-log", self.again, *options)

    def assertSameLog(self):
        result = self.replay()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        log = self.log.read_text()
        self.assertEqual(self.again.read_text(), log)
        return log

    def assertRefused(self, *texts):
        result = self.replay()
        self.assertEqual(result.returncode, 1, result.stderr)
        for text in (str(self.file), *texts):
            self.assertIn(text, result.stderr)
        self.assertFalse(self.again.exists(), "something was run")


class BadFiles(ReplayTest):
    def test_flags_that_do_not_go_together(self):
        for flags in ((), ("--replay", "x", "--vfio-user", "y"), ("--replay", "x", "--device", "rtl"),
                      ("--vfio-user", "y", "--until-tear")):
            self.assertEqual(emulate(*flags).returncode, 2, flags)

    def test_no_file(self):
        self.assertRefused("cannot read the recording")

    def test_no_recording(self):
        self.file.write_bytes(b"")
        self.assertRefused("is no recording")
        self.file.write_bytes(b"x" * 1000)
        self.assertRefused("is no recording")

    def test_another_version(self):
        self.file.write_bytes(b"pagerec\n\x02\0\0\0\0\0\0\0")
        self.assertRefused("a recording of version 2; this program reads 1")

    def test_a_damaged_byte(self):
        self.serve(lambda server: self.trapped(server, pages=2))
        whole = self.file.read_bytes()
        for at in (30, len(whole) // 3, len(whole) // 2):
            self.file.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1:])
            result = self.replay("--until-tear")
            self.assertEqual(result.returncode, 1)
            self.assertIn("recording: ", result.stderr)
            self.assertFalse(self.again.exists())
        self.file.write_bytes(whole + b"x")
        self.assertRefused("something follows its end")

    def test_a_torn_file(self):
        self.serve(lambda server: self.trapped(server, pages=3))
        whole, log = self.file.read_bytes(), self.log.read_text()
        for length in (len(whole) - 1, len(whole) - 24, len(whole) // 2, len(whole) // 5):
            self.file.write_bytes(whole[:length])
            self.assertRefused("torn: it ends after ")
            result = self.replay("--until-tear")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            again = self.again.read_text()
            self.assertTrue(log.startswith(again[:again.rfind("\n", 0, -1) + 1]))
            self.assertGreater(len(again), len(log) // 10)
            self.again.unlink()

    def test_a_recording_that_cannot_be_written(self):
        result = emulate("--vfio-user", self.folder / "socket", "--record", "/nowhere/recording")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nowhere/recording: cannot write the recording", result.stderr)


class Replays(ReplayTest):
    def test_clients_of_every_sort(self):
        def use(server):
            self.trapped(server)
            self.trapped(server, mapped=False)
            self.mapped_doorbells(server)
            self.trapped(server, pages=3)

        self.serve(use)
        log = self.assertSameLog()
        for what in (" write ", " read ", " dma-read ", " dma-write ", " interrupt 1"):
            self.assertIn(what, log)

    def test_the_rtl(self):
        self.serve(lambda server: self.trapped(server, pages=3), "--device", "rtl")
        self.assertIn(" interrupt 1", self.assertSameLog())

    def test_another_link_and_clock(self):
        self.serve(self.mapped_doorbells, "--link", "pcie5x16", "--clock-mhz", "700",
                   "--engines", "3")
        self.assertSameLog()

    def test_a_client_that_dies_with_work_under_way(self):
        def use(server):
            client, memory = self.client(server, mapped=True)
            queue = Queue(client, memory)
            for i in range(20):
                memory.write(queue.page(i), text_page(i))
                queue.push(engine.OP_COMPRESS, queue.page(i), PAGE, queue.page(40 + i), i)
            queue.submit()
            client.socket.close()
            self.trapped(server, pages=3)

        self.serve(use)
        self.assertSameLog()

    def test_a_server_that_ends_before_its_device_is_at_rest(self):
        plan = self.folder / "plan.toml"
        plan.write_text('[[fault]]\nkind = "stuck-engine"\nafter = 1\ncycles = 0\n')

        def use(server):
            client, memory = self.client(server, mapped=True)
            queue = Queue(client, memory)
            self.assertTrue(round_trip(queue, [text_page(1)]))  # two completions
            for i in range(4):
                queue.push(engine.OP_COMPRESS, queue.page(i), PAGE, queue.page(40 + i), i)
            queue.submit()
            client.socket.close()

        self.serve(use, "--device", "rtl", "--faults", str(plan))
        self.assertSameLog()

    def test_a_server_that_was_killed(self):
        def use(server):
            self.trapped(server, pages=3)
            deadline = time.monotonic() + PATIENCE
            while " dma-write " not in self.log.read_text():  # written out once it is idle
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)

        self.serve(use, end=signal.SIGKILL)
        self.assertRefused("torn")
        result = self.replay("--until-tear")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn(" dma-write ", self.again.read_text())

    def test_faults_are_part_of_the_device(self):
        plan = self.folder / "plan.toml"
        plan.write_text(READ_ERROR)

        def use(server):
            client, memory = self.client(server, mapped=True)
            with client:
                states = self.compress(client, memory, 8)
            self.assertEqual(states.count(engine.DMA_FAULT), 1)
            self.assertEqual(states.count(engine.OK), 7)

        self.serve(use, "--faults", plan)
        plan.unlink()  # the recording has it
        self.assertSameLog()

    def test_a_device_that_dies(self):
        plan = self.folder / "plan.toml"
        plan.write_text(DEAD)

        def use(server):
            client, memory = self.client(server, mapped=True)
            with client:
                self.compress(client, memory, 31)
                self.assertEqual(client.read32(engine.STATE), 0xFFFFFFFF)

        self.serve(use, "--faults", plan)
        self.assertSameLog()


if __name__ == "__main__":
    unittest.main()
