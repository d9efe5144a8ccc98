#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the engine costs and how deep it is, by yosys: docs/engine.json and docs/engine_paths.md.

  yosys_engine.py FILE...            synthesizes what changed, writes both
  yosys_engine.py --check FILE...    compares with docs/engine.json, writes nothing
  yosys_engine.py --paths TOP [-P NAME=VALUE]... FILE...
                                     the worst paths of any module with all that it contains

FILE...: the sources of the engine, packages first (`ninja rtl_engine_synthesis` and CTest's
rtl_engine_levels give them). The first two forms take pp_lz4_compressor at every point of
bench/engine/design_space.json, and pp_lz4_decompressor.

How: every module is mapped to 2-input gates and multiplexers for depth (`abc -g gates,MUX`
without the rewriting for area that would make chains of trees) by itself,
all are flattened, and constants and what is unused go from the whole. Memories whose
reads are all clocked stay RAMs and are cut out: a path ends at any of their inputs and begins
at what they read. Memories that are read without a clock become flip-flops and multiplexers.
Levels are gates on the longest path between flip-flops, RAMs and ports; inverters count.

--check fails if the default engine (W = 16) or the decompressor has a path of more than 40
levels. Where a hash of the sources and the recipe is that of docs/engine.json, it
takes the figures from there, so that it takes a second; else it synthesizes these two.
Mapped modules are kept in --cache (build/yosys), so that only what changed is mapped again.

Limitations: generic gates, no library and no wires; not optimised across modules but for
constants, so that levels are an upper bound of what a flat synthesis with this recipe gives.
"""

import argparse
import concurrent.futures
import json
import os
import re
import sys
import tempfile
from pathlib import Path

from netlist_paths import Netlist, by_block
from yosys_design import ROOT, TO_MEMORIES, digest, elaborate, put_table, yosys

KEPT = ROOT / "docs/engine.json"
DOCUMENT = ROOT / "docs/engine_paths.md"
POINTS = ROOT / "bench/engine/design_space.json"
COMPRESSOR, DECOMPRESSOR = "pp_lz4_compressor", "pp_lz4_decompressor"
MOST_LEVELS = 40
# Part of every hash: figures of another recipe are no figures.
TO_GATES = """
opt -fast
techmap
opt -fast
abc -g gates,MUX -script +strash;ifraig;scorr;balance;dch,-f;map
opt_clean
"""
FLATTEN = "flatten\nopt_expr\nopt_clean\nopt_expr\nopt_clean"
RECIPE = TO_MEMORIES + TO_GATES + FLATTEN


def plain(path):
    """A source without comments and layout."""
    return " ".join(re.sub(r"//.*", "", path.read_text()).split())


class Sources:
    """The files of the design and what hangs on them."""

    def __init__(self, files, include):
        self.files = files
        self.include = include
        self.text = {path.stem: plain(path) for path in files}
        self.shared = [text for stem, text in self.text.items() if stem.endswith("_pkg")]
        self.shared += [plain(path) for path in sorted(include.glob("*.svh"))]

    def reach(self, top):
        """A module and those that it names, and so on."""
        reached, todo = set(), {top}
        while todo:
            module = todo.pop()
            reached.add(module)
            todo |= set(re.findall(r"\bpp_\w+", self.text[module])) & self.text.keys() - reached
        return sorted(reached)

    def hash(self, top, parameters):
        """Of all that the figures of a module depend on."""
        words = [f"{name}={value}" for name, value in sorted(parameters.items())]
        return digest(RECIPE, top, *words, *(self.text[module] for module in self.reach(top)),
                      *self.shared)


def modules_of(path):
    """The text of each module of an RTLIL file."""
    modules, name, lines = {}, None, []
    for line in path.read_text().splitlines(keepends=True):
        if line.startswith("module "):
            name, lines = line.split()[1][1:], []
        if name:
            lines.append(line)
        if line == "end\n":
            modules[name] = "".join(lines)
            name = None
    return modules


def unclocked(path):
    """module/cell of the memories of which a read port has no clock."""
    module, cell, found = None, None, []
    for line in path.read_text().splitlines():
        words = line.split()
        if line.startswith("module "):
            module = words[1][1:]
        elif words[:1] == ["cell"]:
            cell = words[2] if words[1] == "$mem_v2" else None
        elif cell and words[:2] == ["parameter", "\\RD_CLK_ENABLE"] and "0" in words[2].split("'")[-1]:
            found.append(f"{module}/{cell}")
    return found


def map_modules(keys, elaborated, folder):
    """Maps those modules; their RTLIL."""
    folder.mkdir()
    part, mapped = folder / "part.il", folder / "mapped.il"
    yosys(f"read_rtlil {elaborated}\nselect {' '.join(keys)}\n{TO_MEMORIES}\n"
          f"select -clear\nwrite_rtlil {part}\n", folder)
    registers = unclocked(part)
    yosys(f"read_rtlil {part}\n" + "".join(f"memory_map {name}\n" for name in registers) +
          f"select {' '.join(keys)}\n{TO_GATES}\nselect -clear\nwrite_rtlil {mapped}\n", folder)
    modules = modules_of(mapped)
    return {key: modules[key] for key in keys}


def map_all(keys, folder, jobs):
    """Likewise, several at a time; yields (key, RTLIL) as they come."""
    elaborated = folder / "elaborated.il"
    size = {key: len(text) for key, text in modules_of(elaborated).items()}
    # Every yosys reads all of the design: small modules share one. The largest come first.
    packs, room = [], sum(size[key] for key in keys) / (6 * jobs)
    for key in sorted(keys, key=lambda key: -size[key]):
        if not packs or sum(size[other] for other in packs[-1]) + size[key] > room:
            packs.append([])
        packs[-1].append(key)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(map_modules, pack, elaborated, folder / pack[0]) for pack in packs]
        for run in concurrent.futures.as_completed(runs):
            yield from run.result().items()


def netlist(sources, top, parameters, cache, jobs):
    """The flattened gates of a module."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        children = elaborate(sources.files, top, folder, parameters, sources.include)
        files = {key: cache / f"{key}-{digest(RECIPE, key, sources.text[key.split('__')[0]], *sources.shared)}.il"
                 for key in children}
        missing = sorted(key for key, path in files.items() if not path.exists())
        if missing:
            print(f"mapping {len(missing)} of {len(children)} modules: " +
                  ", ".join(sorted({key.split("__")[0] for key in missing})), file=sys.stderr, flush=True)
            cache.mkdir(parents=True, exist_ok=True)
            for key, text in map_all(missing, folder, jobs):
                part = files[key].with_suffix(f".{folder.name}")
                part.write_text(text)
                part.rename(files[key])
        root = next(iter(children))
        yosys("".join(f"read_rtlil {path}\n" for path in files.values()) +
              f"hierarchy -check -top {root}\n{FLATTEN}\nwrite_json {folder / 'flat.json'}\n", folder)
        return Netlist(folder / "flat.json", root)


