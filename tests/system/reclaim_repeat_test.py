#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress reclaim twice: the same results and timelines to the byte; and what timelines hold."""

import collections
import json
import unittest

import reclaim_world

POLICIES = ("kswapd", "kcompressd", "threads@workers=3,policy=drain-oldest,fifo_entries=8",
            "engine@wait=hybrid", "engine@wait=interrupt,swapin_engine=1")
FROM, LONG = 0.05, 0.02  # of the timelines, in simulated seconds
ROUNDING = 0.0015        # microseconds: times are nanoseconds, written as decimals


def without_host(results):
    del results["created"]
    for run in results["runs"]:
        del run["host"]
    return results


class Repeat(reclaim_world.ReclaimTest):
    def run_into(self, name, jobs=1, settings=None, extra=()):
        folder = self.out / name
        arguments = self.arguments(policies=POLICIES, settings=settings)
        arguments[arguments.index("-j") + 1] = jobs
        self.succeed(*arguments, "-o", folder, "--no-report", "--trace-from", FROM,
                     "--trace-seconds", LONG, *extra)
        return folder

    @staticmethod
    def results_of(folder):
        return without_host(json.loads((folder / "results.json").read_text()))

    def assertSame(self, one, other):
        self.assertEqual(self.results_of(one), self.results_of(other))
        names = sorted(path.name for path in one.iterdir())
        self.assertEqual(names, sorted(path.name for path in other.iterdir()))
        self.assertEqual(len([name for name in names if name.endswith(".trace.json")]),
                         len(POLICIES))
        for name in names:
            if name.endswith(".trace.json"):
                self.assertEqual((one / name).read_bytes(), (other / name).read_bytes(), name)

    def test_again_and_with_more_processes(self):
        first = self.run_into("first")
        self.assertSame(first, self.run_into("again"))
        self.assertSame(first, self.run_into("more", jobs=3))

    def test_with_faults(self):
        plan = self.folder / "plan.toml"
        plan.write_text('[[fault]]\nkind = "surprise-reset"\nafter = 60\n'
                        '[[fault]]\nkind = "flipped-output"\nafter = 90\nbit = 77\ncount = 5\n')
        first = self.run_into("first", extra=["--faults", plan])
        self.assertSame(first, self.run_into("again", jobs=2, extra=["--faults", plan]))

    def test_the_rtl_and_the_fast_device_give_the_same_run(self):
        fast, rtl = self.results(
            policies=["engine@state=writeback", "engine@state=writeback,codec=engine:rtl"],
            settings={"workload.seconds": 0.03})["runs"]
        self.assertGreater(fast["vmstat"]["pswpout"], 100)
        # Times may differ by nanoseconds (docs/fast-device.md), which polling tasks pass on.
        for key in ("vmstat", "store"):
            self.assertEqual(fast[key], rtl[key], key)

    def test_another_seed_differs(self):
        series = [self.results(policies=["kswapd"], settings={"workload.seed": seed})["runs"][0]
                  for seed in (1, 2)]
        self.assertNotEqual(series[0]["vmstat"], series[1]["vmstat"])

    def test_a_trace_changes_nothing(self):
        plain = without_host(self.results(policies=POLICIES, extra=["--no-trace"]))
        traced = self.results_of(self.run_into("traced"))
        self.assertEqual(plain["runs"], traced["runs"])

    def test_a_run_does_not_depend_on_the_others(self):
        alone = self.results(policies=["engine@wait=hybrid"])["runs"][0]
        beside = self.results(policies=POLICIES)["runs"][3]
        for run in (alone, beside):
            del run["host"]
        self.assertEqual(alone, beside)


class Timelines(reclaim_world.ReclaimTest):
    def timelines(self):
        self.succeed(*self.arguments(policies=POLICIES), "-o", self.out, "--no-report",
                     "--trace-from", FROM, "--trace-seconds", LONG)
        results = json.loads((self.out / "results.json").read_text())
        self.assertEqual(len(results["traces"]), len(POLICIES))
        return [json.loads((self.out / name).read_text()) for name in results["traces"]]

    def test_slices_lie_in_the_window_and_do_not_overlap(self):
        for timeline in self.timelines():
            self.assertEqual(timeline["otherData"]["dropped_events"], 0)
            groups = {event["pid"]: event["args"]["name"] for event in timeline["traceEvents"]
                      if event["name"] == "process_name"}
            tracks = collections.defaultdict(list)
            for event in timeline["traceEvents"]:
                if event["ph"] == "M":
                    continue
                self.assertGreaterEqual(event["ts"], FROM * 1e6 - ROUNDING, event)
                end = event["ts"] + event.get("dur", 0)
                self.assertLessEqual(end, (FROM + LONG) * 1e6 + ROUNDING, event)
                if event["ph"] == "X":
                    self.assertGreater(event["dur"], 0, event)
                    if groups[event["pid"]] == "CPUs":
                        tracks[event["tid"]].append((event["ts"], end))
            self.assertIn(len(tracks), (1, 2), "a track a core of the scenario that was used")
            for slices in tracks.values():
                slices.sort()
                for (_, end), (start, _) in zip(slices, slices[1:]):
                    self.assertLessEqual(end, start + ROUNDING)

    def test_events_are_in_order_and_name_their_tracks(self):
        for timeline in self.timelines():
            events = [event for event in timeline["traceEvents"] if event["ph"] != "M"]
            self.assertGreater(len(events), 100)
            times = [event["ts"] for event in events]
            self.assertEqual(times, sorted(times))
            named = {(event["pid"], event["tid"]) for event in timeline["traceEvents"]
                     if event["name"] == "thread_name"}
            self.assertLessEqual({(event["pid"], event["tid"]) for event in events
                                  if event["ph"] == "X"}, named)

    def test_no_trace_leaves_none(self):
        self.succeed(*self.arguments(policies=["kswapd"]), "-o", self.out, "--no-report",
                     "--no-trace")
        self.assertEqual([path.name for path in self.out.iterdir()], ["results.json"])


if __name__ == "__main__":
    unittest.main()
