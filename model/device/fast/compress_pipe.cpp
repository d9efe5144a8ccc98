// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/compress_pipe.hpp"

#include <algorithm>

namespace pagepress::model::fast {
namespace {

// Edges; as engine_cycles.cpp has them.
constexpr Cycle kAfterDone = 2;    // from the encoder's end to the verdict, and to a free page
constexpr Cycle kStepsToDone = 5;  // from the sequencer's last step to the encoder's end
constexpr Cycle kToFree = 4;       // from the verdict to a free block buffer, but for its beats

}  // namespace

Cycle CompressPipe::input_ready() const { return std::max(page_free_[page_], slot_free_[slot_]); }

void CompressPipe::enter(Flow& flow) {
  Inside unit{.flow = &flow, .cost = compressor_.run(flow), .end = 0, .slot = slot_};
  slot_free_[slot_] = kNever;
  slot_ = (slot_ + 1) % kSlots;
  if (!unit.cost.skipped) {
    unit.page = page_;
    page_free_[page_] = kNever;
    page_ = (page_ + 1) % static_cast<unsigned>(page_free_.size());
  }
  unit.end = std::max(flow.complete + kToWindow, matcher_free_) + unit.cost.held;
  matcher_free_ = unit.end + 1;
  units_.push_back(unit);
  advance();
}

void CompressPipe::advance() {
  while (encoded_ < units_.size() && encode(units_[encoded_])) judge(units_[encoded_++]);
  while (offered_ < encoded_ && (offered_ == 0 || units_[offered_ - 1].flow->left != kNever)) {
    Flow& flow = *units_[offered_].flow;
    ++offered_;
    flow.offered = std::max(flow.judged, left_) + 1;
    observer_.offered(flow);
  }
}

// False: it waits for a block buffer, and when one is free is not known yet.
bool CompressPipe::encode(Inside& unit) {
  auto room = std::ranges::min_element(block_free_);
  if (!unit.cost.skipped && *room == kNever) return false;
  Cycle free = *room;
  if (const auto leaves = std::ranges::min_element(block_leaves_); *leaves < free) {
    free = *leaves;
    room = block_free_.begin() + (leaves - block_leaves_.begin());
  }
  Cycle done =
      std::max(unit.end + unit.cost.tail, encoder_done_ + std::max<Cycle>(1, unit.cost.steps));
  if (!unit.cost.skipped) {
    done = std::max(done, free + unit.cost.steps + kStepsToDone);
    unit.block = static_cast<unsigned>(room - block_free_.begin());
    *room = unit.cost.block_leaves ? kNever : done + kAfterDone;
    block_of_[unit.block] = unit.flow;
    block_leaves_[unit.block] = kNever;
    page_free_[unit.page] = done + kAfterDone;
  }
  unit.flow->done = encoder_done_ = done;
  return true;
}

void CompressPipe::judge(Inside& unit) {
  const Cycle start = std::max(unit.flow->done + kAfterDone, judged_ + 1);
  unit.flow->judged = judged_ = start + unit.cost.verification;
  if (unit.block != kNone && unit.cost.block_leaves) {
    block_leaves_[unit.block] = judged_ + kToFree + unit.flow->out.size() / kBeat;
  }
  if (unit.page != kNone) observer_.input_freed();
}

void CompressPipe::left(Flow& flow) {
  const Inside unit = units_.front();
  left_ = flow.left;
  slot_free_[unit.slot] = flow.left + 1;
  // Unless it was expected to, and another has it.
  if (unit.cost.block_leaves && block_of_[unit.block] == &flow) {
    block_free_[unit.block] = flow.left + 1;
    block_leaves_[unit.block] = kNever;
  }
  units_.pop_front();
  --encoded_;
  --offered_;
  advance();
  observer_.input_freed();
}

}  // namespace pagepress::model::fast
