// SPDX-License-Identifier: Apache-2.0
#include "bench/engine/pages.hpp"

#include <lz4.h>
#include <lz4hc.h>

#include <algorithm>

namespace pagepress::bench {
std::vector<std::uint8_t> compress(Software software, sim::PageView page) {
  constexpr int kHcLevel = 12;
  std::vector<std::uint8_t> block(LZ4_COMPRESSBOUND(sim::kPageBytes));
  const char* in = reinterpret_cast<const char*>(page.data());
  char* out = reinterpret_cast<char*>(block.data());
  const int size = static_cast<int>(page.size());
  const int room = static_cast<int>(block.size());
  block.resize(static_cast<std::size_t>(software == Software::kLz4Fast
                                            ? LZ4_compress_fast(in, out, size, room, 1)
                                            : LZ4_compress_HC(in, out, size, room, kHcLevel)));
  return block;
}

std::uint64_t stored(std::size_t size) { return std::min(size, sim::kPageBytes); }

double ratio_of(std::uint64_t pages, std::uint64_t stored_bytes) {
  return static_cast<double>(pages * sim::kPageBytes) / static_cast<double>(stored_bytes);
}

Pages::Pages(const std::filesystem::path& path) : PageSet(path) {
  for (const sim::PageView page : pages) {
    lz4_fast_bytes += stored(compress(Software::kLz4Fast, page).size());
    lz4_hc_bytes += stored(compress(Software::kLz4Hc, page).size());
  }
}

}  // namespace pagepress::bench
