// SPDX-License-Identifier: Apache-2.0
// The table of settings is whole: each field of each struct of a scenario has a row there, so that
// it can be set, is checked, and is in results.json with its source.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "sim/reclaim/scenario/element_settings.hpp"
#include "sim/reclaim/scenario/settings.hpp"
#include "tests/reclaim/field_count.hpp"

namespace pagepress::reclaim {
namespace {

struct Three {
  int a = 1;
  std::string b;
  std::vector<double> c;
};
static_assert(field_count<Three>() == 3);

// Fields that rows of a section are about, each counted once however many rows name it.
std::map<std::string, std::size_t> fields_by_section() {
  Scenario scenario;
  std::map<std::string, std::set<const void*>> fields;
  for_each_setting(scenario, [&](const sim::SettingInfo& info, const auto& field) {
    fields[std::string(info.section)].insert(&field);
  });
  std::map<std::string, std::size_t> counts;
  for (const auto& [section, found] : fields) counts[section] = found.size();
  return counts;
}

TEST(SettingsTable, HasEveryFieldOfEveryStruct) {
  auto rows = fields_by_section();
  // Lists of elements have tables of their own.
  EXPECT_EQ(rows["cpu"], field_count<SchedulerConfig>() - 1) << "without cores";
  EXPECT_EQ(rows["memory"], field_count<MmConfig>() - 1) << "without zones";
  EXPECT_EQ(rows["workload"], field_count<WorkloadConfig>() - 1) << "without programs";
  EXPECT_EQ(rows["costs"], field_count<KernelCosts>());
  EXPECT_EQ(rows["steps"], field_count<CpuCosts>());
  EXPECT_EQ(rows["store"], field_count<StoreConfig>());
  EXPECT_EQ(rows["device"], field_count<SwapDeviceConfig>());
  EXPECT_EQ(rows["engine"], field_count<EngineConfig>());
  EXPECT_EQ(rows["energy"], field_count<EnergyConfig>());
  EXPECT_EQ(rows["grid"], field_count<GridConfig>());
}

template <typename Element>
std::size_t rows_of() {
  Element element;
  std::size_t rows = 0;
  for_each_element_setting(element, [&](const sim::SettingInfo&, const auto&) { ++rows; });
  return rows;
}

TEST(SettingsTable, HasEveryFieldOfElements) {
  EXPECT_EQ(rows_of<CoreKind>(), field_count<CoreKind>());
  EXPECT_EQ(rows_of<ZoneConfig>(), field_count<ZoneConfig>());
  EXPECT_EQ(rows_of<ProgramConfig>(), field_count<ProgramConfig>());
}

}  // namespace
}  // namespace pagepress::reclaim
