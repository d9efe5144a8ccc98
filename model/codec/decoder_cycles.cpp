// SPDX-License-Identifier: Apache-2.0
#include "model/codec/decoder_cycles.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include "model/codec/fixed_ring.hpp"

namespace pagepress::model {
namespace {

using Pos = std::int32_t;    // in a block or its output; records are copied often
using Place = std::int64_t;  // since the beginning

// The parameters of rtl/lz4/pp_lz4_decode_pkg.sv.
constexpr Pos kBeat = 32;
constexpr unsigned kSlots = 4;   // sequences read a cycle
constexpr unsigned kTaken = 5;   // records that a chunk is made of
constexpr unsigned kQueue = 16;  // of them wait between judge and chunker
constexpr Pos kRing = 16;        // beats whose literals are kept
constexpr Pos kFarEnd = 23;      // bytes of input left where no rule looks at the end
constexpr Pos kFarEndMid = 32;   // likewise, with an extension byte of the literals' count
constexpr Pos kFarEndJoin = 70;  // from the beat's start on: likewise, up to the window's end
constexpr Pos kBehind = 128;     // zeros behind a block: the parser looks at two beats and a bit
constexpr Pos kAhead = 12;       // bytes of the next beat in which a cycle's last tokens may be
constexpr Pos kNibble = 15;      // a length that goes on in extension bytes
constexpr Pos kMid = 7;          // largest extension byte of a regular sequence
// Clocks from a unit's last chunk to its CRC, and from its first to a byte outside the core.
constexpr unsigned kToDone = 9;
constexpr unsigned kToByte = 8;
constexpr std::uint64_t kNever = ~std::uint64_t{0};

struct Beat {
  bool valid = false;
  bool first = false;
  bool last = false;
  std::size_t unit = 0;
  Place number = 0;  // since the beginning
};

// What the parser makes of one sequence or of a part of it: literals, then bytes of a match.
struct Record {
  Place address = 0;  // of the literals; else of what follows
  Pos lit = 0;
  Pos match = 0;
  Pos offset = 0;
  Pos run = 0;              // literals in all, as far as known
  Pos left = 0;             // input behind the token's last byte read
  Pos behind = 0;           // input behind the record
  bool extension = false;   // an extension byte of the literals' count was read
  bool token = false;       // the count is complete
  bool long_count = false;  // and has extension bytes
  bool has_offset = false;  // a match begins
  bool long_match = false;  // an extension byte of its length was read
  bool no_match = false;    // token: its match length is 0
  bool opens = false;       // may only be the first of a chunk
  bool end = false;
  bool overrun = false;  // with end: the block ended within a sequence

  // Short literals with the token before them and a short match behind.
  [[nodiscard]] bool is_regular() const {
    return token && has_offset && !long_count && !long_match;
  }
};
// The same for the chunker: what the judge lets pass, and where it stands in the output.
struct Placed {
  std::size_t unit = 0;
  Place address = 0;
  Pos start = 0;
  Pos lit_end = 0;
  Pos stop = 0;
  bool opens = false;
  bool end = false;
};

// Of one cycle, and so of one unit. Records are written where they stay, as a copy of what has just
// been written waits.
struct Row {
  std::size_t unit = 0;
  std::array<Record, kSlots> items;
  std::size_t size = 0;

  Record& add() { return items[size++] = {}; }
};

}  // namespace

// The blocks that a pipeline looks at, outside of it: it is copied, and they are used again.
struct DecoderTimeline::Blocks {
  static constexpr std::size_t kMost = 32;  // not offered yet

  struct Block {
    std::vector<std::uint8_t> bytes;  // and kBehind zeros
    Pos size = 0;
    Pos capacity = 0;
    bool drained = true;
  };
  std::array<Block, kMost> items;
};

class DecoderTimeline::Pipeline {
 public:
  explicit Pipeline(Blocks& blocks) : blocks_(&blocks) {}

