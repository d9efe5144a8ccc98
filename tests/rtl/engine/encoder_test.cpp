// SPDX-License-Identifier: Apache-2.0
// The encoder's blocks against the reference's, from the reference's rows and from made-up
// ones with lengths that no page gives; its cycles against encode_steps(); rows as fast as
// they can come.
#include <Vencoder_2.h>
#include <Vencoder_4.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <vector>

#include "model/codec/lz4_encoder.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/rtl/engine/bench.hpp"

namespace pagepress::test {
namespace {

using model::Sequence;
using Row = std::vector<Sequence>;

// rtl/lz/pp_lz_pkg.sv, sequence_t, for units of 4 KiB: widths from bit 0.
constexpr unsigned kPos = 12;
constexpr unsigned kLen = 13;
constexpr unsigned kPage = 2;
constexpr unsigned kSequence = 2 * kPos + 2 * kLen + kPage + 2;

std::uint64_t pack(const Sequence& seq, bool skip, unsigned page) {
  std::uint64_t bits = 0;
  unsigned at = 0;
  auto field = [&](std::uint64_t value, unsigned width) {
    bits |= value << at;
    at += width;
  };
  field(seq.offset, kPos);
  field(seq.match_len, kLen);
  field(seq.lit_len, kLen);
  field(seq.lit_pos, kPos);
  field(page, kPage);
  field(seq.match_len == 0 ? 1 : 0, 1);
  field(skip ? 1 : 0, 1);
  return bits;
}

struct Job {
  Page page{};
  std::vector<Row> rows;
  bool skip = false;
  unsigned limit = 8191;  // bytes; the widest that the port takes
};

std::vector<Sequence> all_of(const Job& job) {
  std::vector<Sequence> all;
  for (const Row& row : job.rows) all.insert(all.end(), row.begin(), row.end());
  return all;
}

std::vector<Row> rows_of(const std::vector<Sequence>& sequences, unsigned lanes,
                         std::mt19937_64& rng) {
  std::vector<Row> rows;
  for (std::size_t at = 0; at < sequences.size(); at += rows.back().size()) {
    const std::size_t n = std::min<std::size_t>(1 + rng() % lanes, sequences.size() - at);
    rows.emplace_back(sequences.begin() + static_cast<std::ptrdiff_t>(at),
                      sequences.begin() + static_cast<std::ptrdiff_t>(at + n));
  }
  return rows;
}

struct Totals {
  std::uint64_t cycles = 0;           // from the first row to the last unit's end
  std::uint64_t refused = 0;          // cycles in which no row was wanted
  std::vector<std::uint64_t> done;    // when each unit was done
  std::vector<std::uint64_t> pushed;  // when each row came
};

// The bench's sides each do their part of a cycle: beats of pages in, rows in, blocks out.
template <class Model, unsigned kLanes>
class EncoderBench : public Bench<Model> {
 public:
  EncoderBench(const std::vector<Job>& jobs, const Traffic& traffic, bool read)
      : Bench<Model>(traffic), jobs_(jobs), reads_(read) {}

  Totals run() {
    auto& bench = *this;
    while (done_ < jobs_.size() || !full_.empty()) {
      offer_beat();
      offer_row();
      read_block();
      bench->limit_i =
          static_cast<std::uint16_t>(jobs_[std::min(measured_, jobs_.size() - 1)].limit);
      bench.settle();
      ready_ = (ready_ << 1U) | (bench->row_ready_o != 0 ? 1U : 0U);
      totals_.refused += bench->row_ready_o != 0 ? 0 : 1;
      if (bench->unit_next_o != 0) ++measured_;
      note_done();
      if (testing::Test::HasFatalFailure()) break;
      bench.tick();
    }
    totals_.cycles = totals_.done.back() - totals_.pushed.front();
    return totals_;
  }

 private:
  struct Full {
    std::size_t job;
    unsigned block, len;
    bool over;
    std::vector<std::uint8_t> expected;
  };

