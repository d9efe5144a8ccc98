// SPDX-License-Identifier: Apache-2.0
#include "model/fault/fault_plan.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/toml/toml_file.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model {
namespace {

struct KindInfo {
  std::string_view name;
  FaultSort sort;
};

// In the order of FaultKind.
constexpr std::array<KindInfo, kFaultKinds> kKinds{{
    {"dma-read-fault", FaultSort::kDmaRead},
    {"dma-write-fault", FaultSort::kDmaWrite},
    {"poisoned-completion", FaultSort::kCompletion},
    {"lost-completion", FaultSort::kCompletion},
    {"dropped-interrupt", FaultSort::kInterrupt},
    {"late-interrupt", FaultSort::kInterrupt},
    {"stuck-engine", FaultSort::kCompletion},
    {"flipped-output", FaultSort::kCompletion},
    {"surprise-reset", FaultSort::kCompletion},
    {"link-stall", FaultSort::kCompletion},
    {"dead-device", FaultSort::kCompletion},
}};

constexpr std::array<std::string_view, kFaultSorts> kSorts{"DMA read", "DMA write", "completion",
                                                           "interrupt"};
constexpr std::array<std::string_view, 3> kTargets{"any", "ring", "data"};

// Sets of kinds.
constexpr unsigned set_of(FaultKind kind) { return 1U << static_cast<unsigned>(kind); }
constexpr unsigned kAll = (1U << kFaultKinds) - 1;
constexpr unsigned kDma = set_of(FaultKind::kDmaRead) | set_of(FaultKind::kDmaWrite);
constexpr unsigned kPoisoned = set_of(FaultKind::kPoisonedCompletion);
constexpr unsigned kCompletions = kPoisoned | set_of(FaultKind::kLostCompletion);
constexpr unsigned kLate = set_of(FaultKind::kLateInterrupt);
constexpr unsigned kInterrupts = kLate | set_of(FaultKind::kDroppedInterrupt);
constexpr unsigned kStuck = set_of(FaultKind::kStuckEngine);
constexpr unsigned kFlipped = set_of(FaultKind::kFlippedOutput);
constexpr unsigned kStall = set_of(FaultKind::kLinkStall);
constexpr unsigned kDeviceWide = set_of(FaultKind::kReset) | kStall | set_of(FaultKind::kDead);

constexpr double kPsPerUs = 1e6;
constexpr double kMostUs = 1e9;                      // a quarter of an hour: longer is a mistake
constexpr double kMostWhole = 0x1.fffffffffffffp52;  // exact in a double: every user's address
constexpr double kMost16 = std::numeric_limits<std::uint16_t>::max();
constexpr double kMost32 = std::numeric_limits<std::uint32_t>::max();

std::uint64_t to_ps(double us) { return static_cast<std::uint64_t>(std::llround(us * kPsPerUs)); }
template <class T>
T as(double value) {
  return static_cast<T>(value);
}

// A number of a fault: which kinds may have it, which must, and what it can be.
struct Key {
  std::string_view name;
  unsigned kinds;
  unsigned required;
  double least;
  double most;
  bool whole;
  void (*set)(Fault&, double);
};

const std::array kKeys{
    Key{"at_us", kAll, 0, 0, kMostUs, false, [](Fault& f, double v) { f.at_ps = to_ps(v); }},
    Key{"after", kAll, 0, 0, kMostWhole, true,
        [](Fault& f, double v) { f.after = as<std::uint64_t>(v); }},
    Key{"count", kAll & ~kDeviceWide, 0, 1, kMost16, true,
        [](Fault& f, double v) { f.count = as<std::uint32_t>(v); }},
    Key{"queue", kCompletions | kStuck | kFlipped, 0, 0, PP_MAX_QUEUES - 1, true,
        [](Fault& f, double v) { f.queue = as<unsigned>(v); }},
    Key{"vector", kInterrupts, 0, 0, 2047, true,
        [](Fault& f, double v) { f.vector = as<unsigned>(v); }},
    Key{"first_address", kDma, 0, 0, kMostWhole, true,
        [](Fault& f, double v) { f.first_address = as<std::uint64_t>(v); }},
    Key{"last_address", kDma, 0, 0, kMostWhole, true,
        [](Fault& f, double v) { f.last_address = as<std::uint64_t>(v); }},
    Key{"status", kPoisoned, 0, 0, 255, true,
        [](Fault& f, double v) { f.status = as<std::uint8_t>(v); }},
    Key{"byte", kPoisoned, 0, 0, PP_CQE_SIZE - 1, true,
        [](Fault& f, double v) { f.byte = as<unsigned>(v); }},
    Key{"mask", kPoisoned, 0, 1, 255, true,
        [](Fault& f, double v) { f.mask = as<std::uint8_t>(v); }},
    Key{"for_us", kLate | kStall, kLate | kStall, 1e-6, kMostUs, false,
        [](Fault& f, double v) { f.duration_ps = to_ps(v); }},
    Key{"cycles", kStuck, kStuck, 0, kMost32, true,
        [](Fault& f, double v) { f.cycles = as<std::uint32_t>(v); }},
    Key{"bit", kFlipped, kFlipped, 0, kMost32, true,
        [](Fault& f, double v) { f.bit = as<std::uint32_t>(v); }},
};

// Reads one [[fault]].
class Reader {
 public:
  Reader(std::string_view file, const toml::table& table) : file_(file), table_(table) {}

