// SPDX-License-Identifier: Apache-2.0
// The global registers as a driver sees them, over AXI4-Lite.
#include <Vregs_bench.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/axil_master.hpp"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

class Bench {
 public:
  explicit Bench(std::uint64_t seed)
      : axil_(
            bind_axil(*dut_), [this] { tick(); }, seed),
        random_(seed + 1) {}

  void write(std::uint32_t address, std::uint32_t data, std::uint8_t strobes = 0xf) {
    axil_.write(address, data, strobes);
  }
  std::uint32_t read(std::uint32_t address) { return axil_.read(address); }
  std::uint64_t counter(std::uint32_t select) {
    write(PP_REG_PERF_SELECT, select);
    const std::uint64_t low = read(PP_REG_PERF_LO);
    return low | std::uint64_t{read(PP_REG_PERF_HI)} << 32;
  }
  AxilMaster& axil() { return axil_; }
  Vregs_bench* operator->() { return dut_.operator->(); }

  // Submissions taken in by queue 1, at random.
  void set_traffic_percent(unsigned percent) { traffic_percent_ = percent; }
  void tick() {
    dut_->received_i = random_.percent(traffic_percent_) ? 2 : 0;
    dut_.settle();
    received_ += dut_->received_i != 0 ? 1 : 0;
    resets_ += dut_->reset_o != 0 ? 1 : 0;
    pops_ += dut_->err_pop_o != 0 ? 1 : 0;
    dut_.edge();
    dut_.settle();
  }
  [[nodiscard]] unsigned resets() const { return resets_; }
  [[nodiscard]] unsigned pops() const { return pops_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  Clocked<Vregs_bench> dut_;
  AxilMaster axil_;
  Random random_;
  unsigned traffic_percent_ = 0;
  unsigned resets_ = 0;
  unsigned pops_ = 0;
  std::uint64_t received_ = 0;
};

TEST(GlobalRegs, TellWhatTheDeviceIs) {
  Bench bench(1);
  EXPECT_EQ(bench.read(PP_REG_ID), PP_ID_VALUE);
  EXPECT_EQ(bench.read(PP_REG_VERSION), PP_VERSION_MAJOR << 16 | PP_VERSION_MINOR);
  EXPECT_EQ(bench.read(PP_REG_CAP0), 8U | 2U << 9 | 15U << 16 | 12U << 24);
  const std::uint32_t operations = 1U << PP_OP_NOP | 1U << PP_OP_COMPRESS | 1U << PP_OP_DECOMPRESS |
                                   1U << PP_OP_COMPRESS_VERIFY | 1U << PP_OP_COPY |
                                   1U << PP_OP_FILL_CHECK;
  EXPECT_EQ(bench.read(PP_REG_CAP1), 1U << PP_ALG_LZ4_BLOCK | operations << 16);
  EXPECT_EQ(bench.read(PP_REG_CAP2), 8U | 8U << 12 | 9U << 16);
  EXPECT_EQ(bench.read(PP_REG_FEATURES_LO),
            PP_FEAT_SAME_FILLED | PP_FEAT_CRC32C | PP_FEAT_IRQ | PP_FEAT_IRQ_MODERATION |
                PP_FEAT_PAUSE | PP_FEAT_ABORT | PP_FEAT_PRIORITY | PP_FEAT_STORE_RAW | PP_FEAT_SGL |
                PP_FEAT_UNALIGNED | PP_FEAT_ERROR_LOG | PP_FEAT_INJECTION | PP_FEAT_COUNTERS |
                PP_FEAT_EXPECT_CRC | PP_FEAT_OUT_OF_ORDER | PP_FEAT_IRQ_MASK);
  EXPECT_EQ(bench.read(PP_REG_FEATURES_HI), 0U);
}

TEST(GlobalRegs, HonourByteStrobesAndHaveNothingElse) {
  Bench bench(2);
  bench.axil().set_wait_percent(30);
  const std::map<std::uint32_t, std::uint32_t> writable = {
      {PP_REG_CTRL, 1U},
      {PP_REG_ERR_VECTOR, 0xc0000fffU},
      {PP_REG_INJECT, 0x00ffffffU},  // no hits are set: the armed bit stays 0
      {PP_REG_INJECT_COUNT, 0x0000ffffU},
      {PP_REG_INJECT_ARG, ~0U},
      {PP_REG_PERF_SELECT, ~0U}};
  std::map<std::uint32_t, std::uint32_t> values;
  for (std::uint32_t offset = 0; offset < 0x1000; offset += 4) values[offset] = bench.read(offset);
  Random random(3);
  for (int round = 0; round < 3000; ++round) {
    std::uint32_t offset = static_cast<std::uint32_t>(random.below(0x400) * 4);
    if (random.percent(60)) {
      auto it = writable.begin();
      std::advance(it, random.below(writable.size()));
      offset = it->first;
    }
    auto data = static_cast<std::uint32_t>(random.bits());
    if (offset == PP_REG_INJECT_COUNT) data &= 0xffffU;
    const auto strobes = static_cast<std::uint8_t>(random.below(16));
    bench.write(offset, data, strobes);
    std::uint32_t lanes = 0;
    for (unsigned b = 0; b < 4; ++b) lanes |= (strobes >> b & 1U) * (0xffU << 8 * b);
    const auto found = writable.find(offset);
    if (found != writable.end()) lanes &= found->second;
    if (found == writable.end()) lanes = 0;
    std::uint32_t& value = values[offset];
    value = (value & ~lanes) | (data & lanes);
    EXPECT_EQ(bench.read(offset), value) << std::hex << offset;
  }
  for (const auto& [offset, value] : values) {
    EXPECT_EQ(bench.read(offset), value) << std::hex << offset;
  }
  EXPECT_EQ(bench->err_irq_enable_o, values[PP_REG_ERR_VECTOR] >> 31);
  EXPECT_EQ(bench->err_irq_mask_o, values[PP_REG_ERR_VECTOR] >> 30 & 1U);
  EXPECT_EQ(bench->err_irq_vector_o, values[PP_REG_ERR_VECTOR] & 0xfffU);
  EXPECT_EQ(bench->arg_o, values[PP_REG_INJECT_ARG]);
}

TEST(GlobalRegs, ControlTheDevice) {
  Bench bench(4);
  EXPECT_EQ(bench->enable_o, 0U);
  bench.write(PP_REG_CTRL, PP_CTRL_ENABLE);
  EXPECT_EQ(bench->enable_o, 1U);
  EXPECT_EQ(bench.resets(), 0U);
  bench.write(PP_REG_CTRL, PP_CTRL_RESET | PP_CTRL_ENABLE, 0xe);
  EXPECT_EQ(bench.resets(), 0U);
  bench.write(PP_REG_CTRL, PP_CTRL_RESET);
  EXPECT_EQ(bench.resets(), 1U);
  EXPECT_EQ(bench->enable_o, 0U);
  bench->busy_i = 1;
  EXPECT_EQ(bench.read(PP_REG_STATE), PP_STATE_READY | PP_STATE_BUSY);
  bench->resetting_i = 1;
  EXPECT_EQ(bench.read(PP_REG_STATE), PP_STATE_RESETTING | PP_STATE_BUSY);
  EXPECT_EQ(bench.read(PP_REG_CTRL), PP_CTRL_RESET);
}

TEST(GlobalRegs, ShowTheOldestError) {
  Bench bench(5);
  bench->err_cond_i = PP_ERR_SGL_FETCH;
  bench->err_qid_i = 0x0107;
  bench->err_index_i = 0x12345;
  bench->err_addr_i = 0x0123456789abcdef;
  bench->err_count_i = 77;
  EXPECT_EQ(bench.read(PP_REG_ERR_STATUS), 0U);
  EXPECT_EQ(bench.read(PP_REG_ERR_COND), 0U);
  EXPECT_EQ(bench.read(PP_REG_ERR_ADDR_LO), 0U);
  EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), 77U);
  bench->err_valid_i = 1;
  bench->err_overflow_i = 1;
  EXPECT_EQ(bench.read(PP_REG_ERR_STATUS), PP_ERR_STATUS_VALID | PP_ERR_STATUS_OVERFLOW);
  EXPECT_EQ(bench.read(PP_REG_ERR_COND), 0x0107U << 8 | PP_ERR_SGL_FETCH);
  EXPECT_EQ(bench.read(PP_REG_ERR_INDEX), 0x12345U);
  EXPECT_EQ(bench.read(PP_REG_ERR_ADDR_LO), 0x89abcdefU);
  EXPECT_EQ(bench.read(PP_REG_ERR_ADDR_HI), 0x01234567U);
  bench.write(PP_REG_ERR_POP, 0);
  bench.write(PP_REG_ERR_POP, 1, 0xe);
  EXPECT_EQ(bench.pops(), 0U);
  bench.write(PP_REG_ERR_POP, 1);
  EXPECT_EQ(bench.pops(), 1U);
}

