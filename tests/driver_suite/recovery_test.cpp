// SPDX-License-Identifier: Apache-2.0
// Stop and start, resets, deadlines, injected faults: each request comes back once, and nothing is
// written once it has.
#include <algorithm>

#include "tests/driver_suite/suite.hpp"

namespace pagepress::suite {
namespace {

class Recovery : public DriverSuite {
 protected:
  static constexpr std::size_t kJobs = 24;

  void submit_all(Codec& codec, const Layout& layout) {
    std::vector<Request> requests;
    for (std::size_t i = 0; i < layout.size(); ++i) {
      requests.push_back(layout.request(i));
    }
    ASSERT_EQ(codec.submit(requests), requests.size());
  }
  // Of a queue that was stopped: all come, done or aborted, and memory stays as it is.
  void expect_taken_back(Codec& codec, Layout& layout, std::span<const std::byte> memory) {
    const Bytes then(memory.begin(), memory.end());
    collect(codec, layout, layout.size(), clock(), pace_.patience_ns,
            [&](const Completion& completion) { layout.check_or(completion, Status::kAborted); });
    layout.check_canaries();
    settle();
    EXPECT_TRUE(std::equal(then.begin(), then.end(), memory.begin())) << "written late";
  }
  void expect_goes_on(Codec& codec, Layout layout) {
    run_jobs(codec, layout, 8, clock(), pace_.patience_ns);
  }

