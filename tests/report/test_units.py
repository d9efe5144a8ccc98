# SPDX-License-Identifier: Apache-2.0
import unittest

import support  # noqa: F401
from pagepress_report import units
from pagepress_report.provenance import Provenance, loosest


def plain(text):
    return text.replace("\u00a0", " ")


class Numbers(unittest.TestCase):
    def test_three_significant_digits(self):
        for value, text in [(0, "0"), (14.63, "14.6"), (1.0, "1.00"), (0.00123, "0.00123"),
                            (123.4, "123"), (1234.6, "1,235"), (123456789, "123,456,789")]:
            self.assertEqual(units.number(value), text)

    def test_rounding_that_carries_keeps_the_digits(self):
        self.assertEqual(units.number(9.996), "10.0")
        self.assertEqual(units.number(0.9996), "1.00")
        self.assertEqual(units.number(99.96), "100")

    def test_far_values_use_powers_of_ten(self):
        self.assertEqual(units.number(1.5e12), "1.50×10¹²")
        self.assertEqual(units.number(2e-7), "2.00×10⁻⁷")
        self.assertEqual(plain(units.times(1.5e12)), "1.50×10¹² times")

    def test_prefix_fits_the_value_that_is_shown(self):
        for value, text in [(64, "64.0 ns"), (999.4, "999 ns"), (999.6, "1.00 µs"),
                            (7600, "7.60 µs"), (2.1e9, "2.10 s"), (0.004, "4.00 ps"), (0, "0 ns")]:
            self.assertEqual(plain(units.duration_ns(value)), text)
        self.assertEqual(plain(units.rate_gb(0.539)), "539 MB/s")
        self.assertEqual(plain(units.rate_gb(7.42)), "7.42 GB/s")
        self.assertEqual(plain(units.size_bytes(9999)), "9,999 B")
        self.assertEqual(plain(units.size_bytes(8388608)), "8.39 MB")

    def test_minus_is_a_minus_and_nothing_is_plus_minus(self):
        self.assertEqual(plain(units.signed_percent(-0.0121)), "−1.2 %")
        self.assertEqual(plain(units.signed_percent(0.36)), "+36 %")
        self.assertEqual(plain(units.signed_percent(0.00001)), "±0 %")

    def test_null_is_a_dash_everywhere(self):
        for show in (units.integer, units.number, units.duration_ns, units.rate_gb,
                     units.size_bytes, units.percent, units.signed_percent, units.times):
            self.assertEqual(show(None), "–")

    def test_plural(self):
        self.assertEqual(plain(units.plural(1, "page")), "1 page")
        self.assertEqual(plain(units.plural(2048, "page")), "2,048 pages")

    def test_ellipsis_keeps_head_and_end(self):
        short = units.ellipsis("/a/very/long/folder/name/redis.pages", 20)
        self.assertEqual(len(short), 20)
        self.assertTrue(short.startswith("/a/") and short.endswith("redis.pages"), short)
        self.assertEqual(units.ellipsis("short", 5), "short")


class ProvenanceOfPaths(unittest.TestCase):
    def test_a_pattern_covers_what_stands_below(self):
        provenance = Provenance({"backends[].compress": "simulated"})
        self.assertEqual(provenance.of("backends[cpu:lz4].compress.latency_ns.p50"), "simulated")
        self.assertEqual(provenance.of("backends[cpu:lz4].compress"), "simulated")
        self.assertEqual(provenance.of("backends[cpu:lz4].compressor"), "unstated")
        self.assertEqual(provenance.of("backends[cpu:lz4].host.wall_s"), "unstated")

    def test_the_longer_pattern_wins_whatever_the_order(self):
        rules = {"backends[]": "measured", "backends[].compress": "simulated",
                 "backends[cpu:*].compress.cpu_ns_per_page": "assumed"}
        for order in (rules, dict(reversed(rules.items()))):
            provenance = Provenance(order)
            self.assertEqual(provenance.of("backends[cpu:lz4].compress.cpu_ns_per_page"), "assumed")
            self.assertEqual(provenance.of("backends[engine:rtl].compress.cpu_ns_per_page"),
                             "simulated")
            self.assertEqual(provenance.of("backends[engine:rtl].ratio"), "measured")

    def test_names_are_literal(self):
        provenance = Provenance({"backends[engine:fast@w=1.5+x].ratio": "assumed"})
        self.assertEqual(provenance.of("backends[engine:fast@w=1.5+x].ratio"), "assumed")
        self.assertEqual(provenance.of("backends[engine:fast@w=1x5+x].ratio"), "unstated")

    def test_a_quotient_is_as_loose_as_its_loosest_part(self):
        self.assertEqual(loosest(["measured", "assumed", "simulated"]), "assumed")
        self.assertEqual(loosest(["measured", "simulated"]), "simulated")
        self.assertEqual(loosest([]), "unstated")


if __name__ == "__main__":
    unittest.main()
