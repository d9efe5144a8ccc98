// SPDX-License-Identifier: Apache-2.0
// The match finder and parser of rtl/lz, in program order. Each step below is a group of
// pipeline stages there and carries their names (docs/engine.md). Lengths are in bytes.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "model/codec/hash_table.hpp"
#include "model/codec/lz4_engine.hpp"

namespace pagepress::model {
namespace {

using Unit = std::span<const std::uint8_t>;

constexpr unsigned kMaxW = HashTable::kMaxW;
constexpr unsigned kMaxUnits = 8;
constexpr unsigned kMinMatch = 4;         // LZ4 block format
constexpr unsigned kLastMatchStart = 12;  // LZ4: a match starts so far before the end
constexpr unsigned kMatchEnd = 5;         // LZ4: the last 5 bytes are literals
constexpr unsigned kFirstCompare = 8;     // bytes compared at every position
constexpr unsigned kBack = 7;             // bytes that a match can be extended backward
constexpr unsigned kLoop = 6;             // windows from the parser back to the followed distances

struct Candidate {
  unsigned len = 0;  // 0: none
  unsigned dist = 0;
};

// One distance that a window is compared at as a whole.
struct Followed {
  unsigned dist = 0;                  // 0: none
  std::array<unsigned, kMaxW> run{};  // equal bytes from each position on
  unsigned back = 0;                  // equal bytes before the window
};

// The best match of a position.
struct Match {
  unsigned len = 0;
  unsigned dist = 0;
  unsigned back = 0;  // bytes that it goes on before the window; of the first position only
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

// Equal bytes from a and from b on, `most` at most.
unsigned run_length(Unit unit, unsigned a, unsigned b, unsigned most) {
  unsigned n = 0;
  for (; n + sizeof(std::uint64_t) <= most; n += sizeof(std::uint64_t)) {
    const std::uint64_t differ = word_at(unit, a + n) ^ word_at(unit, b + n);
    if (differ != 0) return n + static_cast<unsigned>(std::countr_zero(differ)) / 8;
  }
  while (n < most && unit[a + n] == unit[b + n]) ++n;
  return n;
}

unsigned index_bits(unsigned rows) { return static_cast<unsigned>(std::bit_width(rows)) - 1; }

class MatchFinder {
 public:
  MatchFinder(Unit unit, const EngineConfig& config)
      : unit_(unit),
        last_start_(static_cast<unsigned>(unit.size()) - kLastMatchStart),
        match_end_(static_cast<unsigned>(unit.size()) - kMatchEnd),
        config_(config),
        short_bits_(index_bits(config.rows)),
        long_bits_(config.long_rows == 0 ? 0 : index_bits(config.long_rows)),
        short_table_(config.banks, config.rows, config.ways),
        long_table_(config.banks, std::max(config.long_rows, 1U), 1) {}

  std::vector<SequenceRow> run() {
    const auto windows = static_cast<unsigned>(unit_.size() / config_.w);
    for (unsigned window = 0; window < windows; ++window) {
      const unsigned base = window * config_.w;
      // The parser's state of kLoop windows ago is all that the choice of distances can know.
      OpenMatch& slot = history_[window % kLoop];
      const std::array<Candidate, kMaxW> first = look_up(base);
      const std::array<Followed, kMaxUnits> followed = follow(base, choose(base, first, slot));
      merge(base, followed);
      parse(base, resolve(base, first, followed));
      slot = match_;
      end_row(window);
    }
    emit_open();
    row_.push_back({match_.end, static_cast<std::uint32_t>(unit_.size()) - match_.end, 0, 0});
    end_row(windows);
    return std::move(rows_);
  }

