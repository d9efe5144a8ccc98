// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/queue_setup.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pagepress::sim {
namespace {

constexpr std::array kSplits = {WorkSplit::kShared, WorkSplit::kOwn, WorkSplit::kChunks};

// `names`: what there is.
template <typename Names>
void check_name(std::string_view key, const std::string& value, const Names& names) {
  if (std::find(std::begin(names), std::end(names), value) != std::end(names)) return;
  throw ConfigError(fmt::format("queue.{}: unknown {} '{}' (known: {})", key, key, value,
                                fmt::join(names, ", ")));
}

std::vector<std::string_view> split_names() {
  std::vector<std::string_view> names;
  for (const WorkSplit split : kSplits) names.push_back(to_string(split));
  return names;
}

std::vector<std::string_view> shape_names() {
  std::vector<std::string_view> names;
  for (const QueueShape& shape : queue_shapes()) names.push_back(shape.name);
  return names;
}

}  // namespace

void apply_shape(CompareConfig& config) {
  for (const QueueShape& shape : queue_shapes()) {
    if (shape.name != config.shape) continue;
    config.fifo_entries = shape.fifo_entries;
    config.batch = shape.batch;
    config.workers = shape.workers;
    config.split = to_string(shape.split);
    config.policy = shape.policy;
  }
}

void check_queue(const CompareConfig& config) {
  check_name("shape", config.shape, shape_names());
  check_name("split", config.split, split_names());
  check_name("policy", config.policy, back_pressure_names());
  check_name("route", config.route, std::array<std::string_view, 2>{"engine", "adaptive"});
  if (config.batch > config.depth) {
    throw ImpossibleCombination(fmt::format("queue.batch ({}) must not exceed queue.depth ({})",
                                            config.batch, config.depth));
  }
}

QueueShape queue_shape_of(const CompareConfig& config) {
  QueueShape shape = queue_shape(config.shape);
  shape.fifo_entries = static_cast<unsigned>(config.fifo_entries);
  shape.batch = static_cast<unsigned>(config.batch);
  shape.workers = static_cast<unsigned>(config.workers);
  shape.split = *std::find_if(kSplits.begin(), kSplits.end(),
                              [&](WorkSplit split) { return to_string(split) == config.split; });
  return shape;
}

bool needs_software(const CompareConfig& config) {
  return config.policy != "wait" || config.route != "engine";
}

bool needs_cpu_codec(const CompareConfig& config) {
  return needs_software(config) || config.expects_faults();
}

std::vector<std::string> cpu_codecs(const CompareConfig& config, const BackendTable& backends) {
  std::vector<std::string> names;
  bool engine = false;
  for (const std::string& name : config.backends) {
    if (backends.find(name).is_engine()) {
      engine = true;
    } else {
      names.push_back(name);
    }
  }
  const bool listed = std::find(names.begin(), names.end(), kSoftwareCodec) != names.end();
  if (engine && needs_cpu_codec(config) && !listed) names.emplace_back(kSoftwareCodec);
  return names;
}

std::unique_ptr<BackPressure> make_policy(const CompareConfig& config, SynchronousPath* path) {
  // A back end that hangs is found by the worker; a slow one may keep the FIFO full for long.
  constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();
  return make_back_pressure(config.policy, path, config.full_wait_ns, kForEver);
}

}  // namespace pagepress::sim
