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
  std::uint64_t requests = 128;    // writes on their way at most (nr_requests); more have to wait
};

struct StoreConfig {
  std::string kind = "zswap";                   // or "zram"
  std::uint64_t limit_bytes = 3625;             // of a block that is kept compressed
  std::uint64_t max_pool_percent = 20;          // zswap: of memory
  std::uint64_t accept_threshold_percent = 90;  // zswap: of the limit, before it takes pages again
  // zswap: once the limit was hit, shrink_worker() writes its oldest pages to the device, down to
  // the threshold. The kernel's always does, unless memory.zswap.writeback is 0.
  bool shrinker = true;
  std::string zsmalloc = "6.12";   // size classes of this kernel: "6.12" or "6.1"
  std::uint64_t zspage_chain = 0;  // pages of a zspage at most, 4 to 16; 0: the kernel's (8, 4)
};

}  // namespace pagepress::reclaim
