// SPDX-License-Identifier: Apache-2.0
// The match finder's sequences against the reference codec's, over all kinds of
// pages, with gaps between units and a consumer that is not always ready.
#include <Vmatch_finder_16.h>
#include <Vmatch_finder_32.h>
#include <Vmatch_finder_8.h>
#include <Vmatch_finder_least.h>
#include <Vmatch_finder_more.h>
#include <gtest/gtest.h>

#include <cstring>
#include <type_traits>
#include <vector>

#include "model/codec/lz4_engine.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/rtl/engine/bench.hpp"

namespace pagepress::test {
namespace {

// rtl/lz/pp_lz_pkg.sv, sequence_t of 4 KiB units, from bit 0.
constexpr unsigned kLenBits = 13;
constexpr unsigned kPosBits = 12;
constexpr unsigned kBufBits = 2;  // BUF_W

template <class Port>
std::uint64_t bits_of(const Port& port, unsigned at, unsigned bits) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&port);
  std::uint64_t value = 0;
  for (unsigned b = 0; b < bits; ++b, ++at) {
    value |= static_cast<std::uint64_t>((bytes[at / 8] >> (at % 8)) & 1U) << b;
  }
  return value;
}

struct Lane {
  model::Sequence sequence;
  bool last = false;
  bool skip = false;
};

template <class Port>
Lane unpack(const Port& port, unsigned at) {
  auto field = [&port, &at](unsigned bits) {
    const auto value = static_cast<std::uint32_t>(bits_of(port, at, bits));
    at += bits;
    return value;
  };
  Lane lane;
  lane.sequence.offset = field(kPosBits);
  lane.sequence.match_len = field(kLenBits);
  lane.sequence.lit_len = field(kLenBits);
  lane.sequence.lit_pos = field(kPosBits);
  field(kBufBits);
  lane.last = field(1) != 0;
  lane.skip = field(1) != 0;
  return lane;
}

struct Row {
  std::uint64_t cycle = 0;
  std::vector<model::Sequence> sequences;
};

// All pages through the match finder, every `skip_every`-th one not to be compressed (0: none).
template <class Model>
void compare_pages(const model::EngineConfig& config, const Traffic& traffic,
                   const std::vector<NamedPage>& pages, unsigned skip_every = 0) {
  Bench<Model> bench(traffic);
  const unsigned lane_bits = 2 + kBufBits + 2 * kPosBits + 2 * kLenBits;
  const unsigned windows = 4096 / config.w;
  const bool free_running = traffic.accepted == 100;
  std::uint64_t latency = 0;        // from a window to the row of its parse, when nothing waits
  auto load = [&](std::size_t n) {  // the unit's bytes, as they arrive before its windows
    for (unsigned beat = 0; beat < 128; ++beat) {
      bench->wr_en_i = 1;
      bench->wr_beat_i =
          static_cast<std::remove_reference_t<decltype(bench->wr_beat_i)>>(128 * (n & 1U) + beat);
      std::memcpy(&bench->wr_data_i[0], pages[n].bytes.data() + 32UL * beat, 32);
      bench->win_valid_i = 0;
      bench->seq_ready_i = 1;
      bench.tick();
    }
    bench->wr_en_i = 0;
  };
  for (std::size_t n = 0; n < pages.size(); ++n) {
    load(n);
    const bool skip = skip_every != 0 && n % skip_every == 0;
    std::vector<Row> rows;
    std::uint64_t first_taken = 0;
    unsigned window = 0;
    const unsigned count = skip ? 1 : windows;
    for (bool done = false; !done;) {
      const bool offered = window > 0 ? window < count : bench.offers();
      bench->win_valid_i = offered;
      bench->win_first_i = window == 0;
      bench->win_last_i = window == count - 1;
      bench->win_skip_i = skip;
      bench->win_size_i = 0;
      bench->win_page_i = n & 1U;
      bench->win_index_i =
          static_cast<std::remove_reference_t<decltype(bench->win_index_i)>>(window);
      std::memset(&bench->win_text_i, 0, sizeof(bench->win_text_i));
      if (offered) {
        std::memcpy(&bench->win_text_i, pages[n].bytes.data() + window * config.w, config.w);
      }
      bench->seq_ready_i = bench.accepts();
      bench.settle();
      const bool taken = offered && bench->win_ready_o != 0;
      if (taken && window == 0) first_taken = bench.cycle();
      if (bench->seq_valid_o != 0) {
        Row row;
        row.cycle = bench.cycle();
        for (unsigned k = 0; k < config.starts; ++k) {
          if (((bench->seq_valid_o >> k) & 1U) == 0) continue;
          ASSERT_FALSE(done) << "a sequence behind the unit's last";
          const Lane lane = unpack(bench->seq_o, lane_bits * k);
          ASSERT_EQ(lane.skip, skip);
          row.sequences.push_back(lane.sequence);
          done = lane.last;
        }
        rows.push_back(row);
      }
      bench.tick();
      if (taken) ++window;
    }
    if (skip) {
      ASSERT_EQ(rows.size(), 1U);
      ASSERT_EQ(rows[0].sequences.size(), 1U);
      continue;
    }
    const auto expected = model::find_rows(pages[n].bytes, config);
    ASSERT_EQ(rows.size(), expected.size()) << pages[n].name;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      ASSERT_EQ(rows[r].sequences, expected[r].sequences) << pages[n].name << " row " << r;
      if (!free_running) continue;
      if (latency == 0) latency = rows[r].cycle - first_taken - expected[r].cycle;
      ASSERT_EQ(rows[r].cycle - first_taken, expected[r].cycle + latency) << pages[n].name;
    }
  }
}

