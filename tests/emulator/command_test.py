#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress emulate as a command: options, its socket, its end."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from fixture import PAGEPRESS, Server
from vfio_user import PATIENCE, Client


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pagepress-emulator-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = self.folder / "socket"

    def run_emulate(self, *options):
        return subprocess.run([PAGEPRESS, "emulate", *map(str, options)], capture_output=True,
                              text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)

    def assertFails(self, code, text, *options):
        result = self.run_emulate(*options)
        self.assertEqual((result.returncode, result.stdout), (code, ""), result.stderr)
        self.assertIn(text, result.stderr)
        self.assertTrue(result.stderr.startswith("pagepress: error: "), result.stderr)

    def test_wrong_command_lines(self):
        for text, options in (("needs either --vfio-user or --qemu-proxy or --replay", ()),
                              ("--device", ("--vfio-user", self.path, "--device", "slow")),
                              ("no-such", ("--vfio-user", self.path, "--link", "no-such")),
                              ("engine.engines", ("--vfio-user", self.path, "--engines", "0")),
                              ("engine.w", ("--vfio-user", self.path, "--device", "rtl", "--w", 8)),
                              ("--poll-us", ("--vfio-user", self.path, "--poll-us", -1)),
                              ("--answer-ms", ("--vfio-user", self.path, "--answer-ms", 0)),
                              ("no.toml", ("--vfio-user", self.path, "-c", "no.toml"))):
            with self.subTest(options=options):
                self.assertFails(2, text, *options)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_file_at_the_path_stays(self):
        self.path.write_text("precious", encoding="ascii")
        self.assertFails(1, "is no socket", "--vfio-user", self.path)
        self.assertEqual(self.path.read_text(encoding="ascii"), "precious")

    def test_no_such_folder(self):
        self.assertFails(1, "No such file", "--vfio-user", self.folder / "none" / "socket")

    def test_a_path_too_long(self):
        self.assertFails(1, "a socket's path has", "--vfio-user", self.folder / ("x" * 120))

    def test_a_socket_in_use_stays(self):
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.path))
            other.listen()
            self.assertFails(1, "another process listens", "--vfio-user", self.path)
            self.assertTrue(self.path.is_socket())

    def test_what_another_one_records_stays(self):
        recording = self.folder / "recording"
        recording.write_text("precious", encoding="ascii")
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.path))
            other.listen()
            for option in ("--record", "--device-log"):
                self.assertFails(1, "another process listens", "--vfio-user", self.path, option,
                                 recording)
        self.assertEqual(recording.read_text(encoding="ascii"), "precious")

    def test_one_file_for_two(self):
        plan = self.folder / "plan.toml"
        plan.write_text("# no fault\n", encoding="ascii")
        link = self.folder / "link"
        link.symlink_to(plan)
        new = self.folder / "new"
        for one, other in (("--device-log", "--record"), ("--faults", "--record"),
                           ("--faults", "--device-log"), ("--replay", "--device-log")):
            socket_too = () if one == "--replay" else ("--vfio-user", self.path)
            self.assertFails(2, "the same file", *socket_too, one, plan, other, link)
        self.assertFails(2, "the same file", "--vfio-user", self.path, "--record", new,
                         "--device-log", f"{self.folder}/./new")
        self.assertEqual(plan.read_text(encoding="ascii"), "# no fault\n")
        self.assertEqual(sorted(os.listdir(self.folder)), ["link", "plan.toml"])

    def test_settings_of_compare_alone_are_not_meant(self):
        config = self.folder / "c.toml"
        config.write_text('[run]\ntime = "real"\n[engine]\nengines = 3\n', encoding="ascii")
        server = Server("-c", str(config))
        with Client(server.path) as client:
            self.assertEqual(client.read32(8) >> 9 & 0x7F, 3)
        server.end()

    def test_a_stale_socket_is_replaced(self):
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.path))
        with subprocess.Popen([PAGEPRESS, "emulate", "--vfio-user", self.path, "--once"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
            self.assertEqual(server.stdout.readline(), f"listening on {self.path}\n")
            Client(self.path).socket.close()
            out, errors = server.communicate(timeout=PATIENCE)
        self.assertEqual((server.returncode, out), (0, ""))
        self.assertEqual(errors, "pagepress: a client has come\n"
                         "pagepress: a client has gone: the client has closed the connection\n")
        self.assertFalse(self.path.exists())

    def test_nobody_reads_what_it_says(self):
        with subprocess.Popen([PAGEPRESS, "emulate", "--vfio-user", self.path],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
            self.assertEqual(server.stdout.readline(), f"listening on {self.path}\n")
            server.stdout.close()
            server.stderr.close()
            for _ in range(3):
                with Client(self.path) as client:
                    client.read32(0)
            self.assertIsNone(server.poll())
            server.terminate()
            self.assertEqual(server.wait(timeout=PATIENCE), -signal.SIGTERM)

    def test_quiet(self):
        with subprocess.Popen([PAGEPRESS, "emulate", "--vfio-user", self.path, "--once", "--quiet"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
            deadline = time.monotonic() + PATIENCE
            while not self.path.exists():
                self.assertLess(time.monotonic(), deadline)
            Client(self.path).socket.close()
            self.assertEqual(server.communicate(timeout=PATIENCE), ("", ""))
        self.assertEqual(server.returncode, 0)

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            for connected in (False, True):
                server = Server()
                client = Client(server.path) if connected else None
                code, errors = server.end(by=number)
                self.assertEqual(code, -number)
                self.assertNotIn("error", errors)
                if client:
                    client.socket.close()
                    self.assertIn("the server ends", errors)
                self.assertFalse(server.path.exists())

    def test_engines_and_clock(self):
        config = self.folder / "c.toml"
        config.write_text("[engine]\nengines = 3\n[link]\npreset = \"pcie4x8\"\n", encoding="ascii")
        for options, engines in (((), 2), (("-c", config), 3), (("-c", config, "--engines", 4), 4)):
            server = Server(*map(str, options))
            with Client(server.path) as client:
                self.assertEqual(client.read32(8) >> 9 & 0x7F, engines)
            server.end()


if __name__ == "__main__":
    unittest.main()
