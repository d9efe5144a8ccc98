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

#include "model/codec/hash_table.hpp"
#include "model/codec/lz4_engine.hpp"

namespace pagepress::model {
namespace {

using Unit = std::span<const std::uint8_t>;

constexpr unsigned kMaxW = HashTable::kMaxW;
constexpr unsigned kMinMatch = 4;         // LZ4 block format
constexpr unsigned kLastMatchStart = 12;  // LZ4: a match starts so far before the end
constexpr unsigned kMatchEnd = 5;         // LZ4: the last 5 bytes are literals
constexpr unsigned kFirstCompare = 8;     // bytes compared at every position
constexpr unsigned kBack = 7;             // bytes that a match can be extended backward
constexpr unsigned kLoop = 6;             // windows from the parser back to candidate selection

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

// The match that the parser has open: it may still grow.
struct OpenMatch {
  bool open = false;
  unsigned lit_pos = 0;  // first literal of its sequence
  unsigned start = 0;
  unsigned end = 0;  // also where pending literals begin
  unsigned dist = 0;
};

std::uint64_t word_at(Unit unit, unsigned pos) {  // little-endian
  std::uint64_t word = 0;
  std::memcpy(&word, unit.data() + pos, sizeof word);
  return word;
}

unsigned run_length(Unit unit, unsigned a, unsigned b, unsigned most) {
  most = std::min(most, static_cast<unsigned>(unit.size()) - b);
  unsigned n = 0;
  for (; n + sizeof(std::uint64_t) <= most; n += sizeof(std::uint64_t)) {
    const std::uint64_t differ = word_at(unit, a + n) ^ word_at(unit, b + n);
    if (differ != 0) return n + static_cast<unsigned>(std::countr_zero(differ)) / 8;
  }
  while (n < most && unit[a + n] == unit[b + n]) ++n;
  return n;
}

unsigned index_bits(unsigned entries) { return static_cast<unsigned>(std::bit_width(entries)) - 1; }

class MatchFinder {
 public:
  MatchFinder(Unit unit, const EngineConfig& config)
      : unit_(unit),
        last_start_(static_cast<unsigned>(unit.size()) - kLastMatchStart),
        match_end_(static_cast<unsigned>(unit.size()) - kMatchEnd),
        config_(config),
        short_bits_(index_bits(config.entries)),
        long_bits_(index_bits(config.long_entries)),
        short_table_(config.banks, config.entries),
        long_table_(config.banks, config.long_entries) {}

  std::vector<Sequence> run() {
    for (unsigned window = 0; window < unit_.size() / config_.w; ++window) {
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
    sequences_.push_back({match_.end, static_cast<std::uint32_t>(unit_.size()) - match_.end, 0, 0});
    return std::move(sequences_);
  }

 private:
  // Stages H, B, C: hash, look up and insert in both tables, compare the first
  // bytes, near distances. The longest stays; of equals the near one, then the short
  // table's.
  std::array<Candidate, kMaxW> look_up(unsigned base) {
    HashTable::Lanes short_index{};
    HashTable::Lanes long_index{};
    std::array<std::uint64_t, kMaxW> text{};
    const unsigned starts = base > last_start_ ? 0 : std::min(config_.w, last_start_ - base + 1);
    for (unsigned i = 0; i < config_.w; ++i) {
      if (i >= starts) {
        short_index[i] = long_index[i] = HashTable::kNone;
        continue;
      }
      text[i] = word_at(unit_, base + i);
      short_index[i] = short_hash(static_cast<std::uint32_t>(text[i]), short_bits_);
      long_index[i] = long_hash(text[i], long_bits_);
    }
    HashTable::Lanes short_found;
    HashTable::Lanes long_found;
    short_table_.access(base, config_.w, short_index, short_found);
    long_table_.access(base, config_.w, long_index, long_found);
    std::array<Candidate, kMaxW> best{};
    for (unsigned i = 0; i < starts; ++i) {
      const unsigned pos = base + i;
      for (unsigned dist = 1; dist <= std::min(config_.near, pos); ++dist) {
        improve(best[i], text[i], pos, pos - dist);
      }
      if (short_found[i] != HashTable::kNone) improve(best[i], text[i], pos, short_found[i]);
      if (long_found[i] != HashTable::kNone) improve(best[i], text[i], pos, long_found[i]);
    }
    return best;
  }

  // A match needs MIN_MATCH equal bytes; FIRST_CMP of them are looked at.
  void improve(Candidate& best, std::uint64_t text, unsigned pos, unsigned from) const {
    static_assert(kFirstCompare == sizeof text && kMinMatch == sizeof(std::uint32_t));
    const std::uint64_t differ = word_at(unit_, from) ^ text;
    if (static_cast<std::uint32_t>(differ) != 0) return;
    const unsigned len = static_cast<unsigned>(std::countr_zero(differ)) / 8;  // 8 if none
    if (len > best.len) best = {len, pos - from};
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
      if (pos > last_start_) continue;
      Candidate match = first[i];
      if (ext.valid && i + ext.back >= ext.pos && i < ext.pos + ext.forward &&
          ext.pos + ext.forward - i >= match.len) {
        match = {ext.pos + ext.forward - i, ext.dist};
        out[i].extended = true;
      }
      match.len = std::min(match.len, match_end_ - pos);
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
    const unsigned end = std::min<unsigned>(base + ext.pos + ext.forward, match_end_);
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
    sequences_.push_back(
        {match_.lit_pos, match_.start - match_.lit_pos, match_.end - match_.start, match_.dist});
  }

  Unit unit_;
  unsigned last_start_;  // a match starts here or before
  unsigned match_end_;   // and ends here or before
  const EngineConfig& config_;
  unsigned short_bits_;
  unsigned long_bits_;
  HashTable short_table_;
  HashTable long_table_;
  OpenMatch match_;
  std::array<OpenMatch, kLoop> history_{};
  std::vector<Sequence> sequences_;
};

}  // namespace

std::vector<Sequence> find_sequences(Unit unit, const EngineConfig& config) {
  auto table_fits = [&config](unsigned entries, unsigned most_bits) {
    return std::has_single_bit(entries) && entries >= 2 * config.banks &&
           index_bits(entries) <= most_bits;
  };
  const bool valid = (config.w == 8 || config.w == kMaxW) && std::has_single_bit(config.banks) &&
                     table_fits(config.entries, kShortHashBits) &&
                     table_fits(config.long_entries, kLongHashBits) && config.near >= 1 &&
                     config.near <= config.w;
  if (unit.size() < kUnit || unit.size() > kMaxUnit || !std::has_single_bit(unit.size())) {
    throw std::invalid_argument("unit size that the engine does not take");
  }
  if (!valid) throw std::invalid_argument("match finder geometry that the RTL does not have");
  return MatchFinder(unit, config).run();
}

}  // namespace pagepress::model
