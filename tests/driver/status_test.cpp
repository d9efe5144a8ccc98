// SPDX-License-Identifier: Apache-2.0
// The names of statuses and operations.
#include <gtest/gtest.h>
#include <pagepress/codec.hpp>

#include <set>
#include <string_view>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

TEST(StatusNames, AreAllDifferent) {
  std::set<std::string_view> names;
  for (unsigned value = 0; value < PP_STATUS_COUNT; ++value) {
    names.insert(to_string(static_cast<Status>(value)));
  }
  EXPECT_EQ(names.size(), PP_STATUS_COUNT);
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(to_string(static_cast<Status>(PP_STATUS_COUNT)), "unknown");
}

TEST(OperationNames, AreWhatMessagesSay) {
  EXPECT_EQ(to_string(Operation::kCompress), "compress");
  EXPECT_EQ(to_string(Operation::kDecompress), "decompress");
}

}  // namespace
}  // namespace pagepress
