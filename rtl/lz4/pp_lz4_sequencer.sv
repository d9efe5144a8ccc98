// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Breaks rows of LZ4 sequences into steps of LANES slots (pp_lz4_encode_pkg), one step a
/// cycle. A row of at most LANES slots, as rows of short sequences are, is one step; its
/// slots are numbered through, and of each sequence the number of the slot behind its last
/// one is kept, less the slots that are done:
///
///     row ->| measure 1 |->| measure 2 |-> sum ->| end_q |-> step: lane k has slot k,
///           '-----------'  '-----------'         '---^---'   end_q less LANES a cycle
///                                                    '--.
///                                                       '-- the row stays until none is left
///
/// That count is the only loop. The stages before it hold a row each and move when the next
/// one is free. A unit's first row waits for a block buffer, so that nothing waits behind here.
///
/// A run of more literals than the block may have bytes gives the block up: this row and
/// the unit's further rows are one empty step each (noise is one such run).
/// Format: lz4_Block_format.md of the lz4 project.
///
/// **Limitations**
/// - Slots of two rows are not merged into one step.
module pp_lz4_sequencer #(
  parameter int unsigned LANES = 2,  // 2 or 4
  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W,
  localparam int unsigned SEQ_W   = pp_lz_pkg::SEQUENCE_W,
  localparam int unsigned SLOTS_W = pp_lz4_encode_pkg::SLOTS_W,
  localparam int unsigned MEAS_W  = pp_lz4_encode_pkg::MEASURED_W
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // A row: up to LANES sequences of pp_lz_pkg::sequence_t, the first in the low bits
  input  logic                     row_valid_i,
  output logic                     row_ready_o,
  output logic                     row_last_o,   // the row is its unit's last
  input  logic [LANES-1:0]         seq_valid_i,  // without holes, at least one
  input  logic [LANES*SEQ_W-1:0]   seq_i,
  input  logic [LEN_W-1:0]         limit_i,      // longest useful block of the row's unit, bytes
  // A unit with a block takes a block buffer with its first step
  input  logic                     room_i,       // one is free
  output logic                     start_o,
  // Steps: for lane k slot k - lane_first of a sequence that ends with slot lane_end
  output logic                     step_valid_o,
  output logic                     last_o,       // of the unit
  output logic                     skip_o,       // the unit has no block: an empty, last step
  output logic                     over_o,       // the block is given up: an empty step
  output logic [pp_lz_pkg::BUF_W-1:0] page_o,
  output logic [LANES-1:0]         lane_valid_o,
  output logic [LANES*SLOTS_W-1:0] lane_first_o,
  output logic [LANES*SLOTS_W-1:0] lane_end_o,
  output logic [LANES*MEAS_W-1:0]  lane_seq_o
);

  localparam int unsigned BUF_W  = pp_lz_pkg::BUF_W;

  if (LANES != 2 && LANES != 4) begin : gen_bad_lanes
    $error("%m: LANES must be 2 or 4");
  end

  // ---- The row through the stages of measuring.
  logic             valid1_q, valid2_q, valid_q;
  logic             ready1, ready2, ready3, fin;
  logic             last1_q, skip1_q, last2_q, skip2_q, over2_q;
  logic [BUF_W-1:0] page1_q, page2_q;
  logic [LANES-1:0] seq_last, over1;
  assign ready3      = !valid_q || fin;
  assign ready2      = !valid2_q || ready3;
  assign ready1      = !valid1_q || ready2;
  assign row_ready_o = ready1;
  assign row_last_o  = |seq_last;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      valid_q  <= 1'b0;
    end else begin
      if (ready1) valid1_q <= row_valid_i;
      if (ready2) valid2_q <= valid1_q;
      if (ready3) valid_q <= valid2_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (ready1) begin
      last1_q <= |seq_last;
      skip1_q <= seq_i[SEQ_W-1];
      page1_q <= seq_i[SEQ_W-3-:BUF_W];
    end
    if (ready2) {last2_q, skip2_q, over2_q, page2_q} <= {last1_q, skip1_q, |over1, page1_q};
  end

  logic [LANES*SLOTS_W-1:0] slots;
  logic [LANES*MEAS_W-1:0]  measured;
  for (genvar i = 0; i < LANES; i++) begin : gen_measure
    assign seq_last[i] = seq_valid_i[i] && seq_i[SEQ_W*i+SEQ_W-2];
    pp_lz4_measure i_measure (
      .clk_i,
      .en1_i   (ready1),
      .en2_i   (ready2),
      .valid_i (seq_valid_i[i]),
      .seq_i   (seq_i[SEQ_W*i+:SEQ_W]),
      .limit_i,
      .over1_o (over1[i]),
      .slots_o (slots[SLOTS_W*i+:SLOTS_W]),
      .seq_o   (measured[MEAS_W*i+:MEAS_W])
    );
  end

  // Slot numbers: ends[i] is where sequence i begins and sequence i - 1 ends.
  logic [(LANES+1)*SLOTS_W-1:0] ends;
  logic [SLOTS_W-1:0]           first_two;
  assign first_two = slots[0+:SLOTS_W] + slots[SLOTS_W+:SLOTS_W];
  assign ends[3*SLOTS_W-1:0] = {first_two, slots[0+:SLOTS_W], SLOTS_W'(0)};
  if (LANES == 4) begin : gen_four
    assign ends[3*SLOTS_W+:SLOTS_W] = first_two + slots[2*SLOTS_W+:SLOTS_W];
    assign ends[4*SLOTS_W+:SLOTS_W] = first_two +
                                      (slots[2*SLOTS_W+:SLOTS_W] + slots[3*SLOTS_W+:SLOTS_W]);
  end

  // ---- Steps.
  logic [(LANES+1)*SLOTS_W-1:0] end_q;
  logic [LANES*MEAS_W-1:0]      seq_q;
  logic                         last_q, skip_q, over_q;
  logic [BUF_W-1:0]             page_q;
  logic                         first_q;  // the row at hand is its unit's first
  logic                         dead_q;   // its unit's block has been given up
  logic                         empty, go;
  logic [SLOTS_W-1:0]           left;
  assign left  = end_q[LANES*SLOTS_W+:SLOTS_W];
  assign empty = skip_q || over_q || dead_q;
  assign go    = valid_q && (!first_q || skip_q || room_i);
  assign fin   = go && (empty || left <= SLOTS_W'(LANES));
  always_ff @(posedge clk_i) begin
    if (ready3) begin
      end_q <= ends;
      seq_q <= measured;
      {last_q, skip_q, over_q, page_q} <= {last2_q, skip2_q, over2_q && !skip2_q, page2_q};
    end else if (go) begin
      for (int i = 0; i <= LANES; i++) begin
        end_q[SLOTS_W*i+:SLOTS_W] <= end_q[SLOTS_W*i+:SLOTS_W] - SLOTS_W'(LANES);
      end
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= 1'b1;
      dead_q  <= 1'b0;
    end else if (go) begin
      first_q <= fin && last_q;
      if (fin) dead_q <= !last_q && (dead_q || over_q);
    end
  end

  assign start_o      = go && first_q && !skip_q;
  assign step_valid_o = go;
  assign last_o       = fin && last_q;
  assign skip_o       = skip_q;
  assign over_o       = over_q || dead_q;
  assign page_o       = page_q;

  // above[k][i]: slot k lies before end_q[i].
  logic [LANES*(LANES+1)-1:0] above;
  for (genvar k = 0; k < LANES; k++) begin : gen_lane
    for (genvar i = 0; i <= LANES; i++) begin : gen_above
      logic [SLOTS_W-1:0] at;
      assign at = end_q[SLOTS_W*i+:SLOTS_W];
      assign above[(LANES+1)*k+i] = !at[SLOTS_W-1] && at[SLOTS_W-2:0] > (SLOTS_W-1)'(k);
    end
    logic [LANES-1:0]   mine;  // the sequence, one-hot
    logic [SLOTS_W-1:0] lane_first, lane_end;
    logic [MEAS_W-1:0]  lane_seq;
    assign mine = above[(LANES+1)*k+1+:LANES] & ~above[(LANES+1)*k+:LANES];
    always_comb begin
      lane_first = '0;
      lane_end   = '0;
      lane_seq   = '0;
      for (int i = 0; i < LANES; i++) begin
        lane_first = lane_first | (end_q[SLOTS_W*i+:SLOTS_W] & {SLOTS_W{mine[i]}});
        lane_end   = lane_end | (end_q[SLOTS_W*(i+1)+:SLOTS_W] & {SLOTS_W{mine[i]}});
        lane_seq   = lane_seq | (seq_q[MEAS_W*i+:MEAS_W] & {MEAS_W{mine[i]}});
      end
    end
    assign lane_valid_o[k] = above[(LANES+1)*k+LANES] && !empty;
    assign lane_first_o[SLOTS_W*k+:SLOTS_W] = lane_first;
    assign lane_end_o[SLOTS_W*k+:SLOTS_W]   = lane_end;
    assign lane_seq_o[MEAS_W*k+:MEAS_W]     = lane_seq;
  end

  `PP_ASSERT(RowHasSequences, !row_valid_i || (seq_valid_i[0] && (seq_valid_i & (seq_valid_i + 1'b1)) == '0))
  `PP_ASSERT(SlotsAreLeft, !valid_q || (left != '0 && !left[SLOTS_W-1]))

endmodule

`default_nettype wire
