// SPDX-License-Identifier: Apache-2.0
// The table's arbitration, sharing, read-before-write and clearing against a
// program that says the same in words; indices are driven directly, so that
// conflicts are as frequent as wished.
#include <Vhash_table_16.h>
#include <Vhash_table_8.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <vector>

namespace {

constexpr unsigned kText = 8;
constexpr unsigned kIndexBits = 10;

struct Entry {
  unsigned pos = 0;
  std::uint64_t text = 0;
};

// Sets `bits` bits at bit `at` of a Verilated port of any width.
void set_bits(void* port, unsigned at, unsigned bits, std::uint64_t value) {
  auto* bytes = static_cast<std::uint8_t*>(port);
  for (unsigned b = 0; b < bits; ++b, ++at) {
    const auto mask = static_cast<std::uint8_t>(1U << (at % 8));
    if (((value >> b) & 1U) != 0)
      bytes[at / 8] |= mask;
    else
      bytes[at / 8] &= static_cast<std::uint8_t>(~mask);
  }
}
std::uint64_t get_bits(const void* port, unsigned at, unsigned bits) {
  const auto* bytes = static_cast<const std::uint8_t*>(port);
  std::uint64_t value = 0;
  for (unsigned b = 0; b < bits; ++b, ++at) {
    value |= static_cast<std::uint64_t>((bytes[at / 8] >> (at % 8)) & 1U) << b;
  }
  return value;
}

// Indices are multiples of `stride`, `spread` different ones.
template <class Model>
void random_traffic(unsigned w, unsigned spread, unsigned stride) {
  VerilatedContext context;
  Model dut(&context);
  std::mt19937_64 rng(w * 1000 + spread);
  const unsigned banks = 2 * w;
  const unsigned lane_bits = w == 8 ? 3 : 4;
  std::map<unsigned, Entry> table;
  std::vector<unsigned> index(w);
  std::vector<std::uint8_t> text(w + kText - 1);
  unsigned hits = 0;
  unsigned dropped = 0;
  dut.en_i = 1;
  dut.clk_i = 0;
  dut.eval();
  for (unsigned n = 0; n < 20000; ++n) {
    const unsigned window = n % (4096 / w);
    const bool first = window == 0;
    if (first) table.clear();
    std::uint32_t valid = 0;
    for (unsigned i = 0; i < w; ++i) {
      index[i] = static_cast<unsigned>(rng() % spread) * stride % 1024;
      if (rng() % 8 != 0) valid |= 1U << i;
    }
    for (auto& byte : text) byte = static_cast<std::uint8_t>(rng());
    dut.first_i = first;
    set_bits(&dut.valid_i, 0, w, valid);
    for (unsigned i = 0; i < w; ++i)
      set_bits(&dut.index_i[0], kIndexBits * i, kIndexBits, index[i]);
    dut.base_i = static_cast<std::uint16_t>(window * w);
    std::memcpy(&dut.text_i[0], text.data(), text.size());
    // A stalled cycle must change nothing.
    if (rng() % 4 == 0) {
      dut.en_i = 0;
      dut.clk_i = 1;
      dut.eval();
      dut.clk_i = 0;
      dut.eval();
      dut.en_i = 1;
    }
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();

    std::map<unsigned, unsigned> winner;  // bank -> lane
    std::vector<bool> granted(w);
    for (unsigned turn = 0; turn < w; ++turn) {
      unsigned lane = 0;
      for (unsigned b = 0; b < lane_bits; ++b) lane |= ((turn >> b) & 1U) << (lane_bits - 1 - b);
      if (((valid >> lane) & 1U) == 0) continue;
      const auto [at, fresh] = winner.try_emplace(index[lane] % banks, lane);
      granted[lane] = index[at->second] == index[lane];
      if (!granted[lane]) ++dropped;
      static_cast<void>(fresh);
    }
    for (unsigned i = 0; i < w; ++i) {
      const bool hit = granted[i] && table.contains(index[i]);
      ASSERT_EQ(get_bits(&dut.hit_o, i, 1) != 0, hit) << "window " << n << " lane " << i;
      if (!hit) continue;
      ++hits;
      ASSERT_EQ(get_bits(&dut.pos_o[0], 12 * i, 12), table[index[i]].pos);
      ASSERT_EQ(get_bits(&dut.text_o[0], 64 * i, 64), table[index[i]].text);
    }
    for (const auto& [bank, lane] : winner) {
      Entry& entry = table[index[lane]];
      entry.pos = window * w + lane;
      std::memcpy(&entry.text, text.data() + lane, kText);
    }
  }
  EXPECT_GT(hits, 1000U);
  EXPECT_GT(dropped, 1000U);
}

TEST(HashTable, RandomTrafficW8) { random_traffic<Vhash_table_8>(8, 1024, 1); }
TEST(HashTable, ConflictsW8) { random_traffic<Vhash_table_8>(8, 12, 40); }
TEST(HashTable, RandomTrafficW16) { random_traffic<Vhash_table_16>(16, 1024, 1); }
TEST(HashTable, ConflictsW16) { random_traffic<Vhash_table_16>(16, 20, 40); }

}  // namespace
