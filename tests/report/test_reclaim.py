# SPDX-License-Identifier: Apache-2.0
"""The report of a reclaim run: what its sentences say, what is drawn, what is refused."""

import copy
import json
import pathlib
import re
import tempfile
import unittest

import support  # noqa: F401  makes the packages importable
from pagepress_report import (
    cli, reclaim_churn, reclaim_losses, reclaim_page, reclaim_table)
from pagepress_report import reclaim_verdict as verdict
from pagepress_report.errors import ReportError
from pagepress_report.reclaim import Reclaim, check, contradictions
from reclaim_fixture import POLICIES, reclaim, run
from test_figures import check_layout
from test_page import Reader

_FILE = reclaim()       # made once; tests copy it


def file():
    return copy.deepcopy(_FILE)


def load(data):
    check(data)
    return Reclaim(json.loads(json.dumps(data)), digest="0" * 64)


def words(sentences):
    """Text of sentences without markup."""
    text = " ".join(str(s.text) if hasattr(s, "text") else str(s) for s in sentences)
    return re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ")


def two(**changes):
    """kswapd and kcompressd, with these figures: {path: (base's, kcompressd's)}."""
    data = reclaim(POLICIES[:2], grid=False)
    for path, values in changes.items():
        part, key = path.split("__")
        for item, value in zip(data["runs"], values):
            item[part][key] = value
    return load(data)


def claimed(steal, stall):
    return two(rates__pgsteal_anon_per_s=steal, stalls__total_ns=stall)


