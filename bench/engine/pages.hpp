// SPDX-License-Identifier: Apache-2.0
// Page files of a corpus and what software makes of their pages: the yardstick of bench_engine.
//
// Zero and same-filled pages are left out. The ratio of a set of pages is 4096 / mean(min(size,
// 4096)): a page that does not shrink is stored as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::bench {

struct Pages {
  explicit Pages(const std::filesystem::path& path);  // throws sim::FileError

  sim::PageFile file;
  std::string name;   // the file's, without .pages
  std::string group;  // the name of its folder: "process" and "file" of make_corpus.sh
  std::vector<sim::PageView> pages;  // that are measured
  std::uint64_t same_filled = 0;     // that are not, the zero pages with them
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
