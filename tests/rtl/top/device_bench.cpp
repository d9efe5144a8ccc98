// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/top/device_bench.hpp"

namespace pagepress::bench {
namespace {

AxiPins bind(Vpagepress_top& top) {
  AxiPins pins{};
  bind_axi_read(pins, top);
  bind_axi_write(pins, top);
  return pins;
}

}  // namespace

DeviceBench::DeviceBench(std::uint64_t seed)
    : top_(std::make_unique<Vpagepress_top>(&context_)),
      axi_(std::make_unique<AxiSlave>(bind(*top_), memory_, seed)),
      axil_(
          bind_axil(*top_), [this] { tick(); }, seed + 1) {
  top_->rst_ni = 1;
  top_->clk_i = 0;
  top_->eval();
  top_->rst_ni = 0;
  top_->eval();
  for (int i = 0; i < 4; ++i) {
    top_->clk_i = 1;
    top_->eval();
    top_->clk_i = 0;
    top_->eval();
  }
  top_->rst_ni = 1;
  top_->eval();
}

DeviceBench::~DeviceBench() {
  Verilated::threadContextp(&context_);  // whom the design's scopes leave
  top_->final();
}

void DeviceBench::tick() {
  if (on_cycle) on_cycle();
  top_->eval();  // register pins that the bench has just set
  axi_->sample();
  top_->clk_i = 1;
  top_->eval();
  ++cycle_;
  for (unsigned v = 0; v < interrupts_.size(); ++v) interrupts_[v] += (top_->irq_o >> v) & 1U;
  axi_->drive();
  top_->clk_i = 0;
  top_->eval();
}

bool DeviceBench::tick_until(const std::function<bool()>& done, std::uint64_t limit) {
  for (std::uint64_t i = 0; i < limit; ++i) {
    if (done()) return true;
    tick();
  }
  return done();
}

std::string DeviceBench::violations() const {
  std::string all;
  for (const std::string& v : axi_->violations()) all += v + "\n";
  return all;
}

}  // namespace pagepress::bench
