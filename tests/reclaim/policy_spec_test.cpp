// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "sim/reclaim/policy/policy.hpp"

namespace pagepress::reclaim {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(std::string_view spec) {
  try {
    (void)parse_policy(spec);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(PolicySpec, KcompressdIsTheRfcs) {
  const PolicyConfig config = parse_policy("kcompressd");
  EXPECT_EQ(config.shape, "rfc");
  EXPECT_EQ(config.state, "locked");
  EXPECT_EQ(config.policy, "sync-newest");
  EXPECT_EQ(config.fifo_entries, 256u);
  EXPECT_EQ(config.workers, 1u);
  EXPECT_EQ(config.batch, 1u);
  EXPECT_FALSE(config.memalloc);
}

TEST(PolicySpec, AShapeBringsItsOwn) {
  const PolicyConfig config = parse_policy("kcompressd@shape=zram-v1");
  EXPECT_EQ(config.state, "writeback");
  EXPECT_EQ(config.split, "own");
  EXPECT_EQ(config.workers, 4u);
  EXPECT_EQ(config.fifo_entries, 4'096u);
  EXPECT_TRUE(config.memalloc);
}

TEST(PolicySpec, WhatIsGivenStays) {
  const PolicyConfig config = parse_policy(
      "kcompressd@workers=2,memalloc=1,shape=zram-v1,state=locked,nice=-5,cores=little");
  EXPECT_EQ(config.state, "locked");
  EXPECT_EQ(config.workers, 2u);
  EXPECT_TRUE(config.memalloc);
  EXPECT_EQ(config.nice, -5);
  EXPECT_EQ(config.cores, "little");
}

TEST(PolicySpec, OtherNames) {
  EXPECT_EQ(parse_policy("kswapd").shape, "");
  EXPECT_EQ(parse_policy("threads").split, "chunks");
  EXPECT_EQ(parse_policy("batch").batch, 8u);
  const PolicyConfig engine = parse_policy("engine@wait=hybrid,swapin_engine=1,same_filled=engine");
  EXPECT_TRUE(engine.has_engine());
  EXPECT_EQ(engine.wait, WaitMode::kHybrid);
  EXPECT_EQ(engine.shape, "batch");
  EXPECT_TRUE(engine.swapin_engine);
  EXPECT_EQ(engine.spec, "engine@wait=hybrid,swapin_engine=1,same_filled=engine");
}

TEST(PolicySpec, RefusalsNameTheKeyAndWhatThereIs) {
  EXPECT_THAT(refusal("kswap"), AllOf(HasSubstr("'kswap'"), HasSubstr("kcompressd, threads")));
  EXPECT_THAT(refusal("kcompressd@size=3"), AllOf(HasSubstr("'size'"), HasSubstr("fifo_entries")));
  EXPECT_THAT(refusal("kswapd@workers=3"), AllOf(HasSubstr("'workers'"), HasSubstr("codec")));
  EXPECT_THAT(refusal("kcompressd@workers=0"), HasSubstr("workers: '0' is not an integer from 1"));
  EXPECT_THAT(refusal("kcompressd@workers=3x"), HasSubstr("workers"));
  EXPECT_THAT(refusal("kcompressd@workers="), HasSubstr("workers"));
  EXPECT_THAT(refusal("kcompressd@workers"), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(refusal("kcompressd@"), HasSubstr("'@'"));
  EXPECT_THAT(refusal("kcompressd@workers=3,"), HasSubstr("','"));
  EXPECT_THAT(refusal("kcompressd@nice=3,nice=3"), HasSubstr("nice: given twice"));
  EXPECT_THAT(refusal("kcompressd@shape=rcf"), AllOf(HasSubstr("shape"), HasSubstr("zram-v1")));
  EXPECT_THAT(refusal("kcompressd@policy=drop"), AllOf(HasSubstr("policy"), HasSubstr("wait")));
  EXPECT_THAT(refusal("kcompressd@cores="), HasSubstr("cores"));
  EXPECT_THAT(refusal("kcompressd@codec=cpu:lz5"), HasSubstr("cpu:zstd"));
  EXPECT_THAT(refusal("kcompressd@codec=engine:fast"), HasSubstr("engine:fast"));
  EXPECT_THAT(refusal("engine@codec=cpu:lz4"), HasSubstr("engine:rtl"));
  EXPECT_THAT(refusal("engine@depth=48"), HasSubstr("depth: 48 is not a power of two"));
  EXPECT_THAT(refusal("engine@batch=128"), HasSubstr("batch: 128 is more than the depth of 64"));
  EXPECT_THAT(refusal("batch@same_filled=engine"), HasSubstr("same_filled"));
  EXPECT_THAT(refusal("batch@swapin_engine=1"), HasSubstr("swapin_engine"));
  EXPECT_THAT(refusal(""), HasSubstr("unknown name ''"));
}

// What `check` throws; empty: nothing.
template <typename Check>
std::string thrown(const Check& check) {
  try {
    check();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(PolicySpec, TheMachineMustHaveTheCores) {
  SchedulerConfig machine;
  machine.cores = {{.name = "little"}, {.name = "big"}};
  const auto refused = [&](const char* spec) {
    return thrown([&] { check_cores(parse_policy(spec), machine); });
  };
  EXPECT_EQ(refused("kcompressd"), "");
  EXPECT_EQ(refused("kcompressd@cores=big"), "");
  EXPECT_THAT(refused("kcompressd@cores=huge"),
              AllOf(HasSubstr("'huge'"), HasSubstr("little, big")));
}

TEST(PolicySpec, TheRtlIsOneEngineOnly) {
  const auto refused = [&](const char* spec, const EngineConfig& engine) {
    return thrown([&] { check_engine(parse_policy(spec), engine); });
  };
  EXPECT_EQ(refused("engine@codec=engine:rtl", {}), "");
  EXPECT_EQ(refused("engine", {.engines = 4}), "");
  EXPECT_THAT(refused("engine@codec=engine:rtl", {.engines = 4}), HasSubstr("2 engines"));
}

TEST(PolicySpec, HelpHasEveryKey) {
  std::string all;
  for (const std::string& line : describe_policies()) all += line + "\n";
  for (const char* key :
       {"kswapd", "engine ", "same_filled", "cpu, engine", "irq_us", "-20 to 19"}) {
    EXPECT_THAT(all, HasSubstr(key));
  }
}

}  // namespace
}  // namespace pagepress::reclaim
