# SPDX-License-Identifier: Apache-2.0
"""The report of a sweep: what is drawn, what is said to be absent, what is refused."""

import json
import pathlib
import re
import tempfile
import unittest

import support  # noqa: F401  makes the packages importable
from pagepress_report import cli, sweep_page
from pagepress_report.errors import ReportError
from pagepress_report.sweep import Sweep, check, front
from sweep_fixture import AXES, sweep
from test_page import Reader


def load(data):
    check(data)
    return Sweep(json.loads(json.dumps(data)), digest="0" * 64)


def axes(*names):
    return tuple(a for a in AXES if a[0] in names)


class Figures(unittest.TestCase):
    def names(self, data):
        return [name for name, _ in sweep_page.svg_files(load(data))]

    def test_each_needs_its_axis(self):
        everything = ["sweep-throughput.svg", "sweep-latency.svg", "sweep-pareto-latency.svg",
                      "sweep-pareto-size.svg"]
        self.assertEqual(self.names(sweep()), everything)
        self.assertEqual(self.names(sweep(axes("queue.depth"))), everything[1:3])
        self.assertEqual(self.names(sweep(axes("engine.engines"))),
                         [everything[0], *everything[2:]])
        self.assertEqual(self.names(sweep(())), [])

    def test_other_axes_stand_where_the_sweep_file_puts_them_or_at_their_first_value(self):
        page = sweep_page.html(load(sweep()))
        self.assertIn("The other axes stand at queue.depth = 64, engine.w = 16.", page)
        self.assertIn("The other axes stand at engine.engines = 1, engine.w = 16.", page)

    def test_the_same_file_gives_the_same_page(self):
        self.assertEqual(sweep_page.html(load(sweep())), sweep_page.html(load(sweep())))


class Page(unittest.TestCase):
    def test_balanced_and_self_contained(self):
        page = sweep_page.html(load(sweep()))
        reader = Reader(page)
        for tag, name, value in reader.attributes:
            if name in ("src", "href", "xlink:href"):
                self.assertTrue(value.startswith("#"), (tag, value))
        self.assertEqual(len(re.findall(r"<tr><td class=\"num\">\d+</td>", page)), 36)

    def test_absent_figures_are_named(self):
        page = sweep_page.html(load(sweep(axes("engine.w"))))
        self.assertIn("needs the axis engine.engines; latency against depth needs", page)

    def test_failed_points_are_loud(self):
        page = sweep_page.html(load(sweep(failing=(3, 5))))
        self.assertIn("<title>INCOMPLETE: ", page)
        self.assertIn("Point 3: point 3: &lt;it&gt; hung", page)

    def test_all_points_failed(self):
        page = sweep_page.html(load(sweep(axes("engine.w"), failing=(0, 1))))
        self.assertIn("2\N{NO-BREAK SPACE}points failed", page)

    def test_wrong_pages_are_loud(self):
        data = sweep()
        data["points"][4]["backends"][0]["mismatches"] = 2
        self.assertIn("2\N{NO-BREAK SPACE}pages came back wrong", sweep_page.html(load(data)))


class Front(unittest.TestCase):
    def test_is_what_no_other_one_beats(self):
        points = [(1, 5), (2, 4), (2, 9), (3, 9), (4, 10), (None, 99), (5, 1)]
        found = front(points, lambda p: p[0], lambda p: p[1])
        self.assertEqual(found, [(1, 5), (2, 9), (4, 10)])


class Check(unittest.TestCase):
    def refuses(self, message, change):
        data = sweep()
        change(data)
        with self.assertRaisesRegex(ReportError, message):
            check(data)

    def test_what_is_no_sweep(self):
        self.refuses("missing key: axes", lambda d: d.pop("axes"))
        self.refuses(r"points\[2\]: needs either backends or error",
                     lambda d: d["points"][2].pop("backends"))
        self.refuses(r"points\[1\].axes", lambda d: d["points"][1]["axes"].pop("engine.w"))
        self.refuses("complete: contradicts", lambda d: d.update(complete=False))
        self.refuses(r"points\[0\].backends\[0\].compress.sim_gb_per_s",
                     lambda d: d["points"][0]["backends"][0]["compress"].update(sim_gb_per_s="x"))

    def test_the_command_line_draws_it(self):
        with tempfile.TemporaryDirectory() as folder:
            results = pathlib.Path(folder) / "results.json"
            results.write_text(json.dumps(sweep()), encoding="utf-8")
            self.assertEqual(cli.main([str(results), "--check"]), 0)
            self.assertEqual(cli.main([str(results), "--figures", f"{folder}/svg"]), 0)
            self.assertIn("All points", (pathlib.Path(folder) / "report.html").read_text())
            self.assertEqual(len(list((pathlib.Path(folder) / "svg").iterdir())), 4)


if __name__ == "__main__":
    unittest.main()
