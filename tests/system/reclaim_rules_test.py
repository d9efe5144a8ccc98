#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""kcompressd's enqueue rules, one after the other, by what results.json counts.

After "mm: Add Kcompressd" (30 Apr 2025). Limitation: two conditions cannot be had by a command: that
there is no thread, and that zswap is off in front of a device that is not synchronous (a store is
zswap or zram); tests/driver has the gate alone.
"""

import unittest

import reclaim_world

ZSWAP = {"store.kind": "zswap", "device.size_mib": 64}
SYNCHRONOUS_IF_FULL = ("kcompressd", "engine@policy=sync-newest",
                       "threads@policy=sync-newest")


class Rules(reclaim_world.ReclaimTest):
    def run_one(self, policy, settings=None, **named):
        return self.runs(policies=[policy], settings=settings, **named)[policy]

    def test_direct_reclaim_never_enqueues(self):
        run = self.run_one("kcompressd")
        self.assertGreater(run["vmstat"]["pgsteal_direct"], 0)
        self.assertGreater(run["queue"]["gate"]["not_kswapd"], 0)
        anyone = self.run_one("kcompressd@rule=any")
        self.assertGreater(anyone["vmstat"]["pgscan_direct"], 0)
        self.assertEqual(anyone["queue"]["gate"]["not_kswapd"], 0)

    def test_v1_takes_pages_of_kswapd_only(self):
        run = self.run_one("kcompressd@shape=zram-v1")
        self.assertGreater(run["queue"]["gate"]["not_kswapd"], 0)

    def test_without_kswapd_nothing_is_enqueued(self):
        # A memcg at its limit reclaims for itself; the machine's watermarks are far away.
        run = self.run_one("kcompressd", {"memory.memcg_limit_mib": 12,
                                          "memory.zones.Normal.managed_mib": 64})
        self.assertEqual(run["vmstat"]["pgscan_kswapd"], 0)
        self.assertGreater(run["vmstat"]["pgsteal_anon"], 0)
        self.assertEqual(run["queue"]["queue"]["enqueued"], 0)
        self.assertEqual(run["queue"]["gate"]["none"], 0)

    def test_only_anonymous_pages_get_there(self):
        run = self.run_one("kcompressd")
        self.assertGreater(run["vmstat"]["pgsteal_file"], 0)
        self.assertEqual(run["queue"]["gate"]["not_anonymous"], 0)
        self.assertLessEqual(run["queue"]["queue"]["enqueued"], run["vmstat"]["pgscan_anon"])

    def test_memcg_without_writeback_is_synchronous(self):
        for policy in ("kcompressd", "engine"):
            with self.subTest(policy=policy):
                run = self.run_one(policy, {**ZSWAP, "memory.memcg_zswap_writeback": "false"})
                queue = run["queue"]
                self.assertEqual(queue["queue"]["enqueued"], 0)
                self.assertEqual(queue["gate"]["none"], 0)
                self.assertGreater(queue["gate"]["memcg"], 0)
                self.assertGreater(queue["synchronous"]["pages"], 0)
                self.assertEqual(queue["write"]["to_device"], 0)  # kept dirty instead
                allowed = self.run_one(policy, ZSWAP)["queue"]
                self.assertEqual(allowed["gate"]["memcg"], 0)
                self.assertGreater(allowed["queue"]["enqueued"], 0)
                self.assertGreater(allowed["write"]["to_device"], 0)  # incompressible ones

    def test_synchronous_swap_and_zswap_are_fast(self):
        for settings in ({}, ZSWAP):
            with self.subTest(settings=settings):
                run = self.run_one("kcompressd", settings)
                self.assertEqual(run["queue"]["gate"]["slow_swap"], 0)
                self.assertGreater(run["queue"]["queue"]["completed"], 0)

    def test_full_fifo_is_synchronous(self):
        for policy in SYNCHRONOUS_IF_FULL:
            with self.subTest(policy=policy):
                joint = "," if "@" in policy else "@"
                run = self.run_one(f"{policy}{joint}fifo_entries=4")
                queue = run["queue"]
                self.assertGreater(queue["gate"]["no_room"], 0)
                self.assertEqual(queue["queue"]["rejected"], queue["gate"]["no_room"])
                self.assertEqual(queue["queue"]["taken_back"], 0)
                self.assertEqual(queue["synchronous"]["pages"],
                                 reclaim_world.refused(run) + queue["gate"]["no_room"])
                self.assertEqual(queue["queue"]["enqueued"],
                                 queue["gate"]["none"] - queue["gate"]["no_room"])

    def test_larger_fifo_refuses_less(self):
        refusals = [self.run_one(f"kcompressd@fifo_entries={entries}")["queue"]["gate"]["no_room"]
                    for entries in (1, 65536)]
        self.assertGreater(refusals[0], 0)
        self.assertEqual(refusals[1], 0)

    def test_other_back_pressure(self):
        drained = self.run_one("kcompressd@policy=drain-oldest,fifo_entries=4")["queue"]
        self.assertGreater(drained["queue"]["taken_back"], 0)
        self.assertEqual(drained["synchronous"]["pages"], drained["queue"]["taken_back"]
                         + drained["gate"]["not_kswapd"])
        waited = self.run_one("kcompressd@policy=wait,fifo_entries=4")["queue"]
        self.assertGreater(waited["gate"]["no_room"], 0)
        self.assertEqual(waited["queue"]["taken_back"], 0)
        self.assertEqual(waited["queue"]["enqueued"], waited["gate"]["none"])

    def test_a_queued_folio_that_is_scanned_again(self):
        # A worker so slow that kswapd comes around while folios are queued.
        for state, counter, other in (("locked", "rescan_locked", "rescan_writeback"),
                                      ("writeback", "rescan_writeback", "rescan_locked")):
            with self.subTest(state=state):
                run = self.run_one(f"kcompressd@state={state},fifo_entries=4096", {
                    "codec.cost_scale": 100, "program.app.anon_mib": 7,
                    "program.app.touches_per_s": 100000, "program.late.anon_mib": 6})
                self.assertGreater(run["vmstat"][counter], 0)
                self.assertEqual(run["vmstat"][other], 0)
                # Only what is under writeback is put to the tail when its write ends.
                self.assertEqual(run["vmstat"]["pgrotated"] > 0, state == "writeback")

    def test_zero_pages_are_caught_before_the_queue(self):
        for policy in ("kswapd", "kcompressd", "threads", "engine"):
            with self.subTest(policy=policy):
                run = self.run_one(policy, {"workload.zero_share": 1})
                queue = run["queue"]
                self.assertGreater(queue["write"]["pages"], 0)
                self.assertEqual(queue["write"]["caught"], queue["write"]["pages"])
                self.assertEqual(queue["synchronous"]["pages"], 0)
                if "queue" in queue:
                    self.assertEqual(queue["queue"]["enqueued"], 0)
                self.assertEqual(run["store"]["same_filled"], run["store"]["pages"])
                self.assertEqual(run["store"]["pool_frames"], 0)

    def test_an_engine_may_find_them_instead(self):
        run = self.run_one("engine@same_filled=engine", {"workload.zero_share": 1})
        self.assertEqual(run["queue"]["write"]["caught"], 0)
        self.assertGreater(run["queue"]["queue"]["completed"], 0)
        self.assertEqual(run["store"]["same_filled"], run["store"]["pages"])


if __name__ == "__main__":
    unittest.main()
