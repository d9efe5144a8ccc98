// SPDX-License-Identifier: Apache-2.0
// What the cases give to a device, and what must come back by the reference codec (model/codec):
// the same status, length, CRC, word and bytes from every device, over every bus.
//
// Limitation: pages and blocks of pages; an answer is of the default match finder of a width.
#pragma once

#include <pagepress/codec.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "model/codec/lz4_engine.hpp"
#include "tests/driver/support.hpp"

namespace pagepress::suite {

using Bytes = std::vector<std::byte>;

struct Answer {
  Status status = Status::kOk;
  std::uint32_t out_len = 0;
  std::uint32_t crc32c = 0;
  std::uint64_t info = 0;
  Bytes data;  // out_len bytes
};

struct Job {
  Bytes source;
  Operation operation = Operation::kCompress;
  std::uint32_t capacity = kPageSize;
  std::uint32_t limit = 0;
  bool verify = false;
  Answer answer;
};

// Jobs with their answers, for a device that looks at `positions` a cycle.
class JobMaker {
 public:
  explicit JobMaker(unsigned positions);

  [[nodiscard]] Job compress(std::span<const std::byte> page, std::uint32_t limit = 0,
                             std::uint32_t capacity = kPageSize, bool verify = false) const;
  [[nodiscard]] Job decompress(std::span<const std::byte> block,
                               std::uint32_t capacity = kPageSize) const;
  // A random mixture of both; `count` of them.
  [[nodiscard]] std::vector<Job> mixture(unsigned seed, std::size_t count) const;

 private:
  model::EngineConfig config_;
};

// Pages of every kind, each time the same: text, same-filled, incompressible, in between.
[[nodiscard]] std::vector<Bytes> pages(unsigned seed, std::size_t count);
[[nodiscard]] Bytes bytes_of(const test::PageData& page);

// Jobs laid out in memory, each source and destination with canaries around it. Checks what comes
// back, once for each job.
class Layout {
 public:
  static constexpr std::size_t kSlotBytes = 16384;  // that a job needs
  enum class Output : std::uint8_t {
    kExact,    // as the reference codec's
    kMeaning,  // or as a CPU codec's: a block that decodes to the page
  };

  // `memory` has kSlotBytes for each job; `offset`, below 1,024, is where buffers begin in a page.
  Layout(std::span<const Job> jobs, std::span<std::byte> memory, std::size_t offset = 0,
         Output output = Output::kExact);

  [[nodiscard]] std::size_t size() const noexcept { return jobs_.size(); }
  [[nodiscard]] Request request(std::size_t index) const;
  [[nodiscard]] std::byte* source(std::size_t index) const noexcept;
  [[nodiscard]] std::byte* destination(std::size_t index) const noexcept;
  // Fails the test if it is not what the job must come to, or comes twice.
  void check(const Completion& completion);
  // Likewise, but it may be one that was taken back: `instead`, of which no output is kept.
  void check_or(const Completion& completion, Status instead);
  [[nodiscard]] std::size_t checked() const noexcept { return checked_; }
  // No byte beside a destination, or of a source, has changed.
  void check_canaries() const;

 private:
  bool note(const Completion& completion);
  void check_output(const Completion& completion) const;
  void check_untouched(std::size_t index) const;

  std::span<const Job> jobs_;
  std::span<std::byte> memory_;
  std::size_t offset_;
  Output output_;
  std::vector<bool> done_;
  std::size_t checked_ = 0;
};

}  // namespace pagepress::suite
