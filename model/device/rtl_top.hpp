// SPDX-License-Identifier: Apache-2.0
// RtlTop: the pins of a Verilated top with pagepress_top's ports, without any
// Verilated type in sight. rtl_top_verilated.hpp makes one from a Verilated class;
// RtlDevice turns the pins into TLM.
//
// Limitation: the AXI data bus is 8 to 64 bytes wide, IDs have 8 bits at most.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace pagepress::model {

// Where the pins are. Names as in rtl/pagepress_top.sv, without _i and _o.
struct RtlPins {
  std::uint8_t* clk;
  std::uint8_t* rst_n;
  // AXI4-Lite slave: registers
  std::uint32_t* s_axil_awaddr;
  std::uint8_t* s_axil_awvalid;
  const std::uint8_t* s_axil_awready;
  std::uint32_t* s_axil_wdata;
  std::uint8_t* s_axil_wstrb;
  std::uint8_t* s_axil_wvalid;
  const std::uint8_t* s_axil_wready;
  const std::uint8_t* s_axil_bresp;
  const std::uint8_t* s_axil_bvalid;
  std::uint8_t* s_axil_bready;
  std::uint32_t* s_axil_araddr;
  std::uint8_t* s_axil_arvalid;
  const std::uint8_t* s_axil_arready;
  const std::uint32_t* s_axil_rdata;
  const std::uint8_t* s_axil_rresp;
  const std::uint8_t* s_axil_rvalid;
  std::uint8_t* s_axil_rready;
  // AXI4 master: DMA
  const std::uint8_t* m_axi_awid;
  const std::uint64_t* m_axi_awaddr;
  const std::uint8_t* m_axi_awlen;
  const std::uint8_t* m_axi_awsize;
  const std::uint8_t* m_axi_awburst;
  const std::uint8_t* m_axi_awvalid;
  std::uint8_t* m_axi_awready;
  const void* m_axi_wdata;  // data_bytes of them
  const std::uint8_t* m_axi_wlast;
  const std::uint8_t* m_axi_wvalid;
  std::uint8_t* m_axi_wready;
  std::uint8_t* m_axi_bid;
  std::uint8_t* m_axi_bresp;
  std::uint8_t* m_axi_bvalid;
  const std::uint8_t* m_axi_bready;
  const std::uint8_t* m_axi_arid;
  const std::uint64_t* m_axi_araddr;
  const std::uint8_t* m_axi_arlen;
  const std::uint8_t* m_axi_arsize;
  const std::uint8_t* m_axi_arburst;
  const std::uint8_t* m_axi_arvalid;
  std::uint8_t* m_axi_arready;
  std::uint8_t* m_axi_rid;
  void* m_axi_rdata;  // data_bytes of them
  std::uint8_t* m_axi_rresp;
  std::uint8_t* m_axi_rlast;
  std::uint8_t* m_axi_rvalid;
  const std::uint8_t* m_axi_rready;
  const std::uint8_t* busy;
  // Their width depends on the top's parameters: copied by eval().
  std::uint64_t m_axi_wstrb;
  std::uint64_t irq;
  unsigned data_bytes;
};

class RtlTop {
 public:
  virtual ~RtlTop() = default;
  RtlTop(const RtlTop&) = delete;
  RtlTop& operator=(const RtlTop&) = delete;

  [[nodiscard]] RtlPins& pins() noexcept { return pins_; }

  // Settles the design for the pins as they are. `time`: of $time, in ps.
  // False once the design has called $finish, $stop or $fatal, or an assertion failed.
  [[nodiscard]] virtual bool eval(std::uint64_t time) = 0;
  // What the design has printed since the last call.
  virtual std::string take_messages() = 0;

 protected:
  RtlTop() = default;
  RtlPins pins_{};
};

// rtl/pagepress_top.sv with its default parameters.
std::unique_ptr<RtlTop> make_pagepress_top();

}  // namespace pagepress::model
