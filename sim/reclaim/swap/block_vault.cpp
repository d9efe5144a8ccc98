// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/block_vault.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pagepress::reclaim {
namespace {

constexpr std::size_t kLine = 64;
// One arena holds a block of every content there is, up to this; the system gives memory to what
// has been written only.
constexpr std::size_t kMostArenaBytes = std::size_t{64} << 20;
constexpr std::size_t kPage = 4096;

}  // namespace

BlockVault::BlockVault(std::size_t contents)
    : first_(contents, kNone),
      arena_bytes_(std::clamp(contents * kPage, kPage, kMostArenaBytes)),
      used_(arena_bytes_) {}

BlockVault::Ref BlockVault::put(std::uint32_t content, std::span<const std::byte> block,
                                std::uint32_t crc32c) {
  for (Ref ref = first_[content]; ref != kNone; ref = blocks_[ref].next) {
    const Block& held = blocks_[ref];
    if (held.len == block.size() && held.crc32c == crc32c &&
        std::memcmp(held.data, block.data(), block.size()) == 0) {
      return ref;
    }
  }
  const auto ref = static_cast<Ref>(blocks_.size());
  blocks_.push_back(
      {keep(block), static_cast<std::uint32_t>(block.size()), crc32c, first_[content]});
  first_[content] = ref;
  return ref;
}

const std::byte* BlockVault::keep(std::span<const std::byte> block) {
  const std::size_t room = (block.size() + kLine - 1) / kLine * kLine;
  if (room > arena_bytes_ - used_) {
    arenas_.emplace_back(
        static_cast<std::byte*>(::operator new[](arena_bytes_, std::align_val_t{kAlign})));
    used_ = 0;
    if (listener_) listener_(arena(arenas_.size() - 1));
  }
  std::byte* const place = arenas_.back().get() + used_;
  std::memcpy(place, block.data(), block.size());
  std::memset(place + block.size(), 0, room - block.size());  // a device may read whole lines
  used_ += room;
  return place;
}

void BlockVault::on_arena(ArenaFn listener) {
  listener_ = std::move(listener);
  for (std::size_t i = 0; i != arenas_.size(); ++i) listener_(arena(i));
}

}  // namespace pagepress::reclaim
