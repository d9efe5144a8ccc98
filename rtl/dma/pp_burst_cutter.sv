// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Cuts a range of whole beats into AXI bursts: none longer than BURST_BEATS, none
/// across 4 KiB. One burst a cycle.
///
/// **Limitations**
/// - One range at a time; the next one is taken in the cycle after the last burst.
module pp_burst_cutter #(
  parameter int unsigned ADDR_W      = 64,
  parameter int unsigned BEAT_LOG2   = 5,   // bytes of a beat
  parameter int unsigned BURST_BEATS = 16,  // longest burst
  localparam int unsigned PAGE_BEATS = 4096 >> BEAT_LOG2,
  localparam int unsigned CNT_W      = $clog2(PAGE_BEATS) + 1
) (
  input  logic              clk_i,
  input  logic              rst_ni,

  input  logic              job_valid_i,
  output logic              job_ready_o,
  input  logic [ADDR_W-1:0] job_addr_i,   // of the first beat
  input  logic [CNT_W-1:0]  job_beats_i,  // 1 .. PAGE_BEATS

  output logic              req_valid_o,
  input  logic              req_ready_i,
  output logic [ADDR_W-1:0] req_addr_o,
  output logic [CNT_W-1:0]  req_beats_o,
  output logic              req_last_o    // of the range
);

  if (BURST_BEATS > PAGE_BEATS) begin : gen_bad_burst
    $error("%m: BURST_BEATS exceeds 4 KiB");
  end

  logic              busy_q;
  logic [ADDR_W-1:0] addr_q;
  logic [CNT_W-1:0]  left_q;
  logic [CNT_W-1:0]  to_boundary;

  assign to_boundary = CNT_W'(PAGE_BEATS) - {1'b0, addr_q[11:BEAT_LOG2]};

  always_comb begin
    req_beats_o = CNT_W'(BURST_BEATS);
    if (left_q < req_beats_o) req_beats_o = left_q;
    if (to_boundary < req_beats_o) req_beats_o = to_boundary;
  end

  assign job_ready_o = !busy_q;
  assign req_valid_o = busy_q;
  assign req_addr_o  = addr_q;
  assign req_last_o  = left_q == req_beats_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      addr_q <= '0;
      left_q <= '0;
    end else if (job_valid_i && job_ready_o) begin
      busy_q <= 1'b1;
      addr_q <= job_addr_i;
      left_q <= job_beats_i;
    end else if (req_valid_o && req_ready_i) begin
      busy_q <= !req_last_o;
      addr_q <= addr_q + (ADDR_W'(req_beats_o) << BEAT_LOG2);
      left_q <= left_q - req_beats_o;
    end
  end

endmodule

`default_nettype wire
