// SPDX-License-Identifier: Apache-2.0
// When the beats of a buffer leave it: in order, in runs of one an edge or one in several.
#pragma once

#include <cstdint>
#include <deque>

#include "model/device/fast/event_queue.hpp"

namespace pagepress::model::fast {

class Release {
 public:
  // The first one leaves at the end of `every` edges from `first` on.
  void add(Cycle first, unsigned beats, unsigned every = 1) {
    if (beats == 0) return;
    total_ += beats;
    runs_.push_back({first, beats, every, total_});
  }
  // The edge at which the n-th beat of all leaves (from 1); 0 with n <= 0, kNever if it is not
  // known yet. n never decreases from call to call.
  [[nodiscard]] Cycle of(std::int64_t n) {
    if (n <= 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(n);
    while (!runs_.empty() && runs_.front().end < wanted) runs_.pop_front();
    return edge(wanted);
  }
  // Likewise; later calls may ask for less.
  [[nodiscard]] Cycle edge(std::uint64_t n) const {
    for (const Run& run : runs_) {
      if (n <= run.end) return run.first + (n - (run.end - run.beats)) * run.every - 1;
    }
    return kNever;
  }

 private:
  struct Run {
    Cycle first;
    unsigned beats;
    unsigned every;
    std::uint64_t end;  // beats of all runs up to its end
  };
  std::deque<Run> runs_;
  std::uint64_t total_ = 0;
};

}  // namespace pagepress::model::fast
