// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// LZ4 page-compression engine: a unit of 4 KiB in, its block and a result out.
///
///     in -> page buffers (2) -> match finder -> sequences -> encoder -> blocks (2) -> out
///           CRC, same-filled                    (FIFO)
///
/// One unit loads while another is matched and a third drains, so that in steady
/// state a unit takes UNIT_BYTES / W cycles and two. A same-filled unit is known
/// as such when it has arrived and costs the match finder one window.
///
/// **Limitations**
/// - Units of 4 KiB only.
/// - The block is complete before its first byte leaves: nothing of an
///   incompressible unit is ever offered.
module pp_lz4_compressor #(
  parameter int unsigned W       = 8,     // positions a cycle of the match finder: 8 or 16
  parameter int unsigned BANKS   = 2 * W, // of each of its hash tables
  parameter int unsigned ENTRIES = 1024,  // of its table of 4-byte hashes
  parameter int unsigned LONG_ENTRIES = 512,  // of its table of 8-byte hashes
  parameter int unsigned NEAR    = W      // distances that it compares directly
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // A unit: 128 beats; byte i of the unit in bits [8*(i%32) +: 8] of beat i/32
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  input  logic [12:0]  in_limit_i,     // longest useful output in bytes, taken with the first beat
  // One result a unit, in order
  output logic         res_valid_o,
  input  logic         res_ready_i,
  input  logic         res_drop_i,     // with res_ready_i: do not offer this unit's block
  output logic [7:0]   res_status_o,   // PP_STATUS_OK, _SAME_FILLED or _INCOMPRESSIBLE
  output logic [12:0]  res_len_o,      // bytes of the block with OK, else 0
  output logic [31:0]  res_crc32c_o,
  output logic [63:0]  res_info_o,     // the word with SAME_FILLED, else 0
  output logic [31:0]  res_cycles_o,   // that the unit held the match finder, or the input if longer
  // The block: after its result was taken, before the next result is offered
  output logic         out_valid_o,
  input  logic         out_ready_i,
  output logic [255:0] out_data_o,
  output logic         out_last_o
);

  localparam int unsigned BUF_W   = pp_lz_pkg::BUF_W;
  localparam int unsigned PAGES   = 1 << BUF_W;
  localparam int unsigned IDX_W   = pp_lz_pkg::POS_W - $clog2(W);
  localparam int unsigned WINDOWS = pp_lz_pkg::UNIT_BYTES / W;
  localparam int unsigned BEATS   = pp_lz_pkg::UNIT_BYTES / 32;
  localparam int unsigned CNT_W   = 14;
  localparam int unsigned SEQ_DEPTH = 64;

  // ---- Arrival: page buffers, CRC, same-filled.
  logic             in_beat;
  logic [BUF_W-1:0] in_page_q;
  logic [6:0]       in_count_q;
  logic             in_last;
  logic [PAGES-1:0] held_q;       // a whole unit is in the buffer, until the encoder is done
  logic [PAGES-1:0] waiting_q;    // and the match finder has not had all of it
  logic [31:0]      crc_q, crc_next, crc_from;
  logic             same_q, same_next;
  logic [63:0]      word_q, word;
  assign in_ready_o = !held_q[in_page_q];
  assign in_beat    = in_valid_i && in_ready_o;
  assign in_last    = in_count_q == 7'(BEATS - 1);
  assign word       = (in_count_q == 7'd0) ? in_data_i[63:0] : word_q;
  assign same_next  = (in_count_q == 7'd0 || same_q) && in_data_i == {4{word}};
  assign crc_from   = (in_count_q == 7'd0) ? '1 : crc_q;
  pp_crc32c i_crc (.crc_i(crc_from), .data_i(in_data_i), .crc_o(crc_next));

  // What is known of the unit in each buffer.
  logic [PAGES-1:0] unit_same_q;
  logic [63:0]      unit_word_q [PAGES];
  logic [31:0]      unit_crc_q [PAGES];
  logic [12:0]      unit_limit_q [PAGES];
  logic [31:0]      unit_cycles_q [PAGES];
  always_ff @(posedge clk_i) begin
    if (in_beat) begin
      crc_q  <= crc_next;
      same_q <= same_next;
      word_q <= word;
      if (in_count_q == 7'd0) unit_limit_q[in_page_q] <= in_limit_i;
      if (in_last) begin
        unit_crc_q[in_page_q]  <= ~crc_next;
        unit_same_q[in_page_q] <= same_next;
        unit_word_q[in_page_q] <= same_next ? word : 64'd0;
      end
    end
  end

  logic             done;         // the encoder is done with a unit
  logic [BUF_W-1:0] done_page;
  logic             win_ready, win_valid;
  logic [BUF_W-1:0] win_page_q;
  logic             fetch, fetch_last;  // of a window from its buffer
  logic [BUF_W-1:0] fetch_page_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_page_q  <= '0;
      in_count_q <= '0;
      held_q     <= '0;
      waiting_q  <= '0;
    end else begin
      if (in_beat) begin
        in_count_q <= in_count_q + 7'd1;
        if (in_last) begin
          in_count_q           <= '0;
          in_page_q            <= in_page_q + 1'b1;
          held_q[in_page_q]    <= 1'b1;
          waiting_q[in_page_q] <= 1'b1;
        end
      end
      if (fetch && fetch_last) waiting_q[fetch_page_q] <= 1'b0;
      if (done) held_q[done_page] <= 1'b0;
    end
  end

  // ---- Windows: read a cycle ahead, so that a window and its text leave together.
  logic [IDX_W-1:0] fetch_index_q;
  logic             have_q;       // the window registers hold a window
  logic             win_first_q, win_last_q, win_same_q;
  logic [IDX_W-1:0] win_index_q;
  logic [8*W-1:0]   win_text;
  assign fetch       = waiting_q[fetch_page_q] && (!have_q || win_ready);
  assign fetch_last  = fetch_index_q == IDX_W'(WINDOWS - 1) || unit_same_q[fetch_page_q];
  assign win_valid   = have_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      have_q        <= 1'b0;
      fetch_page_q  <= '0;
      fetch_index_q <= '0;
    end else begin
      if (fetch) have_q <= 1'b1;
      else if (win_ready) have_q <= 1'b0;
      if (fetch) begin
        fetch_index_q <= fetch_last ? '0 : fetch_index_q + 1'b1;
        if (fetch_last) fetch_page_q <= fetch_page_q + 1'b1;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (fetch) begin
      win_first_q <= fetch_index_q == '0;
      win_last_q  <= fetch_last;
      win_same_q  <= unit_same_q[fetch_page_q];
      win_page_q  <= fetch_page_q;
      win_index_q <= fetch_index_q;
    end
  end
  pp_page_ram #(.PAGES(PAGES), .BANKS(4), .BYTES(W)) i_stream (
    .clk_i,
    .wr_en_i   (in_beat),
    .wr_beat_i ({in_page_q, in_count_q}),
    .wr_data_i (in_data_i),
    .rd_en_i   (fetch),
    .rd_page_i (fetch_page_q),
    .rd_pos_i  ({fetch_index_q, $clog2(W)'(0)}),
    .rd_data_o (win_text)
  );

  // Cycles that the unit holds the match finder: from when its first window is taken
  // to when its last one is. While the first one waits, the unit before holds it.
  logic [31:0] held_cycles_q, held_cycles;
  assign held_cycles = (win_first_q ? 32'd0 : held_cycles_q) + 32'd1;
  always_ff @(posedge clk_i) begin
    if (win_valid) begin
      held_cycles_q <= held_cycles;
      if (win_ready && win_last_q) unit_cycles_q[win_page_q] <= win_same_q ? 32'(BEATS) : held_cycles;
    end
  end

  // ---- Match finder, encoder.
  logic                 found_valid, found_ready, seq_valid, seq_ready;
  pp_lz_pkg::sequence_t found, seq;
  pp_match_finder #(
    .W(W), .BANKS(BANKS), .ENTRIES(ENTRIES), .LONG_ENTRIES(LONG_ENTRIES), .NEAR(NEAR)
  ) i_match_finder (
    .clk_i,
    .rst_ni,
    .wr_en_i     (in_beat),
    .wr_beat_i   ({in_page_q, in_count_q}),
    .wr_data_i   (in_data_i),
    .win_ready_o (win_ready),
    .win_valid_i (win_valid),
    .win_first_i (win_first_q),
    .win_last_i  (win_last_q),
    .win_same_i  (win_same_q),
    .win_page_i  (win_page_q),
    .win_index_i (win_index_q),
    .win_text_i  (win_text),
    .seq_valid_o (found_valid),
    .seq_ready_i (found_ready),
    .seq_o       (found)
  );
  pp_fifo #(.WIDTH(pp_lz_pkg::SEQUENCE_W), .DEPTH(SEQ_DEPTH)) i_sequences (
    .clk_i,
    .rst_ni,
    .in_valid_i  (found_valid),
    .in_ready_o  (found_ready),
    .in_data_i   (found),
    .out_valid_o (seq_valid),
    .out_ready_i (seq_ready),
    .out_data_o  (seq)
  );

  logic             done_same, done_over, done_block;
  logic [CNT_W-1:0] done_len;
  logic             rd_en, rd_block, free;
  logic [6:0]       rd_beat;
  logic [255:0]     rd_data;
  pp_lz4_encoder i_encoder (
    .clk_i,
    .rst_ni,
    .wr_en_i      (in_beat),
    .wr_beat_i    ({in_page_q, in_count_q}),
    .wr_data_i    (in_data_i),
    .seq_valid_i  (seq_valid),
    .seq_ready_o  (seq_ready),
    .seq_i        (seq),
    .limit_i      (unit_limit_q[seq.page]),
    .done_o       (done),
    .done_page_o  (done_page),
    .done_same_o  (done_same),
    .done_over_o  (done_over),
    .done_len_o   (done_len),
    .done_block_o (done_block),
    .rd_en_i      (rd_en),
    .rd_block_i   (rd_block),
    .rd_beat_i    (rd_beat),
    .rd_data_o    (rd_data),
    .free_i       (free),
    .free_block_i (rd_block)
  );

  // ---- Results: one for each output buffer, so that there is always room.
  logic        fits;
  logic        slot_q;  // the output buffer whose result is offered, or which drains
  logic [1:0]  ready_q;
  logic [7:0]  status_q [2];
  logic [12:0] len_q [2];
  logic [31:0] crc32c_q [2];
  logic [63:0] info_q [2];
  logic [31:0] cycles_q [2];
  assign fits = !done_over && done_len <= CNT_W'(unit_limit_q[done_page]) &&
                done_len <= CNT_W'(pp_lz_pkg::UNIT_BYTES);
  always_ff @(posedge clk_i) begin
    if (done) begin
      status_q[done_block] <= done_same ? pagepress_abi_pkg::PP_STATUS_SAME_FILLED[7:0] :
                              fits ? pagepress_abi_pkg::PP_STATUS_OK[7:0]
                                   : pagepress_abi_pkg::PP_STATUS_INCOMPRESSIBLE[7:0];
      len_q[done_block]    <= (done_same || !fits) ? 13'd0 : done_len[12:0];
      crc32c_q[done_block] <= unit_crc_q[done_page];
      info_q[done_block]   <= unit_word_q[done_page];
      cycles_q[done_block] <= unit_cycles_q[done_page];
    end
  end

  // ---- Drain: one beat is read ahead into the RAM's output register.
  logic       drain_q;     // a block is leaving
  logic [6:0] beat_q;      // next beat to read
  logic [6:0] beats_q;     // beats of the block, less one
  logic       loaded_q;    // the RAM's output register holds a beat
  logic       last_q;      // and it is the block's last
  logic       take, with_block, out_beat;
  assign res_valid_o  = ready_q[slot_q] && !drain_q;
  assign take         = res_valid_o && res_ready_i;
  assign with_block   = len_q[slot_q] != 13'd0 && !res_drop_i;
  assign out_beat     = loaded_q && out_ready_i;
  assign rd_en        = drain_q && (!loaded_q || (out_ready_i && !last_q));
  assign rd_block     = slot_q;
  assign rd_beat      = beat_q;
  assign free         = (take && !with_block) || (out_beat && last_q);
  assign res_status_o = status_q[slot_q];
  assign res_len_o    = len_q[slot_q];
  assign res_crc32c_o = crc32c_q[slot_q];
  assign res_info_o   = info_q[slot_q];
  assign res_cycles_o = cycles_q[slot_q];
  assign out_valid_o  = loaded_q;
  assign out_data_o   = rd_data;
  assign out_last_o   = last_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slot_q   <= 1'b0;
      ready_q  <= 2'b00;
      drain_q  <= 1'b0;
      loaded_q <= 1'b0;
      beat_q   <= '0;
    end else begin
      if (done) ready_q[done_block] <= 1'b1;
      if (take && with_block) begin
        drain_q <= 1'b1;
        beat_q  <= '0;
      end
      if (rd_en) begin
        loaded_q <= 1'b1;
        beat_q   <= beat_q + 7'd1;
      end else if (out_beat) begin
        loaded_q <= 1'b0;
      end
      if (free) begin
        drain_q         <= 1'b0;
        ready_q[slot_q] <= 1'b0;
        slot_q          <= !slot_q;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) beats_q <= 7'((len_q[slot_q] - 13'd1) >> 5);
    if (rd_en) last_q <= beat_q == beats_q;
  end

  `PP_ASSERT(ResultHasRoom, !(done && ready_q[done_block]))
  `PP_ASSERT(OutputStays, !$past(out_valid_o && !out_ready_i) || (out_valid_o && $stable(out_data_o)))

endmodule

`default_nettype wire
