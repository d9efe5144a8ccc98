// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// What each of a beat's 32 bytes would mean if it were a token: bit b of every output is byte
/// b's. Combinational.
///
/// **Limitations**
/// - What it says of bytes whose fields lie beyond the block's end is worthless.
module pp_lz4_token_map (
  input  logic [255:0] data_i,
  input  logic [255:0] ahead_i,  // the beat behind it
  input  logic [pp_lz_pkg::BLOCK_W-1:0] rem_i,  // bytes of the block from the beat's start on
  output logic [16*32-1:0] step_o,  // [32*d +: 32]: the next token stands 3 + d bytes on
  output logic [16*32-1:0] on_o,    // likewise, if it is in this beat and not alone_o
  output logic [31:0]  leaves_o,    // it is behind this beat
  output logic [31:0]  long_leaves_o,  // with long_o and one extension byte: the literals end there
  output logic [31:0]  long_o,      // 15 literals or more: `step_o` is worthless
  output logic [31:0]  more_o,      // the match's first extension byte is 255
  output logic [31:0]  alone_o,     // a sequence that needs a cycle of its own
  output logic [31:0]  final_o,     // its literals end the block, and are fewer than 15
  output logic [31:0]  ones_o,      // the byte is 255
  output logic [31:0]  ones2_o,     // the second byte behind it is 255
  output logic [31:0]  past_o       // it stands behind the block's end
);

  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned REACH   = 49;  // bytes looked at

  logic [REACH-1:0] ones;
  logic [31:0] l3, l2, l1, l0, m15;
  for (genvar b = 0; b < REACH; b++) begin : gen_ones
    if (b < 32) begin : gen_here
      assign ones[b] = &data_i[8*b+:8];
    end else begin : gen_ahead
      assign ones[b] = &ahead_i[8*(b-32)+:8];
    end
  end
  for (genvar b = 0; b < 32; b++) begin : gen_nibbles
    assign {l3[b], l2[b], l1[b], l0[b]} = data_i[8*b+4+:4];
    assign m15[b] = &data_i[8*b+:4];
  end
  logic unused;
  assign unused = ^ahead_i[255:8*(REACH-32)];

  // The block's end as a single bit, where it is in reach.
  logic [46:1]      stop;
  logic [31:0]      near;
  for (genvar b = 1; b < 47; b++) begin : gen_stop
    assign stop[b] = rem_i == BLOCK_W'(b);
  end
  for (genvar b = 0; b < 32; b++) begin : gen_near
    assign near[b]   = rem_i < BLOCK_W'(pp_lz4_decode_pkg::FAR_END + b);
    assign past_o[b] = rem_i <= BLOCK_W'(b);
  end

  // Literals, decoded: [32*n +: 32] for n of them.
  logic [16*32-1:0] count;
  logic [15*32-1:0] more_at, final_at;
  for (genvar n = 0; n < 16; n++) begin : gen_count
    localparam logic [3:0] N = 4'(n);
    assign count[32*n+:32] = (N[3] ? l3 : ~l3) & (N[2] ? l2 : ~l2) & (N[1] ? l1 : ~l1) & (N[0] ? l0 : ~l0);
  end
  for (genvar n = 0; n < 15; n++) begin : gen_at
    assign more_at[32*n+:32]  = count[32*n+:32] & ones[3+n+:32];
    assign final_at[32*n+:32] = count[32*n+:32] & stop[1+n+:32];
  end
  for (genvar d = 0; d < 16; d++) begin : gen_step
    if (d == 0) begin : gen_first
      assign step_o[31:0] = count[31:0] & ~m15;
    end else if (d == 15) begin : gen_last
      assign step_o[32*d+:32] = count[32*(d-1)+:32] & m15;
    end else begin : gen_middle
      assign step_o[32*d+:32] = (count[32*d+:32] & ~m15) | (count[32*(d-1)+:32] & m15);
    end
  end

  for (genvar b = 0; b < 32; b++) begin : gen_long
    if (b >= 15) begin : gen_always
      assign long_leaves_o[b] = 1'b1;
    end else begin : gen_short
      assign long_leaves_o[b] = data_i[8*(b+1)+:8] >= 8'(15 - b);
    end
  end
  // A step of 3 + d from byte 29 - d on leaves.
  logic [31:0] more, last, leaves;
  always_comb begin
    more   = '0;
    last   = '0;
    leaves = '0;
    for (int n = 0; n < 15; n++) begin
      more = more | more_at[32*n+:32];
      last = last | final_at[32*n+:32];
    end
    for (int d = 0; d < 16; d++) leaves = leaves | (step_o[32*d+:32] & (32'hffff_ffff << (29 - d)));
  end
  assign more_o   = m15 & more;
  assign final_o  = last;
  assign leaves_o = leaves;
  for (genvar d = 0; d < 16; d++) begin : gen_on
    assign on_o[32*d+:32] = step_o[32*d+:32] & {{(3+d){1'b0}}, ~alone_o[31:3+d]};
  end
  assign long_o  = count[32*15+:32];
  assign alone_o = long_o | more_o | near;
  assign ones_o  = ones[31:0];
  assign ones2_o = ones[33:2];

endmodule

`default_nettype wire
