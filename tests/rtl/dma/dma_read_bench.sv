// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: a unit reader on the AXI read channels, as client 1 of three; the others
/// are open to the bench.
module dma_read_bench #(
  parameter int unsigned DATA_W       = 256,
  parameter int unsigned BURST_BEATS  = 16,
  parameter int unsigned BUFFER_BYTES = 16384
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              quiesce_i,
  output logic              idle_o,
  output logic              busy_o,
  // Clients 0 (bit 0) and 2 (bit 1)
  input  logic [1:0]        open_valid_i,
  output logic [1:0]        open_ready_o,
  input  logic [127:0]      open_addr_i,
  input  logic [15:0]       open_len_i,
  output logic [1:0]        open_beat_valid_o,
  output logic [DATA_W-1:0] beat_data_o,
  output logic              beat_last_o,
  input  logic              job_valid_i,
  output logic              job_ready_o,
  input  logic [63:0]       job_src_addr_i,
  input  logic [31:0]       job_src_len_i,
  input  logic              job_src_sgl_i,
  input  logic [3:0]        job_src_count_i,
  input  logic [63:0]       job_dst_addr_i,
  input  logic [31:0]       job_dst_cap_i,
  input  logic              job_dst_sgl_i,
  input  logic [3:0]        job_dst_count_i,
  output logic              out_valid_o,
  input  logic              out_ready_i,
  output logic [255:0]      out_data_o,
  output logic              out_last_o,
  output logic              result_valid_o,
  input  logic              result_ready_i,
  output logic              result_fault_o,
  output logic              result_list_fault_o,
  output logic              result_bad_list_o,
  output logic [63:0]       result_addr_o,
  output logic              dst_valid_o,
  input  logic              dst_ready_i,
  output logic [63:0]       dst_addr_o,
  output logic [31:0]       dst_len_o,
  output logic              dst_last_o,
  output logic [3:0]        m_axi_arid_o,
  output logic [63:0]       m_axi_araddr_o,
  output logic [7:0]        m_axi_arlen_o,
  output logic [2:0]        m_axi_arsize_o,
  output logic [1:0]        m_axi_arburst_o,
  output logic              m_axi_arvalid_o,
  input  logic              m_axi_arready_i,
  input  logic [3:0]        m_axi_rid_i,
  input  logic [DATA_W-1:0] m_axi_rdata_i,
  input  logic [1:0]        m_axi_rresp_i,
  input  logic              m_axi_rlast_i,
  input  logic              m_axi_rvalid_i,
  output logic              m_axi_rready_o
);

  logic        req_valid, req_ready, beat_valid, beat_error;
  logic [63:0] req_addr;
  logic [7:0]  req_len;
  logic [pp_lz_pkg::LEN_W-1:0] dst_len;

  assign m_axi_arsize_o  = 3'($clog2(DATA_W / 8));
  assign m_axi_arburst_o = 2'b01;
  assign dst_len_o       = 32'(dst_len);

  // Lengths are 32 bits wide here whatever the largest unit is.
  logic unused_bits;
  assign unused_bits = ^job_src_len_i ^ ^job_dst_cap_i;

  pp_axi_read #(
    .DATA_W (DATA_W),
    .CLIENTS(3)
  ) i_axi (
    .clk_i,
    .rst_ni,
    .quiesce_i,
    .idle_o,
    .req_valid_i ({open_valid_i[1], req_valid, open_valid_i[0]}),
    .req_ready_o ({open_ready_o[1], req_ready, open_ready_o[0]}),
    .req_addr_i  ({open_addr_i[127:64], req_addr, open_addr_i[63:0]}),
    .req_len_i   ({open_len_i[15:8], req_len, open_len_i[7:0]}),
    .beat_valid_o({open_beat_valid_o[1], beat_valid, open_beat_valid_o[0]}),
    .beat_data_o,
    .beat_error_o(beat_error),
    .beat_last_o,
    .m_axi_arid_o,
    .m_axi_araddr_o,
    .m_axi_arlen_o,
    .m_axi_arvalid_o,
    .m_axi_arready_i,
    .m_axi_rid_i,
    .m_axi_rdata_i,
    .m_axi_rresp_i,
    .m_axi_rlast_i,
    .m_axi_rvalid_i,
    .m_axi_rready_o
  );

  pp_unit_reader #(
    .DATA_W      (DATA_W),
    .BURST_BEATS (BURST_BEATS),
    .BUFFER_BYTES(BUFFER_BYTES)
  ) i_reader (
    .clk_i,
    .rst_ni,
    .busy_o,
    .job_valid_i,
    .job_ready_o,
    .job_src_addr_i,
    .job_src_len_i (pp_lz_pkg::BLOCK_W'(job_src_len_i)),
    .job_src_sgl_i,
    .job_src_count_i,
    .job_dst_addr_i,
    .job_dst_cap_i (pp_lz_pkg::LEN_W'(job_dst_cap_i)),
    .job_dst_sgl_i,
    .job_dst_count_i,
    .req_valid_o   (req_valid),
    .req_ready_i   (req_ready),
    .req_addr_o    (req_addr),
    .req_len_o     (req_len),
    .beat_valid_i  (beat_valid),
    .beat_data_i   (beat_data_o),
    .beat_error_i  (beat_error),
    .out_valid_o,
    .out_ready_i,
    .out_data_o,
    .out_last_o,
    .result_valid_o,
    .result_ready_i,
    .result_fault_o,
    .result_list_fault_o,
    .result_bad_list_o,
    .result_addr_o,
    .dst_valid_o,
    .dst_ready_i,
    .dst_addr_o,
    .dst_len_o     (dst_len),
    .dst_last_o
  );

endmodule

`default_nettype wire
