// SPDX-License-Identifier: Apache-2.0
#include <Vcompressor_16.h>

#include "tests/rtl/engine/compressor_suite.hpp"

namespace pagepress::test {
namespace {

using W16 = Shape<Vcompressor_16, 16>;
INSTANTIATE_TYPED_TEST_SUITE_P(W16, Compressor, W16);

}  // namespace
}  // namespace pagepress::test
