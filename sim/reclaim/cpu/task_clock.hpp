// SPDX-License-Identifier: Apache-2.0
// TaskClock: the driver's Clock where its callers are tasks, so that its pauses are CPU time and
// its sleeps give the core away.
// Limitation: in tasks only (std::logic_error elsewhere), but for now_ns().
#pragma once

#include <cstdint>

#include <pagepress/clock.hpp>

#include "sim/reclaim/cpu/scheduler.hpp"

namespace pagepress::reclaim {

class TaskClock final : public Clock {
 public:
  // `doing`: what the driver's time is called in a trace; static storage.
  explicit TaskClock(Scheduler& scheduler, const char* doing = "driver")
      : scheduler_(scheduler), doing_(doing) {}

  std::uint64_t now_ns() override { return reclaim::now_ns(); }
  void pause_ns(std::uint64_t ns) override { scheduler_.current().run(ns, doing_); }
  void sleep_ns(std::uint64_t ns) override { scheduler_.current().sleep(ns); }

 private:
  Scheduler& scheduler_;
  const char* doing_;
};

}  // namespace pagepress::reclaim
