// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Picks one of N requests: strictly by class (7 first), inside a class in rounds: nobody
/// is served twice while another one that asks has not been served once.
/// Each class has a turn of its own: with one for all, grants to a high class in
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

  // ---- Requests by class, and the highest class that has any
  logic [N*CLASSES-1:0] by_class;  // of class c in [N*c +: N]
  logic [CLASSES-1:0]   any;
  logic [CLASSES-1:0]   top;       // one-hot
  always_comb begin
    for (int c = 0; c < CLASSES; c++) begin
      for (int i = 0; i < N; i++) begin
        by_class[N*c+i] = request_i[i] && (CLASSES == 1 || class_i[3*i+:3] == 3'(c));
      end
      any[c] = by_class[N*c+:N] != '0;
    end
    for (int c = 0; c < CLASSES; c++) top[c] = any[c] && (any >> c) == CLASSES'(1);
  end

  // ---- The requester: one that was not served in this round; if there is none, a new
  // round begins for those that ask. A pointer would not do: when requesters come and go
  // at different times, one behind the pointer can be passed over for ever.
  logic [N*CLASSES-1:0] served_q;  // of class c in [N*c +: N]
  logic [N-1:0]         peers;
  logic [N-1:0]         served;
  logic [N-1:0]         fresh;
  logic [N-1:0]         pool;
  logic [N-1:0]         grant;     // one-hot

  always_comb begin
    peers  = '0;
    served = '0;
    for (int c = 0; c < CLASSES; c++) begin
      peers  = peers | (by_class[N*c+:N] & {N{top[c]}});
      served = served | (served_q[N*c+:N] & {N{top[c]}});
    end
  end

  assign fresh = peers & ~served;
  assign pool  = (fresh != '0) ? fresh : peers;

  always_comb begin
    index_o = '0;
    for (int i = 0; i < N; i++) begin
      grant[i] = pool[i] && (pool & ~({N{1'b1}} << i)) == '0;
      if (grant[i]) index_o = index_o | IDX_W'(i);
    end
  end

  assign valid_o = request_i != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      served_q <= '0;
    end else if (take_i && valid_o) begin
      for (int c = 0; c < CLASSES; c++) begin
        if (top[c]) served_q[N*c+:N] <= grant | ((fresh != '0) ? served : served & ~peers);
      end
    end
  end

  if (CLASSES == 1) begin : gen_one_class
    logic unused_class;
    assign unused_class = ^class_i;
  end

endmodule

`default_nettype wire
