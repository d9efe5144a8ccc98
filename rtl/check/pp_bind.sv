// SPDX-License-Identifier: Apache-2.0
// The protocol checkers on both ports of every Verilated pagepress_top: pp_verilate()
// adds this file wherever that is the top (PP_RTL_CHECK_SOURCES, rtl/CMakeLists.txt).
// Never synthesized.
bind pagepress_top pp_axi_checker #(
  .DATA_W   (AXI_DATA_W),
  .ADDR_W   (AXI_ADDR_W),
  .ID_W     (AXI_ID_W),
  .MAX_BEATS(BURST_BEATS)
) i_axi_checker (
  .clk_i,
  .rst_ni,
  .awid_i   (m_axi_awid_o),
  .awaddr_i (m_axi_awaddr_o),
  .awlen_i  (m_axi_awlen_o),
  .awsize_i (m_axi_awsize_o),
  .awburst_i(m_axi_awburst_o),
  .awvalid_i(m_axi_awvalid_o),
  .awready_i(m_axi_awready_i),
  .wdata_i  (m_axi_wdata_o),
  .wstrb_i  (m_axi_wstrb_o),
  .wlast_i  (m_axi_wlast_o),
  .wvalid_i (m_axi_wvalid_o),
  .wready_i (m_axi_wready_i),
  .bid_i    (m_axi_bid_i),
  .bresp_i  (m_axi_bresp_i),
  .bvalid_i (m_axi_bvalid_i),
  .bready_i (m_axi_bready_o),
  .arid_i   (m_axi_arid_o),
  .araddr_i (m_axi_araddr_o),
  .arlen_i  (m_axi_arlen_o),
  .arsize_i (m_axi_arsize_o),
  .arburst_i(m_axi_arburst_o),
  .arvalid_i(m_axi_arvalid_o),
  .arready_i(m_axi_arready_i),
  .rid_i    (m_axi_rid_i),
  .rdata_i  (m_axi_rdata_i),
  .rresp_i  (m_axi_rresp_i),
  .rlast_i  (m_axi_rlast_i),
  .rvalid_i (m_axi_rvalid_i),
  .rready_i (m_axi_rready_o)
);

bind pagepress_top pp_axil_checker #(
  .ADDR_W(21),
  .DATA_W(32)
) i_axil_checker (
  .clk_i,
  .rst_ni,
  .awaddr_i (s_axil_awaddr_i),
  .awvalid_i(s_axil_awvalid_i),
  .awready_i(s_axil_awready_o),
  .wdata_i  (s_axil_wdata_i),
  .wstrb_i  (s_axil_wstrb_i),
  .wvalid_i (s_axil_wvalid_i),
  .wready_i (s_axil_wready_o),
  .bresp_i  (s_axil_bresp_o),
  .bvalid_i (s_axil_bvalid_o),
  .bready_i (s_axil_bready_i),
  .araddr_i (s_axil_araddr_i),
  .arvalid_i(s_axil_arvalid_i),
  .arready_i(s_axil_arready_o),
  .rdata_i  (s_axil_rdata_o),
  .rresp_i  (s_axil_rresp_o),
  .rvalid_i (s_axil_rvalid_o),
  .rready_i (s_axil_rready_i)
);
