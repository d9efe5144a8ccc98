// SPDX-License-Identifier: Apache-2.0
// Owner: whose pages these are. It hands them out, takes completions, and checks everything end to
// end as a store of compressed pages would have to: what comes back is decoded on this CPU or has
// its CRC compared before the owner relies on it. A driver that checks answers must not pass on one
// that does not hold: that is a failure. With Belief::kTrusting the page is done on this CPU
// instead, and the answer counted as a lie.
//
// Destinations are reused late, and marked while nobody may write there: a write that comes after
// its completion is found.
// Limitation: once a page in each direction.
#pragma once

#include <pagepress/codec.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "bench/faults/page_maker.hpp"

namespace pagepress::bench {

// The message says which page and why.
class CampaignFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Of the driver, in what the device says.
enum class Belief : std::uint8_t { kChecking, kTrusting };

class Owner {
 public:
  // `slots`: room for destinations, a page each, that the device may write. `verify`: the device is
  // asked to, too.
  Owner(std::span<const Page> pages, std::span<std::byte> slots, Belief belief, bool verify);

  // Compression first; then begin_loading(), and the same again.
  void begin_loading();
  // The next page to hand out, if there is one and a place for it.
  [[nodiscard]] std::optional<Request> next();
  void take(const Completion& completion);
  [[nodiscard]] bool done() const noexcept { return completed_ == total_; }

  // Every page has come back as it was. Throws CampaignFailure.
  void check() const;
  // Answers that did not hold, though the driver had accepted them.
  [[nodiscard]] std::uint64_t lies() const noexcept { return lies_; }
  [[nodiscard]] std::uint64_t stored_blocks() const noexcept { return blocks_.size(); }
  // Of the blocks to load, for the device to read.
  [[nodiscard]] std::span<const std::byte> blocks() const noexcept { return block_memory_; }

 private:
  enum class Form : std::uint8_t { kNone, kBlock, kFilled, kRaw };
  struct Stored {
    Form form = Form::kNone;
    std::vector<std::byte> block;
    std::uint64_t word = 0;
    std::uint32_t crc32c = 0;  // of the page
  };

  [[nodiscard]] std::span<std::byte> slot(std::size_t index) const;
  void free_slot(std::size_t index);
  void check_mark(std::size_t index) const;
  void store(std::size_t page, const Completion& completion, std::span<const std::byte> out);
  void load(std::size_t page, const Completion& completion, std::span<const std::byte> out);
  [[nodiscard]] bool keep(std::size_t page, const Completion& completion,
                          std::span<const std::byte> out);
  [[nodiscard]] Completion on_cpu(const Request& request);
  void count_lie(std::size_t page);

  const std::span<const Page> pages_;
  const std::span<std::byte> slots_;
  const Belief belief_;
  const bool verify_;
  std::unique_ptr<Codec> cpu_;
  std::vector<Stored> stored_;       // by page
  std::vector<Page> back_;           // what was loaded
  std::vector<std::size_t> blocks_;  // pages that are stored as blocks
  std::vector<std::byte> block_memory_;
  std::vector<std::size_t> block_places_;  // by index in blocks_
  std::deque<std::size_t> free_slots_;     // the one that has been free longest first
  std::vector<std::size_t> slot_of_;       // by tag; kNone: not handed out, or back already
  bool loading_ = false;
  std::size_t total_;
  std::size_t handed_out_ = 0;
  std::size_t completed_ = 0;
  std::uint64_t lies_ = 0;
};

}  // namespace pagepress::bench
