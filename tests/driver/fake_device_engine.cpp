// SPDX-License-Identifier: Apache-2.0
// What the fake does with submissions.
#include <lz4.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <vector>

#include "tests/driver/fake_device.hpp"

namespace pagepress::test {
namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

constexpr std::size_t kUnit = 4096;
constexpr std::size_t kLongestBlock = kUnit + kUnit / 255 + 16;

pp_cqe bad_descriptor(pp_cqe cqe, unsigned detail) {
  cqe.status = PP_STATUS_BAD_DESCRIPTOR;
  cqe.flags = static_cast<std::uint8_t>(detail << PP_CQE_DETAIL_SHIFT);
  return cqe;
}

pp_cqe dma_fault(pp_cqe cqe, std::uint64_t address, unsigned detail) {
  cqe.status = PP_STATUS_DMA_FAULT;
  cqe.info = address;
  cqe.flags = static_cast<std::uint8_t>(detail << PP_CQE_DETAIL_SHIFT);
  return cqe;
}

// Bit by bit, so that it shares nothing with the driver's.
std::uint32_t reference_crc32c(const std::byte* data, std::size_t len) {
  std::uint32_t crc = 0xffffffffu;
  for (std::size_t i = 0; i < len; ++i) {
    crc ^= std::to_integer<std::uint32_t>(data[i]);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0x82f63b78u : 0u);
    }
  }
  return ~crc;
}

}  // namespace

unsigned FakeDevice::step(unsigned count) {
  const Lock lock(mutex_);
  return step_locked(count);
}

unsigned FakeDevice::step_locked(unsigned count) {
  unsigned completed = 0;
  for (Queue& queue : queues_) {
    if (queue.state != PP_QSTATE_RUNNING || !enabled()) {
      continue;
    }
    for (unsigned i = 0; i < count; ++i) {
      if (queue.fetched.empty()) {
        fetch_locked(queue, 1);
      }
      const bool full =
          static_cast<std::uint16_t>(queue.cq_tail - queue.cq_head) == 1u << queue.cq_log2();
      if (queue.fetched.empty() || full || misbehave.silent) {
        break;
      }
      const pp_sqe sqe = queue.fetched.front();
      queue.fetched.pop_front();
      complete(queue, execute(sqe));
      if ((sqe.flags & PP_SQE_F_IRQ) != 0) {
        count_for_interrupt(queue);
      }
      ++completed;
    }
  }
  return completed;
}

void FakeDevice::fetch(unsigned queue, unsigned count) {
  const Lock lock(mutex_);
  fetch_locked(queues_[queue], count);
}

void FakeDevice::fetch_locked(Queue& queue, unsigned count) {
  for (; count != 0 && queue.sq_head != queue.sq_tail; --count, ++queue.sq_head) {
    const unsigned slot = queue.sq_head & ((1u << queue.sq_log2()) - 1u);
    const std::byte* entry =
        translate(queue.sq_base + slot * sizeof(pp_sqe), sizeof(pp_sqe), false);
    if (entry == nullptr) {
      queue.state = PP_QSTATE_ERROR;
      log_error(PP_ERR_SQ_FETCH, index_of(queue), queue.sq_head, queue.sq_base);
      return;
    }
    pp_sqe sqe;
    std::memcpy(&sqe, entry, sizeof(sqe));
    queue.fetched.push_back(sqe);
  }
}

pp_cqe FakeDevice::execute(const pp_sqe& sqe) const {
  pp_cqe cqe{};
  cqe.tag = sqe.tag;
  if (idle_engine) {
    cqe.status = PP_STATUS_SAME_FILLED;
    return cqe;
  }
  const auto bad = [&](unsigned detail) { return bad_descriptor(cqe, detail); };
  const bool decompressing = sqe.opcode == PP_OP_DECOMPRESS;
  if (sqe.opcode >= 16 || (identity_.operations >> sqe.opcode & 1u) == 0 ||
      (sqe.opcode != PP_OP_COMPRESS && sqe.opcode != PP_OP_COMPRESS_VERIFY && !decompressing)) {
    return bad(PP_BAD_OPCODE);
  }
  if (sqe.algorithm != PP_ALG_LZ4_BLOCK) {
    return bad(PP_BAD_ALGORITHM);
  }
  const bool expects = decompressing && (identity_.features & PP_FEAT_EXPECT_CRC) != 0;
  const unsigned known = ((identity_.features & PP_FEAT_IRQ) != 0 ? PP_SQE_F_IRQ : 0u) |
                         (expects ? PP_SQE_F_EXPECT_CRC : 0u);
  if ((sqe.flags & ~known) != 0) {
    return bad(PP_BAD_FLAGS);
  }
  if (decompressing ? sqe.src_len == 0 || sqe.src_len > kLongestBlock : sqe.src_len != kUnit) {
    return bad(PP_BAD_SRC_LEN);
  }
  if (sqe.src_sge_count != 0 || sqe.dst_sge_count != 0 || sqe.reserved0 != 0 ||
      sqe.reserved1 != 0 || sqe.reserved2 != 0) {
    return bad(PP_BAD_RESERVED);
  }
  if (decompressing) {
    return decompress(sqe);
  }
  if (sqe.limit > kUnit) {
    return bad(PP_BAD_LIMIT);
  }
  const std::byte* src = translate(sqe.src_addr, kUnit, false);
  if (src == nullptr ||
      (fault_address && *fault_address >= sqe.src_addr && *fault_address < sqe.src_addr + kUnit)) {
    return dma_fault(cqe, sqe.src_addr, PP_FAULT_READ);
  }
  cqe.crc32c = reference_crc32c(src, kUnit);
  cqe.engine_cycles = kUnit / 8;
  if (std::memcmp(src, src + 8, kUnit - 8) == 0) {
    std::memcpy(&cqe.info, src, sizeof(cqe.info));
    cqe.status = PP_STATUS_SAME_FILLED;
    return cqe;
  }
  const std::uint32_t limit = sqe.limit == 0 ? PP_LIMIT_DEFAULT : sqe.limit;
  std::vector<char> out(static_cast<std::size_t>(LZ4_compressBound(kUnit)));
  const int len = LZ4_compress_default(reinterpret_cast<const char*>(src), out.data(), kUnit,
                                       static_cast<int>(out.size()));
  if (static_cast<std::uint32_t>(len) > std::min(limit, sqe.dst_capacity)) {
    cqe.status = PP_STATUS_INCOMPRESSIBLE;
    return cqe;
  }
  std::byte* dst = translate(sqe.dst_addr, static_cast<std::size_t>(len), true);
  if (dst == nullptr) {
    return dma_fault(cqe, sqe.dst_addr, PP_FAULT_WRITE);
  }
  std::memcpy(dst, out.data(), static_cast<std::size_t>(len));
  cqe.out_len = static_cast<std::uint32_t>(len);
  if (misbehave.flip_output) {
    dst[len / 2] ^= std::byte{1};
    if (sqe.opcode == PP_OP_COMPRESS_VERIFY) {
      cqe.status = PP_STATUS_VERIFY_FAILED;
      cqe.out_len = 0;
    }
  }
  return cqe;
}

