#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs a scenario in a Linux guest with the emulated engine: fetches Debian's kernel, builds the
module against its headers, boots QEMU (TCG) and judges what comes over the console.

  guest.py SCENARIO... [--folder FOLDER] [--pagepress FILE] [--verbose] [EMULATOR OPTIONS...]
  guest.py --list
  guest.py --prepare                 fetches and builds, and boots nothing

A scenario is scenarios/NAME.sh: busybox sh with what lib.sh has; its line `# guest: memory=N
seconds=N disk=N` says the guest's MiB, the longest run, and the MiB of a disk (0: none), /dev/vda. What it prints as `RESULT name value` goes to
FOLDER/results/NAME.json, the console to FOLDER/results/NAME.log. `HOST kill-emulator` asks this
side to kill the emulator. It fails by itself, by an oops, a warning or a hung task of the kernel, by
time, and when the machine ends without a verdict.
Exit code: 0 all passed, 1 one failed, 2 usage or preparation.
"""

import argparse
import fcntl
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
from machine import Machine  # noqa: E402

SCENARIOS = HERE / "scenarios"
# Of Debian's kernel; what they need comes along.
MODULES = ("brd", "virtio_pci", "virtio_blk", "zram", "zsmalloc", "lz4", "lz4_compress")
OURS = ("pagepress", "pagepress_swap")
TROUBLE = re.compile(
    r"\bBUG\b|WARNING:|Oops|Call Trace|general protection|blocked for more than|soft lockup|"
    r"rcu: INFO|self-detected stall|Kernel panic|DMA-API|refcount_t|use-after-free|alg: .*fail|"
    r"Out of memory|page allocation failure|scheduling while atomic|unable to handle")


def scenarios():
    return sorted(path.stem for path in SCENARIOS.glob("*.sh") if path.stem != "lib")


def settings(name):
    """What the scenario's `# guest:` line says."""
    text = (SCENARIOS / f"{name}.sh").read_text()
    found = re.search(r"^# guest: (.*)$", text, re.MULTILINE)
    pairs = dict(word.split("=") for word in found[1].split()) if found else {}
    return (int(pairs.get("memory", 512)), float(pairs.get("seconds", 120)),
            int(pairs.get("disk", 0)))


class Modules:
    """Kernel modules by name, with what they depend on."""

    def __init__(self, folder):
        self.files = {path.stem.replace("-", "_"): path for path in folder.rglob("*.ko")}

    def needs(self, name):
        """In the order of loading, without itself."""
        data = self.files[name].read_bytes()
        found = re.search(rb"\0depends=([^\0]*)\0", data)
        order = []
        for word in (found[1].decode().split(",") if found and found[1] else []):
            word = word.replace("-", "_")
            order += [n for n in (*self.needs(word), word) if n not in order]
        return order


def run(*command):
    subprocess.run(["nice", "-n", "15", *map(str, command)], check=True, stdin=subprocess.DEVNULL)


def make_initramfs(folder):
    """FOLDER/initramfs.cpio.gz: busybox, the modules, the scenarios and their programs."""
    tree = folder / "initramfs"
    shutil.rmtree(tree, ignore_errors=True)
    for part in ("bin", "modules", "proc", "sys", "dev"):
        (tree / part).mkdir(parents=True)
    shutil.copy("/bin/busybox", tree / "bin")
    shutil.copy(HERE / "init", tree / "init")
    shutil.copytree(SCENARIOS, tree / "scenarios")
    run("gcc-12", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", tree / "bin/pageout",
        HERE / "pageout.c")
    modules = Modules(folder / "root/lib/modules")
    for name in OURS:
        modules.files[name] = folder / f"module/{name}.ko"
    for name in (*MODULES, *OURS):
        needs = modules.needs(name)
        (tree / f"modules/{name}.needs").write_text(" ".join(needs) + "\n")
        for file in (*needs, name):
            shutil.copy(modules.files[file], tree / f"modules/{file}.ko")
    run("sh", "-c", f"cd '{tree}' && find . | LC_ALL=C sort | cpio --quiet -o -H newc | "
                    f"gzip -1 > '{folder}/initramfs.cpio.gz'")


