// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/mm/mm_trace.hpp"

namespace pagepress::reclaim {

MmTrace::MmTrace(Trace* trace) : trace_(trace) {
  if (trace == nullptr) return;
  constexpr std::array kNames = {"free", "min watermark", "low watermark", "high watermark"};
  for (std::size_t i = 0; i < kNames.size(); ++i) counters_[i] = trace->track("memory", kNames[i]);
}

Trace::Track MmTrace::track_of(const Task& task) {
  const auto [entry, is_new] = tracks_.try_emplace(&task, 0);
  if (is_new) {
    const TaskConfig& config = task.config();
    entry->second = trace_->track(config.group == "kswapd" ? "kswapd" : "tasks", config.name);
  }
  return entry->second;
}

void MmTrace::count(const std::vector<Zone>& zones) const {
  std::array<std::uint64_t, 4> sums{};
  for (const Zone& zone : zones) {
    sums[0] += zone.free;
    sums[1] += zone.marks.min;
    sums[2] += zone.marks.low;
    sums[3] += zone.marks.high;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    trace_->counter(counters_[i], now_ns(), static_cast<double>(sums[i]));
  }
}

}  // namespace pagepress::reclaim
