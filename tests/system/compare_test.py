#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress compare: both back ends from page file to report, and every way it can fail."""

import json
import os
import random
import resource
import signal
import subprocess
import unittest

import harness
from harness import PAGE, PAGEPRESS, wait_until

ZERO = bytes(PAGE)
SAME = b"pagepres" * (PAGE // 8)


def noise(seed):
    return random.Random(seed).randbytes(PAGE)


def text(seed):
    words = [b"engine", b"page", b"lz4", b"zswap", b"kcompressd", b"reclaim", b"watermark", b"fifo"]
    chooser = random.Random(seed)
    return b" ".join(chooser.choice(words) for _ in range(PAGE))[:PAGE]


PAGES = [ZERO, SAME, *(text(i) for i in range(20)), noise(1), ZERO, noise(2)]


class Compare(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.pages = self.make_pages("some.pages", *PAGES)
        self.costs = self.folder / "costs.json"

    def compare(self, *arguments, **options):
        return self.succeed("compare", self.pages, "--costs", self.costs, *arguments, **options)

    def test_both_back_ends_into_a_new_folder(self):
        folder = self.out / "new" / "folder"
        result = self.compare("--backend", "cpu:lz4", "--backend", "engine:rtl", "-o", folder)
        self.assertEqual(sorted(os.listdir(folder)), ["report.html", "results.json"])
        self.assertIn(f"report: {folder}/report.html\n", result.stdout)
        self.assertIn(f"results: {folder}/results.json\n", result.stdout)
        results = json.loads((folder / "results.json").read_text())
        self.assertEqual(results["schema"], "pagepress.results/1")
        self.assertEqual([b["name"] for b in results["backends"]], ["cpu:lz4", "engine:rtl"])
        for backend in results["backends"]:
            self.assertEqual(backend["pages"], len(PAGES))
            self.assertEqual(backend["zero_pages"], 2)
            self.assertEqual(backend["same_filled_pages"], 3)
            self.assertEqual(backend["incompressible_pages"], 2)
            self.assertEqual((backend["verified"], backend["mismatches"]), (len(PAGES), 0))
            back = backend["decompress"]
            self.assertEqual((back["pages"], back["verified"], back["mismatches"]), (20, 20, 0))
        report = (folder / "report.html").read_text()
        self.assertIn("engine:rtl", report)
        self.assertEqual(results["created"]["command"][1:3], ["compare", str(self.pages)])

    def test_five_libraries_and_both_devices_in_one_report(self):
        names = ["cpu:lz4", "cpu:lz4hc", "cpu:lzo", "cpu:zstd@level=3", "cpu:deflate@level=1",
                 "engine:fast", "engine:rtl"]
        self.compare(*(word for name in names for word in ("--backend", name)), "-o", self.out)
        results = json.loads((self.out / "results.json").read_text())
        self.assertEqual([b["name"] for b in results["backends"]], names)
        for backend in results["backends"]:
            self.assertEqual((backend["verified"], backend["mismatches"]), (len(PAGES), 0))
            self.assertEqual(backend["decompress"]["mismatches"], 0)
            self.assertGreater(backend["decompress"]["pages"], 0)
        self.assertEqual(sorted(results["costs"]["codecs"]), sorted(names[:5]))
        report = (self.out / "report.html").read_text()
        for name in names:
            self.assertIn(name, report)
        # Costs are of a library at a level: another level has none in this table.
        result = self.run_pagepress("compare", self.pages, "--costs", self.costs, "--backend",
                                    "cpu:zstd@level=4", "--json", "-")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("no costs of cpu:zstd@level=4", result.stderr)

    def test_options_of_back_ends(self):
        for name, message in (("cpu:zstd@level=23", "level must be an integer from -100 to 22"),
                              ("cpu:deflate@level=fast", "an integer from 1 to 12"),
                              ("cpu:lz4@speed=3", "unknown option 'speed=3'"),
                              ("cpu:lzo@level=1", "cpu:lzo takes none"),
                              ("cpu:lz5", "unknown back end 'cpu:lz5'")):
            with self.subTest(name):
                result = self.fail_with(2, message, "compare", self.pages, "--backend", name, "-o",
                                        self.out)
                self.assertIn(name, result.stderr)

    def test_real_time(self):
        result = self.succeed("compare", self.pages, "--time", "real", "--workers", "2",
                              "--backend", "cpu:lz4", "--backend", "cpu:zstd", "-o", self.out)
        self.assertIn("another run gives other figures", result.stdout)
        self.assertNotIn("(sim)", result.stdout)
        results = json.loads((self.out / "results.json").read_text())
        self.assertEqual(results["time"], "real")
        self.assertEqual(set(results["provenance"].values()), {"measured"})
        for backend in results["backends"]:
            self.assertEqual((backend["verified"], backend["mismatches"]), (len(PAGES), 0))
            threads = backend["compress"]["threads"]
            self.assertEqual([t["name"] for t in threads],
                             ["kswapd", "kcompressd/0", "kcompressd/1"])
            self.assertEqual(sum(t["pages"] for t in threads), len(PAGES))
        self.assertIn("wall-clock", (self.out / "report.html").read_text())

    def test_what_real_time_cannot_have(self):
        def refuse(message, *arguments):
            self.fail_with(2, message, "compare", self.pages, "--json", "-", *arguments)
        refuse("engine:fast is a model", "--time", "real", "--backend", "engine:fast")
        refuse("compare.costs", "--time", "real", "--backend", "cpu:lz4", "--costs", self.costs)
        refuse("engine.clock_mhz", "--time", "real", "--backend", "cpu:lz4", "--clock-mhz", "9")
        refuse("unknown value 'now'", "--time", "now", "--backend", "cpu:lz4")

    def test_an_engine_alone_has_a_report(self):
        self.compare("--backend", "engine:fast", "-o", self.out)
        self.assertEqual(json.loads((self.out / "results.json").read_text())["costs"]["codecs"], {})
        self.assertIn("ran alone", (self.out / "report.html").read_text())

    def test_the_summary_has_both_directions(self):
        result = self.compare("--backend", "cpu:lz4", "-o", self.out, "--no-report")
        lines = result.stdout.splitlines()
        self.assertRegex(lines[0], r"^compress +pages +ratio +GB/s")
        self.assertRegex(lines[1], rf"^cpu:lz4 +{len(PAGES)} +[\d.]+ +[\d.]+ ")
        self.assertRegex(lines[2], r"^decompress +pages +GB/s")
        self.assertRegex(lines[3], r"^cpu:lz4 +20 +[\d.]+ ")
        self.assertIn(f"{len(PAGES)} of {len(PAGES)} pages verified, 0 mismatches, and 20 of 20 "
                      "decompressed, 0 mismatches", lines[4])

    def faults(self, text):
        plan = self.folder / "plan.toml"
        plan.write_text(text)
        return plan

    def engine(self, *arguments):
        result = self.compare("--backend", "engine:fast", "--json", "-", *arguments)
        return json.loads(result.stdout)["backends"][0]

    def test_an_empty_fault_plan_changes_no_time(self):
        usual, planned = self.engine(), self.engine("--faults", self.faults("# none"))
        self.assertIsNone(usual["faults"])
        self.assertEqual(planned["faults"], {"applied": {}, "log": [], "not_due": []})
        for operation in ("compress", "decompress"):
            for key, value in usual[operation].items():
                if not key.startswith("bytes_per_cycle") and key != "wall_s":
                    self.assertEqual(planned[operation][key], value, key)

    def test_faults_that_the_driver_need_not_notice(self):
        plan = self.faults('[[fault]]\nkind = "link-stall"\nafter = 3\nfor_us = 100\n'
                           '[[fault]]\nkind = "dropped-interrupt"\nat_us = 1\n')
        backend = self.engine("--faults", plan)
        self.assertEqual(backend["mismatches"], 0)
        self.assertEqual(backend["faults"]["applied"], {"link-stall": 1})
        self.assertIn(f"link-stall ({plan}:1): for 100 us", backend["faults"]["log"][0])
        self.assertEqual(backend["faults"]["not_due"], [f"dropped-interrupt ({plan}:5): 0 of 1"])
        # One of the pages that go alone was on its way.
        self.assertGreater(backend["compress"]["idle_latency_ns"]["p99"], 100_000)

    def test_an_older_cost_table(self):
        self.compare("--backend", "cpu:lz4", "--json", "-")
        table = json.loads(self.costs.read_text())
        table["schema"] = "pagepress.costs/1"
        self.costs.write_text(json.dumps(table))
        self.fail_with(1, [self.costs, "without the costs of decompression", "measure anew"],
                       "compare", self.pages, "--backend", "cpu:lz4", "--costs", self.costs,
                       "-o", self.out / "new")

    def test_json_on_standard_output_alone(self):
        result = self.compare("--backend", "cpu:lz4", "--json", "-")
        self.assertEqual(json.loads(result.stdout)["backends"][0]["pages"], len(PAGES))
        self.assertNothingWritten()

    def test_json_in_both_places_is_the_same(self):
        result = self.compare("--backend", "cpu:lz4", "--json", "-", "-o", self.out, "--no-report")
        self.assertEqual((self.out / "results.json").read_text(), result.stdout)
        self.assertEqual(os.listdir(self.out), ["results.json"])

    def test_the_same_results_twice(self):
        def results():
            found = json.loads(self.compare("--json", "-").stdout)
            del found["created"]
            for backend in found["backends"]:
                del backend["host"]
            return found

        self.assertEqual(results(), results())

    def test_flags_override_the_configuration_file(self):
        config = self.folder / "c.toml"
        config.write_text(f'[compare]\nfiles = ["{self.pages}"]\nbackends = ["cpu:lz4"]\n'
                          "[queue]\nbatch = 16\nfifo_entries = 128\n")
        found = json.loads(self.succeed("compare", "--batch", 8, "-c", config,
                                        "--json", "-").stdout)["config"]
        self.assertEqual(found["queue"]["batch"]["value"], 8)
        self.assertEqual(found["queue"]["fifo_entries"]["value"], 128)
        self.assertEqual(found["compare"]["backends"], ["cpu:lz4"])

    def test_a_report_that_cannot_be_drawn(self):
        (self.out / "report.html").write_text("older")
        result = self.run_pagepress("compare", self.pages, "--backend", "cpu:lz4", "-o", self.out,
                                    env={**os.environ, "PAGEPRESS_PYTHON": "/bin/false"})
        self.assertEqual(result.returncode, 1)
        self.assertIn("the report could not be drawn (exit code 1)", result.stderr)
        self.assertEqual(os.listdir(self.out), ["results.json"])  # an old report would not fit

    def test_no_older_report_beside_newer_results(self):
        (self.out / "report.html").write_text("older")
        self.compare("--backend", "cpu:lz4", "-o", self.out, "--no-report")
        self.assertEqual(os.listdir(self.out), ["results.json"])

    def test_a_report_program_that_draws_nothing(self):
        (self.out / "report.html").write_text("older")
        result = self.run_pagepress("compare", self.pages, "--backend", "cpu:lz4", "-o", self.out,
                                    env={**os.environ, "PAGEPRESS_PYTHON": "/bin/true"})
        self.assertEqual(result.returncode, 1)
        self.assertIn("left no report", result.stderr)
        self.assertEqual(os.listdir(self.out), ["results.json"])

    def test_python_files_of_the_callers_folder_are_not_run(self):
        for name in ("argparse", "json", "pagepress_report", "runpy"):
            (self.folder / f"{name}.py").write_text("raise SystemExit(0)\n")
        self.compare("--backend", "cpu:lz4", "-o", "-new", cwd=self.folder,
                     env={**os.environ, "PYTHONPATH": str(self.folder)})
        self.assertEqual(sorted(os.listdir(self.folder / "-new")), ["report.html", "results.json"])

    def test_a_caller_that_ignores_its_children(self):
        def ignore():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)

        result = self.run_pagepress("compare", self.pages, "--backend", "cpu:lz4", "-o", self.out,
                                    preexec_fn=ignore,
                                    env={**os.environ, "PAGEPRESS_PYTHON": "/bin/false"})
        self.assertEqual(result.returncode, 1)
        self.assertIn("the report could not be drawn (exit code 1)", result.stderr)

    def test_interrupted(self):
        many = self.make_pages("many.pages", *(text(i) for i in range(200)), *PAGES * 100)
        run = self.start_pagepress("compare", many, "--backend", "engine:rtl", "-o",
                                   self.out / "new" / "folder")
        wait_until((self.out / "new" / "folder").exists, "the output folder")
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(harness.PATIENCE), -signal.SIGINT)
        self.assertNothingWritten()


