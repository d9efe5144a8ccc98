// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/device/device.hpp"

namespace pagepress::bench {

void Device::tick() {
  if (on_cycle) on_cycle();
  eval(false);  // register pins that the bench has just set
  axi_->sample();
  eval(true);
  ++cycle_;
  if (std::string what = failure(); !what.empty()) throw Violation(what);
  if (on_messages) {
    if (const std::uint64_t vectors = messages(); vectors != 0) on_messages(vectors);
  }
  axi_->drive();
  eval(false);
  if (!axi_->violations().empty()) throw Violation("AXI: " + axi_->violations().front());
}

}  // namespace pagepress::bench
