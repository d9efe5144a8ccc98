// SPDX-License-Identifier: Apache-2.0
// Contents of pages, and the vault that holds their blocks.
#include "sim/reclaim/contents.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "sim/reclaim/swap/block_vault.hpp"

namespace pagepress::reclaim {
namespace {

using Bytes = std::vector<std::byte>;

class ContentsTest : public testing::Test {
 protected:
  ContentsTest() {
    for (std::size_t i = 0; i != bytes_.size(); ++i) bytes_[i].fill(static_cast<std::uint8_t>(i));
  }
  std::vector<sim::PageView> views() const { return {bytes_.begin(), bytes_.end()}; }
  std::array<std::array<std::uint8_t, sim::kPageBytes>, 5> bytes_{};
};

TEST_F(ContentsTest, AVersionIsAStepInTheRegionsMap) {
  Contents contents(views());
  contents.add_region(0, 2, {3, 1, 4});
  contents.add_region(2, 100, {0});
  EXPECT_EQ(contents.page_count(), 102U);
  EXPECT_EQ(contents.index(0, 0), 3U);
  EXPECT_EQ(contents.index(1, 0), 1U);
  EXPECT_EQ(contents.index(0, 1), std::vector({3U, 1U, 4U})[Contents::kVersionStep % 3]);
  EXPECT_EQ(contents.index(1, 0xffff'ffff),
            std::vector({3U, 1U, 4U})[(1 + 0xffff'ffffULL * Contents::kVersionStep) % 3]);
  EXPECT_EQ(contents.index(2, 0), 0U);
  EXPECT_EQ(contents.index(101, 9), 0U);
  EXPECT_EQ(contents.of(1, 0)[17], 1);
  EXPECT_EQ(contents.at(4)[0], 4);
}

TEST_F(ContentsTest, WhatIsNotThereIsAnError) {
  Contents contents(views());
  EXPECT_THROW((void)contents.index(0, 0), std::out_of_range);
  EXPECT_THROW(contents.add_region(1, 1, {0}), std::invalid_argument) << "a gap";
  EXPECT_THROW(contents.add_region(0, 0, {0}), std::invalid_argument);
  EXPECT_THROW(contents.add_region(0, 1, {}), std::invalid_argument);
  EXPECT_THROW(contents.add_region(0, 1, {5}), std::invalid_argument);
  EXPECT_THROW(contents.add_region(0, kNoPage, {0}), std::invalid_argument);
  EXPECT_EQ(contents.page_count(), 0U);
  contents.add_region(0, 1, {0});
  EXPECT_THROW((void)contents.index(1, 0), std::out_of_range);
  EXPECT_THROW(contents.add_region(0, 1, {0}), std::invalid_argument) << "an overlap";
}

Bytes block(std::size_t len, int value) { return Bytes(len, static_cast<std::byte>(value)); }

TEST(BlockVault, EqualBlocksAreHeldOnce) {
  BlockVault vault(4);
  const auto first = vault.put(2, block(100, 1), 7);
  EXPECT_EQ(vault.put(2, block(100, 1), 7), first);
  EXPECT_NE(vault.put(2, block(100, 2), 7), first) << "another codec's";
  EXPECT_NE(vault.put(2, block(101, 1), 7), first);
  EXPECT_NE(vault.put(2, block(100, 1), 0), first) << "of which no CRC is known";
  EXPECT_NE(vault.put(3, block(100, 1), 7), first) << "another page's";
  EXPECT_EQ(vault.blocks(), 5U);
  EXPECT_EQ(vault.crc32c(first), 7U);
}

TEST(BlockVault, BlocksStayWhereTheyAreAndArenasAreToldOf) {
  BlockVault vault(3);
  std::vector<std::span<const std::byte>> arenas;
  (void)vault.put(0, block(4000, 1), 0);
  vault.on_arena([&](std::span<const std::byte> arena) { arenas.push_back(arena); });
  ASSERT_EQ(arenas.size(), 1U) << "that is there already";
  std::map<BlockVault::Ref, std::pair<const std::byte*, Bytes>> put;
  for (int i = 0; i != 200; ++i) {
    const Bytes bytes = block(static_cast<std::size_t>(i) * 20 + 1, i);
    const auto ref = vault.put(static_cast<std::uint32_t>(i % 3), bytes, 0);
    put[ref] = {vault.block(ref).data(), bytes};
    const auto inside = [at = vault.block(ref)](std::span<const std::byte> arena) {
      return at.data() >= arena.data() && at.data() + at.size() <= arena.data() + arena.size();
    };
    ASSERT_TRUE(std::any_of(arenas.begin(), arenas.end(), inside)) << "told of too late";
  }
  EXPECT_GT(arenas.size(), 10U);
  EXPECT_EQ(arenas.size(), vault.arenas());
  std::set<std::uintptr_t> lines;
  for (const auto& [ref, expected] : put) {
    const auto found = vault.block(ref);
    EXPECT_EQ(found.data(), expected.first);
    EXPECT_TRUE(
        std::equal(found.begin(), found.end(), expected.second.begin(), expected.second.end()));
    const auto begin = reinterpret_cast<std::uintptr_t>(found.data());
    EXPECT_EQ(begin % 64, 0U);
    for (std::uintptr_t line = begin; line < begin + found.size(); line += 64) {
      EXPECT_TRUE(lines.insert(line).second) << "two blocks in a line";
    }
  }
}

}  // namespace
}  // namespace pagepress::reclaim
