// SPDX-License-Identifier: Apache-2.0
// cpu:zstd: libzstd, a frame a page, with parameters for its size, without a checksum: as the
// kernel's crypto API calls it.
//
// With less room than its bound, libzstd may write another block or none at all; it writes aside.
// Limitation: a block may be several frames to the decompressor, which the compressor never makes.
#include <zstd.h>

#include <memory>
#include <new>

#include "driver/codec/block_codecs.hpp"

namespace pagepress {
namespace {

struct Free {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

// The library takes levels down to -131072, at which no page becomes smaller any more.
constexpr int kFastest = -100;

class Zstd final : public BlockCodec {
 public:
  explicit Zstd(int level)
      : level_(level),
        compressor_(ZSTD_createCCtx()),
        decompressor_(ZSTD_createDCtx()),
        aside_(ZSTD_compressBound(kPageSize)) {
    if (!compressor_ || !decompressor_) {
      throw std::bad_alloc();
    }
  }
  std::string_view name() const noexcept override { return "cpu:zstd"; }

  std::size_t compress(std::span<const std::byte, kPageSize> page,
                       std::span<std::byte> out) override {
    const std::span<std::byte> room = aside_.buffer();
    const std::size_t len = ZSTD_compressCCtx(compressor_.get(), room.data(), room.size(),
                                              page.data(), kPageSize, level_);
    return ZSTD_isError(len) != 0 ? 0 : aside_.take(len, out);
  }

  std::optional<std::size_t> decompress(std::span<const std::byte> block,
                                        std::span<std::byte> out) override {
    const std::size_t len = ZSTD_decompressDCtx(decompressor_.get(), out.data(), out.size(),
                                                block.data(), block.size());
    return ZSTD_isError(len) != 0 ? std::nullopt : whole_page(len);
  }

 private:
  int level_;
  std::unique_ptr<ZSTD_CCtx, Free> compressor_;
  std::unique_ptr<ZSTD_DCtx, Free> decompressor_;
  Aside aside_;
};

}  // namespace

std::unique_ptr<BlockCodec> make_zstd(int level) { return std::make_unique<Zstd>(level); }
std::string_view zstd_version() noexcept { return ZSTD_versionString(); }
LevelRange zstd_levels() noexcept {
  return {.least = kFastest, .most = ZSTD_maxCLevel(), .standard = ZSTD_defaultCLevel()};
}

}  // namespace pagepress
