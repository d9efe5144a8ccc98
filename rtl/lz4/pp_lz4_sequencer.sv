// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Breaks LZ4 sequences into steps of at most 16 output bytes, one a cycle:
///
///     | head: 0..2 bytes | literals: 0..16 | tail: 0..3 bytes |
///       token, length ext.                   offset, length ext.
///
/// A sequence of up to 11 literals is one step; longer runs go on with 16 literals
/// a step, and lengths beyond one extension byte with one more byte a step. A run
/// of more literals than the block may have bytes is one empty step: such a block is
/// given up at once instead of after hundreds of steps (noise is one such run).
/// Format: lz4_Block_format.md of the lz4 project.
///
/// **Limitations**
/// - One sequence a cycle at most; a sequence's steps are not merged with its neighbour's.
module pp_lz4_sequencer #(
  localparam int unsigned POS_W = pp_lz_pkg::POS_W,
  localparam int unsigned LEN_W = pp_lz_pkg::LEN_W
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 seq_valid_i,
  output logic                 seq_ready_o,
  input  pp_lz_pkg::sequence_t seq_i,
  input  logic [LEN_W-1:0]     limit_i,     // longest useful block of the sequence's unit, bytes
  // Steps
  output logic                 step_valid_o,
  input  logic                 step_ready_i,
  output logic                 last_o,      // of the unit
  output logic                 skip_o,      // the unit has no block: an empty, last step
  output logic                 over_o,      // this run alone exceeds the limit: an empty step
  output logic [pp_lz_pkg::BUF_W-1:0] page_o,
  output logic [1:0]           head_n_o,    // bytes
  output logic [15:0]          head_o,
  output logic [4:0]           lit_n_o,     // bytes
  output logic [POS_W-1:0]     lit_pos_o,
  output logic [1:0]           tail_n_o,    // bytes
  output logic [23:0]          tail_o
);

  localparam int unsigned FIRST_LITS = 11;  // beside a head of 2 and a tail of 3 bytes
  localparam int unsigned LAST_LITS  = 13;  // beside a tail of 3 bytes
  localparam int unsigned STEP_LITS  = 16;

  // What the next step of the sequence at the input is.
  typedef enum logic [1:0] {
    Head,     // token, first extension byte, literals
    LitExt,   // more of the literal run's length
    Literals, // more literals
    MatchExt  // more of the match's length
  } phase_e;

  phase_e           phase_q, phase_d;
  logic [LEN_W-1:0] rest_q, rest_d;          // length not yet written in extension bytes
  logic [LEN_W-1:0] lits_q, lits_d;          // literals not yet written
  logic [POS_W-1:0] lit_pos_q, lit_pos_d;

  logic [LEN_W-1:0] match;                   // match length as the format counts it
  logic             lit_ext, match_ext;      // lengths that go on in extension bytes
  logic [LEN_W-1:0] lit_over, match_over;    // what the extension bytes hold
  assign match      = seq_i.last ? '0 : seq_i.match_len - LEN_W'(pp_lz_pkg::MIN_MATCH);
  assign lit_ext    = seq_i.lit_len >= LEN_W'(15);
  assign match_ext  = match >= LEN_W'(15);
  assign lit_over   = seq_i.lit_len - LEN_W'(15);
  assign match_over = match - LEN_W'(15);

  logic [LEN_W-1:0] todo;                    // literals left before this step
  logic [4:0]       room;                    // literals beside which the tail fits
  logic             with_tail;
  logic             done;                    // with this step
  logic [7:0]       rest_byte;
  assign rest_byte = (rest_q >= LEN_W'(255)) ? 8'd255 : rest_q[7:0];

  always_comb begin
    phase_d   = phase_q;
    rest_d    = rest_q;
    lits_d    = lits_q;
    lit_pos_d = lit_pos_q;
    head_n_o  = 2'd0;
    head_o    = {rest_byte, rest_byte};
    lit_n_o   = 5'd0;
    lit_pos_o = lit_pos_q;
    todo      = lits_q;
    room      = 5'(LAST_LITS);
    with_tail = 1'b0;
    done      = 1'b0;
    unique case (phase_q)
      Head: begin
        head_n_o = lit_ext ? 2'd2 : 2'd1;
        head_o   = {(lit_over >= LEN_W'(255)) ? 8'd255 : lit_over[7:0],
                    lit_ext ? 4'd15 : seq_i.lit_len[3:0], match_ext ? 4'd15 : match[3:0]};
        rest_d    = lit_over - LEN_W'(255);
        lit_pos_o = seq_i.lit_pos;
        todo      = seq_i.lit_len;
        room      = 5'(FIRST_LITS);
      end
      LitExt: begin
        head_n_o = 2'd1;
        rest_d   = rest_q - LEN_W'(255);
      end
      Literals: ;
      MatchExt: begin
        head_n_o = 2'd1;
        rest_d   = rest_q - LEN_W'(255);
        done     = rest_q < LEN_W'(255);
      end
    endcase

    if (phase_q == Head && lit_ext && lit_over >= LEN_W'(255)) begin
      phase_d   = LitExt;
      lits_d    = todo;
      lit_pos_d = lit_pos_o;
    end else if (phase_q == LitExt) begin
      if (rest_q < LEN_W'(255)) phase_d = Literals;
    end else if (phase_q != MatchExt) begin
      with_tail = todo <= LEN_W'(room);
      lit_n_o   = with_tail ? todo[4:0] :
                  (phase_q == Head) ? room :
                  (todo < LEN_W'(STEP_LITS)) ? todo[4:0] : 5'(STEP_LITS);
      lits_d    = todo - LEN_W'(lit_n_o);
      lit_pos_d = lit_pos_o + POS_W'(lit_n_o);
      phase_d   = Literals;
      if (with_tail) begin
        rest_d = match_over - LEN_W'(255);
        if (match_ext && match_over >= LEN_W'(255)) phase_d = MatchExt;
        else done = 1'b1;
      end
    end
    if (seq_i.skip || over_o) begin
      head_n_o  = 2'd0;
      lit_n_o   = 5'd0;
      with_tail = 1'b0;
      done      = 1'b1;
    end
    if (done) phase_d = Head;
  end

  assign over_o   = !seq_i.skip && seq_i.lit_len > limit_i;
  assign tail_n_o = (!with_tail || seq_i.last) ? 2'd0 : match_ext ? 2'd3 : 2'd2;
  assign tail_o   = {(match_over >= LEN_W'(255)) ? 8'd255 : match_over[7:0], 16'(seq_i.offset)};

  assign step_valid_o = seq_valid_i;
  assign seq_ready_o  = step_ready_i && done;
  assign last_o       = done && seq_i.last;
  assign skip_o       = seq_i.skip;
  assign page_o       = seq_i.page;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) phase_q <= Head;
    else if (seq_valid_i && step_ready_i) phase_q <= phase_d;
  end
  always_ff @(posedge clk_i) begin
    if (seq_valid_i && step_ready_i) begin
      rest_q    <= rest_d;
      lits_q    <= lits_d;
      lit_pos_q <= lit_pos_d;
    end
  end

  `PP_ASSERT(StepFits, !seq_valid_i || 6'(head_n_o) + 6'(lit_n_o) + 6'(tail_n_o) <= 6'd16)
  `PP_ASSERT(LiteralsInTheUnit, !(seq_valid_i && lit_n_o != '0) ||
             LEN_W'(lit_pos_o) + LEN_W'(lit_n_o) <= LEN_W'(pp_lz_pkg::UNIT_BYTES))

endmodule

`default_nettype wire
