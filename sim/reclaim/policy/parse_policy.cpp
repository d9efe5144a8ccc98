// SPDX-License-Identifier: Apache-2.0
// Specifications of policies: one table of keys, one of names with their defaults.
#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pagepress/back_pressure.hpp>
#include <pagepress/cpu_codecs.hpp>
#include <pagepress/queue_shape.hpp>

#include "sim/reclaim/policy/policy.hpp"

namespace pagepress::reclaim {
namespace {

using Names = std::vector<std::string>;

struct Key {
  std::string_view name;
  Names (*choices)();        // of a key with names; none: see least, most
  std::int64_t least, most;  // of a number
  void (*set)(PolicyConfig& config, const std::string& value, std::int64_t number);
};

Names shapes() {
  Names names;
  for (const QueueShape& shape : queue_shapes()) names.emplace_back(shape.name);
  return names;
}
Names splits() { return {"shared", "own", "chunks"}; }
Names rules() { return {"rfc", "zram-v1", "any"}; }
Names states() { return {"locked", "writeback"}; }
Names pressures() { return {back_pressure_names().begin(), back_pressure_names().end()}; }
Names codecs() {
  Names names;
  for (const CpuCodec& codec : cpu_codecs()) names.emplace_back(codec.name);
  names.insert(names.end(), {"engine:fast", "engine:rtl"});
  return names;
}
constexpr std::array kWaits = {WaitMode::kPoll, WaitMode::kInterrupt, WaitMode::kHybrid};
Names waits() {
  Names names;
  for (const WaitMode mode : kWaits) names.emplace_back(to_string(mode));
  return names;
}
Names catchers() { return {"cpu", "engine"}; }

void set_wait(PolicyConfig& config, const std::string& value, std::int64_t /*number*/) {
  config.wait = *std::find_if(kWaits.begin(), kWaits.end(),
                              [&](WaitMode mode) { return to_string(mode) == value; });
}

// clang-format off
constexpr std::array kKeys = {
    Key{"shape", shapes, 0, 0, [](PolicyConfig& c, const std::string& v, std::int64_t) { c.shape = v; }},
    Key{"split", splits, 0, 0, [](PolicyConfig& c, const std::string& v, std::int64_t) { c.split = v; }},
    Key{"rule", rules, 0, 0, [](PolicyConfig& c, const std::string& v, std::int64_t) { c.rule = v; }},
    Key{"state", states, 0, 0, [](PolicyConfig& c, const std::string& v, std::int64_t) { c.state = v; }},
    Key{"policy", pressures, 0, 0, [](PolicyConfig& c, const std::string& v, std::int64_t) { c.policy = v; }},
    Key{"codec", codecs, 0, 0, [](PolicyConfig& c, const std::string& v, std::int64_t) { c.codec = v; }},
    Key{"fifo_entries", nullptr, 1, 1 << 20, [](PolicyConfig& c, const std::string&, std::int64_t n) { c.fifo_entries = static_cast<std::uint64_t>(n); }},
    Key{"workers", nullptr, 1, 64, [](PolicyConfig& c, const std::string&, std::int64_t n) { c.workers = static_cast<std::uint64_t>(n); }},
    Key{"batch", nullptr, 1, 1024, [](PolicyConfig& c, const std::string&, std::int64_t n) { c.batch = static_cast<std::uint64_t>(n); }},
    Key{"depth", nullptr, 2, 1024, [](PolicyConfig& c, const std::string&, std::int64_t n) { c.depth = static_cast<std::uint64_t>(n); }},
    Key{"wait", waits, 0, 0, set_wait},
    Key{"irq_count", nullptr, 1, 255, [](PolicyConfig& c, const std::string&, std::int64_t n) { c.irq_count = static_cast<std::uint64_t>(n); }},
    Key{"irq_us", nullptr, 1, 1000, [](PolicyConfig& c, const std::string&, std::int64_t n) { c.irq_us = static_cast<std::uint64_t>(n); }},
    Key{"same_filled", catchers, 0, 0, [](PolicyConfig& c, const std::string& v, std::int64_t) { c.same_filled = v; }},
    Key{"memalloc", nullptr, 0, 1, [](PolicyConfig& c, const std::string&, std::int64_t n) { c.memalloc = n != 0; }},
    Key{"swapin_engine", nullptr, 0, 1, [](PolicyConfig& c, const std::string&, std::int64_t n) { c.swapin_engine = n != 0; }},
    Key{"cores", nullptr, 1, 0, [](PolicyConfig& c, const std::string& v, std::int64_t) { c.cores = v; }},
    Key{"nice", nullptr, -20, 19, [](PolicyConfig& c, const std::string&, std::int64_t n) { c.nice = static_cast<int>(n); }},
};
// clang-format on

[[nodiscard]] bool is_text(const Key& key) {
  return key.choices == nullptr && key.least > key.most;
}

struct Name {
  std::string_view name;
  std::string_view shape;  // its own; empty: no queue
  std::string_view codec;
  std::vector<std::string_view> keys;  // that mean something for it
};

const std::vector<Name>& policy_names() {
  static const std::vector<Name> kNames = {
      {"kswapd", "", "cpu:lz4", {"codec"}},
      {"kcompressd",
       "rfc",
       "cpu:lz4",
       {"shape", "split", "rule", "state", "policy", "codec", "fifo_entries", "workers", "batch",
        "memalloc", "cores", "nice"}},
      {"threads",
       "parallel",
       "cpu:lz4",
       {"shape", "split", "rule", "state", "policy", "codec", "fifo_entries", "workers", "batch",
        "memalloc", "cores", "nice"}},
      {"batch",
       "",
       "cpu:lz4",
       {"codec", "workers", "batch", "depth", "wait", "irq_count", "irq_us", "same_filled",
        "swapin_engine"}},
      {"engine",
       "batch",
       "engine:fast",
       {"shape", "split", "rule", "state", "policy", "codec", "fifo_entries", "workers", "batch",
        "depth", "wait", "irq_count", "irq_us", "same_filled", "memalloc", "swapin_engine", "cores",
        "nice"}},
  };
  return kNames;
}

[[noreturn]] void fail(std::string_view spec, const std::string& what) {
  throw std::invalid_argument(fmt::format("policy '{}': {}", spec, what));
}

const Name& find_name(std::string_view spec, std::string_view name) {
  Names known;
  for (const Name& entry : policy_names()) {
    if (entry.name == name) return entry;
    known.emplace_back(entry.name);
  }
  fail(spec, fmt::format("unknown name '{}' (known: {})", name, fmt::join(known, ", ")));
}

const Key& find_key(std::string_view spec, const Name& name, std::string_view key) {
  const auto found =
      std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& entry) { return entry.name == key; });
  if (found == kKeys.end() ||
      std::find(name.keys.begin(), name.keys.end(), key) == name.keys.end()) {
    fail(spec,
         fmt::format("{} key '{}' ({} takes {})", found == kKeys.end() ? "unknown" : "useless", key,
                     name.name, fmt::join(name.keys, ", ")));
  }
  return *found;
}

