// SPDX-License-Identifier: Apache-2.0
// Memory: bounced, mapped by the caller, not mapped, no longer mapped.
#include <algorithm>
#include <cstring>

#include "tests/driver_suite/suite.hpp"

namespace pagepress::suite {
namespace {

class Memory : public DriverSuite {
 protected:
  // One unit by hand: COMPRESS from `src` to `dst`, as the device sees them.
  pp_cqe compress_raw(QueuePair& queue, Iova src, Iova dst) {
    pp_sqe sqe{};
    sqe.opcode = PP_OP_COMPRESS;
    sqe.src_len = kPageSize;
    sqe.src_addr = src;
    sqe.dst_addr = dst;
    sqe.dst_capacity = kPageSize;
    EXPECT_EQ(queue.submit(std::span(&sqe, 1)), 1u);
    pp_cqe done{};
    EXPECT_TRUE(within_patience([&] { return queue.poll(std::span(&done, 1)) == 1; }));
    return done;
  }
  static unsigned detail(const pp_cqe& cqe) { return cqe.flags >> PP_CQE_DETAIL_SHIFT; }
  void expect_goes_on(QueuePair& queue) {
    const std::vector<Job> jobs = make_->mixture(60, 6);
    const auto memory = job_memory(jobs.size());
    Layout layout(jobs, memory->span());
    const auto codec = engine_codec(queue);
    run_jobs(*codec, layout, 6, clock(), pace_.patience_ns);
  }
};

TEST_F(Memory, WhatIsNotMappedIsBounced) {
  const std::vector<Job> jobs = make_->mixture(61, 24);
  Bytes memory(jobs.size() * Layout::kSlotBytes);
  Layout layout(jobs, memory);
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  const auto codec = engine_codec(queue, {.bounce_slots = 6});  // for three at a time
  run_jobs(*codec, layout, 8, clock(), pace_.patience_ns);
  EXPECT_EQ(codec->counters().bounced_sources, jobs.size());
  EXPECT_EQ(codec->counters().bounced_destinations, jobs.size());
}

TEST_F(Memory, DestinationsAreBouncedOnRequest) {
  const std::vector<Job> jobs = make_->mixture(62, 12);
  const auto memory = job_memory(jobs.size());
  Layout layout(jobs, memory->span());
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  const auto codec = engine_codec(queue, {.bounce_slots = 8, .bounce_destinations = true});
  run_jobs(*codec, layout, 8, clock(), pace_.patience_ns);
  EXPECT_EQ(codec->counters().bounced_sources, 0u);
  EXPECT_EQ(codec->counters().bounced_destinations, jobs.size());
}

// Of the heap: a server of another process asks for each access.
TEST_F(Memory, MemoryOfTheCallersOwnIsReachedInPlace) {
  const std::vector<Job> jobs = make_->mixture(63, 12);
  Bytes memory(jobs.size() * Layout::kSlotBytes + 2 * kReadBeat);
  Layout layout(jobs, std::span(memory).subspan(kReadBeat, memory.size() - 2 * kReadBeat), 5);
  map_->add(memory.data(), memory.size(), DmaAccess::kReadWrite);
  {
    QueuePair queue(*device_, *map_, site_->memory(), queue_config());
    const auto codec = engine_codec(queue, {.bounce_slots = 0});
    run_jobs(*codec, layout, 8, clock(), pace_.patience_ns);
  }
  map_->remove(memory.data());
}

// A device reads whole beats, and a bus may refuse what lies beside the mapping.
TEST_F(Memory, ASourceAtTheRaggedEdgeOfAMappingIsBounced) {
  const std::vector<Job> jobs = make_->mixture(65, 4);
  Bytes memory(jobs.size() * Layout::kSlotBytes);
  Layout layout(jobs, memory, 13);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    map_->add_source({layout.source(i), jobs[i].source.size()});
  }
  {
    QueuePair queue(*device_, *map_, site_->memory(), queue_config());
    const auto codec = engine_codec(queue);
    run_jobs(*codec, layout, 4, clock(), pace_.patience_ns);
    EXPECT_GE(codec->counters().bounced_sources, 1u);
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    map_->remove(layout.source(i));
  }
}

TEST_F(Memory, WithoutBounceBuffersItIsRefused) {
  const std::vector<Job> jobs = make_->mixture(64, 1);
  Bytes memory(Layout::kSlotBytes);
  Layout layout(jobs, memory);
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  const auto codec = engine_codec(queue, {.bounce_slots = 0});
  const Request request = layout.request(0);
  EXPECT_THROW((void)codec->submit(std::span(&request, 1)), std::invalid_argument);
  expect_goes_on(queue);
}

TEST_F(Memory, AddressesThatAreNotMappedAreDmaFaults) {
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  DmaBuffer kept(*map_, site_->memory(), 2 * kPageSize);
  const test::PageData page = test::text_page(3);
  std::memcpy(kept.data(), page.data(), kPageSize);
  auto* const gone = static_cast<std::byte*>(site_->memory().allocate(kPageSize, kPageSize));
  std::memcpy(gone, page.data(), kPageSize);
  const Iova iova = map_->add(gone, kPageSize, DmaAccess::kReadWrite);
  EXPECT_EQ(compress_raw(queue, iova, kept.iova() + kPageSize).status, PP_STATUS_OK);
  map_->remove(gone);

  const pp_cqe read = compress_raw(queue, iova, kept.iova() + kPageSize);
  EXPECT_EQ(read.status, PP_STATUS_DMA_FAULT);
  EXPECT_EQ(detail(read), PP_FAULT_READ);
  EXPECT_EQ(read.info, iova);
  EXPECT_EQ(compress_raw(queue, kept.iova(), kept.iova() + kPageSize).status, PP_STATUS_OK);

  const pp_cqe write = compress_raw(queue, kept.iova(), iova);
  EXPECT_EQ(write.status, PP_STATUS_DMA_FAULT);
  EXPECT_EQ(detail(write), PP_FAULT_WRITE);
  EXPECT_EQ(write.info, iova);
  EXPECT_TRUE(std::equal(page.begin(), page.end(), gone)) << "written after unmap()";
  EXPECT_EQ(device_->drain_errors(), "error log empty");
  expect_goes_on(queue);
  site_->memory().release(gone);
}

TEST_F(Memory, WhatIsMappedToBeReadIsNotWritten) {
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  auto* const source = static_cast<std::byte*>(site_->memory().allocate(kPageSize, kPageSize));
  const test::PageData page = test::text_page(4);
  std::memcpy(source, page.data(), kPageSize);
  const Iova iova = map_->add_source({source, kPageSize});
  const pp_cqe done = compress_raw(queue, iova, iova);
  EXPECT_EQ(done.status, PP_STATUS_DMA_FAULT);
  EXPECT_EQ(detail(done), PP_FAULT_WRITE);
  EXPECT_TRUE(std::equal(page.begin(), page.end(), source));
  expect_goes_on(queue);
  map_->remove(source);
  site_->memory().release(source);
}

// Destinations are unmapped while the device works on them: they come as they must or as faults,
// and from unmap() on nothing is written.
TEST_F(Memory, UnmapTakesMemoryBackAtOnce) {
  std::vector<Job> jobs;
  for (unsigned i = 0; i < 16; ++i) {
    jobs.push_back(make_->compress(bytes_of(test::text_page(i))));
  }
  const auto rest = std::uint64_t{1} << 62;
  QueuePair queue(*device_, *map_, site_->memory(), queue_config());
  for (unsigned round = 0; round < 6; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const std::size_t bytes = jobs.size() * Layout::kSlotBytes;
    auto* const memory = static_cast<std::byte*>(site_->memory().allocate(bytes, kPageSize));
    Layout layout(jobs, {memory, bytes});
    map_->add(memory, bytes, DmaAccess::kReadWrite);
    const auto codec = engine_codec(queue, {.bounce_slots = 0});
    std::vector<Request> requests;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      requests.push_back(layout.request(i));
    }
    ASSERT_EQ(codec->submit(requests), jobs.size());
    clock().pause_ns(round * pace_.poll_ns);
    map_->remove(memory);
    const Bytes then(memory, memory + bytes);
    Completion fault;
    collect(*codec, layout, jobs.size(), clock(), pace_.patience_ns,
            [&](const Completion& completion) {
              Completion plain = completion;
              if (plain.status == Status::kDmaFault) {
                fault = plain;
                plain.crc32c = 0;
              }
              layout.check_or(plain, Status::kDmaFault);
            });
    settle();
    EXPECT_TRUE(std::equal(then.begin(), then.end(), memory)) << "written after unmap()";
    EXPECT_LT(fault.info, rest);
    site_->memory().release(memory);
  }
  expect_goes_on(queue);
}

