# SPDX-License-Identifier: Apache-2.0
"""What yosys_stats.py and yosys_engine.py share: running yosys, an elaborated design whose modules
have short names, hashes, the tables of documents.

Limitation: yosys 0.23's RTLIL is read line by line, not parsed.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


# From an elaborated module to cells of words and memories; part of both recipes.
TO_MEMORIES = """
opt -fast
wreduce
peepopt
opt_clean
alumacc
opt -fast
memory -nomap
opt_clean
"""


def yosys(script, folder):
    """Runs commands; what yosys says, unless it fails."""
    path = folder / "script.ys"
    path.write_text(script)
    run = subprocess.run(["yosys", "-T", "-s", str(path)], capture_output=True, text=True,
                         check=False)
    if run.returncode != 0:
        sys.exit(f"{Path(sys.argv[0]).name}: yosys failed:\n{(run.stdout + run.stderr)[-3000:]}")
    return run.stdout


def digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def base(name):
    """'$paramod$0123\\pp_fifo' or '$paramod\\pp_fifo\\W=..' -> pp_fifo"""
    return next(part for part in name.split("\\") if part.startswith(("pp_", "pagepress_")))


def key_of(name):
    """A module's key here and its name for yosys from then on: pp_fifo__0123abcd."""
    return f"{base(name)}__{digest(name)[:8]}" if name.startswith("$") else base(name)


def elaborate(files, top, folder, parameters=None, include=ROOT / "rtl/common"):
    """Elaborates into folder/elaborated.il; what each module instantiates, by their keys, top's key first."""
    elaborated = folder / "elaborated.il"
    # `hierarchy -chparam` of 0.23 elaborates modules twice and then trips over them.
    chosen = "".join(f" -set {name} {value}" for name, value in (parameters or {}).items())
    yosys(f"read_verilog -sv -I{include} {' '.join(map(str, files))}\n" +
          (f"chparam{chosen} {top}\n" if chosen else "") +
          f"hierarchy -check -top {top}\nproc\nwrite_rtlil {elaborated}\n", folder)
    children = {}
    lines = elaborated.read_text().splitlines()
    renamed = {line.split()[1] for line in lines if line.startswith("module ")}
    root = None
    for number, line in enumerate(lines):
        words = line.split()
        if line.startswith("module "):
            module = key_of(words[1])
            root = module if base(words[1]) == top else root
            children[module] = []
            lines[number] = f"module \\{module}"
        elif words[:1] == ["cell"] and words[1] in renamed:
            children[module].append(key_of(words[1]))
            lines[number] = f"  cell \\{key_of(words[1])} {words[2]}"
    elaborated.write_text("\n".join(lines) + "\n")
    return {root: children[root], **children}


def is_flip_flop(kind):
    return kind.startswith(("$_DFF", "$_SDFF", "$_ALDFF", "$_DLATCH", "$_SR", "$_FF"))


def put_table(document, script, lines):
    """Replaces the generated part of a document, which begins and ends with a mark."""
    begin, end = f"<!-- table: {script} -->\n", "<!-- end of table -->\n"
    before, rest = document.read_text().split(begin)
    document.write_text(before + begin + "\n" + "\n".join(lines) + "\n\n" + end + rest.split(end)[1])
