// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Cuts a range of bytes into AXI bursts of whole, aligned beats: none longer than
/// BURST_BEATS, none across 4 KiB. One burst a cycle.
///
/// **Limitations**
/// - One range at a time; the next one is taken in the cycle after the last burst.
module pp_burst_cutter #(
  parameter int unsigned ADDR_W      = 64,
  parameter int unsigned LEN_W       = 13,  // of a range's length
  parameter int unsigned BEAT_LOG2   = 5,   // bytes of a beat
  parameter int unsigned BURST_BEATS = 16   // longest burst
) (
  input  logic              clk_i,
  input  logic              rst_ni,

  input  logic              job_valid_i,
  output logic              job_ready_o,
  input  logic [ADDR_W-1:0] job_addr_i,   // of the first byte
  input  logic [LEN_W-1:0]  job_len_i,    // bytes, at least 1

  output logic              req_valid_o,
  input  logic              req_ready_i,
  output logic [ADDR_W-1:0] req_start_o,  // first byte of the range in the burst
  output logic [8:0]        req_beats_o,  // from the beat that holds it
  output logic              req_last_o    // of the range
);

  localparam int unsigned PAGE_BEATS = 4096 >> BEAT_LOG2;
  localparam int unsigned PAGE_W     = 12 - BEAT_LOG2;
  // Beats of a range; wide enough for a page's too.
  localparam int unsigned BEATS_W    = (LEN_W > 12 ? LEN_W : 12) - BEAT_LOG2 + 1;

  if (BURST_BEATS > PAGE_BEATS || BURST_BEATS > 256) begin : gen_bad_burst
    $error("%m: BURST_BEATS exceeds 4 KiB");
  end

  logic               busy_q;
  logic [ADDR_W-1:0]  start_q;
  logic [BEATS_W-1:0] left_q;
  logic [BEATS_W-1:0] to_boundary;
  logic [BEATS_W-1:0] beats;
  logic [ADDR_W-BEAT_LOG2-1:0] next_beat;
  logic [BEATS_W+BEAT_LOG2-1:0] job_end;  // counted from its first beat, rounded up

  assign to_boundary = BEATS_W'(PAGE_BEATS) - BEATS_W'(start_q[BEAT_LOG2 +: PAGE_W]);

  always_comb begin
    beats = BEATS_W'(BURST_BEATS);
    if (left_q < beats) beats = left_q;
    if (to_boundary < beats) beats = to_boundary;
  end

  assign job_end = (BEATS_W + BEAT_LOG2)'(job_len_i) +
      (BEATS_W + BEAT_LOG2)'(job_addr_i[BEAT_LOG2-1:0]) +
      (BEATS_W + BEAT_LOG2)'((1 << BEAT_LOG2) - 1);
  assign next_beat = start_q[ADDR_W-1:BEAT_LOG2] + (ADDR_W - BEAT_LOG2)'(beats);

  assign job_ready_o = !busy_q;
  assign req_valid_o = busy_q;
  assign req_start_o = start_q;
  assign req_beats_o = 9'(beats);
  assign req_last_o  = left_q == beats;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      start_q <= '0;
      left_q  <= '0;
    end else if (job_valid_i && job_ready_o) begin
      busy_q  <= 1'b1;
      start_q <= job_addr_i;
      left_q  <= job_end[BEAT_LOG2 +: BEATS_W];
    end else if (req_valid_o && req_ready_i) begin
      busy_q  <= !req_last_o;
      start_q <= {next_beat, {BEAT_LOG2{1'b0}}};
      left_q  <= left_q - beats;
    end
  end

  logic unused_end;
  assign unused_end = ^job_end[BEAT_LOG2-1:0];

endmodule

`default_nettype wire
