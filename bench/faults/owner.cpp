// SPDX-License-Identifier: Apache-2.0
#include "bench/faults/owner.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <pagepress/codecs.hpp>

namespace pagepress::bench {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
constexpr std::byte kMark{0xe5};
constexpr std::size_t kLine = 64;  // blocks begin with one

}  // namespace

Owner::Owner(std::span<const Page> pages, std::span<std::byte> slots, Belief belief, bool verify)
    : pages_(pages),
      slots_(slots),
      belief_(belief),
      verify_(verify),
      cpu_(make_cpu_lz4()),
      stored_(pages.size()),
      back_(pages.size()),
      slot_of_(pages.size(), kNone),
      total_(pages.size()) {
  for (std::size_t i = 0; i < slots.size() / kPageSize; ++i) free_slot(i);
}

std::span<std::byte> Owner::slot(std::size_t index) const {
  return slots_.subspan(index * kPageSize, kPageSize);
}

void Owner::free_slot(std::size_t index) {
  std::ranges::fill(slot(index), kMark);
  free_slots_.push_back(index);
}

void Owner::check_mark(std::size_t index) const {
  if (std::ranges::all_of(slot(index), [](std::byte byte) { return byte == kMark; })) return;
  throw CampaignFailure(
      fmt::format("destination {} was written after it had been given back", index));
}

void Owner::begin_loading() {
  std::size_t room = 0;
  for (std::size_t page = 0; page < pages_.size(); ++page) {
    if (stored_[page].form != Form::kBlock) continue;
    blocks_.push_back(page);
    block_places_.push_back(room);
    room += (stored_[page].block.size() + kLine - 1) / kLine * kLine;
  }
  block_memory_.resize(std::max(room, kLine));
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::vector<std::byte>& block = stored_[blocks_[i]].block;
    std::ranges::copy(block, block_memory_.begin() + static_cast<std::ptrdiff_t>(block_places_[i]));
  }
  loading_ = true;
  total_ = blocks_.size();
  handed_out_ = completed_ = 0;
  slot_of_.assign(total_, kNone);
}

std::optional<Request> Owner::next() {
  if (handed_out_ == total_ || free_slots_.empty()) return std::nullopt;
  const std::size_t index = free_slots_.front();
  free_slots_.pop_front();
  check_mark(index);
  const std::size_t tag = handed_out_++;
  slot_of_[tag] = index;
  Request request{.dst = slot(index).data(), .capacity = kPageSize, .tag = tag};
  if (loading_) {
    request.src = block_memory_.data() + block_places_[tag];
    request.src_len = static_cast<std::uint32_t>(stored_[blocks_[tag]].block.size());
    request.operation = Operation::kDecompress;
    request.verify = belief_ == Belief::kChecking;
    request.expected_crc32c = stored_[blocks_[tag]].crc32c;
  } else {
    request.src = pages_[tag].data();
    request.verify = verify_;
  }
  return request;
}

void Owner::take(const Completion& completion) {
  if (completion.tag >= handed_out_ || slot_of_[completion.tag] == kNone) {
    throw CampaignFailure(
        fmt::format("request {} completed twice, or without having been made", completion.tag));
  }
  const std::size_t index = std::exchange(slot_of_[completion.tag], kNone);
  if (completion.out_len > kPageSize) {
    throw CampaignFailure(
        fmt::format("request {}: {} bytes of output", completion.tag, completion.out_len));
  }
  const std::span<const std::byte> out = slot(index).first(completion.out_len);
  if (loading_) {
    load(blocks_[completion.tag], completion, out);
  } else {
    store(completion.tag, completion, out);
  }
  ++completed_;
  free_slot(index);
}

// ---- Storing -----------------------------------------------------------------------------------

void Owner::store(std::size_t page, const Completion& completion, std::span<const std::byte> out) {
  const bool crc_holds =
      belief_ == Belief::kTrusting || completion.crc32c == crc32c(pages_[page].data(), kPageSize);
  if (crc_holds && keep(page, completion, out)) return;
  count_lie(page);
  Page block;
  const Request request{.src = pages_[page].data(), .dst = block.data(), .capacity = kPageSize};
  const Completion mine = on_cpu(request);
  if (!keep(page, mine, std::span(block).first(mine.out_len))) {
    throw CampaignFailure(fmt::format("page {}: cpu:lz4 does not get it right", page));
  }
}

// False: the answer does not hold.
bool Owner::keep(std::size_t page, const Completion& completion, std::span<const std::byte> out) {
  Stored& stored = stored_[page];
  switch (completion.status) {
    case Status::kIncompressible:
      stored.form = Form::kRaw;
      return true;
    case Status::kSameFilled:
      stored.form = Form::kFilled;
      stored.word = completion.info;
      return fill_word(pages_[page].data()) == completion.info;
    case Status::kOk:
      break;
    default:
      throw CampaignFailure(
          fmt::format("page {}: ended as {}", page, to_string(completion.status)));
  }
  Page decoded;
  const Completion back = on_cpu({.src = out.data(),
                                  .dst = decoded.data(),
                                  .capacity = kPageSize,
                                  .operation = Operation::kDecompress,
                                  .src_len = completion.out_len});
  if (completion.out_len == 0 || back.status != Status::kOk || decoded != pages_[page])
    return false;
  stored.form = Form::kBlock;
  stored.block.assign(out.begin(), out.end());
  stored.crc32c = crc32c(pages_[page].data(), kPageSize);
  return true;
}

void Owner::count_lie(std::size_t page) {
  if (belief_ == Belief::kChecking) {
    throw CampaignFailure(
        fmt::format("page {}: the driver has checked an answer that does not hold", page));
  }
  ++lies_;
}

Completion Owner::on_cpu(const Request& request) {
  Completion done;
  if (cpu_->submit({&request, 1}) != 1 || cpu_->poll({&done, 1}) != 1) {
    throw CampaignFailure("cpu:lz4 takes no page");
  }
  return done;
}

// ---- Loading -----------------------------------------------------------------------------------

void Owner::load(std::size_t page, const Completion& completion, std::span<const std::byte> out) {
  if (completion.status == Status::kOk && out.size() == kPageSize &&
      crc32c(out.data(), out.size()) == stored_[page].crc32c) {
    std::ranges::copy(out, back_[page].begin());
    return;
  }
  // Not even the driver could say of a block that it had verified that it is malformed.
  if (completion.status != Status::kOk && completion.status != Status::kSameFilled &&
      completion.status != Status::kIncompressible) {
    throw CampaignFailure(
        fmt::format("page {}: came back as {}", page, to_string(completion.status)));
  }
  count_lie(page);
  const std::vector<std::byte>& block = stored_[page].block;
  const Completion mine = on_cpu({.src = block.data(),
                                  .dst = back_[page].data(),
                                  .capacity = kPageSize,
                                  .operation = Operation::kDecompress,
                                  .src_len = static_cast<std::uint32_t>(block.size())});
  if (mine.status != Status::kOk) {
    throw CampaignFailure(fmt::format("page {}: cpu:lz4 cannot decode its block", page));
  }
}

void Owner::check() const {
  for (const std::size_t index : free_slots_) check_mark(index);
  for (std::size_t page = 0; page < pages_.size(); ++page) {
    const Stored& stored = stored_[page];
    if (stored.form == Form::kRaw) continue;
    if (stored.form == Form::kFilled && fill_word(pages_[page].data()) == stored.word) continue;
    if (stored.form == Form::kBlock && back_[page] == pages_[page]) continue;
    throw CampaignFailure(fmt::format("page {}: did not come back as it was", page));
  }
}

}  // namespace pagepress::bench
