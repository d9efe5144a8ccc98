// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Core of the LZ4 decoder: blocks in, units in output buffers with their CRC.
///
///     in -> feed (beats to bytes) -> parser (sequences to steps) -> history -> buffers (BUFS)
///                                                                      +-> beats -> CRC
///
/// It decodes one unit into one buffer while another drains, and goes on to the next
/// unit while the last bytes of the one before are still on their way.
///
/// **Limitations**
/// - Units of at most UNIT_BYTES; the block must be complete for the verdict.
/// - A unit that ends within 32 cycles waits for the CRC of the one before.
module pp_lz4_decoder #(
  parameter int unsigned BUFS   = 2,  // output buffers: 1 or 2
  parameter int unsigned SIDE_W = 1   // what goes along with a unit
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // A block: ceil(len/32) beats; all else is taken with the first one
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  input  logic [pp_lz_pkg::BLOCK_W-1:0] in_len_i,       // at least 1
  input  logic [pp_lz_pkg::LEN_W-1:0]   in_capacity_i,  // at most UNIT_BYTES
  input  logic         in_flip_i,                       // fault injection: invert the output's
  input  logic [pp_lz_pkg::LEN_W+2:0]   in_flip_bit_i,  // bit of this number
  input  logic [SIDE_W-1:0]             in_side_i,
  // A unit is done, in order: in done_buf_o until free_i
  output logic         done_o,
  output logic         done_buf_o,
  output logic         done_ok_o,      // else the block is malformed
  output logic [pp_lz_pkg::LEN_W-1:0]   done_len_o,
  output logic [31:0]  done_crc32c_o,
  output logic [31:0]  done_cycles_o,  // that it held the parser
  output logic [SIDE_W-1:0]             done_side_o,
  input  logic         free_i,
  input  logic         free_buf_i,
  // Whole beats of output as they come into being, in order, before done_o
  output logic         beat_valid_o,
  output logic [pp_lz_pkg::POS_W-6:0]   beat_no_o,
  output logic [255:0] beat_data_o,
  // A buffer's beats; data follow by one cycle and stay until the next read
  input  logic         rd_en_i,
  input  logic         rd_buf_i,
  input  logic [pp_lz_pkg::POS_W-6:0]   rd_beat_i,
  output logic [255:0] rd_data_o,
  output logic         busy_o  // a unit is inside
);

  localparam int unsigned POS_W   = pp_lz_pkg::POS_W;
  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned BEAT_W  = POS_W - 5;
  localparam int unsigned BIT_W   = LEN_W + 3;
  localparam int unsigned UNIT_W  = SIDE_W + 1 + BIT_W + LEN_W;
  localparam int unsigned TEXT    = 18;  // bytes that the parser looks at

  // ---- Feed and parser.
  logic               unit_valid, unit_take, unit_wait;
  logic [BLOCK_W-1:0] unit_len;
  logic [UNIT_W-1:0]  unit;
  logic [LEN_W-1:0]   unit_capacity;
  logic [BIT_W-1:0]   unit_flip_bit;
  logic               unit_flip;
  logic [SIDE_W-1:0]  unit_side;
  logic               text_valid, last_beat, drop;
  logic [8*TEXT-1:0]  text;
  logic [4:0]         take;
  pp_lz4_decode_feed #(.WINDOW(TEXT), .SIDE_W(UNIT_W)) i_feed (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_len_i,
    .in_side_i    ({in_side_i, in_flip_i, in_flip_bit_i, in_capacity_i}),
    .unit_valid_o (unit_wait),
    .unit_take_i  (unit_take),
    .unit_len_o   (unit_len),
    .unit_side_o  (unit),
    .text_valid_o (text_valid),
    .text_o       (text),
    .take_i       (take),
    .last_beat_o  (last_beat),
    .drop_i       (drop)
  );
  assign {unit_side, unit_flip, unit_flip_bit, unit_capacity} = unit;

  // Buffers take turns.
  logic            buf_q, turn;
  logic [BUFS-1:0] held_q;
  assign turn       = BUFS == 1 ? 1'b0 : buf_q;
  assign unit_valid = unit_wait && !held_q[turn];
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      buf_q  <= 1'b0;
      held_q <= '0;
    end else begin
      if (unit_take) begin
        buf_q        <= !buf_q;
        held_q[turn] <= 1'b1;
      end
      if (free_i) held_q[free_buf_i] <= 1'b0;
    end
  end
  assign busy_o = unit_wait || (|held_q);

  logic                     step_valid, active, end_ready;
  pp_lz4_decode_pkg::step_t step;
  pp_lz4_parser i_parser (
    .clk_i,
    .rst_ni,
    .unit_valid_i    (unit_valid),
    .unit_take_o     (unit_take),
    .unit_buf_i      (turn),
    .unit_len_i      (unit_len),
    .unit_capacity_i (unit_capacity),
    .text_valid_i    (text_valid),
    .text_i          (text),
    .take_o          (take),
    .last_beat_i     (last_beat),
    .drop_o          (drop),
    .end_ready_i     (end_ready),
    .step_valid_o    (step_valid),
    .step_o          (step),
    .active_o        (active)
  );

  // What is known of the unit in each buffer. Flips are kept apart for the two readers.
  logic [BUFS-1:0]   flip_q;
  logic [BIT_W-1:0]  flip_bit_q [BUFS];
  logic [SIDE_W-1:0] side_q [BUFS];
  logic [31:0]       cycles_q [BUFS];
  logic [31:0]       held_cycles_q;
  logic              parsed_buf_q;  // being read by the parser
  always_ff @(posedge clk_i) begin
    held_cycles_q <= unit_take ? 32'd1 : held_cycles_q + 32'd1;
    if (active) cycles_q[parsed_buf_q] <= held_cycles_q;
    if (unit_take) begin
      flip_q[turn]     <= unit_flip;
      flip_bit_q[turn] <= unit_flip_bit;
      side_q[turn]     <= unit_side;
      parsed_buf_q     <= turn;
    end
  end

  logic              beat_valid, beat_buf, end_valid, end_buf, end_bad;
  logic [BEAT_W-1:0] beat_no;
  logic [LEN_W-1:0]  end_len;
  logic [255:0]      beat_data, tail, rd_data;
  pp_lz4_history #(.BUFS(BUFS)) i_history (
    .clk_i,
    .rst_ni,
    .step_valid_i (step_valid),
    .step_i       (step),
    .beat_valid_o (beat_valid),
    .beat_buf_o   (beat_buf),
    .beat_no_o    (beat_no),
    .beat_data_o  (beat_data),
    .end_valid_o  (end_valid),
    .end_buf_o    (end_buf),
    .end_bad_o    (end_bad),
    .end_len_o    (end_len),
    .tail_o       (tail),
    .rd_en_i,
    .rd_buf_i,
    .rd_beat_i,
    .rd_data_o    (rd_data)
  );

  // ---- Faults that are injected: one bit of one beat, on its way to the CRC and out.
  logic              out_buf;
  logic [BEAT_W-1:0] out_no;
  logic [BIT_W-1:0]  out_bit;
  logic [255:0]      out_flip;
  assign out_buf  = BUFS == 2 && (end_valid ? end_buf : beat_buf);
  assign out_no   = end_valid ? end_len[POS_W-1:5] : beat_no;
  assign out_bit  = flip_bit_q[out_buf];
  assign out_flip = (flip_q[out_buf] && out_bit[BIT_W-1:8] == {1'b0, out_no}) ?
                    256'd1 << out_bit[7:0] : 256'd0;

  logic              rd_buf_q;
  logic [BEAT_W-1:0] rd_beat_q;
  logic [BIT_W-1:0]  rd_bit;
  always_ff @(posedge clk_i) begin
    if (rd_en_i) begin
      rd_buf_q  <= BUFS == 2 && rd_buf_i;
      rd_beat_q <= rd_beat_i;
    end
  end
  assign rd_bit    = flip_bit_q[rd_buf_q];
  assign rd_data_o = rd_data ^ ((flip_q[rd_buf_q] && rd_bit[BIT_W-1:8] == {1'b0, rd_beat_q}) ?
                                256'd1 << rd_bit[7:0] : 256'd0);

  // ---- CRC: a beat a cycle, and then byte by byte what is no whole beat.
  logic [31:0]  crc_q, crc_next, crc_from;
  logic [255:0] beat_out;
  assign beat_out     = beat_data ^ out_flip;
  assign beat_valid_o = beat_valid;
  assign beat_no_o    = beat_no;
  assign beat_data_o  = beat_out;
  assign crc_from     = beat_no == '0 ? '1 : crc_q;
  pp_crc32c i_crc (.crc_i(crc_from), .data_i(beat_out), .crc_o(crc_next));
  always_ff @(posedge clk_i) begin
    if (beat_valid) crc_q <= crc_next;
  end

  function logic [31:0] crc_of_byte(logic [31:0] crc, logic [7:0] data);
    crc_of_byte = crc ^ {24'd0, data};
    for (int k = 0; k < 8; k++) begin
      crc_of_byte = (crc_of_byte >> 1) ^ (crc_of_byte[0] ? 32'h82f63b78 : 32'd0);
    end
  endfunction

  logic             ending_q;     // from a last step to the end of its CRC
  logic             tail_run_q;
  logic [4:0]       tail_left_q;  // bytes
  logic [255:0]     tail_q;
  logic [31:0]      tail_crc_q;
  logic             tail_bad_q, tail_buf_q;
  logic [LEN_W-1:0] tail_len_q;
  assign end_ready = !ending_q;
  assign done_o    = tail_run_q && tail_left_q == 5'd0;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ending_q   <= 1'b0;
      tail_run_q <= 1'b0;
    end else begin
      if (drop && last_beat) ending_q <= 1'b1;
      else if (done_o) ending_q <= 1'b0;
      if (end_valid) tail_run_q <= 1'b1;
      else if (done_o) tail_run_q <= 1'b0;
    end
  end
  always_ff @(posedge clk_i) begin
    if (end_valid) begin
      tail_left_q <= end_bad ? 5'd0 : end_len[4:0];
      tail_q      <= tail ^ out_flip;
      tail_crc_q  <= end_len[LEN_W-1:5] == '0 ? '1 : crc_q;
      tail_bad_q  <= end_bad;
      tail_buf_q  <= BUFS == 2 && end_buf;
      tail_len_q  <= end_len;
    end else if (tail_left_q != 5'd0) begin
      tail_left_q <= tail_left_q - 5'd1;
      tail_q      <= tail_q >> 8;
      tail_crc_q  <= crc_of_byte(tail_crc_q, tail_q[7:0]);
    end
  end
  assign done_buf_o    = tail_buf_q;
  assign done_ok_o     = !tail_bad_q;
  assign done_len_o    = tail_len_q;
  assign done_crc32c_o = ~tail_crc_q;
  assign done_cycles_o = cycles_q[tail_buf_q];
  assign done_side_o   = side_q[tail_buf_q];

  `PP_ASSERT(OneEndAtATime, !(end_valid && tail_run_q))

endmodule

`default_nettype wire
