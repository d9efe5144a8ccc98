// SPDX-License-Identifier: Apache-2.0
// The table against a program that says the same in words and forgets everything at each
// unit's end. Indices are driven directly, so that conflicts are as frequent as wished.
#include <Vhash_table_16.h>
#include <Vhash_table_8.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "tests/rtl/engine/port_bits.hpp"

namespace pagepress::test {
namespace {

constexpr unsigned kText = 8;
constexpr unsigned kIndexBits = 10;
constexpr unsigned kPosBits = 12;
constexpr unsigned kLengths = 5;  // bits of a length
constexpr unsigned kLatency = 4;
constexpr unsigned kRows = 1024;

// As CMakeLists.txt makes them.
struct Geometry {
  unsigned w;
  unsigned banks;
  unsigned ways;
  unsigned epoch_bits;
  [[nodiscard]] unsigned bank_rows() const { return kRows / banks; }
  [[nodiscard]] unsigned epochs() const { return 1U << epoch_bits; }
};
template <class Model>
constexpr Geometry kGeometry{};
template <>
constexpr Geometry kGeometry<Vhash_table_8>{8, 16, 1, 7};
template <>
constexpr Geometry kGeometry<Vhash_table_16>{16, 32, 2, 6};

using Text = std::vector<std::uint8_t>;

// What is offered in a cycle.
struct Slot {
  bool scrub = false;
  std::uint32_t valid = 0;
  std::vector<unsigned> index;
  unsigned base = 0;
  Text text;
};

struct Answer {
  unsigned len = 0;  // 0: none
  unsigned dist = 0;
};

struct Counts {
  unsigned lost = 0;       // positions without a bank
  unsigned shared = 0;     // of them such that wanted the winner's row
  unsigned older = 0;      // the older entry was longer
  unsigned ties = 0;       // both entries as long, at different distances
  unsigned revenants = 0;  // no match, but an earlier unit of the epoch would give one
  unsigned far = 0;        // distances in the upper half
  std::map<unsigned, unsigned> lengths;
};

// The latest entries of each row, the newest first. Those of earlier units count for nothing.
class Reference {
 public:
  explicit Reference(const Geometry& geometry) : geometry_(geometry) {}

  std::vector<Answer> look_up(const Slot& slot, unsigned epoch) {
    std::map<unsigned, unsigned> owner;  // bank -> position
    for (const unsigned i : order()) {
      if (((slot.valid >> i) & 1U) == 0) continue;
      const auto [bank, had] = owner.try_emplace(slot.index[i] % geometry_.banks, i);
      if (had) continue;
      ++counts.lost;
      if (slot.index[bank->second] == slot.index[i]) ++counts.shared;
    }
    std::vector<Answer> answers(geometry_.w);
    for (const auto& [bank, i] : owner) {
      const std::uint8_t* text = &slot.text[i];
      auto& row = rows_[slot.index[i]];
      std::vector<Answer> found;
      bool revenant = false;
      for (const Entry& entry : row) {
        const unsigned len = equal_bytes(entry.text.data(), text);
        if (entry.unit == unit_) found.push_back({len, slot.base + i - entry.pos});
        if (entry.unit != unit_ && entry.epoch == epoch && len != 0) revenant = true;
      }
      for (const Answer& answer : found) {
        if (answer.len > answers[i].len) answers[i] = answer;
      }
      if (found.size() == 2) {
        if (found[1].len > found[0].len) ++counts.older;
        if (found[1].len == found[0].len && found[0].len != 0) ++counts.ties;
      }
      if (answers[i].len == 0 && revenant) ++counts.revenants;
      if (answers[i].len != 0 && answers[i].dist >= 2048) ++counts.far;
      ++counts.lengths[answers[i].len];
      row.push_front({slot.base + i, unit_, epoch, Text(text, text + kText)});
      if (row.size() > geometry_.ways) row.pop_back();
    }
    return answers;
  }
  void end_unit() { ++unit_; }

  Counts counts;

 private:
  struct Entry {
    unsigned pos;
    unsigned unit;
    unsigned epoch;
    Text text;
  };

  // 0, 8, 4, 12, ...: halves of the window take turns, then halves of halves.
  [[nodiscard]] std::vector<unsigned> order() const {
    std::vector<unsigned> places{0};
    for (unsigned step = geometry_.w / 2; step != 0; step /= 2) {
      const std::size_t n = places.size();
      for (std::size_t k = 0; k < n; ++k) places.push_back(places[k] + step);
    }
    return places;
  }
  static unsigned equal_bytes(const std::uint8_t* a, const std::uint8_t* b) {
    const auto len = static_cast<unsigned>(std::mismatch(a, a + kText, b).first - a);
    return len < 4 ? 0 : len;
  }

