// SPDX-License-Identifier: Apache-2.0
// zram, and what both stores have in common: what is kept, refused and counted, and CPU time.
#include "sim/reclaim/swap/swap_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "sim/reclaim/conservation.hpp"
#include "tests/reclaim/swap_bench.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;
using Kind = Copy::Kind;

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
                  {"kinds", bench.kinds(6)},
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

TEST(SwapStore, ADuplicateStoreReplacesTheCopyAndOlderVersionsAreAnError) {
  for (const char* kind : {"zswap", "zram"}) {
    const json result = simulated([kind] {
      SwapBench bench({.kind = kind});
      return bench.run([&](Task& task) {
        SwapStore& store = bench.store();
        bench.put(task, 5, 1, block(2000));
        bench.put(task, 5, 1, block(1000));
        bench.put(task, 5, 2, block(500));
        json seen = {{"use", bench.use()}, {"version", store.find(5).version}};
        seen["bytes"] = store.find(5).block.size();
        try {
          bench.put(task, 5, 1, block(2000));
        } catch (const ConservationError& error) {
          seen["error"] = error.what();
        }
        store.invalidate(5);
        store.invalidate(5);
        store.invalidate(2999);
        store.check();
        seen["after"] = bench.use();
        seen["frames"] = bench.frames.taken();
        return seen;
      });
    });
    EXPECT_EQ(result["version"], 2);
    EXPECT_EQ(result["bytes"], 500);
    EXPECT_EQ(result["use"]["pages"], 1);
    EXPECT_EQ(result["use"]["compressed_bytes"], 500);
    EXPECT_EQ(result["error"], "page 5: version 1 is stored where version 2 already is");
    EXPECT_EQ(result["after"]["slots"], 0);
    EXPECT_EQ(result["frames"], 0);
  }
}

TEST(SwapStore, WhatIsNotThereCannotBeLoaded) {
  for (const char* kind : {"zswap", "zram"}) {
    const json result = simulated([kind] {
      SwapBench bench({.kind = kind});
      return bench.run([&](Task& task) {
        SwapStore& store = bench.store();
        bench.put(task, 1, 0, block(100));
        const auto error_of = [](const std::function<void()>& act) -> std::string {
          try {
            act();
          } catch (const ConservationError& error) {
            return error.what();
          }
          return {};
        };
        return json{error_of([&] { store.note_loaded(task, 1); }),
                    error_of([&] { store.note_loaded(task, 2); }),
                    error_of([&] { store.read_from_device(task, 1); }),
                    error_of([&] { store.read_from_device(task, 2); })};
      });
    });
    EXPECT_EQ(result[0], "");
    EXPECT_EQ(result[1], "page 2 was loaded, but no copy of it is stored");
    EXPECT_THAT(result[2], testing::HasSubstr("page 1 is"));
    EXPECT_THAT(result[3], testing::HasSubstr("page 2 is"));
  }
}

TEST(SwapStore, CpuTimeIsTheKernelsSteps) {
  const KernelCosts costs;
  const Ns stored = costs.tree_ns + costs.zs_malloc_ns + costs.copy_ns_per_kib * 2048 / 1024;
  const Ns raw = costs.tree_ns + costs.zs_malloc_ns + costs.copy_ns_per_kib * 4;
  for (const char* kind : {"zswap", "zram"}) {
    const json result = simulated([kind] {
      SwapBench bench({.kind = kind});
      return bench.run([&](Task& task) {
        json spent;
        const auto measure = [&](const std::function<void()>& act) {
          task.settle();
          const Ns before = now_ns();
          act();
          task.settle();
          spent.push_back(now_ns() - before);
        };
        measure([&] { bench.put(task, 0, 0, block(2048)); });
        measure([&] { bench.put(task, 1, 0, word(1)); });
        measure([&] { bench.put(task, 2, 0, incompressible()); });
        measure([&] { bench.store().note_loaded(task, 0); });
        return spent;
      });
    });
    const bool zram = std::string(kind) == "zram";
    EXPECT_EQ(result, json({stored, costs.tree_ns, zram ? raw : costs.tree_ns, costs.tree_ns}));
  }
}

