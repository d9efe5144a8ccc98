// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Counts the leading bytes in which a table entry's text equals the position's:
/// the first look at a candidate. Combinational.
///
/// **Limitations**
/// - Less than MIN_MATCH equal bytes are no match and count as none.
module pp_first_compare #(
  localparam int unsigned CMP   = pp_lz_pkg::FIRST_CMP,
  localparam int unsigned LEN_W = pp_lz_pkg::FIRST_W
) (
  input  logic             hit_i,  // there is an entry
  input  logic [8*CMP-1:0] old_i,
  input  logic [8*CMP-1:0] new_i,
  output logic [LEN_W-1:0] len_o   // 0, or 4..8 bytes
);

  logic [CMP-1:0] equal;
  for (genvar j = 0; j < CMP; j++) begin : gen_byte
    assign equal[j] = old_i[8*j+:8] == new_i[8*j+:8];
  end
  assign len_o = !(hit_i && (&equal[3:0])) ? LEN_W'(0) :
                 !equal[4] ? LEN_W'(4) :
                 !equal[5] ? LEN_W'(5) :
                 !equal[6] ? LEN_W'(6) :
                 !equal[7] ? LEN_W'(7) : LEN_W'(8);

endmodule

`default_nettype wire
