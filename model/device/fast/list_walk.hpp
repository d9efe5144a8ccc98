// SPDX-License-Identifier: Apache-2.0
// rtl/dma/pp_list_walker.sv: addresses of jobs to ranges.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/device/fast/burst_cutter.hpp"
#include "model/device/fast/event_queue.hpp"
#include "model/device/fast/flow.hpp"
#include "model/device/fast/geometry.hpp"

namespace pagepress::model::fast {

class ListWalk {
 public:
  explicit ListWalk(const Geometry& geometry) : geometry_(geometry) {}

  void job(Flow& flow, Cycle now);

  // ---- Bursts of lists
  [[nodiscard]] Cycle ready() const { return asks_.empty() ? kNever : asks_.front().from; }
  [[nodiscard]] Cut take(Cycle now);  // a burst is granted
  void data(const std::uint8_t* bytes, const Cut& cut, bool refused_any,
            const std::vector<bool>& refused, Cycle last);

  // The next unit whose lists have been walked, and the edge at which it is shown.
  struct Shown {
    Flow* flow = nullptr;
    Cycle at = 0;
  };
  [[nodiscard]] Shown next();

 private:
  struct List {
    std::uint64_t address = 0;
    unsigned entries = 0;  // 0: none
    std::vector<std::uint8_t> bytes;
    std::vector<bool> refused;  // of bytes
    Cycle here = 0;             // its last beat
  };
  struct Walking {
    Flow* flow;
    Cycle from;
    List src, dst;
  };
  struct Ask {
    Range rest;
    Cycle from;
  };

  [[nodiscard]] static bool complete(const List& list);
  void walk_side(Flow& flow, const List& list, std::uint64_t address, std::uint32_t need,
                 std::vector<Range>& ranges) const;

  const Geometry& geometry_;
  std::deque<Walking> walking_;
  std::deque<Ask> asks_;
  Cycle free_ = 0;  // the next walk can begin
};

}  // namespace pagepress::model::fast
