// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast_device.hpp"
#include "tests/model/pagepress_bench.hpp"

namespace pagepress::model {

std::unique_ptr<Device> make_test_device() { return std::make_unique<FastDevice>("device"); }

}  // namespace pagepress::model
