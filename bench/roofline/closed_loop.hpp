// SPDX-License-Identifier: Apache-2.0
// ClosedLoop: a FastDevice behind a link, with a host that keeps a fixed number of units in flight.
//
// The host takes no time: a completion is seen as soon as it is in memory, and at once replaced by
// another unit of its queue, with a doorbell for each of the two rings. What that costs the link
// (its latency, and its wires where registers share them) is modelled.
// Limitations: plain addresses, no interrupts, no CPU time; one load at a time.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <systemc>
#include <vector>

#include "bench/roofline/bound.hpp"
#include "bench/roofline/completion_watch.hpp"
#include "bench/roofline/load.hpp"
#include "model/device/fast_device.hpp"
#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {

// What an engine's counters say of the cycles of a window, each in 0..1.
struct EngineShares {
  double busy = 0;          // PP_PERF_BUSY_CYCLES
  double stall_input = 0;   // PP_PERF_STALL_INPUT
  double stall_output = 0;  // PP_PERF_STALL_OUTPUT
};

struct Measured {
  std::uint64_t pages = 0;
  double ns = 0;  // that they took
  double bytes_per_ns = 0;
  std::vector<EngineShares> engines;
  double stall_queue = 0;  // PP_PERF_STALL_QUEUE of the device, as a share
  double downstream = 0;   // share of the link's wires that was in use
  double upstream = 0;
};

class ClosedLoop final : public sc_core::sc_module {
 public:
  static constexpr unsigned kRingLog2 = 8;
  static constexpr unsigned kMaxDepth = 1U << kRingLog2;  // of a queue

  ClosedLoop(const sc_core::sc_module_name& name, const Machine& machine);

  [[nodiscard]] const Machine& machine() const noexcept { return machine_; }

  // From an SC_THREAD: runs the load with `depth` units in flight over so many queues; each page
  // is measured once. Needs queues <= depth <= queues * kMaxDepth and at least `depth` units.
  // Does not return if the device does not do what the codec does: nothing happens any more, and
  // failure() says why.
  Measured run(const Load& load, unsigned depth, unsigned queues);
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  struct Queue {
    std::uint16_t sq_tail = 0;  // free-running
    std::uint16_t cq_head = 0;
  };
  struct Mark {  // one end of the window
    sc_core::sc_time time;
    std::uint64_t downstream = 0;
    std::uint64_t upstream = 0;
  };

  void start_device(unsigned queues);
  void submit(unsigned q);
  void answer();  // SC_METHOD: completions
  void complete(const pp_cqe& cqe);
  [[nodiscard]] Mark mark() const;
  void clear_counters();
  [[nodiscard]] double share(unsigned scope, unsigned instance, unsigned counter);

  void write(std::uint64_t offset, std::uint32_t value);
  void write_wide(std::uint64_t offset, std::uint64_t value);
  std::uint32_t read(std::uint64_t offset);  // from an SC_THREAD
  void access(tlm::tlm_command command, std::uint64_t offset, std::uint32_t& value);

  const Machine machine_;
  std::unique_ptr<model::FastDevice> device_;
  model::Link link_;
  CompletionWatch watch_;
  model::HostMemory memory_;
  tlm_utils::simple_initiator_socket<ClosedLoop> registers_;
  std::vector<pp_sqe> submissions_;  // rings, one behind the other
  std::vector<pp_cqe> completions_;
  std::vector<std::uint8_t> outputs_;
  std::vector<Queue> queues_;

  // Of a run
  std::uint64_t base_ = 0;  // I/O virtual address of all that it has
  const Load* load_ = nullptr;
  bool feeding_ = false;
  std::uint64_t next_ = 0;  // unit, not wrapped around
  std::uint64_t done_ = 0;
  std::uint64_t warm_ = 0;  // completions before the window
  Mark begin_, end_;
  sc_core::sc_time cleared_;
  sc_core::sc_event ended_, drained_;
  std::string failure_;
};

}  // namespace pagepress::bench
