// SPDX-License-Identifier: Apache-2.0
// cpu:lzo: liblzo2's LZO1X-1, the format of the kernel's lib/lzo (zram's "lzo", not "lzo-rle").
//
// The compressor knows no limit to its output, hence it writes aside. The decompressor is the one
// that checks both its ends; a block with bytes behind its end marker is none.
// Limitation: liblzo2 is under GPL-2.0-or-later, and with it a program that is passed on.
#include <lzo/lzo1x.h>

#include <stdexcept>

#include "driver/codec/block_codecs.hpp"

namespace pagepress {
namespace {

// Of the library's documentation: what cannot be compressed grows by so much at most.
constexpr std::size_t kBound = kPageSize + kPageSize / 16 + 64 + 3;

class Lzo final : public BlockCodec {
 public:
  Lzo() {
    if (lzo_init() != LZO_E_OK) {
      throw std::runtime_error("cpu:lzo: liblzo2 was built for another compiler (lzo_init)");
    }
  }
  std::string_view name() const noexcept override { return "cpu:lzo"; }

  std::size_t compress(std::span<const std::byte, kPageSize> page,
                       std::span<std::byte> out) override {
    lzo_uint len = 0;
    if (lzo1x_1_compress(reinterpret_cast<const unsigned char*>(page.data()), kPageSize,
                         reinterpret_cast<unsigned char*>(aside_.buffer().data()), &len,
                         work_.data()) != LZO_E_OK) {
      return 0;
    }
    return aside_.take(len, out);
  }

  std::optional<std::size_t> decompress(std::span<const std::byte> block,
                                        std::span<std::byte> out) override {
    lzo_uint len = out.size();
    const int answer = lzo1x_decompress_safe(
        reinterpret_cast<const unsigned char*>(block.data()), block.size(),
        reinterpret_cast<unsigned char*>(out.data()), &len, /*wrkmem=*/nullptr);
    return answer == LZO_E_OK ? whole_page(len) : std::nullopt;
  }

 private:
  State work_{LZO1X_1_MEM_COMPRESS};
  Aside aside_{kBound};
};

}  // namespace

std::unique_ptr<BlockCodec> make_lzo(int /*level*/) { return std::make_unique<Lzo>(); }
std::string_view lzo_version() noexcept { return lzo_version_string(); }

}  // namespace pagepress
