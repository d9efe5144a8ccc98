// SPDX-License-Identifier: Apache-2.0
#include "sim/host/engine_models.hpp"

#include <bit>

#include "model/device/fast_device.hpp"
#include "model/device/rtl_device.hpp"

namespace pagepress::sim {

sc_core::sc_time clock_period(double clock_mhz) {
  return {1e6 / clock_mhz, sc_core::SC_PS};  // rounds to the time resolution
}

std::unique_ptr<model::Device> make_fast_engine(const EngineSetup& setup) {
  model::FastDeviceConfig config{.clock_period = setup.clock_period};
  config.geometry.engines = setup.engines;
  // AXI IDs: two for each engine and one.
  config.geometry.id_bits = static_cast<unsigned>(std::bit_width(2 * setup.engines));
  config.geometry.w = setup.w;
  return std::make_unique<model::FastDevice>("device", config);
}

std::unique_ptr<model::Device> make_rtl_engine(const EngineSetup& setup) {
  return std::make_unique<model::RtlDevice>(
      "device", model::make_pagepress_top(),
      model::RtlDeviceConfig{.clock_period = setup.clock_period});
}

}  // namespace pagepress::sim
