// SPDX-License-Identifier: Apache-2.0
// A host in miniature that drives the device's queue pair, knows what every
// submission must come to, and checks each completion and, at the end, all memory.
// Limitation: one submission owns one buffer slot, so that kSlots bounds what is
// in flight.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/random.hpp"
#include "tests/rtl/top/device_bench.hpp"
#include "tests/rtl/top/engine_oracle.hpp"

namespace pagepress::bench {

// What a submission must come to.
struct Expected {
  std::uint8_t status = PP_STATUS_OK;
  std::uint8_t detail = 0;
  std::uint32_t crc32c = 0;
  std::uint64_t info = 0;
  bool raw = false;
  std::vector<std::uint8_t> data;  // written to the destination
};

class QueueDriver {
 public:
  static constexpr unsigned kSlots = 128;

  QueueDriver(DeviceBench& bench, std::uint64_t seed, unsigned sq_log2, unsigned cq_log2);

  // Writes size, bases and enables device and queue; indices start at 0.
  void start();

  // A good COMPRESS of a random unit in the next slot.
  pp_sqe compress();
  // Any of: good, NOP, bad in one or several fields.
  pp_sqe random_submission();
  // What `sqe` must come to, from memory as it is now.
  [[nodiscard]] Expected expect(const pp_sqe& sqe) const;

  [[nodiscard]] bool can_submit() const;
  // Puts `sqe` into the ring; the device sees it after ring().
  void submit(const pp_sqe& sqe) { submit(sqe, expect(sqe)); }
  void submit(const pp_sqe& sqe, const Expected& expected);
  void ring();

  // Takes every completion that is in memory and checks it; how many.
  unsigned poll();
  // Tells the device what has been taken.
  void consume();

  // Polls and consumes until nothing is outstanding; false if it takes too long.
  bool drain(std::uint64_t limit = 400000);
  // Forgets what is outstanding (after a reset).
  void forget();

  [[nodiscard]] std::size_t outstanding() const { return outstanding_.size(); }
  [[nodiscard]] std::uint16_t sq_tail() const { return sq_tail_; }
  [[nodiscard]] std::uint16_t cq_head() const { return cq_head_; }
  [[nodiscard]] std::uint64_t completed() const { return completed_; }
  [[nodiscard]] std::uint64_t completed(unsigned status) const { return by_status_.at(status); }
  // Sum of the completions' engine_cycles.
  [[nodiscard]] std::uint64_t engine_cycles() const { return engine_cycles_; }
  [[nodiscard]] const pp_cqe& last() const { return last_; }

  [[nodiscard]] std::uint64_t sqe_address(std::uint16_t index) const;
  [[nodiscard]] std::uint64_t cqe_address(std::uint16_t index) const;

  // Fails the test unless memory holds exactly what completions said.
  void check_memory();

 private:
  struct Outstanding {
    pp_sqe sqe;
    Expected expected;
  };

  void check(const pp_cqe& cqe, const Outstanding& submission);
  std::uint64_t next_slot();

  DeviceBench& bench_;
  Random random_;
  unsigned sq_log2_;
  unsigned cq_log2_;
  std::uint64_t slot_ = 0;
  std::uint64_t tag_;
  std::uint16_t sq_tail_ = 0;
  std::uint16_t sq_head_ = 0;  // as completions tell it
  std::uint16_t cq_head_ = 0;
  std::deque<Outstanding> outstanding_;
  std::uint64_t completed_ = 0;
  std::uint64_t engine_cycles_ = 0;
  std::array<std::uint64_t, PP_STATUS_COUNT> by_status_{};
  pp_cqe last_{};
  Memory expected_;  // what memory must hold
};

}  // namespace pagepress::bench
