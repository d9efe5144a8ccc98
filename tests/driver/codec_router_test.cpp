// SPDX-License-Identifier: Apache-2.0
// The router between an engine and CPUs: when pages leave, when they come back, and that each
// completes once.
#include <gtest/gtest.h>
#include <pagepress/codec_router.hpp>
#include <pagepress/error.hpp>

#include <deque>
#include <optional>
#include <random>
#include <set>

#include "tests/driver/support.hpp"

namespace pagepress::test {
namespace {

// A codec whose pages take a time each, one after the other; it may fail, stall or throw.
class TimedCodec final : public Codec {
 public:
  TimedCodec(Clock& clock, std::size_t depth, std::uint64_t page_ns)
      : page_ns(page_ns), clock_(clock), depth_(depth) {}
  std::string_view name() const noexcept override { return "timed"; }
  std::size_t depth() const noexcept override { return depth_; }
  std::size_t submit(std::span<const Request> requests) override {
    std::size_t taken = 0;
    for (; taken < requests.size() && held_.size() < depth_ && !refuses; ++taken) {
      last_ready_ = std::max(last_ready_, clock_.now_ns()) + page_ns;
      held_.push_back({requests[taken].tag, last_ready_});
    }
    return taken;
  }
  std::size_t poll(std::span<Completion> done) override {
    if (broken) {
      throw DeviceError(DeviceFault::kTimeout, "no completion");
    }
    std::size_t count = 0;
    while (count < done.size() && !held_.empty() && !stuck &&
           (aborts || held_.front().ready_ns <= clock_.now_ns())) {
      done[count++] = {.tag = held_.front().tag, .status = aborts ? Status::kAborted : status};
      held_.pop_front();
    }
    return count;
  }
  [[nodiscard]] std::size_t held() const { return held_.size(); }

  std::uint64_t page_ns;
  Status status = Status::kOk;
  bool stuck = false;
  bool refuses = false;
  bool broken = false;
  bool aborts = false;

 private:
  struct Held {
    std::uint64_t tag;
    std::uint64_t ready_ns;
  };
  Clock& clock_;
  std::size_t depth_;
  std::uint64_t last_ready_ = 0;
  std::deque<Held> held_;
};

class CodecRouterTest : public ::testing::Test {
 protected:
  static RouterConfig config() {
    RouterConfig config;
    config.window_pages = 16;
    config.sick_after = 3;
    config.stall_ns = 100'000;
    config.probe_interval_ns = 50'000;
    config.probe_interval_max_ns = 400'000;
    config.probe_pages = 8;
    return config;
  }
  void make(const RouterConfig& settings = config()) {
    router_.emplace("router", engine_, cpus_, clock_, settings);
  }
  // Offers batches and polls for so long.
  void run_for(std::uint64_t ns, std::size_t batch = 8) {
    const std::uint64_t end = clock_.now_ns() + ns;
    while (clock_.now_ns() < end) {
      offer(batch);
      collect();
      clock_.pause_ns(100);
    }
  }
  void offer(std::size_t batch) {
    std::vector<Request> requests(batch);
    for (std::size_t i = 0; i < batch; ++i) {
      requests[i].tag = next_tag_ + i;
    }
    next_tag_ += router_->submit(requests);
  }
  void collect() {
    std::vector<Completion> done(16);
    const std::size_t count = router_->poll(done);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(completed_.insert(done[i].tag).second) << done[i].tag << " completed twice";
    }
  }
  void expect_all_completed() {
    for (int i = 0; i < 100'000 && completed_.size() < next_tag_; ++i) {
      collect();
      clock_.pause_ns(100);
    }
    EXPECT_EQ(completed_.size(), next_tag_);
    EXPECT_EQ(router_->counters().to_engine + router_->counters().to_cpu, next_tag_);
  }

