// SPDX-License-Identifier: Apache-2.0
#include "model/link/link_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

#include "model/link/link_preset_files.hpp"
#include "model/toml/toml_file.hpp"

namespace pagepress::model {
namespace {

// One numeric setting: where it lives.
struct Field {
  const char* name;
  double (*get)(const LinkConfig&);
  void (*set)(LinkConfig&, double);
  bool whole;  // an integer
};

template <auto Member>
double get_field(const LinkConfig& config) {
  return static_cast<double>(config.*Member);
}
template <auto Member>
void set_field(LinkConfig& config, double value) {
  using T = std::remove_reference_t<decltype(config.*Member)>;
  config.*Member = static_cast<T>(value);
}
template <auto Member>
constexpr Field field(const char* name) {
  using T = std::remove_reference_t<decltype(std::declval<LinkConfig>().*Member)>;
  return {name, get_field<Member>, set_field<Member>, std::is_integral_v<T>};
}

constexpr Field kFields[] = {
    field<&LinkConfig::upstream_latency_ns>("upstream_latency_ns"),
    field<&LinkConfig::downstream_latency_ns>("downstream_latency_ns"),
    field<&LinkConfig::switch_latency_ns>("switch_latency_ns"),
    field<&LinkConfig::root_latency_ns>("root_latency_ns"),
    field<&LinkConfig::memory_latency_ns>("memory_latency_ns"),
    field<&LinkConfig::upstream_bytes_per_ns>("upstream_bytes_per_ns"),
    field<&LinkConfig::downstream_bytes_per_ns>("downstream_bytes_per_ns"),
    field<&LinkConfig::header_bytes>("header_bytes"),
    field<&LinkConfig::max_payload_bytes>("max_payload_bytes"),
    field<&LinkConfig::read_completion_bytes>("read_completion_bytes"),
    field<&LinkConfig::tags>("tags"),
    field<&LinkConfig::write_buffer_bytes>("write_buffer_bytes"),
    field<&LinkConfig::reads_queue_behind_writes>("reads_queue_behind_writes"),
    field<&LinkConfig::registers_share_wires>("registers_share_wires"),
    field<&LinkConfig::memory_bytes_per_ns>("memory_bytes_per_ns"),
    field<&LinkConfig::cpu_bytes_per_ns>("cpu_bytes_per_ns"),
    field<&LinkConfig::iotlb_entries>("iotlb_entries"),
    field<&LinkConfig::iotlb_page_bytes>("iotlb_page_bytes"),
    field<&LinkConfig::iotlb_miss_ns>("iotlb_miss_ns"),
    field<&LinkConfig::iommu_map_ns>("iommu_map_ns"),
};

struct Preset {
  LinkConfig config;
  std::map<std::string, std::string, std::less<>> sources;  // by setting
};

const Field& find_field(std::string_view file, std::string_view name, const toml::node& node) {
  for (const Field& f : kFields) {
    if (name == f.name) return f;
  }
  refuse(file, node, fmt::format("unknown setting '{}'", name));
}

Preset parse(std::string_view name, std::string_view file, std::string_view text) {
  const toml::table root = parse_toml(file, text);
  Preset preset;
  preset.config.preset = name;
  for (const auto& entry : root) {
    const std::string_view key = entry.first.str();
    const toml::node& node = entry.second;
    const Field& f = find_field(file, key, node);
    const toml::table* const table = node.as_table();
    const std::optional<double> value =
        table == nullptr ? std::nullopt : (*table)["value"].value<double>();
    const std::optional<std::string> source =
        table == nullptr ? std::nullopt : (*table)["source"].value<std::string>();
    if (!value || !source || table->size() != 2) {
      refuse(file, node, fmt::format("[{}] must have a number 'value' and a text 'source'", key));
    }
    constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
    if (!(*value >= 0) || (f.whole && (*value != std::floor(*value) || *value > kMost))) {
      refuse(file, node, fmt::format("[{}] cannot be {}", key, *value));
    }
    f.set(preset.config, *value);
    preset.sources.emplace(key, *source);
  }
  return preset;
}

Preset find_preset(std::string_view name) {
  for (const LinkPresetFile& file : link_preset_files()) {
    if (file.name == name) return parse(name, name, file.toml);
  }
  if (name.find('/') != std::string_view::npos || name.ends_with(".toml")) {
    return parse(name, name, read_text(std::string(name), "link preset"));
  }
  throw std::invalid_argument(
      fmt::format("unknown link preset '{}' (known: {})", name, fmt::join(link_presets(), ", ")));
}

}  // namespace

LinkConfig link_preset(std::string_view name) { return find_preset(name).config; }

std::string to_toml(const LinkConfig& config) {
  std::string text;
  for (const Field& f : kFields) {
    text += fmt::format("[{}]\nvalue = {}\nsource = \"recorded\"\n", f.name, f.get(config));
  }
  return text;
}

LinkConfig link_from_toml(std::string_view name, std::string_view text) {
  LinkConfig config = parse(name, name, text).config;
  validate(config);
  return config;
}

std::vector<std::string_view> link_presets() {
  std::vector<std::string_view> names;
  for (const LinkPresetFile& file : link_preset_files()) names.push_back(file.name);
  return names;
}

void validate(const LinkConfig& config) {
  for (const Field& f : kFields) {
    const double value = f.get(config);
    if (!std::isfinite(value) || value < 0.0) {
      throw std::invalid_argument(fmt::format("link: {} must not be negative", f.name));
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
  if (config.memory_bytes_per_ns > 0.0 && config.cpu_bytes_per_ns >= config.memory_bytes_per_ns) {
    throw std::invalid_argument("link: cpu_bytes_per_ns must be below memory_bytes_per_ns");
  }
  if (config.iotlb_entries != 0 && config.iotlb_page_bytes < 64) {
    throw std::invalid_argument("link: iotlb_page_bytes must be 64 or more");
  }
}

std::vector<LinkSetting> describe(const LinkConfig& config) {
  const Preset preset = find_preset(config.preset);
  std::vector<LinkSetting> settings;
  for (const Field& f : kFields) {
    const double value = f.get(config);
    const bool given = value != f.get(preset.config);
    const auto source = preset.sources.find(f.name);
    settings.push_back({f.name, value, given ? "given" : "assumed",
                        given                            ? "set for this run"
                        : source != preset.sources.end() ? source->second
                                                         : "does not apply to this link"});
  }
  return settings;
}

}  // namespace pagepress::model
