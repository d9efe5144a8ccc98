// SPDX-License-Identifier: Apache-2.0
// Producers: what the driver has of each task that reclaims: its gate, its back-pressure policy and
// the synchronous path with a CPU codec of its own.
//
// One a task, made when the task first writes: kswapd, and whoever reclaims directly.
// Limitation: a task that has ended keeps its part, for the counters.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>
#include <systemc>

#include <pagepress/back_pressure.hpp>
#include <pagepress/enqueue_gate.hpp>
#include <pagepress/page_queue.hpp>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/policy/asking_codec.hpp"
#include "sim/reclaim/policy/page_codec.hpp"

namespace pagepress::reclaim {

// Steps of the driver are charged; a producer that sleeps for want of room wakes when there is
// some.
class ProducerClock final : public Clock {
 public:
  ProducerClock(Scheduler& scheduler, const sc_core::sc_event& room)
      : scheduler_(scheduler), room_(room) {}
  std::uint64_t now_ns() override { return reclaim::now_ns(); }
  void pause_ns(std::uint64_t ns) override { scheduler_.current().charge(ns, "enqueue"); }
  void sleep_ns(std::uint64_t ns) override { (void)scheduler_.current().wait_for(room_, ns); }

 private:
  Scheduler& scheduler_;
  const sc_core::sc_event& room_;
};

struct ProducerConfig {
  PageQueue* queue = nullptr;  // none: all pages go down the synchronous path
  EnqueueRule rule = EnqueueRule::kAny;
  EnqueueContext context;
  bool memcg_allows_writeback = true;
  std::string policy;  // of back pressure
  std::uint64_t enqueue_ns = 0;
  std::uint32_t limit_bytes = 0;
  SwapStore& store;  // is asked before a page is compressed
};

class Producers {
 public:
  // References outlive this. `sink` gets what producers compress themselves, in their tasks.
  Producers(const ProducerConfig& config, PageMemo& memo, Scheduler& scheduler, PageSink sink);

  // Hands a page over, or compresses it: kAccepted or kDone.
  Enqueue put(Task& task, bool kswapd, const Page& page);
  // A worker has taken pages.
  void note_room() { room_.notify(); }
  // Sums over all tasks.
  [[nodiscard]] std::uint64_t synchronous_pages() const;
  [[nodiscard]] nlohmann::json to_json() const;

 private:
  struct One {
    One(const ProducerConfig& config, PageMemo& memo, Scheduler& scheduler, Clock& clock,
        const PageSink& sink);
    PageCodec codec;
    AskingCodec asking;
    SynchronousPath path;
    EnqueueGate gate;
    std::unique_ptr<BackPressure> back_pressure;  // none without a queue
    std::optional<Producer> producer;             // likewise
  };
  One& of(Task& task);

  ProducerConfig config_;
  PageMemo& memo_;
  Scheduler& scheduler_;
  PageSink sink_;
  sc_core::sc_event room_{"producers_room"};
  ProducerClock clock_;
  std::map<const Task*, std::unique_ptr<One>> ones_;  // looked up only, and summed over
};

}  // namespace pagepress::reclaim
