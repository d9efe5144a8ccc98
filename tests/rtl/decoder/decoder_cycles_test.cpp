// SPDX-License-Identifier: Apache-2.0
// What the decompressor takes: a block alone as DecodeResult says, the first row of output early,
// and pages back to back no slower than the floors of docs/decoder.md.
#include <Vdecoder_12.h>
#include <Vdecompressor_12.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <lz4.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "model/codec/lz4_engine.hpp"
#include "tests/codec/sequence_writer.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/rtl/decoder/decoder_bench.hpp"

namespace pagepress::test {
namespace {

using Compress = std::vector<std::uint8_t> (*)(const Page&);

std::vector<std::uint8_t> by_liblz4(const Page& page) {
  std::vector<std::uint8_t> block(LZ4_COMPRESSBOUND(4096));
  block.resize(static_cast<std::size_t>(LZ4_compress_fast(
      reinterpret_cast<const char*>(page.data()), reinterpret_cast<char*>(block.data()),
      static_cast<int>(page.size()), static_cast<int>(block.size()), 1)));
  return block;
}
std::vector<std::uint8_t> by_engine(const Page& page) {
  return model::encode_sequences(page, model::find_sequences(page));
}

TEST(DecoderCycles, ABlockAloneTakesWhatTheReferenceSays) {
  DecoderBench<Vdecompressor_12> bench({100, 100, 21}, 0);
  BlockMaker maker(21, 4096, 4096 + 16 + 16);
  for (unsigned n = 0; n < 500; ++n) {
    const std::vector<Job> jobs{{maker.next(), {}}};
    const Block& block = jobs[0].block;
    const auto expected = model::decompress_block(block.bytes, block.capacity);
    Totals totals;
    ASSERT_NO_FATAL_FAILURE(bench.run(jobs, totals)) << block.name;
    ASSERT_EQ(totals.engine_cycles, expected.cycles) << block.name;
    ASSERT_EQ(totals.first_offered, expected.latency) << block.name;
  }
}

// Cycles from a block's first beat to its first row of output, alone in an idle decoder.
unsigned first_row(const std::vector<std::uint8_t>& block) {
  Bench<Vdecoder_12> bench({100, 100, 22});
  std::size_t at = 0;
  for (unsigned cycle = 0; cycle < 1000; ++cycle) {
    bench->in_valid_i = at < block.size();
    bench->in_len_i = static_cast<std::uint16_t>(block.size());
    bench->in_capacity_i = 4096;
    bench->in_flip_i = 0;
    bench->free_i = 0;
    if (at < block.size()) {
      std::memcpy(bench->in_data_i.data(), block.data() + at, std::min(kBeat, block.size() - at));
    }
    bench.settle();
    if (bench->beat_valid_o != 0) return cycle;
    const bool taken = bench->in_valid_i != 0 && bench->in_ready_o != 0;
    bench.tick();
    if (taken) at += kBeat;
  }
  return 1000;
}

TEST(DecoderCycles, TheFirstRowComesWithin30Cycles) {
  unsigned latest = 0;
  std::vector<NamedPage> pages = text_pages(23, 20);
  for (NamedPage& page : pointer_pages(24, 20)) pages.push_back(std::move(page));
  for (NamedPage& page : random_pages(25, 5)) pages.push_back(std::move(page));
  for (NamedPage& page : periodic_pages()) pages.push_back(std::move(page));
  for (NamedPage& page : adversarial_pages(26)) pages.push_back(std::move(page));
  for (const NamedPage& page : pages) {
    for (const auto& block : {by_liblz4(page.bytes), by_engine(page.bytes)}) {
      const unsigned row = first_row(block);
      const auto times = model::DecoderTimeline().push(block, 4096);
      ASSERT_LE(times.first_byte, row) << page.name;
      ASSERT_LE(row, 30U) << page.name;
      latest = std::max(latest, row);
    }
  }
  fmt::print("the first row comes {} cycles after the first beat at the latest\n", latest);
}

// Bytes of output a cycle, units back to back, of pages that compress.
double speed(const char* what, const std::vector<NamedPage>& pages, Compress compress,
             double* worst = nullptr) {
  std::vector<Job> jobs;
  for (const NamedPage& page : pages) {
    Job job{{page.name, compress(page.bytes), page.bytes.size()}, {}};
    if (job.block.bytes.size() < page.bytes.size()) jobs.push_back(std::move(job));
  }
  DecoderBench<Vdecompressor_12> bench({100, 100, 9}, 0);
  Totals totals;
  bench.run(jobs, totals);
  const double mean = static_cast<double>(totals.bytes) / static_cast<double>(totals.cycles);
  fmt::print("{}: {} pages, {:.2f} bytes a cycle; {:.2f} while they hold the decoder\n", what,
             jobs.size(), mean,
             static_cast<double>(totals.bytes) / static_cast<double>(totals.engine_cycles));
  std::sort(totals.unit_cycles.begin(), totals.unit_cycles.end());
  const auto at = [&](std::size_t percent) {
    return 4096.0 / totals.unit_cycles.at((totals.unit_cycles.size() - 1) * percent / 100);
  };
  fmt::print(
      "  half of the pages below {:.2f}, 5 % below {:.2f}, 1 % below {:.2f}, the worst {:.2f}\n",
      at(50), at(95), at(99), at(100));
  if (worst != nullptr) *worst = at(100);
  return mean;
}

// Floors on pages made from a seed are next to what they take; real pages differ from run to run.
TEST(DecoderCycles, PagesAreNoSlowerThanTheirFloors) {
  EXPECT_GE(speed("text, liblz4", text_pages(41, 200), by_liblz4), 23.5);
  EXPECT_GE(speed("text, engine", text_pages(41, 200), by_engine), 27.5);
  EXPECT_GE(speed("pointers, liblz4", pointer_pages(42, 200), by_liblz4), 29.0);
  EXPECT_GE(speed("pointers, engine", pointer_pages(42, 200), by_engine), 30.0);
  const std::vector<NamedPage> real = real_pages(300);
  EXPECT_GE(speed("real, liblz4", real, by_liblz4), 20.0);
  EXPECT_GE(speed("real, engine", real, by_engine), 22.0);
}

// A unit of nothing but the same sequence: `lit` literals and `match` bytes from `offset` back, or
// from its first byte as long as it has no more. `shift` literals before move it in the rows.
Block uniform(std::size_t lit, std::size_t match, std::size_t offset, std::size_t shift) {
  constexpr std::size_t kUnit = 4096;
  constexpr std::size_t kLast = 12;  // literals that any block may end with
  SequenceWriter writer;
  const auto numbered = [&writer](std::size_t) { return writer.bytes().size(); };
  for (std::size_t count = lit + shift; writer.out_len() + count + match + kLast <= kUnit;
       count = lit) {
    writer.literals(count, SequenceWriter::nibble(match), numbered);
    writer.match(match, std::min(offset, writer.out_len()));
  }
  writer.literals(kLast, 0, numbered);
  return {fmt::format("{} + {} from {}, shifted by {}", lit, match, offset, shift), writer.bytes(),
          kUnit};
}

struct Uniform {
  unsigned lit, match;
  double floor;  // bytes of output a cycle
};
constexpr Uniform kUniform[] = {
    {0, 4, 15.0}, {0, 5, 15.0}, {0, 6, 15.0}, {0, 7, 15.0}, {0, 8, 15.0},
};

// What no compressor writes all the time is no slower than half of what real pages take.
TEST(DecoderCycles, UnitsOfOneKindOfSequenceKeepHalfTheSpeed) {
  for (const Uniform& kind : kUniform) {
    std::vector<Job> jobs;
    for (const unsigned offset :
         {1U, 2U, 3U, 4U, 7U, 8U, 31U, 32U, 33U, 64U, 100U, 127U, 128U, 129U, 1000U, 3000U}) {
      for (unsigned shift = 1; shift <= 8; ++shift) {
        jobs.push_back({uniform(kind.lit, kind.match, offset, shift), {}});
      }
    }
    jobs.push_back(jobs.front());  // the first one's cycles are those of a pipeline that fills
    DecoderBench<Vdecompressor_12> bench({100, 100, 27}, 0);
    Totals totals;
    ASSERT_NO_FATAL_FAILURE(bench.run(jobs, totals)) << kind.lit << " + " << kind.match;
    ASSERT_EQ(totals.ok, jobs.size());
    const auto worst = std::max_element(totals.unit_cycles.begin() + 1, totals.unit_cycles.end());
    const double least =
        static_cast<double>(totals.bytes) / static_cast<double>(jobs.size()) / *worst;
    fmt::print("{} literals, {} of match: {:.2f} bytes a cycle, {:.2f} in \"{}\"\n", kind.lit,
               kind.match,
               static_cast<double>(totals.bytes) / static_cast<double>(totals.engine_cycles), least,
               jobs[static_cast<std::size_t>(worst - totals.unit_cycles.begin())].block.name);
    EXPECT_GE(least, kind.floor) << kind.lit << " + " << kind.match;
  }
}

constexpr std::size_t kMixtureBytes = 2048;
struct Kind {
  std::size_t lit = 0;
  std::size_t match = 0;
};

// A unit of two kinds of sequences by turns, behind `lead` literals and a match of 4.
std::vector<std::uint8_t> mixture(std::size_t lead, const Kind& a, const Kind& b) {
  SequenceWriter writer;
  const auto x = [](std::size_t) { return 'x'; };
  Kind next{lead, 4};
  for (unsigned n = 0; writer.out_len() + next.lit + next.match + 12 <= kMixtureBytes; ++n) {
    writer.literals(next.lit, SequenceWriter::nibble(next.match), x);
    writer.match(next.match, 1);
    next = n % 2 == 0 ? a : b;
  }
  writer.literals(kMixtureBytes - writer.out_len(), 0, x);
  return writer.bytes();
}

// Half of the mean over pages of processes, whatever sequences a unit has: pairs of all counts of
// literals and the lengths of matches around every limit, back to back by the reference; the
// slowest by the RTL.
TEST(DecoderCycles, WorstMixtures) {
  constexpr double kFloor = 15.0;
  struct Mixture {
    double speed = 0;
    std::string name;
    std::vector<std::uint8_t> block;
  };
  std::vector<Kind> kinds;
  for (std::size_t lit = 0; lit <= 40; ++lit) {
    for (const std::size_t match : {4U, 5U, 6U, 7U, 8U, 12U, 18U, 19U, 20U}) {
      kinds.push_back({lit, match});
    }
  }
  std::vector<Mixture> worst;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const Kind& a = kinds[i];
      const Kind& b = kinds[j];
      const std::size_t lead = 1 + (i * 7 + j) % 32;
      // Nine in a row of output: a chunk has four. The parser reads 16 bytes a cycle of them.
      if (a.lit + a.match + b.lit + b.match == 8) continue;
      Mixture mixed{0, fmt::format("{}: {}+{} {}+{}", lead, a.lit, a.match, b.lit, b.match),
                    mixture(lead, a, b)};
      model::DecoderTimeline timeline;
      timeline.push(mixed.block, kMixtureBytes);
      const auto times = timeline.push(mixed.block, kMixtureBytes);
      ASSERT_FALSE(times.malformed) << mixed.name;
      mixed.speed = static_cast<double>(kMixtureBytes) / times.cycles;
      ASSERT_GE(mixed.speed, kFloor) << mixed.name;
      worst.push_back(std::move(mixed));
      if (worst.size() < 400) continue;
      std::nth_element(worst.begin(), worst.begin() + 100, worst.end(),
                       [](const Mixture& x, const Mixture& y) { return x.speed < y.speed; });
      worst.resize(100);
    }
  }
  const auto slowest =
      std::min_element(worst.begin(), worst.end(),
                       [](const Mixture& x, const Mixture& y) { return x.speed < y.speed; });
  fmt::print("the slowest of the mixtures: {:.2f} bytes a cycle, {}\n", slowest->speed,
             slowest->name);
  for (const Mixture& mixed : worst) {
    const std::vector<Job> jobs(3, Job{{mixed.name, mixed.block, kMixtureBytes}, {}});
    DecoderBench<Vdecompressor_12> bench({100, 100, 10}, 0);
    Totals totals;
    ASSERT_NO_FATAL_FAILURE(bench.run(jobs, totals)) << mixed.name;
    ASSERT_GE(static_cast<double>(kMixtureBytes) / totals.unit_cycles.at(2), kFloor);
  }
}

// Pages of processes, from files of 4 KiB pages that PP_DECODER_PAGES names, separated by colons.
TEST(DecoderCycles, PagesOfProcessesReachTheGoal) {
  const char* names = std::getenv("PP_DECODER_PAGES");
  if (names == nullptr) GTEST_SKIP() << "PP_DECODER_PAGES names no files";
  std::vector<NamedPage> pages;
  std::stringstream list(names);
  for (std::string name; std::getline(list, name, ':');) {
    std::ifstream file(name, std::ios::binary);
    ASSERT_TRUE(file) << name;
    NamedPage page{name, {}};
    while (file.read(reinterpret_cast<char*>(page.bytes.data()), page.bytes.size())) {
      const auto& b = page.bytes;
      if (std::memcmp(b.data(), b.data() + 8, b.size() - 8) != 0) pages.push_back(page);
    }
  }
  double worst = 0;
  EXPECT_GE(speed("processes, liblz4", pages, by_liblz4), 20.0);
  EXPECT_GE(speed("processes, engine", pages, by_engine, &worst), 24.0);
  EXPECT_GE(worst, 14.0);
}

}  // namespace
}  // namespace pagepress::test
