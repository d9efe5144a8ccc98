// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A first-in first-out queue with valid/ready on both sides. The oldest entry is
/// visible as soon as it is there; a full queue does not take an entry in the
/// cycle in which it gives one away, so that no path leads from out to in.
///
/// **Limitations**
/// - DEPTH is a power of two of at least 2.
/// - The storage is read combinationally: flip-flops or a register file. Buffers
///   of pages use pp_ram_fifo.
module pp_fifo #(
  parameter int unsigned WIDTH = 8,  // bits an entry
  parameter int unsigned DEPTH = 4   // entries
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [WIDTH-1:0] in_data_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [WIDTH-1:0] out_data_o
);

  localparam int unsigned PTR_W = $clog2(DEPTH);

  if (DEPTH < 2 || (1 << PTR_W) != DEPTH) begin : gen_bad_depth
    $error("DEPTH must be a power of two of at least 2");
  end

  // One bit more than an address: equal means empty, equal but for it means full.
  logic [PTR_W:0] wr_q;
  logic [PTR_W:0] rd_q;
  logic [WIDTH-1:0] mem [DEPTH];

  assign in_ready_o  = wr_q != {~rd_q[PTR_W], rd_q[PTR_W-1:0]};
  assign out_valid_o = wr_q != rd_q;
  assign out_data_o  = mem[rd_q[PTR_W-1:0]];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_q <= '0;
      rd_q <= '0;
    end else begin
      if (in_valid_i && in_ready_o) wr_q <= wr_q + 1'b1;
      if (out_valid_o && out_ready_i) rd_q <= rd_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_valid_i && in_ready_o) mem[wr_q[PTR_W-1:0]] <= in_data_i;
  end

endmodule

`default_nettype wire
