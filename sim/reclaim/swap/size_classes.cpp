// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/size_classes.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

namespace pagepress::reclaim {
namespace {

constexpr std::uint32_t kPage = SizeClasses::kMaxSize;

// calculate_zspage_chain_size(), 6.12.
std::uint32_t pages_of_least_waste(std::uint32_t size, std::uint32_t most) {
  if (std::has_single_bit(size)) return 1;
  std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t chosen = 1;
  for (std::uint32_t pages = 1; pages <= most; ++pages) {
    const std::uint32_t waste = pages * kPage % size;
    if (waste < least) {
      least = waste;
      chosen = pages;
    }
  }
  return chosen;
}

// get_pages_per_zspage(), 6.1.
std::uint32_t pages_of_most_percent(std::uint32_t size, std::uint32_t most) {
  std::uint32_t best = 0;
  std::uint32_t chosen = 1;
  for (std::uint32_t pages = 1; pages <= most; ++pages) {
    const std::uint32_t bytes = pages * kPage;
    const std::uint32_t percent = (bytes - bytes % size) * 100 / bytes;
    if (percent > best) {
      best = percent;
      chosen = pages;
    }
  }
  return chosen;
}

struct Rule {
  std::string_view kernel;
  std::uint32_t chain;
  std::uint32_t (*pages)(std::uint32_t size, std::uint32_t most);
};
constexpr std::array<Rule, 2> kRules = {
    {{"6.12", 8, pages_of_least_waste}, {"6.1", 4, pages_of_most_percent}}};

}  // namespace

SizeClasses::SizeClasses(std::string_view kernel, std::uint64_t chain) {
  const auto rule = std::find_if(kRules.begin(), kRules.end(),
                                 [&](const Rule& known) { return known.kernel == kernel; });
  if (rule == kRules.end()) {
    throw std::invalid_argument(
        fmt::format("store.zsmalloc is \"{}\", but must be 6.12 or 6.1", kernel));
  }
  if (chain != 0 && (chain < kLeastChain || chain > kMostChain)) {
    throw std::invalid_argument(
        fmt::format("store.zspage_chain is {}, but must be {} to {}, or 0 (the kernel's)", chain,
                    kLeastChain, kMostChain));
  }
  const std::uint32_t most = chain == 0 ? rule->chain : static_cast<std::uint32_t>(chain);
  for (std::size_t i = kSteps; i-- != 0;) {
    SizeClass made;
    made.size = std::min(kMinSize + static_cast<std::uint32_t>(i) * kDelta, kMaxSize);
    made.zspage_pages = rule->pages(made.size, most);
    made.zspage_objects = made.zspage_pages * kPage / made.size;
    if (huge_bytes_ == 0 && made.zspage_pages != 1 && made.zspage_objects != 1) {
      huge_bytes_ = made.size - (kHandle - 1);
    }
    // can_merge(): with the next larger one.
    if (classes_.empty() || classes_.back().zspage_pages != made.zspage_pages ||
        classes_.back().zspage_objects != made.zspage_objects) {
      classes_.push_back(made);
    }
    by_step_[i] = static_cast<std::uint8_t>(classes_.size() - 1);
  }
}

std::size_t SizeClasses::step(std::uint32_t bytes) noexcept {
  const std::uint32_t size = bytes + kHandle;  // zs_malloc() adds it
  if (size <= kMinSize) return 0;
  return std::min<std::size_t>((size - kMinSize + kDelta - 1) / kDelta, kSteps - 1);
}

}  // namespace pagepress::reclaim
