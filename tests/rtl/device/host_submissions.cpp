// SPDX-License-Identifier: Apache-2.0
// Submissions and the memory that goes with them.
#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "tests/rtl/device/host.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kPage = Memory::kPage;
constexpr std::uint8_t kUntouched = 0x5a;

std::uint16_t low(std::uint32_t value) { return static_cast<std::uint16_t>(value); }

std::uint32_t doorbell(unsigned q, std::uint32_t offset) {
  return PP_DOORBELL_BASE + q * PP_DOORBELL_STRIDE + offset;
}

}  // namespace

unsigned Host::room(unsigned q) const {
  const Queue& queue = queues_[q];
  return (1U << queue.setting.sq_log2) - low(queue.sq_tail - queue.sq_head);
}

std::size_t Host::unrung(unsigned q) const { return low(queues_[q].sq_tail - queues_[q].rung); }

void Host::submit(unsigned q, Submission submission) {
  Queue& queue = queues_[q];
  Entry entry;
  entry.sqe = submission.sqe;
  entry.slots = std::move(submission.slots);
  if (injection_ && (injection_->queue == q) && Reference::uses_engine(entry.sqe)) {
    const std::uint64_t n = injection_->seen++;
    const bool hit = n >= injection_->pass && n < injection_->pass + injection_->hits;
    entry.injected = injection_->what;
    entry.hit = injection_->exact ? (hit ? Hit::kYes : Hit::kNo) : Hit::kMaybe;
  }
  const std::uint64_t slot = queue.sq_tail & ((1U << queue.setting.sq_log2) - 1);
  const std::uint64_t address = queue.sq_base + slot * PP_SQE_SIZE;
  if (!arena_.refused(address, false)) device_.memory().store(address, entry.sqe);
  if (!by_tag_.emplace(entry.sqe.tag, std::pair(q, queue.sq_tail)).second) {
    throw std::logic_error("a tag twice");
  }
  queue.entries.push_back(std::move(entry));
  ++queue.sq_tail;
}

void Host::grant(Entry& entry) {
  entry.source = reference_.source(entry.sqe);
  entry.destination = reference_.destination(entry.sqe);
  for (const Buffer* buffer : {&entry.source, &entry.destination}) {
    access_.grant(buffer->list.address, buffer->list.length, AccessMap::kRead);
  }
  for (const Range& r : entry.source.ranges) access_.grant(r.address, r.length, AccessMap::kRead);
  for (const Range& r : entry.destination.ranges) {
    access_.grant(r.address, r.length, AccessMap::kWrite);
    if (verify) fill(r);
  }
}

// What a destination holds before it is written.
void Host::fill(const Range& range) {
  static const std::vector<std::uint8_t> kPattern(kPage, kUntouched);
  for (std::uint64_t done = 0; done < range.length;) {
    const std::uint64_t at = range.address + done;
    const std::uint64_t count = std::min(range.length - done, kPage - at % kPage);
    if (device_.memory().mapped(at)) {
      device_.memory().write(at, std::span(kPattern).first(count));
    }
    done += count;
  }
}

bool Host::untouched(const Range& range) const {
  std::array<std::uint8_t, kPage> bytes{};
  for (std::uint64_t done = 0; done < range.length;) {
    const std::uint64_t at = range.address + done;
    const std::uint64_t count = std::min(range.length - done, kPage - at % kPage);
    if (device_.memory().mapped(at)) {
      device_.memory().read(at, std::span(bytes).first(count));
      if (std::any_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count),
                      [](std::uint8_t byte) { return byte != kUntouched; })) {
        return false;
      }
    }
    done += count;
  }
  return true;
}

void Host::ring(unsigned q) {
  Queue& queue = queues_[q];
  if (queue.rung == queue.sq_tail) return;
  const std::uint16_t old = queue.rung;
  for (; queue.rung != queue.sq_tail; ++queue.rung) {
    const std::uint64_t slot = queue.rung & ((1U << queue.setting.sq_log2) - 1);
    access_.grant(queue.sq_base + slot * PP_SQE_SIZE, PP_SQE_SIZE, AccessMap::kRead);
    grant(queue.entries[low(queue.rung - queue.first)]);
    ++queue.waiting;
  }
  if (queue.setting.refused_sq_page || queue.setting.refused_cq_page) {
    errors_.allow({PP_ERR_DOORBELL_DISABLED, q, PP_DB_SQ_TAIL, queue.rung});
  }
  std::uint32_t value = queue.rung;
  std::uint8_t strobes = 0xf;
  if (random_.percent(20)) value |= static_cast<std::uint32_t>(random_.bits()) << 16;
  if (random_.percent(20)) strobes = 0x3;
  if (old >> 8 == queue.rung >> 8 && random_.percent(20)) {
    strobes = 0x1;
    value |= static_cast<std::uint32_t>(random_.bits()) << 8;
  }
  if (queue.waiting == low(queue.rung - old)) last_completion_ = device_.cycle();
  device_.write(doorbell(q, PP_DB_SQ_TAIL), value, strobes);
}

unsigned Host::unconsumed(unsigned q) const { return low(queues_[q].cq_tail - queues_[q].cq_head); }

void Host::consume(unsigned q, unsigned count) {
  Queue& queue = queues_[q];
  if (count == 0 || queue.phase == Phase::kDisabled) return;
  for (; count != 0; --count, ++queue.cq_head) {
    const std::uint64_t slot = queue.cq_head & ((1U << queue.setting.cq_log2) - 1);
    access_.grant(queue.cq_base + slot * PP_CQE_SIZE, PP_CQE_SIZE, AccessMap::kWrite);
  }
  // The queue may have become DISABLED meanwhile.
  if (queue.phase == Phase::kStopping) {
    errors_.allow({PP_ERR_DOORBELL_DISABLED, q, PP_DB_CQ_HEAD, queue.cq_head});
  }
  device_.write(doorbell(q, PP_DB_CQ_HEAD), queue.cq_head, random_.percent(20) ? 0x3 : 0xf);
}

void Host::take_back(Entry& entry) {
  for (const Buffer* buffer : {&entry.source, &entry.destination}) {
    access_.revoke(buffer->list.address, buffer->list.length);
    for (const Range& r : buffer->ranges) access_.revoke(r.address, r.length);
  }
  for (const std::uint64_t slot : entry.slots) arena_.give_back(slot);
  by_tag_.erase(entry.sqe.tag);
  entry.slots.clear();
}

void Host::take_back_all(Queue& queue) {
  for (Entry& entry : queue.entries) {
    if (!entry.done) take_back(entry);
  }
  queue.entries.clear();
  queue.waiting = 0;
  if (queue.phase == Phase::kDisabled) return;
  access_.revoke(queue.sq_base, sq_bytes(queue));
  access_.revoke(queue.cq_base, cq_bytes(queue));
  if (queue.setting.refused_sq_page) {
    arena_.lift(queue.sq_base + *queue.setting.refused_sq_page * kPage);
  }
  if (queue.setting.refused_cq_page) {
    arena_.lift(queue.cq_base + *queue.setting.refused_cq_page * kPage);
  }
}

}  // namespace pagepress::bench
