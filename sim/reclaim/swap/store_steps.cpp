// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/store_steps.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {

std::uint32_t block_limit(const StoreConfig& store) {
  if (store.limit_bytes == 0 || store.limit_bytes > kPageSize) {
    throw std::invalid_argument(
        fmt::format("store.limit_bytes is {}, but must be 1 to {}", store.limit_bytes, kPageSize));
  }
  return static_cast<std::uint32_t>(store.limit_bytes);
}

Compressed classify(const Completion& done, std::span<const std::byte> out,
                    std::uint32_t limit_bytes) {
  if (done.status == Status::kSameFilled) return Compressed::kSameFilled;
  if (done.status == Status::kIncompressible) return Compressed::kPoor;
  if (done.status != Status::kOk) {
    throw std::invalid_argument(
        fmt::format("swap: a page whose compression said \"{}\"", to_string(done.status)));
  }
  if (out.size() != done.out_len || out.empty()) {
    throw std::invalid_argument(
        fmt::format("swap: a block of {} bytes, said to have {}", out.size(), done.out_len));
  }
  return out.size() > limit_bytes ? Compressed::kPoor : Compressed::kBlock;
}

Ns store_ns(const KernelCosts& costs, Compressed result, std::size_t block_bytes) {
  if (result == Compressed::kSameFilled) return costs.tree_ns;
  const std::size_t bytes = result == Compressed::kPoor ? kPageSize : block_bytes;
  return costs.tree_ns + costs.zs_malloc_ns + costs.copy_ns(bytes);
}

void expect_in_store(const CopyTable& copies, PageId page) {
  if (!copies.in_store(page)) {
    throw ConservationError(fmt::format("page {} was loaded, but no copy of it is stored", page));
  }
}

}  // namespace pagepress::reclaim