class Errors(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.pages = self.make_pages("some.pages", *PAGES)

    def compare_fails(self, code, expected, *arguments, **options):
        self.fail_with(code, expected, "compare", *arguments, "-o", self.out / "new", **options)

    def test_bad_page_files(self):
        missing = self.folder / "none.pages"
        empty = self.make_pages("empty", b"")
        odd = self.make_pages("odd", ZERO, b"12345")
        self.compare_fails(1, [missing, "No such file"], missing)
        self.compare_fails(1, [empty, "is empty"], self.pages, empty)
        self.compare_fails(1, [odd, "not a multiple of 4096", "(5 left over)"], odd)
        self.compare_fails(1, [self.folder, "is a directory"], self.folder)

    def test_a_bad_fault_plan(self):
        plan = self.folder / "plan.toml"
        plan.write_text('[[fault]]\nkind = "dead-device"\nat_us = -1\n')
        self.fail_with(2, ["run.faults", f"{plan}:3: at_us: -1 is not from 0"], "compare",
                       self.pages, "--faults", plan, "-o", self.out)

    def test_no_page_file(self):
        self.compare_fails(2, "needs a page file")

    def test_no_place_for_the_results(self):
        self.fail_with(2, "needs -o DIR, --json FILE or both", "compare", self.pages)

    def test_an_unknown_back_end(self):
        self.compare_fails(2, ["cpu:snappy", "engine:rtl"], self.pages, "--backend", "cpu:snappy")

    def test_an_unknown_back_end_in_the_configuration(self):
        config = self.folder / "c.toml"
        config.write_text('[compare]\nbackends = ["engine:none"]\n')
        self.compare_fails(2, "engine:none", self.pages, "-c", config)

    def test_bad_configurations(self):
        config = self.folder / "c.toml"
        for text_of, expected in (("[queue]\nbatsch = 3\n", "batsch"),
                                  ("[queue]\nbatch = 'many'\n", "batch"),
                                  ("[queue\n", str(config)), ("[queue]\nbatch = 0\n", "batch")):
            with self.subTest(text_of):
                config.write_text(text_of)
                self.compare_fails(2, expected, self.pages, "-c", config)
        self.compare_fails(2, "none.toml", self.pages, "-c", self.folder / "none.toml")

    def test_settings_out_of_range(self):
        for arguments in (["--batch", "0"], ["--fifo", "1"], ["--clock-mhz", "-5"],
                          ["--limit", "5000"], ["--link", "isa"], ["--batch", "x"],
                          ["--policy", "hope"]):
            with self.subTest(arguments):
                self.compare_fails(2, arguments[0].strip("-").split("-")[0], self.pages, *arguments)

    def test_output_folders_that_cannot_be_written(self):
        for folder in (self.pages / "x", self.pages, "/proc/x", self.out / "new" / ("x" * 300)):
            with self.subTest(folder):
                self.fail_with(1, folder, "compare", self.pages, "-o", folder)

    def test_a_folder_in_the_place_of_the_report(self):
        report = self.folder / "results" / "report.html"
        report.mkdir(parents=True)
        self.fail_with(1, [report, "is a directory"], "compare", self.pages, "-o", report.parent)
        self.assertEqual(os.listdir(report.parent), ["report.html"])

    def test_a_full_disk(self):
        script = ('mount -t tmpfs -o size=4k tmpfs "$1" || exit 77\n'
                  '"$2" compare "$3" --backend cpu:lz4 -o "$1"; code=$?\n'
                  'ls -A "$1"; exit $code')
        result = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", self.out, PAGEPRESS,
                                 self.pages], capture_output=True, text=True, check=False)
        if result.returncode == 77 or result.stderr.startswith("unshare: "):
            self.skipTest("this user may not mount a tmpfs")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(f"pagepress: error: {self.out}/results.json: cannot write the file: "
                      "No space left on device\n", result.stderr)
        self.assertEqual(result.stdout, "")

    def test_a_limit_on_file_sizes(self):
        self.compare_fails(1, ["results.json", "File too large"], self.pages, "--backend",
                           "cpu:lz4", preexec_fn=lambda: resource.setrlimit(
                               resource.RLIMIT_FSIZE, (2048, 2048)))

    def test_no_report_package(self):
        # Where there is none, this is known before any work: with --no-report it is no matter.
        self.succeed("compare", self.pages, "--backend", "cpu:lz4", "--no-report", "-o", self.out,
                     env={**os.environ, "PAGEPRESS_REPORT_DIR": "/none"})
        for name in os.listdir(self.out):
            os.unlink(self.out / name)
        self.compare_fails(1, ["pagepress_report", "/none", "--no-report"], self.pages,
                           env={**os.environ, "PAGEPRESS_REPORT_DIR": "/none"})


if __name__ == "__main__":
    unittest.main()
