// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/backends.hpp"

#include <lz4.h>

#include <bit>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pagepress/codecs.hpp>

#include "model/device/fast_device.hpp"
#include "model/device/rtl_device.hpp"
#include "sim/experiment/compare.hpp"

namespace pagepress::sim {

BackendTable::BackendTable() {
  add("cpu:lz4", {.summary = "liblz4's LZ4_compress_fast (acceleration 1) on one CPU core",
                  .make_codec = [](bool for_cost) { return make_cpu_lz4(!for_cost); },
                  .library = fmt::format("lz4 {}", LZ4_versionString()),
                  .make_device = {}});
  add("engine:fast",
      {.summary = "the device as events, with the reference codec's bytes and cycles",
       .make_codec = {},
       .library = {},
       .make_device = [](const EngineSetup& setup) -> std::unique_ptr<model::Device> {
         model::FastDeviceConfig config{.clock_period = setup.clock_period};
         config.geometry.engines = setup.engines;
         // AXI IDs: two for each engine and one.
         config.geometry.id_bits = static_cast<unsigned>(std::bit_width(2 * setup.engines));
         config.geometry.w = setup.w;
         return std::make_unique<model::FastDevice>("device", config);
       }});
  add("engine:rtl", {.summary = "the RTL, Verilated, behind the driver and the link",
                     .make_codec = {},
                     .library = {},
                     .make_device = [](const EngineSetup& setup) -> std::unique_ptr<model::Device> {
                       return std::make_unique<model::RtlDevice>(
                           "device", model::make_pagepress_top(),
                           model::RtlDeviceConfig{.clock_period = setup.clock_period});
                     },
                     .any_geometry = false});
}

sc_core::sc_time clock_period(double clock_mhz) {
  return {1e6 / clock_mhz, sc_core::SC_PS};  // rounds to the time resolution
}

const Backend& BackendTable::find(const std::string& name) const {
  const std::size_t at = name.find('@');
  const std::string base = name.substr(0, at);
  const auto it = entries_.find(base);
  if (it == entries_.end()) {
    throw CompareError(
        fmt::format("unknown back end '{}' (known: {})", base, fmt::join(names(), ", ")));
  }
  if (at != std::string::npos) {
    throw CompareError(fmt::format("back end '{}': unknown option '{}' ({} takes none)", name,
                                   name.substr(at + 1), base));
  }
  return it->second;
}

void BackendTable::check(const CompareConfig& config) const {
  const CompareConfig defaults;
  for (const std::string& name : config.backends) {
    if (find(name).any_geometry) continue;
    const auto must_be = [&](std::string_view key, std::uint64_t value, std::uint64_t only) {
      if (value == only) return;
      throw ConfigError(
          fmt::format("engine.{} = {}: {} is built with {} only; engine:fast takes other values",
                      key, value, name, only));
    };
    must_be("engines", config.engines, defaults.engines);
    must_be("w", config.w, defaults.w);
  }
}

std::vector<std::string> BackendTable::names() const {
  std::vector<std::string> names;
  for (const auto& [name, backend] : entries_) names.push_back(name);
  return names;
}

}  // namespace pagepress::sim
