#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""yosys with a multiplier and a bank of filters of its own making, down to gates.

It is fed a design made here, so that its memory does not depend on what rtl/ holds today.
"""

import pathlib
import subprocess

import workload

DESIGN = """
module filter #(parameter N = 4, parameter W = 12) (input clk, input signed [W-1:0] x, output reg signed [2*W+3:0] y);
  reg signed [W-1:0] line [0:N-1];
  integer i;
  reg signed [2*W+3:0] sum;
  always @* begin
    sum = 0;
    for (i = 0; i < N; i = i + 1) sum = sum + line[i] * (i * 37 + 11);
  end
  always @(posedge clk) begin
    line[0] <= x;
    for (i = 1; i < N; i = i + 1) line[i] <= line[i-1];
    y <= sum;
  end
endmodule
"""


def main():
    text = DESIGN + "module top(input clk, input signed [11:0] x, output [4*28-1:0] y);\n"
    for n in range(4):
        text += f"  filter #(.N({4 + n})) f{n} (.clk(clk), .x(x ^ {n}), .y(y[{28 * n} +: 28]));\n"
    pathlib.Path("design.v").write_text(text + "endmodule\n")
    pathlib.Path("run.ys").write_text(
        "read_verilog design.v\nhierarchy -top top\nproc\nflatten\nopt\ntechmap\nopt -fast\nlog ready\nshell\n")
    yosys = workload.start(["/usr/bin/stdbuf", "-oL", "/usr/bin/yosys", "-Q", "-T", "run.ys"],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    workload.await_line(yosys, "ready", "yosys")
    workload.ready(yosys.pid)


if __name__ == "__main__":
    main()
