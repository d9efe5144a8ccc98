# SPDX-License-Identifier: Apache-2.0
"""The figures: nothing overlaps, nothing is cut off, what is drawn is what is in the file."""

import itertools
import math
import unittest
import xml.etree.ElementTree

import support
from support import fixtures, load, variant
from pagepress_report import figures, render, svg, theme, units
from pagepress_report.figures.files import short_names
from pagepress_report.figures.latency import _curve

from matplotlib.backends.backend_agg import FigureCanvasAgg


def drawings(results):
    looks = theme.looks(results.backends)
    return [d for d in (draw(results, looks) for draw in figures.ALL) if d is not None]


def texts(figure):
    """(words, box) of all visible text; boxes are those of matplotlib's own wide font."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    for ax in figure.axes:
        found = [*ax.texts, ax.xaxis.label, ax.yaxis.label,
                 *ax.get_xticklabels(), *ax.get_yticklabels()]
        for text in found:
            if text.get_visible() and text.get_text().strip():
                yield text.get_text(), text.get_window_extent(renderer)


def check_layout(test, figure):
    """No label lies on another, or outside."""
    width, height = (72 * size for size in figure.get_size_inches())
    found = list(texts(figure))
    test.assertTrue(found)
    for words, box in found:
        inside = (box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1)
        test.assertTrue(inside, f"{words!r} at {box}")
    for (one, a), (other, b) in itertools.combinations(found, 2):
        # A pixel of two boxes may touch: they include the line spacing.
        overlap = (min(a.x1, b.x1) - max(a.x0, b.x0) > 1
                   and min(a.y1, b.y1) - max(a.y0, b.y0) > 2)
        test.assertFalse(overlap, f"{one!r} lies on {other!r}")


class Layout(unittest.TestCase):
    def test_no_label_lies_on_another_or_outside(self):
        for name in fixtures.VARIANTS:
            for drawing in drawings(variant(name)):
                with self.subTest(variant=name, figure=drawing.name):
                    check_layout(self, drawing.figure)

    def test_all_figures_of_the_usual_case(self):
        self.assertEqual([d.name for d in drawings(variant("two"))],
                         ["throughput", "cpu-time", "latency", "sizes", "decompress-throughput",
                          "decompress-cpu-time", "decompress-latency"])
        older = load(fixtures.without_decompression(fixtures.two()))
        self.assertEqual([d.name for d in drawings(older)],
                         ["throughput", "cpu-time", "latency", "sizes"])
        self.assertEqual(drawings(variant("four"))[-1].name, "files")

    def test_what_is_null_is_not_drawn(self):
        self.assertEqual([d.name for d in drawings(variant("nulls"))], ["cpu-time"])


class Content(unittest.TestCase):
    def test_the_latency_curve_meets_its_percentiles(self):
        results = variant("two")
        for backend in results.backends:
            latency = backend["compress"]["latency_ns"]
            marks = [(latency["p50"], 0.5), (latency["p99"], 0.99), (latency["p999"], 0.999)]
            points = _curve(backend["latency_histogram"], marks)
            times, shares = zip(*points)
            self.assertEqual(list(times), sorted(times))
            self.assertEqual(list(shares), sorted(shares))
            self.assertTrue(0 <= shares[0] < shares[-1] < 1)
            for mark in marks:
                self.assertIn(mark, points)

    def test_percentiles_are_written_beside_the_outer_curves(self):
        for name in ("two", "losing", "four"):
            results = variant(name)
            drawing = next(d for d in drawings(results) if d.name == "latency")
            found = [t.get_text() for t in drawing.figure.axes[0].texts]
            for key in ("p50", "p99", "p999"):
                values = [b["compress"]["latency_ns"][key] for b in results.backends]
                self.assertIn(units.duration_ns(max(values)), found)
                self.assertIn(units.duration_ns(min(values)), found)

    def test_latency_histograms_of_every_shape(self):
        self.assertEqual(_curve(None, []), [])
        self.assertEqual(_curve({"bins_ns": [], "counts": []}, []), [])
        self.assertEqual(_curve({"bins_ns": [1, 2], "counts": [0]}, []), [])
        (low, start), (high, end) = _curve({"bins_ns": [0, 16, 32], "counts": [5, 0]}, [])
        self.assertTrue(0 < low < high == 16 and start == 0 and math.isclose(end, 0.9))

    def test_size_bins_are_drawn_as_counted(self):
        results = variant("two")
        drawing = next(d for d in drawings(results) if d.name == "sizes")
        ax = drawing.figure.axes[0]
        lines = [p for p in ax.patches if type(p).__name__ == "StepPatch" and not p.get_fill()]
        self.assertEqual(len(lines), 2)
        for line, backend in zip(lines, results.backends):
            self.assertEqual(list(line.get_data().values),
                             backend["size_histogram"]["counts"][:64])
        bars = [p.get_height() for p in ax.patches if type(p).__name__ == "Rectangle"]
        self.assertEqual(bars, [b["incompressible_pages"] for b in results.backends])
        self.assertIn("limit 3,625 B", [t.get_text() for t in ax.texts])

    def test_a_bar_that_is_cut_off_says_so(self):
        results = variant("extreme")
        drawing = next(d for d in drawings(results) if d.name == "sizes")
        self.assertIn("Bars cut off", drawing.caption)
        self.assertIn(str(results.backends[1]["size_histogram"]["counts"][64]), drawing.caption)

    def test_throughput_bars(self):
        results = variant("four")
        bars = [p.get_width() for p in drawings(results)[0].figure.axes[0].patches]
        self.assertEqual(bars, [b["compress"]["sim_gb_per_s"] for b in results.backends])

    def test_what_comes_back_is_drawn_from_its_own_figures(self):
        results = variant("four")
        found = {d.name: d for d in drawings(results)}
        for name, key in (("decompress-throughput", "sim_gb_per_s"),
                          ("decompress-cpu-time", "cpu_ns_per_page")):
            bars = [p.get_width() for p in found[name].figure.axes[0].patches]
            self.assertEqual(bars, [b["decompress"][key] for b in results.backends])
        written = [t.get_text() for t in found["decompress-latency"].figure.axes[0].texts]
        values = [b["decompress"]["latency_ns"]["p99"] for b in results.backends]
        self.assertIn(units.duration_ns(max(values)), written)
        self.assertIn(units.duration_ns(min(values)), written)

    def test_names_that_look_like_formulas_stay_names(self):
        data = fixtures.two([("price $x$ of $y.pages", 40), ("tab\there\x01.pages", 41)])
        drawing = next(d for d in drawings(load(data)) if d.name == "files")
        text = svg.standalone(drawing.figure, "x", "x")
        self.assertIn("price $x$ of $y.pages", text)
        xml.etree.ElementTree.fromstring(text.encode("utf-8"))

    def test_short_names_tell_files_apart(self):
        self.assertEqual(short_names(["a/b/x.pages", "a/c/y.pages"]), ["x.pages", "y.pages"])
        self.assertEqual(short_names(["a/b/x.pages", "a/c/x.pages"]), ["b/x.pages", "c/x.pages"])
        self.assertEqual(short_names(["x.pages", "a/x.pages"]), ["x.pages", "a/x.pages"])
        self.assertEqual(short_names(["x.pages", "x.pages"]), ["x.pages", "x.pages"])


class Colours(unittest.TestCase):
    def test_each_back_end_has_its_own_look(self):
        for name, count in (("four", 4), ("seven", 7)):
            looks = theme.looks(variant(name).backends)
            self.assertEqual(len({look.colour for look in looks.values()}), count)
            self.assertEqual(len({str(look.dashes) for look in looks.values()}), count)
            self.assertEqual(len({look.marker for look in looks.values()}), count)

    def test_no_stand_in_colour_is_left(self):
        for drawing in drawings(variant("four")):
            inline = svg.inline(drawing.figure, "x", "t", "d")
            alone = svg.standalone(drawing.figure, "x", "t")
            self.assertNotIn("#0a0", inline)
            self.assertNotIn("#0a0", alone)
            self.assertIn("var(--", inline)
            self.assertNotIn("var(--", alone)

    def test_every_colour_is_defined_on_light_and_on_dark_paper(self):
        style = (support.REPORT / "pagepress_report" / "style.css").read_text(encoding="utf-8")
        light, dark = style.split("prefers-color-scheme: dark", 1)
        for name, value in theme.LIGHT.items():
            self.assertIn(f"--{name}: {value};", light)
            self.assertIn(f"--{name}: #", dark)
        self.assertEqual(set(theme.STANDIN_TO_NAME.values()), set(theme.LIGHT))


class Files(unittest.TestCase):
    def test_standalone_files_are_xml_and_need_nothing(self):
        for name, text in render.svg_files(variant("four")):
            root = xml.etree.ElementTree.fromstring(text.encode("utf-8"))
            self.assertTrue(name.endswith(".svg") and root.tag.endswith("svg"))
            self.assertNotRegex(text, r'(href|src)="(?!#)')


if __name__ == "__main__":
    unittest.main()
