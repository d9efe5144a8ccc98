# SPDX-License-Identifier: GPL-2.0-only
"""The guests' kernels: how each one and what belongs to it gets into a folder of its own.

Afterwards the folder has vmlinuz, headers, root/lib/modules, module/*.ko (ours, built against it)
and initramfs.cpio.gz.
"""

import fcntl
import hashlib
import os
import pathlib
import subprocess
import sys

from initramfs import make_initramfs

HERE = pathlib.Path(__file__).resolve().parent
# A command that makes vmlinuz, headers and root/lib/modules, or finds that they are there.
KERNELS = {
    "debian": lambda folder: (HERE / "fetch_kernel.sh", folder),
    "backports": lambda folder: (HERE / "fetch_kernel.sh", folder, "bookworm-backports"),
    "patched": lambda folder: (HERE.parent / "kernel/build.sh", folder),
    "debug": lambda folder: (HERE.parent / "kernel/build.sh", folder, "debug"),
}

# How many times as long the kernel takes, and the MiB that it needs more, for its own checks.
SLOWER = {"debug": 6}
MORE_MEMORY = {"debug": 96}


def run(*command):
    # It inherits the lock: what goes on after this process has been killed keeps others out.
    subprocess.run(["nice", "-n", "15", *map(str, command)], check=True, stdin=subprocess.DEVNULL,
                   close_fds=False)


def lock(folder):
    """To be held until the end: two runs at a time would build over each other, and one QEMU is
    enough for a machine."""
    folder.mkdir(parents=True, exist_ok=True)
    file = open(folder / "lock", "w", encoding="ascii")  # noqa: SIM115  as long as the run
    os.set_inheritable(file.fileno(), True)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"guest.sh: waiting for another run in {folder}", file=sys.stderr, flush=True)
        fcntl.flock(file, fcntl.LOCK_EX)
    return file


def digest(*places):
    """Of all files in these folders, and of these files: their names and contents."""
    result = hashlib.sha256()
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file():
                result.update(f"{file}\n".encode() + file.read_bytes())
    return result.hexdigest()


def prepare(folder, kernels, scenarios):
    """What the guests with these kernels need, in FOLDER/NAME; what has been made of the same files
    is not made again. Raises OSError and subprocess.CalledProcessError."""
    sources = digest(HERE, HERE.parent / "module", HERE.parents[1] / "rtl/abi", scenarios)
    for name in sorted(kernels):
        run(*KERNELS[name](folder / name))
        if not os.access(folder / name / "vmlinuz", os.R_OK):
            raise OSError(f"{folder / name / 'vmlinuz'}: the kernel is not there")
        made = sources + digest(folder / name / "complete", folder / name / "release")
        stamp = folder / name / "made"
        if stamp.exists() and stamp.read_text() == made:
            continue
        stamp.unlink(missing_ok=True)
        run(HERE / "build_module.sh", folder / name / "headers", folder / name / "module")
        make_initramfs(folder / name, scenarios)
        stamp.write_text(made)
