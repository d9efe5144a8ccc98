// SPDX-License-Identifier: Apache-2.0
// The device that the binary is linked with (make_device()) on a bench: memory behind AXI4,
// register access, interrupt messages counted.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/device/device.hpp"

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

  void tick() { device_->tick(); }
  void tick(std::uint64_t cycles) {
    for (std::uint64_t i = 0; i < cycles; ++i) tick();
  }
  // Ticks until `done`; false after `limit` cycles.
  bool tick_until(const std::function<bool()>& done, std::uint64_t limit = 200000);

  void write(std::uint32_t address, std::uint32_t value, std::uint8_t strobes = 0xf) {
    device_->write(address, value, strobes);
  }
  std::uint32_t read(std::uint32_t address) { return device_->read(address); }

  [[nodiscard]] bool timed() const { return device_->timed(); }
  [[nodiscard]] bool busy() const { return device_->busy(); }
  [[nodiscard]] std::uint64_t cycle() const { return device_->cycle(); }
  // Bytes of a beat on the bus.
  static constexpr std::uint64_t bus_bytes() { return PP_BUS_BYTES; }
  // Interrupt messages of a vector so far.
  [[nodiscard]] std::uint64_t interrupts(unsigned vector) const { return interrupts_.at(vector); }

  Memory& memory() { return device_->memory(); }
  AxiSlave& axi() { return device_->axi(); }
  AxilMaster& axil() { return device_->axil(); }

  // Called in every cycle, before the rising edge.
  std::function<void()> on_cycle;

  // Empty if the device kept the AXI protocol so far.
  [[nodiscard]] std::string violations() const;

 private:
  std::unique_ptr<Device> device_;
  std::array<std::uint64_t, 9> interrupts_{};
};

}  // namespace pagepress::bench
