// SPDX-License-Identifier: Apache-2.0
// A Device from a Verilated class with pagepress_top's ports.
// Limitation: up to 64 interrupt vectors.
#pragma once

#include <verilated.h>
#include <verilated_print.h>

#include <cstdint>
#include <memory>
#include <string>

#include "tests/rtl/device/device.hpp"

namespace pagepress::bench {

template <class Model>
class VerilatedDevice final : public Device {
 public:
  explicit VerilatedDevice(std::uint64_t seed) {
    context_.fatalOnError(false);  // tell whoever ticks; never abort()
    top_ = std::make_unique<Model>(&context_);
    AxiPins pins{};
    bind_axi_read(pins, *top_);
    bind_axi_write(pins, *top_);
    axi_ = std::make_unique<AxiSlave>(pins, memory_, seed);
    axil_ = std::make_unique<AxilMaster>(
        bind_axil(*top_), [this] { tick(); }, seed + 1);
    top_->rst_ni = 1;
    eval(false);
    top_->rst_ni = 0;
    for (int i = 0; i < 4; ++i) {
      eval(false);
      eval(true);
    }
    eval(false);
    top_->rst_ni = 1;
    eval(false);
  }
  ~VerilatedDevice() override {
    Verilated::threadContextp(&context_);  // whom the design's scopes leave
    top_->final();
  }

  [[nodiscard]] bool busy() const override { return top_->busy_o != 0; }

 private:
  void eval(bool clock) override {
    Verilated::threadContextp(&context_);  // whom a failing assertion tells
    top_->clk_i = clock;
    top_->eval();
  }
  std::string failure() override {
    return context_.gotFinish() ? "assertion: " + pp_take_verilated_messages() : std::string{};
  }
  [[nodiscard]] std::uint64_t messages() const override { return top_->irq_o; }

  VerilatedContext context_;
  std::unique_ptr<Model> top_;
};

}  // namespace pagepress::bench
