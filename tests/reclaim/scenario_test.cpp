// SPDX-License-Identifier: Apache-2.0
// Scenarios: what is shipped has sources, files and overrides set what they name, and errors name
// file, line, key and range.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/reclaim/scenario/load.hpp"
#include "sim/reclaim/scenario/shipped_files.hpp"
#include "tests/app/temporary_folder.hpp"
#include "tests/sim/thrown.hpp"

namespace pagepress::reclaim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ScenarioFile : public ::testing::Test {
 protected:
  Scenario load(const std::string& text) {
    std::ofstream(file_) << text;
    Scenario scenario = load_scenario(file_.string());
    check(scenario);
    return scenario;
  }
  std::string error_of(const std::string& text) {
    return sim::testing::thrown<sim::ConfigError>([&] { return load(text); });
  }
  static std::string override_error(const std::string& text) {
    return sim::testing::thrown<sim::ConfigError>([&] {
      Scenario scenario = load_scenario("tiny");
      apply_override(scenario, text);
      return 0;
    });
  }
  std::string at(int line) const { return file_.string() + ":" + std::to_string(line) + ": "; }

  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "mine.toml";
};

// Numbers and lists of them that no `source` stands beside.
void find_unsourced(const toml::node& node, const std::string& name,
                    std::vector<std::string>& unsourced) {
  if (const toml::table* const table = node.as_table()) {
    if (table->contains("value")) {
      if ((*table)["source"].value_or<std::string>("").empty()) unsourced.push_back(name);
      return;
    }
    for (const auto& [key, value] : *table) {
      find_unsourced(value, name + "." + std::string(key.str()), unsourced);
    }
  } else if (const toml::array* const array = node.as_array()) {
    for (const toml::node& element : *array) find_unsourced(element, name, unsourced);
  } else if (!node.is_string()) {
    unsourced.push_back(name);
  }
}

TEST(ShippedScenarios, EveryNumberHasASource) {
  ASSERT_EQ(shipped_files().size(), 9);
  for (const ShippedFile& file : shipped_files()) {
    std::vector<std::string> unsourced;
    find_unsourced(toml::parse(file.toml), std::string(file.name), unsourced);
    EXPECT_THAT(unsourced, ::testing::IsEmpty());
  }
}

TEST(ShippedScenarios, AreSoundAndDescribed) {
  const auto names = scenario_names();
  ASSERT_EQ(names.size(), shipped_files().size());
  for (const ScenarioName& name : names) {
    SCOPED_TRACE(name.name);
    EXPECT_NE(name.summary, "");
    const Scenario scenario = load_scenario(name.name);
    EXPECT_NO_THROW(check(scenario));
    EXPECT_EQ(scenario.name, name.name);
  }
}

TEST(ShippedScenarios, DefaultsHaveSourcesToo) {
  const nlohmann::json json = to_json(load_scenario("handheld"));
  EXPECT_EQ(json["name"], "handheld");
  for (const auto& [section, settings] : json["settings"].items()) {
    const nlohmann::json lists = settings.is_array() ? settings : nlohmann::json::array({settings});
    for (const nlohmann::json& element : lists) {
      for (const auto& [key, setting] : element.items()) {
        if (!setting.at("value").is_number()) continue;
        EXPECT_NE(setting.at("source"), "") << section << "." << key;
        EXPECT_NE(setting.at("provenance"), "") << section << "." << key;
      }
    }
  }
}

