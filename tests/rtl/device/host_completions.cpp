// SPDX-License-Identifier: Apache-2.0
// What the device does in memory: reads, writes, completions.
#include <fmt/format.h>

#include <algorithm>

#include "tests/rtl/device/host.hpp"

namespace pagepress::bench {
namespace {

std::uint16_t low(std::uint32_t value) { return static_cast<std::uint16_t>(value); }

}  // namespace

void Host::on_read(std::uint64_t address, unsigned bytes, unsigned id) {
  if (access_.may_read(address, bytes)) return;
  throw Violation(
      fmt::format("cycle {}: read of {} bytes at {:#x} with ID {}, which the device was "
                  "not given (any more)",
                  device_.cycle(), bytes, address, id));
}

void Host::on_write(std::uint64_t address, unsigned bytes, std::uint64_t strobes, bool ok) {
  if (!access_.may_write(address, bytes, strobes)) {
    throw Violation(
        fmt::format("cycle {}: write at {:#x}, strobes {:#x}, to what the device was not "
                    "given (any more)",
                    device_.cycle(), address, strobes));
  }
  for (unsigned q = 0; q < queues_.size(); ++q) {
    const Queue& queue = queues_[q];
    if (queue.phase != Phase::kDisabled && address + bytes > queue.cq_base &&
        address < queue.cq_base + cq_bytes(queue)) {
      completion(q, address, bytes, strobes, ok);
      return;
    }
  }
}

void Host::completion(unsigned q, std::uint64_t beat, unsigned bytes, std::uint64_t strobes,
                      bool ok) {
  Queue& queue = queues_[q];
  const std::uint16_t position = queue.cq_tail++;
  const std::uint64_t slot = position & ((1U << queue.setting.cq_log2) - 1);
  const std::uint64_t address = queue.cq_base + slot * PP_CQE_SIZE;
  if (address < beat || address >= beat + bytes || strobes != 0xffffffffULL << (address - beat)) {
    violate(q, fmt::format("completion {} at {:#x}, strobes {:#x}, not at {:#x}", position, beat,
                           strobes, address));
  }
  access_.revoke(address, PP_CQE_SIZE);
  last_completion_ = device_.cycle();
  if (!ok) {
    if (!queue.cq_failed) errors_.expect({PP_ERR_CQ_WRITE, q, position, address});
    queue.cq_failed = true;
    return;
  }
  const auto cqe = device_.memory().load<pp_cqe>(address);
  if (((cqe.flags & PP_CQE_F_PHASE) != 0) != ((position >> queue.setting.cq_log2 & 1U) == 0)) {
    violate(q, fmt::format("phase of completion {}", position));
  }
  const auto found = by_tag_.find(cqe.tag);
  if (found == by_tag_.end() || found->second.first != q) {
    violate(q,
            fmt::format("completion {} with tag {:#x}, which is of no entry", position, cqe.tag));
  }
  const std::uint16_t index = found->second.second;
  if (low(index - queue.first) >= low(queue.rung - queue.first)) {
    violate(q, fmt::format("entry {} completed before its doorbell", index));
  }
  // sq_head: beyond this entry, not behind what was told before, not beyond the doorbell.
  if (low(cqe.sq_head - queue.sq_head) > low(queue.rung - queue.sq_head) ||
      low(cqe.sq_head - queue.first) <= low(index - queue.first)) {
    violate(q, fmt::format("entry {}: sq_head {}, {} before, {} rung", index, cqe.sq_head,
                           queue.sq_head, queue.rung));
  }
  for (; queue.sq_head != cqe.sq_head; ++queue.sq_head) {
    const std::uint64_t taken = queue.sq_head & ((1U << queue.setting.sq_log2) - 1);
    access_.revoke(queue.sq_base + taken * PP_SQE_SIZE, PP_SQE_SIZE);
  }
  Entry& entry = queue.entries[low(index - queue.first)];
  const bool relaxed = (entry.sqe.flags & PP_SQE_F_RELAXED) != 0;
  for (const Entry& older : queue.entries) {
    if (&older == &entry) break;
    if (older.done) continue;
    if (relaxed && queue.aborting) break;  // nothing is done any more that a fence could part
    const bool fence = older.sqe.opcode == PP_OP_NOP && Reference::bad_field(older.sqe) == 0;
    if (!relaxed || fence) {
      violate(q, fmt::format("entry {} completed ahead of an older one{}", index,
                             fence ? ", a fence" : ""));
    }
  }
  check_completion(q, index, entry, cqe);
  if (on_completion) on_completion(q, entry.sqe, cqe);
  if ((entry.sqe.flags & PP_SQE_F_IRQ) != 0 && !resetting_) messages_.on_event(q, device_.cycle());
  take_back(entry);
  entry.done = true;
  --queue.waiting;
  while (!queue.entries.empty() && queue.entries.front().done) {
    queue.entries.pop_front();
    ++queue.first;
  }
}

// What differs from the outcome; empty: nothing.
std::string Host::mismatch(const Entry& entry, const pp_cqe& cqe, const Outcome& outcome) const {
  std::string text;
  const auto compare = [&text](const char* name, std::uint64_t is, std::uint64_t must) {
    if (is != must) text += fmt::format(" {} {:#x} (must be {:#x})", name, is, must);
  };
  compare("status", cqe.status, outcome.status);
  compare("detail", cqe.flags >> PP_CQE_DETAIL_SHIFT, outcome.detail);
  compare("raw", cqe.flags >> 1 & 1U, outcome.raw);
  compare("reserved flags", cqe.flags >> 2 & 3U, 0);
  compare("out_len", cqe.out_len, outcome.data.size());
  compare("crc32c", cqe.crc32c, outcome.crc32c);
  compare("info", cqe.info, outcome.info);
  compare("has engine_cycles", cqe.engine_cycles != 0, outcome.by_engine);
  if (!text.empty()) return text;
  if (!outcome.data.empty() &&
      reference_.gather(entry.destination.ranges, outcome.data.size()) != outcome.data) {
    return " wrong output in the destination";
  }
  if (outcome.writes_nothing) {
    for (const Range& r : entry.destination.ranges) {
      if (!untouched(r)) return " the destination was written";
    }
  }
  return {};
}

void Host::check_completion(unsigned q, std::uint16_t index, Entry& entry, const pp_cqe& cqe) {
  Queue& queue = queues_[q];
  if (!verify) {
    count(queue, entry, cqe, entry.sqe.src_len);
    return;
  }
  Outcome outcome;
  if (cqe.status == PP_STATUS_ABORTED && queue.aborting) {
    outcome.status = PP_STATUS_ABORTED;
    const std::string wrong = mismatch(entry, cqe, outcome);
    if (!wrong.empty()) violate(q, fmt::format("aborted entry {}:{}", index, wrong));
    count(queue, entry, cqe, Reference::uses_engine(entry.sqe) ? entry.sqe.src_len : 0);
    return;
  }
  if (entry.hit == Hit::kYes && entry.injected.kind == PP_INJECT_STUCK_ENGINE &&
      entry.injected.argument == 0) {
    violate(q, fmt::format("entry {} completed in a stuck engine", index));
  }
  std::string wrong = " ";
  if (entry.hit != Hit::kYes) {
    outcome = reference_.expect(entry.sqe);
    wrong = mismatch(entry, cqe, outcome);
  }
  if (!wrong.empty() && entry.hit != Hit::kNo) {
    outcome = reference_.expect(entry.sqe, entry.injected);
    wrong = mismatch(entry, cqe, outcome);
  }
  if (!wrong.empty()) {
    violate(q, fmt::format("entry {}, opcode {}, flags {:#x}, src_len {}, capacity {}, limit {}, "
                           "injection {} {:#x}:{}",
                           index, entry.sqe.opcode, entry.sqe.flags, entry.sqe.src_len,
                           entry.sqe.dst_capacity, entry.sqe.limit,
                           entry.hit == Hit::kNo ? 0 : entry.injected.kind, entry.injected.argument,
                           wrong));
  }
  if (outcome.list_fault) errors_.expect({PP_ERR_SGL_FETCH, q, index, outcome.info});
  if (outcome.engine_error) errors_.expect({PP_ERR_ENGINE, q, index, 0});
  count(queue, entry, cqe, outcome.bytes_in);
}

void Host::count(Queue& queue, const Entry& entry, const pp_cqe& cqe, std::uint32_t bytes_in) {
  for (Tally* tally : {&queue.tally, &total_}) {
    ++tally->completed;
    if (cqe.status != PP_STATUS_ABORTED) tally->bytes_in_least += bytes_in;
    tally->bytes_in_most += bytes_in;
    tally->bytes_out += cqe.out_len;
    if (cqe.status < PP_STATUS_COUNT) ++tally->by_status[cqe.status];
  }
  ++by_opcode_[entry.sqe.opcode];
}

}  // namespace pagepress::bench
