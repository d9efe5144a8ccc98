// SPDX-License-Identifier: Apache-2.0
// cpu:lz4: the engine's completion semantics, limits to the byte, guard bytes.
#include <gtest/gtest.h>
#include <lz4.h>
#include <pagepress/codecs.hpp>

#include <algorithm>
#include <cstring>

#include "rtl/abi/pagepress_abi.h"
#include "tests/driver/support.hpp"

namespace pagepress {
namespace {

using test::filled_page;
using test::PageData;
using test::random_page;
using test::text_page;

constexpr std::byte kGuard{0xa5};

// One page through a codec, the destination between guard bytes.
struct Outcome {
  Completion completion;
  std::vector<std::byte> out;
  bool guards_hold = false;
};

Outcome run(Codec& codec, const PageData& page, std::uint32_t limit, std::uint32_t capacity) {
  constexpr std::size_t kMargin = 64;
  std::vector<std::byte> memory(capacity + 2 * kMargin, kGuard);
  const Request request{.src = page.data(),
                        .dst = memory.data() + kMargin,
                        .capacity = capacity,
                        .limit = limit,
                        .tag = 42};
  Outcome result;
  EXPECT_EQ(codec.submit(std::span(&request, 1)), 1u);
  EXPECT_EQ(codec.poll(std::span(&result.completion, 1)), 1u);
  const auto is_guard = [](std::byte byte) { return byte == kGuard; };
  const auto start = memory.begin() + kMargin;
  result.guards_hold = std::all_of(memory.begin(), start, is_guard) &&
                       std::all_of(start + capacity, memory.end(), is_guard);
  EXPECT_LE(result.completion.out_len, capacity);
  result.out.assign(start, start + result.completion.out_len);
  return result;
}

PageData decode(const std::vector<std::byte>& block) {
  PageData page{};
  EXPECT_EQ(LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()),
                                reinterpret_cast<char*>(page.data()),
                                static_cast<int>(block.size()), kPageSize),
            static_cast<int>(kPageSize));
  return page;
}

TEST(CpuLz4, FilledPagesAreTheirWord) {
  const auto codec = make_cpu_lz4();
  for (const std::uint64_t word : {0ull, ~0ull, 0x0123456789abcdefull, 1ull << 63}) {
    const Outcome r = run(*codec, filled_page(word), 0, kPageSize);
    EXPECT_EQ(r.completion.status, Status::kSameFilled);
    EXPECT_EQ(r.completion.info, word);
    EXPECT_EQ(r.completion.out_len, 0u);
    EXPECT_EQ(r.completion.tag, 42u);
    EXPECT_TRUE(r.guards_hold);
  }
}

TEST(CpuLz4, OneByteOffIsNotFilled) {
  const auto codec = make_cpu_lz4();
  for (const std::size_t at : {0u, 7u, 8u, 2047u, 4088u, 4095u}) {
    PageData page = filled_page(0);
    page[at] = std::byte{1};
    const Outcome r = run(*codec, page, 0, kPageSize);
    ASSERT_EQ(r.completion.status, Status::kOk) << at;
    EXPECT_EQ(decode(r.out), page) << at;
  }
}

TEST(CpuLz4, TextDecodesToItself) {
  const auto codec = make_cpu_lz4();
  for (unsigned seed = 0; seed < 50; ++seed) {
    const PageData page = text_page(seed);
    const Outcome r = run(*codec, page, 0, kPageSize);
    ASSERT_EQ(r.completion.status, Status::kOk);
    EXPECT_LT(r.completion.out_len, 3000u);
    EXPECT_EQ(r.completion.info, 0u);
    EXPECT_EQ(r.completion.engine_cycles, 0u);
    EXPECT_EQ(decode(r.out), page);
    EXPECT_TRUE(r.guards_hold);
  }
}

TEST(CpuLz4, StateOfOnePageDoesNotLeakIntoTheNext) {
  const auto warm = make_cpu_lz4();
  for (unsigned seed = 0; seed < 20; ++seed) {
    const PageData page = text_page(seed);
    const Outcome again = run(*warm, page, 0, kPageSize);
    const Outcome fresh = run(*make_cpu_lz4(), page, 0, kPageSize);
    EXPECT_EQ(again.out, fresh.out);
  }
}

TEST(CpuLz4, RandomPagesAreIncompressible) {
  const auto codec = make_cpu_lz4();
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Outcome r = run(*codec, random_page(seed), kPageSize, kPageSize);
    EXPECT_EQ(r.completion.status, Status::kIncompressible);
    EXPECT_EQ(r.completion.out_len, 0u);
    EXPECT_TRUE(r.guards_hold);
  }
}

