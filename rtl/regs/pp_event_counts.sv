// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Short counts of many events that a slow counter collects one at a time: take_i
/// hands out one source's count and starts it anew with what happens in that cycle.
///
/// **Limitations**
/// - COUNT_W must hold all that a source can count between two takes (asserted).
module pp_event_counts #(
  parameter int unsigned SOURCES = 4,
  parameter int unsigned EVENT_W = 1,   // events of a source in a cycle: a number of so many bits
  parameter int unsigned COUNT_W = 10,
  parameter int unsigned INDEX_W = 2
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       clear_i,  // forget everything, this cycle's events too
  input  logic [SOURCES*EVENT_W-1:0] event_i,
  input  logic                       take_i,
  input  logic [INDEX_W-1:0]         index_i,
  output logic [COUNT_W-1:0]         count_o   // of source index_i, up to the cycle before
);

  logic [SOURCES*COUNT_W-1:0] count_q;

  for (genvar i = 0; i < SOURCES; i++) begin : gen_source
    logic               taken;
    logic [COUNT_W-1:0] more;

    assign taken = take_i && index_i == INDEX_W'(i);
    assign more  = COUNT_W'(event_i[i*EVENT_W +: EVENT_W]);

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) count_q[i*COUNT_W +: COUNT_W] <= '0;
      else if (clear_i) count_q[i*COUNT_W +: COUNT_W] <= '0;
      else if (taken) count_q[i*COUNT_W +: COUNT_W] <= more;
      else count_q[i*COUNT_W +: COUNT_W] <= count_q[i*COUNT_W +: COUNT_W] + more;
    end

    `PP_ASSERT(NoOverflow, taken || more <= ~count_q[i*COUNT_W +: COUNT_W])
  end

  always_comb begin
    count_o = '0;
    for (int unsigned i = 0; i < SOURCES; i++) begin
      if (index_i == INDEX_W'(i)) count_o |= count_q[i*COUNT_W +: COUNT_W];
    end
  end

endmodule

`default_nettype wire
