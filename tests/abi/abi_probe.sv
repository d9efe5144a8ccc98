// SPDX-License-Identifier: Apache-2.0
/// Splits raw ring entries into the fields of the package's structs, one port a
/// field, so that abi_layout_test.cpp can compare them with the C structs.
///
/// Limitations: combinational; a test's helper, not part of the hardware.
`default_nettype none

module abi_probe (
  // Entries as they lie in memory: byte i in bits [8*i +: 8]
  input  wire logic [511:0] sqe_i,
  input  wire logic [255:0] cqe_i,
  input  wire logic [127:0] sge_i,

  output logic [7:0]  sqe_opcode_o,
  output logic [7:0]  sqe_algorithm_o,
  output logic [15:0] sqe_flags_o,
  output logic [31:0] sqe_src_len_o,
  output logic [63:0] sqe_src_addr_o,
  output logic [63:0] sqe_dst_addr_o,
  output logic [31:0] sqe_dst_capacity_o,
  output logic [31:0] sqe_limit_o,
  output logic [63:0] sqe_tag_o,
  output logic [31:0] sqe_expected_crc32c_o,
  output logic [7:0]  sqe_src_sge_count_o,
  output logic [7:0]  sqe_dst_sge_count_o,
  output logic [15:0] sqe_reserved0_o,
  output logic [63:0] sqe_reserved1_o,
  output logic [63:0] sqe_reserved2_o,

  output logic [63:0] cqe_tag_o,
  output logic [31:0] cqe_out_len_o,
  output logic [31:0] cqe_crc32c_o,
  output logic [63:0] cqe_info_o,
  output logic [31:0] cqe_engine_cycles_o,
  output logic [15:0] cqe_sq_head_o,
  output logic [7:0]  cqe_status_o,
  output logic [7:0]  cqe_flags_o,

  output logic [63:0] sge_addr_o,
  output logic [31:0] sge_len_o,
  output logic [31:0] sge_reserved_o
);
  // WIDTH warnings are errors here: a struct or field of another size does not build.
  pagepress_abi_pkg::pp_sqe_t sqe;
  pagepress_abi_pkg::pp_cqe_t cqe;
  pagepress_abi_pkg::pp_sge_t sge;

  assign sqe = sqe_i;
  assign cqe = cqe_i;
  assign sge = sge_i;

  assign sqe_opcode_o = sqe.opcode;
  assign sqe_algorithm_o = sqe.algorithm;
  assign sqe_flags_o = sqe.flags;
  assign sqe_src_len_o = sqe.src_len;
  assign sqe_src_addr_o = sqe.src_addr;
  assign sqe_dst_addr_o = sqe.dst_addr;
  assign sqe_dst_capacity_o = sqe.dst_capacity;
  assign sqe_limit_o = sqe.limit;
  assign sqe_tag_o = sqe.tag;
  assign sqe_expected_crc32c_o = sqe.expected_crc32c;
  assign sqe_src_sge_count_o = sqe.src_sge_count;
  assign sqe_dst_sge_count_o = sqe.dst_sge_count;
  assign sqe_reserved0_o = sqe.reserved0;
  assign sqe_reserved1_o = sqe.reserved1;
  assign sqe_reserved2_o = sqe.reserved2;

  assign cqe_tag_o = cqe.tag;
  assign cqe_out_len_o = cqe.out_len;
  assign cqe_crc32c_o = cqe.crc32c;
  assign cqe_info_o = cqe.info;
  assign cqe_engine_cycles_o = cqe.engine_cycles;
  assign cqe_sq_head_o = cqe.sq_head;
  assign cqe_status_o = cqe.status;
  assign cqe_flags_o = cqe.flags;

  assign sge_addr_o = sge.addr;
  assign sge_len_o = sge.len;
  assign sge_reserved_o = sge.reserved;
endmodule

`default_nettype wire
