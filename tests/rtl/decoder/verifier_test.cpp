// SPDX-License-Identifier: Apache-2.0
// The verifier: it must pass a block exactly if it decodes to the unit that was kept; with good
// blocks, damaged ones, damaged copies and units of several sizes. The next unit's copy is written
// while a block is decoded, as in the compressor.
#include <Vverifier_12.h>
#include <Vverifier_16.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "model/codec/lz4_decoder.hpp"
#include "model/codec/lz4_engine.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/rtl/engine/bench.hpp"

namespace pagepress::test {
namespace {

constexpr std::size_t kBeat = 32;
constexpr unsigned kSlots = 4;

struct Job {
  std::string name;
  unsigned size = 0;               // the unit: 4096 << size
  std::vector<std::uint8_t> unit;  // as it is kept
  std::vector<std::uint8_t> block;
};

struct Totals {
  unsigned passed = 0;
  unsigned failed = 0;
  std::uint64_t cycles = 0;
};

// A port of any width.
template <class Port>
void set(Port& port, std::size_t value) {
  port = static_cast<Port>(value);
}

template <class Model>
class VerifierBench : public Bench<Model> {
 public:
  using Bench<Model>::Bench;

  void run(const std::vector<Job>& jobs, Totals& totals) {
    auto& bench = *this;
    std::size_t kept = 0;     // units written whole
    std::size_t keep_at = 0;  // byte of the one that is being written
    std::size_t started = 0;
    std::size_t fed = 0;  // jobs whose beats have all been taken
    std::size_t at = 0;   // byte of the next one's block
    std::size_t judged = 0;
    const std::uint64_t begin = bench.cycle();
    while (judged < jobs.size()) {
      // A slot is free again when its job has been judged.
      const bool keep = kept < jobs.size() && kept < judged + kSlots && bench.offers();
      bench->wr_en_i = keep;
      if (keep) {
        bench->wr_slot_i = kept % kSlots;
        set(bench->wr_beat_i, keep_at / kBeat);
        std::memcpy(bench->wr_data_i.data(), jobs[kept].unit.data() + keep_at, kBeat);
      }
      const bool offer = started < kept && (started > judged || bench.offers());
      bench->job_valid_i = offer && started == fed;
      if (bench->job_valid_i != 0) {
        const Job& job = jobs[started];
        bench->job_slot_i = started % kSlots;
        bench->job_size_i = static_cast<std::uint8_t>(job.size);
        set(bench->job_len_i, job.block.size());
      }
      // A job's beats; when it has had them all, noise is offered.
      bench->in_valid_i = started > judged && bench.offers();
      const std::uint64_t noise[4] = {bench.random(), bench.random(), bench.random(), ~0ULL};
      std::memcpy(bench->in_data_i.data(), noise, kBeat);
      const std::vector<std::uint8_t>* block = fed < started ? &jobs[fed].block : nullptr;
      if (block != nullptr) {
        std::memcpy(bench->in_data_i.data(), block->data() + at,
                    std::min(kBeat, block->size() - at));
      }
      bench.settle();
      const bool job_taken = bench->job_valid_i != 0 && bench->job_ready_o != 0;
      const bool beat_taken = bench->in_valid_i != 0 && bench->in_ready_o != 0;
      if (beat_taken) {
        ASSERT_NE(block, nullptr) << "a beat beyond the job's";
        at += kBeat;
      }
      if (bench->done_o != 0) {
        ASSERT_GT(fed, judged) << "a verdict without a job, or before its last beat";
        const Job& job = jobs[judged];
        const auto back = model::decode_block(job.block, job.unit.size());
        const bool good = back.has_value() && *back == job.unit;
        ASSERT_EQ(bench->ok_o != 0, good) << job.name;
        ++(good ? totals.passed : totals.failed);
        ++judged;
      }
      bench.tick();
      if (keep) {
        keep_at += kBeat;
        if (keep_at == jobs[kept].unit.size()) {
          keep_at = 0;
          ++kept;
        }
      }
      if (job_taken) ++started;
      if (fed < started && at >= jobs[fed].block.size()) {
        at = 0;
        ++fed;
      }
    }
    totals.cycles += bench.cycle() - begin;
  }
};

std::vector<std::uint8_t> compressed(const std::vector<std::uint8_t>& unit) {
  std::vector<std::uint8_t> block(
      static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(unit.size()))));
  block.resize(static_cast<std::size_t>(LZ4_compress_default(
      reinterpret_cast<const char*>(unit.data()), reinterpret_cast<char*>(block.data()),
      static_cast<int>(unit.size()), static_cast<int>(block.size()))));
  return block;
}

