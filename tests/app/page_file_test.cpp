// SPDX-License-Identifier: Apache-2.0
// PageFile: every kind of bad file first, then good ones.
#include "sim/pagefile/page_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "sim/pagefile/file_error.hpp"
#include "tests/app/temporary_folder.hpp"

namespace pagepress::sim {
namespace {

using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// The message of the FileError that opening `path` throws.
std::string open_error(const std::filesystem::path& path) {
  try {
    const PageFile file(path);
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

TEST(PageFile, NamesAMissingFile) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "none.pages";
  EXPECT_THAT(open_error(path),
              AllOf(StartsWith(path.string()), HasSubstr("No such file or directory")));
}

TEST(PageFile, RejectsADirectory) {
  const TemporaryFolder folder;
  EXPECT_THAT(open_error(folder.path()),
              AllOf(StartsWith(folder.path().string()), HasSubstr("is a directory")));
}

TEST(PageFile, RejectsAFifoWithoutWaitingForItsWriter) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(open_error(path), HasSubstr("neither a regular file nor a block device"));
}

TEST(PageFile, RejectsACharacterDevice) {
  EXPECT_THAT(open_error("/dev/zero"), HasSubstr("neither a regular file nor a block device"));
}

TEST(PageFile, RejectsAnEmptyFile) {
  const TemporaryFolder folder;
  const auto path = folder.file("empty.pages", "");
  EXPECT_THAT(open_error(path), AllOf(StartsWith(path.string()), HasSubstr("is empty")));
}

TEST(PageFile, SaysHowManyBytesAreLeftOver) {
  const TemporaryFolder folder;
  const auto longer = folder.file("longer.pages", std::string(2 * kPageBytes + 1, 'x'));
  EXPECT_THAT(open_error(longer), AllOf(HasSubstr("8193 bytes"), HasSubstr("(1 left over)")));
  const auto shorter = folder.file("shorter.pages", std::string(kPageBytes - 1, 'x'));
  EXPECT_THAT(open_error(shorter), AllOf(HasSubstr("4095 bytes"), HasSubstr("(4095 left over)")));
}

TEST(PageFile, GivesThePagesInTheOrderOfTheFile) {
  const TemporaryFolder folder;
  const std::string text =
      std::string(kPageBytes, 'a') + std::string(kPageBytes, 'b') + std::string(kPageBytes, 'c');
  const PageFile file(folder.file("three.pages", text));
  ASSERT_EQ(file.page_count(), 3U);
  EXPECT_EQ(file.bytes().size(), 3 * kPageBytes);
  EXPECT_THAT(file.page(0), testing::Each('a'));
  EXPECT_THAT(file.page(1), testing::Each('b'));
  EXPECT_THAT(file.page(2), testing::Each('c'));
}

TEST(PageFile, MovesWithItsPages) {
  const TemporaryFolder folder;
  PageFile first(folder.file("a.pages", std::string(kPageBytes, 'a')));
  PageFile second(folder.file("b.pages", std::string(2 * kPageBytes, 'b')));
  second = std::move(first);
  ASSERT_EQ(second.page_count(), 1U);
  EXPECT_THAT(second.page(0), testing::Each('a'));
  const PageFile third(std::move(second));
  EXPECT_EQ(third.path(), folder.path() / "a.pages");
  EXPECT_THAT(third.page(0), testing::Each('a'));
}

}  // namespace
}  // namespace pagepress::sim
