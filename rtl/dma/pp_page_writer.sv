// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Writes the engine's output: cuts it into bursts that stay inside 4 KiB, masks
/// the last beat so that no byte beyond the length is touched, and gathers the
/// responses of each unit into one result.
///
/// **Limitations**
/// - A unit's address is a multiple of the beat.
/// - The engine gives exactly ceil(length / beat) beats with last on the last one
///   (asserted); jobs come in the order of the data.
/// - The result queue is sized for MAX_UNITS units between job and result; the
///   user has no more than that in flight.
module pp_page_writer #(
  parameter int unsigned DATA_W      = 256,
  parameter int unsigned ADDR_W      = 64,
  parameter int unsigned BURST_BEATS = 16,  // longest burst
  parameter int unsigned MAX_BURSTS  = 32,  // outstanding, a power of two
  parameter int unsigned MAX_UNITS   = 16   // a power of two
) (
  input  logic                clk_i,
  input  logic                rst_ni,

  input  logic                job_valid_i,
  output logic                job_ready_o,
  input  logic [ADDR_W-1:0]   job_addr_i,
  input  logic [12:0]         job_len_i,  // bytes, at least 1

  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [DATA_W-1:0]   in_data_i,
  input  logic                in_last_i,

  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [ADDR_W-1:0]   req_addr_o,
  output logic [7:0]          req_len_o,  // beats - 1
  output logic                beat_valid_o,
  input  logic                beat_ready_i,
  output logic [DATA_W-1:0]   beat_data_o,
  output logic [DATA_W/8-1:0] beat_strb_o,
  input  logic                resp_valid_i,
  input  logic                resp_error_i,

  output logic                       result_valid_o,
  input  logic                       result_ready_i,
  output pp_queue_pkg::dma_result_t  result_o
);

  localparam int unsigned BEAT_BYTES = DATA_W / 8;
  localparam int unsigned BEAT_LOG2  = $clog2(BEAT_BYTES);
  localparam int unsigned UNIT_BEATS = pp_queue_pkg::UNIT_BYTES / BEAT_BYTES;
  localparam int unsigned CNT_W      = $clog2(UNIT_BEATS);

  // ---- Asking: a burst goes out when its response can be tracked
  logic              cut_ready;
  logic              cut_valid;
  logic              cut_last;
  logic [CNT_W:0]    burst;      // beats
  logic              issue;
  logic              job_taken;
  logic              tail_ready;
  logic              track_ready;

  pp_burst_cutter #(
    .ADDR_W     (ADDR_W),
    .BEAT_LOG2  (BEAT_LOG2),
    .BURST_BEATS(BURST_BEATS)
  ) i_cutter (
    .clk_i,
    .rst_ni,
    .job_valid_i(job_valid_i && tail_ready),
    .job_ready_o(cut_ready),
    .job_addr_i,
    .job_beats_i((CNT_W + 1)'((job_len_i + 13'(BEAT_BYTES - 1)) >> BEAT_LOG2)),
    .req_valid_o(cut_valid),
    .req_ready_i(issue),
    .req_addr_o,
    .req_beats_o(burst),
    .req_last_o (cut_last)
  );

  assign job_ready_o = cut_ready && tail_ready;
  assign job_taken   = job_valid_i && job_ready_o;
  assign req_valid_o = cut_valid && track_ready;
  assign req_len_o   = 8'(burst - 1'b1);
  assign issue       = req_valid_o && req_ready_i;

  // ---- Data: the bytes used of each unit's last beat (0: all of them)
  logic                  tail_valid;
  logic [BEAT_LOG2-1:0]  tail;

  pp_fifo #(
    .WIDTH(BEAT_LOG2),
    .DEPTH(4)
  ) i_tail (
    .clk_i,
    .rst_ni,
    .in_valid_i (job_taken),
    .in_ready_o (tail_ready),
    .in_data_i  (job_len_i[BEAT_LOG2-1:0]),
    .out_valid_o(tail_valid),
    .out_ready_i(beat_valid_o && beat_ready_i && in_last_i),
    .out_data_o (tail)
  );

  assign beat_valid_o = in_valid_i && tail_valid;
  assign in_ready_o   = beat_ready_i && tail_valid;
  assign beat_data_o  = in_data_i;
  assign beat_strb_o  = (in_last_i && tail != '0) ? ~({BEAT_BYTES{1'b1}} << tail) : '1;

  // ---- Responses, in the order of the bursts
  logic              track_valid;
  logic              track_last;
  logic [ADDR_W-1:0] track_addr;
  logic              fault_q;
  logic [ADDR_W-1:0] fault_addr_q;
  logic              result_ready;
  logic              unit_done;
  pp_queue_pkg::dma_result_t unit_result;

  pp_fifo #(
    .WIDTH(ADDR_W + 1),
    .DEPTH(MAX_BURSTS)
  ) i_track (
    .clk_i,
    .rst_ni,
    .in_valid_i (issue),
    .in_ready_o (track_ready),
    .in_data_i  ({cut_last, req_addr_o}),
    .out_valid_o(track_valid),
    .out_ready_i(resp_valid_i),
    .out_data_o ({track_last, track_addr})
  );

  assign unit_done         = resp_valid_i && track_last;
  assign unit_result.fault = fault_q || resp_error_i;
  assign unit_result.addr  = 64'(fault_q ? fault_addr_q : track_addr);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fault_q      <= 1'b0;
      fault_addr_q <= '0;
    end else if (resp_valid_i) begin
      fault_q <= (fault_q || resp_error_i) && !track_last;
      if (!fault_q && resp_error_i) fault_addr_q <= track_addr;
    end
  end

  pp_fifo #(
    .WIDTH(pp_queue_pkg::DMA_RESULT_W),
    .DEPTH(MAX_UNITS)
  ) i_result (
    .clk_i,
    .rst_ni,
    .in_valid_i (unit_done),
    .in_ready_o (result_ready),
    .in_data_i  (unit_result),
    .out_valid_o(result_valid_o),
    .out_ready_i(result_ready_i),
    .out_data_o (result_o)
  );

  `PP_ASSERT(JobNotEmpty, !(job_valid_i && job_len_i == '0))
  `PP_ASSERT(ResponseOfABurst, !(resp_valid_i && !track_valid))
  `PP_ASSERT(ResultHasRoom, !(unit_done && !result_ready))
  `PP_ASSERT(AddressAligned, !(job_valid_i && job_addr_i[BEAT_LOG2-1:0] != '0))

  logic unused_flags;
  assign unused_flags = track_valid & result_ready;

endmodule

`default_nettype wire
