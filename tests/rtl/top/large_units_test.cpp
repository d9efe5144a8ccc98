// SPDX-License-Identifier: Apache-2.0
// A device for units of 4 to 64 KiB: every operation on every size, at odd addresses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/codec/lz4_engine.hpp"
#include "tests/rtl/top/device_bench.hpp"
#include "tests/rtl/top/queue_driver.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kSource = 0x0000700000000000;
constexpr std::uint64_t kDestination = 0x0000710000000000;
constexpr std::uint64_t kRoom = 0x40000;

// Several units of 4 KiB in a row: matches reach across them.
std::vector<std::uint8_t> large_unit(Random& random, std::size_t bytes) {
  std::vector<std::uint8_t> unit;
  while (unit.size() < bytes) {
    std::vector<std::uint8_t> part = random_unit(random);
    if (unit.size() >= kUnitBytes && random.percent(40)) {
      const std::size_t from = random.below(unit.size() - kUnitBytes + 1);
      std::copy_n(unit.begin() + static_cast<std::ptrdiff_t>(from), kUnitBytes, part.begin());
    }
    unit.insert(unit.end(), part.begin(), part.end());
  }
  return unit;
}

class LargeUnits : public testing::TestWithParam<unsigned> {
 protected:
  LargeUnits() {
    bench_.memory().map(kSource, kRoom, 0x11);
    bench_.memory().map(kDestination, kRoom, 0x22);
    bench_.axi().set_timing({20, 200, 10});
    queue_.emplace(bench_, 5, 4, 4);
    queue_->start();
  }

  void run(const pp_sqe& sqe, const Expected& expected) {
    queue_->submit(sqe, expected);
    queue_->ring();
    ASSERT_TRUE(queue_->drain());
  }
  pp_sqe entry(std::uint8_t opcode, std::span<const std::uint8_t> source, std::uint32_t capacity) {
    pp_sqe sqe{};
    sqe.opcode = opcode;
    sqe.src_addr = kSource + random_.below(5000);
    sqe.dst_addr = kDestination + random_.below(5000);
    sqe.src_len = static_cast<std::uint32_t>(source.size());
    sqe.dst_capacity = capacity;
    sqe.tag = random_.bits();
    bench_.memory().write(sqe.src_addr, source);
    return sqe;
  }

  DeviceBench bench_{3};
  Random random_{GetParam()};
  std::optional<QueueDriver> queue_;
};

TEST_P(LargeUnits, GoBothWaysAndAcross) {
  const std::uint32_t bytes = GetParam();
  ASSERT_GE(1U << (bench_.read(PP_REG_CAP0) >> 24 & 31), bytes);
  for (int round = 0; round < 6; ++round) {
    const std::vector<std::uint8_t> unit = large_unit(random_, bytes);
    const model::EngineResult block = model::compress_unit(unit, bytes);
    Expected e;
    e.crc32c = block.crc32c;
    e.status = static_cast<std::uint8_t>(block.status);
    e.info = block.word;
    e.data = block.data;
    for (const unsigned opcode : {PP_OP_COMPRESS, PP_OP_COMPRESS_VERIFY}) {
      pp_sqe sqe = entry(static_cast<std::uint8_t>(opcode), unit, bytes);
      sqe.limit = bytes;
      run(sqe, e);
    }
    // By default a unit is worth keeping up to 3,625 bytes for every 4 KiB.
    Expected limited = e;
    if (block.out_len > PP_LIMIT_DEFAULT * (bytes / 4096)) {
      limited.status = PP_STATUS_INCOMPRESSIBLE;
      limited.data.clear();
    }
    run(entry(PP_OP_COMPRESS, unit, bytes), limited);

    e = {};
    e.crc32c = block.crc32c;
    e.data = unit;
    run(entry(PP_OP_COPY, unit, bytes), e);
    if (block.status != model::EngineStatus::kOk) continue;
    run(entry(PP_OP_DECOMPRESS, block.data, bytes), e);
    e.data.clear();
    run(entry(PP_OP_FILL_CHECK, unit, 0), e);
    // Cut short it is no block.
    e = {};
    e.status = PP_STATUS_MALFORMED;
    run(entry(PP_OP_DECOMPRESS, std::span(block.data).first(block.data.size() - 1), bytes), e);
  }
  EXPECT_EQ(bench_.violations(), "");
  EXPECT_EQ(bench_.read(PP_REG_ERR_COUNT), 0U);
}

INSTANTIATE_TEST_SUITE_P(Sizes, LargeUnits, testing::Values(4096, 8192, 16384, 32768, 65536));

}  // namespace
}  // namespace pagepress::bench
