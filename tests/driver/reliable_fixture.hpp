// SPDX-License-Identifier: Apache-2.0
// A ReliableCodec on the fake device: pages in, completions checked by decoding.
#pragma once

#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "tests/driver/fake_device.hpp"
#include "tests/driver/support.hpp"

namespace pagepress::test {

class ReliableTest : public ::testing::Test {
 protected:
  static constexpr unsigned kPages = 32;
  static constexpr std::uint64_t kTimeout = 1'000'000;
  static constexpr std::uint64_t kBackoff = 10'000'000;

  // Anew: a device with `features` more, nothing submitted, no misbehaviour.
  void open(const EngineCodecConfig& engine = {}, const ReliableConfig& config = {},
            std::uint32_t features = 0) {
    codec_.reset();
    queue_.reset();
    device_.reset();
    bus_.misbehave = {};
    bus_.step_at_doorbell(0);
    bus_.identity().features = FakeDevice::Identity{}.features | features;
    bus_.resets = 0;
    done_.clear();
    next_tag_ = 0;
    device_.emplace(bus_, clock_);
    queue_.emplace(*device_, map_, memory_,
                   QueueConfig{.sq_depth = 16, .cq_depth = 16, .completion_timeout_ns = kTimeout});
    codec_ = make_reliable_codec(make_engine_codec("engine:fake", *queue_, map_, engine),
                                 make_cpu_lz4(), config);
  }
  // Page `tag` in, to its own destination.
  Request next_request() {
    const unsigned index = static_cast<unsigned>(next_tag_ % kPages);
    const PageData page = text_page(index);
    std::memcpy(sources_.data() + index * kPageSize, page.data(), kPageSize);
    return {.src = sources_.data() + index * kPageSize,
            .dst = destinations_.data() + index * kPageSize,
            .capacity = kPageSize,
            .tag = next_tag_++};
  }
  void submit(unsigned count) {
    std::vector<Request> batch;
    for (unsigned i = 0; i < count; ++i) {
      batch.push_back(next_request());
    }
    ASSERT_EQ(codec_->submit(batch), count);
  }
  // Every completion once, checked when it comes.
  void poll() {
    std::vector<Completion> done(64);
    done.resize(codec_->poll(done));
    for (const Completion& completion : done) {
      EXPECT_TRUE(done_.emplace(completion.tag, completion).second) << "twice: " << completion.tag;
      if (completion.status == Status::kOk) {
        expect_page(completion);
      }
    }
  }
  void run(unsigned count) {
    while (count != 0) {
      const unsigned batch = std::min(count, 8u);
      submit(batch);
      for (int i = 0; i < 4; ++i) {
        poll();
      }
      count -= batch;
    }
  }
  void expect_page(const Completion& completion) {
    const unsigned index = static_cast<unsigned>(completion.tag % kPages);
    PageData page;
    const auto cpu = make_cpu_lz4();
    const Request decode{.src = destinations_.data() + index * kPageSize,
                         .dst = page.data(),
                         .capacity = kPageSize,
                         .operation = Operation::kDecompress,
                         .src_len = completion.out_len};
    Completion decoded;
    ASSERT_EQ(cpu->submit(std::span(&decode, 1)), 1u);
    ASSERT_EQ(cpu->poll(std::span(&decoded, 1)), 1u);
    EXPECT_EQ(decoded.status, Status::kOk);
    EXPECT_EQ(decoded.crc32c, completion.crc32c);
    EXPECT_EQ(page, text_page(index));
  }
  void expect_all_correct(unsigned count) {
    EXPECT_EQ(done_.size(), count);
    for (const auto& [tag, completion] : done_) {
      EXPECT_EQ(completion.status, Status::kOk) << tag;
    }
    EXPECT_EQ(codec_->counters().completed, count);
    EXPECT_EQ(codec_->outstanding(), 0u);
  }
  void time_out() { clock_.pause_ns(kTimeout); }
  const ReliableCounters& counters() const { return codec_->counters(); }

  FakeDevice bus_;
  ManualClock clock_;
  CountedMemory memory_;
  DmaMap map_{bus_};
  DmaBuffer sources_{map_, memory_, kPages* kPageSize};
  DmaBuffer destinations_{map_, memory_, kPages* kPageSize};
  std::optional<Device> device_;
  std::optional<QueuePair> queue_;
  std::unique_ptr<ReliableCodec> codec_;
  std::map<std::uint64_t, Completion> done_;
  std::uint64_t next_tag_ = 0;
};

}  // namespace pagepress::test
