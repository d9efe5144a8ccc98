// SPDX-License-Identifier: Apache-2.0
// The engine as a Codec, and that both back ends answer alike.
#include <gmock/gmock.h>
#include <pagepress/codecs.hpp>

#include "tests/driver/queue_fixture.hpp"

namespace pagepress::test {
namespace {

using ::testing::HasSubstr;

class EngineCodecTest : public QueueTest {
 protected:
  void SetUp() override {
    open({.sq_depth = 8, .cq_depth = 8});
    codec_ = make_engine_codec("engine:fake", *queue_, map_, {.bounce_slots = 0});
  }
  Request request(std::uint64_t tag) const {
    return {.src = source_.data(), .dst = destination_.data(), .capacity = kPageSize, .tag = tag};
  }
  std::unique_ptr<Codec> codec_;
};

TEST_F(EngineCodecTest, AnswersAsTheCpuDoes) {
  const auto cpu = make_cpu_lz4();
  bus_.step_at_doorbell();
  PageData cpu_out;
  std::vector<PageData> pages = {filled_page(0), filled_page(0x1234567812345678)};
  for (unsigned seed = 0; seed < 20; ++seed) {
    pages.push_back(text_page(seed));
    pages.push_back(random_page(seed));
  }
  for (const PageData& page : pages) {
    set_source(page);
    for (const std::uint32_t limit : {0u, 100u, 2000u, 4096u, 4097u}) {
      Request mine = request(5);
      mine.limit = limit;
      Request theirs = mine;
      theirs.dst = cpu_out.data();
      Completion engine;
      Completion expected;
      ASSERT_EQ(codec_->submit(std::span(&mine, 1)), 1u);
      ASSERT_EQ(codec_->poll(std::span(&engine, 1)), 1u);
      ASSERT_EQ(cpu->submit(std::span(&theirs, 1)), 1u);
      ASSERT_EQ(cpu->poll(std::span(&expected, 1)), 1u);
      EXPECT_EQ(engine.status, expected.status) << to_string(engine.status);
      EXPECT_EQ(engine.tag, expected.tag);
      EXPECT_EQ(engine.crc32c, expected.crc32c);
      EXPECT_EQ(engine.info, expected.info);
      EXPECT_EQ(engine.out_len, expected.out_len);
      EXPECT_EQ(std::memcmp(destination_.data(), cpu_out.data(), engine.out_len), 0);
    }
  }
}

TEST_F(EngineCodecTest, TakesWhatTheRingHasRoomFor) {
  EXPECT_EQ(codec_->name(), "engine:fake");
  EXPECT_EQ(codec_->depth(), 8u);
  const std::vector<Request> many(20, request(1));
  EXPECT_EQ(codec_->submit(many), 8u);
  EXPECT_EQ(codec_->submit(many), 0u);
  std::vector<Completion> done(20);
  EXPECT_EQ(codec_->poll(done), 0u);
  bus_.step(3);
  EXPECT_EQ(codec_->poll(done), 3u);
  EXPECT_EQ(codec_->submit(many), 3u);
}

TEST_F(EngineCodecTest, AnAddressThatIsNotMappedIsRefusedBeforeAnythingIsTaken) {
  PageData outside;
  std::vector<Request> batch(2, request(1));
  batch[1].src = outside.data();
  try {
    (void)codec_->submit(batch);
    FAIL() << "it was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("engine:fake: source buffer"));
  }
  batch[1] = request(1);
  batch[1].dst = outside.data();
  EXPECT_THROW((void)codec_->submit(batch), std::invalid_argument);
  batch[1] = request(1);
  batch[1].capacity = kPageSize + 1;
  EXPECT_THROW((void)codec_->submit(batch), std::invalid_argument);
  EXPECT_EQ(queue_->outstanding(), 0u);
  EXPECT_EQ(bus_.sq_doorbells, 0u);
}

TEST_F(EngineCodecTest, ADestinationTheDeviceMayOnlyReadIsRefused) {
  std::vector<std::byte> read_only(kPageSize);
  map_.add_source(read_only);
  Request bad = request(1);
  bad.dst = read_only.data();
  EXPECT_THROW((void)codec_->submit(std::span(&bad, 1)), std::invalid_argument);
}

TEST_F(EngineCodecTest, DeviceErrorsComeThroughAndRestartAborts) {
  bus_.misbehave.silent = true;
  const std::vector<Request> batch = {request(7), request(8)};
  ASSERT_EQ(codec_->submit(batch), 2u);
  clock_.pause_ns(2'000'000'000);
  std::vector<Completion> done(8);
  EXPECT_THROW((void)codec_->poll(done), DeviceError);
  EXPECT_EQ(codec_->submit(batch), 0u);
  queue_->restart();
  ASSERT_EQ(codec_->poll(done), 2u);
  EXPECT_EQ(done[0].status, Status::kAborted);
  EXPECT_EQ(done[1].tag, 8u);
}

TEST_F(EngineCodecTest, DecompressesAsTheCpuDoes) {
  const auto cpu = make_cpu_lz4();
  bus_.step_at_doorbell();
  // Blocks whole, cut and damaged, to a page and to less.
  for (unsigned seed = 0; seed < 40; ++seed) {
    const PageData page = text_page(seed);
    PageData block;
    Request store{.src = page.data(), .dst = block.data(), .capacity = kPageSize};
    Completion stored;
    ASSERT_EQ(cpu->submit(std::span(&store, 1)), 1u);
    ASSERT_EQ(cpu->poll(std::span(&stored, 1)), 1u);
    ASSERT_EQ(stored.status, Status::kOk);
    if (seed % 4 == 3) {
      block[stored.out_len / 2] ^= std::byte{0x55};
    }
    set_source(block);
    PageData cpu_out{};
    for (const std::uint32_t cut : {0u, 1u, 64u}) {
      for (const std::uint32_t capacity : {4096u, 4095u, 100u, 0u}) {
        Request mine = request(6);
        mine.operation = Operation::kDecompress;
        mine.src_len = stored.out_len - cut;
        mine.capacity = capacity;
        mine.limit = 7;  // of compress: ignored
        Request theirs = mine;
        theirs.dst = cpu_out.data();
        Completion engine;
        Completion expected;
        ASSERT_EQ(codec_->submit(std::span(&mine, 1)), 1u);
        ASSERT_EQ(codec_->poll(std::span(&engine, 1)), 1u);
        ASSERT_EQ(cpu->submit(std::span(&theirs, 1)), 1u);
        ASSERT_EQ(cpu->poll(std::span(&expected, 1)), 1u);
        EXPECT_EQ(engine.status, expected.status) << to_string(engine.status);
        EXPECT_EQ(engine.tag, 6u);
        EXPECT_EQ(engine.crc32c, expected.crc32c);
        EXPECT_EQ(engine.out_len, expected.out_len);
        EXPECT_EQ(std::memcmp(destination_.data(), cpu_out.data(), engine.out_len), 0);
        if (cut == 0 && capacity == 4096u && seed % 4 != 3) {
          EXPECT_EQ(engine.status, Status::kOk);
          EXPECT_EQ(std::memcmp(destination_.data(), page.data(), kPageSize), 0);
        }
      }
    }
  }
}

TEST_F(EngineCodecTest, BothOperationsInOneBatch) {
  bus_.step_at_doorbell();
  set_source(text_page(1));
  std::vector<Request> batch(3, request(1));
  batch[1].operation = Operation::kDecompress;  // of text: not a block
  batch[1].tag = 2;
  batch[2].tag = 3;
  std::vector<Completion> done(3);
  ASSERT_EQ(codec_->submit(batch), 3u);
  EXPECT_EQ(bus_.sq_doorbells, 1u);
  ASSERT_EQ(codec_->poll(done), 3u);
  EXPECT_EQ(done[0].status, Status::kOk);
  EXPECT_EQ(done[1].status, Status::kMalformed);
  EXPECT_EQ(done[2].status, Status::kOk);
}

TEST_F(EngineCodecTest, ABlockIsMappedAsFarAsItGoes) {
  Request bad = request(1);
  bad.operation = Operation::kDecompress;
  bad.src = source_.data() + kPageSize - 100;
  bad.src_len = 101;
  EXPECT_THROW((void)codec_->submit(std::span(&bad, 1)), std::invalid_argument);
  bad.src_len = 100;
  EXPECT_EQ(codec_->submit(std::span(&bad, 1)), 1u);
}

TEST(EngineCodec, ADeviceThatCannotDecompressIsSaidToBeOne) {
  FakeDevice bus({.operations = 1u << PP_OP_COMPRESS});
  ManualClock clock;
  CountedMemory memory;
  DmaMap map(bus);
  Device device(bus, clock);
  const DmaBuffer buffer(map, memory, 2 * kPageSize);
  QueuePair queue(device, map, memory, {.sq_depth = 8, .cq_depth = 8});
  const auto codec = make_engine_codec("engine:old", queue, map);
  std::vector<Request> batch(
      2, Request{.src = buffer.data(), .dst = buffer.data() + kPageSize, .capacity = kPageSize});
  batch[1].operation = Operation::kDecompress;
  try {
    (void)codec->submit(batch);
    FAIL() << "it was taken";
  } catch (const DeviceError& error) {
    EXPECT_EQ(error.fault(), DeviceFault::kUnsupported);
    EXPECT_THAT(error.what(), HasSubstr("engine:old: the device cannot decompress"));
  }
  EXPECT_EQ(queue.outstanding(), 0u);  // the first was not taken either
  EXPECT_EQ(codec->submit(std::span(batch).first(1)), 1u);
}

}  // namespace
}  // namespace pagepress::test
