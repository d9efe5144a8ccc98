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

  logic [W-1:0] take;
  for (genvar i = 0; i < W; i++) begin : gen_take
    logic [END_W-1:0] mine;
    logic             next_longer, second_longer;
    assign mine = end_i[END_W*i+:END_W];
    if (i + 1 < W) begin : gen_next
      assign next_longer = {1'b0, end_i[END_W*(i+1)+:END_W]} > {1'b0, mine} + (END_W+1)'(1);
    end else begin : gen_no_next
      assign next_longer = 1'b0;
    end
    if (i + 2 < W) begin : gen_second
      assign second_longer = {1'b0, end_i[END_W*(i+2)+:END_W]} > {1'b0, mine} + (END_W+1)'(3);
    end else begin : gen_no_second
      assign second_longer = 1'b0;
    end
    assign take[i] = mine >= END_W'(i + pp_lz_pkg::MIN_MATCH) && !next_longer && !second_longer;
  end

  // last[i]: the last start of a parse that starts at i; next, but i itself where there is none.
  logic [W*W-1:0] next, step, last, further;
  for (genvar i = 0; i < W; i++) begin : gen_row
    logic [W-1:0] left, first, self;
    for (genvar j = 0; j < W; j++) begin : gen_left
      if (j >= i + pp_lz_pkg::MIN_MATCH) begin : gen_behind
        assign left[j] = take[j] && end_i[END_W*i+:END_W] <= END_W'(j);
      end else begin : gen_covered
        assign left[j] = 1'b0;
      end
      assign self[j] = j == i;
    end
    pp_first_set #(.WIDTH(W)) i_first (.bits_i(left), .first_o(first));
    assign next[W*i+:W] = first;
    assign step[W*i+:W] = (|first) ? first : self;
  end
  always_comb begin
    last    = step;
    further = '0;
    for (int k = 2; k < STARTS; k++) begin  // one step more
      further = '0;
      for (int i = 0; i < W; i++) begin
        for (int j = i; j < W; j++) begin
          further[W*i+:W] = further[W*i+:W] | (step[W*j+:W] & {W{last[W*i+j]}});
        end
      end
      last = further;
    end
  end

  // What reaches the next window, of each position's match.
  logic [W-1:0]       live;
  logic [W*END_W-1:0] over;
  for (genvar i = 0; i < W; i++) begin : gen_over
    assign live[i] = end_i[END_W*i+:END_W] >= END_W'(W);
    assign over[END_W*i+:END_W] = end_i[END_W*i+:END_W] - END_W'(W);
  end

  for (genvar i = 0; i < W; i++) begin : gen_exit
    logic [W-1:i] mine;
    assign mine = last[W*i+i+:W-i];
    for (genvar b = 0; b < END_W; b++) begin : gen_end
      logic [W-1:i] ones;
      for (genvar j = i; j < W; j++) begin : gen_one
        assign ones[j] = mine[j] && over[END_W*j+b];
      end
      always_ff @(posedge clk_i) begin
        if (en_i) exit_over_o[END_W*i+b] <= |ones;
      end
    end
    always_ff @(posedge clk_i) begin
      if (en_i) exit_live_o[i] <= |(mine & live[W-1:i]);
    end
    for (genvar b = 0; b < POS_W; b++) begin : gen_dist
      logic [W-1:i] ones;
      for (genvar j = i; j < W; j++) begin : gen_one
        assign ones[j] = mine[j] && dist_i[POS_W*j+b];
      end
      always_ff @(posedge clk_i) begin
        if (en_i) exit_dist_o[POS_W*i+b] <= |ones;
      end
    end
  end

  for (genvar u = 0; u < UNITS; u++) begin : gen_unit
    logic [W-1:0] same;  // position i's distance is followed by the next window's unit u
    for (genvar i = 0; i < W; i++) begin : gen_same
      assign same[i] = dist_i[POS_W*i+:POS_W] == next_follow_i[POS_W*u+:POS_W];
    end
    for (genvar i = 0; i < W; i++) begin : gen_exit_same
      always_ff @(posedge clk_i) begin
        if (en_i) exit_same_o[W*u+i] <= |(last[W*i+:W] & same);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      take_o <= take;
      next_o <= next;
      end_o  <= end_i;
      dist_o <= dist_i;
    end
  end

endmodule

`default_nettype wire
