// SPDX-License-Identifier: Apache-2.0
// zswap and zram behind SwapStore: what is kept, refused, written, read and counted, and when.
#include "sim/reclaim/swap/swap_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reclaim/swap_bench.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;
using Kind = Copy::Kind;

json kinds(const SwapStore& store, PageId count) {
  json kinds;
  for (PageId page = 0; page != count; ++page) {
    kinds.push_back(static_cast<int>(store.find(page).kind));
  }
  return kinds;
}

TEST(Zram, KeepsEverything) {
  const json result = simulated([] {
    SwapBench bench({.kind = "zram"});
    return bench.run([&](Task& task) {
      SwapStore& store = bench.store();
      json answers;
      answers.push_back(bench.put(task, 0, 0, block(2000)));
      answers.push_back(bench.put(task, 1, 0, word(0x1122)));
      answers.push_back(bench.put(task, 2, 0, incompressible()));
      answers.push_back(bench.put(task, 3, 0, block(3624)));
      answers.push_back(bench.put(task, 4, 0, block(3625)));  // huge_class_size
      store.check();
      return json{{"answers", answers},
                  {"kinds", kinds(store, 6)},
                  {"word", store.find(1).word},
                  {"use", bench.use()},
                  {"pswpout", bench.vmstat.pswpout}};
    });
  });
  EXPECT_EQ(result["answers"], json({"stored", "stored", "stored", "stored", "stored"}));
  EXPECT_EQ(result["kinds"], json({Kind::kBlock, Kind::kSameFilled, Kind::kRaw, Kind::kBlock,
                                   Kind::kRaw, Kind::kNone}));
  EXPECT_EQ(result["word"], 0x1122);
  EXPECT_EQ(result["pswpout"], 5);
  // As mm_stat would say: pages, compressed bytes, frames (1 of class 2048, 2 raw, 8 of class
  // 3632).
  EXPECT_EQ(result["use"]["pages"], 5);
  EXPECT_EQ(result["use"]["same_filled"], 1);
  EXPECT_EQ(result["use"]["raw"], 2);
  EXPECT_EQ(result["use"]["compressed_bytes"], 2000 + 3624 + 2 * 4096);
  EXPECT_EQ(result["use"]["pool_frames"], 1 + 2 + 8);
  EXPECT_EQ(result["use"]["slots"], 5);
}

TEST(Zswap, RefusesWhatItCannotKeep) {
  const json result = simulated([] {
    SwapBench bench({.kind = "zswap"});
    return bench.run([&](Task& task) {
      json answers;
      answers.push_back(bench.put(task, 0, 0, block(2000)));
      answers.push_back(bench.put(task, 1, 0, word(0)));
      answers.push_back(bench.put(task, 2, 0, incompressible()));
      answers.push_back(bench.put(task, 3, 0, block(3625)));
      answers.push_back(bench.put(task, 4, 0, block(3626)));
      bench.store().check();
      return json{{"answers", answers},
                  {"use", bench.use()},
                  {"zswpout", bench.vmstat.zswpout},
                  {"pswpout", bench.vmstat.pswpout}};
    });
  });
  EXPECT_EQ(result["answers"], json({"stored", "stored", "rejected", "stored", "rejected"}));
  EXPECT_EQ(result["zswpout"], 3);
  EXPECT_EQ(result["pswpout"], 0);
  EXPECT_EQ(result["use"]["compress_poor"], 2);
  EXPECT_EQ(result["use"]["raw"], 0);
  EXPECT_EQ(result["use"]["pool_frames"], 1 + 1) << "3625 bytes take a whole page";
}

TEST(Zswap, APageOnItsWayToTheDeviceIsReadFromTheSwapCacheThenFromTheDevice) {
  const json result = simulated([] {
    SwapBench bench({.kind = "zswap"});
    return bench.run([&](Task& task) {
      SwapStore& store = bench.store();
      json at;
      store.write_to_device(task, 7, 3);
      at["submitted"] = now_ns();
      store.read_from_device(task, 7);
      task.settle();
      at["read_early"] = now_ns();
      at["pswpin_early"] = bench.vmstat.pswpin;
      bench.await_writes(task, 1);
      at["written"] = bench.sink.ended.at(0).at;
      const Ns before = now_ns();
      store.read_from_device(task, 7);
      task.settle();
      at["read"] = now_ns() - before;
      at["pswpin"] = bench.vmstat.pswpin;
      at["version"] = store.find(7).version;
      store.check();
      return at;
    });
  });
  const KernelCosts costs;
  const Ns data = 4096;
  EXPECT_EQ(result["submitted"], costs.block_io_ns);
  EXPECT_EQ(result["read_early"], costs.block_io_ns + costs.swap_cache_ns);
  EXPECT_EQ(result["pswpin_early"], 0);
  EXPECT_EQ(result["written"], costs.block_io_ns + 100'000 + 2 * data);
  EXPECT_EQ(result["read"], costs.block_io_ns + 100'000 + data + costs.irq_ns);
  EXPECT_EQ(result["pswpin"], 1);
  EXPECT_EQ(result["version"], 3);
}

}  // namespace
}  // namespace pagepress::reclaim
