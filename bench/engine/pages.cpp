// SPDX-License-Identifier: Apache-2.0
#include "bench/engine/pages.hpp"

#include <lz4.h>
#include <lz4hc.h>

#include <algorithm>
#include <array>

#include "sim/pagefile/page_class.hpp"

namespace pagepress::bench {
namespace {

constexpr int kHcLevel = 12;

const char* chars(sim::PageView page) { return reinterpret_cast<const char*>(page.data()); }

}  // namespace

std::uint64_t stored(std::size_t size) { return std::min(size, sim::kPageBytes); }

double ratio_of(std::uint64_t pages, std::uint64_t stored_bytes) {
  return static_cast<double>(pages * sim::kPageBytes) / static_cast<double>(stored_bytes);
}

Pages::Pages(const std::filesystem::path& path)
    : file(path),
      name(path.stem().string()),
      group(std::filesystem::absolute(path).parent_path().filename().string()) {
  constexpr int kPage = static_cast<int>(sim::kPageBytes);
  std::array<char, LZ4_COMPRESSBOUND(sim::kPageBytes)> block{};
  constexpr int kRoom = static_cast<int>(block.size());
  for (std::size_t i = 0; i < file.page_count(); ++i) {
    const sim::PageView page = file.page(i);
    if (sim::classify(page) != sim::PageKind::kOther) {
      ++same_filled;
      continue;
    }
    pages.push_back(page);
    lz4_fast_bytes += stored(
        static_cast<std::size_t>(LZ4_compress_fast(chars(page), block.data(), kPage, kRoom, 1)));
    lz4_hc_bytes += stored(static_cast<std::size_t>(
        LZ4_compress_HC(chars(page), block.data(), kPage, kRoom, kHcLevel)));
  }
}

}  // namespace pagepress::bench
