// SPDX-License-Identifier: Apache-2.0
// Reclaim on real threads: one kswapd that hands pages over, N kcompressd workers, each with a
// Codec and destinations of its own; the driver's own code, on the host's clock.
//
//   kswapd --+-> PageQueue --+-> kcompressd/0 -> Codec -+-> sink
//            |               +-> kcompressd/1 -> Codec -+
//            |               '-> ...                    |
//            '-> (back pressure) SynchronousPath -------'
//
// QueueShape says how many FIFOs there are and who takes from which.
// No SystemC in here, so that it can run under ThreadSanitizer.
// Limitations: one producer; threads are std::threads, wherever the kernel puts them.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pagepress/back_pressure.hpp>
#include <pagepress/codec.hpp>
#include <pagepress/cpu_codecs.hpp>
#include <pagepress/device.hpp>
#include <pagepress/kcompressd.hpp>
#include <pagepress/memory.hpp>
#include <pagepress/monotonic_clock.hpp>
#include <pagepress/queue_shape.hpp>

#include "sim/experiment/metrics.hpp"

namespace pagepress::sim {

// What of CompareConfig matters here.
struct RealConfig {
  QueueShape shape = queue_shape("rfc");
  std::size_t depth = 64;             // requests in flight, of each worker; a codec may take fewer
  std::uint32_t limit_bytes = 0;      // longest useful output; 0: PP_LIMIT_DEFAULT
  std::string policy = "wait";        // a name of back_pressure_names()
  std::uint64_t full_wait_ns = 1000;  // until kswapd looks again at a full FIFO
  std::uint64_t poll_interval_ns = 200;  // of workers with nothing to do
  std::size_t idle_pages = 64;           // pages of the depth-1 probes; 0: none
};

// A back end as real threads use it. What is made is used by one thread at a time.
struct RealBackend {
  std::string name;
  // A Codec for a thread, without CRC32C if it is a CPU's. Called before the threads start.
  std::function<std::unique_ptr<Codec>(Operation operation)> make_codec;
  // A CPU codec of the same format, for a producer that compresses itself.
  std::function<std::unique_ptr<Codec>()> make_own_codec;
  // What expands the blocks for verification; none: they are LZ4's.
  std::function<std::unique_ptr<BlockCodec>()> make_decoder{};
  // Of an engine: where sources are mapped and destinations come from. Null: of a CPU.
  DmaMap* dma = nullptr;
  DmaAllocator* memory = nullptr;
  bool maps_pages = true;                // false: sources and destinations are bounced
  std::optional<Capabilities> device{};  // of an engine
};

// Whole pages at page borders, which the device reaches if there is one.
class PageMemory {
 public:
  PageMemory(const RealBackend& backend, std::size_t pages);
  [[nodiscard]] std::span<std::byte> span() const noexcept { return span_; }
  [[nodiscard]] std::span<std::byte> page(std::size_t index) const noexcept {
    return span().subspan(index * kPageSize, kPageSize);
  }

 private:
  struct alignas(kPageSize) Slot {
    std::byte bytes[kPageSize];
  };
  std::vector<Slot> own_;
  std::unique_ptr<DmaBuffer> mapped_;
  std::span<std::byte> span_;
};

class RealThreads {
 public:
  // The next page to hand over; null: that was all. Called by kswapd's thread.
  using Next = std::function<const Page*()>;
  // Calls tick() of the thread that called run(), some times a second: pages done so far.
  using Tick = std::function<void(std::uint64_t done)>;

  // `sink` is called by several threads at the same time, never for the same page.
  // Throws what make_codec() does, std::invalid_argument, std::system_error.
  RealThreads(const RealConfig& config, const RealBackend& backend, Operation operation,
              PageSink sink);

  // Once: until all that next() gave has been delivered and the threads have ended. Throws what
  // one of them threw; the others have ended by then, too.
  void run(const Next& next, const Tick& tick);

  // While nothing runs: one page there (or back) alone, and how long it took.
  std::uint64_t run_alone(const Page& page, Completion& done);
  [[nodiscard]] std::span<const std::byte> alone_out() const noexcept;

  // After run().
  [[nodiscard]] QueueRun queue_run() const;
  // kswapd first.
  [[nodiscard]] const std::vector<ThreadRun>& threads() const noexcept { return threads_; }

 private:
  struct Worker {
    std::unique_ptr<Codec> codec;
    std::unique_ptr<PageMemory> destinations;
    MonotonicClock clock;
    std::unique_ptr<Kcompressd> kcompressd;
  };

  template <typename Body>
  void on_thread(ThreadRun& times, Body body);
  void kswapd(const Next& next);
  [[nodiscard]] std::uint64_t done() const;

  const RealConfig& config_;
  const RealBackend& backend_;
  PageSink sink_;
  std::unique_ptr<PageQueue> queue_;
  std::vector<Worker> workers_;
  std::unique_ptr<Codec> own_codec_;       // kswapd's, for what it does itself
  std::unique_ptr<SynchronousPath> path_;  // of that
  EnqueueGate gate_;                       // kswapd's
  std::vector<ThreadRun> threads_;
  std::atomic<std::uint64_t> synchronous_{0};
  std::atomic<unsigned> running_{0};
  std::atomic<bool> failed_{false};
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

}  // namespace pagepress::sim
