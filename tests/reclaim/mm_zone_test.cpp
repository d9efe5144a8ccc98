// SPDX-License-Identifier: Apache-2.0
// Watermarks, against numbers worked out by hand from the kernel's formulas.
#include "sim/reclaim/mm/zone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace pagepress::reclaim {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

void expect_marks(const Zone& zone, std::uint64_t min, std::uint64_t low, std::uint64_t high) {
  EXPECT_EQ(zone.marks.min, min) << zone.name;
  EXPECT_EQ(zone.marks.low, low) << zone.name;
  EXPECT_EQ(zone.marks.high, high) << zone.name;
}

TEST(Zones, IntSqrtRoundsDown) {
  EXPECT_EQ(int_sqrt(0), 0U);
  EXPECT_EQ(int_sqrt(15), 3U);
  EXPECT_EQ(int_sqrt(16), 4U);
  EXPECT_EQ(int_sqrt(134'217'728), 11'585U);
  EXPECT_EQ(int_sqrt(~std::uint64_t{0}), 0xffff'ffffU);
}

TEST(Zones, MinFreeKbytesIsClamped) {
  EXPECT_EQ(default_min_free_kbytes(1'023), 128U);  // sqrt = 127.9
  EXPECT_EQ(default_min_free_kbytes(4'194'304), 8'192U);
  EXPECT_EQ(default_min_free_kbytes(std::uint64_t{1} << 33), 262'144U);
}

// 4194304 KiB: sqrt(16 * 4194304) = 8192 KiB = 2048 pages. 1048576 pages: a gap of a thousandth is
// 1048, more than 2048 / 4.
TEST(Zones, NodeOf4GiB) {
  expect_marks(make_zones({.zones = {{"Normal", 4'096}}}).at(0), 2'048, 3'096, 4'144);
}

// 8388608 KiB: sqrt(16 * 8388608) = 11585 KiB = 2896 pages; gap 2097.
TEST(Zones, NodeOf8GiB) {
  expect_marks(make_zones({.zones = {{"Normal", 8'192}}}).at(0), 2'896, 4'993, 7'090);
}

// The same 2896 pages: 524288 / 2097152 of them are 724, the rest 2172.
TEST(Zones, TwoZonesShareTheMinimum) {
  const auto zones = make_zones({.zones = {{"DMA32", 2'048}, {"Normal", 6'144}}});
  expect_marks(zones.at(0), 724, 724 + 524, 724 + 2 * 524);
  expect_marks(zones.at(1), 2'172, 2'172 + 1'572, 2'172 + 2 * 1'572);
  EXPECT_EQ(zones.at(0).reserve, 1'572'864U / 256);
  EXPECT_EQ(zones.at(1).reserve, 0U);
}

TEST(Zones, SettingsOfTheUser) {
  MmConfig config{.zones = {{"Normal", 1'024}}};
  config.min_free_kbytes = 65'536;  // a quarter of 16384 pages is more than 262144 / 1000
  expect_marks(make_zones(config).at(0), 16'384, 20'480, 24'576);
  config.watermark_scale_factor = 1'000;  // 10 %
  expect_marks(make_zones(config).at(0), 16'384, 16'384 + 26'214, 16'384 + 2 * 26'214);
}

TEST(Zones, WatermarkMustBeExceeded) {
  Zone zone = make_zones({.zones = {{"Normal", 4'096}}}).at(0);
  EXPECT_FALSE(zone.ok(2'048, 1, Mark::kMin));
  EXPECT_TRUE(zone.ok(2'049, 1, Mark::kMin));
  EXPECT_FALSE(zone.ok(2'049, 2, Mark::kMin));
  EXPECT_TRUE(zone.ok(1, 1, Mark::kNone));
  EXPECT_FALSE(zone.ok(0, 1, Mark::kNone));
  zone.reserve = 100;
  EXPECT_FALSE(zone.ok(2'148, 1, Mark::kMin));
  EXPECT_TRUE(zone.ok(2'149, 1, Mark::kMin));
}

TEST(Zones, BadSettingsAreNamed) {
  const auto message = [](const char* text) {
    return ThrowsMessage<std::invalid_argument>(HasSubstr(text));
  };
  EXPECT_THAT([] { (void)make_zones({.zones = {}}); }, message("zones"));
  EXPECT_THAT([] { (void)make_zones({.zones = {{"Normal", 0}}}); }, message("managed_mib = 0"));
  EXPECT_THAT(
      [] {
        (void)make_zones({.zones = {{"Normal", 16}}, .min_free_kbytes = 16'384});
      },
      message("min_free_kbytes"));
  EXPECT_THAT([] { (void)make_zones({.watermark_scale_factor = 0}); },
              message("watermark_scale_factor"));
}

}  // namespace
}  // namespace pagepress::reclaim
