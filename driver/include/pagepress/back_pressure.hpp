// SPDX-License-Identifier: Apache-2.0
// What a producer does with a page that the queue does not take: back-pressure
// policies, and Producer, which applies one. Those that exist in the wild:
//
//   wait           tries again until there is room (hwonly trees)
//   sync-newest    compresses the page itself (the kernel's proposal of April 2025)
//   drain-oldest   takes the oldest page out of the FIFO, compresses that one itself, then
//                  enqueues the new one (an unofficial port to 6.16)
//   divert-to-cpu  compresses this page and those that follow itself, until the workers have
//                  completed so many pages (MediaTek's hybrid mode)
//
// Whatever the policy, a page is delivered once: by a worker, or by the producer that
// compresses it, in its own thread and to the policy's own sink, with
// PageDone::synchronous. put() and on_full() return only when the pages that the producer
// took upon itself have been delivered. drain-oldest keeps the order of delivery that
// the others break: what is compressed first has waited longest.
// Limitations: a policy object, its codec and its sink belong to one producer; divert-to-cpu
// compresses in the producer, where MediaTek's wakes a software thread.
#pragma once

#include <pagepress/clock.hpp>
#include <pagepress/codec.hpp>
#include <pagepress/kcompressd.hpp>
#include <pagepress/page_queue.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace pagepress {

class EnqueueGate;
struct PageOrigin;

// Compressing, or decompressing, in the caller: one page at a time.
class SynchronousPath {
 public:
  // `codec` is the caller's own, a CPU one as a rule; `limit` as Request::limit.
  SynchronousPath(Codec& codec, PageSink sink, std::uint32_t limit = 0)
      : codec_(codec), sink_(std::move(sink)), limit_(limit) {}

  // Delivers the page to the sink before it returns. False: the codec takes nothing, the
  // page stays the caller's. `enqueue_ns` is the page's time-stamp.
  bool run(Clock& clock, const Page& page, std::uint64_t enqueue_ns);
  // The same for a page that has no other way any more: what the codec does not take is
  // delivered as kAborted.
  void finish(Clock& clock, const QueuedPage& queued);
  // Pages delivered, and the time by the Clock that they took.
  [[nodiscard]] std::uint64_t pages() const noexcept { return pages_; }
  [[nodiscard]] std::uint64_t spent_ns() const noexcept { return spent_ns_; }

 private:
  void deliver(PageDone& done);

  Codec& codec_;
  PageSink sink_;
  std::uint32_t limit_;
  std::uint64_t pages_ = 0;
  std::uint64_t spent_ns_ = 0;
  std::array<std::byte, kPageSize> buffer_{};
};

class BackPressure {
 public:
  virtual ~BackPressure() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  // False: the next page is not even offered to the queue, on_full() gets it.
  [[nodiscard]] virtual bool offers(const PageQueue& /*queue*/) { return true; }
  // Answers kAccepted, kDone or kStopped; kFull if it gave up, and the page stays the caller's.
  virtual Enqueue on_full(PageQueue& queue, Clock& clock, const Page& page) = 0;
};
// Sleeps `retry_ns` and tries again, at most for `timeout_ns`.
[[nodiscard]] std::unique_ptr<BackPressure> make_wait_policy(
    std::uint64_t retry_ns = 1000, std::uint64_t timeout_ns = 10'000'000'000);
[[nodiscard]] std::unique_ptr<BackPressure> make_sync_newest_policy(SynchronousPath& path);
// With a path of its own.
[[nodiscard]] std::unique_ptr<BackPressure> make_sync_newest_policy(Codec& codec, PageSink sink,
                                                                    std::uint32_t limit = 0);
// `retry_ns`: sleep where the FIFO is neither full nor gives a page, as others are at it.
[[nodiscard]] std::unique_ptr<BackPressure> make_drain_oldest_policy(SynchronousPath& path,
                                                                     std::uint64_t retry_ns = 1000);
// Goes back to the queue when the workers have completed `completions` pages more; 0, or more
// than the queue holds: as many as it holds.
[[nodiscard]] std::unique_ptr<BackPressure> make_divert_policy(SynchronousPath& path,
                                                               std::uint64_t completions = 0);
// Policies by name, for messages and options.
[[nodiscard]] std::span<const std::string_view> back_pressure_names() noexcept;
// The policy of that name. `path`: null only with "wait", which none other can do without.
// `retry_ns`, `timeout_ns`: as above. Throws std::invalid_argument for another name.
[[nodiscard]] std::unique_ptr<BackPressure> make_back_pressure(
    std::string_view name, SynchronousPath* path, std::uint64_t retry_ns = 1000,
    std::uint64_t timeout_ns = 10'000'000'000);

// One producer: charges `enqueue_ns` a page to its own Clock, asks its gate, applies its policy.
class Producer {
 public:
  Producer(PageQueue& queue, Clock& clock, BackPressure& policy, std::uint64_t enqueue_ns = 0)
      : queue_(queue), clock_(clock), policy_(policy), enqueue_ns_(enqueue_ns) {}
  Producer(Kcompressd& worker, Clock& clock, BackPressure& policy)
      : Producer(worker.queue(), clock, policy, worker.config().costs.enqueue_ns) {}

  // From now on pages that `gate` refuses go down `path` (enqueue_gate.hpp); without one they
  // stay the caller's: kFull. Both outlive this.
  void set_gate(EnqueueGate& gate, SynchronousPath* path) noexcept {
    gate_ = &gate;
    path_ = path;
  }
  Enqueue put(const Page& page);
  Enqueue put(const Page& page, const PageOrigin& origin);

 private:
  PageQueue& queue_;
  Clock& clock_;
  BackPressure& policy_;
  std::uint64_t enqueue_ns_;
  EnqueueGate* gate_ = nullptr;
  SynchronousPath* path_ = nullptr;
};

}  // namespace pagepress