class Verdict(unittest.TestCase):
    def test_changes_are_against_the_base(self):
        text = words(verdict.against_base(claimed((100.0, 150.0), (4000, 1000))))
        self.assertIn("kcompressd against kswapd: pgsteal_anon/s +50.0 % (100 to 150)", text)
        self.assertIn("−75.0 % (4.00 µs to 1.00 µs", text)

    def test_the_claim(self):
        for steal, stall, said in (
                ((100.0, 360.0), (1000, 500), "kcompressd reaches +260 %"),
                ((100.0, 359.0), (1000, 500), "reaches only the claimed stalls"),
                ((100.0, 360.0), (1000, 501), "reaches only the claimed pgsteal_anon/s"),
                ((100.0, 90.0), (1000, 1500), "does not reach the claim")):
            self.assertIn(said, words(verdict.claim(claimed(steal, stall))))

    def test_a_rate_that_is_only_high_while_kswapd_is_awake_is_said_to_be_so(self):
        results = two(rates__pgsteal_anon_per_s=(100.0, 110.0),
                      rates__pgsteal_anon_per_s_awake=(100.0, 400.0))
        self.assertIn("Over the time that kswapd is awake alone, the rate changes by +300 %",
                      words(verdict.claim(results)))

    def test_a_base_of_zero_is_not_divided_by(self):
        text = words(verdict.against_base(claimed((0.0, 10.0), (4000, 1000))))
        self.assertIn("reclaims 10.0 anonymous pages a second where kswapd reclaims none", text)
        self.assertIn("neither reclaims", words(verdict.against_base(
            claimed((0.0, 0.0), (4000, 1000)))))
        self.assertIn("cannot be said", words([verdict.headline(
            claimed((0.0, 10.0), (4000, 1000)))]))

    def test_no_stalls_at_all(self):
        results = load(reclaim(POLICIES[:2], grid=False, stalls=False))
        self.assertIn("no allocation stalls under either", words(verdict.against_base(results)))
        self.assertIn("no stalls here that could be halved", words(verdict.claim(results)))

    def test_stalls_that_appear_and_that_vanish(self):
        data = reclaim(POLICIES[:2], grid=False)
        quiet = run(POLICIES[0], stalls=False)
        data["runs"][0]["stalls"] = quiet["stalls"]
        text = words(verdict.against_base(load(data)))
        self.assertIn("allocations stall for", text)
        self.assertIn("where none did", text)
        self.assertEqual({loss.name for loss in reclaim_losses.losses(load(data))}, {"kcompressd"})
        data = reclaim(POLICIES[:2], grid=False)
        data["runs"][1]["stalls"] = run(POLICIES[1], stalls=False)["stalls"]
        self.assertIn("no allocation stalls any more", words(verdict.against_base(load(data))))

    def test_nobody_gains(self):
        self.assertIn("No policy reclaims anonymous pages faster than kswapd", words(
            [verdict.headline(claimed((100.0, 100.2), (5, 5)))]))

    def test_one_policy_alone(self):
        results = load(reclaim(POLICIES[:1], grid=False))
        self.assertIn("ran alone", words([verdict.headline(results)]))
        self.assertIn("No run has kcompressd", words(verdict.claim(results)))
        self.assertIn("No run has an engine", words(verdict.engine(results)))
        self.assertEqual(reclaim_losses.losses(results), [])

    def test_the_engine_is_compared_with_kcompressd_and_what_binds_is_said(self):
        data = file()
        data["runs"][3]["binds"] = {"resource": "link", "share": 0.95, "shares": []}
        text = words(verdict.engine(load(data)))
        self.assertIn("Over kcompressd, engine@wait=interrupt: pgsteal_anon/s", text)
        self.assertIn("their 99th percentile", text)
        self.assertIn("Now link binds (95.0 %)", text)
        self.assertIn("no run has kcompressd", words(verdict.engine(
            load(reclaim((POLICIES[0], POLICIES[3]), grid=False)))).lower())

    def test_what_binds(self):
        results = load(file())
        said = []
        for share, resource in ((0.97, "kswapd CPU"), (0.5, "engine"), (None, "none")):
            item = results.runs[0]
            item.data["binds"] = {"resource": resource, "share": share, "shares": []}
            said.append(words([verdict.binding(item)]))
        self.assertIn("kswapd CPU binds, 97.0 % busy", said[0])
        self.assertIn("nothing is saturated; busiest is engine", said[1])
        self.assertIn("never awake", said[2])

    def test_another_base_does_not_try_the_claim(self):
        results = load(reclaim((POLICIES[1], POLICIES[3]), grid=False))
        text = words(verdict.claim(results))
        self.assertIn("The base here is kcompressd: it is not tried", text)
        self.assertIn("Over kcompressd, engine@wait=interrupt", words(verdict.engine(results)))

    def test_the_claim_in_the_grid_is_counted_by_policy(self):
        data = file()
        for point in data["grid"]:
            base, kcompressd = point["runs"][:2]
            kcompressd["rates"]["pgsteal_anon_per_s"] = 3.6 * base["rates"]["pgsteal_anon_per_s"]
            kcompressd["stalls"]["total_ns"] = base["stalls"]["total_ns"] // 2
        count = len(data["grid"])
        self.assertIn(f"In the grid kcompressd reaches both at {count} of {count} points: 1 core",
                      words(verdict.claim(load(data))))

    def test_a_rate_that_demand_bounds_is_said_to_be_so(self):
        for awake, said in ((0.1, True), (0.9, False)):
            data = file()
            data["runs"][0]["kswapd_awake_s"] = awake * data["runs"][0]["seconds"]
            self.assertEqual("what programs ask for bounds" in words(verdict.claim(load(data))),
                             said)

    def test_pages_that_are_compressed_and_not_freed(self):
        data = file()
        for run in data["runs"]:
            run["vmstat"].update(nr_vmscan_write=1050, pgsteal_anon=1000)
            run["workload"] = {"programs": [{"name": "app", "touches": 100}]}
        self.assertEqual(reclaim_churn.churn(load(data)), [])
        data["runs"][1]["vmstat"]["nr_vmscan_write"] = 1500
        data["runs"][2]["workload"]["programs"][0]["touches"] = 80
        text = words(reclaim_churn.churn(load(data)))
        self.assertIn("kcompressd compresses 1.50 pages for each that it frees", text)
        self.assertIn("against kswapd: kcompressd no change", text)
        self.assertIn("−20.0 %", text)

    def test_a_core_that_polls_is_not_said_to_bind(self):
        data = file()
        item = data["runs"][3]
        item["settings"]["wait"] = "poll"
        item["binds"] = {"resource": "kcompressd CPU", "share": 1.0, "shares": [
            {"resource": "kcompressd CPU", "share": 1.0}, {"resource": "engine", "share": 0.3},
            {"resource": "link", "share": 0.6}]}
        text = words([verdict.binding(load(data).runs[3])])
        self.assertIn("polls for the engine", text)
        self.assertIn("link is busiest (60.0 %)", text)
        self.assertNotIn("binds", text)

    def test_losses_of_runs_and_grid(self):
        results = load(file())
        worse = [(loss.where, loss.name) for loss in reclaim_losses.losses(results)]
        self.assertIn(("1 core, speed 1, pressure 1", "kcompressd"), worse)
        self.assertNotIn(("6 cores, speed 1, pressure 1", "kcompressd"), worse)
        self.assertTrue(worse[0][1] == "kcompressd")
        self.assertIn("4 are worse than the base in pgsteal_anon/s",
                      words([reclaim_losses.losses_summary(results)]))


