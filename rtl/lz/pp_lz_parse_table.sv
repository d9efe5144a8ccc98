// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Stage T: the parse of a window for every place where it may begin, so that the serial
/// loop of the parser is left with choosing one.
///
/// A match is passed over if the next position has a longer one, or the one after that a
/// match longer by two. After a match that starts at i the next one starts at the first match
/// that is left from its end on, up to STARTS of them in a window.
///
/// **Limitations**
/// - Matches of the next window are not seen: none of its matches passes one over.
module pp_lz_parse_table #(
  parameter int unsigned W      = 16,
  parameter int unsigned UNITS  = 4,
  parameter int unsigned STARTS = 2,
  localparam int unsigned POS_W = pp_lz_pkg::POS_W,
  localparam int unsigned END_W = $clog2(pp_lz_pkg::LOOP * W + 1)
) (
  input  logic                   clk_i,
  input  logic                   en_i,
  input  logic [W*END_W-1:0]     end_i,         // of each position's match, from the window's start
  input  logic [W*POS_W-1:0]     dist_i,
  input  logic [UNITS*POS_W-1:0] next_follow_i, // distances that the next window follows
  // One stage later. Of a parse that starts a match at i:
  output logic [W-1:0]           take_o,        // i may start one
  output logic [W*W-1:0]         next_o,        // [W*i +: W]: the next start, one bit or none
  output logic [W-1:0]           exit_live_o,   // the last match reaches the next window's start,
  output logic [W*END_W-1:0]     exit_over_o,   // and how far it goes on from there
  output logic [W*POS_W-1:0]     exit_dist_o,   // its distance
  output logic [UNITS*W-1:0]     exit_same_o,   // [W*u + i]: the next window's unit u has it, too
  output logic [W*END_W-1:0]     end_o,
  output logic [W*POS_W-1:0]     dist_o
);

  logic [END_W-1:0] stop [W];      // of each position's match
  logic [POS_W-1:0] distance [W];
  for (genvar i = 0; i < W; i++) begin : gen_match
    assign stop[i]     = end_i[END_W*i+:END_W];
    assign distance[i] = dist_i[POS_W*i+:POS_W];
  end

  logic [W-1:0] take;
  for (genvar i = 0; i < W; i++) begin : gen_take
    logic next_longer, second_longer;
    if (i + 1 < W) begin : gen_next
      assign next_longer = {1'b0, stop[i+1]} > {1'b0, stop[i]} + (END_W+1)'(1);
    end else begin : gen_no_next
      assign next_longer = 1'b0;
    end
    if (i + 2 < W) begin : gen_second
      assign second_longer = {1'b0, stop[i+2]} > {1'b0, stop[i]} + (END_W+1)'(3);
    end else begin : gen_no_second
      assign second_longer = 1'b0;
    end
    assign take[i] = stop[i] >= END_W'(i + pp_lz_pkg::MIN_MATCH) && !next_longer && !second_longer;
  end

  // last[i]: the last start of a parse that starts at i: as many steps as are allowed, each to
  // the next start, or to i itself where there is none.
  logic [W-1:0] step [W];
  logic [W-1:0] last [W];
  for (genvar i = 0; i < W; i++) begin : gen_row
    logic [W-1:0] left, first;
    for (genvar j = 0; j < W; j++) begin : gen_left
      if (j >= i + pp_lz_pkg::MIN_MATCH) begin : gen_behind
        assign left[j] = take[j] && stop[i] <= END_W'(j);
      end else begin : gen_covered
        assign left[j] = 1'b0;
      end
    end
    pp_first_set #(.WIDTH(W)) i_first (.bits_i(left), .first_o(first));
    assign step[i] = (|first) ? first : W'(1) << i;
    always_ff @(posedge clk_i) begin
      if (en_i) next_o[W*i+:W] <= first;
    end
  end
  if (STARTS == 2) begin : gen_two
    for (genvar i = 0; i < W; i++) begin : gen_last
      assign last[i] = step[i];
    end
  end else begin : gen_four
    for (genvar i = 0; i < W; i++) begin : gen_last
      logic [W-1:0] second, third;
      always_comb begin
        second = '0;
        third  = '0;
        for (int j = i; j < W; j++) second = second | (step[j] & {W{step[i][j]}});
        for (int j = i; j < W; j++) third = third | (step[j] & {W{second[j]}});
      end
      assign last[i] = third;
    end
  end

  // What reaches the next window, of each position's match.
  logic [W-1:0]     live;
  logic [END_W-1:0] over [W];
  for (genvar i = 0; i < W; i++) begin : gen_over
    assign live[i] = stop[i] >= END_W'(W);
    assign over[i] = stop[i] - END_W'(W);
  end

  for (genvar i = 0; i < W; i++) begin : gen_exit
    logic [END_W-1:0] exit_over;
    logic [POS_W-1:0] exit_dist;
    always_comb begin
      exit_over = '0;
      exit_dist = '0;
      for (int j = i; j < W; j++) begin
        exit_over = exit_over | (over[j] & {END_W{last[i][j]}});
        exit_dist = exit_dist | (distance[j] & {POS_W{last[i][j]}});
      end
    end
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        exit_live_o[i]                 <= |(last[i] & live);
        exit_over_o[END_W*i+:END_W]    <= exit_over;
        exit_dist_o[POS_W*i+:POS_W]    <= exit_dist;
      end
    end
  end

  for (genvar u = 0; u < UNITS; u++) begin : gen_unit
    logic [W-1:0]     same;  // position i's distance is followed by the next window's unit u
    logic [W-1:0]     exit_same;
    logic [POS_W-1:0] follow;
    assign follow = next_follow_i[POS_W*u+:POS_W];
    for (genvar i = 0; i < W; i++) begin : gen_same
      assign same[i]      = distance[i] == follow;
      assign exit_same[i] = |(last[i] & same);
    end
    always_ff @(posedge clk_i) begin
      if (en_i) exit_same_o[W*u+:W] <= exit_same;
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      take_o <= take;
      end_o  <= end_i;
      dist_o <= dist_i;
    end
  end

endmodule

`default_nettype wire
