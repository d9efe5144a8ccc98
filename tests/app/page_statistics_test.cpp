// SPDX-License-Identifier: Apache-2.0
// SizeStatistics and the counting of pages; tests/system/cli_test.py has the rest.
#include "apps/pagepress/pages/page_statistics.hpp"

#include <gtest/gtest.h>
#include <lz4.h>
#include <lz4hc.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "tests/app/temporary_folder.hpp"

namespace pagepress::app {
namespace {

using sim::kPageBytes;

TEST(SizeStatistics, HasNoSizesAtFirst) {
  const SizeStatistics sizes;
  EXPECT_EQ(sizes.quantile(0.5), 0U);
  EXPECT_EQ(sizes.bytes_out, 0U);
}

TEST(SizeStatistics, PutsSizesIntoTheirBins) {
  SizeStatistics sizes;
  for (const std::size_t size : {1U, 63U, 64U, 3625U, 4096U, 4096U}) {
    sizes.add(size);
  }
  EXPECT_EQ(sizes.histogram[0], 2U);
  EXPECT_EQ(sizes.histogram[1], 1U);
  EXPECT_EQ(sizes.histogram[56], 1U);
  EXPECT_EQ(sizes.histogram[64], 2U);
  EXPECT_EQ(sizes.incompressible_pages, 2U);
  EXPECT_EQ(sizes.bytes_out, 1U + 63 + 64 + 3625 + 2 * 4096);
}

TEST(SizeStatistics, QuantilesAreSizesThatOccur) {
  SizeStatistics sizes;
  for (const std::size_t size : {100U, 200U, 300U, 400U}) {
    sizes.add(size);
  }
  EXPECT_EQ(sizes.quantile(0.0), 100U);
  EXPECT_EQ(sizes.quantile(0.25), 100U);
  EXPECT_EQ(sizes.quantile(0.26), 200U);
  EXPECT_EQ(sizes.quantile(0.5), 200U);
  EXPECT_EQ(sizes.quantile(1.0), 400U);
}

TEST(SizeStatistics, AddsUp) {
  SizeStatistics first;
  SizeStatistics second;
  first.add(10);
  second.add(20);
  second.add(4096);
  first.add(second);
  EXPECT_EQ(first.bytes_out, 4126U);
  EXPECT_EQ(first.incompressible_pages, 1U);
  EXPECT_EQ(first.quantile(0.5), 20U);
}

TEST(Examine, CountsAllPagesOfAllWorkers) {
  const test::TemporaryFolder folder;
  std::string text(1000 * kPageBytes, '\0');
  for (std::size_t page = 0; page < 1000; page += 4) {
    text[page * kPageBytes + 9] = 'x';  // neither zero nor same-filled
    text.replace((page + 1) * kPageBytes, kPageBytes, kPageBytes, 'y');  // same-filled
  }
  const sim::PageFile file(folder.file("pages", text));
  std::uint64_t last = 0;
  const PageStatistics statistics = examine(file, [&](std::uint64_t done) {
    EXPECT_GE(done, last);
    EXPECT_LE(done, 1000U);
    last = done;
  });
  EXPECT_EQ(statistics.pages, 1000U);
  EXPECT_EQ(statistics.zero_pages, 500U);
  EXPECT_EQ(statistics.same_filled_pages, 750U);
  for (const Compressor compressor : kCompressors) {
    const std::uint64_t bytes_out = statistics.of(compressor).bytes_out;
    EXPECT_EQ(bytes_out % 250, 0U) << "250 pages alike";
    EXPECT_GT(bytes_out, 0U);
    EXPECT_DOUBLE_EQ(statistics.ratio(compressor).value_or(0),
                     1000.0 * kPageBytes / static_cast<double>(bytes_out));
  }
  EXPECT_LE(statistics.of(Compressor::kLz4Hc12).bytes_out,
            statistics.of(Compressor::kLz4Fast1).bytes_out);
}

// Pages of noise and zeros around the limit: the room that examine() gives to
// liblz4 must not change what a page takes.
TEST(Examine, CountsABlockOfExactlyTheLimitAsCompressible) {
  std::string text;
  std::minstd_rand random(1);
  for (std::size_t noise = 3500; noise < kPageBytes; ++noise) {
    for (std::size_t i = 0; i < kPageBytes; ++i) {
      text += i < noise ? static_cast<char>(random() >> 8U) : '\0';
    }
  }
  std::array<std::uint64_t, kCompressors.size()> incompressible = {};
  std::array<bool, kCompressors.size()> at_the_limit = {};
  std::array<char, LZ4_COMPRESSBOUND(kPageBytes)> block = {};
  for (std::size_t at = 0; at < text.size(); at += kPageBytes) {
    const auto note = [&](Compressor compressor, int length) {
      const auto size = static_cast<unsigned>(length);
      const auto i = static_cast<std::size_t>(compressor);
      incompressible.at(i) += size > PP_LIMIT_DEFAULT ? 1 : 0;
      at_the_limit.at(i) = at_the_limit.at(i) || size == PP_LIMIT_DEFAULT;
    };
    constexpr int kPage = static_cast<int>(kPageBytes);
    constexpr int kRoom = static_cast<int>(block.size());
    note(Compressor::kLz4Fast1, LZ4_compress_fast(text.data() + at, block.data(), kPage, kRoom, 1));
    note(Compressor::kLz4Hc12,
         LZ4_compress_HC(text.data() + at, block.data(), kPage, kRoom, LZ4HC_CLEVEL_MAX));
  }
  const test::TemporaryFolder folder;
  const PageStatistics statistics =
      examine(sim::PageFile(folder.file("pages", text)), [](std::uint64_t) {});
  for (const Compressor compressor : kCompressors) {
    EXPECT_TRUE(at_the_limit.at(static_cast<std::size_t>(compressor)));
    EXPECT_EQ(statistics.of(compressor).incompressible_pages,
              incompressible.at(static_cast<std::size_t>(compressor)));
  }
}

}  // namespace
}  // namespace pagepress::app
