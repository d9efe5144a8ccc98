// SPDX-License-Identifier: Apache-2.0
// cpu:lz4 and cpu:lz4hc: liblz4.
//
// liblz4 answers 0 if the block does not fit its output size, and succeeds
// exactly if the block that it would have made without a limit fits, so the
// limit can be given to it as the output size.
// Both clear their hash tables (16 KiB, 256 KiB) for every page, as the kernel's lz4 and lz4hc do.
#include <lz4.h>
#include <lz4hc.h>

#include <algorithm>

#include "driver/codec/block_codecs.hpp"

namespace pagepress {
namespace {

const char* chars(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const char*>(bytes.data());
}
char* chars(std::span<std::byte> bytes) noexcept { return reinterpret_cast<char*>(bytes.data()); }

std::size_t length(int answer) noexcept { return static_cast<std::size_t>(std::max(answer, 0)); }

class Lz4Format : public BlockCodec {
 public:
  Lz4Format(std::size_t state_bytes, int level) : state_(state_bytes), level_(level) {}

  std::optional<std::size_t> decompress(std::span<const std::byte> block,
                                        std::span<std::byte> out) final {
    const int len = LZ4_decompress_safe(chars(block), chars(out), static_cast<int>(block.size()),
                                        static_cast<int>(out.size()));
    return len < 0 ? std::nullopt : std::optional(length(len));
  }

 protected:
  State state_;
  int level_;
};

class Lz4 final : public Lz4Format {
 public:
  explicit Lz4(int level) : Lz4Format(static_cast<std::size_t>(LZ4_sizeofState()), level) {}
  std::string_view name() const noexcept override { return "cpu:lz4"; }
  std::size_t compress(std::span<const std::byte, kPageSize> page,
                       std::span<std::byte> out) override {
    return length(LZ4_compress_fast_extState(state_.data(), chars(page), chars(out),
                                             static_cast<int>(kPageSize),
                                             static_cast<int>(out.size()), level_));
  }
};

class Lz4Hc final : public Lz4Format {
 public:
  explicit Lz4Hc(int level) : Lz4Format(static_cast<std::size_t>(LZ4_sizeofStateHC()), level) {}
  std::string_view name() const noexcept override { return "cpu:lz4hc"; }
  std::size_t compress(std::span<const std::byte, kPageSize> page,
                       std::span<std::byte> out) override {
    return length(LZ4_compress_HC_extStateHC(state_.data(), chars(page), chars(out),
                                             static_cast<int>(kPageSize),
                                             static_cast<int>(out.size()), level_));
  }
};

}  // namespace

std::unique_ptr<BlockCodec> make_lz4(int level) { return std::make_unique<Lz4>(level); }
std::unique_ptr<BlockCodec> make_lz4hc(int level) { return std::make_unique<Lz4Hc>(level); }
std::string_view lz4_version() noexcept { return LZ4_versionString(); }

}  // namespace pagepress