def prepare(folder):
    folder.mkdir(parents=True, exist_ok=True)
    # Two runs at a time would build over each other, and one QEMU is enough for a machine.
    lock = open(folder / "lock", "w", encoding="ascii")  # noqa: SIM115  held until the end
    fcntl.flock(lock, fcntl.LOCK_EX)
    run(HERE / "fetch_kernel.sh", folder)
    run(HERE / "build_module.sh", folder / "headers", folder / "module")
    make_initramfs(folder)
    return lock


class Run:
    """One scenario in one guest."""

    def __init__(self, name, options, emulator_options):
        self.name, self.options = name, options
        self.results, self.verdict, self.trouble = {}, None, []
        self.folder = options.folder / "results"
        self.folder.mkdir(exist_ok=True)
        self.memory, self.seconds, self.disk = settings(name)
        self.emulator_options = emulator_options

    def heed(self, line, machine):
        if line.startswith("RESULT "):
            _, key, value = line.split(maxsplit=2)
            self.results[key] = value
        elif line.startswith("=== verdict "):
            self.verdict = line.split()[2]
        elif line == "HOST kill-emulator":
            machine.kill_emulator()
        elif line.startswith("FAIL: "):
            self.trouble.append(line[6:])
        elif TROUBLE.search(line):
            self.trouble.append(line)

    def run(self):
        """What is wrong, an empty list if nothing."""
        began = time.monotonic()
        machine = Machine(
            self.options.pagepress, self.options.folder / "vmlinuz",
            self.options.folder / "initramfs.cpio.gz", memory_mb=self.memory,
            append=f"loglevel=5 scenario={self.name}", emulator_options=self.emulator_options,
            disk_mb=self.disk, quiet=True)
        with open(self.folder / f"{self.name}.log", "w", encoding="utf-8") as log:
            try:
                for line in machine.lines(self.seconds):
                    print(line, file=log, flush=True)
                    if self.options.verbose:
                        print(line, flush=True)
                    self.heed(line, machine)
            except TimeoutError as error:
                self.trouble.append(str(error))
                machine.qemu.kill()
        machine.close()
        if self.verdict != "PASS" and not self.trouble:
            self.trouble.append(f"the guest's verdict: {self.verdict}")
        document = {"scenario": self.name, "passed": not self.trouble, "trouble": self.trouble,
                    "seconds": round(time.monotonic() - began, 1), "results": self.results}
        (self.folder / f"{self.name}.json").write_text(json.dumps(document, indent=2) + "\n")
        return document


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("scenario", nargs="*")
    parser.add_argument("--list", action="store_true", help="names of the scenarios")
    parser.add_argument("--prepare", action="store_true", help="fetch and build only")
    parser.add_argument("--folder", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("PAGEPRESS_GUEST",
                                                            ROOT / "build/guest")))
    parser.add_argument("--pagepress", default=os.environ.get(
        "PAGEPRESS", str(ROOT / "build/release/bin/pagepress")))
    parser.add_argument("--verbose", action="store_true", help="show the console")
    options, emulator_options = parser.parse_known_args()
    if options.list:
        print(*scenarios(), sep="\n")
        return 0
    if not options.scenario and not options.prepare:
        parser.error("which scenario? --list names them")
    for name in options.scenario:
        if name not in scenarios():
            parser.error(f"{name}: there is no such scenario; there are: {', '.join(scenarios())}")
    if options.scenario and not pathlib.Path(options.pagepress).is_file():
        parser.error(f"{options.pagepress}: there is no such file")
    try:
        lock = prepare(options.folder.resolve())
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"guest.py: {error}", file=sys.stderr)
        return 2
    failed = False
    with lock:
        for name in options.scenario:
            document = Run(name, options, emulator_options).run()
            failed |= not document["passed"]
            print(f"{'PASS' if document['passed'] else 'FAIL'} {name} ({document['seconds']} s)")
            for line in document["trouble"]:
                print(f"  {line}")
            for key, value in document["results"].items():
                print(f"  {key} {value}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
