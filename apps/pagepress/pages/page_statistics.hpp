// SPDX-License-Identifier: Apache-2.0
// What is in page files: page kinds, and the sizes to which liblz4 compresses
// them at its fastest and at its best.
//
// Counting, as in `compare`: a same-filled page (zero pages are such) stores
// nothing; a page whose block is longer than PP_LIMIT_DEFAULT is incompressible
// and stored whole.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {

inline constexpr std::size_t kSizeBinBytes = 64;
// One for [0, 64), [64, 128), ... and the last for pages that are stored whole.
inline constexpr std::size_t kSizeBins = sim::kPageBytes / kSizeBinBytes + 1;

// One compressor's results; same-filled pages are not in it.
struct SizeStatistics {
  std::uint64_t bytes_out = 0;
  std::uint64_t incompressible_pages = 0;
  std::array<std::uint64_t, kSizeBins> histogram = {};
  // How many pages take 0, 1, ..., 4096 bytes.
  std::array<std::uint64_t, sim::kPageBytes + 1> pages_of_size = {};

  // `stored` in bytes: kPageBytes for an incompressible page.
  void add(std::size_t stored);
  void add(const SizeStatistics& other);
  // The size that `fraction` (0..1) of the pages do not exceed; 0 if there are none.
  [[nodiscard]] std::size_t quantile(double fraction) const;
};

enum class Compressor : std::uint8_t { kLz4Fast1, kLz4Hc12 };
inline constexpr std::array kCompressors = {Compressor::kLz4Fast1, Compressor::kLz4Hc12};
// "lz4 fast 1", "lz4 HC 12"
[[nodiscard]] std::string_view to_string(Compressor compressor) noexcept;

struct PageStatistics {
  std::uint64_t pages = 0;
  std::uint64_t zero_pages = 0;
  std::uint64_t same_filled_pages = 0;                    // the zero pages included
  std::array<SizeStatistics, kCompressors.size()> sizes;  // by Compressor

  void add(const PageStatistics& other);
  // Bytes in by bytes out; nothing if nothing needs to be stored.
  [[nodiscard]] std::optional<double> ratio(Compressor compressor) const;
  [[nodiscard]] const SizeStatistics& of(Compressor compressor) const {
    return sizes[static_cast<std::size_t>(compressor)];
  }
};

// Uses all CPUs; the result does not depend on how many there are.
// `progress` is called now and then with how many pages are done.
[[nodiscard]] PageStatistics examine(const sim::PageFile& file,
                                     const std::function<void(std::uint64_t)>& progress);

}  // namespace pagepress::app