  ManualClock clock_;
  TimedCodec engine_{clock_, 64, 500};
  TimedCodec cpu_{clock_, 1, 4000};
  std::vector<Codec*> cpus_{&cpu_};
  std::optional<CodecRouter> router_;
  std::uint64_t next_tag_ = 0;
  std::set<std::uint64_t> completed_;
};

TEST_F(CodecRouterTest, AFastEngineHasAllPagesButASample) {
  make();
  run_for(200'000);
  EXPECT_EQ(router_->route(), Route::kEngine);
  EXPECT_EQ(router_->counters().to_cpu, 1u);
  EXPECT_EQ(router_->counters().to_cpu_samples, 1u);
  EXPECT_NEAR(*router_->engine_ns(), 500, 100);
  EXPECT_NEAR(*router_->cpu_ns(), 4000, 200);
  expect_all_completed();
}

TEST_F(CodecRouterTest, ASlowEngineIsLeftAndComesBackWhenItIsQuick) {
  make();
  engine_.page_ns = 6000;
  run_for(400'000);
  EXPECT_EQ(router_->route(), Route::kCpuSlow);
  EXPECT_EQ(router_->counters().left_slow, 1u);
  run_for(1'000'000);
  EXPECT_GT(router_->counters().failed_probes, 0u);
  EXPECT_EQ(router_->counters().returned, 0u);
  const std::uint64_t to_cpu = router_->counters().to_cpu;
  EXPECT_GT(to_cpu, 200u);
  engine_.page_ns = 500;
  run_for(1'000'000);
  EXPECT_EQ(router_->route(), Route::kEngine);
  EXPECT_EQ(router_->counters().returned, 1u);
  expect_all_completed();
}

TEST_F(CodecRouterTest, BetweenTheRatiosNobodySwitches) {
  make();
  engine_.page_ns = 4400;  // 1.1 of a core
  run_for(2'000'000);
  EXPECT_EQ(router_->route(), Route::kEngine);
  engine_.page_ns = 6000;
  run_for(1'000'000);
  EXPECT_EQ(router_->route(), Route::kCpuSlow);
  engine_.page_ns = 4400;
  run_for(4'000'000);
  EXPECT_EQ(router_->route(), Route::kCpuSlow) << "not yet under 0.9";
  expect_all_completed();
}

TEST_F(CodecRouterTest, FailuresInARowMakeItSickAndAreHandedOnAsTheyAre) {
  make();
  run_for(100'000);
  engine_.status = Status::kInternal;
  run_for(100'000);
  EXPECT_EQ(router_->route(), Route::kCpuSick);
  EXPECT_EQ(router_->counters().left_sick, 1u);
  EXPECT_GE(router_->counters().failures, 3u);
  engine_.status = Status::kOk;
  run_for(1'000'000);
  EXPECT_EQ(router_->route(), Route::kEngine);
  expect_all_completed();
}

TEST_F(CodecRouterTest, WhatIsNoFailureOfTheEngineIsNone) {
  make();
  engine_.status = Status::kIncompressible;
  run_for(300'000);
  EXPECT_EQ(router_->route(), Route::kEngine);
  EXPECT_EQ(router_->counters().failures, 0u);
}

TEST_F(CodecRouterTest, ASickEngineIsProbedWithOnePageAtATimeMoreAndMoreRarely) {
  make();
  engine_.status = Status::kDmaFault;
  run_for(2'000'000);
  const RouterCounters& counters = router_->counters();
  EXPECT_EQ(router_->route(), Route::kCpuSick);
  // 50 us after it left, then 100, 200, 400, 400, 400.
  EXPECT_GE(counters.probes, 5u);
  EXPECT_LE(counters.probes, 8u);
  EXPECT_EQ(counters.failed_probes, counters.probes);
  EXPECT_LE(counters.to_engine, 64 + 16 + counters.probes) << "what it had, then the probes";
  expect_all_completed();
}

TEST_F(CodecRouterTest, SilenceMakesItSickAndLatePagesStillComplete) {
  make();
  run_for(100'000);
  engine_.stuck = true;
  run_for(400'000);
  EXPECT_EQ(router_->route(), Route::kCpuSick);
  EXPECT_GT(engine_.held(), 0u);
  EXPECT_EQ(router_->counters().probes, 0u) << "not while it still has pages";
  const std::uint64_t to_cpu = router_->counters().to_cpu;
  run_for(100'000);
  EXPECT_GT(router_->counters().to_cpu, to_cpu) << "CPUs go on";
  engine_.stuck = false;
  run_for(500'000);
  EXPECT_EQ(router_->route(), Route::kEngine);
  expect_all_completed();
}

TEST_F(CodecRouterTest, AnEngineThatTakesNothingIsSick) {
  make();
  engine_.refuses = true;
  run_for(50'000);
  EXPECT_EQ(router_->route(), Route::kEngine);
  run_for(100'000);
  EXPECT_EQ(router_->route(), Route::kCpuSick);
  run_for(1'000'000);
  EXPECT_GT(router_->counters().failed_probes, 0u);
  engine_.refuses = false;
  run_for(1'000'000);
  EXPECT_EQ(router_->route(), Route::kEngine);
  expect_all_completed();
}

TEST_F(CodecRouterTest, ADeviceErrorIsRecoveredFromAndEveryPageCompletes) {
  RouterConfig settings = config();
  settings.recover = [this] {
    engine_.broken = false;
    engine_.aborts = true;
    return true;
  };
  make(settings);
  run_for(100'000);
  engine_.broken = true;
  run_for(30'000);
  EXPECT_EQ(router_->counters().recoveries, 1u);
  EXPECT_EQ(router_->route(), Route::kCpuSick);
  engine_.aborts = false;
  run_for(500'000);
  EXPECT_EQ(router_->route(), Route::kEngine);
  expect_all_completed();
}

TEST_F(CodecRouterTest, WithoutRecoveryTheErrorIsTheCallers) {
  make();
  offer(8);
  engine_.broken = true;
  EXPECT_THROW(collect(), DeviceError);
  EXPECT_EQ(router_->route(), Route::kCpuSick);
  engine_.broken = false;
  expect_all_completed();
}

TEST_F(CodecRouterTest, SeveralCpusShareWhatTheEngineDoesNotGet) {
  TimedCodec second(clock_, 1, 4000);
  cpus_.push_back(&second);
  make();
  engine_.status = Status::kAborted;
  run_for(1'000'000);
  EXPECT_GT(router_->counters().to_cpu, 350u) << "a core alone does 250 in that time";
  expect_all_completed();
}

TEST_F(CodecRouterTest, TheSameHistoryGivesTheSameDecisions) {
  const auto history = [](unsigned seed) {
    ManualClock clock;
    TimedCodec engine(clock, 16, 500);
    TimedCodec cpu(clock, 1, 3000);
    Codec* const cpus[] = {&cpu};
    CodecRouter router("router", engine, cpus, clock, config());
    std::mt19937 random(seed);
    std::vector<std::uint64_t> counts;
    std::set<std::uint64_t> seen;
    std::uint64_t next = 0;
    for (int i = 0; i < 40'000; ++i) {
      if (random() % 500 == 0) engine.page_ns = 200 + random() % 6000;
      if (random() % 500 == 0) engine.status = random() % 3 == 0 ? Status::kInternal : Status::kOk;
      if (random() % 500 == 0) engine.stuck = random() % 4 == 0;
      std::vector<Request> requests(random() % 6);
      for (std::size_t j = 0; j < requests.size(); ++j) requests[j].tag = next + j;
      next += router.submit(requests);
      std::vector<Completion> done(1 + random() % 8);
      const std::size_t count = router.poll(done);
      for (std::size_t j = 0; j < count; ++j) {
        EXPECT_TRUE(seen.insert(done[j].tag).second);
      }
      clock.pause_ns(100 + random() % 1000);
    }
    engine.stuck = false;
    for (int i = 0; i < 10'000 && seen.size() < next; ++i) {
      std::vector<Completion> done(8);
      const std::size_t count = router.poll(done);
      for (std::size_t j = 0; j < count; ++j) {
        EXPECT_TRUE(seen.insert(done[j].tag).second);
      }
      clock.pause_ns(1000);
    }
    EXPECT_EQ(seen.size(), next);
    const RouterCounters& c = router.counters();
    return std::vector<std::uint64_t>{c.to_engine, c.to_cpu,   c.left_slow,     c.left_sick,
                                      c.returned,  c.probes,   c.failed_probes, c.failures,
                                      next,        seen.size()};
  };
  for (unsigned seed = 0; seed < 5; ++seed) {
    const auto first = history(seed);
    EXPECT_EQ(first, history(seed));
    EXPECT_GT(first[4], 0u) << "it came back at least once";
  }
}

TEST_F(CodecRouterTest, RefusesWhatCannotWork) {
  cpus_.clear();
  EXPECT_THROW(make(), std::invalid_argument);
  cpus_ = {&cpu_};
  RouterConfig settings = config();
  settings.return_ratio = 2;
  EXPECT_THROW(make(settings), std::invalid_argument);
  settings = config();
  settings.probe_pages = 0;
  EXPECT_THROW(make(settings), std::invalid_argument);
}

}  // namespace
}  // namespace pagepress::test
