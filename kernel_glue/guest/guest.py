#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs a scenario in a Linux guest with the emulated engine: fetches Debian's kernel, builds the
module against its headers, boots QEMU (TCG) and judges what comes over the console.

  guest.py SCENARIO... [--kernel NAME] [--folder FOLDER] [--pagepress FILE] [--verbose]
           [EMULATOR OPTIONS...]
  guest.py --list
  guest.py --prepare [--kernel NAME]        fetches and builds, and boots nothing

A scenario is scenarios/NAME.sh: busybox sh with what lib.sh has. Its line `# guest: WORD=VALUE...`
says what the guest is like (Settings). What it prints as `RESULT name value` goes to
FOLDER/results/NAME.json, the console to FOLDER/results/NAME.log. `HOST kill-emulator` asks this
side to kill the emulator. It fails by itself, by an oops, a warning or a hung task of the kernel, by
time, and when the machine ends without a verdict.

Kernels: debian (Debian 12's 6.1), backports (6.12 of bookworm-backports), patched and debug (6.1 built
with kernel_glue/kernel's patches, the second one with the kernel's own checks on).
Exit code: 0 all passed, 1 one failed, 2 usage or preparation.
"""

import argparse
import dataclasses
import fcntl
import json
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
from machine import Machine  # noqa: E402

SCENARIOS = HERE / "scenarios"
# How each kernel gets into a folder: vmlinuz, headers, root/lib/modules.
KERNELS = {
    "debian": lambda folder: (HERE / "fetch_kernel.sh", folder),
    "backports": lambda folder: (HERE / "fetch_kernel.sh", folder, "bookworm-backports"),
    "patched": lambda folder: (HERE.parent / "kernel/build.sh", folder),
    "debug": lambda folder: (HERE.parent / "kernel/build.sh", folder, "debug"),
}
# Of the kernel's; what they need comes along.
MODULES = ("brd", "virtio_pci", "virtio_blk", "zram", "zsmalloc", "lz4", "lz4_compress",
           "vfio_pci", "vfio_iommu_type1")
OURS = ("pagepress", "pagepress_swap")
TROUBLE = re.compile(
    r"\bBUG\b|WARNING:|Oops|Call Trace|general protection|blocked for more than|soft lockup|"
    r"rcu: INFO|self-detected stall|Kernel panic|DMA-API|refcount_t|use-after-free|alg: .*fail|"
    r"Out of memory|page allocation failure|scheduling while atomic|unable to handle")


def scenarios():
    return sorted(path.stem for path in SCENARIOS.glob("*.sh") if path.stem != "lib")


@dataclasses.dataclass
class Settings:
    """What a scenario's `# guest:` line says."""

    memory: int = 512  # MiB
    seconds: float = 120  # the longest run
    disk: int = 0  # MiB of /dev/vda; 0: none
    cpus: int = 1
    icount: int = -1  # 0 and more: the guest's clock counts instructions, 2^icount ns each
    iommu: int = 0  # 1: there is one, passed through (Machine)
    programs: str = ""  # of the build folder, with commas: "tests/vfio_pages"; in the guest's /bin
    kernel: str = "debian"
    emulator: str = ""  # options of `pagepress emulate`, with commas between them

    @classmethod
    def of(cls, name):
        text = (SCENARIOS / f"{name}.sh").read_text()
        found = re.search(r"^# guest: (.*)$", text, re.MULTILINE)
        words = dict(word.split("=", 1) for word in found[1].split()) if found else {}
        types = {field.name: field.type for field in dataclasses.fields(cls)}
        return cls(**{key: types[key](value) for key, value in words.items()})


class Modules:
    """A kernel's modules by name, with what they depend on."""

    def __init__(self, folder):
        self.files = {path.name.split(".")[0].replace("-", "_"): path
                      for pattern in ("*.ko", "*.ko.xz") for path in folder.rglob(pattern)}
        self.built_in = {pathlib.PurePath(line).stem.replace("-", "_")
                         for listing in folder.rglob("modules.builtin")
                         for line in listing.read_text().splitlines()}

    def content(self, name):
        data = self.files[name].read_bytes()
        return lzma.decompress(data) if self.files[name].suffix == ".xz" else data

    def needs(self, name):
        """In the order of loading, without itself."""
        data = self.content(name)
        found = re.search(rb"\0depends=([^\0]*)\0", data)
        order = []
        for word in (found[1].decode().split(",") if found and found[1] else []):
            word = word.replace("-", "_")
            order += [n for n in (*self.needs(word), word) if n not in order]
        return order


def run(*command):
    subprocess.run(["nice", "-n", "15", *map(str, command)], check=True, stdin=subprocess.DEVNULL)


