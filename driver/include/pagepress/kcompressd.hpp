// SPDX-License-Identifier: Apache-2.0
// Kcompressd: reclaim hands pages over, a worker compresses them in batches. One by
// itself has a FIFO of its own; several can share a PageQueue, each with its Codec,
// Clock, destinations and one of the FIFOs, or all of them the same one.
//
//   enqueue() -> FIFO -> burst of up to `batch` -> Codec -> poll -> PageSink
//
// The worker is a step function: run() loops over run_once(), a SystemC process
// or a test may call it itself. It waits only through its Clock.
// A page may also be one that is stored compressed, to be decompressed: the same
// queue serves swap-in of many pages (read-ahead, writeback), with a Codec of its own.
// What producers do when there is no room: back_pressure.hpp. Shapes of queues that
// exist: queue_shape.hpp. Delivery: every page that this worker took reaches its sink
// once, from the worker's thread, in the order in which its Codec completes; run() ends
// only when FIFO, worker and codec are empty. After an exception the pages that were
// taken stay the worker's: the next run_once() goes on with them.
// Limitation: a worker is one thread's; the sinks of several run at the same time.
#pragma once

#include <pagepress/clock.hpp>
#include <pagepress/codec.hpp>
#include <pagepress/page_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pagepress {

// CPU time of the driver's own steps, spent through Clock::pause_ns() before
// the step takes effect. For simulated time; in real threads all stay 0.
struct CpuCosts {
  std::uint64_t enqueue_ns = 0;     // a page, in the producer
  std::uint64_t wake_ns = 0;        // a worker that idled finds work
  std::uint64_t dequeue_ns = 0;     // a page
  std::uint64_t submit_ns = 0;      // a descriptor
  std::uint64_t doorbell_ns = 0;    // a batch
  std::uint64_t poll_ns = 0;        // a look at the completion queue
  std::uint64_t completion_ns = 0;  // a completion
};

struct KcompressdConfig {
  unsigned fifo_entries = 256;            // any number from 1; not of a shared PageQueue
  unsigned batch = 32;                    // pages dequeued at once at most
  std::uint32_t limit = 0;                // longest useful output; 0: PP_LIMIT_DEFAULT
  std::uint64_t poll_interval_ns = 500;   // pause while only waiting for completions
  std::uint64_t idle_interval_ns = 1000;  // sleep while there is nothing to do
  CpuCosts costs;
};

struct KcompressdCounters {
  std::uint64_t enqueued = 0;
  std::uint64_t rejected = 0;   // enqueue() found the FIFO full
  std::uint64_t batches = 0;    // bursts taken from the FIFO
  std::uint64_t doorbells = 0;  // submissions of which the codec took anything
  std::uint64_t submitted = 0;  // pages taken by the codec
  std::uint64_t completed = 0;  // pages handed to the sink by the worker
  std::uint64_t busy = 0;       // the codec took fewer than it was given
  std::uint64_t polls = 0;
  std::uint64_t empty_polls = 0;
  std::uint64_t charged_ns = 0;    // CpuCosts spent by the worker
  std::uint64_t poll_wait_ns = 0;  // pauses while waiting for completions
  std::uint64_t idle_ns = 0;       // pauses with nothing to do

  // What several workers of one queue did together: `enqueued` and `rejected` are the queue's.
  KcompressdCounters& operator+=(const KcompressdCounters& other) noexcept;
};

class Kcompressd {
 public:
  // `destinations` is cut into slots of kPageSize, one a request in flight: as
  // many as min(codec.depth(), slots) can be outstanding. With an engine it
  // must be DMA-mapped. All references outlive this.
  // Throws std::invalid_argument, std::system_error (no memory for the FIFO).
  Kcompressd(Codec& codec, Clock& clock, std::span<std::byte> destinations, PageSink sink,
             const KcompressdConfig& config = {});
  // A worker of `queue`, which outlives it: takes from its FIFO `fifo`, as others may.
  // `config.fifo_entries` says nothing here. Throws std::invalid_argument.
  Kcompressd(PageQueue& queue, unsigned fifo, Codec& codec, Clock& clock,
             std::span<std::byte> destinations, PageSink sink, const KcompressdConfig& config = {});
  // The worker must have ended. Pages still queued or in flight are dropped:
  // flush() or stop() and run() first.
  ~Kcompressd();
  Kcompressd(const Kcompressd&) = delete;
  Kcompressd& operator=(const Kcompressd&) = delete;

  // Producers, from any thread. Never blocks; `now_ns` is the page's time-stamp.
  Enqueue enqueue(const Page& page, std::uint64_t now_ns) { return queue_->enqueue(page, now_ns); }
  // Any thread. Later enqueue() answers kStopped; the worker drains and ends.
  void stop() noexcept { queue_->stop(); }
  // Any thread. Pages that wait in the FIFO, at this moment.
  [[nodiscard]] unsigned queued() const noexcept { return queue_->queued(fifo_); }
  // `enqueued` and `rejected` are the whole queue's, where it is shared.
  [[nodiscard]] KcompressdCounters counters() const noexcept;
  [[nodiscard]] const KcompressdConfig& config() const noexcept { return config_; }
  [[nodiscard]] PageQueue& queue() noexcept { return *queue_; }

  // The worker.
  struct Step {
    unsigned dequeued = 0;
    unsigned submitted = 0;
    unsigned completed = 0;
    [[nodiscard]] bool idle() const noexcept { return dequeued + submitted + completed == 0; }
  };
  // Takes one burst, submits, polls once, delivers. Pauses for the costs only.
  // No burst while too few slots are free for a batch (half the slots, if that
  // is less) and for all that waits: a doorbell is to be worth its cost.
  // Passes on what the codec throws; pages in flight stay in flight.
  Step run_once();
  // Pauses as the worker does after a step that was idle.
  void pause();
  // Steps until stop() was called and everything has been delivered.
  void run();
  // Steps until FIFO and codec are empty at one moment.
  void flush();
  [[nodiscard]] std::size_t in_flight() const noexcept { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    Page page;
    std::uint64_t enqueue_ns;
    std::uint64_t submit_ns;
  };
  struct Counters;  // as KcompressdCounters, readable from any thread

  // One of `own` and `shared`.
  Kcompressd(std::unique_ptr<PageQueue> own, PageQueue* shared, unsigned fifo, Codec& codec,
             Clock& clock, std::span<std::byte> destinations, PageSink sink,
             const KcompressdConfig& config);
  unsigned take_burst();
  unsigned submit_staged();
  unsigned collect();
  void charge(std::uint64_t ns);
  [[nodiscard]] std::byte* destination(std::size_t slot) const noexcept;

  std::unique_ptr<PageQueue> own_;  // none if shared
  PageQueue* queue_;
  unsigned fifo_;
  Codec& codec_;
  Clock& clock_;
  std::span<std::byte> destinations_;
  PageSink sink_;
  KcompressdConfig config_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;  // slots not in use
  std::vector<QueuedPage> burst_;    // what the FIFO gave last
  std::size_t refill_ = 1;           // free slots that are worth a burst
  std::vector<Request> staged_;      // taken from the FIFO, not yet by the codec
  std::vector<Completion> done_;
  std::unique_ptr<Counters> counters_;
  bool idled_ = false;
};

}  // namespace pagepress
