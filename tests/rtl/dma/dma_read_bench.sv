// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: page reader on the AXI read channels; the descriptors' client is
/// open to the bench.
module dma_read_bench #(
  parameter int unsigned BURST_BEATS  = 16,
  parameter int unsigned BUFFER_PAGES = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         quiesce_i,
  output logic         idle_o,
  input  logic         sq_req_valid_i,
  output logic         sq_req_ready_o,
  input  logic [63:0]  sq_req_addr_i,
  input  logic [7:0]   sq_req_len_i,
  output logic         sq_beat_valid_o,
  output logic [255:0] beat_data_o,
  output logic         beat_error_o,
  input  logic         job_valid_i,
  output logic         job_ready_o,
  input  logic [63:0]  job_addr_i,
  output logic         out_valid_o,
  input  logic         out_ready_i,
  output logic [255:0] out_data_o,
  output logic         out_last_o,
  output logic         result_valid_o,
  output logic         result_fault_o,
  output logic [63:0]  result_addr_o,
  output logic [3:0]   m_axi_arid_o,
  output logic [63:0]  m_axi_araddr_o,
  output logic [7:0]   m_axi_arlen_o,
  output logic [2:0]   m_axi_arsize_o,
  output logic [1:0]   m_axi_arburst_o,
  output logic         m_axi_arvalid_o,
  input  logic         m_axi_arready_i,
  input  logic [3:0]   m_axi_rid_i,
  input  logic [255:0] m_axi_rdata_i,
  input  logic [1:0]   m_axi_rresp_i,
  input  logic         m_axi_rlast_i,
  input  logic         m_axi_rvalid_i,
  output logic         m_axi_rready_o
);

  logic        pg_req_valid, pg_req_ready, pg_beat_valid;
  logic [63:0] pg_req_addr;
  logic [7:0]  pg_req_len;
  pp_queue_pkg::dma_result_t result;

  assign m_axi_arsize_o  = 3'd5;
  assign m_axi_arburst_o = 2'b01;
  assign result_fault_o  = result.fault;
  assign result_addr_o   = result.addr;

  pp_axi_read i_axi (
    .clk_i,
    .rst_ni,
    .quiesce_i,
    .idle_o,
    .sq_req_valid_i,
    .sq_req_ready_o,
    .sq_req_addr_i,
    .sq_req_len_i,
    .sq_beat_valid_o,
    .pg_req_valid_i (pg_req_valid),
    .pg_req_ready_o (pg_req_ready),
    .pg_req_addr_i  (pg_req_addr),
    .pg_req_len_i   (pg_req_len),
    .pg_beat_valid_o(pg_beat_valid),
    .beat_data_o,
    .beat_error_o,
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

  pp_page_reader #(
    .BURST_BEATS (BURST_BEATS),
    .BUFFER_PAGES(BUFFER_PAGES)
  ) i_reader (
    .clk_i,
    .rst_ni,
    .job_valid_i,
    .job_ready_o,
    .job_addr_i,
    .req_valid_o (pg_req_valid),
    .req_ready_i (pg_req_ready),
    .req_addr_o  (pg_req_addr),
    .req_len_o   (pg_req_len),
    .beat_valid_i(pg_beat_valid),
    .beat_data_i (beat_data_o),
    .beat_error_i(beat_error_o),
    .out_valid_o,
    .out_ready_i,
    .out_data_o,
    .out_last_o,
    .result_valid_o,
    .result_o    (result)
  );

endmodule

`default_nettype wire
