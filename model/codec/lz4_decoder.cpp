// SPDX-License-Identifier: Apache-2.0
// LZ4 block decoding with liblz4 1.9.4's acceptance. Its decoder has a fast loop, a safe loop
// and a shortcut in the latter; of these only the shortcut accepts what the others would not: a
// short match may end in the last five bytes of the capacity.
#include "model/codec/lz4_decoder.hpp"

#include <algorithm>
#include <cstring>

#include "model/codec/crc32c.hpp"
#include "model/codec/decoder_cycles.hpp"

namespace pagepress::model {
namespace {

// Positions are signed: limits count back from ends that may be nearer than they reach.
using Pos = std::int64_t;

constexpr unsigned kNibble = 15;  // a length that goes on in extension bytes
constexpr Pos kMinMatch = 4;
constexpr Pos kLastLiterals = 5;       // a block ends in at least so many, unless short
constexpr Pos kMatchFindLimit = 12;    // literals that end after this limit are the last ones
constexpr Pos kLiteralExtension = 15;  // input that an extension of literals leaves behind it
constexpr Pos kMatchExtension = 4;     // and one of a match
constexpr Pos kShortcutIn = 17;        // input and
constexpr Pos kShortcutOut = 32;       // output that the shortcut needs
constexpr Pos kShortcutOffset = 8;

// Nearly all literals and matches are short: pieces of a fixed size are copied, and what is too
// much is written again. There is room for a piece behind the output.
constexpr Pos kPiece = 16;

// With room for a piece behind both; `from` lies before `to` by at least a piece, or elsewhere.
void copy_pieces(std::uint8_t* to, const std::uint8_t* from, Pos count) {
  for (Pos done = 0; done < count; done += kPiece) std::memcpy(to + done, from + done, kPiece);
}

// A match may reach into its own bytes: then what is there so far is repeated, each time twice as
// much.
void copy_match(std::uint8_t* to, Pos offset, Pos count) {
  Pos done = 0;
  for (; offset + done < kPiece && done < count;) {
    const Pos n = std::min(count - done, offset + done);
    std::copy_n(to - offset, n, to + done);
    done += n;
  }
  // Now a whole number of offsets further back stands the same.
  if (done < count) copy_pieces(to + done, to - offset, count - done);
}

}  // namespace

std::optional<std::vector<std::uint8_t>> decode_block(std::span<const std::uint8_t> block,
                                                      std::size_t capacity) {
  const auto size = static_cast<Pos>(block.size());
  const auto room = static_cast<Pos>(capacity);
  std::vector<std::uint8_t> out;
  if (size == 0) return std::nullopt;
  if (room == 0) {
    if (size == 1 && block[0] == 0) return out;
    return std::nullopt;
  }
  out.resize(capacity + kPiece);
  Pos ip = 0;
  Pos op = 0;
  const auto next = [&] { return block[static_cast<std::size_t>(ip++)]; };
  while (true) {
    const unsigned token = next();
    Pos literals = token >> 4;
    const bool extended = literals == kNibble;
    for (bool more = extended; more;) {
      if (ip >= size - kLiteralExtension) return std::nullopt;
      const unsigned byte = next();
      literals += byte;
      more = byte == 255;
    }
    const bool shortcut = !extended && ip <= size - kShortcutIn && op <= room - kShortcutOut;
    const bool last = !shortcut && (op + literals > room - kMatchFindLimit ||
                                    ip + literals > size - (2 + 1 + kLastLiterals));
    if (last && (ip + literals != size || op + literals > room)) return std::nullopt;
    if (literals <= size - ip - kPiece) {
      copy_pieces(out.data() + op, block.data() + ip, literals);
    } else {
      std::copy_n(block.data() + ip, literals, out.data() + op);
    }
    ip += literals;
    op += literals;
    if (last) {
      out.resize(static_cast<std::size_t>(op));
      return out;
    }
    Pos offset = next();
    offset |= Pos{next()} << 8;
    Pos match = (token & kNibble) + kMinMatch;
    const bool long_match = (token & kNibble) == kNibble;
    for (bool more = long_match; more;) {
      const unsigned byte = next();
      if (ip > size - kMatchExtension) return std::nullopt;
      match += byte;
      more = byte == 255;
    }
    if (offset > op) return std::nullopt;
    const bool may_end_anywhere = shortcut && !long_match && offset >= kShortcutOffset;
    if (!may_end_anywhere && op + match > room - kLastLiterals) {
      return std::nullopt;
    }
    if (offset == 0) {  // no error to liblz4: it writes zeros
      std::fill_n(out.data() + op, match, std::uint8_t{0});
    } else {
      copy_match(out.data() + op, offset, match);
    }
    op += match;
  }
}

DecodeResult decompress_untimed(std::span<const std::uint8_t> block, std::size_t capacity,
                                const DecodeOptions& options) {
  DecodeResult result;
  auto data = decode_block(block, capacity);
  if (!data) {
    result.status = DecodeStatus::kMalformed;
    return result;
  }
  result.data = std::move(*data);
  if (options.flip_bit && *options.flip_bit / 8 < result.data.size()) {
    result.data[*options.flip_bit / 8] ^= static_cast<std::uint8_t>(1U << (*options.flip_bit % 8));
  }
  result.crc32c = crc32c(result.data);
  if (options.expected_crc32c && *options.expected_crc32c != result.crc32c) {
    result.status = DecodeStatus::kVerifyFailed;
    result.data.clear();
  }
  result.out_len = static_cast<std::uint32_t>(result.data.size());
  return result;
}

DecodeResult decompress_block(std::span<const std::uint8_t> block, std::size_t capacity,
                              const DecodeOptions& options) {
  DecodeResult result = decompress_untimed(block, capacity, options);
  if (!block.empty()) {
    const DecodeTimes times = DecoderTimeline::alone(block, capacity);
    result.cycles = times.cycles;
    result.latency = static_cast<std::uint32_t>(times.offered);
  }
  return result;
}

}  // namespace pagepress::model
