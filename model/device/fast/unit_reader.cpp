// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/unit_reader.hpp"

#include <algorithm>
#include <cstring>

namespace pagepress::model::fast {
namespace {

constexpr Cycle kBuffer = 2;  // edges from a beat's arrival to the buffer's output

unsigned chunks(std::uint64_t address, std::uint32_t bytes) {
  return static_cast<unsigned>((address % kChunk + bytes + kChunk - 1) / kChunk);
}

}  // namespace

void UnitReader::job(Flow& flow, Cycle now) {
  lists_.job(flow, now);
  start_units();
  port_.wake(now + 1);
}

// ---- Asking ----------------------------------------------------------------------------------

void UnitReader::start_units() {
  for (ListWalk::Shown shown = lists_.next(); shown.flow != nullptr; shown = lists_.next()) {
    shown_.push_back(shown);
  }
  while (cutting_ == nullptr && !shown_.empty()) {
    const auto [flow, at] = shown_.front();
    shown_.pop_front();
    const Cycle start = std::max(at + 1, start_free_);
    flow->data.resize(flow->job.src_len);  // bursts bring all of it
    feeding_.push_back(flow);
    if (flow->unreadable()) {
      // Zeros in place of its data.
      std::ranges::fill(flow->data, std::uint8_t{0});
      const unsigned steps = (flow->job.src_len + kChunk - 1) / kChunk;
      flow->pieces.push_back(
          {.first = start, .beats = 0, .steps = steps, .lane = 0, .bytes = flow->job.src_len});
      flow->arrived = true;
      start_free_ = start + 1 + flow->src.size();
      feed();
      continue;
    }
    cutting_ = flow;
    range_ = 0;
    // The cutter takes a range the edge after the start, or after the last burst before it.
    next_range(std::max(start + 1, cut_from_ == kNever ? 0 : cut_from_));
  }
}

// The cutter takes the next range at this edge.
void UnitReader::next_range(Cycle from) {
  rest_ = cutting_->src[range_++];
  if (range_ == cutting_->src.size()) start_free_ = from + 1;
  cut_from_ = from + 1;
  update_room();
}

void UnitReader::update_room() {
  if (cutting_ == nullptr) return;
  const Cut cut = cut_burst(rest_, geometry_.beat_bytes, geometry_.burst_beats);
  const Cycle left = release_.of(granted_ + cut.beats - depth_);
  room_from_ = left == kNever ? kNever : left + 1;
  if (room_from_ != kNever) port_.wake(std::max(cut_from_, room_from_));
}

Cycle UnitReader::read_ready() const {
  const Cycle data = cutting_ == nullptr ? kNever : std::max(cut_from_, room_from_);
  return std::min(lists_.ready(), data);
}

void UnitReader::fill_read(Burst& burst, Cycle now) {
  if (lists_.ready() <= now) {
    const Cut cut = lists_.take(now);
    burst.address = cut.start - cut.start % geometry_.beat_bytes;
    burst.beats = static_cast<std::uint16_t>(cut.beats);
    asked_.push_back({nullptr, cut, 0, false});
    return;
  }
  const Cut cut = cut_burst(rest_, geometry_.beat_bytes, geometry_.burst_beats);
  burst.address = cut.start - cut.start % geometry_.beat_bytes;
  burst.beats = static_cast<std::uint16_t>(cut.beats);
  granted_ += cut.beats;
  rest_ = behind(rest_, cut);
  const bool range_done = rest_.len == 0;
  const bool last = range_done && range_ == cutting_->src.size();
  asked_.push_back({cutting_, cut, cutting_->asked, last});
  cutting_->asked += cut.bytes;
  cut_from_ = now + 1;
  if (last) {
    cutting_ = nullptr;
    start_units();
  } else if (range_done) {
    next_range(now + 1);
  } else {
    update_room();
  }
}

// ---- Data ------------------------------------------------------------------------------------

void UnitReader::read_data(const Burst& burst, Cycle first, Cycle last) {
  const Asked asked = asked_.front();
  asked_.pop_front();
  if (asked.flow != nullptr) {
    data(asked, burst, first);
    return;
  }
  std::vector<bool> refused(burst.beats);
  for (unsigned beat = 0; beat < burst.beats; ++beat) refused[beat] = burst.refused[beat];
  const std::uint8_t* const bytes = burst.data.data() + asked.cut.start % geometry_.beat_bytes;
  lists_.data(bytes, asked.cut, burst.refused.any(), refused, last);
  start_units();
}

void UnitReader::data(const Asked& asked, const Burst& burst, Cycle first) {
  Flow& flow = *asked.flow;
  const unsigned lane = static_cast<unsigned>(asked.cut.start % geometry_.beat_bytes);
  std::memcpy(flow.data.data() + asked.offset, burst.data.data() + lane, asked.cut.bytes);
  if (!flow.fault && burst.refused.any()) {
    const unsigned beat = static_cast<unsigned>(burst.refused._Find_first());
    flow.fault = true;
    flow.fault_address = beat == 0
                             ? asked.cut.start
                             : asked.cut.start - lane + std::uint64_t{beat} * geometry_.beat_bytes;
  }
  flow.pieces.push_back({.first = first,
                         .beats = asked.cut.beats,
                         .steps = chunks(asked.cut.start, asked.cut.bytes),
                         .lane = lane,
                         .bytes = asked.cut.bytes});
  flow.arrived = asked.last;
  feed();
}

// ---- Feeding ---------------------------------------------------------------------------------

void UnitReader::feed() {
  while (!feeding_.empty()) {
    Flow& flow = *feeding_.front();
    const bool moved = engine_.stalls() ? feed_beats(flow) : feed_piece(flow);
    if (!moved) return;
    if (flow.complete != kNever) {
      feeding_.pop_front();
      engine_.fed(flow);
    }
  }
}

// The first chunk fills no beat of the engine's.
bool UnitReader::shifted(const Flow& flow) const {
  return !flow.unreadable() && flow.src.front().address % kChunk != 0;
}

// Another edge at the end, if the last chunk overflows the last but one beat.
unsigned UnitReader::flush(const Flow& flow) const {
  if (flow.unreadable()) return 0;
  const Range& last = flow.src.back();
  const std::uint64_t end = last.address + last.len;
  const auto in_chunk =
      static_cast<std::uint32_t>(std::min<std::uint64_t>((end - 1) % kChunk + 1, last.len));
  return (flow.job.src_len - in_chunk) % kChunk + in_chunk > kChunk ? 1 : 0;
}

bool UnitReader::feed_piece(Flow& flow) {
  if (flow.fed == flow.pieces.size()) return false;
  const Piece& piece = flow.pieces[flow.fed];
  Cycle step = std::max(piece.first + kBuffer, packer_free_);
  const unsigned shift = shifted(flow) ? 1 : 0;
  if (flow.fed == 0) {
    const Cycle ready = engine_.input_ready();
    if (ready == kNever) return false;
    // The packer holds a beat while the engine is not ready.
    step = std::max(step, ready == 0 ? 0 : ready - 1);
    flow.first_feed = step + 1 + shift;
    const Cycle waits_from = std::max({feed_free_, ready, flow.came + 1});
    if (step + 1 > waits_from) engine_.starved(waits_from, step + 1);
  } else if (step > packer_free_) {
    engine_.starved(packer_free_, step);
  }
  ++flow.fed;
  release_.add(step, piece.beats, geometry_.beat_bytes / kChunk);
  packer_free_ = step + piece.steps;
  if (flow.arrived && flow.fed == flow.pieces.size()) finish(flow);
  update_room();
  return true;
}

void UnitReader::finish(Flow& flow) {
  packer_free_ += flush(flow);
  flow.complete = packer_free_;
  feed_free_ = flow.complete + 1;
}

// What the engine takes before it is known when the rest will follow.
void UnitReader::release_ahead(Flow& flow, Cycle from) {
  if (from == kNever) return;
  const unsigned chunks_a_beat = geometry_.beat_bytes / kChunk;
  unsigned number = 0;
  for (const Piece& piece : flow.pieces) {
    for (unsigned beat = 0; beat < piece.beats && number < Fed::kAhead / chunks_a_beat; ++beat) {
      if (number++ < flow.ahead) continue;
      ++flow.ahead;
      release_.add(std::max(piece.first + kBuffer + beat, from + number * chunks_a_beat - 2), 1);
    }
  }
  update_room();
}

bool UnitReader::feed_beats(Flow& flow) {
  if (flow.fed == flow.pieces.size()) return false;
  if (flow.fed == 0) {
    const Cycle ready = engine_.input_ready();
    if (ready == kNever) {
      release_ahead(flow, engine_.takes_ahead());
      return false;
    }
    begin(flow, ready);
  }
  while (flow.fed < flow.pieces.size()) give(flow, flow.pieces[flow.fed++]);
  if (flow.arrived) {
    flow.complete = packer_free_ = taken_.back();
    feed_free_ = flow.complete + 1;
  }
  update_room();
  return true;
}

void UnitReader::begin(Flow& flow, Cycle ready) {
  packed_ = 0;
  taken_.clear();
  const unsigned shift = shifted(flow) ? 1 : 0;
  const Cycle arrived = flow.pieces.front().first + kBuffer + 1 + shift;
  flow.first_feed = std::max({arrived, packer_free_ + 1, ready});
  step_ = flow.first_feed - shift - 2;
  const Cycle waits_from = std::max({feed_free_, ready, flow.came + 1});
  if (flow.first_feed > waits_from) engine_.starved(waits_from, flow.first_feed);
  engine_.begin(flow);
}

// A chunk an edge goes through the packer, which holds a beat until the engine has taken it. A beat
// of the bus leaves the buffer with its last chunk.
void UnitReader::give(Flow& flow, const Piece& piece) {
  const unsigned in_beat = piece.lane / kChunk;  // chunks of its first beat that are not its own
  const unsigned end = piece.lane + piece.bytes;
  for (unsigned chunk = in_beat; chunk < in_beat + piece.steps; ++chunk) {
    const unsigned behind = std::min((chunk + 1) * kChunk, end);
    const Cycle came = piece.first + kBuffer + chunk * kChunk / geometry_.beat_bytes;
    step_ = std::max({came, step_ + 1, taken_.empty() ? 0 : taken_.back()});
    if (piece.beats != 0 && (behind % geometry_.beat_bytes == 0 || behind == end)) {
      if (flow.ahead != 0) {
        --flow.ahead;
      } else {
        release_.add(step_, 1);
      }
    }
    packed_ += behind - std::max(chunk * kChunk, piece.lane);
    give_beats(flow);
  }
}

// Those that the packer has filled; the last one need not be full.
void UnitReader::give_beats(Flow& flow) {
  const std::span<const std::uint8_t> data(flow.data);
  const bool all = packed_ == data.size();
  for (std::size_t at = taken_.size() * kChunk; at + kChunk <= packed_ || (all && at < packed_);
       at += kChunk) {
    // Of two that one chunk fills the second comes an edge later.
    const Cycle from = std::max(step_ + 1, taken_.empty() ? 0 : taken_.back() + 1);
    taken_.push_back(
        engine_.take(data.subspan(at, std::min<std::size_t>(kChunk, data.size() - at)), from));
  }
}

}  // namespace pagepress::model::fast
