// SPDX-License-Identifier: Apache-2.0
// Random operations on both stores, with small limits, devices and memory, against a std::map of
// what each page's copy must be.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"
#include "tests/reclaim/swap_bench.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;
using Kind = Copy::Kind;

constexpr PageId kPages = 600;

// What was stored last, by page. A page that is being written to the device waits for its end.
class Oracle {
 public:
  struct Entry {
    Version version;
    std::size_t bytes;  // of a block
    std::uint64_t word;
    Kind kind;
  };

  Oracle(SwapBench& bench, Task& task, std::uint64_t seed)
      : bench_(bench), task_(task), random_(seed) {}

  void step() {
    const auto page = static_cast<PageId>(random_() % kPages);
    take_ends();
    if (pending_.contains(page)) return;  // locked, or under writeback
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2:
      case 3:
        return put(page);
      case 4:
      case 5:
        return load(page);
      case 6:
        bench_.store().invalidate(page);
        copies_.erase(page);
        slots_.erase(page);
        return;
      default:
        task_.sleep(random_() % 20'000);
    }
  }

  // Copies of all pages, slots and the store's own sums.
  void check_all() {
    take_ends();
    std::uint64_t bytes = 0;
    std::uint64_t stored = 0;
    for (PageId page = 0; page != kPages; ++page) {
      const Kind kind = check(page);
      const auto found = copies_.find(page);
      if (kind == Kind::kBlock) bytes += found->second.bytes;
      if (kind == Kind::kRaw) bytes += sim::kPageBytes;
      if (kind != Kind::kNone && kind != Kind::kDevice) ++stored;
    }
    bench_.store().check();
    const SwapStore::Use use = bench_.store().use();
    expect(use.pages == stored, "pages stored");
    expect(use.compressed_bytes == bytes, "bytes");
    expect(use.slots == slots_.size(), "slots");
    expect(use.pool_frames + use.writeback_frames == bench_.frames.taken(), "frames");
  }

  void drop_all() {
    for (PageId page = 0; page != kPages; ++page) bench_.store().invalidate(page);
    task_.sleep(100'000'000);
    bench_.store().check();
    const SwapStore::Use use = bench_.store().use();
    expect(use.slots == 0 && use.pages == 0 && use.on_device == 0, "empty");
    expect(bench_.frames.taken() == 0, "frames given back");
    take_ends();
    expect(pending_.empty(), "each write ends");
  }

 private:
  static void expect(bool holds, const char* what) {
    if (!holds) throw ConservationError(fmt::format("not so: {}", what));
  }

  void put(PageId page) {
    const auto old = copies_.find(page);
    Entry entry{old == copies_.end() ? next_version_++ % 1000 : old->second.version + 1, 0, 0,
                Kind::kBlock};
    Compression compression = incompressible();
    const std::uint64_t draw = random_() % 10;
    if (draw == 0) {
      entry.word = random_() % 3;
      entry.kind = Kind::kSameFilled;
      compression = word(entry.word);
    } else if (draw == 1) {
      entry.kind = Kind::kRaw;
    } else {
      entry.bytes = random_() % 4096 + 1;
      compression = block(entry.bytes, static_cast<int>(random_() % 5));
      if (entry.bytes > (bench_.store().is_zram() ? 3624U : 3625U)) entry.kind = Kind::kRaw;
    }
    if (bench_.store().free_slots() != 0) slots_.insert(page);
    const std::string answer =
        bench_.put(task_, page, entry.version, compression, random_() % 2 == 0);
    if (answer == "stored") {
      copies_[page] = entry;
    } else if (!bench_.store().is_zram()) {
      copies_.erase(page);
      write(page, entry);
    } else if (!copies_.contains(page)) {
      slots_.erase(page);
    }
  }

  void write(PageId page, Entry entry) {
    bench_.store().write_to_device(task_, page, entry.version);
    pending_.insert(page);
    entry.kind = Kind::kDevice;
    if (slots_.contains(page)) copies_[page] = entry;
  }

