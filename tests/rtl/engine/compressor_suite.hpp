// SPDX-License-Identifier: Apache-2.0
// What the engine must do at every width: a suite of tests over a Verilated compressor. The
// files compressor_w*_test.cpp instantiate it.
#pragma once

#include <iostream>

#include "tests/rtl/engine/compressor_bench.hpp"

namespace pagepress::test {

template <class M, unsigned kWidth>
struct Shape {
  using Model = M;
  static constexpr unsigned kW = kWidth;
  static model::EngineConfig config() { return model::EngineConfig::of(kWidth); }
  // Cycles that a page holds the match finder: its windows and its end.
  static constexpr double kPage = 4096.0 / kWidth + 1;
};
template <class T>
class Compressor : public testing::Test {};
TYPED_TEST_SUITE_P(Compressor);

// So many of them, drawn at random.
inline std::vector<NamedPage> some(std::vector<NamedPage> pages, std::size_t most,
                                   std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::shuffle(pages.begin(), pages.end(), rng);
  pages.resize(std::min(pages.size(), most));
  return pages;
}

template <class S>
Totals run(const std::vector<Unit>& units, const Traffic& traffic, unsigned drop_percent = 0) {
  EngineBench<typename S::Model> bench(S::config(), traffic);
  Totals totals;
  bench.run(units, drop_percent, &totals);
  return totals;
}

TYPED_TEST_P(Compressor, EqualsTheReferenceAtFullSpeed) {
  run<TypeParam>(compress_all(all_pages(41), 41), {100, 100, 1});
}
TYPED_TEST_P(Compressor, EqualsTheReferenceWithIdleInput) {
  run<TypeParam>(compress_all(some(adversarial_pages(42), 40, 42), 42), {20, 100, 2}, 10);
}
TYPED_TEST_P(Compressor, EqualsTheReferenceUnderBackPressure) {
  run<TypeParam>(compress_all(some(all_pages(43), 80, 43), 43), {100, 10, 3}, 10);
}

// Every kind of work, mixed.
template <class S>
void mixed(const Traffic& traffic, std::vector<Unit> units, bool verify) {
  draw_works(units, traffic.seed, verify);
  const Totals totals = run<S>(units, traffic, 10);
  if (verify) EXPECT_GT(totals.failed, 0U);
}
inline std::vector<Unit> mixed_pages(std::uint64_t seed, std::size_t most) {
  return compress_all(some(all_pages(seed), most, seed), seed);
}

TYPED_TEST_P(Compressor, AllWorks) {
  mixed<TypeParam>({100, 100, 61}, mixed_pages(61, 400), false);
}
TYPED_TEST_P(Compressor, AllWorksWithIdleInput) {
  mixed<TypeParam>({50, 100, 62}, mixed_pages(62, 80), false);
}
TYPED_TEST_P(Compressor, AllWorksUnderBackPressure) {
  mixed<TypeParam>({80, 20, 63}, mixed_pages(63, 100), false);
}
TYPED_TEST_P(Compressor, AllWorksVerified) {
  mixed<TypeParam>({100, 100, 65}, mixed_pages(65, 200), true);
}
TYPED_TEST_P(Compressor, AllWorksVerifiedWithIdleInputAndBackPressure) {
  mixed<TypeParam>({60, 30, 68}, mixed_pages(68, 160), true);
}

TYPED_TEST_P(Compressor, AUnitAloneTakesTheReferencesCycles) {
  std::vector<NamedPage> pages = adversarial_pages(76);
  pages.push_back(text_pages(76, 1)[0]);
  pages.push_back(same_filled_pages()[0]);
  std::size_t n = 0;
  for (const Unit& unit : compress_all(pages, std::vector<unsigned>{4096, 3000})) {
    if (n++ % 7 != 0 && n + 4 < pages.size()) continue;
    const Totals totals = run<TypeParam>({unit}, {100, 100, 76});
    const auto codec = model::compress_unit(unit.bytes, unit.limit, TypeParam::config());
    EXPECT_EQ(totals.latest, codec.latency) << unit.name;
    EXPECT_EQ(totals.result_cycles, codec.cycles) << unit.name;
  }
}

TYPED_TEST_P(Compressor, ALimitOfTheBlocksLengthFitsAndOneLessDoesNot) {
  const std::vector<NamedPage> pages = text_pages(6, 12);
  for (const unsigned under : {0U, 1U}) {
    std::vector<unsigned> limits;
    for (const NamedPage& page : pages) {
      const auto codec = model::compress_unit(page.bytes, 4096, TypeParam::config());
      limits.push_back(codec.out_len - under);
    }
    run<TypeParam>(compress_all(pages, limits), {100, 100, 6});
  }
}

TYPED_TEST_P(Compressor, WhatCameBeforeDoesNotMatter) {
  // The same pages in two orders: the reference knows of no earlier page.
  std::vector<NamedPage> pages = some(all_pages(47), 120, 47);
  std::mt19937_64 rng(47);
  for (int round = 0; round < 2; ++round) {
    std::shuffle(pages.begin(), pages.end(), rng);
    run<TypeParam>(compress_all(pages, rng()), {100, 100, 7});
  }
}

// Pages of text and of pointers, half of each.
inline std::vector<Unit> ordinary_units(std::uint64_t seed, unsigned count) {
  std::vector<NamedPage> pages = text_pages(seed, count / 2);
  for (NamedPage& page : pointer_pages(seed + 1, count / 2)) pages.push_back(std::move(page));
  return compress_all(pages, std::vector<unsigned>{4096});
}

TYPED_TEST_P(Compressor, SteadyStateTakesAWindowACycle) {
  const std::vector<Unit> units = ordinary_units(8, 200);
  const Totals totals = run<TypeParam>(units, {100, 100, 8});
  const auto count = static_cast<double>(units.size());
  std::cout << "W=" << TypeParam::kW << ": " << static_cast<double>(totals.cycles) / count
            << " cycles a page\n";
  EXPECT_LT(static_cast<double>(totals.engine_cycles), 1.02 * TypeParam::kPage * count);
  EXPECT_LT(static_cast<double>(totals.cycles), 1.02 * TypeParam::kPage * count + 600);
}

// Pages made to hurt the encoder: more slots than it has lanes again and again.
inline std::vector<NamedPage> hurting_pages() {
  std::vector<NamedPage> pages;
  for (const NamedPage& page : adversarial_pages(10)) {
    if (page.name.starts_with("short matches")) pages.push_back(page);
  }
  std::mt19937_64 rng(10);
  // Words of four bytes that come again, between runs of so many new bytes.
  for (const std::vector<unsigned>& runs : std::vector<std::vector<unsigned>>{
           {13, 0}, {13, 1, 0, 0}, {13, 13, 0, 0}, {15, 0, 0, 0}, {30, 0, 0}, {13}, {300, 0, 0}}) {
    NamedPage page{"runs of", {}};
    for (const unsigned run : runs) page.name += " " + std::to_string(run);
    for (std::uint8_t& byte : page.bytes) byte = static_cast<std::uint8_t>(rng());
    std::size_t at = 64;
    for (std::size_t n = 0; at + 400 < page.bytes.size(); ++n) {
      at += runs[n % runs.size()];
      const std::size_t from = 4 * (rng() % 16);
      std::copy_n(page.bytes.begin() + static_cast<std::ptrdiff_t>(from), 4,
                  page.bytes.begin() + static_cast<std::ptrdiff_t>(at));
      at += 4;
    }
    pages.push_back(page);
  }
  // A long run and then as many sequences as can be.
  NamedPage burst{"burst", {}};
  for (std::uint8_t& byte : burst.bytes) byte = static_cast<std::uint8_t>(rng());
  for (std::size_t at = 2800; at + 4 < burst.bytes.size(); at += 4) {
    std::copy_n(burst.bytes.begin() + static_cast<std::ptrdiff_t>(4 * (rng() % 300)), 4,
                burst.bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }
  pages.push_back(burst);
  return pages;
}

TYPED_TEST_P(Compressor, PagesMadeToHurtNeverHalveTheRate) {
  bool stood = false;  // the match finder, as the rows' FIFO was full
  for (const NamedPage& page : hurting_pages()) {
    const std::vector<Unit> units =
        compress_all(std::vector<NamedPage>(16, page), std::vector<unsigned>{4096});
    const Totals totals = run<TypeParam>(units, {100, 100, 9});
    std::cout << "W=" << TypeParam::kW << ", " << page.name << ": " << totals.cycles / units.size()
              << " cycles a page\n";
    EXPECT_LT(static_cast<double>(totals.cycles), 2 * TypeParam::kPage * 16 + 200) << page.name;
    stood |= totals.engine_cycles > units.size() * (4096 / TypeParam::kW);
  }
  if (TypeParam::kW == 16)
    EXPECT_TRUE(stood) << "no page fills the FIFO: cycles of that are not tested";
}

TYPED_TEST_P(Compressor, IncompressibleUnitsDoNotHoldUpOthers) {
  std::vector<NamedPage> pages;
  const std::vector<NamedPage> noise = random_pages(12, 8);  // the last one: 256 symbols
  for (const NamedPage& page : text_pages(13, 40)) {
    pages.push_back(page);
    pages.push_back(noise.back());
  }
  for (const bool raw : {false, true}) {
    std::vector<Unit> units = compress_all(pages, std::vector<unsigned>{3625});
    for (Unit& unit : units) unit.raw = raw;
    const Totals totals = run<TypeParam>(units, {100, 100, 12});
    EXPECT_LT(static_cast<double>(totals.cycles),
              1.03 * std::max(TypeParam::kPage, 130.0) * static_cast<double>(pages.size()) + 600);
  }
}

TYPED_TEST_P(Compressor, UnitsThatNeedNoMatchingCostTheirArrival) {
  for (const Work work : {kCompress, kCopy, kCheck}) {
    const NamedPage page = work == kCompress ? same_filled_pages().front() : text_pages(15, 1)[0];
    std::vector<Unit> units =
        compress_all(std::vector<NamedPage>(64, page), std::vector<unsigned>{4096});
    for (Unit& unit : units) unit.work = work;
    EXPECT_LT(run<TypeParam>(units, {100, 100, 11}).cycles, 134 * units.size())
        << "work " << unsigned{work};
  }
}

TYPED_TEST_P(Compressor, SameFilledUnitsAmongOthersCostTheBusOnly) {
  std::vector<NamedPage> pages;
  for (const NamedPage& page : text_pages(16, 40)) {
    pages.push_back(page);
    pages.push_back(same_filled_pages().front());
  }
  const Totals totals =
      run<TypeParam>(compress_all(pages, std::vector<unsigned>{4096}), {100, 100, 16});
  const double pair = std::max(TypeParam::kPage + 2, 2 * 128.0);
  std::cout << "W=" << TypeParam::kW << ": " << static_cast<double>(totals.cycles) / 40
            << " cycles a page and a same-filled one\n";
  EXPECT_LT(static_cast<double>(totals.cycles), 1.02 * pair * 40 + 600);
}

REGISTER_TYPED_TEST_SUITE_P(Compressor, EqualsTheReferenceAtFullSpeed,
                            EqualsTheReferenceWithIdleInput, EqualsTheReferenceUnderBackPressure,
                            AllWorks, AllWorksWithIdleInput, AllWorksUnderBackPressure,
                            AllWorksVerified, AllWorksVerifiedWithIdleInputAndBackPressure,
                            AUnitAloneTakesTheReferencesCycles,
                            ALimitOfTheBlocksLengthFitsAndOneLessDoesNot,
                            WhatCameBeforeDoesNotMatter, SteadyStateTakesAWindowACycle,
                            PagesMadeToHurtNeverHalveTheRate, IncompressibleUnitsDoNotHoldUpOthers,
                            UnitsThatNeedNoMatchingCostTheirArrival,
                            SameFilledUnitsAmongOthersCostTheBusOnly);

}  // namespace pagepress::test
