// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Takes out of beats of the bus what ranges use of them and packs it: the beats come
/// range after range, each from the one with the range's first byte to the one with its
/// last; out goes one stream a unit. A range of zeros has no beats.
///
///   ranges (queue) -> which bytes of the beat, at most 32 of them -> byte packer -> stream
///   beats ---------------------^
///
/// **Limitations**
/// - 32 bytes a cycle; a piece that is shorter takes its cycle all the same.
module pp_range_gather #(
  parameter int unsigned DATA_W = 256,  // 256 or 512
  parameter int unsigned RANGES = 32    // that wait, a power of two
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,

  input  logic                          rng_valid_i,
  output logic                          rng_ready_o,
  input  logic                          rng_zero_i,    // zeros in place of beats
  input  logic                          rng_last_i,    // of the unit
  input  logic [$clog2(DATA_W/8)-1:0]   rng_offset_i,  // of its first byte in the beat
  input  logic [pp_lz_pkg::BLOCK_W-1:0] rng_len_i,     // at least 1

  input  logic                          beat_valid_i,
  output logic                          beat_ready_o,  // depends on beat_valid_i
  input  logic [DATA_W-1:0]             beat_data_i,

  output logic                          out_valid_o,
  input  logic                          out_ready_i,
  output logic [255:0]                  out_data_o,
  output logic                          out_last_o
);

  localparam int unsigned BLOCK_W   = pp_lz_pkg::BLOCK_W;
  localparam int unsigned BEAT_LOG2 = $clog2(DATA_W / 8);

  logic                 next_valid;
  logic                 next_taken;
  logic                 next_zero;
  logic                 next_last;
  logic [BEAT_LOG2-1:0] next_offset;
  logic [BLOCK_W-1:0]   next_len;

  pp_fifo #(
    .WIDTH(2 + BEAT_LOG2 + BLOCK_W),
    .DEPTH(RANGES)
  ) i_ranges (
    .clk_i,
    .rst_ni,
    .in_valid_i (rng_valid_i),
    .in_ready_o (rng_ready_o),
    // Zeros start with a beat, so that they come as whole ones.
    .in_data_i  ({rng_zero_i, rng_last_i, rng_zero_i ? BEAT_LOG2'(0) : rng_offset_i, rng_len_i}),
    .out_valid_o(next_valid),
    .out_ready_i(next_taken),
    .out_data_o ({next_zero, next_last, next_offset, next_len})
  );

  logic                 busy_q;
  logic                 zero_q;
  logic                 last_q;
  logic [BEAT_LOG2-1:0] offset_q;  // of the piece in the beat
  logic [BLOCK_W-1:0]   left_q;    // bytes of the range
  logic [5:0]           room;      // bytes from the offset to the end of its 32
  logic [5:0]           count;     // bytes of the piece
  logic                 range_end;
  logic                 valid;
  logic                 ready;
  logic                 step;
  logic [255:0]         data;
  logic [BEAT_LOG2:0]   offset_next;

  assign room         = 6'd32 - 6'(offset_q[4:0]);
  assign range_end    = left_q <= BLOCK_W'(room);
  assign count        = range_end ? left_q[5:0] : room;
  assign offset_next  = (BEAT_LOG2 + 1)'(offset_q) + (BEAT_LOG2 + 1)'(count);
  assign valid        = busy_q && (zero_q || beat_valid_i);
  assign step         = valid && ready;
  assign next_taken   = !busy_q || (step && range_end);
  assign beat_ready_o = step && !zero_q && (range_end || offset_next[BEAT_LOG2]);

  if (DATA_W == 256) begin : gen_whole
    assign data = zero_q ? '0 : beat_data_i;
  end else begin : gen_half
    assign data = zero_q ? '0 : offset_q[BEAT_LOG2-1] ? beat_data_i[DATA_W-1:DATA_W-256] :
                                                        beat_data_i[255:0];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q   <= 1'b0;
      zero_q   <= 1'b0;
      last_q   <= 1'b0;
      offset_q <= '0;
      left_q   <= '0;
    end else if (next_taken) begin
      busy_q   <= next_valid;
      zero_q   <= next_zero;
      last_q   <= next_last;
      offset_q <= next_offset;
      left_q   <= next_len;
    end else if (step) begin
      offset_q <= offset_next[BEAT_LOG2-1:0];
      left_q   <= left_q - BLOCK_W'(count);
    end
  end

  pp_byte_packer i_packer (
    .clk_i,
    .rst_ni,
    .in_valid_i (valid),
    .in_ready_o (ready),
    .in_data_i  (data),
    .in_start_i (offset_q[4:0]),
    .in_count_i (count),
    .in_last_i  (range_end && last_q),
    .out_valid_o,
    .out_ready_i,
    .out_data_o,
    .out_last_o
  );

  `PP_ASSERT(RangeNotEmpty, !(rng_valid_i && rng_len_i == '0))

endmodule

`default_nettype wire
