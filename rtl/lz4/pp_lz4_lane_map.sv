// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Finds out for each of a chunk's 32 lanes where its byte comes from. Nothing here looks at
/// data: places alone decide, so that all of it is done ahead.
///
///     K1  lanes of each record: literals, match; where the literals start in the ring of input
///     K2  each lane's source: place in the text, in the last four rows, or a lane of this chunk
///     J1, J2  lanes that point to lanes: 16 steps along their chains (16 more follow in R1)
///
/// A lane's source in the last four rows is their row's number modulo 4 and a lane: two bits and
/// five, whatever the unit's length.
///
/// **Limitations**
/// - What a lane of no record has as its source is worthless.
module pp_lz4_lane_map (
  input  logic         clk_i,
  input  logic         rst_ni,
  // A chunk, as pp_lz4_chunker gives it (K1)
  input  logic         k_valid_i,
  input  logic [pp_lz_pkg::POS_W-6:0] k_row_i,
  input  logic [4:0]   k_at_i,
  input  logic [pp_lz4_decode_pkg::TAKEN-1:0] k_part_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*pp_lz_pkg::LEN_W-1:0] k_lit_end_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*pp_lz_pkg::LEN_W-1:0] k_stop_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*16-1:0] k_offset_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*pp_lz4_decode_pkg::ADDR_W-1:0] k_base_i,
  input  logic         k_end_i,
  input  logic [pp_lz4_decode_pkg::NO_W-1:0] k_stop_no_i,
  input  logic         drop_i,       // no chunk is to come of the unit whose beats are read
  input  logic [pp_lz4_decode_pkg::NO_W-1:0] drop_no_i,  // this one now
  output logic [pp_lz4_decode_pkg::NO_W-1:0] freed_o,    // beats before this one are not needed
  // The ring of input: 64 bytes from the even row at or before the address on (K2), turned
  output logic         text_en_o,
  output logic [pp_lz4_decode_pkg::NO_W-1:0] text_row_o,
  input  logic [511:0] text_i,       // J1: odd row, even row
  // J2: what each match would have at the chunk's first row
  output logic [pp_lz4_decode_pkg::TAKEN*(pp_lz_pkg::POS_W-5)-1:0] from_row_o,
  output logic [pp_lz4_decode_pkg::TAKEN*5-1:0] from_lane_o,
  // R1: lane by lane
  output logic [31:0]    mine_o,     // the chunk has it
  output logic [32*5-1:0] parent_o,  // the lane that has its byte, 16 steps along the chain
  output logic [31:0]    recent_o,   // from the last four rows
  output logic [32*7-1:0] index_o,   // of these
  output logic [pp_lz4_decode_pkg::TAKEN*32-1:0] old_o,  // from the history as record n has it
  output logic [255:0]   text_o      // literals; else 0
);

  localparam int unsigned LEN_W  = pp_lz_pkg::LEN_W;
  localparam int unsigned ROW_W  = pp_lz_pkg::POS_W - 5;
  localparam int unsigned ADDR_W = pp_lz4_decode_pkg::ADDR_W;
  localparam int unsigned TAKEN  = pp_lz4_decode_pkg::TAKEN;

  // ---- K1: lanes from a place on.
  logic [TAKEN*32-1:0] lit, match;
  logic [31:0]       from_at;
  logic [LEN_W-1:0]  place;
  logic              in_lit;      // the chunk starts with literals of the first record
  logic [ADDR_W-1:0] text_at, free_at, text_q;
  assign from_at = 32'hffffffff << k_at_i;
  assign place   = {1'b0, k_row_i, k_at_i};
  assign in_lit  = place < k_lit_end_i[LEN_W-1:0];
  assign text_at = in_lit ? k_base_i[ADDR_W-1:0] + ADDR_W'(place)
                          : k_base_i[2*ADDR_W-1:ADDR_W] + k_stop_i[ADDR_W-1:0];
  assign free_at = k_base_i[ADDR_W-1:0] + (in_lit ? ADDR_W'(place) : k_lit_end_i[ADDR_W-1:0]);
  logic unused_free;
  assign unused_free = ^{free_at[4:0], k_base_i};
  logic [TAKEN*32-1:0] stop_lanes;  // lanes behind record n
  logic [TAKEN*5-1:0] skew, skew_q;
  for (genvar n = 0; n < TAKEN; n++) begin : gen_lanes
    logic [LEN_W-6:0] lit_row, stop_row;
    logic [31:0]      lit_lanes, start_lanes;
    assign lit_row   = k_lit_end_i[LEN_W*n+5+:LEN_W-5];
    assign stop_row  = k_stop_i[LEN_W*n+5+:LEN_W-5];
    assign lit_lanes = {32{lit_row < {1'b0, k_row_i}}} |
                       ({32{lit_row == {1'b0, k_row_i}}} & (32'hffffffff << k_lit_end_i[LEN_W*n+:5]));
    assign stop_lanes[32*n+:32] = {32{stop_row < {1'b0, k_row_i}}} |
                       ({32{stop_row == {1'b0, k_row_i}}} & (32'hffffffff << k_stop_i[LEN_W*n+:5]));
    if (n == 0) begin : gen_first
      assign start_lanes = from_at;
    end else begin : gen_others
      assign start_lanes = stop_lanes[32*(n-1)+:32];
    end
    assign lit[32*n+:32]   = {32{k_part_i[n]}} & start_lanes & ~lit_lanes;
    assign match[32*n+:32] = {32{k_part_i[n]}} & start_lanes & lit_lanes & ~stop_lanes[32*n+:32];
    assign skew[5*n+:5]    = k_base_i[ADDR_W*n+:5] - text_at[4:0];
  end

  logic             k2_valid_q;
  logic [ROW_W-1:0] k2_row_q;
  logic [4:0]       k2_at_q;
  logic [TAKEN*32-1:0] k2_lit_q, k2_match_q;
  logic [TAKEN*16-1:0] k2_offset_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      k2_valid_q <= 1'b0;
      freed_o    <= '0;
    end else begin
      k2_valid_q <= k_valid_i;
      if (k_valid_i) freed_o <= k_end_i ? k_stop_no_i : free_at[ADDR_W-1:5];
      else if (drop_i) freed_o <= drop_no_i;
    end
  end
  always_ff @(posedge clk_i) begin
    k2_row_q    <= k_row_i;
    k2_at_q     <= k_at_i;
    k2_lit_q    <= lit;
    k2_match_q  <= match;
    k2_offset_q <= k_offset_i;
    text_q      <= text_at;
    skew_q      <= skew;
  end
  assign text_en_o  = k2_valid_q;
  assign text_row_o = text_q[ADDR_W-1:5];

  // ---- K2: with an offset of 32 * h + l, the byte for lane j stands in lane j - l, h rows
  // above, or one more if j < l.
  logic [TAKEN*32-1:0] inner_n, recent_n, old_n, below_n;
  logic [TAKEN*2-1:0] near_row, far_row;
  logic [TAKEN*ROW_W-1:0] from_row;
  logic [TAKEN*5-1:0] from_lane;
  for (genvar n = 0; n < TAKEN; n++) begin : gen_match
    logic [15:0] offset;
    logic [4:0]  l;
    logic [10:0] h;
    logic [5:0]  inner_from;
    logic [31:0] below, inner;
    logic        zero, up3, up2;
    assign offset     = k2_offset_q[16*n+:16];
    assign l          = offset[4:0];
    assign h          = offset[15:5];
    assign zero       = offset == 16'd0;
    assign below      = ~(32'hffffffff << l);
    assign inner_from = {1'b0, l} + {1'b0, k2_at_q};
    assign inner      = (h == 11'd0 && !zero && !inner_from[5]) ? 32'hffffffff << inner_from[4:0] : 32'd0;
    assign up3        = h <= 11'd3;
    assign up2        = h <= 11'd2;
    assign below_n[32*n+:32]  = below;
    assign inner_n[32*n+:32]  = k2_match_q[32*n+:32] & inner;
    assign recent_n[32*n+:32] = k2_match_q[32*n+:32] & ~inner & {32{!zero}} &
                                (({32{up3}} & ~below) | {32{up2}});
    assign old_n[32*n+:32]    = k2_match_q[32*n+:32] & (({32{!up3}} & ~below) | ({32{!up2}} & below));
    assign near_row[2*n+:2]   = k2_row_q[1:0] - h[1:0];
    assign far_row[2*n+:2]    = k2_row_q[1:0] - h[1:0] - 2'd1;
    assign from_row[ROW_W*n+:ROW_W] = k2_row_q - ROW_W'(h) - ROW_W'(|l);
    assign from_lane[5*n+:5]  = -l;
  end
  logic [32*5-1:0] parent, lane_text;
  logic [31:0]     recent, is_lit, mine;
  logic [32*7-1:0] index;
  for (genvar j = 0; j < 32; j++) begin : gen_source
    logic [4:0] l, source, shift;
    logic [1:0] row;
    logic       is_match, is_inner, is_recent, is_text;
    // At most one of the records has the lane.
    always_comb begin
      l         = 5'd0;
      row       = 2'd0;
      shift     = 5'd0;
      is_match  = 1'b0;
      is_inner  = 1'b0;
      is_recent = 1'b0;
      is_text   = 1'b0;
      for (int n = 0; n < TAKEN; n++) begin
        l         |= {5{k2_match_q[32*n+j]}} & k2_offset_q[16*n+:5];
        row       |= {2{k2_match_q[32*n+j]}} & (below_n[32*n+j] ? far_row[2*n+:2] : near_row[2*n+:2]);
        shift     |= {5{k2_lit_q[32*n+j]}} & skew_q[5*n+:5];
        is_match  |= k2_match_q[32*n+j];
        is_inner  |= inner_n[32*n+j];
        is_recent |= recent_n[32*n+j];
        is_text   |= k2_lit_q[32*n+j];
      end
    end
    assign source = 5'(j) - l;
    assign parent[5*j+:5]    = is_inner ? source : 5'(j);
    assign index[7*j+:7]     = {row, source};
    assign recent[j]         = is_recent;
    assign is_lit[j]         = is_text;
    assign mine[j]           = is_match || is_text;
    assign lane_text[5*j+:5] = 5'(j) + shift;
  end

  logic [31:0]     j1_mine_q, j1_recent_q, j1_lit_q;
  logic [32*5-1:0] j1_parent_q, j1_lane_text_q;
  logic [32*7-1:0] j1_index_q;
  logic [TAKEN*32-1:0] j1_old_q;
  logic [5:0]      j1_turn_q;
  logic [TAKEN*ROW_W-1:0] j1_from_row_q;
  logic [TAKEN*5-1:0] j1_from_lane_q;
  always_ff @(posedge clk_i) begin
    j1_mine_q      <= mine;
    j1_recent_q    <= recent;
    j1_lit_q       <= is_lit;
    j1_parent_q    <= parent;
    j1_lane_text_q <= lane_text;
    j1_index_q     <= index;
    j1_old_q       <= old_n;
    j1_turn_q      <= text_q[5:0];
    j1_from_row_q  <= from_row;
    j1_from_lane_q <= from_lane;
  end

  // ---- J1, J2: chains of lanes, and the literals.
  logic [32*5-1:0] parent2, parent4, parent8, parent16;
  pp_lz4_lane_jump i_jump2 (.parent_i(j1_parent_q), .parent_o(parent2));
  pp_lz4_lane_jump i_jump4 (.parent_i(parent2), .parent_o(parent4));
  logic [511:0] turn32;
  logic [375:0] turn16;
  logic [311:0] turn8;
  logic [279:0] turn4;
  logic [263:0] turn2;
  logic [255:0] turn1;
  assign turn32 = j1_turn_q[5] ? {text_i[255:0], text_i[511:256]} : text_i;
  assign turn16 = j1_turn_q[4] ? turn32[503:128] : turn32[375:0];
  assign turn8  = j1_turn_q[3] ? turn16[375:64] : turn16[311:0];
  assign turn4  = j1_turn_q[2] ? turn8[311:32] : turn8[279:0];
  assign turn2  = j1_turn_q[1] ? turn4[279:16] : turn4[263:0];
  assign turn1  = j1_turn_q[0] ? turn2[263:8] : turn2[255:0];
  logic unused_turn;
  assign unused_turn = ^turn32[511:504];

  logic [31:0]     j2_mine_q, j2_recent_q, j2_lit_q;
  logic [32*5-1:0] j2_parent_q, j2_lane_text_q;
  logic [32*7-1:0] j2_index_q;
  logic [TAKEN*32-1:0] j2_old_q;
  logic [255:0]    j2_text_q, text;
  always_ff @(posedge clk_i) begin
    j2_mine_q      <= j1_mine_q;
    j2_recent_q    <= j1_recent_q;
    j2_lit_q       <= j1_lit_q;
    j2_parent_q    <= parent4;
    j2_lane_text_q <= j1_lane_text_q;
    j2_index_q     <= j1_index_q;
    j2_old_q       <= j1_old_q;
    j2_text_q      <= turn1;
    from_row_o     <= j1_from_row_q;
    from_lane_o    <= j1_from_lane_q;
  end
  pp_lz4_lane_jump i_jump8 (.parent_i(j2_parent_q), .parent_o(parent8));
  pp_lz4_lane_jump i_jump16 (.parent_i(parent8), .parent_o(parent16));
  pp_lz4_lane_select #(.WIDTH(8)) i_text (.lane_i(j2_lane_text_q), .data_i(j2_text_q), .data_o(text));
  always_ff @(posedge clk_i) begin
    mine_o   <= j2_mine_q;
    parent_o <= parent16;
    recent_o <= j2_recent_q;
    index_o  <= j2_index_q;
    old_o    <= j2_old_q;
  end
  for (genvar j = 0; j < 32; j++) begin : gen_text
    always_ff @(posedge clk_i) text_o[8*j+:8] <= text[8*j+:8] & {8{j2_lit_q[j]}};
  end

endmodule

`default_nettype wire
