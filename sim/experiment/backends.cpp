// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/backends.hpp"

#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pagepress/cpu_codecs.hpp>

#include "sim/experiment/compare.hpp"

namespace pagepress::sim {

namespace {

Backend cpu_backend(const CpuCodec& codec, int level) {
  Backend backend;
  backend.summary = codec.summary;
  backend.make_codec = [make = codec.make, level](bool for_cost) {
    return make_cpu_codec(make(level), /*with_crc32c=*/!for_cost);
  };
  backend.library = fmt::format("{} {}", codec.library, codec.version);
  backend.make_decoder = [make = codec.make, level] { return make(level); };
  return backend;
}

std::string describe_levels(const LevelRange& levels) {
  return fmt::format("level={}..{}, without it {}", levels.least, levels.most, levels.standard);
}

// The level that `options` ("level=3") give. `base`: the back end's name without them.
int parse_level(const std::string& base, std::string_view options, const LevelRange& levels) {
  constexpr std::string_view kKey = "level=";
  if (!options.starts_with(kKey)) {
    throw CompareError(fmt::format("back end '{}@{}': unknown option '{}' ({} takes {})", base,
                                   options, options, base, describe_levels(levels)));
  }
  const std::string_view value = options.substr(kKey.size());
  int level = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), level);
  if (error != std::errc() || end != value.data() + value.size() || level < levels.least ||
      level > levels.most) {
    throw CompareError(fmt::format("back end '{}@{}': level must be an integer from {} to {}", base,
                                   options, levels.least, levels.most));
  }
  return level;
}

}  // namespace

BackendTable::BackendTable() {
  for (const CpuCodec& codec : pagepress::cpu_codecs()) {
    Backend backend = cpu_backend(codec, codec.standard_level());
    backend.levels = codec.levels;
    backend.at_level = [&codec](int level) { return cpu_backend(codec, level); };
    add(std::string(codec.name), std::move(backend));
  }
  add("engine:fast",
      {.summary = "the device as events, with the reference codec's bytes and cycles",
       .make_codec = {},
       .library = {},
       .make_device = make_fast_engine});
  add("engine:rtl", {.summary = "the RTL, Verilated, behind the driver and the link",
                     .make_codec = {},
                     .library = {},
                     .make_device = make_rtl_engine,
                     .any_geometry = false});
  const auto add_remote = [this](std::string name, std::string summary) {
    add(std::move(name), {.summary = std::move(summary),
                          .make_codec = {},
                          .library = {},
                          .make_device = {},
                          .remote = true});
  };
  add_remote("engine:vfio-user", "the engine that another process serves: --bus");
  add_remote("engine:vfio", "an engine on this machine's PCI, bound to vfio-pci: --bus");
}

Backend BackendTable::find(const std::string& name) const {
  const std::size_t at = name.find('@');
  const std::string base = name.substr(0, at);
  const auto it = entries_.find(base);
  if (it == entries_.end()) {
    throw CompareError(
        fmt::format("unknown back end '{}' (known: {})", base, fmt::join(names(), ", ")));
  }
  if (at == std::string::npos) return it->second;
  const std::string options = name.substr(at + 1);
  if (!it->second.levels) {
    throw CompareError(
        fmt::format("back end '{}': unknown option '{}' ({} takes none)", name, options, base));
  }
  return it->second.at_level(parse_level(base, options, *it->second.levels));
}

void BackendTable::check(const CompareConfig& config) const {
  const CompareConfig defaults;
  const std::optional<RemoteBus> bus = config.remote_bus();
  bool any_remote = false;
  for (const std::string& name : config.backends) {
    const Backend backend = find(name);
    if (backend.remote && (!bus || bus->backend() != name)) {
      throw ConfigError(fmt::format("{} needs run.bus = \"{}:...\" (known: {})", name,
                                    name.substr(name.find(':') + 1), kKnownBuses));
    }
    any_remote |= backend.remote;
    if (config.real_time() && backend.is_engine() && !backend.remote) {
      throw ConfigError(
          fmt::format("run.time = \"real\": {} is a model with a time of its own; real threads "
                      "take back ends of the CPU",
                      name));
    }
    if (backend.any_geometry) continue;
    const auto must_be = [&](std::string_view key, std::uint64_t value, std::uint64_t only) {
      if (value == only) return;
      throw ConfigError(
          fmt::format("engine.{} = {}: {} is built with {} only; engine:fast takes other values",
                      key, value, name, only));
    };
    must_be("engines", config.engines, defaults.engines);
    must_be("w", config.w, defaults.w);
  }
  if (bus && !any_remote) {
    throw ConfigError(fmt::format("run.bus = \"{}\" serves {}, which is not among the back ends",
                                  config.bus, bus->backend()));
  }
}

std::vector<std::string> BackendTable::names() const {
  std::vector<std::string> names;
  for (const auto& [name, backend] : entries_) names.push_back(name);
  return names;
}

std::vector<std::string> BackendTable::describe() const {
  std::vector<std::string> lines;
  for (const auto& [name, backend] : entries_) {
    const std::string options =
        backend.levels ? fmt::format(" (@{})", describe_levels(*backend.levels)) : "";
    lines.push_back(fmt::format("{:<16} {}{}", name, backend.summary, options));
  }
  return lines;
}

}  // namespace pagepress::sim
