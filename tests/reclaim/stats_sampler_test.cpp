// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/stats/sampler.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr Ns kMs = 1'000'000;

Sample sample(Ns at, std::uint64_t steals, Ns awake, std::vector<ResourceUse> resources = {}) {
  Sample sample{.at = at, .kswapd_awake_ns = awake, .resources = std::move(resources)};
  sample.vmstat.pgsteal_anon = steals;
  return sample;
}

// One simulation a process: all that needs time is in here.
TEST(Sampler, LooksOncePerPeriodAndOnceMoreWhenStopped) {
  std::uint64_t looked = 0;
  Sampler sampler(2 * kMs, [&] {
    Sample sample;
    sample.levels.free = ++looked;
    return sample;
  });
  sc_core::sc_spawn([&] {
    sc_core::wait(sc_core::sc_time(5, sc_core::SC_MS));
    sampler.stop();
    sampler.stop();  // does nothing
  });
  sc_core::sc_start();  // returns: nothing goes on
  std::vector<Ns> at;
  for (const Sample& sample : sampler.samples()) at.push_back(sample.at);
  EXPECT_EQ(at, (std::vector<Ns>{0, 2 * kMs, 4 * kMs, 5 * kMs}));
  EXPECT_EQ(sampler.samples().back().levels.free, 4u);
  EXPECT_EQ(looked, 4u);
}

TEST(Sampler, NeedsAPeriod) {
  EXPECT_THROW(Sampler(0, [] { return Sample(); }), std::invalid_argument);
}

TEST(Series, CountsAreOfTheIntervalAndLevelsOfTheMoment) {
  std::vector<Sample> samples = {sample(0, 10, 0), sample(kMs, 30, 0), sample(3 * kMs, 35, 0)};
  samples[1].levels = {.free = 7, .anon_active = 2, .anon_inactive = 3, .pool = 4, .queued = 5};
  const json series = series_json(samples);
  EXPECT_EQ(series["t_s"], json({0.0, 0.001, 0.003}));
  EXPECT_EQ(series["pgsteal_anon"], json({0, 20, 5}));
  EXPECT_EQ(series["free"], json({0, 7, 0}));
  EXPECT_EQ(series["anon"], json({0, 5, 0}));
  EXPECT_FALSE(series.contains("engine_busy"));
}

TEST(Series, BusySharesAreOfOneCoreAndGroupsMayComeLater) {
  std::vector<Sample> samples = {sample(0, 0, 0), sample(kMs, 0, 0), sample(3 * kMs, 0, 0)};
  samples[1].groups = {{"app", kMs / 2, 0, 0}};
  samples[2].groups = {{"app", kMs, 0, 0}, {"kswapd", 4 * kMs, 0, 0}};
  samples[1].engine_busy = 0;
  samples[2].engine_busy = kMs;
  const json series = series_json(samples);
  EXPECT_EQ(series["busy"]["app"], json({0.0, 0.5, 0.25}));
  EXPECT_EQ(series["busy"]["kswapd"], json({0.0, 0.0, 2.0}));
  EXPECT_EQ(series["engine_busy"], json({0.0, 0.0, 0.5}));
}

TEST(Series, EmptyWithoutSamples) { EXPECT_EQ(series_json({}), json::object()); }

TEST(Binds, TheBusiestWhileKswapdWasAwake) {
  // kswapd is awake in the first of two intervals: what is busy in the second does not count.
  const double ns = kMs;
  const json binds = binding_resource({
      sample(0, 0, 0, {{"kswapd CPU", 0, 1, true}, {"all cores", 0, 4}, {"engine", 0}}),
      sample(kMs, 0, kMs, {{"kswapd CPU", 0.9 * ns, 1, true}, {"all cores", ns, 4}, {"engine", 0}}),
      sample(2 * kMs, 0, kMs,
             {{"kswapd CPU", 0.9 * ns, 1, true}, {"all cores", 5 * ns, 4}, {"engine", ns}}),
  });
  EXPECT_EQ(binds["resource"], "kswapd CPU");
  EXPECT_DOUBLE_EQ(binds["share"], 0.9);
  EXPECT_EQ(binds["shares"].size(), 3u);
  EXPECT_DOUBLE_EQ(binds["shares"][1]["share"], 0.25);
  EXPECT_DOUBLE_EQ(binds["shares"][2]["share"], 0.0);
}

TEST(Binds, KswapdsOwnTimeIsNotThinnedOut) {
  // Awake half the interval and busy all of that: its share is 1, not 1/2.
  const json binds = binding_resource(
      {sample(0, 0, 0, {{"kswapd CPU", 0, 1, true}, {"link", 0}}),
       sample(kMs, 0, kMs / 2, {{"kswapd CPU", kMs / 2.0, 1, true}, {"link", kMs / 2.0}})});
  EXPECT_DOUBLE_EQ(binds["share"], 1.0);
  EXPECT_DOUBLE_EQ(binds["shares"][1]["share"], 0.5);
}

TEST(Binds, NoneIfKswapdNeverWoke) {
  const json binds =
      binding_resource({sample(0, 0, 0, {{"link", 0}}), sample(kMs, 0, 0, {{"link", 5}})});
  EXPECT_EQ(binds["resource"], "none");
  EXPECT_TRUE(binds["share"].is_null());
  EXPECT_EQ(binding_resource({})["resource"], "none");
}

}  // namespace
}  // namespace pagepress::reclaim