TEST(SwapStore, WithoutASlotNothingIsKept) {
  for (const char* kind : {"zswap", "zram"}) {
    const json result = simulated([kind] {
      SwapBench bench({.kind = kind, .device_mib = 1});
      return bench.run([&](Task& task) {
        SwapStore& store = bench.store();
        json seen = {{"free", store.free_slots()}};
        for (PageId page = 0; page != 255; ++page) bench.put(task, page, 0, block(100));
        seen["full"] = bench.put(task, 255, 0, block(100));
        seen["again"] = bench.put(task, 0, 1, block(100));
        seen["reserve"] = store.reserve_slot(256);
        seen["kept"] = store.reserve_slot(3);
        store.invalidate(9);
        seen["reserve_freed"] = store.reserve_slot(256);
        seen["taken"] = bench.put(task, 255, 0, block(100));
        seen["reserved"] = bench.put(task, 256, 0, block(100));
        seen["left"] = store.free_slots();
        if (!store.is_zram()) {
          store.write_to_device(task, 9, 4);
          seen["inside"] = bench.sink.ended.size();
          bench.await_writes(task, 1);
          seen["ended"] = static_cast<int>(bench.sink.ended.at(0).end);
          seen["kind"] = static_cast<int>(store.find(9).kind);
        }
        seen["use"] = bench.use();
        store.check();
        return seen;
      });
    });
    const bool zram = std::string(kind) == "zram";
    EXPECT_EQ(result["free"], 255) << "a MiB without its header";
    EXPECT_EQ(result["full"], zram ? "failed" : "rejected");
    EXPECT_EQ(result["again"], "stored");
    EXPECT_EQ(result["reserve"], false);
    EXPECT_EQ(result["kept"], true);
    EXPECT_EQ(result["reserve_freed"], true);
    EXPECT_EQ(result["taken"], zram ? "failed" : "rejected") << "the slot is reserved";
    EXPECT_EQ(result["reserved"], "stored");
    EXPECT_EQ(result["left"], 0);
    EXPECT_EQ(result["use"]["no_slot"], 2);
    if (zram) continue;
    EXPECT_EQ(result["inside"], 0);
    EXPECT_EQ(result["ended"], WriteEnd::kFailed);
    EXPECT_EQ(result["kind"], Kind::kNone);
  }
}

TEST(SwapStore, WithoutFramesItSaysNo) {
  for (const char* kind : {"zswap", "zram"}) {
    const json result = simulated([kind] {
      SwapBench bench({.kind = kind, .frames = 10, .max_pool_percent = 100});
      bench.frames.reserve = 4;
      return bench.run([&](Task& task) {
        json answers;
        bench.put(task, 9, 0, block(4000 / 16));
        answers.push_back(bench.put(task, 1, 0, block(3500), true));   // 9 frames a zspage of 3632
        answers.push_back(bench.put(task, 1, 0, block(2000), false));  // 1 of 2048
        answers.push_back(bench.put(task, 2, 0, block(2600), false));  // 2 of 2720
        answers.push_back(bench.put(task, 3, 0, block(1000), true));
        bench.store().check();
        return json{{"answers", answers}, {"use", bench.use()}, {"taken", bench.frames.taken()}};
      });
    });
    const std::string no = std::string(kind) == "zram" ? "failed" : "rejected";
    EXPECT_EQ(result["use"]["pool_frames"], result["taken"]);
    EXPECT_GT(result["use"]["no_memory"], 0);
    EXPECT_THAT(result["answers"].dump(), testing::HasSubstr(no));
    EXPECT_EQ(result["answers"][3], "stored") << "PF_MEMALLOC";
  }
}

TEST(SwapStore, WrongSettingsAreNamed) {
  const auto error_of = [](const std::function<void(StoreConfig&, SwapDeviceConfig&)>& spoil) {
    return simulated([&] {
             StoreConfig store;
             store.shrinker = false;
             SwapDeviceConfig device;
             spoil(store, device);
             return SwapBench::error_of(store, device);
           })
        .get<std::string>();
  };
  EXPECT_EQ(error_of([](auto&, auto&) {}), "");
  EXPECT_EQ(error_of([](auto& store, auto&) { store.kind = "zcache"; }),
            "store.kind is \"zcache\", but must be zswap or zram");
  const auto names = [&](const char* name, auto spoil) {
    EXPECT_THAT(error_of(spoil), testing::HasSubstr(name));
  };
  names("store.limit_bytes", [](auto& store, auto&) { store.limit_bytes = 4097; });
  names("store.limit_bytes", [](auto& store, auto&) { store.limit_bytes = 0; });
  names("store.max_pool_percent", [](auto& store, auto&) { store.max_pool_percent = 0; });
  names("store.max_pool_percent", [](auto& store, auto&) { store.max_pool_percent = 101; });
  names("store.accept_threshold_percent",
        [](auto& store, auto&) { store.accept_threshold_percent = 101; });
  names("store.zsmalloc", [](auto& store, auto&) { store.zsmalloc = "5.4"; });
  names("store.zspage_chain", [](auto& store, auto&) { store.zspage_chain = 3; });
  names("device.size_mib", [](auto&, auto& device) { device.size_mib = 0; });
  names("device.size_mib", [](auto&, auto& device) { device.size_mib = 1 << 25; });
  names("device.queue_depth", [](auto&, auto& device) { device.queue_depth = 0; });
  names("device.requests", [](auto&, auto& device) { device.requests = 0; });
  names("device.read_bytes_per_ns", [](auto&, auto& device) { device.read_bytes_per_ns = 0; });
  names("device.write_bytes_per_ns", [](auto&, auto& device) { device.write_bytes_per_ns = -1; });
}

}  // namespace
}  // namespace pagepress::reclaim
