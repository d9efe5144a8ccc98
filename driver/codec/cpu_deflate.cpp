// SPDX-License-Identifier: Apache-2.0
// cpu:deflate: libdeflate, one raw DEFLATE stream a page (no zlib header, no checksum), as the
// kernel's crypto API has it.
//
// Near the end of its room libdeflate gives up where the block would still fit; it writes aside.
// Limitation: the kernel's own is zlib, slower at the same levels; this is the best that a CPU
// does.
#include <libdeflate.h>

#include <memory>
#include <new>

#include "driver/codec/block_codecs.hpp"

namespace pagepress {
namespace {

struct Free {
  void operator()(libdeflate_compressor* compressor) const noexcept {
    libdeflate_free_compressor(compressor);
  }
  void operator()(libdeflate_decompressor* decompressor) const noexcept {
    libdeflate_free_decompressor(decompressor);
  }
};

class Deflate final : public BlockCodec {
 public:
  explicit Deflate(int level)
      : compressor_(libdeflate_alloc_compressor(level)),
        decompressor_(libdeflate_alloc_decompressor()),
        aside_(libdeflate_deflate_compress_bound(compressor_.get(), kPageSize)) {
    if (!compressor_ || !decompressor_) {
      throw std::bad_alloc();
    }
  }
  std::string_view name() const noexcept override { return "cpu:deflate"; }

  std::size_t compress(std::span<const std::byte, kPageSize> page,
                       std::span<std::byte> out) override {
    const std::span<std::byte> room = aside_.buffer();
    const std::size_t len = libdeflate_deflate_compress(compressor_.get(), page.data(), kPageSize,
                                                        room.data(), room.size());
    return aside_.take(len, out);
  }

  std::optional<std::size_t> decompress(std::span<const std::byte> block,
                                        std::span<std::byte> out) override {
    std::size_t consumed = 0;
    std::size_t len = 0;
    const libdeflate_result answer = libdeflate_deflate_decompress_ex(
        decompressor_.get(), block.data(), block.size(), out.data(), out.size(), &consumed, &len);
    if (answer != LIBDEFLATE_SUCCESS || consumed != block.size()) {
      return std::nullopt;
    }
    return whole_page(len);
  }

 private:
  std::unique_ptr<libdeflate_compressor, Free> compressor_;
  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
  Aside aside_;
};

}  // namespace

std::unique_ptr<BlockCodec> make_deflate(int level) { return std::make_unique<Deflate>(level); }
// Of the header: libdeflate has no function that says it.
std::string_view deflate_version() noexcept { return LIBDEFLATE_VERSION_STRING; }

}  // namespace pagepress
