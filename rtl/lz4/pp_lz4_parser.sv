// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Finds the sequences of an LZ4 block: up to four tokens a cycle, the first in the beat.
///
///     TOKEN --23 literals or more--> (LITLEN*) --> RUN* --> TAIL: offset, first length byte
///       |  fewer: literals, offset, first length byte         |
///       |<----------------------------------------------------+--255--> MATCHLEN* --> TOKEN
///
/// The place in the beat is one bit of 33, and what each byte would be as a token was found when
/// the beat was loaded (pp_lz4_token_map): a step to the next token is 25 AND-ORs for each place.
/// Bytes are not looked at here, but for longer counts of literals.
///
/// A row that is not full when the beat ends takes tokens from the first bytes of the next one:
/// beats of nine to eleven short sequences would take three cycles each.
///
/// A run that ends in the window is joined by its match, if that is short and the block's end is
/// far: then a long sequence takes one cycle, not one more for TAIL.
///
/// Nothing but the input decides where the parser goes: whether the output has room is the
/// judge's to say, later. What is left of a block that it rejects is dropped beat by beat.
///
/// **Limitations**
/// - A sequence that is not regular (alone_o of the map) takes a cycle of its own.
module pp_lz4_parser (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         go_i,  // the pipeline to the queue moves
  // The next beat
  input  logic         b_ready_i,
  output logic         b_take_o,
  input  logic         b_last_i,
  input  logic [pp_lz_pkg::BLOCK_W-1:0] b_rem_i,
  input  logic [pp_lz_pkg::LEN_W-1:0]   b_capacity_i,
  input  logic [pp_lz4_decode_pkg::NO_W-1:0] b_no_i,
  input  logic [255:0] b_data_i,
  input  logic [255:0] ahead_i,
  // The judge's verdict: the unit of this tag is malformed
  input  logic         bad_i,
  input  logic [pp_lz4_decode_pkg::TAG_W-1:0] bad_tag_i,
  output logic         drop_o,     // this is so, and its beats are dropped
  output logic [pp_lz4_decode_pkg::NO_W-1:0] drop_no_o,  // this one now
  // What was found, registered. The first of the four sequences may be something else
  output logic [3:0]   x_valid_o,
  output logic [32+3*pp_lz4_decode_pkg::PLACES-1:0] x_at_o,  // tokens (of the first: what is
                                    // read), one bit each
  output logic         x_at32_o,    // the first one's stands behind the beat
  output logic         x_token_o,   // the first is a token with up to 22 literals
  output logic         x_tail_o,    // offset and length of a match whose literals came before
  output logic         x_matchlen_o,  // extension byte of a match's length
  output logic         x_run_o,     // literals, at most to the window's end
  output logic         x_long_o,    // token and extension byte of the literals' count
  output logic         x_litlen_o,  // further ones; x_at_o is behind them
  output logic         x_counted_o, // with these two: the count is complete
  output logic         x_opens_o,   // with x_run_o: may only open a chunk
  output logic         x_fits_o,    // with x_run_o: these are all
  output logic         x_join_o,    // with x_run_o: and the match follows
  output logic         x_half_o,    // with x_run_o: at most to the beat's end
  output logic [pp_lz4_decode_pkg::RUN_W-1:0] x_count_o,  // of literals, but for x_long_o; with
                                    // x_run_o where they end, from the beat's start on
  output logic [3:0]   x_nibble_o,  // match length, as the token has it, but for tokens
  output logic         x_end_o,     // the unit's end
  output logic         x_overrun_o, // in the middle of a sequence
  output logic [511:0] x_window_o,  // the beat and the one behind it
  output logic [pp_lz4_decode_pkg::NO_W-1:0] x_no_o,
  output logic         x_last_o,
  output logic [pp_lz_pkg::BLOCK_W-1:0] x_rem_o,
  output logic [pp_lz_pkg::LEN_W-1:0]   x_capacity_o,
  output logic [pp_lz4_decode_pkg::TAG_W-1:0] x_tag_o
);

  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned NO_W    = pp_lz4_decode_pkg::NO_W;
  localparam int unsigned RUN_W   = pp_lz4_decode_pkg::RUN_W;
  localparam int unsigned TAG_W   = pp_lz4_decode_pkg::TAG_W;
  localparam int unsigned PLACES  = pp_lz4_decode_pkg::PLACES;

  localparam logic [2:0] TOKEN    = 3'd0;
  localparam logic [2:0] LITLEN   = 3'd1;  // extension bytes of the literals' count
  localparam logic [2:0] RUN      = 3'd2;  // literals
  localparam logic [2:0] TAIL     = 3'd3;
  localparam logic [2:0] MATCHLEN = 3'd4;  // extension bytes of the match's length
  localparam logic [2:0] DROP     = 3'd5;  // to the unit's last beat

  // ---- The beat and its tables.
  logic [16*PLACES-1:0] b_step, b_on;
  logic [9*32-1:0]   b_wide, b_on_wide;
  logic [PLACES-1:0] b_goes;
  logic [34:0]       b_alone;
  logic              b_roomy;
  logic [31:0]       b_long_leaves, b_leaves, b_long, b_more, b_final, b_ones, b_ones2, b_past;
  pp_lz4_token_map i_map (
    .data_i  (b_data_i),
    .ahead_i (ahead_i),
    .rem_i   (b_rem_i),
    .step_o  (b_step),
    .wide_o  (b_wide),
    .on_o    (b_on),
    .on_wide_o (b_on_wide),
    .goes_o  (b_goes),
    .leaves_o (b_leaves),
    .long_leaves_o (b_long_leaves),
    .roomy_o (b_roomy),
    .long_o  (b_long),
    .more_o  (b_more),
    .alone_o (b_alone),
    .final_o (b_final),
    .ones_o  (b_ones),
    .ones2_o (b_ones2),
    .past_o  (b_past)
  );
  logic               valid_q, last_q, roomy_q;
  logic [255:0]       data_q;
  logic [BLOCK_W-1:0] rem_q;
  logic [LEN_W-1:0]   capacity_q;
  logic [NO_W-1:0]    no_q;
  logic [16*PLACES-1:0] step_q, on_q;
  logic [9*32-1:0]    wide_q, on_wide_q;
  logic [PLACES-1:0]  goes_q;
  logic [34:0]        alone_q;
  logic [31:0] leaves_q, long_leaves_q, long_q, more_q, final_q, ones_q, ones2_q, past_q;
  logic load, over, leave, move;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (load) valid_q <= 1'b1;
    else if (go_i && move) valid_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (load) begin
      last_q     <= b_last_i;
      data_q     <= b_data_i;
      rem_q      <= b_rem_i;
      capacity_q <= b_capacity_i;
      no_q       <= b_no_i;
      roomy_q    <= b_roomy;
      step_q     <= b_step;
      wide_q     <= b_wide;
      on_q       <= b_on;
      on_wide_q  <= b_on_wide;
      goes_q     <= b_goes;
      leaves_q   <= b_leaves;
      long_leaves_q <= b_long_leaves;
      long_q     <= b_long;
      more_q     <= b_more;
      alone_q    <= b_alone;
      final_q    <= b_final;
      ones_q     <= b_ones;
      ones2_q    <= b_ones2;
      past_q     <= b_past;
    end
  end
  assign b_take_o = load;

  // ---- State.
  logic [2:0]       state_q, state_d, state_to;
  logic             token_q;   // it is TOKEN
  logic [32:0]      at_q;      // one bit; 32: behind the beat
  // Literals, `counted` in all: in LITLEN and the run after it how many, then where they end.
  logic [RUN_W-1:0] count_q, count_d, counted;
  logic [10:0]      add_q;     // not yet added to count_q
  logic [3:0]       nibble_q;
  logic             opens_q;
  logic             ended_q;   // in DROP: the end has been given
  logic [TAG_W-1:0] tag_q;
  logic [31:0]      p;
  logic             is_token, is_tail, is_long, is_run, is_litlen, is_matchlen;
  logic             reads, drops, overrun, final_seq, final_run;
  assign p       = at_q[31:0];
  assign drops   = state_q == DROP || (bad_i && bad_tag_i == tag_q);
  assign overrun = last_q && (at_q[32] || |(p & past_q));
  assign reads   = valid_q && !drops && !overrun && !at_q[32];
  assign is_token    = token_q && !is_long;
  assign is_long     = token_q && |(p & long_q);
  assign is_tail     = state_q == TAIL;
  assign is_run      = state_q == RUN;
  assign is_litlen   = state_q == LITLEN;
  assign is_matchlen = state_q == MATCHLEN;

  // ---- The bytes at the place, and behind it.
  logic [4:0]  p_no;
  logic [7:0]  at_byte, next_byte;
  logic [32:0] ones_at;
  for (genvar k = 0; k < 8; k++) begin : gen_plane
    logic [32:0] plane;
    for (genvar b = 0; b < 33; b++) begin : gen_bit
      if (b < 32) begin : gen_here
        assign plane[b] = data_q[8*b+k];
      end else begin : gen_next
        assign plane[b] = b_data_i[k];
      end
    end
    assign at_byte[k]   = |(plane[31:0] & p);
    assign next_byte[k] = |(plane[32:1] & p);
  end
  assign p_no = {|p[31:16],
                 |{p[31:24], p[15:8]},
                 |{p[31:28], p[23:20], p[15:12], p[7:4]},
                 |(p & 32'hcccccccc),
                 |(p & 32'haaaaaaaa)};

  // ---- Sequences: four steps from token to token.
  function logic [63:0] stepped(logic [PLACES-1:0] from, logic [16*PLACES-1:0] step, logic [9*32-1:0] wide);
    logic [63:0] at, t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11;
    at  = 64'(from);
    t0  = ((at & 64'(step[PLACES*0+:PLACES])) << 3) | ((at & 64'(step[PLACES*1+:PLACES])) << 4);
    t1  = ((at & 64'(step[PLACES*2+:PLACES])) << 5) | ((at & 64'(step[PLACES*3+:PLACES])) << 6);
    t2  = ((at & 64'(step[PLACES*4+:PLACES])) << 7) | ((at & 64'(step[PLACES*5+:PLACES])) << 8);
    t3  = ((at & 64'(step[PLACES*6+:PLACES])) << 9) | ((at & 64'(step[PLACES*7+:PLACES])) << 10);
    t4  = ((at & 64'(step[PLACES*8+:PLACES])) << 11) | ((at & 64'(step[PLACES*9+:PLACES])) << 12);
    t5  = ((at & 64'(step[PLACES*10+:PLACES])) << 13) | ((at & 64'(step[PLACES*11+:PLACES])) << 14);
    t6  = ((at & 64'(step[PLACES*12+:PLACES])) << 15) | ((at & 64'(step[PLACES*13+:PLACES])) << 16);
    t7  = ((at & 64'(step[PLACES*14+:PLACES])) << 17) | ((at & 64'(step[PLACES*15+:PLACES])) << 18);
    t8  = ((at & 64'(wide[31:0])) << 19) | ((at & 64'(wide[63:32])) << 20);
    t9  = ((at & 64'(wide[95:64])) << 21) | ((at & 64'(wide[127:96])) << 22);
    t10 = ((at & 64'(wide[159:128])) << 23) | ((at & 64'(wide[191:160])) << 24);
    t11 = ((at & 64'(wide[223:192])) << 25) | ((at & 64'(wide[255:224])) << 26);
    stepped = (((t0 | t1) | (t2 | t3)) | ((t4 | t5) | (t6 | t7))) |
              (((t8 | t9) | (t10 | t11)) | ((at & 64'(wide[287:256])) << 27));
  endfunction
  logic              more, nibble15;
  logic [PLACES-1:0] seq0, seq1, seq2, seq3, last_seq;
  logic [34:0]       tail_to, tail_on;
  logic [63:0]       chain_to;
  assign nibble15 = nibble_q == 4'd15;
  assign more     = is_tail ? nibble15 && |(p & ones2_q) : |(p & more_q);
  assign tail_to  = !is_tail ? 35'd0 : nibble15 ? {p, 3'd0} : {1'b0, p, 2'd0};
  assign tail_on  = !is_tail ? 35'd0 : (nibble15 ? {p & ~ones2_q, 3'd0} : {1'b0, p, 2'd0}) & ~alone_q;
  assign seq0     = {{(PLACES-32){1'b0}}, p & {32{token_q}}};
  assign seq1     = PLACES'(stepped(seq0, on_q, on_wide_q)) | PLACES'(tail_on);
  assign seq2     = PLACES'(stepped(seq1, on_q, on_wide_q));
  assign seq3     = PLACES'(stepped(seq2, on_q, on_wide_q));
  // Only the last one's step is not in on_q.
  assign last_seq = ((seq0 & ~goes_q) | (seq1 & ~goes_q)) | ((seq2 & ~goes_q) | seq3);
  assign chain_to = stepped(last_seq, step_q, wide_q) | {29'd0, tail_to & ~tail_on};

  // ---- Longer counts of literals with one extension byte, and runs of literals: as far as the
  // window goes, or to the beat's end. A run from the next beat's start takes two beats again: the
  // last one should begin in the beat before the literals' end, for its own beat would be needed
  // once more for the match.
  logic [8:0]       long_stop, long_last;  // behind them; the last one
  logic [5:0]       p17_no;
  logic             long_fits, long_half, run_fits, long_more, joins;
  logic [6:0]       run_no;
  logic [64:0]      run_to;
  for (genvar k = 0; k < 6; k++) begin : gen_p17  // the place and 17, as a number
    logic [31:0] ones;
    for (genvar b = 0; b < 32; b++) begin : gen_bit
      assign ones[b] = 1'((b + 17) >> k);
    end
    assign p17_no[k] = |(p & ones);
  end
  assign long_stop = 9'(p17_no) + 9'(next_byte);
  assign long_last = 9'(p_no) + 9'd16 + 9'(next_byte);
  logic unused_last;
  assign unused_last = ^long_last[4:0];
  assign long_fits = long_last[8:6] == 3'd0;
  assign long_half = !long_fits && !long_last[5];
  assign long_more = next_byte == 8'd255;
  // A run that opens has 270 literals and more; any other one starts with its beat, or one byte
  // behind that where the token stands at the end of the beat before.
  assign run_fits  = !opens_q && count_q <= RUN_W'(64);
  assign run_no    = is_run ? (run_fits ? count_q[6:0] : 7'd64) :
                     long_fits ? long_stop[6:0] : !long_half ? 7'd64 : p[31] ? 7'd33 : 7'd32;
  assign joins     = roomy_q && !run_no[6] && run_no[5:0] != 6'd63 &&
                     (is_run ? run_fits && !nibble15 : long_fits && at_byte[3:0] != 4'd15);
  assign run_to    = joins ? 65'd4 << run_no : 65'd1 << run_no;

  // ---- Further extension bytes of the count: up to four.
  logic [31:0] ext1, ext2, ext3, ext_stop;
  logic [31:0] full0, full1, full2, full3;  // those that are 255
  logic [32:0] ext_to;
  logic [7:0]  ext_byte;
  logic [9:0]  ext_full;
  assign full0 = p & ones_q;
  assign ext1  = full0 << 1;
  assign full1 = ext1 & ones_q;
  assign ext2  = full1 << 1;
  assign full2 = ext2 & ones_q;
  assign ext3  = full2 << 1;
  assign full3 = ext3 & ones_q;
  assign ext_stop = (p | ext1 | ext2 | ext3) & ~ones_q;
  assign ones_at  = {full3, 1'b0} | {(full0 | full1 | full2) & 32'h80000000, 1'b0};
  assign ext_to   = {ext_stop, 1'b0} | ones_at;
  // 255 times the number of full ones.
  assign ext_full = |full3 ? 10'd1020 : |full2 ? 10'd765 : |full1 ? 10'd510 : |full0 ? 10'd255 : 10'd0;
  for (genvar k = 0; k < 8; k++) begin : gen_ext
    logic [31:0] plane;
    for (genvar b = 0; b < 32; b++) begin : gen_bit
      assign plane[b] = data_q[8*b+k];
    end
    assign ext_byte[k] = |(plane & ext_stop);
  end

  logic [RUN_W-1:0] count_sum;
  assign count_sum = count_q + RUN_W'(add_q);
  assign counted   = {count_sum[RUN_W-1] || count_q[RUN_W-1], count_sum[RUN_W-2:0]};  // never small again

  // ---- Where it goes on.
  logic [64:0] to;
  logic        unit_end, to_next;  // beyond the beat
  assign to = ({65{is_token || is_tail}} & 65'(chain_to)) | ({65{is_run || (is_long && !long_more)}} & run_to) |
              ({65{is_long && long_more}} & (65'(p) << 2)) | ({65{is_litlen}} & 65'(ext_to)) |
              ({65{is_matchlen}} & (65'(p) << 1));
  // Where the block ends with a long run, the cycle after it closes the unit.
  assign final_seq = is_token && |(p & final_q);
  assign final_run = (is_long && !long_more && long_fits && BLOCK_W'(long_stop) == rem_q) ||
                     (is_run && run_fits && BLOCK_W'(count_q[6:0]) == rem_q);
  assign unit_end = drops || overrun || (reads && final_seq);
  assign to_next = ((is_token || is_tail) && |((seq1[31:0] | seq2[31:0] | seq3[31:0]) & leaves_q)) ||
                   (is_token && |(p & leaves_q)) || (is_tail && (nibble15 ? |p[31:29] : |p[31:30])) ||
                   (is_run && (opens_q || |count_q[RUN_W-1:5] || (roomy_q && !nibble15 && &count_q[4:1]))) ||
                   (is_long && (long_more ? |p[31:30] : |(p & long_leaves_q))) || (is_litlen && ext_to[32]) ||
                   (is_matchlen && p[31]);
  assign leave = unit_end || at_q[32] || to_next;
  assign over  = last_q && unit_end;
  assign move  = valid_q && (over || (leave && !last_q));
  assign load  = go_i && b_ready_i && (!valid_q || move);

  always_comb begin
    state_d = state_q;
    count_d = count_q;
    case (state_q)
      TOKEN, TAIL: begin
        if (is_long) begin
          count_d = long_more ? RUN_W'(270) : RUN_W'(long_stop) - (long_half ? RUN_W'(32) : RUN_W'(64));
          state_d = long_more ? LITLEN : joins ? TOKEN : long_fits ? TAIL : RUN;
        end else begin
          state_d = more ? MATCHLEN : TOKEN;
        end
      end
      LITLEN: begin
        count_d = counted;
        if (|ext_stop) state_d = RUN;
      end
      RUN: begin
        count_d = counted - RUN_W'(64) + (opens_q ? RUN_W'(p_no) : '0);
        if (run_fits) state_d = joins ? TOKEN : TAIL;
      end
      MATCHLEN: if (at_byte != 8'd255) state_d = TOKEN;
      default: ;
    endcase
  end
  assign state_to = over ? TOKEN : (unit_end || (reads && final_run)) ? DROP : at_q[32] ? state_q : state_d;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= TOKEN;
      token_q <= 1'b1;
      at_q    <= 33'd1;
      tag_q   <= '0;
      ended_q <= 1'b0;
    end else if (go_i && valid_q) begin
      state_q <= state_to;
      token_q <= state_to == TOKEN;
      if (over) begin
        at_q    <= 33'd1;
        tag_q   <= tag_q + 1'b1;
        ended_q <= 1'b0;
      end else begin
        if (reads && (final_seq || final_run)) ended_q <= 1'b1;
        if (at_q[32]) at_q <= 33'd1;
        else at_q <= {last_q ? to_next : to[64], to[31:0] | (to[63:32] & {32{!last_q}})};
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (go_i && reads) begin
      count_q <= count_d;
      add_q   <= is_litlen ? 11'(ext_full) + 11'(ext_byte) : 11'd0;
      if (is_long) nibble_q <= at_byte[3:0];
      if (is_long || is_run) opens_q <= 1'b0;
      if (is_litlen) opens_q <= 1'b1;
    end
  end

  assign drop_o    = bad_i && bad_tag_i == tag_q;
  assign drop_no_o = no_q;

  // ---- What was found.
  logic [RUN_W-1:0] x_run_count_q;
  assign x_count_o = x_litlen_o ? counted : x_run_count_q;
  logic gives_end;
  assign gives_end = valid_q && last_q && (drops || overrun) && !(state_q == DROP && ended_q);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      x_valid_o <= 4'd0;
    end else if (go_i) begin
      x_valid_o[0] <= reads || gives_end;
      x_valid_o[1] <= reads && (is_token || is_tail) && |seq1;
      x_valid_o[2] <= reads && (is_token || is_tail) && |seq2;
      x_valid_o[3] <= reads && (is_token || is_tail) && |seq3;
    end
  end
  always_ff @(posedge clk_i) begin
    if (go_i) begin
      x_at_o       <= {seq3, seq2, seq1, is_litlen ? ext_to[31:0] : p};
      x_at32_o     <= is_litlen && ext_to[32];
      x_token_o    <= reads && is_token;
      x_tail_o     <= reads && is_tail;
      x_matchlen_o <= reads && is_matchlen;
      x_run_o      <= reads && (is_run || (is_long && !long_more));
      x_long_o     <= reads && is_long;
      x_litlen_o   <= reads && is_litlen;
      x_counted_o  <= reads && ((is_long && !long_more) || (is_litlen && |ext_stop));
      x_opens_o    <= reads && is_run && opens_q;
      x_fits_o     <= is_run ? run_fits : long_fits;
      x_join_o     <= reads && joins && (is_run || (is_long && !long_more));
      x_half_o     <= !is_run && long_half;
      x_run_count_q <= counted;
      x_nibble_o   <= is_long ? at_byte[3:0] : nibble_q;
      x_end_o      <= gives_end || (reads && (final_seq || final_run));
      x_overrun_o  <= gives_end;
      x_window_o   <= {b_data_i, data_q};
      x_no_o       <= no_q;
      x_last_o     <= last_q;
      x_rem_o      <= rem_q;
      x_capacity_o <= capacity_q;
      x_tag_o      <= tag_q;
    end
  end

  `PP_ASSERT(RunStartsWithItsBeat, !(reads && is_run && !opens_q) || ((at_q[0] || at_q[1]) && add_q == '0))
  `PP_ASSERT(OnePlace, !valid_q || drops || $onehot(at_q))
  `PP_ASSERT(KnowsWhereItGoes, !reads || to_next == |to[64:32])
  `PP_ASSERT(GoesOn, !reads || $onehot(to) || final_seq || final_run || (last_q && to == '0))

endmodule

`default_nettype wire
