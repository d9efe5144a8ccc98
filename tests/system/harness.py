# SPDX-License-Identifier: Apache-2.0
"""What the system tests share: running pagepress and its capture target.

CTest sets PAGEPRESS and CAPTURE_TARGET to the programs under test.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PAGE = 4096
PAGEPRESS = os.environ["PAGEPRESS"]
CAPTURE_TARGET = os.environ["CAPTURE_TARGET"]
PATIENCE = 30  # seconds for what takes well under one, on a loaded machine


def wait_until(condition, what):
    """Polls until condition() is true; its value."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.002)


def state_of(pid):
    """The letter of proc(5) for a process, or None if there is none."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return stat.rpartition(")")[2].split()[0]


def is_dead(pid):
    return state_of(pid) in (None, "Z", "X")


class SystemTest(unittest.TestCase):
    """Has a folder of its own, and leaves no process behind."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pagepress-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.out = self.folder / "out"  # what a failing command must leave empty
        self.out.mkdir()

    def run_pagepress(self, *arguments, **options):
        options.setdefault("timeout", 120)
        return subprocess.run([PAGEPRESS, *map(str, arguments)], capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL, **options)

    def succeed(self, *arguments, **options):
        result = self.run_pagepress(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def fail_with(self, code, expected, *arguments, **options):
        """Runs a command that must fail with one clear line, and leave nothing behind."""
        result = self.run_pagepress(*arguments, **options)
        self.assertEqual(result.returncode, code, result.stderr)
        errors = [line for line in result.stderr.splitlines()
                  if line.startswith("pagepress: error: ")]
        self.assertEqual(len(errors), 1, result.stderr)
        for text in expected if isinstance(expected, list) else [expected]:
            self.assertIn(str(text), errors[0])
        self.assertEqual(result.stdout, "")
        self.assertNothingWritten()
        return result

    def assertNothingWritten(self):
        self.assertEqual(os.listdir(self.out), [])

    def start(self, command, **options):
        """Starts a process that is ended with the test at the latest."""
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, **options)

        def end():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()

        self.addCleanup(end)
        return process

    def start_pagepress(self, *arguments, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return self.start([PAGEPRESS, *arguments], text=True, **options)

    def start_target(self, *options):
        """A capture_target that is ready."""
        target = self.start([CAPTURE_TARGET, self.folder, *options], stdout=subprocess.PIPE,
                            text=True)
        for line in target.stdout:
            if line == "ready\n":
                return target
        raise AssertionError("capture_target did not start")

    def make_pages(self, name, *pages):
        """A page file of bytes objects."""
        path = self.folder / name
        path.write_bytes(b"".join(pages))
        return path


def main():
    unittest.main()
