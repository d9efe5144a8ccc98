// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Reads units of 4 KiB ahead of the engine. Each unit is cut into bursts that
/// stay inside 4 KiB; a burst is asked for only when its room in the buffer has
/// been put aside, so that data can always be taken and several units can be on
/// their way at once: BUFFER_PAGES * 4096 bytes hide the link's latency.
///
///   jobs -> burst cutter -> AR        R -> buffer (RAM) -> engine
///                |  room <----------------------------------'|
///
/// **Limitations**
/// - A unit's address is a multiple of the beat; units do not share beats.
/// - A unit with a failed beat is delivered whole (the engine needs its 128 beats);
///   its dma_result_t tells that the content is worthless.
module pp_page_reader #(
  parameter int unsigned DATA_W       = 256,
  parameter int unsigned ADDR_W       = 64,
  parameter int unsigned BURST_BEATS  = 16,  // longest burst
  parameter int unsigned BUFFER_PAGES = 4    // units of room, a power of two
) (
  input  logic              clk_i,
  input  logic              rst_ni,

  input  logic              job_valid_i,
  output logic              job_ready_o,
  input  logic [ADDR_W-1:0] job_addr_i,

  output logic              req_valid_o,
  input  logic              req_ready_i,
  output logic [ADDR_W-1:0] req_addr_o,
  output logic [7:0]        req_len_o,  // beats - 1

  input  logic              beat_valid_i,
  input  logic [DATA_W-1:0] beat_data_i,
  input  logic              beat_error_i,

  output logic              out_valid_o,
  input  logic              out_ready_i,
  output logic [DATA_W-1:0] out_data_o,
  output logic              out_last_o,  // last beat of the unit

  // One cycle a unit, when its last beat has come: ahead of out_last_o.
  output logic                       result_valid_o,
  output pp_queue_pkg::dma_result_t  result_o
);

  localparam int unsigned BEAT_BYTES = DATA_W / 8;
  localparam int unsigned BEAT_LOG2  = $clog2(BEAT_BYTES);
  localparam int unsigned UNIT_BEATS = pp_queue_pkg::UNIT_BYTES / BEAT_BYTES;
  localparam int unsigned CNT_W      = $clog2(UNIT_BEATS);
  localparam int unsigned DEPTH      = BUFFER_PAGES * UNIT_BEATS;
  localparam int unsigned ROOM_W     = $clog2(DEPTH) + 1;

  // ---- Asking: a burst goes out when its room in the buffer is put aside
  logic              cut_ready;
  logic              cut_valid;
  logic [CNT_W:0]    burst;      // beats
  logic [ROOM_W-1:0] room_q;     // beats of the buffer not put aside
  logic              has_room;
  logic              base_ready;
  logic              issue;
  logic              out_taken;
  logic              unused_last;

  pp_burst_cutter #(
    .ADDR_W     (ADDR_W),
    .BEAT_LOG2  (BEAT_LOG2),
    .BURST_BEATS(BURST_BEATS)
  ) i_cutter (
    .clk_i,
    .rst_ni,
    .job_valid_i(job_valid_i && base_ready),
    .job_ready_o(cut_ready),
    .job_addr_i,
    .job_beats_i((CNT_W + 1)'(UNIT_BEATS)),
    .req_valid_o(cut_valid),
    .req_ready_i(issue),
    .req_addr_o,
    .req_beats_o(burst),
    .req_last_o (unused_last)
  );

  assign has_room    = room_q >= ROOM_W'(burst);
  assign job_ready_o = cut_ready && base_ready;
  assign req_valid_o = cut_valid && has_room;
  assign req_len_o   = 8'(burst - 1'b1);
  assign issue       = req_valid_o && req_ready_i;
  assign out_taken   = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) room_q <= ROOM_W'(DEPTH);
    else room_q <= room_q - (issue ? ROOM_W'(burst) : '0) + ROOM_W'(out_taken);
  end

  // ---- Taking the data
  logic [ADDR_W-1:0] base;
  logic              base_valid;
  logic [CNT_W-1:0]  in_cnt_q;
  logic              in_last;
  logic              fault_q;
  logic [63:0]       fault_addr_q;
  logic [63:0]       beat_addr;

  // Addresses of the units whose data is still to come.
  pp_fifo #(
    .WIDTH(ADDR_W),
    .DEPTH(2 * BUFFER_PAGES)
  ) i_base (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_valid_i && cut_ready),
    .in_ready_o (base_ready),
    .in_data_i  (job_addr_i),
    .out_valid_o(base_valid),
    .out_ready_i(beat_valid_i && in_last),
    .out_data_o (base)
  );

  assign in_last   = in_cnt_q == CNT_W'(UNIT_BEATS - 1);
  assign beat_addr = 64'(base) + (64'(in_cnt_q) << BEAT_LOG2);

  assign result_valid_o = beat_valid_i && in_last;
  assign result_o.fault = fault_q || beat_error_i;
  assign result_o.addr  = fault_q ? fault_addr_q : beat_addr;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_cnt_q     <= '0;
      fault_q      <= 1'b0;
      fault_addr_q <= '0;
    end else if (beat_valid_i) begin
      in_cnt_q <= in_cnt_q + 1'b1;
      fault_q  <= (fault_q || beat_error_i) && !in_last;
      if (!fault_q && beat_error_i) fault_addr_q <= beat_addr;
    end
  end

  // ---- The buffer
  logic [CNT_W-1:0] out_cnt_q;

  pp_ram_fifo #(
    .WIDTH(DATA_W),
    .DEPTH(DEPTH)
  ) i_buffer (
    .clk_i,
    .rst_ni,
    .in_valid_i (beat_valid_i),
    .in_data_i  (beat_data_i),
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );

  assign out_last_o = out_cnt_q == CNT_W'(UNIT_BEATS - 1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) out_cnt_q <= '0;
    else if (out_taken) out_cnt_q <= out_cnt_q + 1'b1;
  end

  `PP_ASSERT(BeatOfAUnit, !(beat_valid_i && !base_valid))
  `PP_ASSERT(AddressAligned, !(job_valid_i && job_addr_i[BEAT_LOG2-1:0] != '0))

  logic unused_base_valid;
  assign unused_base_valid = base_valid;

endmodule

`default_nettype wire
