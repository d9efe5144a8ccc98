// SPDX-License-Identifier: Apache-2.0
// Followed distances against a compare byte by byte. Outside the unit the text is made to
// equal whatever the page buffer gives there, so that only the rules keep it out.
#include <Vfollow.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <random>
#include <set>
#include <vector>

#include "tests/rtl/engine/port_bits.hpp"

namespace pagepress::test {
namespace {

constexpr unsigned kW = 16;
constexpr unsigned kPage = 4096;
constexpr unsigned kBack = 7;
constexpr unsigned kLoop = 6;  // windows that are compared
constexpr unsigned kReach = kLoop * kW;
constexpr unsigned kEndBits = 7;
constexpr unsigned kMatchEnd = 5;  // bytes of the unit that no match takes
constexpr unsigned kBeats = kPage / 32;
constexpr unsigned kLatency = 3;

using Page = std::array<std::uint8_t, kPage>;

struct Request {
  unsigned page = 0;
  unsigned base = 0;
  unsigned dist = 0;    // 0: none
  unsigned behind = 0;  // windows of the unit behind this one
};

struct Answer {
  std::array<unsigned, kW> ends{};
  unsigned back = 0;
};

Answer compare(const Page& page, const Request& request) {
  const unsigned limit = request.base + (1 + request.behind) * kW - kMatchEnd;
  auto same = [&](unsigned pos) {
    return request.dist != 0 && pos >= request.dist && page[pos] == page[pos - request.dist];
  };
  Answer answer;
  for (unsigned i = 0; i < kW; ++i) {
    unsigned end = i;
    while (end < kReach && request.base + end < limit && same(request.base + end)) ++end;
    answer.ends[i] = end;
  }
  while (answer.back < std::min(kBack, request.base) && same(request.base - 1 - answer.back)) {
    ++answer.back;
  }
  return answer;
}

class FollowBench {
 public:
  FollowBench() {
    dut_.clk_i = 0;
    dut_.eval();
    for (unsigned p = 0; p < 2; ++p) fill(p);
    for (unsigned beat = 0; beat < 2 * kBeats; ++beat) {
      write(beat);
      edge(false);
    }
    dut_.wr_en_i = 0;
  }
  ~FollowBench() { dut_.final(); }
  FollowBench(const FollowBench&) = delete;
  FollowBench& operator=(const FollowBench&) = delete;

  // So many windows of one page; meanwhile another unit arrives in the other one.
  void run(unsigned page, unsigned windows) {
    flush();
    fill(1 - page);
    unsigned beat = 0;
    for (unsigned n = 0; n < windows; ++n) {
      if (beat < kBeats && random(2) == 0) write(kBeats * (1 - page) + beat++);
      step(draw(page));
      dut_.wr_en_i = 0;
      if (testing::Test::HasFatalFailure()) return;
    }
    while (beat < kBeats) {
      write(kBeats * (1 - page) + beat++);
      edge(false);
    }
    dut_.wr_en_i = 0;
  }
  void flush() {
    for (unsigned n = 0; n < kLatency; ++n) step({});
  }

  // What has been seen
  std::array<std::set<unsigned>, kW> ends;
  std::set<unsigned> backs;
  unsigned negative = 0;  // places before the unit's start, with a match behind it
  unsigned cut = 0;       // matches that end where the unit allows no more
  unsigned none = 0;

 private:
  unsigned random(unsigned below) { return static_cast<unsigned>(rng_() % below); }

  // Pieces that repeat an earlier one for up to 140 bytes, and a few bytes between.
  void fill(unsigned p) {
    Page& page = pages_[p];
    auto& dist = piece_dist_[p];
    const unsigned symbols = 2 + random(200);
    for (unsigned at = 0; at < kPage;) {
      const unsigned d =
          at == 0 || random(3) == 0 ? 0 : 1 + random(random(2) == 0 ? std::min(at, 40U) : at);
      for (unsigned n = d == 0 ? 1 + random(4) : 1 + random(140); n != 0 && at < kPage; --n, ++at) {
        page[at] = d == 0 ? static_cast<std::uint8_t>(random(symbols)) : page[at - d];
        dist[at] = d;
      }
    }
  }
  void write(unsigned beat) {
    dut_.wr_en_i = 1;
    put_bits(dut_.wr_beat_i, 0, 8, beat);
    std::memcpy(&dut_.wr_data_i, &pages_[beat / kBeats][32 * (beat % kBeats)], 32);
  }