void set_key(std::string_view spec, const Key& key, const std::string& value,
             PolicyConfig& config) {
  if (key.choices != nullptr) {
    const Names choices = key.choices();
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
      fail(spec, fmt::format("{}: unknown value '{}' (known: {})", key.name, value,
                             fmt::join(choices, ", ")));
    }
    key.set(config, value, 0);
    return;
  }
  if (is_text(key)) {
    if (value.empty()) fail(spec, fmt::format("{}: has no value", key.name));
    key.set(config, value, 0);
    return;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < key.least ||
      number > key.most) {
    fail(spec, fmt::format("{}: '{}' is not an integer from {} to {}", key.name, value, key.least,
                           key.most));
  }
  key.set(config, value, number);
}

// What goes with a shape, unless it was asked for.
void apply_shape(PolicyConfig& config, const std::function<bool(std::string_view)>& given) {
  if (config.shape.empty()) return;
  const QueueShape& shape = queue_shape(config.shape);
  if (config.split.empty()) {
    config.split = config.who == "threads" ? "chunks" : std::string(to_string(shape.split));
  }
  if (config.rule.empty()) {
    config.rule = shape.rule == EnqueueRule::kRfc      ? "rfc"
                  : shape.rule == EnqueueRule::kZramV1 ? "zram-v1"
                                                       : "any";
  }
  if (!given("policy")) config.policy = shape.policy;
  // v1's asynchronous bio keeps PG_writeback, the RFC's folio stays locked; the RFC's thread is
  // the one without PF_MEMALLOC (facts/linux-reclaim.md).
  if (!given("state") && config.shape == "zram-v1") config.state = "writeback";
  if (!given("memalloc")) config.memalloc = config.shape != "rfc";
  if (config.fifo_entries == 0) config.fifo_entries = shape.fifo_entries;
  if (config.workers == 0) config.workers = shape.workers;
  if (config.batch == 0) config.batch = shape.batch;
}

