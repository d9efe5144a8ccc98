#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress sweep: killed and resumed, refused, failing, and what it leaves behind."""

import json
import os
import random
import resource
import signal

import harness
from compare_test import PAGES, noise, text
from harness import PAGEPRESS, wait_until
from sweep_kill import kill_until_done, repeatable_part

SWEEP = """
[run]
idle_pages = 2
[queue]
batch = 4
[axes]
engine.engines = [1, 2, 4]
link.preset = ["soc", "pcie4x8"]
queue.depth = [4, 16]
"""


class Sweep(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.pages = self.make_pages("some.pages", *PAGES)
        self.points = self.out / "points"

    def sweep_file(self, content=SWEEP):
        path = self.folder / "sweep.toml"
        path.write_text(content)
        return path

    def arguments(self, folder, content=SWEEP):
        return ["sweep", "-c", self.sweep_file(content), self.pages, "--no-report", "-o", folder]

    def sweep(self, *more, content=SWEEP, folder=None):
        return self.succeed(*self.arguments(folder or self.out, content), *more)

    def results(self, folder=None):
        return json.loads(((folder or self.out) / "results.json").read_text())

    def files(self):
        return {path.name: path.stat().st_mtime_ns for path in self.points.glob("*")}

    def refuse(self, content, expected):
        self.fail_with(2, expected, *self.arguments(self.out, content))

    def test_all_points_in_order_with_a_report(self):
        result = self.succeed("sweep", "-c", self.sweep_file(), self.pages, "-o", self.out)
        self.assertIn("12 points: 12 run now, 0 finished before\n", result.stdout)
        self.assertIn(f"report: {self.out}/report.html\n", result.stdout)
        results = self.results()
        self.assertTrue(results["complete"])
        self.assertEqual([a["name"] for a in results["axes"]],
                         ["queue.depth", "engine.engines", "link.preset"])
        self.assertEqual([p["index"] for p in results["points"]], list(range(12)))
        self.assertEqual(len({json.dumps(p["axes"]) for p in results["points"]}), 12)
        for point in results["points"]:
            (backend,) = point["backends"]
            self.assertEqual(backend["device"]["engines"], point["axes"]["engine.engines"])
            self.assertEqual((backend["verified"], backend["mismatches"]), (len(PAGES), 0))
            self.assertNotIn("host", backend)
        self.assertEqual(len(results["host"]["point_wall_s"]), 12)
        report = (self.out / "report.html").read_text()
        self.assertIn("Throughput against engines", report)
        self.assertIn("Latency against depth", report)

    def test_killed_again_and_again_ends_with_the_same_bytes(self):
        whole = self.folder / "whole"
        self.sweep(folder=whole)
        command = [PAGEPRESS, *map(str, self.arguments(self.out)), "--jobs", "2"]
        for seed in range(2):
            folder = self.folder / f"killed{seed}"
            command[command.index("-o") + 1] = str(folder)
            kill_until_done(command, folder, 0.3 + seed, random.Random(seed))
            self.sweep(folder=folder)
            self.assertEqual(repeatable_part(folder / "results.json"),
                             repeatable_part(whole / "results.json"))
            self.assertEqual(list(folder.rglob(".pagepress-*")), [])

    def test_finished_points_are_not_run_again_and_torn_ones_are(self):
        self.sweep()
        before, results = self.files(), repeatable_part(self.out / "results.json")
        self.assertEqual(len(before), 12)
        torn, foreign = sorted(before)[:2]
        (self.points / torn).write_bytes((self.points / torn).read_bytes()[:-40])
        (self.points / foreign).write_bytes((self.points / sorted(before)[2]).read_bytes())
        (self.points / ".pagepress-abcdef").write_text("left by a kill")
        result = self.sweep()
        self.assertIn("12 points: 2 run now, 10 finished before\n", result.stdout)
        after = self.files()
        self.assertEqual({name for name in after if after[name] != before.get(name)},
                         {torn, foreign})
        self.assertEqual(repeatable_part(self.out / "results.json"), results)

    def test_a_changed_sweep_file_runs_what_it_changes(self):
        self.sweep()
        result = self.sweep(content=SWEEP.replace("[1, 2, 4]", "[1, 2, 3]"))
        self.assertIn("12 points: 4 run now, 8 finished before\n", result.stdout)
        result = self.sweep(content=SWEEP.replace("idle_pages = 2", "idle_pages = 3"))
        self.assertIn("12 points: 12 run now", result.stdout)
        result = self.sweep()
        self.assertIn("12 points: 0 run now, 12 finished before\n", result.stdout)

    def test_a_changed_page_file_runs_all_and_a_renamed_one_none(self):
        self.sweep()
        self.pages = self.pages.rename(self.folder / "other.pages")
        self.assertIn("0 run now, 12 finished", self.sweep().stdout)
        self.pages.write_bytes(b"".join([*PAGES[:-1], noise(9)]))
        self.assertIn("12 run now, 0 finished", self.sweep().stdout)

    def test_page_files_as_an_axis_and_costs_of_each(self):
        other = self.make_pages("other.pages", *(text(i) for i in range(9)))
        content = (f'[compare]\nbackends = ["cpu:lz4"]\n[host]\ncost_sweeps = 2\n[axes]\n'
                   f'compare.files = [["{self.pages}"], ["{other}", "{self.pages}"]]\n'
                   f'host.cost_scale = [1.0, 2.0]\n')
        command = ["sweep", "-c", self.sweep_file(content), "--no-report", "-o", self.out]
        self.succeed(*command)
        results = self.results()
        self.assertEqual(len(results["points"]), 4)
        self.assertEqual(len(results["inputs"]), 2)
        self.assertEqual(len(results["costs"]), 2)
        self.assertEqual(len(list((self.out / "costs").iterdir())), 2)
        before = repeatable_part(self.out / "results.json")
        # A resumed sweep has the same costs: what is run again ends with the same figures.
        for path in self.points.iterdir():
            path.unlink()
        self.succeed(*command)
        self.assertEqual(repeatable_part(self.out / "results.json"), before)
        self.assertEqual(results["provenance"]["points[].backends[cpu:*].compress.cpu_ns_per_page"],
                         "assumed")  # of the points with a scale
        self.fail_with_left_over(2, "page files are an axis", *command, self.pages)

    def test_one_cost_table_for_all(self):
        costs = self.folder / "costs.json"
        content = '[compare]\nbackends = ["cpu:lz4"]\n[axes]\nhost.cost_scale = [1, 2]\n'
        self.sweep("--costs", costs, content=content)
        self.sweep("--costs", costs, content=content, folder=self.folder / "again")
        self.assertEqual(repeatable_part(self.out / "results.json"),
                         repeatable_part(self.folder / "again" / "results.json"))
        self.assertFalse((self.out / "costs").exists())

    def fail_with_left_over(self, code, expected, *arguments):
        """As fail_with(), in a folder that has something."""
        result = self.run_pagepress(*arguments)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertIn(expected, result.stderr)
        return result

    def test_a_point_that_fails(self):
        content = "[engine]\nclock_mhz = 5\n[axes]\nrun.watchdog_us = [1, 10000]\n"
        result = self.fail_with_left_over(1, "1 point failed", *self.arguments(self.out, content))
        self.assertIn("run.watchdog_us = 1: ", result.stderr)
        results = self.results()
        self.assertFalse(results["complete"])
        self.assertIn("error", results["points"][0])
        self.assertNotIn("backends", results["points"][0])
        self.assertIn("backends", results["points"][1])
        result = self.fail_with_left_over(1, "1 point failed", *self.arguments(self.out, content))
        self.assertIn("2 points: 1 run now, 1 finished before\n", result.stdout)
        drawn = self.fail_with_left_over(1, "1 point failed", "sweep", "-c",
                                         self.folder / "sweep.toml", self.pages, "-o", self.out)
        self.assertIn("report: ", drawn.stdout)
        self.assertIn("1\N{NO-BREAK SPACE}point failed", (self.out / "report.html").read_text())

    def slow_sweep(self):
        """One that takes long enough to be met, started; waits for its first point."""
        self.pages = self.make_pages("many.pages", *(text(i) for i in range(200)))
        content = SWEEP.replace("[1, 2, 4]", "[1, 2, 3, 4, 5, 6, 7, 8]")
        process = self.start_pagepress(*map(str, self.arguments(self.out, content)), "--jobs", "1")
        wait_until(lambda: self.points.is_dir() and list(self.points.glob("*.json")), "a point")
        return process, content

    def test_a_second_one_in_the_same_folder_is_refused(self):
        process, content = self.slow_sweep()
        self.fail_with_left_over(
            1, f"{self.out}: another sweep (process {process.pid}) is running in this folder",
            *self.arguments(self.out, content))
        process.kill()
        process.wait()
        self.assertFalse((self.out / "results.json").exists())

    def test_interrupted_it_says_how_to_go_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process, content = self.slow_sweep()
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, -number, errors)
            self.assertRegex(errors, r"interrupted: \d+ of 32 points are finished; the same ")
            self.assertFalse((self.out / "results.json").exists())
            for path in self.points.iterdir():
                path.unlink()
        result = self.sweep(content=content)
        self.assertIn("32 points: ", result.stdout)

    def test_a_full_disk(self):
        def small_files():  # every file of more than a kilobyte fails
            resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
        result = self.run_pagepress(*self.arguments(self.out), preexec_fn=small_files)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"error: .*points/.*: cannot write .*: File too large")
        self.assertEqual(os.listdir(self.points), [])
        self.assertFalse((self.out / "results.json").exists())

    def test_list_runs_nothing(self):
        lines = self.succeed("sweep", "-c", self.sweep_file(), self.pages,
                             "--list").stdout.splitlines()
        self.assertEqual(len(lines), 12)
        self.assertEqual(lines[0], "0: engine.engines = 1, link.preset = soc, queue.depth = 4")
        self.assertEqual(lines[1], "1: engine.engines = 1, link.preset = pcie4x8, queue.depth = 4")
        self.assertNothingWritten()

    def test_json_to_standard_output(self):
        result = self.sweep("--json", "-")
        self.assertEqual(json.loads(result.stdout)["schema"], "pagepress.sweep/1")

    def test_bad_sweep_files(self):
        self.refuse("[axes]\nengine.engines = []\n", [":2: ", "axis engine.engines has no values"])
        self.refuse("[axes]\nengine.engines = 4\n", [":2: ", "must be a list of values"])
        self.refuse("[axes]\nengine.engines = [2, 4, 2]\n", "has 2 twice")
        self.refuse("[axes]\nengine.engins = [2]\n", [":2: ", "unknown key 'engine.engins'"])
        self.refuse("[axes]\n\nengine.engines = [9]\n", [":3: ", "between 1 and 8"])
        self.refuse('[axes]\n"engine.w" = [8]\n', "write engine.w without quotes")
        self.refuse('[axes]\nqueue.policy = ["wait", "drop"]\n', "'drop' (known: wait, ")
        self.refuse('[run]\ntime = "real"\n[compare]\nbackends = ["cpu:lz4"]\n',
                    'run.time = "real" is for compare')
        self.refuse('[axes]\ncompare.costs = ["x"]\n', "compare.costs cannot be an axis")
        self.refuse("[axes]\nqueue.batch = [8, 128]\n",
                    ["queue.batch = 128", "must not exceed queue.depth (64)", "skip_impossible"])
        self.refuse("[sweep]\nskip = true\n", "unknown key 'sweep.skip'")
        self.refuse('[compare]\nbackends = ["engine:rtl"]\n[axes]\nengine.engines = [2, 4]\n',
                    ["engine.engines = 4", "engine:rtl", "engine:fast"])

    def test_impossible_points_can_be_left_out(self):
        content = "[sweep]\nskip_impossible = true\n[axes]\nqueue.batch = [8, 128]\n"
        result = self.sweep(content=content)
        self.assertIn("1 point left out", result.stdout)
        self.assertEqual(self.results()["skipped"], 1)

    def test_no_folder_and_no_page_file(self):
        self.fail_with(2, "sweep needs -o DIR", "sweep", "-c", self.sweep_file(), self.pages)
        self.fail_with(2, "no page file given", "sweep", "-c", self.sweep_file(), "-o", self.out)
        self.fail_with(1, "none.pages", "sweep", "-c", self.sweep_file(), "/none.pages",
                       "-o", self.out / "new")


if __name__ == "__main__":
    harness.main()
