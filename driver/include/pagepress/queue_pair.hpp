// SPDX-License-Identifier: Apache-2.0
// QueuePair: a submission and a completion ring in DMA memory, and the two
// doorbells (rtl/abi).
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
// DeviceError and fails the queue until restart().
// Limitations: polling only; one thread a queue pair; where a queue does not
// stop, the whole device is reset, and its other queues need restart() as well.
#pragma once

#include <pagepress/device.hpp>
#include <pagepress/memory.hpp>

#include <cstddef>
#include <cstdint>
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
};

struct QueueCounters {
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;   // aborted ones included
  std::uint64_t doorbells = 0;   // of submissions
  std::uint64_t bad_status = 0;  // completions with a status or length out of range
  std::uint64_t restarts = 0;
};

class QueuePair {
 public:
  // Allocates and maps the rings, programs and enables the queue and the
  // device. Throws DeviceError, std::invalid_argument (a depth, a priority), std::bad_alloc.
  QueuePair(Device& device, DmaMap& map, DmaAllocator& allocator, const QueueConfig& config = {});
  // Disables the queue, waits until it is idle (resets the device if it will
  // not), then unmaps the rings. If the reset does not end either, their memory
  // stays mapped and allocated for good.
  ~QueuePair();
  QueuePair(const QueuePair&) = delete;
  QueuePair& operator=(const QueuePair&) = delete;

  // Copies as many entries as there is room for to the ring, from the first,
  // and rings the doorbell once. Never blocks. Takes none on a failed queue.
  std::size_t submit(std::span<const pp_sqe> entries);
  // Up to done.size() completions, `tag` as submitted. Never blocks.
  std::size_t poll(std::span<pp_cqe> done);

  // After a failure, or to abort: stops the queue (resets the device if it will
  // not stop) and starts it empty. What was outstanding is handed out by poll()
  // as PP_STATUS_ABORTED; the device touches nothing of it any more.
  void restart();

  [[nodiscard]] std::size_t depth() const noexcept { return config_.cq_depth; }
  [[nodiscard]] std::size_t room() const noexcept;
  [[nodiscard]] std::size_t outstanding() const noexcept {
    return static_cast<std::size_t>(next_seq_ - done_count_);
  }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] const QueueCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const QueueConfig& config() const noexcept { return config_; }
  // Of the device that it is a queue of.
  [[nodiscard]] const Capabilities& capabilities() const noexcept { return device_.capabilities(); }

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
  void program();
  bool stop_queue();
  void stop() noexcept;
  bool accept(pp_cqe& cqe);
  void finish(InFlight& flight) noexcept;
  std::size_t poll_aborted(std::span<pp_cqe> done) noexcept;
  void check_timeout();
  void fail(DeviceFault fault, const std::string& what);

  Device& device_;
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
  std::uint64_t abort_until_ = 0;  // what lies before and is not done: aborted
  std::uint64_t live_ = 0;         // with the device: submitted since (re)start, not completed
  std::uint64_t last_completion_ns_ = 0;
  std::uint16_t sq_tail_ = 0;
  std::uint16_t sq_head_ = 0;  // as the device last told
  std::uint16_t cq_head_ = 0;
  std::uint16_t cq_reported_ = 0;  // last cq_head doorbell
  bool failed_ = false;
  DeviceFault fault_ = DeviceFault::kTimeout;  // with failed_
  std::string failure_;
  QueueCounters counters_;
};

}  // namespace pagepress
