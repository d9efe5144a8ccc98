// SPDX-License-Identifier: Apache-2.0
// The audit at a run's end can fail: a store that has lost, changed, mixed up or invented one copy.
// The memory is real, its swap a table; the store that is audited says of each page what the test
// has it say.
#include "sim/reclaim/run/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <pagepress/cpu_codecs.hpp>

#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr std::size_t kPages = 3'000;
constexpr std::uint32_t kContents = 64;

std::unique_ptr<Codec> lz4() {
  const auto codecs = cpu_codecs();
  const auto found = std::find_if(codecs.begin(), codecs.end(),
                                  [](const CpuCodec& one) { return one.name == "cpu:lz4"; });
  return make_cpu_codec(found->make(found->standard_level()));
}

// What it is told to have.
class ToldStore final : public SwapStore {
 public:
  bool is_zram() const noexcept override { return true; }
  bool reserve_slot(PageId) override { return true; }
  bool accepts() override { return true; }
  Stored refuse(Task&, PageId) override { return Stored::kFailed; }
  Stored store(Task&, PageId, Version, const Completion&, std::span<const std::byte>,
               bool) override {
    return Stored::kFailed;
  }
  void write_to_device(Task&, PageId, Version) override {}
  Copy find(PageId page) const override {
    const auto found = copies.find(page);
    return found == copies.end() ? Copy{} : found->second;
  }
  void read_from_device(Task&, PageId) override {}
  void note_loaded(Task&, PageId) override {}
  void invalidate(PageId page) override { copies.erase(page); }
  std::uint64_t free_slots() const noexcept override { return 0; }
  BlockVault& vault() noexcept override { return vault_; }
  Use use() const override {
    Use use;
    use.pages = use.slots = copies.size();
    return use;
  }
  void check() const override {}

  std::map<PageId, Copy> copies;

 private:
  BlockVault vault_{kContents};
};

struct Audited {
  Audited() : pages_(kContents), contents(make_views()) {
    for (std::uint32_t index = 0; index < kContents; ++index) {
      for (std::size_t at = 0; at < pages_[index].size(); ++at) {
        pages_[index][at] = static_cast<std::uint8_t>('a' + (at % 97 * (index + 3) + at / 97) % 26);
      }
      blocks.push_back(compress(pages_[index]));
    }
    std::vector<std::uint32_t> map(kPages + 1);
    for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<std::uint32_t>(i % kContents);
    contents.add_region(0, kPages + 1, std::move(map));
  }

  // Copies of what is in swap, as they should be.
  void fill(const Mm& mm) {
    for (PageId page = 0; page < kPages; ++page) {
      if (mm.place(page) != Mm::Place::kSwap) continue;
      const Version version = mm.version(page);
      store.copies[page] = copy_of(page, version);
    }
    require(store.copies.size() > 500, "many pages are in swap");
  }

  Copy copy_of(PageId page, Version version) const {
    Copy copy;
    copy.kind = Copy::Kind::kBlock;
    copy.version = version;
    copy.block = blocks[contents.index(page, version)];
    return copy;
  }

  using Page = std::array<std::uint8_t, sim::kPageBytes>;
  std::vector<Page> pages_;
  Contents contents;
  std::vector<std::vector<std::byte>> blocks;
  std::unique_ptr<Codec> codec = lz4();
  ToldStore store;

 private:
  std::vector<sim::PageView> make_views() const {
    std::vector<sim::PageView> views;
    for (const Page& page : pages_) views.emplace_back(page.data(), page.size());
    return views;
  }
  static std::vector<std::byte> compress(const Page& page) {
    const auto codec = lz4();
    std::vector<std::byte> block(kPageSize);
    Request request;
    request.src = page.data();
    request.dst = block.data();
    request.capacity = static_cast<std::uint32_t>(block.size());
    require(codec->submit({&request, 1}) == 1, "submitted");
    Completion done;
    require(codec->poll({&done, 1}) == 1 && done.status == Status::kOk, "compressed");
    block.resize(done.out_len);
    return block;
  }
};

