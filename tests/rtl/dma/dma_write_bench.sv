// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// Bench top: two unit writers on the AXI write channels; the completions' client is
/// open to the bench. Of every vector, the lower half is writer 0's.
module dma_write_bench #(
  parameter int unsigned DATA_W      = 256,
  parameter int unsigned BURST_BEATS = 16,
  parameter int unsigned MAX_BURSTS  = 32
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                quiesce_i,
  output logic                idle_o,
  output logic [1:0]          busy_o,
  input  logic [1:0]          job_valid_i,
  output logic [1:0]          job_ready_o,
  input  logic [63:0]         job_len_i,
  input  logic [1:0]          rng_valid_i,
  output logic [1:0]          rng_ready_o,
  input  logic [127:0]        rng_addr_i,
  input  logic [63:0]         rng_len_i,
  input  logic [1:0]          rng_last_i,
  input  logic [1:0]          in_valid_i,
  output logic [1:0]          in_ready_o,
  input  logic [511:0]        in_data_i,
  input  logic [1:0]          in_last_i,
  output logic [1:0]          result_valid_o,
  input  logic [1:0]          result_ready_i,
  output logic [1:0]          result_fault_o,
  output logic [127:0]        result_addr_o,
  input  logic                cq_req_valid_i,
  output logic                cq_req_ready_o,
  input  logic [63:0]         cq_req_addr_i,
  input  logic [255:0]        cq_req_data_i,
  output logic                cq_resp_valid_o,
  output logic                resp_error_o,
  output logic [3:0]          m_axi_awid_o,
  output logic [63:0]         m_axi_awaddr_o,
  output logic [7:0]          m_axi_awlen_o,
  output logic [2:0]          m_axi_awsize_o,
  output logic [1:0]          m_axi_awburst_o,
  output logic                m_axi_awvalid_o,
  input  logic                m_axi_awready_i,
  output logic [DATA_W-1:0]   m_axi_wdata_o,
  output logic [DATA_W/8-1:0] m_axi_wstrb_o,
  output logic                m_axi_wlast_o,
  output logic                m_axi_wvalid_o,
  input  logic                m_axi_wready_i,
  input  logic [3:0]          m_axi_bid_i,
  input  logic [1:0]          m_axi_bresp_i,
  input  logic                m_axi_bvalid_i,
  output logic                m_axi_bready_o
);

  logic [1:0]            req_valid, req_ready, beat_valid, beat_ready, resp_valid;
  logic [127:0]          req_addr;
  logic [15:0]           req_len;
  logic [2*DATA_W-1:0]   beat_data;
  logic [2*DATA_W/8-1:0] beat_strb;

  assign m_axi_awsize_o  = 3'($clog2(DATA_W / 8));
  assign m_axi_awburst_o = 2'b01;

  // Lengths are 32 bits wide here whatever the largest unit is.
  logic unused_bits;
  assign unused_bits = ^job_len_i ^ ^rng_len_i;

  for (genvar i = 0; i < 2; i++) begin : gen_writer
    pp_unit_writer #(
      .DATA_W     (DATA_W),
      .BURST_BEATS(BURST_BEATS),
      .MAX_BURSTS (MAX_BURSTS)
    ) i_writer (
      .clk_i,
      .rst_ni,
      .busy_o        (busy_o[i]),
      .job_valid_i   (job_valid_i[i]),
      .job_ready_o   (job_ready_o[i]),
      .job_len_i     (pp_lz_pkg::LEN_W'(job_len_i[i*32 +: 32])),
      .rng_valid_i   (rng_valid_i[i]),
      .rng_ready_o   (rng_ready_o[i]),
      .rng_addr_i    (rng_addr_i[i*64 +: 64]),
      .rng_len_i     (pp_lz_pkg::LEN_W'(rng_len_i[i*32 +: 32])),
      .rng_last_i    (rng_last_i[i]),
      .in_valid_i    (in_valid_i[i]),
      .in_ready_o    (in_ready_o[i]),
      .in_data_i     (in_data_i[i*256 +: 256]),
      .in_last_i     (in_last_i[i]),
      .req_valid_o   (req_valid[i]),
      .req_ready_i   (req_ready[i]),
      .req_addr_o    (req_addr[i*64 +: 64]),
      .req_len_o     (req_len[i*8 +: 8]),
      .beat_valid_o  (beat_valid[i]),
      .beat_ready_i  (beat_ready[i]),
      .beat_data_o   (beat_data[i*DATA_W +: DATA_W]),
      .beat_strb_o   (beat_strb[i*DATA_W/8 +: DATA_W/8]),
      .resp_valid_i  (resp_valid[i]),
      .resp_error_i  (resp_error_o),
      .result_valid_o(result_valid_o[i]),
      .result_ready_i(result_ready_i[i]),
      .result_fault_o(result_fault_o[i]),
      .result_addr_o (result_addr_o[i*64 +: 64])
    );
  end

  pp_axi_write #(
    .DATA_W (DATA_W),
    .CLIENTS(2)
  ) i_axi (
    .clk_i,
    .rst_ni,
    .quiesce_i,
    .idle_o,
    .req_valid_i (req_valid),
    .req_ready_o (req_ready),
    .req_addr_i  (req_addr),
    .req_len_i   (req_len),
    .beat_valid_i(beat_valid),
    .beat_ready_o(beat_ready),
    .beat_data_i (beat_data),
    .beat_strb_i (beat_strb),
    .resp_valid_o(resp_valid),
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
