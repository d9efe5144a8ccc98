// SPDX-License-Identifier: Apache-2.0
// The match finder's sequences against the reference codec's, over all kinds of
// pages, with gaps between units and a consumer that is not always ready.
#include <Vmatch_finder_16.h>
#include <Vmatch_finder_8.h>
#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

#include "model/codec/lz4_engine.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/rtl/engine/bench.hpp"

namespace pagepress::test {
namespace {

// rtl/lz/pp_lz_pkg.sv, sequence_t, from bit 0.
model::Sequence unpack(std::uint64_t bits) {
  model::Sequence seq;
  seq.offset = static_cast<std::uint32_t>(bits & 0xfff);
  seq.match_len = static_cast<std::uint32_t>((bits >> 12) & 0x1fff);
  seq.lit_len = static_cast<std::uint32_t>((bits >> 25) & 0x1fff);
  seq.lit_pos = static_cast<std::uint32_t>((bits >> 38) & 0xfff);
  return seq;
}
bool is_last(std::uint64_t bits) { return ((bits >> 51) & 1U) != 0; }
bool is_skip(std::uint64_t bits) { return ((bits >> 52) & 1U) != 0; }

template <class Model>
void compare_pages(const model::EngineConfig& config, const Traffic& traffic,
                   const std::vector<NamedPage>& pages) {
  Bench<Model> bench(traffic);
  using Index = std::remove_reference_t<decltype(bench->win_index_i)>;
  const unsigned windows = 4096 / config.w;
  std::size_t matched = 0;  // units whose windows have all gone in
  std::size_t checked = 0;
  unsigned window = 0;
  std::vector<model::Sequence> got;
  bool running = false;
  auto load = [&](std::size_t n) {  // the unit's bytes, as they arrive before its windows
    for (unsigned beat = 0; beat < 128; ++beat) {
      bench->wr_en_i = 1;
      bench->wr_beat_i = static_cast<std::uint8_t>(128 * (n & 1U) + beat);
      std::memcpy(bench->wr_data_i.data(), pages[n].bytes.data() + 32UL * beat, 32);
      bench->win_valid_i = 0;
      bench->seq_ready_i = 0;
      bench.tick();
    }
    bench->wr_en_i = 0;
  };
  load(0);
  while (checked < pages.size()) {
    // A unit's windows follow each other without a gap; a unit may keep us waiting.
    // Its buffer is the one before last's, whose sequences have all come out by then.
    const bool may_start = matched < pages.size() && matched < checked + 1;
    if (!running && may_start && bench.offers()) {
      if (matched > 0) load(matched);
      running = true;
    }
    bench->win_valid_i = running;
    bench->win_first_i = window == 0;
    bench->win_last_i = window == windows - 1;
    bench->win_skip_i = 0;
    bench->win_size_i = 0;
    bench->win_page_i = matched & 1U;
    bench->win_index_i = static_cast<Index>(window);
    std::memset(&bench->win_text_i, 0, sizeof(bench->win_text_i));
    if (running) {
      std::memcpy(&bench->win_text_i, pages[matched].bytes.data() + window * config.w, config.w);
    }
    bench->seq_ready_i = bench.accepts();
    bench.settle();
    const bool taken = running && bench->win_ready_o != 0;
    if (bench->seq_valid_o != 0 && bench->seq_ready_i != 0) {
      ASSERT_FALSE(is_skip(bench->seq_o));
      got.push_back(unpack(bench->seq_o));
      if (is_last(bench->seq_o)) {
        ASSERT_EQ(got, model::find_sequences(pages[checked].bytes, config)) << pages[checked].name;
        got.clear();
        ++checked;
      }
    }
    bench.tick();
    if (taken && ++window == windows) {
      window = 0;
      ++matched;
      running = false;
    }
  }
}

const model::EngineConfig kW8{};
const model::EngineConfig kW16{16, 32, 1024, 512, 16};

TEST(MatchFinder, EqualsTheReferenceW8) {
  compare_pages<Vmatch_finder_8>(kW8, {100, 100, 1}, all_pages(21));
}
TEST(MatchFinder, EqualsTheReferenceUnderBackPressureW8) {
  compare_pages<Vmatch_finder_8>(kW8, {30, 20, 2}, adversarial_pages(22));
}
TEST(MatchFinder, EqualsTheReferenceW16) {
  compare_pages<Vmatch_finder_16>(kW16, {100, 100, 3}, all_pages(23));
}
TEST(MatchFinder, EqualsTheReferenceUnderBackPressureW16) {
  compare_pages<Vmatch_finder_16>(kW16, {50, 30, 4}, adversarial_pages(24));
}

}  // namespace
}  // namespace pagepress::test
