#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what no compiler does: licence lines and the direction of includes.

  check_tree.py [ROOT]

- Every file starts with an SPDX line (after #!, <?xml or <!DOCTYPE), with the licence
  of its folder: rtl/abi under either, kernel_glue GPL-2.0-only, all else Apache-2.0.
- Layers look down only (docs/architecture.md): {abi, protocol} <- {model, driver},
  abi <- kernel_glue, all <- sim <- apps. The driver's public headers name no DPDK or SystemC type, and
  nothing of the driver knows SystemC.

Prints a line for each fault; exit code 1 if there is any. Limitations: includes that
a macro makes are not seen; files in build/ and untracked top-level folders are not read.
"""

import re
import sys
from pathlib import Path

FOLDERS = (".ci apps bench cmake docs driver kernel_glue model protocol report rtl scripts sim tests").split()
# Files that cannot hold a comment, or are somebody else's text as it is.
NO_COMMENT = {".json", ".png", ".pages", ".md5", ".bin"}
EXEMPT = {"LICENSE"}

APACHE = "Apache-2.0"
LICENCES = {"rtl/abi/": "Apache-2.0 OR GPL-2.0-only", "kernel_glue/": "GPL-2.0-only"}

SOURCE = {".c", ".h", ".cc", ".cpp", ".hpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.MULTILINE)
# What a layer may include of this tree, by the include's first folder. "pagepress/" is driver/include.
ALLOWED = {
    "rtl": {"rtl"},
    "protocol": {"protocol"},
    "model": {"rtl", "protocol", "model"},
    "driver": {"rtl", "protocol", "driver", "pagepress"},
    "kernel_glue": {"rtl", "kernel_glue"},
    "sim": {"rtl", "protocol", "model", "driver", "pagepress", "sim"},
}
OURS = {"rtl", "protocol", "model", "driver", "pagepress", "kernel_glue", "sim", "apps", "tests", "bench"}
# Foreign headers that a folder must not know, and what stands above it in its own layer.
FORBIDDEN = {
    "driver/include/": re.compile(r"^(rte_|systemc|tlm|sysc/)"),
    "driver/": re.compile(r"^(systemc|tlm|sysc/)"),
    "model/": re.compile(r"^rte_"),
    "sim/config/": re.compile(r"^sim/(?!config/)"),
    "sim/stats/": re.compile(r"^sim/(?!stats/)"),
    "sim/pagefile/": re.compile(r"^sim/(?!pagefile/)"),
    "sim/host/": re.compile(r"^sim/(experiment|reclaim)/"),
    "sim/reclaim/": re.compile(r"^sim/experiment/"),
}


def files(root):
    """Every file that belongs to the project, relative to root."""
    for path in sorted(root.iterdir()):
        if path.is_file() and path.name != ".git":
            yield path.relative_to(root)
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(root)


def licence_fault(name, text):
    if name in EXEMPT or Path(name).suffix in NO_COMMENT:
        return None
    wanted = next((licence for folder, licence in LICENCES.items() if name.startswith(folder)), APACHE)
    lines = text.splitlines()
    if lines and lines[0].startswith(("#!", "<?xml", "<!DOCTYPE", "<!doctype")):
        lines = lines[1:]
    first = lines[0] if lines else ""
    found = re.search(r"SPDX-License-Identifier: ([\w.\- ]+?)\s*(\*/|-->|#\}|$)", first)
    if not found:
        return f"{name}: no SPDX-License-Identifier in its first line"
    if found[1] != wanted:
        return f"{name}: licence {found[1]}, expected {wanted}"
    return None


def include_faults(name, text):
    if Path(name).suffix not in SOURCE:
        return
    layer = name.split("/")[0]
    for include in INCLUDE.findall(text):
        top = include.split("/")[0] if "/" in include else ""
        if "../" in include:
            yield f"{name}: includes {include}: write it from the top of the tree"
        elif layer in ALLOWED and top in OURS and top not in ALLOWED[layer]:
            yield f"{name}: includes {include}: {layer} must not know {top}"
        for folder, foreign in FORBIDDEN.items():
            if name.startswith(folder) and foreign.match(include):
                yield f"{name}: includes {include}: {folder} must not know it"
                break


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    faults, count = [], 0
    for path in files(root):
        name = path.as_posix()
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        count += 1
        fault = licence_fault(name, text)
        if fault:
            faults.append(fault)
        faults += include_faults(name, text)
    for fault in faults:
        print(fault)
    print(f"{count} files, {len(faults)} faults")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main())
