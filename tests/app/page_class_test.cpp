// SPDX-License-Identifier: Apache-2.0
// classify(): zero, same-filled by 8-byte word, and what only looks like it.
#include "sim/pagefile/page_class.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace pagepress::sim {
namespace {

using Page = std::array<std::uint8_t, kPageBytes>;

// Bytes 0, 1, .., period-1 over and over.
Page periodic(std::size_t period) {
  Page page = {};
  for (std::size_t i = 0; i < page.size(); ++i) {
    page[i] = static_cast<std::uint8_t>(i % period);
  }
  return page;
}

TEST(Classify, KnowsAZeroPage) { EXPECT_EQ(classify(Page{}), PageKind::kZero); }

TEST(Classify, OneBitAnywhereMakesAPageNotZero) {
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{7}, std::size_t{8}, std::size_t{2048}, kPageBytes - 1}) {
    Page page = {};
    page[at] = 0x80;
    EXPECT_EQ(classify(page), PageKind::kOther) << "byte " << at;
  }
}

TEST(Classify, TakesEveryPeriodThatDividesAWordAsSameFilled) {
  Page ones = {};
  ones.fill(0xff);
  EXPECT_EQ(classify(ones), PageKind::kSameFilled);
  for (const std::size_t period : {2U, 4U, 8U}) {
    EXPECT_EQ(classify(periodic(period)), PageKind::kSameFilled) << "period " << period;
  }
}

TEST(Classify, TakesOtherPeriodsAsOrdinaryPages) {
  for (const std::size_t period : {3U, 5U, 16U, 64U}) {
    EXPECT_EQ(classify(periodic(period)), PageKind::kOther) << "period " << period;
  }
}

}  // namespace
}  // namespace pagepress::sim
