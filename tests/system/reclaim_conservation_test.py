#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No page is lost, duplicated or changed: every policy, back pressure and fault plan, in both
stores, with both LRUs, with small and large folios.

A run audits itself at its end (every page that is not resident has a copy that decodes to what was
written) and each read back is decoded and compared, so success is exit code 0;
tests/reclaim/audit_test.cpp shows that the audit can fail. The counters are held against each other here.
"""

import unittest

import reclaim_world

BACK_PRESSURE = ("wait", "sync-newest", "drain-oldest", "divert-to-cpu")
ENGINE = ["engine@wait=poll,policy=wait,fifo_entries=8",
          "engine@wait=interrupt,policy=sync-newest,fifo_entries=8",
          "engine@wait=hybrid,policy=drain-oldest,fifo_entries=8",
          "engine@wait=interrupt,policy=divert-to-cpu,fifo_entries=8",
          "engine@same_filled=engine,swapin_engine=1,rule=any",
          "engine@wait=hybrid,state=writeback,workers=2,depth=2,batch=2",
          "batch@codec=engine:fast"]
CPU = (["kswapd", "batch", "threads", "kcompressd@shape=zram-v1", "kcompressd@state=writeback",
        "kcompressd@rule=any,memalloc=1"]
       + [f"kcompressd@policy={policy},fifo_entries=8" for policy in BACK_PRESSURE]
       + [f"threads@workers=3,policy={policy},fifo_entries=8" for policy in BACK_PRESSURE])
STORES = {"zram": {"store.kind": "zram"},
          # A pool that is soon full: writeback, rejections, the device.
          "zswap": {"store.kind": "zswap", "device.size_mib": 64, "store.max_pool_percent": 10}}
SHORT = {"workload.seconds": 0.12}

FAULTS = {
    "hang": '[[fault]]\nkind = "stuck-engine"\nafter = 40\ncycles = 0\n',
    "slow": '[[fault]]\nkind = "stuck-engine"\nafter = 40\ncycles = 200000\ncount = 3\n'
            '[[fault]]\nkind = "link-stall"\nafter = 60\nfor_us = 300.0\n',
    "reset": '[[fault]]\nkind = "surprise-reset"\nafter = 70\n'
             '[[fault]]\nkind = "surprise-reset"\nafter = 300\n',
    "dma": '[[fault]]\nkind = "dma-read-fault"\nafter = 900\ncount = 5\n'
           '[[fault]]\nkind = "dma-write-fault"\nafter = 2000\ncount = 5\n',
    "lies": '[[fault]]\nkind = "flipped-output"\nafter = 20\nbit = 77\ncount = 9\n'
            '[[fault]]\nkind = "poisoned-completion"\nafter = 90\nbyte = 8\nmask = 24\ncount = 4\n'
            '[[fault]]\nkind = "poisoned-completion"\nafter = 150\nstatus = 8\n',
    "lost": '[[fault]]\nkind = "lost-completion"\nafter = 50\ncount = 3\n'
            '[[fault]]\nkind = "dropped-interrupt"\nafter = 5\ncount = 4\n'
            '[[fault]]\nkind = "late-interrupt"\nafter = 20\nfor_us = 150.0\ncount = 2\n',
    "dead": '[[fault]]\nkind = "dead-device"\nafter = 120\n',
    "absent": '[[fault]]\nkind = "dead-device"\nat_us = 0.0\n',
}


class Conservation(reclaim_world.ReclaimTest):
    def check_runs(self, policies, settings, **named):
        runs = self.runs(policies=policies, settings={**SHORT, **settings}, **named)
        self.assertEqual(list(runs), list(policies))
        for policy, run in runs.items():
            with self.subTest(policy=policy, settings=settings):
                self.assertGreater(run["queue"]["write"]["pages"], 0)
                self.assertGreater(run["vmstat"]["pswpin"] + run["vmstat"]["zswpin"], 0)
        return runs

    def check_machines(self, store):
        for lru in ("classic", "mglru"):
            for folio_pages in (1, 8):
                self.check_runs(CPU + ENGINE, {**STORES[store], "memory.lru": lru,
                                               "memory.folio_pages": folio_pages})

    def test_zram(self):
        self.check_machines("zram")

    def test_zswap(self):
        self.check_machines("zswap")

    def test_swap_that_is_full(self):
        self.check_runs(CPU[:4] + ENGINE[:3], {"device.size_mib": 2})
        self.check_runs(CPU[:4] + ENGINE[:3], {**STORES["zswap"], "device.size_mib": 2})

    def check_plan(self, name, store, folio_pages):
        plan = self.folder / "plan.toml"
        plan.write_text(FAULTS[name])
        runs = self.check_runs(ENGINE, {**STORES[store], "memory.folio_pages": folio_pages},
                               extra=["--faults", plan])
        applied = [run["queue"]["engine"].get("faults", {}) for run in runs.values()]
        if name != "absent":
            self.assertTrue(any(applied), "nothing of the plan was due")
        return runs

    def check_plans(self, store, folio_pages):
        for name in FAULTS:
            with self.subTest(plan=name):
                self.check_plan(name, store, folio_pages)

    def test_faults_with_zram(self):
        self.check_plans("zram", 1)

    def test_faults_with_zswap_and_large_folios(self):
        self.check_plans("zswap", 8)

    def test_an_absent_device_leaves_everything_to_cpus(self):
        for run in self.check_plan("absent", "zram", 1).values():
            engine = run["queue"]["engine"]
            self.assertEqual(sum(one["units"] for one in engine.get("engines", [])), 0)
            self.assertGreater(run["queue"]["write"]["stored"], 0)


if __name__ == "__main__":
    unittest.main()
