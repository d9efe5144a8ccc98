// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/sq_fetch.hpp"

#include <algorithm>
#include <cstring>

namespace pagepress::model::fast {
namespace {

// Events: an entry has come, or a queue looks whether to ask.
constexpr std::uint32_t kEntry = UINT32_MAX;

}  // namespace

SqFetch::SqFetch(EventQueue& events, ReadPort& port, const Geometry& geometry,
                 std::vector<QueueControl>& controls, FetchObserver& observer)
    : events_(events),
      port_(port),
      geometry_(geometry),
      controls_(controls),
      observer_(observer),
      queues_(geometry.queues) {}

void SqFetch::enable(bool on, Cycle now) {
  enabled_ = on;
  for (unsigned q = 0; q < queues_.size(); ++q) changed(q, now);
}

void SqFetch::clear(unsigned queue) { queues_[queue] = {}; }

void SqFetch::changed(unsigned queue, Cycle now) {
  Queue& q = queues_[queue];
  if (q.changed_at != now) q.tail_before = q.tail;
  q.changed_at = now;
  q.tail = controls_[queue].sq_tail();
  if (!runs(queue)) {
    q.asks_from = kNever;  // what was not granted is forgotten
    return;
  }
  events_.at(now + 1, *this, queue);
}

bool SqFetch::busy(unsigned queue) const {
  const Queue& q = queues_[queue];
  const bool wants = controls_[queue].sq_tail() != q.fetch && !q.dead;
  return q.pending != 0 || (wants && runs(queue));
}

void SqFetch::act(Cycle now, std::uint32_t what) {
  if (what == kEntry) {
    entry(now);
  } else {
    ask(what, now);
  }
}

// Entries of the next burst: half of those that can be held at most, not past the ring's
// end or 4 KiB.
unsigned SqFetch::burst_entries(const Queue& queue, const QueueControl& control, Cycle now) const {
  const unsigned beats = static_cast<unsigned>(sizeof(pp_sqe)) / geometry_.beat_bytes;
  const unsigned most = std::min(geometry_.burst_beats / beats, geometry_.sq_prefetch / 2);
  const unsigned mask = ((1U << control.sq_log2()) - 1) & (4096 / sizeof(pp_sqe) - 1);
  const unsigned to_wrap = mask - (queue.fetch & mask) + 1;
  // A tail that is written at this edge is seen by the next.
  const std::uint16_t tail = queue.changed_at == now ? queue.tail_before : queue.tail;
  const unsigned available = static_cast<std::uint16_t>(tail - queue.fetch);
  return std::min({most, to_wrap, available});
}

void SqFetch::ask(unsigned queue, Cycle now) {
  Queue& q = queues_[queue];
  const QueueControl& control = controls_[queue];
  if (q.asks_from != kNever || !runs(queue) || q.dead) return;
  const unsigned count = burst_entries(q, control, now);
  if (count == 0 || geometry_.sq_prefetch - q.used < count) return;
  const unsigned slot = q.fetch & ((1U << control.sq_log2()) - 1);
  q.count = count;
  q.address = control.sq_base() + std::uint64_t{slot} * sizeof(pp_sqe);
  q.asks_from = now + 1;
  port_.wake(now + 1);
}

Cycle SqFetch::read_ready() const {
  if (order_.size() >= kOrder) return kNever;
  Cycle first = kNever;
  for (const Queue& q : queues_) first = std::min(first, q.asks_from);
  return first;
}

void SqFetch::fill_read(Burst& burst, Cycle now) {
  const unsigned queue = rounds_.pick([&](unsigned priority) {
    Requests requests;
    for (unsigned q = 0; q < queues_.size(); ++q) {
      requests[q] = queues_[q].asks_from <= now && controls_[q].priority() == priority;
    }
    return requests;
  });
  Queue& q = queues_[queue];
  burst.address = q.address;
  burst.beats = static_cast<std::uint16_t>(q.count * sizeof(pp_sqe) / geometry_.beat_bytes);
  q.fetch = static_cast<std::uint16_t>(q.fetch + q.count);
  q.used += q.count;
  q.pending += q.count;
  q.asks_from = kNever;
  order_.push_back(queue);
  events_.at(now + 1, *this, queue);
}

void SqFetch::read_data(const Burst& burst, Cycle first, Cycle /*last*/) {
  const unsigned queue = order_.front();
  const bool was_full = order_.size() == kOrder;
  order_.pop_front();
  if (was_full) port_.wake(first + burst.beats);
  const unsigned beats = static_cast<unsigned>(sizeof(pp_sqe)) / geometry_.beat_bytes;
  for (unsigned beat = 0; beat < burst.beats; beat += beats) {
    Coming& coming = coming_.emplace_back();
    std::memcpy(&coming.sqe, burst.data.data() + beat * geometry_.beat_bytes, sizeof coming.sqe);
    coming.queue = queue;
    coming.refused = false;
    for (unsigned i = 0; i < beats; ++i) coming.refused = coming.refused || burst.refused[beat + i];
    events_.at(first + beat + beats - 1, *this, kEntry);
  }
}

void SqFetch::entry(Cycle now) {
  const Coming& coming = coming_.front();
  const unsigned queue = coming.queue;
  Queue& q = queues_[queue];
  --q.pending;
  if (!q.dead && coming.refused) {
    q.dead = true;
    q.asks_from = kNever;
    const QueueControl& control = controls_[queue];
    const unsigned slot = q.head & ((1U << control.sq_log2()) - 1);
    observer_.fetch_failed({.condition = PP_ERR_SQ_FETCH,
                            .queue = static_cast<std::uint16_t>(queue),
                            .index = q.head,
                            .address = control.sq_base() + std::uint64_t{slot} * sizeof(pp_sqe)},
                           now);
  } else if (!q.dead) {
    q.held.push_back({coming.sqe, now, q.head});
    ++q.head;
    observer_.submission_came(queue, now);
  }
  coming_.pop_front();
  if (q.pending == 0) observer_.fetch_quiet(queue, now);
}

const Submission* SqFetch::first(unsigned queue, Cycle now) const {
  const Queue& q = queues_[queue];
  return q.held.empty() || q.held.front().came >= now ? nullptr : &q.held.front();
}

void SqFetch::pop(unsigned queue, Cycle now) {
  Queue& q = queues_[queue];
  q.held.pop_front();
  --q.used;
  events_.at(now + 1, *this, queue);
}

}  // namespace pagepress::model::fast
