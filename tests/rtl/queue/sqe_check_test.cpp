// SPDX-License-Identifier: Apache-2.0
// The descriptor check: each bit of each field that must not be set, in turn.
#include <Vpp_sqe_check.h>
#include <gtest/gtest.h>
#include <verilated.h>

#include <cstdint>
#include <cstring>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {
namespace {

struct Verdict {
  unsigned detail;  // 0: good
  bool compress;
  unsigned limit;
};

class SqeCheck : public testing::Test {
 protected:
  Verdict check(const pp_sqe& sqe) {
    std::memcpy(&top_.sqe_i[0], &sqe, sizeof sqe);
    top_.eval();
    EXPECT_TRUE(top_.bad_o != 0 || top_.detail_o == 0);
    EXPECT_TRUE(top_.bad_o == 0 || top_.detail_o != 0);
    EXPECT_FALSE(top_.bad_o != 0 && top_.compress_o != 0);
    return {top_.detail_o, top_.compress_o != 0, top_.limit_o};
  }
  static pp_sqe good() {
    pp_sqe sqe{};
    sqe.opcode = PP_OP_COMPRESS;
    sqe.algorithm = PP_ALG_LZ4_BLOCK;
    sqe.src_len = 4096;
    sqe.src_addr = 0xfedcba9876543240;
    sqe.dst_addr = 0x0123456789abcdc0;
    sqe.dst_capacity = 4096;
    sqe.tag = 0x1122334455667788;
    return sqe;
  }
  // Sets each bit of a field alone and expects `detail`, or a good entry for the
  // bits of `allowed`.
  template <class T>
  void each_bit(T pp_sqe::*field, std::uint64_t allowed, unsigned detail) {
    for (unsigned bit = 0; bit < 8 * sizeof(T); ++bit) {
      pp_sqe sqe = good();
      sqe.*field = static_cast<T>(sqe.*field ^ T{1} << bit);
      EXPECT_EQ(check(sqe).detail, (allowed >> bit & 1) != 0 ? 0 : detail) << "bit " << bit;
    }
  }

 private:
  Vpp_sqe_check top_;
};

TEST_F(SqeCheck, TakesGoodOnes) {
  const Verdict v = check(good());
  EXPECT_EQ(v.detail, 0U);
  EXPECT_TRUE(v.compress);
  EXPECT_EQ(v.limit, PP_LIMIT_DEFAULT);
  pp_sqe nop{};
  EXPECT_EQ(check(nop).detail, 0U);
  EXPECT_FALSE(check(nop).compress);
}

TEST_F(SqeCheck, RefusesEveryWrongBit) {
  each_bit(&pp_sqe::opcode, 1U << 0, PP_BAD_OPCODE);  // COMPRESS ^ 1 is NOP
  each_bit(&pp_sqe::algorithm, 0, PP_BAD_ALGORITHM);
  each_bit(&pp_sqe::flags, PP_SQE_F_IRQ, PP_BAD_FLAGS);
  each_bit(&pp_sqe::src_len, 0, PP_BAD_SRC_LEN);
  each_bit(&pp_sqe::src_addr, ~std::uint64_t{63}, PP_BAD_ALIGNMENT);
  each_bit(&pp_sqe::dst_addr, ~std::uint64_t{63}, PP_BAD_ALIGNMENT);
  each_bit(&pp_sqe::dst_capacity, ~std::uint64_t{0}, 0);
  each_bit(&pp_sqe::limit, 0x1fff, PP_BAD_LIMIT);  // single bits up to 4096
  each_bit(&pp_sqe::tag, ~std::uint64_t{0}, 0);
  each_bit(&pp_sqe::expected_crc32c, 0, PP_BAD_RESERVED);
  each_bit(&pp_sqe::src_sge_count, 0, PP_BAD_SGL);
  each_bit(&pp_sqe::dst_sge_count, 0, PP_BAD_SGL);
  each_bit(&pp_sqe::reserved0, 0, PP_BAD_RESERVED);
  each_bit(&pp_sqe::reserved1, 0, PP_BAD_RESERVED);
  each_bit(&pp_sqe::reserved2, 0, PP_BAD_RESERVED);
}

TEST_F(SqeCheck, TellsTheLowestOfSeveralWrongs) {
  pp_sqe sqe = good();
  sqe.limit = 4097;
  EXPECT_EQ(check(sqe).detail, PP_BAD_LIMIT);
  sqe.reserved1 = 1;
  EXPECT_EQ(check(sqe).detail, PP_BAD_RESERVED);
  sqe.dst_sge_count = 1;
  EXPECT_EQ(check(sqe).detail, PP_BAD_SGL);
  sqe.src_addr |= 32;
  EXPECT_EQ(check(sqe).detail, PP_BAD_ALIGNMENT);
  sqe.src_len = 8192;
  EXPECT_EQ(check(sqe).detail, PP_BAD_SRC_LEN);
  sqe.flags = PP_SQE_F_RELAXED;
  EXPECT_EQ(check(sqe).detail, PP_BAD_FLAGS);
  sqe.algorithm = 1;
  EXPECT_EQ(check(sqe).detail, PP_BAD_ALGORITHM);
  sqe.opcode = PP_OP_DECOMPRESS;
  EXPECT_EQ(check(sqe).detail, PP_BAD_OPCODE);
}

TEST_F(SqeCheck, LooksAtNoBufferOfANop) {
  pp_sqe sqe = good();
  sqe.opcode = PP_OP_NOP;
  sqe.algorithm = 7;
  sqe.src_len = 1;
  sqe.src_addr |= 1;
  sqe.dst_addr |= 1;
  sqe.limit = ~0U;
  EXPECT_EQ(check(sqe).detail, 0U);
  sqe.flags = PP_SQE_F_STORE_RAW;
  EXPECT_EQ(check(sqe).detail, PP_BAD_FLAGS);
}

TEST_F(SqeCheck, LimitIsTheLeastOfLimitAndCapacity) {
  for (const std::uint32_t limit : {0U, 1U, 100U, 3625U, 4096U}) {
    for (const std::uint32_t capacity : {0U, 1U, 99U, 101U, 3624U, 4095U, 4096U, 4097U, ~0U}) {
      pp_sqe sqe = good();
      sqe.limit = limit;
      sqe.dst_capacity = capacity;
      const std::uint32_t wanted = limit == 0 ? PP_LIMIT_DEFAULT : limit;
      EXPECT_EQ(check(sqe).limit, wanted < capacity ? wanted : capacity);
    }
  }
}

}  // namespace
}  // namespace pagepress::bench