  void take_ends() {
    for (; seen_ != bench_.sink.ended.size(); ++seen_) {
      const auto& ended = bench_.sink.ended[seen_];
      expect(pending_.erase(ended.page) == 1, "a write ends once");
      expect((ended.end == WriteEnd::kStored) == slots_.contains(ended.page),
             "writes fail for want of a slot");
    }
  }

  void load(PageId page) {
    switch (check(page)) {
      case Kind::kNone:
        return;
      case Kind::kDevice:
        return bench_.store().read_from_device(task_, page);
      default:
        return bench_.store().note_loaded(task_, page);
    }
  }

  // zswap may have written a block back meanwhile.
  Kind check(PageId page) {
    const Copy copy = bench_.store().find(page);
    const auto found = copies_.find(page);
    if (found == copies_.end()) {
      expect(copy.kind == Kind::kNone, "no copy of a page that has none");
      return Kind::kNone;
    }
    const Entry& entry = found->second;
    expect(copy.version == entry.version, "version");
    if (copy.kind == Kind::kDevice && entry.kind == Kind::kBlock) return Kind::kDevice;
    expect(copy.kind == entry.kind, "kind");
    if (entry.kind == Kind::kBlock) expect(copy.block.size() == entry.bytes, "length");
    if (entry.kind == Kind::kSameFilled) expect(copy.word == entry.word, "word");
    return copy.kind;
  }

  SwapBench& bench_;
  Task& task_;
  std::mt19937_64 random_;
  std::map<PageId, Entry> copies_;
  std::set<PageId> slots_;
  std::set<PageId> pending_;
  std::size_t seen_ = 0;
  Version next_version_ = 0;
};

json play(const BenchConfig& config, std::uint64_t seed) {
  return simulated([&] {
    SwapBench bench(config);
    bench.frames.reserve = 8;
    return bench.run([&](Task& task) {
      Oracle oracle(bench, task, seed);
      for (int i = 0; i != 30'000; ++i) {
        oracle.step();
        if (i % 500 == 0) oracle.check_all();
      }
      oracle.check_all();
      const json use = bench.use();
      oracle.drop_all();
      return json{{"use", use},
                  {"now", now_ns()},
                  {"zswpout", bench.vmstat.zswpout},
                  {"pswpin", bench.vmstat.pswpin},
                  {"pswpout", bench.vmstat.pswpout},
                  {"zswpwb", bench.vmstat.zswpwb}};
    });
  });
}

TEST(SwapRandom, ZramWithLittleMemoryAndFewSlots) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const json result = play({.kind = "zram", .frames = 150, .device_mib = 1}, seed);
    EXPECT_GT(result["use"]["no_memory"], 100);
    EXPECT_GT(result["use"]["no_slot"], 100);
  }
}

TEST(SwapRandom, ZswapWithASmallPoolAndASlowDevice) {
  for (const bool shrinker : {false, true}) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      const json result = play({.kind = "zswap",
                                .frames = 400,
                                .device_mib = 4,
                                .shrinker = shrinker,
                                .max_pool_percent = 25,
                                .queue_depth = 4,
                                .requests = 6},
                               seed);
      EXPECT_GT(result["use"]["limit_hit"], 100);
      EXPECT_GT(result["use"]["compress_poor"], 100);
      EXPECT_EQ(result["zswpwb"].get<int>() > 100, shrinker);
      EXPECT_GT(result["pswpin"], 100);
    }
  }
}

TEST(SwapRandom, ZswapWithAFullDeviceAndLittleMemory) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const json result = play(
        {.kind = "zswap", .frames = 60, .device_mib = 1, .shrinker = true, .max_pool_percent = 90},
        seed);
    EXPECT_GT(result["use"]["no_memory"], 100);
    EXPECT_GT(result["use"]["no_slot"], 100);
  }
}

TEST(SwapRandom, TheSameAgainIsTheSame) {
  const BenchConfig config = {.kind = "zswap", .frames = 400, .shrinker = true};
  EXPECT_EQ(play(config, 9), play(config, 9));
}

}  // namespace
}  // namespace pagepress::reclaim
