// SPDX-License-Identifier: Apache-2.0
// What is read from /proc: lines as the kernel writes them, and our own process.
#include "apps/pagepress/capture/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pagepress::app {
namespace {

TEST(ParseStat, RejectsWhatIsNoStatLine) {
  EXPECT_FALSE(parse_stat(""));
  EXPECT_FALSE(parse_stat("12 (name"));
  EXPECT_FALSE(parse_stat("12 )name( S 1 1 1 0 -1 0"));
  EXPECT_FALSE(parse_stat("12 (name) S 1"));
  EXPECT_FALSE(parse_stat("x (name) S 1 1 1 0 -1 0"));
}

TEST(ParseStat, ReadsNamesWithBracketsAndSpaces) {
  const auto status = parse_stat("4242 (a) S 1 (b) R 17 4242 4242 34816 4300 4194304 0 0 0 0\n");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->pid, 4242);
  EXPECT_EQ(status->name, "a) S 1 (b");
  EXPECT_EQ(status->state, 'R');
  EXPECT_EQ(status->parent, 17);
  EXPECT_FALSE(status->kernel_thread);
  EXPECT_FALSE(status->dead());
}

TEST(ParseStat, KnowsKernelThreadsAndZombies) {
  const auto thread = parse_stat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0");
  ASSERT_TRUE(thread);
  EXPECT_TRUE(thread->kernel_thread);
  const auto zombie = parse_stat("9 (sh) Z 1 9 9 0 -1 4194304 0 0 0 0");
  ASSERT_TRUE(zombie);
  EXPECT_TRUE(zombie->dead());
}

TEST(Process, DescribesOurselves) {
  const auto status = read_process_status(::getpid());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->parent, ::getppid());
  EXPECT_EQ(status->tracer, 0);
  EXPECT_THAT(threads_of(::getpid()), testing::Contains(::gettid()));
  EXPECT_GT(resident_set_pages(::getpid()), 100U);
  EXPECT_EQ(describe_process(::getpid()).find("process " + std::to_string(::getpid()) + " ("), 0U);
}

TEST(Process, OneThatIsNotThere) {
  constexpr pid_t kNone = 1 << 29;  // above the largest PID of Linux
  EXPECT_FALSE(read_process_status(kNone));
  EXPECT_TRUE(threads_of(kNone).empty());
  EXPECT_EQ(resident_set_pages(kNone), 0U);
  EXPECT_EQ(describe_process(kNone), "process 536870912");
}

TEST(Process, FindsChildrenOfChildren) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const pid_t grandchild = ::fork();
    if (grandchild == 0) {
      ::alarm(60);
      ::pause();
    }
    static_cast<void>(!::write(ready[1], &grandchild, sizeof(grandchild)));
    ::alarm(60);
    ::waitpid(grandchild, nullptr, 0);
    ::_exit(0);
  }
  pid_t grandchild = 0;
  ASSERT_EQ(::read(ready[0], &grandchild, sizeof(grandchild)),
            static_cast<ssize_t>(sizeof(grandchild)));
  EXPECT_THAT(descendants_of(::getpid()), testing::UnorderedElementsAre(child, grandchild));
  EXPECT_THAT(descendants_of(child), testing::ElementsAre(grandchild));
  EXPECT_TRUE(descendants_of(grandchild).empty());
  ::kill(grandchild, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace pagepress::app
