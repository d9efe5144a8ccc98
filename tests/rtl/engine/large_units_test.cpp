// SPDX-License-Identifier: Apache-2.0
// An engine built for units of 64 KiB: units of every size.
#include <Vcompressor_64k_16.h>

#include "tests/rtl/engine/compressor_suite.hpp"

namespace pagepress::test {
namespace {

// The suite is for pages.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Compressor);

using Large = Shape<Vcompressor_64k_16, 16>;
TEST(LargeUnits, OfEverySize) { run<Large>(large_units(72, 16), {100, 100, 72}); }
TEST(LargeUnits, PagesAmongThem) {
  run<Large>(compress_all(adversarial_pages(73), 73), {100, 60, 73}, 10);
}
TEST(LargeUnits, AllWorks) { mixed<Large>({100, 100, 74}, large_units(74, 16), false); }
TEST(LargeUnits, AllWorksVerified) { mixed<Large>({50, 100, 75}, large_units(75, 15), true); }

}  // namespace
}  // namespace pagepress::test
