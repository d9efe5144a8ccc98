// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Rotates 32 bytes upwards: byte i of the input becomes byte (i + by_i) mod 32.
///
/// **Limitations**
/// - Combinational; five levels of multiplexers.
module pp_byte_rotate (
  input  logic [255:0] data_i,
  input  logic [4:0]   by_i,
  output logic [255:0] data_o
);

  logic [255:0] by16, by8, by4, by2;

  assign by16   = by_i[4] ? {data_i[127:0], data_i[255:128]} : data_i;
  assign by8    = by_i[3] ? {by16[191:0], by16[255:192]} : by16;
  assign by4    = by_i[2] ? {by8[223:0], by8[255:224]} : by8;
  assign by2    = by_i[1] ? {by4[239:0], by4[255:240]} : by4;
  assign data_o = by_i[0] ? {by2[247:0], by2[255:248]} : by2;

endmodule

`default_nettype wire