unsigned FakeDevice::haunt() {
  const Lock lock(mutex_);
  unsigned refused = 0;
  for (Queue& queue : queues_) {
    kept_.insert(kept_.end(), queue.fetched.begin(), queue.fetched.end());
  }
  for (const pp_sqe& sqe : kept_) {
    refused += execute(sqe).status == PP_STATUS_DMA_FAULT ? 1u : 0u;
  }
  kept_.clear();
  return refused;
}

pp_cqe FakeDevice::decompress(const pp_sqe& sqe) const {
  pp_cqe cqe{};
  cqe.tag = sqe.tag;
  const std::byte* src = translate(sqe.src_addr, sqe.src_len, false);
  if (src == nullptr || (fault_address && *fault_address >= sqe.src_addr &&
                         *fault_address < sqe.src_addr + sqe.src_len)) {
    return dma_fault(cqe, sqe.src_addr, PP_FAULT_READ);
  }
  std::vector<char> out(kUnit);
  const int len = LZ4_decompress_safe(
      reinterpret_cast<const char*>(src), out.data(), static_cast<int>(sqe.src_len),
      static_cast<int>(std::min<std::uint32_t>(sqe.dst_capacity, kUnit)));
  cqe.engine_cycles = kUnit / 16;
  if (len < 0) {
    cqe.status = PP_STATUS_MALFORMED;
    return cqe;
  }
  std::byte* dst = translate(sqe.dst_addr, static_cast<std::size_t>(len), true);
  if (dst == nullptr) {
    return dma_fault(cqe, sqe.dst_addr, PP_FAULT_WRITE);
  }
  std::memcpy(dst, out.data(), static_cast<std::size_t>(len));
  cqe.out_len = static_cast<std::uint32_t>(len);
  if (misbehave.flip_output) {
    dst[len / 2] ^= std::byte{1};
  }
  cqe.crc32c = reference_crc32c(dst, cqe.out_len);
  if ((sqe.flags & PP_SQE_F_EXPECT_CRC) != 0 && cqe.crc32c != sqe.expected_crc32c) {
    cqe.status = PP_STATUS_VERIFY_FAILED;
    cqe.out_len = 0;
  }
  return cqe;
}

void FakeDevice::complete(Queue& queue, pp_cqe cqe) {
  cqe.sq_head = queue.sq_head;
  if (misbehave.completion) {
    misbehave.completion(cqe);
  }
  const unsigned slot = queue.cq_tail & ((1u << queue.cq_log2()) - 1u);
  const unsigned pass = queue.cq_tail >> queue.cq_log2() & 1u;
  ++queue.cq_tail;
  cqe.flags = static_cast<std::uint8_t>((cqe.flags & ~PP_CQE_F_PHASE) | (pass ^ 1u));
  const Iova at = queue.cq_base + slot * sizeof(pp_cqe);
  if (translate(at, sizeof(pp_cqe), true) == nullptr) {
    queue.state = PP_QSTATE_ERROR;
    log_error(PP_ERR_CQ_WRITE, index_of(queue), slot, at);
    return;
  }
  write_entry(index_of(queue), at, cqe);
}

void FakeDevice::write_entry(unsigned /*queue*/, Iova at, const pp_cqe& cqe) {
  std::byte* entry = translate(at, sizeof(pp_cqe), true);
  // The phase bit goes last.
  std::memcpy(entry, &cqe, sizeof(cqe) - sizeof(cqe.flags));
  std::atomic_ref(reinterpret_cast<pp_cqe*>(entry)->flags)
      .store(cqe.flags, std::memory_order_release);
}

void FakeDevice::write_completion(unsigned queue, pp_cqe cqe) {
  const Lock lock(mutex_);
  complete(queues_[queue], cqe);
}

}  // namespace pagepress::test
