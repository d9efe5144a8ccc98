// SPDX-License-Identifier: Apache-2.0
// CRC32C against what is published.
#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>

#include <array>
#include <cstdint>

namespace pagepress {
namespace {

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