TEST(ShippedScenarios, EverySettingIsInTheDocumentation) {
  std::ifstream file(std::filesystem::path(PP_SOURCE_DIR) / "docs/reclaim/scenarios.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const nlohmann::json settings = to_json(load_scenario("handheld"))["settings"];
  for (const auto& [section, values] : settings.items()) {
    for (const auto& [key, value] : (values.is_array() ? values[0] : values).items()) {
      EXPECT_THAT(text, HasSubstr("| `" + section + "." + key + "` |"));
    }
  }
}

TEST_F(ScenarioFile, StartsFromAShippedOneAndChangesWhatItNames) {
  const Scenario base = load_scenario("handheld");
  const Scenario mine = load(
      "base = \"handheld\"\ndescription = \"mine\"\n[memory]\nswappiness = 60\n"
      "[[cpu.cores]]\nname = \"big\"\ncount = 3\n"
      "[[program]]\nname = \"extra\"\nanon_mib = 5\n");
  EXPECT_EQ(mine.name, "mine");
  EXPECT_EQ(mine.description, "mine");
  EXPECT_EQ(mine.memory.swappiness, 60);
  ASSERT_EQ(mine.cpu.cores.size(), base.cpu.cores.size());
  EXPECT_EQ(mine.cpu.cores[1].count, 3);
  EXPECT_EQ(mine.cpu.cores[1].speed, base.cpu.cores[1].speed);
  ASSERT_EQ(mine.workload.programs.size(), base.workload.programs.size() + 1);
  EXPECT_EQ(mine.workload.programs.back().name, "extra");
  const nlohmann::json json = to_json(mine);
  EXPECT_EQ(json["settings"]["memory"]["swappiness"]["provenance"], "given");
  EXPECT_EQ(json["settings"]["device"]["size_mib"]["provenance"], "assumed");
}

TEST_F(ScenarioFile, WithoutABaseNeedsCoresAndPrograms) {
  EXPECT_THAT(error_of("[run]\npolicies = [\"kswapd\"]\n"), HasSubstr("cpu.cores: no core"));
  EXPECT_THAT(error_of("[run]\npolicies = [\"kswapd\"]\n[[cpu.cores]]\nname = \"c\"\n"),
              HasSubstr("no program given"));
  EXPECT_EQ(error_of("[run]\npolicies = [\"kswapd\"]\n[[cpu.cores]]\nname = \"c\"\n"
                     "[[program]]\nname = \"p\"\n"),
            "no error");
}

TEST_F(ScenarioFile, ValuesMayHaveSources) {
  const Scenario mine = load(
      "base = \"tiny\"\n[cpu]\n"
      "slice_ns = {value = 2000000, source = \"sysctl of my phone\", provenance = \"measured\"}\n");
  const nlohmann::json slice = to_json(mine)["settings"]["cpu"]["slice_ns"];
  EXPECT_EQ(slice["value"], 2000000);
  EXPECT_EQ(slice["source"], "sysctl of my phone");
  EXPECT_EQ(slice["provenance"], "measured");
  EXPECT_THAT(error_of("base = \"tiny\"\n[cpu]\nslice_ns = {value = 2000000}\n"),
              AllOf(StartsWith(at(3)), HasSubstr("cpu.slice_ns must be a value, or")));
}

TEST_F(ScenarioFile, ErrorsNameFileLineKeyAndRange) {
  EXPECT_THAT(error_of("base = \"tiny\"\n[memory]\nswappiness = 201\n"),
              AllOf(StartsWith(at(3)), HasSubstr("memory.swappiness must be between 0 and 200")));
  EXPECT_THAT(error_of("base = \"tiny\"\n[memory]\nswapiness = 20\n"),
              AllOf(StartsWith(at(3)), HasSubstr("unknown key 'memory.swapiness'"),
                    HasSubstr("swappiness")));
  EXPECT_THAT(error_of("[motor]\nrpm = 4\n"), HasSubstr(at(1) + "unknown section 'motor'"));
  EXPECT_THAT(error_of("[[program]]\nname = \"p\"\nzipf = -1\n"),
              AllOf(StartsWith(at(3)), HasSubstr("program.zipf must be between 0 and 3")));
  EXPECT_THAT(error_of("[[program]]\nname = \"p\"\ntouches = 4\n"),
              AllOf(StartsWith(at(3)), HasSubstr("unknown key 'program.touches'")));
  EXPECT_THAT(error_of("[[program]]\ncount = 1\n"), HasSubstr("program needs a name"));
  EXPECT_THAT(error_of("[[program]]\nname = \"p\"\n[[program]]\nname = \"p\"\n"),
              AllOf(StartsWith(at(3)), HasSubstr("the name 'p' is there twice")));
  EXPECT_THAT(error_of("[program]\nname = \"p\"\n"), HasSubstr("must be a list of tables"));
  EXPECT_THAT(error_of("program = [3]\n"), HasSubstr("is a list with an integer"));
  EXPECT_THAT(error_of("[run]\npolicies = [\"kswapd\", 3]\n"),
              HasSubstr("must be a list of strings, is a list with a string, an integer"));
  EXPECT_THAT(error_of("base = \"phone\"\n"), HasSubstr("handheld"));
  EXPECT_THAT(error_of("base = 4\n"), HasSubstr("base must be a string, is an integer"));
  EXPECT_THAT(error_of("[memory]\nmemcg_zswap_writeback = 1\n"),
              HasSubstr("must be true or false, is an integer"));
  EXPECT_THAT(error_of("[memory\n"), StartsWith(at(1)));
}

TEST_F(ScenarioFile, CombinationsAreChecked) {
  const std::string base = "base = \"tiny\"\n";
  EXPECT_THAT(error_of(base + "[memory]\nfolio_pages = 3\n"), HasSubstr("power of two"));
  EXPECT_THAT(error_of(base + "[memory]\nkswapd_cores = \"huge\"\n"), HasSubstr("little, big"));
  EXPECT_THAT(error_of(base + "[workload]\nzero_share = 0.6\nrandom_share = 0.6\n"),
              HasSubstr("more than 1 together"));
  EXPECT_THAT(error_of(base + "[store]\nkind = \"zcache\"\n"), HasSubstr("zswap, zram"));
  EXPECT_THAT(error_of(base + "[[program]]\nname = \"app\"\nstart_s = 2\nend_s = 1\n"),
              HasSubstr("end_s must be after start_s"));
  EXPECT_THAT(error_of(base + "[[program]]\nname = \"kswapd\"\n"),
              HasSubstr("program.kswapd: this name is the simulator's own"));
  EXPECT_THAT(error_of(base + "[engine]\nlink_preset = \"rope\"\n"), HasSubstr("rope"));
  EXPECT_THAT(error_of(base + "[run]\npolicies = []\n"), HasSubstr("no policy given"));
  EXPECT_THAT(error_of(base + "[[program]]\nname = \"many\"\ncount = 11\nthreads = 1000\n"),
              HasSubstr("threads in all are more than 10000"));
  EXPECT_THAT(error_of(base + "[[program]]\nname = \"app\"\ncount = 0\n"
                              "[[program]]\nname = \"late\"\ncount = 0\n"),
              HasSubstr("every count is 0"));
  // Longer than a switch on the fast core, not on the slow one.
  EXPECT_THAT(error_of(base + "[cpu]\nslice_ns = 4000\n"), HasSubstr("cpu.slice_ns (4000)"));
  EXPECT_EQ(error_of(base + "[cpu]\nslice_ns = 5000\n"), "no error");
}

TEST_F(ScenarioFile, NamesAreShortAndPlain) {
  const auto error = [&](const std::string& name) {
    return error_of("base = \"tiny\"\n[[program]]\nname = \"" + name + "\"\n");
  };
  EXPECT_EQ(error(std::string(64, 'a')), "no error");
  EXPECT_THAT(error(std::string(65, 'a')), HasSubstr("is no name"));
  for (const char* const name : {"", "a.b", "a b", "a/b", "a\\nb"}) {
    EXPECT_THAT(error(name), HasSubstr("is no name: 1 to 64 letters, digits")) << name;
  }
}

TEST_F(ScenarioFile, UnknownNamesSayWhatThereIs) {
  const auto error = [](const char* name) {
    return sim::testing::thrown<sim::ConfigError>([&] { return load_scenario(name); });
  };
  EXPECT_THAT(error("phone"), AllOf(HasSubstr("unknown scenario 'phone'"), HasSubstr("server")));
  EXPECT_THAT(error("/nowhere/phone.toml"), HasSubstr("/nowhere/phone.toml: cannot read"));
}

TEST_F(ScenarioFile, OverridesSetOneSetting) {
  Scenario scenario = load_scenario("tiny");
  apply_override(scenario, "memory.swappiness=7");
  apply_override(scenario, "memory.lru=mglru");
  apply_override(scenario, "store.shrinker=false");
  apply_override(scenario, "program.app.zipf=0.5");
  apply_override(scenario, "cpu.cores.big.count=3");
  apply_override(scenario, "grid.speeds=[1, 2.5]");
  apply_override(scenario, "run.policies=[\"kswapd\"]");
  check(scenario);
  EXPECT_EQ(scenario.memory.swappiness, 7);
  EXPECT_EQ(scenario.memory.lru, "mglru");
  EXPECT_FALSE(scenario.store.shrinker);
  EXPECT_EQ(scenario.workload.programs[0].zipf, 0.5);
  EXPECT_EQ(scenario.cpu.cores[1].count, 3);
  EXPECT_EQ(scenario.grid.speeds, (std::vector{1.0, 2.5}));
  EXPECT_EQ(scenario.policies, std::vector<std::string>{"kswapd"});
  EXPECT_EQ(to_json(scenario)["settings"]["program"][0]["zipf"]["provenance"], "given");
}

TEST_F(ScenarioFile, OverridesAreCheckedLikeFiles) {
  EXPECT_EQ(override_error("memory.swappiness=300"),
            "memory.swappiness: memory.swappiness must be between 0 and 200");
  EXPECT_THAT(override_error("memory.swappiness=\"a\""), HasSubstr("must be an integer"));
  EXPECT_THAT(override_error("memory.swappiness=a b"),
              HasSubstr("'a b' is no value; it must be an integer"));
  EXPECT_THAT(override_error("memory.swappiness=1\nlru=\"x\""), HasSubstr("is no value"));
  EXPECT_THAT(override_error("memory.swap=1"), AllOf(HasSubstr("no setting"), HasSubstr("lru")));
  EXPECT_THAT(override_error("program.no.zipf=1"), HasSubstr("program.app.*"));
  EXPECT_THAT(override_error("program.app.name=x"), HasSubstr("no setting"));
  EXPECT_THAT(override_error("swappiness"), HasSubstr("is no KEY=VALUE"));
}

}  // namespace
}  // namespace pagepress::reclaim
