// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Reads units ahead of an engine: fetches scatter lists, gathers the source's ranges,
/// at any byte, and gives them as a packed stream of 32-byte beats; hands the
/// destination's ranges on to the writer.
///
///   jobs -> list walker -> source ranges -> burst cutter -> AR     R -> buffer (RAM)
///                |              (room is put aside first)                  |
///                '-> destination ranges         engine <- byte packer <----'
///
/// A burst is asked for only when its room in the buffer has been put aside, so that data
/// can always be taken and several units can be on their way at once: BUFFER_BYTES hide
/// the link's latency.
///
/// Every job gives exactly ceil(source length / 32) beats, as the engine needs them, and
/// one result, which is there before the unit's last beat. A unit with a failed beat is
/// delivered whole; one whose list (of either side) is bad or cannot be read comes as
/// zeros, and none of its source is read.
///
/// **Limitations**
/// - 32 bytes a cycle if the ranges are aligned to the beat; a range that is not costs a
///   cycle more. At most UNITS units are between their start and the taking of their result.
/// - Lists are as pp_list_walker has it: the destination ranges of 8 units have room.
module pp_unit_reader #(
  parameter int unsigned DATA_W       = 256,    // 256 or 512
  parameter int unsigned ADDR_W       = 64,
  parameter int unsigned BURST_BEATS  = 16,     // longest burst
  parameter int unsigned BUFFER_BYTES = 16384,  // a power of two, at least a burst
  parameter int unsigned SGE_MAX      = 8,      // entries of a list
  parameter int unsigned JOBS         = 4       // whose lists are fetched ahead, a power of two
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  output logic                           busy_o,  // a unit, a result or a range is inside

  input  logic                           job_valid_i,
  output logic                           job_ready_o,
  input  logic [63:0]                    job_src_addr_i,   // of the data, or of the list
  input  logic [pp_lz_pkg::BLOCK_W-1:0]  job_src_len_i,    // at least 1
  input  logic                           job_src_sgl_i,
  input  logic [3:0]                     job_src_count_i,  // entries of the list, 1 .. SGE_MAX
  input  logic [63:0]                    job_dst_addr_i,
  input  logic [pp_lz_pkg::LEN_W-1:0]    job_dst_cap_i,
  input  logic                           job_dst_sgl_i,
  input  logic [3:0]                     job_dst_count_i,

  output logic                           req_valid_o,
  input  logic                           req_ready_i,
  output logic [ADDR_W-1:0]              req_addr_o,
  output logic [7:0]                     req_len_o,  // beats - 1
  input  logic                           beat_valid_i,
  input  logic [DATA_W-1:0]              beat_data_i,
  input  logic                           beat_error_i,

  output logic                           out_valid_o,
  input  logic                           out_ready_i,
  output logic [255:0]                   out_data_o,
  output logic                           out_last_o,  // last beat of the unit

  output logic                           result_valid_o,
  input  logic                           result_ready_i,
  output logic                           result_fault_o,       // bus error on the source
  output logic                           result_list_fault_o,  // bus error on a list
  output logic                           result_bad_list_o,
  output logic [63:0]                    result_addr_o,        // first address that failed

  output logic                           dst_valid_o,
  input  logic                           dst_ready_i,
  output logic [63:0]                    dst_addr_o,
  output logic [pp_lz_pkg::LEN_W-1:0]    dst_len_o,   // may be 0
  output logic                           dst_last_o   // of the unit
);

  localparam int unsigned BLOCK_W    = pp_lz_pkg::BLOCK_W;
  localparam int unsigned BEAT_BYTES = DATA_W / 8;
  localparam int unsigned BEAT_LOG2  = $clog2(BEAT_BYTES);
  localparam int unsigned DEPTH      = BUFFER_BYTES / BEAT_BYTES;
  localparam int unsigned ROOM_W     = $clog2(DEPTH) + 1;
  localparam int unsigned UNITS      = 16;  // between start and the taking of the result
  localparam int unsigned RANGES     = 32;  // whose data is on its way or in the buffer
  localparam int unsigned BURSTS     = 64;  // on their way

  if (DATA_W != 256 && DATA_W != 512) begin : gen_bad_width
    $error("%m: DATA_W must be 256 or 512");
  end
  if (DEPTH < BURST_BEATS) begin : gen_bad_buffer
    $error("%m: BUFFER_BYTES must hold a burst");
  end

  // ---- Lists to ranges
  logic               list_req_valid;
  logic               list_req_ready;
  logic [ADDR_W-1:0]  list_req_start;
  logic [8:0]         list_req_beats;
  logic               list_beat;
  logic               unit_valid;
  logic               unit_ready;
  logic [BLOCK_W-1:0] unit_len;
  logic               unit_list_fault;
  logic               unit_bad_list;
  logic [63:0]        unit_addr;
  logic               src_valid;
  logic               src_ready;
  logic [63:0]        src_addr;
  logic [BLOCK_W-1:0] src_len;
  logic               src_last;

  pp_list_walker #(
    .DATA_W     (DATA_W),
    .ADDR_W     (ADDR_W),
    .BURST_BEATS(BURST_BEATS),
    .SGE_MAX    (SGE_MAX),
    .JOBS       (JOBS),
    .UNITS      (12)
  ) i_lists (
    .clk_i,
    .rst_ni,
    .job_valid_i,
    .job_ready_o,
    .job_src_addr_i,
    .job_src_len_i,
    .job_src_sgl_i,
    .job_src_count_i,
    .job_dst_addr_i,
    .job_dst_cap_i,
    .job_dst_sgl_i,
    .job_dst_count_i,
    .req_valid_o      (list_req_valid),
    .req_ready_i      (list_req_ready),
    .req_start_o      (list_req_start),
    .req_beats_o      (list_req_beats),
    .beat_valid_i     (list_beat),
    .beat_data_i,
    .beat_error_i,
    .unit_valid_o     (unit_valid),
    .unit_ready_i     (unit_ready),
    .unit_len_o       (unit_len),
    .unit_list_fault_o(unit_list_fault),
    .unit_bad_list_o  (unit_bad_list),
    .unit_addr_o      (unit_addr),
    .src_valid_o      (src_valid),
    .src_ready_i      (src_ready),
    .src_addr_o       (src_addr),
    .src_len_o        (src_len),
    .src_last_o       (src_last),
    .dst_valid_o,
    .dst_ready_i,
    .dst_addr_o,
    .dst_len_o,
    .dst_last_o
  );

  // ---- Starting units: a good one's ranges go to the cutter, a bad one's nowhere
  logic unit_bad;
  logic reading_q;   // ranges of a good unit
  logic dropping_q;  // ranges of a bad unit
  logic start;
  logic order_ready;
  logic plan_ready;
  logic plan_in;
  logic cut_ready;
  logic range_taken;

  assign unit_bad    = unit_list_fault || unit_bad_list;
  assign unit_ready  = !reading_q && !dropping_q && order_ready && plan_ready;
  assign start       = unit_valid && unit_ready;
  assign src_ready   = dropping_q || (reading_q && cut_ready && plan_ready);
  assign range_taken = src_valid && src_ready;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reading_q  <= 1'b0;
      dropping_q <= 1'b0;
    end else if (start) begin
      reading_q  <= !unit_bad;
      dropping_q <= unit_bad;
    end else if (range_taken && src_last) begin
      reading_q  <= 1'b0;
      dropping_q <= 1'b0;
    end
  end

  // ---- Asking: a burst goes out when its room in the buffer is put aside; lists first
  logic              cut_valid;
  logic [ADDR_W-1:0] cut_start;
  logic [8:0]        cut_beats;
  logic              cut_last;
  logic              last_range_q;  // the cutter has the unit's last range
  logic [ROOM_W-1:0] room_q;        // beats of the buffer not put aside
  logic              data_req;
  logic              data_issue;
  logic              buffer_taken;
  logic              track_ready;
  logic [8:0]        req_beats;
  logic [ADDR_W-1:0] req_start;

  pp_burst_cutter #(
    .ADDR_W     (ADDR_W),
    .LEN_W      (BLOCK_W),
    .BEAT_LOG2  (BEAT_LOG2),
    .BURST_BEATS(BURST_BEATS)
  ) i_cutter (
    .clk_i,
    .rst_ni,
    .job_valid_i(reading_q && src_valid && plan_ready),
    .job_ready_o(cut_ready),
    .job_addr_i (ADDR_W'(src_addr)),
    .job_len_i  (src_len),
    .req_valid_o(cut_valid),
    .req_ready_i(data_issue),
    .req_start_o(cut_start),
    .req_beats_o(cut_beats),
    .req_last_o (cut_last)
  );

  assign data_req       = cut_valid && 32'(room_q) >= 32'(cut_beats);
  assign req_valid_o    = (list_req_valid || data_req) && track_ready;
  assign req_start      = list_req_valid ? list_req_start : cut_start;
  assign req_beats      = list_req_valid ? list_req_beats : cut_beats;
  assign req_addr_o     = {req_start[ADDR_W-1:BEAT_LOG2], {BEAT_LOG2{1'b0}}};
  assign req_len_o      = 8'(req_beats - 1'b1);
  assign list_req_ready = req_ready_i && track_ready;
  assign data_issue     = data_req && !list_req_valid && req_ready_i && track_ready;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      room_q       <= ROOM_W'(DEPTH);
      last_range_q <= 1'b0;
    end else begin
      room_q <= room_q - (data_issue ? ROOM_W'(cut_beats) : '0) + ROOM_W'(buffer_taken);
      if (range_taken && reading_q) last_range_q <= src_last;
    end
  end

  // ---- Beats that come, in the order of the bursts
  logic              track_valid;
  logic              track_list;
  logic              track_last;   // of the unit
  logic [7:0]        track_len;    // beats - 1
  logic [ADDR_W-1:0] track_start;
  logic [7:0]        beat_cnt_q;
  logic              burst_done;
  logic              data_beat;
  logic              unit_read;    // the unit's last beat
  logic              fault_q;
  logic [63:0]       fault_addr_q;
  logic [ADDR_W-1:0] beat_addr;    // first byte wanted of the beat

  pp_fifo #(
    .WIDTH(ADDR_W + 10),
    .DEPTH(BURSTS)
  ) i_track (
    .clk_i,
    .rst_ni,
    .in_valid_i (req_valid_o && req_ready_i),
    .in_ready_o (track_ready),
    .in_data_i  ({list_req_valid, last_range_q && cut_last, req_len_o, req_start}),
    .out_valid_o(track_valid),
    .out_ready_i(burst_done),
    .out_data_o ({track_list, track_last, track_len, track_start})
  );

  assign burst_done = beat_valid_i && beat_cnt_q == track_len;
  assign list_beat  = beat_valid_i && track_list;
  assign data_beat  = beat_valid_i && !track_list;
  assign unit_read  = data_beat && burst_done && track_last;
  assign beat_addr  = beat_cnt_q == '0 ? track_start :
      {track_start[ADDR_W-1:BEAT_LOG2] + (ADDR_W - BEAT_LOG2)'(beat_cnt_q), {BEAT_LOG2{1'b0}}};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_cnt_q   <= '0;
      fault_q      <= 1'b0;
      fault_addr_q <= '0;
    end else begin
      if (beat_valid_i) beat_cnt_q <= burst_done ? 8'd0 : beat_cnt_q + 1'b1;
      if (data_beat) begin
        fault_q <= (fault_q || beat_error_i) && !unit_read;
        if (!fault_q && beat_error_i) fault_addr_q <= 64'(beat_addr);
      end
    end
  end

  logic              buffer_valid;
  logic [DATA_W-1:0] buffer_data;

  pp_ram_fifo #(
    .WIDTH(DATA_W),
    .DEPTH(DEPTH)
  ) i_buffer (
    .clk_i,
    .rst_ni,
    .in_valid_i (data_beat),
    .in_data_i  (beat_data_i),
    .out_valid_o(buffer_valid),
    .out_ready_i(buffer_taken),
    .out_data_o (buffer_data)
  );

  // ---- Results in the order of the units: a bad one's at once, a good one's when it is read
  logic        order_valid;
  logic        order_list_fault;
  logic        order_bad_list;
  logic [63:0] order_addr;
  logic        order_bad;
  logic        read_valid;
  logic        read_ready;
  logic        read_fault;
  logic [63:0] read_addr;

  pp_fifo #(
    .WIDTH(66),
    .DEPTH(UNITS)
  ) i_order (
    .clk_i,
    .rst_ni,
    .in_valid_i (start),
    .in_ready_o (order_ready),
    .in_data_i  ({unit_list_fault, unit_bad_list, unit_addr}),
    .out_valid_o(order_valid),
    .out_ready_i(result_valid_o && result_ready_i),
    .out_data_o ({order_list_fault, order_bad_list, order_addr})
  );

  pp_fifo #(
    .WIDTH(65),
    .DEPTH(UNITS)
  ) i_read (
    .clk_i,
    .rst_ni,
    .in_valid_i (unit_read),
    .in_ready_o (read_ready),
    .in_data_i  ({fault_q || beat_error_i, fault_q ? fault_addr_q : 64'(beat_addr)}),
    .out_valid_o(read_valid),
    .out_ready_i(result_valid_o && result_ready_i && !order_bad),
    .out_data_o ({read_fault, read_addr})
  );

  assign order_bad           = order_list_fault || order_bad_list;
  assign result_valid_o      = order_valid && (order_bad || read_valid);
  assign result_list_fault_o = order_list_fault;
  assign result_bad_list_o   = order_bad_list;
  assign result_fault_o      = !order_bad && read_fault;
  assign result_addr_o       = order_bad ? order_addr : read_addr;

  // ---- Giving out
  assign plan_in = (start && unit_bad) || (reading_q && src_valid && cut_ready);

  pp_range_gather #(
    .DATA_W(DATA_W),
    .RANGES(RANGES)
  ) i_gather (
    .clk_i,
    .rst_ni,
    .rng_valid_i (plan_in),
    .rng_ready_o (plan_ready),
    .rng_zero_i  (start),
    .rng_last_i  (start || src_last),
    .rng_offset_i(src_addr[BEAT_LOG2-1:0]),
    .rng_len_i   (start ? unit_len : src_len),
    .beat_valid_i(buffer_valid),
    .beat_ready_o(buffer_taken),
    .beat_data_i (buffer_data),
    .out_valid_o,
    .out_ready_i,
    .out_data_o,
    .out_last_o
  );

  // ---- Anything inside: units from job to last beat, results, ranges of the destination
  logic [7:0] inside_q;
  logic       job_taken;
  logic       unit_out;

  assign job_taken = job_valid_i && job_ready_o;
  assign unit_out  = out_valid_o && out_ready_i && out_last_o;
  assign busy_o    = inside_q != '0 || order_valid || dst_valid_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) inside_q <= '0;
    else inside_q <= inside_q + 8'(job_taken) - 8'(unit_out);
  end

  `PP_ASSERT(BeatOfABurst, !(beat_valid_i && !track_valid))
  `PP_ASSERT(ReadHasRoom, !(unit_read && !read_ready))

  logic unused_flags;
  assign unused_flags = track_valid & read_ready;

endmodule

`default_nettype wire
