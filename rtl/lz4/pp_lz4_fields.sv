// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Reads the fields of the sequences that the parser found, in three stages:
///
///     X1  token bytes; where the match's offset stands; the input that is left
///     X2  offset, match length; does the input's end allow it
///     X3  bytes of output up to each sequence of the row
///
/// Only a row's first record may be something else than a token with up to 22 literals, or
/// be near the block's end; and only it has all of a long sequence, or literals without a match.
///
/// **Limitations**
/// - Fields beyond the block's end are worthless; what reads them is rejected.
module pp_lz4_fields (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         go_i,
  // As pp_lz4_parser gives them
  input  logic [3:0]   x_valid_i,
  input  logic [32+3*pp_lz4_decode_pkg::PLACES-1:0] x_at_i,
  input  logic         x_at32_i,
  input  logic         x_token_i,
  input  logic         x_tail_i,
  input  logic         x_matchlen_i,
  input  logic         x_run_i,
  input  logic         x_long_i,
  input  logic         x_litlen_i,
  input  logic         x_counted_i,
  input  logic         x_opens_i,
  input  logic         x_fits_i,
  input  logic         x_join_i,
  input  logic         x_half_i,
  input  logic [pp_lz4_decode_pkg::RUN_W-1:0] x_count_i,
  input  logic [3:0]   x_nibble_i,
  input  logic         x_end_i,
  input  logic         x_overrun_i,
  input  logic [511:0] x_window_i,
  input  logic [pp_lz4_decode_pkg::NO_W-1:0] x_no_i,
  input  logic         x_last_i,
  input  logic [pp_lz_pkg::BLOCK_W-1:0] x_rem_i,
  input  logic [pp_lz_pkg::LEN_W-1:0]   x_capacity_i,
  input  logic [pp_lz4_decode_pkg::TAG_W-1:0] x_tag_i,
  // A row of records for the judge, registered; sums count from the row's start
  output logic [3:0]   valid_o,
  output logic [4*pp_lz4_decode_pkg::SUM_W-1:0] start_o,    // of the literals
  output logic [4*pp_lz4_decode_pkg::SUM_W-1:0] lit_end_o,  // of the match
  output logic [4*pp_lz4_decode_pkg::SUM_W-1:0] stop_o,     // behind it
  output logic [4*pp_lz4_decode_pkg::SUM_W-1:0] back_o,     // stop_o - 1
  output logic [4*16-1:0] offset_o,
  output logic [4*pp_lz4_decode_pkg::ADDR_W-1:0] address_o,  // of the literals
  output logic [3:0]   long_match_o,  // its length has an extension byte
  output logic [3:1]   mid_o,         // its literals' count has one
  // Of the first one
  output logic         token_o,       // all of the literals' count is known: `count_o`
  output logic         extends_o,     // the count, or what is known of it, has extension bytes
  output logic         has_offset_o,
  output logic         in_bad_o,      // the block's end is too near for it
  output logic         in_final_o,    // or for more than these literals
  output logic         in_exact_o,    // and these end the block
  output logic         in_short_o,    // less than the shortcut needs
  output logic         no_match_o,    // the token's match length is 0
  output logic [pp_lz4_decode_pkg::RUN_W-1:0] count_o,
  output logic         opens_o,
  output logic         empty_o,       // it has no bytes of output
  output logic         end_o,
  output logic [pp_lz4_decode_pkg::NO_W-1:0] stop_no_o,  // with end_o: beat behind the block
  output logic [pp_lz_pkg::LEN_W-1:0]   capacity_o,
  output logic [pp_lz4_decode_pkg::TAG_W-1:0] tag_o
);

  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned NO_W    = pp_lz4_decode_pkg::NO_W;
  localparam int unsigned ADDR_W  = pp_lz4_decode_pkg::ADDR_W;
  localparam int unsigned RUN_W   = pp_lz4_decode_pkg::RUN_W;
  localparam int unsigned TAG_W   = pp_lz4_decode_pkg::TAG_W;
  localparam int unsigned SUM_W   = pp_lz4_decode_pkg::SUM_W;
  localparam int unsigned PLACES  = pp_lz4_decode_pkg::PLACES;
  localparam int unsigned LEFT_W  = (BLOCK_W > RUN_W ? BLOCK_W : RUN_W) + 2;  // signed

  // ---- X1.
  logic [4*6-1:0] tail, behind;       // behind: its literals' place, or what follows
  logic [4*5-1:0] lits;
  logic [4*4-1:0] nibbles;
  logic [3:0]     mids;               // 15 literals or more
  logic [7:0]     byte0, byte1;
  logic [4:0]     place0;
  for (genvar n = 0; n < 4; n++) begin : gen_x1
    localparam int unsigned SPAN = n == 0 ? 32 : PLACES;
    logic [SPAN-1:0] at;
    logic [7:0]      here, ext;   // the token, and the byte behind it
    logic [63:0]     place_at;
    logic [5:0]      place, lead;
    logic            mid;
    assign at = x_at_i[(n==0 ? 0 : 32+PLACES*(n-1))+:SPAN];
    for (genvar k = 0; k < 8; k++) begin : gen_plane
      logic [SPAN-1:0] plane;
      for (genvar b = 0; b < SPAN; b++) begin : gen_bit
        assign plane[b] = x_window_i[8*b+k];
      end
      assign here[k] = |(plane & at);
      if (n == 0 || k < 3) begin : gen_ext
        logic [31:0] next;  // that of a middle one is in the beat
        for (genvar b = 0; b < 32; b++) begin : gen_next
          assign next[b] = x_window_i[8*(b+1)+k];
        end
        assign ext[k] = |(next & at[31:0]);
      end else begin : gen_no_ext
        assign ext[k] = 1'b0;
      end
    end
    assign place_at = 64'(at);
    assign place = {|place_at[63:32],
                    |(place_at & 64'hffff0000ffff0000),
                    |(place_at & 64'hff00ff00ff00ff00),
                    |(place_at & 64'hf0f0f0f0f0f0f0f0),
                    |(place_at & 64'hcccccccccccccccc),
                    |(place_at & 64'haaaaaaaaaaaaaaaa)};
    logic unused;
    assign unused = ^ext[7:6];
    // What stands between the token's place and the offset's.
    assign lead = mid ? 6'd17 + ext[5:0] : 6'(here[7:4]) + 6'd1;
    if (n == 0) begin : gen_first
      logic token;
      assign token   = x_token_i || x_long_i;
      assign mid     = token && here[7:4] == 4'd15;
      assign byte0   = here;
      assign byte1   = ext;
      assign place0  = place[4:0];
      assign nibbles[3:0] = x_token_i ? here[3:0] : x_nibble_i;
      assign tail[5:0]    = x_tail_i ? place : token ? place + lead : x_count_i[5:0];
      assign behind[5:0]  = place + (x_tail_i ? (x_nibble_i == 4'd15 ? 6'd3 : 6'd2) :
                                     mid ? 6'd2 : (x_run_i ? 6'd0 : 6'd1));
      assign lits[4:0]    = !x_token_i ? 5'd0 : mid ? 5'd15 + 5'(ext[2:0]) : 5'(here[7:4]);
    end else begin : gen_others
      assign mid = here[7:4] == 4'd15;
      assign nibbles[4*n+:4] = here[3:0];
      assign tail[6*n+:6]    = place + lead;
      assign behind[6*n+:6]  = place + (mid ? 6'd2 : 6'd1);
      assign lits[5*n+:5]    = mid ? 5'd15 + 5'(ext[2:0]) : 5'(here[7:4]);
    end
    assign mids[n] = mid;
  end

  logic [RUN_W-1:0]         count;
  logic [6:0]               piece;  // literals of x_run_i
  logic signed [LEFT_W-1:0] left;   // input from the place on
  assign count = mids[0] ? RUN_W'(15) + RUN_W'(byte1) : x_token_i ? RUN_W'(byte0[7:4]) : x_count_i;
  assign piece = x_fits_i ? (x_long_i ? count[6:0] : count[6:0] - {2'b0, place0}) :
                 !x_half_i ? 7'd64 - {1'b0, behind[5:0]} :
                 behind[5] ? 7'd0 : 7'd32 - {2'b0, behind[4:0]};
  assign left  = LEFT_W'(x_rem_i) - LEFT_W'({x_at32_i, place0});

  logic [3:0]         x2_valid_q;
  logic [511:0]       x2_window_q;
  logic [4*6-1:0]     x2_tail_q, x2_behind_q;
  logic [4*4-1:0]     x2_nibble_q;
  logic [3*5-1:0]     x2_lit_q;    // of the last three
  logic [3:0]         x2_mid_q;
  logic [6:0]         x2_lit0_q;
  logic [7:0]         x2_byte_q;
  logic               x2_token_q, x2_tail0_q, x2_matchlen_q, x2_long_q, x2_litlen_q, x2_counted_q, x2_join_q;
  logic               x2_opens_q, x2_end_q, x2_overrun_q, x2_last_q;
  logic [RUN_W-1:0]   x2_count_q;
  logic signed [LEFT_W-1:0] x2_left_q;
  logic [NO_W-1:0]    x2_no_q;
  logic [LEN_W-1:0]   x2_capacity_q;
  logic [TAG_W-1:0]   x2_tag_q;
  logic               x2_no_match_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) x2_valid_q <= 4'd0;
    else if (go_i) x2_valid_q <= x_valid_i;
  end
  always_ff @(posedge clk_i) begin
    if (go_i) begin
      x2_window_q   <= x_window_i;
      x2_tail_q     <= tail;
      x2_behind_q   <= behind;
      x2_nibble_q   <= nibbles;
      x2_lit_q      <= lits[19:5];
      x2_mid_q      <= mids;
      x2_lit0_q     <= x_run_i ? piece : {2'd0, lits[4:0]};
      x2_byte_q     <= byte0;
      x2_token_q    <= x_token_i;
      x2_tail0_q    <= x_tail_i;
      x2_matchlen_q <= x_matchlen_i;
      x2_long_q     <= x_long_i;
      x2_litlen_q   <= x_litlen_i;
      x2_counted_q  <= x_counted_i || x_token_i;
      x2_join_q     <= x_join_i;
      x2_opens_q    <= x_opens_i;
      x2_end_q      <= x_end_i;
      x2_overrun_q  <= x_overrun_i;
      x2_last_q     <= x_last_i;
      x2_count_q    <= count;
      x2_left_q     <= left;
      x2_no_q       <= x_no_i;
      x2_capacity_q <= x_capacity_i;
      x2_tag_q      <= x_tag_i;
      x2_no_match_q <= (x_token_i ? byte0[3:0] : x_nibble_i) == 4'd0;
    end
  end

  // ---- X2.
  logic [4*9-1:0]  match;
  logic [4*16-1:0] offset;
  logic [3:0]      long_match;
  logic            has_match;  // of the first one: with an offset
  assign has_match = (x2_token_q && !x2_end_q) || x2_tail0_q || x2_join_q;
  for (genvar n = 0; n < 4; n++) begin : gen_x2
    logic [5:0]   at;
    logic [23:0]  text;
    logic         is_long;
    logic [8:0]   len;
    logic [527:0] window;
    assign window  = {16'd0, x2_window_q};
    assign at      = x2_tail_q[6*n+:6];
    assign text    = {window[{1'b0, at, 3'b000} + 10'd16 +: 8], window[{1'b0, at, 3'b000} + 10'd8 +: 8],
                      window[{1'b0, at, 3'b000} +: 8]};
    assign is_long = x2_nibble_q[4*n+:4] == 4'd15;
    assign len     = is_long ? 9'd19 + 9'(text[23:16]) : 9'd4 + 9'(x2_nibble_q[4*n+:4]);
    assign offset[16*n+:16] = text[15:0];
    if (n == 0) begin : gen_first
      assign match[8:0]    = has_match ? len : x2_matchlen_q ? 9'(x2_byte_q) : 9'd0;
      assign long_match[0] = (has_match && is_long) || x2_matchlen_q;
    end else begin : gen_others
      assign match[9*n+:9] = x2_valid_q[n] ? len : 9'd0;
      assign long_match[n] = is_long;
    end
  end

  // The input behind the place, against what the rules ask for; `left` counts from the token, or
  // from behind the last extension byte. Tokens of 15 literals and more that are not long are so
  // far from the end that none of it is said of them.
  logic signed [LEFT_W-1:0] need;  // what the count takes
  logic [1:0] header;
  assign header = x2_long_q ? 2'd2 : x2_litlen_q ? 2'd0 : 2'd1;
  assign need   = LEFT_W'(x2_count_q) + LEFT_W'(header);
  logic in_bad;
  assign in_bad = x2_overrun_q ||
                  ((x2_long_q || x2_litlen_q) && x2_left_q <= LEFT_W'(14) + LEFT_W'(header)) ||
                  (long_match[0] && x2_left_q < (x2_matchlen_q ? LEFT_W'(5) : x2_tail0_q ? LEFT_W'(7) :
                                                 LEFT_W'(8) + LEFT_W'(x2_lit0_q[3:0])));

  logic [3:0]         x3_valid_q;
  logic [4*9-1:0]     x3_match_q;
  logic [4*16-1:0]    x3_offset_q;
  logic [3*5-1:0]     x3_lit_q;
  logic [3:1]         x3_mid_q;
  logic [6:0]         x3_lit0_q;
  logic [4*6-1:0]     x3_behind_q;
  logic [3:0]         x3_long_match_q;
  logic               x3_token_q, x3_extends_q, x3_has_offset_q, x3_in_bad_q, x3_in_final_q, x3_in_exact_q, x3_in_short_q;
  logic               x3_no_match_q, x3_opens_q, x3_end_q, x3_last_q;
  logic [RUN_W-1:0]   x3_count_q;
  logic [NO_W-1:0]    x3_no_q;
  logic [LEN_W-1:0]   x3_capacity_q;
  logic [TAG_W-1:0]   x3_tag_q;
  logic [15:0]        kept_offset_q;  // for a match's further extension bytes
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) x3_valid_q <= 4'd0;
    else if (go_i) x3_valid_q <= x2_valid_q;
  end
  always_ff @(posedge clk_i) begin
    if (go_i) begin
      x3_match_q      <= match;
      x3_offset_q     <= {offset[63:16], x2_matchlen_q ? kept_offset_q : offset[15:0]};
      x3_lit_q        <= x2_lit_q & {{5{x2_valid_q[3]}}, {5{x2_valid_q[2]}}, {5{x2_valid_q[1]}}};
      x3_mid_q        <= x2_mid_q[3:1];
      x3_lit0_q       <= x2_lit0_q;
      x3_behind_q     <= x2_behind_q;
      x3_long_match_q <= long_match;
      x3_token_q      <= x2_counted_q;
      x3_extends_q    <= x2_long_q || x2_litlen_q;
      x3_has_offset_q <= has_match;
      x3_in_bad_q     <= in_bad;
      x3_in_final_q   <= need + LEFT_W'(8) > x2_left_q;
      x3_in_exact_q   <= need == x2_left_q;
      x3_in_short_q   <= x2_mid_q[0] || x2_litlen_q || x2_left_q < LEFT_W'(18);
      x3_no_match_q   <= x2_no_match_q;
      x3_opens_q      <= x2_opens_q;
      x3_end_q        <= x2_end_q;
      x3_last_q       <= x2_last_q;
      x3_count_q      <= x2_count_q;
      x3_no_q         <= x2_no_q;
      x3_capacity_q   <= x2_capacity_q;
      x3_tag_q        <= x2_tag_q;
      if (x2_valid_q[0] && has_match) kept_offset_q <= offset[15:0];
    end
  end

  // ---- X3.
  logic [SUM_W-1:0] t0, t1, t2, t3, s2, s3, s4;
  assign t0 = SUM_W'(x3_lit0_q) + SUM_W'(x3_match_q[8:0]);
  assign t1 = SUM_W'(x3_lit_q[4:0]) + SUM_W'(x3_match_q[17:9]);
  assign t2 = SUM_W'(x3_lit_q[9:5]) + SUM_W'(x3_match_q[26:18]);
  assign t3 = SUM_W'(x3_lit_q[14:10]) + SUM_W'(x3_match_q[35:27]);
  assign s2 = t0 + t1;
  assign s3 = s2 + t2;
  assign s4 = s2 + (t2 + t3);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_o <= 4'd0;
    else if (go_i) valid_o <= x3_valid_q;
  end
  always_ff @(posedge clk_i) begin
    if (go_i) begin
      start_o      <= {s3, s2, t0, {SUM_W{1'b0}}};
      lit_end_o    <= {s3 + SUM_W'(x3_lit_q[14:10]), s2 + SUM_W'(x3_lit_q[9:5]), t0 + SUM_W'(x3_lit_q[4:0]),
                       SUM_W'(x3_lit0_q)};
      stop_o       <= {s4, s3, s2, t0};
      back_o       <= {s4 - 1'b1, s3 - 1'b1, s2 - 1'b1, t0 - 1'b1};
      offset_o     <= x3_offset_q;
      long_match_o <= x3_long_match_q;
      mid_o        <= x3_mid_q;
      token_o      <= x3_token_q;
      extends_o    <= x3_extends_q;
      has_offset_o <= x3_has_offset_q;
      in_bad_o     <= x3_in_bad_q;
      in_final_o   <= x3_in_final_q;
      in_exact_o   <= x3_in_exact_q;
      in_short_o   <= x3_in_short_q;
      no_match_o   <= x3_no_match_q;
      count_o      <= x3_count_q;
      opens_o      <= x3_opens_q;
      empty_o      <= t0 == '0;
      end_o        <= x3_end_q;
      stop_no_o    <= x3_no_q + (x3_last_q ? NO_W'(1) : NO_W'(2));
      capacity_o   <= x3_capacity_q;
      tag_o        <= x3_tag_q;
    end
  end
  for (genvar n = 0; n < 4; n++) begin : gen_address
    always_ff @(posedge clk_i) begin
      if (go_i) address_o[ADDR_W*n+:ADDR_W] <= {x3_no_q, 5'd0} + ADDR_W'(x3_behind_q[6*n+:6]);
    end
  end

endmodule

`default_nettype wire
