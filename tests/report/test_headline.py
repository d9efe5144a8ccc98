# SPDX-License-Identifier: Apache-2.0
"""The sentences follow the figures: who is compared with whom, and which way it went."""

import re
import unittest

from support import fixtures, load, variant
from pagepress_report import units
from pagepress_report.comparison import Comparison, main_comparison
from pagepress_report.headline import headline


def words(markup):
    return re.sub(r"<[^>]+>", "", str(markup)).replace("\u00a0", " ").replace("&amp;", "&")


class Pair(unittest.TestCase):
    def names(self, *pairs):
        """The pair chosen from (name, GB/s) back ends."""
        files = [("a.pages", 20)]
        items = [fixtures.backend(name, files) for name, _ in pairs]
        for item, (_, speed) in zip(items, pairs):
            item["compress"]["sim_gb_per_s"] = speed
        found = main_comparison(load(fixtures.results(items, files)))
        return found and (found.subject.name, found.reference.name)

    def test_rtl_engine_against_the_fastest_cpu(self):
        self.assertEqual(self.names(("cpu:zstd", 0.2), ("cpu:lz4", 0.5), ("engine:fast", 9),
                                    ("engine:rtl", 7)), ("engine:rtl", "cpu:lz4"))

    def test_without_cpus_or_without_engines(self):
        self.assertEqual(self.names(("engine:fast", 9), ("engine:rtl", 7)),
                         ("engine:rtl", "engine:fast"))
        self.assertEqual(self.names(("cpu:zstd", 0.2), ("cpu:lz4", 0.5)), ("cpu:lz4", "cpu:zstd"))
        self.assertEqual(self.names(("cpu:zstd", None), ("engine:rtl", None)),
                         ("engine:rtl", "cpu:zstd"))
        self.assertIsNone(self.names(("cpu:lz4", 0.5)))

    def test_arithmetic(self):
        results = variant("two")
        cpu, engine = results.backends
        pair = Comparison(engine, cpu)
        speed = engine["compress"]["sim_gb_per_s"] / cpu["compress"]["sim_gb_per_s"]
        self.assertAlmostEqual(pair.speed.value, speed)
        self.assertAlmostEqual(pair.ratio_gain.value, engine["ratio"] / cpu["ratio"] - 1)
        # The CPU's throughput and cost a page are of one core, so the two agree.
        self.assertAlmostEqual(pair.cores.value, speed)
        self.assertEqual(pair.cpu_share.provenance, "assumed")
        self.assertEqual(pair.speed.provenance, "simulated")


class Latency(unittest.TestCase):
    """An engine's ring is full of pages, a CPU has one: only some times can be compared."""

    def test_from_the_queue_where_known(self):
        data = fixtures.two()
        point = next(p for p in headline(load(data)).points if "Latency" in p.text)
        queue = [item["compress"]["queue_latency_ns"]["p99"] for item in data["backends"]]
        self.assertIn(f"99 % up to {units.duration_ns(queue[1])} instead of "
                      f"{units.duration_ns(queue[0])}".replace("\u00a0", " "), words(point.text))
        self.assertIn("from entering the queue", words(point.text))
        self.assertIn("One page alone takes", words(point.text))

    def test_from_submission_otherwise(self):
        data = fixtures.two()
        for item in data["backends"]:
            del item["compress"]["queue_latency_ns"], item["compress"]["idle_latency_ns"]
        results = load(data)
        self.assertEqual(main_comparison(results).latency_kind, "latency_ns")
        point = next(p for p in headline(results).points if "Latency" in p.text)
        self.assertIn("from submission", words(point.text))
        self.assertNotIn("alone", words(point.text))


class Sentences(unittest.TestCase):
    def test_an_engine_that_wins(self):
        found = headline(variant("two"))
        answer = words(found.answer)
        self.assertIn("engine:rtl compresses these pages 13.8× as fast as cpu:lz4", answer)
        self.assertIn("for 0.84 % of its CPU time", answer)
        self.assertIn("lower", answer)
        self.assertEqual([tile.tone for tile in found.tiles],
                         ["better", "better", "better", "worse"])
        self.assertEqual(len(found.points), 5)
        self.assertIn("2,048 pages", words(found.kicker))

    def test_an_engine_that_loses_is_said_to_lose(self):
        found = headline(variant("losing"))
        answer = words(found.answer)
        self.assertIn("at 22.3 % of the speed of cpu:lz4", answer)
        self.assertIn("for 4.08× its CPU time", answer)
        self.assertEqual({tile.tone for tile in found.tiles}, {"worse"})

    def test_decompression_is_a_sentence_where_the_file_has_it(self):
        point = words(headline(variant("two")).points[-1].text)
        self.assertIn("comes back at 21.3 GB/s instead of 2.69 GB/s", point)
        self.assertIn("costs the processor 63.0 ns instead of 1.52 µs", point)
        self.assertRegex(point, r"One page alone takes \d+ ns instead of \d+ ns, and \d+ ns instead "
                                r"of \d+ ns while pages are compressed at full load\.$")
        data = fixtures.two()
        data["backends"][1]["decompress"]["busy_latency_ns"]["p50"] = None
        self.assertRegex(words(headline(load(data)).points[-1].text),
                         r"alone takes \d+ ns instead of \d+ ns\.$")
        older = headline(load(fixtures.without_decompression(fixtures.two())))
        self.assertEqual(len(older.points), 4)
        self.assertFalse([p for p in older.points if "Decompression" in p.text])

    def test_pages_spoilt_on_their_way_back_gain_nothing_either(self):
        data = fixtures.two()
        data["backends"][1]["decompress"].update(mismatches=1)
        found = headline(load(data))
        self.assertIn("engine:rtl did not give every page back", words(found.answer))

    def test_equals_are_equal(self):
        data = fixtures.two()
        first, second = data["backends"]
        second.update({k: v for k, v in first.items() if k != "name"})
        found = headline(load(data))
        self.assertIn("as fast as cpu:lz4", words(found.answer))
        self.assertNotIn("×", words(found.answer))
        self.assertIn("at the same compression ratio", words(found.answer))
        self.assertEqual({tile.tone for tile in found.tiles}, {"same"})

    def test_nothing_to_compare_with(self):
        found = headline(variant("one"))
        self.assertIn("nothing to compare it with", words(found.answer))
        self.assertEqual((found.tiles, found.points), ([], []))

    def test_nulls_are_left_out(self):
        found = headline(variant("nulls"))
        self.assertIn("cannot be compared", words(found.answer))
        self.assertEqual((found.tiles, found.points), ([], []))
        self.assertNotIn("None", words(found.answer))

    def test_wrong_output_gains_nothing(self):
        found = headline(variant("mismatches"))
        self.assertIn("engine:rtl did not give every page back", words(found.answer))
        self.assertEqual((found.tiles, found.points), ([], []))

    def test_names_are_escaped(self):
        data = fixtures.two()
        data["backends"][1]["name"] = "engine:rtl@<script>&"
        self.assertIn("engine:rtl@&lt;script&gt;&amp;", str(headline(load(data)).answer))


if __name__ == "__main__":
    unittest.main()
