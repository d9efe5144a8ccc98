// SPDX-License-Identifier: Apache-2.0
// Properties over random interleavings of producers and workers, for every shape and policy:
// each page is delivered exactly once, with its own output; what is refused is not delivered;
// order is what docs/kcompressd.md says. One thread: an interleaving is a seed.
#include <gtest/gtest.h>
#include <pagepress/queue_shape.hpp>

#include <map>
#include <memory>
#include <random>
#include <string>

#include "tests/driver/kcompressd_fixture.hpp"

namespace pagepress::test {
namespace {

struct Setup {
  std::string shape;
  WorkSplit split;
  std::string policy;
};

class Interleaving {
 public:
  Interleaving(const Setup& setup, unsigned seed) : random_(seed), setup_(setup) {
    shape_ = queue_shape(setup.shape);
    shape_.split = setup.split;
    shape_.fifo_entries = 1 + random_() % 6;
    shape_.workers = shape_.workers == 1 ? 1 : 2 + random_() % 3;
    shape_.batch = shape_.pipelined ? 1 + random_() % 8 : 1;
    queue_ = make_page_queue(shape_);
    for (unsigned i = 0; i < shape_.workers; ++i) {
      const std::size_t depth = shape_.pipelined ? 8 : 1;
      codecs_.push_back(std::make_unique<ScriptedCodec>(depth));
      memories_.emplace_back(depth * kPageSize);
      workers_.push_back(std::make_unique<Kcompressd>(
          *queue_, shape_.fifo_of(i), *codecs_[i], clock_, memories_[i],
          [this](const PageDone& done) { deliver(done); },
          KcompressdConfig{.batch = shape_.batch}));
    }
    own_.at_once = true;
    if (setup.policy == "wait") {
      policy_ = make_wait_policy(100, 1000);
    } else if (setup.policy == "sync-newest") {
      policy_ = make_sync_newest_policy(path_);
    } else if (setup.policy == "drain-oldest") {
      policy_ = make_drain_oldest_policy(path_);
    } else {
      policy_ = make_divert_policy(path_, 1 + random_() % 4);
    }
    producer_ = std::make_unique<Producer>(*queue_, clock_, *policy_);
    // Whatever waits, waits on this clock: others run meanwhile.
    clock_.on_pause = [this] { step_somebody(); };
  }

  void run(std::uint64_t pages, std::uint64_t stop_at) {
    for (std::uint64_t i = 0; i < pages; ++i) {
      if (i == stop_at) {
        queue_->stop();
      }
      while (random_() % 2 == 0) {
        step_somebody();
      }
      const Page page{.data = source(i).data(), .cookie = i};
      const Enqueue result = producer_->put(page);
      if (result == Enqueue::kAccepted || result == Enqueue::kDone) {
        taken_.push_back(i);
      }
    }
    queue_->stop();
    for (int i = 0; i < 20'000 && !all_drained(); ++i) {
      step_somebody();
    }
    check();
  }

 private:
  const PageData& source(std::uint64_t i) {
    while (pages_.size() <= i) {
      pages_.push_back(filled_page(pages_.size() + 1));
    }
    return pages_[i];
  }
  void step_somebody() {
    const std::size_t i = random_() % workers_.size();
    if (random_() % 3 == 0) {
      codecs_[i]->take_at_most = random_() % 4 == 0 ? 0 : 8;
      codecs_[i]->release(1 + random_() % 4);
    }
    workers_[i]->run_once();
  }
  bool all_drained() {
    for (unsigned i = 0; i < workers_.size(); ++i) {
      if (workers_[i]->in_flight() != 0 || !queue_->drained(shape_.fifo_of(i))) {
        return false;
      }
    }
    return true;
  }
  void deliver(const PageDone& done) {
    delivered_.push_back(done.page.cookie);
    ASSERT_EQ(done.out.size(), 16u);
    ASSERT_EQ(std::memcmp(done.out.data(), done.page.data, 16), 0) << "another page's output";
    ASSERT_EQ(done.page.data, pages_[done.page.cookie].data());
  }
  void check() {
    ASSERT_TRUE(all_drained());
    std::vector<std::uint64_t> sorted = delivered_;
    std::sort(sorted.begin(), sorted.end());
    ASSERT_EQ(sorted, taken_) << "each page that was taken once, no other";
    const PageQueueCounters counters = queue_->counters();
    ASSERT_EQ(counters.completed + path_.pages(), delivered_.size());
    ASSERT_EQ(counters.enqueued, counters.completed + counters.taken_back);
    if (shape_.workers == 1 && setup_.policy == "wait") {
      ASSERT_EQ(delivered_, taken_) << "one worker whose codec keeps the order keeps it";
    }
  }

  std::mt19937 random_;
  Setup setup_;
  QueueShape shape_;
  ManualClock clock_;
  std::deque<PageData> pages_;
  std::unique_ptr<PageQueue> queue_;
  std::vector<std::unique_ptr<ScriptedCodec>> codecs_;
  std::deque<std::vector<std::byte>> memories_;
  std::vector<std::unique_ptr<Kcompressd>> workers_;
  ScriptedCodec own_{1};
  SynchronousPath path_{own_, [this](const PageDone& done) { deliver(done); }};
  std::unique_ptr<BackPressure> policy_;
  std::unique_ptr<Producer> producer_;
  std::vector<std::uint64_t> taken_;
  std::vector<std::uint64_t> delivered_;
};

class RandomInterleavings : public ::testing::TestWithParam<Setup> {};

TEST_P(RandomInterleavings, EveryPageThatIsTakenIsDeliveredOnce) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    Interleaving interleaving(GetParam(), seed);
    interleaving.run(60, seed % 3 == 0 ? 40 : 60);
    if (HasFatalFailure()) {
      return;
    }
  }
}

std::vector<Setup> setups() {
  std::vector<Setup> list;
  for (const std::string_view policy : back_pressure_names()) {
    const std::string name(policy);
    list.push_back({"rfc", WorkSplit::kShared, name});
    list.push_back({"zram-v1", WorkSplit::kOwn, name});
    list.push_back({"batch", WorkSplit::kShared, name});
    list.push_back({"parallel", WorkSplit::kShared, name});
    list.push_back({"parallel", WorkSplit::kOwn, name});
    list.push_back({"parallel", WorkSplit::kChunks, name});
  }
  return list;
}

INSTANTIATE_TEST_SUITE_P(Shapes, RandomInterleavings, ::testing::ValuesIn(setups()),
                         [](const auto& info) {
                           std::string name = info.param.shape + "_" +
                                              std::string(to_string(info.param.split)) + "_" +
                                              info.param.policy;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace pagepress::test
