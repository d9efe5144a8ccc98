// SPDX-License-Identifier: Apache-2.0
// The CPU back ends: compression libraries behind Codec, one table of them, each with its level.
//
//   BlockCodec (a library: page to block and back) -> make_cpu_codec() -> Codec
//
// What all of them share (same-filled test, CRC32C, limit, statuses) is in make_cpu_codec() alone.
// Limitation: formats are as the libraries write them, without dictionaries.
#pragma once

#include <pagepress/codec.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace pagepress {

// One library at one level: a page to a block and back, in memory of the caller. One thread.
class BlockCodec {
 public:
  virtual ~BlockCodec() = default;
  // Of the back end: "cpu:zstd".
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  // Bytes of the block, if the block of this page fits into `out`; otherwise 0, and what is in
  // `out` is undefined. Whether it fits does not hang on what else is in reach: the same block
  // comes out whatever the size of `out`.
  virtual std::size_t compress(std::span<const std::byte, kPageSize> page,
                               std::span<std::byte> out) = 0;
  // Bytes that came out; none: the block is not valid, or gives more than `out` (at most a page)
  // holds. Reads nothing outside `block` and writes nothing outside `out`, whatever is in it.
  // But for LZ4, whose answers are to equal the engine's, a block that does not give exactly a
  // page is not valid either.
  [[nodiscard]] virtual std::optional<std::size_t> decompress(std::span<const std::byte> block,
                                                              std::span<std::byte> out) = 0;
};

// What `level` may be, both ends included.
struct LevelRange {
  int least = 0;
  int most = 0;
  int standard = 0;  // without one given
};

// A line of the table.
struct CpuCodec {
  std::string_view name;             // "cpu:zstd"
  std::string_view summary;          // one line, for help
  std::string_view library;          // "zstd"
  std::string_view version;          // of the library that is loaded: "1.5.4"
  std::optional<LevelRange> levels;  // none: the format has but one
  // `level` within levels (without effect where there are none). Throws std::bad_alloc.
  std::unique_ptr<BlockCodec> (*make)(int level);

  [[nodiscard]] int standard_level() const noexcept { return levels ? levels->standard : 0; }
};

// cpu:lz4, cpu:lz4hc, cpu:lzo, cpu:zstd, cpu:deflate.
[[nodiscard]] std::span<const CpuCodec> cpu_codecs();

// `block` as a Codec with the engine's same-filled test, CRC32C and limits, so that completions
// compare. Depth 1: a page is done in submit(), before the next is taken, as a kernel thread does
// it. `with_crc32c` false leaves Completion::crc32c 0 (the kernel's zram and zswap compute none):
// for measuring what the library alone costs. With any status but kOk, the bytes at dst within
// capacity are undefined.
[[nodiscard]] std::unique_ptr<Codec> make_cpu_codec(std::unique_ptr<BlockCodec> block,
                                                    bool with_crc32c = true);

}  // namespace pagepress
