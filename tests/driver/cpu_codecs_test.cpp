// SPDX-License-Identifier: Apache-2.0
// Every CPU back end: the engine's completion semantics, limits to the byte, memory that it may
// use and no other; pages of many kinds there and back.
#include <cstring>

#include "rtl/abi/pagepress_abi.h"
#include "tests/driver/cpu_codec_suite.hpp"

namespace pagepress::test {
namespace {

class CpuCompress : public CpuCodecTest {};
INSTANTIATE_TEST_SUITE_P(All, CpuCompress, ::testing::ValuesIn(all_codecs()), name_of_codec);

// Random up to `text` bytes before the end, then text: from incompressible to a third.
PageData partly_text(unsigned seed, std::size_t text) {
  PageData page = random_page(seed);
  const PageData words = text_page(seed);
  std::copy_n(words.begin(), text, page.end() - static_cast<std::ptrdiff_t>(text));
  return page;
}

// 8-byte pointers into a few regions, sparse small integers, long runs, a short period.
std::vector<PageData> structured_pages() {
  std::mt19937_64 random(7);
  std::vector<PageData> pages(4);
  for (std::size_t at = 0; at < kPageSize; at += 8) {
    const std::uint64_t pointer = 0x7f0000000000u + (random() % 4 << 32) + random() % 65536 * 16;
    std::memcpy(&pages[0][at], &pointer, 8);
    const std::uint64_t small = random() % 4 == 0 ? random() % 200 : 0;
    std::memcpy(&pages[1][at], &small, 8);
  }
  for (std::size_t at = 0; at < kPageSize; ++at) {
    pages[2][at] = static_cast<std::byte>(at / 700);
    pages[3][at] = static_cast<std::byte>(at % 13);
  }
  return pages;
}

TEST_P(CpuCompress, FilledPagesAreTheirWord) {
  const auto codec = make();
  for (const std::uint64_t word : {0ull, ~0ull, 0x0123456789abcdefull, 1ull << 63}) {
    const Outcome r = compress(*codec, filled_page(word), 0, kPageSize);
    EXPECT_EQ(r.completion.status, Status::kSameFilled);
    EXPECT_EQ(r.completion.info, word);
    EXPECT_EQ(r.completion.out_len, 0u);
    EXPECT_TRUE(r.guards_hold);
  }
}

TEST_P(CpuCompress, OneByteOffIsNotFilled) {
  const auto codec = make();
  for (const std::size_t at : {0u, 7u, 8u, 2047u, 4088u, 4095u}) {
    PageData page = filled_page(0);
    page[at] = std::byte{1};
    const Outcome r = compress(*codec, page, 0, kPageSize);
    ASSERT_EQ(r.completion.status, Status::kOk) << at;
    expect_page(r, page);
  }
}

TEST_P(CpuCompress, TextComesBack) {
  const auto codec = make();
  for (unsigned seed = 0; seed < 30; ++seed) {
    const PageData page = text_page(seed);
    const Outcome r = compress(*codec, page, kPageSize, kPageSize);
    if (r.completion.status != Status::kOk) {
      // The fastest levels of all hardly look for matches.
      ASSERT_TRUE(GetParam().level < 0 || GetParam().level > 1000);
      continue;
    }
    EXPECT_EQ(r.completion.info, 0u);
    EXPECT_EQ(r.completion.engine_cycles, 0u);
    EXPECT_TRUE(r.guards_hold);
    expect_page(r, page);
  }
}

TEST_P(CpuCompress, PagesOfAllKindsComeBack) {
  const auto codec = make();
  std::vector<PageData> pages = structured_pages();
  for (std::size_t text = 0; text <= kPageSize; text += 256) {
    pages.push_back(partly_text(static_cast<unsigned>(text), text));
  }
  unsigned stored = 0;
  for (const PageData& page : pages) {
    const Outcome r = compress(*codec, page, kPageSize, kPageSize);
    EXPECT_TRUE(r.guards_hold);
    if (r.completion.status == Status::kIncompressible) {
      EXPECT_EQ(r.completion.out_len, 0u);
      continue;
    }
    ASSERT_EQ(r.completion.status, Status::kOk);
    expect_page(r, page);
    ++stored;
  }
  EXPECT_GE(stored, 3u);
}

TEST_P(CpuCompress, StateOfOnePageDoesNotLeakIntoTheNext) {
  const auto warm = make();
  for (unsigned seed = 0; seed < 20; ++seed) {
    const PageData page = text_page(seed);
    const Outcome again = compress(*warm, page, 0, kPageSize);
    EXPECT_EQ(again.out, compress(*make(), page, 0, kPageSize).out);
    (void)expand(*warm, random_page(seed), kPageSize);  // neither does a malformed block
  }
}

TEST_P(CpuCompress, RandomPagesAreIncompressible) {
  const auto codec = make();
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Outcome r = compress(*codec, random_page(seed), kPageSize, kPageSize);
    EXPECT_EQ(r.completion.status, Status::kIncompressible);
    EXPECT_EQ(r.completion.out_len, 0u);
    EXPECT_TRUE(r.guards_hold);
  }
}

// The limit is met to the byte: the block that fits exactly is kept, and one
// byte less is incompressible. Pages from nearly all random to all text.
TEST_P(CpuCompress, LimitAndCapacityAreExact) {
  const auto codec = make();
  for (std::size_t text = 1000; text < kPageSize; text += 172) {
    const PageData page = partly_text(static_cast<unsigned>(text), text);
    const Outcome whole = compress(*codec, page, kPageSize, kPageSize);
    if (whole.completion.status != Status::kOk) {
      continue;
    }
    const std::uint32_t size = whole.completion.out_len;
    for (const bool by_limit : {true, false}) {
      const auto with = [&](std::uint32_t room) {
        return by_limit ? compress(*codec, page, room, kPageSize)
                        : compress(*codec, page, kPageSize, room);
      };
      const Outcome fits = with(size);
      EXPECT_EQ(fits.completion.status, Status::kOk) << text;
      EXPECT_EQ(fits.out, whole.out);
      EXPECT_TRUE(fits.guards_hold);
      const Outcome misses = with(size - 1);
      EXPECT_EQ(misses.completion.status, Status::kIncompressible) << text;
      EXPECT_EQ(misses.completion.out_len, 0u);
      EXPECT_TRUE(misses.guards_hold);
    }
  }
}

TEST_P(CpuCompress, TinyCapacitiesAreNeverExceeded) {
  const auto codec = make();
  const PageData page = text_page(3);
  for (std::uint32_t capacity = 0; capacity < 64; ++capacity) {
    const Outcome r = compress(*codec, page, 0, capacity);
    EXPECT_EQ(r.completion.status, Status::kIncompressible) << capacity;
    EXPECT_TRUE(r.guards_hold) << capacity;
  }
}

TEST_P(CpuCompress, LimitZeroIsTheContractsDefault) {
  const auto codec = make();
  // About 3,800 bytes of output: more than the default limit, less than a page.
  PageData page = random_page(1);
  std::fill(page.begin() + 300, page.begin() + 600, std::byte{0});
  EXPECT_EQ(compress(*codec, page, 0, kPageSize).completion.status, Status::kIncompressible);
  const Outcome whole = compress(*codec, page, kPageSize, kPageSize);
  if (GetParam().level < 1000) {
    ASSERT_EQ(whole.completion.status, Status::kOk);
    EXPECT_GT(whole.completion.out_len, PP_LIMIT_DEFAULT);
  }
}

TEST_P(CpuCompress, ALimitAboveTheUnitIsABadDescriptor) {
  const auto codec = make();
  const Outcome r = compress(*codec, text_page(1), kPageSize + 1, kPageSize);
  EXPECT_EQ(r.completion.status, Status::kBadDescriptor);
  EXPECT_TRUE(r.guards_hold);
}

TEST_P(CpuCompress, OnlyWholePagesAreCompressed) {
  const auto codec = make();
  const PageData page = text_page(1);
  const Outcome r =
      send(*codec, {.capacity = kPageSize, .tag = 1}, std::span(page).first(kPageSize - 8));
  EXPECT_EQ(r.completion.status, Status::kBadDescriptor);
}

TEST_P(CpuCompress, EveryStatusCarriesTheCrcOfThePage) {
  const auto codec = make();
  for (const PageData& page : {filled_page(7), text_page(1), random_page(1)}) {
    EXPECT_EQ(compress(*codec, page, 0, kPageSize).completion.crc32c,
              crc32c(page.data(), page.size()));
  }
  EXPECT_EQ(compress(*make(false), text_page(1), 0, kPageSize).completion.crc32c, 0u);
}

TEST_P(CpuCompress, HoldsOneRequestAtATime) {
  const auto codec = make();
  EXPECT_EQ(codec->depth(), 1u);
  EXPECT_EQ(codec->name(), GetParam().name);
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

TEST(CpuCodecs, TheTableSaysWhatThereIs) {
  std::vector<std::string_view> names;
  for (const CpuCodec& codec : cpu_codecs()) {
    names.push_back(codec.name);
    EXPECT_FALSE(codec.library.empty());
    EXPECT_NE(codec.version.find('.'), std::string_view::npos) << codec.version;
    if (codec.levels) {
      EXPECT_LE(codec.levels->least, codec.levels->standard);
      EXPECT_LE(codec.levels->standard, codec.levels->most);
    }
  }
  EXPECT_EQ(names, (std::vector<std::string_view>{"cpu:lz4", "cpu:lz4hc", "cpu:lzo", "cpu:zstd",
                                                  "cpu:deflate"}));
}

// More effort gives less output, and acceleration more.
TEST(CpuCodecs, LevelsHaveTheirEffect) {
  const auto total = [](std::string_view name, int level) {
    const auto codec = cpu_codec(name).make(level);
    std::size_t bytes = 0;
    for (unsigned seed = 0; seed < 20; ++seed) {
      std::array<std::byte, kPageSize> out;
      const PageData page = text_page(seed);
      bytes += codec->compress(page, out);
    }
    return bytes;
  };
  EXPECT_LT(total("cpu:lz4", 1), total("cpu:lz4", 30));
  EXPECT_LT(total("cpu:lz4hc", 9), total("cpu:lz4", 1));
  EXPECT_LT(total("cpu:lz4hc", 12), total("cpu:lz4hc", 3));
  EXPECT_LT(total("cpu:zstd", 19), total("cpu:zstd", -20));
  EXPECT_LT(total("cpu:deflate", 12), total("cpu:deflate", 1));
}

}  // namespace
}  // namespace pagepress::test
