// SPDX-License-Identifier: Apache-2.0
// Kcompressd: reclaim hands pages over, a worker compresses them in batches
// (the kernel's proposal: one thread and a FIFO of 256 entries a node).
//
//   enqueue() -> FIFO -> burst of up to `batch` -> Codec -> poll -> PageSink
//
// The worker is a step function: run() loops over run_once(), a SystemC process
// or a test may call it itself. It waits only through its Clock.
// A page may also be one that is stored compressed, to be decompressed: the same
// queue serves swap-in of many pages (read-ahead, writeback), with a Codec of its own.
// Limitations: one worker; any number of producers, each with its own Clock.
#pragma once

#include <pagepress/clock.hpp>
#include <pagepress/codec.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace pagepress {

class PageFifo;
struct FifoEntry;

// A page to compress, or the block of one to decompress. It must not change or go
// away until its PageDone.
struct Page {
  const void* data = nullptr;  // `len` bytes
  std::uint64_t cookie = 0;    // the producer's; returned as it is
  Operation operation = Operation::kCompress;
  std::uint32_t len = kPageSize;  // of a block: as Request::src_len
};

// What became of a page. `out` is valid only while the sink runs.
struct PageDone {
  Page page;
  Completion completion;           // tag: the page's cookie
  std::span<const std::byte> out;  // the output with kOk (block or page), else empty
  std::uint64_t enqueue_ns = 0;    // by the Clocks of producer and worker
  std::uint64_t submit_ns = 0;     // the worker began to submit it
  std::uint64_t complete_ns = 0;   // polled
  bool synchronous = false;        // the producer compressed it itself
};
// If it throws, run_once() passes that on; other completions of the same poll
// are then lost, so that it is for errors that end the run.
using PageSink = std::function<void(const PageDone&)>;

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
  unsigned fifo_entries = 256;            // any number from 1
  unsigned batch = 32;                    // pages dequeued at once at most
  std::uint32_t limit = 0;                // longest useful output; 0: PP_LIMIT_DEFAULT
  std::uint64_t poll_interval_ns = 500;   // pause while only waiting for completions
  std::uint64_t idle_interval_ns = 1000;  // pause while there is nothing to do
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
};

enum class Enqueue : std::uint8_t {
  kAccepted,
  kFull,
  kStopped,  // stop() was called: no page is taken any more
  kDone,     // back pressure: the page has been compressed by the producer itself
};

class Kcompressd {
 public:
  // `destinations` is cut into slots of kPageSize, one a request in flight: as
  // many as min(codec.depth(), slots) can be outstanding. With an engine it
  // must be DMA-mapped. EAL must run. All references outlive this.
  // Throws std::invalid_argument, std::system_error (no memory for the FIFO).
  Kcompressd(Codec& codec, Clock& clock, std::span<std::byte> destinations, PageSink sink,
             const KcompressdConfig& config = {});
  // The worker must have ended. Pages still queued or in flight are dropped:
  // flush() or stop() and run() first.
  ~Kcompressd();
  Kcompressd(const Kcompressd&) = delete;
  Kcompressd& operator=(const Kcompressd&) = delete;

  // Producers, from any thread. Never blocks; `now_ns` is the page's time-stamp.
  Enqueue enqueue(const Page& page, std::uint64_t now_ns);
  // Any thread. Later enqueue() answers kStopped; the worker drains and ends.
  void stop() noexcept;
  // Any thread. Pages that wait in the FIFO, at this moment.
  [[nodiscard]] unsigned queued() const noexcept;
  [[nodiscard]] KcompressdCounters counters() const noexcept;
  [[nodiscard]] const KcompressdConfig& config() const noexcept { return config_; }

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

  unsigned take_burst();
  unsigned submit_staged();
  unsigned collect();
  void charge(std::uint64_t ns);
  [[nodiscard]] std::byte* destination(std::size_t slot) const noexcept;

  Codec& codec_;
  Clock& clock_;
  std::span<std::byte> destinations_;
  PageSink sink_;
  KcompressdConfig config_;
  std::unique_ptr<PageFifo> fifo_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;  // slots not in use
  std::vector<FifoEntry> burst_;     // what the FIFO gave last
  std::size_t refill_ = 1;           // free slots that are worth a burst
  std::vector<Request> staged_;      // taken from the FIFO, not yet by the codec
  std::vector<Completion> done_;
  std::unique_ptr<Counters> counters_;
  bool idled_ = false;
  std::atomic<bool> stopping_{false};
  std::atomic<unsigned> producers_{0};  // inside enqueue()
};

// What a producer does with a page for which the FIFO has no room.
class BackPressure {
 public:
  virtual ~BackPressure() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  // Answers kAccepted, kDone or kStopped; kFull if it gave up.
  virtual Enqueue on_full(Kcompressd& queue, Clock& clock, const Page& page) = 0;
};
// "wait": tries again every `retry_ns`, at most for `timeout_ns`.
[[nodiscard]] std::unique_ptr<BackPressure> make_wait_policy(
    std::uint64_t retry_ns = 1000, std::uint64_t timeout_ns = 10'000'000'000);
// "sync-newest", the kernel proposal's: the producer compresses the page with
// `codec`, its own (a CPU one), and hands it to `sink` in its own context.
[[nodiscard]] std::unique_ptr<BackPressure> make_sync_newest_policy(Codec& codec, PageSink sink,
                                                                    std::uint32_t limit = 0);
// Policies by name, for messages and options: {"wait", "sync-newest"}.
[[nodiscard]] std::span<const std::string_view> back_pressure_names() noexcept;

// One producer: charges enqueue_ns to its own Clock, applies its policy.
class Producer {
 public:
  Producer(Kcompressd& queue, Clock& clock, BackPressure& policy)
      : queue_(queue), clock_(clock), policy_(policy) {}
  Enqueue put(const Page& page);

 private:
  Kcompressd& queue_;
  Clock& clock_;
  BackPressure& policy_;
};

}  // namespace pagepress
