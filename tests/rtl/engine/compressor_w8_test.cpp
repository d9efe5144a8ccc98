// SPDX-License-Identifier: Apache-2.0
#include <Vcompressor_8.h>

#include "tests/rtl/engine/compressor_suite.hpp"

namespace pagepress::test {
namespace {

using W8 = Shape<Vcompressor_8, 8>;
INSTANTIATE_TYPED_TEST_SUITE_P(W8, Compressor, W8);

TEST(Verification, KeepsThePaceAtEightBytesACycle) {
  const std::vector<NamedPage> real = real_pages(200);
  for (std::vector<Unit> units :
       {ordinary_units(14, 200), compress_all(real, std::vector<unsigned>{4096})}) {
    std::uint64_t plain = 0;
    for (const bool verify : {false, true}) {
      for (Unit& unit : units) unit.verify = verify;
      const Totals totals = run<W8>(units, {100, 100, 14});
      std::cout << units.size() << (verify ? " pages verified: " : " pages: ")
                << static_cast<double>(totals.cycles) / static_cast<double>(units.size())
                << " cycles each\n";
      EXPECT_EQ(totals.failed, 0U);
      if (!verify) plain = totals.cycles;
      EXPECT_LT(totals.cycles, plain + plain / 20 + 1500);
    }
  }
}

}  // namespace
}  // namespace pagepress::test
