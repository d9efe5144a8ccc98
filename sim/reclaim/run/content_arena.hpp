// SPDX-License-Identifier: Apache-2.0
// ContentArena: the pages that simulated pages can be: those of all page files, in order, then
// generated ones (a zero page, and random pages that no codec makes smaller), in one stretch of
// memory that an engine can be given, from a page's boundary on (the engine's codec wants contents
// at multiples of 64 bytes). Limitation: files are copied, so the run needs their size in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::reclaim {

inline constexpr std::size_t kZeroPages = 1;
inline constexpr std::size_t kRandomPages = 256;

class ContentArena {
 public:
  // `files`: whole pages each. Throws std::system_error (no memory).
  explicit ContentArena(const std::vector<std::span<const std::uint8_t>>& files);
  ~ContentArena();
  ContentArena(const ContentArena&) = delete;
  ContentArena& operator=(const ContentArena&) = delete;

  // Of files; the generated ones follow.
  [[nodiscard]] std::size_t file_pages() const noexcept { return file_pages_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
  // By content index.
  [[nodiscard]] std::vector<sim::PageView> pages() const;

 private:
  std::size_t file_pages_ = 0;
  std::span<std::uint8_t> bytes_;
};

}  // namespace pagepress::reclaim
