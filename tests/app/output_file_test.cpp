// SPDX-License-Identifier: Apache-2.0
// OutputFile: whole or not at all, with full disks and interruptions.
#include "sim/pagefile/output_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "sim/pagefile/file_error.hpp"
#include "sim/pagefile/pending_outputs.hpp"
#include "tests/app/temporary_folder.hpp"

namespace pagepress::sim {
namespace {

using test::read_all;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

// Runs `body` in a child process, as it changes limits or mounts; its exit code.
int in_child(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(body());
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(OutputFile, RejectsAFolderThatIsNotThere) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "none" / "out";
  EXPECT_THAT(error_of([&] { OutputFile file(path); }),
              AllOf(StartsWith(path.string()), HasSubstr("No such file or directory")));
}

TEST(OutputFile, RejectsAPathBelowARegularFile) {
  const TemporaryFolder folder;
  const auto path = folder.file("plain", "x") / "out";
  EXPECT_THAT(error_of([&] { OutputFile file(path); }),
              AllOf(StartsWith(path.string()), HasSubstr("Not a directory")));
}

TEST(OutputFile, RejectsADirectoryAsItsTarget) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { OutputFile file(folder.path()); }), HasSubstr("it is a directory"));
}

TEST(OutputFile, RejectsAnEmptyName) {
  EXPECT_THAT(error_of([] { OutputFile file(""); }), HasSubstr("empty"));
}

TEST(OutputFile, ShowsNothingUnderItsNameBeforeTheCommit) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "out";
  OutputFile file(path);
  file.write("whole");
  EXPECT_FALSE(std::filesystem::exists(path));
  file.commit();
  EXPECT_EQ(read_all(path), "whole");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, KeepsTheOlderFileIfItIsNotCommitted) {
  const TemporaryFolder folder;
  const auto path = folder.file("out", "older");
  {
    OutputFile file(path);
    file.write(std::string(3U << 20, 'n'));
  }
  EXPECT_EQ(read_all(path), "older");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, WritesWhatIsLongerThanItsBuffer) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 700'000; ++i) {
    text += std::to_string(i);
  }
  write_file(folder.path() / "out", text);
  EXPECT_EQ(read_all(folder.path() / "out"), text);
}

TEST(OutputFile, FollowsASymbolicLink) {
  const TemporaryFolder folder;
  const auto target = folder.file("target", "older");
  std::filesystem::create_symlink("target", folder.path() / "link");
  write_file(folder.path() / "link", "newer");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
  EXPECT_EQ(read_all(target), "newer");
}

TEST(OutputFile, FollowsSymbolicLinksToWhatIsNotThereYet) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "sub");
  std::filesystem::create_symlink("sub/next", folder.path() / "link");
  std::filesystem::create_symlink("../target", folder.path() / "sub" / "next");
  write_file(folder.path() / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "sub" / "next"));
  EXPECT_EQ(read_all(folder.path() / "target"), "new");
}

TEST(OutputFile, RejectsSymbolicLinksInACircle) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a";
  std::filesystem::create_symlink("a", path);
  EXPECT_THAT(error_of([&] { OutputFile file(path); }),
              AllOf(StartsWith(path.string()), HasSubstr("Too many levels of symbolic links")));
  EXPECT_TRUE(std::filesystem::is_symlink(path));
}

TEST(OutputFile, IsFinishedBeforeItIsCommitted) {
  const TemporaryFolder folder;
  const auto path = folder.file("out", "older");
  OutputFile file(path);
  file.write("newer");
  file.finish();
  EXPECT_EQ(read_all(path), "older");
  file.commit();
  EXPECT_EQ(read_all(path), "newer");
}

TEST(OutputFile, GivesTheModeThatTheUmaskLeaves) {
  const TemporaryFolder folder;
  const auto mode_of = [&](mode_t wanted) {
    OutputFile file(folder.path() / "out", wanted);
    file.commit();
    struct stat info = {};
    EXPECT_EQ(::stat((folder.path() / "out").c_str(), &info), 0);
    return info.st_mode & 0777U;
  };
  const mode_t before = ::umask(022);
  EXPECT_EQ(mode_of(0666), 0644U);
  EXPECT_EQ(mode_of(0600), 0600U);
  ::umask(before);
}

TEST(OutputFile, ReportsAFullDiskOnADeviceAndLeavesTheDevice) {
  const std::string message = error_of([] { write_file("/dev/full", "text"); });
  EXPECT_THAT(message, AllOf(StartsWith("/dev/full"), HasSubstr("No space left on device")));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(OutputFile, ReportsTheLimitOnFileSizesAndRemovesWhatItWrote) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "out";
  const int code = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1U << 20, 1U << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string message =
        error_of([&] { write_file(path, std::string((1U << 20) + 1, 'x')); });
    return message.starts_with(path.string()) && message.ends_with("File too large") ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(OutputFile, ReportsAFullFileSystemAndLeavesTheOlderFile) {
  constexpr int kNoMount = 77;
  const TemporaryFolder folder;
  const int code = in_child([&] {
    // A mount of this process alone.
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
      return kNoMount;
    }
    const auto path = folder.file("out", "older");
    const std::string message = error_of([&] { write_file(path, std::string(1U << 20, 'x')); });
    const bool told = message.starts_with(path.string()) &&
                      message.find("No space left on device") != std::string::npos;
    return told && read_all(path) == "older" && folder.entries() == 1 ? 0 : 1;
  });
  if (code == kNoMount) {
    GTEST_SKIP() << "this user may not mount a tmpfs";
  }
  EXPECT_EQ(code, 0);
}

TEST(OutputFile, DiscardingPendingFilesRemovesThemAll) {
  const TemporaryFolder folder;
  OutputFile first(folder.path() / "first");
  OutputFile second(folder.path() / "second");
  {
    OutputFile done(folder.path() / "done");
    done.commit();
  }
  EXPECT_EQ(folder.entries(), 3U);
  discard_pending_outputs();
  EXPECT_EQ(folder.entries(), 1U);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "done"));
}

}  // namespace
}  // namespace pagepress::sim
