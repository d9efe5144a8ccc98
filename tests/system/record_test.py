#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress record: a small program's page accesses, what is refused, and what is left behind."""

import json
import struct
import unittest

import harness
from harness import PAGE

PAGES = 600
PROGRAM = f"""
import mmap, time
memory = mmap.mmap(-1, {PAGES} * {PAGE}, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for page in range({PAGES}):
    memory[page * {PAGE}:page * {PAGE} + 8] = b'recorded'
count = 0
while True:
    count += 1
    for page in range(0, {PAGES}, 2):
        memory[page * {PAGE} + 100] = count % 251
    time.sleep(0.02)
"""


def header_of(path):
    data = path.read_bytes()
    size = struct.unpack_from("<I", data, 8)[0]
    return json.loads(data[12:12 + size])


class Record(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.file = self.out / "x.record"
        self.pages = self.out / "x.record.pages"

    def test_records_pages_and_their_contents(self):
        result = self.succeed("record", "-o", self.file, "--interval-ms", 100, "--seconds", 1.5,
                              "--", "/usr/bin/python3", "-c", PROGRAM)
        header = header_of(self.file)
        self.assertGreaterEqual(header["intervals"], 3)
        self.assertGreaterEqual(header["pages"], PAGES)
        self.assertIn(header["writes"], ("soft-dirty", "contents"))
        self.assertIn(header["reads"], ("idle-page", "none"))
        self.assertEqual(header["interval_ms"], 100)
        self.assertEqual(header["command"][0], "/usr/bin/python3")
        # Half of the program's pages were written in nearly every interval.
        self.assertGreater(header["touched"], PAGES // 2)
        contents = self.pages.read_bytes()
        self.assertEqual(len(contents), header["pages"] * PAGE)
        self.assertIn(header["writes"], result.stdout)
        self.succeed("pages", self.pages)

    def test_replays_what_it_recorded(self):
        self.succeed("record", "-o", self.file, "--interval-ms", 50, "--seconds", 0.2,
                     "--", "/usr/bin/python3", "-c", PROGRAM)
        replay = ["reclaim", self.pages, "-c", "tiny", "--policy", "kswapd", "--no-grid", "--json",
                  "-", "--recording", self.file]
        run = json.loads(self.succeed(*replay).stdout)["runs"][0]
        played = run["workload"]["recording"]
        self.assertEqual(played["pages"], header_of(self.file)["pages"])
        self.assertGreaterEqual(played["touches"], played["pages"])
        self.assertEqual(played["oom_kills"], 0)
        whole = self.file.read_bytes()
        self.file.write_bytes(whole[:-20])
        result = self.run_pagepress(*replay)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("x.record: a torn or damaged recording", result.stderr)
        self.assertEqual(result.stdout, "")

    def test_command_that_exits_ends_the_recording(self):
        self.succeed("record", "-o", self.file, "--interval-ms", 20, "--seconds", 60,
                     "--", "/usr/bin/python3", "-c", "import time; time.sleep(0.5)")
        self.assertLess(header_of(self.file)["intervals"], 100)

    def test_wrong_command_lines(self):
        self.fail_with(2, ["needs either --pid PID or -- COMMAND"], "record", "-o", self.file)
        self.fail_with(2, ["--interval-ms"], "record", "-o", self.file, "--interval-ms", 0,
                       "--", "true")
        self.fail_with(1, ["there is no process"], "record", "-o", self.file, "--pid", 4194300)
        self.fail_with(1, ["no-such-program"], "record", "-o", self.file, "--", "no-such-program")


if __name__ == "__main__":
    unittest.main()
