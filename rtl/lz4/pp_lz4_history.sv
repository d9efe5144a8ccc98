// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Output side of the LZ4 decoder: turns steps into bytes, which it keeps in output
/// buffers as the history of matches to come, and gives out in beats for the CRC.
///
///     step  X0 address of the match -> RAM
///           X1 RAM's bytes turned; for each byte of the step, where it comes from
///           X2 bytes: literals, the last 48 bytes (flip-flops), or the RAM
///           X3 turned to their place in the beat, written
///
/// A step's bytes reach the RAM when the third step after it has been in X0: that
/// is what the last RECENT = 3 * 16 bytes are kept for. Nothing ever waits.
///
/// **Limitations**
/// - A word is rewritten while bytes of it that were there before are read; the RAM must give
///   these, old or new. Bytes of a word that are not output yet are worthless.
/// - The buffer that drains is never the one that is written.
module pp_lz4_history #(
  parameter int unsigned BUFS = 2  // output buffers: 1 or 2
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         step_valid_i,
  input  pp_lz4_decode_pkg::step_t step_i,
  // Whole beats in order, as they are written
  output logic         beat_valid_o,
  output logic         beat_buf_o,
  output logic [pp_lz_pkg::POS_W-6:0] beat_no_o,
  output logic [255:0] beat_data_o,
  // The unit's end, after its beats
  output logic         end_valid_o,
  output logic         end_buf_o,
  output logic         end_bad_o,
  output logic [pp_lz_pkg::LEN_W-1:0] end_len_o,
  output logic [255:0] tail_o,  // with end_valid_o: what is no whole beat, from bit 0
  // A buffer's beats; data follow by one cycle and stay until the next read
  input  logic         rd_en_i,
  input  logic         rd_buf_i,
  input  logic [pp_lz_pkg::POS_W-6:0] rd_beat_i,
  output logic [255:0] rd_data_o
);

  localparam int unsigned POS_W  = pp_lz_pkg::POS_W;
  localparam int unsigned LEN_W  = pp_lz_pkg::LEN_W;
  localparam int unsigned ROW_W  = POS_W - 5;
  localparam int unsigned STEP   = pp_lz4_decode_pkg::STEP;
  localparam int unsigned RECENT = pp_lz4_decode_pkg::RECENT;
  localparam int unsigned INDEX_W = 6;  // into the recent bytes and the literals behind them

  if (BUFS != 1 && BUFS != 2) begin : gen_bad_geometry
    $error("%m: BUFS must be 1 or 2");
  end
  if (RECENT + STEP != 1 << INDEX_W) begin : gen_bad_window
    $error("%m: recent bytes and a step's literals must make %0d bytes", 1 << INDEX_W);
  end

  // ---- X0: where the match's text for the step's first byte would stand. The RAM's
  // byte i is then the step's byte i, whatever the literals before it.
  logic [POS_W-1:0] from;
  assign from = step_i.pos[POS_W-1:0] - POS_W'(step_i.offset);

  // ---- RAM: rows of 32 bytes in two banks, so that 16 bytes from anywhere are in reach.
  logic             wr_low_en, wr_high_en;
  logic             wr_buf;
  logic [ROW_W-1:0] wr_low_row, wr_high_row;
  logic [255:0]     wr_data;
  logic             x1_buf_q;
  logic [255:0]     x1_row;
  logic [256*BUFS-1:0] rows;
  for (genvar b = 0; b < BUFS; b++) begin : gen_buf
    logic [127:0] low [1 << ROW_W];
    logic [127:0] high [1 << ROW_W];
    logic [127:0] low_q, high_q;
    logic match, drain, mine;
    logic [ROW_W-1:0] low_row, high_row;
    assign match    = step_valid_i && (BUFS == 1 || step_i.buf_no == 1'(b));
    assign drain    = rd_en_i && (BUFS == 1 || rd_buf_i == 1'(b));
    assign mine     = BUFS == 1 || wr_buf == 1'(b);
    assign high_row = match ? from[POS_W-1:5] : rd_beat_i;
    assign low_row  = match ? from[POS_W-1:5] + ROW_W'(from[4]) : rd_beat_i;
    always_ff @(posedge clk_i) begin
      if (wr_low_en && mine) low[wr_low_row] <= wr_data[127:0];
      if (match || drain) low_q <= low[low_row];
    end
    always_ff @(posedge clk_i) begin
      if (wr_high_en && mine) high[wr_high_row] <= wr_data[255:128];
      if (match || drain) high_q <= high[high_row];
    end
    assign rows[256*b+:256] = {high_q, low_q};
  end
  logic rd_buf_q;
  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_buf_q <= rd_buf_i;
  end
  if (BUFS == 2) begin : gen_two
    assign x1_row    = x1_buf_q ? rows[256*(BUFS-1)+:256] : rows[255:0];
    assign rd_data_o = rd_buf_q ? rows[256*(BUFS-1)+:256] : rows[255:0];
  end else begin : gen_one
    assign x1_row    = rows[255:0];
    assign rd_data_o = rows[255:0];
    logic unused_buf;
    assign unused_buf = ^{x1_buf_q, rd_buf_q, rd_buf_i, wr_buf};
  end

  // ---- X1: the RAM's 16 bytes; the source of each byte.
  logic             x1_valid_q, x1_last_q, x1_bad_q;
  logic [LEN_W-1:0] x1_pos_q;
  logic [4:0]       x1_lit_q, x1_match_q;
  logic [15:0]      x1_offset_q;
  logic [127:0]     x1_text_q;
  logic [4:0]       x1_turn_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) x1_valid_q <= 1'b0;
    else         x1_valid_q <= step_valid_i;
  end
  always_ff @(posedge clk_i) begin
    x1_buf_q    <= step_i.buf_no;
    x1_last_q   <= step_i.last;
    x1_bad_q    <= step_i.bad;
    x1_pos_q    <= step_i.pos;
    x1_lit_q    <= step_i.lit;
    x1_match_q  <= step_i.match;
    x1_offset_q <= step_i.offset;
    x1_text_q   <= step_i.text;
    x1_turn_q   <= from[4:0];
  end

  // Turn by half a row, then shift by bytes: a multiplexer for each bit of x1_turn_q.
  logic [255:0] turn16;
  logic [247:0] turn8;
  logic [183:0] turn4;
  logic [151:0] turn2;
  logic [135:0] turn1;
  logic [127:0] old;
  assign turn16 = x1_turn_q[4] ? {x1_row[127:0], x1_row[255:128]} : x1_row;
  assign turn8  = turn16[247:0];
  assign turn4  = x1_turn_q[3] ? turn8[247:64] : turn8[183:0];
  assign turn2  = x1_turn_q[2] ? turn4[183:32] : turn4[151:0];
  assign turn1  = x1_turn_q[1] ? turn2[151:16] : turn2[135:0];
  assign old    = x1_turn_q[0] ? turn1[135:8] : turn1[127:0];
  logic unused_bits;
  assign unused_bits = ^turn16[255:248];

  logic       zeros, near;
  logic [3:0] period;
  assign zeros  = x1_offset_q == 16'd0;
  assign near   = x1_offset_q < 16'd16;  // the match may run into itself, or into the literals
  assign period = x1_offset_q[3:0];
  // n modulo the period for each of the match's bytes, then moved behind the literals.
  logic [4*STEP-1:0] nth, moved;
  always_comb begin
    nth = '0;
    for (int p = 1; p < 16; p++) begin
      if (period == 4'(p)) begin
        for (int n = 0; n < STEP; n++) nth[4*n+:4] = 4'(n % p);
      end
    end
  end
  assign moved = nth << {x1_lit_q[3:0], 2'b00};
  logic [INDEX_W-1:0] near_start, far_start;
  assign near_start = INDEX_W'(RECENT) + INDEX_W'(x1_lit_q) - INDEX_W'(period);
  assign far_start  = INDEX_W'(RECENT) - x1_offset_q[INDEX_W-1:0];

  logic [INDEX_W*STEP-1:0] x1_index;
  logic [STEP-1:0]         x1_old;     // the byte is the RAM's
  for (genvar i = 0; i < STEP; i++) begin : gen_source
    logic is_lit, far;
    assign is_lit    = x1_lit_q > 5'(i);
    assign far       = zeros || x1_offset_q > 16'(RECENT + i);
    assign x1_old[i] = !is_lit && far;
    assign x1_index[INDEX_W*i+:INDEX_W] = is_lit ? INDEX_W'(RECENT + i) :
                                          near ? near_start + INDEX_W'(moved[4*i+:4])
                                               : far_start + INDEX_W'(i);
  end

  // ---- X2: the bytes.
  logic                    x2_valid_q, x2_last_q, x2_bad_q, x2_buf_q;
  logic [LEN_W-1:0]        x2_pos_q;
  logic [4:0]              x2_count_q;
  logic [127:0]            x2_text_q, x2_old_q;
  logic [INDEX_W*STEP-1:0] x2_index_q;
  logic [STEP-1:0]         x2_is_old_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) x2_valid_q <= 1'b0;
    else         x2_valid_q <= x1_valid_q;
  end
  always_ff @(posedge clk_i) begin
    x2_buf_q    <= x1_buf_q;
    x2_last_q   <= x1_last_q;
    x2_bad_q    <= x1_bad_q;
    x2_pos_q    <= x1_pos_q;
    x2_count_q  <= x1_lit_q + x1_match_q;
    x2_text_q   <= x1_text_q;
    x2_old_q    <= zeros ? '0 : old;
    x2_index_q  <= x1_index;
    x2_is_old_q <= x1_old;
  end

  logic [8*RECENT-1:0] recent_q;  // the last one in the highest bits
  logic [511:0]        window;
  logic [127:0]        bytes;
  assign window = {x2_text_q, recent_q};
  for (genvar i = 0; i < STEP; i++) begin : gen_byte
    logic [INDEX_W-1:0] index;
    logic [255:0] at5;
    logic [127:0] at4;
    logic [63:0]  at3;
    logic [31:0]  at2;
    logic [15:0]  at1;
    logic [7:0]   at0;
    assign index = x2_index_q[INDEX_W*i+:INDEX_W];
    assign at5   = index[5] ? window[511:256] : window[255:0];
    assign at4   = index[4] ? at5[255:128] : at5[127:0];
    assign at3   = index[3] ? at4[127:64] : at4[63:0];
    assign at2   = index[2] ? at3[63:32] : at3[31:0];
    assign at1   = index[1] ? at2[31:16] : at2[15:0];
    assign at0   = index[0] ? at1[15:8] : at1[7:0];
    assign bytes[8*i+:8] = x2_is_old_q[i] ? x2_old_q[8*i+:8] : at0;
  end
  logic [511:0] recent;
  assign recent = {bytes, recent_q} >> {x2_count_q, 3'b000};
  logic unused_recent;
  assign unused_recent = ^recent[511:8*RECENT];
  always_ff @(posedge clk_i) begin
    if (x2_valid_q) recent_q <= recent[8*RECENT-1:0];
  end

  // ---- X3: their place.
  logic             x3_valid_q, x3_last_q, x3_bad_q, x3_buf_q;
  logic [LEN_W-1:0] x3_pos_q;
  logic [4:0]       x3_count_q;
  logic [127:0]     x3_bytes_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) x3_valid_q <= 1'b0;
    else         x3_valid_q <= x2_valid_q;
  end
  always_ff @(posedge clk_i) begin
    x3_buf_q   <= x2_buf_q;
    x3_last_q  <= x2_last_q;
    x3_bad_q   <= x2_bad_q;
    x3_pos_q   <= x2_pos_q;
    x3_count_q <= x2_count_q;
    x3_bytes_q <= bytes;
  end

  // Bytes before the step's first one in its row are those of row_q; bytes behind its last
  // one are worthless and will be overwritten.
  logic [255:0]     row_q;
  logic [247:0]     shifted;
  logic [255:0]     placed;
  logic [255:0]     kept;    // mask of the bytes before
  logic [255:0]     beat;
  logic [5:0]       stop;    // behind the last byte, from the row's start
  logic [ROW_W-1:0] x3_row;
  logic             write, wraps;
  assign x3_row  = x3_pos_q[POS_W-1:5];
  assign stop    = {1'b0, x3_pos_q[4:0]} + {1'b0, x3_count_q};
  assign write   = x3_valid_q && x3_count_q != 5'd0;
  assign wraps   = stop > 6'd32;
  assign shifted = {120'd0, x3_bytes_q} << {x3_pos_q[3:0], 3'b000};
  assign placed  = x3_pos_q[4] ? {shifted[127:0], 8'd0, shifted[247:128]} : {8'd0, shifted};
  assign kept    = ~({256{1'b1}} << {x3_pos_q[4:0], 3'b000});
  assign beat    = (row_q & kept) | (placed & ~kept);
  always_ff @(posedge clk_i) begin
    // Into the next row, nothing is kept.
    if (write) row_q <= stop[5] ? placed : beat;
  end
  // The low half of the next row is written only if bytes go there: it may not exist.
  assign wr_buf      = x3_buf_q;
  assign wr_high_en  = write;
  assign wr_high_row = x3_row;
  assign wr_low_en   = write && (!x3_pos_q[4] || wraps);
  assign wr_low_row  = x3_row + ROW_W'(x3_pos_q[4]);
  assign wr_data     = {beat[255:128], x3_pos_q[4] ? placed[127:0] : beat[127:0]};

  // ---- Beats and ends leave.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_valid_o <= 1'b0;
      end_valid_o  <= 1'b0;
    end else begin
      beat_valid_o <= write && stop[5];
      end_valid_o  <= x3_valid_q && x3_last_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (x3_valid_q) begin
      beat_buf_o  <= x3_buf_q;
      beat_no_o   <= x3_row;
      beat_data_o <= beat;
      end_buf_o   <= x3_buf_q;
      end_bad_o   <= x3_bad_q;
      end_len_o   <= x3_pos_q;
    end
  end
  assign tail_o = row_q;

  `PP_ASSERT(StepsAreShort, !x3_valid_q || x3_count_q <= 5'd16)
  `PP_ASSERT(LastHasNoBytes, !(x3_valid_q && x3_last_q) || x3_count_q == 5'd0)

endmodule

`default_nettype wire
