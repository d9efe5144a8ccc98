#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress: help, errors, terminals, completion; and what `pages` counts."""

import json
import os
import pty
import random
import signal
import subprocess
import unittest

import harness
from harness import PAGE, PAGEPRESS

ZERO = bytes(PAGE)
SAME = bytes(range(8)) * (PAGE // 8)
TEXT = (b"the quick brown fox jumps over the lazy dog; " * 100)[:PAGE]


def noise(seed):
    return random.Random(seed).randbytes(PAGE)


class Frame(harness.SystemTest):
    def test_help(self):
        for arguments in ([], ["capture"], ["pages"], ["compare"], ["sweep"], ["emulate"],
                          ["completion"]):
            with self.subTest(arguments):
                text = self.succeed(*arguments, "--help").stdout
                self.assertIn("Usage: pagepress", text)
                self.assertIn("Examples:\n  $ ", text)
        self.assertIn("Exit codes: 0 ", self.succeed("--help").stdout)

    def test_help_has_what_policies_take(self):
        text = self.succeed("reclaim", "--help").stdout
        for words in ("kcompressd  keys: shape", "drain-oldest", "engine:fast", "-20 to 19"):
            self.assertIn(words, text)

    def test_version(self):
        self.assertRegex(self.succeed("--version").stdout, r"^pagepress \d+\.\d+\.\d+\n$")

    def test_no_command(self):
        self.fail_with(2, "subcommand is required")

    def test_an_unknown_command(self):
        result = self.fail_with(2, "there is no command 'compres'", "compres", "x.pages")
        self.assertIn("See 'pagepress --help'.", result.stderr)

    def test_an_unknown_option(self):
        result = self.fail_with(2, "--frob", "pages", "--frob", "x.pages")
        self.assertIn("See 'pagepress pages --help'.", result.stderr)

    def test_standard_output_that_is_full(self):
        for arguments in (["--version"], ["--help"], ["completion", "bash"],
                          ["pages", self.make_pages("p", TEXT)]):
            with self.subTest(arguments[0]), open("/dev/full", "w") as full:
                result = subprocess.run([PAGEPRESS, *arguments], stdout=full,
                                        stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(result.returncode, 1)
                self.assertEqual(result.stderr, "pagepress: error: standard output: "
                                                "cannot write to it: No space left on device\n")

    def test_standard_output_that_nobody_reads(self):
        reader, writer = os.pipe()
        os.close(reader)
        result = subprocess.run([PAGEPRESS, "--help"], stdout=writer, stderr=subprocess.PIPE,
                                check=False)
        os.close(writer)
        self.assertEqual(result.returncode, -signal.SIGPIPE)
        self.assertEqual(result.stderr, b"")

    def complete(self, *words, line=""):
        script = 'source <("$1" completion bash); shift; COMP_WORDS=("$@"); ' \
                 'COMP_CWORD=$(($# - 1)); _pagepress; printf "%s\\n" "${COMPREPLY[@]}"'
        result = subprocess.run(["bash", "-c", script, "bash", PAGEPRESS, "pagepress", *words],
                                capture_output=True, text=True, check=True, cwd=self.folder,
                                env={**os.environ, "COMP_LINE": line,
                                     "COMP_POINT": str(len(line))})
        return result.stdout.split()

    def test_completion(self):
        self.make_pages("some.pages", TEXT)
        self.assertEqual(self.complete("ca"), ["capture"])
        self.assertEqual(sorted(self.complete("")), sorted(
            "capture pages compare sweep reclaim record emulate completion --version -h --help".split()))
        self.assertEqual(self.complete("capture", "--no"), ["--no-stop"])
        self.assertIn("--fifo-entries", self.complete("compare", "--fifo"))
        self.assertEqual(self.complete("pages", "so"), ["some.pages"])
        self.assertEqual(self.complete("compare", "x", "-o", "o"), ["out"])  # folders only
        self.assertEqual(self.complete("compare", "-c", "so"), ["some.pages"])
        self.assertEqual(self.complete("sweep", "-c", "so"), ["some.pages"])
        self.assertEqual(self.complete("emulate", "--vfio"), ["--vfio-user"])

    def test_completion_of_back_ends(self):
        # Readline takes words apart at the colon: only what stands behind it is put in.
        self.assertEqual(self.complete("compare", "--backend", "cpu:l"), ["lz4", "lz4hc", "lzo"])
        self.assertEqual(self.complete("compare", "--backend", "eng"),
                         ["engine:fast", "engine:rtl", "engine:vfio", "engine:vfio-user"])
        typed = self.complete("compare", "--backend", "cpu", ":", "z",
                              line="pagepress compare --backend  cpu:z")
        self.assertEqual(typed, ["zstd"])

    def test_an_unknown_shell(self):
        self.fail_with(2, "fish", "completion", "fish")


class Pages(harness.SystemTest):
    def examine(self, *files):
        return json.loads(self.succeed("pages", *files, "--json", "-").stdout)

    def test_counts(self):
        path = self.make_pages("p", ZERO, SAME, noise(1), TEXT, ZERO, TEXT, noise(2), ZERO)
        results = self.examine(path)
        self.assertEqual(results["schema"], "pagepress.pages/1")
        total = results["total"]
        self.assertEqual((total["pages"], total["bytes_in"]), (8, 8 * PAGE))
        self.assertEqual((total["zero_pages"], total["same_filled_pages"]), (3, 4))
        self.assertEqual([codec["name"] for codec in total["codecs"]], ["lz4 fast 1", "lz4 HC 12"])
        for codec in total["codecs"]:
            self.assertEqual(codec["incompressible_pages"], 2)
            text = codec["bytes_out"] - 2 * PAGE  # nothing for same-filled ones, whole for noise
            self.assertEqual(codec["size_bytes"], {"p10": text // 2, "p50": text // 2, "p90": PAGE})
            self.assertTrue(2 * 45 < text < 2 * 120)  # the sentence once, the rest as a match
            self.assertAlmostEqual(codec["ratio"], 8 * PAGE / codec["bytes_out"])
            counts = codec["size_histogram"]["counts"]
            self.assertEqual((len(counts), sum(counts), counts[64]), (65, 4, 2))
            self.assertEqual(counts[text // 2 // codec["size_histogram"]["bin_bytes"]], 2)

    def test_the_limit_of_an_incompressible_page(self):
        """Literals are stored as they are, so that the size of a page can be chosen."""
        def with_noise(n):
            return noise(3)[:n] + bytes(PAGE - n)

        sizes = {}
        for n in range(3560, 3640):
            out = self.examine(self.make_pages("p", with_noise(n)))["total"]["codecs"][0]["bytes_out"]
            sizes[n] = out
        stored = sorted(set(sizes.values()))
        self.assertEqual(stored[-1], PAGE)
        self.assertEqual(stored[-2], 3625)  # the last one that is worth it

    def test_only_same_filled_pages(self):
        codec = self.examine(self.make_pages("p", ZERO, SAME))["total"]["codecs"][0]
        self.assertEqual((codec["bytes_out"], codec["ratio"]), (0, None))
        self.assertIn("ratio", self.succeed("pages", self.folder / "p").stdout)

    def test_several_files(self):
        one = self.make_pages("one", ZERO, TEXT)
        two = self.make_pages("two", noise(1))
        results = self.examine(one, two)
        self.assertEqual([entry["path"] for entry in results["files"]], [str(one), str(two)])
        self.assertEqual([entry["pages"] for entry in results["files"]], [2, 1])
        self.assertEqual(results["total"]["pages"], 3)
        text = self.succeed("pages", one, two).stdout
        self.assertIn(f"{one}: 2 pages", text)
        self.assertIn("all 2 files: 3 pages", text)

    def test_many_pages_on_all_cpus(self):
        path = self.make_pages("p", *([ZERO, SAME, TEXT] * 1000), noise(1))
        results = self.examine(path)
        self.assertEqual(results["total"]["pages"], 3001)
        self.assertEqual(results["total"]["same_filled_pages"], 2000)
        self.assertEqual(results, self.examine(path))

    def test_json_into_a_file_beside_the_table(self):
        path = self.make_pages("p", TEXT)
        result = self.succeed("pages", path, "--json", self.out / "p.json")
        self.assertIn("1 pages", result.stdout)
        self.assertEqual(json.loads((self.out / "p.json").read_text()), self.examine(path))

    def test_a_missing_file(self):
        self.fail_with(1, [self.folder / "none", "No such file or directory"],
                       "pages", self.folder / "none")

    def test_a_directory(self):
        self.fail_with(1, [self.folder, "is a directory"], "pages", self.folder)

    def test_an_empty_file(self):
        path = self.make_pages("empty", b"")
        self.fail_with(1, [path, "is empty"], "pages", path)

    def test_a_file_that_is_not_a_multiple_of_a_page(self):
        path = self.make_pages("odd", TEXT, b"123")
        self.fail_with(1, [path, "4099 bytes", "not a multiple of 4096", "(3 left over)"],
                       "pages", path)

    def test_a_bad_file_after_a_good_one(self):
        good, bad = self.make_pages("good", TEXT), self.make_pages("bad", b"1")
        self.fail_with(1, bad, "pages", good, bad, "--json", self.out / "p.json")

    def test_a_json_file_that_cannot_be_written(self):
        path = self.make_pages("p", TEXT)
        self.fail_with(1, path / "p.json", "pages", path, "--json", path / "p.json")


class Terminal(harness.SystemTest):
    def errors_on_terminal(self, **environment):
        """What `pages` shows on a terminal at standard error."""
        path = self.make_pages("p", *(noise(i) for i in range(100)))
        terminal, end = pty.openpty()
        subprocess.run([PAGEPRESS, "pages", path], stderr=end, stdout=subprocess.DEVNULL,
                       check=True, env={**os.environ, **environment})
        os.close(end)
        shown = b""
        try:
            while data := os.read(terminal, 4096):
                shown += data
        except OSError:  # nobody has the other end any more
            pass
        os.close(terminal)
        return shown

    def test_progress_on_a_terminal(self):
        shown = self.errors_on_terminal(TERM="xterm")
        self.assertIn(b" of 100 pages", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)  # and the line is gone afterwards

    def test_no_progress_on_a_dumb_terminal(self):
        self.assertEqual(self.errors_on_terminal(TERM="dumb"), b"")

    def test_no_progress_into_a_pipe(self):
        path = self.make_pages("p", *(noise(i) for i in range(100)))
        self.assertEqual(self.succeed("pages", path).stderr, "")


if __name__ == "__main__":
    unittest.main()
