// SPDX-License-Identifier: Apache-2.0
// Bounce buffers, verification and deadlines of the engine codec.
#include <gmock/gmock.h>
#include <pagepress/codecs.hpp>

#include "tests/driver/queue_fixture.hpp"

namespace pagepress::test {
namespace {

using ::testing::HasSubstr;

class BounceTest : public QueueTest {
 protected:
  void open_codec(const EngineCodecConfig& config = {}) {
    codec_.reset();
    queue_.reset();
    open({.sq_depth = 8, .cq_depth = 8});
    codec_ = make_engine_codec("engine:fake", *queue_, map_, config);
    bus_.step_at_doorbell();
  }
  Completion one(const Request& request) {
    Completion done;
    EXPECT_EQ(codec_->submit(std::span(&request, 1)), 1u);
    EXPECT_EQ(codec_->poll(std::span(&done, 1)), 1u);
    return done;
  }
  std::unique_ptr<EngineCodec> codec_;
};

TEST_F(BounceTest, WhatIsNotMappedGoesThroughThePoolWithTheSameResult) {
  open_codec();
  const PageData page = text_page(3);
  std::vector<std::byte> out(kPageSize + 1, std::byte{0x77});
  set_source(page);
  const Completion mapped =
      one({.src = source_.data(), .dst = destination_.data(), .capacity = kPageSize});
  const Completion bounced = one({.src = page.data(), .dst = out.data(), .capacity = kPageSize});
  EXPECT_EQ(bounced.status, Status::kOk);
  EXPECT_EQ(bounced.out_len, mapped.out_len);
  EXPECT_EQ(std::memcmp(out.data(), destination_.data(), bounced.out_len), 0);
  EXPECT_EQ(out[bounced.out_len], std::byte{0x77}) << "no byte more is written";
  EXPECT_EQ(codec_->counters().bounced_sources, 1u);
  EXPECT_EQ(codec_->counters().bounced_destinations, 1u);
  // And back, from memory that is not mapped to memory that is.
  const Completion back = one({.src = out.data(),
                               .dst = destination_.data(),
                               .capacity = kPageSize,
                               .operation = Operation::kDecompress,
                               .src_len = bounced.out_len});
  EXPECT_EQ(back.status, Status::kOk);
  EXPECT_EQ(std::memcmp(destination_.data(), page.data(), kPageSize), 0);
  EXPECT_EQ(codec_->counters().bounced_sources, 2u);
  EXPECT_EQ(codec_->counters().bounced_destinations, 1u);
}

TEST_F(BounceTest, AFullPoolTakesFewer) {
  open_codec({.bounce_slots = 4});
  bus_.step_at_doorbell(0);
  const PageData page = text_page(3);
  std::vector<PageData> out(8);
  std::vector<Request> batch;
  for (PageData& to : out) {
    batch.push_back({.src = page.data(), .dst = to.data(), .capacity = kPageSize});
  }
  EXPECT_EQ(codec_->submit(batch), 2u);
  EXPECT_EQ(codec_->submit(batch), 0u);
  EXPECT_EQ(codec_->outstanding(), 2u);
  for (int round = 0; round < 20; ++round) {
    bus_.step();
    std::vector<Completion> done(8);
    ASSERT_EQ(codec_->poll(done), 2u);
    ASSERT_EQ(codec_->submit(batch), 2u) << "no slot is lost";
  }
}

TEST_F(BounceTest, ARefusedBatchGivesItsSlotsBack) {
  open_codec({.bounce_slots = 2});
  const PageData page = text_page(3);
  PageData out;
  std::vector<Request> batch(
      2, {.src = page.data(), .dst = destination_.data(), .capacity = kPageSize});
  batch[1].src_len = 3 * kPageSize;
  for (int i = 0; i < 4; ++i) {
    try {
      (void)codec_->submit(batch);
      FAIL() << "it was taken";
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), HasSubstr("too long for a bounce buffer"));
    }
  }
  EXPECT_EQ(codec_->outstanding(), 0u);
  EXPECT_EQ(one({.src = page.data(), .dst = out.data(), .capacity = kPageSize}).status,
            Status::kOk);
}

