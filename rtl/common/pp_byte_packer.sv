// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Packs pieces of up to 32 bytes, each at any place of its 32 bytes, into a stream of
/// full 32-byte beats: the gathering half of DMA at any alignment. The last beat of a
/// stream may be partial; what is beyond its end is undefined.
///
///   pieces -> rotate to the fill level -> register -> merge with what is held -> beats
///
/// **Limitations**
/// - A piece a cycle; one cycle more at the end of a stream whose last piece overflows a beat.
module pp_byte_packer (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  input  logic [4:0]   in_start_i,  // first byte used
  input  logic [5:0]   in_count_i,  // bytes used, 1 .. 32 - start
  input  logic         in_last_i,   // of the stream

  output logic         out_valid_o,
  input  logic         out_ready_i,
  output logic [255:0] out_data_o,
  output logic         out_last_o
);

  // ---- Rotate: the piece's first byte goes behind the bytes before it
  logic [4:0]   fill_q;  // bytes of the beat being filled, ahead of the next piece
  logic [255:0] rotated;
  logic         piece_valid_q;
  logic         piece_last_q;
  logic [255:0] piece_q;
  logic [4:0]   at_q;     // where it starts
  logic [5:0]   end_q;    // where it ends: 1 .. 63
  logic         piece_taken;
  logic [5:0]   in_end;

  pp_byte_rotate i_rotate (
    .data_i(in_data_i),
    .by_i  (fill_q - in_start_i),
    .data_o(rotated)
  );

  assign in_ready_o = !piece_valid_q || piece_taken;
  assign in_end     = 6'(fill_q) + in_count_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fill_q        <= '0;
      piece_valid_q <= 1'b0;
      piece_last_q  <= 1'b0;
      at_q          <= '0;
      end_q         <= '0;
    end else begin
      if (in_valid_i && in_ready_o) begin
        fill_q        <= in_last_i ? 5'd0 : in_end[4:0];
        piece_valid_q <= 1'b1;
        piece_last_q  <= in_last_i;
        at_q          <= fill_q;
        end_q         <= in_end;
      end else if (piece_taken) begin
        piece_valid_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_valid_i && in_ready_o) piece_q <= rotated;
  end

  // ---- Merge
  logic [255:0] held_q;   // the first bytes of the beat being filled
  logic         flush_q;  // what is held is the stream's end
  logic [255:0] from_piece;
  logic [255:0] merged;
  logic         full;     // the piece fills the beat
  logic         over;     // and goes on in the next one

  pp_byte_mask i_mask (
    .from_i(at_q),
    .mask_o(from_piece)
  );

  assign merged     = (held_q & ~from_piece) | (piece_q & from_piece);
  assign full       = end_q[5];
  assign over       = full && end_q[4:0] != '0;

  assign out_valid_o = flush_q || (piece_valid_q && (full || piece_last_q));
  assign out_data_o  = flush_q ? held_q : merged;
  assign out_last_o  = flush_q || (piece_last_q && !over);
  assign piece_taken = piece_valid_q && !flush_q && (out_ready_i || !out_valid_o);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) flush_q <= 1'b0;
    else if (flush_q) flush_q <= !out_ready_i;
    else if (piece_taken) flush_q <= piece_last_q && over;
  end

  always_ff @(posedge clk_i) begin
    if (piece_taken) held_q <= full ? piece_q : merged;
  end

  `PP_ASSERT(PieceInside, !(in_valid_i && (in_count_i == '0 ||
      6'(in_start_i) + in_count_i > 6'd32)))

endmodule

`default_nettype wire
