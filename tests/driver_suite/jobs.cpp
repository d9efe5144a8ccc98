// SPDX-License-Identifier: Apache-2.0
#include "tests/driver_suite/jobs.hpp"

#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>

#include <algorithm>
#include <cstring>
#include <random>

#include "model/codec/lz4_decoder.hpp"
#include "rtl/abi/pagepress_abi.h"
#include "tests/corpus/corpus.hpp"

namespace pagepress::suite {
namespace {

constexpr std::byte kCanary{0xa5};
constexpr std::size_t kDestination = Layout::kSlotBytes / 2;  // in a slot: its part
constexpr std::size_t kMargin = 1024;                         // before each buffer, less offset

std::span<const std::uint8_t> octets(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

Bytes from_octets(std::span<const std::uint8_t> octets) {
  const auto all = std::as_bytes(octets);
  return {all.begin(), all.end()};
}

bool is_canary(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == kCanary; });
}

}  // namespace

JobMaker::JobMaker(unsigned positions) : config_(model::EngineConfig::of(positions)) {}

Job JobMaker::compress(std::span<const std::byte> page, std::uint32_t limit, std::uint32_t capacity,
                       bool verify) const {
  Job job{.source = {page.begin(), page.end()},
          .operation = Operation::kCompress,
          .capacity = capacity,
          .limit = limit,
          .verify = verify,
          .answer = {}};
  if (limit > kPageSize) {
    job.answer.status = Status::kBadDescriptor;
    return job;
  }
  const model::EngineResult result = model::compress_unit(
      octets(page), std::min(limit == 0 ? PP_LIMIT_DEFAULT : limit, capacity), config_);
  job.answer = {.status = static_cast<Status>(result.status),
                .out_len = result.out_len,
                .crc32c = result.crc32c,
                .info = result.word,
                .data = from_octets(result.data)};
  return job;
}

Job JobMaker::decompress(std::span<const std::byte> block, std::uint32_t capacity) const {
  const model::DecodeResult result = model::decompress_block(octets(block), capacity);
  return {.source = {block.begin(), block.end()},
          .operation = Operation::kDecompress,
          .capacity = capacity,
          .limit = 0,
          .verify = false,
          .answer = {.status = static_cast<Status>(result.status),
                     .out_len = result.out_len,
                     .crc32c = result.crc32c,
                     .info = 0,
                     .data = from_octets(result.data)}};
}

std::vector<Job> JobMaker::mixture(unsigned seed, std::size_t count) const {
  std::mt19937 random(seed);
  std::vector<Job> jobs;
  for (const Bytes& page : pages(seed, count)) {
    Job job = compress(page, 0, kPageSize, random() % 4 == 0);
    if (job.answer.status == Status::kOk && random() % 3 == 0) {
      job = decompress(job.answer.data);
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::vector<Bytes> pages(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  std::vector<Bytes> made;
  while (made.size() < count) {
    const auto kind = random() % 8;
    const auto one = static_cast<unsigned>(random());
    if (kind == 0) {
      made.push_back(bytes_of(test::filled_page(random() % 2 == 0 ? 0 : one)));
    } else if (kind == 1) {
      made.push_back(bytes_of(test::random_page(one)));
    } else if (kind == 2) {
      made.push_back(bytes_of(test::text_page(one)));
    } else if (kind < 5) {
      made.push_back(from_octets(test::pointer_pages(one, 1).front().bytes));
    } else {
      made.push_back(from_octets(test::random_pages(one, 1).front().bytes));
    }
  }
  return made;
}

Bytes bytes_of(const test::PageData& page) { return {page.begin(), page.end()}; }

Layout::Layout(std::span<const Job> jobs, std::span<std::byte> memory, std::size_t offset,
               Output output)
    : jobs_(jobs), memory_(memory), offset_(offset), output_(output), done_(jobs.size()) {
  std::memset(memory.data(), static_cast<int>(kCanary), memory.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    std::copy(jobs[i].source.begin(), jobs[i].source.end(), source(i));
  }
}

std::byte* Layout::source(std::size_t index) const noexcept {
  return memory_.data() + index * kSlotBytes + offset_;
}

std::byte* Layout::destination(std::size_t index) const noexcept {
  return memory_.data() + index * kSlotBytes + kDestination + kMargin + offset_;
}

Request Layout::request(std::size_t index) const {
  const Job& job = jobs_[index];
  return {.src = source(index),
          .dst = destination(index),
          .capacity = job.capacity,
          .limit = job.limit,
          .tag = index,
          .operation = job.operation,
          .src_len = static_cast<std::uint32_t>(job.source.size()),
          .verify = job.verify,
          .deadline_ns = 0};
}

bool Layout::note(const Completion& completion) {
  if (completion.tag >= jobs_.size() || done_[completion.tag]) {
    ADD_FAILURE() << "job " << completion.tag << " is none of these, or completes twice";
    return false;
  }
  done_[completion.tag] = true;
  ++checked_;
  return true;
}

void Layout::check(const Completion& completion) {
  if (!note(completion)) {
    return;
  }
  SCOPED_TRACE("job " + std::to_string(completion.tag));
  const Answer& answer = jobs_[completion.tag].answer;
  EXPECT_EQ(to_string(completion.status), to_string(answer.status));
  EXPECT_EQ(completion.crc32c, answer.crc32c);
  EXPECT_EQ(completion.info, answer.info);
  check_output(completion);
}

void Layout::check_or(const Completion& completion, Status instead) {
  if (completion.status != instead) {
    check(completion);
  } else if (note(completion)) {
    EXPECT_EQ(completion.out_len, 0u);
  }
}

void Layout::check_output(const Completion& completion) const {
  const Job& job = jobs_[completion.tag];
  const Bytes out(destination(completion.tag), destination(completion.tag) + completion.out_len);
  if (output_ == Output::kMeaning && job.operation == Operation::kCompress &&
      completion.status == Status::kOk) {
    const auto page = model::decode_block(octets(out), kPageSize);
    ASSERT_TRUE(page);
    EXPECT_TRUE(from_octets(*page) == job.source);
    return;
  }
  EXPECT_EQ(completion.out_len, job.answer.out_len);
  EXPECT_TRUE(out == job.answer.data) << "other bytes than the reference codec's";
  if (job.answer.status == Status::kSameFilled || job.answer.status == Status::kIncompressible ||
      job.answer.status == Status::kBadDescriptor) {
    check_untouched(completion.tag);
  }
}

void Layout::check_untouched(std::size_t index) const {
  EXPECT_TRUE(is_canary({destination(index), jobs_[index].capacity})) << "written to";
}

void Layout::check_canaries() const {
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    const std::byte* const slot = memory_.data() + i * kSlotBytes;
    const std::byte* const behind_source = source(i) + jobs_[i].source.size();
    const std::byte* const behind = destination(i) + jobs_[i].capacity;
    EXPECT_TRUE(std::equal(jobs_[i].source.begin(), jobs_[i].source.end(), source(i)))
        << "job " << i << ": its source has changed";
    EXPECT_TRUE(is_canary({slot, source(i)}) && is_canary({behind_source, destination(i)}) &&
                is_canary({behind, slot + kSlotBytes}))
        << "job " << i << ": written outside of its destination";
  }
}

}  // namespace pagepress::suite