def make_initramfs(folder):
    """FOLDER/initramfs.cpio.gz, FOLDER a kernel's: busybox, the modules, the scenarios and their programs."""
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
        if name in modules.built_in:
            (tree / f"modules/{name}.built_in").touch()
            continue
        if name not in modules.files:  # a kernel without it: scenarios that load it fail
            continue
        needs = modules.needs(name)
        (tree / f"modules/{name}.needs").write_text(" ".join(needs) + "\n")
        for file in (*needs, name):
            (tree / f"modules/{file}.ko").write_bytes(modules.content(file))
    run("sh", "-c", f"cd '{tree}' && find . | LC_ALL=C sort | cpio --quiet -o -H newc | "
                    f"gzip -1 > '{folder}/initramfs.cpio.gz'")


def programs_of(name, pagepress):
    """The programs that a scenario runs, of the build folder that `pagepress` is in."""
    build = pathlib.Path(pagepress).resolve().parents[1]
    return [build / word for word in filter(None, Settings.of(name).programs.split(","))]


def libraries(program):
    """The shared libraries of a program, the loader among them."""
    listing = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    return [pathlib.Path(word) for word in listing.split() if word.startswith("/")]


def add_programs(initramfs, programs, target):
    """TARGET: INITRAMFS and an archive behind it: programs in /bin, libraries at their paths."""
    with tempfile.TemporaryDirectory() as name:
        tree = pathlib.Path(name)
        for program in programs:
            for source, place in ((program, pathlib.Path("/bin") / program.name),
                                  *((library, library) for library in libraries(program))):
                copy = tree / place.relative_to("/")
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)
        archive = subprocess.run(
            ["sh", "-c", "find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc | gzip -1"],
            cwd=tree, check=True, capture_output=True).stdout
    target.write_bytes(initramfs.read_bytes() + archive)


def prepare(folder, kernels):
    """What the guests with these kernels need, in FOLDER/NAME. The lock, to be held."""
    folder.mkdir(parents=True, exist_ok=True)
    # Two runs at a time would build over each other, and one QEMU is enough for a machine.
    lock = open(folder / "lock", "w", encoding="ascii")  # noqa: SIM115  held until the end
    fcntl.flock(lock, fcntl.LOCK_EX)
    for kernel in sorted(kernels):
        run(*KERNELS[kernel](folder / kernel))
        run(HERE / "build_module.sh", folder / kernel / "headers", folder / kernel / "module")
        make_initramfs(folder / kernel)
    return lock


class Run:
    """One scenario in one guest."""

    def __init__(self, name, kernel, options, emulator_options):
        self.name, self.kernel, self.options = name, kernel, options
        self.results, self.verdict, self.trouble = {}, None, []
        self.folder = options.folder / "results"
        self.folder.mkdir(exist_ok=True)
        self.settings = Settings.of(name)
        self.emulator_options = [*filter(None, self.settings.emulator.split(",")),
                                 *emulator_options]

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
        settings, kernel = self.settings, self.options.folder / self.kernel
        initramfs = kernel / "initramfs.cpio.gz"
        if settings.programs:
            initramfs = kernel / f"initramfs-{self.name}.cpio.gz"
            add_programs(kernel / "initramfs.cpio.gz",
                         programs_of(self.name, self.options.pagepress), initramfs)
        title = self.name if self.kernel == "debian" else f"{self.name}-{self.kernel}"
        machine = Machine(
            self.options.pagepress, kernel / "vmlinuz", initramfs,
            memory_mb=settings.memory, append=f"loglevel=5 scenario={self.name}" +
                   " intel_iommu=on iommu=pt" * settings.iommu,
            emulator_options=self.emulator_options, disk_mb=settings.disk, cpus=settings.cpus,
            icount=settings.icount, iommu=settings.iommu != 0, quiet=True)
        with open(self.folder / f"{title}.log", "w", encoding="utf-8") as log:
            try:
                for line in machine.lines(settings.seconds):
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
        document = {"scenario": self.name, "kernel": self.kernel, "passed": not self.trouble, "trouble": self.trouble,
                    "seconds": round(time.monotonic() - began, 1), "results": self.results}
        (self.folder / f"{title}.json").write_text(json.dumps(document, indent=2) + "\n")
        return document


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("scenario", nargs="*")
    parser.add_argument("--list", action="store_true", help="names of the scenarios")
    parser.add_argument("--prepare", action="store_true", help="fetch and build only")
    parser.add_argument("--kernel", choices=sorted(KERNELS), help="instead of the scenario's")
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
    for name in options.scenario:
        for program in programs_of(name, options.pagepress):
            if not program.is_file():
                parser.error(f"{name} needs {program}, which is not built")
    kernels = {name: options.kernel or Settings.of(name).kernel for name in options.scenario}
    try:
        lock = prepare(options.folder.resolve(),
                       set(kernels.values()) or {options.kernel or "debian"})
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"guest.py: {error}", file=sys.stderr)
        return 2
    failed = False
    with lock:
        for name in options.scenario:
            document = Run(name, kernels[name], options, emulator_options).run()
            failed |= not document["passed"]
            print(f"{'PASS' if document['passed'] else 'FAIL'} {name}, {kernels[name]} "
                  f"({document['seconds']} s)")
            for line in document["trouble"]:
                print(f"  {line}")
            for key, value in document["results"].items():
                print(f"  {key} {value}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
