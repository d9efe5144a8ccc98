// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Stage D: the match of each position that ends last, its own candidate or that of a followed
/// distance; of equals the last unit's. Ends are counted from the window's start; a position
/// without a match ends where it is.
///
/// **Limitations**
/// - A position's own candidate is known over 8 bytes only.
module pp_lz_resolve #(
  parameter int unsigned W     = 16,
  parameter int unsigned UNITS = 4,
  localparam int unsigned POS_W  = pp_lz_pkg::POS_W,
  localparam int unsigned BACK_W = pp_lz_pkg::BACK_W,
  localparam int unsigned N      = pp_lz_pkg::FIRST_N,
  localparam int unsigned END_W  = $clog2(pp_lz_pkg::LOOP * W + 1),
  localparam int unsigned UNIT_W = $clog2(UNITS),
  localparam int unsigned SRC_W  = UNIT_W + 1
) (
  input  logic                     clk_i,
  input  logic                     en_i,
  input  logic [W-1:0]             can_start_i,
  input  logic [W*N-1:0]           len_i,        // own candidates: bit n is "4 + n bytes or more"
  input  logic [W*POS_W-1:0]       dist_i,
  input  logic [UNITS*POS_W-1:0]   follow_i,     // followed distances
  input  logic [UNITS*W*END_W-1:0] ends_i,
  input  logic [UNITS*BACK_W-1:0]  back_i,
  // One stage later
  output logic [W*END_W-1:0]       end_o,
  output logic [W*POS_W-1:0]       dist_o,
  output logic [BACK_W-1:0]        back_o        // the first position's match goes on before it
);

  localparam int unsigned NODES = 2 * UNITS - 1;  // of a tree of units; the last one is its root

  logic [UNITS*POS_W-1:0] follow_q;
  always_ff @(posedge clk_i) begin
    if (en_i) follow_q <= follow_i;
  end

  logic [W*SRC_W-1:0] src;
  for (genvar i = 0; i < W; i++) begin : gen_position
    logic [NODES*END_W-1:0]  node_end;
    logic [NODES*UNIT_W-1:0] node_unit;
    logic [END_W-1:0]        last;
    logic [UNIT_W-1:0]       unit;
    always_comb begin
      for (int u = 0; u < UNITS; u++) begin
        node_end[END_W*u+:END_W]    = ends_i[END_W*(W*u+i)+:END_W];
        node_unit[UNIT_W*u+:UNIT_W] = UNIT_W'(u);
      end
      for (int k = 0; k < UNITS - 1; k++) begin
        if (node_end[END_W*(2*k+1)+:END_W] >= node_end[END_W*2*k+:END_W]) begin
          node_end[END_W*(UNITS+k)+:END_W]    = node_end[END_W*(2*k+1)+:END_W];
          node_unit[UNIT_W*(UNITS+k)+:UNIT_W] = node_unit[UNIT_W*(2*k+1)+:UNIT_W];
        end else begin
          node_end[END_W*(UNITS+k)+:END_W]    = node_end[END_W*2*k+:END_W];
          node_unit[UNIT_W*(UNITS+k)+:UNIT_W] = node_unit[UNIT_W*2*k+:UNIT_W];
        end
      end
    end
    assign last = node_end[END_W*(NODES-1)+:END_W];
    assign unit = node_unit[UNIT_W*(NODES-1)+:UNIT_W];

    logic [N-1:0]     n;
    logic [END_W-1:0] own;
    logic             followed;
    assign n = len_i[N*i+:N];
    assign own = n[4] ? END_W'(i + 8) : n[3] ? END_W'(i + 7) : n[2] ? END_W'(i + 6) :
                 n[1] ? END_W'(i + 5) : n[0] ? END_W'(i + 4) : END_W'(i);
    assign followed = last >= own;
    assign src[SRC_W*i+:SRC_W] = {followed, unit};
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        end_o[END_W*i+:END_W] <= !can_start_i[i] ? END_W'(i) : followed ? last : own;
      end
    end

    // The distance in the stage that follows: its choice waits for nothing there.
    logic [SRC_W-1:0] src_q;
    logic [POS_W-1:0] own_dist_q;
    logic [POS_W-1:0] unit_dist [UNITS];
    for (genvar u = 0; u < UNITS; u++) begin : gen_dist
      assign unit_dist[u] = follow_q[POS_W*u+:POS_W];
    end
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        src_q      <= src[SRC_W*i+:SRC_W];
        own_dist_q <= dist_i[POS_W*i+:POS_W];
      end
    end
    assign dist_o[POS_W*i+:POS_W] = src_q[UNIT_W] ? unit_dist[src_q[UNIT_W-1:0]] : own_dist_q;
  end

  // Only the first position's match can begin before the window.
  logic [BACK_W-1:0] back [UNITS];
  for (genvar u = 0; u < UNITS; u++) begin : gen_back
    assign back[u] = back_i[BACK_W*u+:BACK_W];
  end
  always_ff @(posedge clk_i) begin
    if (en_i) back_o <= src[UNIT_W] ? back[src[UNIT_W-1:0]] : '0;
  end

endmodule

`default_nettype wire
