// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Puts two strings of at most BYTES bytes one behind the other; a cycle later.
///
/// **Limitations**
/// - The low string must be zero beyond its length.
module pp_lz4_join #(
  parameter int unsigned BYTES = 16,                 // of each: a power of two
  localparam int unsigned LEN_W = $clog2(BYTES) + 1  // a length: 0..BYTES
) (
  input  logic                 clk_i,
  input  logic [16*BYTES-1:0]  data_i,  // the low half comes first
  input  logic [2*LEN_W-1:0]   len_i,
  output logic [16*BYTES-1:0]  data_o,
  output logic [LEN_W:0]       len_o
);

  logic [16*BYTES-1:0] moved;
  always_comb begin
    moved = {{(8*BYTES){1'b0}}, data_i[8*BYTES+:8*BYTES]};
    for (int s = 0; s < LEN_W; s++) begin
      if (len_i[s]) moved = moved << (8 << s);
    end
  end
  always_ff @(posedge clk_i) begin
    data_o <= moved | {{(8*BYTES){1'b0}}, data_i[0+:8*BYTES]};
    len_o  <= {1'b0, len_i[0+:LEN_W]} + {1'b0, len_i[LEN_W+:LEN_W]};
  end

endmodule

`default_nettype wire
