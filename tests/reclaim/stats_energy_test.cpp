// SPDX-License-Identifier: Apache-2.0
// Energy and counters' names: figures that can be checked by hand.
#include "sim/reclaim/stats/energy.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "sim/reclaim/stats/vmstat.hpp"

namespace pagepress::reclaim {
namespace {

constexpr Ns kSecond = 1'000'000'000;

TEST(Energy, CoresAreBusyOrIdle) {
  const EnergyUse use =
      energy_use({.duration_ns = 2 * kSecond,
                  .cores = {{.busy_ns = kSecond, .active_mw = 1000, .idle_mw = 20},
                            {.busy_ns = 0, .active_mw = 370, .idle_mw = 7}}},
                 {});
  EXPECT_DOUBLE_EQ(use.cpu, 1000 + 20 + 14);
  EXPECT_DOUBLE_EQ(use.engine + use.dram + use.link + use.device, 0);
}

TEST(Energy, EnginesBytesAndPagesCount) {
  const EnergyConfig config = {.engine_active_mw = 50,
                               .engine_idle_mw = 2,
                               .dram_pj_per_byte = 40,
                               .link_pj_per_byte = 4,
                               .device_uj_per_page = 20};
  const EnergyUse use = energy_use({.duration_ns = kSecond,
                                    .engines = 2,
                                    .engine_busy_ns = kSecond / 2,
                                    .dram_bytes = 1'000'000'000,
                                    .link_bytes = 500'000'000,
                                    .device_pages = 1000},
                                   config);
  EXPECT_DOUBLE_EQ(use.engine, 25 + 3);
  EXPECT_DOUBLE_EQ(use.dram, 40);
  EXPECT_DOUBLE_EQ(use.link, 2);
  EXPECT_DOUBLE_EQ(use.device, 20);
  EXPECT_DOUBLE_EQ(use.cpu, 0);
}

TEST(Energy, NothingIsBusyLongerThanTheRun) {
  EXPECT_THROW((void)energy_use({.duration_ns = 10, .cores = {{.busy_ns = 11}}}, {}),
               std::invalid_argument);
  EXPECT_THROW((void)energy_use({.duration_ns = 10, .engines = 2, .engine_busy_ns = 21}, {}),
               std::invalid_argument);
  EXPECT_THROW((void)energy_use({.duration_ns = 10, .engine_busy_ns = 1}, {}),
               std::invalid_argument)
      << "there is no engine";
}

TEST(Vmstat, EachCounterHasItsName) {
  Vmstat counters;
  std::uint64_t next = 1;
  std::set<std::string_view> names;
  for (const VmstatName& name : vmstat_names()) {
    counters.*name.value = next++;
    names.insert(name.name);
  }
  EXPECT_EQ(names.size(), next - 1);
  EXPECT_EQ(counters.pgfault, 1u);
  EXPECT_EQ(counters.write_activated, next - 1);
  for (const VmstatName& name : vmstat_names()) {
    if (name.name == "pgsteal_anon") EXPECT_EQ(counters.*name.value, counters.pgsteal_anon);
    if (name.name == "zswpout") EXPECT_EQ(counters.*name.value, counters.zswpout);
  }
}

}  // namespace
}  // namespace pagepress::reclaim
