// SPDX-License-Identifier: Apache-2.0
// A simulated program: threads that launch, access memory, compute, and exit. Private to workload/.
//
// CPU time of accesses that hit is taken in portions of tens of microseconds, so that the host does
// millions of them a second; a paced thread does what is due once a millisecond, as programs with
// timers do. Limitation: what stalls made a thread miss, it does not catch up with.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/random.hpp"
#include "sim/reclaim/workload/workload.hpp"
#include "sim/reclaim/workload/zipf.hpp"

namespace pagepress::reclaim {

struct Pages {
  PageId first = 0;
  std::uint32_t count = 0;
};

// What the programs of one ProgramConfig have done.
struct ProgramUse {
  std::uint64_t touches = 0;
  std::uint64_t faults = 0;
  std::uint64_t asked = 0;  // touches that paced threads should have made
  std::uint64_t done = 0;   // of those
  std::uint64_t oom_kills = 0;
  std::vector<Ns> launch_ns;  // from start to all of the memory touched
};

// One instance of a program.
class Program {
 public:
  struct Setup {
    const ProgramConfig& config;
    std::uint64_t instance;  // of config.count
    std::uint32_t process;   // TaskConfig::process
    Pages anon;
    Pages file;
    Ns end;                           // of the run
    std::uint64_t seed;               // its own
    const std::vector<Zipf>& access;  // of each thread; outlives this
  };
  // `ended`: called when a thread ends.
  Program(const Setup& setup, Scheduler& scheduler, Mm& mm, ProgramUse& use,
          std::function<void()> ended);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

 private:
  struct Thread {
    Pages anon;  // its part
    Pages file;
    const Zipf* access;
    RandomStream random;
  };

  void run(Task& task, Thread& thread);
  void populate(Task& task, const Thread& thread);
  void access(Task& task, Thread& thread);
  void access_paced(Task& task, Thread& thread);
  void compute(Task& task);
  void leave(Task& task);
  void touch(Task& task, PageId page, bool write);
  void touch_one(Task& task, Thread& thread);
  [[nodiscard]] bool over() const { return killed_ || now_ns() >= end_; }

  const ProgramConfig& config_;
  Pages anon_;
  Pages file_;
  Ns start_;
  Ns end_;
  bool exits_;  // before the run ends
  Mm& mm_;
  ProgramUse& use_;
  std::function<void()> ended_;
  std::vector<Thread> threads_;
  std::uint64_t launching_ = 0;  // threads
  std::uint64_t living_ = 0;
  bool killed_ = false;
};

}  // namespace pagepress::reclaim
