#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress reclaim: what is refused and how, and what failures and signals leave behind."""

import json
import os
import pathlib
import random
import signal
import subprocess
import unittest

import harness
from harness import PAGE

PAGES = 32


def children_of(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


class Reclaim(harness.SystemTest):
    def setUp(self):
        super().setUp()
        draw = random.Random(7)
        words = [b"kswapd", b"folio", b"page", b"zram", b"watermark", b"shrink", b"anon"]
        text = b" ".join(draw.choice(words) for _ in range(PAGES * 1000))
        self.pages = self.folder / "x.pages"
        self.pages.write_bytes(text[:PAGES * PAGE])
        self.costs = self.folder / "x.costs"

    def arguments(self, *more, scenario="tiny", policies=("kswapd",)):
        chosen = [part for policy in policies for part in ("--policy", policy)]
        return ["reclaim", self.pages, "-c", scenario, "--costs", self.costs, *chosen,
                "--set", "workload.seconds=0.02", *more]

    def refuse(self, *more, messages, code=2, **options):
        self.fail_with(code, messages, *self.arguments("-o", self.out / "r", *more, **options))

    def scenario(self, text):
        file = self.folder / "mine.toml"
        file.write_text('base = "tiny"\n' + text)
        return file

    def test_policies_are_looked_at_before_anything_is_measured(self):
        self.refuse(policies=["foo"], messages=["policy 'foo': unknown name"])
        self.refuse(policies=["kswapd@workers=2"], messages=["useless key 'workers'"])
        self.refuse(policies=["kcompressd@cores=foo"],
                    messages=["cores: there are none called 'foo' (known: little, big)"])
        self.refuse("--set", "engine.engines=1", policies=["engine@codec=engine:rtl"],
                    messages=["engine:rtl is built with 2 engines"])
        self.refuse(policies=["kswapd", "kswapd"], messages=["'kswapd' is there twice"])
        grid = self.scenario('[grid]\ncores = [1]\npolicies = ["kswapd", "foo"]\n')
        self.refuse(scenario=grid, messages=["policy 'foo': unknown name"])
        self.assertFalse(self.costs.exists())

    def test_grids_that_cannot_be_run(self):
        numbers = ", ".join(map(str, range(1, 1001)))
        self.refuse(scenario=self.scenario(f"[grid]\ncores = [{numbers}]\nspeeds = [1, 2]\n"),
                    messages=["more than 1000 points"])
        self.refuse(scenario=self.scenario("[grid]\nspeeds = [1, 1]\n"),
                    messages=["grid.speeds: a value is there twice"])
        self.refuse(scenario=self.scenario("[grid]\nspeeds = [0.01]\n"),
                    messages=["grid, at speed 0.01 and pressure 1: cpu.cores.speed must be"])

    def test_grid_measures_what_its_policies_need(self):
        grid = self.scenario('[grid]\ncores = [1]\npolicies = ["kswapd@codec=cpu:zstd"]\n'
                             '[[program]]\nname = "busy"\nanon_mib = 0\nbusy_share = 0.1\n')
        result = self.succeed(*self.arguments("--json", "-", scenario=grid))
        point = json.loads(result.stdout)["grid"][0]
        self.assertEqual(point["runs"][0]["policy"], "kswapd@codec=cpu:zstd")
        busy = [p for p in point["runs"][0]["workload"]["programs"] if p["name"] == "busy"][0]
        self.assertEqual(busy["faults"], 0)  # pressure gives it no memory that it did not have

    def test_numbers_without_sense(self):
        self.refuse("-j", "0", messages=["--jobs must be between 1 and 1024"])
        self.refuse("-j", "-1", messages=["--jobs must be between 1 and 1024"])
        self.refuse("--trace-seconds", "inf", messages=["--trace-seconds must be"])
        self.refuse("--trace-from", "1e300", messages=["--trace-from must be"])
        self.refuse("--set", "cpu.slice_ns=1000", messages=["cpu.slice_ns (1000) must be more"])

    def test_files_that_are_no_recording(self):
        for file in ("/dev/zero", "/dev/null", self.pages):
            self.refuse("--recording", file, code=1, messages=["no recording of"])
        self.refuse("--recording", self.folder, code=1, messages=["cannot read the recording"])
        self.refuse("--recording", "/nonexistent", code=1, messages=["cannot read the recording"])

    def test_recording_of_other_pages(self):
        file = self.folder / "a.record"
        self.succeed("record", "-o", file, "--seconds", 0.05, "--", "sleep", "5")
        pages = self.folder / "a.record.pages"
        replay = ["--recording", file, "--json", "-", "--no-grid"]
        recorded = pages.read_bytes()
        self.pages.write_bytes(recorded)
        result = self.succeed(*self.arguments(*replay[:2], "-o", self.folder / "cut", "--no-report",
                                              "--set", "workload.seconds=0.001"))
        self.assertRegex(result.stdout, r"recording: \d+ of \d+ intervals were played")
        self.succeed(*self.arguments(*replay))
        self.costs.unlink()
        self.pages.write_bytes(recorded[:-PAGE])
        self.refuse("--recording", file, code=1,
                    messages=["a.record: a recording of", "as the first"])
        self.pages.write_bytes(recorded[:-1] + bytes([recorded[-1] ^ 1]))
        self.refuse("--recording", file, code=1,
                    messages=["a.record: a recording of another page file", "a.record.pages"])

    def test_failed_run_leaves_older_results_and_timelines(self):
        folder = self.folder / "results"
        self.succeed(*self.arguments("-o", folder, "--no-report"))
        before = {file.name: file.read_bytes() for file in folder.iterdir()}
        self.assertEqual(sorted(before), ["kswapd.trace.json", "results.json"])
        # The first policy ends well, the second cannot be made.
        self.fail_with(1, ["the device has 8 queues"],
                       *self.arguments("-o", folder, "--no-report", "--set", "workload.seed=9",
                                       policies=["kswapd", "engine@workers=64"]))
        after = {file.name: file.read_bytes() for file in folder.iterdir()}
        self.assertEqual(after, before)

    def test_signals_end_children_and_leave_nothing(self):
        self.succeed(*self.arguments("--json", "/dev/null"))  # costs, once
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            folder = self.out / number.name
            program = subprocess.Popen(
                [harness.PAGEPRESS, *map(str, self.arguments(
                    "-o", folder, "--set", "workload.seconds=3000", "-j", 2,
                    policies=["kswapd", "kcompressd"]))],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with program:
                running = harness.wait_until(
                    lambda: len(found := children_of(program.pid)) == 2 and found, "two runs")
                os.kill(program.pid, number)
                self.assertEqual(program.wait(harness.PATIENCE), -number)
            for pid in running:
                harness.wait_until(lambda pid=pid: harness.is_dead(pid), f"{pid} to end")
            if number != signal.SIGKILL:
                self.assertFalse(folder.exists())
            else:
                self.assertEqual([f for f in folder.iterdir() if not f.name.startswith(".")], [])


if __name__ == "__main__":
    unittest.main()
