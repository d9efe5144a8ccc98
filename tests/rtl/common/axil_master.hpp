// SPDX-License-Identifier: Apache-2.0
// An AXI4-Lite master: register reads and writes that run the bench's clock until
// they are answered. Address and data of a write come in a random order, with
// random waits where asked for.
// Limitation: one access at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {

struct AxilPins {
  std::uint32_t* awaddr;
  std::uint8_t* awvalid;
  const std::uint8_t* awready;
  std::uint32_t* wdata;
  std::uint8_t* wstrb;
  std::uint8_t* wvalid;
  const std::uint8_t* wready;
  const std::uint8_t* bresp;
  const std::uint8_t* bvalid;
  std::uint8_t* bready;
  std::uint32_t* araddr;
  std::uint8_t* arvalid;
  const std::uint8_t* arready;
  const std::uint32_t* rdata;
  const std::uint8_t* rresp;
  const std::uint8_t* rvalid;
  std::uint8_t* rready;
};

template <class Model>
AxilPins bind_axil(Model& m) {
  return {&m.s_axil_awaddr_i,  &m.s_axil_awvalid_i, &m.s_axil_awready_o, &m.s_axil_wdata_i,
          &m.s_axil_wstrb_i,   &m.s_axil_wvalid_i,  &m.s_axil_wready_o,  &m.s_axil_bresp_o,
          &m.s_axil_bvalid_o,  &m.s_axil_bready_i,  &m.s_axil_araddr_i,  &m.s_axil_arvalid_i,
          &m.s_axil_arready_o, &m.s_axil_rdata_o,   &m.s_axil_rresp_o,   &m.s_axil_rvalid_o,
          &m.s_axil_rready_i};
}

class AxilMaster {
 public:
  // `tick` runs one clock cycle; pins set before it are seen by its rising edge,
  // and outputs read before it are those that the edge sees.
  AxilMaster(AxilPins pins, std::function<void()> tick, std::uint64_t seed)
      : pins_(pins), tick_(std::move(tick)), random_(seed) {}

  void set_wait_percent(unsigned percent) { wait_percent_ = percent; }

  void write(std::uint32_t address, std::uint32_t data, std::uint8_t strobes = 0xf) {
    bool address_sent = false;
    bool data_sent = false;
    for (unsigned cycle = 0; !address_sent || !data_sent; ++cycle) {
      check(cycle, "write");
      if (!address_sent && !random_.percent(wait_percent_)) {
        *pins_.awaddr = address;
        *pins_.awvalid = 1;
      }
      if (!data_sent && !random_.percent(wait_percent_)) {
        *pins_.wdata = data;
        *pins_.wstrb = strobes;
        *pins_.wvalid = 1;
      }
      const bool address_taken = *pins_.awvalid != 0 && *pins_.awready != 0;
      const bool data_taken = *pins_.wvalid != 0 && *pins_.wready != 0;
      tick_();
      if (address_taken) {
        address_sent = true;
        *pins_.awvalid = 0;
      }
      if (data_taken) {
        data_sent = true;
        *pins_.wvalid = 0;
      }
    }
    finish(pins_.bvalid, pins_.bready, pins_.bresp);
  }

  std::uint32_t read(std::uint32_t address) {
    *pins_.araddr = address;
    *pins_.arvalid = 1;
    for (unsigned cycle = 0; *pins_.arready == 0; ++cycle) {
      check(cycle, "read");
      tick_();
    }
    tick_();
    *pins_.arvalid = 0;
    return finish(pins_.rvalid, pins_.rready, pins_.rresp);
  }

 private:
  static void check(unsigned cycle, const char* what) {
    if (cycle > 1000) throw std::runtime_error(std::string("AXI4-Lite ") + what + " hangs");
  }

  // Takes the response; what rdata showed with it.
  std::uint32_t finish(const std::uint8_t* valid, std::uint8_t* ready, const std::uint8_t* resp) {
    for (unsigned cycle = 0;; ++cycle) {
      check(cycle, "response");
      *ready = !random_.percent(wait_percent_);
      const bool taken = *valid != 0 && *ready != 0;
      const std::uint32_t data = *pins_.rdata;
      if (*valid != 0 && *resp != 0) throw std::runtime_error("AXI4-Lite response not OKAY");
      tick_();
      if (taken) {
        *ready = 0;
        return data;
      }
    }
  }

  AxilPins pins_;
  std::function<void()> tick_;
  Random random_;
  unsigned wait_percent_ = 0;
};

}  // namespace pagepress::bench
