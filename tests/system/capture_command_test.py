#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress capture -- COMMAND: starting, waiting, ending."""

import json
import os
import pathlib
import signal
import time
import unittest

import harness
from harness import CAPTURE_TARGET, is_dead, wait_until


class CaptureCommand(harness.SystemTest):
    def setUp(self):
        super().setUp()
        self.pages = self.out / "pages"

    def capture(self, *arguments):
        result = self.succeed("capture", "-o", self.pages, "--json", "-", *arguments)
        return json.loads(result.stdout), result.stderr

    def sleeper(self, script=""):
        """A shell command that notes its PID and sleeps."""
        return ["sh", "-c", f"echo $$ > {self.folder}/pid; {script} exec sleep 600"]

    def noted_pid(self, name="pid"):
        path = self.folder / name
        return int(wait_until(lambda: path.exists() and path.read_text().strip(), "the PID"))

    def test_captures_when_the_text_is_printed_and_ends_the_command(self):
        summary, errors = self.capture("--when", "ready", "--", CAPTURE_TARGET, self.folder)
        self.assertGreater(summary["pages"], 900)  # all of capture_target's regions are there
        self.assertEqual(errors, "ready\n")        # its output is passed on
        self.assertTrue(is_dead(summary["processes"][0]["pid"]))

    def test_text_on_standard_error_without_a_newline(self):
        started = time.monotonic()
        self.capture("--when", "go", "--", *self.sleeper("printf 'let us go' >&2;"))
        self.assertLess(time.monotonic() - started, 60)

    def test_text_that_never_comes(self):
        self.fail_with(1, ["'sh' has not printed 'never' within 0.5 s"], "capture", "-o", self.pages,
                       "--when", "never", "--timeout", "0.5", "--", *self.sleeper())
        self.assertTrue(is_dead(self.noted_pid()))

    def test_captures_after_a_time(self):
        started = time.monotonic()
        self.capture("--after", "0.7", "--", *self.sleeper())
        self.assertGreater(time.monotonic() - started, 0.7)
        self.assertTrue(is_dead(self.noted_pid()))

    def test_text_and_then_a_time(self):
        self.capture("--when", "on", "--after", "0.7", "--", "sh", "-c",
                     f"sleep 0.5; echo on; sleep 0.3; echo late > {self.folder}/late; exec sleep 600")
        self.assertTrue((self.folder / "late").exists())

    def test_by_default_when_the_resident_set_has_settled(self):
        grow = "x = []\nimport time\nfor i in range(12):\n x.append(bytes([i]) * (4 << 20))\n" \
               " time.sleep(.1)\ntime.sleep(600)"
        summary, _ = self.capture("--settle", "0.8", "--", "/usr/bin/python3", "-c", grow)
        self.assertGreater(summary["pages"], 12 << 10)  # all 12 blocks of 4 MiB

    def test_a_resident_set_that_never_settles(self):
        grow = "x = []\nimport time\nwhile 1:\n x.append(bytes([len(x)]) * (1 << 20))\n" \
               " time.sleep(.02)"
        self.fail_with(1, ["still grows after 1.5 s", "--timeout"], "capture", "-o", self.pages,
                       "--settle", "1", "--timeout", "1.5", "--", "/usr/bin/python3", "-c", grow)

    def test_a_command_that_exits_before(self):
        self.fail_with(1, "the command 'sh' exited with status 7 before its memory was captured",
                       "capture", "-o", self.pages, "--", "sh", "-c", "exit 7")

    def test_a_caller_that_ignores_its_children(self):
        self.fail_with(1, "the command 'sh' exited with status 7 before its memory was captured",
                       "capture", "-o", self.pages, "--", "sh", "-c", "exit 7",
                       preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))

    def test_a_command_that_is_killed_before(self):
        self.fail_with(1, "the command 'sh' was ended by signal 9 (Killed)",
                       "capture", "-o", self.pages, "--", "sh", "-c", "kill -9 $$")

    def test_a_command_that_does_not_exist(self):
        self.fail_with(1, "cannot start '/none/such': No such file or directory",
                       "capture", "-o", self.pages, "--", "/none/such")

    def test_a_command_that_is_no_program(self):
        plain = self.folder / "plain"
        plain.write_text("x")
        self.fail_with(1, [f"cannot start '{plain}': Permission denied"],
                       "capture", "-o", self.pages, "--", plain)

    def test_the_output_is_opened_before_the_command_starts(self):
        self.fail_with(1, "cannot create the file", "capture", "-o", self.folder / "none" / "pages",
                       "--", *self.sleeper())
        self.assertFalse((self.folder / "pid").exists())

    def test_a_clean_environment(self):
        result = self.run_pagepress("capture", "-o", self.pages, "--env-clear", "--", "env",
                                    env={**os.environ, "SECRET": "s3cret"})
        variables = [line for line in result.stderr.splitlines() if "=" in line]
        self.assertEqual([line for line in variables if not line.startswith("PATH=")],
                         ["HOME=/", "LANG=C"])
        self.assertNotIn("s3cret", result.stderr)

    def test_our_environment_otherwise(self):
        result = self.run_pagepress("capture", "-o", self.pages, "--", "env",
                                    env={**os.environ, "OPEN": "as day"})
        self.assertIn("OPEN=as day\n", result.stderr)

    def test_signals_are_not_ignored_in_the_command(self):
        result = self.run_pagepress("capture", "-o", self.pages, "--", "grep", "-E", "Sig(Ign|Blk)",
                                    "/proc/self/status")
        self.assertRegex(result.stderr, r"SigBlk:\s0+\nSigIgn:\s0+\n")

    def test_ends_whatever_the_command_has_started(self):
        script = (f"setsid sh -c 'echo $$ > {self.folder}/other; trap \"\" TERM; sleep 600; :' & "
                  f"sleep 0.1; ")
        self.capture("--after", "0.5", "--", *self.sleeper(script))
        self.assertTrue(is_dead(self.noted_pid()))
        self.assertTrue(is_dead(self.noted_pid("other")))

    def test_children(self):
        script = f"{CAPTURE_TARGET} {self.folder} & wait"
        alone, _ = self.capture("--when", "ready", "--", "sh", "-c", script)
        self.assertEqual([p["name"] for p in alone["processes"]], ["sh"])
        both, _ = self.capture("--children", "--when", "ready", "--", "sh", "-c", script)
        self.assertEqual([p["name"] for p in both["processes"]], ["sh", "pp_capture_targ"])
        self.assertGreater(both["pages"], alone["pages"] + 900)

    def test_interrupted_while_it_waits(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                capture = self.start_pagepress("capture", "-o", self.pages, "--when", "never", "--",
                                               *self.sleeper())
                pid = self.noted_pid()
                capture.send_signal(number)
                self.assertEqual(capture.wait(harness.PATIENCE), -number)
                self.assertTrue(is_dead(pid))
                self.assertNothingWritten()
                (self.folder / "pid").unlink()

    def test_killed_while_it_waits(self):
        capture = self.start_pagepress("capture", "-o", self.pages, "--when", "never", "--",
                                       *self.sleeper())
        pid = self.noted_pid()
        capture.kill()
        wait_until(lambda: is_dead(pid), "the command ends with pagepress")

    def test_usage(self):
        for arguments in ([], ["--pid", "1", "--", "true"], ["--after", "1", "--pid", "1"],
                          ["--env-clear", "--pid", "1"], ["--after", "-1", "--", "true"],
                          ["--max-pages", "0", "--", "true"]):
            with self.subTest(arguments):
                self.fail_with(2, "", "capture", "-o", self.pages, *arguments)
        self.fail_with(2, "--output is required", "capture", "--", "true")


if __name__ == "__main__":
    unittest.main()
