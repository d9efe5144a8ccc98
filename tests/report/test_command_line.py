# SPDX-License-Identifier: Apache-2.0
"""The program from outside: exit codes, messages, and what is left on disk."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import support
from support import fixtures


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.results = self.folder / "results.json"
        self.results.write_text(json.dumps(fixtures.two([("a.pages", 60)])), encoding="utf-8")

    def run_report(self, *arguments, environment=None, stdin=None, limit=None):
        variables = {**os.environ, "PYTHONPATH": str(support.REPORT), **(environment or {})}
        command = [sys.executable, "-B", "-m", "pagepress_report", *map(str, arguments)]
        if limit is not None:
            command = ["/bin/sh", "-c", f'ulimit -f {limit}; exec "$@"', "sh", *command]
        return subprocess.run(command, env=variables, input=stdin, capture_output=True, text=True,
                              cwd=self.folder, timeout=120, check=False)

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*")
                      if p.is_file())

    def fails(self, done, *parts):
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for part in ("pagepress_report: error: ", *parts):
            self.assertIn(part, done.stderr)

    def test_writes_the_report_and_nothing_else(self):
        done = self.run_report("results.json", "-o", "page.html")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(self.files(), ["page.html", "results.json"])
        self.assertIn("</html>", (self.folder / "page.html").read_text(encoding="utf-8"))

    def test_default_output_stands_beside_the_results(self):
        (self.folder / "out").mkdir()
        self.results.rename(self.folder / "out" / "results.json")
        self.assertEqual(self.run_report("out/results.json").returncode, 0)
        self.assertEqual(self.files(), ["out/report.html", "out/results.json"])

    def test_two_processes_write_the_same_bytes(self):
        for name, seed in (("a.html", "1"), ("b.html", "2")):
            self.run_report("results.json", "-o", name, environment={"PYTHONHASHSEED": seed})
        self.assertEqual((self.folder / "a.html").read_bytes(),
                         (self.folder / "b.html").read_bytes())

    def test_results_from_standard_input(self):
        text = self.results.read_text(encoding="utf-8")
        self.assertEqual(self.run_report("-", "-o", "p.html", stdin=text).returncode, 0)
        self.assertIn("p.html", self.files())
        self.fails(self.run_report("-", stdin=text), "standard input need -o")

    def test_figures_as_files(self):
        done = self.run_report("results.json", "-o", "p.html", "--figures", "deep/figures")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([f for f in self.files() if f.endswith(".svg")], [
            f"deep/figures/{name}.svg" for name in (
                "cpu-time", "decompress-cpu-time", "decompress-latency", "decompress-throughput",
                "latency", "sizes", "throughput")])

    def test_check_writes_nothing(self):
        self.assertEqual(self.run_report("results.json", "--check").returncode, 0)
        self.assertEqual(self.files(), ["results.json"])
        self.results.write_text('{"schema": "pagepress.results/1"}', encoding="utf-8")
        self.fails(self.run_report("results.json", "--check"), "missing key: kind")

    def test_contradictions_warn_but_do_not_fail(self):
        self.results.write_text(json.dumps(fixtures.contradicting()), encoding="utf-8")
        done = self.run_report("results.json", "--check")
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning: cpu:lz4: ratio is not bytes_in / bytes_out", done.stderr)

    def test_bad_input_is_named_and_nothing_is_written(self):
        cases = [("missing", None, "No such file"), ("empty", b"", "the file is empty"),
                 ("text", b"hello", "not JSON"), ("binary", b"\xff\xfe\x00", "not UTF-8"),
                 ("cut", self.results.read_bytes()[:-40], "not JSON"),
                 ("other", b'{"schema": "pagepress.results/9"}', "pagepress.results/9")]
        for name, content, message in cases:
            with self.subTest(name):
                if content is not None:
                    (self.folder / name).write_bytes(content)
                self.fails(self.run_report(name, "-o", "page.html"), f"{name}: ", message)
                self.assertNotIn("page.html", self.files())
        self.fails(self.run_report(".", "-o", "page.html"), "Is a directory")

    def test_bad_input_leaves_an_old_report_alone(self):
        (self.folder / "page.html").write_text("old", encoding="utf-8")
        self.results.write_text("{}", encoding="utf-8")
        self.fails(self.run_report("results.json", "-o", "page.html"), "missing key: schema")
        self.assertEqual((self.folder / "page.html").read_text(encoding="utf-8"), "old")

    def test_output_that_cannot_be_written(self):
        self.fails(self.run_report("results.json", "-o", "none/page.html"), "none/page.html",
                   "No such file")
        (self.folder / "page.html").mkdir()
        self.fails(self.run_report("results.json", "-o", "page.html"), "page.html")
        self.assertEqual(self.files(), ["results.json"])

    def test_a_full_disk_leaves_nothing_half_written(self):
        # A limit on the file's size stands in for a full disk; Python ignores SIGXFSZ.
        done = self.run_report("results.json", "-o", "page.html", limit=16)
        self.fails(done, "page.html", "cannot be written")
        self.assertEqual(self.files(), ["results.json"])

    def test_an_interruption_leaves_nothing_half_written(self):
        from pagepress_report import cli
        for error in (KeyboardInterrupt, MemoryError):
            with mock.patch("os.fsync", side_effect=error), self.assertRaises(error):
                cli.write_whole(self.folder / "page.html", "text")
            self.assertEqual(self.files(), ["results.json"])

    def test_a_home_that_cannot_be_written_is_no_nuisance(self):
        done = self.run_report("results.json", "-o", "page.html", environment={
            "HOME": "/proc/none", "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": ""})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_wrong_usage(self):
        done = self.run_report()
        self.assertEqual(done.returncode, 2)
        self.assertIn("RESULTS.json", done.stderr)
        self.assertEqual(self.run_report("--help").returncode, 0)


if __name__ == "__main__":
    unittest.main()
