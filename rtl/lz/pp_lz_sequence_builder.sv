// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Stages Q1 to Q3: the sequences of a window from the parser's decision. A match that starts
/// closes the one before it; the last one of a window stays open, as later windows may make it
/// longer. The slot behind a unit's last window closes it and ends the unit.
///
///     Q1: the starts with their ends and distances | Q2: what closes, what is open then
///     Q3: lengths
///
/// **Limitations**
/// - Windows of a unit are one behind the other, and the slot of its end is right behind them.
module pp_lz_sequence_builder #(
  parameter int unsigned W      = 16,
  parameter int unsigned STARTS = 2,
  localparam int unsigned POS_W  = pp_lz_pkg::POS_W,
  localparam int unsigned LEN_W  = pp_lz_pkg::LEN_W,
  localparam int unsigned BUF_W  = pp_lz_pkg::BUF_W,
  localparam int unsigned SIZE_W = pp_lz_pkg::SIZE_W,
  localparam int unsigned BACK_W = pp_lz_pkg::BACK_W,
  localparam int unsigned SEQ_W  = pp_lz_pkg::SEQUENCE_W,
  localparam int unsigned LANE_W = $clog2(W),
  localparam int unsigned IDX_W  = POS_W - LANE_W,
  localparam int unsigned END_W  = $clog2(pp_lz_pkg::LOOP * W + 1)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    en_i,
  // Stage Q1
  input  logic                    valid_i,    // a window
  input  logic                    end_i,      // the slot behind a unit's last window
  input  logic                    skip_i,     // the unit is not to be compressed
  input  logic [BUF_W-1:0]        page_i,
  input  logic [SIZE_W-1:0]       size_i,
  input  logic [IDX_W-1:0]        index_i,
  input  logic                    live_i,     // pp_lz_parser
  input  logic [END_W-1:0]        begin_i,
  input  logic [W-1:0]            first_i,
  input  logic [W*W-1:0]          next_i,     // pp_lz_parse_table
  input  logic [W*END_W-1:0]      ends_i,
  input  logic [W*POS_W-1:0]      dist_i,
  input  logic [BACK_W-1:0]       back_i,     // bytes before the window; of its first position
  // A row of sequences, for one cycle
  output logic [STARTS-1:0]       seq_valid_o,
  output logic [STARTS*SEQ_W-1:0] seq_o
);

  // ---- Q1
  logic [W-1:0]             start [STARTS];  // the k-th start, one bit or none
  logic [STARTS-1:0]        start_1;
  logic [STARTS*LANE_W-1:0] lane_1;
  logic [STARTS*END_W-1:0]  end_1;
  logic [STARTS*POS_W-1:0]  dist_1;
  always_comb begin
    start[0] = first_i;
    for (int k = 1; k < STARTS; k++) begin
      start[k] = '0;
      for (int i = 0; i < W; i++) begin
        start[k] = start[k] | (next_i[W*i+:W] & {W{start[k-1][i]}});
      end
    end
  end
  for (genvar k = 0; k < STARTS; k++) begin : gen_pick
    logic [LANE_W-1:0] lane;
    logic [END_W-1:0]  stop;
    logic [POS_W-1:0]  distance;
    pp_one_hot_index #(.WIDTH(W), .OUT_W(LANE_W)) i_lane (.hot_i(start[k]), .index_o(lane));
    always_comb begin
      stop     = '0;
      distance = '0;
      for (int i = 0; i < W; i++) begin
        stop     = stop | (ends_i[END_W*i+:END_W] & {END_W{start[k][i]}});
        distance = distance | (dist_i[POS_W*i+:POS_W] & {POS_W{start[k][i]}});
      end
    end
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        start_1[k]                 <= |start[k];
        lane_1[LANE_W*k+:LANE_W]   <= lane;
        end_1[END_W*k+:END_W]      <= stop;
        dist_1[POS_W*k+:POS_W]     <= distance;
      end
    end
  end

  logic              valid_1, last_1, skip_1, live_1;
  logic [BUF_W-1:0]  page_1;
  logic [SIZE_W-1:0] size_1;
  logic [IDX_W-1:0]  index_1;
  logic [LEN_W-1:0]  begin_1;   // in the unit
  logic [BACK_W-1:0] back_1;    // of the first start
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_1 <= 1'b0;
      last_1  <= 1'b0;
    end else if (en_i) begin
      valid_1 <= valid_i;
      last_1  <= end_i;
    end
  end
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      {skip_1, live_1, page_1, size_1, index_1} <= {skip_i, live_i, page_i, size_i, index_i};
      begin_1 <= {1'b0, index_i, LANE_W'(0)} + LEN_W'(begin_i);
      back_1  <= first_i[0] ? back_i : '0;
    end
  end

  // ---- Q2: the open match, and what it becomes.
  logic             open_q;
  logic [POS_W-1:0] lit_q, start_q, dist_q;
  logic [LEN_W-1:0] end_q;
  logic [LEN_W-1:0] base, open_end;   // where literals begin, if no match was open: 0
  logic [LEN_W-1:0] pending;          // literals before the window
  logic [BACK_W-1:0] borrow;          // of them the first match takes these
  assign base     = {1'b0, index_1, LANE_W'(0)};
  assign open_end = live_1 ? begin_1 : open_q ? end_q : '0;
  assign pending  = base - open_end;
  assign borrow   = (|pending[LEN_W-1:BACK_W] || pending[BACK_W-1:0] >= back_1)
                    ? back_1 : pending[BACK_W-1:0];

  // Matches of this window: where each one's literals begin, it starts, it ends.
  logic [STARTS*POS_W-1:0] lit, from;
  logic [STARTS*LEN_W-1:0] stop;
  for (genvar k = 0; k < STARTS; k++) begin : gen_match
    assign stop[LEN_W*k+:LEN_W] = base + LEN_W'(end_1[END_W*k+:END_W]);
    if (k == 0) begin : gen_first
      assign lit[POS_W-1:0]  = open_end[POS_W-1:0];
      assign from[POS_W-1:0] = {index_1, lane_1[LANE_W-1:0]} - POS_W'(borrow);
    end else begin : gen_next
      assign lit[POS_W*k+:POS_W]  = stop[LEN_W*(k-1)+:POS_W];
      assign from[POS_W*k+:POS_W] = {index_1, lane_1[LANE_W*k+:LANE_W]};
    end
  end

  // The row, not yet as lengths: lane 0 is the open match, if there is one.
  logic [STARTS-1:0]       valid_2;
  logic [STARTS*POS_W-1:0] lit_2, from_2, dist_2;
  logic [STARTS*LEN_W-1:0] end_2;
  logic                    last_2, skip_2;   // the row's last lane ends the unit
  logic [BUF_W-1:0]        page_2;
  logic [SIZE_W-1:0]       size_2;
  for (genvar k = 0; k < STARTS; k++) begin : gen_lane_2
    logic             taken;         // the lane holds a sequence
    logic [POS_W-1:0] my_lit, my_from, my_dist;
    logic [LEN_W-1:0] my_end;
    if (k == 0) begin : gen_open
      assign taken   = last_1 || (open_q ? start_1[0] : start_1[1]);
      assign my_lit  = open_q ? lit_q : lit[POS_W-1:0];
      assign my_from = open_q ? start_q : from[POS_W-1:0];
      assign my_dist = open_q ? dist_q : dist_1[POS_W-1:0];
      assign my_end  = open_q ? open_end : stop[LEN_W-1:0];
    end else begin : gen_more
      logic more;
      if (k + 1 < STARTS) begin : gen_more_behind
        assign more = start_1[k+1];
      end else begin : gen_none_behind
        assign more = 1'b0;
      end
      assign taken   = last_1 ? (k == 1 && open_q) : (open_q ? start_1[k] : more);
      assign my_lit  = last_1 ? open_end[POS_W-1:0] :
                       open_q ? lit[POS_W*(k-1)+:POS_W] : lit[POS_W*k+:POS_W];
      assign my_from = open_q ? from[POS_W*(k-1)+:POS_W] : from[POS_W*k+:POS_W];
      assign my_dist = open_q ? dist_1[POS_W*(k-1)+:POS_W] : dist_1[POS_W*k+:POS_W];
      assign my_end  = open_q ? stop[LEN_W*(k-1)+:LEN_W] : stop[LEN_W*k+:LEN_W];
    end
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) valid_2[k] <= 1'b0;
      else if (en_i) valid_2[k] <= taken && (valid_1 || last_1);
    end
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        lit_2[POS_W*k+:POS_W]  <= my_lit;
        from_2[POS_W*k+:POS_W] <= my_from;
        dist_2[POS_W*k+:POS_W] <= my_dist;
        end_2[LEN_W*k+:LEN_W]  <= my_end;
      end
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
    end else if (en_i) begin
      if (last_1) open_q <= 1'b0;
      else if (valid_1 && start_1[0]) open_q <= 1'b1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (en_i) begin
      {last_2, skip_2, page_2, size_2} <= {last_1, skip_1, page_1, size_1};
      if (valid_1) begin
        end_q <= open_end;
        for (int k = 0; k < STARTS; k++) begin
          if (start_1[k]) begin
            lit_q   <= lit[POS_W*k+:POS_W];
            start_q <= from[POS_W*k+:POS_W];
            dist_q  <= dist_1[POS_W*k+:POS_W];
            end_q   <= stop[LEN_W*k+:LEN_W];
          end
        end
      end
    end
  end

  // ---- Q3
  logic [STARTS-1:0] valid_3;
  for (genvar k = 0; k < STARTS; k++) begin : gen_lane_3
    logic             ends;          // this sequence is the unit's last
    logic [LEN_W-1:0] unit, lits, match;
    if (k + 1 < STARTS) begin : gen_inner
      assign ends = last_2 && !valid_2[k+1];
    end else begin : gen_outer
      assign ends = last_2;
    end
    assign unit  = LEN_W'(4096) << size_2;
    assign lits  = (ends ? unit : {1'b0, from_2[POS_W*k+:POS_W]}) - {1'b0, lit_2[POS_W*k+:POS_W]};
    assign match = end_2[LEN_W*k+:LEN_W] - {1'b0, from_2[POS_W*k+:POS_W]};
    logic [SEQ_W-1:0] seq_q;         // pp_lz_pkg::sequence_t
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        seq_q <= {skip_2, ends, page_2, lit_2[POS_W*k+:POS_W], lits, ends ? LEN_W'(0) : match,
                  ends ? POS_W'(0) : dist_2[POS_W*k+:POS_W]};
      end
    end
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) valid_3[k] <= 1'b0;
      else if (en_i) valid_3[k] <= valid_2[k];
    end
    assign seq_valid_o[k] = valid_3[k] && en_i;
    assign seq_o[SEQ_W*k+:SEQ_W] = seq_q;
  end

endmodule

`default_nettype wire
