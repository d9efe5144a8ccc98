// SPDX-License-Identifier: Apache-2.0
// Workers: kcompressd's threads as tasks of the scheduler, each the driver's Kcompressd on its FIFO
// with a codec of its own.
//
// A worker with nothing to do sleeps; who enqueues a page wakes one that can take it (the kernel's
// exclusive wake-up), and pays for that where one sleeps. One whose pages are with an engine waits
// as the engine's queue is configured to.
// Limitation: one that waits for an interrupt looks at the FIFO when that comes, not before (the
// driver's wait() has no other end), where a kernel's thread could be woken by the enqueue, too.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <systemc>

#include <pagepress/kcompressd.hpp>
#include <pagepress/queue_shape.hpp>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/stats/trace.hpp"

namespace pagepress::reclaim {

// What a worker works with; made in its task, before its first page.
struct WorkerTools {
  Codec* codec = nullptr;
  std::span<std::byte> destinations;
  CpuCosts costs;
  std::uint64_t look_ns = 0;  // how long Codec::wait() may wait until the FIFO is looked at again
  bool draw_batches = false;  // in a trace: those of an engine
};

struct WorkersConfig {
  QueueShape shape;
  std::string group;  // of the tasks, which are called "kcompressd0", ...
  int nice = 0;
  std::string cores;
  std::uint32_t limit_bytes = 0;
  Ns wake_up_ns = 0;
};

class Workers {
 public:
  using MakeTools = std::function<WorkerTools(Task& task, std::size_t worker)>;
  using Sink = std::function<void(Task& task, const PageDone& done)>;

  // During elaboration. `make_tools`, and `sink` for each page, run in the worker's task. `taken`
  // is called when there is room again. `trace` may be null. References outlive this.
  Workers(const WorkersConfig& config, PageQueue& queue, Scheduler& scheduler, Trace* trace,
          MakeTools make_tools, Sink sink, std::function<void()> taken);

  // After a page was enqueued.
  void wake(Task& waker);
  // Ends them when everything has been delivered; returns when they have ended.
  void end(Task& current);
  [[nodiscard]] nlohmann::json to_json() const;

 private:
  struct Worker {
    explicit Worker(const std::string& name) : event((name + "_wake").c_str()) {}
    std::optional<Kcompressd> kcompressd;
    sc_core::sc_event event;
    bool asleep = false;
    bool poked = false;  // since it last looked
    bool ended = false;
    Ns asleep_ns = 0;       // with nothing to do
    Ns engine_wait_ns = 0;  // while pages were with the codec
    std::uint64_t wake_ups = 0;
    std::optional<Trace::Track> track;                    // of its batches, if they are drawn
    Ns batch_from = 0, batch_until = 0, drawn_until = 0;  // of the trace
  };
  // Steps are charged to the task, to be taken together with what follows.
  class StepClock final : public Clock {
   public:
    explicit StepClock(Scheduler& scheduler) : scheduler_(scheduler) {}
    std::uint64_t now_ns() override { return reclaim::now_ns(); }
    void pause_ns(std::uint64_t ns) override { scheduler_.current().charge(ns, "driver"); }

   private:
    Scheduler& scheduler_;
  };

  void run(Task& task, std::size_t index);
  void work(Task& task, std::size_t index, const WorkerTools& tools);
  void note_taken();
  void sleep(Task& task, Worker& worker);
  [[nodiscard]] bool poke(Worker& worker);
  void next_batch(const Worker& worker);
  void draw(Worker& worker, const PageDone& done);
  void draw_batch(Worker& worker);

  WorkersConfig config_;
  PageQueue& queue_;
  StepClock clock_;
  Trace* trace_;
  Trace::Track queue_track_ = 0;
  MakeTools make_tools_;
  Sink sink_;
  std::function<void()> taken_;
  std::deque<Worker> workers_;
  sc_core::sc_event ended_{"workers_ended"};
};

}  // namespace pagepress::reclaim
