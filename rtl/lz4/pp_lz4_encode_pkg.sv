// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_unit.svh"

/// What travels inside the LZ4 encoder.
///
/// A sequence becomes *slots* of at most 16 bytes each, in this order:
///
///     head       token, first length byte, first literals; and the tail if all literals fit
///     chain      up to 16 bytes of a literal length beyond 269, the last one with its rest
///     literals   16 literals; the last one also has the tail: offset, first length byte
///     chain      likewise of a match length beyond 273
///
/// **Limitations**
/// - Widths are pp_lz_pkg's, from the same macro: yosys 0.23 knows no package within another.
package pp_lz4_encode_pkg;

  localparam int unsigned POS_W = `PP_UNIT_LOG2;
  localparam int unsigned LEN_W = POS_W + 1;
  localparam int unsigned SLOT  = 16;           // most bytes of a slot
  localparam int unsigned SHORT = 12;           // literals beside which head and tail fit in a slot
  localparam int unsigned FIRST = 14;           // literals in the head slot of a longer run
  localparam int unsigned NL_W  = LEN_W - 4;    // literal slots after the head
  localparam int unsigned CHAIN_W = LEN_W - 10; // slots of a chain
  localparam int unsigned SLOTS_W = LEN_W - 3;  // slots of a row, signed: those done count below zero

  /// A sequence with its lengths taken apart.
  typedef struct packed {
    logic               last;       // no match follows: no tail
    logic               short_run;  // of at most SHORT literals
    logic               lit_ext;    // the literal length goes on behind the token,
    logic               lit_two;    // and needs 14 or more literals: FIRST of them in the head slot
    logic [CHAIN_W-1:0] lit_chain;  // slots of that chain, 0 if one byte in the head is enough
    logic [3:0]         lit_full;   // bytes of 255 in its last slot
    logic [7:0]         lit_rest;   // and the byte after them, or the one byte
    logic               mat_ext;    // the match length likewise
    logic [CHAIN_W-1:0] mat_chain;
    logic [3:0]         mat_full;
    logic [7:0]         mat_rest;
    logic [7:0]         token;
    logic [POS_W-1:0]   lit_pos;
    logic [LEN_W-1:0]   lit_len;
    logic [POS_W-1:0]   offset;
  } measured_t;
  localparam int unsigned MEASURED_W = 37 + 2 * CHAIN_W + 2 * POS_W + LEN_W;

endpackage

`default_nettype wire