// Units of up to 4096 << most_size; every second one is as it should be.
std::vector<Job> make_jobs(std::uint64_t seed, unsigned most_size, unsigned count) {
  const std::vector<NamedPage> pages = all_pages(seed);
  std::mt19937_64 rng(seed);
  std::vector<Job> jobs;
  while (jobs.size() < count) {
    Job job;
    job.size = static_cast<unsigned>(rng() % (most_size + 1));
    while (job.unit.size() < std::size_t{4096} << job.size) {
      const NamedPage& page = pages[rng() % pages.size()];
      job.name += page.name + ' ';
      job.unit.insert(job.unit.end(), page.bytes.begin(), page.bytes.end());
    }
    if (job.size == 0 && rng() % 2 == 0) {
      Page page{};
      std::copy(job.unit.begin(), job.unit.end(), page.begin());
      job.block = model::encode_sequences(page, model::find_sequences(page));
    } else {
      job.block = compressed(job.unit);
    }
    if (job.block.size() > job.unit.size()) continue;  // the compressor gives such a unit up
    switch (rng() % 10) {
      case 0:
        job.name += "a bit of the block";
        job.block[rng() % job.block.size()] ^= static_cast<std::uint8_t>(1U << (rng() % 8));
        break;
      case 1:
        job.name += "a bit of the unit";
        job.unit[rng() % job.unit.size()] ^= static_cast<std::uint8_t>(1U << (rng() % 8));
        break;
      case 2:
        job.name += "a bit of the last beat";
        job.unit[job.unit.size() - 1 - rng() % 32] ^= 1U;
        break;
      case 3:
        job.name += "cut short";
        job.block.resize(1 + rng() % job.block.size());
        break;
      case 4:
        job.name += "too short a unit";
        job.unit.resize(job.unit.size() - 32);
        job.block = compressed(job.unit);
        job.unit.resize(job.unit.size() + 32, job.unit.back());
        if (job.block.size() > job.unit.size()) continue;
        break;
      default:
        break;
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

template <class Model>
void judge(const Traffic& traffic, const std::vector<Job>& jobs) {
  VerifierBench<Model> bench(traffic);
  Totals totals;
  ASSERT_NO_FATAL_FAILURE(bench.run(jobs, totals));
  EXPECT_GT(totals.passed, jobs.size() / 3);
  EXPECT_GT(totals.failed, jobs.size() / 5);
}

TEST(Verifier, PassesExactlyWhatDecodesToTheUnit) {
  judge<Vverifier_12>({100, 100, 1}, make_jobs(51, 0, 1500));
}
TEST(Verifier, PassesExactlyWhatDecodesToTheUnitWithIdleCycles) {
  judge<Vverifier_12>({40, 100, 2}, make_jobs(52, 0, 800));
}
TEST(Verifier, KnowsUnitsOfEverySize) { judge<Vverifier_16>({90, 100, 3}, make_jobs(53, 4, 300)); }

TEST(VerifierSpeed, KeepsUpWithTheCompressorOverPages) {
  std::vector<NamedPage> pages = text_pages(41, 200);
  for (NamedPage& page : pointer_pages(42, 200)) pages.push_back(std::move(page));
  std::vector<Job> jobs;
  for (const NamedPage& page : pages) {
    jobs.push_back({page.name,
                    0,
                    {page.bytes.begin(), page.bytes.end()},
                    model::encode_sequences(page.bytes, model::find_sequences(page.bytes))});
  }
  VerifierBench<Vverifier_12> bench({100, 100, 4});
  Totals totals;
  ASSERT_NO_FATAL_FAILURE(bench.run(jobs, totals));
  EXPECT_EQ(totals.passed, jobs.size());
  const double mean = static_cast<double>(totals.cycles) / static_cast<double>(jobs.size());
  fmt::print("{} pages, {:.1f} cycles each, {:.2f} bytes a cycle\n", jobs.size(), mean,
             4096 / mean);
  EXPECT_LT(mean, 145.0);  // a compressor of 16 bytes a cycle takes 257
}

}  // namespace
}  // namespace pagepress::test
