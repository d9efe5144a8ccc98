// SPDX-License-Identifier: Apache-2.0
// The match finder and parser of rtl/lz, in program order. Each step below is a
// pipeline stage there and carries the stage's name. Lengths are in bytes.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <tuple>

#include "model/codec/lz4_engine.hpp"

namespace pagepress::model {
namespace {

using Unit = std::span<const std::uint8_t, kUnit>;

constexpr unsigned kMaxW = 16;
constexpr unsigned kMinMatch = 4;                 // LZ4 block format
constexpr unsigned kLastMatchStart = kUnit - 12;  // LZ4: the last match starts here or before
constexpr unsigned kMatchEnd = kUnit - 5;         // LZ4: the last 5 bytes are literals
constexpr unsigned kFirstCompare = 8;             // bytes compared at every position
constexpr unsigned kBack = 7;                     // bytes that a match can be extended backward
constexpr unsigned kLoop = 6;  // windows from the parser back to candidate selection

// Rows of the hash matrix over GF(2); bit b of the hash is the parity of
// word & kHashMask[b]. Drawn at random once, 11 to 14 ones each: see
// rtl/lz/pp_lz_pkg.sv, which holds the same numbers.
constexpr std::array<std::uint32_t, 12> kHashMask = {
    0x0225bc4d, 0x661416d2, 0xa80a902b, 0xa08940e7, 0xce656824, 0xb7ab0a40,
    0x708c8c8f, 0x211ac277, 0xca735822, 0x2bc10973, 0x06df9805, 0xcb8330e2};

struct Candidate {
  unsigned len = 0;  // 0: none
  unsigned dist = 0;
};

// The one candidate of a window whose match is followed over its whole length.
struct Extended {
  bool valid = false;
  unsigned pos = 0;  // in the window
  unsigned dist = 0;
  unsigned forward = 0;  // equal bytes from pos on
  unsigned back = 0;     // equal bytes before pos
};

struct TableEntry {
  bool valid = false;
  unsigned pos = 0;
};

// The match that the parser has open: it may still grow.
struct OpenMatch {
  bool open = false;
  unsigned lit_pos = 0;  // first literal of its sequence
  unsigned start = 0;
  unsigned end = 0;  // also where pending literals begin
  unsigned dist = 0;
};

unsigned run_length(Unit unit, unsigned a, unsigned b, unsigned most) {
  unsigned n = 0;
  while (n < most && b + n < kUnit && unit[a + n] == unit[b + n]) ++n;
  return n;
}

class MatchFinder {
 public:
  MatchFinder(Unit unit, const EngineConfig& config)
      : unit_(unit), config_(config), table_(config.entries) {}

  std::vector<Sequence> run() {
    for (unsigned window = 0; window < kUnit / config_.w; ++window) {
      const unsigned base = window * config_.w;
      // The parser's state of kLoop windows ago is all that selection can know.
      OpenMatch& slot = history_[window % kLoop];
      std::array<Candidate, kMaxW> first = look_up(base);
      const Extended extended = extend(base, select(base, first, slot));
      merge(base, extended);
      parse(base, resolve(base, first, extended), extended);
      slot = match_;
    }
    emit_open();
    sequences_.push_back({static_cast<std::uint16_t>(match_.end),
                          static_cast<std::uint16_t>(kUnit - match_.end), 0, 0});
    return std::move(sequences_);
  }

 private:
  [[nodiscard]] unsigned hash(unsigned pos) const {
    std::uint32_t word = 0;
    std::memcpy(&word, unit_.data() + pos, sizeof word);
    unsigned index = 0;
    for (unsigned bit = 0; (1U << bit) < config_.entries; ++bit) {
      index |= (static_cast<unsigned>(std::popcount(word & kHashMask[bit])) & 1U) << bit;
    }
    return index;
  }

  // Stages H, B, C: hash, bank arbitration, table look-up and insertion, near
  // distances. A position that loses its bank is neither looked up nor inserted.
  std::array<Candidate, kMaxW> look_up(unsigned base) {
    std::array<Candidate, kMaxW> best{};
    std::array<unsigned, kMaxW> index{};
    std::vector<int> winner(config_.banks, -1);
    const unsigned log2_w = static_cast<unsigned>(std::bit_width(config_.w)) - 1;
    std::array<bool, kMaxW> granted{};
    for (unsigned turn = 0; turn < config_.w; ++turn) {
      unsigned i = 0;  // bit-reversed order spreads the losses over the window
      for (unsigned bit = 0; bit < log2_w; ++bit) i |= ((turn >> bit) & 1U) << (log2_w - 1 - bit);
      if (base + i > kLastMatchStart) continue;
      index[i] = hash(base + i);
      int& holder = winner[index[i] & (config_.banks - 1)];
      if (holder < 0) holder = static_cast<int>(i);
      granted[i] = index[static_cast<unsigned>(holder)] == index[i];
    }
    for (unsigned i = 0; i < config_.w; ++i) {
      const unsigned pos = base + i;
      if (pos > kLastMatchStart) continue;
      if (granted[i] && table_[index[i]].valid) {
        const unsigned from = table_[index[i]].pos;
        const unsigned len = run_length(unit_, from, pos, kFirstCompare);
        if (len >= kMinMatch) best[i] = {len, pos - from};
      }
      Candidate close;
      for (unsigned dist = 1; dist <= std::min(config_.near, pos); ++dist) {
        const unsigned len = run_length(unit_, pos - dist, pos, kFirstCompare);
        if (len >= kMinMatch && len > close.len) close = {len, dist};
      }
      if (close.len >= kMinMatch && close.len >= best[i].len) best[i] = close;
    }
    // Read before write: a window does not see its own insertions.
    for (const int i : winner) {
      if (i < 0) continue;
      const auto u = static_cast<unsigned>(i);
      table_[index[u]] = {true, base + u};
    }
    return best;
  }

