// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Compares every position of a window with distances 1..NEAR directly: they
/// cover repeats inside the window, which the hash table cannot see, and runs.
/// For each position: the longest match of up to 8 bytes, and the shortest
/// distance that has it. All positions in parallel, bit by bit; two stages.
///
/// **Limitations**
/// - NEAR is at most W: text_i reaches one window back.
module pp_near_match #(
  parameter int unsigned W    = 16,
  parameter int unsigned NEAR = 16,
  localparam int unsigned CMP    = pp_lz_pkg::FIRST_CMP,
  localparam int unsigned N      = pp_lz_pkg::FIRST_N,
  localparam int unsigned DIST_W = $clog2(NEAR + 1)
) (
  input  logic                      clk_i,
  input  logic                      en_i,
  input  logic                      first_i,  // first window of a unit: nothing lies before it
  input  logic [8*(2*W+CMP-1)-1:0]  text_i,   // the window before, the window, CMP - 1 bytes more
  // Two stages later
  output logic [W*N-1:0]            len_o,    // bit n: 4 + n bytes or more are equal
  output logic [W*DIST_W-1:0]       dist_o    // 1..NEAR where len_o is not 0
);

  localparam int unsigned SPAN = W + CMP - 1;  // bytes whose equality matters

  if (NEAR < 1 || NEAR > W) begin : gen_bad_near
    $error("%m: NEAR must be 1..W");
  end

  logic [7:0] text [2*W+CMP-1];
  for (genvar j = 0; j < 2 * W + CMP - 1; j++) begin : gen_text
    assign text[j] = text_i[8*j+:8];
  end

  // For each distance: bytes that equal the one so far before them; then positions with runs of
  // 4 to 8 such bytes. None before the unit is equal.
  logic         first_q;
  logic [W-1:0] run4 [NEAR];
  logic [W-1:0] run5 [NEAR];
  logic [W-1:0] run6 [NEAR];
  logic [W-1:0] run7 [NEAR];
  logic [W-1:0] run8 [NEAR];
  always_ff @(posedge clk_i) begin
    if (en_i) first_q <= first_i;
  end
  for (genvar d = 1; d <= NEAR; d++) begin : gen_dist
    logic [SPAN-1:0] equal, equal_q;
    logic [W-1:0]    known;  // positions that this distance does not take before the unit
    for (genvar j = 0; j < SPAN; j++) begin : gen_byte
      assign equal[j] = text[W+j] == text[W+j-d];
    end
    for (genvar i = 0; i < W; i++) begin : gen_known
      assign known[i] = i >= d || !first_q;
    end
    always_ff @(posedge clk_i) begin
      if (en_i) equal_q <= equal;
    end
    assign run4[d-1] = known & equal_q[W-1:0] & equal_q[W:1] & equal_q[W+1:2] & equal_q[W+2:3];
    assign run5[d-1] = run4[d-1] & equal_q[W+3:4];
    assign run6[d-1] = run5[d-1] & equal_q[W+4:5];
    assign run7[d-1] = run6[d-1] & equal_q[W+5:6];
    assign run8[d-1] = run7[d-1] & equal_q[W+6:7];
  end

  logic [W-1:0] any4, any5, any6, any7, any8;  // some distance has so many
  logic [W-1:0] seen;                          // a shorter distance has the most
  logic [W-1:0] best;                          // this one has
  logic [W-1:0] distance [DIST_W];             // bit by bit
  always_comb begin
    {any4, any5, any6, any7, any8} = '0;
    for (int d = 0; d < NEAR; d++) begin
      any4 = any4 | run4[d];
      any5 = any5 | run5[d];
      any6 = any6 | run6[d];
      any7 = any7 | run7[d];
      any8 = any8 | run8[d];
    end
    for (int b = 0; b < DIST_W; b++) distance[b] = '0;
    seen = '0;
    best = '0;
    for (int d = 0; d < NEAR; d++) begin
      best = (run8[d] | (run7[d] & ~any8) | (run6[d] & ~any7) | (run5[d] & ~any6) |
              (run4[d] & ~any5)) & ~seen;
      seen = seen | best;
      for (int b = 0; b < DIST_W; b++) begin
        if ((((d + 1) >> b) & 1) != 0) distance[b] = distance[b] | best;
      end
    end
  end
  for (genvar i = 0; i < W; i++) begin : gen_out
    logic [DIST_W-1:0] mine;
    for (genvar b = 0; b < DIST_W; b++) begin : gen_bit
      assign mine[b] = distance[b][i];
    end
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        len_o[N*i+:N]             <= {any8[i], any7[i], any6[i], any5[i], any4[i]};
        dist_o[DIST_W*i+:DIST_W] <= mine;
      end
    end
  end

  logic unused_far;  // bytes farther back than NEAR
  assign unused_far = ^text_i;

endmodule

`default_nettype wire
