// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A hash table of positions: W positions look up and insert in one cycle. The
/// match finder has one of 4-byte hashes and one of 8-byte hashes.
///
/// The table lies in BANKS banks of one row access a cycle. Positions that want
/// the same bank are served in bit-reversed order of their place in the window,
/// so that losses spread; a position that wants the row that was granted shares
/// it, any other is neither looked up nor inserted (dropping costs far less ratio
/// than stalling would cost speed: docs/engine.md). Since a row's address does
/// not depend on what is read, a row is read and rewritten in one access, and
/// successive windows see each other's entries without forwarding.
///
/// Entries of an earlier unit vanish at once with `first_i`: the valid bits are
/// flip-flops. So the output for a unit depends on that unit alone.
///
///     cycle 0: index_i, ... -> arbitration, RAM access
///     cycle 1: hit_o, pos_o, text_o
///
/// **Limitations**
/// - Direct-mapped; the winner of a row inserts, not the last of those that share it.
module pp_hash_table #(
  parameter int unsigned W       = 8,     // positions a cycle
  parameter int unsigned BANKS   = 16,    // a power of two
  parameter int unsigned ENTRIES = 1024,  // all banks together
  localparam int unsigned INDEX_W = $clog2(ENTRIES),
  localparam int unsigned POS_W   = pp_lz_pkg::POS_W,
  localparam int unsigned TEXT    = pp_lz_pkg::FIRST_CMP
) (
  input  logic                   clk_i,
  input  logic                   en_i,     // the pipeline moves
  input  logic                   first_i,  // first window of a unit
  input  logic [W-1:0]           valid_i,  // positions that may look up
  input  logic [W*INDEX_W-1:0]   index_i,
  input  logic [POS_W-1:0]       base_i,   // of the window; a multiple of W
  input  logic [8*(W+TEXT-1)-1:0] text_i,  // the window's bytes and those that follow
  output logic [W-1:0]           hit_o,
  output logic [W*POS_W-1:0]     pos_o,    // where the entry's text stands
  output logic [W*8*TEXT-1:0]    text_o    // its first bytes
);

  localparam int unsigned BANK_W = $clog2(BANKS);
  localparam int unsigned ROW_W  = INDEX_W - BANK_W;
  localparam int unsigned LANE_W = $clog2(W);
  localparam int unsigned DATA_W = POS_W + 8 * TEXT;

  if (ROW_W < 1 || (1 << INDEX_W) != ENTRIES || (1 << BANK_W) != BANKS) begin : gen_bad_geometry
    $error("%m: BANKS and ENTRIES must be powers of two, with two rows a bank or more");
  end

  logic [BANK_W-1:0] bank [W];
  logic [ROW_W-1:0]  row [W];
  logic [8*TEXT-1:0] text [W];
  for (genvar i = 0; i < W; i++) begin : gen_lane
    assign bank[i] = index_i[INDEX_W*i+:BANK_W];
    assign row[i]  = index_i[INDEX_W*i+BANK_W+:ROW_W];
    assign text[i] = text_i[8*i+:8*TEXT];
  end

  // Who wins a bank, and who is granted because the winner has the same row.
  logic [W-1:0] win;
  logic [W-1:0] granted;
  logic         taken;
  logic         shared;
  logic [LANE_W-1:0] me;
  logic [LANE_W-1:0] other;
  always_comb begin
    win = '0;
    granted = '0;
    for (int t = 0; t < W; t++) begin
      taken  = 1'b0;
      shared = 1'b0;
      for (int b = 0; b < LANE_W; b++) me[b] = t[LANE_W-1-b];
      for (int u = 0; u < t; u++) begin
        for (int b = 0; b < LANE_W; b++) other[b] = u[LANE_W-1-b];
        if (win[other] && bank[other] == bank[me]) begin
          taken = 1'b1;
          if (row[other] == row[me]) shared = 1'b1;
        end
      end
      win[me]     = valid_i[me] && !taken;
      granted[me] = valid_i[me] && (!taken || shared);
    end
  end

  // The winner's lane of each bank.
  logic [BANKS-1:0]  bank_en;
  logic [LANE_W-1:0] bank_lane [BANKS];
  always_comb begin
    bank_en = '0;
    for (int b = 0; b < BANKS; b++) bank_lane[b] = '0;
    for (int i = 0; i < W; i++) begin
      if (win[i]) begin
        bank_en[bank[i]]   = 1'b1;
        bank_lane[bank[i]] = i[LANE_W-1:0];
      end
    end
  end

  logic [BANKS*DATA_W-1:0] bank_data;
  logic [BANKS-1:0]        bank_valid;
  for (genvar b = 0; b < BANKS; b++) begin : gen_bank
    logic [DATA_W-1:0]     mem [1 << ROW_W];
    logic [DATA_W-1:0]     data_q;
    logic [(1<<ROW_W)-1:0] valid_q;
    logic                  was_valid_q;
    logic [ROW_W-1:0]      bank_row;
    logic [DATA_W-1:0]     entry;
    assign bank_row = row[bank_lane[b]];
    assign entry    = {base_i[POS_W-1:LANE_W], bank_lane[b], text[bank_lane[b]]};
    always_ff @(posedge clk_i) begin
      if (en_i && bank_en[b]) begin
        data_q        <= mem[bank_row];
        mem[bank_row] <= entry;
      end
      if (en_i) begin
        was_valid_q <= bank_en[b] && !first_i && valid_q[bank_row];
        if (first_i) valid_q <= '0;
        if (bank_en[b]) valid_q[bank_row] <= 1'b1;
      end
    end
    assign bank_data[DATA_W*b+:DATA_W] = data_q;
    assign bank_valid[b] = was_valid_q;
  end

  // Back to the positions.
  logic [W-1:0]        granted_q;
  logic [BANK_W-1:0]   bank_q [W];
  logic [DATA_W-1:0]   found [BANKS];
  for (genvar i = 0; i < W; i++) begin : gen_bank_reg
    always_ff @(posedge clk_i) begin
      if (en_i) bank_q[i] <= bank[i];
    end
  end
  always_ff @(posedge clk_i) begin
    if (en_i) granted_q <= granted;
  end
  for (genvar b = 0; b < BANKS; b++) begin : gen_found
    assign found[b] = bank_data[DATA_W*b+:DATA_W];
  end
  for (genvar i = 0; i < W; i++) begin : gen_back
    assign hit_o[i] = granted_q[i] && bank_valid[bank_q[i]];
    assign {pos_o[POS_W*i+:POS_W], text_o[8*TEXT*i+:8*TEXT]} = found[bank_q[i]];
  end

  logic unused_low_base;  // the window's base is a multiple of W
  assign unused_low_base = ^base_i[LANE_W-1:0];

endmodule

`default_nettype wire
