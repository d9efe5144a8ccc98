# SPDX-License-Identifier: Apache-2.0
"""The page: whole, self-contained, the same every time, and loud where it must be."""

import html.parser
import re
import unittest

from support import fixtures, load, variant
from pagepress_report import render

_VOID = {"meta", "br", "wbr", "hr", "img", "input", "link", "path", "use", "rect", "circle"}


class Reader(html.parser.HTMLParser):
    """Collects what the tests ask for and insists on balanced tags."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.text = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        if tag in _VOID:
            return
        assert self.open and self.open[-1] == tag, f"</{tag}> inside {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    def words(self):
        """All text, with single spaces, also where a tag stood."""
        return re.sub(r"\s+", " ", " ".join(self.text).replace("\u00a0", " "))


def page(name):
    return render.html(variant(name))


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pages = {name: page(name) for name in fixtures.VARIANTS}
        cls.readers = {name: Reader(text) for name, text in cls.pages.items()}

    def test_nothing_is_loaded_from_elsewhere(self):
        for name, reader in self.readers.items():
            with self.subTest(name):
                self.assertFalse({"script", "link", "img", "iframe", "object"} & set(reader.tags))
                for tag, attribute, value in reader.attributes:
                    if attribute in ("href", "src", "xlink:href"):
                        self.assertTrue(value.startswith("#"), f"{tag} {attribute}={value}")
                self.assertNotRegex(self.pages[name], r"@import|url\((?!#)|https?://")

    def test_ids_are_unique_and_references_resolve(self):
        for name, reader in self.readers.items():
            with self.subTest(name):
                ids = [v for _, a, v in reader.attributes if a == "id"]
                self.assertEqual(len(ids), len(set(ids)))
                wanted = [v[1:] for _, a, v in reader.attributes if a in ("href", "xlink:href")]
                wanted += re.findall(r"url\(#([^)]+)\)", self.pages[name])
                wanted += [i for _, a, v in reader.attributes if a == "aria-labelledby"
                           for i in v.split()]
                self.assertTrue(wanted)
                self.assertEqual(set(wanted) - set(ids), set())

    def test_no_python_leaks_into_the_text(self):
        for name, reader in self.readers.items():
            with self.subTest(name):
                self.assertNotRegex(reader.words(), r"\b(None|nan|inf|True|False)\b|{{")

    def test_the_same_file_gives_the_same_page(self):
        for name in ("two", "four", "nulls"):
            self.assertEqual(page(name), self.pages[name])

    def test_what_the_driver_made_of_faults(self):
        self.assertNotIn("What the driver made", self.readers["two"].words())
        words = self.readers["mismatches"].words()
        for text in ("What the driver made of the faults", "4,321", "by cpu", "it reads all ones"):
            self.assertIn(text, words)
        self.assertNotIn("false answers", words)

    def test_figures_of_the_file_are_on_the_page(self):
        data, words = fixtures.two(), self.readers["two"].words()
        cpu, engine = data["backends"]
        for text in ("539 MB/s", "7.42 GB/s", f"{cpu['ratio']:.4g}", f"{engine['ratio']:.4g}",
                     f"{engine['bytes_out']:,}", "7.84", "all 2,048", "64.0 ns",
                     data["inputs"][0]["crc32c"], "clang 14.0.6", "6.1.0-0-fixture-amd64",
                     "DPZip, an SSD's ASIC engine", "Every page verified", "'out dir'"):
            self.assertIn(text, words)

    def test_real_time_says_so_and_nothing_of_a_simulation(self):
        text = self.readers["real"].words()
        for words in ("another run gives other figures", "page data, wall-clock time",
                      "in a second of wall-clock time", "CPU time of the threads",
                      "kcompressd, busiest thread CPU time, compressing 13.1 ms M",
                      "kcompressd, all threads CPU time, decompressing 24.8 ms M", "One clock"):
            self.assertIn(words, text)
        for words in ("simulated time", "simulated timeline", "CPU cost table", "assumed values"):
            self.assertNotIn(words, text)
        self.assertNotIn("CPU time of the threads", self.readers["two"].words())

    def test_who_verified_is_named(self):
        self.assertIn("expanded again by the library of its format", self.readers["two"].words())

    def test_pages_a_doorbell_where_the_file_has_them(self):
        self.assertIn("Pages a doorbell", self.readers["two"].words())
        data = fixtures.two()
        for item in data["backends"]:
            del item["compress"]["pages_per_doorbell"], item["decompress"]["pages_per_doorbell"]
        self.assertNotIn("Pages a doorbell", Reader(render.html(load(data))).words())

    def test_the_queue_where_pages_took_other_ways(self):
        data = fixtures.two()
        cpu, engine = (item["compress"] for item in data["backends"])
        pages = data["backends"][0]["pages"]
        cpu["queue"] = fixtures.queue(pages)
        engine["queue"] = fixtures.queue(pages)
        self.assertNotIn("Queue, compressing", Reader(render.html(load(data))).words())
        cpu["queue"] = fixtures.queue(pages, drained=123, synchronous=123)
        engine["queue"] = fixtures.queue(pages, route={"to_engine": 1999, "to_cpu": 49,
                                                       "left_slow": 0, "returned": 3})
        words = Reader(render.html(load(data))).words()
        for text in ("Queue, compressing", "Drained", "123", "To a CPU", "1,999", "Returned"):
            self.assertIn(text, words)
        self.assertNotIn("Left as slow", words)

    def test_decompression_where_the_file_has_it(self):
        words = self.readers["two"].words()
        for text in ("Decompression, of pages stored compressed", "Engine, decompressing",
                     "Latency beside compression, 99 %",
                     "21.3 GB/s", "22.6", "Verified, decompressed", "all 1,746",
                     "cpu:lz4, decompressing", "1.52 µs", "Engines in the device – 2",
                     "what each back end decompressed itself"):
            self.assertIn(text, words)
        older = Reader(render.html(load(fixtures.without_decompression(fixtures.two())))).words()
        self.assertIn("Every page verified", older)
        self.assertNotRegex(older, r"(?i)\bdecompress|Engines in the device")
        # One back end without them: the others' figures stay.
        data = fixtures.two()
        data["backends"][0]["decompress"] = None
        self.assertIn("21.3 GB/s", Reader(render.html(load(data))).words())
        # Nothing stored, nothing said.
        self.assertNotIn("Decompression", self.readers["nulls"].words())

    def test_pages_spoilt_on_their_way_back_are_loud(self):
        data = fixtures.two()
        back = data["backends"][1]["decompress"]
        back["mismatches"], back["verified"] = 2, back["pages"] - 2
        back["mismatch_list"] = [{"path": "redis.pages", "page": 77, "reason": "byte 5"}]
        words = Reader(render.html(load(data))).words()
        for text in ("MISMATCHES: ", "2 pages came back wrong.", "2 of 1,740 pages were decompressed",
                     "page 77: on its way back: byte 5", "wrong output"):
            self.assertIn(text, words)
        self.assertNotIn("Every page verified", words)

    def test_every_figure_says_what_it_is(self):
        words = self.pages["two"]
        for kind in ("measured", "simulated", "assumed"):
            self.assertIn(f'class="badge {kind}"', words)
        self.assertNotIn('class="badge unstated"', words)

    def test_a_figure_without_provenance_is_unstated(self):
        data = fixtures.two()
        data["provenance"] = {}
        self.assertIn('class="badge unstated"', render.html(load(data)))

    def test_fixtures_say_that_they_are_invented(self):
        self.assertIn("Invented figures.", self.readers["two"].words())
        data = fixtures.two()
        del data["created"]["fixture"]
        self.assertNotIn("Invented figures.", Reader(render.html(load(data))).words())

    def test_mismatches_are_loud(self):
        words = self.readers["mismatches"].words()
        self.assertIn("MISMATCHES: ", words)
        self.assertIn("7 pages came back wrong.", words)
        self.assertIn("page 100: liblz4 refuses the 900 bytes", words)
        self.assertIn("and 2 more", words)
        self.assertIn("wrong output", words)
        self.assertNotIn("Every page verified", words)
        self.assertLess(self.pages["mismatches"].index("came back wrong"),
                        self.pages["mismatches"].index("<h1>"))
        self.assertNotIn("MISMATCHES", self.readers["two"].words())

    def test_mismatches_without_a_list_are_as_loud(self):
        data = fixtures.mismatches()
        del data["backends"][1]["mismatch_list"]
        self.assertIn("7 pages came back wrong.", Reader(render.html(load(data))).words())

    def test_pages_that_nobody_verified_are_named(self):
        data = fixtures.two()
        data["backends"][1]["verified"] -= 5
        words = Reader(render.html(load(data))).words()
        self.assertIn("Not every page was verified: engine:rtl 5 of 2,048 not.", words)
        self.assertIn("The results file contradicts itself.", words)
        self.assertNotIn("Every page verified", words)

    def test_contradictions_are_shown(self):
        self.assertIn("cpu:lz4: ratio is not bytes_in / bytes_out",
                      self.readers["contradicting"].words())
        self.assertNotIn("contradicts itself", self.readers["two"].words())

    def test_gains_of_all_back_ends_appear_from_three_on(self):
        self.assertIn("Against cpu:lz4", self.readers["four"].words())
        self.assertNotIn("Against cpu:lz4", self.readers["two"].words())

    def test_what_the_file_says_is_never_markup(self):
        data = fixtures.two([("<script>alert(1)</script>.pages", 30)])
        data["created"]["machine"]["cpu"] = "<img src=x>"
        data["config"]["queue"]["batch"]["source"] = "</td><script>"
        reader = Reader(render.html(load(data)))
        self.assertFalse({"script", "img"} & set(reader.tags))
        self.assertIn("<script>alert(1)</script>.pages", reader.words())

    def test_costs_of_another_machine_are_marked(self):
        data = fixtures.two()
        data["costs"]["machine"]["cpu"] = "Another CPU"
        self.assertIn("not the machine of this run", Reader(render.html(load(data))).words())
        del data["costs"]
        self.assertNotIn("CPU cost table", Reader(render.html(load(data))).words())

    def test_plain_and_nested_settings(self):
        data = fixtures.two()
        data["config"] = {"verbose": True, "deep": {"er": {"x_ns": {
            "value": 0.25, "provenance": "assumed", "source": "a guess"}}}, "list": ["a", 1200]}
        words = Reader(render.html(load(data))).words()
        for text in ("verbose yes", "deep.er", "0.25", "a guess", "a, 1,200", "1 assumed value"):
            self.assertIn(text, words)


if __name__ == "__main__":
    unittest.main()
