// SPDX-License-Identifier: Apache-2.0
// BlockVault: the bytes of compressed blocks, equal ones held once. Any number of simulated pages
// have the same contents, and a codec makes the same block of them; another codec's block of the
// same contents is a variant beside it.
//
// A block never moves and is never freed: what is kept is bounded by contents times codecs. It lies
// in one of a few large arenas, from a cache line's start and with the rest of its last line to
// itself, so that a device that reads whole beats reads nothing of another. An arena begins with a
// page: addresses inside pages are the same in every run.
// Whoever maps arenas for a device calls on_arena(): it is told of those there are and of each new
// one, before a block of it is handed out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <vector>

namespace pagepress::reclaim {

class BlockVault {
 public:
  using Ref = std::uint32_t;
  using ArenaFn = std::function<void(std::span<const std::byte>)>;

  // `contents`: how many content indices there are (contents.hpp).
  explicit BlockVault(std::size_t contents);

  // The place of this block; it is copied if it is not held yet. `crc32c`: of the page, 0 if not
  // known; a block with another one is another variant. `block`: 1 byte to a page.
  Ref put(std::uint32_t content, std::span<const std::byte> block, std::uint32_t crc32c);
  // Stable for the vault's life.
  [[nodiscard]] std::span<const std::byte> block(Ref ref) const noexcept {
    return {blocks_[ref].data, blocks_[ref].len};
  }
  [[nodiscard]] std::uint32_t crc32c(Ref ref) const noexcept { return blocks_[ref].crc32c; }

  void on_arena(ArenaFn listener);  // one at most; replaces the one before
  [[nodiscard]] std::size_t arenas() const noexcept { return arenas_.size(); }
  [[nodiscard]] std::span<const std::byte> arena(std::size_t index) const noexcept {
    return {arenas_[index].get(), arena_bytes_};
  }
  [[nodiscard]] std::size_t blocks() const noexcept { return blocks_.size(); }

 private:
  static constexpr Ref kNone = std::numeric_limits<Ref>::max();
  static constexpr std::size_t kAlign = 4096;
  struct FreeArena {
    void operator()(std::byte* arena) const noexcept {
      ::operator delete[](arena, std::align_val_t{kAlign});
    }
  };
  struct Block {
    const std::byte* data;
    std::uint32_t len;
    std::uint32_t crc32c;
    Ref next;  // variant of the same contents
  };
  [[nodiscard]] const std::byte* keep(std::span<const std::byte> block);

  std::vector<Ref> first_;  // by content index
  std::vector<Block> blocks_;
  std::vector<std::unique_ptr<std::byte[], FreeArena>> arenas_;
  std::size_t arena_bytes_;
  std::size_t used_;  // of the last arena
  ArenaFn listener_;
};

}  // namespace pagepress::reclaim
