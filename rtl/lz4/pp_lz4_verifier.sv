// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Proves that a block decodes to the unit that it was made from.
///
/// It keeps a copy of up to SLOTS source units, written beat by beat as they
/// arrive, and decodes a block against one of them.
///
/// **Limitations**
/// - One job at a time.
/// - Port list only so far: a stub.
module pp_lz4_verifier #(
  parameter int unsigned SLOTS = 4  // source units kept: 1 to 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // Source beats as they arrive
  input  logic         wr_en_i,
  input  logic [1:0]   wr_slot_i,
  input  logic [pp_lz_pkg::POS_W-6:0] wr_beat_i,
  input  logic [255:0] wr_data_i,
  // A job: the block of the unit in a slot, then ceil(len/32) beats of it
  input  logic         job_valid_i,
  output logic         job_ready_o,
  input  logic [1:0]   job_slot_i,
  input  logic [pp_lz_pkg::SIZE_W-1:0] job_size_i,  // the unit: 4096 << size bytes
  input  logic [pp_lz_pkg::LEN_W-1:0]  job_len_i,   // bytes of the block, at least 1
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  // The verdict
  output logic         done_o,  // for one cycle
  output logic         ok_o     // it decoded to exactly the unit's bytes
);
  assign job_ready_o = 1'b0;
  assign in_ready_o  = 1'b0;
  assign done_o      = 1'b0;
  assign ok_o        = 1'b0;
  logic unused;
  assign unused = &{1'b0, clk_i, rst_ni, wr_en_i, wr_slot_i, wr_beat_i, wr_data_i, job_valid_i,
                    job_slot_i, job_size_i, job_len_i, in_valid_i, in_data_i, SLOTS};
endmodule

`default_nettype wire
