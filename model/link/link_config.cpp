// SPDX-License-Identifier: Apache-2.0
#include "model/link/link_config.hpp"

#include <cmath>
#include <stdexcept>

namespace pagepress::model {
namespace {

// One numeric setting: where it lives and what the presets' value stands on.
struct Field {
  const char* name;
  double (*get)(const LinkConfig&);
  const char* soc_source;
};

constexpr Field kFields[] = {
    {"upstream_latency_ns", [](const LinkConfig& c) { return c.upstream_latency_ns; },
     "a few hops of an on-chip network; with the way back and memory ~100 ns in all, the order of "
     "a "
     "DRAM access from a core of a server SoC"},
    {"downstream_latency_ns", [](const LinkConfig& c) { return c.downstream_latency_ns; },
     "as upstream_latency_ns"},
    {"memory_latency_ns", [](const LinkConfig& c) { return c.memory_latency_ns; },
     "closed-page DDR access with its controller's queue, lightly loaded"},
    {"upstream_bytes_per_ns", [](const LinkConfig& c) { return c.upstream_bytes_per_ns; },
     "one 512-bit AXI port at 1 GHz, the width of pagepress_top's"},
    {"downstream_bytes_per_ns", [](const LinkConfig& c) { return c.downstream_bytes_per_ns; },
     "as upstream_bytes_per_ns"},
    {"header_bytes", [](const LinkConfig& c) { return static_cast<double>(c.header_bytes); },
     "AXI has address channels of its own: no header beside the data"},
    {"write_buffer_bytes",
     [](const LinkConfig& c) { return static_cast<double>(c.write_buffer_bytes); },
     "one page of write data buffered in the interconnect"},
    {"reads_queue_behind_writes",
     [](const LinkConfig& c) { return c.reads_queue_behind_writes ? 1.0 : 0.0; },
     "AXI has address channels of its own: reads do not wait for write data"},
};

}  // namespace

LinkConfig link_preset(std::string_view name) {
  if (name == "soc") return LinkConfig{};  // the defaults are this preset's
  throw std::invalid_argument("unknown link preset '" + std::string(name) + "' (known: soc)");
}

std::vector<std::string_view> link_presets() { return {"soc"}; }

void validate(const LinkConfig& config) {
  for (const Field& field : kFields) {
    const double value = field.get(config);
    if (!std::isfinite(value) || value < 0.0) {
      throw std::invalid_argument(std::string("link: ") + field.name + " must not be negative");
    }
  }
  if (config.upstream_bytes_per_ns <= 0.0 || config.downstream_bytes_per_ns <= 0.0) {
    throw std::invalid_argument(
        "link: upstream_bytes_per_ns and downstream_bytes_per_ns must be above 0");
  }
  if (config.upstream_latency_ns < 0.001 || config.downstream_latency_ns < 0.001) {
    throw std::invalid_argument(
        "link: upstream_latency_ns and downstream_latency_ns must be 0.001 or more");
  }
}

std::vector<LinkSetting> describe(const LinkConfig& config) {
  const LinkConfig preset = link_preset(config.preset);
  std::vector<LinkSetting> settings;
  for (const Field& field : kFields) {
    const double value = field.get(config);
    const bool given = value != field.get(preset);
    settings.push_back({field.name, value, given ? "given" : "assumed",
                        given ? "set for this run" : field.soc_source});
  }
  return settings;
}

}  // namespace pagepress::model
