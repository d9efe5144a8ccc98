// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/unit_reader.hpp"

#include <algorithm>
#include <cstring>

namespace pagepress::model::fast {
namespace {

constexpr Cycle kBuffer = 2;     // edges from a beat's arrival to the buffer's output
constexpr unsigned kChunk = 32;  // bytes that the packer takes at once

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
    flow->data.assign(flow->job.src_len, 0);
    feeding_.push_back(flow);
    if (flow->unreadable()) {
      // Zeros in place of its data.
      const unsigned steps = (flow->job.src_len + kChunk - 1) / kChunk;
      flow->pieces.push_back({.first = start, .beats = 0, .steps = steps});
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
                         .skipped = lane / kChunk});
  flow.arrived = asked.last;
  feed();
}

// ---- Feeding ---------------------------------------------------------------------------------

void UnitReader::feed() {
  while (!feeding_.empty()) {
    Flow& flow = *feeding_.front();
    const bool moved = engine_.wants_all() ? feed_whole(flow) : feed_piece(flow);
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
    const Cycle ready = engine_.input_ready(flow);
    if (ready == kNever) return false;
    // The packer holds a beat while the engine is not ready.
    step = std::max(step, ready == 0 ? 0 : ready - 1);
    flow.first_feed = step + 1 + shift;
    const Cycle waits_from = std::max({feed_free_, ready, flow.came + 1});
    if (step + 1 > waits_from) engine_.starved(step + 1 - waits_from);
  } else if (step > packer_free_) {
    engine_.starved(step - packer_free_);
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

// A unit that the buffer could not hold until all of it is here goes on as it comes.
void UnitReader::release_early(Flow& flow, Cycle ready) {
  for (; flow.fed < flow.pieces.size(); ++flow.fed) {
    const Piece& piece = flow.pieces[flow.fed];
    const Cycle step = std::max({piece.first + kBuffer, packer_free_, ready});
    // Of the first piece some may have left ahead.
    const unsigned ahead = flow.fed == 0 ? flow.ahead : 0;
    release_.add(step, piece.beats - ahead, geometry_.beat_bytes / kChunk);
    packer_free_ = step + piece.steps;
  }
  update_room();
}

// From when on the engine is offered each beat, the first one not before `from`: a chunk an edge
// goes through the packer.
void UnitReader::find_beats(const Flow& flow, Cycle from) {
  const unsigned chunks_a_beat = geometry_.beat_bytes / kChunk;
  const std::size_t count = (flow.job.src_len + kChunk - 1) / kChunk;
  beats_.clear();
  unsigned held = shifted(flow) ? 1 : 0;  // chunks that fill no beat
  Cycle next = from - held;
  for (const Piece& piece : flow.pieces) {
    for (unsigned chunk = 0; chunk < piece.steps; ++chunk) {
      next = std::max(next, piece.first + kBuffer + 1 + (piece.skipped + chunk) / chunks_a_beat);
      if (held != 0) {
        --held;
      } else if (beats_.size() < count) {
        beats_.push_back(next);
      }
      ++next;
    }
  }
  while (beats_.size() < count) beats_.push_back(next++);
}

// A beat leaves the buffer when the packer takes its last chunk, once the engine has taken what
// the packer held.
void UnitReader::release_taken(Flow& flow) {
  const unsigned chunks_a_beat = geometry_.beat_bytes / kChunk;
  const std::size_t held = shifted(flow) ? 1 : 0;
  std::size_t before = 0;  // chunks of the pieces before
  unsigned number = 0;     // of the beat
  for (std::size_t n = 0; n < flow.pieces.size(); ++n) {
    const Piece& piece = flow.pieces[n];
    for (unsigned beat = 0; n >= flow.fed && beat < piece.beats; ++beat) {
      if (number++ < flow.ahead) continue;
      const unsigned in_piece =
          std::min((beat + 1) * chunks_a_beat - piece.skipped, piece.steps) - 1;
      const std::size_t chunk = before + in_piece;
      const Cycle room =
          chunk <= held ? flow.first_feed - 1 - held + chunk : beats_[chunk - 1 - held];
      const Cycle came = piece.first + kBuffer + (piece.skipped + in_piece) / chunks_a_beat;
      release_.add(std::max(came, room), 1);
    }
    before += piece.steps;
  }
  flow.fed = flow.pieces.size();
}

// What the engine takes before it is known when the rest will follow.
void UnitReader::release_ahead(Flow& flow, Cycle from) {
  if (from == kNever || flow.fed != 0) return;
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

bool UnitReader::feed_whole(Flow& flow) {
  const Cycle ready = engine_.input_ready(flow);
  if (ready == kNever) {
    release_ahead(flow, engine_.takes_ahead(flow));
    return false;
  }
  if (flow.job.src_len > depth_ * geometry_.beat_bytes / 2) release_early(flow, ready);
  if (!flow.arrived) return false;
  const unsigned shift = shifted(flow) ? 1 : 0;
  const Cycle arrived = flow.pieces.front().first + kBuffer + 1 + shift;
  const Cycle behind_last = flow.fed == 0 ? packer_free_ + 1 : 0;
  const Cycle from = std::max({arrived, behind_last, ready});
  find_beats(flow, from);
  engine_.plan(flow, beats_);
  const Cycle waits_from = std::max({feed_free_, ready, flow.came + 1});
  if (from > waits_from) engine_.starved(from - waits_from);
  release_taken(flow);
  packer_free_ = flow.complete;
  feed_free_ = flow.complete + 1;
  update_room();
  return true;
}

}  // namespace pagepress::model::fast
