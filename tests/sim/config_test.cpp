// SPDX-License-Identifier: Apache-2.0
// TOML for compare: what it sets, and that errors name file, line and key.
#include "sim/experiment/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <type_traits>

#include "sim/experiment/settings.hpp"
#include "tests/sim/pages.hpp"
#include "tests/sim/thrown.hpp"

namespace pagepress::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Config : public ::testing::Test {
 protected:
  CompareConfig load(const std::string& text) {
    std::ofstream(file_) << text;
    CompareConfig config;
    load_toml(file_, config);
    check(config);
    return config;
  }
  std::string error_of(const std::string& text) {
    return testing::thrown<ConfigError>([&] { return load(text); });
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "c.toml";
};

TEST_F(Config, SetsWhatItNamesAndKeepsTheRest) {
  const CompareConfig config = load(
      "[compare]\nbackends = [\"cpu:lz4\"]\nfiles = [\"a\", \"b\"]\n"
      "[queue]\nbatch = 8\n[host]\ncost_scale = 2\n[engine]\nclock_mhz = 1500.5\n"
      "[link]\nmemory_latency_ns = 80\n");
  EXPECT_EQ(config.backends, std::vector<std::string>{"cpu:lz4"});
  EXPECT_EQ(config.files.size(), 2);
  EXPECT_EQ(config.batch, 8);
  EXPECT_EQ(config.cost_scale, 2.0);
  EXPECT_EQ(config.clock_mhz, 1500.5);
  EXPECT_EQ(config.link_config().memory_latency_ns, 80.0);
  const CompareConfig defaults;
  EXPECT_EQ(config.depth, defaults.depth);
  EXPECT_EQ(config.link_config().upstream_latency_ns, defaults.link_config().upstream_latency_ns);
}

TEST_F(Config, UnknownKeyIsNamedWithItsLine) {
  EXPECT_THAT(error_of("[queue]\nbatch = 8\nbacth = 4\n"),
              AllOf(HasSubstr("c.toml:3: "), HasSubstr("queue.bacth"), HasSubstr("batch")));
}

TEST_F(Config, UnknownSectionIsNamedWithItsLine) {
  EXPECT_THAT(error_of("[queue]\nbatch = 8\n[motor]\nrpm = 4\n"),
              AllOf(HasSubstr("c.toml:3: "), HasSubstr("unknown section 'motor'")));
}

TEST_F(Config, KeyOutsideASectionIsUnknown) {
  EXPECT_THAT(error_of("batch = 8\n"), AllOf(HasSubstr("c.toml:1: "), HasSubstr("'batch'")));
}

TEST_F(Config, SectionThatIsAValue) {
  EXPECT_THAT(error_of("queue = 8\n"), HasSubstr("'queue' must be a section, is an integer"));
}

TEST_F(Config, WrongTypesSayWhatTheyShouldBe) {
  EXPECT_THAT(
      error_of("[queue]\nbatch = \"many\"\n"),
      AllOf(HasSubstr("c.toml:2: "), HasSubstr("queue.batch must be an integer, is a string")));
  EXPECT_THAT(error_of("[queue]\nbatch = 8.5\n"), HasSubstr("is a number with a fraction"));
  EXPECT_THAT(error_of("[engine]\nclock_mhz = true\n"), HasSubstr("must be a number, is true"));
  EXPECT_THAT(error_of("[compare]\nbackends = \"cpu:lz4\"\n"),
              HasSubstr("must be a list of strings"));
  EXPECT_THAT(error_of("[compare]\nbackends = [1]\n"), HasSubstr("must be a list of strings"));
  EXPECT_THAT(error_of("[link]\nmemory_latency_ns = \"x\"\n"), HasSubstr("must be a number"));
  EXPECT_THAT(error_of("[queue]\nbatch = 1979-05-27\n"), HasSubstr("is a date or time"));
}

TEST_F(Config, RangesAreNamed) {
  EXPECT_THAT(error_of("[queue]\nbatch = -1\n"),
              AllOf(HasSubstr("c.toml:2: "), HasSubstr("queue.batch must be between 1 and 4096")));
  EXPECT_THAT(error_of("[queue]\nlimit_bytes = 5000\n"), HasSubstr("between 1 and 4096"));
  EXPECT_THAT(error_of("[host]\ncost_scale = 0\n"), HasSubstr("host.cost_scale"));
  EXPECT_THAT(error_of("[host]\ncost_scale = nan\n"), HasSubstr("host.cost_scale"));
  EXPECT_THAT(error_of("[link]\nmemory_latency_ns = -1\n"), HasSubstr("link.memory_latency_ns"));
}

TEST_F(Config, CombinationsAreChecked) {
  EXPECT_THAT(error_of("[queue]\ndepth = 48\n"), HasSubstr("queue.depth must be a power of two"));
  EXPECT_THAT(error_of("[queue]\nbatch = 128\ndepth = 64\n"),
              HasSubstr("queue.batch (128) must not exceed queue.depth (64)"));
  EXPECT_THAT(error_of("[queue]\npolicy = \"drop\"\n"),
              HasSubstr("'drop' (known: wait, sync-newest, drain-oldest, divert-to-cpu)"));
  EXPECT_THAT(error_of("[queue]\nshape = \"pile\"\n"),
              HasSubstr("'pile' (known: rfc, zram-v1, batch, parallel)"));
  EXPECT_THAT(error_of("[queue]\nsplit = \"half\"\n"), HasSubstr("(known: shared, own, chunks)"));
  EXPECT_THAT(error_of("[queue]\nroute = \"scenic\"\n"), HasSubstr("(known: engine, adaptive)"));
  EXPECT_THAT(error_of("[queue]\nworkers = 0\n"), HasSubstr("queue.workers must be between"));
  EXPECT_THAT(error_of("[queue]\nshape = 3\n"), HasSubstr("queue.shape must be a string"));
  EXPECT_THAT(error_of("[compare]\nbackends = []\n"), HasSubstr("no back end"));
  EXPECT_THAT(error_of("[compare]\nbackends = [\"a\", \"b\", \"a\"]\n"),
              HasSubstr("'a' is given twice"));
  EXPECT_THAT(error_of("[link]\npreset = \"string-and-tins\"\n"), HasSubstr("string-and-tins"));
}

TEST_F(Config, AShapeSetsItsNumbersAndOtherKeysDifferFromIt) {
  const CompareConfig config = load("[queue]\nworkers = 2\nshape = \"zram-v1\"\n");
  EXPECT_EQ(config.workers, 2);
  EXPECT_EQ(config.fifo_entries, 4096);
  EXPECT_EQ(config.batch, 1);
  EXPECT_EQ(config.split, "own");
  EXPECT_EQ(config.policy, "sync-newest");
  const nlohmann::json json = to_json(config)["queue"];
  EXPECT_EQ(json["shape"]["provenance"], "given");
  EXPECT_EQ(json["workers"]["provenance"], "given");
  EXPECT_EQ(json["fifo_entries"]["provenance"], "assumed");
  EXPECT_THAT(json["fifo_entries"]["source"].get<std::string>(), HasSubstr("7 Mar 2025"));
}

TEST_F(Config, ABusToAnotherProcessIsForRealTime) {
  const CompareConfig config = load("[run]\ntime = \"real\"\nbus = \"vfio-user:/a:b\"\n");
  EXPECT_EQ(config.remote_bus()->target, "/a:b");
  EXPECT_EQ(config.remote_bus()->backend(), "engine:vfio-user");
  EXPECT_EQ(load("[run]\ntime = \"real\"\nbus = \"vfio:0000:00:01.0\"\n").remote_bus()->backend(),
            "engine:vfio");
  EXPECT_THAT(error_of("[run]\ntime = \"real\"\nbus = \"vfio:one\"\n"),
              HasSubstr("'one' is no PCI address"));
  EXPECT_FALSE(CompareConfig().remote_bus());
  EXPECT_THAT(error_of("[run]\nbus = \"vfio-user:/a\"\n"), HasSubstr("needs run.time"));
  EXPECT_THAT(error_of("[run]\nbus = \"pci\"\n"), HasSubstr("unknown bus 'pci'"));
  EXPECT_THAT(error_of("[run]\nbus = \"vfio-user:\"\n"), HasSubstr("unknown bus 'vfio-user:'"));
}

TEST_F(Config, AFaultPlanIsReadBeforeAnythingIsDone) {
  EXPECT_THAT(error_of("[run]\nfaults = \"/nowhere/plan.toml\"\n"),
              HasSubstr("run.faults: /nowhere/plan.toml: cannot read the fault plan"));
  EXPECT_THAT(error_of("[run]\nfaults = 1\n"), HasSubstr("run.faults must be a string"));
}

TEST_F(Config, SyntaxErrorsHaveALine) {
  EXPECT_THAT(error_of("[queue]\nbatch = = 8\n"), HasSubstr("c.toml:2: "));
}

TEST_F(Config, FilesThatCannotBeReadAreNamed) {
  CompareConfig config;
  EXPECT_THROW(load_toml(folder_.path() / "none.toml", config), ConfigError);
  EXPECT_THROW(load_toml(folder_.path(), config), ConfigError);
}

TEST_F(Config, JsonNamesProvenanceOfEverySetting) {
  CompareConfig config;
  config.batch = 16;
  config.link_memory_latency_ns = 90.0;
  const nlohmann::json json = to_json(config);
  EXPECT_EQ(json["queue"]["batch"]["value"], 16);
  EXPECT_EQ(json["queue"]["batch"]["provenance"], "given");
  EXPECT_EQ(json["queue"]["depth"]["provenance"], "assumed");
  EXPECT_EQ(json["link"]["memory_latency_ns"]["provenance"], "given");
  EXPECT_EQ(json["link"]["upstream_latency_ns"]["provenance"], "assumed");
  EXPECT_EQ(json["compare"]["backends"], nlohmann::json({"cpu:lz4", "engine:rtl"}));
  const nlohmann::json defaults = to_json(CompareConfig{});
  for (const auto& [section, settings] : defaults.items()) {
    for (const auto& [key, setting] : settings.items()) {
      if (setting.is_object())
        EXPECT_NE(setting.at("provenance"), "given") << section << "." << key;
    }
  }
  for (const auto& [section, settings] : json.items()) {
    for (const auto& [key, setting] : settings.items()) {
      if (!setting.is_object()) continue;
      EXPECT_FALSE(setting.at("provenance").get<std::string>().empty()) << section << "." << key;
      EXPECT_FALSE(setting.at("source").get<std::string>().empty()) << section << "." << key;
    }
  }
}

// "| `queue.depth` | 64 | ..." of docs/compare.md, for each setting.
TEST(ConfigDocument, NamesEverySettingWithItsDefault) {
  std::ifstream file(PP_SOURCE_DIR "/docs/compare.md");
  std::stringstream text;
  text << file.rdbuf();
  const CompareConfig defaults;
  for_each_setting(defaults, [&](const SettingInfo& info, const auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    std::string value;
    if constexpr (std::is_same_v<Field, std::optional<double>>) {
      value = " preset's";
    } else if constexpr (!std::is_same_v<Field, std::vector<std::filesystem::path>>) {
      const std::string json = nlohmann::json(field).dump();
      const bool plain = std::is_arithmetic_v<Field>;
      if (json != "\"\"") value = plain ? " " + json : " `" + json + "`";
    }
    for (std::size_t at = 0; (at = value.find("\",\"", at)) != std::string::npos;) {
      value.replace(at, 3, "\", \"");
    }
    const std::string row =
        "| `" + std::string(info.section) + "." + std::string(info.key) + "` |" + value + " | ";
    EXPECT_NE(text.str().find(row), std::string::npos) << row;
  });
}

}  // namespace
}  // namespace pagepress::sim
