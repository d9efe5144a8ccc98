// SPDX-License-Identifier: Apache-2.0
// NullDevice: the least device that a QueuePair accepts. It completes what was
// submitted when complete() is called, so that a measurement can leave its work
// out of the timed part.
// Limitations: one queue; no error handling; nothing is compressed, every
// completion is OK with half a page of output.
#pragma once

#include <pagepress/bus.hpp>

#include <cstdint>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {

class NullDevice final : public Bus {
 public:
  explicit NullDevice(unsigned depth_log2) : depth_log2_(depth_log2) {}

  std::uint32_t read32(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  Iova map(void* addr, std::size_t, bool) override { return reinterpret_cast<Iova>(addr); }
  void unmap(Iova, std::size_t) override {}

  // Completes everything between sq_head and sq_tail.
  void complete();

 private:
  unsigned depth_log2_;
  std::uint32_t queue_[PP_QUEUE_STRIDE / 4] = {};
  std::uint16_t sq_head_ = 0;
  std::uint16_t sq_tail_ = 0;
};

}  // namespace pagepress
