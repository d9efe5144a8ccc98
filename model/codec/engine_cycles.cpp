// SPDX-License-Identifier: Apache-2.0
#include "model/codec/engine_cycles.hpp"

#include <algorithm>

#include "model/codec/lz4_encoder.hpp"

namespace pagepress::model {
namespace {

constexpr unsigned kBeat = 32;         // bytes
constexpr unsigned kMatchFinder = 18;  // slots from a window taken to its row
constexpr unsigned kFifo = 2;          // cycles from a row's arrival to the FIFO's output
// From a unit's last step to done_o of the encoder: four stages of a lane, a tree, two more.
constexpr unsigned done_after(unsigned lanes) { return lanes == 4 ? 7 : 6; }

}  // namespace

EngineTimeline::EngineTimeline(const EngineConfig& config)
    : w_(config.w), lanes_(config.starts), page_free_(config.w == 32 ? 3 : 2, 0) {}

// The first cycle from this one on in which the match finder moves.
std::uint64_t EngineTimeline::enabled(std::uint64_t cycle) const {
  for (const Stall& stall : stalls_) {
    if (cycle >= stall.from && cycle <= stall.to) cycle = stall.to + 1;
  }
  return cycle;
}

// The cycle of so many slots later.
std::uint64_t EngineTimeline::after(std::uint64_t cycle, unsigned slots) const {
  std::uint64_t at = cycle + slots;
  for (const Stall& stall : stalls_) {
    if (stall.to <= cycle) continue;
    if (stall.from > at) break;
    at += stall.to - std::max(stall.from, cycle + 1) + 1;
  }
  return at;
}

std::uint64_t EngineTimeline::encode(std::uint64_t pushed, unsigned steps, std::uint64_t room) {
  // Each stage takes a row when it is there and the row before has gone on.
  const std::uint64_t at_output = std::max(pushed + kFifo, measure1_);
  const std::uint64_t into_steps = steps_;
  measure1_ = std::max(at_output + 1, measure2_);
  measure2_ = std::max(measure1_ + 1, into_steps);
  steps_ = std::max(measure2_ + 1, steps_next_);
  steps_next_ = std::max(steps_, room) + steps;
  // Full from now on until enough rows have left; the match finder sees it two cycles later.
  popped_[row_ % kRows] = measure1_ - 1;
  ++row_;
  constexpr unsigned kFull = kRows - kUnderWay;
  if (row_ >= kFull) {
    const std::uint64_t until = popped_[(row_ - kFull) % kRows] + 1;
    if (until >= pushed + 2) {
      if (!stalls_.empty() && stalls_.back().to + 1 >= pushed + 2) {
        stalls_.back().to = std::max(stalls_.back().to, until);
      } else {
        stalls_.push_back({pushed + 2, until});
      }
    }
  }
  return steps_next_ - 1;
}

UnitTimes EngineTimeline::push(std::span<const SequenceRow> rows, const UnitFacts& facts) {
  UnitTimes times;
  // Arrival.
  times.first_beat = std::max({load_next_, page_free_[page_], slot_free_[slot_]});
  const std::uint64_t complete = times.first_beat + facts.size / kBeat - 1;
  load_next_ = complete + 1;

  // Match finder: a window a slot, read a cycle before, and a slot for the unit's end.
  while (!stalls_.empty() && stalls_.front().to < fetch_next_) stalls_.pop_front();
  const unsigned windows = facts.skipped ? 1 : facts.size / w_;
  if (facts.skipped) rows = {};
  std::uint64_t taken = enabled(std::max(std::max(complete + 1, fetch_next_) + 1, slot_next_));
  const std::uint64_t first_taken = taken;
  const std::uint64_t room = facts.skipped ? 0 : *std::ranges::min_element(block_free_);
  std::uint64_t last_step = 0;
  bool dead = facts.skipped;
  auto encode_row = [&](std::uint64_t slot, std::span<const Sequence> row) {
    for (const Sequence& seq : row) dead |= seq.lit_len > std::min(facts.limit, facts.size);
    const unsigned steps = dead ? 1 : encode_steps(row, lanes_);
    times.steps += steps;
    last_step = encode(after(slot, kMatchFinder), steps, room);
  };
  // A window is taken in every slot; those that end no row need not be looked at.
  unsigned window = 0;
  for (const SequenceRow& row : rows) {
    if (row.cycle == windows) break;
    taken = after(taken, row.cycle - window);
    window = row.cycle;
    encode_row(taken, row.sequences);
  }
  taken = after(taken, windows - 1 - window);
  const std::uint64_t end = after(taken, 1);
  encode_row(end, facts.skipped ? std::span<const Sequence>{} : rows.back().sequences);
  fetch_next_ = taken;
  slot_next_ = end + 1;
  times.cycles =
      facts.skipped ? facts.size / kBeat : static_cast<std::uint32_t>(taken - first_taken + 1);

  // Result and output.
  const std::uint64_t done = last_step + done_after(lanes_);
  judged_ = std::max(done + 2, judged_ + 1);
  times.offered = std::max(judged_, left_) + 1;
  times.left = times.offered;
  if (facts.out_len != 0) times.left += 1 + (facts.out_len + kBeat - 1) / kBeat;
  left_ = times.left;
  slot_free_[slot_] = times.left + 1;
  slot_ = (slot_ + 1) % kSlots;
  if (!facts.skipped) {
    page_free_[page_] = done + 2;
    page_ = (page_ + 1) % static_cast<unsigned>(page_free_.size());
    *std::ranges::min_element(block_free_) = facts.block_leaves ? times.left + 1 : done + 2;
  }
  return times;
}

}  // namespace pagepress::model
