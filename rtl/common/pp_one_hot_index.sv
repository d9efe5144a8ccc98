// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The number of the one bit that is set, plus FIRST; 0 if none is. Combinational.
///
/// **Limitations**
/// - More than one bit gives the OR of their numbers.
module pp_one_hot_index #(
  parameter int unsigned WIDTH = 16,
  parameter int unsigned FIRST = 0,   // number of bit 0
  parameter int unsigned OUT_W = 4
) (
  input  logic [WIDTH-1:0] hot_i,
  output logic [OUT_W-1:0] index_o
);

  // Bits whose number has bit b.
  function automatic logic [WIDTH-1:0] having(input int b);
    having = '0;
    for (int j = 0; j < WIDTH; j++) having[j] = (((FIRST + j) >> b) & 1) != 0;
  endfunction

  for (genvar b = 0; b < OUT_W; b++) begin : gen_bit
    localparam logic [WIDTH-1:0] HAVING = having(b);
    assign index_o[b] = |(hot_i & HAVING);
  end

endmodule

`default_nettype wire
