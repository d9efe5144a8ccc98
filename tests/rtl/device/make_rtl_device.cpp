// SPDX-License-Identifier: Apache-2.0
#include <Vpagepress_top.h>

#include "tests/rtl/device/make_device.hpp"
#include "tests/rtl/device/verilated_device.hpp"

namespace pagepress::bench {

std::unique_ptr<Device> make_device(std::uint64_t seed) {
  return std::make_unique<VerilatedDevice<Vpagepress_top>>(seed);
}

}  // namespace pagepress::bench
