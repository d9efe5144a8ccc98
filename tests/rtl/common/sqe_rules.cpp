// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/common/sqe_rules.hpp"

#include <algorithm>
#include <bit>

namespace pagepress::bench {
namespace {

unsigned fault(const pp_sqe& sqe, std::uint32_t unit_max, unsigned sge_max) {
  const unsigned op = sqe.opcode;
  if (op > PP_OP_FILL_CHECK) return PP_BAD_OPCODE;
  const bool compress = op == PP_OP_COMPRESS || op == PP_OP_COMPRESS_VERIFY;
  const bool writes = compress || op == PP_OP_DECOMPRESS || op == PP_OP_COPY;
  if ((compress || op == PP_OP_DECOMPRESS) && sqe.algorithm != PP_ALG_LZ4_BLOCK) {
    return PP_BAD_ALGORITHM;
  }
  unsigned allowed = PP_SQE_F_IRQ;
  if (op != PP_OP_NOP) allowed |= PP_SQE_F_SRC_SGL | PP_SQE_F_RELAXED;
  if (writes) allowed |= PP_SQE_F_DST_SGL;
  if (compress) allowed |= PP_SQE_F_STORE_RAW;
  if (op == PP_OP_DECOMPRESS) allowed |= PP_SQE_F_EXPECT_CRC;
  if ((sqe.flags & ~allowed) != 0) return PP_BAD_FLAGS;
  if (op == PP_OP_DECOMPRESS) {
    if (sqe.src_len == 0 || sqe.src_len > unit_max + unit_max / 255 + 16) return PP_BAD_SRC_LEN;
  } else if (op != PP_OP_NOP) {
    if (!std::has_single_bit(sqe.src_len) || sqe.src_len < 4096 || sqe.src_len > unit_max) {
      return PP_BAD_SRC_LEN;
    }
  }
  const bool src_list = (sqe.flags & PP_SQE_F_SRC_SGL) != 0;
  const bool dst_list = (sqe.flags & PP_SQE_F_DST_SGL) != 0;
  if ((src_list && sqe.src_addr % 16 != 0) || (dst_list && sqe.dst_addr % 16 != 0)) {
    return PP_BAD_ALIGNMENT;
  }
  const auto count_bad = [sge_max](bool list, unsigned count) {
    return list ? count == 0 || count > sge_max : count != 0;
  };
  if (count_bad(src_list, sqe.src_sge_count) || count_bad(dst_list, sqe.dst_sge_count)) {
    return PP_BAD_SGL;
  }
  if (((sqe.flags & PP_SQE_F_EXPECT_CRC) == 0 && sqe.expected_crc32c != 0) || sqe.reserved0 != 0 ||
      sqe.reserved1 != 0 || sqe.reserved2 != 0) {
    return PP_BAD_RESERVED;
  }
  if (compress && sqe.limit > sqe.src_len) return PP_BAD_LIMIT;
  if (op == PP_OP_COPY && sqe.dst_capacity < sqe.src_len) return PP_BAD_CAPACITY;
  return 0;
}

}  // namespace

SqeVerdict judge(const pp_sqe& sqe, std::uint32_t unit_max, unsigned sge_max) {
  SqeVerdict v;
  v.detail = fault(sqe, unit_max, sge_max);
  if (v.detail != 0) return v;
  v.nop = sqe.opcode == PP_OP_NOP;
  v.decompress = sqe.opcode == PP_OP_DECOMPRESS;
  if (v.nop || sqe.opcode == PP_OP_FILL_CHECK) return v;
  v.capacity = std::min(sqe.dst_capacity, unit_max);
  if (!v.decompress) {
    const std::uint32_t wanted =
        sqe.limit == 0 ? PP_LIMIT_DEFAULT * (sqe.src_len / 4096) : sqe.limit;
    v.limit = std::min(wanted, v.capacity);
    v.raw = (sqe.flags & PP_SQE_F_STORE_RAW) != 0 && v.capacity >= sqe.src_len;
  }
  return v;
}

}  // namespace pagepress::bench
