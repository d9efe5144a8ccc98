// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A hash table of positions: W positions look up and insert in one cycle. The
/// match finder has one of 4-byte hashes and one of 8-byte hashes.
///
/// The table lies in BANKS banks of one row access a cycle. A bank serves the first position
/// that wants it, in bit-reversed order of their places in the window, so that losses spread;
/// the others are neither looked up nor inserted (dropping costs far less ratio than stalling
/// would cost speed: docs/engine.md). The bank itself compares what it finds with the text of
/// its position, so that only a length and a distance travel back to the positions.
///
///     B1: who has which bank | B2: rows and texts to the banks, RAM access
///     B3: compare            | X: lengths and distances back to the positions
///
/// A row is read and rewritten in one access: its address and the way that is replaced do
/// not depend on what is read, and successive windows need no forwarding.
///
/// An entry counts for its unit's epoch only, so that a table starts every unit empty. At each
/// unit's end (`scrub_i`) one row of every bank takes the unit's epoch, which then is over: no
/// entry lives to see its epoch come again.
///
/// **Limitations**
/// - There must be twice as many epochs as rows of a bank; after a reset all rows must be
///   scrubbed before the first unit.
module pp_hash_table #(
  parameter int unsigned W       = 16,    // positions a cycle
  parameter int unsigned BANKS   = 32,    // a power of two
  parameter int unsigned ROWS    = 1024,  // all banks together
  parameter int unsigned WAYS    = 2,     // entries of a row: 1 or 2
  parameter int unsigned EPOCH_W = 7,
  localparam int unsigned INDEX_W = $clog2(ROWS),
  localparam int unsigned POS_W   = pp_lz_pkg::POS_W,
  localparam int unsigned TEXT    = pp_lz_pkg::FIRST_CMP,
  localparam int unsigned N       = pp_lz_pkg::FIRST_N
) (
  input  logic                   clk_i,
  input  logic                   en_i,     // the pipeline moves
  // Stage B1
  input  logic [EPOCH_W-1:0]     epoch_i,
  input  logic                   scrub_i,  // row epoch_i takes this epoch; no position is valid
  input  logic [W-1:0]           valid_i,  // positions that may look up
  input  logic [W*INDEX_W-1:0]   index_i,
  input  logic [POS_W-1:0]       base_i,   // of the window; a multiple of W
  input  logic [8*(W+TEXT-1)-1:0] text_i,  // the window's bytes and those that follow
  // Four stages later
  output logic [W*N-1:0]         len_o,    // bit n: 4 + n bytes or more are equal
  output logic [W*POS_W-1:0]     dist_o
);

  localparam int unsigned BANK_W = $clog2(BANKS);
  localparam int unsigned ROW_W  = INDEX_W - BANK_W;
  localparam int unsigned LANE_W = $clog2(W);
  localparam int unsigned DATA_W = EPOCH_W + POS_W + 8 * TEXT;

  if (ROW_W < 1 || (1 << INDEX_W) != ROWS || (1 << BANK_W) != BANKS) begin : gen_bad_geometry
    $error("%m: BANKS and ROWS must be powers of two, with two rows a bank or more");
  end
  if (WAYS < 1 || WAYS > 2) begin : gen_bad_ways
    $error("%m: a row has one or two ways");
  end
  if (EPOCH_W < ROW_W + 1) begin : gen_bad_epoch
    $error("%m: there must be twice as many epochs as rows of a bank");
  end

  // ---- B1: who has a bank.
  logic [W-1:0]        win;
  logic [W*BANK_W-1:0] bank;
  for (genvar i = 0; i < W; i++) begin : gen_bank_of
    assign bank[BANK_W*i+:BANK_W] = index_i[INDEX_W*i+:BANK_W];
  end
  // Lane numbers in bit-reversed order: a lane with a smaller one goes first.
  logic [W*LANE_W-1:0] turn;
  for (genvar i = 0; i < W; i++) begin : gen_turn
    for (genvar b = 0; b < LANE_W; b++) begin : gen_bit
      assign turn[LANE_W*i+b] = 1'((i >> (LANE_W - 1 - b)) & 1);
    end
  end
  for (genvar i = 0; i < W; i++) begin : gen_win
    logic [W-1:0] earlier;
    for (genvar j = 0; j < W; j++) begin : gen_other
      assign earlier[j] = valid_i[j] && turn[LANE_W*j+:LANE_W] < turn[LANE_W*i+:LANE_W] &&
                          bank[BANK_W*j+:BANK_W] == bank[BANK_W*i+:BANK_W];
    end
    assign win[i] = valid_i[i] && !(|earlier);
  end

  logic [BANKS-1:0]        used;       // a position has the bank
  logic [BANKS*LANE_W-1:0] lane;       // which one
  for (genvar b = 0; b < BANKS; b++) begin : gen_bank_lane
    logic [W-1:0] hot;
    for (genvar i = 0; i < W; i++) begin : gen_hot
      assign hot[i] = win[i] && bank[BANK_W*i+:BANK_W] == BANK_W'(b);
    end
    assign used[b] = |hot;
    for (genvar k = 0; k < LANE_W; k++) begin : gen_bit
      logic [W-1:0] ones;
      for (genvar i = 0; i < W; i++) begin : gen_one
        assign ones[i] = hot[i] && ((i >> k) & 1) != 0;
      end
      assign lane[LANE_W*b+k] = |ones;
    end
  end

  logic [BANKS-1:0]        used_b2;
  logic [BANKS*LANE_W-1:0] lane_b2;
  logic [W-1:0]            win_b2, win_b3, win_x;
  logic [W*BANK_W-1:0]     bank_b2, bank_b3, bank_x;
  logic [W*ROW_W-1:0]      rows_b2;
  logic [8*(W+TEXT-1)-1:0] text_b2;
  logic [POS_W-1:0]        base_b2;
  logic [EPOCH_W-1:0]      epoch_b2, epoch_b3;
  logic                    scrub_b2;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      used_b2  <= used;
      lane_b2  <= lane;
      text_b2  <= text_i;
      base_b2  <= base_i;
      scrub_b2 <= scrub_i;
      {epoch_b2, epoch_b3}       <= {epoch_i, epoch_b2};
      {win_b2, win_b3, win_x}    <= {win, win_b2, win_b3};
      {bank_b2, bank_b3, bank_x} <= {bank, bank_b2, bank_b3};
    end
  end

  for (genvar i = 0; i < W; i++) begin : gen_row
    always_ff @(posedge clk_i) begin
      if (en_i) rows_b2[ROW_W*i+:ROW_W] <= index_i[INDEX_W*i+BANK_W+:ROW_W];
    end
  end

  logic [ROW_W-1:0]  row_b2 [W];
  logic [8*TEXT-1:0] lane_text_b2 [W];
  for (genvar i = 0; i < W; i++) begin : gen_lane
    assign row_b2[i]       = rows_b2[ROW_W*i+:ROW_W];
    assign lane_text_b2[i] = text_b2[8*i+:8*TEXT];
  end

  // ---- B2, B3: the banks.
  logic [BANKS*N-1:0]     bank_len;
  logic [BANKS*POS_W-1:0] bank_dist;
  for (genvar b = 0; b < BANKS; b++) begin : gen_bank
    logic [LANE_W-1:0]   my_lane;
    logic [ROW_W-1:0]    my_row;
    logic [8*TEXT-1:0]   my_text, text_q;
    logic [POS_W-1:0]    my_pos, pos_q;
    logic [DATA_W-1:0]   entry;
    assign my_lane = lane_b2[LANE_W*b+:LANE_W];
    assign my_row  = scrub_b2 ? epoch_b2[ROW_W-1:0] : row_b2[my_lane];
    assign my_text = lane_text_b2[my_lane];
    assign my_pos  = {base_b2[POS_W-1:LANE_W], my_lane};
    assign entry   = {epoch_b2, my_pos, my_text};
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        text_q <= my_text;
        pos_q  <= my_pos;
      end
    end

    logic [WAYS-1:0]        write;      // that this access replaces
    logic                   newest;     // the way that had been written last
    logic [WAYS*N-1:0]      way_len;
    logic [WAYS*POS_W-1:0]  way_dist;
    if (WAYS == 1) begin : gen_one_way
      assign write  = used_b2[b] || scrub_b2;
      assign newest = 1'b0;
    end else begin : gen_two_ways
      logic [(1<<ROW_W)-1:0] turn_q;    // of each row: the older way
      logic                  newest_q;
      assign write  = {(used_b2[b] && turn_q[my_row]) || scrub_b2,
                       (used_b2[b] && !turn_q[my_row]) || scrub_b2};
      assign newest = newest_q;
      always_ff @(posedge clk_i) begin
        if (en_i && used_b2[b]) newest_q <= !turn_q[my_row];
        // Which way a row begins with does not matter, but it must be known.
        if (en_i && (used_b2[b] || scrub_b2)) turn_q[my_row] <= used_b2[b] && !turn_q[my_row];
      end
    end
    for (genvar y = 0; y < WAYS; y++) begin : gen_way
      logic [DATA_W-1:0]  mem [1 << ROW_W];
      logic [DATA_W-1:0]  data_q;
      logic [TEXT-1:0]    equal;
      logic               alive;
      always_ff @(posedge clk_i) begin
        if (en_i && (used_b2[b] || scrub_b2)) begin
          data_q <= mem[my_row];
          if (write[y]) mem[my_row] <= entry;
        end
      end
      for (genvar j = 0; j < TEXT; j++) begin : gen_byte
        assign equal[j] = data_q[8*j+:8] == text_q[8*j+:8];
      end
      assign alive = data_q[8*TEXT+POS_W+:EPOCH_W] == epoch_b3 && (&equal[3:0]);
      assign way_len[N*y]   = alive;
      assign way_len[N*y+1] = alive && equal[4];
      assign way_len[N*y+2] = alive && (&equal[5:4]);
      assign way_len[N*y+3] = alive && (&equal[6:4]);
      assign way_len[N*y+4] = alive && (&equal[7:4]);
      assign way_dist[POS_W*y+:POS_W] = pos_q - data_q[8*TEXT+:POS_W];
    end

    // The longer one; of equals the newer.
    logic second;
    if (WAYS == 1) begin : gen_first
      assign second = 1'b0;
    end else begin : gen_choice
      logic longer, as_long;
      assign longer  = |(way_len[N+:N] & ~way_len[0+:N]);
      assign as_long = !(|(way_len[0+:N] & ~way_len[N+:N]));
      assign second  = longer || (as_long && newest);
    end
    logic [N-1:0]     len_q;
    logic [POS_W-1:0] dist_q;
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        len_q  <= second ? way_len[N*(WAYS-1)+:N] : way_len[0+:N];
        dist_q <= second ? way_dist[POS_W*(WAYS-1)+:POS_W] : way_dist[0+:POS_W];
      end
    end
    assign bank_len[N*b+:N]           = len_q;
    assign bank_dist[POS_W*b+:POS_W] = dist_q;

    logic unused_newest;
    assign unused_newest = newest;
  end

  // ---- X: back to the positions.
  logic [N+POS_W-1:0] found [BANKS];
  for (genvar b = 0; b < BANKS; b++) begin : gen_found
    assign found[b] = {bank_len[N*b+:N], bank_dist[POS_W*b+:POS_W]};
  end
  for (genvar i = 0; i < W; i++) begin : gen_back
    logic [BANK_W-1:0]  from;
    logic [N+POS_W-1:0] mine;
    assign from = bank_x[BANK_W*i+:BANK_W];
    assign mine = found[from];
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        len_o[N*i+:N]           <= win_x[i] ? mine[POS_W+:N] : '0;
        dist_o[POS_W*i+:POS_W] <= mine[POS_W-1:0];
      end
    end
  end

  logic unused_low_base;  // the window's base is a multiple of W
  assign unused_low_base = ^base_b2[LANE_W-1:0];

endmodule

`default_nettype wire
