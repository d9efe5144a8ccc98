// SPDX-License-Identifier: Apache-2.0
// Sweep files: axes, their product, and errors that name file, line and key.
#include "sim/experiment/sweep_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/sim/pages.hpp"
#include "tests/sim/thrown.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

class SweepFile : public ::testing::Test {
 protected:
  SweepConfig load(const std::string& text) {
    std::ofstream(file_) << text;
    return load_sweep(file_);
  }
  SweepPoints points(const std::string& text) {
    SweepConfig sweep = load(text);
    if (sweep.base.files.empty()) sweep.base.files = {"a.pages"};
    return make_points(sweep);
  }
  std::string error_of(const std::string& text) {
    return testing::thrown<ConfigError>([&] { return points(text); });
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "s.toml";
};

TEST_F(SweepFile, TheLastAxisOfTheTableOfSettingsIsTheFastest) {
  const SweepPoints made = points(
      "[queue]\nbatch = 4\n[axes]\nlink.preset = [\"soc\", \"cxl\"]\nengine.w = [8, 32]\n"
      "queue.depth = [16, 8]\n");
  ASSERT_EQ(made.points.size(), 8);
  EXPECT_EQ(made.points[0].axes,
            json({{"queue.depth", 16}, {"engine.w", 8}, {"link.preset", "soc"}}));
  EXPECT_EQ(made.points[1].axes["link.preset"], "cxl");
  EXPECT_EQ(made.points[2].axes["engine.w"], 32);
  EXPECT_EQ(made.points[4].axes["queue.depth"], 8);
  const CompareConfig& last = made.points[7].config;
  EXPECT_EQ(last.depth, 8);
  EXPECT_EQ(last.w, 32);
  EXPECT_EQ(last.link_preset, "cxl");
  EXPECT_EQ(last.batch, 4);
}

TEST_F(SweepFile, EveryTypeOfSettingCanBeAnAxis) {
  const SweepPoints made = points(
      "[axes]\nqueue.policy = [\"wait\"]\nengine.clock_mhz = [500, 1000.5]\n"
      "link.memory_latency_ns = [80, 200]\ncompare.files = [[\"a\"], [\"b\", \"c\"]]\n");
  ASSERT_EQ(made.points.size(), 8);
  const CompareConfig& last = made.points[7].config;
  EXPECT_EQ(last.clock_mhz, 1000.5);
  EXPECT_EQ(last.link_memory_latency_ns, 200.0);
  EXPECT_EQ(last.files, (std::vector<std::filesystem::path>{"b", "c"}));
}

TEST_F(SweepFile, AShapeComesBeforeWhatDiffersFromIt) {
  const SweepPoints made =
      points("[axes]\nqueue.shape = [\"rfc\", \"zram-v1\"]\nqueue.workers = [1, 2]\n");
  ASSERT_EQ(made.points.size(), 4);
  const CompareConfig& last = made.points[3].config;
  EXPECT_EQ(last.shape, "zram-v1");
  EXPECT_EQ(last.fifo_entries, 4096);
  EXPECT_EQ(last.workers, 2);
  EXPECT_EQ(made.points[0].config.fifo_entries, 256);
}

TEST_F(SweepFile, WithoutAxesThereIsOnePoint) {
  const SweepPoints made = points("[queue]\ndepth = 32\n");
  ASSERT_EQ(made.points.size(), 1);
  EXPECT_EQ(describe(made.points[0]), "the only point");
  EXPECT_EQ(made.points[0].config.backends, std::vector<std::string>{"engine:fast"});
}

TEST_F(SweepFile, PointsAreDescribedByTheirAxes) {
  const SweepPoints made = points("[axes]\nengine.w = [8]\nlink.preset = [\"soc\"]\n");
  EXPECT_EQ(describe(made.points[0]), "engine.w = 8, link.preset = soc");
}

TEST_F(SweepFile, AxesThatCannotBe) {
  EXPECT_THAT(error_of("[axes]\nqueue.depth = []\n"),
              AllOf(HasSubstr("s.toml:2: "), HasSubstr("queue.depth has no values")));
  EXPECT_THAT(error_of("[axes]\nqueue.depth = 64\n"),
              AllOf(HasSubstr("s.toml:2: "), HasSubstr("must be a list of values, is an integer")));
  EXPECT_THAT(error_of("[axes]\nqueue.depth = [64, 32, 64]\n"), HasSubstr("has 64 twice"));
  EXPECT_THAT(error_of("[axes]\nqueue.depth = [64, \"x\"]\n"),
              HasSubstr("queue.depth must be an integer, is a string"));
  EXPECT_THAT(error_of("[axes]\n\nqueue.depth = [\n64,\n1]\n"),
              AllOf(HasSubstr("s.toml:5: "), HasSubstr("between 2 and 16384")));
  EXPECT_THAT(error_of("[axes]\nqueue.dpeth = [64]\n"), HasSubstr("unknown key 'queue.dpeth'"));
  EXPECT_THAT(error_of("[axes]\nmotor.rpm = [64]\n"), HasSubstr("unknown section 'motor'"));
  EXPECT_THAT(error_of("[axes]\n\"queue.depth\" = [64]\n"),
              HasSubstr("write queue.depth without quotes"));
  EXPECT_THAT(error_of("axes = 3\n"), HasSubstr("'axes' must be a section, is an integer"));
  EXPECT_THAT(error_of("[axes]\ncompare.files = [\"a\"]\n"),
              HasSubstr("must be a list of strings"));
  EXPECT_THAT(error_of("[axes]\ncompare.files = [[]]\n"), HasSubstr("empty list"));
  for (const char* name : {"compare.backends = [[\"cpu:lz4\"]]", "compare.costs = [\"a\"]",
                           "host.cost_sweeps = [3]", "run.time = [\"real\"]"}) {
    EXPECT_THAT(error_of(std::string("[axes]\n") + name), HasSubstr("cannot be an axis"));
  }
}

TEST_F(SweepFile, TheRestIsAsInComparesFile) {
  EXPECT_THAT(error_of("[queue]\nbacth = 4\n"), HasSubstr("s.toml:2: unknown key 'queue.bacth'"));
  EXPECT_THAT(error_of("[axis]\nqueue.depth = [4]\n"), HasSubstr("unknown section 'axis'"));
  EXPECT_THAT(error_of("[sweep]\nskip = true\n"), HasSubstr("s.toml:2: unknown key 'sweep.skip'"));
  EXPECT_THAT(error_of("[sweep]\nskip_impossible = 1\n"), HasSubstr("must be true or false"));
}

TEST_F(SweepFile, PointsThatCannotRunAreNamed) {
  EXPECT_THAT(error_of("[axes]\nqueue.depth = [48]\n"),
              AllOf(HasSubstr("queue.depth = 48: "), HasSubstr("power of two")));
  EXPECT_THAT(error_of("[axes]\nqueue.policy = [\"drop\"]\n"),
              HasSubstr("(known: wait, sync-newest, drain-oldest, divert-to-cpu)"));
  EXPECT_THAT(error_of("[axes]\nlink.preset = [\"string\"]\n"),
              HasSubstr("link.preset = string: "));
  EXPECT_THAT(error_of("[compare]\nbackends = [\"engine:rtl\"]\n[axes]\nengine.w = [8]\n"),
              AllOf(HasSubstr("engine.w = 8"), HasSubstr("engine:fast takes other values")));
  EXPECT_THAT(error_of("[compare]\nbackends = [\"engine:none\"]\n"), HasSubstr("engine:none"));
  EXPECT_THAT(error_of("[axes]\nhost.submit_ns = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
                       "host.doorbell_ns = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
                       "host.dequeue_ns = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
                       "host.enqueue_ns = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
                       "host.completion_ns = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
                       "queue.depth = [64, 128]\n"),
              HasSubstr("more than 100000 points"));
}

TEST_F(SweepFile, ImpossibleCombinationsAreAnErrorOrLeftOut) {
  const std::string axes = "[axes]\nqueue.batch = [8, 32]\nqueue.depth = [16, 64]\n";
  EXPECT_THAT(error_of(axes), AllOf(HasSubstr("queue.batch = 32, queue.depth = 16: "),
                                    HasSubstr("sweep.skip_impossible")));
  const SweepPoints made = points("[sweep]\nskip_impossible = true\n" + axes);
  EXPECT_EQ(made.points.size(), 3);
  EXPECT_EQ(made.skipped, 1);
  EXPECT_THAT(error_of("[sweep]\nskip_impossible = true\n[axes]\nqueue.batch = [128]\n"),
              HasSubstr("no point is left: queue.batch = 128"));
}

}  // namespace
}  // namespace pagepress::sim
