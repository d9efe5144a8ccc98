// SPDX-License-Identifier: Apache-2.0
// DPDK's environment without hugepages and without privileges. DPDK starts once
// a process, so every test runs in a child of its own.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include <pagepress/eal.hpp>

#include <cstring>
#include <functional>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>

namespace pagepress {
namespace {

// Runs `body` in a child; true if it answered true. What it throws is printed.
bool in_child(const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    bool good = false;
    try {
      good = body();
    } catch (const std::exception& error) {
      std::cerr << "child: " << error.what() << std::endl;
    }
    _exit(good ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool memory_works(Eal& eal) {
  DmaAllocator& memory = eal.memory();
  auto* a = static_cast<unsigned char*>(memory.allocate(1 << 20, 4096));
  const bool aligned = reinterpret_cast<std::uintptr_t>(a) % 4096 == 0;
  const bool zeroed = a[0] == 0 && a[(1 << 20) - 1] == 0;
  std::memset(a, 0xff, 1 << 20);
  memory.release(a);
  auto* b = static_cast<unsigned char*>(memory.allocate(1 << 20, 64));
  const bool zeroed_again = b[0] == 0 && std::memcmp(b, b + 1, (1 << 20) - 1) == 0;
  memory.release(b);
  return aligned && zeroed && zeroed_again;
}

TEST(Eal, WorksWithoutHugepages) {
  EXPECT_TRUE(in_child([] {
    Eal eal({.memory_mib = 16, .pages = EalConfig::Pages::kPlain});
    return !eal.hugepages() && eal.page_size() == 4096 && memory_works(eal);
  }));
}

TEST(Eal, AutoWorksAndSaysWhatItGot) {
  EXPECT_TRUE(in_child([] {
    Eal eal({.memory_mib = 16});
    return eal.hugepages() == (eal.page_size() > 4096) && memory_works(eal);
  }));
}

TEST(Eal, WorksUnprivileged) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "this process is unprivileged: every other test shows it";
  }
  EXPECT_TRUE(in_child([] {
    constexpr uid_t kNobody = 65534;
    if (setgid(kNobody) != 0 || setuid(kNobody) != 0) {
      return false;
    }
    Eal eal({.memory_mib = 16});
    return memory_works(eal);
  }));
}

TEST(Eal, MoreHugepagesThanThereAreIsAnError) {
  EXPECT_TRUE(in_child([] {
    try {
      // Four terabytes.
      Eal eal({.memory_mib = 4u << 20, .pages = EalConfig::Pages::kHuge});
    } catch (const std::runtime_error& error) {
      return std::string(error.what()).find("hugepages") != std::string::npos;
    }
    return false;
  }));
}

TEST(Eal, MemoryThatIsNotThereIsBadAlloc) {
  EXPECT_TRUE(in_child([] {
    Eal eal({.memory_mib = 16, .pages = EalConfig::Pages::kPlain});
    try {
      (void)eal.memory().allocate(std::size_t{64} << 20, 4096);
    } catch (const std::bad_alloc&) {
      return memory_works(eal);
    }
    return false;
  }));
}

TEST(Eal, StartsOnceAProcess) {
  EXPECT_TRUE(in_child([] {
    { Eal eal({.memory_mib = 16, .pages = EalConfig::Pages::kPlain}); }
    try {
      Eal again;
    } catch (const std::runtime_error& error) {
      return std::string(error.what()).find("before") != std::string::npos;
    }
    return false;
  }));
}

TEST(Eal, AFailureToStartSaysWhy) {
  EXPECT_TRUE(in_child([] {
    try {
      // A petabyte.
      Eal eal({.memory_mib = std::size_t{1} << 30, .pages = EalConfig::Pages::kPlain});
    } catch (const std::runtime_error& error) {
      std::cerr << "child: as expected: " << error.what() << std::endl;
      return std::string(error.what()).find("DPDK does not start") != std::string::npos;
    }
    return false;
  }));
}

TEST(Eal, LeavesTheAffinityOfTheThreadAlone) {
  EXPECT_TRUE(in_child([] {
    cpu_set_t before;
    cpu_set_t after;
    sched_getaffinity(0, sizeof(before), &before);
    Eal eal({.memory_mib = 16, .pages = EalConfig::Pages::kPlain});
    sched_getaffinity(0, sizeof(after), &after);
    return CPU_EQUAL(&before, &after) != 0;
  }));
}

TEST(Eal, LeavesNoRuntimeDirectoryBehind) {
  EXPECT_TRUE(in_child([] {
    const char* xdg = getenv("XDG_RUNTIME_DIR");
    const std::string name = "/dpdk/pagepress_" + std::to_string(getpid());
    Eal eal({.memory_mib = 16, .pages = EalConfig::Pages::kPlain});
    for (const std::string& base : {std::string("/var/run"), std::string("/tmp"),
                                    std::string(xdg == nullptr ? "/tmp" : xdg)}) {
      if (access((base + name).c_str(), F_OK) == 0) {
        return false;
      }
    }
    return memory_works(eal);
  }));
}

TEST(Eal, PrintsNothingUnlessAsked) {
  int out[2];
  ASSERT_EQ(pipe(out), 0);
  EXPECT_TRUE(in_child([&] {
    dup2(out[1], STDOUT_FILENO);
    dup2(out[1], STDERR_FILENO);
    Eal eal({.memory_mib = 16, .pages = EalConfig::Pages::kPlain});
    return memory_works(eal);
  }));
  close(out[1]);
  std::string text(4096, '\0');
  const ssize_t len = read(out[0], text.data(), text.size());
  EXPECT_EQ(len, 0) << text;
  close(out[0]);
}

TEST(Eal, TwoProcessesRunSideBySide) {
  int ready[2];
  int go[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(go), 0);
  const pid_t first = fork();
  if (first == 0) {
    Eal eal({.memory_mib = 16, .pages = EalConfig::Pages::kPlain});
    char byte = 1;
    const bool told = write(ready[1], &byte, 1) == 1 && read(go[0], &byte, 1) == 1;
    _exit(told && memory_works(eal) ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(in_child([] {
    Eal eal({.memory_mib = 16, .pages = EalConfig::Pages::kPlain});
    return memory_works(eal);
  }));
  ASSERT_EQ(write(go[1], &byte, 1), 1);
  int status = 0;
  waitpid(first, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace pagepress
