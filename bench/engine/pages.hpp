// SPDX-License-Identifier: Apache-2.0
// Page files of a corpus and what software makes of their pages: the yardstick of bench_engine.
//
// The ratio of a set of pages is 4096 / mean(min(size,
// 4096)): a page that does not shrink is stored as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "bench/pages/page_set.hpp"

namespace pagepress::bench {

struct Pages : PageSet {
  explicit Pages(const std::filesystem::path& path);  // throws sim::FileError

  // Sum of min(size, 4096) over the pages.
  std::uint64_t lz4_fast_bytes = 0;  // LZ4_compress_fast(1)
  std::uint64_t lz4_hc_bytes = 0;    // LZ4_compress_HC(12)
};

enum class Software : std::uint8_t { kLz4Fast, kLz4Hc };  // LZ4_compress_fast(1), _HC(12)

// The page's block, whether it is shorter or not.
[[nodiscard]] std::vector<std::uint8_t> compress(Software software, sim::PageView page);

// Bytes that a page of this compressed size costs.
[[nodiscard]] std::uint64_t stored(std::size_t size);

[[nodiscard]] double ratio_of(std::uint64_t pages, std::uint64_t stored_bytes);

}  // namespace pagepress::bench
