// SPDX-License-Identifier: Apache-2.0
// What the device says of itself: capabilities, error log, counters.
#include "tests/driver_suite/suite.hpp"

namespace pagepress::suite {
namespace {

class Probe : public DriverSuite {
 protected:
  std::uint64_t perf(unsigned counter) {
    return device_->counter(PP_PERF_SCOPE_DEVICE, 0, counter);
  }
};

TEST_F(Probe, TheCapabilitiesAreThoseOfTheContract) {
  EXPECT_EQ(caps().version_major, PP_VERSION_MAJOR);
  EXPECT_LE(caps().queues, PP_MAX_QUEUES);
  EXPECT_LE(caps().depth_log2, PP_DEPTH_LOG2_MAX);
  EXPECT_LE(caps().unit_log2, PP_UNIT_LOG2_MAX);
  EXPECT_GE(caps().engines, 1u);
  if (site_->ours()) {
    const Capabilities ours{.version_major = PP_VERSION_MAJOR,
                            .version_minor = PP_VERSION_MINOR,
                            .queues = 8,
                            .engines = 2,
                            .depth_log2 = PP_DEPTH_LOG2_MAX,
                            .unit_log2 = PP_UNIT_LOG2_MIN,
                            .algorithms = 1u << PP_ALG_LZ4_BLOCK,
                            .operations = 0x3f,
                            .positions = 16,
                            .align_log2 = caps().align_log2,  // says nothing: PP_FEAT_UNALIGNED
                            .sge_max = PP_SGE_MAX,
                            .vectors = 9,
                            .features = 0xffff};
    EXPECT_EQ(caps(), ours);
  }
}

TEST_F(Probe, TheNextDriverFindsTheSameDevice) {
  const Capabilities before = caps();
  { QueuePair queue(*device_, *map_, site_->memory(), queue_config()); }
  device_.emplace(bus(), clock());
  EXPECT_EQ(caps(), before);
}

TEST_F(Probe, WhatTheDriverDoesWronglyIsLogged) {
  if (!caps().has(PP_FEAT_ERROR_LOG)) {
    GTEST_SKIP() << "the device has no log";
  }
  EXPECT_EQ(device_->drain_errors(), "error log empty");
  const std::vector<Job> jobs = make_->mixture(20, 4);
  const auto memory = job_memory(jobs.size());
  Layout layout(jobs, memory->span());
  QueuePair queue(*device_, *map_, site_->memory(), queue_config(1, 8));

  write_register(PP_QUEUE_BASE + PP_QUEUE_STRIDE + PP_Q_SIZE, 0x202);
  std::optional<ErrorLogEntry> entry = device_->pop_error();
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->condition, PP_ERR_REGISTER_LOCKED);
  EXPECT_EQ(entry->queue, 1u);
  EXPECT_EQ(entry->index, PP_Q_SIZE);
  EXPECT_EQ(entry->address, 0x202u);

  write_register(PP_DOORBELL_BASE + PP_DOORBELL_STRIDE + PP_DB_SQ_TAIL, 9);
  ASSERT_TRUE(within_patience([&] { return (entry = device_->pop_error()).has_value(); }));
  EXPECT_EQ(entry->condition, PP_ERR_DOORBELL_RANGE);
  EXPECT_EQ(entry->queue, 1u);
  EXPECT_EQ(entry->address, 9u);

  EXPECT_EQ(device_->drain_errors(), "error log empty");
  const auto codec = engine_codec(queue);
  run_jobs(*codec, layout, 4, clock(), pace_.patience_ns);
}

TEST_F(Probe, TheCountersAddUp) {
  if (!caps().has(PP_FEAT_COUNTERS)) {
    GTEST_SKIP() << "the device has none";
  }
  const std::vector<Job> jobs = make_->mixture(21, 40);
  const auto memory = job_memory(jobs.size());
  Layout layout(jobs, memory->span());
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  const auto codec = engine_codec(queue);
  run_jobs(*codec, layout, 8, clock(), pace_.patience_ns);

  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::array<std::uint64_t, PP_STATUS_COUNT> by_status{};
  for (const Job& job : jobs) {
    bytes_in += job.source.size();
    bytes_out += job.answer.out_len;
    ++by_status[static_cast<std::size_t>(job.answer.status)];
  }
  // The last ones may be visible before they are counted.
  EXPECT_TRUE(within_patience([&] { return perf(PP_PERF_COMPLETED) == jobs.size(); }));
  EXPECT_EQ(perf(PP_PERF_SUBMITTED), jobs.size());
  EXPECT_EQ(perf(PP_PERF_BYTES_IN), bytes_in);
  EXPECT_EQ(perf(PP_PERF_BYTES_OUT), bytes_out);
  for (unsigned status = 0; status < PP_STATUS_COUNT; ++status) {
    EXPECT_EQ(perf(PP_PERF_STATUS_BASE + status), by_status[status]) << status;
  }
  EXPECT_EQ(device_->counter(PP_PERF_SCOPE_QUEUE, 0, PP_PERF_COMPLETED), jobs.size());
  EXPECT_EQ(device_->counter(PP_PERF_SCOPE_QUEUE, 1, PP_PERF_COMPLETED), 0u);
  EXPECT_EQ(queue.counters().completed, jobs.size());
}

}  // namespace
}  // namespace pagepress::suite
