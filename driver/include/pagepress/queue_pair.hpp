// SPDX-License-Identifier: Apache-2.0
// QueuePair: a submission and a completion ring in DMA memory, the two doorbells (rtl/abi), and
// how its owner waits for completions.
//
// Indices are free-running 16 bits; one doorbell a batch of submissions, one a
// quarter of the ring of completions; slots of the submission ring are freed by
// sq_head of completions. Tags on the wire are sequence numbers, so that a
// completion of something that is not outstanding is recognised; the caller
// sees its own tags.
//
// A device that breaks the contract: a status out of range or more output than
// the capacity completes as PP_STATUS_INTERNAL and is counted; an unknown tag,
// an sq_head that cannot be, or silence for longer than the time-out throws
// DeviceError and fails the queue until it has been stopped and started.
//
// One thread a queue pair, without locks. Where a queue does not stop, the whole device is reset;
// the owners of its other queues see that (DeviceFault::kReset) and restart theirs themselves.
#pragma once

#include <pagepress/device.hpp>
#include <pagepress/memory.hpp>
#include <pagepress/wait.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {

struct QueueConfig {
  unsigned index = 0;       // of the queue in the device
  unsigned sq_depth = 256;  // a power of two, 2 .. what CAP0 allows
  unsigned cq_depth = 256;  // likewise; also how many can be outstanding
  unsigned priority = 0;    // class, 7 is served first; not 0: needs PP_FEAT_PRIORITY
  // Without a completion, from the oldest submission or the last completion on.
  std::uint64_t completion_timeout_ns = 1'000'000'000;
  WaitConfig wait = {};  // vector: see QueueSet for one a queue
};

struct QueueCounters {
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;   // aborted ones included
  std::uint64_t doorbells = 0;   // of submissions
  std::uint64_t bad_status = 0;  // completions with a status or length out of range
  std::uint64_t restarts = 0;    // starts but the first
  std::uint64_t late = 0;        // completed while or before the queue was stopped, seen after
  std::uint64_t interrupts = 0;  // that ended a wait
  std::uint64_t missed_interrupts = 0;  // completions found without the interrupt that was due
};

// How stop() got the memory of everything outstanding back from the device.
enum class Ownership : std::uint8_t {
  kStopped,  // the queue stopped
  kReset,    // the device was reset, by this queue or by another one
  kRevoked,  // neither ended: the device was cut off from all mappings (DmaMap::revoke)
};

class QueuePair {
 public:
  // Allocates and maps the rings, programs and enables the queue and the
  // device. Throws DeviceError, std::invalid_argument (what `config` cannot be), std::bad_alloc.
  QueuePair(Device& device, DmaMap& map, DmaAllocator& allocator, const QueueConfig& config = {});
  // stop(). If the device had to be cut off, the memory of the rings is never given back.
  ~QueuePair();
  QueuePair(const QueuePair&) = delete;
  QueuePair& operator=(const QueuePair&) = delete;

  // Copies as many entries as there is room for to the ring, from the first,
  // and rings the doorbell once. Never blocks. Takes none on a failed queue.
  std::size_t submit(std::span<const pp_sqe> entries);
  // Up to done.size() completions, `tag` as submitted. Never blocks. Throws DeviceError, once
  // there is nothing to hand out, on a queue that failed; not on one that stop() stopped.
  std::size_t poll(std::span<pp_cqe> done);
  // Until poll() has something to hand out or to throw, at most for `timeout_ns`.
  void wait(std::uint64_t timeout_ns);

  // Takes everything outstanding back: stops the queue; if it does not stop, resets the device; if
  // that does not end, cuts the device off. Afterwards the device touches nothing of it any more,
  // and poll() hands out first what had completed, then the rest as PP_STATUS_ABORTED.
  Ownership stop() noexcept;
  // Starts a stopped queue, empty. What poll() has not handed out yet becomes PP_STATUS_ABORTED.
  // A device that was lost is probed and reset before, and mappings that were revoked restored.
  // Throws DeviceError or std::system_error; the queue is failed then, and perhaps half started:
  // stop() before the next start().
  void start();
  // stop() and start().
  void restart();

  [[nodiscard]] std::size_t depth() const noexcept { return config_.cq_depth; }
  [[nodiscard]] std::size_t room() const noexcept;
  [[nodiscard]] std::size_t outstanding() const noexcept {
    return static_cast<std::size_t>(next_seq_ - done_count_);
  }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  [[nodiscard]] QueueCounters counters() const noexcept {
    QueueCounters counters = counters_;
    counters.submitted = next_seq_;
    counters.completed = done_count_;
    return counters;
  }
  [[nodiscard]] const QueueConfig& config() const noexcept { return config_; }
  // What wait() does: the configured mode, or kPoll where bus or device have no such interrupt, or
  // where too many did not come.
  [[nodiscard]] WaitMode wait_mode() const noexcept { return wait_mode_; }
  // Of the device that it is a queue of.
  [[nodiscard]] const Capabilities& capabilities() const noexcept { return device_.capabilities(); }
  [[nodiscard]] Clock& clock() const noexcept { return device_.clock(); }
  [[nodiscard]] DmaAllocator& allocator() const noexcept { return allocator_; }

