// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_assert.svh"

/// A queue that takes up to four records a cycle and gives up to five: 16 records in eight banks
/// of two, all flip-flops, record i of the stream in bank i mod 8.
///
/// **Limitations**
/// - Pushes, heads and pops have no holes. There is no ready: the user pushes while count_o is at
///   most 12.
module pp_lz4_record_queue #(
  parameter int unsigned WIDTH = 8
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [3:0]         push_i,
  input  logic [4*WIDTH-1:0] data_i,
  output logic [4:0]         count_o,
  output logic [5*WIDTH-1:0] heads_o,  // valid: the first count_o of them
  input  logic               pop_en_i,
  input  logic [4:0]         pop_i     // bit n: with pop_en_i, head n leaves
);

  logic [3:0] wr_q, rd_q;
  logic [4:0] count_q;
  logic [2:0] pushed;
  assign pushed = push_i[3] ? 3'd4 : push_i[2] ? 3'd3 : {1'b0, push_i[1], push_i[0] && !push_i[1]};
  // Pops come late, as they hang on the heads: all that they may lead to is ready by then.
  logic [4:0] count_pushed, count_popped, last_pop;
  logic [3:0] rd_popped;
  assign count_pushed = count_q + 5'(pushed);
  assign last_pop     = pop_i & ~{1'b0, pop_i[4:1]};
  always_comb begin
    rd_popped    = {4{!pop_i[0]}} & rd_q;
    count_popped = {5{!pop_i[0]}} & count_pushed;
    for (int n = 0; n < 5; n++) begin
      rd_popped    |= {4{last_pop[n]}} & (rd_q + 4'(n + 1));
      count_popped |= {5{last_pop[n]}} & (count_pushed - 5'(n + 1));
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_q    <= 4'd0;
      rd_q    <= 4'd0;
      count_q <= 5'd0;
    end else begin
      wr_q    <= wr_q + 4'(pushed);
      rd_q    <= pop_en_i ? rd_popped : rd_q;
      count_q <= pop_en_i ? count_popped : count_pushed;
    end
  end
  assign count_o = count_q;

  // Turned so that part b belongs to bank b. Banks b and b + 4 have the same data: only one of
  // them is enabled.
  logic [4*WIDTH-1:0] in2, in1;
  logic [7:0]         en4, en2, en1;
  assign in2 = wr_q[1] ? {data_i[2*WIDTH-1:0], data_i[4*WIDTH-1:2*WIDTH]} : data_i;
  assign in1 = wr_q[0] ? {in2[3*WIDTH-1:0], in2[4*WIDTH-1:3*WIDTH]} : in2;
  assign en4 = wr_q[2] ? {push_i, 4'd0} : {4'd0, push_i};
  assign en2 = wr_q[1] ? {en4[5:0], en4[7:6]} : en4;
  assign en1 = wr_q[0] ? {en2[6:0], en2[7]} : en2;
  logic [8*WIDTH-1:0] read, out4;
  logic [6*WIDTH-1:0] out2;
  for (genvar b = 0; b < 8; b++) begin : gen_bank
    logic             wr_row, rd_row;
    logic [WIDTH-1:0] r0_q, r1_q;
    assign wr_row = wr_q[3] ^ ({1'b0, wr_q[2:0]} > 4'(b));
    assign rd_row = rd_q[3] ^ ({1'b0, rd_q[2:0]} > 4'(b));
    always_ff @(posedge clk_i) begin
      if (en1[b] && !wr_row) r0_q <= in1[WIDTH*(b%4)+:WIDTH];
      if (en1[b] && wr_row) r1_q <= in1[WIDTH*(b%4)+:WIDTH];
    end
    assign read[WIDTH*b+:WIDTH] = rd_row ? r1_q : r0_q;
  end
  assign out4    = rd_q[2] ? {read[4*WIDTH-1:0], read[8*WIDTH-1:4*WIDTH]} : read;
  assign out2    = rd_q[1] ? out4[8*WIDTH-1:2*WIDTH] : out4[6*WIDTH-1:0];
  assign heads_o = rd_q[0] ? out2[6*WIDTH-1:WIDTH] : out2[5*WIDTH-1:0];

  `PP_ASSERT(HasRoom, push_i == 4'd0 || count_q <= 5'd12)
  `PP_ASSERT(PopsWhatIsThere, !pop_en_i || 5'($countones(pop_i)) <= count_q)
  `PP_ASSERT(NoHoles, (push_i & (push_i + 4'd1)) == 4'd0 && (pop_i & (pop_i + 5'd1)) == 5'd0)

endmodule

`default_nettype wire
