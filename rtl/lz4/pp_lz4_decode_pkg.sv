// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Geometry of the LZ4 decoder (docs/decoder.md); model/codec/decoder_cycles.cpp has the same.
///
/// **Limitations**
/// - SLOTS is built into the wiring of the parser, TAKEN and QUEUE into that of the queue of records:
///   another number needs other modules.
package pp_lz4_decode_pkg;

  localparam int unsigned SLOTS   = 4;   // sequences read a cycle
  localparam int unsigned TAKEN   = 5;   // records that a chunk is made of: 9 of them, as a row of
                                         // 4-byte matches may have, are two chunks
  localparam int unsigned QUEUE   = 16;  // records between judge and chunker
  localparam int unsigned RING    = 16;  // beats of input whose literals are kept
  localparam int unsigned NO_W    = 5;   // number of a beat: its row in the ring and a lap bit
  localparam int unsigned ADDR_W  = NO_W + 5;  // a byte in it
  localparam int unsigned FAR_END = 23;  // bytes of input left where no rule looks at the end
  localparam int unsigned FAR_MID = 32;  // likewise, with an extension byte of the literals' count
  localparam int unsigned FAR_JOIN = 70;  // likewise, from a beat on, for a match within two beats
  localparam int unsigned PLACES  = 44;  // bytes from a beat's start in which tokens are read with it
  localparam int unsigned TAG_W   = 3;   // tells units between parser and judge apart
  localparam int unsigned RUN_W   = 18;  // count of literals; stays beyond 2^17 once there
  localparam int unsigned SUM_W   = 12;  // bytes of output of a row of records, signed

endpackage

`default_nettype wire
