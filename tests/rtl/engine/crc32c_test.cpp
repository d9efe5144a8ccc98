// SPDX-License-Identifier: Apache-2.0
#include <Vpp_crc32c.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>

#include "model/codec/crc32c.hpp"

namespace {

TEST(Crc32cRtl, EqualsTheReferenceOverWholeUnits) {
  VerilatedContext context;
  Vpp_crc32c dut(&context);
  std::mt19937_64 rng(1);
  for (int unit = 0; unit < 200; ++unit) {
    std::array<std::uint8_t, 4096> data{};
    for (auto& byte : data) byte = static_cast<std::uint8_t>(unit == 0 ? 0 : rng());
    dut.crc_i = ~0U;
    for (std::size_t at = 0; at < data.size(); at += 32) {
      std::memcpy(dut.data_i.data(), data.data() + at, 32);
      dut.eval();
      dut.crc_i = dut.crc_o;
    }
    ASSERT_EQ(~dut.crc_o, pagepress::model::crc32c(data));
  }
}

TEST(Crc32cRtl, EveryInputBitCounts) {
  VerilatedContext context;
  Vpp_crc32c dut(&context);
  dut.crc_i = ~0U;
  std::array<std::uint8_t, 32> data{};
  for (unsigned bit = 0; bit < 256; ++bit) {
    data.fill(0);
    data[bit / 8] = static_cast<std::uint8_t>(1U << (bit % 8));
    std::memcpy(dut.data_i.data(), data.data(), 32);
    dut.eval();
    EXPECT_EQ(~dut.crc_o, pagepress::model::crc32c(data)) << "bit " << bit;
  }
}

}  // namespace
