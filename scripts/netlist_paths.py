# SPDX-License-Identifier: Apache-2.0
"""Longest paths of a mapped netlist (yosys' write_json): one for each register or RAM where paths end.

A path begins at a flip-flop's output, a RAM's read data or an input of the top; it ends at any
input of a flip-flop or a RAM or an output of the top. Each gate on it is a level, inverters too.

Limitation: no delays; a path that no input can sensitise counts like any other.
"""

import collections
import json
import re
import sys
from pathlib import Path

from yosys_design import is_flip_flop

RAM = "$mem_v2"

# A group of paths: the longest one of those that end at one register, RAM or port.
Path_ = collections.namedtuple("Path_", "levels begin end via")


def register(name):
    """The register of a bit's name, equal blocks as one: 'gen_bank[5].a_q[3]' -> 'gen_bank[*].a_q'."""
    return re.sub(r"\[\d+\]", "[*]", re.sub(r"(\[\d+\])+$", "", name))


class Netlist:
    """The top module of a flattened, mapped design."""

    def __init__(self, path, top):
        module = json.loads(Path(path).read_text())["modules"][top]
        self.names = self._names(module)
        self.cells = collections.Counter()
        self.flops = 0
        self.memory_bits = 0
        self.begins = {}   # bit -> name of the register, RAM or port that drives it
        self.ends = []     # (bit, name)
        self.gates = {}    # output bit -> input bits
        for name, port in module["ports"].items():
            for bit in port["bits"]:
                if port["direction"] == "input":
                    self.begins[bit] = f"input {name}"
                else:
                    self.ends.append((bit, f"output {name}"))
        for name, cell in module["cells"].items():
            self._add(name, cell)
        self._relax()

    @staticmethod
    def _names(module):
        """The best name of each bit: not yosys' own, a register's (_q), high in the hierarchy."""
        names = {}
        for name, net in module["netnames"].items():
            if "$" in name:
                continue
            rank = (not name.endswith("_q"), name.count("."), len(name), name)
            for i, bit in enumerate(net["bits"]):
                if bit not in names or rank < names[bit][0]:
                    names[bit] = (rank, f"{name}[{i}]" if len(net["bits"]) > 1 else name)
        return {bit: name for bit, (_, name) in names.items()}

    def _add(self, name, cell):
        kind, pins = cell["type"], cell["connections"]
        if is_flip_flop(kind):
            self.flops += 1
            own = register(self.names.get(pins["Q"][0], name))
            self.begins[pins["Q"][0]] = own
            self.ends += [(bits[0], own) for pin, bits in pins.items() if pin not in ("Q", "C")]
        elif kind == RAM:
            size = int(cell["parameters"]["SIZE"], 2) * int(cell["parameters"]["WIDTH"], 2)
            self.memory_bits += size
            own = f"RAM {register(name)}"
            for bit in pins["RD_DATA"]:
                self.begins[bit] = own
            for pin, bits in pins.items():
                if pin not in ("RD_DATA", "RD_CLK", "WR_CLK"):
                    self.ends += [(bit, own) for bit in bits]
        elif kind.startswith("$_"):
            self.cells[kind[2:-1]] += 1
            self.gates[pins["Y"][0]] = [bits[0] for pin, bits in pins.items() if pin != "Y"]
        else:
            sys.exit(f"{Path(sys.argv[0]).name}: cell {kind} is left after mapping")

    def _relax(self):
        """Levels of every gate's output, and the input that they come from."""
        self.level, self.source = {}, {}
        for root in self.gates:
            stack = [root]
            while stack:
                bit = stack[-1]
                if bit in self.level and self.level[bit] is not None:
                    stack.pop()
                    continue
                waits = [i for i in self.gates[bit] if i in self.gates and self.level.get(i) is None]
                if bit in self.level and waits:
                    if any(i in self.level for i in waits):
                        sys.exit(f"{Path(sys.argv[0]).name}: a combinational loop through "
                                 f"{self.names.get(bit, bit)}")
                if waits:
                    self.level[bit] = None  # on its way
                    stack.append(waits[0])
                    continue
                best = max(self.gates[bit], key=lambda i: self.level.get(i, 0))
                self.level[bit] = self.level.get(best, 0) + 1
                self.source[bit] = best
                stack.pop()

    def paths(self):
        """The longest path into each register, RAM and output, worst first."""
        worst = {}
        for bit, end in self.ends:
            levels = self.level.get(bit, 0)
            if end not in worst or levels > worst[end][0]:
                worst[end] = (levels, bit)
        found = []
        for end, (levels, bit) in worst.items():
            via = []
            while bit in self.source:
                if bit in self.names and (not via or register(self.names[bit]) != via[-1][1]):
                    via.append((self.level[bit], register(self.names[bit])))
                bit = self.source[bit]
            found.append(Path_(levels, self.begins.get(bit, f"constant {bit}"), end, via[::-1]))
        return sorted(found, key=lambda path: (-path.levels, path.end))


def by_block(paths):
    """Of paths, worst first, the worst one into each block: the instance that the register is in."""
    found = {}
    for path in paths:
        found.setdefault(path.end.removeprefix("RAM ").rpartition(".")[0], path)
    return list(found.values())
