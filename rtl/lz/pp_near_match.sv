// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Compares every position of a window with distances 1..NEAR directly: they
/// cover repeats inside the window, which the hash table cannot see, and runs.
/// For each position: the longest match of up to 8 bytes, and the shortest
/// distance that has it. Combinational; all positions in parallel, bit by bit.
///
/// **Limitations**
/// - NEAR is at most W: text_i reaches one window back.
module pp_near_match #(
  parameter int unsigned W    = 8,
  parameter int unsigned NEAR = 8,
  localparam int unsigned CMP   = pp_lz_pkg::FIRST_CMP,
  localparam int unsigned LEN_W = pp_lz_pkg::FIRST_W
) (
  input  logic                      first_i,  // first window of a unit: nothing lies before it
  input  logic [8*(2*W+CMP-1)-1:0]  text_i,   // the window before, the window, CMP - 1 bytes more
  output logic [W*LEN_W-1:0]        len_o,    // 0, or 4..8 bytes
  output logic [W*5-1:0]            dist_o    // 1..NEAR where len_o is not 0
);

  localparam int unsigned SPAN = W + CMP - 1;  // bytes whose equality matters

  if (NEAR < 1 || NEAR > W) begin : gen_bad_near
    $error("%m: NEAR must be 1..W");
  end

  // at_least[5*(d-1)+n] [i]: position i repeats 4+n bytes or more of distance d.
  logic [W-1:0] at_least [5*NEAR];
  for (genvar d = 1; d <= NEAR; d++) begin : gen_dist
    logic [SPAN-1:0] equal;
    logic [W-1:0]    allowed;
    for (genvar j = 0; j < SPAN; j++) begin : gen_byte
      assign equal[j] = text_i[8*(W+j)+:8] == text_i[8*(W+j-d)+:8];
    end
    for (genvar i = 0; i < W; i++) begin : gen_allowed
      assign allowed[i] = i >= d || !first_i;
    end
    logic [W-1:0] run4, run5, run6, run7;
    assign run4 = allowed & equal[W-1:0] & equal[W:1] & equal[W+1:2] & equal[W+2:3];
    assign run5 = run4 & equal[W+3:4];
    assign run6 = run5 & equal[W+4:5];
    assign run7 = run6 & equal[W+5:6];
    assign at_least[5*(d-1)]   = run4;
    assign at_least[5*(d-1)+1] = run5;
    assign at_least[5*(d-1)+2] = run6;
    assign at_least[5*(d-1)+3] = run7;
    assign at_least[5*(d-1)+4] = run7 & equal[W+6:7];
  end

  logic [W-1:0] any_len [5];    // some distance has 4+n or more
  logic [W-1:0] seen;           // a shorter distance already won
  logic [W-1:0] best;           // this distance has the longest length
  logic [W-1:0] dist_bit [5];
  always_comb begin
    for (int n = 0; n < 5; n++) begin
      any_len[n] = '0;
      for (int d = 0; d < NEAR; d++) any_len[n] |= at_least[5*d+n];
      dist_bit[n] = '0;
    end
    seen = '0;
    best = '0;
    for (int d = 0; d < NEAR; d++) begin
      best = at_least[5*d+4];
      for (int n = 3; n >= 0; n--) best |= at_least[5*d+n] & ~any_len[n+1];
      best &= ~seen;
      seen |= best;
      for (int b = 0; b < 5; b++) begin
        if ((((d + 1) >> b) & 1) != 0) dist_bit[b] |= best;
      end
    end
    for (int i = 0; i < W; i++) begin
      len_o[LEN_W*i+:LEN_W] = any_len[4][i] ? LEN_W'(8) :
                              any_len[3][i] ? LEN_W'(7) :
                              any_len[2][i] ? LEN_W'(6) :
                              any_len[1][i] ? LEN_W'(5) :
                              any_len[0][i] ? LEN_W'(4) : LEN_W'(0);
      for (int b = 0; b < 5; b++) dist_o[5*i+b] = dist_bit[b][i];
    end
  end

endmodule

`default_nettype wire