// What the audit says of a memory half of which is in swap, once `spoil` has had the store and a
// page that is in swap; `spoil` says which page is to be named. Empty: nothing. The last page of
// memory was never touched.
using Spoil = std::function<PageId(Audited&, PageId)>;
std::string verdict(const Spoil& spoil) {
  const json result = simulated([&] {
    MachineConfig config;
    config.memory.zones = {{.name = "Normal", .managed_mib = 8}};
    config.swap.pages_a_frame = 0;
    Machine machine(config);
    const PageId first = machine.mm.add_region(PageType::kAnonymous, kPages + 1);
    machine.program("app", [&](Task& task) {
      for (std::size_t i = 0; i < kPages; ++i) {
        machine.mm.touch(task, static_cast<PageId>(first + i), true);
        task.charge(1'000);
      }
      task.sleep(1'000'000'000);
    });
    machine.run();
    Audited audited;
    audited.fill(machine.mm);
    auto chosen = audited.store.copies.begin();
    std::advance(chosen, 100);
    const PageId page = spoil(audited, chosen->first);
    json out = {{"page", page}, {"error", ""}};
    try {
      audit(machine.mm, audited.store, audited.contents, *audited.codec);
    } catch (const ConservationError& error) {
      out["error"] = error.what();
    }
    return out;
  });
  const std::string error = result["error"];
  if (error.empty()) return error;
  EXPECT_THAT(error, HasSubstr(std::to_string(result["page"].get<PageId>()))) << "names the page";
  return error;
}

std::string verdict_on_copy(const std::function<void(Audited&, PageId, Copy&)>& change) {
  return verdict([&](Audited& audited, PageId page) {
    change(audited, page, audited.store.copies.at(page));
    return page;
  });
}

TEST(Audit, IsContentWithWhatItShouldBe) {
  EXPECT_EQ(verdict_on_copy([](Audited&, PageId, Copy&) {}), "");
}

TEST(Audit, FindsACorruptedBlock) {
  std::vector<std::byte> block;
  const auto flip = [&](Audited&, PageId, Copy& copy) {
    block.assign(copy.block.begin(), copy.block.end());
    block[block.size() / 2] ^= std::byte{0x10};
    copy.block = block;
  };
  EXPECT_NE(verdict_on_copy(flip), "");
}

TEST(Audit, FindsABlockThatIsTorn) {
  const auto tear = [](Audited&, PageId, Copy& copy) {
    copy.block = copy.block.first(copy.block.size() - 6);
  };
  EXPECT_NE(verdict_on_copy(tear), "");
}

TEST(Audit, FindsTheBlockOfAnotherPage) {
  const auto mix_up = [](Audited& audited, PageId page, Copy& copy) {
    const std::uint32_t index = audited.contents.index(page, copy.version);
    copy.block = audited.blocks[(index + 1) % kContents];
  };
  EXPECT_NE(verdict_on_copy(mix_up), "");
}

TEST(Audit, FindsALostPage) {
  const auto lose = [](Audited& audited, PageId page, Copy&) { audited.store.copies.erase(page); };
  EXPECT_NE(verdict_on_copy(lose), "");
}

TEST(Audit, FindsACopyOfAnotherVersion) {
  EXPECT_NE(verdict_on_copy([](Audited&, PageId, Copy& copy) { ++copy.version; }), "");
}

TEST(Audit, FindsAPageThatIsSaidToBeFilled) {
  const auto fill = [](Audited&, PageId, Copy& copy) {
    copy.kind = Copy::Kind::kSameFilled;
    copy.word = 0;
  };
  EXPECT_NE(verdict_on_copy(fill), "");
}

TEST(Audit, FindsACopyOfAPageThatNobodyHas) {
  const auto invent = [](Audited& audited, PageId) {
    constexpr PageId kUntouched = kPages;
    audited.store.copies[kUntouched] = audited.copy_of(kUntouched, 0);
    return kUntouched;
  };
  EXPECT_NE(verdict(invent), "");
}

}  // namespace
}  // namespace pagepress::reclaim
