// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Match finder and parser: windows of W bytes in, LZ sequences out, a window a cycle.
/// The reference is model/codec/match_finder.cpp; docs/engine.md has the pictures.
///
///     H  hashes           B1..B3, X  hash tables      C, S  candidates, distances to follow
///     R, A, M  followed distances       D  matches     T  parse table     P  parser
///     Q1..Q3  sequences
///
/// All stages move together or stand together. A stage's window has been in for as many
/// cycles as its age says; `text_q` holds the text of each age. The only feedback is from P
/// to R: LOOP windows.
///
/// A unit's windows come one behind the other; then one slot without a window, in which
/// its last sequences leave and a row of the hash tables is scrubbed. After a reset that many
/// slots pass as a bank has rows before the first window is taken.
///
/// **Limitations**
/// - Once a unit's first window is offered, the others must follow without a gap.
/// - A row of sequences is there for one cycle; in the cycle in which seq_ready_i goes low one can
///   still come.
module pp_match_finder #(
  parameter int unsigned W         = 16,    // positions a cycle: 8, 16 or 32
  parameter int unsigned BANKS     = 2 * W, // of each hash table
  parameter int unsigned WAYS      = 2,     // entries of a row of the table of 4-byte hashes
  parameter int unsigned ROWS      = 1024,  // of that table
  parameter int unsigned LONG_ROWS = 1024,  // of the table of 8-byte hashes; 0: there is none
  parameter int unsigned NEAR      = W,     // distances 1..NEAR are compared directly
  parameter int unsigned UNITS     = (W == 8) ? 2 : 4,   // distances that are followed in a window
  parameter int unsigned STARTS    = (W == 32) ? 4 : 2,  // matches that can start in a window: 2 or 4
  parameter int unsigned PAGES     = 2,     // page buffers
  localparam int unsigned POS_W  = pp_lz_pkg::POS_W,
  localparam int unsigned BUF_W  = pp_lz_pkg::BUF_W,
  localparam int unsigned SIZE_W = pp_lz_pkg::SIZE_W,
  localparam int unsigned LANE_W = $clog2(W),
  localparam int unsigned IDX_W  = POS_W - LANE_W,
  localparam int unsigned WIN    = 8 * W
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // Beats of units as they arrive; kept for the followed distances.
  input  logic              wr_en_i,
  input  logic [BUF_W+pp_lz_pkg::BEAT_W-1:0] wr_beat_i,
  input  logic [255:0]      wr_data_i,
  // Windows of a unit in order
  output logic              win_ready_o,
  input  logic              win_valid_i,
  input  logic              win_first_i,
  input  logic              win_last_i,
  input  logic              win_skip_i,   // the unit is not to be compressed; its only window
  input  logic [SIZE_W-1:0] win_size_i,
  input  logic [BUF_W-1:0]  win_page_i,
  input  logic [IDX_W-1:0]  win_index_i,
  input  logic [WIN-1:0]    win_text_i,
  // Rows of sequences: lane 0 first, no holes
  output logic [STARTS-1:0] seq_valid_o,
  input  logic              seq_ready_i,
  output logic [STARTS*pp_lz_pkg::SEQUENCE_W-1:0] seq_o
);

  localparam int unsigned LOOP   = pp_lz_pkg::LOOP;
  localparam int unsigned CMP    = pp_lz_pkg::FIRST_CMP;
  localparam int unsigned N      = pp_lz_pkg::FIRST_N;
  localparam int unsigned BACK   = pp_lz_pkg::BACK;
  localparam int unsigned BACK_W = pp_lz_pkg::BACK_W;
  localparam int unsigned LEFT_W = pp_lz_pkg::LEFT_W;
  localparam int unsigned END_W  = $clog2(LOOP * W + 1);
  localparam int unsigned NEAR_W = $clog2(NEAR + 1);
  localparam int unsigned INDEX_W = $clog2(ROWS);
  localparam bit          LONG   = LONG_ROWS != 0;
  localparam int unsigned LONG_W = LONG ? $clog2(LONG_ROWS) : 1;

  // Rows of a bank, of the larger table; each takes the epoch of a unit at its end.
  localparam int unsigned MOST_ROWS = ((LONG_ROWS > ROWS) ? LONG_ROWS : ROWS) / BANKS;
  localparam int unsigned EPOCH_W   = $clog2(MOST_ROWS) + 1;

  // Ages of the stages
  localparam int unsigned H = 2, B1 = 3, NEAR1 = 5, C = 7, R = 9, A = 10, D = 12, P = 14, Q1 = 15;

  if (W != 8 && W != 16 && W != 32) begin : gen_bad_width
    $error("%m: W must be 8, 16 or 32");
  end
  if (UNITS < 2 || (1 << $clog2(UNITS)) != UNITS) begin : gen_bad_units
    $error("%m: UNITS must be a power of two of at least 2");
  end
  if (STARTS != 2 && STARTS != 4) begin : gen_bad_starts  // as many as the encoder has lanes
    $error("%m: STARTS must be 2 or 4");
  end
  if (INDEX_W > pp_lz_pkg::SHORT_MASK_ROWS || (LONG && LONG_W > pp_lz_pkg::LONG_MASK_ROWS)) begin : gen_bad_rows
    $error("%m: ROWS or LONG_ROWS exceeds what the hashes give");
  end
  if (LOOP != Q1 - R) begin : gen_bad_loop
    $error("%m: LOOP is the number of stages from R to P");
  end

  // ---- What goes along with the windows; bit or field of age a at [a].
  logic en;
  logic [Q1:1]           valid_q, end_q, skip_q;  // end: the slot behind a unit's last window
  logic [B1:1]           scrub_q;
  logic [BUF_W*Q1-1:0]   page_q;   // of age a: [BUF_W*(a-1) +: BUF_W], and so on
  logic [SIZE_W*Q1-1:0]  size_q;
  logic [IDX_W*Q1-1:0]   index_q;
  logic [LEFT_W*Q1-1:0]  left_q;   // bit k: k windows or more of the unit follow
  localparam int unsigned TEXTS = A + 1;
  logic [WIN*TEXTS-1:0]  text_q;

  logic               ending_q;    // the slot of a unit's end is next
  logic [EPOCH_W-1:0] init_q;      // slots since reset; its upper bit: all rows are scrubbed
  logic               init;
  assign init        = !init_q[EPOCH_W-1];
  assign win_ready_o = en && !ending_q && !init;

  logic              take;
  logic [IDX_W-1:0]  behind;
  logic [LEFT_W-1:0] left;
  assign take   = win_valid_i && win_ready_o;
  assign behind = ((IDX_W'(4096 / W) << win_size_i) - IDX_W'(1)) - win_index_i;
  for (genvar k = 1; k < LEFT_W; k++) begin : gen_left
    assign left[k] = behind >= IDX_W'(k);
  end
  assign left[0] = 1'b1;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      en       <= 1'b0;
      ending_q <= 1'b0;
      init_q   <= '0;
      valid_q  <= '0;
      end_q    <= '0;
      scrub_q  <= '0;
    end else begin
      en <= seq_ready_i;
      if (en) begin
        ending_q <= take && win_last_i;
        if (init) init_q <= init_q + 1'b1;
        valid_q <= {valid_q[Q1-1:1], take};
        end_q   <= {end_q[Q1-1:1], ending_q};
        scrub_q <= {scrub_q[B1-1:1], ending_q || init};
      end
    end
  end
  logic [BUF_W-1:0]  page_0;   // the slot of a unit's end has what its last window had
  logic [SIZE_W-1:0] size_0;
  logic              skip_0;
  assign {skip_0, size_0, page_0} = ending_q ? {skip_q[1], size_q[SIZE_W-1:0], page_q[BUF_W-1:0]}
                                             : {win_skip_i, win_size_i, win_page_i};
  always_ff @(posedge clk_i) begin
    if (en) begin
      skip_q  <= {skip_q[Q1-1:1], skip_0};
      page_q  <= {page_q[BUF_W*(Q1-1)-1:0], page_0};
      size_q  <= {size_q[SIZE_W*(Q1-1)-1:0], size_0};
      index_q <= {index_q[IDX_W*(Q1-1)-1:0], win_index_i};
      left_q  <= {left_q[LEFT_W*(Q1-1)-1:0], left};
      text_q  <= {text_q[WIN*(TEXTS-1)-1:0], win_text_i};
    end
  end

  // Positions that may start a match: those with LAST_START bytes or more behind them.
  logic [W-1:0] start_b1, start_c, start_d;
  for (genvar i = 0; i < W; i++) begin : gen_can_start
    localparam int unsigned NEED = (pp_lz_pkg::LAST_START + i + W - 1) / W - 1;
    assign start_b1[i] = valid_q[B1] && !skip_q[B1] && left_q[LEFT_W*(B1-1)+NEED];
    assign start_c[i]  = valid_q[C] && !skip_q[C] && left_q[LEFT_W*(C-1)+NEED];
    assign start_d[i]  = valid_q[D] && !skip_q[D] && left_q[LEFT_W*(D-1)+NEED];
  end

  // ---- H: hashes of each position, 4 and 8 bytes from it on.
  logic [8*(W+CMP-1)-1:0] ahead_h, ahead_b1;   // the window and what follows it
  assign ahead_h  = {text_q[WIN*(H-2)+:8*(CMP-1)], text_q[WIN*(H-1)+:WIN]};
  assign ahead_b1 = {text_q[WIN*(B1-2)+:8*(CMP-1)], text_q[WIN*(B1-1)+:WIN]};
  logic [W*INDEX_W-1:0] short_index_q;
  for (genvar i = 0; i < W; i++) begin : gen_short_hash
    logic [31:0]        word;
    logic [INDEX_W-1:0] hash;
    assign word = ahead_h[8*i+:32];
    for (genvar b = 0; b < INDEX_W; b++) begin : gen_bit
      assign hash[b] = ^(word & pp_lz_pkg::SHORT_MASK[32*b+:32]);
    end
    always_ff @(posedge clk_i) begin
      if (en) short_index_q[INDEX_W*i+:INDEX_W] <= hash;
    end
  end

  // ---- B1 to X: the tables.
  logic [EPOCH_W-1:0] epoch_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) epoch_q <= '0;
    else if (en && scrub_q[B1]) epoch_q <= epoch_q + 1'b1;
  end
  logic [POS_W-1:0]   base_b1;
  logic [W*N-1:0]     short_len, long_len;
  logic [W*POS_W-1:0] short_dist, long_dist;
  assign base_b1 = {index_q[IDX_W*(B1-1)+:IDX_W], LANE_W'(0)};
  pp_hash_table #(
    .W(W), .BANKS(BANKS), .ROWS(ROWS), .WAYS(WAYS), .EPOCH_W(EPOCH_W)
  ) i_short_table (
    .clk_i,
    .en_i    (en),
    .epoch_i (epoch_q),
    .scrub_i (scrub_q[B1]),
    .valid_i (start_b1),
    .index_i (short_index_q),
    .base_i  (base_b1),
    .text_i  (ahead_b1),
    .len_o   (short_len),
    .dist_o  (short_dist)
  );
  if (LONG) begin : gen_long
    logic [W*LONG_W-1:0] index_b1;
    for (genvar i = 0; i < W; i++) begin : gen_hash
      logic [63:0]       word;
      logic [LONG_W-1:0] hash;
      assign word = ahead_h[8*i+:64];
      for (genvar b = 0; b < LONG_W; b++) begin : gen_bit
        assign hash[b] = ^(word & pp_lz_pkg::LONG_MASK[64*b+:64]);
      end
      always_ff @(posedge clk_i) begin
        if (en) index_b1[LONG_W*i+:LONG_W] <= hash;
      end
    end
    pp_hash_table #(
      .W(W), .BANKS(BANKS), .ROWS(LONG_ROWS), .WAYS(1), .EPOCH_W(EPOCH_W)
    ) i_table (
      .clk_i,
      .en_i    (en),
      .epoch_i (epoch_q),
      .scrub_i (scrub_q[B1]),
      .valid_i (start_b1),
      .index_i (index_b1),
      .base_i  (base_b1),
      .text_i  (ahead_b1),
      .len_o   (long_len),
      .dist_o  (long_dist)
    );
  end else begin : gen_no_long
    assign long_len  = '0;
    assign long_dist = '0;
  end

  logic [W*N-1:0]      near_len;
  logic [W*NEAR_W-1:0] near_dist;
  pp_near_match #(.W(W), .NEAR(NEAR)) i_near (
    .clk_i,
    .en_i    (en),
    .first_i (index_q[IDX_W*(NEAR1-1)+:IDX_W] == '0),
    .text_i  ({text_q[WIN*(NEAR1-2)+:8*(CMP-1)], text_q[WIN*(NEAR1-1)+:WIN], text_q[WIN*NEAR1+:WIN]}),
    .len_o   (near_len),
    .dist_o  (near_dist)
  );

  // ---- C, S
  logic [W*N-1:0]         len_s;
  logic [W*POS_W-1:0]     dist_s;
  logic [UNITS*POS_W-1:0] follow_s, follow_r;
  pp_lz_candidates #(.W(W), .UNITS(UNITS), .NEAR(NEAR), .LONG(LONG)) i_candidates (
    .clk_i,
    .en_i         (en),
    .can_start_i  (start_c),
    .left_i       (left_q[LEFT_W*(C-1)+:LEFT_W]),
    .near_len_i   (near_len),
    .near_dist_i  (near_dist),
    .short_len_i  (short_len),
    .short_dist_i (short_dist),
    .long_len_i   (long_len),
    .long_dist_i  (long_dist),
    .len_o        (len_s),
    .dist_o       (dist_s),
    .follow_o     (follow_s)
  );

  // ---- R, A, M: a match that covers all windows up to this one has the first unit.
  logic             goes_on;
  logic [POS_W-1:0] open_dist;
  always_comb begin
    follow_r = follow_s;
    if (goes_on) follow_r[POS_W-1:0] = open_dist;
  end
  logic [8*(BACK+W*LOOP)-1:0] text_a;
  assign text_a[8*BACK-1:0] = text_q[WIN*(A+1)-1-:8*BACK];
  for (genvar k = 0; k < LOOP; k++) begin : gen_text_a
    assign text_a[8*BACK+WIN*k+:WIN] = text_q[WIN*(A-1-k)+:WIN];
  end
  logic [UNITS*W*END_W-1:0] ends_d, ends_t, ends_p;
  logic [UNITS*BACK_W-1:0]  back_d;
  for (genvar u = 0; u < UNITS; u++) begin : gen_follow
    pp_lz_follow #(.W(W), .PAGES(PAGES)) i_follow (
      .clk_i,
      .en_i   (en),
      .wr_en_i,
      .wr_beat_i,
      .wr_data_i,
      .page_i (page_q[BUF_W*(R-1)+:BUF_W]),
      .base_i ({index_q[IDX_W*(R-1)+:IDX_W], LANE_W'(0)}),
      .dist_i (follow_r[POS_W*u+:POS_W]),
      .text_i (text_a),
      .left_i (left_q[LEFT_W*(A-1)+:LEFT_W]),
      .ends_o (ends_d[W*END_W*u+:W*END_W]),
      .back_o (back_d[BACK_W*u+:BACK_W])
    );
  end
  logic [W*N-1:0]         len_r, len_a, len_m, len_d;
  logic [W*POS_W-1:0]     dist_r, dist_a, dist_m, dist_d;
  logic [UNITS*POS_W-1:0] follow_a, follow_m, follow_d, follow_t;
  always_ff @(posedge clk_i) begin
    if (en) begin
      {len_r, len_a, len_m, len_d}     <= {len_s, len_r, len_a, len_m};
      {dist_r, dist_a, dist_m, dist_d} <= {dist_s, dist_r, dist_a, dist_m};
      {follow_a, follow_m, follow_d, follow_t} <= {follow_r, follow_a, follow_m, follow_d};
      {ends_t, ends_p} <= {ends_d, ends_t};
    end
  end

  // ---- D, T, P
  logic [W*END_W-1:0]  end_t, end_p, end_q1, exit_over_p;
  logic [W*POS_W-1:0]  dist_t, dist_p, dist_q1, exit_dist_p;
  logic [BACK_W-1:0]   back_t, back_p, back_q1;
  logic [W-1:0]        take_p, first_q1, exit_live_p;
  logic [W*W-1:0]      next_p, next_q1;
  logic [UNITS*W-1:0]  exit_same_p;
  logic                live_q1;
  logic [END_W-1:0]    begin_q1;
  pp_lz_resolve #(.W(W), .UNITS(UNITS)) i_resolve (
    .clk_i,
    .en_i        (en),
    .can_start_i (start_d),
    .len_i       (len_d),
    .dist_i      (dist_d),
    .follow_i    (follow_d),
    .ends_i      (ends_d),
    .back_i      (back_d),
    .end_o       (end_t),
    .dist_o      (dist_t),
    .back_o      (back_t)
  );
  pp_lz_parse_table #(.W(W), .UNITS(UNITS), .STARTS(STARTS)) i_parse_table (
    .clk_i,
    .en_i          (en),
    .end_i         (end_t),
    .dist_i        (dist_t),
    .next_follow_i (follow_d),
    .take_o        (take_p),
    .next_o        (next_p),
    .exit_live_o   (exit_live_p),
    .exit_over_o   (exit_over_p),
    .exit_dist_o   (exit_dist_p),
    .exit_same_o   (exit_same_p),
    .end_o         (end_p),
    .dist_o        (dist_p)
  );
  pp_lz_parser #(.W(W), .UNITS(UNITS)) i_parser (
    .clk_i,
    .rst_ni,
    .en_i          (en),
    .valid_i       (valid_q[P]),
    .end_i         (end_q[P]),
    .take_i        (take_p),
    .exit_live_i   (exit_live_p),
    .exit_over_i   (exit_over_p),
    .exit_dist_i   (exit_dist_p),
    .exit_same_i   (exit_same_p),
    .ends_i        (ends_p),
    .next_follow_i (follow_t),
    .goes_on_o     (goes_on),
    .open_dist_o   (open_dist),
    .live_o        (live_q1),
    .begin_o       (begin_q1),
    .first_o       (first_q1)
  );
  always_ff @(posedge clk_i) begin
    if (en) begin
      {end_q1, dist_q1, next_q1} <= {end_p, dist_p, next_p};
      {back_p, back_q1}          <= {back_t, back_p};
    end
  end

  // ---- Q1 to Q3
  pp_lz_sequence_builder #(.W(W), .STARTS(STARTS)) i_builder (
    .clk_i,
    .rst_ni,
    .en_i    (en),
    .valid_i (valid_q[Q1]),
    .end_i   (end_q[Q1]),
    .skip_i  (skip_q[Q1]),
    .page_i  (page_q[BUF_W*(Q1-1)+:BUF_W]),
    .size_i  (size_q[SIZE_W*(Q1-1)+:SIZE_W]),
    .index_i (index_q[IDX_W*(Q1-1)+:IDX_W]),
    .live_i  (live_q1),
    .begin_i (begin_q1),
    .first_i (first_q1),
    .next_i  (next_q1),
    .ends_i  (end_q1),
    .dist_i  (dist_q1),
    .back_i  (back_q1),
    .seq_valid_o,
    .seq_o
  );

  // Windows of a unit without a gap, its first one with index 0.
`ifdef PP_ASSERTIONS
  logic inside_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) inside_q <= 1'b0;
    else if (take) inside_q <= !win_last_i;
  end
`endif
  `PP_ASSERT(NoGap, !(inside_q && win_ready_o && !win_valid_i))
  `PP_ASSERT(FirstIsFirst, !(take && win_first_i && win_index_i != '0))
  `PP_ASSERT(LaneOrder, (seq_valid_o & (seq_valid_o + 1'b1)) == '0)

  logic unused_bits;  // ahead_h: the long hashes' bytes where there is no table of them
  assign unused_bits = ^{win_first_i, left_q, size_q, text_q, ahead_h};

endmodule

`default_nettype wire
