// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Input of the LZ4 decoder: turns the beats of a block into a window of WINDOW bytes
/// that starts at the byte to be read next. Three beats are kept, the first two of
/// them under the window; beats of the next unit may already stand behind.
///
/// **Limitations**
/// - What stands in the window beyond the block's end is worthless; the parser knows
///   how many bytes are left.
module pp_lz4_decode_feed #(
  parameter int unsigned WINDOW = 18,  // bytes; at most 33
  parameter int unsigned SIDE_W = 1    // what goes along with a unit
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // A block: ceil(len/32) beats; len and side are taken with the first one
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  input  logic [pp_lz_pkg::BLOCK_W-1:0] in_len_i,  // at least 1
  input  logic [SIDE_W-1:0]             in_side_i,
  // The next unit. When it is taken, the window must stand at its start
  output logic         unit_valid_o,
  input  logic         unit_take_i,
  output logic [pp_lz_pkg::BLOCK_W-1:0] unit_len_o,
  output logic [SIDE_W-1:0]             unit_side_o,
  // The window
  output logic                text_valid_o,  // all of it, up to the block's end
  output logic [8*WINDOW-1:0] text_o,
  input  logic [4:0]          take_i,  // bytes to go on by; only with text_valid_o
  // The rest of the unit is dropped beat by beat
  output logic         last_beat_o,  // the first beat is there, and the unit's last
  input  logic         drop_i
);

  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned LEFT_W  = BLOCK_W - 5;

  // ---- Arrival.
  logic [LEFT_W-1:0] in_left_q, in_left;  // beats that follow this one
  logic              in_run_q;            // in the middle of a unit
  logic              in_beat, in_last;
  logic              next_q;              // a unit's parameters wait
  logic [1:0]        count_q;             // beats kept
  logic              pop;
  assign in_ready_o = count_q != 2'd3 && (in_run_q || !next_q);
  assign in_beat    = in_valid_i && in_ready_o;
  assign in_left    = in_run_q ? in_left_q : LEFT_W'((in_len_i - 1'b1) >> 5);
  assign in_last    = in_left == '0;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_run_q <= 1'b0;
      next_q   <= 1'b0;
    end else begin
      if (in_beat) in_run_q <= !in_last;
      if (in_beat && !in_run_q) next_q <= 1'b1;
      else if (unit_take_i) next_q <= 1'b0;
    end
  end
  logic [BLOCK_W-1:0] len_q;
  logic [SIDE_W-1:0]  side_q;
  always_ff @(posedge clk_i) begin
    if (in_beat) begin
      in_left_q <= in_left - 1'b1;
      if (!in_run_q) begin
        len_q  <= in_len_i;
        side_q <= in_side_i;
      end
    end
  end
  assign unit_valid_o = next_q;
  assign unit_len_o   = len_q;
  assign unit_side_o  = side_q;

  // ---- Beats move up as the first one has been read.
  logic [255:0] beat0_q, beat1_q, beat2_q;
  logic         last0_q, last1_q, last2_q;
  logic [1:0]   left;   // that stay
  logic [4:0]   at_q;   // window's start in the first one
  logic [5:0]   at;
  assign at   = {1'b0, at_q} + {1'b0, take_i};
  // Behind the unit's end, the window may go anywhere until it is dropped.
  assign pop  = drop_i || (at[5] && !last_beat_o);
  assign left = count_q - {1'b0, pop};
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q <= 2'd0;
      at_q    <= 5'd0;
    end else begin
      count_q <= left + {1'b0, in_beat};
      at_q    <= drop_i ? 5'd0 : at[4:0];
    end
  end
  always_ff @(posedge clk_i) begin
    if (pop) begin
      beat0_q <= beat1_q;
      last0_q <= last1_q;
      beat1_q <= beat2_q;
      last1_q <= last2_q;
    end
    if (in_beat) begin
      if (left == 2'd0) begin
        beat0_q <= in_data_i;
        last0_q <= in_last;
      end
      if (left == 2'd1) begin
        beat1_q <= in_data_i;
        last1_q <= in_last;
      end
      if (left == 2'd2) begin
        beat2_q <= in_data_i;
        last2_q <= in_last;
      end
    end
  end
  assign last_beat_o  = count_q != 2'd0 && last0_q;
  assign text_valid_o = count_q[1] || last_beat_o;

  // Shift by bytes: a multiplexer for each bit of at_q.
  localparam int unsigned WIDE = 8 * (WINDOW + 31);
  logic [WIDE-1:0] moved16, moved8, moved4, moved2, moved1;
  assign moved16 = at_q[4] ? WIDE'({beat1_q, beat0_q} >> 128) : WIDE'({beat1_q, beat0_q});
  assign moved8  = at_q[3] ? moved16 >> 64 : moved16;
  assign moved4  = at_q[2] ? moved8 >> 32 : moved8;
  assign moved2  = at_q[1] ? moved4 >> 16 : moved4;
  assign moved1  = at_q[0] ? moved2 >> 8 : moved2;
  assign text_o  = moved1[8*WINDOW-1:0];

  logic unused_bits;
  assign unused_bits = ^moved1[WIDE-1:8*WINDOW];

  `PP_ASSERT(TakesWhatIsThere, take_i == '0 || text_valid_o)
  `PP_ASSERT(DropsWhatIsThere, !drop_i || count_q != 2'd0)

endmodule

`default_nettype wire
