// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// 64-bit counters in a RAM with one read and one write port: one addition, one
/// clearing or one read a cycle. An addition reads in its cycle and writes in the next.
///
/// **Limitations**
/// - A counter that was added to must be left alone in the cycle after (asserted): it is
///   being written.
/// - The contents are undefined until they have been cleared, one by one.
module pp_counter_ram #(
  parameter int unsigned ADDR_W = 6  // log2 of the number of counters
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              add_i,
  input  logic              read_i,
  input  logic              clear_i,
  input  logic [ADDR_W-1:0] addr_i,
  input  logic [31:0]       inc_i,
  output logic [63:0]       value_o   // what was read a cycle ago
);

  logic              add_q;
  logic              clear_q;
  logic [ADDR_W-1:0] addr_q;
  logic [31:0]       inc_q;
  logic [63:0]       value_q;
  logic [63:0]       mem [1 << ADDR_W];

  assign value_o = value_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      add_q   <= 1'b0;
      clear_q <= 1'b0;
      addr_q  <= '0;
      inc_q   <= '0;
    end else begin
      add_q   <= add_i;
      clear_q <= clear_i;
      addr_q  <= addr_i;
      inc_q   <= inc_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (add_i || read_i) value_q <= mem[addr_i];
    if (add_q || clear_q) mem[addr_q] <= clear_q ? '0 : value_q + 64'(inc_q);
  end

  `PP_ASSERT(NoHazard, !(add_q && (add_i || read_i) && addr_i == addr_q))

endmodule

`default_nettype wire
