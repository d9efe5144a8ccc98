// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: the descriptor check with its job as single ports.
module sqe_check_bench (
  input  logic [511:0]                     sqe_i,
  output logic                             bad_o,
  output logic [3:0]                       detail_o,
  output logic                             compress_o,
  output logic                             decompress_o,
  output logic [63:0]                      src_addr_o,
  output logic [pp_lz_pkg::BLOCK_W-1:0]    src_len_o,
  output logic                             src_sgl_o,
  output logic [3:0]                       src_count_o,
  output logic [63:0]                      dst_addr_o,
  output logic [pp_lz_pkg::LEN_W-1:0]      dst_capacity_o,
  output logic                             dst_sgl_o,
  output logic [3:0]                       dst_count_o,
  output logic [1:0]                       work_o,
  output logic [pp_lz_pkg::SIZE_W-1:0]     size_o,
  output logic [pp_lz_pkg::LEN_W-1:0]      limit_o,
  output logic                             raw_o,
  output logic                             verify_o,
  output logic                             expect_o,
  output logic [31:0]                      expected_o
);

  pagepress_abi_pkg::pp_sqe_t sqe;
  pp_queue_pkg::job_t         job;
  logic                       unused_inject;

  assign sqe = sqe_i;

  pp_sqe_check i_dut (
    .sqe_i(sqe),
    .bad_o,
    .detail_o,
    .compress_o,
    .decompress_o,
    .job_o(job)
  );

  assign src_addr_o     = job.src_addr;
  assign src_len_o      = job.src_len;
  assign src_sgl_o      = job.src_sgl;
  assign src_count_o    = job.src_count;
  assign dst_addr_o     = job.dst_addr;
  assign dst_capacity_o = job.dst_capacity;
  assign dst_sgl_o      = job.dst_sgl;
  assign dst_count_o    = job.dst_count;
  assign work_o         = job.work;
  assign size_o         = job.size;
  assign limit_o        = job.limit;
  assign raw_o          = job.raw;
  assign verify_o       = job.verify;
  assign expect_o       = job.expect_crc;
  assign expected_o     = job.expected;
  assign unused_inject  = ^{job.inject, job.inject_arg};

endmodule

`default_nettype wire
