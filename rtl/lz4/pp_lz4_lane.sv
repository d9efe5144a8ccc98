// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// One lane of the encoder: a slot of a sequence in, its bytes out, four cycles later.
///
///     | head: 0..2 bytes | body: 0..16 literals or bytes of 255 | tail: 0..3 bytes |
///       token, length                                              offset, length
///
///     1  the slot arrives: its number in its sequence
///     2  what is in it; where its literals stand
///     3  literals from the lane's own copy of the page buffers
///     4  the bytes
///
/// **Limitations**
/// - A slot has 16 bytes at most; which bytes stand beside each other is pp_lz4_encode_pkg's.
module pp_lz4_lane #(
  parameter int unsigned LANE  = 0,  // its number: it works on slot LANE of a step
  parameter int unsigned PAGES = 2,  // page buffers
  localparam int unsigned BUF_W   = pp_lz_pkg::BUF_W,
  localparam int unsigned SLOTS_W = pp_lz4_encode_pkg::SLOTS_W
) (
  input  logic                         clk_i,
  // Beats of units as they arrive
  input  logic                         wr_en_i,
  input  logic [BUF_W+pp_lz_pkg::BEAT_W-1:0] wr_beat_i,
  input  logic [255:0]                 wr_data_i,
  // The slot
  input  logic                         valid_i,
  input  logic [BUF_W-1:0]             page_i,
  input  logic [SLOTS_W-1:0]           first_i,  // its sequence's first slot,
  input  logic [SLOTS_W-1:0]           end_i,    // and the one behind its last: signed
  input  pp_lz4_encode_pkg::measured_t seq_i,
  // Its bytes, zero beyond its length
  output logic [127:0]                 data_o,
  output logic [4:0]                   len_o
);

  localparam int unsigned POS_W   = pp_lz_pkg::POS_W;
  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned CHAIN_W = pp_lz4_encode_pkg::CHAIN_W;

  // ---- 1
  logic                         valid1_q;
  logic [BUF_W-1:0]             page1_q;
  logic [SLOTS_W-1:0]           number1_q;  // in its sequence
  logic [SLOTS_W-1:0]           after1_q;   // slots of the sequence behind it
  pp_lz4_encode_pkg::measured_t seq1_q;
  always_ff @(posedge clk_i) begin
    valid1_q  <= valid_i;
    page1_q   <= page_i;
    number1_q <= SLOTS_W'(LANE) - first_i;
    after1_q  <= end_i - SLOTS_W'(LANE + 1);
    seq1_q    <= seq_i;
  end

  // ---- 2
  logic               head, lit_chain, lit_chain_end, mat_chain, with_tail;
  logic [SLOTS_W-1:0] run_slot;   // among the slots of literals behind the head
  logic [LEN_W:0]     run_from;   // literals before it
  logic [LEN_W:0]     run_left;   // and from it on, at least -3: signed
  logic [4:0]         run_n, body_n;
  logic [1:0]         head_n, tail_n;
  logic [23:0]        tail;
  assign head          = number1_q == '0;
  assign lit_chain     = !head && number1_q <= SLOTS_W'(seq1_q.lit_chain);
  assign lit_chain_end = number1_q[CHAIN_W-1:0] == seq1_q.lit_chain;
  assign mat_chain     = after1_q < SLOTS_W'(seq1_q.mat_chain);
  assign with_tail     = after1_q == SLOTS_W'(seq1_q.mat_chain);
  assign run_slot      = number1_q - SLOTS_W'(seq1_q.lit_chain) - 1'b1;
  assign run_from      = {run_slot, (seq1_q.lit_chain != '0) ? 4'd0 : 4'(pp_lz4_encode_pkg::FIRST)};
  assign run_left      = {1'b0, seq1_q.lit_len} - run_from;
  assign run_n         = run_left[LEN_W] ? 5'd0 :
                         (run_left[LEN_W-1:4] != '0) ? 5'd16 : {1'b0, run_left[3:0]};
  always_comb begin
    head_n = 2'd0;
    body_n = run_n;
    if (head) begin
      head_n = (seq1_q.lit_ext && seq1_q.lit_chain == '0) ? 2'd2 : 2'd1;
      body_n = seq1_q.short_run ? {1'b0, seq1_q.lit_len[3:0]} :
               (seq1_q.lit_chain != '0) ? 5'd0 :
               seq1_q.lit_two ? 5'(pp_lz4_encode_pkg::FIRST) : 5'(pp_lz4_encode_pkg::FIRST - 1);
    end else if (lit_chain) begin
      body_n = lit_chain_end ? {1'b0, seq1_q.lit_full} : 5'd16;
    end else if (mat_chain) begin
      body_n = (after1_q == '0) ? {1'b0, seq1_q.mat_full} : 5'd16;
    end
    tail_n = 2'd0;
    tail   = {seq1_q.mat_rest, 16'(seq1_q.offset)};
    if (lit_chain) begin
      tail_n = lit_chain_end ? 2'd1 : 2'd0;
      tail   = {16'd0, seq1_q.lit_rest};
    end else if (mat_chain) begin
      tail_n = (after1_q == '0) ? 2'd1 : 2'd0;
      tail   = {16'd0, seq1_q.mat_rest};
    end else if (with_tail && !seq1_q.last) begin
      tail_n = (seq1_q.mat_ext && seq1_q.mat_chain == '0) ? 2'd3 : 2'd2;
    end
  end

  logic             fill2_q;
  logic [BUF_W-1:0] page2_q;
  logic [POS_W-1:0] pos2_q;
  logic [1:0]       head_n2_q, tail_n2_q;
  logic [4:0]       body_n2_q;
  logic [15:0]      head2_q;
  logic [23:0]      tail2_q;
  always_ff @(posedge clk_i) begin
    fill2_q   <= lit_chain || mat_chain;
    page2_q   <= page1_q;
    pos2_q    <= seq1_q.lit_pos + (head ? '0 : run_from[POS_W-1:0]);
    head_n2_q <= valid1_q ? head_n : 2'd0;
    body_n2_q <= valid1_q ? body_n : 5'd0;
    tail_n2_q <= valid1_q ? tail_n : 2'd0;
    head2_q   <= {seq1_q.lit_rest, seq1_q.token};
    tail2_q   <= tail;
  end

  // ---- 3
  logic [127:0] literals;
  pp_page_ram #(.PAGES(PAGES), .BANKS(4), .BYTES(16)) i_literals (
    .clk_i,
    .wr_en_i,
    .wr_beat_i,
    .wr_data_i,
    .rd_en_i   (body_n2_q != 5'd0 && !fill2_q),
    .rd_page_i (page2_q),
    .rd_pos_i  (pos2_q),
    .rd_data_o (literals)
  );
  logic         fill3_q;
  logic [1:0]   head_n3_q, tail_n3_q;
  logic [4:0]   body_n3_q, tail_at3_q;
  logic [15:0]  head3_q;
  logic [23:0]  tail3_q;
  always_ff @(posedge clk_i) begin
    fill3_q    <= fill2_q;
    head_n3_q  <= head_n2_q;
    tail_n3_q  <= tail_n2_q;
    body_n3_q  <= body_n2_q;
    tail_at3_q <= 5'(head_n2_q) + body_n2_q;
    head3_q    <= head2_q;
    tail3_q    <= tail2_q;
  end

  // ---- 4
  logic [127:0] body, headed;
  logic [23:0]  tail_kept;
  assign body      = (literals | {128{fill3_q}}) & ~({128{1'b1}} << {body_n3_q, 3'b000});
  assign headed    = (head_n3_q == 2'd2) ? {body[111:0], head3_q} :
                     (head_n3_q == 2'd1) ? {body[119:0], head3_q[7:0]} : body;
  assign tail_kept = {(tail_n3_q == 2'd3) ? tail3_q[23:16] : 8'd0,
                      tail_n3_q[1] ? tail3_q[15:8] : 8'd0,
                      (tail_n3_q != 2'd0) ? tail3_q[7:0] : 8'd0};
  always_ff @(posedge clk_i) begin
    data_o <= headed | (128'(tail_kept) << {tail_at3_q, 3'b000});
    len_o  <= tail_at3_q + 5'(tail_n3_q);
  end

endmodule

`default_nettype wire
