// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Takes a sequence's lengths apart and counts its slots (pp_lz4_encode_pkg), in two stages:
///
///     1  what goes beyond the token's nibbles; literal slots; is the run too long for the limit
///     2  length bytes: x = 255 * hi + (hi + lo) for x = 256 * hi + lo, so that dividing by 255
///        is an addition
///
/// **Limitations**
/// - The stages move when the row does (en1_i, en2_i); the slots are counted behind the second.
module pp_lz4_measure #(
  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W,
  localparam int unsigned SLOTS_W = pp_lz4_encode_pkg::SLOTS_W
) (
  input  logic                         clk_i,
  input  logic                         en1_i,
  input  logic                         en2_i,
  input  logic                         valid_i,  // there is a sequence
  input  pp_lz_pkg::sequence_t         seq_i,
  input  logic [LEN_W-1:0]             limit_i,  // longest useful block of its unit, bytes
  output logic                         over1_o,  // behind stage 1: the run alone exceeds the limit
  output logic [SLOTS_W-1:0]           slots_o,  // behind stage 2, like all that follows; 0: no sequence
  output pp_lz4_encode_pkg::measured_t seq_o
);

  localparam int unsigned POS_W   = pp_lz_pkg::POS_W;
  localparam int unsigned NL_W    = pp_lz4_encode_pkg::NL_W;
  localparam int unsigned CHAIN_W = pp_lz4_encode_pkg::CHAIN_W;
  localparam int unsigned Q_W     = LEN_W - 8;  // bytes of 255
  localparam int unsigned MATCH   = pp_lz_pkg::MIN_MATCH;
  localparam int unsigned NIBBLE  = 15;         // a length from which on bytes follow

  // ---- 1
  logic [LEN_W-1:0] lit_over, mat_over, lit_slots;
  logic             short_run, lit_ext, lit_long, mat_ext, mat_long;
  logic [3:0]       match_nibble;
  assign lit_over  = seq_i.lit_len - LEN_W'(NIBBLE);
  assign mat_over  = seq_i.match_len - LEN_W'(NIBBLE + MATCH);
  assign short_run = seq_i.lit_len <= LEN_W'(pp_lz4_encode_pkg::SHORT);
  assign lit_ext   = seq_i.lit_len >= LEN_W'(NIBBLE);
  assign lit_long  = seq_i.lit_len >= LEN_W'(NIBBLE + 255);
  assign mat_ext   = !seq_i.last && seq_i.match_len >= LEN_W'(NIBBLE + MATCH);
  assign mat_long  = !seq_i.last && seq_i.match_len >= LEN_W'(NIBBLE + MATCH + 255);
  assign match_nibble = seq_i.match_len[3:0] - 4'(MATCH);
  // After FIRST literals in the head, or none: as many slots of 16 as leave at most 13 to the last.
  assign lit_slots = seq_i.lit_len + (lit_long ? LEN_W'(18) : LEN_W'(4));

  logic             valid1_q, last1_q, short1_q, two1_q, over1_q;
  logic             lit_ext1_q, lit_long1_q, mat_ext1_q, mat_long1_q;
  logic [7:0]       token1_q;
  logic [LEN_W-1:0] lit_over1_q, mat_over1_q, lit_len1_q;
  logic [NL_W-1:0]  nl1_q;
  logic [POS_W-1:0] lit_pos1_q, offset1_q;
  always_ff @(posedge clk_i) begin
    if (en1_i) begin
      valid1_q    <= valid_i;
      last1_q     <= seq_i.last;
      over1_q     <= seq_i.lit_len > limit_i;
      short1_q    <= short_run;
      two1_q      <= seq_i.lit_len >= LEN_W'(pp_lz4_encode_pkg::FIRST);
      lit_ext1_q  <= lit_ext;
      lit_long1_q <= lit_long;
      mat_ext1_q  <= mat_ext;
      mat_long1_q <= mat_long;
      token1_q    <= {lit_ext ? 4'd15 : seq_i.lit_len[3:0],
                      seq_i.last ? 4'd0 : mat_ext ? 4'd15 : match_nibble};
      lit_over1_q <= lit_over;
      mat_over1_q <= mat_over;
      nl1_q       <= short_run ? '0 : lit_slots[LEN_W-1:4];
      lit_pos1_q  <= seq_i.lit_pos;
      lit_len1_q  <= seq_i.lit_len;
      offset1_q   <= seq_i.offset;
    end
  end
  assign over1_o = valid1_q && over1_q;

  // ---- 2
  logic [8:0]     lit_sum, mat_sum;    // hi + lo
  logic           lit_one, lit_both, mat_one, mat_both;
  logic [Q_W-1:0] lit_q, mat_q;
  assign lit_sum  = 9'(lit_over1_q[LEN_W-1:8]) + {1'b0, lit_over1_q[7:0]};
  assign mat_sum  = 9'(mat_over1_q[LEN_W-1:8]) + {1'b0, mat_over1_q[7:0]};
  assign lit_one  = lit_sum >= 9'd255;
  assign mat_one  = mat_sum >= 9'd255;
  assign lit_both = lit_sum >= 9'd510;
  assign mat_both = mat_sum >= 9'd510;
  assign lit_q    = lit_over1_q[LEN_W-1:8] + Q_W'({lit_both, lit_one ^ lit_both});
  assign mat_q    = mat_over1_q[LEN_W-1:8] + Q_W'({mat_both, mat_one ^ mat_both});

  logic               valid2_q, last2_q, short2_q, two2_q, lit_ext2_q, mat_ext2_q;
  logic [7:0]         token2_q, lit_rest2_q, mat_rest2_q;
  logic [3:0]         lit_full2_q, mat_full2_q;
  logic [CHAIN_W-1:0] lit_chain2_q, mat_chain2_q;
  logic [NL_W-1:0]    nl2_q;
  logic [POS_W-1:0]   lit_pos2_q, offset2_q;
  logic [LEN_W-1:0]   lit_len2_q;
  always_ff @(posedge clk_i) begin
    if (en2_i) begin
      {valid2_q, last2_q, short2_q, two2_q} <= {valid1_q, last1_q, short1_q, two1_q};
      {lit_ext2_q, mat_ext2_q, token2_q}    <= {lit_ext1_q, mat_ext1_q, token1_q};
      {lit_pos2_q, lit_len2_q, offset2_q, nl2_q} <= {lit_pos1_q, lit_len1_q, offset1_q, nl1_q};
      lit_chain2_q <= lit_long1_q ? CHAIN_W'(lit_q[Q_W-1:4]) + 1'b1 : '0;
      mat_chain2_q <= mat_long1_q ? CHAIN_W'(mat_q[Q_W-1:4]) + 1'b1 : '0;
      lit_full2_q  <= lit_q[3:0];
      mat_full2_q  <= mat_q[3:0];
      // x - 255 k = x + k - 256 k
      lit_rest2_q  <= lit_sum[7:0] + 8'({lit_both, lit_one ^ lit_both});
      mat_rest2_q  <= mat_sum[7:0] + 8'({mat_both, mat_one ^ mat_both});
    end
  end

  assign slots_o = !valid2_q ? '0 : (SLOTS_W'(nl2_q) + 1'b1) +
                                    (SLOTS_W'(lit_chain2_q) + SLOTS_W'(mat_chain2_q));
  always_comb begin
    seq_o.last      = last2_q;
    seq_o.short_run = short2_q;
    seq_o.lit_ext   = lit_ext2_q;
    seq_o.lit_two   = two2_q;
    seq_o.lit_chain = lit_chain2_q;
    seq_o.lit_full  = lit_full2_q;
    seq_o.lit_rest  = lit_rest2_q;
    seq_o.mat_ext   = mat_ext2_q;
    seq_o.mat_chain = mat_chain2_q;
    seq_o.mat_full  = mat_full2_q;
    seq_o.mat_rest  = mat_rest2_q;
    seq_o.token     = token2_q;
    seq_o.lit_pos   = lit_pos2_q;
    seq_o.lit_len   = lit_len2_q;
    seq_o.offset    = offset2_q;
  end

  logic unused;  // the page and skip are the row's; the low bits count no slots
  assign unused = ^{seq_i.skip, seq_i.page, lit_slots[3:0]};

endmodule

`default_nettype wire