class Page(unittest.TestCase):
    FIGURES = ["reclaim-steal", "reclaim-free", "reclaim-allocstall", "reclaim-stalls",
               "reclaim-queue", "reclaim-engine", "reclaim-busy", "reclaim-cpu", "reclaim-energy"]
    GRID = [f"reclaim-{what}-{axis}" for axis in ("cores", "speed", "pressure")
            for what in ("gain", "awake", "stall")]

    def names(self, data):
        return [d.name for drawings in reclaim_page._drawings(load(data))  # noqa: SLF001
                for d, _ in drawings]

    def test_balanced_self_contained_and_the_same_every_time(self):
        page = reclaim_page.html(load(file()))
        reader = Reader(page)
        for tag, name, value in reader.attributes:
            if name in ("src", "href", "xlink:href"):
                self.assertTrue(value.startswith("#"), (tag, value))
        ids = [value for _, name, value in reader.attributes if name == "id"]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertNotRegex(reader.words(), r"\bNone\b|\bnan\b|Markup|Undefined")
        self.assertIn("Invented figures.", page)
        self.assertIn("fair.c &lt;6.12&gt;", page)
        self.assertEqual(page, reclaim_page.html(load(file())))

    def test_all_figures_of_the_usual_case(self):
        self.assertEqual(self.names(file()), self.FIGURES + self.GRID)

    def test_labels_of_figures_do_not_collide(self):
        results = load(file())
        for drawings in reclaim_page._drawings(results):  # noqa: SLF001
            for drawing, _ in drawings:
                with self.subTest(drawing.name):
                    check_layout(self, drawing.figure)

    def test_waits_for_queued_pages_are_in_the_table(self):
        groups = {group.title: group for group in reclaim_table.groups(load(file()))}
        rows = {row.label: row.cells for row in groups["Waits for queued pages"].rows}
        self.assertEqual([cell.text for cell in rows["Faults"]][:2], ["0", "60"])
        self.assertNotEqual(rows["99 %"][1].text, rows["99 %"][0].text)

    def test_assumed_figures_are_labelled(self):
        runs, _ = reclaim_page._drawings(load(file()))  # noqa: SLF001
        kinds = {d.name: {kind for _, kind in d.provenance} for d, _ in runs}
        self.assertEqual(kinds["reclaim-energy"], {"assumed"})
        self.assertEqual(kinds["reclaim-steal"], {"simulated"})
        results = load(file())
        self.assertEqual(results.runs[0].kind("traffic.dram_bytes_per_page"), "assumed")
        self.assertEqual(results.runs[3].kind("traffic.dram_bytes_per_page"), "simulated")

    def test_without_grid_stalls_series_or_others(self):
        data = reclaim(POLICIES[:1], grid=False, stalls=False)
        names = self.names(data)
        self.assertNotIn("reclaim-stalls", names)
        self.assertNotIn("reclaim-allocstall", names)
        page = reclaim_page.html(load(data))
        self.assertIn("No grid was run", page)
        for item in data["runs"]:
            del item["series"]
            item["energy"] = {key: 0 for key in item["energy"]}
            item["energy"]["uj_per_page_reclaimed"] = None
            item["traffic"]["dram_bytes_per_page"] = None
            item["binds"] = {"resource": "none", "share": None, "shares": []}
            del item["faults"]["queued_wait"]     # as files of before it was counted
            item["faults"] = {"count": 0} | {key: None for key in item["faults"] if key != "count"}
        self.assertEqual(self.names(data), ["reclaim-cpu"])
        Reader(reclaim_page.html(load(data)))

    def test_a_grid_without_the_base_compares_nothing(self):
        data = file()
        for point in data["grid"]:
            del point["runs"][0]
        self.assertEqual(self.names(data), self.FIGURES)
        self.assertIn("No point has both", reclaim_page.html(load(data)))

    def test_a_policy_of_the_grid_alone_is_drawn(self):
        data = file()
        for point in data["grid"]:
            extra = copy.deepcopy(point["runs"][1])
            extra["policy"] = "batch@codec=engine:fast"
            point["runs"].append(extra)
        self.assertIn("batch<wbr>@codec=engine:fast", reclaim_page.html(load(data)))

    def test_counters_that_contradict_are_loud(self):
        data = file()
        data["runs"][1]["vmstat"]["pgsteal_anon"] += 1
        found = contradictions(load(data))
        self.assertEqual(found, ["kcompressd: pgsteal_kswapd + pgsteal_direct is not pgsteal_anon "
                                 "+ pgsteal_file"])
        self.assertIn("contradicts itself", reclaim_page.html(load(data)))
        self.assertEqual(contradictions(load(file())), [])


