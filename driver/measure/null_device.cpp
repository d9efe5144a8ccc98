// SPDX-License-Identifier: Apache-2.0
#include "driver/measure/null_device.hpp"

#include <pagepress/codec.hpp>

namespace pagepress {
namespace {

constexpr std::uint64_t kDoorbell = PP_DOORBELL_BASE + PP_DB_SQ_TAIL;

}  // namespace

std::uint32_t NullDevice::read32(std::uint64_t offset) {
  if (offset >= PP_QUEUE_BASE && offset < PP_QUEUE_BASE + PP_QUEUE_STRIDE) {
    const std::uint64_t reg = offset - PP_QUEUE_BASE;
    if (reg == PP_Q_STATE) {
      return (queue_[PP_Q_CTRL / 4] & PP_Q_CTRL_ENABLE) != 0 ? PP_QSTATE_RUNNING
                                                             : PP_QSTATE_DISABLED;
    }
    return queue_[reg / 4];
  }
  switch (offset) {
    case PP_REG_ID:
      return PP_ID_VALUE;
    case PP_REG_VERSION:
      return PP_VERSION_MAJOR << 16 | PP_VERSION_MINOR;
    case PP_REG_CAP0:
      return 1u | 1u << 9 | depth_log2_ << 16 | PP_UNIT_LOG2_MIN << 24;
    case PP_REG_CAP1:
      return 1u << PP_ALG_LZ4_BLOCK | 1u << (16 + PP_OP_COMPRESS);
    case PP_REG_STATE:
      return PP_STATE_READY;
    default:
      return 0;
  }
}

void NullDevice::write32(std::uint64_t offset, std::uint32_t value) {
  if (offset == kDoorbell) {
    sq_tail_ = static_cast<std::uint16_t>(value);
  } else if (offset >= PP_QUEUE_BASE && offset < PP_QUEUE_BASE + PP_QUEUE_STRIDE) {
    queue_[(offset - PP_QUEUE_BASE) / 4] = value;
  }
}

void NullDevice::complete() {
  const auto ring = [this](unsigned lo) {
    return queue_[lo / 4] | static_cast<std::uint64_t>(queue_[lo / 4 + 1]) << 32;
  };
  const unsigned sq_log2 = queue_[PP_Q_SIZE / 4] & 0x1fu;
  const unsigned cq_log2 = queue_[PP_Q_SIZE / 4] >> 8 & 0x1fu;
  const auto* sq = reinterpret_cast<const pp_sqe*>(ring(PP_Q_SQ_BASE_LO));
  auto* cq = reinterpret_cast<pp_cqe*>(ring(PP_Q_CQ_BASE_LO));
  for (; sq_head_ != sq_tail_; ++sq_head_) {
    // One completion a submission: cq_tail is sq_head.
    pp_cqe& cqe = cq[sq_head_ & ((1u << cq_log2) - 1u)];
    cqe.tag = sq[sq_head_ & ((1u << sq_log2) - 1u)].tag;
    cqe.out_len = kPageSize / 2;
    cqe.sq_head = static_cast<std::uint16_t>(sq_head_ + 1u);
    cqe.status = PP_STATUS_OK;
    cqe.flags = (sq_head_ >> cq_log2 & 1u) == 0 ? PP_CQE_F_PHASE : 0;
  }
}

}  // namespace pagepress
