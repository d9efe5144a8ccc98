# SPDX-License-Identifier: Apache-2.0
"""What the tests of the benches' commands have in common: page files, runs and their ends.

Limitation: the command is in the environment, by the name that BenchCommand.variable says.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "report"))
from pagepress_report import jsonschema_subset  # noqa: E402  pylint: disable=wrong-import-position

PAGE = 4096


def text_page(seed):
    rng = random.Random(seed)
    words = "page swap memory kswapd compress queue engine the of and 0x7ffd true null".split()
    return " ".join(rng.choice(words) for _ in range(PAGE)).encode()[:PAGE]


class BenchCommand(unittest.TestCase):
    variable = None  # of the environment: the command
    schema = None  # of report/pagepress_report: what its figures are
    seconds = 120

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pagepress-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def make(self, name, pages):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"".join(pages))
        return path

    def run_bench(self, *arguments):
        return subprocess.run([os.environ[self.variable], *map(str, arguments)], capture_output=True,
                              text=True, check=False, timeout=self.seconds, stdin=subprocess.DEVNULL)

    def fail_with(self, code, text, *arguments):
        result = self.run_bench(*arguments)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertIn(text, result.stderr)
        self.assertEqual(result.stdout, "")

    def figures(self, *arguments):
        result = self.run_bench(*arguments, "--json", "-")
        self.assertEqual(result.returncode, 0, result.stderr)
        data = json.loads(result.stdout)
        if self.schema:
            schema = json.loads((ROOT / "report/pagepress_report" / self.schema).read_text())
            jsonschema_subset.validate(data, schema)
        return data
