// SPDX-License-Identifier: Apache-2.0
#include "tests/model/sc_test.hpp"

int sc_main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
  const pagepress::model::Modules modules = pagepress::model::elaborate();
  return RUN_ALL_TESTS();
}
