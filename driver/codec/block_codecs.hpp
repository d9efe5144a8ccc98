// SPDX-License-Identifier: Apache-2.0
// The libraries as BlockCodecs, and what more than one of them needs. Private to driver/codec.
#pragma once

#include <pagepress/cpu_codecs.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pagepress {

// `level`: acceleration of LZ4_compress_fast, as zram has it.
[[nodiscard]] std::unique_ptr<BlockCodec> make_lz4(int level);
[[nodiscard]] std::unique_ptr<BlockCodec> make_lz4hc(int level);
[[nodiscard]] std::unique_ptr<BlockCodec> make_lzo(int level);
[[nodiscard]] std::unique_ptr<BlockCodec> make_zstd(int level);
[[nodiscard]] std::unique_ptr<BlockCodec> make_deflate(int level);

// What the libraries that are loaded say.
[[nodiscard]] std::string_view lz4_version() noexcept;
[[nodiscard]] std::string_view lzo_version() noexcept;
[[nodiscard]] std::string_view zstd_version() noexcept;
[[nodiscard]] std::string_view deflate_version() noexcept;
[[nodiscard]] LevelRange zstd_levels() noexcept;

// Memory for libraries that want more room than their block takes, or none to spare where it just
// fits: they compress aside, and what fits is copied. The kernel's zram and zswap do so, too.
class Aside {
 public:
  // `bound`: the longest that the library may write.
  explicit Aside(std::size_t bound) : buffer_(bound) {}
  [[nodiscard]] std::span<std::byte> buffer() noexcept { return buffer_; }
  // The first `len` bytes of buffer() into `out`, as BlockCodec::compress() answers.
  [[nodiscard]] std::size_t take(std::size_t len, std::span<std::byte> out) const noexcept {
    if (len > out.size()) {
      return 0;
    }
    std::copy_n(buffer_.begin(), len, out.begin());
    return len;
  }

 private:
  std::vector<std::byte> buffer_;
};

// A state of a library that wants no more than 8-byte alignment.
class State {
 public:
  explicit State(std::size_t bytes) : words_((bytes + 7) / sizeof(std::uint64_t)) {}
  [[nodiscard]] void* data() noexcept { return words_.data(); }

 private:
  std::vector<std::uint64_t> words_;
};

// An answer of BlockCodec::decompress() where only a whole page will do.
[[nodiscard]] inline std::optional<std::size_t> whole_page(std::size_t len) noexcept {
  return len == kPageSize ? std::optional(len) : std::nullopt;
}

}  // namespace pagepress
