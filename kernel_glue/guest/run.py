# SPDX-License-Identifier: GPL-2.0-only
"""One scenario in one guest: runs it and judges what comes over the console.

What the guest prints as `RESULT name value` goes to FOLDER/results/TITLE.json, the console to
FOLDER/results/TITLE.log; `HOST kill-emulator` asks this side to kill the emulator. A run fails by
itself (`FAIL: reason`, its exit code), by an oops, a warning or a hung task of the kernel, by time,
by an emulator that ends, by what QEMU has to say, and when the machine ends without a verdict.
"""

import json
import re
import subprocess
import time

from kernels import MORE_MEMORY, SLOWER
from machine import Machine, ending
from programs import add_programs, programs_of

TROUBLE = re.compile(
    r"\bBUG\b|WARNING:|Oops|Call Trace|general protection|blocked for more than|soft lockup|"
    r"rcu: INFO|self-detected stall|Kernel panic|DMA-API: (?!preallocated|debugging enabled)|"
    r"refcount_t|use-after-free|alg: .*fail|swiotlb buffer is full|"
    r"Out of memory|page allocation failure|scheduling while atomic|unable to handle")

QEMU = re.compile(r"^qemu-system-\w+: ")


class Run:
    def __init__(self, scenario, kernel, *, folder, pagepress, emulator_options=(), words=(),
                 verbose=False):
        """words: NAME=VALUE, variables of the scenario that it gets by the kernel's command line."""
        self.scenario, self.kernel, self.folder = scenario, kernel, folder
        self.pagepress, self.words, self.verbose = pagepress, words, verbose
        self.emulator_options = [*filter(None, scenario.settings.emulator.split(",")),
                                 *emulator_options]
        self.results, self.verdict, self.trouble = {}, None, []

    def initramfs(self, files):
        programs = programs_of(self.scenario, self.pagepress)
        if not programs:
            return files / "initramfs.cpio.gz"
        made = files / f"initramfs-{self.scenario.name}.cpio.gz"
        add_programs(files / "initramfs.cpio.gz", programs, made)
        return made

    def machine(self):
        settings, files = self.scenario.settings, self.folder / self.kernel
        words = ["loglevel=5", f"scenario={self.scenario.name}",
                 *(f"set.{word}" for word in self.words)]
        if settings.append:
            words.append(settings.append)
        if settings.iommu:
            words += ["intel_iommu=on", "iommu=pt"]
        return Machine(
            self.pagepress, files / "vmlinuz", self.initramfs(files),
            memory_mb=settings.memory + MORE_MEMORY.get(self.kernel, 0), append=" ".join(words), iommu=settings.iommu != 0,
            emulator_options=self.emulator_options, disk_mb=settings.disk, cpus=settings.cpus,
            cpu=settings.cpu, icount=settings.icount, quiet=True, errors=subprocess.STDOUT)

    def complain(self, line):
        # The kernel's messages come twice: at once, and all of them at the end.
        if line not in self.trouble:
            self.trouble.append(line)

    def heed(self, line, machine):
        words = line.split(maxsplit=2)
        if words[:1] == ["RESULT"] and len(words) == 3:
            self.results[words[1]] = words[2]
        elif line.startswith("=== verdict ") and len(words) == 3:
            self.verdict = words[2]
        elif line == "HOST kill-emulator":
            machine.kill_emulator()
        elif line.startswith("FAIL: "):
            self.complain(line[6:])
        elif QEMU.search(line):
            # It may complain of a device that was pulled because the guest asked for that.
            if not machine.killed:
                self.complain(line)
        elif TROUBLE.search(line):
            self.complain(line)

    def watch(self, machine, log):
        seconds = self.scenario.settings.seconds * SLOWER.get(self.kernel, 1)
        try:
            for line in machine.lines(seconds):
                print(line, file=log, flush=True)
                if self.verbose:
                    print(line, flush=True)
                self.heed(line, machine)
        except TimeoutError as error:
            self.complain(str(error))
            machine.qemu.kill()
        finally:
            code = machine.close()
        if machine.emulator_error():
            self.complain(machine.emulator_error())
        if code and not self.trouble:
            self.complain(f"QEMU has ended with {ending(code)}")
        if self.verdict != "PASS" and not self.trouble:
            self.complain("the guest's verdict: " + (self.verdict or "none"))

    def run(self):
        """The results as a document, which is also written; `trouble` says what is wrong."""
        began = time.monotonic()
        results = self.folder / "results"
        results.mkdir(exist_ok=True)
        name = self.scenario.name
        title = name if self.kernel == "debian" else f"{name}-{self.kernel}"
        with open(results / f"{title}.log", "w", encoding="utf-8") as log:
            self.watch(self.machine(), log)
        document = {"scenario": name, "kernel": self.kernel, "passed": not self.trouble,
                    "trouble": self.trouble, "seconds": round(time.monotonic() - began, 1),
                    "results": self.results}
        (results / f"{title}.json").write_text(json.dumps(document, indent=2) + "\n")
        return document
