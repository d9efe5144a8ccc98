#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/make_corpus.sh: what it makes, and that it makes nothing half."""

import os
import pathlib
import subprocess
import unittest

import harness
from harness import PAGE, PAGEPRESS

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/make_corpus.sh"


class Corpus(harness.SystemTest):
    def run_script(self, *arguments, **environment):
        return subprocess.run([SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                              check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, "PAGEPRESS": PAGEPRESS, **environment})

    def test_pages_of_a_program_and_of_files(self):
        result = self.run_script(self.out / "corpus", "perl", PP_CORPUS_PAGES="300")
        self.assertEqual(result.returncode, 0, result.stderr)
        pages = (self.out / "corpus/process/perl.pages").read_bytes()
        self.assertEqual(len(pages), 300 * PAGE)
        self.assertIn(b"Firefox/115.0", pages)  # the workload's data
        files = sorted((self.out / "corpus/file").glob("*.pages"))
        self.assertGreaterEqual(len(files), 5)
        for path in files:
            self.assertGreater(path.stat().st_size, 0)
            self.assertEqual(path.stat().st_size % PAGE, 0)
        self.assertEqual(os.listdir(self.out), ["corpus"])

    def test_what_is_there_is_not_touched(self):
        kept = self.out / "corpus/kept"
        kept.parent.mkdir()
        kept.touch()
        result = self.run_script(self.out / "corpus", "perl")
        self.assertEqual(result.returncode, 1)
        self.assertIn("is there already", result.stderr)
        self.assertEqual(os.listdir(self.out / "corpus"), ["kept"])

    def test_unknown_program(self):
        result = self.run_script(self.out / "corpus", "emacs")
        self.assertEqual(result.returncode, 2)
        self.assertIn("unknown program 'emacs'; there are: redis", result.stderr)
        self.assertNothingWritten()

    def test_a_capture_that_fails_leaves_nothing(self):
        result = self.run_script(self.out / "corpus", "perl", PAGEPRESS="/bin/false")
        self.assertNotEqual(result.returncode, 0)
        self.assertNothingWritten()

    def test_no_folder_given(self):
        result = self.run_script()
        self.assertEqual(result.returncode, 2)
        self.assertIn("make_corpus.sh DIR", result.stderr)


if __name__ == "__main__":
    unittest.main()