  Fault read() {
    fault_.line = static_cast<unsigned>(table_.source().begin.line);
    read_kind();
    const std::string name(to_string(fault_.kind));
    for (const auto& entry : table_) {
      const std::string_view key = entry.first.str();
      if (key == "kind") continue;
      if (key == "target" && (kDma & kind_) != 0) {
        read_target(entry.second);
        continue;
      }
      read_number(key, entry.second);
    }
    for (const Key& key : kKeys) {
      if ((key.required & kind_) != 0 && !table_.contains(key.name)) {
        refuse(file_, table_, fmt::format("'{}' needs '{}'", name, key.name));
      }
    }
    check();
    return fault_;
  }

 private:
  void read_kind() {
    const toml::node* const node = table_.get("kind");
    if (node == nullptr) refuse(file_, table_, "a [[fault]] needs 'kind'");
    const std::string name = node->value<std::string>().value_or("");
    for (std::size_t i = 0; i < kFaultKinds; ++i) {
      if (kKinds[i].name != name) continue;
      fault_.kind = static_cast<FaultKind>(i);
      kind_ = set_of(fault_.kind);
      return;
    }
    std::vector<std::string_view> names;
    for (const KindInfo& info : kKinds) names.push_back(info.name);
    refuse(file_, *node,
           fmt::format("kind: unknown '{}' (known: {})", name, fmt::join(names, ", ")));
  }

  void read_target(const toml::node& node) {
    const std::string name = node.value<std::string>().value_or("");
    for (std::size_t i = 0; i < kTargets.size(); ++i) {
      if (kTargets[i] != name) continue;
      fault_.target = static_cast<DmaTarget>(i);
      return;
    }
    refuse(file_, node, fmt::format("target: must be any, ring or data, not '{}'", name));
  }

  void read_number(std::string_view name, const toml::node& node) {
    for (const Key& key : kKeys) {
      if (key.name != name || (key.kinds & kind_) == 0) continue;
      const std::optional<double> value =
          node.is_number() ? node.value<double>() : std::optional<double>{};
      if (!value || (key.whole && !node.is_integer())) {
        refuse(file_, node,
               fmt::format("{}: must be {}", name, key.whole ? "an integer" : "a number"));
      }
      if (!(*value >= key.least && *value <= key.most)) {
        refuse(file_, node,
               fmt::format("{}: {} is not from {} to {}", name, *value, key.least, key.most));
      }
      key.set(fault_, *value);
      return;
    }
    std::vector<std::string_view> names{"kind"};
    for (const Key& key : kKeys) {
      if ((key.kinds & kind_) != 0) names.push_back(key.name);
    }
    if ((kDma & kind_) != 0) names.push_back("target");
    refuse(file_, node,
           fmt::format("unknown key '{}' of '{}' (known: {})", name, to_string(fault_.kind),
                       fmt::join(names, ", ")));
  }

  // What keys must be together.
  void check() const {
    if (table_.contains("at_us") == table_.contains("after")) {
      refuse(file_, table_,
             fmt::format("'{}' needs either 'at_us' or 'after'", to_string(fault_.kind)));
    }
    if (fault_.first_address > fault_.last_address) {
      refuse(file_, *table_.get("first_address"), "first_address: is above last_address");
    }
    if (kind_ != kPoisoned) return;
    const bool bits = table_.contains("byte");
    if (bits != table_.contains("mask") || bits == table_.contains("status")) {
      refuse(file_, table_, "'poisoned-completion' needs either 'status' or 'byte' and 'mask'");
    }
  }

  const std::string_view file_;
  const toml::table& table_;
  Fault fault_;
  unsigned kind_ = 0;
};

}  // namespace

std::string_view to_string(FaultKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }
std::string_view to_string(FaultSort sort) { return kSorts[static_cast<std::size_t>(sort)]; }
FaultSort sort_of(FaultKind kind) { return kKinds[static_cast<std::size_t>(kind)].sort; }

FaultPlan parse_fault_plan(std::string_view file, std::string_view text) {
  const toml::table root = parse_toml(file, text);
  FaultPlan plan{.file = std::string(file), .faults = {}};
  for (const auto& entry : root) {
    const std::string_view key = entry.first.str();
    if (key != "fault") {
      refuse(file, entry.second, fmt::format("unknown key '{}' (known: [[fault]])", key));
    }
    const toml::array* const list = entry.second.as_array();
    if (list == nullptr) refuse(file, entry.second, "'fault' must be a list: [[fault]]");
    for (const toml::node& node : *list) {
      const toml::table* const table = node.as_table();
      if (table == nullptr) refuse(file, node, "'fault' must be a list of tables: [[fault]]");
      plan.faults.push_back(Reader(file, *table).read());
    }
  }
  return plan;
}

FaultPlan load_fault_plan(const std::string& path) {
  return parse_fault_plan(path, read_text(path, "fault plan"));
}

}  // namespace pagepress::model
