// SPDX-License-Identifier: Apache-2.0
// What becomes of folios that the store does not take: slots, pages nobody wants, and the work that
// is not done for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/reclaim/policy_world.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

// Pages of the world by content (page * 37 % 256, kinds by % 8): of text, zero, random.
constexpr PageId kText = 0;
constexpr PageId kZero = 4;
constexpr PageId kRandom = 6;
constexpr PageId page_of(PageId kind, PageId nth) { return kind * 5 % 8 + 8 * nth; }

// In a simulation, which is another process: an expectation would fail unseen.
void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

void await(World& world, Task& task, PageId page) {
  while (world.mm.state(page) == FakeMm::State::kQueued) task.wait(world.mm.event);
}

json end(World& world, Task& task) {
  world.finish(task);
  json run = world.policy().to_json();
  run["slots"] = world.store().use().slots;
  run["on_device"] = world.store().use().on_device;
  run["limit_hit"] = world.store().use().limit_hit;
  run["in_pool"] = world.store().use().pages;
  return run;
}

// A folio of a page of text and a random one, where nothing may be written to the device.
json refuse_a_folio(const std::string& spec) {
  return simulated([&] {
    World world({.spec = spec, .memcg_zswap_writeback = false});
    return world.run([&](Task& task) {
      const std::vector<PageId> folio = {page_of(kText, 1), page_of(kRandom, 1)};
      const std::uint64_t before = world.policy().free_slots();
      (void)world.write(task, folio);
      for (const PageId page : folio) {
        await(world, task, page);
        require(world.mm.state(page) == FakeMm::State::kResident, "nobody has it");
      }
      require(world.policy().free_slots() == before, "no slot is kept");
      return end(world, task);
    });
  });
}

TEST(Refused, AFolioGivesItsSlotsBack) {
  for (const char* spec : {"kswapd", "kcompressd", "kcompressd@shape=zram-v1", "engine@rule=any",
                           "batch@codec=engine:fast"}) {
    const json run = refuse_a_folio(spec);
    EXPECT_EQ(run["slots"], 0) << spec;
    EXPECT_EQ(run["write"]["failed"], 2) << spec;
    EXPECT_EQ(run["write"]["stored"], 0) << spec;
  }
}

// A folio of four random pages that go to the device; two are dropped while it is queued.
TEST(Refused, PagesThatNobodyWantsAreNotWrittenToTheDevice) {
  for (const char* spec : {"kcompressd", "engine", "engine@state=writeback"}) {
    const json run = simulated([&] {
      World world({.spec = spec, .compress_ns = 100'000});
      return world.run([&](Task& task) {
        std::vector<PageId> folio;
        for (PageId i = 0; i < 4; ++i) folio.push_back(page_of(kRandom, i));
        (void)world.write(task, folio);
        for (const PageId page : {folio[0], folio[2]}) world.policy().invalidate(page);
        for (const PageId page : folio) await(world, task, page);
        require(world.mm.ends == 4, "every page ends once");
        for (const PageId page : {folio[0], folio[2]}) {
          require(world.store().find(page).kind == Copy::Kind::kNone, "nobody has asked for it");
          world.mm.write(page);
        }
        return end(world, task);
      });
    });
    EXPECT_EQ(run["write"]["to_device"], 2) << spec;
    EXPECT_EQ(run["write"]["dropped"], 2) << spec;
    EXPECT_EQ(run["on_device"], 2) << spec;
    EXPECT_EQ(run["slots"], 2) << spec;
  }
}

// All of them: then nothing is written.
TEST(Refused, AFolioThatNobodyWantsEndsWithoutTheDevice) {
  const json run = simulated([&] {
    World world({.spec = "kcompressd", .compress_ns = 100'000});
    return world.run([&](Task& task) {
      const std::vector<PageId> folio = {page_of(kRandom, 1), page_of(kRandom, 2)};
      (void)world.write(task, folio);
      task.sleep(150'000);  // the first has been refused
      for (const PageId page : folio) world.policy().invalidate(page);
      for (const PageId page : folio) {
        await(world, task, page);
        world.mm.write(page);
      }
      return end(world, task);
    });
  });
  EXPECT_EQ(run["write"]["to_device"], 0);
  EXPECT_EQ(run["write"]["dropped"], 2);
  EXPECT_EQ(run["slots"], 0);
}

// A pool of eight frames, and pages of text, each queued or compressed when the one before has
// ended.
json fill_the_pool(const std::string& spec, PageId kind) {
  return simulated([&] {
    World world({.spec = spec, .frames = 80, .max_pool_percent = 10});
    return world.run([&](Task& task) {
      for (PageId i = 0; i < 64; ++i) {
        (void)world.write(task, page_of(kText, i));
        await(world, task, page_of(kText, i));
      }
      require(world.store().use().limit_hit != 0, "the pool is full");
      const json before = world.policy().to_json();
      const std::uint64_t block_pages = world.policy().use().pages;
      for (PageId i = 100; i < 110; ++i) {
        (void)world.write(task, page_of(kind, i));
        await(world, task, page_of(kind, i));
      }
      json result = {{"before", before}, {"compressed", world.policy().use().pages - block_pages}};
      result["run"] = end(world, task);
      return result;
    });
  });
}

TEST(FullPool, NoPageIsCompressedInVain) {
  for (const char* spec : {"kswapd", "kcompressd", "kcompressd@shape=zram-v1", "threads", "engine",
                           "batch@codec=engine:fast"}) {
    const json result = fill_the_pool(spec, kText);
    const json& run = result["run"];
    EXPECT_EQ(result["compressed"], 0) << spec;
    EXPECT_EQ(run["write"]["refused"], run["limit_hit"]) << spec;
    EXPECT_EQ(run["synchronous"]["cpu_ns"], result["before"]["synchronous"]["cpu_ns"]) << spec;
    if (run.contains("worker_cpu_ns")) {
      EXPECT_EQ(run["worker_cpu_ns"], result["before"]["worker_cpu_ns"]) << spec;
    }
    if (!run.contains("engine")) continue;
    std::uint64_t units = 0;
    for (const json& engine : run["engine"]["engines"])
      units += engine["units"].get<std::uint64_t>();
    EXPECT_EQ(units, run["in_pool"].get<std::uint64_t>()) << spec;
  }
}

TEST(FullPool, TakesNoSameFilledPageEither) {
  const json result = fill_the_pool("kswapd", kZero);
  EXPECT_EQ(result["run"]["write"]["caught"], 10);
  EXPECT_EQ(result["run"]["in_pool"].get<std::uint64_t>() +
                result["run"]["limit_hit"].get<std::uint64_t>(),
            74u);
  EXPECT_EQ(result["run"]["write"]["to_device"], result["run"]["limit_hit"]);
}

TEST(ReadPage, SaysWhereItWas) {
  const json result = simulated([] {
    World world({.spec = "kswapd"});
    return world.run([&](Task& task) {
      json from = json::array();
      for (const PageId page : {page_of(kText, 1), page_of(kZero, 1), page_of(kRandom, 1)}) {
        (void)world.write(task, page);
        await(world, task, page);
        from.push_back(world.policy().read_page(task, page) == SwapPath::ReadFrom::kDevice);
      }
      return from;
    });
  });
  EXPECT_EQ(result, json({false, false, true}));
}

}  // namespace
}  // namespace pagepress::reclaim
