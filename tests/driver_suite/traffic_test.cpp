// SPDX-License-Identifier: Apache-2.0
// Many pages: at every depth, rings that wrap, several queues, priorities.
#include <algorithm>
#include <cstring>

#include "tests/driver_suite/suite.hpp"

namespace pagepress::suite {
namespace {

class Traffic : public DriverSuite {
 protected:
  // The pages in, their blocks out, and those in again: what `layout` had as output, as jobs.
  std::vector<Job> there_and_back(const std::vector<Job>& jobs, const Layout& layout) {
    std::vector<Job> back;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (jobs[i].answer.status == Status::kOk) {
        const std::byte* const block = layout.destination(i);
        back.push_back(make_->decompress({block, jobs[i].answer.out_len}));
        EXPECT_TRUE(back.back().answer.data == jobs[i].source);
      }
    }
    return back;
  }
  std::vector<Job> compressions(unsigned seed, std::size_t count) {
    std::vector<Job> jobs;
    for (const Bytes& page : pages(seed, count)) {
      jobs.push_back(make_->compress(page));
    }
    return jobs;
  }
};

struct Shape {
  unsigned depth;
  std::size_t burst;
  std::size_t pages;
};

TEST_F(Traffic, PagesGoThereAndBackAtEveryDepth) {
  // More than the ring has entries, but for the last.
  for (const Shape& shape : {Shape{2, 2, 11}, Shape{4, 3, 22}, Shape{32, 32, 80}, Shape{64, 7, 150},
                             Shape{256, 64, 40}}) {
    SCOPED_TRACE("depth " + std::to_string(shape.depth));
    QueuePair queue(*device_, *map_, site_->memory(), queue_config(0, shape.depth));
    const auto codec = engine_codec(queue);
    const std::vector<Job> jobs = compressions(shape.depth, shape.pages);
    const auto memory = job_memory(jobs.size());
    Layout layout(jobs, memory->span());
    run_jobs(*codec, layout, shape.burst, clock(), pace_.patience_ns);
    const std::vector<Job> back = there_and_back(jobs, layout);
    const auto more_memory = job_memory(back.size());
    Layout back_layout(back, more_memory->span());
    run_jobs(*codec, back_layout, shape.burst, clock(), pace_.patience_ns);
    EXPECT_EQ(queue.counters().completed, jobs.size() + back.size());
    EXPECT_LE(queue.counters().doorbells, queue.counters().submitted);
  }
}

TEST_F(Traffic, UnequalRingsWrap) {
  const std::vector<Job> jobs = make_->mixture(30, 30);
  const auto memory = job_memory(jobs.size());
  for (const auto& [sq_depth, cq_depth] : {std::pair{2u, 16u}, std::pair{16u, 2u}}) {
    QueueConfig config = queue_config();
    config.sq_depth = sq_depth;
    config.cq_depth = cq_depth;
    QueuePair queue(*device_, *map_, site_->memory(), config);
    const auto codec = engine_codec(queue);
    Layout layout(jobs, memory->span());
    run_jobs(*codec, layout, 16, clock(), pace_.patience_ns);
  }
}

// All queues that the device has, at the same time and with different classes.
TEST_F(Traffic, QueuesDoNotMindEachOther) {
  struct Lane {
    std::vector<Job> jobs;
    std::unique_ptr<DmaBuffer> memory;
    std::unique_ptr<Layout> layout;
    std::unique_ptr<QueuePair> queue;
    std::unique_ptr<EngineCodec> codec;
  };
  std::vector<Lane> lanes(std::min(caps().queues, 8u));
  for (unsigned i = 0; i < lanes.size(); ++i) {
    Lane& lane = lanes[i];
    QueueConfig config = queue_config(i, 16);
    config.priority = caps().has(PP_FEAT_PRIORITY) ? i % 8 : 0;
    lane.jobs = make_->mixture(40 + i, 16);
    lane.memory = job_memory(lane.jobs.size());
    lane.layout = std::make_unique<Layout>(lane.jobs, lane.memory->span());
    lane.queue = std::make_unique<QueuePair>(*device_, *map_, site_->memory(), config);
    lane.codec = engine_codec(*lane.queue);
  }
  for (Lane& lane : lanes) {
    std::vector<Request> requests;
    for (std::size_t i = 0; i < lane.jobs.size(); ++i) {
      requests.push_back(lane.layout->request(i));
    }
    ASSERT_EQ(lane.codec->submit(requests), requests.size());
  }
  for (Lane& lane : lanes) {
    collect(*lane.codec, *lane.layout, lane.jobs.size(), clock(), pace_.patience_ns,
            [&](const Completion& completion) { lane.layout->check(completion); });
    lane.layout->check_canaries();
  }
}

// Seen by data, not by time: what the higher class writes is the source of what the lower has
// to do later. Both wait at a device that does not fetch yet.
TEST_F(Traffic, AHigherClassIsServedFirst) {
  if (!caps().has(PP_FEAT_PRIORITY) || (caps().operations >> PP_OP_COPY & 1u) == 0) {
    GTEST_SKIP() << "the device cannot";
  }
  constexpr unsigned kUnits = 64;
  constexpr unsigned kSeen = 40;  // of the lower class: far behind what was fetched early
  QueueConfig low = queue_config(0, kUnits);
  QueueConfig high = queue_config(1, kUnits);
  high.priority = 7;
  QueuePair low_queue(*device_, *map_, site_->memory(), low);
  QueuePair high_queue(*device_, *map_, site_->memory(), high);
  DmaBuffer buffer(*map_, site_->memory(), 4 * kPageSize);
  const Bytes before = bytes_of(test::text_page(1));
  const Bytes after = bytes_of(test::text_page(2));
  std::memcpy(buffer.data(), before.data(), kPageSize);
  std::memcpy(buffer.data() + kPageSize, before.data(), kPageSize);  // that is seen
  std::memcpy(buffer.data() + 2 * kPageSize, after.data(), kPageSize);

  const auto sqe = [&](unsigned opcode, unsigned from, unsigned to, std::uint64_t tag) {
    pp_sqe entry{};
    entry.opcode = static_cast<std::uint8_t>(opcode);
    entry.src_len = kPageSize;
    entry.src_addr = buffer.iova() + from * kPageSize;
    entry.dst_addr = buffer.iova() + to * kPageSize;
    entry.dst_capacity = kPageSize;
    entry.tag = tag;
    return entry;
  };
  std::vector<pp_sqe> lower;
  std::vector<pp_sqe> higher;
  for (unsigned i = 0; i < kUnits; ++i) {
    lower.push_back(sqe(PP_OP_COMPRESS, i == kSeen ? 1 : 0, 3, i));
    // The last one of all writes what is seen.
    const bool last = i == kUnits - 1;
    higher.push_back(sqe(last ? PP_OP_COPY : PP_OP_COMPRESS, last ? 2 : 0, last ? 1 : 3, i));
  }
  write_register(PP_REG_CTRL, 0);  // fetch nothing, but take doorbells
  ASSERT_EQ(low_queue.submit(lower), kUnits);
  ASSERT_EQ(high_queue.submit(higher), kUnits);
  device_->enable();
  std::vector<pp_cqe> done(kUnits);
  std::size_t count = 0;
  ASSERT_TRUE(within_patience([&] {
    count += low_queue.poll(std::span(done).subspan(count));
    return count == kUnits;
  }));
  EXPECT_EQ(done[0].crc32c, crc32c(before.data(), kPageSize));
  EXPECT_EQ(done[kSeen].crc32c, crc32c(after.data(), kPageSize)) << "before the higher class";
  ASSERT_TRUE(within_patience([&, seen = std::size_t{0}]() mutable {
    seen += high_queue.poll(done);
    return seen == kUnits;
  }));
}

}  // namespace
}  // namespace pagepress::suite
