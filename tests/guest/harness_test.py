#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/guest.sh: guests in which something goes wrong (scenarios/ of this folder) are reported as
failed, with the reason; a wrong command line boots nothing. What needs no real guest is in
judge_test.py and launcher_test.py."""

import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from processes import FOLDER, PAGEPRESS, ROOT, alive, child, wait_for

SCENARIOS = pathlib.Path(__file__).resolve().parent / "scenarios"
COMMAND = [ROOT / "scripts/guest.sh", "--folder", FOLDER, "--pagepress", PAGEPRESS]


def guest(*words, scenarios=SCENARIOS):
    return subprocess.run([*COMMAND, "--scenarios", scenarios, *words], text=True, timeout=300,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)


class GuestTest(unittest.TestCase):
    def test_guests_that_fail(self):
        """One command: it goes on after a failure, and says of each what it was."""
        done = guest("mismatches", "hangs", "oopses")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        titles = [line.split(",")[0] for line in done.stdout.splitlines() if line[0] != " "]
        self.assertEqual(titles, ["FAIL mismatches", "FAIL hangs", "FAIL oopses"])
        mismatches, hangs, oopses = done.stdout.split("FAIL ")[1:]
        self.assertIn("the guest's verdict: FAIL", mismatches)
        self.assertIn("the guest has not ended in 3.0 s", hangs)
        self.assertIn("Kernel panic", oopses)
        log = (FOLDER / "results/mismatches.log").read_text()
        self.assertRegex(log, r"pageout: .* [1-9]\d* mismatches")

    def test_emulator_dies_though_the_scenario_passes(self):
        run = subprocess.Popen(
            [*COMMAND, "--scenarios", SCENARIOS, "--verbose", "--set", "given=abc", "emulator_dies"],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            lines = iter(run.stdout.readline, "")
            self.assertTrue(any(line == "=== waiting, abc\n" for line in lines))
            os.kill(child(run.pid, "pagepress"), signal.SIGKILL)
            rest = run.communicate(timeout=120)[0]
        finally:
            run.kill()
            run.wait()
        self.assertEqual(run.returncode, 1, rest)
        self.assertIn("=== verdict PASS", rest)
        self.assertIn("the emulator has ended with signal 9 (SIGKILL)", rest)

    def test_interrupted(self):
        """Nothing is left, neither of a guest nor of its lock."""
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)):
            with self.subTest(number):
                run = subprocess.Popen([*COMMAND, "--scenarios", SCENARIOS, "emulator_dies"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
                children = child(run.pid, "qemu-system"), child(run.pid, "pagepress")
                run.send_signal(number)
                self.assertEqual(run.wait(30), code)
                for pid in children:
                    wait_for(lambda pid=pid: not alive(pid), f"process {pid} still runs")


class CommandLineTest(unittest.TestCase):
    def refuse(self, *words, says, **how):
        done = guest(*words, **how)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn(says, done.stderr)

    def test_refused(self):
        self.refuse(says="which scenario? --list names them")
        self.refuse("no_such", says="no_such: there is no such scenario; there are: emulator_dies")
        self.refuse("oopses", "--kernel", "5.4", says="--kernel: invalid choice: '5.4'")
        self.refuse("oopses", "--set", "given", says="--set given: not NAME=VALUE")
        self.refuse("oopses", "--set", "a=$(reboot)", says="--set a=$(reboot): not NAME=VALUE")
        self.refuse("oopses", "--set", "rounds=2", says="none of these scenarios has such a variable")
        for program in ("/no/such", "/no", "/usr/bin"):
            self.refuse("oopses", "--pagepress", program, says=f"{program}: there is no such program")
        self.refuse("oopses", "--folder", "", says="--folder: which folder?")
        self.refuse("oopses", scenarios="/no/such", says="/no/such: there is no scenario in it")
        self.refuse("oopses", "--folder", "/proc/no", says="/proc/no")

    def test_malformed_settings(self):
        with tempfile.TemporaryDirectory() as name:
            (pathlib.Path(name) / "bad.sh").write_text("# guest: memory=much\n")
            for word in ("bad", "--list"):
                self.refuse(word, scenarios=name, says=f"{name}/bad.sh: # guest: memory=much: not a")

    def test_missing_kernel(self):
        """A folder that claims to have a kernel, and has none."""
        with tempfile.TemporaryDirectory() as name:
            (pathlib.Path(name) / "debian").mkdir()
            (pathlib.Path(name) / "debian/complete").touch()
            self.refuse("oopses", "--folder", name, says=f"{name}/debian")

    def test_list(self):
        done = guest("--list")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("hangs        The scenario never ends.\n", done.stdout)

    def test_every_scenario_says_what_it_shows(self):
        done = guest("--list", scenarios=ROOT / "kernel_glue/guest/scenarios")
        for line in done.stdout.splitlines():
            self.assertRegex(line, r"^\w+ +[A-Za-z].{20,}")

    def test_help(self):
        done = guest("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("Exit code: 0 all passed, 1 one failed, 2 usage", done.stdout)


if __name__ == "__main__":
    unittest.main()
