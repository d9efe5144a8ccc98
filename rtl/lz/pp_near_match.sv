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

  // Bytes that equal the one d before them; none before the unit does.
  logic [NEAR*SPAN-1:0] equal_q;
  logic                 first_q;
  always_ff @(posedge clk_i) begin
    if (en_i) first_q <= first_i;
  end
  for (genvar d = 1; d <= NEAR; d++) begin : gen_dist
    for (genvar j = 0; j < SPAN; j++) begin : gen_byte
      always_ff @(posedge clk_i) begin
        if (en_i) equal_q[SPAN*(d-1)+j] <= text_i[8*(W+j)+:8] == text_i[8*(W+j-d)+:8];
      end
    end
  end

  // at_least[NEAR*(N*i+n) + d-1]: position i repeats 4+n bytes or more of distance d.
  logic [W*N*NEAR-1:0] at_least;
  for (genvar d = 1; d <= NEAR; d++) begin : gen_runs
    logic [SPAN-1:0] equal;
    assign equal = equal_q[SPAN*(d-1)+:SPAN];
    for (genvar i = 0; i < W; i++) begin : gen_position
      logic allowed;
      assign allowed = i >= d || !first_q;
      assign at_least[NEAR*(N*i)+d-1]   = allowed && (&equal[i+:4]);
      assign at_least[NEAR*(N*i+1)+d-1] = allowed && (&equal[i+:5]);
      assign at_least[NEAR*(N*i+2)+d-1] = allowed && (&equal[i+:6]);
      assign at_least[NEAR*(N*i+3)+d-1] = allowed && (&equal[i+:7]);
      assign at_least[NEAR*(N*i+4)+d-1] = allowed && (&equal[i+:8]);
    end
  end

  for (genvar i = 0; i < W; i++) begin : gen_best
    logic [N-1:0]      any;     // some distance has 4+n or more
    logic [NEAR-1:0]   longest; // distances that have the most
    logic [NEAR-1:0]   first;
    logic [DIST_W-1:0] distance;
    for (genvar n = 0; n < N; n++) begin : gen_any
      assign any[n] = |at_least[NEAR*(N*i+n)+:NEAR];
    end
    assign longest = any[4] ? at_least[NEAR*(N*i+4)+:NEAR] :
                     any[3] ? at_least[NEAR*(N*i+3)+:NEAR] :
                     any[2] ? at_least[NEAR*(N*i+2)+:NEAR] :
                     any[1] ? at_least[NEAR*(N*i+1)+:NEAR] : at_least[NEAR*(N*i)+:NEAR];
    pp_first_set #(.WIDTH(NEAR)) i_first (.bits_i(longest), .first_o(first));
    for (genvar b = 0; b < DIST_W; b++) begin : gen_bit
      logic [NEAR-1:0] ones;
      for (genvar d = 1; d <= NEAR; d++) begin : gen_one
        assign ones[d-1] = first[d-1] && ((d >> b) & 1) != 0;
      end
      assign distance[b] = |ones;
    end
    always_ff @(posedge clk_i) begin
      if (en_i) begin
        len_o[N*i+:N]             <= any;
        dist_o[DIST_W*i+:DIST_W] <= distance;
      end
    end
  end

  logic unused_far;  // bytes farther back than NEAR
  assign unused_far = ^text_i;

endmodule

`default_nettype wire
