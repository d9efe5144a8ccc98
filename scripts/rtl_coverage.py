#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up the RTL coverage of many test processes and says what was never reached.

  rtl_coverage.py [--least PERCENT] [--info FILE] [--holes FILE] FOLDER

FOLDER holds the *.points files that processes of a build with PP_RTL_COVERAGE wrote
(cmake/verilated_cover.h). Prints a table, a row a file of rtl/, and the total last. Exit
code 1 if fewer than PERCENT of the lines were reached.

- Line: one that Verilator counts as executed with a block or a branch; declarations,
  assignments outside of processes and instances are none. Reached if any instance of the
  module, with any parameters, in any test reached it.
- Branch: one way of an if, a case or a ?:, likewise.
- Toggle: a bit of a signal of up to 8 that changed at least once in a bench of a module
  (the whole device's are not counted).

--info writes lcov's format for genhtml, --holes the unreached lines and branches as text.
Limitations: rtl/check (simulation code) and the test benches' own modules are left out;
how often a line was reached is not known.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = "rtl/check/"


def lines_of(text):
    """'42-44,47' -> 42, 43, 44, 47"""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def read(folder):
    """{(kind, file, line, column, lines, name): seen} over all processes."""
    points = {}
    files = sorted(folder.glob("*.points"))
    if not files:
        sys.exit(f"rtl_coverage.py: no *.points in {folder}: did the tests run?")
    for path in files:
        with path.open() as file:
            for row in file:
                seen, key = row.rstrip("\n").split("\t", 1)
                points[key] = points.get(key, False) or seen == "1"
    return points


class File:
    def __init__(self):
        self.lines = {}     # number: reached
        self.branches = {}  # (line, column, name): taken
        self.toggles = {}   # (line, column, bit): changed


def gather(points):
    files = defaultdict(File)
    for key, seen in points.items():
        kind, path, line, column, lines, name = key.split("\t")
        path = Path(path)
        if not path.is_relative_to(ROOT / "rtl"):
            continue
        name_in_tree = str(path.relative_to(ROOT))
        if name_in_tree.startswith(LEFT_OUT):
            continue
        file = files[name_in_tree]
        place = (int(line), int(column), name)
        if kind == "v_toggle":
            file.toggles[place] = file.toggles.get(place, False) or seen
            continue
        if kind == "v_branch":
            file.branches[place] = file.branches.get(place, False) or seen
        for number in lines_of(lines):
            file.lines[number] = file.lines.get(number, False) or seen
    return files


def share(values):
    """'  97.5 % of  1234', of how many were seen."""
    values = list(values)
    if not values:
        return f"{'-':>7}   {0:>7}"
    return f"{100 * sum(values) / len(values):7.1f} % {len(values):>7}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--least", type=float, default=0)
    parser.add_argument("--info", type=Path)
    parser.add_argument("--holes", type=Path)
    args = parser.parse_args()

    files = gather(read(args.folder))
    if not any(file.lines for file in files.values()):
        sys.exit("rtl_coverage.py: the tests ran nothing of rtl/")
    print(f"{'file':<36}{'lines':>9} {'of':>7} {'branches':>11} {'of':>5} {'toggles':>11} {'of':>5}")
    for name, file in sorted(files.items()):
        print(f"{name:<36}{share(file.lines.values())} {share(file.branches.values())}  "
              f"{share(file.toggles.values())}")
    lines = [seen for file in files.values() for seen in file.lines.values()]
    branches = [seen for file in files.values() for seen in file.branches.values()]
    toggles = [seen for file in files.values() for seen in file.toggles.values()]

    if args.info:
        with args.info.open("w") as out:
            for name, file in sorted(files.items()):
                out.write(f"TN:\nSF:{ROOT / name}\n")
                for number, seen in sorted(file.lines.items()):
                    out.write(f"DA:{number},{int(seen)}\n")
                for (line, column, _), seen in sorted(file.branches.items()):
                    out.write(f"BRDA:{line},0,{column},{int(seen)}\n")
                out.write("end_of_record\n")
    if args.holes:
        with args.holes.open("w") as out:
            for name, file in sorted(files.items()):
                text = (ROOT / name).read_text().splitlines()
                for number, seen in sorted(file.lines.items()):
                    if not seen:
                        out.write(f"line {name}:{number}: {text[number - 1].strip()}\n")
                for (line, column, what), seen in sorted(file.branches.items()):
                    if not seen and file.lines.get(line, True):
                        out.write(f"branch {name}:{line}: {what} of {text[line - 1].strip()}\n")

    percent = 100 * sum(lines) / len(lines)
    print(f"{'rtl/':<36}{share(lines)} {share(branches)}  {share(toggles)}")
    print(f"RTL coverage: {percent:.1f} % of {len(lines)} lines, "
          f"{100 * sum(branches) / max(1, len(branches)):.1f} % of {len(branches)} branches, "
          f"{100 * sum(toggles) / max(1, len(toggles)):.1f} % of {len(toggles)} signal bits")
    if percent < args.least:
        sys.exit(f"rtl_coverage.py: fewer than {args.least:g} % of the lines")


main()
