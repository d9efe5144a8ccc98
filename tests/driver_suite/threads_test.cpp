// SPDX-License-Identifier: Apache-2.0
// A queue for each thread. For sites in real time: a simulation has one thread.
#include <thread>

#include "tests/driver_suite/suite.hpp"

namespace pagepress::suite {
namespace {

class Threads : public DriverSuite {
 protected:
  static constexpr unsigned kThreads = 4;
  static constexpr std::size_t kJobs = 24;

  struct Lane {
    std::vector<Job> jobs;
    std::unique_ptr<DmaBuffer> memory;
    std::unique_ptr<Codec> codec;
  };
  // All that maps memory is done before the threads begin, and after they have ended.
  template <class MakeCodec>
  std::vector<Lane> lanes(QueueSet& queues, MakeCodec make_codec) {
    std::vector<Lane> all(queues.size());
    for (unsigned i = 0; i < all.size(); ++i) {
      all[i].jobs = make_->mixture(80 + i, kJobs);
      all[i].memory = job_memory(kJobs);
      all[i].codec = make_codec(queues[i]);
    }
    return all;
  }
  template <class Work>
  static void in_threads(std::vector<Lane>& lanes, Work work) {
    std::vector<std::jthread> threads;
    for (Lane& lane : lanes) {
      threads.emplace_back([&lane, &work] { work(lane); });
    }
  }
  [[nodiscard]] unsigned threads() const { return std::min(kThreads, caps().queues); }
};

TEST_F(Threads, EachHasAQueue) {
  for (const WaitMode mode : {WaitMode::kPoll, WaitMode::kInterrupt}) {
    QueueConfig config = queue_config();
    config.wait.mode = mode;
    QueueSet queues(*device_, *map_, site_->memory(), config, threads());
    std::vector<Lane> all = lanes(queues, [this](QueuePair& queue) { return engine_codec(queue); });
    in_threads(all, [this](Lane& lane) {
      Layout layout(lane.jobs, lane.memory->span());
      run_jobs(*lane.codec, layout, 8, clock(), pace_.patience_ns);
    });
  }
}

// The owner of another queue resets the device beside them: all is done, by whomever.
TEST_F(Threads, ResetsBesideThemLoseNothing) {
  QueueSet queues(*device_, *map_, site_->memory(), queue_config(), threads());
  std::vector<Lane> all = lanes(queues, [this](QueuePair& queue) {
    return make_reliable_codec(engine_codec(queue), make_cpu_lz4());
  });
  std::jthread resets([this] {
    for (unsigned i = 0; i < 4; ++i) {
      clock().pause_ns(2'000'000);
      device_->reset();
    }
  });
  in_threads(all, [this](Lane& lane) {
    for (unsigned round = 0; round < 4; ++round) {
      Layout layout(lane.jobs, lane.memory->span(), 0, Layout::Output::kMeaning);
      run_jobs(*lane.codec, layout, 8, clock(), pace_.patience_ns);
    }
  });
}

}  // namespace
}  // namespace pagepress::suite
