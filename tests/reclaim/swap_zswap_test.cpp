// SPDX-License-Identifier: Apache-2.0
// zswap: what it refuses, when; the swap device behind it, and writeback to that.
#include "sim/reclaim/swap/zswap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reclaim/swap_bench.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;
using Kind = Copy::Kind;

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

TEST(Zswap, TheEndOfAnOlderWriteIsNotThatOfALaterOne) {
  const json result = simulated([] {
    SwapBench bench({.kind = "zswap"});
    return bench.run([&](Task& task) {
      SwapStore& store = bench.store();
      store.write_to_device(task, 7, 1);
      store.invalidate(7);
      store.write_to_device(task, 7, 2);
      task.sleep(100'000 + 4096 * 2 - 1'000);  // the first has ended
      json seen = {{"ended", bench.sink.ended.size()}};
      store.read_from_device(task, 7);
      seen["early"] = bench.vmstat.pswpin;
      bench.await_writes(task, 2);
      store.read_from_device(task, 7);
      seen["late"] = bench.vmstat.pswpin;
      return seen;
    });
  });
  EXPECT_EQ(result, json({{"ended", 1}, {"early", 0}, {"late", 1}}));
}

TEST(Zswap, WhoWritesMoreThanThereAreRequestsWaits) {
  const json result = simulated([] {
    SwapBench bench({.kind = "zswap", .requests = 2});
    return bench.run([&](Task& task) {
      json at;
      for (PageId page = 0; page != 4; ++page) {
        bench.store().write_to_device(task, page, 0);
        at.push_back(now_ns());
      }
      bench.await_writes(task, 4);
      return json{{"submitted", at}, {"ended", {bench.sink.ended[0].at, bench.sink.ended[1].at}}};
    });
  });
  const Ns submit = KernelCosts().block_io_ns;
  const Ns first = submit + 100'000 + 2 * 4096;
  EXPECT_EQ(result["ended"], json({first, first + 2 * 4096}));
  EXPECT_EQ(result["submitted"], json({submit, 2 * submit, first, first + 2 * 4096}));
}

TEST(Zswap, OnceFullItRefusesUntilBelowTheThreshold) {
  const json result = simulated([] {
    SwapBench bench({.frames = 100, .max_pool_percent = 20});  // 20 frames, threshold 18
    return bench.run([&](Task& task) {
      json seen;
      PageId page = 0;
      while (bench.put(task, page, 0, block(3625)) == "stored") ++page;  // a frame each
      seen["stored"] = page;
      bench.store().invalidate(0);
      seen["at_19"] = bench.put(task, 100, 0, block(3625));
      seen["word_at_19"] = bench.put(task, 101, 0, word(0));
      bench.store().invalidate(1);
      seen["at_18"] = bench.put(task, 102, 0, block(3625));
      seen["again_at_19"] = bench.put(task, 103, 0, block(3625));
      seen["at_20"] = bench.put(task, 104, 0, block(3625));
      seen["use"] = bench.use();
      return seen;
    });
  });
  EXPECT_EQ(result["stored"], 20);
  EXPECT_EQ(result["at_19"], "rejected");
  EXPECT_EQ(result["word_at_19"], "rejected");
  EXPECT_EQ(result["at_18"], "stored");
  EXPECT_EQ(result["again_at_19"], "stored");
  EXPECT_EQ(result["at_20"], "rejected");
  EXPECT_EQ(result["use"]["limit_hit"], 4);
}

TEST(Zswap, TheLimitMakesItWriteItsOldestPagesBack) {
  const json result = simulated([] {
    SwapBench bench({.frames = 200, .shrinker = true, .max_pool_percent = 50});  // 100, 90
    return bench.run([&](Task& task) {
      SwapStore& store = bench.store();
      for (PageId page = 0; page != 100; ++page) bench.put(task, page, 0, block(3625));
      store.note_loaded(task, 3);  // used: the newest now
      json seen = {{"refused", bench.put(task, 100, 0, block(3625))}};
      task.sleep(10'000'000);
      seen["use"] = bench.use();
      seen["zswpwb"] = bench.vmstat.zswpwb;
      seen["pswpout"] = bench.vmstat.pswpout;
      seen["kinds"] = bench.kinds(30);
      seen["frames"] = bench.frames.taken();
      seen["ended"] = bench.sink.ended.size();
      seen["taken"] = bench.put(task, 100, 0, block(3625));
      store.read_from_device(task, 5);
      store.note_loaded(task, 6);  // who had begun to decompress it before
      store.check();
      return seen;
    });
  });
  EXPECT_EQ(result["refused"], "rejected");
  // Walks of 32 entries: three and 4 of the fourth for the second chance, the other 28 are written.
  EXPECT_EQ(result["use"]["written_back"], 28);
  EXPECT_EQ(result["zswpwb"], 28);
  EXPECT_EQ(result["pswpout"], 28);
  EXPECT_EQ(result["use"]["on_device"], 28);
  EXPECT_EQ(result["frames"], 100 - 28) << "those of the pages under writeback are back";
  EXPECT_EQ(result["ended"], 0) << "no folio of Mm's";
  EXPECT_EQ(result["taken"], "stored");
  json expected(30, Kind::kDevice);
  expected[3] = expected[29] = Kind::kBlock;
  EXPECT_EQ(result["kinds"], expected);
}

}  // namespace
}  // namespace pagepress::reclaim
