// SPDX-License-Identifier: Apache-2.0
// PP_Q_STATE taken apart, for the sources of QueuePair.
#pragma once

#include <cstdint>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {

inline constexpr std::uint32_t kStateMask = 0xfu;
inline constexpr std::uint32_t kInFlightMask = 0xffff0000u;

inline const char* state_name(unsigned state) noexcept {
  switch (state) {
    case PP_QSTATE_DISABLED:
      return "disabled";
    case PP_QSTATE_RUNNING:
      return "running";
    case PP_QSTATE_PAUSED:
      return "paused";
    case PP_QSTATE_DRAINING:
      return "draining";
    case PP_QSTATE_ABORTING:
      return "aborting";
    case PP_QSTATE_ERROR:
      return "error";
    default:
      return "unknown";
  }
}

}  // namespace pagepress
