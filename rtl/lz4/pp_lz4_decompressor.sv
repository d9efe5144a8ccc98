// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// LZ4 decompression engine: a block in, the unit and a result out.
///
/// One unit is decoded while the one before drains. The handshakes are those of
/// pp_lz4_compressor. All beats of a block are taken, also of a malformed one.
///
/// **Limitations**
/// - Nothing of a unit leaves before all of it is decoded and its CRC is known.
module pp_lz4_decompressor (
  input  logic         clk_i,
  input  logic         rst_ni,
  // A block: ceil(len/32) beats; byte i in bits [8*(i%32) +: 8] of beat i/32. All else is
  // taken with the first beat
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  input  logic [pp_lz_pkg::BLOCK_W-1:0] in_len_i,       // at least 1
  input  logic [pp_lz_pkg::LEN_W-1:0]   in_capacity_i,  // most bytes of output: 0 to UNIT_BYTES
  input  logic         in_expect_i,                     // the output's CRC must be
  input  logic [31:0]  in_expected_i,                   // this one
  input  logic         in_flip_i,                       // fault injection: invert the output's
  input  logic [pp_lz_pkg::LEN_W+2:0]   in_flip_bit_i,  // bit of this number
  // One result a unit, in order
  output logic         res_valid_o,
  input  logic         res_ready_i,
  input  logic         res_drop_i,     // with res_ready_i: do not offer this unit's output
  output logic [7:0]   res_status_o,   // PP_STATUS_OK, _MALFORMED or _VERIFY_FAILED
  output logic [pp_lz_pkg::LEN_W-1:0]   res_len_o,  // bytes of output with OK, else 0
  output logic [31:0]  res_crc32c_o,   // of the output; 0 with MALFORMED
  output logic [31:0]  res_cycles_o,   // that the unit held the decoder
  // The output: after its result was taken, before the next result is offered
  output logic         out_valid_o,
  input  logic         out_ready_i,
  output logic [255:0] out_data_o,
  output logic         out_last_o,
  output logic         busy_o          // a unit is inside
);

  localparam int unsigned LEN_W  = pp_lz_pkg::LEN_W;
  localparam int unsigned BEAT_W = pp_lz_pkg::POS_W - 5;

  logic              done, done_buf, done_ok, done_expect;
  logic [LEN_W-1:0]  done_len;
  logic [31:0]       done_crc32c, done_cycles, done_expected;
  logic              free, rd_en;
  logic [BEAT_W-1:0] beat_q;      // next beat to read
  logic              slot_q;      // the output buffer whose result is offered, or which drains
  logic              unused_beat_valid, unused_beat_buf;
  logic [BEAT_W-1:0] unused_beat_no;
  logic [255:0]      unused_beat_data;
  pp_lz4_decoder #(.SIDE_W(33)) i_decoder (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_len_i,
    .in_capacity_i,
    .in_flip_i,
    .in_flip_bit_i,
    .in_side_i     ({in_expect_i, in_expected_i}),
    .done_o        (done),
    .done_buf_o    (done_buf),
    .done_ok_o     (done_ok),
    .done_len_o    (done_len),
    .done_crc32c_o (done_crc32c),
    .done_cycles_o (done_cycles),
    .done_side_o   ({done_expect, done_expected}),
    .free_i        (free),
    .free_buf_i    (slot_q),
    .beat_valid_o  (unused_beat_valid),
    .beat_buf_o    (unused_beat_buf),
    .beat_no_o     (unused_beat_no),
    .beat_data_o   (unused_beat_data),
    .rd_en_i       (rd_en),
    .rd_buf_i      (slot_q),
    .rd_beat_i     (beat_q),
    .rd_data_o     (out_data_o),
    .busy_o
  );
  logic unused;
  assign unused = ^{unused_beat_valid, unused_beat_buf, unused_beat_no, unused_beat_data};

  // ---- Results: one for each output buffer, so that there is always room.
  logic             differs;
  logic [1:0]       ready_q;
  logic [7:0]       status_q [2];
  logic [LEN_W-1:0] len_q [2];
  logic [31:0]      crc32c_q [2];
  logic [31:0]      cycles_q [2];
  assign differs = done_expect && done_expected != done_crc32c;
  always_ff @(posedge clk_i) begin
    if (done) begin
      status_q[done_buf] <= !done_ok ? pagepress_abi_pkg::PP_STATUS_MALFORMED[7:0] :
                            differs  ? pagepress_abi_pkg::PP_STATUS_VERIFY_FAILED[7:0]
                                     : pagepress_abi_pkg::PP_STATUS_OK[7:0];
      len_q[done_buf]    <= (!done_ok || differs) ? '0 : done_len;
      crc32c_q[done_buf] <= done_ok ? done_crc32c : 32'd0;
      cycles_q[done_buf] <= done_cycles;
    end
  end

  // ---- Drain: one beat is read ahead into the RAM's output register.
  logic              drain_q;     // a unit is leaving
  logic [BEAT_W-1:0] beats_q;     // beats of it, less one
  logic              loaded_q;    // the RAM's output register holds a beat
  logic              last_q;      // and it is the unit's last
  logic              take, with_output, out_beat;
  assign res_valid_o  = ready_q[slot_q] && !drain_q;
  assign take         = res_valid_o && res_ready_i;
  assign with_output  = len_q[slot_q] != '0 && !res_drop_i;
  assign out_beat     = loaded_q && out_ready_i;
  assign rd_en        = drain_q && (!loaded_q || (out_ready_i && !last_q));
  assign free         = (take && !with_output) || (out_beat && last_q);
  assign res_status_o = status_q[slot_q];
  assign res_len_o    = len_q[slot_q];
  assign res_crc32c_o = crc32c_q[slot_q];
  assign res_cycles_o = cycles_q[slot_q];
  assign out_valid_o  = loaded_q;
  assign out_last_o   = last_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slot_q   <= 1'b0;
      ready_q  <= 2'b00;
      drain_q  <= 1'b0;
      loaded_q <= 1'b0;
      beat_q   <= '0;
    end else begin
      if (done) ready_q[done_buf] <= 1'b1;
      if (take && with_output) begin
        drain_q <= 1'b1;
        beat_q  <= '0;
      end
      if (rd_en) begin
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
    if (rd_en) last_q <= beat_q == beats_q;
  end

  `PP_ASSERT(ResultHasRoom, !(done && ready_q[done_buf]))
  `PP_ASSERT(OutputStays, !$past(out_valid_o && !out_ready_i) || (out_valid_o && $stable(out_data_o)))

endmodule

`default_nettype wire