  // A distance of a piece about here, or any that some position of the window can have.
  Request draw(unsigned page) {
    Request request;
    request.page = page;
    request.base = kW * random(random(4) == 0 ? 8 : kPage / kW);
    request.dist = piece_dist_[page][std::min(kPage - 1, request.base + random(3 * kW))];
    if (random(4) == 0) request.dist = 1 + random(request.base + kW - 1);
    if (random(4) == 0) request.dist = request.base + random(kW);  // about the unit's start
    if (random(8) == 0) request.dist = 0;
    request.dist = std::min(request.dist, request.base + kW - 1);
    request.behind = (kPage - request.base) / kW - 1;
    if (random(2) == 0) request.behind = std::min(request.behind, random(kLoop + 2));
    return request;
  }

  // Stage R has the new window, stage A that of the step before.
  void step(const Request& request) {
    while (random(4) == 0) {  // a stall, with anything at the inputs
      drive_read(draw(random(2)));
      drive_text(draw(random(2)));
      edge(false);
      dut_.wr_en_i = 0;
    }
    if (inside_.size() == kLatency) {
      check(inside_.front());
      inside_.pop_front();
    }
    drive_read(request);
    if (!inside_.empty()) drive_text(inside_.back());
    edge(true);
    inside_.push_back(request);
  }
  void drive_read(const Request& request) {
    dut_.page_i = request.page & 1U;
    put_bits(dut_.base_i, 0, 12, request.base);
    put_bits(dut_.dist_i, 0, 12, request.dist);
  }
  void drive_text(const Request& request) {
    const Page& page = pages_[request.page];
    const unsigned end = request.base + (1 + request.behind) * kW;
    std::array<std::uint8_t, kBack + kReach> text{};
    for (unsigned j = 0; j < text.size(); ++j) {
      const unsigned pos = request.base + j - kBack;  // below the unit's start: a large number
      text[j] = pos < end ? page[pos] : page[(pos - request.dist) % kPage];
    }
    std::memcpy(&dut_.text_i, text.data(), text.size());
    for (unsigned k = 0; k <= kLoop; ++k) put_bits(dut_.left_i, k, 1, request.behind >= k);
  }
  void edge(bool enable) {
    dut_.en_i = enable;
    dut_.clk_i = 1;
    dut_.eval();
    dut_.clk_i = 0;
    dut_.eval();
  }
  void check(const Request& request) {
    const Answer want = compare(pages_[request.page], request);
    for (unsigned i = 0; i < kW; ++i) {
      ASSERT_EQ(get_bits(dut_.ends_o, kEndBits * i, kEndBits), want.ends[i])
          << "place " << request.base << " distance " << request.dist << " position " << i
          << " windows behind " << request.behind;
      ends[i].insert(want.ends[i]);
      const unsigned end = request.base + want.ends[i];
      if (end == request.base + (1 + request.behind) * kW - kMatchEnd) ++cut;
    }
    ASSERT_EQ(dut_.back_o, want.back) << "place " << request.base << " distance " << request.dist;
    backs.insert(want.back);
    if (request.dist == 0) ++none;
    if (request.dist > request.base && want.ends[kW - 1] != kW - 1) ++negative;
  }

  VerilatedContext context_;
  Vfollow dut_{&context_};
  std::mt19937_64 rng_{7};
  std::array<Page, 2> pages_{};
  std::array<std::array<unsigned, kPage>, 2>
      piece_dist_{};  // of the piece that a byte is in; 0: none
  std::deque<Request> inside_;
};

TEST(Follow, EndsAndBackEqualACompareByteByByte) {
  FollowBench bench;
  for (unsigned n = 0; n < 60; ++n) ASSERT_NO_FATAL_FAILURE(bench.run(n % 2, 1000));
  bench.flush();
  for (unsigned i = 0; i < kW; ++i) {
    EXPECT_EQ(bench.ends[i].size(), kReach - i + 1) << "position " << i;
  }
  EXPECT_EQ(bench.backs.size(), kBack + 1);
  EXPECT_GT(bench.negative, 1000U);
  EXPECT_GT(bench.cut, 1000U);
  EXPECT_GT(bench.none, 5000U);
}

}  // namespace
}  // namespace pagepress::test
