// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/top/queue_driver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>

#include "tests/rtl/common/sqe_rules.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kSqBase = 0x00007f0012340000;
constexpr std::uint64_t kCqBase = 0x00007f0056780000;
constexpr std::uint64_t kSourceBase = 0x0000123400000000;
constexpr std::uint64_t kDestinationBase = 0xffff876500000000;
constexpr std::uint64_t kSlotBytes = 0x4000;
constexpr std::uint64_t kGuard = 64;  // bytes before a destination that nobody writes
constexpr std::uint8_t kUntouched = 0xa5;

}  // namespace

QueueDriver::QueueDriver(DeviceBench& bench, std::uint64_t seed, unsigned sq_log2, unsigned cq_log2)
    : bench_(bench), random_(seed), sq_log2_(sq_log2), cq_log2_(cq_log2), tag_(random_.bits()) {
  Memory& memory = bench_.memory();
  memory.map(kSqBase, std::uint64_t{PP_SQE_SIZE} << sq_log2_, kUntouched);
  memory.map(kCqBase, std::uint64_t{PP_CQE_SIZE} << cq_log2_, 0);
  memory.map(kSourceBase, kSlots * kSlotBytes, kUntouched);
  memory.map(kDestinationBase, kSlots * kSlotBytes, kUntouched);
  expected_ = memory;
}

std::uint64_t QueueDriver::sqe_address(std::uint16_t index) const {
  return kSqBase + std::uint64_t{PP_SQE_SIZE} * (index & ((1U << sq_log2_) - 1));
}

std::uint64_t QueueDriver::cqe_address(std::uint16_t index) const {
  return kCqBase + std::uint64_t{PP_CQE_SIZE} * (index & ((1U << cq_log2_) - 1));
}

void QueueDriver::start() {
  sq_tail_ = sq_head_ = cq_head_ = 0;
  // A new ring holds no entry of the first pass's phase.
  const std::vector<std::uint8_t> zero(std::size_t{PP_CQE_SIZE} << cq_log2_, 0);
  bench_.memory().write(kCqBase, zero);
  expected_.write(kCqBase, zero);
  bench_.write(queue_register(PP_Q_SIZE), cq_log2_ << 8 | sq_log2_);
  bench_.write(queue_register(PP_Q_SQ_BASE_LO), static_cast<std::uint32_t>(kSqBase));
  bench_.write(queue_register(PP_Q_SQ_BASE_HI), kSqBase >> 32);
  bench_.write(queue_register(PP_Q_CQ_BASE_LO), static_cast<std::uint32_t>(kCqBase));
  bench_.write(queue_register(PP_Q_CQ_BASE_HI), kCqBase >> 32);
  bench_.write(PP_REG_CTRL, PP_CTRL_ENABLE);
  bench_.write(queue_register(PP_Q_CTRL), PP_Q_CTRL_ENABLE);
  ASSERT_EQ(bench_.read(queue_register(PP_Q_STATE)) & 0xfU, PP_QSTATE_RUNNING);
}

std::uint64_t QueueDriver::next_slot() { return slot_++ % kSlots; }

pp_sqe QueueDriver::compress() {
  const std::uint64_t slot = next_slot();
  pp_sqe sqe{};
  sqe.opcode = PP_OP_COMPRESS;
  sqe.src_len = kUnitBytes;
  // Half the units lie in one page, half straddle two, at any byte.
  sqe.src_addr = kSourceBase + slot * kSlotBytes;
  sqe.dst_addr = kDestinationBase + slot * kSlotBytes + kGuard;
  if (random_.percent(50)) sqe.src_addr += random_.below(4096);
  if (random_.percent(50)) sqe.dst_addr += random_.below(4096);
  sqe.dst_capacity = kUnitBytes;
  sqe.tag = tag_++;
  const std::vector<std::uint8_t> unit = random_unit(random_);
  bench_.memory().write(sqe.src_addr, unit);
  expected_.write(sqe.src_addr, unit);
  return sqe;
}

