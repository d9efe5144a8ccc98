// SPDX-License-Identifier: Apache-2.0
// What a comparison wants of any engine and of its queues, in this process or another.
#pragma once

#include <pagepress/device.hpp>

namespace pagepress::sim {

inline constexpr unsigned kDecompressPriority = 1;  // compression has 0: a swap-in is waited for

// Throws CompareError for a device that cannot decompress.
void require_decompression(const Capabilities& capabilities);

}  // namespace pagepress::sim
