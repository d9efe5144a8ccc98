#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/rtl_coverage.py and the comparison of scripts/yosys_stats.py say what is so."""

import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIFO = ROOT / "rtl/common/pp_fifo.sv"


sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "scripts"))  # where scripts find each other


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class RtlCoverage(unittest.TestCase):
    def run_on(self, *processes, least=0):
        with tempfile.TemporaryDirectory() as folder:
            for number, points in enumerate(processes):
                text = "".join("\t".join(map(str, point)) + "\n" for point in points)
                (Path(folder) / f"{number}.points").write_text(text)
            holes = Path(folder) / "holes.txt"
            result = subprocess.run(
                [sys.executable, "-I", str(ROOT / "scripts/rtl_coverage.py"), folder,
                 "--holes", str(holes), "--least", str(least)],
                capture_output=True, text=True, check=False)
            return result, holes.read_text() if holes.exists() else ""

    def test_processes_and_parameter_sets_add_up(self):
        point = ("v_branch", FIFO, 3, 5, "3-4", "if")
        other = ("v_branch", FIFO, 3, 6, "7", "else")
        result, holes = self.run_on([(1, *point), (0, *other)], [(0, *point), (1, *other)])
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("100.0 % of 3 lines, 100.0 % of 2 branches", result.stdout)
        self.assertEqual(holes, "")

    def test_holes_are_named_and_too_many_fail(self):
        points = [(1, "v_line", FIFO, 2, 1, "2,5-6", "block"),
                  (0, "v_branch", FIFO, 7, 1, "7", "if"),
                  (0, "v_branch", FIFO, 2, 2, "", "else"),
                  (0, "v_toggle", FIFO, 1, 1, "", "bit[0]")]
        result, holes = self.run_on(points, least=75)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("75.0 % of 4 lines, 0.0 % of 2 branches, 0.0 % of 1 signal", result.stdout)
        self.assertIn("line rtl/common/pp_fifo.sv:7:", holes)
        self.assertIn("branch rtl/common/pp_fifo.sv:2:", holes)
        result, _ = self.run_on(points, least=75.1)
        self.assertEqual(result.returncode, 1)
        self.assertIn("fewer than 75.1 %", result.stderr)

    def test_only_hardware_counts(self):
        result, _ = self.run_on([(1, "v_line", FIFO, 2, 1, "2", "block"),
                                 (0, "v_line", ROOT / "rtl/check/x.sv", 2, 1, "2", "block"),
                                 (0, "v_line", ROOT / "tests/rtl/x.sv", 2, 1, "2", "block")])
        self.assertIn("100.0 % of 1 lines", result.stdout)

    def test_nothing_measured_is_no_success(self):
        result, _ = self.run_on()
        self.assertEqual(result.returncode, 1)
        result, _ = self.run_on([(1, "v_line", ROOT / "tests/rtl/x.sv", 2, 1, "2", "block")])
        self.assertEqual(result.returncode, 1)


class SynthesisFigures(unittest.TestCase):
    kept = {"cells": 1000, "flops": 100, "memory_bits": 4096, "levels": 10}

    def changes(self, **now):
        stats = load(ROOT / "scripts/yosys_stats.py")
        kept = {"modules": {"pp_a": self.kept}, "totals": {}}
        return list(stats.compare(kept, {"pp_a": {**self.kept, **now}}, {}))

    def test_what_is_as_it_was_is_not_said(self):
        self.assertEqual(self.changes(), [])

    def test_small_changes_are_said_and_let_through(self):
        for change in ({"cells": 1020}, {"cells": 980}, {"flops": 104}, {"memory_bits": 4100},
                       {"levels": 11}, {"levels": 9}):
            lines = self.changes(**change)
            self.assertEqual(len(lines), 1, change)
            self.assertTrue(lines[0].startswith("ok: pp_a own"), lines)

    def test_large_changes_fail(self):
        for change in ({"cells": 1021}, {"cells": 979}, {"flops": 105}, {"memory_bits": 8192},
                       {"levels": 12}, {"levels": 8}):
            lines = self.changes(**change)
            self.assertEqual(len(lines), 1, change)
            self.assertTrue(lines[0].startswith("FAIL: pp_a own"), lines)

    def test_names_of_modules(self):
        design = load(ROOT / "scripts/yosys_design.py")
        self.assertEqual(design.base("$paramod$0123\\pp_fifo"), "pp_fifo")
        self.assertEqual(design.base("$paramod\\pp_arbiter\\N=32'01"), "pp_arbiter")
        self.assertEqual(design.key_of("\\pp_inject"), "pp_inject")
        self.assertNotEqual(design.key_of("$paramod$1\\pp_fifo"), design.key_of("$paramod$2\\pp_fifo"))


if __name__ == "__main__":
    unittest.main()
