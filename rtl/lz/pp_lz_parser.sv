// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// The last two stages of the match finder. D: what each position of the window
/// can use, its own candidate or the rest of the extended one; a match is passed
/// over if a longer one starts one position later, or one longer by two starts
/// two positions later. P: from where the open match ends, the first match that is
/// left starts; the open one leaves as a sequence.
///
/// A unit's last window is followed by one or two cycles in which the whole match
/// finder stands (`en_o` low): the open match and the unit's end leave.
///
/// **Limitations**
/// - One match starts in a window at most.
module pp_lz_parser #(
  parameter int unsigned W = 8,
  localparam int unsigned POS_W   = pp_lz_pkg::POS_W,
  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W,
  localparam int unsigned FIRST_W = pp_lz_pkg::FIRST_W,
  localparam int unsigned BACK_W  = pp_lz_pkg::BACK_W,
  localparam int unsigned LANE_W  = $clog2(W),
  localparam int unsigned IDX_W   = POS_W - LANE_W,
  localparam int unsigned REACH   = pp_lz_pkg::LOOP * W,
  localparam int unsigned RUN_W   = $clog2(REACH + 1)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  output logic                  en_o,
  // Stage D
  input  logic                  valid_d_i,
  input  logic [IDX_W-1:0]      index_d_i,
  input  logic [pp_lz_pkg::SIZE_W-1:0] size_d_i,
  input  logic [W-1:0]          can_start_i,
  input  logic [W*FIRST_W-1:0]  len_i,
  input  logic [W*POS_W-1:0]    dist_i,
  input  logic                  ext_valid_i,
  input  logic [LANE_W-1:0]     ext_lane_i,
  input  logic [POS_W-1:0]      ext_dist_i,
  input  logic [RUN_W-1:0]      forward_i,
  input  logic [BACK_W-1:0]     back_i,
  // Stage P, one window behind
  input  logic                  valid_p_i,
  input  logic                  first_p_i,
  input  logic                  last_p_i,
  input  logic                  skip_p_i,    // the unit is not to be compressed
  input  logic [pp_lz_pkg::BUF_W-1:0] page_p_i,
  input  logic [IDX_W-1:0]      index_p_i,
  input  logic [pp_lz_pkg::SIZE_W-1:0] size_p_i,
  // The open match, before stage P's window
  output logic                  open_o,
  output logic [LEN_W-1:0]      open_end_o,
  output logic [POS_W-1:0]      open_dist_o,
  // Sequences
  output logic                  seq_valid_o,
  input  logic                  seq_ready_i,
  output pp_lz_pkg::sequence_t  seq_o
);

  // A match's length as a position sees it: the reach and what lies before.
  localparam int unsigned MATCH_W = $clog2(REACH + W + 1);

  // ---- D
  logic [MATCH_W-1:0]   ext_end;   // of the extended match, from the window's start
  assign ext_end = MATCH_W'(ext_lane_i) + MATCH_W'(forward_i);

  logic [LEN_W-1:0]     stop_d;    // where a match of this unit ends at the latest
  assign stop_d = (LEN_W'(4096) << size_d_i) - LEN_W'(pp_lz_pkg::MATCH_END);

  logic [W*MATCH_W-1:0] match_len;
  logic [W-1:0]         covered;
  logic [W-1:0]         take;
  for (genvar i = 0; i < W; i++) begin : gen_best
    logic [MATCH_W-1:0] own;
    logic [MATCH_W-1:0] rest;
    logic [MATCH_W-1:0] chosen;
    logic [LEN_W-1:0]   room;  // up to where a match may end
    assign own  = MATCH_W'(len_i[FIRST_W*i+:FIRST_W]);
    assign rest = ext_end - MATCH_W'(i);
    assign covered[i] = ext_valid_i && (LANE_W+1)'(i) + (LANE_W+1)'(back_i) >= (LANE_W+1)'(ext_lane_i) &&
                        ext_end > MATCH_W'(i) && rest >= own;
    assign room   = stop_d - {1'b0, index_d_i, LANE_W'(i)};
    assign chosen = covered[i] ? rest : own;
    assign match_len[MATCH_W*i+:MATCH_W] = !can_start_i[i] ? '0 :
                                           (LEN_W'(chosen) > room) ? MATCH_W'(room) : chosen;
  end
  for (genvar i = 0; i < W; i++) begin : gen_take
    logic next_longer;
    logic second_longer;
    logic [MATCH_W-1:0] mine;
    assign mine = match_len[MATCH_W*i+:MATCH_W];
    if (i + 1 < W) begin : gen_next
      assign next_longer = match_len[MATCH_W*(i+1)+:MATCH_W] > mine;
    end else begin : gen_no_next
      assign next_longer = 1'b0;
    end
    if (i + 2 < W) begin : gen_second
      assign second_longer = {1'b0, match_len[MATCH_W*(i+2)+:MATCH_W]} > {1'b0, mine} + 1'b1;
    end else begin : gen_no_second
      assign second_longer = 1'b0;
    end
    assign take[i] = mine >= MATCH_W'(pp_lz_pkg::MIN_MATCH) && !next_longer && !second_longer;
  end

  logic [W*MATCH_W-1:0] match_len_q;
  logic [W*POS_W-1:0]   match_dist_q;
  logic [W-1:0]         take_q;
  logic                 first_covered_q;
  logic                 ext_valid_q;
  logic [LANE_W-1:0]    ext_lane_q;
  logic [POS_W-1:0]     ext_dist_q;
  logic [MATCH_W-1:0]   ext_end_q;
  logic [BACK_W-1:0]    back_q;
  always_ff @(posedge clk_i) begin
    if (en_o) begin
      match_len_q     <= match_len;
      take_q          <= take;
      first_covered_q <= covered[0];
      ext_valid_q     <= ext_valid_i && valid_d_i;
      ext_lane_q      <= ext_lane_i;
      ext_dist_q      <= ext_dist_i;
      ext_end_q       <= ext_end;
      back_q          <= back_i;
    end
  end
  for (genvar i = 0; i < W; i++) begin : gen_dist
    always_ff @(posedge clk_i) begin
      if (en_o) begin
        match_dist_q[POS_W*i+:POS_W] <= covered[i] ? ext_dist_i : dist_i[POS_W*i+:POS_W];
      end
    end
  end

  // ---- P
  logic             open_q;
  logic [POS_W-1:0] lit_pos_q;  // first literal of the open match's sequence
  logic [POS_W-1:0] start_q;
  logic [LEN_W-1:0] end_q;      // also where pending literals begin
  logic [POS_W-1:0] dist_q;

  logic             open;       // a unit starts with nothing open
  logic [LEN_W-1:0] unit;       // its bytes
  logic [LEN_W-1:0] stop;       // where its matches end at the latest
  logic [LEN_W-1:0] base;
  logic [LEN_W-1:0] old_end;
  logic [LEN_W-1:0] ext_stop;
  logic [LEN_W-1:0] merged_end;
  logic             merge;
  assign open     = open_q && !first_p_i;
  assign base     = {1'b0, index_p_i, LANE_W'(0)};
  assign old_end  = first_p_i ? '0 : end_q;
  assign unit     = LEN_W'(4096) << size_p_i;
  assign stop     = unit - LEN_W'(pp_lz_pkg::MATCH_END);
  assign ext_stop = (base + LEN_W'(ext_end_q) > stop) ? stop : base + LEN_W'(ext_end_q);
  assign merge = open && ext_valid_q && ext_dist_q == dist_q && old_end >= base &&
                 old_end + LEN_W'(back_q) >= base + LEN_W'(ext_lane_q);
  assign merged_end = (merge && ext_stop > old_end) ? ext_stop : old_end;

  logic [W-1:0]      free;      // positions that the open match does not cover
  logic [LEN_W-1:0]  overhang;
  logic [W-1:0]      left;
  logic              found;
  logic [LANE_W-1:0] lane;
  assign overhang = merged_end - base;
  always_comb begin
    for (int i = 0; i < W; i++) begin
      free[i] = !open || merged_end <= base || overhang <= LEN_W'(i);
    end
    left  = take_q & free;
    found = |left && valid_p_i && !skip_p_i;
    lane  = '0;
    for (int i = W - 1; i >= 0; i--) begin
      if (left[i]) lane = i[LANE_W-1:0];
    end
  end

  // The extended match may begin in literals of earlier windows.
  logic [LEN_W-1:0]  pending;
  logic [LEN_W-1:0]  extra;
  logic [LEN_W-1:0]  borrow;
  assign pending = base - merged_end;
  assign extra   = LEN_W'(back_q) - LEN_W'(ext_lane_q);
  assign borrow  = !(lane == '0 && first_covered_q && LEN_W'(back_q) > LEN_W'(ext_lane_q)) ? '0 :
                   (extra > pending) ? pending : extra;

  logic [MATCH_W-1:0] lane_len [W];
  logic [POS_W-1:0]   lane_dist [W];
  for (genvar i = 0; i < W; i++) begin : gen_lane
    assign lane_len[i]  = match_len_q[MATCH_W*i+:MATCH_W];
    assign lane_dist[i] = match_dist_q[POS_W*i+:POS_W];
  end

  // After a unit's last window: what is still to leave.
  logic flush_open_q;
  logic flush_end_q;
  logic flush_skip_q;
  logic [LEN_W-1:0] flush_unit_q;
  logic [pp_lz_pkg::BUF_W-1:0] flush_page_q;
  logic flushing;
  assign flushing = flush_open_q || flush_end_q;
  assign en_o     = seq_ready_i && !flushing;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q       <= 1'b0;
      flush_open_q <= 1'b0;
      flush_end_q  <= 1'b0;
    end else begin
      if (en_o && valid_p_i) begin
        open_q       <= open || found;
        flush_open_q <= last_p_i && (open || found);
        flush_end_q  <= last_p_i;
      end
      if (seq_ready_i) begin
        if (flush_open_q) flush_open_q <= 1'b0;
        else if (flush_end_q) flush_end_q <= 1'b0;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (en_o && valid_p_i) begin
      end_q <= merged_end;
      if (found) begin
        lit_pos_q <= merged_end[POS_W-1:0];
        start_q   <= POS_W'(base + LEN_W'(lane) - borrow);
        end_q     <= base + LEN_W'(lane) + LEN_W'(lane_len[lane]);
        dist_q    <= lane_dist[lane];
      end
      flush_page_q <= page_p_i;
      flush_skip_q <= skip_p_i;
      flush_unit_q <= unit;
    end
  end

  assign open_o      = open_q;
  assign open_end_o  = end_q;
  assign open_dist_o = dist_q;

  logic leaves;  // the open match, because another one starts
  assign leaves = en_o && valid_p_i && found && open;
  assign seq_valid_o = flushing || leaves;
  logic [LEN_W-1:0] leaving_end;
  assign leaving_end = flushing ? end_q : merged_end;
  always_comb begin
    seq_o.page = flushing ? flush_page_q : page_p_i;
    if (flushing && !flush_open_q) begin
      seq_o.skip      = flush_skip_q;
      seq_o.last      = 1'b1;
      seq_o.lit_pos   = end_q[POS_W-1:0];
      seq_o.lit_len   = flush_unit_q - end_q;
      seq_o.match_len = '0;
      seq_o.offset    = '0;
    end else begin
      seq_o.skip      = 1'b0;
      seq_o.last      = 1'b0;
      seq_o.lit_pos   = lit_pos_q;
      seq_o.lit_len   = LEN_W'(start_q) - LEN_W'(lit_pos_q);
      seq_o.match_len = leaving_end - LEN_W'(start_q);
      seq_o.offset    = dist_q;
    end
  end

  `PP_ASSERT(MatchIsOne, !(seq_valid_o && !seq_o.last) || (seq_o.offset != '0 &&
             seq_o.match_len >= LEN_W'(pp_lz_pkg::MIN_MATCH) && {1'b0, seq_o.offset} <= LEN_W'(start_q)))
  `PP_ASSERT(EndOfBlock, !(seq_valid_o && !seq_o.last) || (leaving_end + LEN_W'(pp_lz_pkg::MATCH_END) <=
             (flushing ? flush_unit_q : unit) && LEN_W'(start_q) + LEN_W'(pp_lz_pkg::LAST_START) <=
             (flushing ? flush_unit_q : unit)))

endmodule

`default_nettype wire
