#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress compare --bus vfio-user: the engine of another process gives the same answers as the one
in this process, and either of the two may die at any time."""

import json
import os
import pathlib
import signal
import subprocess
import unittest

import harness
from harness import PAGEPRESS, is_dead, wait_until
from compare_test import PAGES, text


class VfioUser(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.pages = self.make_pages("some.pages", *PAGES)
        self.socket = self.folder / "socket"

    def serve(self, *arguments):
        """Starts an emulator; returns it when it listens."""
        log = open(self.folder / "emulator.log", "w+")
        self.addCleanup(log.close)
        server = subprocess.Popen(
            [PAGEPRESS, "emulate", "--vfio-user", self.socket, *map(str, arguments)],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.addCleanup(self.end, server)
        wait_until(lambda: "listening" in self.log(), "an emulator that listens")
        return server

    def log(self):
        return pathlib.Path(self.folder / "emulator.log").read_text()

    @staticmethod
    def end(process):
        process.kill()
        process.wait()

    def backend_of(self, *arguments):
        """results.json's entry of the one back end."""
        result = self.succeed("compare", self.pages, *arguments, "--json", "-")
        results = json.loads(result.stdout)
        self.assertEqual(len(results["backends"]), 1)
        return results["backends"][0]

    def remote(self):
        return self.backend_of("--bus", f"vfio-user:{self.socket}")

    def assertSameAnswers(self, one, other):
        for key in ("pages", "zero_pages", "same_filled_pages", "incompressible_pages", "bytes_out",
                    "verified", "mismatches", "size_histogram"):
            self.assertEqual(one[key], other[key], key)
        for operation in ("compress", "decompress"):
            self.assertEqual(one[operation]["answers_fnv"], other[operation]["answers_fnv"])
        self.assertEqual(one["decompress"]["verified"], other["decompress"]["verified"])

    def start_compare_of_many(self):
        """A client that is in the middle of it for some seconds."""
        many = self.make_pages("many.pages", *[text(i) for i in range(64)] * 100)
        client = subprocess.Popen(
            [PAGEPRESS, "compare", many, "--bus", f"vfio-user:{self.socket}", "-o", self.out / "new"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self.addCleanup(client.communicate)
        self.addCleanup(client.kill)
        wait_until(lambda: "a client has come" in self.log(), "a client")
        return client

    def test_the_fast_device_answers_as_in_process(self):
        self.serve()
        remote = self.remote()
        self.assertEqual(remote["name"], "engine:vfio-user")
        self.assertEqual((remote["verified"], remote["mismatches"]), (len(PAGES), 0))
        self.assertSameAnswers(remote, self.backend_of("--backend", "engine:fast"))
        self.assertSameAnswers(remote, self.remote())  # a second client
        self.assertIsNotNone(remote["compress"]["engine_cycles_per_page"])

    def test_the_rtl_answers_as_in_process(self):
        self.serve("--device", "rtl")
        self.assertSameAnswers(self.remote(), self.backend_of("--backend", "engine:rtl"))

    def test_wall_clock_says_nothing_of_the_engine(self):
        self.serve()
        remote = self.remote()
        for operation in (remote["compress"], remote["decompress"]):
            for key in ("sim_gb_per_s", "cpu_ns_per_page", "bytes_per_cycle"):
                self.assertIsNone(operation[key], key)
            for key in ("latency_ns", "queue_latency_ns", "idle_latency_ns"):
                self.assertEqual(set(operation[key].values()), {None}, key)

    def test_a_report_with_cpu_back_ends_beside_it(self):
        self.serve()
        folder = self.out / "new"
        self.succeed("compare", self.pages, "--bus", f"vfio-user:{self.socket}", "--backend",
                     "cpu:lz4", "--backend", "engine:vfio-user", "--workers", 2, "-o", folder)
        self.assertEqual(sorted(os.listdir(folder)), ["report.html", "results.json"])
        names = [b["name"] for b in json.loads((folder / "results.json").read_text())["backends"]]
        self.assertEqual(names, ["cpu:lz4", "engine:vfio-user"])

    def test_nobody_listens(self):
        self.fail_with(1, [self.socket, "No such file"], "compare", self.pages, "--bus",
                       f"vfio-user:{self.socket}", "-o", self.out / "new")
        self.socket.write_text("no socket")
        self.fail_with(1, [self.socket, "cannot connect"], "compare", self.pages, "--bus",
                       f"vfio-user:{self.socket}", "-o", self.out / "new")

    def test_what_cannot_go_together(self):
        for expected, arguments in (
                ("unknown bus 'qpi'", ("--bus", "qpi")),
                ("unknown bus 'vfio-user:'", ("--bus", "vfio-user:")),
                ("engine:vfio-user needs", ("--backend", "engine:vfio-user")),
                ("needs run.time", ("--bus", "vfio-user:/s", "--time", "simulated", "--backend",
                                    "engine:vfio-user")),
                ("not among the back ends", ("--bus", "vfio-user:/s", "--backend", "cpu:lz4"))):
            self.fail_with(2, expected, "compare", self.pages, *arguments, "-o", self.out / "new")

    def test_too_few_queues(self):
        self.serve()
        self.fail_with(1, ["engine:vfio-user", "the device has", "queues"], "compare", self.pages,
                       "--bus", f"vfio-user:{self.socket}", "--workers", 64, "-o", self.out / "new")

    def test_the_server_dies(self):
        server = self.serve()
        client = self.start_compare_of_many()
        server.kill()
        _, errors = client.communicate(timeout=harness.PATIENCE)
        self.assertEqual(client.returncode, 1, errors)
        self.assertIn(f"engine:vfio-user: vfio-user:{self.socket}: the server closed", errors)
        self.assertNothingWritten()
        self.serve()  # at the same socket
        self.assertEqual(self.remote()["mismatches"], 0)

    def test_the_client_dies(self):
        server = self.serve()
        client = self.start_compare_of_many()
        client.send_signal(signal.SIGKILL)
        client.wait()
        self.assertEqual(self.remote()["mismatches"], 0)
        self.assertFalse(is_dead(server.pid))


if __name__ == "__main__":
    unittest.main()
