// SPDX-License-Identifier: Apache-2.0
// PageFile: read-only access to a page file, which is nothing but raw 4 KiB
// pages, as `pagepress capture` and `dd if=/dev/zram0 bs=4096` make it.
//
// Limitations: the file is mapped, so it must not be truncated while it is
// open (as with any mapped file, touching a lost page ends the program).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::sim {

inline constexpr std::size_t kPageBytes = std::size_t{1} << PP_UNIT_LOG2_MIN;

using PageView = std::span<const std::uint8_t, kPageBytes>;

class PageFile {
 public:
  // Throws FileError: missing, a directory, unreadable, neither a regular file
  // nor a block device, empty, or not a whole number of pages.
  explicit PageFile(std::filesystem::path path);
  ~PageFile();
  PageFile(PageFile&& other) noexcept;
  PageFile& operator=(PageFile&& other) noexcept;
  PageFile(const PageFile&) = delete;
  PageFile& operator=(const PageFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  // At least 1.
  [[nodiscard]] std::size_t page_count() const noexcept { return bytes_.size() / kPageBytes; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
  // `index` < page_count(). The view lives as long as the PageFile.
  [[nodiscard]] PageView page(std::size_t index) const noexcept {
    return PageView(bytes_.data() + index * kPageBytes, kPageBytes);
  }

 private:
  std::filesystem::path path_;
  std::span<const std::uint8_t> bytes_;
};

}  // namespace pagepress::sim