TEST_F(BounceTest, AlignmentThatTheDeviceNeedsIsBouncedToo) {
  bus_.identity().features &= ~PP_FEAT_UNALIGNED;
  Device aligned(bus_, clock_);
  QueuePair queue(aligned, map_, memory_, {.sq_depth = 8, .cq_depth = 8});
  const auto codec = make_engine_codec("engine:fake", queue, map_);
  bus_.step_at_doorbell();
  const Request request{.src = source_.data(), .dst = destination_.data() + 1, .capacity = 4000};
  ASSERT_EQ(codec->submit(std::span(&request, 1)), 1u);
  EXPECT_EQ(codec->counters().bounced_sources, 0u);
  EXPECT_EQ(codec->counters().bounced_destinations, 1u);
}

TEST_F(BounceTest, BouncedDestinationsKeepLateWritesAway) {
  open_codec({.bounce_destinations = true});
  set_source(text_page(1));
  EXPECT_EQ(one({.src = source_.data(), .dst = destination_.data(), .capacity = kPageSize}).status,
            Status::kOk);
  EXPECT_EQ(codec_->counters().bounced_destinations, 1u);
  EXPECT_EQ(codec_->counters().bounced_sources, 0u);
  // The device lies: it says DISABLED and writes later.
  bus_.step_at_doorbell(0);
  bus_.misbehave.keep_units = true;
  const Request request{.src = source_.data(), .dst = destination_.data(), .capacity = kPageSize};
  ASSERT_EQ(codec_->submit(std::span(&request, 1)), 1u);
  bus_.fetch(0, 1);
  EXPECT_EQ(queue_->stop(), Ownership::kStopped);
  std::memset(destination_.data(), 0x5a, kPageSize);
  EXPECT_EQ(bus_.haunt(), 0u) << "it did write";
  EXPECT_EQ(destination_.data()[0], std::byte{0x5a});
}

