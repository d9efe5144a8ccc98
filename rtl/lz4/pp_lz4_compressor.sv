// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// LZ4 compression engine: a unit in, its block (or the unit itself) and a result out.
///
///     in -> page buffers -> windows -> match finder -> rows -> encoder -> blocks -> judge -> out
///        |  CRC, same-filled            W a cycle     of sequences       (2)    |        |
///        |-> raw copies (4) ------------------------------------------------------------'
///        `-> verifier: sources (4), decoder <---------------------------------'
///
/// Up to four units are inside, each in a slot of its own from its first beat to its last
/// output: one loads while another is matched, a third is encoded and a fourth is verified or
/// drains, so that in steady state a unit takes its bytes / W cycles and one. Results leave
/// in the order of arrival.
///
/// A page buffer is held from when a unit is complete until it is encoded. A unit that needs no
/// matching (same-filled, or copied, or only checked) is known as such with its last beat: it
/// leaves its page buffer to the next one and costs the match finder one window.
///
/// **Limitations**
/// - The block is complete before its first byte leaves: nothing of an
///   incompressible unit is ever offered, unless it is stored as it is.
/// - One block is verified at a time, after it is complete and before its result is offered.
module pp_lz4_compressor #(
  parameter int unsigned W         = 16,     // positions a cycle of the match finder: 8, 16 or 32
  parameter int unsigned BANKS     = 2 * W,  // of each of its hash tables
  parameter int unsigned WAYS      = 2,      // entries of a row of its table of 4-byte hashes
  parameter int unsigned ROWS      = 1024,   // of that table
  parameter int unsigned LONG_ROWS = 1024,   // of its table of 8-byte hashes
  parameter int unsigned NEAR      = W,      // distances that it compares directly
  parameter int unsigned UNITS     = (W == 8) ? 2 : 4,   // distances that it follows in a window
  parameter int unsigned STARTS    = (W == 32) ? 4 : 2,  // matches that can start in a window
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

  localparam int unsigned BEAT_W  = pp_lz_pkg::BEAT_W;
  localparam int unsigned BUF_W   = pp_lz_pkg::BUF_W;
  localparam int unsigned SLOT_W  = pp_lz_pkg::SLOT_W;
  localparam int unsigned SLOTS   = 1 << SLOT_W;
  localparam int unsigned SEQ_W   = pp_lz_pkg::SEQUENCE_W;
  localparam int unsigned IDX_W   = pp_lz_pkg::POS_W - $clog2(W);
  localparam int unsigned CNT_W   = LEN_W + 1;
  localparam int unsigned BLOCKS  = 2;
  localparam int unsigned BLOCK_W = 1;
  localparam int unsigned LANES   = STARTS;
  // At 32 bytes a cycle a unit is in its buffer for more than twice as long as it is matched.
  localparam int unsigned PAGES   = (W == 32) ? 3 : 2;

  // ---- Arrival: page buffers, CRC, same-filled.
  logic              in_beat, in_first, in_last, in_skip, in_done;
  logic [SLOT_W-1:0] in_slot_q;
  logic [BUF_W-1:0]  in_page_q;
  logic [BEAT_W-1:0] in_count_q, in_stop;
  logic [SIZE_W-1:0] in_size;
  logic [SLOTS-1:0]  busy_q;      // the slot's unit is complete and has not left
  logic [(1<<BUF_W)-1:0] held_q;      // a whole unit is in the buffer, until the encoder is done
  logic [31:0]       crc_q, crc_next, crc_from;
  logic              same_q, same_next;
  logic [63:0]       word_q, word;
  assign in_ready_o = !held_q[in_page_q] && !busy_q[in_slot_q];
  assign in_beat    = in_valid_i && in_ready_o;
  assign in_first   = in_count_q == '0;
  assign in_last    = in_count_q == in_stop;
  // Hardware of 4 KiB units carries no size.
  assign in_size    = (pp_lz_pkg::UNIT_LOG2 == 12) ? '0 : in_size_i;
  assign word       = in_first ? in_data_i[63:0] : word_q;
  assign same_next  = (in_first || same_q) && in_data_i == {4{word}};
  assign crc_from   = in_first ? '1 : crc_q;
  pp_crc32c i_crc (.crc_i(crc_from), .data_i(in_data_i), .crc_o(crc_next));

  // What is known of the unit in each slot.
  logic [SLOTS-1:0]  unit_same_q;
  logic [SLOTS-1:0]  unit_skip_q;    // nothing for the match finder
  logic [SLOTS-1:0]  unit_copy_q;
  logic [SLOTS-1:0]  unit_check_q;
  logic [SLOTS-1:0]  unit_raw_q;
  logic [SLOTS-1:0]  unit_verify_q;
  logic [SLOTS-1:0]  unit_flip_q;
  logic [FLIP_W-1:0] unit_flip_bit_q [SLOTS];
  logic [SIZE_W-1:0] unit_size_q [SLOTS];
  logic [BUF_W-1:0]  unit_page_q [SLOTS];
  logic [63:0]       unit_word_q [SLOTS];
  logic [31:0]       unit_crc_q [SLOTS];
  logic [LEN_W-1:0]  unit_limit_q [SLOTS];
  logic [31:0]       unit_cycles_q [SLOTS];
  logic [LEN_W-1:0]  in_unit;        // bytes
  assign in_unit = LEN_W'(4096) << in_size;
  assign in_stop = (BEAT_W'(128) << unit_size_q[in_slot_q]) - 1'b1;
  assign in_skip = same_next || unit_copy_q[in_slot_q] || unit_check_q[in_slot_q];
  // The first beat's size is not registered yet, and no unit is one beat.
  assign in_done = in_beat && in_last && !in_first;
  always_ff @(posedge clk_i) begin
    if (in_beat) begin
      crc_q  <= crc_next;
      same_q <= same_next;
      word_q <= word;
      if (in_first) begin
        unit_size_q[in_slot_q]     <= in_size;
        unit_page_q[in_slot_q]     <= in_page_q;
        unit_copy_q[in_slot_q]     <= in_work_i == pp_lz_pkg::WORK_COPY;
        unit_check_q[in_slot_q]    <= in_work_i == pp_lz_pkg::WORK_CHECK;
        unit_raw_q[in_slot_q]      <= in_raw_i;
        unit_verify_q[in_slot_q]   <= in_verify_i;
        unit_flip_q[in_slot_q]     <= in_flip_i;
        unit_flip_bit_q[in_slot_q] <= in_flip_bit_i;
        // A block that is longer than its unit is of no use.
        unit_limit_q[in_slot_q]    <= (in_limit_i > in_unit) ? in_unit : in_limit_i;
      end
      if (in_last) begin
        unit_crc_q[in_slot_q]  <= ~crc_next;
        unit_same_q[in_slot_q] <= same_next;
        unit_skip_q[in_slot_q] <= in_skip;
        unit_word_q[in_slot_q] <= word;
      end
    end
  end

  // The copies take only what may be asked of them.
  logic in_keep, in_proof;
  assign in_keep  = in_beat && (in_first ? in_raw_i || in_work_i == pp_lz_pkg::WORK_COPY
                                         : unit_raw_q[in_slot_q] || unit_copy_q[in_slot_q]);
  assign in_proof = in_beat && (in_first ? in_verify_i : unit_verify_q[in_slot_q]);

  // The unit as it is, for copies and for what does not compress.
  logic              raw_en;
  logic [SLOT_W-1:0] raw_slot;
  logic [BEAT_W-1:0] raw_beat;
  logic [255:0]      raw_data_q;
  logic [255:0]      raw_mem [SLOTS << BEAT_W];
  always_ff @(posedge clk_i) begin
    if (in_keep) raw_mem[{in_slot_q, in_count_q}] <= in_data_i;
    if (raw_en) raw_data_q <= raw_mem[{raw_slot, raw_beat}];
  end

  // ---- Slots and page buffers. Each part of the engine goes through the slots in turn.
  logic [SLOTS-1:0]  waiting_q;    // complete, and its windows have not all been read
  logic [SLOTS-1:0]  encoded_q;    // the encoder is done with it
  logic [SLOTS-1:0]  ready_q;      // its result can be offered
  logic [SLOT_W-1:0] fetch_slot_q, held_slot_q, row_slot_q, done_slot_q, judge_slot_q, out_slot_q;
  logic              fetched, held_valid, row_unit_next, done_q, judged, left;
  logic              done_skip_q;
  logic [(1<<BUF_W)-1:0] page_full, page_free;
  assign page_full = {{((1<<BUF_W)-1){1'b0}}, in_done && !in_skip} << in_page_q;
  // Decoded bit by bit: a number that was never written must not matter while nothing is freed.
  for (genvar b = 0; b < (1 << BUF_W); b++) begin : gen_page_free
    assign page_free[b] = done_q && !done_skip_q && unit_page_q[done_slot_q] == BUF_W'(b);
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_count_q   <= '0;
      in_page_q    <= '0;
      held_q       <= '0;
      busy_q       <= '0;
      waiting_q    <= '0;
      encoded_q    <= '0;
      ready_q      <= '0;
      in_slot_q    <= '0;
      fetch_slot_q <= '0;
      held_slot_q  <= '0;
      row_slot_q   <= '0;
      done_slot_q  <= '0;
      judge_slot_q <= '0;
      out_slot_q   <= '0;
    end else begin
      held_q <= (held_q | page_full) & ~page_free;
      if (in_beat) in_count_q <= in_done ? '0 : in_count_q + 1'b1;
      if (in_done) begin
        in_slot_q            <= in_slot_q + 1'b1;
        busy_q[in_slot_q]    <= 1'b1;
        waiting_q[in_slot_q] <= 1'b1;
        if (!in_skip) in_page_q <= (in_page_q == BUF_W'(PAGES - 1)) ? '0 : in_page_q + 1'b1;
      end
      if (fetched) begin
        fetch_slot_q            <= fetch_slot_q + 1'b1;
        waiting_q[fetch_slot_q] <= 1'b0;
      end
      if (held_valid) held_slot_q <= held_slot_q + 1'b1;
      if (row_unit_next) row_slot_q <= row_slot_q + 1'b1;
      if (done_q) begin
        done_slot_q            <= done_slot_q + 1'b1;
        encoded_q[done_slot_q] <= 1'b1;
      end
      if (judged) begin
        judge_slot_q            <= judge_slot_q + 1'b1;
        encoded_q[judge_slot_q] <= 1'b0;
        ready_q[judge_slot_q]   <= 1'b1;
      end
      if (left) begin
        out_slot_q          <= out_slot_q + 1'b1;
        ready_q[out_slot_q] <= 1'b0;
        busy_q[out_slot_q]  <= 1'b0;
      end
    end
  end
  assign busy_o = in_count_q != '0 || busy_q != '0;

  // ---- Windows, match finder, encoder.
  logic              win_ready, win_valid, win_first, win_last, win_skip;
  logic [SIZE_W-1:0] win_size;
  logic [BUF_W-1:0]  win_page;
  logic [IDX_W-1:0]  win_index;
  logic [8*W-1:0]    win_text;
  logic [31:0]       held_cycles;
  pp_lz4_windows #(.W(W), .PAGES(PAGES)) i_windows (
    .clk_i,
    .rst_ni,
    .wr_en_i       (in_beat),
    .wr_beat_i     ({in_page_q, in_count_q}),
    .wr_data_i     (in_data_i),
    .unit_valid_i  (waiting_q[fetch_slot_q]),
    .unit_ready_o  (fetched),
    .unit_skip_i   (unit_skip_q[fetch_slot_q]),
    .unit_size_i   (unit_size_q[fetch_slot_q]),
    .unit_page_i   (unit_page_q[fetch_slot_q]),
    .win_valid_o   (win_valid),
    .win_ready_i   (win_ready),
    .win_first_o   (win_first),
    .win_last_o    (win_last),
    .win_skip_o    (win_skip),
    .win_size_o    (win_size),
    .win_page_o    (win_page),
    .win_index_o   (win_index),
    .win_text_o    (win_text),
    .held_valid_o  (held_valid),
    .held_cycles_o (held_cycles)
  );
  always_ff @(posedge clk_i) begin
    if (held_valid) unit_cycles_q[held_slot_q] <= held_cycles;
  end

  logic [LANES-1:0]       seq_valid;
  logic [LANES*SEQ_W-1:0] seq;
  logic                   row_ready;
  pp_match_finder #(
    .W(W), .BANKS(BANKS), .WAYS(WAYS), .ROWS(ROWS), .LONG_ROWS(LONG_ROWS), .NEAR(NEAR),
    .UNITS(UNITS), .STARTS(STARTS), .PAGES(PAGES)
  ) i_match_finder (
    .clk_i,
    .rst_ni,
    .wr_en_i     (in_beat),
    .wr_beat_i   ({in_page_q, in_count_q}),
    .wr_data_i   (in_data_i),
    .win_ready_o (win_ready),
    .win_valid_i (win_valid),
    .win_first_i (win_first),
    .win_last_i  (win_last),
    .win_skip_i  (win_skip),
    .win_size_i  (win_size),
    .win_page_i  (win_page),
    .win_index_i (win_index),
    .win_text_i  (win_text),
    .seq_valid_o (seq_valid),
    .seq_ready_i (row_ready),
    .seq_o       (seq)
  );

  logic               done, done_skip, done_over;
  logic [CNT_W-1:0]   done_len;
  logic [BLOCK_W-1:0] done_block;
  logic               rd_en, proof_en;
  logic [BLOCK_W-1:0] block_q [SLOTS];  // the unit's block buffer
  logic [BEAT_W-1:0]  rd_beat, proof_beat;
  logic [255:0]       rd_data, proof_data;
  logic [BLOCKS-1:0]  block_free;
  pp_lz4_encoder #(.LANES(LANES), .PAGES(PAGES), .BLOCKS(BLOCKS)) i_encoder (
    .clk_i,
    .rst_ni,
    .wr_en_i      (in_beat),
    .wr_beat_i    ({in_page_q, in_count_q}),
    .wr_data_i    (in_data_i),
    .seq_valid_i  (seq_valid),
    .seq_i        (seq),
    .row_ready_o  (row_ready),
    .unit_next_o  (row_unit_next),
    .limit_i      (unit_limit_q[row_slot_q]),
    .done_o       (done),
    .done_skip_o  (done_skip),
    .done_over_o  (done_over),
    .done_len_o   (done_len),
    .done_block_o (done_block),
    .rd_en_i      (rd_en),
    .rd_block_i   (block_q[out_slot_q]),
    .rd_beat_i    (rd_beat),
    .rd_data_o    (rd_data),
    .rd2_en_i     (proof_en),
    .rd2_block_i  (block_q[judge_slot_q]),
    .rd2_beat_i   (proof_beat),
    .rd2_data_o   (proof_data),
    .free_i       (block_free)
  );

  // ---- What becomes of a unit: a cycle after the encoder is done with it.
  logic               done_over_q;
  logic [CNT_W-1:0]   done_len_q;
  logic [BLOCK_W-1:0] done_block_q;
  logic               fits, keep;
  logic [LEN_W-1:0]   done_unit;  // bytes
  logic [SLOTS-1:0]   fits_q;     // there is a block, and it is short enough
  logic [SLOTS-1:0]   keep_q;     // the unit itself leaves
  logic [SLOTS-1:0]   failed_q;   // the block did not pass verification
  logic [LEN_W-1:0]   len_q [SLOTS];  // bytes that leave
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) done_q <= 1'b0;
    else done_q <= done;
  end
  always_ff @(posedge clk_i) begin
    {done_skip_q, done_over_q, done_len_q, done_block_q} <= {done_skip, done_over, done_len, done_block};
  end
  assign fits      = !done_skip_q && !done_over_q && done_len_q <= CNT_W'(unit_limit_q[done_slot_q]);
  assign keep      = unit_copy_q[done_slot_q] || (!done_skip_q && !fits && unit_raw_q[done_slot_q]);
  assign done_unit = LEN_W'(4096) << unit_size_q[done_slot_q];
  logic judged_ok;
  always_ff @(posedge clk_i) begin
    if (done_q) begin
      fits_q[done_slot_q]   <= fits;
      keep_q[done_slot_q]   <= keep;
      failed_q[done_slot_q] <= 1'b0;
      len_q[done_slot_q]    <= keep ? done_unit : fits ? done_len_q[LEN_W-1:0] : '0;
      block_q[done_slot_q]  <= done_block_q;
    end
    if (judged && !judged_ok) begin
      failed_q[judge_slot_q] <= 1'b1;
      len_q[judge_slot_q]    <= '0;
    end
  end

  pp_lz4_proof i_proof (
    .clk_i,
    .rst_ni,
    .wr_en_i         (in_proof),
    .wr_slot_i       (in_slot_q),
    .wr_beat_i       (in_count_q),
    .wr_data_i       (in_data_i),
    .unit_valid_i    (encoded_q[judge_slot_q]),
    .unit_verify_i   (unit_verify_q[judge_slot_q] && fits_q[judge_slot_q]),
    .unit_slot_i     (judge_slot_q),
    .unit_size_i     (unit_size_q[judge_slot_q]),
    .unit_len_i      (len_q[judge_slot_q]),
    .unit_flip_i     (unit_flip_q[judge_slot_q]),
    .unit_flip_bit_i (unit_flip_bit_q[judge_slot_q]),
    .judged_o        (judged),
    .ok_o            (judged_ok),
    .rd_en_o         (proof_en),
    .rd_beat_o       (proof_beat),
    .rd_data_i       (proof_data)
  );

  // ---- Result, then drain: one beat is read ahead into the RAM's output register.
  logic              drain_q;      // an output is leaving
  logic [BEAT_W-1:0] beat_q;       // next beat to read
  logic [BEAT_W-1:0] beats_q;      // beats of the output, less one
  logic              loaded_q;     // the RAM's output register holds a beat
  logic              last_q;       // and it is the output's last
  logic              flip_beat_q;  // and a bit of it is inverted
  logic              read, take, with_output, out_beat, same, kept;
  logic [FLIP_W-1:0] flip_bit;
  assign res_valid_o = ready_q[out_slot_q] && !drain_q;
  assign take        = res_valid_o && res_ready_i;
  assign with_output = len_q[out_slot_q] != '0 && !res_drop_i;
  assign out_beat    = loaded_q && out_ready_i;
  assign read        = drain_q && (!loaded_q || (out_ready_i && !last_q));
  assign kept        = keep_q[out_slot_q];
  assign rd_en       = read && !kept;
  assign rd_beat     = beat_q;
  assign raw_en      = read && kept;
  assign raw_slot    = out_slot_q;
  assign raw_beat    = beat_q;
  assign left        = (take && !with_output) || (out_beat && last_q);
  for (genvar b = 0; b < BLOCKS; b++) begin : gen_block_free
    assign block_free[b] = (left && fits_q[out_slot_q] && block_q[out_slot_q] == BLOCK_W'(b)) ||
                           (done_q && !done_skip_q && !fits && done_block_q == BLOCK_W'(b));
  end

  assign same         = unit_same_q[out_slot_q] && !unit_copy_q[out_slot_q];
  assign res_status_o = same ? pagepress_abi_pkg::PP_STATUS_SAME_FILLED[7:0] :
                        failed_q[out_slot_q] ? pagepress_abi_pkg::PP_STATUS_VERIFY_FAILED[7:0] :
                        (unit_skip_q[out_slot_q] || fits_q[out_slot_q]) ?
                            pagepress_abi_pkg::PP_STATUS_OK[7:0]
                          : pagepress_abi_pkg::PP_STATUS_INCOMPRESSIBLE[7:0];
  assign res_raw_o    = kept && !unit_copy_q[out_slot_q];
  assign res_len_o    = len_q[out_slot_q];
  assign res_crc32c_o = unit_crc_q[out_slot_q];
  assign res_info_o   = same ? unit_word_q[out_slot_q] : 64'd0;
  assign res_cycles_o = unit_cycles_q[out_slot_q];
  assign flip_bit     = unit_flip_bit_q[out_slot_q];
  assign out_valid_o  = loaded_q;
  assign out_data_o   = (kept ? raw_data_q : rd_data) ^ (256'(flip_beat_q) << flip_bit[7:0]);
  assign out_last_o   = last_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      drain_q  <= 1'b0;
      loaded_q <= 1'b0;
      beat_q   <= '0;
    end else begin
      if (take && with_output) begin
        drain_q <= 1'b1;
        beat_q  <= '0;
      end else if (read) begin
        beat_q  <= beat_q + 1'b1;
      end
      if (read) loaded_q <= 1'b1;
      else if (out_beat) loaded_q <= 1'b0;
      if (left) drain_q <= 1'b0;
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) beats_q <= BEAT_W'((len_q[out_slot_q] - 1'b1) >> 5);
    if (read) begin
      last_q      <= beat_q == beats_q;
      flip_beat_q <= unit_flip_q[out_slot_q] && flip_bit[FLIP_W-1:8] == (FLIP_W-8)'(beat_q);
    end
  end

  `PP_ASSERT(SizeIsOurs, !(in_beat && in_first) ||
             32'(in_size_i) <= pp_lz_pkg::UNIT_LOG2 - 12)
  `PP_ASSERT(SlotIsBusy, !done_q || (busy_q[done_slot_q] && !encoded_q[done_slot_q] && !ready_q[done_slot_q]))
  `PP_ASSERT(SkippedAsArrived, !done_q || done_skip_q == unit_skip_q[done_slot_q])
  `PP_ASSERT(OutputStays, !$past(out_valid_o && !out_ready_i) || (out_valid_o && $stable(out_data_o)))

endmodule

`default_nettype wire
