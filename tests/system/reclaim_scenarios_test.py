#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress reclaim: every shipped scenario with each of its policies, made small."""

import json
import os
import subprocess
import sys
import unittest

import reclaim_world

# So little memory that reclaim begins within a fraction of a second.
HANDHELD = {"workload.seconds": 0.15, "memory.zones.Normal.managed_mib": 24,
            "memory.min_free_kbytes": 1024}
SMALL = {
    "handheld": HANDHELD,
    "all-cores-busy": HANDHELD,
    "incompressible": HANDHELD,
    "zero-heavy": HANDHELD,
    "burst": HANDHELD,
    "saturated": HANDHELD,
    "server": {"workload.seconds": 0.05, "memory.memcg_limit_mib": 32},
    "single-cpu": {"workload.seconds": 0.4, "memory.zones.Normal.managed_mib": 24},
    "tiny": {"workload.seconds": 0.3},
}


class Scenarios(reclaim_world.ReclaimTest):
    def check_file(self, path):
        environment = dict(os.environ, PYTHONPATH=str(reclaim_world.REPOSITORY / "report"))
        result = subprocess.run([sys.executable, "-B", "-m", "pagepress_report", path, "--check"],
                                env=environment, capture_output=True, text=True, check=False,
                                timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_list_names_what_is_tested(self):
        listed = [line.split()[0] for line in self.succeed("reclaim", "--list").stdout.splitlines()]
        self.assertEqual(sorted(listed), sorted(SMALL))

    def check_scenario(self, name):
        runs = self.runs(name, settings=SMALL[name], extra=["--no-trace", "--no-report", "-o",
                                                            self.out])
        path = self.out / "results.json"
        self.check_file(path)
        results = json.loads(path.read_text())
        self.assertEqual(results["scenario"]["name"], name)
        self.assertEqual(list(runs), results["scenario"]["settings"]["run"]["policies"]["value"])
        self.assertEqual(results["grid"], [])
        whos = {run["queue"]["who"] for run in runs.values()}
        self.assertLessEqual({"kswapd", "kcompressd", "engine"}, whos)
        for policy, run in runs.items():
            with self.subTest(policy=policy):
                vmstat = run["vmstat"]
                self.assertGreater(vmstat["pgsteal_kswapd"] + vmstat["pgsteal_direct"], 100)
                self.assertGreater(run["queue"]["write"]["pages"], 100)
        base = runs["kswapd"]  # no queue at all
        self.assertEqual(base["queue"]["write"]["pages"], base["queue"]["write"]["caught"]
                         + base["queue"]["synchronous"]["pages"])
        return runs


def _add(name):
    def test(self):
        self.check_scenario(name)
    setattr(Scenarios, "test_" + name.replace("-", "_"), test)


for _name in SMALL:
    _add(_name)


class Watermarks(reclaim_world.ReclaimTest):
    """mm/page_alloc.c of 6.12, in Python: calculate_min_free_kbytes(), __setup_per_zone_wmarks()."""

    @staticmethod
    def by_the_kernel(zones_mib, factor, min_free_kbytes=0):
        managed = [mib * 256 for mib in zones_mib]
        lowmem = sum(managed)
        if min_free_kbytes == 0:
            wanted = 16 * lowmem * 4
            root = int(wanted**0.5)
            while root * root > wanted:
                root -= 1
            while (root + 1) ** 2 <= wanted:
                root += 1
            min_free_kbytes = min(max(root, 128), 262144)
        pages_min = min_free_kbytes // 4
        marks = []
        for pages in managed:
            least = pages_min * pages // lowmem
            gap = max(least // 4, pages * factor // 10000)
            marks.append((pages, least, least + gap, least + 2 * gap))
        return marks

    def check_zones(self, zones, factor=10, min_free_kbytes=0):
        text = "".join(f'[[memory.zones]]\nname = "{name}"\nmanaged_mib = {mib}\n'
                       for name, mib in zones.items())
        run = self.results(self.scenario(text), ["kswapd"], {
            "memory.watermark_scale_factor": factor, "memory.min_free_kbytes": min_free_kbytes,
            "workload.seconds": 0.001})["runs"][0]
        marks = run["memory"]["watermarks"]
        self.assertEqual({mark["zone"] for mark in marks}, set(zones))
        by_zone = {mark["zone"]: (mark["managed"], mark["min"], mark["low"], mark["high"])
                   for mark in marks}
        self.assertEqual([by_zone[name] for name in zones],
                         self.by_the_kernel(list(zones.values()), factor, min_free_kbytes))

    def test_one_zone(self):
        for mib in (16, 37, 100, 512, 4096, 65536):
            for factor in (1, 10, 150, 3000):
                with self.subTest(mib=mib, factor=factor):
                    self.check_zones({"Normal": mib}, factor)

    def test_two_zones(self):
        for low, normal in ((16, 16), (3, 61), (1000, 3096), (2000, 31)):
            for factor in (10, 77):
                with self.subTest(low=low, normal=normal, factor=factor):
                    self.check_zones({"DMA32": low, "Normal": normal}, factor)

    def test_min_free_kbytes_as_given(self):
        self.check_zones({"Normal": 64}, 10, 5001)
        self.check_zones({"DMA32": 20, "Normal": 44}, 10, 3001)


if __name__ == "__main__":
    unittest.main()
