# SPDX-License-Identifier: GPL-2.0-only
"""The guest's files: busybox, the kernel's and our modules, the scenarios and their programs."""

import lzma
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
# Of the kernel's; what they need comes along.
MODULES = ("brd", "virtio_pci", "virtio_blk", "zram", "zsmalloc", "lz4", "lz4_compress",
           "vfio_pci", "vfio_iommu_type1")
OURS = ("pagepress", "pagepress_swap")


class Modules:
    """A kernel's modules by name, with what they depend on."""

    def __init__(self, folder):
        self.files = {path.name.split(".")[0].replace("-", "_"): path
                      for pattern in ("*.ko", "*.ko.xz") for path in folder.rglob(pattern)}
        self.built_in = {pathlib.PurePath(line).stem.replace("-", "_")
                         for listing in folder.rglob("modules.builtin")
                         for line in listing.read_text().splitlines()}

    def content(self, name):
        if name not in self.files:
            raise OSError(f"the kernel has no module {name}")
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


def add_modules(folder, tree):
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


def make_initramfs(folder, scenarios):
    """FOLDER/initramfs.cpio.gz, FOLDER a kernel's, with the scenarios of that other folder."""
    tree = folder / "initramfs"
    shutil.rmtree(tree, ignore_errors=True)
    for part in ("bin", "modules", "proc", "sys", "dev"):
        (tree / part).mkdir(parents=True)
    shutil.copy("/bin/busybox", tree / "bin")
    shutil.copy(HERE / "init", tree / "init")
    shutil.copytree(HERE / "lib", tree / "lib")
    shutil.copytree(scenarios, tree / "scenarios")
    subprocess.run(["gcc-12", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o",
                    tree / "bin/pageout", HERE / "pageout.c"], check=True)
    add_modules(folder, tree)
    subprocess.run(["sh", "-c", "set -e; find . | LC_ALL=C sort | cpio --quiet -o -H newc | gzip -1 "
                    "> ../initramfs.cpio.gz"], cwd=tree, check=True)
