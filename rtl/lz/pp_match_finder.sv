// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Match finder and parser: W positions of a unit in, at most one sequence a cycle
/// out. Units follow each other without a gap; everything moves or stands
/// together (`en`), so that no stage needs a buffer of its own.
///
///     age     1     2     3     4     5     6     7     8     9
///     stage   H     B     C     S     R     A     M     D     P
///             hash  table first pick  page  align count best  parse
///                   RAM   cmp.  one   RAM   cmp.  runs  each   |
///                                ^                             |
///                                `--- the open match: it goes on
///
/// `text` is a shift register of windows: text[j], j < 8, holds the window that is
/// j cycles past its arrival (its age), so that stage A finds the bytes that follow
/// its window in text[5..0]; older windows need no text. The only loop runs from P back to S, LOOP windows long: a match
/// that the parser holds across a window's start is what that window follows on.
///
/// **Limitations**
/// - One match starts in a window at most, and one candidate a window is followed
///   beyond FIRST_CMP bytes: right for W = 8; W = 16 works, but loses ratio.
/// - NEAR is at most W.
module pp_match_finder #(
  parameter int unsigned W       = 8,     // positions a cycle: 8 or 16
  parameter int unsigned BANKS   = 16,    // of each hash table
  parameter int unsigned ENTRIES = 1024,  // of the short table: 4-byte hashes
  parameter int unsigned LONG_ENTRIES = 512,  // of the long table: 8-byte hashes
  parameter int unsigned NEAR    = 8,     // distances compared directly
  localparam int unsigned BUF_W  = pp_lz_pkg::BUF_W,
  localparam int unsigned IDX_W  = pp_lz_pkg::POS_W - $clog2(W)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  // Beats of units as they arrive; kept for the candidates' bytes.
  input  logic                    wr_en_i,
  input  logic [BUF_W+pp_lz_pkg::BEAT_W-1:0] wr_beat_i,
  input  logic [255:0]            wr_data_i,
  // Windows, in order; a unit that is not to be compressed is one window
  // with first, last and skip.
  output logic                    win_ready_o,
  input  logic                    win_valid_i,
  input  logic                    win_first_i,
  input  logic                    win_last_i,
  input  logic                    win_skip_i,
  input  logic [pp_lz_pkg::SIZE_W-1:0] win_size_i,  // of its unit: 4096 << size bytes
  input  logic [BUF_W-1:0]        win_page_i,
  input  logic [IDX_W-1:0]        win_index_i,
  input  logic [8*W-1:0]          win_text_i,
  // Sequences, in order.
  output logic                    seq_valid_o,
  input  logic                    seq_ready_i,
  output pp_lz_pkg::sequence_t    seq_o
);

  localparam int unsigned POS_W   = pp_lz_pkg::POS_W;
  localparam int unsigned SIZE_W  = pp_lz_pkg::SIZE_W;
  localparam int unsigned CMP     = pp_lz_pkg::FIRST_CMP;
  localparam int unsigned FIRST_W = pp_lz_pkg::FIRST_W;
  localparam int unsigned BACK    = pp_lz_pkg::BACK;
  localparam int unsigned BACK_W  = pp_lz_pkg::BACK_W;
  localparam int unsigned LOOP    = pp_lz_pkg::LOOP;
  localparam int unsigned LANE_W  = $clog2(W);
  localparam int unsigned SHORT_W = $clog2(ENTRIES);
  localparam int unsigned LONG_W  = $clog2(LONG_ENTRIES);
  localparam int unsigned REACH   = LOOP * W;         // bytes compared forward
  localparam int unsigned SPAN    = BACK + REACH;     // bytes compared in all
  localparam int unsigned RUN_W   = $clog2(REACH + 1);
  localparam int unsigned STAGES  = 10;               // ages 0..9
  localparam int unsigned WIN     = 8 * W;
  localparam int unsigned RAM_BANKS = 1 << $clog2((SPAN + 14) / 8);

  if ((W != 8 && W != 16) || SHORT_W > pp_lz_pkg::SHORT_MASK_ROWS ||
      LONG_W > pp_lz_pkg::LONG_MASK_ROWS) begin : gen_bad_w
    $error("%m: W must be 8 or 16; the tables at most 2 ** SHORT_MASK_ROWS, LONG_MASK_ROWS");
  end

  logic en;

  // ---- Windows and what is known of them, stage by stage.
  logic [WIN*8-1:0]    text_q;  // text[j] in [WIN*j +: WIN]
  logic [STAGES-1:0]   valid_q;
  logic [STAGES-1:0]   first_q;
  logic [STAGES-1:0]   last_q;
  logic [STAGES-1:0]   skip_q;
  logic [STAGES*SIZE_W-1:0] size_q;
  logic [STAGES*BUF_W-1:0] page_q;
  logic [STAGES*IDX_W-1:0] index_q;
  always_ff @(posedge clk_i) begin
    if (en) begin
      text_q  <= {text_q[WIN*7-1:0], win_text_i};
      first_q <= {first_q[STAGES-2:0], win_first_i};
      last_q  <= {last_q[STAGES-2:0], win_last_i};
      skip_q  <= {skip_q[STAGES-2:0], win_skip_i};
      size_q  <= {size_q[(STAGES-1)*SIZE_W-1:0], win_size_i};
      page_q  <= {page_q[(STAGES-1)*BUF_W-1:0], win_page_i};
      index_q <= {index_q[(STAGES-1)*IDX_W-1:0], win_index_i};
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else if (en) valid_q <= {valid_q[STAGES-2:0], win_valid_i};
  end
  assign win_ready_o = en;
  // The loop counts windows: a gap inside a unit would make it count wrongly.
  `PP_ASSERT(NoGapInAUnit, !(en && valid_q[0] && !last_q[0] && !win_valid_i))

  // ---- H: hashes.
  logic [8*(W+CMP-1)-1:0] ahead1;
  logic [W*SHORT_W-1:0]   short_hash_q;
  logic [W*LONG_W-1:0]    long_hash_q;
  assign ahead1 = {text_q[8*(CMP-1)-1:0], text_q[WIN+:WIN]};
  for (genvar i = 0; i < W; i++) begin : gen_hash
    logic [63:0] word;
    assign word = ahead1[8*i+:64];
    for (genvar b = 0; b < SHORT_W; b++) begin : gen_short
      always_ff @(posedge clk_i) begin
        if (en) short_hash_q[SHORT_W*i+b] <= ^(word[31:0] & pp_lz_pkg::SHORT_MASK[32*b+:32]);
      end
    end
    for (genvar b = 0; b < LONG_W; b++) begin : gen_long
      always_ff @(posedge clk_i) begin
        if (en) long_hash_q[LONG_W*i+b] <= ^(word & pp_lz_pkg::LONG_MASK[64*b+:64]);
      end
    end
  end

  // ---- B: the tables. Positions too near to the unit's end start no match. A unit's
  // windows are one behind the other, so that its last one is known a stage ahead.
  localparam int unsigned TAIL = W * ((pp_lz_pkg::LAST_START + W - 2) / W);  // bytes of such windows
  localparam logic [W-1:0] TAIL_START = W'((1 << (TAIL - pp_lz_pkg::LAST_START + 1)) - 1);
  logic [W-1:0]          can_start [STAGES];
  for (genvar s = 1; s < STAGES; s++) begin : gen_can_start
    if (TAIL > W) begin : gen_two
      assign can_start[s] = last_q[s] ? '0 : last_q[s-1] ? TAIL_START : '1;
    end else begin : gen_one
      assign can_start[s] = last_q[s] ? TAIL_START : '1;
    end
  end

  logic [W-1:0]           look_up;
  logic                   first_b;
  logic [POS_W-1:0]       base_b;
  logic [8*(W+CMP-1)-1:0] ahead2;
  assign look_up = can_start[2] & {W{valid_q[2] && !skip_q[2]}};
  assign first_b = valid_q[2] && first_q[2];
  assign base_b  = {index_q[IDX_W*2+:IDX_W], LANE_W'(0)};
  assign ahead2  = {text_q[WIN*1+:8*(CMP-1)], text_q[WIN*2+:WIN]};

  logic [W-1:0]         short_hit, long_hit;
  logic [W*POS_W-1:0]   short_pos, long_pos;
  logic [W*8*CMP-1:0]   short_text, long_text;
  pp_hash_table #(.W(W), .BANKS(BANKS), .ENTRIES(ENTRIES)) i_short_table (
    .clk_i,
    .en_i    (en),
    .first_i (first_b),
    .valid_i (look_up),
    .index_i (short_hash_q),
    .base_i  (base_b),
    .text_i  (ahead2),
    .hit_o   (short_hit),
    .pos_o   (short_pos),
    .text_o  (short_text)
  );
  pp_hash_table #(.W(W), .BANKS(BANKS), .ENTRIES(LONG_ENTRIES)) i_long_table (
    .clk_i,
    .en_i    (en),
    .first_i (first_b),
    .valid_i (look_up),
    .index_i (long_hash_q),
    .base_i  (base_b),
    .text_i  (ahead2),
    .hit_o   (long_hit),
    .pos_o   (long_pos),
    .text_o  (long_text)
  );

  // ---- C: first comparison, near distances; the longer one stays.
  logic [W*FIRST_W-1:0] near_len;
  logic [W*5-1:0]       near_dist;
  pp_near_match #(.W(W), .NEAR(NEAR)) i_near (
    .first_i (first_q[3]),
    .text_i  ({text_q[WIN*2+:8*(CMP-1)], text_q[WIN*3+:WIN], text_q[WIN*4+:WIN]}),
    .len_o   (near_len),
    .dist_o  (near_dist)
  );

  logic [8*(W+CMP-1)-1:0] ahead3;
  assign ahead3 = {text_q[WIN*2+:8*(CMP-1)], text_q[WIN*3+:WIN]};
  logic [W*FIRST_W-1:0] len_s;   // registered for stage S
  logic [W*POS_W-1:0]   dist_s;
  for (genvar i = 0; i < W; i++) begin : gen_first
    logic [FIRST_W-1:0] near_n, short_n, long_n;  // equal bytes: 0 or 4..8
    logic [FIRST_W-1:0] best_n;
    logic [POS_W-1:0]   here, best_dist;
    pp_first_compare i_short (
      .hit_i (short_hit[i]),
      .old_i (short_text[8*CMP*i+:8*CMP]),
      .new_i (ahead3[8*i+:8*CMP]),
      .len_o (short_n)
    );
    pp_first_compare i_long (
      .hit_i (long_hit[i]),
      .old_i (long_text[8*CMP*i+:8*CMP]),
      .new_i (ahead3[8*i+:8*CMP]),
      .len_o (long_n)
    );
    assign near_n = near_len[FIRST_W*i+:FIRST_W];
    assign here   = {index_q[IDX_W*3+:IDX_W], LANE_W'(i)};
    always_comb begin
      best_n    = near_n;
      best_dist = POS_W'(near_dist[5*i+:5]);
      if (short_n > best_n) begin
        best_n    = short_n;
        best_dist = here - short_pos[POS_W*i+:POS_W];
      end
      if (long_n > best_n) begin
        best_n    = long_n;
        best_dist = here - long_pos[POS_W*i+:POS_W];
      end
    end
    always_ff @(posedge clk_i) begin
      if (en) begin
        len_s[FIRST_W*i+:FIRST_W] <= (can_start[3][i] && valid_q[3] && !skip_q[3]) ? best_n : '0;
        dist_s[POS_W*i+:POS_W]    <= best_dist;
      end
    end
  end

  // ---- S: which candidate is followed.
  logic               open;       // the parser's open match
  logic [pp_lz_pkg::LEN_W-1:0] open_end;
  logic [POS_W-1:0]   open_dist;
  logic [IDX_W-1:0]   index_s;
  logic               goes_on;
  logic               any_s;
  logic [LANE_W-1:0]  lane_s;
  logic [FIRST_W-1:0] longest;
  assign index_s = index_q[IDX_W*4+:IDX_W];
  assign goes_on = valid_q[4] && index_s >= IDX_W'(LOOP) && open &&
                   open_end >= {1'b0, index_s, LANE_W'(0)};
  always_comb begin
    longest = '0;
    lane_s  = '0;
    for (int i = 0; i < W; i++) begin
      if (len_s[FIRST_W*i+:FIRST_W] > longest) begin
        longest = len_s[FIRST_W*i+:FIRST_W];
        lane_s  = i[LANE_W-1:0];
      end
    end
    any_s = longest != '0;
  end

  logic [POS_W-1:0] lane_dist [W];
  for (genvar i = 0; i < W; i++) begin : gen_lane_dist
    assign lane_dist[i] = dist_s[POS_W*i+:POS_W];
  end

  // The extended candidate through stages R, A, M, D.
  logic              ext_r;
  logic              ext_a;
  logic              ext_m;
  logic              ext_d;
  logic [LANE_W-1:0] lane_r;
  logic [LANE_W-1:0] lane_a;
  logic [LANE_W-1:0] lane_m;
  logic [LANE_W-1:0] lane_d;
  logic [POS_W-1:0]  ext_dist_r;
  logic [POS_W-1:0]  ext_dist_a;
  logic [POS_W-1:0]  ext_dist_m;
  logic [POS_W-1:0]  ext_dist_d;
  // Every position's own candidate, likewise.
  logic [W*FIRST_W-1:0] len_r, len_a, len_m, len_d;
  logic [W*POS_W-1:0]   dist_r, dist_a, dist_m, dist_d;
  always_ff @(posedge clk_i) begin
    if (en) begin
      ext_r <= goes_on || any_s;
      lane_r <= goes_on ? '0 : lane_s;
      ext_dist_r <= goes_on ? open_dist : lane_dist[lane_s];
      {ext_a, lane_a, ext_dist_a} <= {ext_r, lane_r, ext_dist_r};
      {ext_m, lane_m, ext_dist_m} <= {ext_a, lane_a, ext_dist_a};
      {ext_d, lane_d, ext_dist_d} <= {ext_m, lane_m, ext_dist_m};
      {len_r, len_a, len_m, len_d} <= {len_s, len_r, len_a, len_m};
      {dist_r, dist_a, dist_m, dist_d} <= {dist_s, dist_r, dist_a, dist_m};
    end
  end

  // ---- R: the page's bytes from BACK before the candidate on.
  logic [POS_W-1:0]   from_r;
  logic [8*SPAN-1:0]  old_text;
  assign from_r = {index_q[IDX_W*5+:IDX_W], lane_r} - ext_dist_r;
  pp_page_ram #(.PAGES(1 << BUF_W), .BANKS(RAM_BANKS), .BYTES(SPAN)) i_history (
    .clk_i,
    .wr_en_i,
    .wr_beat_i,
    .wr_data_i,
    .rd_en_i   (en && ext_r),
    .rd_page_i (page_q[BUF_W*5+:BUF_W]),
    .rd_pos_i  (from_r - POS_W'(BACK)),
    .rd_data_o (old_text)
  );
  // Bytes that stand before the candidate in the unit, as far as they matter.
  logic [BACK_W-1:0] before_a;
  logic [BACK_W-1:0] before_m;
  always_ff @(posedge clk_i) begin
    if (en) begin
      before_a <= (from_r > POS_W'(BACK)) ? BACK_W'(BACK) : from_r[BACK_W-1:0];
      before_m <= before_a;
    end
  end

  // ---- A: compare with the window's own bytes from the same place on.
  logic [8*(SPAN+W)-1:0] new_wide;
  logic [8*SPAN-1:0]     new_text;
  logic [SPAN-1:0]       equal_m;
  // text[7..0], the oldest first, less what lies more than BACK before the window.
  for (genvar j = 0; j < 8; j++) begin : gen_wide
    if (j == 0) begin : gen_oldest
      assign new_wide[8*BACK-1:0] = text_q[WIN*8-1-:8*BACK];
    end else if (j < 7) begin : gen_whole
      assign new_wide[8*(BACK+W*(j-1))+:WIN] = text_q[WIN*(7-j)+:WIN];
    end else begin : gen_newest
      assign new_wide[8*(BACK+W*6)+:WIN] = text_q[0+:WIN];
    end
  end
  always_comb begin
    new_text = new_wide[8*SPAN-1:0];
    for (int i = 1; i < W; i++) begin
      if (lane_a == i[LANE_W-1:0]) new_text = new_wide[8*i+:8*SPAN];
    end
  end
  for (genvar j = 0; j < SPAN; j++) begin : gen_equal
    always_ff @(posedge clk_i) begin
      if (en) equal_m[j] <= old_text[8*j+:8] == new_text[8*j+:8];
    end
  end
  logic unused_text;  // the oldest window's first bytes, and the newest one's last
  assign unused_text = ^{text_q, new_wide};

  // ---- M: how far it goes.
  logic [RUN_W-1:0]  forward_d;
  logic [BACK_W-1:0] back_d;
  logic [RUN_W-1:0]  forward;
  logic [BACK_W-1:0] back;
  logic              go;
  always_comb begin
    forward = '0;
    go = 1'b1;
    for (int j = 0; j < REACH; j++) begin
      go = go && equal_m[BACK+j];
      if (go) forward = RUN_W'(j) + 1'b1;
    end
    back = '0;
    go = 1'b1;
    for (int j = 0; j < BACK; j++) begin
      go = go && equal_m[BACK-1-j] && before_m > BACK_W'(j);
      if (go) back = BACK_W'(j) + 1'b1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (en) begin
      forward_d <= forward;
      back_d    <= back;
    end
  end

  // ---- D: the best match of each position; P: the parse.
  pp_lz_parser #(.W(W)) i_parser (
    .clk_i,
    .rst_ni,
    .en_o        (en),
    .valid_d_i   (valid_q[8]),
    .index_d_i   (index_q[IDX_W*8+:IDX_W]),
    .size_d_i    (size_q[SIZE_W*8+:SIZE_W]),
    .can_start_i (can_start[8]),
    .len_i       (len_d),
    .dist_i      (dist_d),
    .ext_valid_i (ext_d),
    .ext_lane_i  (lane_d),
    .ext_dist_i  (ext_dist_d),
    .forward_i   (forward_d),
    .back_i      (back_d),
    .valid_p_i   (valid_q[9]),
    .first_p_i   (first_q[9]),
    .last_p_i    (last_q[9]),
    .skip_p_i    (skip_q[9]),
    .page_p_i    (page_q[BUF_W*9+:BUF_W]),
    .index_p_i   (index_q[IDX_W*9+:IDX_W]),
    .size_p_i    (size_q[SIZE_W*9+:SIZE_W]),
    .open_o      (open),
    .open_end_o  (open_end),
    .open_dist_o (open_dist),
    .seq_valid_o,
    .seq_ready_i,
    .seq_o
  );

endmodule

`default_nettype wire
