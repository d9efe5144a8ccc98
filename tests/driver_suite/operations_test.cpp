// SPDX-License-Identifier: Apache-2.0
// Every operation of the driver, each answer held against the reference codec.
#include <cstring>

#include "tests/driver_suite/suite.hpp"

namespace pagepress::suite {
namespace {

class Operations : public DriverSuite {
 protected:
  // All of them on a queue of its own, four in a burst.
  void run(const std::vector<Job>& jobs, std::size_t offset = 0) {
    const auto memory = job_memory(jobs.size());
    Layout layout(jobs, memory->span(), offset);
    QueuePair queue(*device_, *map_, site_->memory(), queue_config());
    const auto codec = engine_codec(queue, {.bounce_slots = 0});
    run_jobs(*codec, layout, 4, clock(), pace_.patience_ns);
    EXPECT_EQ(device_->drain_errors(), "error log empty");
  }
  // A page of text, and the length of its block.
  const Bytes text_ = bytes_of(test::text_page(7));
  const Answer block_ = make_->compress(text_).answer;
};

TEST_F(Operations, PagesOfEveryKindAreCompressed) {
  std::vector<Job> jobs;
  for (const Bytes& page : pages(1, 40)) {
    jobs.push_back(make_->compress(page));
  }
  run(jobs);
}

TEST_F(Operations, SameFilledPagesTellTheirWord) {
  std::vector<Job> jobs;
  for (const std::uint64_t word : {0ull, 1ull, 0x0123456789abcdefull, ~0ull}) {
    jobs.push_back(make_->compress(bytes_of(test::filled_page(word))));
    EXPECT_EQ(jobs.back().answer.status, Status::kSameFilled);
    EXPECT_EQ(jobs.back().answer.info, word);
  }
  Bytes nearly = bytes_of(test::filled_page(1));
  nearly.back() = std::byte{1};
  jobs.push_back(make_->compress(nearly));
  EXPECT_EQ(jobs.back().answer.status, Status::kOk);
  run(jobs);
}

TEST_F(Operations, CompressionIsVerified) {
  if ((caps().operations >> PP_OP_COMPRESS_VERIFY & 1u) == 0) {
    GTEST_SKIP() << "the device cannot";
  }
  std::vector<Job> jobs;
  for (const Bytes& page : pages(2, 24)) {
    jobs.push_back(make_->compress(page, 0, kPageSize, true));
  }
  run(jobs);
}

TEST_F(Operations, LimitsAreKept) {
  ASSERT_EQ(block_.status, Status::kOk);
  std::vector<Job> jobs;
  for (const std::uint32_t limit : {1u, 12u, block_.out_len - 1, block_.out_len, block_.out_len + 1,
                                    PP_LIMIT_DEFAULT, 4096u, 4097u, ~0u}) {
    jobs.push_back(make_->compress(text_, limit));
    jobs.push_back(make_->compress(bytes_of(test::random_page(3)), limit));
    jobs.push_back(make_->compress(bytes_of(test::filled_page(3)), limit));
  }
  run(jobs);
}

TEST_F(Operations, NoByteIsWrittenBeyondTheCapacity) {
  std::vector<Job> jobs;
  for (const std::uint32_t capacity :
       {0u, 1u, 13u, 64u, block_.out_len - 1, block_.out_len, block_.out_len + 1, 4095u, 4096u}) {
    for (const bool verify : {false, true}) {
      jobs.push_back(make_->compress(text_, 0, capacity, verify));
      jobs.push_back(make_->compress(bytes_of(test::random_page(4)), 4096, capacity, verify));
      jobs.push_back(make_->compress(bytes_of(test::filled_page(4)), 0, capacity, verify));
    }
    jobs.push_back(make_->decompress(block_.data, capacity));
  }
  run(jobs);
}

TEST_F(Operations, BlocksAreDecompressed) {
  std::vector<Job> jobs;
  for (const Bytes& page : pages(5, 32)) {
    const Answer block = make_->compress(page, 4096).answer;
    if (block.status == Status::kOk) {
      jobs.push_back(make_->decompress(block.data));
      EXPECT_EQ(jobs.back().answer.out_len, kPageSize);
    }
  }
  run(jobs);
}

TEST_F(Operations, BadBlocksAreToldAndHarmNothing) {
  std::vector<Job> jobs;
  const auto add = [&](Bytes block) { jobs.push_back(make_->decompress(block)); };
  for (const std::size_t length :
       {std::size_t{1}, std::size_t{2}, block_.data.size() / 2, block_.data.size() - 1}) {
    add({block_.data.begin(), block_.data.begin() + static_cast<std::ptrdiff_t>(length)});
  }
  for (std::size_t at = 0; at < block_.data.size(); at += 1 + block_.data.size() / 16) {
    Bytes mutated = block_.data;
    mutated[at] ^= std::byte{0xff};
    add(mutated);
  }
  const Bytes noise = bytes_of(test::random_page(6));
  add(noise);
  add({noise.begin(), noise.begin() + 100});
  Bytes longest(kMaxBlockSize);
  std::memcpy(longest.data(), noise.data(), noise.size());
  add(longest);
  add({std::byte{0}});  // an empty block: nothing comes out of it
  std::size_t malformed = 0;
  for (const Job& job : jobs) {
    malformed += job.answer.status == Status::kMalformed ? 1u : 0u;
  }
  EXPECT_GE(malformed, 5u);
  run(jobs);
}

TEST_F(Operations, SourcesAndDestinationsBeginAnywhere) {
  if (!caps().has(PP_FEAT_UNALIGNED)) {
    GTEST_SKIP() << "the device cannot";
  }
  unsigned seed = 10;
  for (const std::size_t offset : {1u, 7u, 8u, 63u, 65u, 1023u}) {
    SCOPED_TRACE("offset " + std::to_string(offset));
    run(make_->mixture(seed++, 8), offset);
  }
}

}  // namespace
}  // namespace pagepress::suite
