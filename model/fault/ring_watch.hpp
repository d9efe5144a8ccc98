// SPDX-License-Identifier: Apache-2.0
// RingWatch: where a device's rings lie, learnt from the register writes on their way to it.
// Limitation: a ring is known from the write of its base until the device is reset.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model {

class RingWatch {
 public:
  void write(std::uint64_t offset, std::uint32_t value) {
    if (offset == PP_REG_CTRL && (value & PP_CTRL_RESET) != 0) rings_.clear();
    if (offset < PP_QUEUE_BASE || offset >= PP_QUEUE_BASE + PP_MAX_QUEUES * PP_QUEUE_STRIDE) return;
    Rings& rings = rings_[static_cast<unsigned>((offset - PP_QUEUE_BASE) / PP_QUEUE_STRIDE)];
    switch ((offset - PP_QUEUE_BASE) % PP_QUEUE_STRIDE) {
      case PP_Q_SIZE:
        rings.submissions.bytes = std::uint64_t{PP_SQE_SIZE} << (value & 0x1f);
        rings.completions.bytes = std::uint64_t{PP_CQE_SIZE} << (value >> 8 & 0x1f);
        break;
      case PP_Q_SQ_BASE_LO:
        set_low(rings.submissions.base, value);
        break;
      case PP_Q_SQ_BASE_HI:
        set_high(rings.submissions.base, value);
        break;
      case PP_Q_CQ_BASE_LO:
        set_low(rings.completions.base, value);
        break;
      case PP_Q_CQ_BASE_HI:
        set_high(rings.completions.base, value);
        break;
      default:
        break;
    }
  }
  void forget() { rings_.clear(); }

  // The queue whose completions lie there.
  [[nodiscard]] std::optional<unsigned> completions_at(std::uint64_t address) const {
    for (const auto& [queue, rings] : rings_) {
      if (rings.completions.holds(address)) return queue;
    }
    return std::nullopt;
  }
  // Whether it is in a ring of any sort.
  [[nodiscard]] bool in_ring(std::uint64_t address) const {
    for (const auto& [queue, rings] : rings_) {
      if (rings.completions.holds(address) || rings.submissions.holds(address)) return true;
    }
    return false;
  }

 private:
  struct Ring {
    std::uint64_t base = 0;
    std::uint64_t bytes = 0;
    [[nodiscard]] bool holds(std::uint64_t address) const { return address - base < bytes; }
  };
  struct Rings {
    Ring submissions;
    Ring completions;
  };
  static void set_low(std::uint64_t& base, std::uint32_t value) {
    base = (base >> 32 << 32) | value;
  }
  static void set_high(std::uint64_t& base, std::uint32_t value) {
    base = (base & 0xffffffffU) | std::uint64_t{value} << 32;
  }

  std::map<unsigned, Rings> rings_;  // by queue
};

}  // namespace pagepress::model
