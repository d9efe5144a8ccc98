// SPDX-License-Identifier: Apache-2.0
// The queue of reclaim on top: pages in at one end, blocks out at the other, and in again.
#include <pagepress/kcompressd.hpp>

#include <set>

#include "tests/driver_suite/suite.hpp"

namespace pagepress::suite {
namespace {

class PageQueues : public DriverSuite {
 protected:
  static constexpr std::size_t kPages = 60;
  static constexpr unsigned kBatch = 8;

  // What each page must come to, once.
  void deliver(const PageDone& done) {
    ASSERT_LT(done.page.cookie, jobs_.size());
    const Answer& answer = jobs_[done.page.cookie].answer;
    EXPECT_TRUE(delivered_.insert(done.page.cookie).second) << "twice";
    EXPECT_EQ(done.completion.status, answer.status);
    EXPECT_EQ(done.completion.crc32c, answer.crc32c);
    EXPECT_EQ(done.completion.info, answer.info);
    EXPECT_TRUE(
        std::equal(done.out.begin(), done.out.end(), answer.data.begin(), answer.data.end()));
  }
  [[nodiscard]] Page page(std::size_t index) const {
    const Job& job = jobs_[index];
    return {.data = job.source.data(),
            .cookie = index,
            .operation = job.operation,
            .len = static_cast<std::uint32_t>(job.source.size())};
  }
  [[nodiscard]] KcompressdConfig worker_config() const {
    return {.batch = kBatch,
            .poll_interval_ns = pace_.poll_ns,
            .idle_interval_ns = pace_.poll_ns,
            .costs = {}};
  }

  const std::vector<Job> jobs_ = make_->mixture(90, kPages);  // both ways
  std::set<std::uint64_t> delivered_;
};

TEST_F(PageQueues, AWorkerHandsOverEachPageOnce) {
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  ReliableCodec codec(engine_codec(queue), make_cpu_lz4());
  DmaBuffer destinations(*map_, site_->memory(), 2 * kBatch * kPageSize);
  KcompressdConfig config = worker_config();
  config.fifo_entries = 16;
  Kcompressd worker(
      codec, clock(), destinations.span(), [this](const PageDone& done) { deliver(done); }, config);
  for (std::size_t i = 0; i < kPages;) {
    if (worker.enqueue(page(i), clock().now_ns()) == Enqueue::kAccepted) {
      ++i;
    } else {
      (void)worker.run_once();
      worker.pause();
    }
  }
  worker.stop();
  worker.run();
  EXPECT_EQ(delivered_.size(), kPages);
  EXPECT_EQ(worker.counters().completed, kPages);
  EXPECT_GE(worker.counters().rejected, 1u);
}

TEST_F(PageQueues, WorkersWithAQueueEachShareThePages) {
  PageQueue pages({.fifos = 1, .entries = kPages});
  for (std::size_t i = 0; i < kPages; ++i) {
    ASSERT_EQ(pages.enqueue(page(i), clock().now_ns()), Enqueue::kAccepted);
  }
  pages.stop();
  const unsigned workers = std::min(caps().queues, 3u);
  QueueSet queues(*device_, *map_, site_->memory(), queue_config(), workers);
  DmaBuffer destinations(*map_, site_->memory(), workers * kBatch * kPageSize);
  std::vector<std::unique_ptr<EngineCodec>> codecs;
  std::vector<std::unique_ptr<Kcompressd>> all;
  for (unsigned i = 0; i < workers; ++i) {
    codecs.push_back(engine_codec(queues[i]));
    all.push_back(std::make_unique<Kcompressd>(
        pages, 0, *codecs.back(), clock(),
        destinations.span().subspan(i * kBatch * kPageSize, kBatch * kPageSize),
        [this](const PageDone& done) { deliver(done); }, worker_config()));
  }
  EXPECT_TRUE(within_patience([&] {
    for (const auto& worker : all) {
      (void)worker->run_once();
    }
    return delivered_.size() == kPages;
  }));
  for (const auto& worker : all) {
    EXPECT_EQ(worker->in_flight(), 0u);
    EXPECT_GE(worker->counters().completed, 1u);
  }
  EXPECT_EQ(pages.counters().completed, kPages);
}

}  // namespace
}  // namespace pagepress::suite
