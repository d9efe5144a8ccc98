# SPDX-License-Identifier: Apache-2.0
import unittest

from support import fixtures, load, variant
from pagepress_report.consistency import contradictions


class Contradictions(unittest.TestCase):
    def found(self, change):
        data = fixtures.two([("a.pages", 100), ("b.pages", 50)])
        change(data, data["backends"][1])
        return " | ".join(contradictions(load(data)))

    def test_good_files_have_none(self):
        for name in ("two", "one", "four", "mismatches", "losing", "many_files", "nulls"):
            with self.subTest(name):
                self.assertEqual(contradictions(variant(name)), [])

    def test_each_is_found_and_names_the_back_end(self):
        def put(key, value):
            return lambda data, item: item.update({key: value(item[key])})
        cases = [
            (put("ratio", lambda v: v * 1.00001), "engine:rtl: ratio is not"),
            (put("ratio", lambda v: None), "engine:rtl: ratio is missing"),
            (put("bytes_in", lambda v: v + 1), "bytes_in is not 4,096"),
            (put("verified", lambda v: v - 3), "verified + mismatches is 147"),
            (put("zero_pages", lambda v: v + 100), "zero_pages exceeds"),
            (put("incompressible_pages", lambda v: 150), "together exceed pages"),
            (put("incompressible_pages", lambda v: v + 1), "less than incompressible_pages"),
            (put("pages", lambda v: v - 1), "but the inputs have 150"),
        ]
        for change, expected in cases:
            with self.subTest(expected):
                self.assertIn(expected, self.found(change))

    def test_parts_add_up(self):
        def files(data, item):
            item["files"][1]["bytes_out"] -= 1
        self.assertIn("the bytes_out of files do not add up", self.found(files))

        def sizes(data, item):
            item["size_histogram"]["counts"][3] += 1
        self.assertIn("size_histogram.counts do not add up", self.found(sizes))

        def latencies(data, item):
            item["latency_histogram"]["counts"][0] += 1000
        self.assertIn("latency_histogram.counts add up to more", self.found(latencies))

    def test_ways_of_pages_add_up(self):
        def queue(part, **counts):
            return lambda data, item: item[part].update(
                queue=fixtures.queue(item[part]["pages"] if part == "decompress" else 150) | counts)
        self.assertEqual(self.found(queue("compress")), "")
        self.assertEqual(self.found(queue("decompress")), "")
        self.assertIn("engine:rtl: compress.queue: pages of workers and synchronous ones",
                      self.found(queue("compress", synchronous=1)))
        self.assertIn("decompress.queue: pages of workers and drained ones",
                      self.found(queue("decompress", drained=1)))

    def test_percentiles_ascend(self):
        def swap(data, item):
            item["compress"]["latency_ns"]["p50"] = 10 ** 9
        self.assertIn("compress.latency_ns: percentiles out of order", self.found(swap))

    def test_what_comes_back_adds_up(self):
        def put(key, value):
            return lambda data, item: item["decompress"].update(
                {key: value(item["decompress"][key])})
        cases = [
            (put("pages", lambda v: v + 1), "decompress.pages exceeds"),
            (put("verified", lambda v: v - 2), "engine:rtl: decompress: verified + mismatches is"),
            (put("bytes_out", lambda v: v + 1), "decompress.bytes_out is not 4,096"),
            (put("bytes_in", lambda v: v + 10 ** 7), "more comes back than was stored"),
            (put("latency_histogram", lambda v: {"bins_ns": [1, 2], "counts": [1000]}),
             "decompress.latency_histogram.counts add up to more"),
            (put("latency_ns", lambda v: {**v, "p50": 10 ** 9}),
             "decompress.latency_ns: percentiles out of order"),
        ]
        for change, expected in cases:
            with self.subTest(expected):
                self.assertIn(expected, self.found(change))

    def test_input_sizes(self):
        def short(data, item):
            data["inputs"][0]["bytes"] -= 1
        self.assertIn("inputs[0]: bytes is not 4,096", self.found(short))


if __name__ == "__main__":
    unittest.main()
