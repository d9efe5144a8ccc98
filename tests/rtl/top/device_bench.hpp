// SPDX-License-Identifier: Apache-2.0
// The whole device on a bench: Verilated top, memory behind AXI4, register access.
#pragma once

#include <Vpagepress_top.h>
#include <verilated.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/axi_slave.hpp"
#include "tests/rtl/common/axil_master.hpp"
#include "tests/rtl/common/memory.hpp"

namespace pagepress::bench {

constexpr std::uint32_t queue_register(std::uint32_t offset, std::uint32_t queue = 0) {
  return PP_QUEUE_BASE + queue * PP_QUEUE_STRIDE + offset;
}
constexpr std::uint32_t doorbell(std::uint32_t offset, std::uint32_t queue = 0) {
  return PP_DOORBELL_BASE + queue * PP_DOORBELL_STRIDE + offset;
}

class DeviceBench {
 public:
  explicit DeviceBench(std::uint64_t seed);
  ~DeviceBench();

  void tick();
  void tick(std::uint64_t cycles) {
    for (std::uint64_t i = 0; i < cycles; ++i) tick();
  }
  // Ticks until `done`; false after `limit` cycles.
  bool tick_until(const std::function<bool()>& done, std::uint64_t limit = 200000);

  void write(std::uint32_t address, std::uint32_t value, std::uint8_t strobes = 0xf) {
    axil_.write(address, value, strobes);
  }
  std::uint32_t read(std::uint32_t address) { return axil_.read(address); }

  [[nodiscard]] bool busy() const { return top_->busy_o != 0; }
  [[nodiscard]] std::uint64_t cycle() const { return cycle_; }
  // Bytes of a beat on the bus.
  static constexpr std::uint64_t bus_bytes() {
    return sizeof(std::declval<Vpagepress_top&>().m_axi_wdata_o);
  }
  // Interrupt messages of a vector so far.
  [[nodiscard]] std::uint64_t interrupts(unsigned vector) const { return interrupts_.at(vector); }

  Memory& memory() { return memory_; }
  AxiSlave& axi() { return *axi_; }
  AxilMaster& axil() { return axil_; }

  // Called in every cycle, before the rising edge.
  std::function<void()> on_cycle;

  // Empty if the device kept the AXI protocol so far.
  [[nodiscard]] std::string violations() const;

 private:
  VerilatedContext context_;
  std::unique_ptr<Vpagepress_top> top_;
  Memory memory_;
  std::unique_ptr<AxiSlave> axi_;
  AxilMaster axil_;
  std::uint64_t cycle_ = 0;
  std::array<std::uint64_t, 9> interrupts_{};
};

}  // namespace pagepress::bench
