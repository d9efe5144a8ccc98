// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Stage P, the serial loop: where the open match ends, and so where the parse of the
/// window begins; then which match starts first and what is open behind the window.
///
/// Of the open match only its end, counted from the window's start, and its distance are carried
/// from window to window; all that could be known without them stands in the parse table. A
/// unit that follows the open match's distance makes it go on. That costs no comparison
/// here: of each unit it is known whether it has the distance that the window before left open.
///
/// **Limitations**
/// - An open match that has ended before the window's start cannot go on.
module pp_lz_parser #(
  parameter int unsigned W     = 16,
  parameter int unsigned UNITS = 4,
  localparam int unsigned POS_W  = pp_lz_pkg::POS_W,
  localparam int unsigned END_W  = $clog2(pp_lz_pkg::LOOP * W + 1)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     en_i,
  input  logic                     valid_i,        // a window
  input  logic                     end_i,          // the slot behind a unit's last window
  input  logic [W-1:0]             take_i,         // of the parse table
  input  logic [W-1:0]             exit_live_i,
  input  logic [W*END_W-1:0]       exit_over_i,
  input  logic [W*POS_W-1:0]       exit_dist_i,
  input  logic [UNITS*W-1:0]       exit_same_i,
  input  logic [UNITS*W*END_W-1:0] ends_i,         // of each followed distance: pp_lz_follow
  input  logic [UNITS*POS_W-1:0]   next_follow_i,  // distances that the next window follows
  // What is open behind the window before stage P's: back to stage R
  output logic                     goes_on_o,      // it covers the LOOP - 1 windows that follow
  output logic [POS_W-1:0]         open_dist_o,
  // One stage later
  output logic                     live_o,         // a match was open at the window's start
  output logic [END_W-1:0]         begin_o,        // it ends here, from the window's start
  output logic [W-1:0]             first_o         // the first start, one bit or none
);

  localparam int unsigned LANE_W = $clog2(W);

  logic             live_q;          // a match ends in this window or behind it
  logic [END_W-1:0] over_q;          // where, from its start
  logic [POS_W-1:0] dist_q;
  logic [UNITS-1:0] same_q;          // the unit follows its distance
  assign goes_on_o   = live_q && over_q >= END_W'((pp_lz_pkg::LOOP - 1) * W);
  assign open_dist_o = dist_q;

  // ---- Where the parse begins.
  logic [W-1:0]           at;        // one bit: the place of the open match's end, or 0
  logic [UNITS*END_W-1:0] unit_end;
  logic                   merged;
  logic [END_W-1:0]       merged_end, start;
  for (genvar i = 0; i < W; i++) begin : gen_at
    if (i == 0) begin : gen_whole
      assign at[i] = (|over_q[END_W-1:LANE_W]) || over_q[LANE_W-1:0] == '0;
    end else begin : gen_inside
      assign at[i] = over_q == END_W'(i);
    end
  end
  for (genvar u = 0; u < UNITS; u++) begin : gen_unit_end
    logic [END_W-1:0] mine;
    always_comb begin
      mine = '0;
      for (int i = 0; i < W; i++) mine = mine | (ends_i[END_W*(W*u+i)+:END_W] & {END_W{at[i]}});
    end
    assign unit_end[END_W*u+:END_W] = mine & {END_W{same_q[u]}};
  end
  always_comb begin
    merged_end = '0;  // units of the same distance agree
    for (int u = 0; u < UNITS; u++) merged_end = merged_end | unit_end[END_W*u+:END_W];
  end
  assign merged = |same_q;
  assign start  = !live_q ? '0 : merged ? merged_end : over_q;

  // ---- The first start there or behind it.
  logic [W-1:0] free, first;
  logic         found;
  logic [W-1:0] covered;    // positions before the start, if that is in the window
  logic         beyond;    // it is not
  assign beyond = |start[END_W-1:LANE_W];
  assign covered[W-1] = 1'b0;
  for (genvar i = 0; i + 1 < W; i++) begin : gen_covered
    assign covered[i] = start[LANE_W-1:0] > LANE_W'(i);
  end
  for (genvar i = 0; i < W; i++) begin : gen_free
    assign free[i]   = take_i[i] && valid_i && !beyond && !covered[i];
  end
  pp_first_set #(.WIDTH(W)) i_first (.bits_i(free), .first_o(first));
  assign found = |free;

  // ---- What is open behind the window.
  logic [END_W-1:0] exit_over;
  logic             exit_live;
  logic [POS_W-1:0] exit_dist;
  logic [UNITS-1:0] exit_same, same;
  always_comb begin
    exit_over = '0;
    exit_dist = '0;
    for (int i = 0; i < W; i++) begin
      exit_over = exit_over | (exit_over_i[END_W*i+:END_W] & {END_W{first[i]}});
      exit_dist = exit_dist | (exit_dist_i[POS_W*i+:POS_W] & {POS_W{first[i]}});
    end
  end
  assign exit_live = |(first & exit_live_i);
  for (genvar u = 0; u < UNITS; u++) begin : gen_same
    assign exit_same[u] = |(first & exit_same_i[W*u+:W]);
    assign same[u] = found ? exit_same[u] : dist_q == next_follow_i[POS_W*u+:POS_W];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      live_q <= 1'b0;
    end else if (en_i && (valid_i || end_i)) begin
      live_q <= valid_i && (found ? exit_live : beyond);
    end
  end
  always_ff @(posedge clk_i) begin
    if (en_i && valid_i) begin
      over_q <= found ? exit_over : start - END_W'(W);
      same_q <= same;
      if (found) dist_q <= exit_dist;
    end
    if (en_i) begin
      live_o  <= live_q && valid_i;
      begin_o <= start;
      first_o <= first;
    end
  end

endmodule

`default_nettype wire
