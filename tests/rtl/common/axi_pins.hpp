// SPDX-License-Identifier: Apache-2.0
// Pins of an AXI4 master of 256 or 512 bits, as pointers into any Verilated model that
// names its ports as pagepress_top does.
#pragma once

#include <cstdint>
#include <cstring>

namespace pagepress::bench {

inline constexpr unsigned kBeatBytes = 32;  // of the narrower bus, and of a completion

struct AxiPins {
  unsigned beat_bytes = 0;  // 32 or 64, as the bound model has it
  const std::uint8_t* awid;
  const std::uint64_t* awaddr;
  const std::uint8_t* awlen;
  const std::uint8_t* awsize;
  const std::uint8_t* awburst;
  const std::uint8_t* awvalid;
  std::uint8_t* awready;
  const std::uint32_t* wdata;
  const void* wstrb;  // beat_bytes bits
  const std::uint8_t* wlast;
  const std::uint8_t* wvalid;
  std::uint8_t* wready;
  std::uint8_t* bid;
  std::uint8_t* bresp;
  std::uint8_t* bvalid;
  const std::uint8_t* bready;
  const std::uint8_t* arid;
  const std::uint64_t* araddr;
  const std::uint8_t* arlen;
  const std::uint8_t* arsize;
  const std::uint8_t* arburst;
  const std::uint8_t* arvalid;
  std::uint8_t* arready;
  std::uint8_t* rid;
  std::uint32_t* rdata;
  std::uint8_t* rresp;
  std::uint8_t* rlast;
  std::uint8_t* rvalid;
  const std::uint8_t* rready;
};

// The strobes of the beat that is shown, byte 0 in bit 0.
inline std::uint64_t strobes(const AxiPins& p) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, p.wstrb, p.beat_bytes / 8);
  return bits;
}

template <class Model>
void bind_axi_write(AxiPins& p, Model& m) {
  static_assert(sizeof m.m_axi_wdata_o == 8 * sizeof m.m_axi_wstrb_o);
  p.beat_bytes = sizeof m.m_axi_wdata_o;
  p.awid = &m.m_axi_awid_o;
  p.awaddr = &m.m_axi_awaddr_o;
  p.awlen = &m.m_axi_awlen_o;
  p.awsize = &m.m_axi_awsize_o;
  p.awburst = &m.m_axi_awburst_o;
  p.awvalid = &m.m_axi_awvalid_o;
  p.awready = &m.m_axi_awready_i;
  p.wdata = &m.m_axi_wdata_o[0];
  p.wstrb = &m.m_axi_wstrb_o;
  p.wlast = &m.m_axi_wlast_o;
  p.wvalid = &m.m_axi_wvalid_o;
  p.wready = &m.m_axi_wready_i;
  p.bid = &m.m_axi_bid_i;
  p.bresp = &m.m_axi_bresp_i;
  p.bvalid = &m.m_axi_bvalid_i;
  p.bready = &m.m_axi_bready_o;
}

template <class Model>
void bind_axi_read(AxiPins& p, Model& m) {
  p.beat_bytes = sizeof m.m_axi_rdata_i;
  p.arid = &m.m_axi_arid_o;
  p.araddr = &m.m_axi_araddr_o;
  p.arlen = &m.m_axi_arlen_o;
  p.arsize = &m.m_axi_arsize_o;
  p.arburst = &m.m_axi_arburst_o;
  p.arvalid = &m.m_axi_arvalid_o;
  p.arready = &m.m_axi_arready_i;
  p.rid = &m.m_axi_rid_i;
  p.rdata = &m.m_axi_rdata_i[0];
  p.rresp = &m.m_axi_rresp_i;
  p.rlast = &m.m_axi_rlast_i;
  p.rvalid = &m.m_axi_rvalid_i;
  p.rready = &m.m_axi_rready_o;
}

}  // namespace pagepress::bench