  // A block of so many bytes, zeros until they are known.
  std::vector<std::uint8_t>& append(std::size_t bytes, std::size_t capacity, bool drained) {
    if (bytes == 0) throw std::invalid_argument("a block has at least one byte");
    Blocks::Block& block = blocks_->items[stop_unit_ % Blocks::kMost];
    block.bytes.assign(bytes + kBehind, 0);
    block.size = static_cast<Pos>(bytes);
    block.capacity = static_cast<Pos>(capacity);
    block.drained = drained;
    stop_beat_ += (block.size + kBeat - 1) / kBeat;
    unit_at(stop_unit_++) = {&block, {}, stop_beat_, 0};
    return block.bytes;
  }
  void append(std::span<const std::uint8_t> bytes, std::size_t capacity, bool drained) {
    std::ranges::copy(bytes, append(bytes.size(), capacity, drained).begin());
  }
  // The next cycle would take a beat that is not known yet.
  [[nodiscard]] bool starved() const { return in_unit_ == stop_unit_ && in_ready(); }
  // Runs until the unit's result has been offered.
  DecodeTimes run_to_offer(std::size_t unit) {
    while (unit_at(unit).times.offered == 0) step();
    return unit_at(unit).times;
  }
  [[nodiscard]] std::size_t units() const { return stop_unit_; }
  [[nodiscard]] std::uint64_t cycle() const { return cycle_; }
  // A copy that has run on alone gets the unit that `other` has been given since.
  void append_last_of(const Pipeline& other) {
    unit_at(other.stop_unit_ - 1) = other.unit_at(other.stop_unit_ - 1);
    stop_unit_ = other.stop_unit_;
    stop_beat_ = other.stop_beat_;
    drains_ = other.drains_;
    offered_from_ = other.offered_from_;
  }
  // The next beat of the unit that comes in is this one, and offered from that cycle on. Runs
  // until it has been taken: in that cycle.
  std::uint64_t run_to_beat(std::span<const std::uint8_t> beat, std::uint64_t from) {
    // The parser looks at no beat that has not been taken.
    std::copy(
        beat.begin(), beat.end(),
        unit_at(in_unit_).block->bytes.begin() + static_cast<std::ptrdiff_t>(in_beat_ * kBeat));
    offered_from_ = from;
    for (const Place before = arrived_; arrived_ == before;) step();
    offered_from_ = kNever;
    return cycle_ - 1;
  }
  void step();
  // Where nothing is inside, nothing happens before this cycle.
  void skip_to(std::uint64_t cycle);
  // The last unit's output buffer is free behind this cycle. From here on nobody but the caller
  // says that, and when beats come.
  void free_buffer(std::uint64_t cycle) {
    if (drains_) offered_from_ = kNever;
    drains_ = false;
    unit_at(stop_unit_ - 1).buffer_free = cycle;
  }

 private:
  struct Unit {
    Blocks::Block* block = nullptr;
    DecodeTimes times;
    Place stop_beat = 0;            // number of the beat behind its last one
    std::uint64_t buffer_free = 0;  // with free_buffer()
  };
  struct Event {
    std::uint64_t cycle = 0;
    std::size_t what = 0;
  };
  enum class State { kToken, kLitLen, kRun, kTail, kMatchLen, kDrop };
  static constexpr std::size_t kNoUnit = ~std::size_t{0};

  [[nodiscard]] bool in_ready() const { return !a1_.valid && arrived_ - freed_ < kRing; }
  void front();
  void arrive();
  void parse(Row& row);
  void read_sequences(Row& row);
  void read_long_count(Row& row);
  void read_run(Record& record, Pos p, Pos stop);
  void finish();
  void judge(Row& row);
  [[nodiscard]] bool acceptable(const Record& r, Pos capacity) const;
  void chunk();
  void drain();
  [[nodiscard]] std::uint64_t buffer_free(std::size_t unit) const {
    return drains_ ? buffer_free_[turn_] : unit_at(unit).buffer_free;
  }

  [[nodiscard]] Unit& unit_at(std::size_t n) { return units_[n % Blocks::kMost]; }
  [[nodiscard]] const Unit& unit_at(std::size_t n) const { return units_[n % Blocks::kMost]; }
  [[nodiscard]] Pos left(Pos p) const { return size_ - (base_ + p); }
  [[nodiscard]] Pos at(Pos p) const { return text_[base_ + p]; }
  Record& add(Row& row, Pos p) const {
    Record& r = row.add();
    r.address = c_.number * kBeat + p;
    return r;
  }

