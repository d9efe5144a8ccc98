// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/sweep_config.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sim/experiment/backends.hpp"
#include "sim/experiment/compare.hpp"
#include "sim/experiment/queue_setup.hpp"
#include "sim/experiment/setting_toml.hpp"
#include "sim/experiment/settings.hpp"

namespace pagepress::sim {
namespace {

using Path = std::filesystem::path;

constexpr std::size_t kMostPoints = 100'000;
constexpr std::array<std::string_view, 5> kNoAxes = {"compare.backends", "compare.costs",
                                                     "host.cost_sweeps", "run.time", "run.bus"};

std::string name_of(const SettingInfo& info) {
  return fmt::format("{}.{}", info.section, info.key);
}

// Removes the table `key` from `root` and gives it; an empty one if it is not there.
toml::table take_table(const Path& file, toml::table& root, std::string_view key) {
  const toml::node_view<toml::node> view = root[key];
  if (!view) return {};
  toml::table* const table = view.as_table();
  if (table == nullptr) {
    throw ConfigError(fmt::format("{}'{}' must be a section, is {}", place(file, *view.node()), key,
                                  type_name(*view.node())));
  }
  toml::table taken = std::move(*table);
  root.erase(key);
  return taken;
}

// Which setting is set when `values` are applied one by one.
template <typename T>
AxisValue axis_value(const std::string& name, T value) {
  nlohmann::json shown = plain(value);
  return {std::move(shown), [name, value = std::move(value)](CompareConfig& config) {
            for_each_setting(config, [&](const SettingInfo& info, auto& field) {
              if constexpr (std::is_same_v<std::remove_reference_t<decltype(field)>, T>) {
                if (name_of(info) == name) field = value;
              }
            });
            if (name == "queue.shape") apply_shape(config);
          }};
}

template <typename T>
Axis read_axis(const Path& file, const SettingInfo& info, const toml::node& node, const T& like) {
  Axis axis{.name = name_of(info), .values = {}};
  if (std::find(kNoAxes.begin(), kNoAxes.end(), axis.name) != kNoAxes.end()) {
    throw ConfigError(fmt::format("{}{} cannot be an axis", place(file, node), axis.name));
  }
  const toml::array* const values = node.as_array();
  if (values == nullptr) {
    throw ConfigError(fmt::format("{}axis {} must be a list of values, is {}", place(file, node),
                                  axis.name, type_name(node)));
  }
  if (values->empty()) {
    throw ConfigError(fmt::format("{}axis {} has no values", place(file, node), axis.name));
  }
  for (const toml::node& element : *values) {
    AxisValue value = axis_value(axis.name, read_setting(file, info, element, like));
    const bool twice =
        std::any_of(axis.values.begin(), axis.values.end(),
                    [&](const AxisValue& other) { return other.shown == value.shown; });
    if (twice) {
      throw ConfigError(fmt::format("{}axis {} has {} twice", place(file, element), axis.name,
                                    value.shown.dump()));
    }
    if (value.shown.is_array() && value.shown.empty()) {
      throw ConfigError(
          fmt::format("{}axis {} has an empty list", place(file, element), axis.name));
    }
    axis.values.push_back(std::move(value));
  }
  return axis;
}

void read_axes(const Path& file, const toml::table& axes, SweepConfig& sweep) {
  for (const auto& [key, node] : axes) {
    if (key.str().find('.') != std::string_view::npos) {
      throw ConfigError(fmt::format("{}write {} without quotes", place(file, node), key.str()));
    }
  }
  reject_unknown(file, axes);
  for_each_setting(std::as_const(sweep.base), [&](const SettingInfo& info, const auto& field) {
    const toml::node_view<const toml::node> view = axes[info.section][info.key];
    if (view) sweep.axes.push_back(read_axis(file, info, *view.node(), field));
  });
}

void read_options(const Path& file, const toml::table& options, SweepConfig& sweep) {
  for (const auto& [key, node] : options) {
    if (key.str() != "skip_impossible") {
      throw ConfigError(fmt::format("{}unknown key 'sweep.{}' (known: skip_impossible)",
                                    place(file, node), key.str()));
    }
    if (!node.is_boolean()) {
      throw ConfigError(fmt::format("{}sweep.skip_impossible must be true or false, is {}",
                                    place(file, node), type_name(node)));
    }
    sweep.skip_impossible = node.as_boolean()->get();
  }
}

void check_point(const SweepPoint& point, const BackendTable& backends) {
  check(point.config);
  if (point.config.real_time()) {
    throw ConfigError("run.time = \"real\" is for compare: a sweep keeps what repeats");
  }
  if (point.config.files.empty()) {
    throw ConfigError("no page file given, neither in compare.files nor as an axis");
  }
  try {
    backends.check(point.config);
  } catch (const CompareError& error) {
    throw ConfigError(error.what());
  }
}

}  // namespace

SweepConfig load_sweep(const Path& file) {
  toml::table root = parse_toml(file);
  SweepConfig sweep;
  sweep.base.backends = {"engine:fast"};
  const toml::table axes = take_table(file, root, "axes");
  const toml::table options = take_table(file, root, "sweep");
  reject_unknown(file, root);
  read_settings(file, root, sweep.base);
  read_axes(file, axes, sweep);
  read_options(file, options, sweep);
  return sweep;
}

std::string describe(const SweepPoint& point) {
  std::string text;
  for (const auto& [name, value] : point.axes.items()) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", name,
                        value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text.empty() ? "the only point" : text;
}

SweepPoints make_points(const SweepConfig& sweep) { return make_points(sweep, BackendTable()); }

SweepPoints make_points(const SweepConfig& sweep, const BackendTable& backends) {
  std::size_t count = 1;
  for (const Axis& axis : sweep.axes) {
    count *= axis.values.size();
    if (count > kMostPoints) {
      throw ConfigError(fmt::format("the axes make more than {} points", kMostPoints));
    }
  }
  SweepPoints made;
  for (std::size_t index = 0; index < count; ++index) {
    SweepPoint point{.axes = nlohmann::json::object(), .config = sweep.base};
    std::size_t rest = index;
    std::vector<const AxisValue*> chosen;
    for (auto axis = sweep.axes.rbegin(); axis != sweep.axes.rend(); ++axis) {
      chosen.push_back(&axis->values[rest % axis->values.size()]);
      rest /= axis->values.size();
      point.axes[axis->name] = chosen.back()->shown;
    }
    // In the order of the table of settings: a queue's shape before what differs from it.
    for (auto value = chosen.rbegin(); value != chosen.rend(); ++value) (*value)->set(point.config);
    try {
      check_point(point, backends);
      made.points.push_back(std::move(point));
    } catch (const ImpossibleCombination& error) {
      const std::string what = fmt::format("{}: {}", describe(point), error.what());
      if (!sweep.skip_impossible) {
        throw ConfigError(
            fmt::format("{} (sweep.skip_impossible = true leaves such points out)", what));
      }
      if (made.skipped++ == 0) made.why_skipped = what;
    } catch (const ConfigError& error) {
      throw ConfigError(fmt::format("{}: {}", describe(point), error.what()));
    }
  }
  if (made.points.empty()) {
    throw ConfigError(fmt::format("no point is left: {}", made.why_skipped));
  }
  return made;
}

}  // namespace pagepress::sim
