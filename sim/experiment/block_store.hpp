// SPDX-License-Identifier: Apache-2.0
// BlockStore: what a back end stored as blocks, each at the start of a cache line and with
// the rest of its last line to itself. Limitation: blocks move while add() is called.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <new>
#include <span>
#include <vector>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::sim {

// Memory that begins with a page: where a device cuts its bursts depends on addresses
// inside pages, and must not depend on where this process happened to get memory.
template <class T>
struct PageAllocator {
  using value_type = T;
  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{kPageBytes}));
  }
  void deallocate(T* memory, std::size_t) noexcept {
    ::operator delete (memory, std::align_val_t{kPageBytes});
  }
  bool operator==(const PageAllocator&) const noexcept { return true; }
};

class BlockStore {
 public:
  struct Block {
    std::size_t page;  // in the workload
    std::size_t line;
    std::uint32_t len;
  };
  void add(std::size_t page, std::span<const std::byte> block) {
    const std::size_t line = lines_.size();
    lines_.resize(line + (block.size() + sizeof(Line) - 1) / sizeof(Line));
    std::memcpy(&lines_[line], block.data(), block.size());
    blocks_.push_back({page, line, static_cast<std::uint32_t>(block.size())});
    bytes_ += block.size();
  }
  // In order of addresses. They stay where they are once add() is called no more.
  [[nodiscard]] const std::vector<Block>& blocks() const noexcept { return blocks_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const std::byte* data(const Block& block) const noexcept {
    return lines_[block.line].bytes.data();
  }
  [[nodiscard]] const Block& at(const void* address) const {
    const auto line = static_cast<std::size_t>(static_cast<const Line*>(address) - lines_.data());
    return *std::lower_bound(
        blocks_.begin(), blocks_.end(), line,
        [](const Block& block, std::size_t wanted) { return block.line < wanted; });
  }
  [[nodiscard]] bool holds(const void* address) const noexcept {
    const std::span<const std::byte> bytes = memory();
    const std::less<const void*> less;
    return !less(address, bytes.data()) && less(address, bytes.data() + bytes.size());
  }
  [[nodiscard]] std::span<const std::byte> memory() const noexcept {
    return std::as_bytes(std::span(lines_));
  }

 private:
  struct alignas(64) Line {
    std::array<std::byte, 64> bytes;
  };
  std::vector<Line, PageAllocator<Line>> lines_;
  std::vector<Block> blocks_;
  std::uint64_t bytes_ = 0;
};

}  // namespace pagepress::sim