  Blocks* blocks_;
  std::array<Unit, Blocks::kMost> units_;  // the latest; by number
  std::size_t stop_unit_ = 0;
  Place stop_beat_ = 0;
  std::uint64_t cycle_ = 0;
  // Arrival: the beat A0 is what the parser's tables for B look ahead to.
  std::size_t in_unit_ = 0;
  Pos in_beat_ = 0;
  std::uint64_t offered_from_ = 0;  // the next beat
  Place arrived_ = 0;
  Place freed_ = 0;
  Place free_[2] = {0, 0};
  Beat a1_, a0_, b_, c_;
  // Parser
  State state_ = State::kToken;
  Pos p_ = 0;                           // next byte, from the start of C's beat
  Pos base_ = 0;                        // of C's beat in its block
  const std::uint8_t* text_ = nullptr;  // that block
  Pos size_ = 0;                        // its bytes
  Pos run_ = 0;                         // literals: their count so far, then those that are left
  bool opens_ = false;
  Pos nibble_ = 0;  // of a token whose literals are read: its match length
  Pos offset_ = 0;
  bool ended_ = false;           // the unit's end has been given
  bool leave_ = false;           // this cycle: C's beat has been read
  bool over_ = false;            // and its unit is over
  std::array<Row, 5> fields_{};  // X1 to X4, and the row that the parser makes
  std::size_t parsed_ = 0;       // which one that is; the one behind it is X4's
  // Judge
  Pos pos_ = 0;
  bool bad_ = false;
  std::size_t bad_unit_ = kNoUnit;  // as the parser sees it
  FixedRing<Placed, 2 * kQueue> queue_;
  std::size_t queued_ = 0;  // of it; the others are at X5
  // Chunker
  Pos row_ = 0;
  Pos at_ = 0;
  bool started_ = false;
  bool chunked_ = false;  // in the cycle before
  std::size_t turn_ = 0;
  std::array<std::uint64_t, 2> buffer_free_{};  // cycle behind which the next unit may have it
  std::uint64_t end_free_ = 0;                  // cycle from which a unit may end
  std::size_t inside_ = 0;
  std::uint32_t had_ = 0;  // cycles since the last unit's end
  // Results
  FixedRing<Event, 4> done_;  // units
  std::uint64_t offer_ = 0;   // cycle in which the next result may be offered
  std::size_t out_turn_ = 0;
  bool drains_ = true;  // outputs leave as soon as they can
};

void DecoderTimeline::Pipeline::finish() {
  leave_ = true;
  if (c_.last) {
    over_ = true;
  } else {
    state_ = State::kDrop;
    ended_ = true;
  }
}

// Literals from p, at most to `stop`; and their match, where both are in C's beat and the one
// behind it and the match is a short one.
void DecoderTimeline::Pipeline::read_run(Record& r, Pos p, Pos stop) {
  const Pos n = std::clamp<Pos>(stop - p, 0, run_);
  r.lit = n;
  r.address = c_.number * kBeat + p;
  run_ -= n;
  p_ = p + n;
  if (run_ == 0 && p_ + 2 <= 2 * kBeat && nibble_ != kNibble && left(0) >= kFarEndJoin) {
    r.has_offset = true;
    r.offset = at(p_) | (at(p_ + 1) << 8);
    r.match = 4 + nibble_;
    p_ += 2;
    r.behind = left(p_);
    state_ = State::kToken;
    return;
  }
  state_ = run_ != 0 ? State::kRun : State::kTail;
  r.end = run_ == 0 && left(p_) == 0;
  if (r.end) {
    state_ = State::kDrop;
    ended_ = true;
  }
}

void DecoderTimeline::Pipeline::read_long_count(Row& row) {
  nibble_ = at(p_) & 15;
  opens_ = false;
  const Pos byte = at(p_ + 1);
  Record& r = add(row, p_ + 2);
  r.extension = true;
  r.long_count = true;
  r.no_match = nibble_ == 0;
  run_ = kNibble + byte;
  r.run = run_;
  r.left = left(p_ + 2);
  if (byte == 255) {
    state_ = State::kLitLen;
    p_ += 2;
  } else {
    r.token = true;
    // A run takes the rest of two beats, so that the last one should begin in the beat before
    // the literals' end.
    const Pos last = p_ + 2 + run_ - 1;
    const bool half = last >= 2 * kBeat && (last / kBeat) % 2 == 0;
    read_run(r, p_ + 2, half ? kBeat : 2 * kBeat);
  }
}

// Up to four sequences, the first of which begins in C's beat. One that is not regular comes
// alone.
void DecoderTimeline::Pipeline::read_sequences(Row& row) {
  Pos p = p_;
  for (unsigned n = 0; n < kSlots && p < kBeat + (n == 0 ? 0 : kAhead); ++n) {
    const bool is_token = state_ == State::kToken;
    const bool extended = is_token && at(p) >> 4 == kNibble;
    const bool mid = extended && p < kBeat && at(p + 1) <= kMid && left(p) >= kFarEndMid;
    const Pos lit = !is_token ? 0 : mid ? kNibble + at(p + 1) : at(p) >> 4;
    const Pos nibble = is_token ? at(p) & 15 : nibble_;
    const Pos text = p + (is_token ? 1 : 0) + (mid ? 1 : 0);
    const Pos tail = text + lit;
    const bool more = nibble == kNibble && at(tail + 2) == 255;
    const bool near = is_token && left(p) < kFarEnd;
    if (n != 0 && (near || more || (extended && !mid))) break;
    if (extended && !mid) {
      read_long_count(row);
      return;
    }
    Record& r = add(row, is_token ? text : tail + 2 + (nibble == kNibble ? 1 : 0));
    r.token = is_token;
    r.extension = r.long_count = mid;
    r.no_match = nibble == 0;
    r.lit = r.run = lit;
    r.left = left(text);
    if (is_token && left(tail) == 0) {
      r.end = true;
      p_ = tail;
      finish();
      return;
    }
    r.has_offset = true;
    r.offset = at(tail) | (at(tail + 1) << 8);
    r.match = 4 + nibble;
    p = tail + 2;
    if (nibble == kNibble) {
      r.long_match = true;
      r.match += at(p++);
    }
    r.behind = left(p);
    state_ = more ? State::kMatchLen : State::kToken;
    if (more) offset_ = r.offset;
    if (more || near) break;
  }
  p_ = p;
}

void DecoderTimeline::Pipeline::parse(Row& row) {
  if (state_ != State::kDrop && bad_unit_ == c_.unit) {
    state_ = State::kDrop;
    ended_ = false;
  }
  const bool overrun = state_ != State::kDrop && c_.last && left(p_) <= 0;
  if (state_ == State::kDrop || overrun) {
    leave_ = true;
    over_ = c_.last;
    if (over_ && !ended_) {
      Record& r = add(row, 0);
      r.end = r.overrun = true;
    }
    return;
  }
  if (p_ < kBeat) {
    switch (state_) {
      case State::kLitLen: {
        Pos byte = 255;
        for (unsigned n = 0; n < kSlots && byte == 255 && p_ < kBeat; ++n) {
          byte = at(p_++);
          run_ = std::min<Pos>(run_ + byte, 1 << 20);
        }
        Record& r = add(row, p_);
        r.extension = r.long_count = true;
        r.token = byte != 255;
        r.no_match = nibble_ == 0;
        r.run = run_;
        r.left = left(p_);
        opens_ = true;
        if (r.token) state_ = State::kRun;
        break;
      }
      case State::kRun: {
        Record& r = add(row, p_);
        r.opens = opens_;
        opens_ = false;
        read_run(r, p_, 2 * kBeat);
        break;
      }
      case State::kMatchLen: {
        Record& r = add(row, p_ + 1);
        r.match = at(p_++);
        r.long_match = true;
        r.offset = offset_;
        r.behind = left(p_);
        if (r.match != 255) state_ = State::kToken;
        break;
      }
      default:
        read_sequences(row);
    }
  }
  if (p_ >= kBeat) leave_ = true;
}

// The rules of docs/decoder.md, with pos_ the record's place in the output.
bool DecoderTimeline::Pipeline::acceptable(const Record& r, Pos capacity) const {
  const Pos room = capacity - pos_;
  // Nearly all are so: no rule but one is left of them.
  if (r.is_regular() && r.left >= 17 && room >= 32 && r.offset >= 8) {
    return r.offset <= pos_ + r.lit;
  }
  if (r.overrun) return false;
  if (r.extension && (r.left + 1 <= 15 || r.run > room)) return false;
  const bool shortcut = r.token && !r.long_count && r.left >= 17 && room >= 32;
  if (r.token && !shortcut && (r.run > room - 12 || r.run > r.left - 8)) {
    if (r.left != r.run || r.run > room) return false;
    if (capacity == 0 && !r.no_match) return false;
  }
  if (!r.has_offset && !r.long_match) return true;
  if (r.long_match && r.behind < 4) return false;
  if (r.has_offset && r.offset > pos_ + r.lit) return false;
  const bool anywhere = shortcut && !r.long_match && r.offset >= 8;
  return anywhere || r.lit + r.match <= room - 5;
}

void DecoderTimeline::Pipeline::judge(Row& row) {
  if (row.size == 0) return;
  const Pos capacity = unit_at(row.unit).block->capacity;
  for (std::size_t n = 0; n < row.size; ++n) {
    const Record& r = row.items[n];
    bad_ = bad_ || !acceptable(r, capacity);
    const Pos lit = bad_ ? 0 : r.lit;
    const Pos match = bad_ ? 0 : r.match;
    if (r.end || (!bad_ && lit + match != 0)) {
      queue_.push_back({row.unit, r.address, pos_, pos_ + lit, pos_ + lit + match, r.opens, r.end});
    }
    pos_ += lit + match;
    if (!r.end) continue;
    DecodeTimes& times = unit_at(row.unit).times;
    times.malformed = bad_;
    times.out_len = bad_ ? 0 : static_cast<std::uint32_t>(pos_);
    pos_ = 0;
    bad_ = false;
  }
  bad_unit_ = bad_ ? row.unit : kNoUnit;
}

// One row of the output, or what of it kTaken records give.
void DecoderTimeline::Pipeline::chunk() {
  if (queued_ == 0 || (!started_ && cycle_ <= buffer_free(queue_.front().unit))) return;
  const Pos stop = (row_ + 1) * kBeat;
  std::size_t taken = 0;
  bool end = false;
  Pos at = at_;
  while (taken < std::min<std::size_t>(kTaken, queued_) && !end) {
    const Placed& r = queue_[taken];
    if (taken != 0 && r.opens) break;
    at = std::min(r.stop, stop);
    if (r.stop > stop) break;
    ++taken;
    end = r.end;
  }
  if (end && cycle_ < end_free_) return;
  chunked_ = true;
  const Placed& head = queue_.front();
  const std::size_t unit = head.unit;
  free_[0] = (head.address + std::min(at_, head.lit_end) - head.start) / kBeat;
  if (!started_) buffer_free_[turn_] = kNever;
  started_ = true;
  Unit& u = unit_at(unit);
  if (at != 0 && u.times.first_byte == 0) u.times.first_byte = cycle_ + kToByte;
  at_ = at;
  if (at == stop) ++row_;
  queue_.pop_front(taken);
  queued_ -= taken;
  if (!end) return;
  free_[0] = u.stop_beat;
  end_free_ = cycle_ + kToDone + u.times.out_len % kBeat;
  done_.push_back({end_free_++, unit});
  u.times.cycles = had_;
  had_ = 0;
  --inside_;
  row_ = 0;
  at_ = 0;
  started_ = false;
  turn_ ^= 1;
}

void DecoderTimeline::Pipeline::drain() {
  if (done_.empty() || done_.front().cycle >= cycle_ || (drains_ && offer_ > cycle_)) return;
  Unit& unit = unit_at(done_.front().what);
  done_.pop_front();
  unit.times.offered = cycle_;
  if (!drains_) return;
  std::uint64_t freed = cycle_;
  if (unit.block->drained && unit.times.out_len != 0) {
    freed += 1 + (unit.times.out_len + kBeat - 1) / kBeat;
  }
  offer_ = freed + 1;
  buffer_free_[out_turn_] = freed;
  out_turn_ ^= 1;
}

void DecoderTimeline::Pipeline::front() {
  leave_ = over_ = false;
  fields_[parsed_].size = 0;
  fields_[parsed_].unit = c_.unit;
  if (c_.valid) parse(fields_[parsed_]);
  queued_ = queue_.size();
  parsed_ = parsed_ + 1 == fields_.size() ? 0 : parsed_ + 1;
  judge(fields_[parsed_]);
  if (c_.valid && (over_ || (leave_ && !c_.last))) {
    c_.valid = false;
    base_ += kBeat;
    p_ -= kBeat;
    if (over_) {
      state_ = State::kToken;
      p_ = base_ = 0;
      c_.unit = kNoUnit;
      ended_ = false;
    }
  }
  if (!c_.valid && b_.valid && (b_.last || a0_.valid)) {
    c_ = b_;
    text_ = unit_at(c_.unit).block->bytes.data();
    size_ = unit_at(c_.unit).block->size;
    b_.valid = false;
  }
}

void DecoderTimeline::Pipeline::arrive() {
  Beat beat;
  beat.valid = true;
  beat.unit = in_unit_;
  beat.first = in_beat_ == 0;
  beat.number = arrived_++;
  beat.last = arrived_ == unit_at(in_unit_).stop_beat;
  if (beat.first) {
    ++inside_;
    unit_at(in_unit_).times.first_beat = cycle_;
  }
  in_beat_ = beat.last ? 0 : in_beat_ + 1;
  if (beat.last) unit_at(in_unit_++).times.last_beat = cycle_;
  (a0_.valid ? a1_ : a0_) = beat;
}

void DecoderTimeline::Pipeline::step() {
  const bool go = queued_ + kSlots <= kQueue;
  const bool take = in_unit_ < stop_unit_ && in_ready() && cycle_ >= offered_from_;
  const bool chunked = std::exchange(chunked_, false);
  // Of a malformed unit nothing is kept: what is left of it need not wait for room.
  const bool drop = bad_unit_ != kNoUnit && c_.unit == bad_unit_ && queue_.empty() && !chunked;
  if (drop) free_[1] = free_[0] = c_.number;
  if (inside_ != 0) ++had_;
  drain();
  chunk();
  if (go) front();
  if (!b_.valid && a0_.valid) {
    b_ = a0_;
    a0_ = a1_;
    a1_.valid = false;
  }
  if (take) arrive();
  freed_ = free_[1];
  free_[1] = free_[0];
  ++cycle_;
}

void DecoderTimeline::Pipeline::skip_to(std::uint64_t cycle) {
  if (inside_ != 0 || cycle <= cycle_) return;
  for (; !done_.empty(); done_.pop_front()) {
    unit_at(done_.front().what).times.offered = done_.front().cycle + 1;
  }
  freed_ = free_[1] = free_[0];
  chunked_ = false;
  cycle_ = cycle;
}

DecoderTimeline::DecoderTimeline()
    : blocks_(std::make_unique<Blocks>()),
      pipeline_(std::make_unique<Pipeline>(*blocks_)),
      rest_(std::make_unique<Pipeline>(*blocks_)) {}
DecoderTimeline::~DecoderTimeline() = default;
DecoderTimeline::DecoderTimeline(DecoderTimeline&&) noexcept = default;
DecoderTimeline& DecoderTimeline::operator=(DecoderTimeline&&) noexcept = default;

DecodeTimes DecoderTimeline::push(std::span<const std::uint8_t> block, std::size_t capacity,
                                  bool drained) {
  const std::size_t unit = pipeline_->units();
  pipeline_->append(block, capacity, drained);
  while (!pipeline_->starved()) pipeline_->step();
  // What follows cannot change this unit's times; what they are shows without it.
  Pipeline rest = *pipeline_;
  return rest.run_to_offer(unit);
}

void DecoderTimeline::begin(std::size_t size, std::size_t capacity, std::uint64_t buffer_free) {
  pipeline_->append(size, capacity, true);
  pipeline_->free_buffer(buffer_free);
}

std::uint64_t DecoderTimeline::take(std::span<const std::uint8_t> beat, std::uint64_t from) {
  // Had the next unit's first beat come while the copy was running, it would be wrong.
  if (std::exchange(ended_, false) && from >= rest_->cycle() &&
      pipeline_->units() == rest_->units() + 1) {
    rest_->append_last_of(*pipeline_);
    std::swap(pipeline_, rest_);
  }
  pipeline_->skip_to(from);
  return pipeline_->run_to_beat(beat, from);
}

DecodeTimes DecoderTimeline::end() {
  *rest_ = *pipeline_;
  ended_ = true;
  return rest_->run_to_offer(rest_->units() - 1);
}

DecodeTimes DecoderTimeline::alone(std::span<const std::uint8_t> block, std::size_t capacity,
                                   bool drained) {
  Blocks blocks;
  Pipeline pipeline(blocks);
  pipeline.append(block, capacity, drained);
  return pipeline.run_to_offer(0);
}

}  // namespace pagepress::model
