// SPDX-License-Identifier: Apache-2.0
// What every device answers to a register access that it cannot take (device.hpp has the rules).
#pragma once

#include <cstdint>
#include <tlm>

namespace pagepress::model {

// True if BAR0 does not take it: its response says why.
[[nodiscard]] bool refuses(tlm::tlm_generic_payload& access);

}  // namespace pagepress::model
