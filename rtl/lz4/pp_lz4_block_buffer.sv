// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Block buffers: rows of LANES * 16 bytes in, at most two neighbouring rows a cycle; beats
/// of 32 bytes out, two readers. A beat lies in bank (beat mod LANES), so that two rows never
/// want the same bank:
///
///     LANES = 2    row    0  1  2  3      LANES = 4    row      0    1    2    3
///                  bank   0  1  0  1                   banks   0 1  2 3  0 1  2 3
///
/// Data follow the read by one cycle and stay until the next one.
///
/// **Limitations**
/// - A row is written whole: what it does not fill yet is written again with the next one.
module pp_lz4_block_buffer #(
  parameter int unsigned LANES  = 2,  // 2 or 4
  parameter int unsigned BLOCKS = 2,  // buffers, a power of two
  localparam int unsigned BLOCK_W = $clog2(BLOCKS),
  localparam int unsigned BEAT_W  = pp_lz_pkg::BEAT_W,
  localparam int unsigned LANE_W  = $clog2(LANES),
  localparam int unsigned ROW_W   = BEAT_W + 1 - LANE_W,
  localparam int unsigned ROW     = 128 * LANES
) (
  input  logic               clk_i,
  input  logic               wr_en_i,     // row wr_row_i,
  input  logic               wr_next_i,   // and the one behind it
  input  logic [BLOCK_W-1:0] wr_block_i,
  input  logic [ROW_W-1:0]   wr_row_i,
  input  logic [2*ROW-1:0]   wr_data_i,
  input  logic               rd_en_i,
  input  logic [BLOCK_W-1:0] rd_block_i,
  input  logic [BEAT_W-1:0]  rd_beat_i,
  output logic [255:0]       rd_data_o,
  input  logic               rd2_en_i,
  input  logic [BLOCK_W-1:0] rd2_block_i,
  input  logic [BEAT_W-1:0]  rd2_beat_i,
  output logic [255:0]       rd2_data_o
);

  localparam int unsigned HALF  = LANES / 2;       // beats of a row
  localparam int unsigned ADR_W = BEAT_W - LANE_W; // of a buffer's beat in its bank

  // Even rows in the lower half of the banks, odd rows in the upper one.
  logic             odd;
  logic [ROW_W-1:0] next_row;
  assign odd      = wr_row_i[0];
  assign next_row = wr_row_i + 1'b1;

  logic [LANES*256-1:0] out, out2;
  for (genvar b = 0; b < LANES; b++) begin : gen_bank
    localparam bit UPPER = b >= HALF;
    logic             mine, en;   // the row itself, not the next one
    logic [255:0]     data;
    logic [ADR_W-1:0] adr;
    assign mine = odd == UPPER;
    assign en   = mine ? wr_en_i : wr_next_i;
    assign data = mine ? wr_data_i[256*(b%HALF)+:256] : wr_data_i[ROW+256*(b%HALF)+:256];
    assign adr  = mine ? wr_row_i[ROW_W-1:1] : next_row[ROW_W-1:1];
    logic [255:0] mem [BLOCKS << ADR_W];
    logic [255:0] data_q, data2_q;
    always_ff @(posedge clk_i) begin
      if (en) mem[{wr_block_i, adr}] <= data;
      if (rd_en_i) data_q <= mem[{rd_block_i, rd_beat_i[BEAT_W-1:LANE_W]}];
      if (rd2_en_i) data2_q <= mem[{rd2_block_i, rd2_beat_i[BEAT_W-1:LANE_W]}];
    end
    assign out[256*b+:256]  = data_q;
    assign out2[256*b+:256] = data2_q;
  end

  logic [LANE_W-1:0] bank_q, bank2_q;
  always_ff @(posedge clk_i) begin
    if (rd_en_i) bank_q <= rd_beat_i[LANE_W-1:0];
    if (rd2_en_i) bank2_q <= rd2_beat_i[LANE_W-1:0];
  end
  always_comb begin
    rd_data_o  = '0;
    rd2_data_o = '0;
    for (int b = 0; b < LANES; b++) begin
      if (bank_q == b[LANE_W-1:0]) rd_data_o = out[256*b+:256];
      if (bank2_q == b[LANE_W-1:0]) rd2_data_o = out2[256*b+:256];
    end
  end

  logic unused_row;
  assign unused_row = next_row[0];

endmodule

`default_nettype wire
