// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Verification of a block before its result is offered: reads it from its block buffer,
/// inverts the bit that is to be inverted, and has pp_lz4_verifier decode and compare what
/// would leave. A unit that is not to be verified passes in a cycle.
///
/// **Limitations**
/// - One unit at a time, in order.
module pp_lz4_proof #(
  localparam int unsigned LEN_W  = pp_lz_pkg::LEN_W,
  localparam int unsigned BEAT_W = pp_lz_pkg::BEAT_W,
  localparam int unsigned SLOT_W = pp_lz_pkg::SLOT_W,
  localparam int unsigned SIZE_W = pp_lz_pkg::SIZE_W,
  localparam int unsigned FLIP_W = LEN_W + 3
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // Beats of units as they arrive
  input  logic              wr_en_i,
  input  logic [SLOT_W-1:0] wr_slot_i,
  input  logic [BEAT_W-1:0] wr_beat_i,
  input  logic [255:0]      wr_data_i,
  // A unit whose block is complete; it stays until judged_o
  input  logic              unit_valid_i,
  input  logic              unit_verify_i,
  input  logic [SLOT_W-1:0] unit_slot_i,
  input  logic [SIZE_W-1:0] unit_size_i,
  input  logic [LEN_W-1:0]  unit_len_i,      // of its block, at least 1 if it is verified
  input  logic              unit_flip_i,
  input  logic [FLIP_W-1:0] unit_flip_bit_i,
  output logic              judged_o,
  output logic              ok_o,
  // Its block: data follow by one cycle and stay
  output logic              rd_en_o,
  output logic [BEAT_W-1:0] rd_beat_o,
  input  logic [255:0]      rd_data_i
);

  logic              job_valid, job_ready, job_q;  // job_q: the verifier works for this block
  logic              feed_q;    // beats are still to be read or taken
  logic              loaded_q;  // the RAM's output register holds a beat
  logic              last_q;    // and it is the block's last
  logic              flip_q;    // and a bit of it is inverted
  logic              in_ready, beat, verdict, verdict_ok, verdict_q, verdict_ok_q;
  logic [BEAT_W-1:0] beat_q, stop_q;
  logic [255:0]      flipped;
  assign job_valid = unit_valid_i && unit_verify_i && !job_q;
  assign beat      = loaded_q && in_ready;
  assign rd_en_o   = feed_q && (!loaded_q || (in_ready && !last_q));
  assign rd_beat_o = beat_q;
  assign flipped   = rd_data_i ^ (256'(flip_q) << unit_flip_bit_i[7:0]);
  assign judged_o  = unit_valid_i && (!unit_verify_i || (job_q && !feed_q && verdict_q));
  assign ok_o      = !unit_verify_i || verdict_ok_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      job_q     <= 1'b0;
      feed_q    <= 1'b0;
      verdict_q <= 1'b0;
      loaded_q  <= 1'b0;
      beat_q    <= '0;
    end else begin
      if (job_valid && job_ready) begin
        job_q  <= 1'b1;
        feed_q <= 1'b1;
        beat_q <= '0;
      end
      if (rd_en_o) begin
        loaded_q <= 1'b1;
        beat_q   <= beat_q + 1'b1;
      end else if (beat) begin
        loaded_q <= 1'b0;
      end
      if (beat && last_q) feed_q <= 1'b0;
      if (verdict) verdict_q <= 1'b1;
      if (judged_o) begin
        job_q     <= 1'b0;
        verdict_q <= 1'b0;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (job_valid) stop_q <= BEAT_W'((unit_len_i - 1'b1) >> 5);
    if (verdict) verdict_ok_q <= verdict_ok;
    if (rd_en_o) begin
      last_q <= beat_q == stop_q;
      flip_q <= unit_flip_i && unit_flip_bit_i[FLIP_W-1:8] == (FLIP_W-8)'(beat_q);
    end
  end
  pp_lz4_verifier #(.SLOTS(1 << SLOT_W)) i_verifier (
    .clk_i,
    .rst_ni,
    .wr_en_i,
    .wr_slot_i,
    .wr_beat_i,
    .wr_data_i,
    .job_valid_i (job_valid),
    .job_ready_o (job_ready),
    .job_slot_i  (unit_slot_i),
    .job_size_i  (unit_size_i),
    .job_len_i   (unit_len_i),
    .in_valid_i  (loaded_q),
    .in_ready_o  (in_ready),
    .in_data_i   (flipped),
    .done_o      (verdict),
    .ok_o        (verdict_ok)
  );

endmodule

`default_nettype wire
