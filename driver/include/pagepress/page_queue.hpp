// SPDX-License-Identifier: Apache-2.0
// PageQueue: one or more FIFOs between those who reclaim pages and those who
// compress them.
//
//   producers -- enqueue() --> FIFO 0 .. n-1 -- take() --> workers (kcompressd.hpp)
//                                            -- take_oldest() --> a producer (drain-oldest)
//
// Who owns a page. From enqueue() == kAccepted on, the queue does; whoever takes it owns it
// next and hands it to a PageSink once. With any other answer it stays the caller's. An entry
// is taken by one taker only, so that a page has one owner at any time and is delivered once.
// Order: a FIFO gives its pages in the order in which enqueue() put them there; between FIFOs,
// and between takers of one FIFO once they have taken, there is none, but for joined batches:
// none of one is delivered before all of the one before (docs/kcompressd.md).
// Limitation: waking workers is the Clock's business: they poll.
#pragma once

#include <pagepress/codec.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pagepress {

class BatchJoin;
class PageFifo;

// A page to compress, or the block of one to decompress. It must not change or go
// away until its PageDone.
struct Page {
  const void* data = nullptr;  // `len` bytes
  std::uint64_t cookie = 0;    // the producer's; returned as it is
  Operation operation = Operation::kCompress;
  std::uint32_t len = kPageSize;  // of a block: as Request::src_len
  // Of the page that comes out of a block, if it is to be verified.
  std::optional<std::uint32_t> crc32c = std::nullopt;
};

// `dst` has room for a page. `limit`: as Request::limit.
[[nodiscard]] Request to_request(const Page& page, std::byte* dst, std::uint32_t limit,
                                 std::uint64_t tag) noexcept;

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

enum class Enqueue : std::uint8_t {
  kAccepted,
  kFull,
  kStopped,  // stop() was called: no page is taken any more
  kDone,     // back pressure: the page has been compressed by the producer itself
};

// A page in a FIFO, and when it came there.
struct QueuedPage {
  Page page;
  std::uint64_t enqueue_ns;
};

// Which FIFO a page goes to, if there are several.
enum class Placement : std::uint8_t {
  kFirstWithRoom,  // FIFO 0 until it is full, then FIFO 1, ...
  kInTurn,         // one after the other; a full one is passed over
};

struct PageQueueConfig {
  unsigned fifos = 1;
  unsigned entries = 256;  // of each; any number from 1
  Placement placement = Placement::kFirstWithRoom;
  // Not 0: workers share batches of so many pages, each its part of `sharers`, and no batch
  // begins before all of the one before have been delivered (as padata's jobs). One FIFO only.
  unsigned joined_batch = 0;
  unsigned sharers = 1;
};

struct PageQueueCounters {
  std::uint64_t enqueued = 0;
  std::uint64_t rejected = 0;    // enqueue() found no room
  std::uint64_t taken_back = 0;  // by take_oldest()
  std::uint64_t completed = 0;   // by workers
};

class PageQueue {
 public:
  // Throws std::invalid_argument, std::system_error (no memory for a FIFO).
  explicit PageQueue(const PageQueueConfig& config = {});
  // Pages still queued are dropped.
  ~PageQueue();
  PageQueue(const PageQueue&) = delete;
  PageQueue& operator=(const PageQueue&) = delete;

  // From any thread; none of them ever blocks.
  // `now_ns` is the page's time-stamp.
  Enqueue enqueue(const Page& page, std::uint64_t now_ns);
  // The oldest page of a FIFO, for a producer that makes room by compressing it itself. Of
  // several FIFOs, one after the other is asked. None: all were empty.
  [[nodiscard]] std::optional<QueuedPage> take_oldest() noexcept;
  // Later enqueue() answers kStopped.
  void stop() noexcept;
  // stop(), for when a worker has failed: what waits is dropped. The others end with what they
  // have, also where they would wait for the failed one's part of a joined batch.
  void abandon() noexcept;
  // Pages that wait, at this moment: in one FIFO, in all of them.
  [[nodiscard]] unsigned queued(unsigned fifo) const noexcept;
  [[nodiscard]] unsigned queued() const noexcept;
  // No page can be taken any more: stop() was called, no enqueue() is under way and the FIFO is
  // empty; or abandon() was.
  [[nodiscard]] bool drained(unsigned fifo) const noexcept;
  [[nodiscard]] PageQueueCounters counters() const noexcept;
  [[nodiscard]] const PageQueueConfig& config() const noexcept { return config_; }

  // Workers, from any thread. Up to out.size() of the oldest of a FIFO, or of their share of a
  // joined batch; how many.
  [[nodiscard]] unsigned take(unsigned fifo, std::span<QueuedPage> out) noexcept;
  // So many that were taken have been handed to their sinks.
  void note_completed(std::uint64_t pages) noexcept;

 private:
  [[nodiscard]] bool push(const QueuedPage& entry) noexcept;

  PageQueueConfig config_;
  std::vector<std::unique_ptr<PageFifo>> fifos_;
  std::unique_ptr<BatchJoin> join_;  // of joined batches
  std::atomic<bool> stopping_{false};
  std::atomic<bool> abandoned_{false};
  std::atomic<unsigned> producers_{0};   // inside enqueue()
  std::atomic<unsigned> next_push_{0};   // kInTurn
  std::atomic<unsigned> next_taken_{0};  // take_oldest()
  std::atomic<std::uint64_t> enqueued_{0};
  std::atomic<std::uint64_t> rejected_{0};
  std::atomic<std::uint64_t> taken_back_{0};
  std::atomic<std::uint64_t> completed_{0};
};

}  // namespace pagepress
