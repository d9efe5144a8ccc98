#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_fidelity from outside: a sample of its matrix must meet its rules; bad input."""

import json
import random
import unittest

from bench_command import PAGE, BenchCommand, text_page

# Every work, link, number of engines, depth and mix of pages is among every 13th point.
SAMPLE = 13


def table_page(seed):
    """Records of small numbers and pointers, as a heap has."""
    rng = random.Random(seed)
    words = [rng.choice((rng.randrange(256), 0x7F0000000000 + rng.randrange(1 << 20) * 16, 0)) for _ in range(PAGE // 8)]
    return b"".join(word.to_bytes(8, "little") for word in words)


class BenchFidelity(BenchCommand):
    variable = "BENCH_FIDELITY"
    seconds = 500

    def setUp(self):
        super().setUp()
        self.pages = self.make("some.pages", [text_page(n) + table_page(n) for n in range(40)])

    def test_sample(self):
        data = self.figures(self.pages, "--every", SAMPLE, "--speed-pages", 500, "--check")
        points = data["points"]
        self.assertEqual(data["points_measured"], len(points))
        self.assertEqual(data["points_that_differ"], 0)
        for key, least in (("operation", 4), ("link", 4), ("engines", 2), ("depth", 5), ("pages", 3)):
            self.assertGreaterEqual(len({point[key] for point in points}), least, key)
        self.assertEqual(data["max_throughput_error"], max(point["throughput_error"] for point in points))
        self.assertEqual(data["max_p99_latency_error"], max(point["p99_latency_error"] for point in points))
        self.assertEqual(data["speedup_min"], min(point["speedup"] for point in points))
        self.assertGreater(data["fast_pages_per_s"], 0)
        for point in points:
            self.assertEqual(point["difference"], "")
            self.assertGreater(point["rtl"]["p99_latency_ns"], 0)

    def test_text_and_files(self):
        result = self.run_bench(self.pages, "--only", "decompress, soc, 1 engine, depth 8,", "--speed-pages", 0,
                                "--json", self.folder / "out.json", "--trace", self.folder / "out.csv")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("max_throughput_error 0.0", result.stdout)
        self.assertNotIn("fast_pages_per_s", result.stdout)
        data = json.loads((self.folder / "out.json").read_text())
        self.assertIsNone(data["fast_pages_per_s"])
        lines = (self.folder / "out.csv").read_text().splitlines()
        self.assertEqual(len(lines), 1 + data["points"][0]["units"])

    def test_bad_input(self):
        self.fail_with(2, "FILE is required")
        self.fail_with(2, "--every", self.pages, "--every", "0")
        self.fail_with(1, "missing.pages", "missing.pages")
        self.fail_with(1, "no point is named 'nothing'", self.pages, "--only", "nothing")
        self.fail_with(1, "odd.pages", self.make("odd.pages", [b"x" * 5000]))
        result = self.run_bench(self.pages, "--only", "decompress, soc, 1 engine, depth 8,", "--speed-pages", 0,
                                "--json", "/nowhere/out.json")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nowhere/out.json", result.stderr)


if __name__ == "__main__":
    unittest.main()
