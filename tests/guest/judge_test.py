#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the harness makes of a guest's console, and of a scenario's `# guest:` line: without a guest.
In QEMU's place stands a script that prints a console."""

import contextlib
import fcntl
import io
import json
import os
import pathlib
import sys
import tempfile
import threading
import unittest

from processes import GUEST, PAGEPRESS

sys.path.insert(0, str(GUEST))
import kernels  # noqa: E402
from run import Run  # noqa: E402
from scenario import Scenario, ScenarioError, Settings, find, settings_of  # noqa: E402

GOOD = "[    0.1] DMA-API: preallocated 65536 debug entries\n=== scenario x\nRESULT count 7\n" \
    "RESULT words two words\n=== dmesg\n=== verdict PASS\n"
TROUBLE = (
    "[    1.0] WARNING: CPU: 0 PID: 1 at mm/page_alloc.c:5530 __alloc_pages+0x2cc/0x330",
    "[    1.0] BUG: kernel NULL pointer dereference, address: 0000000000000000",
    "[    1.0] BUG: unable to handle page fault for address: ffffffffc0000000",
    "[    1.0] general protection fault, probably for non-canonical address 0xdead: 0000 [#1]",
    "[    1.0] Oops: 0002 [#1] PREEMPT SMP NOPTI",
    "[    1.0] Kernel panic - not syncing: Fatal exception",
    "[    1.0] INFO: task kswapd0:31 blocked for more than 120 seconds.",
    "[    1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [pageout:77]",
    "[    1.0] rcu: INFO: rcu_preempt self-detected stall on CPU",
    "[    1.0] BUG: scheduling while atomic: pageout/77/0x00000002",
    "[    1.0] pageout: page allocation failure: order:0, mode:0x800(GFP_NOWAIT)",
    "[    1.0] Out of memory: Killed process 77 (pageout) total-vm:150000kB",
    "[    1.0] alg: acomp: compression failed on test 1 for pagepress-lz4-acomp: ret=22",
    "[    1.0] refcount_t: underflow; use-after-free.",
    "[    1.0] pagepress 0000:00:01.0: swiotlb buffer is full (sz: 4096 bytes), total 2048 (slots)",
    "[    1.0] DMA-API: pagepress 0000:00:01.0: device driver frees DMA memory",
)


class ConsoleTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.path = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", self.path)

    def judge(self, console, then="exit 0", pagepress=PAGEPRESS, seconds=20, options=()):
        """The document of a run in which QEMU prints this, and then does that."""
        (self.folder / "console").write_text(console)
        qemu = self.folder / "qemu-system-x86_64"
        qemu.write_text(f"#!/bin/sh\ncat '{self.folder}/console'\n{then}\n")
        qemu.chmod(0o755)
        os.environ["PATH"] = f"{self.folder}:{self.path}"
        scenario = Scenario("x", None, "", Settings(seconds=seconds))
        document = Run(scenario, "debian", folder=self.folder, pagepress=pagepress,
                       emulator_options=options).run()
        self.assertEqual(document["passed"], not document["trouble"])
        self.assertEqual(json.loads((self.folder / "results/x.json").read_text()), document)
        self.assertTrue((self.folder / "results/x.log").read_text().startswith(console))
        return document

    def trouble(self, console, **how):
        return self.judge(console, **how)["trouble"]

    def test_passes(self):
        document = self.judge(GOOD)
        self.assertEqual(document["trouble"], [])
        self.assertEqual(document["results"], {"count": "7", "words": "two words"})

    def test_each_complaint_of_the_kernel_once(self):
        for line in TROUBLE:
            with self.subTest(line):
                console = GOOD.replace("=== dmesg\n", f"{line}\n=== dmesg\n{line}\n")
                self.assertEqual(self.trouble(console), [line])

    def test_what_the_kernel_says_of_itself_is_no_complaint(self):
        for line in ("[    0.1] SLUB: HWalign=64, Order=0-3, MinObjects=0, CPUs=1, Nodes=1",
                     "[    0.1] pagepress: loading out-of-tree module taints kernel.",
                     "[    0.1] DEBUG_PAGEALLOC: no BUGS here"):
            self.assertEqual(self.trouble(line + "\n" + GOOD), [])

    def test_fails_with_a_reason(self):
        console = "FAIL: a count: 1, expected 2\n=== verdict FAIL\n"
        self.assertEqual(self.trouble(console), ["a count: 1, expected 2"])

    def test_fails_without_a_reason(self):
        self.assertEqual(self.trouble("=== verdict FAIL\n"), ["the guest's verdict: FAIL"])

    def test_no_verdict(self):
        for console in ("", "=== scenario x\n", "=== verdict\n", GOOD[:-5]):
            with self.subTest(console):
                self.assertEqual(len(self.trouble(console)), 1)

    def test_a_reason_counts_though_the_verdict_is_good(self):
        self.assertEqual(self.trouble("FAIL: in a subshell\n" + GOOD), ["in a subshell"])

    def test_broken_results_are_no_results(self):
        self.assertEqual(self.judge("RESULT\nRESULT a\n" + GOOD)["results"].keys(),
                         {"count", "words"})

    def test_does_not_end(self):
        self.assertEqual(self.trouble(GOOD, then="exec sleep 60", seconds=0.5),
                         ["the guest has not ended in 0.5 s"])

    def test_qemu_dies(self):
        self.assertEqual(self.trouble(GOOD, then="kill -9 $$"),
                         ["QEMU has ended with signal 9 (SIGKILL)"])
        self.assertEqual(self.trouble(GOOD, then="exit 3"), ["QEMU has ended with exit code 3"])

    def test_qemu_complains(self):
        complaint = "qemu-system-x86_64: warning: Blocked re-entrant IO on MemoryRegion: region-0"
        self.assertEqual(self.trouble(GOOD, then=f"echo '{complaint}' >&2"), [complaint])

    def test_emulator_dies(self):
        emulator = self.folder / "emulator"
        emulator.write_text("#!/bin/sh\nkill -SEGV $$\n")
        emulator.chmod(0o755)
        self.assertEqual(self.trouble(GOOD, pagepress=emulator, then="sleep 0.5"),
                         ["the emulator has ended with signal 11 (SIGSEGV)"])

    def test_emulator_refuses_its_options(self):
        self.assertEqual(self.trouble("", then="exec sleep 60", options=["--no-such-option"]),
                         ["the emulator has ended with exit code 2"])

    def test_emulator_is_killed_because_the_guest_asked(self):
        complaint = "qemu-system-x86_64: Failed to perform PCI config READ operation"
        self.assertEqual(self.trouble("HOST kill-emulator\n" + GOOD,
                                      then=f"sleep 0.3; echo '{complaint}' >&2"), [])