pp_sqe QueueDriver::random_submission() {
  pp_sqe sqe = compress();
  if (random_.percent(40)) sqe.limit = static_cast<std::uint32_t>(random_.below(kUnitBytes + 1));
  if (random_.percent(20)) sqe.dst_capacity = static_cast<std::uint32_t>(random_.below(5000));
  if (random_.percent(50)) sqe.flags = PP_SQE_F_IRQ;
  if (random_.percent(15)) sqe.opcode = PP_OP_NOP;
  // Each of the wrong fields alone is rare, so that most submissions are good.
  const auto wrong = [this] { return random_.percent(2); };
  const auto nonzero = [this] { return random_.bits() | 1; };
  if (wrong()) sqe.opcode = static_cast<std::uint8_t>(random_.between(6, 255));
  if (wrong()) sqe.algorithm = static_cast<std::uint8_t>(nonzero());
  // Nothing overtakes here: the driver expects completions in order.
  if (wrong()) sqe.flags = static_cast<std::uint16_t>(random_.bits() & ~PP_SQE_F_RELAXED);
  if (wrong()) sqe.src_len = static_cast<std::uint32_t>(random_.bits());
  if (wrong()) sqe.src_sge_count = static_cast<std::uint8_t>(nonzero());
  if (wrong()) sqe.dst_sge_count = static_cast<std::uint8_t>(nonzero());
  if (wrong()) sqe.expected_crc32c = static_cast<std::uint32_t>(nonzero());
  if (wrong()) sqe.reserved0 = static_cast<std::uint16_t>(nonzero());
  if (wrong()) sqe.reserved1 = nonzero();
  if (wrong()) sqe.reserved2 = nonzero() << 32;
  if (wrong()) sqe.limit = kUnitBytes + 1 + static_cast<std::uint32_t>(random_.below(1U << 31));
  return sqe;
}

Expected QueueDriver::expect(const pp_sqe& sqe) const {
  Expected e;
  const SqeVerdict verdict = judge(sqe, kUnitBytes, PP_SGE_MAX);
  if (verdict.detail != 0) {
    e.status = PP_STATUS_BAD_DESCRIPTOR;
    e.detail = static_cast<std::uint8_t>(verdict.detail);
    return e;
  }
  if (verdict.nop) return e;
  std::array<std::uint8_t, kUnitBytes> unit{};
  bench_.memory().read(sqe.src_addr, unit);
  UnitResult r = compress_reference(unit, verdict.limit);
  if (r.status == PP_STATUS_INCOMPRESSIBLE && verdict.raw) {
    e.raw = true;
    r.data.assign(unit.begin(), unit.end());
  }
  e.status = r.status;
  e.crc32c = r.crc32c;
  e.info = r.info;
  e.data = std::move(r.data);
  return e;
}

bool QueueDriver::can_submit() const {
  return static_cast<std::uint16_t>(sq_tail_ - sq_head_) < (1U << sq_log2_) &&
         outstanding_.size() < kSlots;
}

void QueueDriver::submit(const pp_sqe& sqe, const Expected& expected) {
  bench_.memory().store(sqe_address(sq_tail_), sqe);
  expected_.store(sqe_address(sq_tail_), sqe);
  ++sq_tail_;
  outstanding_.push_back({sqe, expected});
}

void QueueDriver::ring() { bench_.write(doorbell(PP_DB_SQ_TAIL), sq_tail_); }

unsigned QueueDriver::poll() {
  unsigned count = 0;
  for (;;) {
    const auto cqe = bench_.memory().load<pp_cqe>(cqe_address(cq_head_));
    const bool phase = (cqe.flags & PP_CQE_F_PHASE) != 0;
    if (phase != ((cq_head_ >> cq_log2_ & 1U) == 0)) return count;
    EXPECT_FALSE(outstanding_.empty()) << "completion of nothing";
    if (outstanding_.empty()) return count;
    check(cqe, outstanding_.front());
    outstanding_.pop_front();
    expected_.store(cqe_address(cq_head_), cqe);
    last_ = cqe;
    ++cq_head_;
    ++count;
  }
}