  Geometry geometry_;
  unsigned unit_ = 0;
  std::map<unsigned, std::deque<Entry>> rows_;
};

template <class Model>
class HashTableBench {
 public:
  explicit HashTableBench(std::uint64_t seed) : rng_(seed), reference_(geometry) {
    dut_.clk_i = 0;
    dut_.en_i = 1;
    dut_.eval();
    // There is no reset, and RAM starts with anything: leave entries of every epoch behind.
    for (unsigned n = 0; n < 4000; ++n) {
      epoch_ = random() % geometry.epochs();
      Slot slot = make_slot(0, kRows, 0);
      slot.scrub = n % 8 == 0;
      if (slot.scrub) slot.valid = 0;
      clock(slot, std::nullopt);
    }
    // After a reset each row is scrubbed once.
    epoch_ = 0;
    for (unsigned n = 0; n < geometry.bank_rows(); ++n) end_unit();
  }
  ~HashTableBench() { dut_.final(); }
  HashTableBench(const HashTableBench&) = delete;
  HashTableBench& operator=(const HashTableBench&) = delete;

  // A unit of so many windows, whose indices are base, base + stride, ... of `spread` kinds.
  void unit(unsigned windows, unsigned spread, unsigned stride, unsigned base = 0) {
    for (unsigned window = 0; window < windows; ++window) {
      Slot slot = make_slot(base, spread, stride);
      slot.base = window * geometry.w;
      clock(slot, reference_.look_up(slot, epoch_));
    }
    end_unit();
  }
  [[nodiscard]] const Counts& counts() const { return reference_.counts; }
  [[nodiscard]] unsigned epoch() const { return epoch_; }
  std::uint64_t random() { return rng_(); }
  static constexpr Geometry geometry = kGeometry<Model>;

 private:
  using Expected = std::optional<std::vector<Answer>>;

  void end_unit() {
    Slot slot = make_slot(0, kRows, 1);
    slot.scrub = true;
    slot.valid = 0;
    clock(slot, std::vector<Answer>(geometry.w));
    reference_.end_unit();
    epoch_ = (epoch_ + 1) % geometry.epochs();
  }

  Slot make_slot(unsigned base, unsigned spread, unsigned stride) {
    Slot slot;
    for (unsigned i = 0; i < geometry.w; ++i) {
      if (random() % 8 != 0) slot.valid |= 1U << i;
      slot.index.push_back((base + static_cast<unsigned>(random() % spread) * stride) % kRows);
    }
    slot.base = static_cast<unsigned>(random() % (4096 / geometry.w)) * geometry.w;
    // Mostly one symbol: equal beginnings of every length.
    for (unsigned i = 0; i < geometry.w + kText - 1; ++i) {
      slot.text.push_back(static_cast<std::uint8_t>(random() % 8 == 0 ? 1 + random() % 3 : 0));
    }
    return slot;
  }

  void drive(const Slot& slot, unsigned epoch) {
    put_bits(dut_.epoch_i, 0, geometry.epoch_bits, epoch);
    dut_.scrub_i = slot.scrub;
    put_bits(dut_.valid_i, 0, geometry.w, slot.valid);
    for (unsigned i = 0; i < geometry.w; ++i) {
      put_bits(dut_.index_i, kIndexBits * i, kIndexBits, slot.index[i]);
    }
    put_bits(dut_.base_i, 0, kPosBits, slot.base);
    std::memcpy(&dut_.text_i, slot.text.data(), slot.text.size());
  }
  void edge() {
    dut_.clk_i = 1;
    dut_.eval();
    dut_.clk_i = 0;
    dut_.eval();
  }

