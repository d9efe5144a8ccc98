// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Picks one of N requests: strictly by class (7 first), round robin inside a class.
/// Each class has a pointer of its own: with one for all, grants to a high class in
/// between could make a low class serve the same requester again and again.
///
/// **Limitations**
/// - Combinational from request to grant; N is 2 to 256.
/// - With CLASSES 1 the class inputs are ignored.
module pp_arbiter #(
  parameter int unsigned N       = 8,
  parameter int unsigned CLASSES = 8,  // 1 or 8
  localparam int unsigned IDX_W  = $clog2(N)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [N-1:0]     request_i,
  input  logic [3*N-1:0]   class_i,   // of requester i in [3*i +: 3]
  input  logic             take_i,    // the grant is used: the next one comes first next time
  output logic             valid_o,   // there is a request
  output logic [IDX_W-1:0] index_o
);

  localparam int unsigned CLASS_W = (CLASSES == 1) ? 1 : 3;

  // ---- The class
  logic [CLASS_W-1:0] best;
  logic [N-1:0]       peers;  // requests of the best class
  if (CLASSES == 1) begin : gen_one_class
    assign best  = '0;
    assign peers = request_i;
    logic unused_class;
    assign unused_class = ^class_i;
  end else begin : gen_classes
    always_comb begin
      best = '0;
      for (int i = 0; i < N; i++) begin
        if (request_i[i] && class_i[3*i+:3] > best) best = class_i[3*i+:3];
      end
      for (int i = 0; i < N; i++) peers[i] = request_i[i] && class_i[3*i+:3] == best;
    end
  end

  // ---- The requester: the first one after the last one served, else the first one
  logic [IDX_W*CLASSES-1:0] last_q;  // last requester served, by class
  logic [IDX_W-1:0]         last;
  logic [IDX_W-1:0]         first_after;
  logic [IDX_W-1:0]         first;
  logic                     any_after;

  assign last = last_q[IDX_W*best+:IDX_W];

  always_comb begin
    first_after = '0;
    first       = '0;
    any_after   = 1'b0;
    for (int i = N - 1; i >= 0; i--) begin
      if (peers[i]) begin
        first = IDX_W'(i);
        if (IDX_W'(i) > last) begin
          first_after = IDX_W'(i);
          any_after   = 1'b1;
        end
      end
    end
  end

  assign valid_o = request_i != '0;
  assign index_o = any_after ? first_after : first;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) last_q <= '0;
    else if (take_i && valid_o) last_q[IDX_W*best+:IDX_W] <= index_o;
  end

endmodule

`default_nettype wire