def figures(sources, top, parameters, cache, jobs):
    """What docs/engine.json holds of one configuration."""
    net = netlist(sources, top, parameters, cache, jobs)
    paths = net.paths()
    return {
        "hash": sources.hash(top, parameters), "parameters": parameters,
        "cells": sum(net.cells.values()), "flops": net.flops, "memory_bits": net.memory_bits,
        "levels": paths[0].levels,
        "worst": [{"levels": path.levels, "from": path.begin, "to": path.end} for path in by_block(paths)[:16]],
    }


def print_paths(net, count):
    """For a person: the table and where its first paths pass."""
    paths = net.paths()
    print(f"{sum(net.cells.values()):,} gates, {net.flops:,} flip-flops, {net.memory_bits:,} RAM bits; "
          f"{sum(path.levels > MOST_LEVELS for path in paths)} of {len(paths)} registers, RAMs and outputs "
          f"have a path of more than {MOST_LEVELS} levels")
    for path in paths[:count]:
        print(f"{path.levels:4}  {path.begin}  ->  {path.end}")
    for path in paths[:3]:
        print(f"\n{path.levels} levels into {path.end}:\n     0  {path.begin}")
        for level, name in path.via:
            print(f"  {level:4}  {name}")


def points():
    """The compressor's design points: name -> parameters of the RTL, the default first."""
    space = json.loads(POINTS.read_text())
    return {point["name"]: point["parameters"] for point in space["points"]}


