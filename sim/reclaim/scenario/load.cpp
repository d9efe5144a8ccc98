// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/scenario/load.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/config/toml_setting.hpp"
#include "sim/reclaim/scenario/setting_list.hpp"
#include "sim/reclaim/scenario/shipped_files.hpp"

namespace pagepress::reclaim {
namespace {

using Path = std::filesystem::path;
using sim::ConfigError;
using sim::SettingInfo;

template <typename T>
constexpr bool kNeedsSource = !kIsText<T> && !std::is_same_v<T, std::vector<std::string>>;

// One file over a scenario.
class Reader {
 public:
  Reader(Path file, bool shipped, bool has_base, Scenario& scenario)
      : file_(std::move(file)), shipped_(shipped), has_base_(has_base), scenario_(scenario) {}

  void read(toml::table root) {
    read_text(root, "description", scenario_.description);
    for_each_list(scenario_, [&](std::string_view section, auto& list) {
      if (const std::optional<toml::array> elements = take_list(root, section)) {
        if (!has_base_) list.clear();  // defaults
        read_list(section, *elements, list);
      }
    });
    sim::reject_unknown(file_, root, infos(scenario_));
    for_each_setting(scenario_, [&](const SettingInfo& info, auto& field) {
      const toml::node_view<const toml::node> view = std::as_const(root)[info.section][info.key];
      if (view) read_node(info, fmt::format("{}.{}", info.section, info.key), *view.node(), field);
    });
  }

  // Removes a text of the file itself, if it is there.
  void read_text(toml::table& root, std::string_view key, std::string& text) const {
    const toml::node_view<toml::node> view = root[key];
    if (!view) return;
    if (!view.is_string()) {
      throw ConfigError(fmt::format("{}{} must be a string, is {}", sim::place(file_, *view.node()),
                                    key, sim::type_name(*view.node())));
    }
    text = view.as_string()->get();
    root.erase(key);
  }

 private:
  // Removes the list of a section ("cpu.cores": `cores` of [cpu]) from the file.
  std::optional<toml::array> take_list(toml::table& root, std::string_view section) const {
    const std::size_t dot = section.find('.');
    toml::table* parent = &root;
    if (dot != std::string_view::npos) {
      parent = root[section.substr(0, dot)].as_table();
      section.remove_prefix(dot + 1);
    }
    if (parent == nullptr || !parent->contains(section)) return std::nullopt;
    toml::node& node = *parent->get(section);
    if (!node.is_array() || !std::all_of(node.as_array()->begin(), node.as_array()->end(),
                                         [](const toml::node& e) { return e.is_table(); })) {
      throw ConfigError(fmt::format("{}'{}' must be a list of tables ([[...]]), is {}",
                                    sim::place(file_, node), section, sim::describe_type(node)));
    }
    toml::array list = std::move(*node.as_array());  // a copy would not know its lines
    parent->erase(section);
    return list;
  }

  // An element of a name that is there already (the base's) is changed, another is added.
  template <typename Element>
  void read_list(std::string_view section, const toml::array& nodes, std::vector<Element>& list) {
    std::set<std::string> names;
    for (const toml::node& node : nodes) {
      const toml::table& table = *node.as_table();
      sim::reject_unknown_keys(file_, section, table, infos(Element()));
      const std::optional<std::string> name = table["name"].value<std::string>();
      if (!name) {
        throw ConfigError(fmt::format("{}{} needs a name", sim::place(file_, node), section));
      }
      if (!names.insert(*name).second) {
        throw ConfigError(fmt::format("{}{}: the name '{}' is there twice", sim::place(file_, node),
                                      section, *name));
      }
      auto element = std::find_if(list.begin(), list.end(),
                                  [&](const Element& other) { return other.name == *name; });
      if (element == list.end()) element = list.insert(list.end(), Element());
      for_each_element_setting(*element, [&](const SettingInfo& info, auto& field) {
        const toml::node* const value = table.get(info.key);
        if (value == nullptr) return;
        read_node(info, fmt::format("{}.{}.{}", section, *name, info.key), *value, field);
      });
    }
  }

