// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: page writer on the AXI write channels; the completions' client is
/// open to the bench.
module dma_write_bench #(
  parameter int unsigned BURST_BEATS = 16,
  parameter int unsigned MAX_BURSTS  = 32
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         quiesce_i,
  output logic         idle_o,
  input  logic         job_valid_i,
  output logic         job_ready_o,
  input  logic [63:0]  job_addr_i,
  input  logic [12:0]  job_len_i,
  input  logic         in_valid_i,
  output logic         in_ready_o,
  input  logic [255:0] in_data_i,
  input  logic         in_last_i,
  output logic         result_valid_o,
  input  logic         result_ready_i,
  output logic         result_fault_o,
  output logic [63:0]  result_addr_o,
  input  logic         cq_req_valid_i,
  output logic         cq_req_ready_o,
  input  logic [63:0]  cq_req_addr_i,
  input  logic [255:0] cq_req_data_i,
  output logic         cq_resp_valid_o,
  output logic         resp_error_o,
  output logic [3:0]   m_axi_awid_o,
  output logic [63:0]  m_axi_awaddr_o,
  output logic [7:0]   m_axi_awlen_o,
  output logic [2:0]   m_axi_awsize_o,
  output logic [1:0]   m_axi_awburst_o,
  output logic         m_axi_awvalid_o,
  input  logic         m_axi_awready_i,
  output logic [255:0] m_axi_wdata_o,
  output logic [31:0]  m_axi_wstrb_o,
  output logic         m_axi_wlast_o,
  output logic         m_axi_wvalid_o,
  input  logic         m_axi_wready_i,
  input  logic [3:0]   m_axi_bid_i,
  input  logic [1:0]   m_axi_bresp_i,
  input  logic         m_axi_bvalid_i,
  output logic         m_axi_bready_o
);

  logic         req_valid, req_ready, beat_valid, beat_ready, pg_resp_valid;
  logic [63:0]  req_addr;
  logic [7:0]   req_len;
  logic [255:0] beat_data;
  logic [31:0]  beat_strb;
  pp_queue_pkg::dma_result_t result;

  assign m_axi_awsize_o  = 3'd5;
  assign m_axi_awburst_o = 2'b01;
  assign result_fault_o  = result.fault;
  assign result_addr_o   = result.addr;

  pp_page_writer #(
    .BURST_BEATS(BURST_BEATS),
    .MAX_BURSTS (MAX_BURSTS)
  ) i_writer (
    .clk_i,
    .rst_ni,
    .job_valid_i,
    .job_ready_o,
    .job_addr_i,
    .job_len_i,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_last_i,
    .req_valid_o   (req_valid),
    .req_ready_i   (req_ready),
    .req_addr_o    (req_addr),
    .req_len_o     (req_len),
    .beat_valid_o  (beat_valid),
    .beat_ready_i  (beat_ready),
    .beat_data_o   (beat_data),
    .beat_strb_o   (beat_strb),
    .resp_valid_i  (pg_resp_valid),
    .resp_error_i  (resp_error_o),
    .result_valid_o,
    .result_ready_i,
    .result_o      (result)
  );

  pp_axi_write i_axi (
    .clk_i,
    .rst_ni,
    .quiesce_i,
    .idle_o,
    .pg_req_valid_i (req_valid),
    .pg_req_ready_o (req_ready),
    .pg_req_addr_i  (req_addr),
    .pg_req_len_i   (req_len),
    .pg_beat_valid_i(beat_valid),
    .pg_beat_ready_o(beat_ready),
    .pg_beat_data_i (beat_data),
    .pg_beat_strb_i (beat_strb),
    .pg_resp_valid_o(pg_resp_valid),
    .cq_req_valid_i,
    .cq_req_ready_o,
    .cq_req_addr_i,
    .cq_req_data_i,
    .cq_resp_valid_o,
    .resp_error_o,
    .m_axi_awid_o,
    .m_axi_awaddr_o,
    .m_axi_awlen_o,
    .m_axi_awvalid_o,
    .m_axi_awready_i,
    .m_axi_wdata_o,
    .m_axi_wstrb_o,
    .m_axi_wlast_o,
    .m_axi_wvalid_o,
    .m_axi_wready_i,
    .m_axi_bid_i,
    .m_axi_bresp_i,
    .m_axi_bvalid_i,
    .m_axi_bready_o
  );

endmodule

`default_nettype wire
