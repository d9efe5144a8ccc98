// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/top/device_bench.hpp"

#include "tests/rtl/device/make_device.hpp"

namespace pagepress::bench {

DeviceBench::DeviceBench(std::uint64_t seed) : device_(make_device(seed)) {
  device_->on_cycle = [this] {
    if (on_cycle) on_cycle();
  };
  device_->on_messages = [this](std::uint64_t vectors) {
    for (unsigned v = 0; v < interrupts_.size(); ++v) interrupts_[v] += vectors >> v & 1U;
  };
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
  for (const std::string& v : device_->axi().violations()) all += v + "\n";
  return all;
}

}  // namespace pagepress::bench
