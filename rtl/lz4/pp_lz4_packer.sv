// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The lanes' bytes of a step one behind the other, at the block's end:
///
///     lanes -> join (a tree) -> turn to the block's end -> row at hand | what was there -> rows out
///                                  ^                          ^
///                                  count_q                    partial_q
///
/// Each step writes the row it begins in and the next one; what it does not fill is written
/// again by later steps, so that a block's end needs no step of its own. Nothing is ever
/// written beyond a buffer: bytes past UNIT_BYTES are counted, not kept.
///
/// **Limitations**
/// - Nothing can wait in here; whether there is a block buffer is asked before.
module pp_lz4_packer #(
  parameter int unsigned LANES   = 2,  // 2 or 4
  parameter int unsigned BLOCK_W = 1,  // a block buffer's number
  localparam int unsigned CNT_W = pp_lz_pkg::LEN_W + 1,
  localparam int unsigned OFF_W = $clog2(16 * LANES),
  localparam int unsigned ROW   = 128 * LANES,
  localparam int unsigned ROW_W = pp_lz_pkg::UNIT_LOG2 - OFF_W
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               valid_i,
  input  logic               last_i,    // of the unit
  input  logic               skip_i,
  input  logic               over_i,
  input  logic [BLOCK_W-1:0] block_i,
  input  logic [LANES*128-1:0] data_i,  // of each lane: zero beyond its length
  input  logic [LANES*5-1:0] len_i,
  // Rows
  output logic               wr_en_o,
  output logic               wr_next_o,
  output logic [BLOCK_W-1:0] wr_block_o,
  output logic [ROW_W-1:0]   wr_row_o,
  output logic [2*ROW-1:0]   wr_data_o,
  // A unit's end, with its last row
  output logic               done_o,
  output logic               done_skip_o,
  output logic               done_over_o,
  output logic [BLOCK_W-1:0] done_block_o,
  output logic [CNT_W-1:0]   done_len_o
);

  // ---- Join.
  localparam int unsigned LEVELS = $clog2(LANES);
  localparam int unsigned NOTE_W = 3 + BLOCK_W;  // last, skip, over, block
  logic [ROW-1:0]              joined;
  logic [OFF_W:0]              len;
  logic [LEVELS-1:0]           valid_q;
  logic [LEVELS*NOTE_W-1:0]    note_q;
  if (LANES == 2) begin : gen_two
    pp_lz4_join #(.BYTES(16)) i_join (.clk_i, .data_i, .len_i, .data_o(joined), .len_o(len));
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) valid_q <= '0;
      else valid_q <= valid_i;
    end
    always_ff @(posedge clk_i) note_q <= {last_i, skip_i, over_i, block_i};
  end else begin : gen_four
    logic [ROW-1:0]     pairs;
    logic [2*OFF_W-1:0] pair_len;
    for (genvar p = 0; p < 2; p++) begin : gen_pair
      pp_lz4_join #(.BYTES(16)) i_join (
        .clk_i,
        .data_i (data_i[256*p+:256]),
        .len_i  (len_i[10*p+:10]),
        .data_o (pairs[256*p+:256]),
        .len_o  (pair_len[OFF_W*p+:OFF_W])
      );
    end
    pp_lz4_join #(.BYTES(32)) i_join (
      .clk_i, .data_i(pairs), .len_i(pair_len), .data_o(joined), .len_o(len)
    );
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) valid_q <= '0;
      else valid_q <= {valid_q[LEVELS-2:0], valid_i};
    end
    always_ff @(posedge clk_i) begin
      note_q <= {note_q[(LEVELS-1)*NOTE_W-1:0], last_i, skip_i, over_i, block_i};
    end
  end

  // ---- Turn.
  logic               valid, last, skip, over;
  logic [BLOCK_W-1:0] block;
  assign valid = valid_q[LEVELS-1];
  assign {last, skip, over, block} = note_q[(LEVELS-1)*NOTE_W+:NOTE_W];

  logic [CNT_W-1:0] count_q, count;  // bytes of the block so far
  assign count = count_q + CNT_W'(len);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count_q <= '0;
    else if (valid) count_q <= last ? '0 : count;
  end

  logic [ROW-1:0] turned;
  always_comb begin
    turned = joined;
    for (int s = 0; s < OFF_W; s++) begin
      if (count_q[s]) turned = (turned << (8 << s)) | (turned >> (ROW - (8 << s)));
    end
  end

  logic               valid2_q, last2_q, skip2_q, over2_q, full2_q;
  logic [BLOCK_W-1:0] block2_q;
  logic [ROW-1:0]     turned2_q;
  logic [16*LANES-1:0] here2_q;  // bytes of the row at hand that the step may fill
  logic [CNT_W-OFF_W-1:0] row2_q;
  logic [CNT_W-1:0]   count2_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid2_q <= 1'b0;
    else valid2_q <= valid;
  end
  always_ff @(posedge clk_i) begin
    {last2_q, skip2_q, over2_q, block2_q} <= {last, skip, over, block};
    turned2_q <= turned;
    here2_q   <= {(16*LANES){1'b1}} << count_q[OFF_W-1:0];
    row2_q    <= count_q[CNT_W-1:OFF_W];
    full2_q   <= count[OFF_W] != count_q[OFF_W];  // at most a row is added
    count2_q  <= count;
  end

  // ---- The row at hand, and the next one.
  logic [ROW-1:0] mask, partial_q, at_hand, behind;
  for (genvar j = 0; j < 16 * LANES; j++) begin : gen_mask
    assign mask[8*j+:8] = {8{here2_q[j]}};
  end
  assign at_hand = (turned2_q & mask) | (partial_q & ~mask);
  assign behind  = turned2_q & ~mask;
  always_ff @(posedge clk_i) begin
    if (valid2_q) partial_q <= full2_q ? behind : at_hand;
  end

  localparam int unsigned ROWS = pp_lz_pkg::UNIT_BYTES / (16 * LANES);  // of a buffer
  assign wr_block_o = block2_q;
  assign wr_row_o   = row2_q[ROW_W-1:0];
  assign wr_data_o  = {behind, at_hand};
  assign wr_en_o    = valid2_q && !skip2_q && row2_q[CNT_W-OFF_W-1:ROW_W] == '0;
  assign wr_next_o  = wr_en_o && row2_q[ROW_W-1:0] != ROW_W'(ROWS - 1);

  assign done_o       = valid2_q && last2_q;
  assign done_skip_o  = skip2_q;
  assign done_over_o  = over2_q;
  assign done_block_o = block2_q;
  assign done_len_o   = count2_q;

endmodule

`default_nettype wire
