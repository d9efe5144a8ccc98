// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Output side of the LZ4 decoder: fetches the chunks' bytes and keeps them as the history of
/// matches to come.
///
///     R0  TAKEN copies of the history are read, one for each record's match
///     R1  their rows are turned so that lane j has what it would copy
///     R2  lanes that copy from a lane of their own chunk take its byte
///     D   bytes of the last four rows: the only loop; the row is written
///
/// A chunk's row is in the copies for the fourth chunk after it. As a chunk has at most one row,
/// that is what the last four rows in flip-flops are kept for. Nothing ever waits.
///
/// **Limitations**
/// - A copy's row is rewritten while another is read, never the same one; of the second row
///   that is read, bytes may be worthless: no lane of the chunk takes those.
module pp_lz4_history (
  input  logic         clk_i,
  input  logic         rst_ni,
  // R0: places that the matches would have at the chunk's first lane
  input  logic [pp_lz4_decode_pkg::TAKEN*(pp_lz_pkg::POS_W-5)-1:0] from_row_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*5-1:0] from_lane_i,
  // R1: where each lane's byte comes from, as pp_lz4_lane_map gives it
  input  logic         r1_valid_i,
  input  logic [pp_lz_pkg::POS_W-6:0] r1_row_i,
  input  logic [31:0]  r1_mine_i,
  input  logic [32*5-1:0] r1_parent_i,
  input  logic [31:0]  r1_recent_i,
  input  logic [32*7-1:0] r1_index_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*32-1:0] r1_old_i,
  input  logic [255:0] r1_text_i,
  // W: the row with the chunk's bytes in it, registered
  output logic         w_valid_o,
  output logic [255:0] w_data_o
);

  localparam int unsigned ROW_W = pp_lz_pkg::POS_W - 5;
  localparam int unsigned TAKEN = pp_lz4_decode_pkg::TAKEN;

  // ---- R0, R1: rows in two banks each, so that 32 bytes from anywhere come at once.
  logic             d_valid_q;
  logic [ROW_W-1:0] d_row_q;
  logic [255:0]     row;
  logic [TAKEN*256-1:0] turned;
  for (genvar n = 0; n < TAKEN; n++) begin : gen_copy
    logic [255:0] even [1 << (ROW_W - 1)];
    logic [255:0] odd [1 << (ROW_W - 1)];
    logic [255:0] even_q, odd_q;
    logic [ROW_W-1:0] from;
    logic [5:0]   turn_q;
    logic [511:0] turn32;
    logic [375:0] turn16;
    logic [311:0] turn8;
    logic [279:0] turn4;
    logic [263:0] turn2;
    assign from = from_row_i[ROW_W*n+:ROW_W];
    always_ff @(posedge clk_i) begin
      if (d_valid_q && !d_row_q[0]) even[d_row_q[ROW_W-1:1]] <= row;
      even_q <= even[from[ROW_W-1:1] + (ROW_W-1)'(from[0])];
    end
    always_ff @(posedge clk_i) begin
      if (d_valid_q && d_row_q[0]) odd[d_row_q[ROW_W-1:1]] <= row;
      odd_q <= odd[from[ROW_W-1:1]];
    end
    always_ff @(posedge clk_i) turn_q <= {from[0], from_lane_i[5*n+:5]};
    assign turn32 = turn_q[5] ? {even_q, odd_q} : {odd_q, even_q};
    assign turn16 = turn_q[4] ? turn32[503:128] : turn32[375:0];
    assign turn8  = turn_q[3] ? turn16[375:64] : turn16[311:0];
    assign turn4  = turn_q[2] ? turn8[311:32] : turn8[279:0];
    assign turn2  = turn_q[1] ? turn4[279:16] : turn4[263:0];
    assign turned[256*n+:256] = turn_q[0] ? turn2[263:8] : turn2[255:0];
    logic unused_turn;
    assign unused_turn = ^turn32[511:504];
  end

  logic [255:0]    fresh, r2_fresh_q;
  logic [32*5-1:0] root, r2_root_q;
  logic            r2_valid_q;
  logic [ROW_W-1:0] r2_row_q;
  logic [31:0]     r2_mine_q, r2_recent_q;
  logic [32*7-1:0] r2_index_q;
  for (genvar j = 0; j < 32; j++) begin : gen_fresh
    logic [7:0] old;  // at most one of the copies is asked for
    always_comb begin
      old = 8'd0;
      for (int n = 0; n < TAKEN; n++) old |= {8{r1_old_i[32*n+j]}} & turned[256*n+8*j+:8];
    end
    assign fresh[8*j+:8] = r1_text_i[8*j+:8] | old;
  end
  pp_lz4_lane_jump i_jump32 (.parent_i(r1_parent_i), .parent_o(root));
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) r2_valid_q <= 1'b0;
    else         r2_valid_q <= r1_valid_i;
  end
  always_ff @(posedge clk_i) begin
    r2_row_q    <= r1_row_i;
    r2_mine_q   <= r1_mine_i;
    r2_root_q   <= root;
    r2_recent_q <= r1_recent_i;
    r2_index_q  <= r1_index_i;
    r2_fresh_q  <= fresh;
  end

  // ---- R2: the root's source is the lane's.
  logic [255:0]    root_fresh, d_fresh_q;
  logic [32*7-1:0] root_index, d_index_q;
  logic [31:0]     root_recent, d_recent_q, d_mine_q;
  pp_lz4_lane_select #(.WIDTH(8)) i_fresh (.lane_i(r2_root_q), .data_i(r2_fresh_q), .data_o(root_fresh));
  pp_lz4_lane_select #(.WIDTH(7)) i_index (.lane_i(r2_root_q), .data_i(r2_index_q), .data_o(root_index));
  pp_lz4_lane_select #(.WIDTH(1)) i_recent (.lane_i(r2_root_q), .data_i(r2_recent_q), .data_o(root_recent));
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) d_valid_q <= 1'b0;
    else         d_valid_q <= r2_valid_q;
  end
  always_ff @(posedge clk_i) begin
    d_row_q    <= r2_row_q;
    d_mine_q   <= r2_mine_q;
    d_fresh_q  <= root_fresh;
    d_index_q  <= root_index;
    d_recent_q <= root_recent;
  end

  // ---- D: the last four rows, row r in part r mod 4. A lane that is not the chunk's keeps
  // what the row has so far.
  logic [1023:0] recent_q;
  logic [255:0]  so_far;
  assign so_far = d_row_q[1] ? (d_row_q[0] ? recent_q[1023:768] : recent_q[767:512])
                             : (d_row_q[0] ? recent_q[511:256] : recent_q[255:0]);
  for (genvar j = 0; j < 32; j++) begin : gen_byte
    logic [7:0] near;
    assign near = recent_q[{d_index_q[7*j+:7], 3'b000} +: 8];
    assign row[8*j+:8] = !d_mine_q[j] ? so_far[8*j+:8] : d_recent_q[j] ? near : d_fresh_q[8*j+:8];
  end
  always_ff @(posedge clk_i) begin
    if (d_valid_q && d_row_q[1:0] == 2'd0) recent_q[255:0]    <= row;
    if (d_valid_q && d_row_q[1:0] == 2'd1) recent_q[511:256]  <= row;
    if (d_valid_q && d_row_q[1:0] == 2'd2) recent_q[767:512]  <= row;
    if (d_valid_q && d_row_q[1:0] == 2'd3) recent_q[1023:768] <= row;
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) w_valid_o <= 1'b0;
    else         w_valid_o <= d_valid_q;
  end
  always_ff @(posedge clk_i) begin
    if (d_valid_q) w_data_o <= row;
  end

endmodule

`default_nettype wire
