#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/yosys_engine.py --paths over small modules whose longest paths are known."""

import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/yosys_engine.py"

# Exclusive ors of eight bits between registers: three levels, and one more behind an input.
CHAIN = """
module pp_chain #(parameter int unsigned N = 8) (
  input logic clk_i, input logic flip_i, input logic [N-1:0] data_i, output logic parity_o
);
  logic [N-1:0] data_q;
  logic parity_q;
  always_ff @(posedge clk_i) begin
    data_q <= data_i;
    parity_q <= ^data_q ^ flip_i;
  end
  assign parity_o = parity_q;
endmodule
"""

# One RAM that is read by a clock and one that is not: this one becomes flip-flops.
MEMORIES = """
module pp_memories (
  input logic clk_i, input logic we_i, input logic [3:0] at_i, input logic [7:0] data_i,
  output logic [7:0] clocked_o, output logic [7:0] plain_o
);
  logic [7:0] clocked_mem [16];
  logic [7:0] plain_mem [16];
  logic [7:0] clocked_q, plain_q;
  always_ff @(posedge clk_i) begin
    if (we_i) clocked_mem[at_i] <= data_i;
    if (we_i) plain_mem[at_i] <= data_i;
    clocked_q <= clocked_mem[at_i];
    plain_q <= plain_mem[at_i] + 8'd1;
  end
  assign clocked_o = clocked_q;
  assign plain_o = plain_q;
endmodule
"""

# A path through an instance and back.
OUTER = """
module pp_outer (input logic clk_i, input logic [7:0] a_i, output logic [7:0] sum_o);
  logic [7:0] a_q, sum_q, mid;
  pp_inner i_inner (.a_i(a_q), .b_o(mid));
  always_ff @(posedge clk_i) begin
    a_q <= a_i;
    sum_q <= ~mid;
  end
  assign sum_o = sum_q;
endmodule
"""
INNER = """
module pp_inner (input logic [7:0] a_i, output logic [7:0] b_o);
  assign b_o = {8{^a_i}};
endmodule
"""


class NetlistPaths(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pagepress-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def paths(self, top, *arguments, **modules):
        files = []
        for name, text in modules.items():
            files.append(self.folder / f"{name}.sv")
            files[-1].write_text(text)
        result = subprocess.run([SCRIPT, "--paths", top, "--cache", self.folder / "cache", *arguments, *files],
                                capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = result.stdout.splitlines()
        return lines[0], [line.split(None, 1) for line in lines[1:] if "->" in line], result.stdout

    def test_a_tree_between_registers(self):
        _, paths, _ = self.paths("pp_chain", pp_chain=CHAIN)
        self.assertIn(["4", "data_q  ->  parity_q"], paths)

    def test_parameters_count(self):
        _, paths, _ = self.paths("pp_chain", "-P", "N=32", pp_chain=CHAIN)
        levels = [int(path[0]) for path in paths if path[1].endswith("parity_q")]
        self.assertTrue(6 <= levels[0] <= 7, paths)

    def test_memories(self):
        summary, paths, _ = self.paths("pp_memories", pp_memories=MEMORIES)
        self.assertIn("128 RAM bits", summary)
        self.assertTrue(any("plain_mem" in path[1] and path[1].endswith("plain_q") for path in paths), paths)
        ends = [path[1] for path in paths]
        self.assertTrue(any("RAM clocked_mem" in end for end in ends), ends)

    def test_through_an_instance(self):
        _, paths, _ = self.paths("pp_outer", pp_inner=INNER, pp_outer=OUTER)
        levels = [int(path[0]) for path in paths if path[1] == "a_q  ->  sum_q"]
        self.assertTrue(levels and 3 <= levels[0] <= 4, paths)

    def test_mapped_modules_are_kept_until_they_change(self):
        self.paths("pp_outer", pp_inner=INNER, pp_outer=OUTER)
        kept = sorted((self.folder / "cache").iterdir())
        self.assertEqual(len(kept), 2)
        self.paths("pp_outer", pp_inner=INNER.replace("\n", " // comment\n", 2), pp_outer=OUTER)
        self.assertEqual(sorted((self.folder / "cache").iterdir()), kept)
        self.paths("pp_outer", pp_inner=INNER.replace("^a_i", "&a_i"), pp_outer=OUTER)
        self.assertEqual(len(list((self.folder / "cache").iterdir())), 3)

    def test_errors(self):
        for arguments, message in (
                (["--paths", "pp_none", __file__], "no file is named pp_none.sv"),
                (["--paths", "pp_x", "/nowhere/pp_x.sv"], "no such file: /nowhere/pp_x.sv"),
                (["--paths", "pp_x", "-P", "W", __file__], "'W' is not NAME=NUMBER")):
            result = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(result.returncode, 2)
            self.assertIn(message, result.stderr)


if __name__ == "__main__":
    unittest.main()
