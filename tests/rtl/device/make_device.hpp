// SPDX-License-Identifier: Apache-2.0
// The device that a test binary runs on: which one is decided by what it is linked with.
//
//   make_rtl_device.cpp   the RTL, as the binary's Vpagepress_top has it
//   make_fast_device.cpp  the fast device, with the parameters of that RTL
#pragma once

#include <cstdint>
#include <memory>

#include "tests/rtl/device/device.hpp"

namespace pagepress::bench {

[[nodiscard]] std::unique_ptr<Device> make_device(std::uint64_t seed);

}  // namespace pagepress::bench
