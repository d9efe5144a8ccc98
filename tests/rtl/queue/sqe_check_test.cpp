// SPDX-License-Identifier: Apache-2.0
// The descriptor check against the contract as code (sqe_rules.hpp): random entries that
// are good or nearly so, and each bit of a good one in turn. Built for several largest
// units (UNIT_LOG2).
#include <Vsqe_check_bench.h>
#include <gtest/gtest.h>
#include <verilated.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/random.hpp"
#include "tests/rtl/common/sqe_rules.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint32_t kUnitMax = 1U << UNIT_LOG2;
constexpr unsigned kSgeMax = 8;

// The numbers of pp_lz_pkg::WORK_*.
unsigned work_of(const pp_sqe& sqe) {
  return sqe.opcode == PP_OP_COPY ? 1 : sqe.opcode == PP_OP_FILL_CHECK ? 2 : 0;
}

class SqeCheck : public testing::Test {
 protected:
  // Compares with the rules; the detail (0: good).
  unsigned check(const pp_sqe& sqe) {
    std::memcpy(&top_.sqe_i[0], &sqe, sizeof sqe);
    top_.eval();
    const SqeVerdict v = judge(sqe, kUnitMax, kSgeMax);
    EXPECT_EQ(top_.bad_o != 0, v.detail != 0);
    EXPECT_EQ(top_.detail_o, v.detail);
    EXPECT_EQ(top_.decompress_o != 0, v.decompress);
    EXPECT_EQ(top_.compress_o != 0, v.detail == 0 && !v.nop && !v.decompress);
    if (v.detail == 0 && !v.nop) check_job(sqe, v);
    return v.detail;
  }

  // A random entry with every field right.
  pp_sqe good() {
    pp_sqe sqe{};
    sqe.opcode = static_cast<std::uint8_t>(random_.between(PP_OP_COMPRESS, PP_OP_FILL_CHECK));
    const bool compress = sqe.opcode == PP_OP_COMPRESS || sqe.opcode == PP_OP_COMPRESS_VERIFY;
    sqe.src_len = 4096U << random_.below(UNIT_LOG2 - 11);
    sqe.src_addr = random_.bits();
    sqe.dst_addr = random_.bits();
    sqe.dst_capacity = sqe.src_len + static_cast<std::uint32_t>(random_.below(3) * 1000);
    sqe.tag = random_.bits();
    if (random_.percent(50)) sqe.flags |= PP_SQE_F_IRQ;
    if (random_.percent(50)) sqe.flags |= PP_SQE_F_RELAXED;
    if (compress && random_.percent(50)) sqe.flags |= PP_SQE_F_STORE_RAW;
    if (random_.percent(30)) {
      sqe.flags |= PP_SQE_F_SRC_SGL;
      sqe.src_addr &= ~std::uint64_t{15};
      sqe.src_sge_count = static_cast<std::uint8_t>(random_.between(1, kSgeMax));
    }
    if (sqe.opcode != PP_OP_FILL_CHECK && random_.percent(30)) {
      sqe.flags |= PP_SQE_F_DST_SGL;
      sqe.dst_addr &= ~std::uint64_t{15};
      sqe.dst_sge_count = static_cast<std::uint8_t>(random_.between(1, kSgeMax));
    }
    if (compress) sqe.limit = static_cast<std::uint32_t>(random_.below(sqe.src_len + 1));
    if (sqe.opcode == PP_OP_DECOMPRESS) {
      sqe.src_len = static_cast<std::uint32_t>(random_.between(1, kUnitMax));
      sqe.dst_capacity = static_cast<std::uint32_t>(random_.below(2 * kUnitMax));
      if (random_.percent(50)) {
        sqe.flags |= PP_SQE_F_EXPECT_CRC;
        sqe.expected_crc32c = static_cast<std::uint32_t>(random_.bits());
      }
    }
    return sqe;
  }

  Random random_{UNIT_LOG2};

