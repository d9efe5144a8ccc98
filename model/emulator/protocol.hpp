// SPDX-License-Identifier: Apache-2.0
// The vfio-user protocol (protocol/vfio_user.hpp), and the bounds of this server: told to the
// client where the protocol has a word for them.
#pragma once

#include <cstddef>

#include "protocol/rights.hpp"
#include "protocol/vfio_user.hpp"

namespace pagepress::emulator {

using namespace vfio_user;  // the server speaks nothing else

constexpr std::size_t kMaxTransfer = 1u << 20;  // [B] of data in a message
constexpr std::size_t kMaxMessage = sizeof(Header) + kMaxTransfer + 64;
constexpr std::size_t kMaxDmaMaps = 16384;

}  // namespace pagepress::emulator