// The limit is met to the byte: the block that fits exactly is kept, and one
// byte less is incompressible. Pages from all text to nearly all random.
TEST(CpuLz4, LimitAndCapacityAreExact) {
  const auto codec = make_cpu_lz4();
  for (unsigned seed = 0; seed < 64; ++seed) {
    PageData page = random_page(seed);
    const PageData text = text_page(seed);
    std::copy(text.begin(), text.begin() + 600 + std::size_t{seed} * 50, page.begin());
    std::vector<char> bound(static_cast<std::size_t>(LZ4_compressBound(kPageSize)));
    const auto size = static_cast<std::uint32_t>(
        LZ4_compress_fast(reinterpret_cast<const char*>(page.data()), bound.data(), kPageSize,
                          static_cast<int>(bound.size()), 1));
    ASSERT_LT(size, kPageSize) << "the page must be compressible at all";
    for (const bool by_limit : {true, false}) {
      const auto with = [&](std::uint32_t room) {
        return by_limit ? run(*codec, page, room, kPageSize) : run(*codec, page, kPageSize, room);
      };
      const Outcome fits = with(size);
      EXPECT_EQ(fits.completion.status, Status::kOk) << seed;
      EXPECT_EQ(fits.completion.out_len, size);
      EXPECT_EQ(decode(fits.out), page);
      EXPECT_TRUE(fits.guards_hold);
      const Outcome misses = with(size - 1);
      EXPECT_EQ(misses.completion.status, Status::kIncompressible) << seed;
      EXPECT_TRUE(misses.guards_hold);
    }
  }
}

TEST(CpuLz4, TinyCapacitiesAreNeverExceeded) {
  const auto codec = make_cpu_lz4();
  const PageData page = text_page(3);
  for (std::uint32_t capacity = 0; capacity < 64; ++capacity) {
    const Outcome r = run(*codec, page, 0, capacity);
    EXPECT_EQ(r.completion.status, Status::kIncompressible) << capacity;
    EXPECT_TRUE(r.guards_hold) << capacity;
  }
}

TEST(CpuLz4, LimitZeroIsTheContractsDefault) {
  const auto codec = make_cpu_lz4();
  // About 3,700 bytes of output: more than the default limit, less than a page.
  PageData page = random_page(1);
  std::fill(page.begin(), page.begin() + 400, std::byte{0});
  EXPECT_EQ(run(*codec, page, 0, kPageSize).completion.status, Status::kIncompressible);
  const Outcome whole = run(*codec, page, kPageSize, kPageSize);
  EXPECT_EQ(whole.completion.status, Status::kOk);
  EXPECT_GT(whole.completion.out_len, PP_LIMIT_DEFAULT);
}

TEST(CpuLz4, ALimitAboveTheUnitIsABadDescriptor) {
  const auto codec = make_cpu_lz4();
  const Outcome r = run(*codec, text_page(1), kPageSize + 1, kPageSize);
  EXPECT_EQ(r.completion.status, Status::kBadDescriptor);
  EXPECT_TRUE(r.guards_hold);
}

TEST(CpuLz4, EveryStatusCarriesTheCrcOfThePage) {
  const auto codec = make_cpu_lz4();
  for (const PageData& page : {filled_page(7), text_page(1), random_page(1)}) {
    EXPECT_EQ(run(*codec, page, 0, kPageSize).completion.crc32c, crc32c(page.data(), page.size()));
  }
  EXPECT_EQ(run(*make_cpu_lz4(false), text_page(1), 0, kPageSize).completion.crc32c, 0u);
}

TEST(CpuLz4, HoldsOneRequestAtATime) {
  const auto codec = make_cpu_lz4();
  EXPECT_EQ(codec->depth(), 1u);
  EXPECT_EQ(codec->name(), "cpu:lz4");
  const PageData page = text_page(1);
  PageData out;
  const Request request{.src = page.data(), .dst = out.data(), .capacity = kPageSize};
  const std::vector<Request> three(3, request);
  std::vector<Completion> done(3);
  EXPECT_EQ(codec->poll(done), 0u);
  EXPECT_EQ(codec->submit({}), 0u);
  EXPECT_EQ(codec->submit(three), 1u);
  EXPECT_EQ(codec->submit(three), 0u);
  EXPECT_EQ(codec->poll({}), 0u);
  EXPECT_EQ(codec->poll(done), 1u);
  EXPECT_EQ(codec->poll(done), 0u);
}

// One block through a codec, the destination between guard bytes.
Outcome expand(Codec& codec, std::span<const std::byte> block, std::uint32_t capacity) {
  constexpr std::size_t kMargin = 64;
  std::vector<std::byte> memory(capacity + 2 * kMargin, kGuard);
  const Request request{.src = block.data(),
                        .dst = memory.data() + kMargin,
                        .capacity = capacity,
                        .tag = 43,
                        .operation = Operation::kDecompress,
                        .src_len = static_cast<std::uint32_t>(block.size())};
  Outcome result;
  EXPECT_EQ(codec.submit(std::span(&request, 1)), 1u);
  EXPECT_EQ(codec.poll(std::span(&result.completion, 1)), 1u);
  const auto is_guard = [](std::byte byte) { return byte == kGuard; };
  const auto start = memory.begin() + kMargin;
  result.guards_hold = std::all_of(memory.begin(), start, is_guard) &&
                       std::all_of(start + capacity, memory.end(), is_guard);
  EXPECT_LE(result.completion.out_len, capacity);
  result.out.assign(start, start + result.completion.out_len);
  return result;
}

