// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// LZ4 encoder: sequences in, a whole block in an output buffer, then its length.
/// 16 bytes a cycle at most.
///
///     sequencer -> step_q -> literals from the page, head and tail around them
///                  (RAM)  -> data_q -> rotate to the block's end -> output buffer
///
/// A block goes to rows of 16 bytes in two banks. Each step writes the row it
/// begins in and the next one; what it does not fill is written again by later
/// steps, so that a block's end needs no step of its own. Nothing is ever written
/// beyond a buffer: bytes past UNIT_BYTES are counted, not kept.
///
/// **Limitations**
/// - Two output buffers; a unit waits for its buffer to be given back.
module pp_lz4_encoder #(
  localparam int unsigned POS_W = pp_lz_pkg::POS_W,
  localparam int unsigned BUF_W = pp_lz_pkg::BUF_W,
  localparam int unsigned BEAT_W = pp_lz_pkg::BEAT_W,
  localparam int unsigned CNT_W = pp_lz_pkg::LEN_W + 1  // bytes of a block, one that did not fit included
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // Beats of units as they arrive; kept for the literals.
  input  logic                 wr_en_i,
  input  logic [BUF_W+BEAT_W-1:0] wr_beat_i,
  input  logic [255:0]         wr_data_i,
  input  logic                 seq_valid_i,
  output logic                 seq_ready_o,
  input  pp_lz_pkg::sequence_t seq_i,
  input  logic [pp_lz_pkg::LEN_W-1:0] limit_i,  // longest useful block of that unit, bytes
  // A unit is done: its page buffer is free, its block complete.
  output logic                 done_o,
  output logic [BUF_W-1:0]     done_page_o,
  output logic                 done_skip_o,
  output logic                 done_over_o,    // the block was given up: longer than the limit
  output logic [CNT_W-1:0]     done_len_o,     // where it was not
  output logic                 done_block_o,   // output buffer that holds it
  // Reading a block, 32 bytes a beat; data follow by one cycle and stay. Two readers.
  input  logic                 rd_en_i,
  input  logic                 rd_block_i,
  input  logic [BEAT_W-1:0]    rd_beat_i,
  output logic [255:0]         rd_data_o,
  input  logic                 rd2_en_i,
  input  logic                 rd2_block_i,
  input  logic [BEAT_W-1:0]    rd2_beat_i,
  output logic [255:0]         rd2_data_o,
  input  logic                 free_i,         // output buffer free_block_i is free again
  input  logic                 free_block_i
);

  // ---- Steps
  logic             step_valid, step_last, step_skip, step_over;
  logic [BUF_W-1:0] step_page;
  logic [1:0]       head_n, tail_n;
  logic [15:0]      head;
  logic [4:0]       lit_n;
  logic [POS_W-1:0] lit_pos;
  logic [23:0]      tail;
  logic             en;
  pp_lz4_sequencer i_sequencer (
    .clk_i,
    .rst_ni,
    .seq_valid_i,
    .seq_ready_o,
    .seq_i,
    .limit_i,
    .step_valid_o (step_valid),
    .step_ready_i (en),
    .last_o       (step_last),
    .skip_o       (step_skip),
    .over_o       (step_over),
    .page_o       (step_page),
    .head_n_o     (head_n),
    .head_o       (head),
    .lit_n_o      (lit_n),
    .lit_pos_o    (lit_pos),
    .tail_n_o     (tail_n),
    .tail_o       (tail)
  );

  logic             valid1_q, last1_q, skip1_q, over1_q;
  logic [BUF_W-1:0] page1_q;
  logic [1:0]       head_n1_q, tail_n1_q;
  logic [15:0]      head1_q;
  logic [4:0]       lit_n1_q;
  logic [23:0]      tail1_q;
  logic [127:0]     literals;
  pp_page_ram #(.PAGES(1 << BUF_W), .BANKS(4), .BYTES(16)) i_literals (
    .clk_i,
    .wr_en_i,
    .wr_beat_i,
    .wr_data_i,
    .rd_en_i   (en && step_valid && lit_n != 5'd0),
    .rd_page_i (step_page),
    .rd_pos_i  (lit_pos),
    .rd_data_o (literals)
  );
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid1_q <= 1'b0;
    else if (en) valid1_q <= step_valid;
  end
  always_ff @(posedge clk_i) begin
    if (en) begin
      {last1_q, skip1_q, over1_q, page1_q} <= {step_last, step_skip, step_over, step_page};
      {head_n1_q, tail_n1_q, lit_n1_q}     <= {head_n, tail_n, lit_n};
      {head1_q, tail1_q}                   <= {head, tail};
    end
  end

  // ---- A step's bytes, zero beyond its length.
  logic [127:0] kept;
  logic [127:0] headed;
  logic [127:0] tailed;
  logic [5:0]   body_n;
  logic [23:0]  tail_kept;
  assign kept      = literals & ~({128{1'b1}} << {lit_n1_q, 3'b000});
  assign body_n    = 6'(head_n1_q) + 6'(lit_n1_q);
  assign headed    = (head_n1_q == 2'd2) ? {kept[111:0], head1_q} :
                     (head_n1_q == 2'd1) ? {kept[119:0], head1_q[7:0]} : kept;
  assign tail_kept = (tail_n1_q == 2'd3) ? tail1_q :
                     (tail_n1_q == 2'd2) ? {8'd0, tail1_q[15:0]} : 24'd0;
  assign tailed    = headed | (128'(tail_kept) << {body_n, 3'b000});

  logic             valid2_q, last2_q, skip2_q, over2_q;
  logic [BUF_W-1:0] page2_q;
  logic [4:0]       len2_q;
  logic [127:0]     data2_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid2_q <= 1'b0;
    else if (en) valid2_q <= valid1_q;
  end
  always_ff @(posedge clk_i) begin
    if (en) begin
      {last2_q, skip2_q, over2_q, page2_q} <= {last1_q, skip1_q, over1_q, page1_q};
      len2_q  <= 5'(body_n) + 5'(tail_n1_q);
      data2_q <= tailed;
    end
  end

  // ---- The block in the output buffer.
  logic [1:0]       full_q;     // buffers that hold a block
  logic             block_q;    // the one being filled
  logic [CNT_W-1:0] count_q;    // bytes in it so far
  logic [127:0]     partial_q;  // the row being filled
  logic             over_q;     // it has been given up
  logic             accept;
  logic [CNT_W-1:0] count;
  logic [255:0]     merged;
  logic             row_full;
  assign accept   = valid2_q && !full_q[block_q];
  assign en       = !valid2_q || accept;
  assign count    = count_q + CNT_W'(len2_q);
  assign merged   = (256'(data2_q) << {count_q[3:0], 3'b000}) | {128'd0, partial_q};
  assign row_full = {1'b0, count_q[3:0]} + {1'b0, len2_q[3:0]} >= 5'd16 || len2_q[4];

  localparam int unsigned ROW_W = CNT_W - 4;
  localparam int unsigned ROWS  = pp_lz_pkg::UNIT_BYTES / 16;  // of an output buffer
  logic [ROW_W-1:0]  row;     // and the next one: one of them is even
  logic [ROW_W-1:0]  next_row;
  logic [127:0] even_data, odd_data;
  logic [BEAT_W-1:0] even_row, odd_row;
  logic         even_en, odd_en;
  assign row      = count_q[CNT_W-1:4];
  assign next_row = row + 1'b1;
  assign even_row = row[0] ? next_row[BEAT_W:1] : row[BEAT_W:1];
  assign odd_row  = row[0] ? row[BEAT_W:1] : next_row[BEAT_W:1];
  assign even_data = row[0] ? merged[255:128] : merged[127:0];
  assign odd_data  = row[0] ? merged[127:0] : merged[255:128];
  assign even_en  = accept && (row[0] ? next_row < ROW_W'(ROWS) : row < ROW_W'(ROWS));
  assign odd_en   = accept && (row[0] ? row < ROW_W'(ROWS) : next_row < ROW_W'(ROWS));

  logic [127:0] even_mem [ROWS];  // both buffers
  logic [127:0] odd_mem [ROWS];
  always_ff @(posedge clk_i) begin
    if (even_en) even_mem[{block_q, even_row}] <= even_data;
    if (odd_en) odd_mem[{block_q, odd_row}] <= odd_data;
    if (rd_en_i) rd_data_o <= {odd_mem[{rd_block_i, rd_beat_i}], even_mem[{rd_block_i, rd_beat_i}]};
    if (rd2_en_i) rd2_data_o <= {odd_mem[{rd2_block_i, rd2_beat_i}], even_mem[{rd2_block_i, rd2_beat_i}]};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q  <= 2'b00;
      block_q <= 1'b0;
      count_q <= '0;
      partial_q <= '0;
      over_q  <= 1'b0;
    end else begin
      if (accept) begin
        count_q   <= last2_q ? '0 : count;
        over_q    <= !last2_q && (over_q || over2_q);
        partial_q <= last2_q ? '0 : row_full ? merged[255:128] : merged[127:0];
        if (last2_q) begin
          block_q         <= !block_q;
          full_q[block_q] <= 1'b1;
        end
      end
      if (free_i) full_q[free_block_i] <= 1'b0;
    end
  end

  assign done_o       = accept && last2_q;
  assign done_page_o  = page2_q;
  assign done_skip_o  = skip2_q;
  assign done_over_o  = over_q || over2_q;
  assign done_len_o   = count;
  assign done_block_o = block_q;

  logic unused_rows;
  assign unused_rows = ^{row, next_row};

endmodule

`default_nettype wire
