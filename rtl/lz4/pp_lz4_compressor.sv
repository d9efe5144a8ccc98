// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// LZ4 compression engine: a unit in, its block (or the unit itself) and a result out.
///
///     in -> page buffers (2) -> match finder -> sequences -> encoder -> blocks (2) -> judge -> out
///        |  CRC, same-filled                    (FIFO)                     |            |
///        |-> raw copies (4) -----------------------------------------------|------------'
///        `-> verifier: sources (4), decoder <------------------------------'
///
/// One unit loads while another is matched, a third is verified or drains, so that in
/// steady state a unit takes its bytes / W cycles and two. A unit that needs no matching
/// (same-filled, or copied, or only checked) is known as such when it has arrived and
/// costs the match finder one window. Results leave in the order of arrival.
///
/// The beats of a unit that leaves as it is are kept apart from the page buffers: four units
/// can be inside, two in page buffers and two behind the encoder.
///
/// **Limitations**
/// - The block is complete before its first byte leaves: nothing of an
///   incompressible unit is ever offered, unless it is stored as it is.
/// - One block is verified at a time, after it is complete and before its result is offered.
module pp_lz4_compressor #(
  parameter int unsigned W       = 8,     // positions a cycle of the match finder: 8 or 16
  parameter int unsigned BANKS   = 2 * W, // of each of its hash tables
  parameter int unsigned ENTRIES = 1024,  // of its table of 4-byte hashes
  parameter int unsigned LONG_ENTRIES = 512,  // of its table of 8-byte hashes
  parameter int unsigned NEAR    = W,     // distances that it compares directly
  localparam int unsigned LEN_W  = pp_lz_pkg::LEN_W,
  localparam int unsigned SIZE_W = pp_lz_pkg::SIZE_W,
  localparam int unsigned FLIP_W = LEN_W + 3
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // A unit: byte i of it in bits [8*(i%32) +: 8] of beat i/32
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  // Taken with its first beat
  input  logic [1:0]        in_work_i,      // pp_lz_pkg::WORK_*; 3 counts as WORK_COMPRESS
  input  logic [SIZE_W-1:0] in_size_i,      // 4096 << size bytes
  input  logic [LEN_W-1:0]  in_limit_i,     // longest useful output in bytes (WORK_COMPRESS)
  input  logic              in_raw_i,       // the unit itself leaves if its block is too long
  input  logic              in_verify_i,    // decode the block and compare before the result
  input  logic              in_flip_i,      // fault injection: invert a bit of the output,
  input  logic [FLIP_W-1:0] in_flip_bit_i,  // this one, if the output is so long
  output logic         busy_o,         // a unit is inside
  // One result a unit, in order
  output logic         res_valid_o,
  input  logic         res_ready_i,
  input  logic         res_drop_i,     // with res_ready_i: do not offer this unit's output
  output logic [7:0]   res_status_o,   // PP_STATUS_OK, _SAME_FILLED, _INCOMPRESSIBLE, _VERIFY_FAILED
  output logic         res_raw_o,      // INCOMPRESSIBLE, and the unit leaves as it is
  output logic [LEN_W-1:0] res_len_o,  // bytes that leave
  output logic [31:0]  res_crc32c_o,   // of the unit
  output logic [63:0]  res_info_o,     // the word with SAME_FILLED, else 0
  output logic [31:0]  res_cycles_o,   // that the unit held the match finder, or the input if longer
  // The output: after its result was taken, before the next result is offered
  output logic         out_valid_o,
  input  logic         out_ready_i,
  output logic [255:0] out_data_o,
  output logic         out_last_o
);

  localparam int unsigned POS_W   = pp_lz_pkg::POS_W;
  localparam int unsigned BEAT_W  = pp_lz_pkg::BEAT_W;
  localparam int unsigned BUF_W   = pp_lz_pkg::BUF_W;
  localparam int unsigned SLOT_W  = pp_lz_pkg::SLOT_W;
  localparam int unsigned PAGES   = 1 << BUF_W;
  localparam int unsigned IDX_W   = POS_W - $clog2(W);
  localparam int unsigned CNT_W   = LEN_W + 1;
  localparam int unsigned SEQ_DEPTH = 64;

  // ---- Arrival: page buffers, CRC, same-filled.
  logic              in_beat;
  logic [BUF_W-1:0]  in_page_q;
  logic              in_turn_q;   // with the page buffer: the unit's slot, 0..3 in turn
  logic [SLOT_W-1:0] in_slot;
  logic [BEAT_W-1:0] in_count_q, in_stop;
  logic              in_first, in_last;
  logic [SIZE_W-1:0] in_size;
  logic [PAGES-1:0]  held_q;      // a whole unit is in the buffer, until the encoder is done
  logic [PAGES-1:0]  waiting_q;   // and the match finder has not had all of it
  logic [31:0]       crc_q, crc_next, crc_from;
  logic              same_q, same_next;
  logic [63:0]       word_q, word;
  assign in_ready_o = !held_q[in_page_q];
  assign in_beat    = in_valid_i && in_ready_o;
  assign in_slot    = {in_turn_q, in_page_q};
  assign in_first   = in_count_q == '0;
  assign in_last    = in_count_q == in_stop;
  // Hardware of 4 KiB units carries no size.
  assign in_size    = (pp_lz_pkg::UNIT_LOG2 == 12) ? '0 : in_size_i;
  assign word       = in_first ? in_data_i[63:0] : word_q;
  assign same_next  = (in_first || same_q) && in_data_i == {4{word}};
  assign crc_from   = in_first ? '1 : crc_q;
  pp_crc32c i_crc (.crc_i(crc_from), .data_i(in_data_i), .crc_o(crc_next));

  // What is known of the unit in each buffer.
  logic [PAGES-1:0]  unit_same_q;
  logic [PAGES-1:0]  unit_skip_q;    // nothing for the match finder
  logic [PAGES-1:0]  unit_copy_q;
  logic [PAGES-1:0]  unit_check_q;
  logic [PAGES-1:0]  unit_raw_q;
  logic [PAGES-1:0]  unit_verify_q;
  logic [PAGES-1:0]  unit_flip_q;
  logic [FLIP_W-1:0] unit_flip_bit_q [PAGES];
  logic [SIZE_W-1:0] unit_size_q [PAGES];
  logic [63:0]       unit_word_q [PAGES];
  logic [31:0]       unit_crc_q [PAGES];
  logic [LEN_W-1:0]  unit_limit_q [PAGES];
  logic [31:0]       unit_cycles_q [PAGES];
  logic [LEN_W-1:0]  in_unit;        // bytes
  assign in_unit = LEN_W'(4096) << in_size;
  assign in_stop = (BEAT_W'(128) << unit_size_q[in_page_q]) - 1'b1;
  always_ff @(posedge clk_i) begin
    if (in_beat) begin
      crc_q  <= crc_next;
      same_q <= same_next;
      word_q <= word;
      if (in_first) begin
        unit_size_q[in_page_q]     <= in_size;
        unit_copy_q[in_page_q]     <= in_work_i == pp_lz_pkg::WORK_COPY;
        unit_check_q[in_page_q]    <= in_work_i == pp_lz_pkg::WORK_CHECK;
        unit_raw_q[in_page_q]      <= in_raw_i;
        unit_verify_q[in_page_q]   <= in_verify_i;
        unit_flip_q[in_page_q]     <= in_flip_i;
        unit_flip_bit_q[in_page_q] <= in_flip_bit_i;
        // A block that is longer than its unit is of no use.
        unit_limit_q[in_page_q]    <= (in_limit_i > in_unit) ? in_unit : in_limit_i;
      end
      if (in_last) begin
        unit_crc_q[in_page_q]  <= ~crc_next;
        unit_same_q[in_page_q] <= same_next;
        unit_skip_q[in_page_q] <= same_next || unit_copy_q[in_page_q] || unit_check_q[in_page_q];
        unit_word_q[in_page_q] <= word;
      end
    end
  end

  // The copies take only what may be asked of them.
  logic in_keep, in_proof;
  assign in_keep  = in_beat && (in_first ? in_raw_i || in_work_i == pp_lz_pkg::WORK_COPY
                                         : unit_raw_q[in_page_q] || unit_copy_q[in_page_q]);
  assign in_proof = in_beat && (in_first ? in_verify_i : unit_verify_q[in_page_q]);

  // The unit as it is, for copies and for what does not compress.
  logic              raw_en;
  logic [SLOT_W-1:0] raw_slot;
  logic [BEAT_W-1:0] raw_beat;
  logic [255:0]      raw_data_q;
  logic [255:0]      raw_mem [1 << (SLOT_W + BEAT_W)];
  always_ff @(posedge clk_i) begin
    if (in_keep) raw_mem[{in_slot, in_count_q}] <= in_data_i;
    if (raw_en) raw_data_q <= raw_mem[{raw_slot, raw_beat}];
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
      in_turn_q  <= 1'b0;
      in_count_q <= '0;
      held_q     <= '0;
      waiting_q  <= '0;
    end else begin
      if (in_beat) begin
        in_count_q <= in_count_q + 1'b1;
        // The first beat's size is not registered yet, and no unit is one beat.
        if (in_last && !in_first) begin
          in_count_q             <= '0;
          {in_turn_q, in_page_q} <= in_slot + 1'b1;
          held_q[in_page_q]      <= 1'b1;
          waiting_q[in_page_q]   <= 1'b1;
        end
      end
      if (fetch && fetch_last) waiting_q[fetch_page_q] <= 1'b0;
      if (done) held_q[done_page] <= 1'b0;
    end
  end

  // ---- Windows: read a cycle ahead, so that a window and its text leave together.
  logic [IDX_W-1:0]  fetch_index_q, fetch_stop;
  logic              have_q;       // the window registers hold a window
  logic              win_first_q, win_last_q, win_skip_q;
  logic [SIZE_W-1:0] win_size_q;
  logic [IDX_W-1:0]  win_index_q;
  logic [8*W-1:0]    win_text;
  assign fetch       = waiting_q[fetch_page_q] && (!have_q || win_ready);
  assign fetch_stop  = (IDX_W'(4096 / W) << unit_size_q[fetch_page_q]) - 1'b1;
  assign fetch_last  = fetch_index_q == fetch_stop || unit_skip_q[fetch_page_q];
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
      win_skip_q  <= unit_skip_q[fetch_page_q];
      win_size_q  <= unit_size_q[fetch_page_q];
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
      if (win_ready && win_last_q) begin
        unit_cycles_q[win_page_q] <= win_skip_q ? 32'd128 << win_size_q : held_cycles;
      end
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
    .win_skip_i  (win_skip_q),
    .win_size_i  (win_size_q),
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

  logic             done_skip, done_over, done_block;
  logic [CNT_W-1:0] done_len;
  logic             rd_en, rd_block, free;
  logic [BEAT_W-1:0] rd_beat;
  logic [255:0]     rd_data;
  logic             proof_en, judge_q;
  logic [BEAT_W-1:0] proof_beat_q;
  logic [255:0]     proof_data;
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
    .done_skip_o  (done_skip),
    .done_over_o  (done_over),
    .done_len_o   (done_len),
    .done_block_o (done_block),
    .rd_en_i      (rd_en),
    .rd_block_i   (rd_block),
    .rd_beat_i    (rd_beat),
    .rd_data_o    (rd_data),
    .rd2_en_i     (proof_en),
    .rd2_block_i  (judge_q),
    .rd2_beat_i   (proof_beat_q),
    .rd2_data_o   (proof_data),
    .free_i       (free),
    .free_block_i (rd_block)
  );

  // ---- Results: one for each output buffer, so that there is always room.
  logic              copy, check, same, fits, keep;
  logic              done_turn_q;   // with the output buffer: the unit's slot
  logic [1:0]        encoded_q;     // the encoder is done with the buffer's unit
  logic [1:0]        ready_q;       // its result can be offered
  logic [7:0]        status_q [2];
  logic [LEN_W-1:0]  len_q [2];
  logic [31:0]       crc32c_q [2];
  logic [63:0]       info_q [2];
  logic [31:0]       cycles_q [2];
  logic [1:0]        turn_q;
  logic [1:0]        raw_q;         // INCOMPRESSIBLE, stored as it is
  logic [1:0]        keep_q;        // the unit itself leaves
  logic [1:0]        verify_q;      // before that the block is to be verified
  logic [1:0]        flip_q;
  logic [FLIP_W-1:0] flip_bit_q [2];
  logic [SIZE_W-1:0] size_q [2];
  logic [LEN_W-1:0]  done_unit;     // bytes
  assign copy  = unit_copy_q[done_page];
  assign check = unit_check_q[done_page];
  assign same  = unit_same_q[done_page] && !copy;
  assign fits  = !done_over && done_len <= CNT_W'(unit_limit_q[done_page]);
  assign keep  = copy || (!done_skip && !fits && unit_raw_q[done_page]);
  assign done_unit = LEN_W'(4096) << unit_size_q[done_page];
  logic              proven, proof_ok;  // the judged block's verdict is there
  logic              judged;            // the judged buffer's result is complete
  always_ff @(posedge clk_i) begin
    if (done) begin
      status_q[done_block] <= (copy || (check && !same)) ? pagepress_abi_pkg::PP_STATUS_OK[7:0] :
                              same ? pagepress_abi_pkg::PP_STATUS_SAME_FILLED[7:0] :
                              fits ? pagepress_abi_pkg::PP_STATUS_OK[7:0]
                                   : pagepress_abi_pkg::PP_STATUS_INCOMPRESSIBLE[7:0];
      len_q[done_block]      <= keep ? done_unit : (done_skip || !fits) ? '0 : done_len[LEN_W-1:0];
      crc32c_q[done_block]   <= unit_crc_q[done_page];
      info_q[done_block]     <= same ? unit_word_q[done_page] : 64'd0;
      cycles_q[done_block]   <= unit_cycles_q[done_page];
      turn_q[done_block]     <= done_turn_q;
      raw_q[done_block]      <= keep && !copy;
      keep_q[done_block]     <= keep;
      verify_q[done_block]   <= unit_verify_q[done_page] && !done_skip && fits;
      flip_q[done_block]     <= unit_flip_q[done_page];
      flip_bit_q[done_block] <= unit_flip_bit_q[done_page];
      size_q[done_block]     <= unit_size_q[done_page];
    end
    if (proven && !proof_ok) begin
      status_q[judge_q] <= pagepress_abi_pkg::PP_STATUS_VERIFY_FAILED[7:0];
      len_q[judge_q]    <= '0;
    end
  end

  // ---- Judge: the result of a block that is to be verified waits for the verdict, all
  // others pass. The verifier decodes the bytes that would leave.
  logic              job_valid, job_ready, job_q;  // job_q: the verifier works for this block
  logic              feed_q;          // beats are still to be read or taken
  logic              proof_loaded_q;  // the RAM's second output register holds a beat
  logic              proof_last_q;    // and it is the block's last
  logic              proof_flip_q;    // and a bit of it is inverted
  logic              proof_ready, proof_beat;
  logic              verdict, verdict_ok, verdict_q, verdict_ok_q;
  logic [BEAT_W-1:0] judge_stop;
  logic [255:0]      proof_flipped;
  assign judge_stop = BEAT_W'((len_q[judge_q] - 1'b1) >> 5);
  assign job_valid  = encoded_q[judge_q] && verify_q[judge_q] && !job_q;
  assign proof_beat = proof_loaded_q && proof_ready;
  assign proof_en   = feed_q && (!proof_loaded_q || (proof_ready && !proof_last_q));
  assign proof_flipped = proof_data ^ (256'(proof_flip_q) << flip_bit_q[judge_q][7:0]);
  assign proven     = job_q && !feed_q && verdict_q;
  assign proof_ok   = verdict_ok_q;
  assign judged     = encoded_q[judge_q] && (!verify_q[judge_q] || proven);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      judge_q        <= 1'b0;
      job_q          <= 1'b0;
      feed_q         <= 1'b0;
      verdict_q      <= 1'b0;
      proof_loaded_q <= 1'b0;
      proof_beat_q   <= '0;
    end else begin
      if (job_valid && job_ready) begin
        job_q        <= 1'b1;
        feed_q       <= 1'b1;
        proof_beat_q <= '0;
      end
      if (proof_en) begin
        proof_loaded_q <= 1'b1;
        proof_beat_q   <= proof_beat_q + 1'b1;
      end else if (proof_beat) begin
        proof_loaded_q <= 1'b0;
      end
      if (proof_beat && proof_last_q) feed_q <= 1'b0;
      if (verdict) verdict_q <= 1'b1;
      if (judged) begin
        judge_q   <= !judge_q;
        job_q     <= 1'b0;
        verdict_q <= 1'b0;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (verdict) verdict_ok_q <= verdict_ok;
    if (proof_en) begin
      proof_last_q <= proof_beat_q == judge_stop;
      proof_flip_q <= flip_q[judge_q] &&
                      flip_bit_q[judge_q][FLIP_W-1:8] == (FLIP_W-8)'(proof_beat_q);
    end
  end
  pp_lz4_verifier #(.SLOTS(1 << SLOT_W)) i_verifier (
    .clk_i,
    .rst_ni,
    .wr_en_i     (in_proof),
    .wr_slot_i   (in_slot),
    .wr_beat_i   (in_count_q),
    .wr_data_i   (in_data_i),
    .job_valid_i (job_valid),
    .job_ready_o (job_ready),
    .job_slot_i  ({turn_q[judge_q], judge_q}),
    .job_size_i  (size_q[judge_q]),
    .job_len_i   (len_q[judge_q]),
    .in_valid_i  (proof_loaded_q),
    .in_ready_o  (proof_ready),
    .in_data_i   (proof_flipped),
    .done_o      (verdict),
    .ok_o        (verdict_ok)
  );

  // ---- Drain: one beat is read ahead into the RAM's output register.
  logic              slot_q;       // the output buffer whose result is offered, or which drains
  logic              drain_q;      // an output is leaving
  logic [BEAT_W-1:0] beat_q;       // next beat to read
  logic [BEAT_W-1:0] beats_q;      // beats of the output, less one
  logic              loaded_q;     // the RAM's output register holds a beat
  logic              last_q;       // and it is the output's last
  logic              flip_beat_q;  // and a bit of it is inverted
  logic              read, take, with_block, out_beat;
  assign res_valid_o  = ready_q[slot_q] && !drain_q;
  assign take         = res_valid_o && res_ready_i;
  assign with_block   = len_q[slot_q] != '0 && !res_drop_i;
  assign out_beat     = loaded_q && out_ready_i;
  assign read         = drain_q && (!loaded_q || (out_ready_i && !last_q));
  assign rd_en        = read && !keep_q[slot_q];
  assign rd_block     = slot_q;
  assign rd_beat      = beat_q;
  assign raw_en       = read && keep_q[slot_q];
  assign raw_slot     = {turn_q[slot_q], slot_q};
  assign raw_beat     = beat_q;
  assign free         = (take && !with_block) || (out_beat && last_q);
  assign res_status_o = status_q[slot_q];
  assign res_raw_o    = raw_q[slot_q];
  assign res_len_o    = len_q[slot_q];
  assign res_crc32c_o = crc32c_q[slot_q];
  assign res_info_o   = info_q[slot_q];
  assign res_cycles_o = cycles_q[slot_q];
  assign out_valid_o  = loaded_q;
  assign out_data_o   = (keep_q[slot_q] ? raw_data_q : rd_data) ^
                        (256'(flip_beat_q) << flip_bit_q[slot_q][7:0]);
  assign out_last_o   = last_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slot_q      <= 1'b0;
      done_turn_q <= 1'b0;
      encoded_q   <= 2'b00;
      ready_q     <= 2'b00;
      drain_q     <= 1'b0;
      loaded_q    <= 1'b0;
      beat_q      <= '0;
    end else begin
      if (done) begin
        encoded_q[done_block] <= 1'b1;
        if (done_block) done_turn_q <= !done_turn_q;
      end
      if (judged) begin
        encoded_q[judge_q] <= 1'b0;
        ready_q[judge_q]   <= 1'b1;
      end
      if (take && with_block) begin
        drain_q <= 1'b1;
        beat_q  <= '0;
      end
      if (read) begin
        loaded_q <= 1'b1;
        beat_q   <= beat_q + 1'b1;
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
    if (take) beats_q <= BEAT_W'((len_q[slot_q] - 1'b1) >> 5);
    if (read) begin
      last_q      <= beat_q == beats_q;
      flip_beat_q <= flip_q[slot_q] && flip_bit_q[slot_q][FLIP_W-1:8] == (FLIP_W-8)'(beat_q);
    end
  end

  assign busy_o = in_count_q != '0 || held_q != '0 || encoded_q != '0 || ready_q != '0;

  `PP_ASSERT(SizeIsOurs, !(in_beat && in_first) ||
             32'(in_size_i) <= pp_lz_pkg::UNIT_LOG2 - 12)
  `PP_ASSERT(ResultHasRoom, !(done && (encoded_q[done_block] || ready_q[done_block])))
  `PP_ASSERT(SlotsKeepStep, !done || (done_page == done_block))
  `PP_ASSERT(OutputStays, !$past(out_valid_o && !out_ready_i) || (out_valid_o && $stable(out_data_o)))

endmodule

`default_nettype wire
