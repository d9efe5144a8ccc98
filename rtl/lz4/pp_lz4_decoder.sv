// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Core of the LZ4 decoder: blocks in, rows of 32 bytes of output and their CRC out.
///
///     in -> feed -> parser -> fields -> judge -> queue -> chunker -> lane map -> history
///            |       (C)     (X1..X3)   (X4)               (K0)      (K1..J2)   (R0..D)
///            `-> ring of input: literals ---------------------------------^          |
///                                                       rows -> CRC, buffers (W) <---'
///
/// Everything up to the queue waits when that is nearly full; nothing behind the chunker ever
/// waits. A unit follows the one before without a gap.
///
/// **Limitations**
/// - Units of at most UNIT_BYTES; the block must be complete for the verdict.
/// - A unit's last chunk waits until the CRC of the one before is complete.
module pp_lz4_decoder #(
  parameter bit          BUFFERED = 1'b1,  // keep the output of two units; else only count them
  parameter int unsigned SIDE_W   = 1      // what goes along with a unit
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
  output logic [31:0]  done_cycles_o,  // from the last end of a unit, or its first beat, to its end
  output logic [SIDE_W-1:0]             done_side_o,
  input  logic         free_i,
  input  logic         free_buf_i,
  // Whole rows of output as they come into being, in order, before done_o
  output logic         beat_valid_o,
  output logic         beat_buf_o,
  output logic [pp_lz_pkg::POS_W-6:0]   beat_no_o,
  output logic [255:0] beat_data_o,
  // A buffer's rows; data follow by one cycle and stay until the next read
  input  logic         rd_en_i,
  input  logic         rd_buf_i,
  input  logic [pp_lz_pkg::POS_W-6:0]   rd_beat_i,
  output logic [255:0] rd_data_o,
  output logic         busy_o  // a unit is inside
);

  localparam int unsigned POS_W   = pp_lz_pkg::POS_W;
  localparam int unsigned LEN_W   = pp_lz_pkg::LEN_W;
  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned ROW_W   = POS_W - 5;
  localparam int unsigned BIT_W   = LEN_W + 3;
  localparam int unsigned NO_W    = pp_lz4_decode_pkg::NO_W;
  localparam int unsigned ADDR_W  = pp_lz4_decode_pkg::ADDR_W;
  localparam int unsigned RUN_W   = pp_lz4_decode_pkg::RUN_W;
  localparam int unsigned TAG_W   = pp_lz4_decode_pkg::TAG_W;
  localparam int unsigned SUM_W   = pp_lz4_decode_pkg::SUM_W;
  localparam int unsigned SLOTS   = pp_lz4_decode_pkg::SLOTS;
  localparam int unsigned TAKEN   = pp_lz4_decode_pkg::TAKEN;
  localparam int unsigned UNITS_W = $clog2(pp_lz4_decode_pkg::RING);  // units that are not ended
  localparam int unsigned PARAM_W = SIDE_W + 1 + BIT_W;

  // ---- Feed and the ring of input.
  logic               taken, taken_first, b_ready, b_take, b_last;
  logic [NO_W-1:0]    taken_no, freed, b_no;
  logic [BLOCK_W-1:0] b_rem;
  logic [LEN_W-1:0]   b_capacity;
  logic [255:0]       b_data, ahead;
  pp_lz4_decode_feed i_feed (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_len_i,
    .in_capacity_i,
    .taken_o       (taken),
    .taken_first_o (taken_first),
    .taken_no_o    (taken_no),
    .freed_i       (freed),
    .b_ready_o     (b_ready),
    .b_take_i      (b_take),
    .b_last_o      (b_last),
    .b_rem_o       (b_rem),
    .b_capacity_o  (b_capacity),
    .b_no_o        (b_no),
    .b_data_o      (b_data),
    .ahead_o       (ahead)
  );
  localparam int unsigned HALF = pp_lz4_decode_pkg::RING / 2;
  localparam int unsigned HALF_W = $clog2(HALF);
  logic [255:0]    text_even [HALF];
  logic [255:0]    text_odd [HALF];
  logic [255:0]    text_even_q, text_odd_q;
  logic            text_en;
  logic [NO_W-1:0] text_row;
  always_ff @(posedge clk_i) begin
    if (taken && !taken_no[0]) text_even[taken_no[HALF_W:1]] <= in_data_i;
    if (text_en) text_even_q <= text_even[text_row[HALF_W:1] + HALF_W'(text_row[0])];
  end
  always_ff @(posedge clk_i) begin
    if (taken && taken_no[0]) text_odd[taken_no[HALF_W:1]] <= in_data_i;
    if (text_en) text_odd_q <= text_odd[text_row[HALF_W:1]];
  end
  logic unused_lap;
  assign unused_lap = text_row[NO_W-1] ^ taken_no[NO_W-1];

  // ---- From beats to records. All of it moves while the queue has room for a row.
  logic               go, bad, dropping;
  logic [TAG_W-1:0]   bad_tag, x_tag, tag;
  logic [3:0]         x_valid, x_nibble;
  logic [32+3*pp_lz4_decode_pkg::PLACES-1:0] x_at;
  logic               x_at32, x_token, x_tail, x_matchlen, x_run, x_long, x_litlen, x_counted, x_opens;
  logic               x_fits, x_join, x_half, x_end, x_overrun, x_last;
  logic [RUN_W-1:0]   x_count, count;
  logic [511:0]       x_window;
  logic [NO_W-1:0]    x_no, stop_no, drop_no;
  logic [BLOCK_W-1:0] x_rem;
  logic [LEN_W-1:0]   x_capacity, capacity;
  pp_lz4_parser i_parser (
    .clk_i,
    .rst_ni,
    .go_i         (go),
    .b_ready_i    (b_ready),
    .b_take_o     (b_take),
    .b_last_i     (b_last),
    .b_rem_i      (b_rem),
    .b_capacity_i (b_capacity),
    .b_no_i       (b_no),
    .b_data_i     (b_data),
    .ahead_i      (ahead),
    .bad_i        (bad),
    .bad_tag_i    (bad_tag),
    .drop_o       (dropping),
    .drop_no_o    (drop_no),
    .x_valid_o    (x_valid),
    .x_at_o       (x_at),
    .x_at32_o     (x_at32),
    .x_token_o    (x_token),
    .x_tail_o     (x_tail),
    .x_matchlen_o (x_matchlen),
    .x_run_o      (x_run),
    .x_long_o     (x_long),
    .x_litlen_o   (x_litlen),
    .x_counted_o  (x_counted),
    .x_opens_o    (x_opens),
    .x_fits_o     (x_fits),
    .x_join_o     (x_join),
    .x_half_o     (x_half),
    .x_count_o    (x_count),
    .x_nibble_o   (x_nibble),
    .x_end_o      (x_end),
    .x_overrun_o  (x_overrun),
    .x_window_o   (x_window),
    .x_no_o       (x_no),
    .x_last_o     (x_last),
    .x_rem_o      (x_rem),
    .x_capacity_o (x_capacity),
    .x_tag_o      (x_tag)
  );

  logic [3:0]          valid, long_match;
  logic [3:1]          mid;
  logic [4*SUM_W-1:0]  start, lit_end, stop, back;
  logic [4*16-1:0]     offset;
  logic [4*ADDR_W-1:0] address;
  logic                token, extending, has_offset, in_bad, in_final, in_exact, in_short, no_match;
  logic                opens, empty, unit_end;
  pp_lz4_fields i_fields (
    .clk_i,
    .rst_ni,
    .go_i         (go),
    .x_valid_i    (x_valid),
    .x_at_i       (x_at),
    .x_at32_i     (x_at32),
    .x_token_i    (x_token),
    .x_tail_i     (x_tail),
    .x_matchlen_i (x_matchlen),
    .x_run_i      (x_run),
    .x_long_i     (x_long),
    .x_litlen_i   (x_litlen),
    .x_counted_i  (x_counted),
    .x_opens_i    (x_opens),
    .x_fits_i     (x_fits),
    .x_join_i     (x_join),
    .x_half_i     (x_half),
    .x_count_i    (x_count),
    .x_nibble_i   (x_nibble),
    .x_end_i      (x_end),
    .x_overrun_i  (x_overrun),
    .x_window_i   (x_window),
    .x_no_i       (x_no),
    .x_last_i     (x_last),
    .x_rem_i      (x_rem),
    .x_capacity_i (x_capacity),
    .x_tag_i      (x_tag),
    .valid_o      (valid),
    .start_o      (start),
    .lit_end_o    (lit_end),
    .stop_o       (stop),
    .back_o       (back),
    .offset_o     (offset),
    .address_o    (address),
    .long_match_o (long_match),
    .mid_o        (mid),
    .token_o      (token),
    .extends_o    (extending),
    .has_offset_o (has_offset),
    .in_bad_o     (in_bad),
    .in_final_o   (in_final),
    .in_exact_o   (in_exact),
    .in_short_o   (in_short),
    .no_match_o   (no_match),
    .count_o      (count),
    .opens_o      (opens),
    .empty_o      (empty),
    .end_o        (unit_end),
    .stop_no_o    (stop_no),
    .capacity_o   (capacity),
    .tag_o        (tag)
  );

  logic [3:0]          good;
  logic                end_bad;
  logic [4*LEN_W-1:0]  put_lit_end, put_stop;
  logic [4*ROW_W-1:0]  put_row;
  logic [4*ADDR_W-1:0] put_base;
  pp_lz4_judge i_judge (
    .clk_i,
    .rst_ni,
    .go_i         (go),
    .valid_i      (valid),
    .start_i      (start),
    .lit_end_i    (lit_end),
    .stop_i       (stop),
    .back_i       (back),
    .offset_i     (offset),
    .address_i    (address),
    .long_match_i (long_match),
    .mid_i        (mid),
    .token_i      (token),
    .extends_i    (extending),
    .has_offset_i (has_offset),
    .in_bad_i     (in_bad),
    .in_final_i   (in_final),
    .in_exact_i   (in_exact),
    .in_short_i   (in_short),
    .no_match_i   (no_match),
    .count_i      (count),
    .empty_i      (empty),
    .end_i        (unit_end),
    .capacity_i   (capacity),
    .tag_i        (tag),
    .bad_o        (bad),
    .bad_tag_o    (bad_tag),
    .push_o       (good),
    .end_bad_o    (end_bad),
    .lit_end_o    (put_lit_end),
    .stop_o       (put_stop),
    .row_o        (put_row),
    .base_o       (put_base)
  );

  // ---- Records to chunks.
  localparam int unsigned FIRST_W  = 4 + NO_W;  // fields that only a row's first record sets
  localparam int unsigned RECORD_W = FIRST_W + 2 * LEN_W + ROW_W + 16 + ADDR_W;
  logic [SLOTS*RECORD_W-1:0] put;
  logic [TAKEN*RECORD_W-1:0] heads;
  logic [4:0]                waiting;
  logic                      pop_en;
  logic [TAKEN-1:0]          pop;
  logic [TAKEN*LEN_W-1:0]    get_lit_end, get_stop;
  logic [TAKEN*ROW_W-1:0]    get_row;
  logic [TAKEN*16-1:0]       get_offset;
  logic [TAKEN*ADDR_W-1:0]   get_base;
  logic [TAKEN*NO_W-1:0]     get_stop_no;
  logic [TAKEN-1:0]          get_empty, get_opens, get_end, get_bad;
  for (genvar n = 0; n < SLOTS; n++) begin : gen_put
    logic [FIRST_W-1:0] first;
    if (n == 0) begin : gen_first
      assign first = {stop_no, end_bad, unit_end, opens, empty || end_bad};
    end else begin : gen_others
      assign first = '0;
    end
    assign put[RECORD_W*n+:RECORD_W] = {first, put_lit_end[LEN_W*n+:LEN_W], put_stop[LEN_W*n+:LEN_W],
                                        put_row[ROW_W*n+:ROW_W], offset[16*n+:16],
                                        put_base[ADDR_W*n+:ADDR_W]};
  end
  for (genvar n = 0; n < TAKEN; n++) begin : gen_get
    assign {get_stop_no[NO_W*n+:NO_W], get_bad[n], get_end[n], get_opens[n], get_empty[n],
            get_lit_end[LEN_W*n+:LEN_W], get_stop[LEN_W*n+:LEN_W], get_row[ROW_W*n+:ROW_W],
            get_offset[16*n+:16], get_base[ADDR_W*n+:ADDR_W]} = heads[RECORD_W*n+:RECORD_W];
  end
  // X5: the verdict is one cycle old when its records enter the queue.
  logic [SLOTS-1:0]          good_q;
  logic [SLOTS*RECORD_W-1:0] put_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) good_q <= 4'd0;
    else if (go) good_q <= good;
  end
  always_ff @(posedge clk_i) begin
    if (go) put_q <= put;
  end
  pp_lz4_record_queue #(.WIDTH(RECORD_W)) i_queue (
    .clk_i,
    .rst_ni,
    .push_i   (go ? good_q : 4'd0),
    .data_i   (put_q),
    .count_o  (waiting),
    .heads_o  (heads),
    .pop_en_i (pop_en),
    .pop_i    (pop)
  );
  assign go = waiting <= 5'd12;

  // Output buffers take turns.
  logic             turn_q, ending_q, start_unit, end_unit;
  logic [1:0]       held_q;
  logic             k_valid, k_full, k_end, k_bad, k_buf_q;
  logic [ROW_W-1:0] k_row;
  logic [4:0]       k_at;
  logic [TAKEN-1:0] k_part;
  logic [TAKEN*LEN_W-1:0] k_lit_end, k_stop;
  logic [TAKEN*16-1:0]    k_offset;
  logic [TAKEN*ADDR_W-1:0] k_base;
  logic [LEN_W-1:0] k_len;
  logic [NO_W-1:0]  k_stop_no;
  pp_lz4_chunker i_chunker (
    .clk_i,
    .rst_ni,
    .count_i       (waiting),
    .lit_end_i     (get_lit_end),
    .stop_i        (get_stop),
    .row_i         (get_row),
    .offset_i      (get_offset),
    .base_i        (get_base),
    .empty_i       (get_empty),
    .opens_i       (get_opens),
    .end_i         (get_end),
    .bad_i         (get_bad),
    .stop_no_i     (get_stop_no),
    .pop_en_o      (pop_en),
    .pop_o         (pop),
    .start_ready_i (!held_q[turn_q]),
    .end_ready_i   (!ending_q),
    .start_o       (start_unit),
    .end_o         (end_unit),
    .k_valid_o     (k_valid),
    .k_row_o       (k_row),
    .k_at_o        (k_at),
    .k_part_o      (k_part),
    .k_lit_end_o   (k_lit_end),
    .k_stop_o      (k_stop),
    .k_offset_o    (k_offset),
    .k_base_o      (k_base),
    .k_full_o      (k_full),
    .k_end_o       (k_end),
    .k_bad_o       (k_bad),
    .k_len_o       (k_len),
    .k_stop_no_o   (k_stop_no)
  );
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      turn_q   <= 1'b0;
      held_q   <= 2'b00;
      ending_q <= 1'b0;
    end else begin
      if (start_unit) held_q[turn_q] <= 1'b1;
      if (end_unit) turn_q <= !turn_q;
      if (free_i) held_q[free_buf_i] <= 1'b0;
      if (end_unit) ending_q <= 1'b1;
      else if (done_o) ending_q <= 1'b0;
    end
  end

  // What came with a unit waits until its first chunk; then it belongs to its buffer.
  logic [PARAM_W-1:0] params [1 << UNITS_W];
  logic [PARAM_W-1:0] param_q;
  logic [UNITS_W-1:0] unit_in_q, unit_out_q;
  logic [UNITS_W:0]   inside_q, inside_in;
  logic               started_q;  // a unit's first chunk is in K1
  logic [1:0]         flip_q;
  logic [BIT_W-1:0]   flip_bit_q [2];
  logic [SIDE_W-1:0]  side_q [2];
  logic [LEN_W-1:0]   len_q [2];
  logic [31:0]        cycles_q [2];
  logic [31:0]        had_q;
  assign inside_in = inside_q + (UNITS_W+1)'(taken_first);
  always_ff @(posedge clk_i) begin
    if (taken_first) params[unit_in_q] <= {in_side_i, in_flip_i, in_flip_bit_i};
    param_q <= params[unit_out_q];
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      unit_in_q  <= '0;
      unit_out_q <= '0;
      inside_q   <= '0;
      started_q  <= 1'b0;
    end else begin
      if (taken_first) unit_in_q <= unit_in_q + 1'b1;
      if (end_unit) unit_out_q <= unit_out_q + 1'b1;
      inside_q  <= end_unit ? inside_in - 1'b1 : inside_in;
      started_q <= start_unit;
    end
  end
  always_ff @(posedge clk_i) begin
    k_buf_q <= turn_q;
    had_q   <= (end_unit || inside_q == '0) ? 32'd0 : had_q + 32'd1;
    if (end_unit) cycles_q[turn_q] <= had_q + 32'd1;
    if (k_valid && k_end) len_q[k_buf_q] <= k_len;
    if (started_q) {side_q[k_buf_q], flip_q[k_buf_q], flip_bit_q[k_buf_q]} <= param_q;
  end
  assign busy_o = inside_q != '0 || (|held_q);

  // ---- Chunks to bytes.
  logic [TAKEN*ROW_W-1:0] from_row;
  logic [TAKEN*5-1:0] from_lane;
  logic [31:0]        mine, recent;
  logic [32*5-1:0]    parent;
  logic [32*7-1:0]    index;
  logic [TAKEN*32-1:0] old;
  logic [255:0]       text, row;
  logic               row_valid;
  pp_lz4_lane_map i_lane_map (
    .clk_i,
    .rst_ni,
    .k_valid_i   (k_valid),
    .k_row_i     (k_row),
    .k_at_i      (k_at),
    .k_part_i    (k_part),
    .k_lit_end_i (k_lit_end),
    .k_stop_i    (k_stop),
    .k_offset_i  (k_offset),
    .k_base_i    (k_base),
    .k_end_i     (k_end),
    .k_stop_no_i (k_stop_no),
    .drop_i      (dropping && waiting == 5'd0 && good_q == 4'd0),
    .drop_no_i   (drop_no),
    .freed_o     (freed),
    .text_en_o   (text_en),
    .text_row_o  (text_row),
    .text_i      ({text_odd_q, text_even_q}),
    .from_row_o  (from_row),
    .from_lane_o (from_lane),
    .mine_o      (mine),
    .parent_o    (parent),
    .recent_o    (recent),
    .index_o     (index),
    .old_o       (old),
    .text_o      (text)
  );

  // Along with the chunk, from K2 to W: what the last stages must know of it.
  localparam int unsigned STAGES = 7;
  localparam int unsigned ALONG_W = ROW_W + 4;
  logic [3:0]                along_valid_q;
  logic [STAGES*ALONG_W-1:0] along_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) along_valid_q <= '0;
    else         along_valid_q <= {along_valid_q[2:0], k_valid};
  end
  always_ff @(posedge clk_i) begin
    along_q <= {along_q[(STAGES-1)*ALONG_W-1:0], k_row, k_full, k_end, k_bad, k_buf_q};
  end
  logic             w_full, w_end, w_bad, w_buf;
  logic [ROW_W-1:0] w_row;
  assign {w_row, w_full, w_end, w_bad, w_buf} = along_q[STAGES*ALONG_W-1-:ALONG_W];
  pp_lz4_history i_history (
    .clk_i,
    .rst_ni,
    .from_row_i  (from_row),
    .from_lane_i (from_lane),
    .r1_valid_i  (along_valid_q[3]),
    .r1_row_i    (along_q[3*ALONG_W+4+:ROW_W]),
    .r1_mine_i   (mine),
    .r1_parent_i (parent),
    .r1_recent_i (recent),
    .r1_index_i  (index),
    .r1_old_i    (old),
    .r1_text_i   (text),
    .w_valid_o   (row_valid),
    .w_data_o    (row)
  );

  // ---- Faults that are injected: one bit of one row, on its way to the CRC and out.
  logic [BIT_W-1:0] out_bit;
  logic [255:0]     out_flip, row_out;
  assign out_bit  = flip_bit_q[w_buf];
  assign out_flip = (flip_q[w_buf] && out_bit[BIT_W-1:8] == {1'b0, w_row}) ? 256'd1 << out_bit[7:0] : 256'd0;
  assign row_out  = row ^ out_flip;
  assign beat_valid_o = row_valid && w_full;
  assign beat_buf_o   = w_buf;
  assign beat_no_o    = w_row;
  assign beat_data_o  = row_out;

  // ---- Output buffers.
  if (BUFFERED) begin : gen_buffers
    logic [255:0] rows [2 << ROW_W];
    logic [255:0] rd_q;
    always_ff @(posedge clk_i) begin
      if (row_valid) rows[{w_buf, w_row}] <= row_out;
      if (rd_en_i) rd_q <= rows[{rd_buf_i, rd_beat_i}];
    end
    assign rd_data_o = rd_q;
  end else begin : gen_no_buffers
    assign rd_data_o = '0;
    logic unused_rd;
    assign unused_rd = ^{rd_en_i, rd_buf_i, rd_beat_i};
  end

  // ---- CRC: a row a cycle, and then byte by byte what is no whole row.
  logic [31:0]  crc_q, crc_next, crc_from;
  assign crc_from = w_row == '0 ? '1 : crc_q;
  pp_crc32c i_crc (.crc_i(crc_from), .data_i(row_out), .crc_o(crc_next));
  always_ff @(posedge clk_i) begin
    if (beat_valid_o) crc_q <= crc_next;
  end

  function logic [31:0] crc_of_byte(logic [31:0] crc, logic [7:0] data);
    crc_of_byte = crc ^ {24'd0, data};
    for (int k = 0; k < 8; k++) begin
      crc_of_byte = (crc_of_byte >> 1) ^ (crc_of_byte[0] ? 32'h82f63b78 : 32'd0);
    end
  endfunction

  logic         tail_run_q, tail_bad_q, tail_buf_q;
  logic [4:0]   tail_left_q;  // bytes
  logic [255:0] tail_q;
  logic [31:0]  tail_crc_q;
  assign done_o = tail_run_q && tail_left_q == 5'd0;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) tail_run_q <= 1'b0;
    else if (row_valid && w_end) tail_run_q <= 1'b1;
    else if (done_o) tail_run_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (row_valid && w_end) begin
      tail_left_q <= w_bad ? 5'd0 : len_q[w_buf][4:0];
      tail_q      <= row_out;
      tail_crc_q  <= w_full ? crc_next : len_q[w_buf][LEN_W-1:5] == '0 ? '1 : crc_q;
      tail_bad_q  <= w_bad;
      tail_buf_q  <= w_buf;
    end else if (tail_left_q != 5'd0) begin
      tail_left_q <= tail_left_q - 5'd1;
      tail_q      <= tail_q >> 8;
      tail_crc_q  <= crc_of_byte(tail_crc_q, tail_q[7:0]);
    end
  end
  assign done_buf_o    = tail_buf_q;
  assign done_ok_o     = !tail_bad_q;
  assign done_len_o    = len_q[tail_buf_q];
  assign done_crc32c_o = ~tail_crc_q;
  assign done_cycles_o = cycles_q[tail_buf_q];
  assign done_side_o   = side_q[tail_buf_q];

  `PP_ASSERT(OneEndAtATime, !(row_valid && w_end && tail_run_q))

endmodule

`default_nettype wire
