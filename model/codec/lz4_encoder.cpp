// SPDX-License-Identifier: Apache-2.0
// LZ4 block encoding (rtl/lz4/pp_lz4_encoder.sv). Format: lz4_Block_format.md of the lz4
// project.
#include "model/codec/lz4_encoder.hpp"

#include <algorithm>

namespace pagepress::model {
namespace {

constexpr unsigned kMinMatch = 4;
constexpr unsigned kNibble = 15;    // a length that goes on in extension bytes
constexpr unsigned kSlot = 16;      // rtl/lz4/pp_lz4_encode_pkg.sv
constexpr unsigned kShortRun = 12;  // literals beside which head and tail fit in a slot
constexpr unsigned kFirst = 14;     // literals in the head slot of a longer run
constexpr unsigned kLast = 13;      // literals beside a tail

void append_extension(std::vector<std::uint8_t>& out, unsigned rest) {
  for (; rest >= 255; rest -= 255) out.push_back(255);
  out.push_back(static_cast<std::uint8_t>(rest));
}

// Slots of the extension bytes of a length that is `rest` above the nibble's; one such byte
// stands in another slot.
unsigned chain_slots(unsigned rest) { return rest < 255 ? 0 : rest / 255 / kSlot + 1; }

}  // namespace

std::vector<std::uint8_t> encode_sequences(std::span<const std::uint8_t> unit,
                                           std::span<const Sequence> sequences) {
  std::vector<std::uint8_t> out;
  out.reserve(unit.size() + 32);
  for (const Sequence& seq : sequences) {
    const bool last = seq.match_len == 0;
    const unsigned match = last ? 0U : seq.match_len - kMinMatch;
    out.push_back(static_cast<std::uint8_t>((std::min<unsigned>(seq.lit_len, kNibble) << 4) |
                                            std::min(match, kNibble)));
    if (seq.lit_len >= kNibble) append_extension(out, seq.lit_len - kNibble);
    const auto literals = unit.subspan(seq.lit_pos, seq.lit_len);
    out.insert(out.end(), literals.begin(), literals.end());
    if (last) break;
    out.push_back(static_cast<std::uint8_t>(seq.offset & 0xff));
    out.push_back(static_cast<std::uint8_t>(seq.offset >> 8));
    if (match >= kNibble) append_extension(out, match - kNibble);
  }
  return out;
}

unsigned encode_slots(const Sequence& seq) {
  unsigned slots = 1;
  if (seq.lit_len > kShortRun) {
    const unsigned lit_chain = seq.lit_len < kNibble ? 0 : chain_slots(seq.lit_len - kNibble);
    // With a chain the head has no literals.
    const unsigned rest = seq.lit_len - (lit_chain != 0 ? 0U : std::min(seq.lit_len, kFirst));
    slots += lit_chain + (rest + kSlot - 1 - kLast) / kSlot + 1;
  }
  if (seq.match_len >= kNibble + kMinMatch)
    slots += chain_slots(seq.match_len - kNibble - kMinMatch);
  return slots;
}

unsigned encode_steps(std::span<const Sequence> row, unsigned lanes) {
  unsigned slots = 0;
  for (const Sequence& seq : row) slots += encode_slots(seq);
  return (slots + lanes - 1) / lanes;
}

}  // namespace pagepress::model
