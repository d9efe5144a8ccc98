// SPDX-License-Identifier: Apache-2.0
// The first message of a client: its version and capabilities (JSON), and this server's answer.
//
// Limitation: twin-socket mode is not offered; DMA messages go over the one socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/emulator/protocol.hpp"

namespace pagepress::emulator {

// What a client that says nothing of it has, as the protocol lays down.
struct ClientCapabilities {
  std::uint64_t max_msg_fds = 1;
  std::uint64_t max_data_xfer_size = 1u << 20;  // [B] of a DMA message
  bool write_multiple = false;
};

struct Negotiation {
  int error = 0;       // errno of the answer: the rest is not set
  std::string reason;  // of the error
  ClientCapabilities client;
  std::vector<std::byte> answer;  // payload
};

[[nodiscard]] Negotiation negotiate(std::span<const std::byte> payload);

}  // namespace pagepress::emulator
