// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The lowest bit that is set, as one bit of as many. Combinational, log2(WIDTH) + 1
/// levels deep.
///
/// **Limitations**
/// - None of the bits set gives none.
module pp_first_set #(
  parameter int unsigned WIDTH = 16
) (
  input  logic [WIDTH-1:0] bits_i,
  output logic [WIDTH-1:0] first_o
);

  logic [WIDTH-1:0] seen;  // a bit here or below is set
  always_comb begin
    seen = bits_i;
    for (int s = 1; s < WIDTH; s = s * 2) seen = seen | (seen << s);
  end
  assign first_o = bits_i & ~(seen << 1);

endmodule

`default_nettype wire
