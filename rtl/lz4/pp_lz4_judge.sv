// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// Gives each record its place in the output and holds it against liblz4's rules
/// (docs/decoder.md): what is good goes to the queue, and the unit's end says whether all was.
///
/// **Limitations**
/// - The parser is told of a malformed unit one cycle later; what it has found by then
///   is thrown away here.
module pp_lz4_judge (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         go_i,
  // As pp_lz4_fields gives them
  input  logic [3:0]   valid_i,
  input  logic [4*pp_lz4_decode_pkg::SUM_W-1:0] start_i,
  input  logic [4*pp_lz4_decode_pkg::SUM_W-1:0] lit_end_i,
  input  logic [4*pp_lz4_decode_pkg::SUM_W-1:0] stop_i,
  input  logic [4*pp_lz4_decode_pkg::SUM_W-1:0] back_i,
  input  logic [4*16-1:0] offset_i,
  input  logic [4*pp_lz4_decode_pkg::ADDR_W-1:0] address_i,
  input  logic [3:0]   long_match_i,
  input  logic [3:1]   mid_i,
  input  logic         token_i,
  input  logic         extends_i,
  input  logic         has_offset_i,
  input  logic         in_bad_i,
  input  logic         in_final_i,
  input  logic         in_exact_i,
  input  logic         in_short_i,
  input  logic         no_match_i,
  input  logic [pp_lz4_decode_pkg::RUN_W-1:0] count_i,
  input  logic         empty_i,
  input  logic         end_i,
  input  logic [pp_lz_pkg::LEN_W-1:0]   capacity_i,
  input  logic [pp_lz4_decode_pkg::TAG_W-1:0] tag_i,
  // The parser's unit, if it has this tag, is malformed
  output logic         bad_o,
  output logic [pp_lz4_decode_pkg::TAG_W-1:0] bad_tag_o,
  // Records, the first ones of the row
  output logic [3:0]   push_o,
  output logic         end_bad_o,  // with end_i
  output logic [4*pp_lz_pkg::LEN_W-1:0] lit_end_o,  // places in the output
  output logic [4*pp_lz_pkg::LEN_W-1:0] stop_o,
  output logic [4*(pp_lz_pkg::POS_W-5)-1:0] row_o,  // of the last byte
  output logic [4*pp_lz4_decode_pkg::ADDR_W-1:0] base_o  // of the literals, were they at 0
);

  localparam int unsigned LEN_W  = pp_lz_pkg::LEN_W;
  localparam int unsigned POS_W  = pp_lz_pkg::POS_W;
  localparam int unsigned SUM_W  = pp_lz4_decode_pkg::SUM_W;
  localparam int unsigned ADDR_W = pp_lz4_decode_pkg::ADDR_W;
  localparam int unsigned RUN_W  = pp_lz4_decode_pkg::RUN_W;
  localparam int unsigned TAG_W  = pp_lz4_decode_pkg::TAG_W;
  localparam int unsigned WIDE   = LEN_W + 1;   // a place that may be beyond the capacity
  localparam int unsigned CMP_W  = RUN_W + 1;

  // ---- Where the row starts.
  logic             first_q;   // the next row is a unit's first
  logic             bad_q;
  logic [TAG_W-1:0] tag_q;
  logic [WIDE-1:0]  pos_q, room_q, room;
  assign room = first_q ? WIDE'(capacity_i) : room_q;

  logic [3:0] bad;
  for (genvar n = 0; n < 4; n++) begin : gen_judge
    logic [SUM_W-1:0] start, lit_end, stop;
    logic [15:0]      offset;
    logic [WIDE-1:0]  at, lit_at, stop_at, back_at;
    logic             shortcut, out_final, out_over, out_near, far_offset;
    assign start   = start_i[SUM_W*n+:SUM_W];
    assign lit_end = lit_end_i[SUM_W*n+:SUM_W];
    assign stop    = stop_i[SUM_W*n+:SUM_W];
    assign offset  = offset_i[16*n+:16];
    assign at      = pos_q + WIDE'(start);
    assign lit_at  = pos_q + WIDE'(lit_end);
    assign stop_at = pos_q + WIDE'(stop);
    assign back_at = pos_q + {{(WIDE-SUM_W){back_i[SUM_W*n+SUM_W-1]}}, back_i[SUM_W*n+:SUM_W]};
    assign lit_end_o[LEN_W*n+:LEN_W]       = lit_at[LEN_W-1:0];
    assign stop_o[LEN_W*n+:LEN_W]          = stop_at[LEN_W-1:0];
    assign row_o[(POS_W-5)*n+:(POS_W-5)]   = back_at[POS_W-1:5];
    assign base_o[ADDR_W*n+:ADDR_W]        = address_i[ADDR_W*n+:ADDR_W] - at[ADDR_W-1:0];
    logic unused;
    assign unused = ^{stop_at[WIDE-1], at[WIDE-1:ADDR_W], back_at[WIDE-1:POS_W], back_at[4:0]};

    assign out_near   = CMP_W'(room) < CMP_W'(stop) + CMP_W'(5);
    assign far_offset = (WIDE+16)'(offset) > (WIDE+16)'(lit_at);
    if (n == 0) begin : gen_first
      logic [CMP_W-1:0] count;
      logic             bad_count, bad_match;
      assign count     = CMP_W'(count_i);
      assign shortcut  = token_i && !in_short_i && CMP_W'(room) >= CMP_W'(32);
      assign out_final = CMP_W'(room) < count + CMP_W'(12);
      assign out_over  = CMP_W'(room) < count;
      assign bad_count = token_i && !shortcut && (out_final || in_final_i) &&
                         (!in_exact_i || out_over || (capacity_i == '0 && !no_match_i));
      assign bad_match = (has_offset_i && far_offset) ||
                         (out_near && !(shortcut && !long_match_i[0] && |offset[15:3]));
      assign bad[0]    = in_bad_i || bad_count || (extends_i && out_over) ||
                         ((has_offset_i || long_match_i[0]) && bad_match);
    end else begin : gen_others
      assign shortcut  = !mid_i[n] && CMP_W'(room) >= CMP_W'(start) + CMP_W'(32);
      assign out_final = CMP_W'(room) < CMP_W'(lit_end) + CMP_W'(12);
      assign out_over  = 1'b0;
      assign bad[n]    = (!shortcut && out_final) || far_offset ||
                         (out_near && !(shortcut && !long_match_i[n] && |offset[15:3]));
      logic unused_over;
      assign unused_over = out_over;
    end
  end

  // A record is good if it and all before it are.
  logic [3:0] good;
  logic       first_good, spoilt;
  assign first_good = !bad_q && !bad[0];
  assign good = {first_good && !(|bad[3:1]), first_good && !(|bad[2:1]), first_good && !bad[1], first_good};
  assign spoilt  = |(valid_i & ~good);
  assign push_o  = {valid_i[3:1] & good[3:1], valid_i[0] && (end_i || (good[0] && !empty_i))};
  assign end_bad_o = !good[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= 1'b1;
      bad_q   <= 1'b0;
      pos_q   <= '0;
    end else if (go_i && valid_i[0]) begin
      first_q <= end_i;
      bad_q   <= spoilt && !end_i;
      pos_q   <= end_i ? '0 : pos_q + WIDE'(stop_i[SUM_W*3+:SUM_W]);
    end
  end
  always_ff @(posedge clk_i) begin
    if (go_i && valid_i[0]) begin
      tag_q  <= tag_i;
      room_q <= room - WIDE'(stop_i[SUM_W*3+:SUM_W]);
    end
  end
  assign bad_o     = bad_q;
  assign bad_tag_o = tag_q;

endmodule

`default_nettype wire
