// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Doubles the steps that a pointer from lane to lane has gone. Combinational.
///
/// **Limitations**
/// - A lane points to itself or to one before it.
module pp_lz4_lane_jump (
  input  logic [32*5-1:0] parent_i,
  output logic [32*5-1:0] parent_o
);

  pp_lz4_lane_select #(.WIDTH(5)) i_select (.lane_i(parent_i), .data_i(parent_i), .data_o(parent_o));

endmodule

`default_nettype wire
