#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_roofline from outside, and the figure of its results."""

import json
import random
import subprocess
import unittest

from bench_command import PAGE, ROOT, BenchCommand

PLOT = ROOT / "scripts/plot_roofline.py"


class BenchRoofline(BenchCommand):
    variable = "BENCH_ROOFLINE"
    schema = "roofline.schema.json"

    def test_synthetic_pages(self):
        data = self.figures("--link", "soc,pcie5x16", "--engines", "1,8", "--depth", "1,64",
                            "--pages", "128")
        self.assertEqual(data["inputs"], [])
        self.assertEqual(list(data["links"]), ["soc", "pcie5x16"])
        self.assertEqual(len(data["points"]), 16)
        for point in data["points"]:
            self.assertEqual(point["ruled"], point["depth"] == 64)
            self.assertTrue(point["good"] or point["link"] == "pcie5x16")
            self.assertEqual(point["good"], point["ratio"] >= 0.95 or not point["ruled"])
            self.assertEqual(point["queues"], min(8, point["depth"]))
            self.assertEqual(point["bound_bytes_per_ns"], min(point["terms"].values()))
            self.assertEqual(point["explanation"] is None, point["ratio"] >= 0.95)
            self.assertEqual(len(point["counters"]["engines"]), point["engines"])
            # Alone on the link, a page costs a round trip, and the device's pipelines.
            if point["depth"] == 1:
                self.assertEqual(point["counters_say"], "units")
                self.assertLessEqual(point["ratio_with_latency"], 1)
                self.assertGreater(point["ratio_with_latency"], 0.5)

    def test_the_same_twice_whatever_else_runs(self):
        alone = self.figures("--link", "cxl", "--engines", "2", "--depth", "16", "--pages", "256",
                             "--op", "decompress")["points"]
        among = self.figures("--link", "soc,cxl", "--engines", "1,2", "--depth", "8,16",
                             "--pages", "256")
        self.assertEqual(alone, [p for p in among["points"]
                                 if (p["link"], p["engines"], p["depth"], p["operation"])
                                 == ("cxl", 2, 16, "decompress")])

    def test_page_files(self):
        rng = random.Random(3)
        text = [bytes(rng.choice(b"page swap \n") for _ in range(PAGE)) for _ in range(12)]
        pages = self.make("some.pages", [*text, bytes(PAGE), rng.randbytes(PAGE)])
        data = self.figures(pages, "--link", "soc", "--engines", "1", "--depth", "8")
        self.assertEqual(data["inputs"], [{"path": str(pages), "pages": 14, "same_filled_pages": 1}])
        # Noise does not shrink: it has no block to decompress.
        self.assertEqual(data["loads"]["compress"]["pages"], 13)
        self.assertEqual(data["loads"]["decompress"]["pages"], 12)

    def test_bad_usage(self):
        self.fail_with(2, "--engines", "--engines", "0")
        self.fail_with(2, "--op", "--op", "copy")
        self.fail_with(2, "--beat-bytes", "--beat-bytes", "48")
        self.fail_with(2, "--frequency", "--frequency", "1")
        self.fail_with(1, "unknown link preset 'pcie9'", "--link", "pcie9", "--pages", "16", "--depth", "1")
        self.fail_with(1, "16 pages are too few for depth 32", "--pages", "16", "--depth", "32")

    def test_bad_files(self):
        self.fail_with(1, "missing.pages", self.folder / "missing.pages")
        self.fail_with(1, "odd.pages", self.make("odd.pages", [b"odd"]))
        self.fail_with(1, "nothing but same-filled pages", self.make("zero.pages", [bytes(PAGE)] * 3))
        noise = self.make("noise.pages", [random.Random(7).randbytes(PAGE)])
        self.fail_with(1, "no page shrinks", noise)
        result = self.run_bench("--link", "soc", "--engines", "1", "--depth", "1", "--pages", "8",
                                "--json", self.folder / "no/roofline.json")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no/roofline.json", result.stderr)

    def test_check_fails_by_what_is_missed(self):
        # Two units a channel cannot hide the latency of a PCIe link.
        result = self.run_bench("--link", "pcie5x16", "--engines", "1", "--depth", "64", "--pages", "128",
                                "--channel-units", "2", "--check", "--json", self.folder / "r.json")
        self.assertEqual(result.returncode, 1)
        self.assertIn("MISSED: compress on pcie5x16, 1 engines, depth 64", result.stderr)
        for point in json.loads((self.folder / "r.json").read_text())["points"]:
            self.assertFalse(point["good"])
            self.assertEqual(point["counters_say"], "input")
            self.assertIn("waiting for input", point["explanation"])

    def test_check_holds_what_is_reached(self):
        self.figures("--link", "soc", "--engines", "1,4", "--depth", "64", "--pages", "128", "--check")

    def test_figure(self):
        bench = self.folder / "bench.json"
        bench.write_text(json.dumps(self.figures("--link", "soc", "--depth", "1,4", "--pages", "16",
                                                 "--engines", "1,2")))
        drawn = self.folder / "figure.svg"
        subprocess.run([PLOT, bench, "-o", drawn], check=True, timeout=120)
        text = drawn.read_text()
        for words in ("soc, compress", "soc, decompress", "units in flight"):
            self.assertIn(words, text)

    def test_figure_of_something_else(self):
        for content in ("{}", "[", '{"points": [{"link": "soc"}]}', '{"points": []}'):
            other = self.folder / "other.json"
            other.write_text(content)
            result = subprocess.run([PLOT, other, "-o", self.folder / "figure.svg"], capture_output=True,
                                    text=True, check=False, timeout=120)
            self.assertEqual(result.returncode, 1)
            self.assertIn("other.json", result.stderr)
            self.assertFalse((self.folder / "figure.svg").exists())


if __name__ == "__main__":
    unittest.main()