 private:
  struct InFlight {
    std::uint64_t user_tag;
    std::uint64_t submit_ns;
    std::uint32_t capacity;
    bool done;
  };

  [[nodiscard]] std::uint64_t reg(std::uint64_t offset) const noexcept;
  [[nodiscard]] std::uint64_t doorbell(std::uint64_t offset) const noexcept;
  [[nodiscard]] InFlight& slot(std::uint64_t seq) noexcept { return in_flight_[seq & cq_mask_]; }
  void program(const Device::Control& control);
  void stop_queue();
  Ownership take_back(const Device::Control& control);
  void close(Ownership ownership) noexcept;
  [[nodiscard]] bool completion_visible() const noexcept;
  bool accept(pp_cqe& cqe);
  void explain(const pp_cqe& cqe, bool tag_is_good);
  void finish(std::uint64_t seq) noexcept;
  std::size_t poll_ring(std::span<pp_cqe> done);
  std::size_t poll_in_order(std::span<pp_cqe> done);
  std::size_t poll_aborted(std::span<pp_cqe> done) noexcept;
  void check_reset();
  [[nodiscard]] std::uint64_t silent_since() const noexcept;
  void check_timeout();
  void fail(DeviceFault fault, const std::string& what);

  void choose_wait_mode() noexcept;
  void program_interrupt();
  void arm(bool on);
  [[nodiscard]] bool worth_polling() const noexcept;
  bool look_until(std::uint64_t until_ns, std::uint64_t step_ns,
                  void (Clock::*wait)(std::uint64_t));
  void sleep_until(std::uint64_t until_ns);

  Device& device_;
  DmaMap& map_;
  DmaAllocator& allocator_;
  QueueConfig config_;
  DmaBuffer sq_;
  DmaBuffer cq_;
  std::vector<InFlight> in_flight_;  // by sequence number modulo cq_depth
  std::uint64_t sq_mask_;
  std::uint64_t cq_mask_;
  std::uint16_t cq_report_;        // completions taken before a cq_head doorbell
  std::uint64_t next_seq_ = 0;     // of the next submission
  std::uint64_t oldest_seq_ = 0;   // everything before has been handed out
  std::uint64_t done_count_ = 0;   // handed out so far
  std::uint64_t overtaken_ = 0;    // of those, how many lie behind oldest_seq_
  std::uint64_t abort_until_ = 0;  // what lies before and is not done: aborted
  std::uint64_t live_ = 0;         // with the device: submitted since (re)start, not completed
  std::uint64_t last_completion_ns_ = 0;
  std::uint64_t generation_ = 0;  // of the device when the queue was started
  std::uint16_t sq_tail_ = 0;
  std::uint16_t sq_head_ = 0;  // as the device last told
  std::uint16_t cq_head_ = 0;
  std::uint16_t cq_reported_ = 0;  // last cq_head doorbell
  std::uint16_t sqe_flags_ = 0;    // PP_SQE_F_IRQ where interrupts are in use
  WaitMode wait_mode_ = WaitMode::kPoll;
  bool armed_ = false;
  unsigned misses_ = 0;  // interrupts in a row that did not come
  bool failed_ = false;
  bool stopped_ = false;
  Ownership ownership_ = Ownership::kStopped;  // with stopped_
  DeviceFault fault_ = DeviceFault::kTimeout;  // with failed_
  std::string failure_;
  QueueCounters counters_;  // but for those that the indices tell
};

// The queues of a device that threads share, one each: queue i goes to thread i and to no other.
// They have no state in common on the way of a page, not even a cache line.
// Limitation: the queues begin with number 0.
class QueueSet {
 public:
  // `count` queues as `config`, 0: all that the device has; queue i waits at vector i. Throws as
  // QueuePair does, and std::invalid_argument for more queues than the device has.
  QueueSet(Device& device, DmaMap& map, DmaAllocator& allocator, const QueueConfig& config = {},
           unsigned count = 0);

  [[nodiscard]] std::size_t size() const noexcept { return queues_.size(); }
  [[nodiscard]] QueuePair& operator[](std::size_t index) noexcept { return queues_[index]->pair; }

 private:
  struct alignas(64) Line {
    QueuePair pair;
  };
  std::vector<std::unique_ptr<Line>> queues_;
};

}  // namespace pagepress
