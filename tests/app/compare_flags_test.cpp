// SPDX-License-Identifier: Apache-2.0
// Every key of compare's configuration has an argument, and the other way round.
#include "apps/pagepress/compare/compare_flags.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/experiment/config.hpp"
#include "tests/app/temporary_folder.hpp"

namespace pagepress::app {
namespace {

using sim::CompareConfig;

struct CommandLine {
  CommandLine() : app("test") { add_compare_flags(app, config); }
  void parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants it
    app.parse(arguments);
  }
  CLI::App app;
  std::shared_ptr<CompareConfig> config = std::make_shared<CompareConfig>();
};

// queue.fifo_entries -> "--fifo-entries", link.preset -> "--link-preset"
std::string argument_for(const std::string& section, std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return section == "link" ? "--link-" + key : "--" + key;
}

TEST(CompareFlags, EverySettingHasItsArgumentAndNoOtherIsThere) {
  const CommandLine line;
  std::set<const CLI::Option*> expected = {line.app.get_option("--help"),
                                           line.app.get_option("--config"),
                                           line.app.get_option("FILE")};  // compare.files
  const nlohmann::json config = sim::to_json(CompareConfig());
  for (const auto& [section, keys] : config.items()) {
    for (const auto& [key, value] : keys.items()) {
      // Of the link only the settings can be overridden that CompareConfig has.
      const CLI::Option* const option = line.app.get_option_no_throw(argument_for(section, key));
      if (option != nullptr) {
        expected.insert(option);
      } else {
        EXPECT_EQ(section, "link") << section << "." << key << " has no flag";
      }
    }
  }
  for (const CLI::Option* const option : line.app.get_options()) {
    EXPECT_TRUE(expected.contains(option)) << option->get_name() << " is in no configuration";
  }
}

// TOML must take each of them, too.
TEST(CompareFlags, EveryArgumentHasItsKey) {
  const test::TemporaryFolder folder;
  const auto file = folder.file("all.toml", R"(
[compare]
files = ["a", "b"]
backends = ["cpu:lz4"]
costs = "costs.json"
[queue]
shape = "rfc"
fifo_entries = 3
batch = 4
depth = 5
limit_bytes = 6
workers = 7
split = "own"
policy = "wait"
route = "adaptive"
[host]
cost_scale = 7.5
cost_sweeps = 8
enqueue_ns = 9
full_wait_ns = 10
dequeue_ns = 11
submit_ns = 12
doorbell_ns = 13
completion_ns = 14
poll_interval_ns = 15
[engine]
engines = 7
w = 32
clock_mhz = 16.5
[link]
preset = "soc"
upstream_latency_ns = 17
downstream_latency_ns = 18
memory_latency_ns = 19
upstream_bytes_per_ns = 20
downstream_bytes_per_ns = 21
[run]
time = "simulated"
bus = "in-process"
idle_pages = 22
watchdog_us = 23
faults = "plan.toml"
)");
  CommandLine by_file;
  by_file.parse({"-c", file.string()});
  CommandLine by_flags;
  by_flags.parse({"a",
                  "b",
                  "--backend",
                  "cpu:lz4",
                  "--costs",
                  "costs.json",
                  "--queue",
                  "rfc",
                  "--fifo",
                  "3",
                  "--batch",
                  "4",
                  "--depth",
                  "5",
                  "--limit",
                  "6",
                  "--workers",
                  "7",
                  "--split",
                  "own",
                  "--policy",
                  "wait",
                  "--route",
                  "adaptive",
                  "--cost-scale",
                  "7.5",
                  "--cost-sweeps",
                  "8",
                  "--enqueue-ns",
                  "9",
                  "--full-wait-ns",
                  "10",
                  "--dequeue-ns",
                  "11",
                  "--submit-ns",
                  "12",
                  "--doorbell-ns",
                  "13",
                  "--completion-ns",
                  "14",
                  "--poll-interval-ns",
                  "15",
                  "--engines",
                  "7",
                  "--w",
                  "32",
                  "--clock-mhz",
                  "16.5",
                  "--link",
                  "soc",
                  "--link-upstream-latency-ns",
                  "17",
                  "--link-downstream-latency-ns",
                  "18",
                  "--link-memory-latency-ns",
                  "19",
                  "--link-upstream-bytes-per-ns",
                  "20",
                  "--link-downstream-bytes-per-ns",
                  "21",
                  "--time",
                  "simulated",
                  "--bus",
                  "in-process",
                  "--idle-pages",
                  "22",
                  "--watchdog-us",
                  "23",
                  "--faults",
                  "plan.toml"});
  for (const CLI::Option* const option : by_flags.app.get_options()) {
    const bool setting = option->get_name() != "--help" && option->get_name() != "--config";
    EXPECT_EQ(option->count() > 0, setting) << option->get_name() << " is missing here";
  }
  EXPECT_EQ(sim::to_json(*by_file.config), sim::to_json(*by_flags.config));
  EXPECT_NE(sim::to_json(*by_file.config), sim::to_json(CompareConfig()));
}

TEST(CompareFlags, FlagsOverrideTheFileWhereverTheyStand) {
  const test::TemporaryFolder folder;
  const auto file = folder.file("c.toml", "[queue]\nbatch = 4\ndepth = 5\n");
  for (const bool file_first : {true, false}) {
    CommandLine line;
    if (file_first) {
      line.parse({"-c", file.string(), "--batch", "9", "x"});
    } else {
      line.parse({"x", "--batch", "9", "-c", file.string()});
    }
    EXPECT_EQ(line.config->batch, 9U);
    EXPECT_EQ(line.config->depth, 5U);
  }
}

TEST(CompareFlags, AShapeSetsItsNumbersAndOtherFlagsDifferFromIt) {
  const test::TemporaryFolder folder;
  const auto file = folder.file("c.toml", "[queue]\nbatch = 4\nworkers = 9\n");
  CommandLine line;
  line.parse({"x", "--workers", "2", "--queue", "zram-v1", "-c", file.string()});
  EXPECT_EQ(line.config->fifo_entries, 4096U);
  EXPECT_EQ(line.config->batch, 1U) << "the shape's, as the flag came after the file";
  EXPECT_EQ(line.config->workers, 2U);
  EXPECT_EQ(line.config->split, "own");
  EXPECT_EQ(line.config->policy, "sync-newest");
}

TEST(CompareFlags, ABackEndTakesNoFileWithIt) {
  CommandLine line;
  line.parse({"--backend", "cpu:lz4", "a.pages", "--backend", "engine:rtl", "b.pages"});
  EXPECT_EQ(line.config->backends, (std::vector<std::string>{"cpu:lz4", "engine:rtl"}));
  EXPECT_EQ(line.config->files, (std::vector<std::filesystem::path>{"a.pages", "b.pages"}));
}

TEST(CompareFlags, KeepsTheDefaultsOfWhatIsNotGiven) {
  CommandLine line;
  line.parse({"a.pages"});
  CompareConfig expected;
  expected.files = {"a.pages"};
  EXPECT_EQ(sim::to_json(*line.config), sim::to_json(expected));
}

}  // namespace
}  // namespace pagepress::app
