# SPDX-License-Identifier: GPL-2.0-only
"""Programs of the build that a scenario runs in the guest (`# guest: programs=`), with their shared
libraries: an archive behind the initramfs."""

import pathlib
import shutil
import subprocess
import tempfile


def programs_of(scenario, pagepress):
    """Those that a scenario names, of the build folder that `pagepress` is in."""
    build = pathlib.Path(pagepress).resolve().parent.parent
    return [build / word for word in filter(None, scenario.settings.programs.split(","))]


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
