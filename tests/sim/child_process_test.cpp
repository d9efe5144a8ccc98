// SPDX-License-Identifier: Apache-2.0
// Child processes: results and messages come back, failures have words, and no
// child outlives its parent.
#include "sim/experiment/child_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "sim/experiment/compare.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string error_of(const ChildBody& body) {
  try {
    (void)run_in_child("it", body, {});
  } catch (const CompareError& error) {
    return error.what();
  }
  return "no error";
}

bool alive(pid_t pid) { return ::kill(pid, 0) == 0; }

bool dies(pid_t pid) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (alive(pid)) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

TEST(ChildProcess, ResultAndMessagesComeBackInOrder) {
  std::vector<int> messages;
  const json result = run_in_child(
      "it",
      [](const Emit& emit) {
        for (int i = 0; i < 1000; ++i) emit(i);
        return json{{"pid", ::getpid()}, {"long", std::string(1'000'000, 'x')}};
      },
      [&](const json& message) { messages.push_back(message.get<int>()); });
  EXPECT_NE(result["pid"], ::getpid());
  EXPECT_EQ(result["long"].get<std::string>().size(), 1'000'000);
  ASSERT_EQ(messages.size(), 1000);
  EXPECT_TRUE(std::is_sorted(messages.begin(), messages.end()));
}

TEST(ChildProcess, AnExceptionComesBackWithTheName) {
  EXPECT_EQ(error_of([](const Emit&) -> json { throw std::runtime_error("no luck"); }),
            "it: no luck");
}

TEST(ChildProcess, ASignalIsNamedWithTheLastOutput) {
  EXPECT_THAT(error_of([](const Emit&) -> json {
                std::puts("about to go");
                std::fflush(stdout);
                ::signal(SIGABRT, SIG_DFL);
                std::abort();
              }),
              AllOf(HasSubstr("it: "), HasSubstr("signal 6"), HasSubstr("about to go")));
}

TEST(ChildProcess, AnExitWithoutAResultIsAnError) {
  EXPECT_THAT(error_of([](const Emit&) -> json { ::_exit(3); }), HasSubstr("exit code 3"));
}

TEST(ChildProcess, AnExceptionInTheParentEndsTheChild) {
  pid_t child = 0;
  EXPECT_THROW((void)run_in_child(
                   "it",
                   [](const Emit& emit) -> json {
                     emit(::getpid());
                     for (;;) ::pause();
                   },
                   [&](const json& message) {
                     child = message.get<pid_t>();
                     throw std::domain_error("enough");
                   }),
               std::domain_error);
  ASSERT_GT(child, 0);
  EXPECT_FALSE(alive(child));
}

TEST(ChildProcess, TheChildDiesWithItsParent) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  const pid_t parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    (void)run_in_child("it",
                       [&](const Emit&) -> json {
                         const pid_t self = ::getpid();
                         if (::write(fds[1], &self, sizeof(self)) != sizeof(self)) ::_exit(1);
                         for (;;) ::pause();
                       },
                       {});
    ::_exit(0);
  }
  pid_t child = 0;
  ASSERT_EQ(::read(fds[0], &child, sizeof(child)), static_cast<ssize_t>(sizeof(child)));
  EXPECT_TRUE(alive(child));
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(dies(child));
  ::close(fds[0]);
  ::close(fds[1]);
}

}  // namespace
}  // namespace pagepress::sim
