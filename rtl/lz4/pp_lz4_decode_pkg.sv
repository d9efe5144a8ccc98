// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// What travels inside the LZ4 decoder.
///
/// **Limitations**
/// - Steps of 16 bytes; RECENT follows from the stages of pp_lz4_history.
/// - LEN_W is pp_lz_pkg's, from the same macro: yosys 0.23 knows no package within another.
package pp_lz4_decode_pkg;

  localparam int unsigned LEN_W  = `PP_UNIT_LOG2 + 1;
  localparam int unsigned STEP   = 16;  // most bytes of output a step
  localparam int unsigned RECENT = 48;  // bytes of output that may not be in the RAM yet

  /// A step of the output: literals, then bytes of a match; at most STEP together.
  typedef struct packed {
    logic              last;    // the unit's end; it has no bytes
    logic              bad;     // with last: the block is malformed
    logic              buf_no;  // output buffer
    logic [LEN_W-1:0]  pos;     // of the first byte in the output
    logic [4:0]        lit;     // count of literals
    logic [4:0]        match;   // count of the match's bytes
    logic [15:0]       offset;  // of the match; 0 gives zeros, as liblz4 does
    logic [8*STEP-1:0] text;    // the literals, from bit 0
  } step_t;

endpackage

`default_nettype wire
