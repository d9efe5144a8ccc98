// SPDX-License-Identifier: Apache-2.0
// The store of finished points: what comes back, what does not; and the lock of its folder.
#include "sim/experiment/point_store.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "sim/experiment/child_process.hpp"
#include "sim/experiment/folder_lock.hpp"
#include "sim/pagefile/file_error.hpp"
#include "tests/sim/pages.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Store : public ::testing::Test {
 protected:
  std::string text() const {
    std::ifstream stream(store_.path_of(kIdentity));
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  void overwrite(const std::string& text) const {
    std::ofstream(store_.path_of(kIdentity)) << text;
  }

  const json kIdentity = {{"depth", 64}, {"clock", 0.1}};
  const json kOutcome = {{"gb_per_s", 1.0 / 3}, {"p99", 1234}, {"name", "x"}};
  testing::TemporaryFolder folder_;
  PointStore store_{folder_.path() / "new" / "points"};
};

TEST_F(Store, GivesBackWhatWasPutThere) {
  EXPECT_FALSE(store_.find(kIdentity));
  store_.put(kIdentity, kOutcome);
  EXPECT_EQ(store_.find(kIdentity), kOutcome);
  EXPECT_EQ(store_.find(kIdentity)->dump(), kOutcome.dump());
}

TEST_F(Store, AnotherIdentityIsNotThere) {
  store_.put(kIdentity, kOutcome);
  EXPECT_FALSE(store_.find({{"depth", 65}, {"clock", 0.1}}));
}

TEST_F(Store, EveryTornFileIsAsIfItWereNotThere) {
  store_.put(kIdentity, kOutcome);
  const std::string whole = text();
  // Without its last character, a newline, it is still whole.
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    overwrite(whole.substr(0, length));
    EXPECT_FALSE(store_.find(kIdentity)) << length;
  }
}

TEST_F(Store, AFigureThatWasChangedIsNotTrusted) {
  store_.put(kIdentity, kOutcome);
  std::string changed = text();
  changed.replace(changed.find("1234"), 4, "1235");
  overwrite(changed);
  EXPECT_FALSE(store_.find(kIdentity));
}

TEST_F(Store, ForeignFilesAreNotTrusted) {
  const json other = {{"depth", 8}};
  store_.put(other, kOutcome);
  std::filesystem::copy(store_.path_of(other), store_.path_of(kIdentity));
  EXPECT_FALSE(store_.find(kIdentity));
  for (const char* foreign : {"[]", "{}", "null", "1", "{\"schema\": 3}"}) {
    overwrite(foreign);
    EXPECT_FALSE(store_.find(kIdentity)) << foreign;
  }
}

TEST_F(Store, LeftOversOfAKilledProgramAreRemoved) {
  store_.put(kIdentity, kOutcome);
  const auto folder = store_.path_of(kIdentity).parent_path();
  std::ofstream(folder / ".pagepress-abcdef") << "half";
  const PointStore again(folder);
  EXPECT_FALSE(std::filesystem::exists(folder / ".pagepress-abcdef"));
  EXPECT_TRUE(again.find(kIdentity));
}

TEST_F(Store, AFolderThatCannotBeIsNamed) {
  std::ofstream(folder_.path() / "file") << "x";
  try {
    const PointStore store(folder_.path() / "file" / "points");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), HasSubstr("file/points: cannot make the folder"));
  }
}

TEST_F(Store, OneUserOfAFolder) {
  const auto error_of_another = [this] {
    return run_in_child("another",
                        [this](const Emit&) -> json {
                          try {
                            const FolderLock second(folder_.path());
                            return "no error";
                          } catch (const FileError& error) {
                            return error.what();
                          }
                        },
                        {});
  };
  {
    const FolderLock lock(folder_.path());
    EXPECT_EQ(error_of_another(),
              fmt::format("{}: another sweep (process {}) is running in this folder",
                          folder_.path().string(), ::getpid()));
  }
  EXPECT_EQ(error_of_another(), "no error");
}

}  // namespace
}  // namespace pagepress::sim
