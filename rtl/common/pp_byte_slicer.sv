// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Cuts a packed stream of 32-byte beats into pieces that lie at given places of their
/// 32 bytes: the scattering half of DMA at any alignment, the reverse of pp_byte_packer.
/// A range of LEN bytes at offset OFFSET becomes the pieces that cover it, with a strobe
/// for every byte of the range and none beside it.
///
///   beats -> the piece's bytes: from the beat held, then the next -> rotate -> register -> pieces
///
/// **Limitations**
/// - A piece a cycle. A stream takes exactly the beats that hold its bytes.
module pp_byte_slicer #(
  parameter int unsigned LEN_W = 13,
  parameter int unsigned OFF_W = 5   // offset bits; the low five place a piece in its 32 bytes
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic             rng_valid_i,
  output logic             rng_ready_o,
  input  logic [OFF_W-1:0] rng_offset_i,
  input  logic [LEN_W-1:0] rng_len_i,   // at least 1
  input  logic             rng_last_i,  // of the stream: the next one starts with a new beat

  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [255:0]     in_data_i,

  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [255:0]     out_data_o,
  output logic [31:0]      out_strb_o,
  output logic [OFF_W-1:0] out_offset_o,  // of its first byte
  output logic             out_end_o      // of the range
);

  // ---- The range
  logic             busy_q;
  logic             last_q;
  logic [OFF_W-1:0] offset_q;
  logic [LEN_W-1:0] left_q;
  logic [5:0]       room;      // bytes from the offset to the end of its 32
  logic [5:0]       count;     // bytes of this piece
  logic             range_end;
  logic             step;

  assign room        = 6'd32 - 6'(offset_q[4:0]);
  assign range_end   = left_q <= LEN_W'(room);
  assign count       = range_end ? left_q[5:0] : room;
  assign rng_ready_o = !busy_q || (step && range_end);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q   <= 1'b0;
      last_q   <= 1'b0;
      offset_q <= '0;
      left_q   <= '0;
    end else if (rng_valid_i && rng_ready_o) begin
      busy_q   <= 1'b1;
      last_q   <= rng_last_i;
      offset_q <= rng_offset_i;
      left_q   <= rng_len_i;
    end else if (step) begin
      busy_q   <= !range_end;
      offset_q <= offset_q + OFF_W'(count);
      left_q   <= left_q - LEN_W'(count);
    end
  end

  // ---- The stream: bytes pos_q..31 of the beat held, then the beat that comes
  logic         held_valid_q;
  logic [255:0] held_q;
  logic [4:0]   pos_q;      // 0 if nothing is held
  logic [5:0]   pos_end;    // where the piece ends: 1 .. 63
  logic         wants_beat;
  logic         room_out;
  logic [255:0] from_held;
  logic [255:0] gathered;   // the piece's bytes, each at its place in its beat
  logic [255:0] rotated;

  assign pos_end    = 6'(pos_q) + count;
  assign wants_beat = !held_valid_q || pos_end > 6'd32;
  assign in_ready_o = busy_q && wants_beat && room_out;
  assign step       = busy_q && room_out && (in_valid_i || !wants_beat);

  // With nothing held, pos_q is 0.
  assign gathered   = held_valid_q ? (held_q & from_held) | (in_data_i & ~from_held) : in_data_i;

  pp_byte_mask i_mask (
    .from_i(pos_q),
    .mask_o(from_held)
  );

  pp_byte_rotate i_rotate (
    .data_i(gathered),
    .by_i  (offset_q[4:0] - pos_q),
    .data_o(rotated)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_valid_q <= 1'b0;
      pos_q        <= '0;
    end else if (step) begin
      // Exactly at a beat's end nothing is held: what was taken is used up.
      held_valid_q <= !(range_end && last_q) && pos_end[4:0] != '0;
      pos_q        <= range_end && last_q ? 5'd0 : pos_end[4:0];
    end
  end

  always_ff @(posedge clk_i) begin
    if (step && wants_beat) held_q <= in_data_i;
  end

  // ---- The piece
  logic             piece_valid_q;
  logic [255:0]     piece_q;
  logic [31:0]      strb_q;
  logic [OFF_W-1:0] piece_offset_q;
  logic             end_q;
  logic [31:0]      strb;

  assign room_out = !piece_valid_q || out_ready_i;
  assign strb     = ({32{1'b1}} << offset_q[4:0]) &
                    ({32{1'b1}} >> (6'd32 - 6'(offset_q[4:0]) - count));

  assign out_valid_o  = piece_valid_q;
  assign out_data_o   = piece_q;
  assign out_strb_o   = strb_q;
  assign out_offset_o = piece_offset_q;
  assign out_end_o    = end_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) piece_valid_q <= 1'b0;
    else if (step) piece_valid_q <= 1'b1;
    else if (out_ready_i) piece_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (step) begin
      piece_q        <= rotated;
      strb_q         <= strb;
      piece_offset_q <= offset_q;
      end_q          <= range_end;
    end
  end

  `PP_ASSERT(RangeNotEmpty, !(rng_valid_i && rng_len_i == '0))

endmodule

`default_nettype wire
