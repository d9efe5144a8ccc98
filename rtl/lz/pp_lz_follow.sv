// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Compares a window as a whole with what stands one distance before it: for each position,
/// where the bytes that are equal from there on end. Equal bytes behind the window count, up to
/// LOOP windows from its start, and up to BACK bytes before it.
///
///     R: page RAM is read at the distance | A: align, compare byte by byte
///     M: the first byte from each position on that differs
///
/// As a whole: the page is read at the window's place less the distance, so that the text
/// needs no turning, and each position of the window can use the distance.
///
/// **Limitations**
/// - A copy of the page buffers of its own: one read port.
module pp_lz_follow #(
  parameter int unsigned W = 16,
  parameter int unsigned PAGES = 2,   // page buffers
  localparam int unsigned POS_W  = pp_lz_pkg::POS_W,
  localparam int unsigned BUF_W  = pp_lz_pkg::BUF_W,
  localparam int unsigned BACK   = pp_lz_pkg::BACK,
  localparam int unsigned BACK_W = pp_lz_pkg::BACK_W,
  localparam int unsigned LEFT_W = pp_lz_pkg::LEFT_W,
  localparam int unsigned REACH  = pp_lz_pkg::LOOP * W,
  localparam int unsigned END_W  = $clog2(REACH + 1)
) (
  input  logic               clk_i,
  input  logic               en_i,
  // Beats of units as they arrive
  input  logic               wr_en_i,
  input  logic [BUF_W+pp_lz_pkg::BEAT_W-1:0] wr_beat_i,
  input  logic [255:0]       wr_data_i,
  // Stage R
  input  logic [BUF_W-1:0]   page_i,
  input  logic [POS_W-1:0]   base_i,       // the window's first byte; a multiple of W
  input  logic [POS_W-1:0]   dist_i,       // 0: none
  // Stage A
  input  logic [8*(BACK+REACH)-1:0] text_i, // BACK bytes before the window, the window and on
  input  logic [LEFT_W-1:0]  left_i,       // bit k: k windows or more of the unit follow
  // Stage D
  output logic [W*END_W-1:0] ends_o,       // from the window's start; i: position i differs
  output logic [BACK_W-1:0]  back_o        // equal bytes before the window
);

  localparam int unsigned LANE_W = $clog2(W);
  localparam int unsigned SPAN   = BACK + REACH;
  localparam int unsigned BANKS  = 1 << $clog2((SPAN + 7 + 7) / 8);

  // ---- R
  logic [POS_W:0]        from;      // of the window's first byte; negative: not all of it can be used
  logic [8*SPAN-1:0]     old_text;
  assign from = {1'b0, base_i} - {1'b0, dist_i};
  pp_page_ram #(.PAGES(PAGES), .BANKS(BANKS), .BYTES(SPAN)) i_page (
    .clk_i,
    .wr_en_i,
    .wr_beat_i,
    .wr_data_i,
    .rd_en_i   (en_i),
    .rd_page_i (page_i),
    .rd_pos_i  ((base_i - POS_W'(BACK)) - dist_i),
    .rd_data_o (old_text)
  );
  logic             used_a;
  logic             negative_a;
  logic             far_a;          // BACK bytes or more lie before the place
  logic [LANE_W-1:0] low_a;
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      used_a     <= dist_i != '0;
      negative_a <= from[POS_W];
      far_a      <= !from[POS_W] && (|from[POS_W-1:LANE_W]);
      low_a      <= from[LANE_W-1:0];
    end
  end

  // ---- A
  logic [7:0] old_byte [SPAN];
  logic [7:0] new_byte [SPAN];
  for (genvar j = 0; j < SPAN; j++) begin : gen_byte
    assign old_byte[j] = old_text[8*j+:8];
    assign new_byte[j] = text_i[8*j+:8];
  end
  logic [REACH-1:0] equal_m;
  logic [BACK-1:0]  back_m;         // bit j: byte j + 1 before the window
  for (genvar k = 0; k < pp_lz_pkg::LOOP; k++) begin : gen_window
    logic [W-1:0] equal, equal_q;
    for (genvar i = 0; i < W; i++) begin : gen_equal
      localparam int unsigned LAST = W * k + i + 1 + pp_lz_pkg::MATCH_END;
      localparam int unsigned NEED = (LAST + W - 1) / W - 1;  // windows behind that it takes
      logic in_unit;
      if (k == 0) begin : gen_first
        // Bytes before the unit's start are none. A negative place is -1..-(W-1).
        assign in_unit = !negative_a || {1'b0, low_a} >= (LANE_W+1)'(W - i);
      end else begin : gen_behind
        assign in_unit = 1'b1;
      end
      assign equal[i] = used_a && in_unit && left_i[NEED] &&
                        old_byte[BACK+W*k+i] == new_byte[BACK+W*k+i];
    end
    always_ff @(posedge clk_i) begin
      if (en_i) equal_q <= equal;
    end
    assign equal_m[W*k+:W] = equal_q;
  end
  logic [BACK-1:0] back;
  for (genvar j = 0; j < BACK; j++) begin : gen_back
    assign back[j] = used_a && !negative_a && (far_a || low_a > LANE_W'(j)) &&
                     old_byte[BACK-1-j] == new_byte[BACK-1-j];
  end
  always_ff @(posedge clk_i) begin
    if (en_i) back_m <= back;
  end

  // ---- M
  logic [REACH-W-1:0] behind;       // the first byte behind the window that differs
  logic [END_W-1:0]   behind_index, end_behind;
  pp_first_set #(.WIDTH(REACH - W)) i_behind (.bits_i(~equal_m[REACH-1:W]), .first_o(behind));
  pp_one_hot_index #(.WIDTH(REACH - W), .FIRST(W), .OUT_W(END_W)) i_behind_index (
    .hot_i(behind), .index_o(behind_index)
  );
  assign end_behind = (&equal_m[REACH-1:W]) ? END_W'(REACH) : behind_index;

  for (genvar i = 0; i < W; i++) begin : gen_end
    logic [W-i-1:0]   first;
    logic [END_W-1:0] place;
    pp_first_set #(.WIDTH(W - i)) i_first (.bits_i(~equal_m[W-1:i]), .first_o(first));
    pp_one_hot_index #(.WIDTH(W - i), .FIRST(i), .OUT_W(END_W)) i_place (
      .hot_i(first), .index_o(place)
    );
    always_ff @(posedge clk_i) begin
      if (en_i) ends_o[END_W*i+:END_W] <= (&equal_m[W-1:i]) ? end_behind : place;
    end
  end

  logic [BACK-1:0]   back_first;
  logic [BACK_W-1:0] back_index;
  pp_first_set #(.WIDTH(BACK)) i_back (.bits_i(~back_m), .first_o(back_first));
  pp_one_hot_index #(.WIDTH(BACK), .OUT_W(BACK_W)) i_back_index (
    .hot_i(back_first), .index_o(back_index)
  );
  always_ff @(posedge clk_i) begin
    if (en_i) back_o <= (&back_m) ? BACK_W'(BACK) : back_index;
  end

endmodule

`default_nettype wire
