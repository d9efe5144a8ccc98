// SPDX-License-Identifier: Apache-2.0
// Engine: a device on the timeline and its driver, for policies: codecs for workers, or for who
// reclaims; and decompression by its urgent queues.
//
// The driver is set up and taken down in a task of its own, "engine", as register accesses take
// time; whoever needs it waits until it is ready. With a fault plan every codec is a ReliableCodec
// that believes nothing, and a device that is not there at all leaves the work to CPUs.
// Limitations: one device; DPDK starts once a process, and so does this.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <pagepress/eal.hpp>
#include <systemc>

#include "sim/host/engine_host.hpp"
#include "sim/reclaim/cpu/task_bus.hpp"
#include "sim/reclaim/cpu/task_clock.hpp"
#include "sim/reclaim/policy/page_codec.hpp"
#include "sim/reclaim/policy/policy.hpp"
#include "sim/reclaim/policy/workers.hpp"

namespace pagepress::reclaim {

// Queues that tasks take turns at.
class Turns {
 public:
  explicit Turns(std::size_t count) : taken_(count) {}
  std::size_t take(Task& task);
  void give(std::size_t index);

 private:
  std::vector<bool> taken_;
  sc_core::sc_event free_{"queue_free"};
};

class Engine {
 public:
  // During elaboration. References outlive this. Throws std::invalid_argument: engine, link.
  Engine(const PolicyConfig& config, const PolicyContext& context, PageMemo& memo);

  // Waits for the set-up. False: there is no device, or not any more.
  bool ready(Task& task);
  // For a worker that has up to `slots` pages in flight.
  [[nodiscard]] WorkerTools tools(std::size_t worker, std::uint64_t slots);
  // Compresses up to `batch` pages in the caller, in one submission: `done` is called for each in
  // the order in which they complete. False: the CPU is to do it.
  bool compress(Task& task, std::span<const Page> pages,
                const std::function<void(const PageDone&)>& done);
  // The page that the block gives, until the next call of the same task; null: the CPU is to do it.
  [[nodiscard]] const std::byte* decompress(Task& task, const Copy& copy);
  // Takes the driver down, when those who are at it have done; later all is the CPU's. No worker
  // may be at it any more.
  void end(Task& current);
  [[nodiscard]] nlohmann::json to_json() const;
  // Engines and link; `cycles`: of engines, for what was compressed.
  void add_to(Policy::Use& use, std::uint64_t cycles) const;

 private:
  using Driver = sim::EngineDriver;

  void run(Task& task);
  [[nodiscard]] std::unique_ptr<Driver> make_driver();
  void read_counters(Driver& driver);
  void await(Task& task, Codec& codec, std::span<Completion> done);
  void map_arenas(Task& task);
  void draw(std::size_t turn, Ns from);

  const PolicyConfig& config_;
  const PolicyContext& context_;
  PageMemo& memo_;
  sim::Hardware hardware_;
  Eal eal_;
  TaskClock clock_;
  TaskBus bus_;
  std::vector<std::span<const std::byte>> sources_;
  std::vector<const PageCodec*> helpers_;
  Driver* driver_ = nullptr;  // while there is one: it lives in its task
  bool set_up_ = false;
  Ns set_up_ns_ = 0;
  bool closing_ = false;  // takes nothing new
  bool ending_ = false;   // nothing is outstanding
  bool ended_ = false;
  sc_core::sc_event set_up_event_{"engine_set_up"};
  sc_core::sc_event end_event_{"engine_end"};
  Turns turns_;
  Turns urgent_turns_;
  std::vector<std::span<const std::byte>> unmapped_;  // arenas that are new
  bool mapping_ = false;
  sc_core::sc_event mapped_event_{"arenas_mapped"};
  std::uint64_t decompress_cycles_ = 0;
  nlohmann::json counters_;  // of the device, as it was taken down
  std::string no_device_;
};

}  // namespace pagepress::reclaim