  const std::vector<Job> jobs_ = make_->mixture(70, kJobs);
  std::unique_ptr<DmaBuffer> memory_ = job_memory(kJobs);
  Layout fresh() { return {jobs_, memory_->span()}; }
};

TEST_F(Recovery, AStoppedQueueGivesAllBack) {
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  const auto codec = engine_codec(queue);
  for (unsigned round = 0; round < 8; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Layout layout = fresh();
    submit_all(*codec, layout);
    clock().pause_ns(round * pace_.poll_ns);
    EXPECT_EQ(queue.stop(), Ownership::kStopped);
    EXPECT_EQ(codec->submit(std::vector{layout.request(0)}), 0u);
    expect_taken_back(*codec, layout, memory_->span());
    queue.start();
  }
  expect_goes_on(*codec, fresh());
  EXPECT_EQ(queue.counters().restarts, 8u);
  EXPECT_EQ(queue.counters().submitted, queue.counters().completed);
}

TEST_F(Recovery, AResetIsSeenByEveryQueue) {
  QueuePair queue(*device_, *map_, site_->memory(), queue_config(0));
  QueuePair other(*device_, *map_, site_->memory(), queue_config(1));
  const auto codec = engine_codec(queue);
  const auto other_codec = engine_codec(other);
  const auto other_memory = job_memory(kJobs);
  for (unsigned round = 0; round < 5; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Layout layout = fresh();
    Layout other_layout(jobs_, other_memory->span());
    submit_all(*codec, layout);
    submit_all(*other_codec, other_layout);
    clock().pause_ns(round * pace_.poll_ns);
    const std::uint64_t generation = device_->generation();
    device_->reset();
    EXPECT_EQ(device_->generation(), generation + 1);
    EXPECT_FALSE(device_->lost());
    for (EngineCodec* const each : {codec.get(), other_codec.get()}) {
      std::vector<Completion> none(1);
      try {
        (void)each->poll(none);
        ADD_FAILURE() << "the reset was not seen";
      } catch (const DeviceError& error) {
        EXPECT_EQ(error.fault(), DeviceFault::kReset);
      }
      EXPECT_EQ(each->queue().stop(), Ownership::kReset);
    }
    expect_taken_back(*codec, layout, memory_->span());
    expect_taken_back(*other_codec, other_layout, other_memory->span());
    queue.start();
    other.start();
  }
  expect_goes_on(*codec, fresh());
  expect_goes_on(*other_codec, {jobs_, other_memory->span()});
}

TEST_F(Recovery, QueuesComeAndGo) {
  for (unsigned round = 0; round < 12; ++round) {
    const unsigned index = round % caps().queues;
    QueuePair queue(*device_, *map_, site_->memory(), queue_config(index, 2u << round % 5));
    EXPECT_THROW(QueuePair(*device_, *map_, site_->memory(), queue_config(index)), DeviceError);
    const auto codec = engine_codec(queue);
    submit_all(*codec, Layout(std::span(jobs_).first(2), memory_->span()));
    queue.restart();
    Layout layout(std::span(jobs_).first(4), memory_->span());
    std::vector<Completion> aborted(4);
    EXPECT_EQ(codec->poll(aborted), 2u);
    expect_goes_on(*codec, layout);
  }
}

TEST_F(Recovery, DeadlinesThatHavePassedNeverReachTheDevice) {
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  ReliableCodec codec(engine_codec(queue), make_cpu_lz4());
  Layout layout = fresh();
  std::vector<Request> requests;
  for (std::size_t i = 0; i < 8; ++i) {
    Request request = layout.request(i);
    request.deadline_ns = i % 2 == 0 ? 1 : clock().now_ns() + pace_.patience_ns;
    requests.push_back(request);
  }
  clock().pause_ns(2);
  ASSERT_EQ(codec.submit(requests), requests.size());
  collect(codec, layout, 8, clock(), pace_.patience_ns, [&](const Completion& completion) {
    EXPECT_EQ(completion.status == Status::kDeadlineMissed, completion.tag % 2 == 0);
    layout.check_or(completion, Status::kDeadlineMissed);
  });
  EXPECT_EQ(codec.counters().deadline_misses, 4u);
  EXPECT_EQ(queue.counters().submitted, 4u);
  layout.check_canaries();
}

TEST_F(Recovery, AHealthyEngineDoesAllOfIt) {
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  ReliableCodec codec(engine_codec(queue), make_cpu_lz4());
  // What the CPU is asked for an opinion on is another case.
  std::vector<Job> jobs;
  std::copy_if(jobs_.begin(), jobs_.end(), std::back_inserter(jobs),
               [](const Job& job) { return job.answer.status != Status::kMalformed; });
  Layout layout(jobs, memory_->span());
  run_jobs(codec, layout, 8, clock(), pace_.patience_ns);
  const ReliableCounters& counters = codec.counters();
  EXPECT_EQ(counters.submitted, jobs.size());
  EXPECT_EQ(counters.completed, jobs.size());
  EXPECT_EQ(counters.by_engine, jobs.size());
  EXPECT_EQ(counters.by_cpu + counters.requeued + counters.timeouts + counters.aborts +
                counters.resets + counters.request_faults + counters.second_opinions,
            0u);
  EXPECT_TRUE(codec.engine_well());
  EXPECT_EQ(codec.last_fault(), "");
}

TEST_F(Recovery, AStuckEngineIsSurvived) {
  if (!caps().has(PP_FEAT_INJECTION)) {
    GTEST_SKIP() << "the device injects nothing";
  }
  device_.reset();  // one that is not patient
  device_.emplace(
      bus(), clock(),
      DeviceConfig{.register_timeout_ns = pace_.give_up_ns, .register_poll_ns = pace_.poll_ns});
  QueueConfig config = queue_config();
  config.completion_timeout_ns = pace_.give_up_ns;
  QueuePair queue(*device_, *map_, site_->memory(), config);
  ReliableCodec codec(engine_codec(queue), make_cpu_lz4());
  inject(PP_INJECT_STUCK_ENGINE, 3, 0);
  Layout layout(jobs_, memory_->span(), 0, Layout::Output::kMeaning);
  run_jobs(codec, layout, kJobs, clock(), pace_.patience_ns);
  EXPECT_GE(codec.counters().timeouts, 1u);
  EXPECT_NE(codec.last_fault(), "");
  EXPECT_EQ(codec.counters().completed, kJobs);
}

struct Injection {
  unsigned kind;
  std::uint32_t argument;
  Status status;
};

TEST_F(Recovery, AnInjectedFaultHitsTheUnitThatItShould) {
  if (!caps().has(PP_FEAT_INJECTION)) {
    GTEST_SKIP() << "the device injects nothing";
  }
  std::vector<Job> jobs;
  for (unsigned i = 0; i < 6; ++i) {
    jobs.push_back(make_->compress(bytes_of(test::text_page(i)), 0, kPageSize, true));
  }
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  for (const Injection& injection :
       {Injection{PP_INJECT_BAD_COMPLETION, PP_STATUS_INTERNAL, Status::kInternal},
        Injection{PP_INJECT_BAD_COMPLETION, 200, Status::kInternal},  // the driver's word for it
        Injection{PP_INJECT_DMA_READ, 0, Status::kDmaFault},
        Injection{PP_INJECT_DMA_WRITE, 0, Status::kDmaFault},
        Injection{PP_INJECT_FLIP_OUTPUT, 77, Status::kVerifyFailed}}) {
    SCOPED_TRACE("injection " + std::to_string(injection.kind));
    const auto codec = engine_codec(queue);
    Layout layout(jobs, memory_->span());
    inject(injection.kind, 2, injection.argument);
    submit_all(*codec, layout);
    collect(*codec, layout, jobs.size(), clock(), pace_.patience_ns, [&](const Completion& done) {
      EXPECT_EQ(done.status == injection.status, done.tag == 2) << to_string(done.status);
      layout.check_or({.tag = done.tag,
                       .status = done.status,
                       .out_len = done.status == Status::kOk ? done.out_len : 0,
                       .crc32c = done.crc32c,
                       .info = done.info},
                      injection.status);
    });
    layout.check_canaries();
  }
  // And the codec that recovers gets it right with all of them.
  inject(PP_INJECT_FLIP_OUTPUT, 1, 77);
  ReliableCodec reliable(engine_codec(queue), make_cpu_lz4());
  Layout layout(jobs, memory_->span());
  run_jobs(reliable, layout, jobs.size(), clock(), pace_.patience_ns);
  EXPECT_EQ(reliable.counters().request_faults, 1u);
  EXPECT_EQ(reliable.counters().by_cpu, 0u);
}

}  // namespace
}  // namespace pagepress::suite
