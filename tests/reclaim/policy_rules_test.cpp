// SPDX-License-Identifier: Apache-2.0
// Which pages are queued, what happens when the queue is full, and to pages nobody wants any more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/reclaim/policy_world.hpp"

namespace pagepress::reclaim {
namespace {

// Pages of the world by content (page * 37 % 256, kinds by % 8): of text, zero, random.
constexpr PageId kText = 0;
constexpr PageId kZero = 4;
constexpr PageId kRandom = 6;
constexpr PageId page_of(PageId kind, PageId nth) { return kind * 5 % 8 + 8 * nth; }

std::string name(WriteResult result) {
  static constexpr std::array kNames = {"done", "locked", "writeback", "activate"};
  return kNames.at(static_cast<std::size_t>(result));
}

// The answers to one write each, then the policy's counters.
struct Outcome {
  std::vector<std::string> results;
  nlohmann::json run;
};
Outcome write_each(const WorldConfig& config, const std::vector<PageId>& pages,
                   Caller caller = Caller::kKswapd) {
  const nlohmann::json json = simulated([&] {
    World world(config);
    return world.run([&](Task& task) {
      nlohmann::json result;
      result["results"] = nlohmann::json::array();
      const Ns from = now_ns();
      for (const PageId page : pages) {
        result["results"].push_back(name(world.write(task, page, caller)));
      }
      task.settle();
      result["writing_ns"] = now_ns() - from;
      world.finish(task);
      result["run"] = world.policy().to_json();
      result["run"]["writing_ns"] = result["writing_ns"];
      result["run"]["in_pool"] = world.store().use().pages;
      result["run"]["on_device"] = world.store().use().on_device;
      return result;
    });
  });
  return {json["results"].get<std::vector<std::string>>(), json["run"]};
}

using testing::ElementsAre;

TEST(EnqueueRules, KswapdsPagesAreQueuedAndLocked) {
  const Outcome outcome = write_each({.spec = "kcompressd"}, {page_of(kText, 1)});
  EXPECT_THAT(outcome.results, ElementsAre("locked"));
  EXPECT_EQ(outcome.run["queue"]["completed"], 1);
  EXPECT_EQ(outcome.run["gate"]["none"], 1);
}

TEST(EnqueueRules, DirectReclaimCompressesItself) {
  for (const char* spec : {"kcompressd", "kcompressd@shape=zram-v1", "threads", "engine"}) {
    const Outcome outcome = write_each({.spec = spec}, {page_of(kText, 1)}, Caller::kDirect);
    EXPECT_THAT(outcome.results, ElementsAre("done")) << spec;
    EXPECT_EQ(outcome.run["gate"]["not_kswapd"], 1) << spec;
    EXPECT_EQ(outcome.run["synchronous"]["pages"], 1) << spec;
    EXPECT_EQ(outcome.run["synchronous"]["cpu_ns"], 5'000) << spec;
  }
}

TEST(EnqueueRules, AnyTakesThemFromDirectReclaimToo) {
  const Outcome outcome =
      write_each({.spec = "engine@rule=any"}, {page_of(kText, 1)}, Caller::kDirect);
  EXPECT_THAT(outcome.results, ElementsAre("locked"));
}

TEST(EnqueueRules, AMemcgWithoutWritebackIsAnsweredAtOnce) {
  const Outcome outcome = write_each({.spec = "kcompressd", .memcg_zswap_writeback = false},
                                     {page_of(kText, 1), page_of(kRandom, 1)});
  EXPECT_THAT(outcome.results, ElementsAre("done", "activate"));
  EXPECT_EQ(outcome.run["gate"]["memcg"], 2);
  EXPECT_EQ(outcome.run["on_device"], 0);
  EXPECT_EQ(outcome.run["write"]["failed"], 1);
}

TEST(EnqueueRules, V1DoesNotAskForIt) {
  const Outcome outcome =
      write_each({.spec = "kcompressd@shape=zram-v1", .memcg_zswap_writeback = false},
                 {page_of(kText, 1), page_of(kRandom, 1)});
  EXPECT_THAT(outcome.results, ElementsAre("writeback", "writeback"));
  EXPECT_EQ(outcome.run["write"]["failed"], 1);
  EXPECT_EQ(outcome.run["on_device"], 0);
}

TEST(EnqueueRules, ZramIsASynchronousDevice) {
  const Outcome outcome =
      write_each({.spec = "kcompressd", .store = "zram"}, {page_of(kText, 1), page_of(kRandom, 1)});
  EXPECT_THAT(outcome.results, ElementsAre("locked", "locked"));
  EXPECT_EQ(outcome.run["in_pool"], 2);
}

TEST(EnqueueRules, SameFilledPagesAreNotQueued) {
  for (const char* spec : {"kcompressd", "engine"}) {
    const Outcome outcome = write_each({.spec = spec}, {page_of(kZero, 1)});
    EXPECT_THAT(outcome.results, ElementsAre("done")) << spec;
    EXPECT_EQ(outcome.run["write"]["caught"], 1) << spec;
  }
  const Outcome outcome = write_each({.spec = "engine@same_filled=engine"}, {page_of(kZero, 1)});
  EXPECT_THAT(outcome.results, ElementsAre("locked"));
  EXPECT_EQ(outcome.run["write"]["caught"], 0);
}

TEST(Rejected, GoesToTheDeviceAndComesBack) {
  for (const char* spec : {"kswapd", "kcompressd", "engine"}) {
    const Outcome outcome = write_each({.spec = spec}, {page_of(kRandom, 1)});
    EXPECT_EQ(outcome.run["write"]["to_device"], 1) << spec;
    EXPECT_EQ(outcome.run["read"]["device"], 1) << spec;
  }
}

TEST(Rejected, TheRfcsThreadStopsAtTheWatermark) {
  const WorldConfig config{.spec = "kcompressd", .reserve = 20'000};
  EXPECT_EQ(write_each(config, {page_of(kText, 1)}).run["on_device"], 1);
  WorldConfig memalloc = config;
  memalloc.spec = "kcompressd@memalloc=1";
  EXPECT_EQ(write_each(memalloc, {page_of(kText, 1)}).run["in_pool"], 1);
}

// Twelve pages at once, to a worker that takes half a millisecond for each of four entries.
Outcome flood(const std::string& policy) {
  std::vector<PageId> pages;
  for (PageId i = 0; i < 12; ++i) pages.push_back(page_of(kText, i));
  return write_each({.spec = "kcompressd@fifo_entries=4,policy=" + policy, .compress_ns = 500'000},
                    pages);
}

TEST(FullQueue, WaitLeavesAllToTheWorker) {
  const Outcome outcome = flood("wait");
  EXPECT_EQ(outcome.run["queue"]["completed"], 12);
  EXPECT_EQ(outcome.run["synchronous"]["pages"], 0);
  EXPECT_GT(outcome.run["gate"]["no_room"], 0);
  EXPECT_GT(outcome.run["writing_ns"], 6 * 500'000);
}

TEST(FullQueue, SyncNewestCompressesTheNewOne) {
  const Outcome outcome = flood("sync-newest");
  const auto synchronous = outcome.run["synchronous"]["pages"].get<std::uint64_t>();
  EXPECT_EQ(outcome.run["gate"]["no_room"], synchronous);
  EXPECT_GT(synchronous, 0u);
  EXPECT_EQ(outcome.run["queue"]["completed"], 12 - synchronous);
  EXPECT_EQ(outcome.run["queue"]["taken_back"], 0);
}

TEST(FullQueue, DrainOldestCompressesTheOldest) {
  const Outcome outcome = flood("drain-oldest");
  EXPECT_EQ(outcome.run["queue"]["enqueued"], 12);
  EXPECT_GT(outcome.run["queue"]["taken_back"], 0);
  EXPECT_EQ(outcome.run["queue"]["taken_back"], outcome.run["synchronous"]["pages"]);
}

TEST(FullQueue, DivertOffersNothingUntilTheWorkersHaveCaughtUp) {
  const Outcome outcome = flood("divert-to-cpu");
  EXPECT_GT(outcome.run["synchronous"]["pages"], outcome.run["gate"]["no_room"]);
}

// In a simulation, which is another process: an expectation would fail unseen.
void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

// `body` while a page of text is queued to a slow worker.
nlohmann::json while_queued(const std::function<void(World&, Task&, PageId)>& body) {
  return simulated([&] {
    World world({.spec = "kcompressd", .compress_ns = 100'000});
    return world.run([&](Task& task) {
      const PageId page = page_of(kText, 3);
      (void)world.write(task, page);
      body(world, task, page);
      world.finish(task);
      nlohmann::json result = world.policy().to_json();
      result["copies"] = world.store().use().pages;
      return result;
    });
  });
}

TEST(WhileQueued, ACopyNobodyWantsIsNotKept) {
  const nlohmann::json run = while_queued([](World& world, Task& task, PageId page) {
    task.sleep(20'000);
    world.policy().invalidate(page);
    require(world.policy().queued() == 1, "one page is queued");
    while (world.mm.state(page) == FakeMm::State::kQueued) task.wait(world.mm.event);
    world.mm.write(page);
  });
  EXPECT_EQ(run["write"]["dropped"], 1);
  EXPECT_EQ(run["write"]["stored"], 0);
  EXPECT_EQ(run["copies"], 0);
}

TEST(WhileQueued, ASecondWriteIsAnErrorOfMm) {
  EXPECT_THROW(while_queued([](World& world, Task& task, PageId page) {
                 (void)world.policy().write_folio(task, Caller::kKswapd, std::span(&page, 1));
               }),
               std::runtime_error);
}

TEST(WhileQueued, TheLockedFolioEndsOnceTheWorkerHasStoredIt) {
  const nlohmann::json run = while_queued([](World& world, Task& task, PageId page) {
    task.settle();
    require(world.mm.ends == 0, "not before it is stored");
    const Ns from = now_ns();
    while (world.mm.state(page) == FakeMm::State::kQueued) task.wait(world.mm.event);
    require(now_ns() - from >= 95'000, "compressing takes its time");
    require(world.store().find(page).kind == Copy::Kind::kBlock, "there is a block");
  });
  EXPECT_EQ(run["copies"], 1);
}

TEST(Drain, OthersGoOnWithTheCpu) {
  for (const char* spec : {"batch@codec=engine:fast,swapin_engine=1", "engine@swapin_engine=1"}) {
    const nlohmann::json run = simulated([&] {
      World world({.spec = spec, .cores = 4});
      std::uint32_t running = 3;
      sc_core::sc_event ended{"ended"};
      for (PageId i = 0; i < 3; ++i) {
        world.scheduler().spawn({.name = fmt::format("app/{}", i), .group = "app"},
                                [&, i](Task& task) {
                                  for (PageId round = 0; round < 60; ++round) {
                                    const PageId page = page_of(kText, 1 + i);
                                    (void)world.write(task, page);
                                    while (world.mm.state(page) == FakeMm::State::kQueued)
                                      task.wait(world.mm.event);
                                    world.touch(task, page);
                                  }
                                  --running;
                                  ended.notify();
                                });
      }
      return world.run([&](Task& task) {
        task.sleep(50'000);
        world.policy().drain(task);
        while (running != 0) (void)task.wait_for(ended, 1'000'000);
        world.finish(task);
        return world.policy().to_json();
      });
    });
    EXPECT_GT(run["read"]["by_cpu"], 0) << spec;
    EXPECT_GT(run["synchronous"]["pages"], 0) << spec;
    EXPECT_EQ(run["write"]["pages"], 180) << spec;
  }
}

TEST(ReadPath, NoCopyIsLoss) {
  EXPECT_THROW(simulated([] {
                 World world({.spec = "kswapd"});
                 return world.run([&](Task& task) {
                   world.policy().read_page(task, 5);
                   return nlohmann::json();
                 });
               }),
               std::runtime_error);
}

TEST(ReadPath, AnotherVersionIsLoss) {
  EXPECT_THROW(simulated([] {
                 World world({.spec = "kswapd"});
                 return world.run([&](Task& task) {
                   (void)world.write(task, 5);
                   world.mm.write(5);
                   world.policy().read_page(task, 5);
                   return nlohmann::json();
                 });
               }),
               std::runtime_error);
}

TEST(Trace, HasABatchOfTheEngineAndTheQueue) {
  const nlohmann::json run = simulated([] {
    World world({.spec = "engine", .trace = true});
    return world.run([&](Task& task) {
      for (PageId i = 0; i < 40; ++i) (void)world.write(task, page_of(kText, i));
      world.finish(task);
      std::ostringstream out;
      world.trace().write(out);
      return nlohmann::json::parse(out.str());
    });
  });
  const std::string text = run.dump();
  EXPECT_THAT(text, testing::HasSubstr("\"batch\""));
  EXPECT_THAT(text, testing::HasSubstr("queued pages"));
}

TEST(Waiting, InterruptsComeOnlyWhereTheyAreAskedFor) {
  std::vector<PageId> pages;
  for (PageId i = 0; i < 64; ++i) pages.push_back(page_of(kText, i));
  const auto interrupts = [&](const char* spec) {
    return write_each({.spec = spec}, pages).run["engine"]["link"]["interrupts"].get<int>();
  };
  EXPECT_EQ(interrupts("engine"), 0);
  const int moderated = interrupts("engine@wait=interrupt");
  const int each = interrupts("engine@wait=interrupt,irq_count=1");
  EXPECT_GT(moderated, 0);
  EXPECT_GE(each, moderated);
}

}  // namespace
}  // namespace pagepress::reclaim
