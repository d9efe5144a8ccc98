// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Reads the sequences of an LZ4 block and turns them into steps of at most 16 bytes of
/// output; it alone decides whether a block is accepted, by the rules of liblz4 1.9.4's
/// LZ4_decompress_safe (docs/decoder.md, model/codec/lz4_decoder.cpp).
///
///     TOKEN --15 literals or more--> LITLEN* --> LITERALS* ---+
///       |                                                     |
///       +---- up to 14 literals, offset, first length byte <--+
///                 |                   |              |
///             (done: TOKEN)      MATCHLEN* ------> MATCH* ---> TOKEN
///
/// A sequence of up to 14 literals and up to 18 bytes of match, together at most 16, takes
/// one cycle. The unit's end or its first error leads to END, which drops what is left of
/// the input and closes the output.
///
/// **Limitations**
/// - Bytes that come before an error are given out all the same; the last step says so.
module pp_lz4_parser (
  input  logic         clk_i,
  input  logic         rst_ni,
  // The next unit
  input  logic         unit_valid_i,
  output logic         unit_take_o,
  input  logic         unit_buf_i,       // its output buffer
  input  logic [pp_lz_pkg::BLOCK_W-1:0] unit_len_i,
  input  logic [pp_lz_pkg::LEN_W-1:0]   unit_capacity_i,
  // The input from the byte to be read next
  input  logic         text_valid_i,
  input  logic [143:0] text_i,
  output logic [4:0]   take_o,
  input  logic         last_beat_i,
  output logic         drop_o,
  // Steps; never held up
  input  logic         end_ready_i,      // a last step may leave
  output logic         step_valid_o,
  output pp_lz4_decode_pkg::step_t step_o,
  output logic         active_o          // a unit is being read
);

  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned SUM_W   = LEN_W + 2;  // of lengths, one of them a byte too long

  localparam logic [2:0] IDLE     = 3'd0;
  localparam logic [2:0] TOKEN    = 3'd1;
  localparam logic [2:0] LITLEN   = 3'd2;  // extension bytes of the literals' count
  localparam logic [2:0] LITERALS = 3'd3;
  localparam logic [2:0] MATCHLEN = 3'd4;  // extension bytes of the match's length
  localparam logic [2:0] MATCH    = 3'd5;
  localparam logic [2:0] END      = 3'd6;

  logic [2:0]         state_q, state_d;
  logic [BLOCK_W-1:0] in_left_q;               // bytes of the block to be read
  logic [LEN_W-1:0]   pos_q;                   // bytes given out
  logic [LEN_W-1:0]   room_q;                  // capacity that is left
  logic [LEN_W-1:0]   rest_q, rest_d;          // of the literals or of the match
  logic [3:0]         nibble_q, nibble_d;      // the token's match length
  logic               final_q, final_d;        // the literals end the block
  logic [15:0]        offset_q, offset_d;
  logic               bad_q, bad_d;
  logic               empty_q;                 // the capacity was 0
  logic               buf_q;

  // ---- The text behind the token, if there is one.
  logic         is_token;
  logic [135:0] text;
  logic [3:0]   lit_nibble;
  logic [BLOCK_W-1:0] left;  // bytes of it
  assign is_token   = state_q == TOKEN;
  assign text       = is_token ? text_i[143:8] : text_i[135:0];
  assign lit_nibble = text_i[7:4];
  assign left       = in_left_q - BLOCK_W'(is_token);

  // ---- What is read in this cycle. How far the input moves on depends on no verdict: behind
  // an error or the end it is dropped anyway.
  logic [4:0] rest_step;  // of the rest, in this step
  logic       read_long;  // an extension byte of the literals' count
  logic       read_run;   // literals that are not the sequence's last ones
  logic       read_seq;   // up to 14 literals and what follows
  logic [3:0] lit;
  logic [3:0] nibble;
  logic       ext;        // the match has an extension byte
  assign rest_step = rest_q > LEN_W'(16) ? 5'd16 : rest_q[4:0];
  assign read_long = is_token ? lit_nibble == 4'd15 : state_q == LITLEN;
  assign read_run  = state_q == LITERALS && (final_q || rest_q > LEN_W'(14));
  assign read_seq  = (is_token && lit_nibble != 4'd15) || (state_q == LITERALS && !read_run);
  assign lit       = is_token ? lit_nibble : rest_q[3:0];
  assign nibble    = is_token ? text_i[3:0] : nibble_q;
  assign ext       = nibble == 4'd15;
  always_comb begin
    take_o = 5'd0;
    if (text_valid_i) begin
      if (read_seq) take_o = 5'(lit) + (is_token ? 5'd3 : 5'd2) + 5'(ext);
      else if (read_run) take_o = rest_step;
      else if (read_long) take_o = is_token ? 5'd2 : 5'd1;
      else if (state_q == MATCHLEN) take_o = 5'd1;
    end
  end

  // ---- 15 literals and more: the count so far. They begin behind the extension byte.
  logic               long_more;   // another extension byte follows
  logic [SUM_W-1:0]   long_sum;
  logic [BLOCK_W-1:0] long_left;
  logic               long_near;   // an end is near: these must be the last ones
  logic               long_exact;  // and they may be
  logic               long_bad;
  assign long_more  = text[7:0] == 8'd255;
  assign long_sum   = (is_token ? SUM_W'(15) : SUM_W'(rest_q)) + SUM_W'(text[7:0]);
  assign long_left  = left - 1'b1;
  assign long_near  = SUM_W'(room_q) < long_sum + SUM_W'(12) ||
                      SUM_W'(long_left) < long_sum + SUM_W'(8);
  assign long_exact = SUM_W'(long_left) == long_sum;
  // A count beyond the room cannot become good again.
  assign long_bad   = left <= BLOCK_W'(15) || long_sum > SUM_W'(room_q) ||
                      (!long_more && long_near && !long_exact);

  // ---- Up to 14 literals.
  logic lit_free;   // liblz4's shortcut: copied without a look at the ends
  logic lit_final;  // an end is near: these must be the last ones
  logic lit_exact;  // and they may be
  assign lit_free  = is_token && in_left_q >= BLOCK_W'(18) && room_q >= LEN_W'(32);
  assign lit_final = is_token && !lit_free && (room_q < LEN_W'(lit) + LEN_W'(12) ||
                                               left < BLOCK_W'(lit) + BLOCK_W'(8));
  assign lit_exact = left == BLOCK_W'(lit) && room_q >= LEN_W'(lit) &&
                     !(empty_q && text_i[3:0] != 4'd0);

  // ---- The match behind them.
  logic [23:0]        tail;       // offset, first extension byte
  logic [15:0]        offset;
  logic               more;       // another extension byte follows
  logic [8:0]         match_len;
  logic [BLOCK_W-1:0] match_left;
  logic [8:0]         match_end;  // counted from pos_q
  logic               match_bad;
  logic               over;       // literals and match are more than a step
  assign tail       = 24'(text >> {lit, 3'b000});
  assign offset     = tail[15:0];
  assign more       = ext && tail[23:16] == 8'd255;
  assign match_len  = ext ? 9'd19 + {1'b0, tail[23:16]} : 9'd4 + {5'd0, nibble};
  assign match_left = left - BLOCK_W'(lit) - BLOCK_W'(3);
  assign match_end  = 9'(lit) + match_len;
  assign over       = match_end > 9'd16;
  // The shortcut lets a short match end anywhere in the capacity.
  assign match_bad  = (LEN_W+4)'(offset) > (LEN_W+4)'(pos_q) + (LEN_W+4)'(lit) ||
                      (ext && match_left < BLOCK_W'(4)) ||
                      (SUM_W'(room_q) < SUM_W'(match_end) + SUM_W'(5) &&
                       !(lit_free && !ext && offset[15:3] != '0));

  // ---- More of a match's length.
  logic [SUM_W-1:0] ext_sum;
  logic             ext_bad;
  assign ext_sum = SUM_W'(rest_q) + SUM_W'(text_i[7:0]);
  assign ext_bad = in_left_q < BLOCK_W'(5) || SUM_W'(room_q) < ext_sum + SUM_W'(5);

  // ---- What becomes of it.
  logic [4:0] step_lit, step_match, step_sum;
  logic       give, close;
  always_comb begin
    state_d    = state_q;
    rest_d     = rest_q;
    nibble_d   = nibble_q;
    final_d    = final_q;
    offset_d   = offset_q;
    bad_d      = bad_q;
    step_lit   = 5'd0;
    step_match = 5'd0;
    step_sum   = 5'd0;
    give       = 1'b0;
    case (state_q)
      TOKEN, LITLEN, LITERALS: begin
        if (is_token) nibble_d = text_i[3:0];
        if (read_long) begin
          rest_d  = LEN_W'(long_sum);
          final_d = long_near;
          bad_d   = long_bad;
          state_d = long_bad ? END : long_more ? LITLEN : LITERALS;
        end else if (read_run) begin
          step_lit = rest_step;
          step_sum = rest_step;
          give     = 1'b1;
          rest_d   = rest_q - LEN_W'(rest_step);
          if (final_q && rest_q <= LEN_W'(16)) state_d = END;
        end else if (lit_final) begin
          step_lit = 5'(lit);
          step_sum = 5'(lit);
          give     = lit_exact;
          bad_d    = !lit_exact;
          state_d  = END;
        end else begin
          step_lit   = 5'(lit);
          step_match = more ? 5'd0 : over ? 5'd16 - 5'(lit) : match_len[4:0];
          step_sum   = more ? 5'(lit) : over ? 5'd16 : match_end[4:0];
          give       = !match_bad;
          bad_d      = match_bad;
          offset_d   = offset;
          rest_d     = more ? LEN_W'(match_len) : LEN_W'(match_end) - LEN_W'(16);
          state_d    = match_bad ? END : more ? MATCHLEN : over ? MATCH : TOKEN;
        end
      end
      MATCHLEN: begin
        rest_d  = LEN_W'(ext_sum);
        bad_d   = ext_bad;
        state_d = ext_bad ? END : text_i[7:0] == 8'd255 ? MATCHLEN : MATCH;
      end
      MATCH: begin
        step_match = rest_step;
        step_sum   = rest_step;
        give       = 1'b1;
        rest_d     = rest_q - LEN_W'(rest_step);
        if (rest_q <= LEN_W'(16)) state_d = TOKEN;
      end
      END: if (close) state_d = unit_take_o ? TOKEN : IDLE;
      default: if (unit_take_o) state_d = TOKEN;
    endcase
  end
  // A cycle without the text that it needs changes nothing.
  logic go;
  assign go          = text_valid_i || state_q == MATCH || state_q == END || state_q == IDLE;
  assign close       = state_q == END && last_beat_i && end_ready_i;
  assign drop_o      = close || (state_q == END && text_valid_i && !last_beat_i);
  assign unit_take_o = unit_valid_i && (state_q == IDLE || close);
  assign active_o    = state_q != IDLE;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= IDLE;
    else if (go) state_q <= state_d;
  end
  always_ff @(posedge clk_i) begin
    if (unit_take_o) begin
      in_left_q <= unit_len_i;
      pos_q     <= '0;
      room_q    <= unit_capacity_i;
      empty_q   <= unit_capacity_i == '0;
      bad_q     <= 1'b0;
      buf_q     <= unit_buf_i;
    end else if (go) begin
      in_left_q <= in_left_q - BLOCK_W'(take_o);
      pos_q     <= pos_q + LEN_W'(step_sum);
      room_q    <= room_q - LEN_W'(step_sum);
      bad_q     <= bad_d;
      rest_q    <= rest_d;
      nibble_q  <= nibble_d;
      final_q   <= final_d;
      offset_q  <= offset_d;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) step_valid_o <= 1'b0;
    else         step_valid_o <= close || (go && give && step_sum != 5'd0);
  end
  always_ff @(posedge clk_i) begin
    step_o.last   <= close;
    step_o.bad    <= bad_q;
    step_o.buf_no <= buf_q;
    step_o.pos    <= pos_q;
    step_o.lit    <= step_lit;
    step_o.match  <= step_match;
    step_o.offset <= state_q == MATCH ? offset_q : offset;
    step_o.text   <= text[127:0];
  end

  `PP_ASSERT(StepsAreShort, !(go && give) || step_sum == step_lit + step_match)
  `PP_ASSERT(StaysInTheBlock, !go || state_d == END || BLOCK_W'(take_o) < in_left_q || take_o == '0)
  `PP_ASSERT(StaysInTheRoom, !(go && give) || LEN_W'(step_sum) <= room_q)

endmodule

`default_nettype wire
