// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Input of the LZ4 decoder: three beats on their way to the parser, each with what the parser
/// must know of its block.
///
///     in -> A1 -> A0 -> B -> (parser's C)
///
/// B leaves when the beat behind it is in A0, for its tables look so far ahead, or when it is its
/// block's last one.
///
/// **Limitations**
/// - Numbers of beats count modulo 2 * RING; RING beats are taken ahead of those freed.
module pp_lz4_decode_feed (
  input  logic         clk_i,
  input  logic         rst_ni,
  // A block: ceil(len/32) beats; len and capacity are taken with the first one
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  input  logic [pp_lz_pkg::BLOCK_W-1:0] in_len_i,  // at least 1
  input  logic [pp_lz_pkg::LEN_W-1:0]   in_capacity_i,
  // A beat is taken
  output logic         taken_o,
  output logic         taken_first_o,
  output logic [pp_lz4_decode_pkg::NO_W-1:0] taken_no_o,
  input  logic [pp_lz4_decode_pkg::NO_W-1:0] freed_i,  // beats before this one are not needed
  // B
  output logic         b_ready_o,
  input  logic         b_take_i,
  output logic         b_last_o,
  output logic [pp_lz_pkg::BLOCK_W-1:0] b_rem_o,  // bytes of the block from its start on
  output logic [pp_lz_pkg::LEN_W-1:0]   b_capacity_o,
  output logic [pp_lz4_decode_pkg::NO_W-1:0] b_no_o,
  output logic [255:0] b_data_o,
  output logic [255:0] ahead_o  // the beat behind it
);

  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned NO_W    = pp_lz4_decode_pkg::NO_W;
  localparam int unsigned SIDE_W  = NO_W + LEN_W + BLOCK_W;

  // ---- Arrival.
  logic               run_q;  // in the middle of a block
  logic [BLOCK_W-1:0] rem_q;  // bytes that follow the beats taken
  logic [LEN_W-1:0]   capacity_q, capacity;
  logic [BLOCK_W-1:0] rem;
  logic [NO_W-1:0]    no_q;
  logic               a1_valid_q, a0_valid_q, b_valid_q;
  logic [NO_W-1:0]    kept;
  assign kept       = no_q - freed_i;
  assign in_ready_o = !a1_valid_q && kept < NO_W'(pp_lz4_decode_pkg::RING);
  assign taken_o    = in_valid_i && in_ready_o;
  assign rem        = run_q ? rem_q : in_len_i;
  assign capacity   = run_q ? capacity_q : in_capacity_i;
  assign taken_first_o = taken_o && !run_q;
  assign taken_no_o    = no_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q <= 1'b0;
      no_q  <= '0;
    end else if (taken_o) begin
      run_q <= rem > BLOCK_W'(32);
      no_q  <= no_q + 1'b1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (taken_o) begin
      rem_q      <= rem - BLOCK_W'(32);
      capacity_q <= capacity;
    end
  end

  // ---- The beats move up.
  logic [SIDE_W-1:0] a1_side_q, a0_side_q, b_side_q, side;
  logic [255:0]      a1_q, a0_q, b_q;
  logic              to_b, to_a0;  // A0 moves up; the beat that arrives goes to A0
  assign side  = {no_q, capacity, rem};
  assign to_b  = a0_valid_q && (!b_valid_q || b_take_i);
  assign to_a0 = !a0_valid_q || to_b;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a1_valid_q <= 1'b0;
      a0_valid_q <= 1'b0;
      b_valid_q  <= 1'b0;
    end else begin
      a1_valid_q <= !to_a0 && (a1_valid_q || taken_o);
      a0_valid_q <= !to_a0 || a1_valid_q || taken_o;
      b_valid_q  <= to_b || (b_valid_q && !b_take_i);
    end
  end
  always_ff @(posedge clk_i) begin
    if (!a1_valid_q) begin
      a1_q      <= in_data_i;
      a1_side_q <= side;
    end
    if (to_a0) begin
      a0_q      <= a1_valid_q ? a1_q : in_data_i;
      a0_side_q <= a1_valid_q ? a1_side_q : side;
    end
    if (to_b) begin
      b_q      <= a0_q;
      b_side_q <= a0_side_q;
    end
  end
  assign {b_no_o, b_capacity_o, b_rem_o} = b_side_q;
  assign b_last_o  = b_rem_o <= BLOCK_W'(32);
  assign b_ready_o = b_valid_q && (a0_valid_q || b_last_o);
  assign b_data_o  = b_q;
  assign ahead_o   = a0_q;

  `PP_ASSERT(TakesWhatIsThere, !b_take_i || b_ready_o)

endmodule

`default_nettype wire
