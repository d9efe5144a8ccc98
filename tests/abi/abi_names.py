#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Proves that the contract's header, SystemVerilog package and document agree.

  abi_names.py [--header H] [--package SV] [--document MD] [--cc CC] [--verilator V]

- Header and package define the same PP_* names. The C compiler evaluates the
  header's (as C11, warnings being errors), Verilator compares the package's
  with them.
- The document mentions every name, and none that does not exist; a table row
  whose first cell is one `NAME` has its value in the second; every name has one.

Prints what differs, a line each; exit code 1 if anything does. Limitation:
struct layouts are abi_layout_test's business.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(command, what):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"abi_names.py: {what} failed:\n{result.stderr}{result.stdout}")
    return result.stdout


def header_values(header, compiler):
    """{name: value} of every PP_* macro, evaluated by the compiler."""
    macros = run([compiler, "-x", "c", "-std=c11", "-dM", "-E", str(header)], "preprocessing the header")
    names = re.findall(r"^#define (PP_\w+) ", macros, re.MULTILINE)
    rows = "".join(f'  printf("{name} %llu\\n", (unsigned long long)({name}));\n' for name in names)
    source = f'#include <stdio.h>\n#include "{header.resolve()}"\nint main(void) {{\n{rows}  return 0;\n}}\n'
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory)
        (path / "values.c").write_text(source)
        run([compiler, "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", str(path / "values.c"),
             "-o", str(path / "values")], "compiling the header as C11")
        output = run([str(path / "values")], "evaluating the header")
    return {name: int(value) for name, value in (line.split() for line in output.splitlines())}


def package_names(package):
    """Every PP_* that the package defines (a name followed by a single '=')."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", package.read_text(), flags=re.DOTALL)
    return re.findall(r"\b(PP_\w+)\s*=(?!=)", text)


def package_differences(package, names, values, verilator):
    """Lets Verilator compare the package's values: a generate-if with $error a name."""
    checks = "".join(
        f"  if (64'(pagepress_abi_pkg::{name}) != 64'd{values[name]})\n"
        f'    $error("{name}: %0d in the package, {values[name]} in the header", pagepress_abi_pkg::{name});\n'
        for name in names)
    with tempfile.TemporaryDirectory() as directory:
        probe = Path(directory) / "abi_values.sv"
        probe.write_text(f"module abi_values;\n{checks}endmodule\n")
        result = subprocess.run(
            [verilator, "--lint-only", "-Wall", "-Wno-UNUSEDPARAM", "--top-module", "abi_values",
             str(package), str(probe)], capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return []
    found = re.findall(r"USERERROR: [^ ]* (PP_.*)", result.stderr)
    return found or [f"Verilator refuses the package:\n{result.stderr}"]


def number(cell):
    """The value that a table cell shows, or None: `0x1f`, 31, `1 << 4`."""
    text = cell.strip().strip("`").replace(",", "")
    shift = re.fullmatch(r"(\d+) << (\d+)", text)
    if shift:
        return int(shift[1]) << int(shift[2])
    if re.fullmatch(r"0x[0-9a-fA-F]+|\d+", text):
        return int(text, 0)
    return None


def document_differences(document, values):
    text = document.read_text()
    mentioned = set(re.findall(r"\b(PP_[A-Z0-9_]*[A-Z0-9])\b(?![_*])", text))
    differences = [f"{name}: in {document.name} but not in the header" for name in sorted(mentioned - set(values))]
    rows = re.findall(r"^\| *`(PP_\w+)` *\|([^|]*)\|", text, re.MULTILINE)
    for name, cell in rows:
        if name in values and number(cell) != values[name]:
            differences.append(f"{name}: {cell.strip()} in {document.name}, {values[name]} in the header")
    tabled = [name for name, _ in rows]
    differences += [f"{name}: no table row in {document.name}" for name in sorted(set(values) - set(tabled))]
    differences += [f"{name}: two table rows in {document.name}" for name in sorted(set(tabled)) if tabled.count(name) > 1]
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--header", type=Path, default=ROOT / "rtl/abi/pagepress_abi.h")
    parser.add_argument("--package", type=Path, default=ROOT / "rtl/abi/pagepress_abi_pkg.sv")
    parser.add_argument("--document", type=Path, default=ROOT / "docs/abi.md")
    parser.add_argument("--cc", default="clang")
    parser.add_argument("--verilator", default="verilator")
    arguments = parser.parse_args()

    values = header_values(arguments.header, arguments.cc)
    names = package_names(arguments.package)
    both = [name for name in names if name in values]
    differences = [f"{name}: in the header but not in the package" for name in values if name not in names]
    differences += [f"{name}: in the package but not in the header" for name in names if name not in values]
    differences += package_differences(arguments.package, both, values, arguments.verilator)
    differences += document_differences(arguments.document, values)
    for difference in differences:
        print(difference)
    print(f"{len(values)} names, {len(differences)} differences")
    return 1 if differences or not values else 0


if __name__ == "__main__":
    sys.exit(main())