  void clock(const Slot& slot, Expected expected) {
    while (random() % 4 == 0) {  // a stall, with anything at the inputs
      Slot other = make_slot(0, kRows, 1);
      other.scrub = random() % 2 == 0;
      drive(other, static_cast<unsigned>(random() % geometry.epochs()));
      const auto len = dut_.len_o;
      const auto dist = dut_.dist_o;
      dut_.en_i = 0;
      edge();
      dut_.en_i = 1;
      EXPECT_EQ(std::memcmp(&len, &dut_.len_o, sizeof len), 0);
      EXPECT_EQ(std::memcmp(&dist, &dut_.dist_o, sizeof dist), 0);
    }
    drive(slot, epoch_);
    edge();
    expected_.push_back(std::move(expected));
    if (expected_.size() < kLatency) return;
    if (expected_.front()) compare(*expected_.front());
    expected_.pop_front();
    ++checked_;
  }
  void compare(const std::vector<Answer>& answers) {
    if (testing::Test::HasFailure()) return;
    for (unsigned i = 0; i < geometry.w; ++i) {
      ASSERT_EQ(get_bits(dut_.len_o, kLengths * i, kLengths), length_bits(answers[i].len))
          << "window " << checked_ << " position " << i;
      if (answers[i].len == 0) continue;
      ASSERT_EQ(get_bits(dut_.dist_o, kPosBits * i, kPosBits), answers[i].dist)
          << "window " << checked_ << " position " << i;
    }
  }

  VerilatedContext context_;
  Model dut_{&context_};
  std::mt19937_64 rng_;
  Reference reference_;
  std::deque<Expected> expected_;  // of the windows that are inside
  unsigned epoch_ = 0;
  unsigned checked_ = 0;
};

template <class Model>
class HashTable : public testing::Test {};
using Models = testing::Types<Vhash_table_8, Vhash_table_16>;
struct ModelName {
  template <class Model>
  static std::string GetName(int) {
    return "W" + std::to_string(kGeometry<Model>.w);
  }
};
TYPED_TEST_SUITE(HashTable, Models, ModelName);

TYPED_TEST(HashTable, EveryRow) {
  HashTableBench<TypeParam> bench(1);
  for (unsigned n = 0; n < 60; ++n) bench.unit(4096 / bench.geometry.w, kRows, 1);
  for (unsigned n = 0; n < 300; ++n) bench.unit(1 + n % 12, kRows, 1);
  const Counts& counts = bench.counts();
  for (unsigned len = 4; len <= kText; ++len) EXPECT_GT(counts.lengths.at(len), 1000U) << len;
  EXPECT_GT(counts.far, 1000U);
}

// A fourth of the banks, so that most positions lose theirs, some to their own row.
TYPED_TEST(HashTable, ABankServesTheFirstPositionInBitReversedOrder) {
  HashTableBench<TypeParam> bench(2);
  const unsigned banks = bench.geometry.banks;
  for (unsigned n = 0; n < 100; ++n) {
    bench.unit(40, banks / 4, 1 + n % 3, static_cast<unsigned>(bench.random() % kRows));
    bench.unit(40, 3, banks, n);  // one bank, three rows
  }
  EXPECT_GT(bench.counts().lost, 10000U);
  EXPECT_GT(bench.counts().shared, 1000U);
  EXPECT_GT(bench.counts().lengths.at(kText), 1000U);
}

// Few rows, in different banks: whatever a position finds was inserted some windows before.
TYPED_TEST(HashTable, TheLongerEntryIsTakenAndOfEqualsTheNewer) {
  HashTableBench<TypeParam> bench(3);
  for (unsigned n = 0; n < 200; ++n) {
    bench.unit(60, bench.geometry.w, 33, static_cast<unsigned>(bench.random() % kRows));
  }
  EXPECT_GT(bench.counts().lengths.at(kText), 5000U);
  if (bench.geometry.ways == 1) return;
  EXPECT_GT(bench.counts().older, 1000U);
  EXPECT_GT(bench.counts().ties, 1000U);
}

// Most units look nothing up, so that old entries stay where they are, until their epoch's
// number comes again: all that keeps them from being found is that their row was scrubbed.
TYPED_TEST(HashTable, AnEntryDiesWithItsUnitThoughTheEpochComesAgain) {
  HashTableBench<TypeParam> bench(4);
  const Geometry& geometry = bench.geometry;
  for (unsigned phase = 0; phase < 8; ++phase) {  // who uses which row
    for (unsigned n = 0; n < 3 * geometry.epochs(); ++n) {
      const unsigned use = bench.epoch() * 5 + phase;
      const unsigned row = (use / 4 + phase * 13) % geometry.bank_rows();
      bench.unit(use % 4 == 0 ? 8 : 0, geometry.banks, 1, row * geometry.banks);
    }
  }
  EXPECT_GT(bench.counts().revenants, 1000U);
}

}  // namespace
}  // namespace pagepress::test