  // A page buffer is free when the unit before last is done.
  void offer_beat() {
    auto& bench = *this;
    bench->wr_en_i = loaded_ < jobs_.size() && loaded_ < done_ + 2;
    if (bench->wr_en_i == 0) return;
    bench->wr_beat_i = static_cast<std::uint16_t>(128 * (loaded_ & 1U) + beat_);
    std::memcpy(bench->wr_data_i.data(), jobs_[loaded_].page.data() + 32UL * beat_, 32);
    if (++beat_ == 128) {
      beat_ = 0;
      ++loaded_;
    }
  }

  // As the match finder does: it sees row_ready_o late, so that four rows may still come.
  void offer_row() {
    auto& bench = *this;
    bench->seq_valid_i = 0;
    if (sent_ >= jobs_.size() || sent_ >= loaded_ || (ready_ & 8U) == 0 || !bench.offers()) return;
    const Job& job = jobs_[sent_];
    const Row& row = job.rows[next_];
    std::memset(&bench->seq_i, 0, sizeof bench->seq_i);
    for (unsigned i = 0; i < row.size(); ++i) {
      const std::uint64_t bits = pack(row[i], job.skip, sent_ & 1U);
      for (unsigned b = 0; b < kSequence; ++b) {
        const unsigned at = kSequence * i + b;
        bench->seq_i[at / 32] |= static_cast<std::uint32_t>((bits >> b) & 1U) << (at % 32);
      }
    }
    bench->seq_valid_i = static_cast<std::uint8_t>((1U << row.size()) - 1);
    totals_.pushed.push_back(bench.cycle());
    if (++next_ == job.rows.size()) {
      next_ = 0;
      ++sent_;
    }
  }

  void note_done() {
    auto& bench = *this;
    if (bench->done_o == 0) return;
    ASSERT_LT(done_, jobs_.size());
    const Job& job = jobs_[done_];
    ASSERT_EQ(bench->done_skip_o != 0, job.skip);
    totals_.done.push_back(bench.cycle());
    if (!job.skip) {
      Full full{done_, bench->done_block_o, bench->done_len_o, bench->done_over_o != 0,
                model::encode_sequences(job.page, all_of(job))};
      // Given up exactly where one run of literals is too long for the limit.
      bool over = false;
      for (const Row& row : job.rows) {
        for (const Sequence& seq : row) over |= seq.lit_len > job.limit;
      }
      ASSERT_EQ(full.over, over);
      if (!over) ASSERT_EQ(full.len, full.expected.size());
      full_.push_back(std::move(full));
    }
    ++done_;
  }

  // A beat a cycle by the first reader, others by the second one; then the block is free.
  void read_block() {
    auto& bench = *this;
    bench->rd_en_i = 0;
    bench->rd2_en_i = 0;
    bench->free_i = 0;
    check_read(bench->rd_data_o.data(), read_);
    check_read(bench->rd2_data_o.data(), read2_);
    if (full_.empty() || !bench.accepts()) return;
    const Full& full = full_.front();
    const unsigned len = full.over || !reads_ ? 0 : std::min(full.len, 4096U);
    if (at_ >= len) {
      bench->free_i = static_cast<std::uint8_t>(1U << full.block);
      at_ = 0;
      full_.pop_front();
      read_ = read2_ = {};
      return;
    }
    read_ = {at_, std::min(32U, len - at_), true};
    bench->rd_en_i = 1;
    bench->rd_block_i = full.block != 0;
    bench->rd_beat_i = static_cast<std::uint8_t>(at_ / 32);
    at_ += 32;
    const unsigned other = static_cast<unsigned>(bench.random()) % len & ~31U;
    read2_ = {other, std::min(32U, len - other), true};
    bench->rd2_en_i = 1;
    bench->rd2_block_i = full.block != 0;
    bench->rd2_beat_i = static_cast<std::uint8_t>(other / 32);
  }
  struct Read {
    unsigned at = 0, n = 0;
    bool fresh = false;
  };
  template <class Word>
  void check_read(const Word* data, Read& read) {
    if (!read.fresh) return;
    read.fresh = false;
    const Full& full = full_.front();
    ASSERT_EQ(std::memcmp(data, full.expected.data() + read.at, read.n), 0)
        << "byte " << read.at << " of " << full.len << ", unit " << full.job;
  }

