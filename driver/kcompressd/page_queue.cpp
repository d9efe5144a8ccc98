// SPDX-License-Identifier: Apache-2.0
#include <pagepress/page_queue.hpp>

#include <numeric>
#include <stdexcept>

#include "driver/kcompressd/batch_join.hpp"
#include "driver/kcompressd/page_fifo.hpp"

namespace pagepress {

Request to_request(const Page& page, std::byte* dst, std::uint32_t limit,
                   std::uint64_t tag) noexcept {
  return {.src = page.data,
          .dst = dst,
          .capacity = kPageSize,
          .limit = limit,
          .tag = tag,
          .operation = page.operation,
          .src_len = page.len,
          .verify = page.crc32c.has_value(),
          .expected_crc32c = page.crc32c.value_or(0)};
}
namespace {

void add(std::atomic<std::uint64_t>& count, std::uint64_t n = 1) noexcept {
  count.fetch_add(n, std::memory_order_relaxed);
}
std::uint64_t get(const std::atomic<std::uint64_t>& count) noexcept {
  return count.load(std::memory_order_relaxed);
}

}  // namespace

PageQueue::PageQueue(const PageQueueConfig& config) : config_(config) {
  if (config.fifos == 0) {
    throw std::invalid_argument("a page queue of 0 FIFOs");
  }
  for (unsigned i = 0; i < config.fifos; ++i) {
    fifos_.push_back(std::make_unique<PageFifo>(config.entries));
  }
  if (config.joined_batch != 0) {
    if (config.fifos != 1 || config.sharers == 0 || config.joined_batch > 0xffff) {
      throw std::invalid_argument(
          "joined batches: one FIFO, at least one worker and at most 65535 pages");
    }
    join_ = std::make_unique<BatchJoin>(config.joined_batch, config.sharers);
  }
}

PageQueue::~PageQueue() = default;

Enqueue PageQueue::enqueue(const Page& page, std::uint64_t now_ns) {
  // drained() sees stopping_ first, then producers_ at 0, then an empty FIFO: a page pushed
  // below is either seen by it or never pushed.
  producers_.fetch_add(1, std::memory_order_seq_cst);
  Enqueue result = Enqueue::kStopped;
  if (!stopping_.load(std::memory_order_seq_cst)) {
    const bool pushed = push({.page = page, .enqueue_ns = now_ns});
    result = pushed ? Enqueue::kAccepted : Enqueue::kFull;
    add(pushed ? enqueued_ : rejected_);
  }
  producers_.fetch_sub(1, std::memory_order_seq_cst);
  return result;
}

bool PageQueue::push(const QueuedPage& entry) noexcept {
  const unsigned first = config_.placement == Placement::kInTurn
                             ? next_push_.fetch_add(1, std::memory_order_relaxed) % config_.fifos
                             : 0;
  for (unsigned i = 0; i < config_.fifos; ++i) {
    if (fifos_[(first + i) % config_.fifos]->push(entry)) {
      return true;
    }
  }
  return false;
}

std::optional<QueuedPage> PageQueue::take_oldest() noexcept {
  const unsigned first = next_taken_.fetch_add(1, std::memory_order_relaxed) % config_.fifos;
  QueuedPage entry;
  for (unsigned i = 0; i < config_.fifos; ++i) {
    if (fifos_[(first + i) % config_.fifos]->pop({&entry, 1}) == 1) {
      add(taken_back_);
      return entry;
    }
  }
  return std::nullopt;
}

void PageQueue::stop() noexcept { stopping_.store(true, std::memory_order_seq_cst); }

void PageQueue::abandon() noexcept {
  stop();
  abandoned_.store(true, std::memory_order_release);
}

unsigned PageQueue::queued(unsigned fifo) const noexcept { return fifos_[fifo]->size(); }

unsigned PageQueue::queued() const noexcept {
  return std::accumulate(fifos_.begin(), fifos_.end(), 0u,
                         [](unsigned sum, const auto& fifo) { return sum + fifo->size(); });
}

bool PageQueue::drained(unsigned fifo) const noexcept {
  if (abandoned_.load(std::memory_order_acquire)) {
    return true;
  }
  // The order of these reads is what enqueue() relies on.
  return stopping_.load(std::memory_order_seq_cst) &&
         producers_.load(std::memory_order_seq_cst) == 0 && fifos_[fifo]->size() == 0;
}

PageQueueCounters PageQueue::counters() const noexcept {
  return {.enqueued = get(enqueued_),
          .rejected = get(rejected_),
          .taken_back = get(taken_back_),
          .completed = get(completed_)};
}

unsigned PageQueue::take(unsigned fifo, std::span<QueuedPage> out) noexcept {
  if (abandoned_.load(std::memory_order_acquire)) {
    return 0;
  }
  if (join_ == nullptr) {
    return fifos_[fifo]->pop(out);
  }
  const unsigned claimed = join_->claim(static_cast<unsigned>(out.size()), fifos_[fifo]->size());
  const unsigned taken = fifos_[fifo]->pop(out.first(claimed));
  join_->complete(claimed - taken);  // a producer was quicker (take_oldest)
  return taken;
}

void PageQueue::note_completed(std::uint64_t pages) noexcept {
  add(completed_, pages);
  if (join_ != nullptr) {
    join_->complete(pages);
  }
}

}  // namespace pagepress
