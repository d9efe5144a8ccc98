// SPDX-License-Identifier: Apache-2.0
// The encoder's blocks against the reference's, from the reference's sequences and
// from made-up ones with lengths that no page gives.
#include <Vpp_lz4_encoder.h>
#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "model/codec/lz4_engine.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/rtl/engine/bench.hpp"

namespace pagepress::test {
namespace {

std::uint64_t pack(const model::Sequence& seq, bool skip, unsigned page) {
  return seq.offset | (static_cast<std::uint64_t>(seq.match_len) << 12) |
         (static_cast<std::uint64_t>(seq.lit_len) << 25) |
         (static_cast<std::uint64_t>(seq.lit_pos) << 38) | (std::uint64_t{page} << 50) |
         (std::uint64_t{seq.match_len == 0} << 51) | (std::uint64_t{skip} << 52);
}

// Sequences that cover a unit with lengths drawn around the format's borders.
std::vector<model::Sequence> made_up(std::mt19937_64& rng) {
  static constexpr std::array<unsigned, 14> kLengths = {0,  1,  4,  11,  12,  13,  14,
                                                        15, 16, 30, 269, 270, 524, 525};
  std::vector<model::Sequence> sequences;
  unsigned at = 0;
  while (true) {
    const unsigned lits = kLengths[rng() % kLengths.size()] + static_cast<unsigned>(rng() % 3);
    const unsigned match = 4 + kLengths[rng() % kLengths.size()] + static_cast<unsigned>(rng() % 6);
    if (at + lits + match > 4091) break;
    sequences.push_back({at, lits, match, static_cast<std::uint32_t>(1 + rng() % 4095)});
    at += lits + match;
  }
  sequences.push_back({at, 4096 - at, 0, 0});
  return sequences;
}

struct Job {
  Page page{};
  std::vector<model::Sequence> sequences;
  bool skip = false;
  unsigned limit = 8191;  // bytes; the widest that the port takes
};

void encode_all(const std::vector<Job>& jobs, const Traffic& traffic) {
  Bench<Vpp_lz4_encoder> bench(traffic);
  std::size_t sent = 0;
  std::size_t next = 0;
  std::size_t done = 0;
  struct Full {
    std::size_t job;
    unsigned block, len;
    bool over;
  };
  std::deque<Full> full;
  auto idle = [&] {
    bench->wr_en_i = 0;
    bench->seq_valid_i = 0;
    bench->rd_en_i = 0;
    bench->rd2_en_i = 0;
    bench->free_i = 0;
  };
  auto note_done = [&] {
    if (bench->done_o == 0) return;
    ASSERT_EQ(bench->done_page_o, done & 1U);
    ASSERT_EQ(bench->done_skip_o != 0, jobs[done].skip);
    full.push_back({done, bench->done_block_o, bench->done_len_o, bench->done_over_o != 0});
    ++done;
  };
  auto load = [&](std::size_t job) {
    for (unsigned beat = 0; beat < 128; ++beat) {
      idle();
      bench->wr_en_i = 1;
      bench->wr_beat_i = static_cast<std::uint8_t>(128 * (job & 1U) + beat);
      std::memcpy(bench->wr_data_i.data(), jobs[job].page.data() + 32UL * beat, 32);
      bench.settle();
      note_done();
      bench.tick();
    }
  };
  auto check = [&](const Full& block) {
    const Job& job = jobs[block.job];
    const auto expected =
        job.skip ? std::vector<std::uint8_t>{} : model::encode_sequences(job.page, job.sequences);
    // Given up exactly where one run of literals is too long for the limit.
    bool over = false;
    for (const model::Sequence& seq : job.sequences) over |= seq.lit_len > job.limit;
    ASSERT_EQ(block.over, over && !job.skip);
    if (!block.over) ASSERT_EQ(block.len, expected.size());
    for (unsigned at = 0; !block.over && at < block.len && at < 4096; at += 32) {
      idle();
      bench->rd_en_i = 1;
      bench->rd_block_i = block.block != 0;
      bench->rd_beat_i = static_cast<std::uint8_t>(at / 32);
      bench.settle();
      note_done();
      bench.tick();
      // The second reader reads the same elsewhere in the block, a cycle later.
      const unsigned at2 =
          static_cast<unsigned>(bench.random()) % std::min(block.len, 4096U) & ~31U;
      idle();
      bench->rd2_en_i = 1;
      bench->rd2_block_i = block.block != 0;
      bench->rd2_beat_i = static_cast<std::uint8_t>(at2 / 32);
      bench.settle();
      note_done();
      bench.tick();
      const std::size_t n2 =
          std::min<std::size_t>(32, std::min<std::size_t>(block.len, 4096) - at2);
      ASSERT_EQ(std::memcmp(bench->rd2_data_o.data(), expected.data() + at2, n2), 0)
          << "byte " << at2 << " of " << block.len << ", second reader";
      const std::size_t n = std::min<std::size_t>(32, std::min<std::size_t>(block.len, 4096) - at);
      ASSERT_EQ(std::memcmp(bench->rd_data_o.data(), expected.data() + at, n), 0)
          << "byte " << at << " of " << block.len;
    }
    idle();
    bench->free_i = 1;
    bench->free_block_i = block.block != 0;
    bench.settle();
    note_done();
    bench.tick();
  };
  load(0);
  while (done < jobs.size() || !full.empty()) {
    if (!full.empty() && bench.accepts()) {
      const Full block = full.front();
      full.pop_front();
      ASSERT_NO_FATAL_FAILURE(check(block));
      continue;
    }
    idle();
    const bool ready = sent < jobs.size() && sent < done + 1;  // its page has been loaded
    if (ready && bench.offers()) {
      bench->seq_valid_i = 1;
      bench->limit_i = static_cast<std::uint16_t>(jobs[sent].limit);
      bench->seq_i = pack(jobs[sent].sequences[next], jobs[sent].skip, sent & 1U);
    }
    bench.settle();
    note_done();
    const bool taken = bench->seq_valid_i != 0 && bench->seq_ready_o != 0;
    bench.tick();
    if (taken && ++next == jobs[sent].sequences.size()) {
      next = 0;
      if (++sent < jobs.size()) load(sent);
    }
  }
}

std::vector<Job> jobs_for(std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::vector<Job> jobs;
  for (const NamedPage& page : adversarial_pages(seed)) {
    jobs.push_back({page.bytes, model::find_sequences(page.bytes), false});
    jobs.push_back({page.bytes, made_up(rng), false});
    jobs.push_back({page.bytes, made_up(rng), false, static_cast<unsigned>(rng() % 600)});
    if (rng() % 5 == 0) jobs.push_back({page.bytes, {{0, 4096, 0, 0}}, true});
  }
  return jobs;
}

TEST(Encoder, EqualsTheReference) { encode_all(jobs_for(31), {100, 100, 1}); }
TEST(Encoder, EqualsTheReferenceWhenBlocksLeaveLate) { encode_all(jobs_for(32), {100, 2, 2}); }
TEST(Encoder, EqualsTheReferenceWithIdleCycles) { encode_all(jobs_for(33), {25, 50, 3}); }

}  // namespace
}  // namespace pagepress::test