const model::EngineConfig kW8 = model::EngineConfig::of(8);
const model::EngineConfig kW16 = model::EngineConfig::of(16);
const model::EngineConfig kW32 = model::EngineConfig::of(32);
constexpr model::EngineConfig kLeast{.w = 16,
                                     .banks = 16,
                                     .ways = 1,
                                     .rows = 512,
                                     .long_rows = 0,
                                     .near = 4,
                                     .units = 2,
                                     .starts = 4};
constexpr model::EngineConfig kMore{.w = 8,
                                    .banks = 32,
                                    .ways = 2,
                                    .rows = 2048,
                                    .long_rows = 512,
                                    .near = 5,
                                    .units = 8,
                                    .starts = 2};

TEST(MatchFinder, EqualsTheReferenceW8) {
  compare_pages<Vmatch_finder_8>(kW8, {100, 100, 1}, all_pages(21), 7);
}
TEST(MatchFinder, EqualsTheReferenceUnderBackPressureW8) {
  compare_pages<Vmatch_finder_8>(kW8, {30, 20, 2}, adversarial_pages(22));
}
TEST(MatchFinder, EqualsTheReferenceW16) {
  compare_pages<Vmatch_finder_16>(kW16, {100, 100, 3}, all_pages(23), 7);
}
TEST(MatchFinder, EqualsTheReferenceUnderBackPressureW16) {
  compare_pages<Vmatch_finder_16>(kW16, {50, 30, 4}, adversarial_pages(24), 5);
}
TEST(MatchFinder, EqualsTheReferenceW32) {
  compare_pages<Vmatch_finder_32>(kW32, {100, 100, 5}, all_pages(25), 7);
}
TEST(MatchFinder, EqualsTheReferenceUnderBackPressureW32) {
  compare_pages<Vmatch_finder_32>(kW32, {50, 60, 6}, adversarial_pages(26));
}
TEST(MatchFinder, EqualsTheReferenceWithTheLeastGeometry) {
  compare_pages<Vmatch_finder_least>(kLeast, {100, 100, 7}, all_pages(27), 7);
}
TEST(MatchFinder, EqualsTheReferenceWithMoreOfAll) {
  compare_pages<Vmatch_finder_more>(kMore, {100, 100, 8}, all_pages(28), 7);
}

}  // namespace
}  // namespace pagepress::test
