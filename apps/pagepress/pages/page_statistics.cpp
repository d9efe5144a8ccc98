// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/pages/page_statistics.hpp"

#include <lz4.h>
#include <lz4hc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <thread>
#include <vector>

#include "sim/pagefile/page_class.hpp"

namespace pagepress::app {
namespace {

using sim::kPageBytes;

constexpr std::size_t kChunkPages = 64;

// Compresses pages, with memory that is allocated once.
class Workbench {
 public:
  // Bytes that the page takes when it is stored.
  std::size_t stored_size(Compressor compressor, sim::PageView page) {
    const auto* const source = reinterpret_cast<const char*>(page.data());
    constexpr int kSource = static_cast<int>(kPageBytes);
    constexpr int kRoom = PP_LIMIT_DEFAULT;  // 0 comes back exactly if a block is longer
    const int size =
        compressor == Compressor::kLz4Fast1
            ? LZ4_compress_fast_extState(fast_.data(), source, block_.data(), kSource, kRoom, 1)
            : LZ4_compress_HC_extStateHC(hc_.data(), source, block_.data(), kSource, kRoom,
                                         LZ4HC_CLEVEL_MAX);
    return size > 0 ? static_cast<std::size_t>(size) : kPageBytes;
  }

 private:
  // max_align_t: liblz4 wants its states aligned.
  static std::vector<std::max_align_t> state(int bytes) {
    return std::vector<std::max_align_t>(
        static_cast<std::size_t>(bytes) / sizeof(std::max_align_t) + 1);
  }
  std::vector<std::max_align_t> fast_ = state(LZ4_sizeofState());
  std::vector<std::max_align_t> hc_ = state(LZ4_sizeofStateHC());
  std::array<char, PP_LIMIT_DEFAULT> block_ = {};
};

void examine_page(sim::PageView page, Workbench& bench, PageStatistics& statistics) {
  ++statistics.pages;
  const sim::PageKind kind = sim::classify(page);
  if (kind != sim::PageKind::kOther) {
    ++statistics.same_filled_pages;
    statistics.zero_pages += kind == sim::PageKind::kZero ? 1 : 0;
    return;
  }
  for (const Compressor compressor : kCompressors) {
    statistics.sizes[static_cast<std::size_t>(compressor)].add(bench.stored_size(compressor, page));
  }
}

}  // namespace

void SizeStatistics::add(std::size_t stored) {
  bytes_out += stored;
  incompressible_pages += stored == kPageBytes ? 1 : 0;
  ++histogram[stored / kSizeBinBytes];
  ++pages_of_size[stored];
}

void SizeStatistics::add(const SizeStatistics& other) {
  bytes_out += other.bytes_out;
  incompressible_pages += other.incompressible_pages;
  for (std::size_t i = 0; i < histogram.size(); ++i) {
    histogram[i] += other.histogram[i];
  }
  for (std::size_t i = 0; i < pages_of_size.size(); ++i) {
    pages_of_size[i] += other.pages_of_size[i];
  }
}

std::size_t SizeStatistics::quantile(double fraction) const {
  std::uint64_t total = 0;
  for (const std::uint64_t pages : pages_of_size) {
    total += pages;
  }
  const auto rank = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(total)));
  std::uint64_t seen = 0;
  for (std::size_t size = 0; size < pages_of_size.size(); ++size) {
    seen += pages_of_size[size];
    if (seen > 0 && seen >= rank) {
      return size;
    }
  }
  return 0;
}

std::string_view to_string(Compressor compressor) noexcept {
  return compressor == Compressor::kLz4Fast1 ? "lz4 fast 1" : "lz4 HC 12";
}

void PageStatistics::add(const PageStatistics& other) {
  pages += other.pages;
  zero_pages += other.zero_pages;
  same_filled_pages += other.same_filled_pages;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    sizes[i].add(other.sizes[i]);
  }
}

std::optional<double> PageStatistics::ratio(Compressor compressor) const {
  const std::uint64_t bytes_out = of(compressor).bytes_out;
  if (bytes_out == 0) {
    return std::nullopt;
  }
  return static_cast<double>(pages * kPageBytes) / static_cast<double>(bytes_out);
}

PageStatistics examine(const sim::PageFile& file,
                       const std::function<void(std::uint64_t)>& progress) {
  const std::size_t chunks = (file.page_count() + kChunkPages - 1) / kChunkPages;
  const std::size_t workers =
      std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, chunks);
  std::atomic<std::size_t> next_chunk = 0;
  std::atomic<std::size_t> done = 0;
  std::vector<PageStatistics> parts(workers);
  {
    std::vector<std::jthread> threads;
    threads.reserve(workers);
    for (PageStatistics& part : parts) {
      threads.emplace_back([&] {
        Workbench bench;
        for (std::size_t chunk = 0; (chunk = next_chunk.fetch_add(1)) < chunks;) {
          const std::size_t first = chunk * kChunkPages;
          const std::size_t last = std::min(first + kChunkPages, file.page_count());
          for (std::size_t i = first; i < last; ++i) {
            examine_page(file.page(i), bench, part);
          }
          done.fetch_add(last - first);
        }
      });
    }
    do {
      progress(done.load());
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    } while (done.load() < file.page_count());
  }
  PageStatistics total;
  for (const PageStatistics& part : parts) {
    total.add(part);
  }
  return total;
}

}  // namespace pagepress::app