  const std::vector<Job>& jobs_;
  bool reads_;                // blocks are read before they are freed
  std::size_t loaded_ = 0;    // pages in
  std::size_t sent_ = 0;      // units whose rows have gone in
  std::size_t measured_ = 0;  // units whose limit is not needed any more
  std::size_t done_ = 0;
  std::size_t next_ = 0;  // row
  unsigned beat_ = 0;
  unsigned ready_ = ~0U;  // row_ready_o, the latest in bit 0
  std::deque<Full> full_;
  unsigned at_ = 0;
  Read read_, read2_;
  Totals totals_;
};

// Sequences that cover a unit with lengths drawn around the format's borders.
std::vector<Sequence> made_up(std::mt19937_64& rng) {
  static constexpr std::array<unsigned, 20> kLengths = {
      0, 1, 4, 11, 12, 13, 14, 15, 16, 27, 28, 30, 255, 268, 269, 270, 524, 525, 1030, 4000};
  const std::size_t choices = rng() % 4 == 0 ? 20 : rng() % 2 == 0 ? 12 : 6;
  std::vector<Sequence> sequences;
  unsigned at = 0;
  for (unsigned tries = 0; tries < 4 && at < 4000;) {
    const unsigned lits = kLengths[rng() % choices] + static_cast<unsigned>(rng() % 3);
    const unsigned match = 4 + kLengths[rng() % choices] + static_cast<unsigned>(rng() % 6);
    if (at + lits + match > 4091) {
      ++tries;
      continue;
    }
    sequences.push_back({at, lits, match, static_cast<std::uint32_t>(1 + rng() % 4095)});
    at += lits + match;
  }
  sequences.push_back({at, 4096 - at, 0, 0});
  return sequences;
}

std::vector<Job> jobs_for(std::uint64_t seed, unsigned lanes) {
  std::mt19937_64 rng(seed);
  std::vector<Job> jobs;
  const std::vector<Row> nothing = {{{0, 4096, 0, 0}}};
  for (const NamedPage& page : adversarial_pages(seed)) {
    jobs.push_back({page.bytes, rows_of(model::find_sequences(page.bytes), lanes, rng)});
    for (const unsigned limit : {8191U, static_cast<unsigned>(rng() % 600)}) {
      jobs.push_back({page.bytes, rows_of(made_up(rng), lanes, rng), false, limit});
    }
    if (rng() % 5 == 0) jobs.push_back({page.bytes, nothing, true});
  }
  // The longest lengths there are.
  const Page noise = random_pages(seed, 8).back().bytes;
  for (const std::vector<Sequence>& longest :
       std::vector<std::vector<Sequence>>{{{0, 4096, 0, 0}},
                                          {{0, 1, 4090, 1}, {4091, 5, 0, 0}},
                                          {{0, 4084, 7, 17}, {4091, 5, 0, 0}},
                                          {{0, 2000, 2091, 17}, {4091, 5, 0, 0}},
                                          {{0, 1, 4, 1}, {5, 4091, 0, 0}}}) {
    jobs.push_back({noise, rows_of(longest, lanes, rng)});
  }
  return jobs;
}

template <class T>
class Encoder : public testing::Test {};
template <class M, unsigned kN>
struct Shape {
  using Model = M;
  static constexpr unsigned kLanes = kN;
};
using Shapes = testing::Types<Shape<Vencoder_2, 2>, Shape<Vencoder_4, 4>>;
TYPED_TEST_SUITE(Encoder, Shapes);

template <class S>
Totals encode_all(const std::vector<Job>& jobs, const Traffic& traffic, bool read = true) {
  EncoderBench<typename S::Model, S::kLanes> bench(jobs, traffic, read);
  return bench.run();
}

TYPED_TEST(Encoder, EqualsTheReference) {
  encode_all<TypeParam>(jobs_for(31, TypeParam::kLanes), {100, 100, 1});
}
TYPED_TEST(Encoder, EqualsTheReferenceWhenBlocksLeaveLate) {
  const Totals totals = encode_all<TypeParam>(jobs_for(32, TypeParam::kLanes), {100, 30, 2});
  EXPECT_GT(totals.refused, 0U) << "the FIFO never filled: nothing was tested";
}
TYPED_TEST(Encoder, EqualsTheReferenceWithIdleCycles) {
  encode_all<TypeParam>(jobs_for(33, TypeParam::kLanes), {25, 50, 3});
}

// A row is in the sequencer five cycles after it came, or when the one before it has left;
// a unit's last step is done so many cycles later, and its block buffer, if it is freed at
// once, free for another unit's first step.
constexpr std::uint64_t kToSequencer = 5;
constexpr std::uint64_t kToFree = 2;
constexpr std::uint64_t to_done(unsigned lanes) { return lanes == 4 ? 7 : 6; }

TYPED_TEST(Encoder, TakesTheReferencesCycles) {
  for (const unsigned offered : {100U, 40U}) {
    std::mt19937_64 rng(34);
    std::vector<Job> jobs = jobs_for(34, TypeParam::kLanes);
    std::shuffle(jobs.begin(), jobs.end(), rng);
    const Totals totals = encode_all<TypeParam>(jobs, {offered, 100, 4}, false);
    std::size_t row = 0;
    std::uint64_t next = 0;           // when the sequencer can take the next row
    std::vector<std::uint64_t> done;  // of units with a block
    for (std::size_t n = 0; n < jobs.size(); ++n) {
      bool dead = jobs[n].skip;
      if (!jobs[n].skip && done.size() >= 2) next = std::max(next, done[done.size() - 2] + kToFree);
      for (const Row& sequences : jobs[n].rows) {
        for (const Sequence& seq : sequences) dead |= seq.lit_len > jobs[n].limit;
        next = std::max(next, totals.pushed[row++] + kToSequencer) +
               (dead ? 1 : model::encode_steps(sequences, TypeParam::kLanes));
      }
      ASSERT_EQ(totals.done[n], next - 1 + to_done(TypeParam::kLanes)) << "unit " << n;
      if (!jobs[n].skip) done.push_back(totals.done[n]);
    }
  }
}

// Whatever short rows there are, one a cycle goes through; and one long run before them does
// not fill the FIFO.
TYPED_TEST(Encoder, ARowACycleBehindALongRun) {
  constexpr unsigned kLanes = TypeParam::kLanes;
  const Page noise = random_pages(35, 8).back().bytes;
  std::vector<Job> jobs;
  for (const unsigned run : {3960U, 2000U, 300U, 12U}) {
    Job long_run{noise, {{{0, run, 4, 9}}}};
    unsigned at = run + 4;
    while (at + kLanes * 5 <= 4091) {
      Row row;
      for (unsigned i = 0; i < kLanes; ++i, at += 5) row.push_back({at, 1, 4, 1});
      long_run.rows.push_back(row);
    }
    long_run.rows.push_back({{at, 4096 - at, 0, 0}});
    jobs.push_back(long_run);
    Job short_rows{noise, {}};
    at = 0;
    while (at + kLanes * 16 <= 4091) {
      Row row;
      for (unsigned i = 0; i < kLanes; ++i, at += 16) row.push_back({at, 12, 4, 1});
      short_rows.rows.push_back(row);
    }
    short_rows.rows.push_back({{at, 4096 - at, 0, 0}});
    jobs.push_back(short_rows);
  }
  const Totals totals = encode_all<TypeParam>(jobs, {100, 100, 5});
  EXPECT_EQ(totals.refused, 0U);
}

}  // namespace
}  // namespace pagepress::test