void check(const PolicyConfig& config) {
  const std::string_view spec = config.spec;
  const bool may_be_engine = config.who == "engine" || config.who == "batch";
  if (config.has_engine() && !may_be_engine) {
    fail(spec, fmt::format("codec: {} takes codecs of the CPU; '{}' is for engine and batch",
                           config.who, config.codec));
  }
  if (config.who == "engine" && !config.has_engine()) {
    fail(spec,
         fmt::format("codec: '{}' is no engine (known: engine:fast, engine:rtl)", config.codec));
  }
  if (!config.has_engine()) {
    if (config.same_filled == "engine")
      fail(spec, "same_filled: 'engine' needs an engine as codec");
    if (config.swapin_engine) fail(spec, "swapin_engine: needs an engine as codec");
    return;
  }
  if ((config.depth & (config.depth - 1)) != 0) {
    fail(spec, fmt::format("depth: {} is not a power of two", config.depth));
  }
  if (config.batch > config.depth) {
    fail(spec, fmt::format("batch: {} is more than the depth of {}", config.batch, config.depth));
  }
}

}  // namespace

PolicyConfig parse_policy(std::string_view spec) {
  PolicyConfig config;
  config.spec = spec;
  const std::size_t at = spec.find('@');
  const Name& name = find_name(spec, spec.substr(0, at));
  config.who = name.name;
  config.shape = name.shape;
  config.codec = name.codec;
  std::vector<std::string_view> seen;
  const auto given = [&](std::string_view key) {
    return std::find(seen.begin(), seen.end(), key) != seen.end();
  };
  std::string_view rest = at == std::string_view::npos ? "" : spec.substr(at + 1);
  if (at != std::string_view::npos && rest.empty()) fail(spec, "nothing stands behind '@'");
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) {
      fail(spec, fmt::format("'{}' is not KEY=VALUE ({} takes {})", item, name.name,
                             fmt::join(name.keys, ", ")));
    }
    const Key& key = find_key(spec, name, item.substr(0, equals));
    if (given(key.name)) fail(spec, fmt::format("{}: given twice", key.name));
    set_key(spec, key, std::string(item.substr(equals + 1)), config);
    seen.push_back(key.name);
    if (comma == std::string_view::npos) break;
    rest = rest.substr(comma + 1);
    if (rest.empty()) fail(spec, "nothing stands behind the last ','");
  }
  apply_shape(config, given);
  // zswap's SWAP_BATCH of v14, in as many requests at a time as there are contexts.
  if (config.who == "batch" && config.batch == 0) config.batch = 8;
  if (config.who == "batch" && config.workers == 0) config.workers = 1;
  check(config);
  return config;
}

void check_engine(const PolicyConfig& config, const EngineConfig& engine) {
  if (config.codec == "engine:rtl" && (engine.engines != 2 || engine.w != 16)) {
    fail(config.spec, "codec: engine:rtl is built with 2 engines of w = 16 only");
  }
}

void check_cores(const PolicyConfig& config, const SchedulerConfig& machine) {
  if (config.cores.empty()) return;
  Names kinds;
  for (const CoreKind& kind : machine.cores) kinds.push_back(kind.name);
  if (std::find(kinds.begin(), kinds.end(), config.cores) == kinds.end()) {
    fail(config.spec, fmt::format("cores: there are none called '{}' (known: {})", config.cores,
                                  fmt::join(kinds, ", ")));
  }
}

std::vector<std::string> describe_policies() {
  Names lines;
  for (const Name& name : policy_names()) {
    lines.push_back(fmt::format("{:<11} keys: {}", name.name, fmt::join(name.keys, ", ")));
  }
  for (const Key& key : kKeys) {
    if (key.choices != nullptr) {
      lines.push_back(fmt::format("{:<14} {}", key.name, fmt::join(key.choices(), ", ")));
    } else if (is_text(key)) {
      lines.push_back(fmt::format("{:<14} a kind of core", key.name));
    } else {
      lines.push_back(fmt::format("{:<14} {} to {}", key.name, key.least, key.most));
    }
  }
  return lines;
}

}  // namespace pagepress::reclaim