TEST(CpuLz4Decompress, GivesThePageBackWithItsCrc) {
  const auto codec = make_cpu_lz4();
  for (unsigned seed = 0; seed < 20; ++seed) {
    const PageData page = text_page(seed);
    const Outcome stored = run(*codec, page, 0, kPageSize);
    const Outcome r = expand(*codec, stored.out, kPageSize);
    EXPECT_EQ(r.completion.status, Status::kOk);
    EXPECT_EQ(r.completion.tag, 43u);
    EXPECT_EQ(r.completion.crc32c, crc32c(page.data(), page.size()));
    EXPECT_EQ(r.completion.engine_cycles, 0u);
    ASSERT_EQ(r.out.size(), kPageSize);
    EXPECT_EQ(std::memcmp(r.out.data(), page.data(), kPageSize), 0);
    EXPECT_TRUE(r.guards_hold);
    EXPECT_EQ(expand(*make_cpu_lz4(false), stored.out, kPageSize).completion.crc32c, 0u);
  }
}

TEST(CpuLz4Decompress, ShortOutputIsNoError) {
  const auto codec = make_cpu_lz4();
  const std::vector<std::byte> block = {std::byte{0x30}, std::byte{'a'}, std::byte{'b'},
                                        std::byte{'c'}};
  const Outcome r = expand(*codec, block, kPageSize);
  EXPECT_EQ(r.completion.status, Status::kOk);
  EXPECT_EQ(r.completion.out_len, 3u);
  EXPECT_EQ(r.completion.crc32c, crc32c("abc", 3));
}

TEST(CpuLz4Decompress, DamagedAndCutBlocksAreMalformed) {
  const auto codec = make_cpu_lz4();
  const PageData page = text_page(5);
  const std::vector<std::byte> block = run(*codec, page, 0, kPageSize).out;
  for (const std::size_t cut : {1u, 2u, 100u}) {
    const Outcome r = expand(*codec, std::span(block).first(block.size() - cut), kPageSize);
    EXPECT_TRUE(r.completion.status == Status::kMalformed || r.out.size() < kPageSize) << cut;
    EXPECT_TRUE(r.guards_hold);
  }
  for (const std::uint32_t capacity : {0u, 1u, 100u, 4095u}) {
    const Outcome r = expand(*codec, block, capacity);
    EXPECT_EQ(r.completion.status, Status::kMalformed) << capacity;
    EXPECT_EQ(r.completion.out_len, 0u);
    EXPECT_EQ(r.completion.crc32c, 0u);
    EXPECT_TRUE(r.guards_hold);
  }
}

// 8,192 zeros in a block of some 40 bytes: the capacity may say more, a page is a page.
TEST(CpuLz4Decompress, NoMoreThanAPageComesOut) {
  const auto codec = make_cpu_lz4();
  const std::vector<char> zeros(2 * kPageSize);
  std::vector<std::byte> block(100);
  block.resize(static_cast<std::size_t>(
      LZ4_compress_default(zeros.data(), reinterpret_cast<char*>(block.data()),
                           static_cast<int>(zeros.size()), static_cast<int>(block.size()))));
  const Outcome r = expand(*codec, block, 2 * kPageSize);
  EXPECT_EQ(r.completion.status, Status::kMalformed);
}

TEST(CpuLz4Decompress, LengthsThatNoBlockHasAreBadDescriptors) {
  const auto codec = make_cpu_lz4();
  const std::vector<std::byte> block(kMaxBlockSize + 1);
  const std::span all(block);
  EXPECT_EQ(expand(*codec, all, kPageSize).completion.status, Status::kBadDescriptor);
  EXPECT_EQ(expand(*codec, all.first(kMaxBlockSize), kPageSize).completion.status,
            Status::kMalformed);
  EXPECT_EQ(expand(*codec, all.first(0), kPageSize).completion.status, Status::kBadDescriptor);
}

TEST(CpuLz4, OnlyWholePagesAreCompressed) {
  const auto codec = make_cpu_lz4();
  const PageData page = text_page(1);
  PageData out;
  const Request request{
      .src = page.data(), .dst = out.data(), .capacity = kPageSize, .src_len = kPageSize - 8};
  Completion done;
  ASSERT_EQ(codec->submit(std::span(&request, 1)), 1u);
  ASSERT_EQ(codec->poll(std::span(&done, 1)), 1u);
  EXPECT_EQ(done.status, Status::kBadDescriptor);
}

// RFC 3720, B.4.
TEST(Crc32c, MatchesThePublishedVectors) {
  EXPECT_EQ(crc32c("123456789", 9), 0xe3069283u);
  std::array<std::uint8_t, 32> data{};
  EXPECT_EQ(crc32c(data.data(), data.size()), 0x8a9136aau);
  data.fill(0xff);
  EXPECT_EQ(crc32c(data.data(), data.size()), 0x62a8ab43u);
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<std::uint8_t>(i);
  }
  EXPECT_EQ(crc32c(data.data(), data.size()), 0x46dd794eu);
  EXPECT_EQ(crc32c(data.data(), 0), 0u);
}

}  // namespace
}  // namespace pagepress
