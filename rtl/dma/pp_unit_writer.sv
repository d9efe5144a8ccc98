// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Writes an engine's output into the destination's ranges, at any byte: cuts them into
/// bursts that stay inside 4 KiB, places the bytes, masks what is not of the ranges or
/// beyond the length, and gathers the responses of each unit into one result.
///
///   jobs + ranges -> trimmed ranges -+-> burst cutter -----(when its beats are there)-> AW
///                                    '-> byte slicer -> beats with strobes (RAM) -----> W
///            engine's output ------------^
///
/// A burst is asked for only when all of its beats are in the buffer: the W channel, which
/// all share, never waits for an engine.
///
/// **Limitations**
/// - A job, the last range of a unit and its data come in this order of units. A unit's
///   ranges add up to the job's length at least (asserted); what they have more is dropped.
/// - The engine gives exactly ceil(length / 32) beats with last on the last one
///   (asserted), and none for a length of 0.
/// - 32 bytes a cycle; a beat a cycle where the ranges are aligned to it.
module pp_unit_writer #(
  parameter int unsigned DATA_W      = 256,  // 256 or 512
  parameter int unsigned ADDR_W      = 64,
  parameter int unsigned BURST_BEATS = 16,   // longest burst
  parameter int unsigned MAX_BURSTS  = 32,   // outstanding, a power of two
  parameter int unsigned MAX_UNITS   = 8     // between job and result, a power of two
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  output logic                         busy_o,  // a job whose result was not taken

  input  logic                         job_valid_i,
  output logic                         job_ready_o,
  input  logic [pp_lz_pkg::LEN_W-1:0]  job_len_i,  // bytes; 0: drop the unit's ranges

  input  logic                         rng_valid_i,
  output logic                         rng_ready_o,
  input  logic [63:0]                  rng_addr_i,
  input  logic [pp_lz_pkg::LEN_W-1:0]  rng_len_i,   // may be 0
  input  logic                         rng_last_i,  // of the unit

  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  logic [255:0]                 in_data_i,
  input  logic                         in_last_i,

  output logic                         req_valid_o,
  input  logic                         req_ready_i,
  output logic [ADDR_W-1:0]            req_addr_o,
  output logic [7:0]                   req_len_o,  // beats - 1
  output logic                         beat_valid_o,
  input  logic                         beat_ready_i,
  output logic [DATA_W-1:0]            beat_data_o,
  output logic [DATA_W/8-1:0]          beat_strb_o,
  input  logic                         resp_valid_i,
  input  logic                         resp_error_i,

  output logic                         result_valid_o,
  input  logic                         result_ready_i,
  output logic                         result_fault_o,
  output logic [63:0]                  result_addr_o  // first byte of the first burst that failed
);

  localparam int unsigned LEN_W     = pp_lz_pkg::LEN_W;
  localparam int unsigned BEAT_LOG2 = $clog2(DATA_W / 8);
  localparam int unsigned DEPTH     = 1 << $clog2(2 * BURST_BEATS);
  localparam int unsigned CNT_W     = $clog2(DEPTH) + 1;

  if (DATA_W != 256 && DATA_W != 512) begin : gen_bad_width
    $error("%m: DATA_W must be 256 or 512");
  end

  // ---- Jobs and ranges: what of each range is to be written
  logic             job_taken;
  logic             unit_q;      // a job whose ranges are not all taken
  logic [LEN_W-1:0] left_q;      // bytes of it without a range
  logic [LEN_W-1:0] take;
  logic             take_last;   // it is the unit's last piece of output
  logic             rng_taken;
  logic             work_ready;
  logic             work_in;
  logic             order_ready;
  logic             cut_work_ready;
  logic             slice_work_ready;

  assign job_ready_o = !unit_q && order_ready;
  assign job_taken   = job_valid_i && job_ready_o;
  assign take_last   = left_q <= rng_len_i;
  assign take        = take_last ? left_q : rng_len_i;
  assign work_ready  = cut_work_ready && slice_work_ready;
  assign rng_ready_o = unit_q && (take == '0 || work_ready);
  assign rng_taken   = rng_valid_i && rng_ready_o;
  assign work_in     = rng_taken && take != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      unit_q <= 1'b0;
      left_q <= '0;
    end else if (job_taken) begin
      unit_q <= 1'b1;
      left_q <= job_len_i;
    end else if (rng_taken) begin
      unit_q <= !rng_last_i;
      left_q <= left_q - take;
    end
  end

  logic             cut_work_valid;
  logic             cut_work_taken;
  logic [63:0]      cut_work_addr;
  logic [LEN_W-1:0] cut_work_len;
  logic             cut_work_last;

  pp_fifo #(
    .WIDTH(65 + LEN_W),
    .DEPTH(4)
  ) i_cut_work (
    .clk_i,
    .rst_ni,
    .in_valid_i (work_in),
    .in_ready_o (cut_work_ready),
    .in_data_i  ({rng_addr_i, take, take_last}),
    .out_valid_o(cut_work_valid),
    .out_ready_i(cut_work_taken),
    .out_data_o ({cut_work_addr, cut_work_len, cut_work_last})
  );

  logic                 slice_work_valid;
  logic                 slice_work_taken;
  logic [BEAT_LOG2-1:0] slice_work_offset;
  logic [LEN_W-1:0]     slice_work_len;
  logic                 slice_work_last;

  pp_fifo #(
    .WIDTH(BEAT_LOG2 + LEN_W + 1),
    .DEPTH(4)
  ) i_slice_work (
    .clk_i,
    .rst_ni,
    .in_valid_i (work_in),
    .in_ready_o (slice_work_ready),
    .in_data_i  ({rng_addr_i[BEAT_LOG2-1:0], take, take_last}),
    .out_valid_o(slice_work_valid),
    .out_ready_i(slice_work_taken),
    .out_data_o ({slice_work_offset, slice_work_len, slice_work_last})
  );

  // ---- Data: pieces of 32 bytes to beats with strobes
  logic                 piece_valid;
  logic                 piece_ready;
  logic [255:0]         piece_data;
  logic [31:0]          piece_strb;
  logic [BEAT_LOG2-1:0] piece_offset;
  logic                 piece_end;
  logic                 beat_in;
  logic [DATA_W-1:0]    beat_data;
  logic [DATA_W/8-1:0]  beat_strb;
  logic [CNT_W-1:0]     room_q;     // beats of the buffer that are free
  logic                 beat_out;

  pp_byte_slicer #(
    .LEN_W(LEN_W),
    .OFF_W(BEAT_LOG2)
  ) i_slicer (
    .clk_i,
    .rst_ni,
    .rng_valid_i (slice_work_valid),
    .rng_ready_o (slice_work_taken),
    .rng_offset_i(slice_work_offset),
    .rng_len_i   (slice_work_len),
    .rng_last_i  (slice_work_last),
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .out_valid_o (piece_valid),
    .out_ready_i (piece_ready),
    .out_data_o  (piece_data),
    .out_strb_o  (piece_strb),
    .out_offset_o(piece_offset),
    .out_end_o   (piece_end)
  );

  assign piece_ready = room_q != '0;
  assign beat_out    = beat_valid_o && beat_ready_i;

  if (DATA_W == 256) begin : gen_whole
    assign beat_in   = piece_valid && piece_ready;
    assign beat_data = piece_data;
    assign beat_strb = piece_strb;

    logic unused_piece;
    assign unused_piece = ^piece_offset ^ piece_end;
  end else begin : gen_half
    // The lower half waits for the upper one, unless the range ends with it.
    logic [255:0] lower_q;
    logic [31:0]  lower_strb_q;
    logic         upper;

    assign upper     = piece_offset[BEAT_LOG2-1];
    assign beat_in   = piece_valid && piece_ready && (upper || piece_end);
    assign beat_data = {piece_data, upper ? lower_q : piece_data};
    assign beat_strb = upper ? {piece_strb, lower_strb_q} : {32'd0, piece_strb};

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) lower_strb_q <= '0;
      else if (beat_in) lower_strb_q <= '0;
      else if (piece_valid && piece_ready) lower_strb_q <= piece_strb;
    end
    always_ff @(posedge clk_i) begin
      if (piece_valid && piece_ready) lower_q <= piece_data;
    end

    logic unused_piece;
    assign unused_piece = ^piece_offset[BEAT_LOG2-2:0];
  end

  pp_ram_fifo #(
    .WIDTH(DATA_W + DATA_W / 8),
    .DEPTH(DEPTH)
  ) i_buffer (
    .clk_i,
    .rst_ni,
    .in_valid_i (beat_in),
    .in_data_i  ({beat_strb, beat_data}),
    .out_valid_o(beat_valid_o),
    .out_ready_i(beat_ready_i),
    .out_data_o ({beat_strb_o, beat_data_o})
  );

  // ---- Asking: a burst goes out when its beats are there and its response can be tracked
  logic              cut_valid;
  logic [ADDR_W-1:0] cut_start;
  logic [8:0]        cut_beats;
  logic              cut_last;
  logic              last_range_q;  // the cutter has the unit's last range
  logic [CNT_W-1:0]  have_q;        // beats in the buffer that no burst has claimed
  logic              track_ready;
  logic              issue;

  pp_burst_cutter #(
    .ADDR_W     (ADDR_W),
    .LEN_W      (LEN_W),
    .BEAT_LOG2  (BEAT_LOG2),
    .BURST_BEATS(BURST_BEATS)
  ) i_cutter (
    .clk_i,
    .rst_ni,
    .job_valid_i(cut_work_valid),
    .job_ready_o(cut_work_taken),
    .job_addr_i (ADDR_W'(cut_work_addr)),
    .job_len_i  (cut_work_len),
    .req_valid_o(cut_valid),
    .req_ready_i(issue),
    .req_start_o(cut_start),
    .req_beats_o(cut_beats),
    .req_last_o (cut_last)
  );

  assign req_valid_o = cut_valid && track_ready && 32'(have_q) >= 32'(cut_beats);
  assign req_addr_o  = {cut_start[ADDR_W-1:BEAT_LOG2], {BEAT_LOG2{1'b0}}};
  assign req_len_o   = 8'(cut_beats - 1'b1);
  assign issue       = req_valid_o && req_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      room_q       <= CNT_W'(DEPTH);
      have_q       <= '0;
      last_range_q <= 1'b0;
    end else begin
      room_q <= room_q - CNT_W'(beat_in) + CNT_W'(beat_out);
      have_q <= have_q + CNT_W'(beat_in) - (issue ? CNT_W'(cut_beats) : '0);
      if (cut_work_valid && cut_work_taken) last_range_q <= cut_work_last;
    end
  end

  // ---- Responses, in the order of the bursts
  logic              track_valid;
  logic              track_last;
  logic [ADDR_W-1:0] track_start;
  logic              fault_q;
  logic [ADDR_W-1:0] fault_addr_q;
  logic              unit_done;

  pp_fifo #(
    .WIDTH(ADDR_W + 1),
    .DEPTH(MAX_BURSTS)
  ) i_track (
    .clk_i,
    .rst_ni,
    .in_valid_i (issue),
    .in_ready_o (track_ready),
    .in_data_i  ({last_range_q && cut_last, cut_start}),
    .out_valid_o(track_valid),
    .out_ready_i(resp_valid_i),
    .out_data_o ({track_last, track_start})
  );

  assign unit_done = resp_valid_i && track_last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fault_q      <= 1'b0;
      fault_addr_q <= '0;
    end else if (resp_valid_i) begin
      fault_q <= (fault_q || resp_error_i) && !track_last;
      if (!fault_q && resp_error_i) fault_addr_q <= track_start;
    end
  end

  // ---- Results in the order of the jobs: one without output at once, others when written
  logic        order_valid;
  logic        order_empty;  // a job without output
  logic        done_valid;
  logic        done_ready;
  logic        done_fault;
  logic [63:0] done_addr;

  pp_fifo #(
    .WIDTH(1),
    .DEPTH(MAX_UNITS)
  ) i_order (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_taken),
    .in_ready_o (order_ready),
    .in_data_i  (job_len_i == '0),
    .out_valid_o(order_valid),
    .out_ready_i(result_valid_o && result_ready_i),
    .out_data_o (order_empty)
  );

  pp_fifo #(
    .WIDTH(65),
    .DEPTH(MAX_UNITS)
  ) i_done (
    .clk_i,
    .rst_ni,
    .in_valid_i (unit_done),
    .in_ready_o (done_ready),
    .in_data_i  ({fault_q || resp_error_i, 64'(fault_q ? fault_addr_q : track_start)}),
    .out_valid_o(done_valid),
    .out_ready_i(result_valid_o && result_ready_i && !order_empty),
    .out_data_o ({done_fault, done_addr})
  );

  assign result_valid_o = order_valid && (order_empty || done_valid);
  assign result_fault_o = !order_empty && done_fault;
  assign result_addr_o  = done_addr;
  assign busy_o         = order_valid || unit_q;

  `PP_ASSERT(RangesSuffice, !(rng_taken && rng_last_i && left_q > rng_len_i))
  `PP_ASSERT(ResponseOfABurst, !(resp_valid_i && !track_valid))
  `PP_ASSERT(DoneHasRoom, !(unit_done && !done_ready))

  // in_last_i says no more than the lengths do.
  logic unused_flags;
  assign unused_flags = track_valid & done_ready & in_last_i;

`ifdef PP_ASSERTIONS
  // Bytes that the data still owes its unit: a queue of lengths beside the stream.
  logic             owed_valid;
  logic             owed_ready;
  logic [LEN_W-1:0] owed_len;
  logic [LEN_W-1:0] given_q;
  logic             in_taken;

  pp_fifo #(
    .WIDTH(LEN_W),
    .DEPTH(2 * MAX_UNITS)
  ) i_owed (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_taken && job_len_i != '0),
    .in_ready_o (owed_ready),
    .in_data_i  (job_len_i),
    .out_valid_o(owed_valid),
    .out_ready_i(in_taken && in_last_i),
    .out_data_o (owed_len)
  );

  assign in_taken = in_valid_i && in_ready_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) given_q <= '0;
    else if (in_taken) given_q <= in_last_i ? '0 : given_q + LEN_W'(32);
  end

  `PP_ASSERT(LastWhereTheLengthEnds, !(in_taken && (!owed_valid || !owed_ready ||
      in_last_i != (32'(given_q) + 32'd32 >= 32'(owed_len)))))
`endif

endmodule

`default_nettype wire
