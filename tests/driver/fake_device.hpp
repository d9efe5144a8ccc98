// SPDX-License-Identifier: Apache-2.0
// FakeDevice: the contract (rtl/abi, docs/abi.md) in software behind a Bus, for
// tests of the driver alone. It obeys the contract unless told to misbehave.
//
// Addresses that it sees are not host addresses, and every access is checked
// against the mappings, so that a driver that confuses them is found out.
// Work is done in step(): by the test, or by the fake itself at each doorbell. A
// subclass may reach memory in a way of its own.
// Limitations: compress (verified or not) and decompress only, by liblz4; interrupts are not
// moderated; no scatter lists, pause, counters or injection; priority classes are kept, not obeyed.
#pragma once

#include <pagepress/bus.hpp>

#include <pagepress/clock.hpp>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::test {

// Where the fake departs from the contract.
struct Misbehaviour {
  bool gone = false;            // reads all ones, ignores writes
  bool reset_sticks = false;    // PP_CTRL_RESET reads 1 for ever
  bool never_idle = false;      // PP_STATE_BUSY for ever
  bool queue_sticks = false;    // a queue does not become DISABLED
  bool enable_sticks = false;   // a queue does not become RUNNING, and no error is logged
  bool stale_indices = false;   // sq_head is not 0 after enable
  bool silent = false;          // takes submissions, completes nothing
  bool endless_errors = false;  // the error log never empties
  bool drop_irqs = false;       // no message is ever sent
  bool flip_output = false;     // a bit of every output is wrong
  bool keep_units = false;      // what was fetched is kept through abort and reset: see haunt()
  std::function<void(pp_cqe&)> completion;  // alters a completion before it is written
};

class FakeDevice : public Bus {
 public:
  static constexpr unsigned kQueues = 2;  // unless Identity says more
  static constexpr unsigned kMostQueues = 8;
  static constexpr unsigned kVectors = kMostQueues;

  struct Identity {
    std::uint32_t id = PP_ID_VALUE;
    std::uint32_t version = PP_VERSION_MAJOR << 16 | PP_VERSION_MINOR;
    std::uint32_t depth_log2 = PP_DEPTH_LOG2_MAX;
    std::uint32_t unit_log2 = PP_UNIT_LOG2_MIN;
    std::uint32_t algorithms = 1u << PP_ALG_LZ4_BLOCK;
    std::uint32_t operations = 1u << PP_OP_COMPRESS | 1u << PP_OP_DECOMPRESS;
    std::uint32_t queues = kQueues;
    std::uint32_t features = PP_FEAT_SAME_FILLED | PP_FEAT_CRC32C | PP_FEAT_ERROR_LOG |
                             PP_FEAT_UNALIGNED | PP_FEAT_COUNTERS | PP_FEAT_PRIORITY;
  };

  FakeDevice() = default;
  explicit FakeDevice(const Identity& identity) : identity_(identity) {}
  ~FakeDevice() override;