 private:
  // Stages H to C: hash, look up and insert in both tables, compare the first
  // bytes, near distances. The longest stays; of equals the near one, then the short
  // table's latest.
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
    HashTable::Found short_found;
    HashTable::Found long_found;
    short_table_.access(base, config_.w, short_index, short_found);
    if (config_.long_rows != 0) long_table_.access(base, config_.w, long_index, long_found);
    std::array<Candidate, kMaxW> best{};
    for (unsigned i = 0; i < starts; ++i) {
      const unsigned pos = base + i;
      for (unsigned dist = 1; dist <= std::min(config_.near, pos); ++dist) {
        improve(best[i], text[i], pos, pos - dist);
      }
      for (unsigned way = 0; way < config_.ways; ++way) {
        const std::uint32_t found = short_found[way][i];
        if (found != HashTable::kNone) improve(best[i], text[i], pos, found);
      }
      if (config_.long_rows != 0 && long_found[0][i] != HashTable::kNone) {
        improve(best[i], text[i], pos, long_found[0][i]);
      }
      best[i].len = std::min(best[i].len, match_end_ - pos);
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

  // Stages S and R: the distances that are followed, 0 for none. Each unit has its share of the
  // window and takes the longest candidate there, the first of equals. A match that the
  // parser was already holding across this whole window's start has the first unit.
  [[nodiscard]] std::array<unsigned, kMaxUnits> choose(unsigned base,
                                                       const std::array<Candidate, kMaxW>& first,
                                                       const OpenMatch& past) const {
    std::array<unsigned, kMaxUnits> dist{};
    const unsigned share = config_.w / config_.units;
    for (unsigned u = 0; u < config_.units; ++u) {
      const auto* begin = first.data() + u * share;
      const auto* best = std::max_element(
          begin, begin + share, [](const auto& a, const auto& b) { return a.len < b.len; });
      dist[u] = best->len == 0 ? 0 : best->dist;
    }
    if (past.open && past.end >= base) dist[0] = past.dist;
    return dist;
  }

  // Stages R, A, M: read the page at each distance and compare the window and what follows.
  [[nodiscard]] std::array<Followed, kMaxUnits> follow(
      unsigned base, const std::array<unsigned, kMaxUnits>& dist) const {
    std::array<Followed, kMaxUnits> out{};
    const unsigned reach = std::min(base + kLoop * config_.w, match_end_);  // compared up to here
    for (unsigned u = 0; u < config_.units; ++u) {
      if (dist[u] == 0) continue;
      Followed& followed = out[u];
      followed.dist = dist[u];
      unsigned run = 0;
      const unsigned after = base + config_.w;
      if (after < reach) run = run_length(unit_, after - dist[u], after, reach - after);
      for (unsigned i = config_.w; i-- > 0;) {
        const unsigned pos = base + i;
        const bool equal = pos < reach && pos >= dist[u] && unit_[pos] == unit_[pos - dist[u]];
        run = equal ? run + 1 : 0;
        followed.run[i] = run;
      }
      while (followed.back < kBack && base > dist[u] + followed.back &&
             unit_[base - 1 - followed.back] == unit_[base - 1 - followed.back - dist[u]]) {
        ++followed.back;
      }
    }
    return out;
  }

  // Stage D: the longest match of each position; of equals the last unit's.
  [[nodiscard]] std::array<Match, kMaxW> resolve(
      unsigned base, const std::array<Candidate, kMaxW>& first,
      const std::array<Followed, kMaxUnits>& followed) const {
    std::array<Match, kMaxW> out{};
    for (unsigned i = 0; i < config_.w && base + i <= last_start_; ++i) {
      out[i] = {first[i].len, first[i].dist, 0};
      for (unsigned u = 0; u < config_.units; ++u) {
        const Followed& f = followed[u];
        if (f.run[i] >= out[i].len) out[i] = {f.run[i], f.dist, i == 0 ? f.back : 0};
      }
    }
    return out;
  }

  // Stage P, first half: a followed distance may be the open match's. Then it goes on.
  void merge(unsigned base, const std::array<Followed, kMaxUnits>& followed) {
    if (!match_.open || match_.end < base) return;
    const unsigned covered = match_.end - base;
    for (unsigned u = 0; u < config_.units; ++u) {
      if (followed[u].dist != match_.dist) continue;
      const unsigned from = covered < config_.w ? covered : 0;
      match_.end = base + from + followed[u].run[from];
      return;
    }
  }

  // Stage P, second half: from where the open match ends, the first match that no longer one
  // follows soon starts; from its end the next.
  void parse(unsigned base, const std::array<Match, kMaxW>& match) {
    std::array<unsigned, kMaxW + 2> len{};  // none is longer behind the window
    for (unsigned i = 0; i < config_.w; ++i) len[i] = match[i].len;
    auto take = [&len](unsigned i) {
      return len[i] >= kMinMatch && len[i + 1] <= len[i] && len[i + 2] <= len[i] + 1;
    };
    unsigned i = match_.open && match_.end > base ? match_.end - base : 0;
    for (unsigned n = 0; n < config_.starts; ++n) {
      while (i < config_.w && !take(i)) ++i;
      if (i >= config_.w) return;
      const unsigned start = base + i - std::min(match[i].back, base + i - match_.end);
      emit_open();
      match_ = {true, match_.end, start, base + i + match[i].len, match[i].dist};
      i += match[i].len;
    }
  }

  void emit_open() {
    if (!match_.open) return;
    row_.push_back(
        {match_.lit_pos, match_.start - match_.lit_pos, match_.end - match_.start, match_.dist});
  }

  void end_row(unsigned cycle) {
    if (row_.empty()) return;
    rows_.push_back({cycle, std::move(row_)});
    row_.clear();
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
  std::vector<Sequence> row_;
  std::vector<SequenceRow> rows_;
};

// What rtl/lz/pp_match_finder.sv checks when it is elaborated.
bool elaborates(const EngineConfig& config) {
  auto table_fits = [&config](unsigned rows, unsigned most_bits) {
    return std::has_single_bit(rows) && rows >= 2 * config.banks && index_bits(rows) <= most_bits;
  };
  return (config.w == 8 || config.w == 16 || config.w == kMaxW) &&
         std::has_single_bit(config.banks) && table_fits(config.rows, kShortHashBits) &&
         (config.long_rows == 0 || table_fits(config.long_rows, kLongHashBits)) &&
         (config.ways == 1 || config.ways == 2) && config.near >= 1 && config.near <= config.w &&
         std::has_single_bit(config.units) && config.units >= 2 && config.units <= kMaxUnits &&
         2 * config.units <= config.w && (config.starts == 2 || config.starts == 4);
}

}  // namespace

EngineConfig EngineConfig::of(unsigned w) {
  switch (w) {
    case 8:
      return {8, 16, 2, 1024, 1024, 8, 2, 2};
    case 16:
      return {};
    case kMaxW:
      return {kMaxW, 64, 2, 1024, 1024, kMaxW, 4, 4};
    default:
      throw std::invalid_argument("the engine is 8, 16 or 32 bytes wide");
  }
}

std::vector<SequenceRow> find_rows(Unit unit, const EngineConfig& config) {
  if (unit.size() < kUnit || unit.size() > kMaxUnit || !std::has_single_bit(unit.size())) {
    throw std::invalid_argument("unit size that the engine does not take");
  }
  if (!elaborates(config)) {
    throw std::invalid_argument("match finder geometry that the RTL does not have");
  }
  return MatchFinder(unit, config).run();
}

std::vector<Sequence> sequences_of(std::span<const SequenceRow> rows) {
  std::vector<Sequence> all;
  for (const SequenceRow& row : rows) {
    all.insert(all.end(), row.sequences.begin(), row.sequences.end());
  }
  return all;
}

std::vector<Sequence> find_sequences(Unit unit, const EngineConfig& config) {
  return sequences_of(find_rows(unit, config));
}

}  // namespace pagepress::model
