// SPDX-License-Identifier: Apache-2.0
// Back ends by name, and the names of statuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>

#include <set>
#include <stdexcept>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CodecRegistry, MakesTheCpuCodecsAndWhatIsAdded) {
  CodecRegistry registry;
  registry.add("engine:none", "for this test", [] { return make_cpu_lz4(); });
  EXPECT_THAT(registry.names(), ElementsAre("cpu:lz4", "engine:none"));
  EXPECT_EQ(registry.make("cpu:lz4")->name(), "cpu:lz4");
  EXPECT_EQ(registry.summary("engine:none"), "for this test");
  EXPECT_NE(registry.make("engine:none"), nullptr);
}

TEST(CodecRegistry, AnUnknownNameListsWhatThereIs) {
  CodecRegistry registry;
  registry.add("engine:none", "", [] { return make_cpu_lz4(); });
  for (const char* name : {"cpu:lz5", "", "CPU:LZ4", "cpu:lz4 "}) {
    try {
      registry.require(name);
      FAIL() << name;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("unknown back end '" + std::string(name) + "'"),
                                      HasSubstr("cpu:lz4, engine:none")));
    }
    EXPECT_THROW((void)registry.make(name), std::invalid_argument);
  }
}

TEST(CodecRegistry, ANameIsTakenOnce) {
  CodecRegistry registry;
  EXPECT_THROW(registry.add("cpu:lz4", "", [] { return make_cpu_lz4(); }), std::invalid_argument);
}

TEST(StatusNames, AreAllDifferent) {
  std::set<std::string_view> names;
  for (unsigned value = 0; value < PP_STATUS_COUNT; ++value) {
    names.insert(to_string(static_cast<Status>(value)));
  }
  EXPECT_EQ(names.size(), PP_STATUS_COUNT);
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(to_string(static_cast<Status>(PP_STATUS_COUNT)), "unknown");
}

}  // namespace
}  // namespace pagepress
