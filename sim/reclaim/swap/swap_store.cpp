// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/swap_store.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/reclaim/swap/zram.hpp"
#include "sim/reclaim/swap/zswap.hpp"

namespace pagepress::reclaim {

std::unique_ptr<SwapStore> make_swap_store(const StoreConfig& store, const SwapDeviceConfig& device,
                                           const KernelCosts& costs, Vmstat& vmstat,
                                           FrameSource& frames, WriteSink& sink,
                                           const Contents& contents, Scheduler& scheduler,
                                           DecompressCost decompress_ns) {
  if (store.kind == "zram") {
    return std::make_unique<Zram>(store, device, costs, vmstat, frames, contents);
  }
  if (store.kind == "zswap") {
    return std::make_unique<Zswap>(store, device, costs, vmstat, frames, sink, contents, scheduler,
                                   std::move(decompress_ns));
  }
  throw std::invalid_argument(
      fmt::format("store.kind is \"{}\", but must be zswap or zram", store.kind));
}

}  // namespace pagepress::reclaim
