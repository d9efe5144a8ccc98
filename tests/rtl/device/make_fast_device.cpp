// SPDX-License-Identifier: Apache-2.0
// PP_LARGE_DEVICE: the parameters of pp_top_large_rtl (tests/rtl/top).
#include "tests/rtl/device/fast_bench_device.hpp"
#include "tests/rtl/device/make_device.hpp"

namespace pagepress::bench {

std::unique_ptr<Device> make_device(std::uint64_t seed) {
  model::fast::Geometry geometry;
#ifdef PP_LARGE_DEVICE
  geometry.beat_bytes = 32;
  geometry.engines = 1;
  geometry.queues = 3;
  geometry.unit_log2 = 16;
#endif
  return std::make_unique<FastBenchDevice>(geometry, seed);
}

}  // namespace pagepress::bench
