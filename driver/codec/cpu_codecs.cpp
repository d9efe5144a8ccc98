// SPDX-License-Identifier: Apache-2.0
// The table of CPU back ends.
#include <pagepress/cpu_codecs.hpp>

#include <lz4hc.h>

#include <array>

#include <pagepress/codecs.hpp>

#include "driver/codec/block_codecs.hpp"

namespace pagepress {
namespace {

// LZ4_ACCELERATION_MAX, which lz4.h says only in words.
constexpr int kMostAcceleration = 65537;

}  // namespace

std::span<const CpuCodec> cpu_codecs() {
  static const std::array kTable = {
      CpuCodec{.name = "cpu:lz4",
               .summary = "liblz4's LZ4_compress_fast; level: its acceleration, as in zram",
               .library = "lz4",
               .version = lz4_version(),
               .levels = LevelRange{.least = 1, .most = kMostAcceleration, .standard = 1},
               .make = make_lz4},
      CpuCodec{.name = "cpu:lz4hc",
               .summary = "liblz4's LZ4_compress_HC: slower, smaller, decompresses like cpu:lz4",
               .library = "lz4",
               .version = lz4_version(),
               .levels = LevelRange{.least = LZ4HC_CLEVEL_MIN,
                                    .most = LZ4HC_CLEVEL_MAX,
                                    .standard = LZ4HC_CLEVEL_DEFAULT},
               .make = make_lz4hc},
      CpuCodec{.name = "cpu:lzo",
               .summary = "liblzo2's LZO1X-1, the format of the kernel's lzo",
               .library = "lzo",
               .version = lzo_version(),
               .levels = std::nullopt,
               .make = make_lzo},
      CpuCodec{.name = "cpu:zstd",
               .summary = "libzstd, a frame a page",
               .library = "zstd",
               .version = zstd_version(),
               .levels = zstd_levels(),
               .make = make_zstd},
      CpuCodec{.name = "cpu:deflate",
               .summary = "libdeflate, a raw DEFLATE stream a page",
               .library = "libdeflate",
               .version = deflate_version(),
               .levels = LevelRange{.least = 1, .most = 12, .standard = 6},
               .make = make_deflate},
  };
  return kTable;
}

std::unique_ptr<Codec> make_cpu_lz4(bool with_crc32c) {
  return make_cpu_codec(make_lz4(/*level=*/1), with_crc32c);
}

}  // namespace pagepress
