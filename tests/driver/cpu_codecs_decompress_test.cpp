// SPDX-License-Identifier: Apache-2.0
// Every CPU back end, decompressing: what it stored, and blocks that nobody stored. The block ends
// at a fence and so does the destination: one byte too far is a crash.
#include <libdeflate.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <zstd.h>

#include "tests/driver/cpu_codec_suite.hpp"

namespace pagepress::test {
namespace {

class CpuDecompress : public CpuCodecTest {
 protected:
  [[nodiscard]] bool is_lz4() const { return GetParam().name.starts_with("cpu:lz4"); }

  // A block of the back end's format of which `bytes` come out, by the library itself.
  [[nodiscard]] std::vector<std::byte> block_of(std::span<const std::byte> bytes) const {
    std::vector<std::byte> block(2 * bytes.size() + 1024);
    const std::string_view name = GetParam().name;
    std::size_t len = 0;
    if (is_lz4()) {
      len = static_cast<std::size_t>(LZ4_compress_default(
          reinterpret_cast<const char*>(bytes.data()), reinterpret_cast<char*>(block.data()),
          static_cast<int>(bytes.size()), static_cast<int>(block.size())));
    } else if (name == "cpu:lzo") {
      std::vector<std::uint64_t> work(LZO1X_1_MEM_COMPRESS / 8);
      lzo_uint out = 0;
      lzo1x_1_compress(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                       reinterpret_cast<unsigned char*>(block.data()), &out, work.data());
      len = out;
    } else if (name == "cpu:zstd") {
      len = ZSTD_compress(block.data(), block.size(), bytes.data(), bytes.size(), 3);
    } else {
      libdeflate_compressor* const compressor = libdeflate_alloc_compressor(6);
      len = libdeflate_deflate_compress(compressor, bytes.data(), bytes.size(), block.data(),
                                        block.size());
      libdeflate_free_compressor(compressor);
    }
    block.resize(len);
    return block;
  }
  // Of a page of text, by the library itself: the fastest levels would store it whole.
  [[nodiscard]] std::vector<std::byte> text_block(unsigned seed) const {
    return block_of(text_page(seed));
  }
};
INSTANTIATE_TEST_SUITE_P(All, CpuDecompress, ::testing::ValuesIn(all_codecs()), name_of_codec);

TEST_P(CpuDecompress, GivesThePageBackWithItsCrc) {
  const auto codec = make();
  for (unsigned seed = 0; seed < 10; ++seed) {
    const PageData page = text_page(seed);
    const std::vector<std::byte> block = text_block(seed);
    const Outcome r = expand(*codec, block, kPageSize);
    EXPECT_EQ(r.completion.status, Status::kOk);
    EXPECT_EQ(r.completion.crc32c, crc32c(page.data(), page.size()));
    EXPECT_EQ(r.completion.engine_cycles, 0u);
    ASSERT_EQ(r.out.size(), kPageSize);
    EXPECT_TRUE(std::equal(r.out.begin(), r.out.end(), page.begin()));
    EXPECT_TRUE(r.guards_hold);
    EXPECT_EQ(expand(*make(false), block, kPageSize).completion.crc32c, 0u);
  }
}

// An engine says how much came out; the formats that no engine knows have pages only.
TEST_P(CpuDecompress, ABlockOfLessThanAPage) {
  const auto codec = make();
  const PageData page = text_page(1);
  for (const std::size_t len : {1u, 100u, 4095u}) {
    const Outcome r = expand(*codec, block_of(std::span(page).first(len)), kPageSize);
    EXPECT_TRUE(r.guards_hold);
    if (is_lz4()) {
      EXPECT_EQ(r.completion.status, Status::kOk) << len;
      EXPECT_EQ(r.completion.out_len, len);
      EXPECT_EQ(r.completion.crc32c, crc32c(page.data(), len));
    } else {
      EXPECT_EQ(r.completion.status, Status::kMalformed) << len;
      EXPECT_EQ(r.completion.out_len, 0u);
    }
  }
}

// The capacity may say more, a page is a page.
TEST_P(CpuDecompress, ABlockOfMoreThanAPage) {
  const auto codec = make();
  const std::vector<std::byte> zeros(2 * kPageSize);
  for (const std::size_t len : {kPageSize + 1, 2 * kPageSize}) {
    const Outcome r = expand(*codec, block_of(std::span(zeros).first(len)), 2 * kPageSize);
    EXPECT_EQ(r.completion.status, Status::kMalformed);
    EXPECT_TRUE(r.guards_hold);
  }
}

TEST_P(CpuDecompress, TooSmallACapacityIsMalformed) {
  const auto codec = make();
  const std::vector<std::byte> block = text_block(5);
  for (const std::uint32_t capacity : {0u, 1u, 100u, 4095u}) {
    const Outcome r = expand(*codec, block, capacity);
    EXPECT_EQ(r.completion.status, Status::kMalformed) << capacity;
    EXPECT_EQ(r.completion.out_len, 0u);
    EXPECT_EQ(r.completion.crc32c, 0u);
    EXPECT_TRUE(r.guards_hold);
  }
}

TEST_P(CpuDecompress, LengthsThatNoBlockHasAreBadDescriptors) {
  const auto codec = make();
  const std::vector<std::byte> block(kMaxBlockSize + 1);
  const std::span all(block);
  EXPECT_EQ(expand(*codec, all, kPageSize).completion.status, Status::kBadDescriptor);
  EXPECT_EQ(expand(*codec, all.first(kMaxBlockSize), kPageSize).completion.status,
            Status::kMalformed);
  EXPECT_EQ(expand(*codec, all.first(0), kPageSize).completion.status, Status::kBadDescriptor);
}

TEST_P(CpuDecompress, EveryCutBlockIsMalformedOrShort) {
  const auto codec = make();
  const std::vector<std::byte> block = text_block(5);
  for (std::size_t len = 1; len < block.size(); ++len) {
    const Outcome r = expand(*codec, std::span(block).first(len), kPageSize);
    EXPECT_TRUE(r.completion.status == Status::kMalformed || (is_lz4() && r.out.size() < kPageSize))
        << len;
    EXPECT_TRUE(r.guards_hold);
  }
}

TEST_P(CpuDecompress, BytesBehindTheBlockAreMalformed) {
  const auto codec = make();
  std::vector<std::byte> block = text_block(6);
  for (int i = 0; i < 8; ++i) {
    block.push_back(std::byte{0x5a});
    const Outcome r = expand(*codec, block, kPageSize);
    EXPECT_EQ(r.completion.status, Status::kMalformed) << i;
  }
}

// Blocks damaged in every way: bytes turned, put in, taken out, doubled; pure noise.
TEST_P(CpuDecompress, DamagedBlocksDoNoHarm) {
  const auto codec = make();
  std::mt19937 random(11);
  unsigned refused = 0;
  for (unsigned round = 0; round < 1500; ++round) {
    std::vector<std::byte> block = text_block(round % 16);
    const auto somewhere = [&] {
      return block.begin() + static_cast<std::ptrdiff_t>(random() % block.size());
    };
    for (unsigned change = 0; change <= round % 4; ++change) {
      switch (random() % 5) {
        case 0:
          *somewhere() = static_cast<std::byte>(random());
          break;
        case 1:
          *somewhere() ^= static_cast<std::byte>(1u << random() % 8);
          break;
        case 2:
          block.insert(somewhere(), static_cast<std::byte>(random()));
          break;
        case 3:
          block.erase(somewhere());
          break;
        default:
          std::fill_n(block.begin(), std::min<std::size_t>(block.size(), random() % 40),
                      static_cast<std::byte>(random()));
          break;
      }
    }
    if (round % 50 == 0) {
      std::generate(block.begin(), block.end(), [&] { return static_cast<std::byte>(random()); });
    }
    block.resize(std::clamp<std::size_t>(block.size(), 1, kMaxBlockSize));
    const auto capacity = static_cast<std::uint32_t>(round % 3 == 0 ? random() % 5000 : kPageSize);
    const Outcome r = expand(*codec, block, capacity);
    ASSERT_TRUE(r.guards_hold) << round;
    ASSERT_TRUE(r.completion.status == Status::kMalformed || r.completion.status == Status::kOk);
    if (r.completion.status == Status::kOk && !is_lz4()) {
      ASSERT_EQ(r.out.size(), kPageSize) << round;
    }
    refused += r.completion.status == Status::kMalformed ? 1 : 0;
  }
  EXPECT_GT(refused, 300u);
}

TEST_P(CpuDecompress, VerifiesWhatComesOutByItsCrc) {
  const auto codec = make();
  const PageData page = text_page(5);
  const std::vector<std::byte> block = text_block(5);
  PageData out;
  for (const bool wrong : {false, true}) {
    const Request load{.src = block.data(),
                       .dst = out.data(),
                       .capacity = kPageSize,
                       .operation = Operation::kDecompress,
                       .src_len = static_cast<std::uint32_t>(block.size()),
                       .verify = true,
                       .expected_crc32c = crc32c(page.data(), page.size()) ^ (wrong ? 1u : 0u)};
    Completion done;
    ASSERT_EQ(codec->submit(std::span(&load, 1)), 1u);
    ASSERT_EQ(codec->poll(std::span(&done, 1)), 1u);
    EXPECT_EQ(done.status, wrong ? Status::kVerifyFailed : Status::kOk);
  }
}

}  // namespace
}  // namespace pagepress::test