def targets():
    """(name, top, parameters) of all that docs/engine.json holds."""
    yield from ((name, COMPRESSOR, parameters) for name, parameters in points().items())
    yield "decompressor", DECOMPRESSOR, {}


def tables(kept):
    """The document's generated part."""
    yield "| configuration | gates | flip-flops | RAM bits | levels |"
    yield "|---|---|---|---|---|"
    for name, entry in kept.items():
        yield (f"| {name} | {entry['cells']:,} | {entry['flops']:,} | {entry['memory_bits']:,} | "
               f"{entry['levels']} |")
    for name in (next(iter(kept)), "decompressor"):
        yield ""
        yield f"Worst paths of **{name}**, one a block:"
        yield ""
        yield "| levels | from | to |"
        yield "|---|---|---|"
        for path in kept[name]["worst"]:
            yield f"| {path['levels']} | `{path['from']}` | `{path['to']}` |"


def check(sources, cache, jobs):
    """The rule on levels; figures as kept where the sources are those."""
    kept = json.loads(KEPT.read_text())["configurations"] if KEPT.exists() else {}
    default = next(iter(points()))
    failed = False
    for name, top, parameters in targets():
        entry = kept.get(name)
        fresh = entry and entry["hash"] == sources.hash(top, parameters)
        if not fresh and name in (default, "decompressor"):
            print(f"{name}: docs/engine.json has no figures of these sources", flush=True)
            entry = figures(sources, top, parameters, cache, jobs)
        elif not fresh:
            print(f"note: {name}: figures are of other sources")
            continue
        if name in (default, "decompressor"):
            bad = entry["levels"] > MOST_LEVELS
            failed |= bad
            print(f"{'FAIL' if bad else 'ok'}: {name}: {entry['levels']} levels, at most {MOST_LEVELS}")
            for path in entry["worst"][:5] if bad else []:
                print(f"  {path['levels']}  {path['from']} -> {path['to']}")
    if failed:
        sys.exit("yosys_engine.py: a path is too long: see --paths")


def write(sources, cache, jobs, only):
    """Brings docs/engine.json and docs/engine_paths.md up to date."""
    kept = json.loads(KEPT.read_text())["configurations"] if KEPT.exists() else {}
    now = {}
    for name, top, parameters in targets():
        entry = kept.get(name)
        stale = not entry or entry["hash"] != sources.hash(top, parameters)
        if stale and (not only or name in only):
            entry = figures(sources, top, parameters, cache, jobs)
            print(f"{name}: {entry['cells']:,} gates, {entry['levels']} levels", flush=True)
        if entry:
            now[name] = entry
            KEPT.write_text(json.dumps({"version": 1, "recipe": digest(RECIPE), "configurations": now | {
                key: value for key, value in kept.items() if key not in now}}, indent=1) + "\n")
    put_table(DOCUMENT, "yosys_engine.py", tables(now))


def parameter(text):
    """NAME=VALUE"""
    name, equals, value = text.partition("=")
    if not equals or not value.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=NUMBER")
    return name, int(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail if a path is too long")
    parser.add_argument("--paths", metavar="TOP", help="print the worst paths of this module")
    parser.add_argument("-P", "--parameter", action="append", type=parameter, default=[],
                        metavar="NAME=VALUE", help="of TOP; may be given again")
    parser.add_argument("-n", "--number", type=int, default=15, help="of paths to print (15)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="synthesize only this configuration of the design space")
    parser.add_argument("--cache", type=Path, default=ROOT / "build/yosys", help="mapped modules")
    parser.add_argument("--include", type=Path, default=ROOT / "rtl/common", help="where the .svh are")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="modules mapped at a time (%(default)s)")
    parser.add_argument("files", nargs="+", type=Path)
    args = parser.parse_args()
    missing = [str(path) for path in args.files if not path.is_file()]
    if missing:
        parser.error(f"no such file: {' '.join(missing)}")
    sources = Sources(args.files, args.include)
    if args.paths and args.paths not in sources.text:
        parser.error(f"no file is named {args.paths}.sv")
    if args.paths:
        print_paths(netlist(sources, args.paths, dict(args.parameter), args.cache, args.jobs), args.number)
    elif args.check:
        check(sources, args.cache, args.jobs)
    else:
        write(sources, args.cache, args.jobs, args.only)


if __name__ == "__main__":
    main()
