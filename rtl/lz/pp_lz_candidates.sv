// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Chooses among what was found for a window. Stage C: of each position's candidates the
/// longest stays; of equals the near one, then the short table's. Stage S: each of UNITS
/// shares of the window gives the distance of its longest candidate, the first of equals, to
/// be followed.
///
/// **Limitations**
/// - Candidates are compared over 8 bytes: of longer ones the first is taken, not the longest.
module pp_lz_candidates #(
  parameter int unsigned W     = 16,
  parameter int unsigned UNITS = 4,
  parameter int unsigned NEAR  = 16,
  parameter bit          LONG  = 1'b1,  // there is a table of 8-byte hashes
  localparam int unsigned POS_W  = pp_lz_pkg::POS_W,
  localparam int unsigned LEFT_W = pp_lz_pkg::LEFT_W,
  localparam int unsigned N      = pp_lz_pkg::FIRST_N,
  localparam int unsigned NEAR_W = $clog2(NEAR + 1)
) (
  input  logic                clk_i,
  input  logic                en_i,
  // Stage C
  input  logic [W-1:0]        can_start_i,
  input  logic [LEFT_W-1:0]   left_i,       // bit k: k windows or more of the unit follow
  input  logic [W*N-1:0]      near_len_i,   // lengths: bit n is "4 + n bytes or more"
  input  logic [W*NEAR_W-1:0] near_dist_i,
  input  logic [W*N-1:0]      short_len_i,
  input  logic [W*POS_W-1:0]  short_dist_i,
  input  logic [W*N-1:0]      long_len_i,
  input  logic [W*POS_W-1:0]  long_dist_i,
  // Stage S
  output logic [W*N-1:0]      len_o,        // 0: none
  output logic [W*POS_W-1:0]  dist_o,
  // Stage R
  output logic [UNITS*POS_W-1:0] follow_o   // 0: none
);

  localparam int unsigned SHARE = W / UNITS;

  if (SHARE * UNITS != W || SHARE < 2) begin : gen_bad_units
    $error("%m: UNITS must divide W into shares of two positions or more");
  end

  // ---- C
  for (genvar i = 0; i < W; i++) begin : gen_position
    logic [N-1:0]     near_n, short_n, long_n, table_n, best_n, allowed;
    logic [POS_W-1:0] table_dist, best_dist;
    logic             use_long, use_table;
    assign near_n   = near_len_i[N*i+:N];
    assign short_n  = short_len_i[N*i+:N];
    assign long_n   = LONG ? long_len_i[N*i+:N] : '0;
    assign use_long = |(long_n & ~short_n);
    assign table_n  = use_long ? long_n : short_n;
    assign table_dist = use_long ? long_dist_i[POS_W*i+:POS_W] : short_dist_i[POS_W*i+:POS_W];
    assign use_table  = |(table_n & ~near_n);
    assign best_n     = use_table ? table_n : near_n;
    assign best_dist  = use_table ? table_dist : POS_W'(near_dist_i[NEAR_W*i+:NEAR_W]);
    // No match goes beyond MATCH_END bytes before the unit's end.
    for (genvar n = 0; n < N; n++) begin : gen_within
      localparam int unsigned LAST = i + 4 + n + pp_lz_pkg::MATCH_END;  // behind the window's start
      localparam int unsigned NEED = (LAST + W - 1) / W - 1;            // windows that it takes
      assign allowed[n] = left_i[NEED];
    end
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        len_o[N*i+:N]           <= can_start_i[i] ? best_n & allowed : '0;
        dist_o[POS_W*i+:POS_W] <= best_dist;
      end
    end
  end

  // ---- S
  for (genvar u = 0; u < UNITS; u++) begin : gen_unit
    logic [N-1:0]     longest;
    logic [POS_W-1:0] chosen;
    always_comb begin
      longest = len_o[N*SHARE*u+:N];
      chosen  = dist_o[POS_W*SHARE*u+:POS_W];
      for (int k = 1; k < SHARE; k++) begin
        if (|(len_o[N*(SHARE*u+k)+:N] & ~longest)) chosen = dist_o[POS_W*(SHARE*u+k)+:POS_W];
        longest = longest | len_o[N*(SHARE*u+k)+:N];
      end
    end
    always_ff @(posedge clk_i) begin
      if (en_i) follow_o[POS_W*u+:POS_W] <= longest[0] ? chosen : '0;
    end
  end

endmodule

`default_nettype wire
