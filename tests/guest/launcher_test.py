#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""kernel_glue/guest/run_qemu: whatever dies first, nothing is left running, and the exit code says
what it was. The guests are never let finish booting."""

import os
import signal
import subprocess
import unittest

from processes import FOLDER, GUEST, PAGEPRESS, PATIENCE, alive, child, wait_for


class LauncherTest(unittest.TestCase):
    def launch(self, *options, kernel=FOLDER / "debian/vmlinuz"):
        launcher = subprocess.Popen(
            [GUEST / "run_qemu", "--kernel", kernel, "--memory-mb", "128",
             "--initramfs", FOLDER / "debian/initramfs.cpio.gz", "--pagepress", PAGEPRESS, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, launcher)
        return launcher

    @staticmethod
    def end(launcher):
        launcher.kill()
        launcher.communicate()

    def start(self, *options):
        """The launcher and its two children."""
        launcher = self.launch(*options)
        return launcher, child(launcher.pid, "qemu-system"), child(launcher.pid, "pagepress")

    def assert_all_gone(self, *pids):
        for pid in pids:
            wait_for(lambda pid=pid: not alive(pid), f"process {pid} still runs")

    def assert_ends(self, launcher, code, *pids):
        _, errors = launcher.communicate(timeout=PATIENCE)
        self.assertEqual(launcher.returncode, code, errors)
        self.assert_all_gone(*pids)
        return errors

    def test_qemu_is_killed(self):
        launcher, qemu, emulator = self.start()
        os.kill(qemu, signal.SIGKILL)
        self.assert_ends(launcher, 128 + signal.SIGKILL, qemu, emulator)

    def test_qemu_ends_by_sigterm_as_by_itself(self):
        launcher, qemu, emulator = self.start()
        self.assertTrue(launcher.stdout.readline())  # by now it catches the signal
        os.kill(qemu, signal.SIGTERM)
        self.assert_ends(launcher, 0, qemu, emulator)

    def test_emulator_is_killed_and_the_guest_goes_on(self):
        launcher, qemu, emulator = self.start()
        self.assertTrue(launcher.stdout.readline())
        os.kill(emulator, signal.SIGKILL)
        self.assert_all_gone(emulator)
        for _ in range(20):
            self.assertTrue(launcher.stdout.readline())
        self.assertTrue(alive(qemu))
        launcher.terminate()
        self.assert_ends(launcher, -signal.SIGTERM, qemu)

    def test_launcher_is_ended(self):
        for number, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, -signal.SIGTERM),
                             (signal.SIGINT, 130)):
            with self.subTest(number):
                launcher, qemu, emulator = self.start()
                launcher.send_signal(number)
                self.assert_ends(launcher, code, qemu, emulator)

    def test_launcher_is_killed_before_the_guest_speaks(self):
        launcher = self.launch()
        emulator = child(launcher.pid, "pagepress")
        launcher.kill()
        self.assert_ends(launcher, -signal.SIGKILL, emulator)

    def test_time_is_over(self):
        launcher, qemu, emulator = self.start("--seconds", "0.5")
        self.assertIn("has not ended in 0.5 s", self.assert_ends(launcher, 124, qemu, emulator))

    def test_emulator_does_not_like_its_options(self):
        launcher = self.launch("--device", "nonsense")
        errors = self.assert_ends(launcher, 2)
        self.assertIn("--device: nonsense not in", errors)
        self.assertIn("the emulator has ended with exit code 2", errors)

    def test_qemu_refuses_the_kernel(self):
        launcher = self.launch(kernel=GUEST / "run_qemu")
        self.assertNotEqual(launcher.wait(PATIENCE), 0)

    def test_missing_file(self):
        launcher = self.launch(kernel="/there/is/no/kernel")
        self.assertIn("/there/is/no/kernel: there is no such file", self.assert_ends(launcher, 2))


if __name__ == "__main__":
    unittest.main()