TEST(GlobalRegs, InjectFaults) {
  Bench bench(6);
  bench.write(PP_REG_INJECT_ARG, 42);
  bench.write(PP_REG_INJECT_COUNT, 1U << 16);
  bench.write(PP_REG_INJECT, PP_INJECT_ARMED | 3U << 8 | PP_INJECT_STUCK_ENGINE);
  EXPECT_EQ(bench.read(PP_REG_INJECT), PP_INJECT_ARMED | 3U << 8 | PP_INJECT_STUCK_ENGINE);
  bench->unit_valid_i = 1;
  bench->unit_qid_i = 3;
  bench->eval();
  EXPECT_EQ(bench->unit_kind_o, PP_INJECT_STUCK_ENGINE);
  EXPECT_EQ(bench->arg_o, 42U);
  bench.tick();
  EXPECT_EQ(bench->unit_kind_o, 0U);
  EXPECT_EQ(bench.read(PP_REG_INJECT), 3U << 8 | PP_INJECT_STUCK_ENGINE);
}

TEST(GlobalRegs, ReadCountersInTraffic) {
  Bench bench(7);
  bench.set_traffic_percent(40);
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t low = bench.received();
    const std::uint64_t value = bench.counter(PP_PERF_SCOPE_QUEUE << 28 | 1U << 16);
    EXPECT_GE(value, low);
    EXPECT_LE(value, bench.received());
    EXPECT_EQ(bench.counter(PP_PERF_SCOPE_QUEUE << 28 | 2U << 16), 0U);
  }
  // The value stays as it was latched, whatever is counted and read meanwhile.
  bench.write(PP_REG_PERF_SELECT, PP_PERF_SUBMITTED);
  const std::uint32_t value = bench.read(PP_REG_PERF_LO);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(bench.read(PP_REG_PERF_LO), value);
  EXPECT_GT(bench.received(), value);
}

TEST(GlobalRegs, ClearCounters) {
  Bench bench(8);
  bench.set_traffic_percent(100);
  for (int i = 0; i < 100; ++i) bench.tick();
  bench.set_traffic_percent(0);
  EXPECT_EQ(bench.counter(PP_PERF_SUBMITTED), bench.received());
  bench.write(PP_REG_PERF_CTRL, 0);
  bench.write(PP_REG_PERF_CTRL, 1, 0xe);
  EXPECT_EQ(bench.counter(PP_PERF_SUBMITTED), bench.received());
  bench.write(PP_REG_PERF_CTRL, 1);
  EXPECT_EQ(bench.counter(PP_PERF_SUBMITTED), 0U);
  EXPECT_EQ(bench.counter(PP_PERF_SCOPE_QUEUE << 28 | 1U << 16), 0U);
  EXPECT_EQ(bench.read(PP_REG_PERF_CTRL), 0U);
}

}  // namespace
}  // namespace pagepress::bench
