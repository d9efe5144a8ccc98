#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_engine from outside, and the figure of its results."""

import json
import random
import subprocess
import unittest

from bench_command import PAGE, ROOT, BenchCommand, text_page

PLOT = ROOT / "scripts/plot_engine.py"


class BenchEngine(BenchCommand):
    variable = "BENCH_ENGINE"
    schema = "engine_bench.schema.json"

    def setUp(self):
        super().setUp()
        self.pages = self.make("process/one.pages", [text_page(n) for n in range(20)] + [bytes(PAGE)])

    def test_figures(self):
        noise = self.make("file/noise.pages", [random.Random(7).randbytes(PAGE)])
        data = self.figures(self.pages, noise, "--only", "w32")
        self.assertEqual([(p["name"], p["default"]) for p in data["points"]], [("w16", True), ("w32", False)])
        for point, width in zip(data["points"], (16, 32)):
            process = point["groups"]["process"]
            self.assertEqual(process["pages"], 20)  # the zero page is left out
            self.assertGreater(process["ratio"], 2)
            self.assertGreaterEqual(process["held_cycles"]["p50"], PAGE / width)
            # What does not shrink costs a page, and is no faster.
            self.assertEqual(point["groups"]["file"]["ratio"], 1)
        made_by = [s["made_by"] for s in data["decoder"]["streams"]]
        self.assertEqual(made_by, ["lz4_fast", "lz4_hc", "w16"])
        for stream in data["decoder"]["streams"]:
            self.assertGreater(stream["groups"]["process"]["bytes_per_cycle"], 4)

    def test_the_same_twice(self):
        first = self.figures(self.pages, "--only", "w16", "--jobs", "1")
        self.assertEqual(first, self.figures(self.pages, "--only", "w16", "--jobs", "2"))

    def test_synthesis_is_joined(self):
        kept = self.folder / "engine.json"
        data = self.figures(self.pages, "--only", "w16", "--synthesis", self.folder / "missing.json")
        self.assertIsNone(data["points"][0]["synthesis"])
        parameters = {key.upper(): value for key, value in data["points"][0]["parameters"].items()}
        entry = {"hash": "0123456789abcdef", "parameters": parameters, "cells": 5, "flops": 4,
                 "memory_bits": 3, "levels": 41}
        kept.write_text(json.dumps({"configurations": {"w16": entry}}))
        data = self.figures(self.pages, "--only", "w16", "--synthesis", kept)
        self.assertEqual(data["points"][0]["synthesis"], {
            "cells": 5, "flops": 4, "memory_bits": 3, "levels": 41, "source_hash": "0123456789abcdef"})
        parameters["ROWS"] //= 2  # figures of another geometry are no figures
        kept.write_text(json.dumps({"configurations": {"w16": entry}}))
        data = self.figures(self.pages, "--only", "w16", "--synthesis", kept)
        self.assertIsNone(data["points"][0]["synthesis"])

    def test_bad_inputs(self):
        self.fail_with(2, "FILE is required")
        self.fail_with(1, "missing.pages", self.folder / "missing.pages")
        self.fail_with(1, "odd.pages", self.make("process/odd.pages", [b"odd"]))
        self.fail_with(1, "empty.pages", self.make("process/empty.pages", []))
        self.fail_with(1, "nothing but same-filled pages", self.make("process/zero.pages", [bytes(PAGE)] * 3))
        self.fail_with(1, "has no point w64", self.pages, "--only", "w64")
        self.fail_with(1, "design.json", self.pages, "--points", self.folder / "design.json")
        broken = self.folder / "broken.json"
        broken.write_text("{")
        self.fail_with(1, "broken.json", self.pages, "--points", broken)
        self.fail_with(1, "broken.json", self.pages, "--only", "w16", "--synthesis", broken)

    def test_json_that_cannot_be_written(self):
        result = self.run_bench(self.pages, "--only", "w16", "--json", self.folder / "no/bench.json")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no/bench.json", result.stderr)

    def test_check_needs_a_corpus(self):
        self.fail_with(1, "no pages of a folder named file", self.pages, "--only", "w16", "--check")
        other = self.make("file/other.pages", [text_page(99)])
        self.fail_with(1, "pages of 1 programs", self.pages, other, "--only", "w16", "--check")

    def test_check_fails_by_what_is_missed(self):
        files = [self.make(f"process/{n}.pages", [text_page(n)]) for n in range(5)]
        # One byte that differs from zero: nothing is gained over liblz4.
        sparse = bytes([1]) + bytes(PAGE - 1)
        result = self.run_bench(*files, self.make("file/sparse.pages", [sparse]), "--only", "w16",
                                "--check", "--json", self.folder / "bench.json")
        self.assertEqual(result.returncode, 1)
        self.assertIn("FAIL: w16: ratio over lz4 fast 1, file pages", result.stderr)
        checks = json.loads((self.folder / "bench.json").read_text())["checks"]
        self.assertFalse(all(check["good"] for check in checks))

    def test_figure(self):
        bench = self.folder / "bench.json"
        bench.write_text(json.dumps(self.figures(self.pages)))
        drawn = self.folder / "figure.svg"
        subprocess.run([PLOT, bench, "-o", drawn], check=True, timeout=120)
        text = drawn.read_text()
        self.assertIn("w32", text)
        self.assertIn("compression ratio over lz4 fast 1", text)

    def test_figure_of_something_else(self):
        for content in ("{}", "[", '{"points": [{"groups": {}, "name": "a", "default": true}]}'):
            other = self.folder / "other.json"
            other.write_text(content)
            result = subprocess.run([PLOT, other, "-o", self.folder / "figure.svg"], capture_output=True,
                                    text=True, check=False, timeout=120)
            self.assertEqual(result.returncode, 1)
            self.assertIn("other.json", result.stderr)
            self.assertFalse((self.folder / "figure.svg").exists())


if __name__ == "__main__":
    unittest.main()
