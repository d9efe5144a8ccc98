// SPDX-License-Identifier: Apache-2.0
#include <Vpage_ram_16.h>
#include <Vpage_ram_32.h>
#include <Vpage_ram_4.h>
#include <Vpage_ram_8.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <vector>

namespace {

constexpr unsigned kPages = 2;

// Fills both pages with noise, then reads at every position, with holds between.
template <class Model>
void read_everywhere(unsigned bytes) {
  VerilatedContext context;
  Model dut(&context);
  std::mt19937_64 rng(bytes);
  std::array<std::array<std::uint8_t, 4096>, kPages> pages{};
  auto tick = [&] {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  };
  for (unsigned page = 0; page < kPages; ++page) {
    for (unsigned beat = 0; beat < 128; ++beat) {
      for (unsigned i = 0; i < 32; ++i) {
        pages[page][32 * beat + i] = static_cast<std::uint8_t>(rng());
      }
      dut.wr_en_i = 1;
      dut.wr_beat_i = static_cast<std::uint8_t>(128 * page + beat);
      std::memcpy(dut.wr_data_i.data(), &pages[page][32 * beat], 32);
      tick();
    }
  }
  dut.wr_en_i = 0;
  std::vector<std::uint8_t> got(bytes);
  for (unsigned n = 0; n < 2 * 4096; ++n) {
    const unsigned page = n & 1U;
    const unsigned pos = n / 2;
    dut.rd_en_i = 1;
    dut.rd_page_i = static_cast<std::uint8_t>(page);
    dut.rd_pos_i = static_cast<std::uint16_t>(pos);
    tick();
    // Held data: the address may change as long as the read is not enabled.
    dut.rd_en_i = 0;
    dut.rd_pos_i = static_cast<std::uint16_t>(rng() % 4096);
    if (rng() % 2 == 0) tick();
    std::memcpy(got.data(), &dut.rd_data_o[0], bytes);
    for (unsigned i = 0; i < bytes && pos + i < 4096; ++i) {
      ASSERT_EQ(got[i], pages[page][pos + i])
          << "page " << page << " position " << pos << " + " << i;
    }
  }
}

TEST(PageRam, FourBanksReadSixteenBytesAnywhere) { read_everywhere<Vpage_ram_4>(16); }
TEST(PageRam, EightBanksRead55BytesAnywhere) { read_everywhere<Vpage_ram_8>(55); }
TEST(PageRam, SixteenBanksRead103BytesAnywhere) { read_everywhere<Vpage_ram_16>(103); }
TEST(PageRam, ThirtyTwoBanksRead199BytesAnywhere) { read_everywhere<Vpage_ram_32>(199); }

}  // namespace
