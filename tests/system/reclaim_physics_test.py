#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What must change, and what must not, when the machine of a reclaim scenario does.

Bounds are loose on purpose: they hold what physics demands, not what the model happens to give.
"""

import json
import unittest

import reclaim_world

POLICIES = ("kswapd", "kcompressd", "threads", "batch", "engine", "engine@wait=interrupt")
ZSWAP = {"store.kind": "zswap", "device.size_mib": 64}
# Two paced programs that want somewhat more than there is; nothing is killed for want of memory.
STEADY = """
[[program]]
name = "app"
anon_mib = 8
file_mib = 2
touches_per_s = 8000
[[program]]
name = "late"
count = 0
"""


class Machines(reclaim_world.ReclaimTest):
    def cores(self, speed, count=2):
        return f"""
[[cpu.cores]]
name = "big"
count = {count}
speed = {speed}
[[cpu.cores]]
name = "little"
count = 1
speed = {speed}
"""

    def group(self, run, name, key="cpu_ns"):
        return sum(one[key] for one in run["cpu"]["groups"] if one["group"] == name)

    def test_twice_the_speed_takes_half_the_time(self):
        # Per page written: how many there are changes a little with the speed.
        per_page, work = [], []
        for speed in (0.5, 1.0, 2.0):
            run = self.runs(self.scenario(STEADY + self.cores(speed)), ["kswapd"])["kswapd"]
            self.assertEqual(run["vmstat"]["oom_kill"], 0)
            pages = run["queue"]["write"]["pages"]
            self.assertGreater(pages, 500)
            per_page.append(self.group(run, "kswapd") / pages)
            work.append(run["queue"]["synchronous"]["cpu_ns"]
                        / run["queue"]["synchronous"]["pages"])
        for slow, fast in zip(per_page, per_page[1:]):
            self.assertAlmostEqual(slow / fast, 2, delta=0.4)
        for value in work:  # at speed 1, whatever the core
            self.assertAlmostEqual(value, reclaim_world.COMPRESS_NS, delta=1)

    def test_without_pressure_nothing_happens(self):
        for store in ({}, ZSWAP):
            runs = self.runs(policies=POLICIES,
                             settings={**store, "memory.zones.Normal.managed_mib": 64})
            for policy, run in runs.items():
                with self.subTest(policy=policy):
                    reclaim = {key: value for key, value in run["vmstat"].items()
                               if not key.startswith(("pgfault", "pgmajfault", "pgactivate"))}
                    self.assertEqual({key: value for key, value in reclaim.items() if value}, {})
                    self.assertEqual(run["stalls"]["stalled"], 0)
                    self.assertEqual(run["stalls"]["total_ns"], 0)
                    self.assertEqual(run["faults"]["count"], 0)
                    self.assertEqual(run["queue"]["write"]["pages"], 0)
                    self.assertEqual(run["binds"]["resource"], "none")

    def test_programs_do_the_same_without_pressure_whoever_compresses(self):
        # But for the start of workers and an engine's set-up, which take CPU time.
        runs = self.runs(policies=POLICIES, settings={"memory.zones.Normal.managed_mib": 64})
        touches = [sum(program["touches"] for program in run["workload"]["programs"])
                   for run in runs.values()]
        self.assertLess(max(touches) - min(touches), 0.01 * max(touches))

    def test_incompressible_pages_go_to_the_device(self):
        for policy, run in self.runs(policies=POLICIES,
                                     settings={**ZSWAP, "workload.random_share": 1}).items():
            with self.subTest(policy=policy):
                write = run["queue"]["write"]
                self.assertGreater(write["to_device"], 100)
                self.assertEqual(write["stored"], 0)
                self.assertEqual(run["vmstat"]["zswpout"], 0)
                self.assertEqual(run["store"]["pool_frames"], 0)
                self.assertEqual(run["store"]["pages"], 0)

    def test_incompressible_pages_take_whole_pages_of_zram(self):
        run = self.runs(policies=["kswapd"], settings={"workload.random_share": 1,
                                                       "workload.seconds": 0.1})["kswapd"]
        self.assertEqual(run["store"]["raw"], run["store"]["pages"])
        self.assertEqual(run["store"]["pool_frames"], run["store"]["pages"])

    def test_one_core_does_no_less_work_for_a_second_thread(self):
        # On one CPU kcompressd changes who waits and whose turn it is (two threads have two
        # shares), not what a page costs: rates may rise while there is CPU time left, the CPU
        # time of a page must not fall.
        path = self.folder / "one.toml"
        path.write_text(ONE_CORE)
        runs = self.runs(path, ["kswapd", "kcompressd"])
        cost = {}
        for policy, run in runs.items():
            self.assertEqual(len(run["cpu"]["cores"]), 1)
            self.assertEqual(run["vmstat"]["oom_kill"], 0)
            reclaimed = run["vmstat"]["pgsteal_kswapd"] + run["vmstat"]["pgsteal_direct"]
            self.assertGreater(reclaimed, 1000)
            cost[policy] = sum(self.group(run, name) for name in ("kswapd", "kcompressd"))
            cost[policy] /= run["queue"]["write"]["pages"]
        self.assertGreater(cost["kcompressd"], 0.7 * cost["kswapd"])
        completed = runs["kcompressd"]["queue"]["queue"]["completed"]
        self.assertGreaterEqual(self.group(runs["kcompressd"], "kcompressd", "work_ns"),
                                completed * reclaim_world.COMPRESS_NS)

    def test_busy_time_is_at_most_the_time_there_is(self):
        for policy, run in self.runs(policies=POLICIES).items():
            with self.subTest(policy=policy):
                for core in run["cpu"]["cores"]:
                    self.assertLessEqual(core["busy_ns"], 1.01 * run["seconds"] * 1e9)

    def test_energy_of_cores_is_power_times_time(self):
        settings = self.results(policies=["kswapd"])["scenario"]["settings"]["cpu.cores"]
        power = {kind["name"]["value"]: kind for kind in settings}
        for run in self.runs(policies=POLICIES).values():
            total = sum(core["busy_ns"] * power[core["kind"]]["active_mw"]["value"]
                        + (run["seconds"] * 1e9 - core["busy_ns"])
                        * power[core["kind"]]["idle_mw"]["value"]
                        for core in run["cpu"]["cores"])
            self.assertAlmostEqual(run["energy"]["cpu_mj"], total / 1e9,
                                   delta=0.01 * run["energy"]["cpu_mj"])
            if not run["settings"]["codec"].startswith("engine"):
                self.assertEqual(run["energy"]["engine_mj"], 0)
                self.assertEqual(run["energy"]["link_mj"], 0)


ONE_CORE = """
description = "one core, for tests"
[[cpu.cores]]
name = "core"
count = 1
speed = 0.5
[[memory.zones]]
name = "Normal"
managed_mib = 16
[store]
kind = "zram"
[device]
size_mib = 12
[workload]
seconds = 0.5
[[program]]
name = "app"
count = 2
anon_mib = 8
file_mib = 1
touches_per_s = 20000
[run]
policies = ["kswapd"]
"""


class Engines(reclaim_world.ReclaimTest):
    """The device's own counters against those of the queue before it."""

    def check_units(self, policy, **named):
        run = self.runs(policies=[policy], **named)[policy]
        queue = run["queue"]
        units = sum(one["units"] for one in queue["engine"]["engines"])
        self.assertGreater(units, 500)
        self.assertEqual(sum(one["bytes_in"] for one in queue["engine"]["engines"]), units * 4096)
        self.assertEqual(queue["engine"]["link"]["errors"], 0)
        self.assertGreaterEqual(queue["engine"]["link"]["downstream_bytes"], units * 4096)
        for one in queue["engine"]["engines"]:
            self.assertLessEqual(one["busy_cycles"], queue["engine"]["cycles"])
            self.assertLessEqual(one["busy_share"], 1)
        return run, queue, units

    def test_units_are_the_pages_submitted_however_they_are_waited_for(self):
        for wait in ("poll", "interrupt", "hybrid"):
            with self.subTest(wait=wait):
                run, queue, units = self.check_units(f"engine@wait={wait}")
                submitted = sum(worker["submitted"] for worker in queue["workers"])
                self.assertEqual(units, submitted)
                self.assertEqual(submitted, queue["queue"]["completed"])
                self.assertLessEqual(sum(worker["doorbells"] for worker in queue["workers"]),
                                     submitted)
                interrupts = queue["engine"]["link"]["interrupts"]
                if wait == "poll":
                    self.assertEqual(interrupts, 0)
                elif wait == "interrupt":
                    self.assertGreater(interrupts, 0)
                self.assertGreater(run["vmstat"]["pgsteal_anon"], 0)

    def test_polling_takes_more_of_its_core_than_interrupts(self):
        text = "[engine]\nclock_mhz = 50\n"  # so slow that waiting is what counts
        work = []
        for wait in ("poll", "interrupt"):
            run, _, units = self.check_units(f"engine@wait={wait}", scenario=self.scenario(text))
            work.append(sum(group["cpu_ns"] for group in run["cpu"]["groups"]
                            if group["group"] == "kcompressd") / units)
        self.assertGreater(work[0], work[1])

    def test_a_batch_has_at_most_as_many_pages(self):
        for batch in (1, 8):
            _, queue, _ = self.check_units(f"engine@batch={batch}")
            for worker in queue["workers"]:
                self.assertLessEqual(worker["mean_batch"], batch)
                self.assertLessEqual(worker["submitted"], batch * worker["batches"])

    def test_a_slower_engine_is_busier(self):
        shares = []
        for clock in (200, 1000):
            _, queue, units = self.check_units("engine",
                                               settings={"engine.clock_mhz": clock})
            shares.append(sum(one["busy_share"] for one in queue["engine"]["engines"]) / units)
        self.assertGreater(shares[0], 3 * shares[1])


if __name__ == "__main__":
    unittest.main()
