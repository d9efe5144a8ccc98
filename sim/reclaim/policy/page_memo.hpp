// SPDX-License-Identifier: Apache-2.0
// PageMemo: what a CPU codec makes of each page, by content index, and what that costs it. A CPU
// codec gives the same block for the same page every time, so that it compresses each content once;
// simulated time is charged for every page all the same (page_codec.hpp).
// Limitations: holds as much memory as all contents compressed; blocks carry a CRC32C that no
// kernel computes and that costs no simulated time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pagepress/codec.hpp>
#include <pagepress/cpu_codecs.hpp>

#include "sim/host/cost_table.hpp"
#include "sim/reclaim/contents.hpp"

namespace pagepress::reclaim {

class PageMemo {
 public:
  struct Entry {
    Completion done;
    const std::byte* block = nullptr;  // done.out_len bytes
  };

  // `codec`: "cpu:lz4", ... `scale`: of the costs, to a core of speed 1. Throws
  // std::invalid_argument for an unknown codec, sim::CostError if `costs` lacks it or a page.
  PageMemo(const std::string& codec, const Contents& contents, const sim::CostTable& costs,
           double scale, std::uint32_t limit_bytes);

  // `page`: of Contents. Throws std::logic_error for any other address.
  [[nodiscard]] std::uint32_t index_of(const void* page) const;
  [[nodiscard]] const Entry& compressed(std::uint32_t index);
  // The word that fills the page, if one does.
  [[nodiscard]] std::optional<std::uint64_t> fill_word(std::uint32_t index);
  // CPU time on a core of speed 1.
  [[nodiscard]] Ns compress_ns(std::uint32_t index) const;
  // Of a page that the table knows no block of: the mean.
  [[nodiscard]] Ns decompress_ns(std::uint32_t index) const;
  [[nodiscard]] Ns mean_decompress_ns() const noexcept { return mean_decompress_; }
  // A codec of the same library, for what is to be decoded in earnest.
  [[nodiscard]] std::unique_ptr<Codec> make_codec() const;
  // Where pages lie, one behind the other, by address.
  [[nodiscard]] std::vector<std::span<const std::byte>> ranges() const;
  [[nodiscard]] std::string_view name() const noexcept { return codec_.name; }

 private:
  struct Run {  // of pages that lie one behind the other
    std::uintptr_t first;
    std::size_t bytes;
    std::uint32_t index;
  };

  [[nodiscard]] const std::byte* keep(std::span<const std::byte> block);
  [[nodiscard]] Ns scaled(double ns) const;

  const CpuCodec& codec_;
  const Contents& contents_;
  const sim::CodecCosts& costs_;
  double scale_;
  std::uint32_t limit_;
  Ns mean_decompress_;
  std::unique_ptr<Codec> compressor_;
  std::vector<Run> runs_;  // by address
  std::vector<Entry> entries_;
  std::vector<bool> known_;
  std::vector<std::unique_ptr<std::byte[]>> arenas_;
  std::size_t arena_used_;
};

}  // namespace pagepress::reclaim
