// SPDX-License-Identifier: Apache-2.0
// What compressed memory and the swap device behind it are like. Sources: settings of the scenario.
#pragma once

#include <cstdint>
#include <string>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

struct SwapDeviceConfig {
  std::uint64_t size_mib = 4096;  // slots; of zram its disksize
  Ns read_latency_ns = 100'000;   // of one page, idle device
  Ns write_latency_ns = 100'000;
  double read_bytes_per_ns = 1.0;  // all requests together
  double write_bytes_per_ns = 0.5;
  std::uint64_t queue_depth = 32;  // requests that it works on at once
};

struct StoreConfig {
  std::string kind = "zswap";                   // or "zram"
  std::uint64_t limit_bytes = 3625;             // of a block that is kept compressed
  std::uint64_t max_pool_percent = 20;          // zswap: of memory
  std::uint64_t accept_threshold_percent = 90;  // zswap: of the limit, before it takes pages again
  bool shrinker = false;  // zswap: writes its oldest pages to the device when full
};

}  // namespace pagepress::reclaim
