// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/sqe_check.hpp"

#include <algorithm>
#include <bit>

namespace pagepress::model::fast {
namespace {

constexpr std::uint32_t kSmallestUnit = 1U << PP_UNIT_LOG2_MIN;

bool list_ok(bool sgl, unsigned count, unsigned most) {
  return sgl ? count != 0 && count <= most : count == 0;
}

// The first wrong field in the order of the PP_BAD_* numbers.
std::uint8_t wrong_field(const pp_sqe& sqe, const Geometry& g) {
  const bool nop = sqe.opcode == PP_OP_NOP;
  const bool squeeze = sqe.opcode == PP_OP_COMPRESS || sqe.opcode == PP_OP_COMPRESS_VERIFY;
  const bool expand = sqe.opcode == PP_OP_DECOMPRESS;
  const bool copy = sqe.opcode == PP_OP_COPY;
  if (sqe.opcode > PP_OP_FILL_CHECK) return PP_BAD_OPCODE;
  if ((squeeze || expand) && sqe.algorithm != PP_ALG_LZ4_BLOCK) return PP_BAD_ALGORITHM;
  unsigned allowed = PP_SQE_F_IRQ;
  if (!nop) allowed |= PP_SQE_F_SRC_SGL | PP_SQE_F_RELAXED;
  if (squeeze || expand || copy) allowed |= PP_SQE_F_DST_SGL;
  if (squeeze) allowed |= PP_SQE_F_STORE_RAW;
  if (expand) allowed |= PP_SQE_F_EXPECT_CRC;
  if ((sqe.flags & ~allowed) != 0) return PP_BAD_FLAGS;
  const bool unit = std::has_single_bit(sqe.src_len) && sqe.src_len >= kSmallestUnit &&
                    sqe.src_len <= g.unit_bytes();
  const bool block = sqe.src_len != 0 && sqe.src_len <= g.block_max();
  if (!nop && !(expand ? block : unit)) return PP_BAD_SRC_LEN;
  const bool src_sgl = (sqe.flags & PP_SQE_F_SRC_SGL) != 0;
  const bool dst_sgl = (sqe.flags & PP_SQE_F_DST_SGL) != 0;
  constexpr std::uint64_t kInEntry = sizeof(pp_sge) - 1;
  if ((src_sgl && (sqe.src_addr & kInEntry) != 0) || (dst_sgl && (sqe.dst_addr & kInEntry) != 0)) {
    return PP_BAD_ALIGNMENT;
  }
  if (!list_ok(src_sgl, sqe.src_sge_count, g.sge_max) ||
      !list_ok(dst_sgl, sqe.dst_sge_count, g.sge_max)) {
    return PP_BAD_SGL;
  }
  const bool expect = (sqe.flags & PP_SQE_F_EXPECT_CRC) != 0;
  if ((!expect && sqe.expected_crc32c != 0) || sqe.reserved0 != 0 || sqe.reserved1 != 0 ||
      sqe.reserved2 != 0) {
    return PP_BAD_RESERVED;
  }
  if (squeeze && sqe.limit > sqe.src_len) return PP_BAD_LIMIT;
  if (copy && sqe.dst_capacity < sqe.src_len) return PP_BAD_CAPACITY;
  return 0;
}

}  // namespace

SqeVerdict check_sqe(const pp_sqe& sqe, const Geometry& g) {
  SqeVerdict verdict;
  verdict.detail = wrong_field(sqe, g);
  if (verdict.detail != 0) return verdict;
  verdict.decompress = sqe.opcode == PP_OP_DECOMPRESS;
  verdict.compress = !verdict.decompress && sqe.opcode != PP_OP_NOP;
  const bool writes = sqe.opcode != PP_OP_NOP && sqe.opcode != PP_OP_FILL_CHECK;
  const std::uint32_t wanted =
      sqe.limit != 0 ? sqe.limit : PP_LIMIT_DEFAULT * (sqe.src_len / kSmallestUnit);
  Job& job = verdict.job;
  job.src_addr = sqe.src_addr;
  job.src_len = sqe.src_len;
  job.src_sgl = (sqe.flags & PP_SQE_F_SRC_SGL) != 0;
  job.src_count = sqe.src_sge_count;
  job.dst_addr = sqe.dst_addr;
  // Nobody can use more than the largest unit.
  job.dst_capacity = writes ? std::min(sqe.dst_capacity, g.unit_bytes()) : 0;
  job.dst_sgl = (sqe.flags & PP_SQE_F_DST_SGL) != 0;
  job.dst_count = sqe.dst_sge_count;
  job.work = sqe.opcode == PP_OP_COPY         ? Work::kCopy
             : sqe.opcode == PP_OP_FILL_CHECK ? Work::kCheck
                                              : Work::kCompress;
  job.limit = std::min(job.dst_capacity, wanted);
  job.raw = (sqe.flags & PP_SQE_F_STORE_RAW) != 0 && job.dst_capacity >= sqe.src_len;
  job.verify = sqe.opcode == PP_OP_COMPRESS_VERIFY;
  job.expect_crc = (sqe.flags & PP_SQE_F_EXPECT_CRC) != 0;
  job.expected = sqe.expected_crc32c;
  return verdict;
}

}  // namespace pagepress::model::fast
