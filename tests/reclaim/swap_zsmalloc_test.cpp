// SPDX-License-Identifier: Apache-2.0
// zsmalloc's size classes against what mm/zsmalloc.c makes of them, and its zspages' frames.
#include "sim/reclaim/swap/zsmalloc.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <vector>

#include "sim/reclaim/conservation.hpp"
#include "tests/reclaim/fake_frames.hpp"

namespace pagepress::reclaim {
namespace {

struct Geometry {
  std::uint32_t bytes, size, pages, objects;
};

void expect_geometry(const SizeClasses& classes, const std::vector<Geometry>& expected) {
  for (const Geometry& one : expected) {
    const SizeClass& found = classes.all()[classes.of(one.bytes)];
    EXPECT_EQ(found.size, one.size) << one.bytes;
    EXPECT_EQ(found.zspage_pages, one.pages) << one.bytes;
    EXPECT_EQ(found.zspage_objects, one.objects) << one.bytes;
  }
}

TEST(SizeClasses, Of612HaveChainsOfEight) {
  const SizeClasses classes("6.12", 0);
  EXPECT_EQ(classes.all().size(), 119U);
  EXPECT_EQ(classes.huge_bytes(), 3625U);
  // An object has 8 bytes of handle.
  expect_geometry(classes, {{1, 32, 1, 128},
                            {24, 32, 1, 128},
                            {25, 48, 3, 256},
                            {504, 512, 1, 8},
                            {1528, 1536, 3, 8},
                            {2016, 2048, 1, 2},
                            {3256, 3264, 4, 5},
                            {3257, 3408, 5, 6},
                            {3624, 3632, 8, 9},
                            {3625, 4096, 1, 1},
                            {4096, 4096, 1, 1}});
}

TEST(SizeClasses, Of61HaveChainsOfFour) {
  const SizeClasses classes("6.1", 0);
  EXPECT_EQ(classes.all().size(), 69U);
  EXPECT_EQ(classes.huge_bytes(), 3257U);
  expect_geometry(classes, {{24, 32, 1, 128},
                            {25, 48, 3, 256},
                            {3256, 3264, 4, 5},
                            {3257, 4096, 1, 1},
                            {2040, 2048, 1, 2},
                            {2041, 2336, 4, 7},
                            {4096, 4096, 1, 1}});
  for (const SizeClass& one : classes.all()) EXPECT_LE(one.zspage_pages, 4U);
}

TEST(SizeClasses, EveryObjectFitsAndChainsAreASetting) {
  for (const unsigned chain : {0U, 4U, 5U, 16U}) {
    const SizeClasses classes("6.12", chain);
    for (std::uint32_t bytes = 1; bytes <= 4096; ++bytes) {
      const SizeClass& one = classes.all()[classes.of(bytes)];
      EXPECT_GE(one.size, std::min(bytes + SizeClasses::kHandle, 4096U));
      EXPECT_LE(one.size * one.zspage_objects, one.zspage_pages * 4096);
      EXPECT_EQ(bytes >= classes.huge_bytes(), one.size == 4096) << bytes;
    }
  }
}

TEST(SizeClasses, WrongSettingsAreNamed) {
  EXPECT_THROW(SizeClasses("5.10", 0), std::invalid_argument);
  EXPECT_THROW(SizeClasses("6.12", 3), std::invalid_argument);
  EXPECT_THROW(SizeClasses("6.12", 17), std::invalid_argument);
}

TEST(Zsmalloc, AZspageGivesItsFramesWhenItsLastObjectGoes) {
  FakeFrames frames(100);
  Zsmalloc pool(SizeClasses("6.12", 0), frames);
  std::vector<Zsmalloc::Handle> handles;
  for (int i = 0; i != 10; ++i) handles.push_back(pool.allocate(3000, true).value());
  // 3008 bytes: class 3072, 3 pages of 4 objects.
  EXPECT_EQ(frames.taken(), 9U);
  for (const std::size_t i : {0U, 1U, 2U, 4U, 5U, 6U}) pool.free(handles[i]);
  EXPECT_EQ(pool.frames(), 9U) << "one object in each zspage keeps all frames";
  pool.free(handles[3]);
  EXPECT_EQ(frames.taken(), 6U);
  pool.check();
  for (const std::size_t i : {7U, 8U, 9U}) pool.free(handles[i]);
  EXPECT_EQ(frames.taken(), 0U);
  EXPECT_EQ(pool.peak_frames(), 9U);
  EXPECT_THROW(pool.free(handles[9]), ConservationError);
}

TEST(Zsmalloc, TheFullestZspageIsFilledFirst) {
  FakeFrames frames(100);
  Zsmalloc pool(SizeClasses("6.12", 0), frames);
  std::vector<Zsmalloc::Handle> handles;
  for (int i = 0; i != 16; ++i) handles.push_back(pool.allocate(500, true).value());  // 8 a page
  for (std::size_t i = 0; i != 6; ++i) pool.free(handles[i]);   // the first has 2
  for (std::size_t i = 8; i != 10; ++i) pool.free(handles[i]);  // the second 6
  EXPECT_EQ(pool.allocate(500, true).value(), handles[8]);
  EXPECT_EQ(pool.allocate(500, true).value(), handles[8]);
  EXPECT_EQ(pool.allocate(500, true).value(), handles[0]);
  pool.check();
}

TEST(Zsmalloc, OfATenthTheLastThatCameIsFilledFirst) {
  FakeFrames frames(100);
  Zsmalloc pool(SizeClasses("6.12", 0), frames);
  std::vector<Zsmalloc::Handle> handles;
  for (int i = 0; i != 256; ++i) handles.push_back(pool.allocate(24, true).value());  // 128 a page
  const Zsmalloc::Handle first = handles.front();
  const Zsmalloc::Handle second = handles.back();
  for (int i = 0; i != 128 - 24; ++i) pool.free(first);
  for (int i = 0; i != 128 - 22; ++i) pool.free(second);
  EXPECT_EQ(pool.allocate(24, true).value(), second) << "18 and 17 per cent are one tenth";
  for (int i = 0; i != 13; ++i) pool.free(second);
  EXPECT_EQ(pool.allocate(24, true).value(), first) << "18 and 7 per cent are not";
  pool.check();
}

TEST(Zsmalloc, WithoutFramesNothingChanges) {
  FakeFrames frames(4);
  frames.reserve = 2;
  Zsmalloc pool(SizeClasses("6.12", 0), frames);
  ASSERT_TRUE(pool.allocate(500, false));
  EXPECT_FALSE(pool.allocate(3000, false)) << "3 frames, of which 2 are for PF_MEMALLOC";
  EXPECT_TRUE(pool.allocate(3000, true));
  EXPECT_FALSE(pool.allocate(100, true));
  EXPECT_TRUE(pool.allocate(500, true)) << "there is room in a zspage";
  EXPECT_EQ(pool.frames(), 4U);
  EXPECT_EQ(pool.objects(), 3U);
  pool.check();
}

TEST(Zsmalloc, RandomUseKeepsFramesAndLists) {
  FakeFrames frames(1000);
  for (const char* kernel : {"6.12", "6.1"}) {
    Zsmalloc pool(SizeClasses(kernel, 0), frames);
    std::mt19937_64 random(7);
    std::vector<std::pair<Zsmalloc::Handle, std::uint32_t>> held;
    std::uint64_t bytes = 0;
    for (int i = 0; i != 40'000; ++i) {
      if (random() % 100 < (i < 20'000 ? 60 : 45) || held.empty()) {
        const auto size = static_cast<std::uint32_t>(random() % 4096 + 1);
        if (const auto handle = pool.allocate(size, random() % 2 == 0)) {
          held.emplace_back(*handle, size);
          bytes += size;
        }
      } else {
        std::swap(held[random() % held.size()], held.back());
        pool.free(held.back().first);
        bytes -= held.back().second;
        held.pop_back();
      }
      if (i % 1'000 == 0) pool.check();
      ASSERT_EQ(pool.objects(), held.size());
      ASSERT_EQ(pool.frames(), frames.taken());
      ASSERT_GE(pool.frames() * 4096, bytes);
    }
    for (const auto& [handle, size] : held) pool.free(handle);
    EXPECT_EQ(frames.taken(), 0U);
    pool.check();
  }
}

}  // namespace
}  // namespace pagepress::reclaim
