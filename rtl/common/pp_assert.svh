// SPDX-License-Identifier: Apache-2.0
// The assertion macro of the RTL.
//
// Simulation builds that want the checks define PP_ASSERTIONS (the benches under
// tests/rtl do); synthesis and fast models do not, and the macro vanishes, so that
// yosys never sees an assertion.
//
// Limitations: the clock is clk_i and the reset rst_ni of the module that asserts;
// the property is a plain expression. An immediate assertion in a process with the
// asynchronous reset is what lets Verilator see no mixed use of rst_ni.
`ifndef PP_ASSERT_SVH
`define PP_ASSERT_SVH

`ifdef PP_ASSERTIONS
// PP_ASSERT(Name, expression): true at every rising clock edge out of reset.
`define PP_ASSERT(Name, Expr) \
  always_ff @(posedge clk_i or negedge rst_ni) begin : Name \
    if (rst_ni) assert (Expr) else $error("%m: assertion failed"); \
  end
`else
`define PP_ASSERT(Name, Expr)
`endif

`endif
