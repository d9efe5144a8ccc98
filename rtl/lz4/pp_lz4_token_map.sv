// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// What each of a beat's 32 bytes, and of the first bytes behind it, would mean if it were a
/// token: bit b of every output is byte b's. Combinational.
///
/// A sequence has a step, and so can be followed by another one in the same cycle, if it has up
/// to 14 literals, or up to 22 (one extension byte of 7 at most, "middle"). Behind the beat only
/// the former count: all of a sequence must be in two beats.
///
/// **Limitations**
/// - What it says of bytes whose fields lie beyond the block's end is worthless.
module pp_lz4_token_map (
  input  logic [255:0] data_i,
  input  logic [255:0] ahead_i,  // the beat behind it
  input  logic [pp_lz_pkg::BLOCK_W-1:0] rem_i,  // bytes of the block from the beat's start on
  output logic [16*pp_lz4_decode_pkg::PLACES-1:0] step_o,  // [PLACES*d +: PLACES]: the next token
                                                           // stands 3 + d bytes on
  output logic [9*32-1:0] wide_o,   // [32*d +: 32]: 19 + d bytes
  output logic [16*pp_lz4_decode_pkg::PLACES-1:0] on_o,  // as step_o, if neither is alone_o, and
  output logic [9*32-1:0] on_wide_o,                     // the next one is among these bytes
  output logic [pp_lz4_decode_pkg::PLACES-1:0] goes_o,   // on_o or on_wide_o has it
  output logic [31:0]  leaves_o,    // the next token is behind this beat
  output logic [31:0]  long_leaves_o,  // with long_o and one extension byte: the literals end there,
                                       // or the offset does that may be taken with them
  output logic         roomy_o,     // far enough from the block's end for that
  output logic [31:0]  long_o,      // 15 literals or more, not middle: it has no step
  output logic [31:0]  more_o,      // the match's first extension byte is 255
  output logic [34:0]  alone_o,     // a sequence that needs a cycle of its own
  output logic [31:0]  final_o,     // its literals end the block, and are fewer than 15
  output logic [31:0]  ones_o,      // the byte is 255
  output logic [31:0]  ones2_o,     // the second byte behind it is 255
  output logic [31:0]  past_o       // it stands behind the block's end
);

  localparam int unsigned BLOCK_W = pp_lz_pkg::BLOCK_W;
  localparam int unsigned PLACES  = pp_lz4_decode_pkg::PLACES;
  localparam int unsigned REACH   = PLACES + 17;  // bytes looked at; a middle one's are fewer

  logic [REACH-1:0]  ones;
  logic [PLACES-1:0] l3, l2, l1, l0, m15;
  for (genvar b = 0; b < REACH; b++) begin : gen_ones
    if (b < 32) begin : gen_here
      assign ones[b] = &data_i[8*b+:8];
    end else begin : gen_ahead
      assign ones[b] = &ahead_i[8*(b-32)+:8];
    end
  end
  for (genvar b = 0; b < PLACES; b++) begin : gen_nibbles
    if (b < 32) begin : gen_here
      assign {l3[b], l2[b], l1[b], l0[b]} = data_i[8*b+4+:4];
      assign m15[b] = &data_i[8*b+:4];
    end else begin : gen_ahead
      assign {l3[b], l2[b], l1[b], l0[b]} = ahead_i[8*(b-32)+4+:4];
      assign m15[b] = &ahead_i[8*(b-32)+:4];
    end
  end
  logic unused;
  assign unused = ^ahead_i[255:8*(REACH-32)];

  // The block's end as a single bit, where it is in reach.
  logic [46:1]       stop;
  logic [PLACES-1:0] near;
  logic [31:0]       far_mid;
  for (genvar b = 1; b < 47; b++) begin : gen_stop
    assign stop[b] = rem_i == BLOCK_W'(b);
  end
  for (genvar b = 0; b < PLACES; b++) begin : gen_near
    assign near[b] = rem_i < BLOCK_W'(pp_lz4_decode_pkg::FAR_END + b);
  end
  for (genvar b = 0; b < 32; b++) begin : gen_past
    assign past_o[b]  = rem_i <= BLOCK_W'(b);
    assign far_mid[b] = rem_i >= BLOCK_W'(pp_lz4_decode_pkg::FAR_MID + b);
  end

  // Literals, decoded: [PLACES*n +: PLACES] for n of them; for 15 + n of them [32*n +: 32].
  logic [16*PLACES-1:0] count;
  logic [8*32-1:0]      mid_count;
  logic [31:0]          mid, e2, e1, e0;
  for (genvar n = 0; n < 16; n++) begin : gen_count
    localparam logic [3:0] N = 4'(n);
    assign count[PLACES*n+:PLACES] = (N[3] ? l3 : ~l3) & (N[2] ? l2 : ~l2) & (N[1] ? l1 : ~l1) & (N[0] ? l0 : ~l0);
  end
  assign roomy_o = rem_i >= BLOCK_W'(pp_lz4_decode_pkg::FAR_JOIN);
  for (genvar b = 0; b < 32; b++) begin : gen_mid
    logic [7:0] ext;
    if (b < 31) begin : gen_here
      assign ext = data_i[8*(b+1)+:8];
    end else begin : gen_ahead
      assign ext = ahead_i[7:0];
    end
    assign mid[b] = count[PLACES*15+b] && ext[7:3] == 5'd0 && far_mid[b];
    assign {e2[b], e1[b], e0[b]} = ext[2:0];
    if (b >= 15) begin : gen_always
      assign long_leaves_o[b] = 1'b1;
    end else begin : gen_short
      assign long_leaves_o[b] = ext >= 8'(15 - b) ||
                                (roomy_o && !m15[b] && 9'(ext) + 9'(b) >= 9'd13);
    end
  end
  for (genvar n = 0; n < 8; n++) begin : gen_mid_count
    localparam logic [2:0] N = 3'(n);
    assign mid_count[32*n+:32] = mid & (N[2] ? e2 : ~e2) & (N[1] ? e1 : ~e1) & (N[0] ? e0 : ~e0);
  end

  // Steps: 3 + n bytes with n < 15 literals, and 4 + n with more, without the match's extension.
  for (genvar d = 0; d < 16; d++) begin : gen_step
    if (d == 0) begin : gen_first
      assign step_o[PLACES-1:0] = count[PLACES-1:0] & ~m15;
    end else if (d == 15) begin : gen_last
      assign step_o[PLACES*d+:PLACES] = count[PLACES*(d-1)+:PLACES] & m15;
    end else begin : gen_middle
      assign step_o[PLACES*d+:PLACES] = (count[PLACES*d+:PLACES] & ~m15) | (count[PLACES*(d-1)+:PLACES] & m15);
    end
  end
  for (genvar d = 0; d < 9; d++) begin : gen_wide
    if (d == 0) begin : gen_first
      assign wide_o[31:0] = mid_count[31:0] & ~m15[31:0];
    end else if (d == 8) begin : gen_last
      assign wide_o[32*d+:32] = mid_count[32*(d-1)+:32] & m15[31:0];
    end else begin : gen_middle
      assign wide_o[32*d+:32] = (mid_count[32*d+:32] & ~m15[31:0]) | (mid_count[32*(d-1)+:32] & m15[31:0]);
    end
  end

  // ORs of many: groups first, so that they are no chains.
  logic [PLACES-1:0] more, goes, alone;
  logic [31:0]       last, leaves, long_seq;
  always_comb begin
    logic [PLACES-1:0] some;
    logic [31:0]       some_last, some_leave;
    more   = '0;
    last   = '0;
    leaves = '0;
    for (int g = 0; g < 5; g++) begin
      some      = '0;
      some_last = '0;
      for (int n = 3 * g; n < 3 * g + 3; n++) begin
        some      = some | (count[PLACES*n+:PLACES] & ones[3+n+:PLACES]);
        some_last = some_last | (count[PLACES*n+:32] & stop[1+n+:32]);
      end
      more = more | some;
      last = last | some_last;
    end
    for (int g = 0; g < 2; g++) begin
      some = '0;
      for (int n = 4 * g; n < 4 * g + 4; n++) begin
        some = some | {{(PLACES-32){1'b0}}, mid_count[32*n+:32] & ones[19+n+:32]};
      end
      more = more | some;
    end
    more = more & m15;
    // A step of 3 + d from byte 29 - d on leaves.
    for (int g = 0; g < 4; g++) begin
      some_leave = '0;
      for (int d = 4 * g; d < 4 * g + 4; d++) begin
        some_leave = some_leave | (step_o[PLACES*d+:32] & (32'hffff_ffff << (29 - d)));
      end
      leaves = leaves | some_leave;
    end
    for (int g = 0; g < 3; g++) begin
      some_leave = '0;
      for (int d = 3 * g; d < 3 * g + 3; d++) begin
        some_leave = some_leave | (wide_o[32*d+:32] & (32'hffff_ffff << (13 - d)));
      end
      leaves = leaves | some_leave;
    end
  end
  assign long_seq = count[PLACES*15+:32] & ~mid;
  assign long_o   = long_seq;
  assign more_o   = more[31:0];
  assign final_o  = last;
  assign leaves_o = leaves;
  assign alone_o  = alone[34:0];
  assign alone    = {count[PLACES*15+32+:(PLACES-32)], long_seq} | more | near;
  for (genvar d = 0; d < 16; d++) begin : gen_on
    assign on_o[PLACES*d+:PLACES] = step_o[PLACES*d+:PLACES] & ~alone & {{(3+d){1'b0}}, ~alone[PLACES-1:3+d]};
  end
  for (genvar d = 0; d < 9; d++) begin : gen_on_wide
    if (19 + d + 32 <= PLACES) begin : gen_all
      assign on_wide_o[32*d+:32] = wide_o[32*d+:32] & ~alone[31:0] & ~alone[19+d+:32];
    end else begin : gen_some
      assign on_wide_o[32*d+:32] = wide_o[32*d+:32] & ~alone[31:0] &
                                   {{(19+d+32-PLACES){1'b0}}, ~alone[PLACES-1:19+d]};
    end
  end
  always_comb begin
    logic [PLACES-1:0] some;
    goes = '0;
    for (int g = 0; g < 4; g++) begin
      some = '0;
      for (int d = 4 * g; d < 4 * g + 4; d++) some = some | on_o[PLACES*d+:PLACES];
      goes = goes | some;
    end
    for (int g = 0; g < 3; g++) begin
      some = '0;
      for (int d = 3 * g; d < 3 * g + 3; d++) some = some | {{(PLACES-32){1'b0}}, on_wide_o[32*d+:32]};
      goes = goes | some;
    end
  end
  assign goes_o  = goes;
  assign ones_o  = ones[31:0];
  assign ones2_o = ones[33:2];

endmodule

`default_nettype wire
