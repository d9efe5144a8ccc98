// SPDX-License-Identifier: Apache-2.0
#include <Vcompressor_32.h>

#include "tests/rtl/engine/compressor_suite.hpp"

namespace pagepress::test {
namespace {

using W32 = Shape<Vcompressor_32, 32>;
INSTANTIATE_TYPED_TEST_SUITE_P(W32, Compressor, W32);

}  // namespace
}  // namespace pagepress::test
