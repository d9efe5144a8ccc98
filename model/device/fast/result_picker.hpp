// SPDX-License-Identifier: Apache-2.0
// Results into the unit table (rtl/queue/pp_core.sv): those of the channels, and of units
// that needed none; one an edge, in turns.
#pragma once

#include <memory>
#include <vector>

#include "model/device/fast/arbiter.hpp"
#include "model/device/fast/channel.hpp"
#include "model/device/fast/scheduler.hpp"
#include "model/device/fast/unit_table.hpp"

namespace pagepress::model::fast {

class ResultPicker final : public Evaluated {
 public:
  ResultPicker(EventQueue& events, UnitTable& table, Scheduler& scheduler)
      : Evaluated(events), table_(table), scheduler_(scheduler) {}
  void add(Channel& channel) { channels_.push_back(&channel); }

 private:
  bool evaluate(Cycle now) override {
    Requests requests;
    const unsigned none = static_cast<unsigned>(channels_.size());
    for (unsigned c = 0; c < none; ++c) requests[c] = channels_[c]->result_ready() <= now;
    requests[none] = scheduler_.result_ready() <= now;
    if (requests.none()) return false;
    const unsigned source = rounds_.pick(requests);
    if (source == none) {
      table_.result(scheduler_.result_slot(), scheduler_.result(), now);
      scheduler_.result_taken();
    } else {
      Channel& channel = *channels_[source];
      table_.result(channel.result_slot(), channel.result(), now);
      channel.result_taken(now);
    }
    scheduler_.wake(now + 1);
    wake(now + 1);
    return true;
  }

  UnitTable& table_;
  Scheduler& scheduler_;
  std::vector<Channel*> channels_;
  Rounds rounds_;
};

}  // namespace pagepress::model::fast