  // Value, or {value, source, provenance}.
  template <typename T>
  void read_node(const SettingInfo& info, const std::string& name, const toml::node& node,
                 T& field) {
    SettingOrigin origin{"given", fmt::format("given in {}", file_.string())};
    const toml::node* value = &node;
    if (const toml::table* const table = node.as_table()) {
      value = &value_of(name, *table, origin);
    } else if (shipped_) {
      if (kNeedsSource<T>) {
        throw ConfigError(fmt::format("{}{} has no source", sim::place(file_, node), name));
      }
      origin = {"assumed", "of the scenario"};
    }
    field = sim::read_setting(file_, info, *value, field);
    scenario_.origins[name] = std::move(origin);
  }

  const toml::node& value_of(const std::string& name, const toml::table& table,
                             SettingOrigin& origin) const {
    const std::optional<std::string> source = table["source"].value<std::string>();
    const std::string provenance =
        table["provenance"].value_or<std::string>(shipped_ ? "assumed" : "given");
    const bool known = provenance == "given" || provenance == "assumed" || provenance == "measured";
    const std::size_t keys = table.contains("provenance") ? 3 : 2;
    if (!table.contains("value") || !source || source->empty() || !known || table.size() != keys) {
      throw ConfigError(fmt::format(
          "{}{} must be a value, or {{value = ..., source = \"...\"}}, with provenance = "
          "\"given\", \"assumed\" or \"measured\" if wanted",
          sim::place(file_, table), name));
    }
    origin = {provenance, *source};
    return *table.get("value");
  }

  Path file_;
  bool shipped_;
  bool has_base_;
  Scenario& scenario_;
};

const ShippedFile* find_shipped(std::string_view name) {
  const auto files = shipped_files();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const ShippedFile& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

[[noreturn]] void throw_unknown(std::string_view what, std::string_view name) {
  std::vector<std::string_view> names;
  for (const ShippedFile& file : shipped_files()) names.push_back(file.name);
  throw ConfigError(fmt::format("{} '{}' (known: {})", what, name, fmt::join(names, ", ")));
}

Scenario load_shipped(const ShippedFile& shipped);

// `root` over its base, if it has one.
Scenario load(const Path& file, bool shipped, toml::table root) {
  Scenario scenario;
  std::string base;
  Reader(file, shipped, false, scenario).read_text(root, "base", base);
  if (!base.empty()) {
    const ShippedFile* const found = find_shipped(base);
    if (found == nullptr || (shipped && file.stem() == base)) {
      throw_unknown(fmt::format("{}: base is no shipped scenario:", file.string()), base);
    }
    scenario = load_shipped(*found);
  }
  Reader(file, shipped, !base.empty(), scenario).read(std::move(root));
  scenario.name = file.stem().string();
  return scenario;
}

Scenario load_shipped(const ShippedFile& shipped) {
  const Path file = std::string(shipped.name) + ".toml";
  return load(file, true, sim::parse_toml(file, shipped.toml));
}

}  // namespace

Scenario load_scenario(std::string_view name_or_path) {
  if (const ShippedFile* const shipped = find_shipped(name_or_path)) return load_shipped(*shipped);
  const Path path(name_or_path);
  if (name_or_path.find('/') == std::string_view::npos && path.extension() != ".toml") {
    throw_unknown("unknown scenario", name_or_path);
  }
  return load(path, false, sim::parse_toml(path));
}

std::vector<ScenarioName> scenario_names() {
  std::vector<ScenarioName> names;
  for (const ShippedFile& file : shipped_files()) {
    const std::string description = load_shipped(file).description;
    names.push_back({std::string(file.name), description.substr(0, description.find('\n'))});
  }
  return names;
}

}  // namespace pagepress::reclaim
