#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the C++ example in a document is the file that CI compiles and runs.

  doc_example.py DOCUMENT EXAMPLE

The document holds the example, without its licence line, in a block that begins with ```cpp and is
preceded by a line with the example's file name. Exit code 1 with what is wrong otherwise.
Limitation: one block a file name.
"""

import sys
from pathlib import Path


def main(document, example):
    lines = Path(document).read_text().splitlines()
    wanted = Path(example).read_text().splitlines()[1:]
    name = Path(example).name
    starts = [i for i, line in enumerate(lines) if line == "```cpp" and i and name in lines[i - 1]]
    if not starts:
        return f"{document}: no ```cpp block behind a line that names {name}"
    end = lines.index("```", starts[0])
    shown = lines[starts[0] + 1 : end]
    for number, (have, want) in enumerate(zip(shown, wanted)):
        if have != want:
            return f"{document}:{starts[0] + 2 + number}: {have!r}, but {example} has {want!r}"
    if len(shown) != len(wanted):
        return f"{document}: {len(shown)} lines of {name}, which has {len(wanted)}"
    return None


if __name__ == "__main__":
    fault = main(*sys.argv[1:])
    if fault:
        sys.exit(fault)
