// SPDX-License-Identifier: Apache-2.0
// What becomes of the copy in swap of a page that is read back and not changed.
#include <gtest/gtest.h>

#include <tuple>

#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr std::size_t kPages = 8'192;  // 32 MiB, of 16 MiB

struct Setting {
  const char* name;
  bool keeps;      // memory.swap_in_keeps_copy
  bool on_device;  // the copy was on a swap device, behind zswap
  std::uint64_t slots = 4 * kPages;
};
std::ostream& operator<<(std::ostream& out, const Setting& setting) { return out << setting.name; }

class SwapIn : public testing::TestWithParam<std::tuple<Setting, const char*>> {};

TEST_P(SwapIn, KeepsTheCopyOrNot) {
  const auto& [setting, lru] = GetParam();
  MachineConfig config;
  config.memory.zones = {{.name = "Normal", .managed_mib = 16}};
  config.memory.lru = lru;
  config.memory.swap_in_keeps_copy = setting.keeps;
  config.swap.on_device = setting.on_device;
  config.swap.slots = setting.slots;
  const json result = simulated([&] {
    Machine machine(config);
    const PageId first = machine.mm.add_region(PageType::kAnonymous, kPages);
    json seen;
    machine.program("app", [&](Task& task) {
      const auto touch_all = [&](bool write) {
        for (PageId page = first; page < first + kPages; ++page) {
          machine.mm.touch(task, page, write);
          task.run(1'000);
        }
      };
      touch_all(true);
      require(machine.mm.place(first) == Mm::Place::kSwap, "the first page is in swap only");
      machine.mm.touch(task, first, false);
      seen["copy"] = machine.swap.has_copy(first);
      machine.mm.touch(task, first + 1, true);
      seen["copy_of_a_changed_page"] = machine.swap.has_copy(first + 1);
      machine.mm.check();
      touch_all(false);
      const std::uint64_t before = machine.swap.folios;
      touch_all(false);
      seen["written"] = machine.swap.folios - before;
    });
    machine.run();
    return seen;
  });
  // vm_swap_full(): a slot is too dear for a page that is in memory.
  const bool full = setting.slots < kPages;
  const bool kept = (setting.keeps || setting.on_device) && !full;
  EXPECT_EQ(result["copy"], kept);
  EXPECT_EQ(result["copy_of_a_changed_page"], false);
  if (kept) {
    EXPECT_EQ(result["written"], 0) << "pages that nobody has changed";
  } else {
    EXPECT_GT(result["written"], kPages / 4);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Settings, SwapIn,
    testing::Combine(testing::Values(Setting{"exclusive", false, false},
                                     Setting{"inclusive", true, false},
                                     Setting{"device", false, true},
                                     Setting{"device_inclusive", true, true},
                                     Setting{"full_inclusive", true, false, kPages * 3 / 4},
                                     Setting{"full_device", false, true, kPages * 3 / 4}),
                     testing::Values("classic", "mglru")),
    [](const auto& of) {
      return std::string(std::get<0>(of.param).name) + "_" + std::get<1>(of.param);
    });

}  // namespace
}  // namespace pagepress::reclaim
