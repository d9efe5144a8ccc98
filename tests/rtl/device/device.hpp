// SPDX-License-Identifier: Apache-2.0
// The whole device on a bench, whatever its parameters: a Verilated top behind an
// interface, memory behind its AXI4 master, access to its registers.
//
// verilated_device.hpp makes one from a Verilated class.
// Limitation: one register access at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/axi_slave.hpp"
#include "tests/rtl/common/axil_master.hpp"
#include "tests/rtl/common/memory.hpp"

namespace pagepress::bench {

// What a device must never do, as told by whoever saw it.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Device {
 public:
  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  // One clock cycle. Throws Violation for a failed assertion or a breach of AXI.
  void tick();
  void tick(std::uint64_t cycles) {
    for (std::uint64_t i = 0; i < cycles; ++i) tick();
  }

  void write(std::uint32_t address, std::uint32_t value, std::uint8_t strobes = 0xf) {
    axil_->write(address, value, strobes);
  }
  std::uint32_t read(std::uint32_t address) { return axil_->read(address); }

  [[nodiscard]] std::uint64_t cycle() const { return cycle_; }
  [[nodiscard]] virtual bool busy() const = 0;
  // Its pins have the hardware's times.
  [[nodiscard]] virtual bool timed() const { return true; }

  Memory& memory() { return memory_; }
  AxiSlave& axi() { return *axi_; }
  AxilMaster& axil() { return *axil_; }

  // Called in every cycle, before the rising edge.
  std::function<void()> on_cycle;
  // Called after each rising edge with the interrupt messages of that cycle, bit by vector.
  std::function<void(std::uint64_t)> on_messages;

 protected:
  Device() = default;
  virtual void eval(bool clock) = 0;
  [[nodiscard]] virtual std::string failure() = 0;  // of an assertion; empty: none
  [[nodiscard]] virtual std::uint64_t messages() const = 0;

  Memory memory_;
  std::unique_ptr<AxiSlave> axi_;
  std::unique_ptr<AxilMaster> axil_;

 private:
  std::uint64_t cycle_ = 0;
};

}  // namespace pagepress::bench
