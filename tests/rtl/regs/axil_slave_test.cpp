// SPDX-License-Identifier: Apache-2.0
// The AXI4-Lite slave in front of a few words of memory, with reads held back at random.
#include <Vpp_axil_slave.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "tests/rtl/common/axil_master.hpp"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

constexpr std::size_t kWords = 16;

class Bench {
 public:
  explicit Bench(std::uint64_t seed)
      : random_(seed),
        axil_(
            bind_axil(*dut_), [this] { tick(); }, seed + 1) {}

  AxilMaster& axil() { return axil_; }
  Vpp_axil_slave* operator->() { return dut_.operator->(); }
  void set_hold_percent(unsigned percent) { hold_percent_ = percent; }
  std::array<std::uint32_t, kWords>& words() { return words_; }
  [[nodiscard]] unsigned writes() const { return writes_; }

  // The registers behind the slave: they answer in the same cycle, unless they hold the read.
  void tick() {
    dut_->rd_hold_i = random_.percent(hold_percent_);
    dut_.settle();
    // What a held read shows is not to be taken.
    const std::uint32_t word = words_[dut_->rd_addr_o / 4 % kWords];
    dut_->rd_data_i = dut_->rd_hold_i != 0 ? ~word : word;
    dut_.settle();
    if (dut_->wr_en_o != 0) {
      ++writes_;
      EXPECT_NE(dut_->wr_strb_o, 0U);
      std::uint32_t& target = words_[dut_->wr_addr_o / 4 % kWords];
      for (unsigned b = 0; b < 4; ++b) {
        if ((dut_->wr_strb_o >> b & 1U) == 0) continue;
        target = (target & ~(0xffU << 8 * b)) | (dut_->wr_data_o & 0xffU << 8 * b);
      }
    }
    dut_.edge();
    dut_.settle();
  }

 private:
  Clocked<Vpp_axil_slave> dut_;
  Random random_;
  AxilMaster axil_;
  std::array<std::uint32_t, kWords> words_{};
  unsigned hold_percent_ = 0;
  unsigned writes_ = 0;
};

class AxilSlave : public testing::TestWithParam<unsigned> {};

TEST_P(AxilSlave, ReadsWhatWasWritten) {
  Bench bench(1);
  bench.set_hold_percent(GetParam());
  Random random(2);
  std::array<std::uint32_t, kWords> expected{};
  for (int i = 0; i < 5000; ++i) {
    bench.axil().set_wait_percent(static_cast<unsigned>(random.below(3) * 30));
    const auto word = static_cast<std::uint32_t>(random.below(kWords));
    if (random.percent(50)) {
      const auto data = static_cast<std::uint32_t>(random.bits());
      const auto strobes = static_cast<std::uint8_t>(random.below(16));
      const unsigned before = bench.writes();
      bench.axil().write(word * 4, data, strobes);
      EXPECT_EQ(bench.writes() - before, strobes == 0 ? 0U : 1U);
      for (unsigned b = 0; b < 4; ++b) {
        if ((strobes >> b & 1U) == 0) continue;
        expected[word] = (expected[word] & ~(0xffU << 8 * b)) | (data & 0xffU << 8 * b);
      }
    } else {
      ASSERT_EQ(bench.axil().read(word * 4), expected[word]);
    }
    EXPECT_EQ(bench.words(), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Hold, AxilSlave, testing::Values(0U, 30U, 95U));

TEST(AxilSlaveHold, LetsWritesPass) {
  Bench bench(3);
  bench.set_hold_percent(100);
  bench->s_axil_araddr_i = 8;
  bench->s_axil_arvalid_i = 1;
  bench.tick();
  bench->s_axil_arvalid_i = 0;
  bench->s_axil_rready_i = 1;
  bench.axil().write(8, 0x12345678);
  bench.axil().write(8, 0x9abcdef0);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(bench->s_axil_rvalid_o, 0U);
    EXPECT_NE(bench->busy_o, 0U);
    bench.tick();
  }
  bench.set_hold_percent(0);
  bench.tick();
  EXPECT_EQ(bench->s_axil_rvalid_o, 1U);
  EXPECT_EQ(bench->s_axil_rdata_o, 0x9abcdef0U);
  bench.tick();
  EXPECT_EQ(bench->s_axil_rvalid_o, 0U);
  EXPECT_EQ(bench->busy_o, 0U);
}

}  // namespace
}  // namespace pagepress::bench
