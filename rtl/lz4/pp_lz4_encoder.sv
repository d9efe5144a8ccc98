// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// LZ4 encoder: rows of sequences in, a whole block in a block buffer, then its length.
/// LANES slots of 16 bytes a cycle at most.
///
///     rows -> FIFO -> sequencer -> lane 0 \
///             (RAM)                  ...    > packer -> block buffers
///                                  lane 3 /
///
/// Behind the sequencer nothing waits: 6 cycles (7 with four lanes) after its last step a
/// unit is done. In front of it rows wait in the FIFO, for a block buffer or because
/// rows with long runs take several steps. The FIFO holds ROWS rows: while a run of n literals
/// arrives, in n / W cycles, no rows do; it leaves in n / (16 * LANES) cycles, in which no
/// more rows can come than cycles. So one run alone never fills it as long as ROWS is at
/// least UNIT_BYTES / (16 * LANES): 128 for 4 KiB. Two such runs have bytes enough between them
/// only if units are larger; then, and after many rows of more than LANES slots, or when
/// blocks do not leave, row_ready_o stops the match finder, with room for what is under way.
///
/// **Limitations**
/// - A unit waits for a block buffer to be free before its first step; a skipped one needs none.
module pp_lz4_encoder #(
  parameter int unsigned LANES  = 2,   // sequences of a row at most, and lanes: 2 or 4
  parameter int unsigned PAGES  = 2,   // page buffers
  parameter int unsigned BLOCKS = 2,   // block buffers: 2 or 4
  parameter int unsigned ROWS   = 128, // of the FIFO: a power of two
  localparam int unsigned LEN_W = pp_lz_pkg::LEN_W,
  localparam int unsigned BUF_W = pp_lz_pkg::BUF_W,
  localparam int unsigned BEAT_W = pp_lz_pkg::BEAT_W,
  localparam int unsigned SEQ_W = pp_lz_pkg::SEQUENCE_W,
  localparam int unsigned BLOCK_W = $clog2(BLOCKS),
  localparam int unsigned CNT_W = LEN_W + 1  // bytes of a block, one that did not fit included
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // Beats of units as they arrive; kept for the literals.
  input  logic                 wr_en_i,
  input  logic [BUF_W+BEAT_W-1:0] wr_beat_i,
  input  logic [255:0]         wr_data_i,
  // Rows: taken whenever they come; UNDER_WAY of them may still come when row_ready_o is low.
  input  logic [LANES-1:0]     seq_valid_i,  // none: no row
  input  logic [LANES*SEQ_W-1:0] seq_i,      // pp_lz_pkg::sequence_t, the first in the low bits
  output logic                 row_ready_o,
  // The unit whose rows are measured: its longest useful block, bytes
  output logic                 unit_next_o,  // from the next cycle on it is the next one
  input  logic [LEN_W-1:0]     limit_i,
  // A unit is done: its page buffer is free, its block complete.
  output logic                 done_o,
  output logic                 done_skip_o,    // it has no block
  output logic                 done_over_o,    // the block was given up: longer than the limit
  output logic [CNT_W-1:0]     done_len_o,     // where it was not
  output logic [BLOCK_W-1:0]   done_block_o,   // block buffer that holds it, also when it was given up
  // Reading a block, 32 bytes a beat; data follow by one cycle and stay. Two readers.
  input  logic                 rd_en_i,
  input  logic [BLOCK_W-1:0]   rd_block_i,
  input  logic [BEAT_W-1:0]    rd_beat_i,
  output logic [255:0]         rd_data_o,
  input  logic                 rd2_en_i,
  input  logic [BLOCK_W-1:0]   rd2_block_i,
  input  logic [BEAT_W-1:0]    rd2_beat_i,
  output logic [255:0]         rd2_data_o,
  input  logic [BLOCKS-1:0]    free_i          // block buffers that are free again
);

  localparam int unsigned SLOTS_W = pp_lz4_encode_pkg::SLOTS_W;
  localparam int unsigned MEAS_W  = pp_lz4_encode_pkg::MEASURED_W;
  localparam int unsigned UNDER_WAY = 4;
  localparam int unsigned FILL_W  = $clog2(ROWS) + 1;

  // ---- Rows. The one that comes now is not counted yet, and nothing leaves for certain.
  logic              push, pop, row_valid, row_ready, row_last;
  logic [FILL_W-1:0] fill_q;   // rows in the FIFO, its output register included
  logic [LANES*SEQ_W+LANES-1:0] row;
  assign push        = seq_valid_i[0];
  assign pop         = row_valid && row_ready;
  assign row_ready_o = fill_q < FILL_W'(ROWS - UNDER_WAY);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) fill_q <= '0;
    else if (push && !pop) fill_q <= fill_q + 1'b1;
    else if (pop && !push) fill_q <= fill_q - 1'b1;
  end
  pp_ram_fifo #(.WIDTH(LANES * SEQ_W + LANES), .DEPTH(ROWS)) i_rows (
    .clk_i,
    .rst_ni,
    .in_valid_i  (push),
    .in_data_i   ({seq_valid_i, seq_i}),
    .out_valid_o (row_valid),
    .out_ready_i (row_ready),
    .out_data_o  (row)
  );

  // ---- Block buffers: any free one will do, as each unit knows its own.
  logic [BLOCKS-1:0]  used_q, take;
  logic [BLOCK_W-1:0] block_q, block, chosen;
  logic               start;
  assign block = start ? chosen : block_q;
  assign take  = {{(BLOCKS-1){1'b0}}, start} << chosen;
  always_comb begin
    chosen = '0;
    for (int b = BLOCKS - 1; b >= 0; b--) begin
      if (!used_q[b]) chosen = b[BLOCK_W-1:0];
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      used_q  <= '0;
      block_q <= '0;
    end else begin
      used_q <= (used_q | take) & ~free_i;
      if (start) block_q <= chosen;
    end
  end

  // ---- Steps.
  logic                     step_valid, step_last, step_skip, step_over;
  logic [BUF_W-1:0]         step_page;
  logic [LANES-1:0]         lane_valid;
  logic [LANES*SLOTS_W-1:0] lane_first, lane_end;
  logic [LANES*MEAS_W-1:0]  lane_seq;
  pp_lz4_sequencer #(.LANES(LANES)) i_sequencer (
    .clk_i,
    .rst_ni,
    .row_valid_i  (row_valid),
    .row_ready_o  (row_ready),
    .row_last_o   (row_last),
    .seq_valid_i  (row[LANES*SEQ_W+:LANES]),
    .seq_i        (row[LANES*SEQ_W-1:0]),
    .limit_i,
    .room_i       (!(&used_q)),
    .start_o      (start),
    .step_valid_o (step_valid),
    .last_o       (step_last),
    .skip_o       (step_skip),
    .over_o       (step_over),
    .page_o       (step_page),
    .lane_valid_o (lane_valid),
    .lane_first_o (lane_first),
    .lane_end_o   (lane_end),
    .lane_seq_o   (lane_seq)
  );
  assign unit_next_o = pop && row_last;

  logic [LANES*128-1:0] lane_data;
  logic [LANES*5-1:0]   lane_len;
  for (genvar k = 0; k < LANES; k++) begin : gen_lane
    pp_lz4_lane #(.LANE(k), .PAGES(PAGES)) i_lane (
      .clk_i,
      .wr_en_i,
      .wr_beat_i,
      .wr_data_i,
      .valid_i (lane_valid[k] && step_valid),
      .page_i  (step_page),
      .first_i (lane_first[SLOTS_W*k+:SLOTS_W]),
      .end_i   (lane_end[SLOTS_W*k+:SLOTS_W]),
      .seq_i   (lane_seq[MEAS_W*k+:MEAS_W]),
      .data_o  (lane_data[128*k+:128]),
      .len_o   (lane_len[5*k+:5])
    );
  end

  // Beside the lanes: what the step is.
  localparam int unsigned STAGES = 4;
  localparam int unsigned NOTE_W = 3 + BLOCK_W;
  logic [STAGES-1:0]        valid_q;
  logic [STAGES*NOTE_W-1:0] note_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[STAGES-2:0], step_valid};
  end
  always_ff @(posedge clk_i) begin
    note_q <= {note_q[(STAGES-1)*NOTE_W-1:0], step_last, step_skip, step_over, block};
  end
  logic               last, skip, over;
  logic [BLOCK_W-1:0] note_block;
  assign {last, skip, over, note_block} = note_q[(STAGES-1)*NOTE_W+:NOTE_W];

  // ---- Blocks.
  localparam int unsigned ROW   = 128 * LANES;
  localparam int unsigned ROW_W = pp_lz_pkg::UNIT_LOG2 - $clog2(16 * LANES);
  logic               wr_en, wr_next;
  logic [BLOCK_W-1:0] wr_block;
  logic [ROW_W-1:0]   wr_row;
  logic [2*ROW-1:0]   wr_data;
  pp_lz4_packer #(.LANES(LANES), .BLOCK_W(BLOCK_W)) i_packer (
    .clk_i,
    .rst_ni,
    .valid_i      (valid_q[STAGES-1]),
    .last_i       (last),
    .skip_i       (skip),
    .over_i       (over),
    .block_i      (note_block),
    .data_i       (lane_data),
    .len_i        (lane_len),
    .wr_en_o      (wr_en),
    .wr_next_o    (wr_next),
    .wr_block_o   (wr_block),
    .wr_row_o     (wr_row),
    .wr_data_o    (wr_data),
    .done_o,
    .done_skip_o,
    .done_over_o,
    .done_block_o,
    .done_len_o
  );
  pp_lz4_block_buffer #(.LANES(LANES), .BLOCKS(BLOCKS)) i_blocks (
    .clk_i,
    .wr_en_i    (wr_en),
    .wr_next_i  (wr_next),
    .wr_block_i (wr_block),
    .wr_row_i   (wr_row),
    .wr_data_i  (wr_data),
    .rd_en_i,
    .rd_block_i,
    .rd_beat_i,
    .rd_data_o,
    .rd2_en_i,
    .rd2_block_i,
    .rd2_beat_i,
    .rd2_data_o
  );

  if (ROWS < 32 || (BLOCKS != 2 && BLOCKS != 4)) begin : gen_bad_geometry
    $error("%m: ROWS at least 32, BLOCKS 2 or 4");
  end

  `PP_ASSERT(RowsHaveRoom, !(push && fill_q >= FILL_W'(ROWS)))
  `PP_ASSERT(FreeWhatIsUsed, (free_i & ~used_q) == '0)
  `PP_ASSERT(OneEnd, !(start && step_skip))

endmodule

`default_nettype wire