TEST_F(BounceTest, APoolOfOneSlotIsRefused) {
  open();
  EXPECT_THROW((void)make_engine_codec("x", *queue_, map_, {.bounce_slots = 1}),
               std::invalid_argument);
  EXPECT_THROW((void)make_engine_codec("x", *queue_, map_, {.bounce_slots = 70'000}),
               std::invalid_argument);
  EXPECT_THROW(
      (void)make_engine_codec("x", *queue_, map_, {.bounce_slots = 0, .bounce_destinations = true}),
      std::invalid_argument);
}

TEST_F(BounceTest, AMappingThatMovedIsFollowed) {
  open_codec({.bounce_slots = 0});
  const Request request{.src = source_.data(), .dst = destination_.data(), .capacity = kPageSize};
  EXPECT_NE(one(request).status, Status::kDmaFault);
  (void)queue_->stop();
  map_.revoke();
  EXPECT_EQ(bus_.mappings(), 0u);
  EXPECT_FALSE(map_.translate(source_.data(), 1, DmaAccess::kRead));
  queue_->start();
  EXPECT_NE(one(request).status, Status::kDmaFault);
}

TEST_F(BounceTest, VerificationIsTheDevicesWhereItCan) {
  bus_.identity().operations |= 1u << PP_OP_COMPRESS_VERIFY;
  Device able(bus_, clock_);
  QueuePair queue(able, map_, memory_, {.sq_depth = 8, .cq_depth = 8});
  const auto codec = make_engine_codec("engine:fake", queue, map_);
  bus_.step_at_doorbell();
  set_source(text_page(1));
  Request request{.src = source_.data(), .dst = destination_.data(), .capacity = kPageSize};
  request.verify = true;
  for (const bool flip : {false, true}) {
    bus_.misbehave.flip_output = flip;
    Completion done;
    ASSERT_EQ(codec->submit(std::span(&request, 1)), 1u);
    ASSERT_EQ(codec->poll(std::span(&done, 1)), 1u);
    EXPECT_EQ(done.status, flip ? Status::kVerifyFailed : Status::kOk);
  }
  EXPECT_EQ(codec->counters().verified, 0u);
}

TEST_F(BounceTest, VerificationIsTheCpusWhereItCannot) {
  open_codec();
  set_source(text_page(1));
  const PageData page = text_page(2);
  PageData out;
  Request mapped{.src = source_.data(), .dst = destination_.data(), .capacity = kPageSize};
  mapped.verify = true;
  Request bounced = mapped;
  bounced.src = page.data();
  bounced.dst = out.data();
  EXPECT_EQ(one(mapped).status, Status::kOk);
  EXPECT_EQ(one(bounced).status, Status::kOk);
  bus_.misbehave.flip_output = true;
  EXPECT_EQ(one(mapped).status, Status::kVerifyFailed);
  EXPECT_EQ(one(bounced).status, Status::kVerifyFailed);
  EXPECT_EQ(codec_->counters().verified, 4u);
  mapped.verify = false;
  EXPECT_EQ(one(mapped).status, Status::kOk) << "nobody looked";
}

TEST_F(BounceTest, VerificationWithoutACrcComparesWithTheSource) {
  bus_.identity().features &= ~PP_FEAT_CRC32C;
  Device plain(bus_, clock_);
  QueuePair queue(plain, map_, memory_, {.sq_depth = 8, .cq_depth = 8});
  const auto codec = make_engine_codec("engine:fake", queue, map_);
  bus_.step_at_doorbell();
  bus_.misbehave.completion = [](pp_cqe& cqe) { cqe.crc32c = 0; };
  set_source(text_page(1));
  Request request{.src = source_.data(), .dst = destination_.data(), .capacity = kPageSize};
  request.verify = true;
  Completion done;
  ASSERT_EQ(codec->submit(std::span(&request, 1)), 1u);
  ASSERT_EQ(codec->poll(std::span(&done, 1)), 1u);
  EXPECT_EQ(done.status, Status::kOk);
}

// A page that comes back, by its CRC; by the device where it can, else by the CPU.
TEST_F(BounceTest, DecompressionIsVerifiedByTheExpectedCrc) {
  for (const std::uint32_t feature : {0u, PP_FEAT_EXPECT_CRC}) {
    bus_.misbehave.flip_output = false;
    bus_.identity().features = FakeDevice::Identity{}.features | feature;
    Device device(bus_, clock_);
    QueuePair queue(device, map_, memory_, {.sq_depth = 8, .cq_depth = 8});
    codec_ = make_engine_codec("engine:fake", queue, map_);
    bus_.step_at_doorbell();
    set_source(text_page(1));
    const Request store{.src = source_.data(), .dst = destination_.data(), .capacity = kPageSize};
    const Completion stored = one(store);
    PageData page;
    Request load{.src = destination_.data(),
                 .dst = page.data(),
                 .capacity = kPageSize,
                 .operation = Operation::kDecompress,
                 .src_len = stored.out_len,
                 .verify = true,
                 .expected_crc32c = stored.crc32c};
    EXPECT_EQ(one(load).status, Status::kOk);
    EXPECT_EQ(page, text_page(1));
    load.expected_crc32c ^= 1;
    EXPECT_EQ(one(load).status, Status::kVerifyFailed);
    load.expected_crc32c ^= 1;
    bus_.misbehave.flip_output = true;
    EXPECT_EQ(one(load).status, Status::kVerifyFailed);
    EXPECT_EQ(codec_->counters().verified, feature == 0 ? 3u : 0u);
    load.deadline_ns = 1;  // takes no entry, and leaves nothing in it
    clock_.pause_ns(1);
    bus_.misbehave.flip_output = false;
    Request plain = store;
    plain.tag = 1;
    const std::array batch{load, plain};
    std::array<Completion, 2> done;
    ASSERT_EQ(codec_->submit(batch), 2u);
    ASSERT_EQ(codec_->poll(done), 1u);
    ASSERT_EQ(codec_->poll(done), 1u);
    EXPECT_EQ(done[0].status, Status::kOk) << "with a flag of decompression it would be none";
    codec_.reset();
  }
}

TEST_F(BounceTest, ClosingWithRequestsOutStopsTheQueueFirst) {
  open_codec();
  bus_.step_at_doorbell(0);
  const PageData page = text_page(3);
  PageData out;
  const Request request{.src = page.data(), .dst = out.data(), .capacity = kPageSize};
  ASSERT_EQ(codec_->submit(std::span(&request, 1)), 1u);
  bus_.fetch(0, 1);
  codec_.reset();
  EXPECT_EQ(bus_.queue_state(0), PP_QSTATE_DISABLED);
}

}  // namespace
}  // namespace pagepress::test
