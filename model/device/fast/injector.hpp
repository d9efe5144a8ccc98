// SPDX-License-Identifier: Apache-2.0
// rtl/regs/pp_inject.sv: which events are to fail.
#pragma once

#include <cstdint>

#include "model/device/fast/register_bits.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model::fast {

class Injector {
 public:
  [[nodiscard]] std::uint32_t read(std::uint32_t offset) const {
    switch (offset) {
      case PP_REG_INJECT:
        return (armed_ ? PP_INJECT_ARMED : 0U) | std::uint32_t{queue_} << 8 | kind_;
      case PP_REG_INJECT_COUNT:
        return count_;
      case PP_REG_INJECT_ARG:
        return argument_;
      default:
        return 0;
    }
  }

  void write(const RegisterWrite& write) {
    const std::uint32_t value = write.over(read(write.offset));
    switch (write.offset) {
      case PP_REG_INJECT:
        kind_ = static_cast<std::uint8_t>(value);
        queue_ = static_cast<std::uint16_t>(value >> 8);
        pass_ = static_cast<std::uint16_t>(count_);
        hits_ = static_cast<std::uint16_t>(count_ >> 16);
        armed_ = (value & PP_INJECT_ARMED) != 0 && kind_ != PP_INJECT_NONE &&
                 kind_ <= PP_INJECT_DROP_IRQ && hits_ != 0;
        break;
      case PP_REG_INJECT_COUNT:
        count_ = value;
        break;
      case PP_REG_INJECT_ARG:
        argument_ = value;
        break;
      default:
        break;
    }
  }

  // A unit of the queue goes to an engine: what it is to suffer; PP_INJECT_NONE: nothing.
  std::uint8_t unit(unsigned queue) {
    return kind_ != PP_INJECT_DROP_IRQ && hit(queue) ? kind_ : std::uint8_t{PP_INJECT_NONE};
  }
  // A message of the queue is about to be sent: whether it is not.
  bool drops(unsigned queue) { return kind_ == PP_INJECT_DROP_IRQ && hit(queue); }
  [[nodiscard]] std::uint32_t argument() const { return argument_; }

 private:
  bool hit(unsigned queue) {
    if (!armed_ || (queue_ != PP_INJECT_ALL_QUEUES && queue_ != queue)) return false;
    if (pass_ != 0) {
      --pass_;
      return false;
    }
    armed_ = --hits_ != 0;
    return true;
  }

  bool armed_ = false;
  std::uint8_t kind_ = PP_INJECT_NONE;
  std::uint16_t queue_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t argument_ = 0;
  std::uint16_t pass_ = 0;  // events still to let pass
  std::uint16_t hits_ = 0;  // hits still to give out
};

}  // namespace pagepress::model::fast
