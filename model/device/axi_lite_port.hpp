// SPDX-License-Identifier: Apache-2.0
// AxiLitePort: register accesses through a Verilated top's AXI4-Lite slave, one at
// a time, in order; each takes the cycles that the design takes.
//
// drive() sets the pins that the coming edge samples, sample() looks at what the
// edge transfers.
#pragma once

#include <cstdint>
#include <deque>

#include "model/device/dma_transaction.hpp"
#include "model/device/rtl_top.hpp"

namespace pagepress::model {

struct RegisterAccess {
  Ticks arrival = 0;  // the first edge after it can begin the access
  std::uint32_t address = 0;
  std::uint32_t value = 0;  // to write, or read
  bool write = false;
  bool done = false;
  std::uint8_t response = 0;  // AXI's, once done
};

class AxiLitePort {
 public:
  explicit AxiLitePort(RtlPins& pins) : pins_(pins) {}

  // The access stays the caller's and must live until it is done.
  void push(RegisterAccess& access) { accesses_.push_back(&access); }

  void drive(Ticks edge) {
    if (accesses_.empty()) return;
    RegisterAccess& access = *accesses_.front();
    if (!begun_) {
      if (access.arrival >= edge) return;
      begun_ = true;
      address_open_ = true;
      data_open_ = access.write;
      if (access.write) {
        *pins_.s_axil_awaddr = access.address;
        *pins_.s_axil_wdata = access.value;
        *pins_.s_axil_wstrb = 0xf;
        *pins_.s_axil_bready = 1;
      } else {
        *pins_.s_axil_araddr = access.address;
        *pins_.s_axil_rready = 1;
      }
    }
    set_valid(access);
  }

  // The access that the edge completes, or null.
  RegisterAccess* sample() {
    if (!begun_) return nullptr;
    RegisterAccess& access = *accesses_.front();
    if (access.write) {
      if (*pins_.s_axil_awready != 0) address_open_ = false;
      if (*pins_.s_axil_wready != 0) data_open_ = false;
      if (*pins_.s_axil_bvalid == 0) return nullptr;
      access.response = *pins_.s_axil_bresp;
    } else {
      if (*pins_.s_axil_arready != 0) address_open_ = false;
      if (*pins_.s_axil_rvalid == 0) return nullptr;
      access.response = *pins_.s_axil_rresp;
      access.value = *pins_.s_axil_rdata;
    }
    finished_ = true;
    return &access;
  }

  // After the edge that completed an access.
  void retire() {
    if (!finished_) return;
    finished_ = begun_ = address_open_ = data_open_ = false;
    accesses_.pop_front();
    *pins_.s_axil_awvalid = *pins_.s_axil_wvalid = *pins_.s_axil_arvalid = 0;
    *pins_.s_axil_bready = *pins_.s_axil_rready = 0;
  }

  [[nodiscard]] bool quiet() const noexcept { return accesses_.empty(); }

 private:
  void set_valid(const RegisterAccess& access) {
    *pins_.s_axil_awvalid = access.write && address_open_;
    *pins_.s_axil_wvalid = access.write && data_open_;
    *pins_.s_axil_arvalid = !access.write && address_open_;
  }

  RtlPins& pins_;
  std::deque<RegisterAccess*> accesses_;
  bool begun_ = false;
  bool finished_ = false;
  bool address_open_ = false;  // AW or AR not yet transferred
  bool data_open_ = false;     // W not yet transferred
};

}  // namespace pagepress::model
