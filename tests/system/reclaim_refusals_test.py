#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress reclaim: what is refused, by what message, and that nothing is left behind.

Recording and replay are in record_test.py; here what a replay must make of damaged files.
"""

import json
import os
import unittest

import reclaim_world
from harness import PAGE

PROGRAM = ("import mmap, time\n"
           f"memory = mmap.mmap(-1, 300 * {PAGE}, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
           "while True:\n"
           f"    for page in range(300): memory[page * {PAGE}:page * {PAGE} + 4] = b'abcd'\n"
           "    time.sleep(0.01)\n")


class Refusals(reclaim_world.ReclaimTest):
    def refuse(self, expected, *arguments, codes=(1, 2)):
        """Fails with one line that names what is wrong; no results, no report."""
        result = self.run_pagepress(*arguments)
        self.assertIn(result.returncode, codes, result.stderr)
        errors = [line for line in result.stderr.splitlines() if "error: " in line]
        self.assertEqual(len(errors), 1, result.stderr)
        for text in expected if isinstance(expected, list) else [expected]:
            self.assertIn(str(text), errors[0])
        self.assertEqual(result.stdout, "")
        self.assertNothingWritten()

    def refuse_run(self, expected, *extra, **named):
        target = self.out / "target"
        self.refuse(expected, *self.arguments(**named), *extra, "-o", target)

    def test_names_that_do_not_exist(self):
        self.refuse_run(["no-such-scenario"], scenario="no-such-scenario")
        self.refuse_run(["kswapdd"], policies=["kswapdd"])
        self.refuse_run(["colour"], policies=["kcompressd@colour=red"])
        self.refuse_run(["fifo_entries"], policies=["kswapd@fifo_entries=3"])
        self.refuse_run(["memory.swapiness"], settings={"memory.swapiness": 10})
        self.refuse_run(["program.nobody"], settings={"program.nobody.zipf": 1})
        self.refuse_run(["lru2"], settings={"memory.lru": "lru2"})

    def test_the_same_policy_twice(self):
        self.refuse_run(["kcompressd"], policies=["kcompressd", "kcompressd"])

    def test_values_out_of_range(self):
        for key, value in (("memory.swappiness", 201), ("workload.seconds", 0),
                           ("memory.folio_pages", 17), ("store.limit_bytes", 63),
                           ("cpu.cores.big.count", 0), ("codec.cost_scale", "nan"),
                           ("workload.seconds", "soon"), ("memory.zones.Normal.managed_mib", 0),
                           ("workload.zero_share", 1.5), ("engine.w", 7)):
            with self.subTest(key=key, value=value):
                self.refuse_run([key.rpartition(".")[2]], settings={key: value})
        for policy, key in (("kcompressd@workers=0", "workers"), ("engine@depth=3", "depth"),
                            ("engine@batch=1025", "batch"), ("kcompressd@nice=20", "nice"),
                            ("engine@wait=sometimes", "wait"),
                            ("kcompressd@policy=drop", "policy")):
            with self.subTest(policy=policy):
                self.refuse_run([key], policies=[policy])
        self.refuse_run(["trace"], "--trace-from", "-1")
        self.refuse_run(["--jobs"], "--jobs", "0")

    def test_scenario_files(self):
        for text, expected in (("[memory\n", ["scenario.toml"]),
                               ("[memory]\nswappiness = 'a lot'\n", ["scenario.toml", "swappiness"]),
                               ("[memory]\nswap = 1\n", ["scenario.toml", "swap"]),
                               ("[memori]\nlru = 1\n", ["scenario.toml", "memori"]),
                               ("[[program]]\nanon_mib = 4\n", ["scenario.toml", "name"])):
            with self.subTest(text=text):
                self.refuse_run(expected, scenario=self.scenario(text))
        self.refuse_run(["nobody"], scenario=self.scenario("", base="nobody"))
        self.refuse_run(["cpu.cores"], scenario=self.scenario("", base=None))

    def test_page_files(self):
        missing = self.folder / "missing.pages"
        self.refuse_run(["missing.pages"], pages=missing)
        self.refuse_run(["empty.pages"], pages=self.make_pages("empty.pages"))
        self.refuse_run(["torn.pages"], pages=self.make_pages("torn.pages", b"a" * (PAGE + 1)))
        self.refuse_run([self.folder], pages=self.folder)

    def test_fault_plans(self):
        plan = self.folder / "plan.toml"
        self.refuse_run(["plan.toml"], "--faults", plan)
        plan.write_text('[[fault]]\nkind = "rust"\nafter = 1\n')
        self.refuse_run(["plan.toml", "rust"], "--faults", plan)

    def test_cost_tables(self):
        costs = self.folder / "other.costs"
        costs.write_text("{")
        words = ["reclaim", self.mixed, "-c", "tiny", "--no-grid", "--costs", costs,
                 "-o", self.out / "target"]
        self.refuse(["other.costs"], *words)
        other = reclaim_world.make_pages(seed=8)
        pages = self.make_pages("other.pages", other)
        self.refuse(["mixed.costs"], "reclaim", pages, "-c", "tiny", "--no-grid", "--costs",
                    self.mixed.with_suffix(".costs"), "-o", self.out / "target")

    def test_output_that_cannot_be_written(self):
        blocked = self.folder / "file"
        blocked.write_text("")
        self.refuse([blocked], *self.arguments(), "-o", blocked)
        self.refuse([blocked], *self.arguments(), "-o", blocked / "inside")
        self.refuse(["missing"], *self.arguments(), "--json", self.folder / "missing" / "x.json")
        self.assertEqual(blocked.read_text(), "")

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_folder_without_permission(self):
        locked = self.folder / "locked"
        locked.mkdir(mode=0o500)
        self.refuse([locked], *self.arguments(), "-o", locked)

    def test_a_failure_leaves_older_results_alone(self):
        target = self.folder / "kept"
        self.succeed(*self.arguments(policies=["kswapd"]), "-o", target, "--no-report")
        before = (target / "results.json").read_bytes()
        self.refuse(["zzz"], *self.arguments(policies=["zzz"]), "-o", target)
        self.assertEqual((target / "results.json").read_bytes(), before)
        self.assertEqual(json.loads(before)["kind"], "reclaim")


class Replay(reclaim_world.ReclaimTest):
    def test_a_recorded_program_is_replayed_under_every_policy(self):
        recording = self.folder / "x.record"
        pages = self.folder / "x.record.pages"
        self.succeed("record", "-o", recording, "--interval-ms", 50, "--seconds", 0.5, "--",
                     "/usr/bin/python3", "-c", PROGRAM)
        reclaim_world.prepare(self.folder, "x.record", pages.read_bytes())
        runs = self.runs(policies=["kswapd", "kcompressd", "engine"], pages=pages,
                         extra=["--recording", recording])
        touches = set()
        for policy, run in runs.items():
            with self.subTest(policy=policy):
                played = run["workload"]["recording"]
                self.assertGreater(played["pages"], 300)
                self.assertGreaterEqual(played["touches"], 300)
                self.assertGreater(run["vmstat"]["pgsteal_anon"], 0)
                touches.add(played["touches"])
        self.damage(recording, pages)

    def damage(self, recording, pages):
        whole = recording.read_bytes()
        target = self.out / "target"
        words = [*self.arguments(pages=pages), "--recording", recording, "-o", target]
        middle = len(whole) // 2
        for name, data in (("empty", b""), ("torn", whole[:middle]), ("short", whole[:-1]),
                           ("long", whole + b"x"), ("not one", b"hello" * 100),
                           ("flipped", whole[:middle] + bytes([whole[middle] ^ 16])
                            + whole[middle + 1:])):
            with self.subTest(recording=name):
                recording.write_bytes(data)
                result = self.run_pagepress(*words)
                self.assertIn(result.returncode, (1, 2), result.stderr)
                self.assertIn("x.record", result.stderr)
                self.assertNothingWritten()
        recording.unlink()
        result = self.run_pagepress(*words)
        self.assertIn(result.returncode, (1, 2), result.stderr)
        self.assertIn("x.record", result.stderr)
        self.assertNothingWritten()


if __name__ == "__main__":
    unittest.main()
