// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Proves that a block decodes to the unit that it was made from.
///
/// It keeps a copy of up to SLOTS source units, written beat by beat as they
/// arrive, decodes a block and compares beat by beat with one of them. The decoder
/// is that of pp_lz4_decompressor without output buffers.
///
///     job_valid_i && job_ready_o, then ceil(len/32) beats, later done_o
///
/// A second job is taken when the first one's beats are; verdicts come in order.
///
/// **Limitations**
/// - A slot must not be written while a job reads it.
/// - A block is read to its end also when its first bytes are wrong.
module pp_lz4_verifier #(
  parameter int unsigned SLOTS = 4  // source units kept: 2 or 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // Source beats as they arrive
  input  logic         wr_en_i,
  input  logic [1:0]   wr_slot_i,
  input  logic [pp_lz_pkg::POS_W-6:0] wr_beat_i,
  input  logic [255:0] wr_data_i,
  // A job: the block of the unit in a slot, then ceil(len/32) beats of it. Its first
  // beat may come with the job
  input  logic         job_valid_i,
  output logic         job_ready_o,
  input  logic [1:0]   job_slot_i,
  input  logic [pp_lz_pkg::SIZE_W-1:0] job_size_i,  // the unit: 4096 << size bytes
  input  logic [pp_lz_pkg::LEN_W-1:0]  job_len_i,   // bytes of the block, at least 1
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  // The verdict
  output logic         done_o,  // for one cycle
  output logic         ok_o     // with it: it decoded to exactly the unit's bytes
);

  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned BEAT_W  = pp_lz_pkg::POS_W - 5;
  localparam int unsigned SLOT_W  = $clog2(SLOTS);

  if (SLOTS != 2 && SLOTS != 4) begin : gen_bad_slots
    $error("%m: SLOTS must be 2 or 4");
  end

  // ---- Jobs: two at most, which take turns as the decoder's units do.
  logic [1:0]        jobs_q;
  logic              turn_q;  // the next job's
  logic [SLOT_W-1:0] slot_q [2];
  logic [LEN_W-1:0]  unit_q [2];  // its bytes
  logic [LEN_W-1:0]  len_q;       // of the block whose beats are taken
  logic [LEN_W-1:0]  capacity_q;
  logic [BEAT_W:0]   beats_q;     // of it that are to come
  logic              take, decoded, decoded_buf, decoded_ok, in_ready, in_beat;
  logic [LEN_W-1:0]  decoded_len;
  assign job_ready_o = beats_q == '0 && !jobs_q[1];
  assign take        = job_valid_i && job_ready_o;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      jobs_q <= 2'd0;
      turn_q <= 1'b0;
    end else begin
      jobs_q <= jobs_q + 2'(take) - 2'(done_o);
      turn_q <= turn_q ^ take;
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) begin
      slot_q[turn_q] <= job_slot_i[SLOT_W-1:0];
      unit_q[turn_q] <= LEN_W'(4096) << job_size_i;
      capacity_q     <= LEN_W'(4096) << job_size_i;
      len_q          <= job_len_i;
    end
  end

  // ---- The decoder. Beats beyond the job's are the next job's.
  logic              beat_valid, beat_buf;
  logic [BEAT_W-1:0] beat_no;
  logic [255:0]      beat_data;
  assign in_ready_o = beats_q != '0 && in_ready;
  assign in_beat    = in_valid_i && in_ready_o;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) beats_q <= '0;
    else if (take) beats_q <= (BEAT_W+1)'((job_len_i - 1'b1) >> 5) + 1'b1;
    else if (in_beat) beats_q <= beats_q - 1'b1;
  end

  logic         unused_side, unused_busy;
  logic [31:0]  unused_crc, unused_cycles;
  logic [255:0] unused_data;
  pp_lz4_decoder #(.BUFFERED(1'b0), .SIDE_W(1)) i_decoder (
    .clk_i,
    .rst_ni,
    .in_valid_i    (in_valid_i && beats_q != '0),
    .in_ready_o    (in_ready),
    .in_data_i,
    .in_len_i      (BLOCK_W'(len_q)),
    .in_capacity_i (capacity_q),
    .in_flip_i     (1'b0),
    .in_flip_bit_i ('0),
    .in_side_i     (1'b0),
    .done_o        (decoded),
    .done_buf_o    (decoded_buf),
    .done_ok_o     (decoded_ok),
    .done_len_o    (decoded_len),
    .done_crc32c_o (unused_crc),
    .done_cycles_o (unused_cycles),
    .done_side_o   (unused_side),
    .free_i        (decoded),
    .free_buf_i    (decoded_buf),
    .beat_valid_o  (beat_valid),
    .beat_buf_o    (beat_buf),
    .beat_no_o     (beat_no),
    .beat_data_o   (beat_data),
    .rd_en_i       (1'b0),
    .rd_buf_i      (1'b0),
    .rd_beat_i     ('0),
    .rd_data_o     (unused_data),
    .busy_o        (unused_busy)
  );
  logic unused;
  assign unused = ^{unused_side, unused_busy, unused_crc, unused_cycles, unused_data};

  // ---- The copies. A beat waits a cycle for its original.
  logic [255:0] copy [SLOTS << BEAT_W];
  logic [255:0] copy_q, beat_q;
  logic         compare_q, compare_buf_q;
  if (SLOTS == 2) begin : gen_two
    logic unused_slot;
    assign unused_slot = ^{wr_slot_i[1], job_slot_i[1]};
  end
  always_ff @(posedge clk_i) begin
    if (wr_en_i) copy[{wr_slot_i[SLOT_W-1:0], wr_beat_i}] <= wr_data_i;
    if (beat_valid) copy_q <= copy[{slot_q[beat_buf], beat_no}];
  end
  always_ff @(posedge clk_i) begin
    if (beat_valid) beat_q <= beat_data;
    compare_buf_q <= beat_buf;
  end

  // The decoder is done one cycle after its last beat, when that is compared: the verdict comes
  // a cycle later.
  logic [1:0] good_q;
  logic       done_buf_q, done_ok_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      compare_q <= 1'b0;
      good_q    <= 2'b00;
      done_o    <= 1'b0;
    end else begin
      compare_q <= beat_valid;
      done_o    <= decoded;
      if (take) good_q[turn_q] <= 1'b1;
      if (compare_q && beat_q != copy_q) good_q[compare_buf_q] <= 1'b0;
    end
  end
  always_ff @(posedge clk_i) begin
    done_buf_q <= decoded_buf;
    done_ok_q  <= decoded_ok && decoded_len == unit_q[decoded_buf];
  end
  assign ok_o = good_q[done_buf_q] && done_ok_q;

  `PP_ASSERT(ComparedInTime, !(done_o && compare_q && compare_buf_q == done_buf_q))

endmodule

`default_nettype wire
