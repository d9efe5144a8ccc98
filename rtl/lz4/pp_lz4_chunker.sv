// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Cuts the output into chunks: what up to TAKEN records give to one row of 32 bytes. A chunk
/// ends at its row's end, at the unit's end, or where the last of so many records ends.
///
/// **Limitations**
/// - A record that may only open a chunk ends the one before it.
module pp_lz4_chunker (
  input  logic         clk_i,
  input  logic         rst_ni,
  // The queue's heads
  input  logic [4:0]   count_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*pp_lz_pkg::LEN_W-1:0] lit_end_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*pp_lz_pkg::LEN_W-1:0] stop_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*(pp_lz_pkg::POS_W-5)-1:0] row_i,  // of the last byte
  input  logic [pp_lz4_decode_pkg::TAKEN*16-1:0] offset_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*pp_lz4_decode_pkg::ADDR_W-1:0] base_i,
  input  logic [pp_lz4_decode_pkg::TAKEN-1:0] empty_i,
  input  logic [pp_lz4_decode_pkg::TAKEN-1:0] opens_i,
  input  logic [pp_lz4_decode_pkg::TAKEN-1:0] end_i,
  input  logic [pp_lz4_decode_pkg::TAKEN-1:0] bad_i,
  input  logic [pp_lz4_decode_pkg::TAKEN*pp_lz4_decode_pkg::NO_W-1:0] stop_no_i,
  output logic         pop_en_o,
  output logic [pp_lz4_decode_pkg::TAKEN-1:0] pop_o,  // with pop_en_o: the heads that leave
  // The unit
  input  logic         start_ready_i,  // its first chunk may leave
  input  logic         end_ready_i,    // its last one may
  output logic         start_o,
  output logic         end_o,
  // A chunk, registered
  output logic         k_valid_o,
  output logic [pp_lz_pkg::POS_W-6:0] k_row_o,
  output logic [4:0]   k_at_o,         // its first byte in the row
  output logic [pp_lz4_decode_pkg::TAKEN-1:0] k_part_o,  // records that have bytes in it, or all of theirs
  output logic [pp_lz4_decode_pkg::TAKEN*pp_lz_pkg::LEN_W-1:0] k_lit_end_o,
  output logic [pp_lz4_decode_pkg::TAKEN*pp_lz_pkg::LEN_W-1:0] k_stop_o,
  output logic [pp_lz4_decode_pkg::TAKEN*16-1:0] k_offset_o,
  output logic [pp_lz4_decode_pkg::TAKEN*pp_lz4_decode_pkg::ADDR_W-1:0] k_base_o,
  output logic         k_full_o,       // it ends its row
  output logic         k_end_o,        // it ends the unit
  output logic         k_bad_o,        // which is malformed
  output logic [pp_lz_pkg::LEN_W-1:0] k_len_o,  // with k_end_o: of the unit
  output logic [pp_lz4_decode_pkg::NO_W-1:0] k_stop_no_o
);

  localparam int unsigned LEN_W  = pp_lz_pkg::LEN_W;
  localparam int unsigned ROW_W  = pp_lz_pkg::POS_W - 5;
  localparam int unsigned NO_W   = pp_lz4_decode_pkg::NO_W;
  localparam int unsigned TAKEN  = pp_lz4_decode_pkg::TAKEN;

  logic [ROW_W-1:0] row_q, next_row;
  assign next_row = row_q + 1'b1;
  logic [4:0]       at_q;
  logic             started_q;

  // ---- Records that end in this row are taken, the first other one is in part.
  logic [TAKEN-1:0] usable, ends, taken, part;
  logic [TAKEN-1:0] on;         // nothing before has ended the unit or goes beyond the row
  logic [TAKEN-1:0] full_at;    // ends with the row
  logic [TAKEN-1:0] last_taken;
  for (genvar n = 0; n < TAKEN; n++) begin : gen_ends
    assign usable[n]  = count_i > 5'(n) && (n == 0 || !opens_i[n]);
    assign ends[n]    = usable[n] && (empty_i[n] || row_i[ROW_W*n+:ROW_W] == row_q);
    assign full_at[n] = !empty_i[n] && stop_i[LEN_W*n+:5] == 5'd0;
    if (n == 0) begin : gen_first
      assign on[n] = 1'b1;
    end else begin : gen_others
      assign on[n] = (&ends[n-1:0]) && !(|end_i[n-1:0]);
    end
  end
  assign taken      = on & ends;
  assign part       = on & usable & ~ends;
  assign last_taken = taken & ~{1'b0, taken[TAKEN-1:1]};
  logic full, last, go, last_bad;
  logic [LEN_W-1:0] last_stop;
  logic [NO_W-1:0]  last_no;
  assign full     = |(taken & full_at) || |part;
  assign last     = |(taken & end_i);
  assign last_bad = |(taken & end_i & bad_i);
  assign go       = count_i != 5'd0 && (started_q || start_ready_i) && !(last && !end_ready_i);
  always_comb begin
    last_stop = '0;
    last_no   = '0;
    for (int n = 0; n < TAKEN; n++) begin
      last_stop |= {LEN_W{last_taken[n]}} & stop_i[LEN_W*n+:LEN_W];
      last_no   |= {NO_W{last_taken[n]}} & stop_no_i[NO_W*n+:NO_W];
    end
  end
  assign pop_en_o = go;
  assign pop_o    = taken;
  assign start_o  = go && !started_q;
  assign end_o    = go && last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      row_q     <= '0;
      at_q      <= 5'd0;
      started_q <= 1'b0;
      k_valid_o <= 1'b0;
    end else begin
      k_valid_o <= go;
      if (go) begin
        started_q <= !last;
        row_q     <= last ? '0 : full ? next_row : row_q;
        at_q      <= (last || full) ? 5'd0 : last_stop[4:0];
      end
    end
  end
  always_ff @(posedge clk_i) begin
    k_row_o     <= row_q;
    k_at_o      <= at_q;
    k_part_o    <= taken | part;
    k_lit_end_o <= lit_end_i;
    k_stop_o    <= stop_i;
    k_offset_o  <= offset_i;
    k_base_o    <= base_i;
    k_full_o    <= full;
    k_end_o     <= last;
    k_bad_o     <= last_bad;
    k_len_o     <= last_stop;
    k_stop_no_o <= last_no;
  end

  `PP_ASSERT(GoesOn, !go || taken[0] || full)

endmodule

`default_nettype wire
