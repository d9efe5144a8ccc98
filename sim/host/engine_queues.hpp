// SPDX-License-Identifier: Apache-2.0
// What an experiment wants of any engine and of its queues, in this process or another.
#pragma once

#include <stdexcept>

#include <pagepress/device.hpp>

namespace pagepress::sim {

// An engine that works, and cannot do what the experiment asks of it.
class UnfitEngine : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr unsigned kDecompressPriority = 1;  // compression has 0: a swap-in is waited for

// Throws UnfitEngine for a device that cannot decompress.
void require_decompression(const Capabilities& capabilities);

}  // namespace pagepress::sim