  std::uint32_t read32(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  Iova map(void* addr, std::size_t len, bool writable) override;
  void unmap(Iova iova, std::size_t len) override;
  unsigned vectors() const noexcept override { return bus_vectors; }
  // By `clock` if there is one (a test's, that moves in its pauses), else in real time.
  bool wait_interrupt(unsigned vector, std::uint64_t timeout_ns) override;

  // Takes in and completes up to `count` submissions of each queue; how many.
  unsigned step(unsigned count = ~0u);
  // Only takes them in: sq_head moves, completions follow with step().
  void fetch(unsigned queue, unsigned count);
  // Every sq_tail doorbell is followed by a step() of `count`.
  void step_at_doorbell(unsigned count = ~0u) { at_doorbell_ = count; }
  void log_error(unsigned condition, unsigned queue, std::uint32_t index, std::uint64_t address);
  // Does, without completing it, what it has inside and what it kept of before an abort or reset
  // (keep_units), the DMA included; how many of the units found no mapping.
  unsigned haunt();
  // misbehave.gone, while others use the device.
  void set_gone(bool gone);
  // Writes `cqe` as the queue's next completion, whatever was submitted.
  void write_completion(unsigned queue, pp_cqe cqe);

  Misbehaviour misbehave;
  std::function<void()> on_state_read;  // PP_Q_STATE, before it answers
  std::function<void()> before_arming;  // an unmasked, enabled PP_Q_IRQ_CTRL takes hold
  std::function<void()> after_arming;
  Clock* clock = nullptr;
  unsigned bus_vectors = 0;
  bool idle_engine = false;  // every page is SAME_FILLED with 0, unseen: for speed
  std::optional<std::uint64_t> fault_address;  // DMA of a page that holds it fails
  unsigned resets = 0;
  unsigned sq_doorbells = 0;
  unsigned cq_doorbells = 0;
  unsigned contract_violations = 0;  // of the driver: bad doorbells, locked registers
  unsigned unmapped_while_running = 0;

  // What it will say from now on.
  [[nodiscard]] Identity& identity() { return identity_; }
  [[nodiscard]] std::size_t mappings() const { return mappings_.size(); }
  [[nodiscard]] std::uint32_t queue_state(unsigned queue) const { return queues_[queue].state; }
  [[nodiscard]] unsigned queue_priority(unsigned queue) const { return queues_[queue].priority; }
  [[nodiscard]] std::uint32_t irq_time(unsigned queue) const { return queues_[queue].irq_time; }
  [[nodiscard]] std::uint32_t irq_ctrl(unsigned queue) const { return queues_[queue].irq_ctrl; }
  [[nodiscard]] bool enabled() const { return (ctrl_ & PP_CTRL_ENABLE) != 0; }

 protected:
  // The host address of [iova, iova + len), or null: a bus error.
  virtual std::byte* translate(Iova iova, std::size_t len, bool write) const;
  // Makes `cqe` visible at `at`, the phase bit last.
  virtual void write_entry(unsigned queue, Iova at, const pp_cqe& cqe);

 private:
  struct Mapping {
    std::byte* addr;
    std::size_t len;
    bool writable;
  };
  struct Queue {
    std::uint32_t state = PP_QSTATE_DISABLED;
    std::uint32_t size = 0;
    std::uint32_t priority = 0;
    std::uint32_t irq_ctrl = 0;
    std::uint32_t irq_time = 0;
    bool irq_due = false;  // held back by the mask
    std::uint64_t sq_base = 0;
    std::uint64_t cq_base = 0;
    std::uint16_t sq_head = 0;
    std::uint16_t sq_tail = 0;
    std::uint16_t cq_head = 0;
    std::uint16_t cq_tail = 0;
    std::deque<pp_sqe> fetched;
    [[nodiscard]] unsigned sq_log2() const { return size & 0x1fu; }
    [[nodiscard]] unsigned cq_log2() const { return size >> 8 & 0x1fu; }
  };
  struct LogEntry {
    std::uint32_t condition, index;
    std::uint64_t address;
  };

  std::uint32_t read_queue(const Queue& queue, std::uint64_t reg) const;
  void write_queue(unsigned index, std::uint64_t reg, std::uint32_t value);
  void write_doorbell(unsigned index, std::uint64_t reg, std::uint16_t value);
  void control_queue(unsigned index, std::uint32_t value);
  void reset();
  void violation(unsigned condition, unsigned queue, std::uint32_t index, std::uint64_t value);
  unsigned step_locked(unsigned count);
  void fetch_locked(Queue& queue, unsigned count);
  [[nodiscard]] pp_cqe execute(const pp_sqe& sqe) const;
  [[nodiscard]] pp_cqe decompress(const pp_sqe& sqe) const;
  void complete(Queue& queue, pp_cqe cqe);
  void abort_queue(Queue& queue);
  void count_for_interrupt(Queue& queue);
  void raise_if_due(Queue& queue);
  void write_irq_ctrl(Queue& queue, std::uint32_t value);

  mutable std::recursive_mutex mutex_;  // a test may run step() in another thread
  Identity identity_;
  std::map<Iova, Mapping> mappings_;
  Iova next_iova_ = 0x7000'0000'0000;
  std::array<Queue, kMostQueues> queues_;
  std::deque<pp_sqe> kept_;
  std::array<bool, kVectors> raised_ = {};
  std::condition_variable_any raised_event_;
  std::deque<LogEntry> log_;
  std::uint32_t ctrl_ = 0;
  unsigned at_doorbell_ = 0;
};

}  // namespace pagepress::test
