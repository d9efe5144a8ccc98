// SPDX-License-Identifier: Apache-2.0
// The memory's part of the timeline: what tasks wait for in faults and reclaim, as slices on a
// track of their own (group "tasks"; "kswapd" for kswapd), and free memory beside the watermarks as
// counters (group "memory", pages). Without a trace nothing is looked up or kept.
// Limitations: counters are sums over all zones; what a task owes when a slice begins or ends is
// not taken before, so that a trace changes nothing but the file: edges are a few us early.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/mm/zone.hpp"
#include "sim/reclaim/stats/trace.hpp"

namespace pagepress::reclaim {

class MmTrace {
 public:
  // `trace` may be null.
  explicit MmTrace(Trace* trace);

  // A slice of `task` from here to the end of the scope. `what`: of static storage. Slices of a
  // task nest.
  class [[nodiscard]] Slice {
   public:
    Slice(Trace* trace, Trace::Track track, const char* what)
        : trace_(trace), track_(track), what_(what), from_(trace == nullptr ? 0 : now_ns()) {}
    ~Slice() {
      if (trace_ != nullptr) trace_->slice(track_, what_, from_, now_ns());
    }
    Slice(const Slice&) = delete;
    Slice& operator=(const Slice&) = delete;

   private:
    Trace* trace_;
    Trace::Track track_;
    const char* what_;
    Ns from_;
  };
  Slice slice(const Task& task, const char* what) {
    return trace_ == nullptr ? Slice(nullptr, 0, what) : Slice(trace_, track_of(task), what);
  }

  void levels(const std::vector<Zone>& zones) const {
    if (trace_ != nullptr) count(zones);
  }

 private:
  [[nodiscard]] Trace::Track track_of(const Task& task);
  void count(const std::vector<Zone>& zones) const;

  Trace* trace_;
  std::array<Trace::Track, 4> counters_{};  // free, min, low, high
  std::unordered_map<const Task*, Trace::Track> tracks_;
};

}  // namespace pagepress::reclaim
