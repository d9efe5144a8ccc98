// SPDX-License-Identifier: Apache-2.0
// Whatever compresses: every page is stored once, with the version and the bytes that it had, and
// its write ends once; counters agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reclaim/policy_load.hpp"

namespace pagepress::reclaim {
namespace {

class EveryPolicy : public testing::TestWithParam<const char*> {
 protected:
  // The engine's codec is the real one, and takes its time.
  [[nodiscard]] static std::uint64_t steps(std::uint64_t cpu) {
    return std::string_view(GetParam()).find("engine") == 0 ||
                   std::string_view(GetParam()).find("engine:") != std::string_view::npos
               ? cpu / 8
               : cpu;
  }
};

TEST_P(EveryPolicy, LosesNothingAndDoublesNothing) {
  for (const char* store : {"zswap", "zram"}) {
    SCOPED_TRACE(store);
    const nlohmann::json run = play({.spec = GetParam(), .store = store}, {.steps = steps(3'000)});
    expect_consistent(run);
    const bool by_engine = std::string_view(GetParam()).find("swapin_engine") != std::string::npos;
    EXPECT_EQ(run["read"]["by_engine"] != 0, by_engine);
    EXPECT_GT(run["write"]["pages"].get<std::uint64_t>(), steps(2'000));
  }
}

TEST_P(EveryPolicy, TakesLargeFolios) {
  for (const PageId pages : {3u, 16u}) {
    const nlohmann::json run =
        play({.spec = GetParam()}, {.steps = steps(300), .folio_pages = pages});
    expect_consistent(run);
    EXPECT_EQ(run["write"]["pages"], run["write"]["folios"].get<std::uint64_t>() * pages);
  }
}

class RepeatedPolicy : public EveryPolicy {};

TEST_P(RepeatedPolicy, IsTheSameEveryTime) {
  const Load load{.steps = steps(800), .direct = 2, .think_ns = 20'000};
  EXPECT_EQ(play({.spec = GetParam()}, load), play({.spec = GetParam()}, load));
}

TEST_P(RepeatedPolicy, GoesOnOnOneCoreOnly) {
  expect_consistent(play({.spec = GetParam(), .cores = 1}, {.steps = steps(800)}));
}

INSTANTIATE_TEST_SUITE_P(Cpu, EveryPolicy,
                         testing::Values("kswapd", "kswapd@codec=cpu:zstd", "kcompressd",
                                         "kcompressd@shape=zram-v1",
                                         "kcompressd@fifo_entries=8,policy=wait",
                                         "kcompressd@fifo_entries=8,policy=drain-oldest",
                                         "kcompressd@fifo_entries=8,policy=divert-to-cpu",
                                         "threads", "threads@split=shared,workers=3",
                                         "threads@split=own,fifo_entries=16",
                                         "threads@fifo_entries=32,policy=drain-oldest", "batch"));
INSTANTIATE_TEST_SUITE_P(
    Engine, EveryPolicy,
    testing::Values("engine", "engine@wait=interrupt", "engine@wait=hybrid",
                    "engine@wait=interrupt,irq_count=1,swapin_engine=1",
                    "engine@fifo_entries=8,batch=4,policy=sync-newest,same_filled=engine",
                    "engine@fifo_entries=8,policy=drain-oldest",
                    "engine@fifo_entries=8,policy=divert-to-cpu,workers=2,split=shared",
                    "engine@state=writeback,swapin_engine=1",
                    "engine@shape=parallel,split=chunks,workers=2", "engine@shape=rfc",
                    "batch@codec=engine:fast",
                    "batch@codec=engine:fast,workers=2,wait=interrupt,swapin_engine=1"));

INSTANTIATE_TEST_SUITE_P(Some, RepeatedPolicy,
                         testing::Values("kswapd", "kcompressd", "kcompressd@shape=zram-v1",
                                         "threads", "engine",
                                         "engine@wait=interrupt,swapin_engine=1",
                                         "batch@codec=engine:fast"));

}  // namespace
}  // namespace pagepress::reclaim
