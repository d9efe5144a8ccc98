#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the hardware costs, by yosys: docs/synthesis.json and the table of docs/synthesis.md.

  yosys_stats.py FILE...            writes both
  yosys_stats.py --check FILE...    compares with docs/synthesis.json, writes nothing

FILE...: the sources of pagepress_top, packages first (`ninja rtl_synthesis` and CTest's
rtl_synthesis_figures give them). Figures are of the default parameters:

- cells: gates after `abc -g AND,XOR,MUX` (these and inverters) and flip-flops, memories
  and their ports apart;
- flip-flop bits, and bits of memories that stay memories;
- levels: gates on the longest path between flip-flops, ports and memories, of the module's
  own logic and, of modules of middle size, with all that it contains ("deep", through ports).

Every module is synthesized once, apart from what it instantiates, and totals are added
up along the hierarchy: nothing is optimised across modules. --check takes a module whose
source and parameters are those of docs/synthesis.json from there, so that it takes
seconds after a small change, and leaves the deep levels alone. It fails if a module's own
logic or a total of cells, flip-flops or memory bits differs by more than 2 % (and more than
a handful), or own levels by more than 1.

Limitations: gates are generic ones with two inputs, not a library's; a path through a memory's
asynchronous read port is cut there; yosys 0.23's results, not a vendor's.
"""

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path

from yosys_design import ROOT, TO_MEMORIES, digest, elaborate, is_flip_flop, put_table, yosys

KEPT = ROOT / "docs/synthesis.json"
DOCUMENT = ROOT / "docs/synthesis.md"
TOP = "pagepress_top"
# Part of every hash: figures of another recipe are no figures.
RECIPE = TO_MEMORIES + """techmap
opt -fast
abc -fast -g AND,XOR,MUX
opt_clean
"""
GATES = {"$_AND_", "$_XOR_", "$_MUX_", "$_NOT_"}
FIGURES = ("cells", "flops", "memory_bits", "levels")
SHARE = 0.02                                             # what may differ, of the kept figure
SLACK = {"cells": 20, "flops": 4, "memory_bits": 0, "levels": 1}  # and at least
# Modules of these shares of the device have their deep levels measured. Flattening larger ones takes
# many minutes and 10 GB; the engines, which these are, have yosys_engine.py.
DEEP_CELLS = (0.02, 0.2)
ROW_CELLS = 0.005   # and of this share a row


class Design:
    """The elaborated design: modules, what each instantiates, and a hash of each."""

    def __init__(self, files, folder):
        self.folder = folder
        self.elaborated = folder / "elaborated.il"
        self.children = elaborate(files, TOP, folder)

        shared = [path.read_text() for path in files if path.stem.endswith("_pkg")]
        shared += [path.read_text() for path in sorted((ROOT / "rtl/common").glob("*.svh"))]
        text = {path.stem: path.read_text() for path in files}
        self.hashes = {key: digest(RECIPE, key, text[key.split("__")[0]], *shared)
                       for key in self.children}

    def total(self, modules, key):
        """Figures of a module with all that it contains, but for levels."""
        sums = {name: modules[key][name] for name in FIGURES if name != "levels"}
        for child in self.children[key]:
            for name, value in self.total(modules, child).items():
                sums[name] += value
        return sums


def count(mapped):
    """Cells, flip-flop bits and memory bits of each module of a mapped netlist."""
    modules = {}
    memory = None
    for line in mapped.read_text().splitlines():
        words = line.split()
        if line.startswith("module "):
            own = modules[words[1][1:]] = {"cells": 0, "flops": 0, "memory_bits": 0}
        elif words[:1] == ["cell"]:
            kind = words[1]
            if kind in GATES:
                own["cells"] += 1
            elif is_flip_flop(kind):
                own["flops"] += 1
            elif kind == "$mem_v2":
                memory = {}
            elif kind.startswith("$"):
                sys.exit(f"yosys_stats.py: cell {kind} is left after mapping")
        elif memory is not None and words[:1] == ["parameter"]:
            memory[words[-2]] = words[-1]
        elif memory is not None and words == ["end"]:
            own["memory_bits"] += int(memory["\\SIZE"]) * int(memory["\\WIDTH"])
            memory = None
    return modules


def longest(output):
    """Levels of each module that `ltp` spoke of."""
    loops = re.findall(r".*Detected loop.*", output)
    if loops:
        sys.exit("yosys_stats.py: a combinational loop:\n" + "\n".join(loops[:5]))
    found = re.findall(r"Longest topological path in (\S+) \(length=(-?\d+)\)", output)
    return {name: max(0, int(length)) for name, length in found}


def synthesize(design, keys):
    """Own figures of the modules `keys`; leaves their gates in mapped.il."""
    mapped = design.folder / "mapped.il"
    others = [key for key in design.children if key not in keys]
    chosen = " ".join(keys)
    yosys(f"read_rtlil {design.elaborated}\nselect {chosen}\n{RECIPE}\nselect -clear\n" +
          "".join(f"delete {key}\n" for key in others) + f"write_rtlil {mapped}\n", design.folder)
    figures = count(mapped)
    # What a module instantiates, and memories, end a path.
    output = yosys(f"read_rtlil {mapped}\ndelete t:pp_* t:$mem_v2\nltp -noff\n", design.folder)
    levels = longest(output)
    return {key: {"hash": design.hashes[key], **figures[key], "levels": levels.get(key, 0)}
            for key in keys}


def deep_levels(design, keys):
    """Levels of modules with all that they contain, from the gates of the whole device."""
    script = f"read_rtlil {design.folder / 'mapped.il'}\ndelete t:$mem_v2\ndesign -save all\n"
    for key in keys:
        script += f"design -load all\nhierarchy -top {key}\nflatten\nopt_clean\nltp -noff\n"
    levels = longest(yosys(script, design.folder))
    return {key: levels.get(key, 0) for key in keys}


def alike(one, other):
    """Whether two siblings are one row: the same but for constants, as their number."""
    return all(abs(one[name] - other[name]) <= SHARE / 4 * one[name] for name in one)


def rows(design, sums, key=TOP, depth=0, times=1):
    """(depth, times, key) along the hierarchy; siblings that are alike are one row."""
    yield depth, times, key
    groups = []
    for child in design.children[key]:
        for group in groups:
            first = group[0]
            if (first.split("__")[0] == child.split("__")[0] and
                    alike(sums[first], sums[child])):
                group.append(child)
                break
        else:
            groups.append([child])
    for group in sorted(groups, key=lambda group: -sums[group[0]]["cells"] * len(group)):
        if sums[group[0]]["cells"] >= ROW_CELLS * sums[TOP]["cells"]:
            yield from rows(design, sums, group[0], depth + 1, len(group))


def table(design, modules, sums):
    yield "| Module | Of it | Cells | Flip-flops | Memory bits | Levels, own | Levels, deep |"
    yield "|---|---|---|---|---|---|---|"
    for depth, times, key in rows(design, sums):
        own, total = modules[key], sums[key]
        indent = "&nbsp;&nbsp;" * depth
        yield (f"| {indent}`{key.split('__')[0]}` | {times} | {total['cells']:,} | "
               f"{total['flops']:,} | {total['memory_bits']:,} | {own['levels']} | "
               f"{own.get('deep_levels', '')} |")


def differs(name, kept, now):
    return abs(now - kept) > max(SLACK[name], 0 if name == "levels" else SHARE * kept)


def compare(kept, modules, sums):
    """Lines that say what changed; those that are too much start with 'FAIL'."""
    for what, old, new in (("own", kept["modules"], modules), ("total", kept["totals"], sums)):
        for key in sorted(old.keys() | new.keys()):
            if key not in old or key not in new:
                # A parameter that changed shows in the totals of those above.
                yield f"{'new' if key in new else 'gone'}: {key}"
                continue
            for name in FIGURES:
                if name in old[key] and old[key][name] != new[key][name]:
                    verdict = "FAIL" if differs(name, old[key][name], new[key][name]) else "ok"
                    yield (f"{verdict}: {key} {what} {name.replace('_', ' ')}: "
                           f"{old[key][name]:,} -> {new[key][name]:,}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("files", nargs="+", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        design = Design(args.files, Path(name))
        kept = json.loads(KEPT.read_text()) if args.check else {"modules": {}, "totals": {}}
        modules = {key: kept["modules"][key] for key, value in design.hashes.items()
                   if kept["modules"].get(key, {}).get("hash") == value}
        missing = sorted(design.children.keys() - modules.keys())
        print(f"{len(design.children)} modules, {len(missing)} to be synthesized", flush=True)
        if missing:
            modules |= synthesize(design, missing)
        sums = {key: design.total(modules, key) for key in design.children}

        if args.check:
            changes = list(compare(kept, modules, sums))
            print("\n".join(changes) if changes else "as docs/synthesis.json has it")
            if any(line.startswith("FAIL") for line in changes):
                sys.exit("yosys_stats.py: the hardware's cost changed: if that is meant, "
                         "run `ninja -C build/release rtl_synthesis` and commit docs/synthesis.*")
            return

        large = [key for key in design.children
                 if DEEP_CELLS[0] <= sums[key]["cells"] / sums[TOP]["cells"] <= DEEP_CELLS[1]]
        for key, levels in deep_levels(design, large).items():
            modules[key]["deep_levels"] = levels
        KEPT.write_text(json.dumps({"modules": modules, "totals": sums}, indent=1,
                                   sort_keys=True) + "\n")
        lines = list(table(design, modules, sums))
        put_table(DOCUMENT, "yosys_stats.py", lines)
        print("\n".join(lines))


if __name__ == "__main__":
    main()
