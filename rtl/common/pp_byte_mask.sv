// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// A mask of 32 bytes: all ones from byte from_i on, zeros below.
///
/// **Limitations**
/// - Combinational.
module pp_byte_mask (
  input  logic [4:0]   from_i,
  output logic [255:0] mask_o
);

  logic [31:0] bytes;

  assign bytes = {32{1'b1}} << from_i;

  // Whole words: byte by byte is slow in simulation.
  always_comb begin
    for (int unsigned w = 0; w < 8; w++) begin
      mask_o[32*w +: 32] = {{8{bytes[4*w+3]}}, {8{bytes[4*w+2]}},
                            {8{bytes[4*w+1]}}, {8{bytes[4*w]}}};
    end
  end

endmodule

`default_nettype wire