// The last resort: even the rings are gone. The queue comes back with the mappings.
TEST_F(Memory, RevokedMappingsStopTheQueueAndRestoredOnesStartIt) {
  QueueConfig config = queue_config();
  config.completion_timeout_ns = pace_.give_up_ns;
  QueuePair queue(*device_, *map_, site_->memory(), config);
  expect_goes_on(queue);
  map_->revoke();
  pp_sqe sqe{};
  sqe.opcode = PP_OP_NOP;
  ASSERT_EQ(queue.submit(std::span(&sqe, 1)), 1u);
  pp_cqe done{};
  const auto fails = [&] {
    try {
      (void)queue.poll(std::span(&done, 1));
      return false;
    } catch (const DeviceError& error) {
      EXPECT_EQ(error.fault(), DeviceFault::kTimeout);
      EXPECT_NE(std::string(error.what()).find("PP_Q_STATE error"), std::string::npos)
          << error.what();
      return true;
    }
  };
  EXPECT_TRUE(within_patience(fails));
  queue.restart();
  EXPECT_EQ(queue.poll(std::span(&done, 1)), 1u);
  EXPECT_EQ(done.status, PP_STATUS_ABORTED);
  (void)device_->drain_errors();
  expect_goes_on(queue);
}

}  // namespace
}  // namespace pagepress::suite
