// SPDX-License-Identifier: Apache-2.0
// LZ4 block encoding (rtl/lz4/pp_lz4_encoder.sv). Format: lz4_Block_format.md of the lz4
// project.
#include "model/codec/lz4_encoder.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace pagepress::model {
namespace {

constexpr unsigned kMinMatch = 4;
constexpr unsigned kNibble = 15;    // a length that goes on in extension bytes
constexpr unsigned kSlot = 16;      // rtl/lz4/pp_lz4_encode_pkg.sv
constexpr unsigned kShortRun = 12;  // literals beside which head and tail fit in a slot
constexpr unsigned kFirst = 14;     // literals in the head slot of a longer run
constexpr unsigned kLast = 13;      // literals beside a tail

// Bytes of a length beside the token's nibble.
std::size_t extension_size(unsigned length) {
  return length < kNibble ? 0 : 1 + (length - kNibble) / 255;
}

unsigned match_field(const Sequence& seq) {
  return seq.match_len == 0 ? 0U : seq.match_len - kMinMatch;
}

std::size_t block_size(const Sequence& seq) {
  // One extension byte at most, as nearly always: without a branch that could go either way.
  if (seq.lit_len < kNibble + 255 && seq.match_len - 1 < kMinMatch + kNibble + 254) {
    return std::size_t{3} + seq.lit_len + (seq.lit_len >= kNibble ? 1 : 0) +
           (seq.match_len >= kMinMatch + kNibble ? 1 : 0);
  }
  const std::size_t head = 1 + extension_size(seq.lit_len) + seq.lit_len;
  return seq.match_len == 0 ? head : head + 2 + extension_size(match_field(seq));
}

std::uint8_t* write_extension(std::uint8_t* out, unsigned length) {
  if (length < kNibble) return out;
  unsigned rest = length - kNibble;
  for (; rest >= 255; rest -= 255) *out++ = 255;
  *out++ = static_cast<std::uint8_t>(rest);
  return out;
}

// Writes a block's sequences one behind the other into room that is just large enough.
class BlockWriter {
 public:
  BlockWriter(std::span<const std::uint8_t> unit, std::span<std::uint8_t> out)
      : unit_(unit), out_(out.data()), end_(out.data() + out.size()) {}

  void write(const Sequence& seq) {
    const unsigned match = match_field(seq);
    *out_++ = static_cast<std::uint8_t>((std::min<unsigned>(seq.lit_len, kNibble) << 4) |
                                        std::min(match, kNibble));
    out_ = write_extension(out_, seq.lit_len);
    write_literals(seq.lit_pos, seq.lit_len);
    if (seq.match_len == 0) return;
    *out_++ = static_cast<std::uint8_t>(seq.offset & 0xff);
    *out_++ = static_cast<std::uint8_t>(seq.offset >> 8);
    out_ = write_extension(out_, match);
  }

 private:
  // Most runs are short: a copy of a fixed size, whose rest is written again, is the fastest.
  static constexpr std::size_t kCopy = 16;

  void write_literals(std::size_t pos, std::size_t count) {
    const auto room = static_cast<std::size_t>(end_ - out_);
    if (count <= kCopy && kCopy <= room && pos + kCopy <= unit_.size()) {
      std::memcpy(out_, unit_.data() + pos, kCopy);
    } else {
      const auto literals = unit_.subspan(pos, count);
      std::copy(literals.begin(), literals.end(), out_);
    }
    out_ += count;
  }

  std::span<const std::uint8_t> unit_;
  std::uint8_t* out_;
  std::uint8_t* end_;
};

// Slots of the extension bytes of a length that is `rest` above the nibble's; one such byte
// stands in another slot.
constexpr unsigned chain_slots(unsigned rest) { return rest < 255 ? 0 : rest / 255 / kSlot + 1; }

// Slots of so many literals with their token, and with a match's offset.
constexpr unsigned literal_slots(unsigned lit_len) {
  if (lit_len <= kShortRun) return 1;
  const unsigned lit_chain = lit_len < kNibble ? 0 : chain_slots(lit_len - kNibble);
  // With a chain the head has no literals.
  const unsigned rest = lit_len - (lit_chain != 0 ? 0U : std::min(lit_len, kFirst));
  return 1 + lit_chain + (rest + kSlot - 1 - kLast) / kSlot + 1;
}

constexpr unsigned kUsual = 64;  // longer runs of literals are rare
constexpr auto kLiteralSlots = [] {
  std::array<std::uint8_t, kUsual> slots{};
  for (unsigned n = 0; n < kUsual; ++n) slots[n] = static_cast<std::uint8_t>(literal_slots(n));
  return slots;
}();

}  // namespace

std::vector<std::uint8_t> encode_sequences(std::span<const std::uint8_t> unit,
                                           std::span<const Sequence> sequences) {
  // What stands behind the last sequence is none of the block.
  const auto last = std::find_if(sequences.begin(), sequences.end(),
                                 [](const Sequence& seq) { return seq.match_len == 0; });
  if (last != sequences.end()) {
    sequences = sequences.first(static_cast<std::size_t>(last - sequences.begin()) + 1);
  }
  std::size_t size = 0;
  for (const Sequence& seq : sequences) size += block_size(seq);
  std::vector<std::uint8_t> out(size);
  BlockWriter writer(unit, out);
  for (const Sequence& seq : sequences) writer.write(seq);
  return out;
}

std::size_t encoded_size(std::span<const SequenceRow> rows) {
  std::size_t size = 0;
  for (const SequenceRow& row : rows) {
    for (const Sequence& seq : row.sequences) size += block_size(seq);
  }
  return size;
}

void encode_rows(std::span<const std::uint8_t> unit, std::span<const SequenceRow> rows,
                 std::size_t size, std::vector<std::uint8_t>& out) {
  out.resize(size);
  BlockWriter writer(unit, out);
  for (const SequenceRow& row : rows) {
    for (const Sequence& seq : row.sequences) writer.write(seq);
  }
}

unsigned encode_slots(const Sequence& seq) {
  unsigned slots = seq.lit_len < kUsual ? kLiteralSlots[seq.lit_len] : literal_slots(seq.lit_len);
  if (seq.match_len >= kNibble + kMinMatch + 255) {
    slots += chain_slots(seq.match_len - kNibble - kMinMatch);
  }
  return slots;
}

unsigned encode_steps(std::span<const Sequence> row, unsigned lanes) {
  unsigned slots = 0;
  for (const Sequence& seq : row) slots += encode_slots(seq);
  return (slots + lanes - 1) / lanes;
}

}  // namespace pagepress::model
