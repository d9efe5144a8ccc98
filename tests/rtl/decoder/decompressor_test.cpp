// SPDX-License-Identifier: Apache-2.0
// The decompressor against the reference decoder: verdict, bytes, CRC; with good and broken
// blocks, idle input, a slow consumer, dropped outputs, expected CRCs and injected faults. Runs
// without idle cycles also compare the cycle of every result.
#include <Vdecompressor_12.h>
#include <Vdecompressor_16.h>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/codec/sequence_writer.hpp"
#include "tests/rtl/decoder/decoder_bench.hpp"

namespace pagepress::test {
namespace {

template <class Model>
void fuzz(const Traffic& traffic, unsigned drop_percent, const std::vector<Job>& jobs) {
  DecoderBench<Model> bench(traffic, drop_percent);
  Totals totals;
  ASSERT_NO_FATAL_FAILURE(bench.run(jobs, totals));
  EXPECT_GT(totals.ok, jobs.size() / 5);
  EXPECT_LT(totals.ok, jobs.size() * 4 / 5);
}

// A block of one sequence after another, of `unit` bytes: they start with 14 literals.
std::vector<std::uint8_t> sequences(std::size_t lit, std::size_t match, std::size_t offset,
                                    std::size_t unit) {
  SequenceWriter writer;
  const auto literals = [&](std::size_t count, std::size_t nibble) {
    writer.literals(count, nibble, [&](std::size_t i) { return writer.out_len() * 31 + i * 7; });
  };
  const auto copy = [&](std::size_t length) {
    writer.match(length, std::min(offset, writer.out_len()));
  };
  literals(14, 0);
  copy(4);
  while (writer.out_len() + lit + match + 12 <= unit) {
    literals(lit, SequenceWriter::nibble(match));
    copy(match);
  }
  literals(unit - writer.out_len(), 0);
  return writer.bytes();
}

TEST(Decompressor, EqualsTheReferenceOnSmallUnits) {
  fuzz<Vdecompressor_12>({100, 100, 1}, 0, fuzzed(1, 4096, 200, 20'000));
}
TEST(Decompressor, EqualsTheReferenceOnPages) {
  fuzz<Vdecompressor_12>({100, 100, 2}, 5, fuzzed(2, 4096, 4096, 4'000));
}
TEST(Decompressor, EqualsTheReferenceOnPagesCycleForCycle) {
  fuzz<Vdecompressor_12>({100, 100, 11}, 0, fuzzed(11, 4096, 4096, 3'000));
}
TEST(Decompressor, EqualsTheReferenceOnUnitsOf64KiBCycleForCycle) {
  fuzz<Vdecompressor_16>({100, 100, 12}, 0, fuzzed(12, 65536, 65536, 250));
}
TEST(Decompressor, MiddleSequencesInEverySlotCycleForCycle) {
  BlockMaker maker(15, 4096, 4096 + 32);
  std::vector<Job> jobs(40'000);
  for (Job& job : jobs) job.block = maker.middle();
  fuzz<Vdecompressor_12>({100, 100, 15}, 0, jobs);
}
TEST(Decompressor, EqualsTheReferenceWithIdleInput) {
  fuzz<Vdecompressor_12>({20, 100, 3}, 5, fuzzed(3, 4096, 4096, 2'000));
}
TEST(Decompressor, EqualsTheReferenceUnderBackPressure) {
  fuzz<Vdecompressor_12>({90, 10, 4}, 20, fuzzed(4, 4096, 4096, 2'000));
}
TEST(Decompressor, EqualsTheReferenceOnSmallUnitsWithIdleInputAndBackPressure) {
  fuzz<Vdecompressor_12>({50, 50, 5}, 20, fuzzed(5, 4096, 200, 20'000));
}
TEST(Decompressor, EqualsTheReferenceOnUnitsOf64KiB) {
  fuzz<Vdecompressor_16>({95, 95, 6}, 5, fuzzed(6, 65536, 65536, 400));
}
TEST(Decompressor, EqualsTheReferenceOnSmallUnitsWhen64KiBFit) {
  fuzz<Vdecompressor_16>({95, 95, 7}, 5, fuzzed(7, 65536, 3000, 2'000));
}

TEST(Decompressor, EveryOutputLengthHasItsCrc) {
  std::vector<Job> jobs;
  std::mt19937_64 rng(8);
  for (unsigned len = 0; len <= 140; ++len) {
    SequenceWriter writer;
    writer.literals(len, 0, [&rng](std::size_t) { return rng(); });
    const std::vector<std::uint8_t>& block = writer.bytes();
    jobs.push_back({{fmt::format("{} literals", len), block, len}, {}});
    if (len != 0)
      jobs.push_back({{fmt::format("{} literals", len), block, len}, {{}, 8 * len - 1}});
  }
  DecoderBench<Vdecompressor_12> bench({100, 100, 8}, 0);
  Totals totals;
  ASSERT_NO_FATAL_FAILURE(bench.run(jobs, totals));
  EXPECT_EQ(totals.ok, jobs.size());
}

// Copies of every small distance, of lengths around rows and steps, and where they begin.
TEST(Decompressor, CopiesOfEveryDistance) {
  std::vector<Job> jobs;
  for (std::size_t offset = 1; offset <= 200; ++offset) {
    for (const std::size_t match : {4U, 7U, 18U, 19U, 31U, 32U, 33U, 64U, 97U, 400U}) {
      const std::size_t lit = (offset * 5 + match) % 17;
      jobs.push_back({{fmt::format("{} literals, {} bytes from {} before", lit, match, offset),
                       sequences(lit, match, offset, 1200 + offset), 1200 + offset},
                      {}});
    }
  }
  DecoderBench<Vdecompressor_12> bench({100, 100, 13}, 0);
  Totals totals;
  ASSERT_NO_FATAL_FAILURE(bench.run(jobs, totals));
  EXPECT_EQ(totals.ok, jobs.size());
}

// Literals and matches around every border of the length code, up to the largest unit.
TEST(Decompressor, SequencesOfEveryLengthClass) {
  std::vector<Job> jobs;
  for (const std::size_t lit :
       {0U, 1U, 13U, 14U, 15U, 16U, 30U, 31U, 62U, 64U, 269U, 270U, 271U, 525U, 1290U, 20000U}) {
    for (const std::size_t match : {4U, 5U, 18U, 19U, 273U, 274U, 275U, 529U, 784U, 40000U}) {
      for (const std::size_t offset : {1U, 65535U}) {
        jobs.push_back({{fmt::format("{} literals, {} bytes from {} before", lit, match, offset),
                         sequences(lit, match, offset, 65536), 65536},
                        {}});
        if (jobs.back().block.bytes.size() > 65536 + 257 + 16) jobs.pop_back();
      }
    }
  }
  DecoderBench<Vdecompressor_16> bench({100, 100, 14}, 0);
  Totals totals;
  ASSERT_NO_FATAL_FAILURE(bench.run(jobs, totals));
  EXPECT_EQ(totals.ok, jobs.size());
}

}  // namespace
}  // namespace pagepress::test