  // Stage S: which candidate is followed further. A match that the parser was
  // already holding across this whole window's start goes on; else the longest,
  // the first of equals.
  std::optional<std::pair<unsigned, unsigned>> select(unsigned base,
                                                      const std::array<Candidate, kMaxW>& first,
                                                      const OpenMatch& past) const {
    if (past.open && past.end >= base) return std::pair{0U, past.dist};
    unsigned best = 0;
    for (unsigned i = 1; i < config_.w; ++i) {
      if (first[i].len > first[best].len) best = i;
    }
    if (first[best].len == 0) return std::nullopt;
    return std::pair{best, first[best].dist};
  }

  // Stages R, A, M: read the page at the candidate and compare both ways.
  Extended extend(unsigned base, std::optional<std::pair<unsigned, unsigned>> selected) const {
    Extended ext;
    if (!selected) return ext;
    ext.valid = true;
    std::tie(ext.pos, ext.dist) = *selected;
    const unsigned pos = base + ext.pos;
    ext.forward = run_length(unit_, pos - ext.dist, pos, kLoop * config_.w);
    while (ext.back < kBack && ext.dist + ext.back < pos &&
           unit_[pos - ext.back - 1] == unit_[pos - ext.dist - ext.back - 1]) {
      ++ext.back;
    }
    return ext;
  }

  struct Resolved {
    Candidate match;
    bool extended = false;  // the match is the window's extended one
    bool take = false;
  };

  // Stage D: every position that the extended match covers can use what is left
  // of it; then a match is passed over if a longer one starts soon after it.
  [[nodiscard]] std::array<Resolved, kMaxW> resolve(unsigned base,
                                                    const std::array<Candidate, kMaxW>& first,
                                                    const Extended& ext) const {
    std::array<Resolved, kMaxW> out{};
    for (unsigned i = 0; i < config_.w; ++i) {
      const unsigned pos = base + i;
      if (pos > kLastMatchStart) continue;
      Candidate match = first[i];
      if (ext.valid && i + ext.back >= ext.pos && i < ext.pos + ext.forward &&
          ext.pos + ext.forward - i >= match.len) {
        match = {ext.pos + ext.forward - i, ext.dist};
        out[i].extended = true;
      }
      match.len = std::min(match.len, kMatchEnd - pos);
      out[i].match = match;
    }
    for (unsigned i = 0; i < config_.w; ++i) {
      const unsigned len = out[i].match.len;
      const bool next_longer = i + 1 < config_.w && out[i + 1].match.len > len;
      const bool second_longer = i + 2 < config_.w && out[i + 2].match.len > len + 1;
      out[i].take = len >= kMinMatch && !next_longer && !second_longer;
    }
    return out;
  }

  // Stage P, first half: the extended match may be the open one going on.
  void merge(unsigned base, const Extended& ext) {
    if (!ext.valid || !match_.open || ext.dist != match_.dist || match_.end < base) return;
    const unsigned end = std::min<unsigned>(base + ext.pos + ext.forward, kMatchEnd);
    if (match_.end + ext.back >= base + ext.pos) match_.end = std::max(match_.end, end);
  }

  // Stage P, second half: at most one match starts in a window.
  void parse(unsigned base, const std::array<Resolved, kMaxW>& resolved, const Extended& ext) {
    unsigned i = match_.open && match_.end > base ? match_.end - base : 0;
    while (i < config_.w && !resolved[i].take) ++i;
    if (i >= config_.w) return;
    unsigned start = base + i;
    if (i == 0 && resolved[0].extended && ext.back > ext.pos) {
      start -= std::min(ext.back - ext.pos, start - match_.end);
    }
    emit_open();
    match_ = {true, match_.end, start, base + i + resolved[i].match.len, resolved[i].match.dist};
  }

  void emit_open() {
    if (!match_.open) return;
    sequences_.push_back({static_cast<std::uint16_t>(match_.lit_pos),
                          static_cast<std::uint16_t>(match_.start - match_.lit_pos),
                          static_cast<std::uint16_t>(match_.end - match_.start),
                          static_cast<std::uint16_t>(match_.dist)});
  }

  Unit unit_;
  const EngineConfig& config_;
  std::vector<TableEntry> table_;
  OpenMatch match_;
  std::array<OpenMatch, kLoop> history_{};
  std::vector<Sequence> sequences_;
};

}  // namespace

std::vector<Sequence> find_sequences(Unit unit, const EngineConfig& config) {
  const bool valid = (config.w == 8 || config.w == kMaxW) && std::has_single_bit(config.banks) &&
                     std::has_single_bit(config.entries) && config.entries >= 2 * config.banks &&
                     config.entries <= (1U << kHashMask.size()) && config.near >= 1 &&
                     config.near <= config.w;
  if (!valid) throw std::invalid_argument("match finder geometry that the RTL does not have");
  return MatchFinder(unit, config).run();
}

}  // namespace pagepress::model