void QueueDriver::check(const pp_cqe& cqe, const Outstanding& submission) {
  const Expected& e = submission.expected;
  SCOPED_TRACE(testing::Message() << "completion " << completed_ << " of opcode "
                                  << int{submission.sqe.opcode});
  EXPECT_EQ(cqe.tag, submission.sqe.tag);
  EXPECT_EQ(cqe.status, e.status);
  EXPECT_EQ(cqe.flags >> PP_CQE_DETAIL_SHIFT, e.detail);
  EXPECT_EQ(cqe.flags & 0xc, 0) << "reserved flags";
  EXPECT_EQ((cqe.flags & PP_CQE_F_RAW) != 0, e.raw);
  EXPECT_EQ(cqe.out_len, e.data.size());
  EXPECT_EQ(cqe.crc32c, e.crc32c);
  EXPECT_EQ(cqe.info, e.info);
  const bool ran = (e.status == PP_STATUS_OK && submission.sqe.opcode != PP_OP_NOP) ||
                   e.status == PP_STATUS_MALFORMED;
  EXPECT_EQ(cqe.engine_cycles != 0,
            ran || e.status == PP_STATUS_SAME_FILLED || e.status == PP_STATUS_INCOMPRESSIBLE);
  // Consumed: at least what has completed, at most what was submitted.
  const auto consumed = static_cast<std::uint16_t>(cqe.sq_head - cq_head_ - 1);
  EXPECT_LE(consumed, static_cast<std::uint16_t>(sq_tail_ - cq_head_ - 1));
  sq_head_ = cqe.sq_head;
  ++completed_;
  engine_cycles_ += cqe.engine_cycles;
  if (cqe.status < PP_STATUS_COUNT) ++by_status_[cqe.status];

  if (e.status == PP_STATUS_DMA_FAULT) {  // destination contents undefined
    if (!bench_.memory().mapped(submission.sqe.dst_addr)) return;
    std::vector<std::uint8_t> undefined(
        std::min<std::uint32_t>(submission.sqe.dst_capacity, kUnitBytes));
    bench_.memory().read(submission.sqe.dst_addr, undefined);
    expected_.write(submission.sqe.dst_addr, undefined);
  } else if (!e.data.empty()) {
    std::vector<std::uint8_t> written(e.data.size());
    bench_.memory().read(submission.sqe.dst_addr, written);
    EXPECT_EQ(written, e.data) << "completed before its data was there, or wrong";
    expected_.write(submission.sqe.dst_addr, e.data);
  }
}

void QueueDriver::consume() { bench_.write(doorbell(PP_DB_CQ_HEAD), cq_head_); }

bool QueueDriver::drain(std::uint64_t limit) {
  const bool all = bench_.tick_until(
      [this] {
        if (poll() != 0) consume();
        return outstanding_.empty();
      },
      limit);
  EXPECT_TRUE(all) << outstanding_.size() << " submissions outstanding";
  return all;
}

void QueueDriver::forget() {
  for (const Outstanding& o : outstanding_) {
    if (o.sqe.opcode != PP_OP_COMPRESS || o.expected.data.empty()) continue;
    std::vector<std::uint8_t> undefined(o.expected.data.size());
    bench_.memory().read(o.sqe.dst_addr, undefined);
    expected_.write(o.sqe.dst_addr, undefined);
  }
  // Completions may have been written that nobody has read.
  std::vector<std::uint8_t> ring(std::size_t{PP_CQE_SIZE} << cq_log2_);
  bench_.memory().read(kCqBase, ring);
  expected_.write(kCqBase, ring);
  outstanding_.clear();
}

void QueueDriver::check_memory() {
  const std::uint64_t at = bench_.memory().first_difference(expected_);
  EXPECT_EQ(at, Memory::kEqual) << std::hex << "memory differs at " << at;
}

}  // namespace pagepress::bench
