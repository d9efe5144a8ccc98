// SPDX-License-Identifier: Apache-2.0
`default_nettype none
`include "pp_unit.svh"

/// Constants of the match finder that the reference codec shares
/// (model/codec/match_finder.cpp).
///
/// **Limitations**
/// - The end-of-block rules are those of the LZ4 block format; 2 bytes of offset bound
///   UNIT_LOG2 to 16.
package pp_lz_pkg;

  localparam int unsigned UNIT_LOG2   = `PP_UNIT_LOG2;
  localparam int unsigned UNIT_BYTES  = 1 << UNIT_LOG2;  // of the largest unit
  localparam int unsigned POS_W       = UNIT_LOG2;       // a position in the unit
  localparam int unsigned LEN_W       = UNIT_LOG2 + 1;   // a length or an end: 0..UNIT_BYTES
  localparam int unsigned SIZE_W      = 3;               // a unit's size: 4096 << size
  localparam int unsigned BEAT_W      = POS_W - 5;       // a beat of 32 bytes in the unit
  localparam int unsigned BLOCK_W     = UNIT_LOG2 + 1;   // length of a block to decode: 1..BLOCK_MAX
  localparam int unsigned BLOCK_MAX   = UNIT_BYTES + UNIT_BYTES / 255 + 16;  // LZ4_compressBound

  // What a compressor is to do with a unit.
  localparam logic [1:0] WORK_COMPRESS = 2'd0;
  localparam logic [1:0] WORK_COPY     = 2'd1;  // give it out as it is
  localparam logic [1:0] WORK_CHECK    = 2'd2;  // same-filled test and CRC only
  localparam int unsigned BUF_W       = 2;   // a page buffer's number
  localparam int unsigned SLOT_W      = 2;   // number of a unit that is inside

  localparam int unsigned MIN_MATCH   = 4;
  localparam int unsigned LAST_START  = 12;  // a match starts so many bytes before the unit's end
  localparam int unsigned MATCH_END   = 5;   // or earlier, and ends so many before it or earlier

  localparam int unsigned FIRST_CMP   = 8;  // bytes compared at every position
  localparam int unsigned FIRST_N     = 5;  // lengths that this can tell: bit n is "4 + n or more"
  localparam int unsigned BACK        = 7;  // bytes that a match can be extended backward
  localparam int unsigned BACK_W      = 3;
  localparam int unsigned LOOP        = 6;  // windows from the parser to the followed distances
  localparam int unsigned LEFT_W      = LOOP + 1;  // bit k: k windows or more of the unit follow

  /// The tables' hashes. Row b of the matrix over GF(2) is SHORT_MASK[32*b +: 32]: bit b of the
  /// short table's hash is the parity of the 4-byte word under it. Drawn at random once with 11
  /// to 14 ones a row: as good as a multiplication, and four levels of XOR deep.
  localparam int unsigned SHORT_MASK_ROWS = 12;
  localparam logic [32*SHORT_MASK_ROWS-1:0] SHORT_MASK = {
    32'hcb8330e2, 32'h06df9805, 32'h2bc10973, 32'hca735822,
    32'h211ac277, 32'h708c8c8f, 32'hb7ab0a40, 32'hce656824,
    32'ha08940e7, 32'ha80a902b, 32'h661416d2, 32'h0225bc4d
  };

  /// Likewise for the long table and 8-byte words, 24 to 30 ones a row.
  localparam int unsigned LONG_MASK_ROWS = 10;
  localparam logic [64*LONG_MASK_ROWS-1:0] LONG_MASK = {
    64'h5a038a66c4e44941, 64'hb0064745bc43592d,
    64'he93dab1503981a41, 64'h6099adc86031d62b,
    64'h9c07c6c2019cafb1, 64'hed9c95c04c7c4206,
    64'hc4d0fd206219bd03, 64'h880d199a064d06ab,
    64'h380d1c3a6a4c0117, 64'hcf6892b2b3012252
  };

  /// One LZ4 sequence on its way from the parser to the encoder: lit_len literals
  /// from lit_pos, then a match, or the end of the unit.
  typedef struct packed {
    logic             skip;       // the unit is not to be compressed: no block; last is set
    logic             last;       // no match follows
    logic [BUF_W-1:0] page;       // buffer that holds the unit
    logic [POS_W-1:0] lit_pos;
    logic [LEN_W-1:0] lit_len;
    logic [LEN_W-1:0] match_len;
    logic [POS_W-1:0] offset;
  } sequence_t;
  localparam int unsigned SEQUENCE_W = 2 + BUF_W + 2 * POS_W + 2 * LEN_W;

endpackage

`default_nettype wire