class LockTest(unittest.TestCase):
    def test_a_second_run_waits_and_says_so(self):
        with tempfile.TemporaryDirectory() as name, io.StringIO() as said:
            first = kernels.lock(pathlib.Path(name))
            threading.Timer(0.2, first.close).start()
            with contextlib.redirect_stderr(said):
                kernels.lock(pathlib.Path(name)).close()
            self.assertIn(f"waiting for another run in {name}", said.getvalue())

    def test_what_outlives_a_run_keeps_its_lock(self):
        with tempfile.TemporaryDirectory() as name:
            first = kernels.lock(pathlib.Path(name))
            kernels.run("sh", "-c", "sleep 1 &")
            first.close()
            with open(f"{name}/lock", encoding="ascii") as file:
                with self.assertRaises(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.flock(file, fcntl.LOCK_EX)


class SettingsTest(unittest.TestCase):
    KERNELS = ("debian", "backports")

    def refuse(self, line, why):
        with self.assertRaisesRegex(ValueError, why):
            settings_of(f"# SPDX\n{line}\nload x\n", self.KERNELS)

    def test_defaults(self):
        self.assertEqual(settings_of("load x\n", self.KERNELS), Settings())

    def test_all_words(self):
        line = ("# guest: memory=96 seconds=1.5 disk=8 cpus=2 cpu=max,erms=off icount=0 "
                "iommu=1 programs=tests/a,bin/b kernel=backports append=swiotlb=force "
                "emulator=--device,rtl")
        self.assertEqual(settings_of(line, self.KERNELS),
                         Settings(96, 1.5, 8, 2, "max,erms=off", 0, 1, "tests/a,bin/b", "backports",
                                  "swiotlb=force", "--device,rtl"))

    def test_refused(self):
        self.refuse("# guest: memroy=96", "memroy=96: no such word; there are: memory, seconds")
        self.refuse("# guest: memory", "memory: no value")
        self.refuse("# guest: cpus=", "cpus=: no value")
        self.refuse("# guest: cpus=two", "cpus=two: not a number")
        self.refuse("# guest: cpus=0", "cpus=0: not from 1 to 16")
        self.refuse("# guest: memory=12", "memory=12: not from 64")
        self.refuse("# guest: seconds=nan", "seconds=nan: not from 1")
        self.refuse("# guest: icount=11", "icount=11: not from -1 to 10")
        self.refuse("# guest: cpus=1 cpus=2", "cpus=2: said twice")
        self.refuse("# guest: kernel=5.4", "kernel=5.4: there are: debian, backports")
        self.refuse("# guest: cpus=1\n# guest: disk=1", "two lines")
        for line in ("#guest: cpus=2", "#  Guest: cpus=2", "# guest : cpus=2"):
            self.refuse(line, "nearly `# guest: WORD=VALUE...`")

    def test_found_by_name(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            with self.assertRaisesRegex(ScenarioError, f"{name}: there is no scenario"):
                find(folder, self.KERNELS)
            (folder / "b.sh").write_text("# SPDX-License-Identifier: x\n# guest: cpus=2\n# Shows b.\n")
            (folder / "a.sh").write_text("load x\n# Not at the top.\n")
            found = find(folder, self.KERNELS)
            self.assertEqual([(s.name, s.summary, s.settings.cpus) for s in found.values()],
                             [("a", "", 1), ("b", "Shows b.", 2)])
            (folder / "c.sh").write_text("# guest: x=1\n")
            with self.assertRaisesRegex(ScenarioError, f"{name}/c.sh: # guest: x=1: no such word"):
                find(folder, self.KERNELS)
            (folder / "c.sh").write_bytes(b"# \xff\n")
            with self.assertRaisesRegex(ScenarioError, f"{name}/c.sh: .*utf-8"):
                find(folder, self.KERNELS)
            (folder / "c.sh").rename(folder / "C d.sh")
            with self.assertRaisesRegex(ScenarioError, "C d.sh: a scenario's name"):
                find(folder, self.KERNELS)


if __name__ == "__main__":
    unittest.main()
