// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Gives each of 32 lanes the entry of a lane at or before it. Combinational.
///
/// **Limitations**
/// - A lane behind the asking one may not be named.
module pp_lz4_lane_select #(
  parameter int unsigned WIDTH = 8
) (
  input  logic [32*5-1:0]     lane_i,
  input  logic [32*WIDTH-1:0] data_i,
  output logic [32*WIDTH-1:0] data_o
);

  logic [WIDTH-1:0] entry [32];
  for (genvar i = 0; i < 32; i++) begin : gen_entry
    assign entry[i] = data_i[WIDTH*i+:WIDTH];
  end
  // Each only looks at as many entries as its own number needs, rounded up to a power of two.
  for (genvar j = 0; j < 32; j++) begin : gen_lane
    localparam int unsigned BITS = j < 2 ? 1 : $clog2(j + 1);
    logic [BITS-1:0] lane;
    assign lane = lane_i[5*j+:BITS];
    assign data_o[WIDTH*j+:WIDTH] = entry[5'(lane)];
  end
  logic unused;
  assign unused = ^lane_i;

endmodule

`default_nettype wire