class Check(unittest.TestCase):
    def refuses(self, message, change):
        data = file()
        change(data)
        with self.assertRaisesRegex(ReportError, message):
            check(data)

    def test_what_is_no_reclaim_run(self):
        self.refuses("missing key: grid", lambda d: d.pop("grid"))
        self.refuses(r"runs: 0 entries", lambda d: d.update(runs=[]))
        self.refuses(r"runs\[1\].stalls.total_ns: expected",
                     lambda d: d["runs"][1]["stalls"].update(total_ns=None))
        self.refuses(r"missing key: runs\[0\].vmstat.allocstall",
                     lambda d: d["runs"][0]["vmstat"].pop("allocstall"))
        self.refuses(r'runs\[1\].policy: "kswapd" appears twice',
                     lambda d: d["runs"][1].update(policy="kswapd"))
        self.refuses(r"runs\[0\].series.free: 3 samples for 251 times",
                     lambda d: d["runs"][0]["series"].update(free=[1, 2, 3]))
        self.refuses(r"runs\[0\].series.busy.app: 1 samples",
                     lambda d: d["runs"][0]["series"]["busy"].update(app=[1]))
        self.refuses(r"runs\[0\].series.t_s\[1\]: times must ascend",
                     lambda d: d["runs"][0]["series"]["t_s"].__setitem__(1, 0))
        self.refuses(r"runs\[1\].faults.queued_wait.histogram.bins_ns",
                     lambda d: d["runs"][1]["faults"]["queued_wait"]["histogram"]["bins_ns"].pop())
        self.refuses(r"runs\[0\].stalls.histogram.bins_ns",
                     lambda d: d["runs"][0]["stalls"]["histogram"]["bins_ns"].pop())
        self.refuses(r"grid\[2\].speed", lambda d: d["grid"][2].update(speed="x"))

    def test_the_command_line_draws_it(self):
        with tempfile.TemporaryDirectory() as folder:
            results = pathlib.Path(folder) / "results.json"
            results.write_text(json.dumps(_FILE), encoding="utf-8")
            self.assertEqual(cli.main([str(results), "--check"]), 0)
            self.assertEqual(cli.main([str(results), "--figures", f"{folder}/svg"]), 0)
            page = (pathlib.Path(folder) / "report.html").read_text(encoding="utf-8")
            self.assertIn("Where kcompressd loses", page)
            self.assertEqual(len(list((pathlib.Path(folder) / "svg").iterdir())), 18)


if __name__ == "__main__":
    unittest.main()
