// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// A deep first-in first-out queue over a RAM with one write port and one
/// registered read port. One entry a cycle on both sides; an entry is visible two
/// cycles after it was written.
///
/// **Limitations**
/// - DEPTH is a power of two of at least 2.
/// - There is no ready on the input: the user counts the room, as a DMA reader
///   must do anyway before it issues a burst. Pushing into a full queue is an
///   error (asserted). An entry in the output register still counts.
module pp_ram_fifo #(
  parameter int unsigned WIDTH = 256,  // bits an entry
  parameter int unsigned DEPTH = 512   // entries
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             in_valid_i,
  input  logic [WIDTH-1:0] in_data_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [WIDTH-1:0] out_data_o
);

  localparam int unsigned PTR_W = $clog2(DEPTH);

  if (DEPTH < 2 || (1 << PTR_W) != DEPTH) begin : gen_bad_depth
    $error("DEPTH must be a power of two of at least 2");
  end

  logic [PTR_W:0] wr_q;
  logic [PTR_W:0] rd_q;
  logic out_valid_q;
  logic [WIDTH-1:0] out_data_q;
  logic [WIDTH-1:0] mem [DEPTH];
  logic load;

  assign load        = (wr_q != rd_q) && (!out_valid_q || out_ready_i);
  assign out_valid_o = out_valid_q;
  assign out_data_o  = out_data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_q <= '0;
      rd_q <= '0;
      out_valid_q <= 1'b0;
    end else begin
      if (in_valid_i) wr_q <= wr_q + 1'b1;
      if (load) rd_q <= rd_q + 1'b1;
      if (load) out_valid_q <= 1'b1;
      else if (out_ready_i) out_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_valid_i) mem[wr_q[PTR_W-1:0]] <= in_data_i;
    if (load) out_data_q <= mem[rd_q[PTR_W-1:0]];
  end

  `PP_ASSERT(NoOverflow, !(in_valid_i && (wr_q - rd_q) == (PTR_W + 1)'(DEPTH)))

endmodule

`default_nettype wire