 private:
  void check_job(const pp_sqe& sqe, const SqeVerdict& v) {
    EXPECT_EQ(top_.src_addr_o, sqe.src_addr);
    EXPECT_EQ(top_.src_len_o, sqe.src_len);
    EXPECT_EQ(top_.src_sgl_o != 0, (sqe.flags & PP_SQE_F_SRC_SGL) != 0);
    EXPECT_EQ(top_.dst_sgl_o != 0, (sqe.flags & PP_SQE_F_DST_SGL) != 0);
    EXPECT_EQ(top_.src_count_o, sqe.src_sge_count);
    EXPECT_EQ(top_.dst_count_o, sqe.dst_sge_count);
    EXPECT_EQ(top_.dst_addr_o, sqe.dst_addr);
    EXPECT_EQ(top_.dst_capacity_o, v.capacity);
    if (v.decompress) {
      EXPECT_EQ(top_.expect_o != 0, (sqe.flags & PP_SQE_F_EXPECT_CRC) != 0);
      EXPECT_EQ(top_.expected_o, sqe.expected_crc32c);
      return;
    }
    EXPECT_EQ(top_.work_o, work_of(sqe));
    EXPECT_EQ(4096U << top_.size_o, sqe.src_len);
    EXPECT_EQ(top_.verify_o != 0, sqe.opcode == PP_OP_COMPRESS_VERIFY);
    if (work_of(sqe) == 0) {
      EXPECT_EQ(top_.limit_o, v.limit);
      EXPECT_EQ(top_.raw_o != 0, v.raw);
    }
  }

  Vsqe_check_bench top_;
};

TEST_F(SqeCheck, TakesEveryGoodEntry) {
  for (int i = 0; i < 20000; ++i) ASSERT_EQ(check(good()), 0U) << "entry " << i;
  const pp_sqe nop{};
  EXPECT_EQ(check(nop), 0U);
}

TEST_F(SqeCheck, JudgesEachFlippedBit) {
  std::array<unsigned, PP_BAD_CAPACITY + 1> seen{};
  for (int round = 0; round < 60; ++round) {
    const pp_sqe entry = good();
    for (unsigned bit = 0; bit < 8 * sizeof(pp_sqe); ++bit) {
      std::array<std::uint8_t, sizeof(pp_sqe)> bytes{};
      std::memcpy(bytes.data(), &entry, sizeof entry);
      bytes.at(bit / 8) ^= static_cast<std::uint8_t>(1U << bit % 8);
      pp_sqe flipped;
      std::memcpy(&flipped, bytes.data(), sizeof flipped);
      ++seen.at(check(flipped));
      ASSERT_FALSE(HasFailure()) << "round " << round << " bit " << bit;
    }
  }
  for (unsigned detail = 0; detail < seen.size(); ++detail) {
    EXPECT_GT(seen.at(detail), 0U) << "never met detail " << detail;
  }
}

TEST_F(SqeCheck, JudgesAnything) {
  for (int i = 0; i < 20000; ++i) {
    pp_sqe sqe = good();
    for (int wrongs = 0; wrongs < 3; ++wrongs) {
      switch (random_.below(9)) {
        case 0:
          sqe.opcode = static_cast<std::uint8_t>(random_.below(8));
          break;
        case 1:
          sqe.algorithm = static_cast<std::uint8_t>(random_.below(2));
          break;
        case 2:
          sqe.flags = static_cast<std::uint16_t>(random_.below(128));
          break;
        case 3:
          sqe.src_len = static_cast<std::uint32_t>(random_.below(3 * kUnitMax));
          break;
        case 4:
          sqe.src_sge_count = static_cast<std::uint8_t>(random_.below(12));
          break;
        case 5:
          sqe.dst_sge_count = static_cast<std::uint8_t>(random_.below(12));
          break;
        case 6:
          sqe.limit = static_cast<std::uint32_t>(random_.below(2 * kUnitMax));
          break;
        case 7:
          sqe.dst_capacity = static_cast<std::uint32_t>(random_.below(2 * kUnitMax));
          break;
        default:
          sqe.reserved0 = static_cast<std::uint16_t>(random_.below(2));
          break;
      }
    }
    check(sqe);
    ASSERT_FALSE(HasFailure()) << "entry " << i;
  }
}

TEST_F(SqeCheck, LooksAtNoBufferOfANop) {
  pp_sqe sqe = good();
  sqe.opcode = PP_OP_NOP;
  sqe.flags = PP_SQE_F_IRQ;
  sqe.src_sge_count = sqe.dst_sge_count = 0;
  sqe.expected_crc32c = 0;
  sqe.algorithm = 7;
  sqe.src_len = 1;
  sqe.src_addr |= 1;
  sqe.limit = ~0U;
  EXPECT_EQ(check(sqe), 0U);
  sqe.flags = PP_SQE_F_RELAXED;
  EXPECT_EQ(check(sqe), PP_BAD_FLAGS);
}

}  // namespace
}  // namespace pagepress::bench
