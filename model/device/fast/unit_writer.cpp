// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/unit_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace pagepress::model::fast {
namespace {

constexpr Cycle kToBuffer = 4;  // edges from the result to the first beat in the buffer

}  // namespace

UnitWriter::UnitWriter(WritePort& port, const Geometry& geometry, WriterObserver& observer)
    : port_(port),
      geometry_(geometry),
      observer_(observer),
      depth_(std::bit_ceil(2 * geometry.burst_beats)) {}

void UnitWriter::skip(const Flow& flow) { free_ = flow.taken + 1 + flow.dst.size(); }

void UnitWriter::start(Flow& flow) {
  free_ = flow.taken + 1 + flow.dst.size();
  if (enter_ < flow.taken + kToBuffer) enter_ = flow.taken + kToBuffer;
  observer_.held_up(enter_ - 1,
                    enter_);  // the slicer sees its range when the first beat has waited one
  std::uint32_t left = flow.result.out_len;
  std::uint32_t offset = 0;
  for (Range range : flow.dst) {
    range.len = std::min(range.len, left);
    left -= range.len;
    while (range.len != 0) {
      const Cut cut = cut_burst(range, geometry_.beat_bytes, geometry_.burst_beats);
      range = behind(range, cut);
      const auto in_chunk = static_cast<unsigned>(cut.start % kChunk);
      const unsigned chunks = (in_chunk + cut.bytes + kChunk - 1) / kChunk;
      const bool last = left == 0 && range.len == 0;
      const std::uint32_t end = offset + cut.bytes;
      // The engine's beats end before the pieces if those are shifted across one more.
      const unsigned in_last = static_cast<unsigned>((cut.start + cut.bytes - 1) % kChunk) + 1;
      const bool extra = last && in_last < kChunk && (end - 1) % kChunk + 1 > in_last;
      waiting_.push_back({&flow, cut, chunks, offset, last, extra});
      offset = end;
    }
  }
  fill_buffer();
}

void UnitWriter::fill_buffer() {
  while (!waiting_.empty()) {
    const Out out = waiting_.front();
    const unsigned beats = out.cut.beats;
    const auto room = [this](std::uint64_t beat) -> Cycle {  // that the beat of this number has
      if (beat < depth_) return 0;
      const Cycle left = release_.edge(beat - depth_ + 1);
      return left == kNever ? kNever : left + 1;
    };
    const Cycle room_last = room(entered_ + beats - 1);
    if (room_last == kNever) return;
    const Cycle room_first =
        entered_ < depth_ ? 0 : release_.of(static_cast<std::int64_t>(entered_ - depth_ + 1)) + 1;
    const Cycle first = std::max(enter_, room_first);
    const Cycle last = std::max(first + out.chunks - 1, room_last);
    if (last > enter_ + out.chunks - 1) observer_.held_up(enter_ + out.chunks - 1, last);
    enter_ = last + 1;
    entered_ += beats;
    waiting_.pop_front();
    filled_.push_back({out, last + 1});
    if (filled_.size() == 1) port_.wake(last + 1);
    if (out.last) {
      out.flow->left = last - 1 - (out.extra ? 1 : 0);
      observer_.output_left(*out.flow);
    }
  }
}

Cycle UnitWriter::write_ready() const {
  if (filled_.empty() || sent_.size() >= geometry_.write_bursts) return kNever;
  return filled_.front().ready;
}

void UnitWriter::fill_write(Burst& burst, Cycle /*now*/) {
  const Out out = filled_.front().out;
  filled_.pop_front();
  const auto lane = static_cast<std::uint16_t>(out.cut.start % geometry_.beat_bytes);
  burst.address = out.cut.start - lane;
  burst.beats = static_cast<std::uint16_t>(out.cut.beats);
  burst.first = lane;
  burst.end = static_cast<std::uint16_t>(lane + out.cut.bytes);
  std::memcpy(burst.data.data() + lane, out.flow->out.data() + out.offset, out.cut.bytes);
  sent_.push_back({out.flow, out.cut.start, out.last});
}

void UnitWriter::beats_leave(unsigned beats, Cycle first) {
  release_.add(first, beats);
  fill_buffer();
}

void UnitWriter::write_done(bool refused, Cycle now) {
  const Sent sent = sent_.front();
  if (sent_.size() == geometry_.write_bursts) port_.wake(now + 1);
  sent_.pop_front();
  Flow& flow = *sent.flow;
  if (refused && !flow.write_fault) {
    flow.write_fault = true;
    flow.write_fault_address = sent.start;
  }
  if (!sent.last) return;
  flow.written = now + 1;
  observer_.output_written(flow);
}

}  // namespace pagepress::model::fast
