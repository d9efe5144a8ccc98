// SPDX-License-Identifier: Apache-2.0
// A window's positions are lanes of a vector here, and places within it are counted from its
// start: a match's end is a lane number, kW or more if it goes on behind the window.
#include "model/codec/match_finder.hpp"

#include <algorithm>
#include <bit>

#include "model/codec/byte_lanes.hpp"
#include "model/codec/run_length.hpp"

namespace pagepress::model {
namespace {

constexpr unsigned kMaxW = HashTable::kMaxW;
constexpr unsigned kBack = 7;  // bytes that a match can be extended backward

// Lane i has the least of the lanes from i on.
template <unsigned kCount>
ByteLanes<kCount> least_from(ByteLanes<kCount> lanes) {
  lanes = min(lanes, lanes.template down<1>(255));
  lanes = min(lanes, lanes.template down<2>(255));
  lanes = min(lanes, lanes.template down<4>(255));
  lanes = min(lanes, lanes.template down<8>(255));
  if constexpr (kCount > 16) lanes = min(lanes, lanes.template down<16>(255));
  return lanes;
}

// Equal bytes behind the window, `most` at most; any number if no run reaches() its end.
template <unsigned kW, class Reaches>
unsigned run_behind(const std::uint8_t* behind, unsigned dist, unsigned most, Reaches reaches) {
#ifdef PP_CODEC_AVX512
  if constexpr (kW <= 16) return short_run_length(behind - dist, behind, most);
#endif
  return most != 0 && reaches() ? long_run_length(behind - dist, behind, most) : 0;
}

}  // namespace

// Stage D: what each position of the window can start.
template <unsigned kW>
struct MatchFinder::Resolved {
  std::uint32_t takes = 0;  // bit i: no longer match follows soon
  std::array<std::uint8_t, kMaxW> len;
  std::array<std::uint8_t, kMaxW> source;  // 0: its own candidate; n: distance n - 1
};

// Stages R, A, M: the page at this distance is compared with the window and what follows. Lane i:
// where the first byte from i on stands that differs.
template <unsigned kW>
[[gnu::always_inline]] inline auto MatchFinder::ends_at(unsigned base, unsigned dist) const {
  using V = WindowLanes<kW>;
  const V number = V::numbers();
  const std::uint8_t* const window = text_ + base;
  V same = equal(V::load(window), V::load(window - dist));
  if (dist > base) same = same & ~less(number, V::all(dist - base));
  // Compared up to here; match_end_ lies in the last window or behind it.
  const unsigned reach = std::min(kLoop * kW, match_end_ - base);
  if (reach < kW) same = same & less(number, V::all(reach));
  const unsigned end = kW + run_behind<kW>(window + kW, dist, std::max(reach, kW) - kW,
                                           [&same] { return same[kW - 1] != 0; });
  if constexpr (kW < 16) same = same | ~less(number, V::all(kW));
  return min(least_from(number | same), V::all(end));
}

// Stages S and R: the distances that are followed. Each unit has its share of the
// window and takes the longest candidate there, the first of equals. A match that the
// parser was already holding across this whole window's start has the first unit. Of equal
// distances the last unit's stays; the last unit's is the first in the list.
template <unsigned kW>
[[gnu::always_inline]] inline MatchFinder::Distances MatchFinder::choose(
    unsigned base, const FirstMatches<kW>& first, const Held& past) const {
  using V = WindowLanes<kW>;
  Distances out{};
  const auto add = [&out](unsigned dist) {
    if (dist == 0) return;
    for (unsigned n = 0; n < out.count; ++n) {
      if (out.dist[n] == dist) return;
    }
    out.dist[out.count++] = dist;
  };
  const bool goes_on = past.dist != 0 && past.end >= base;
  if (first.any) {
    // The first of a share's longest has the largest key: length, then how many follow in the
    // share.
    const unsigned share = kW >> units_log2_;
    V key = first.len;
    for (unsigned doubled = 1; doubled < 16; doubled *= 2) key = key + key;
    key = key + (V::all(share - 1) - (V::numbers() & V::all(share - 1)));
    key = max(key, key.template down<1>(0));
    if (share > 2) key = max(key, key.template down<2>(0));
    if (share > 4) key = max(key, key.template down<4>(0));
    if (share > 8) key = max(key, key.template down<8>(0));
    std::array<std::uint8_t, kMaxW> keys;
    key.store(keys.data());
    for (unsigned u = config_.units; u-- > (goes_on ? 1 : 0);) {
      const unsigned best = keys[u * share];
      const unsigned dist = first.dist((u + 1) * share - 1 - best % 16);
      add(best < 16 ? 0 : dist);
    }
  }
  if (goes_on) add(past.dist);
  return out;
}

// Stage P, first half: a followed distance may be the open match's. Then it goes on.
template <unsigned kW, class Lanes>
[[gnu::always_inline]] inline void MatchFinder::extend(unsigned base, const Lanes& ends) {
  const unsigned covered = match_.end - base;
  match_.end = base + ends[covered < kW ? covered : 0];
}

// Likewise. Stage D: the longest match of each position; of equals that of the list's first
// distance.
template <unsigned kW>
[[gnu::always_inline]] inline void MatchFinder::resolve(unsigned base,
                                                        const FirstMatches<kW>& first,
                                                        const Distances& followed,
                                                        Resolved<kW>& resolved) {
  using V = WindowLanes<kW>;
  const V number = V::numbers();
  V end = number;
  V source = V::all(0);
  const bool held = match_.open && match_.end >= base;
  for (unsigned n = 0; n < followed.count; ++n) {
    const V ends = ends_at<kW>(base, followed.dist[n]);
    if (held && followed.dist[n] == match_.dist) extend<kW>(base, ends);
    const V better = less(end, ends);
    end = select(better, ends, end);
    source = select(better, V::all(n + 1), source);
  }
  const V candidate = number + first.len;
  const V better = less(end, candidate);
  end = select(better, candidate, end);
  source = source & ~better;
  V len = end - number;
  const unsigned starts = base > last_start_ ? 0 : std::min(kW, last_start_ - base + 1);
  if (kW < 16 || starts < kW) len = len & less(number, V::all(starts));
  // Lazy: none is longer behind the window.
  const V passed = less(len, V::all(kMinMatch)) | less(len, len.template down<1>(0)) |
                   less(len + V::all(1), len.template down<2>(0));
  resolved.takes = (~passed).bits();
  len.store(resolved.len.data());
  source.store(resolved.source.data());
}

// Equal bytes before the window.
unsigned MatchFinder::bytes_before(unsigned base, unsigned dist) const {
  if (dist >= base) return 0;
  const std::uint8_t* const end = text_ + base - sizeof(std::uint64_t);
  const std::uint64_t differ = word_at<std::uint64_t>(end) ^ word_at<std::uint64_t>(end - dist);
  return std::min({static_cast<unsigned>(std::countl_zero(differ)) / 8, kBack, base - dist});
}

// Stage P, second half: from where the open match ends, the first match that no longer one
// follows soon starts; from its end the next.
template <unsigned kW, class OfWindow>
[[gnu::always_inline]] inline void MatchFinder::parse(unsigned base, const FirstMatches<kW>& first,
                                                      const std::uint32_t* followed,
                                                      const OfWindow& resolved) {
  unsigned i = match_.open && match_.end > base ? match_.end - base : 0;
  for (unsigned n = 0; n < config_.starts && i < kW; ++n) {
    const std::uint32_t rest = resolved.takes >> i << i;
    if (rest == 0) return;
    i = static_cast<unsigned>(std::countr_zero(rest));
    const unsigned source = resolved.source[i];
    const unsigned dist = source == 0 ? first.dist(i) : followed[source - 1];
    unsigned start = base + i;
    if (i == 0 && source != 0) start -= std::min(bytes_before(base, dist), base - match_.end);
    emit_open();
    match_ = {true, match_.end, start, base + i + resolved.len[i], dist};
    i += resolved.len[i];
  }
}

[[gnu::always_inline]] inline void MatchFinder::emit_open() {
  if (!match_.open) return;
  emit({match_.lit_pos, match_.start - match_.lit_pos, match_.end - match_.start, match_.dist});
}

[[gnu::always_inline]] inline void MatchFinder::emit(const Sequence& sequence) {
  if (row_is_new_) {
    rows_->emplace_back().cycle = cycle_;
    row_is_new_ = false;
  }
  rows_->back().sequences.push_back(sequence);
}

// A window that the open match covers as a whole: none can start in it, so that nothing matters but
// whether the match's distance is followed. With a match that is long enough that is known
// without a look at the candidates.
template <unsigned kW, class CandidatesOfW>
[[gnu::always_inline]] inline void MatchFinder::pass_covered(unsigned base, const Held& past,
                                                             CandidatesOfW& candidates) {
  if (past.dist != 0 && past.end >= base && past.dist == match_.dist) {
    candidates.template insert<kW>(base);
  } else {
    const Distances followed = choose<kW>(base, candidates.template look_up<kW>(base), past);
    const auto* const end = followed.dist.begin() + followed.count;
    if (std::find(followed.dist.begin(), end, match_.dist) == end) return;
  }
  extend<kW>(base, ends_at<kW>(base, match_.dist));
}

template <unsigned kW, class CandidatesOfW>
[[gnu::always_inline]] inline void MatchFinder::find_window(unsigned base, const Held& past,
                                                            CandidatesOfW& candidates) {
  if (match_.open && match_.end >= base + kW) {
    pass_covered<kW>(base, past, candidates);
    return;
  }
  const FirstMatches<kW> first = candidates.template look_up<kW>(base);
  const Distances followed = choose<kW>(base, first, past);
  if (followed.count == 0) return;
  Resolved<kW> resolved;
  resolve(base, first, followed, resolved);
  parse(base, first, followed.dist.data(), resolved);
}

#ifdef PP_CODEC_AVX512
// Looks ahead at windows: all is known of them but where the parser will be. `slot`: of its state
// kLoop windows before the first. A stage for all windows, then the next one: those of one window
// wait for each other.
void MatchFinder::look_ahead(unsigned base, unsigned slot) {
  constexpr unsigned kW = Avx512Candidates::kW;
  static_assert(avx512::kFollowed == kLoop * kW);
  const unsigned covered = match_.open ? match_.end : 0;
  for (unsigned n = 0; n < kAheadWindows; ++n) {
    AheadWindow& ahead = ahead_[n];
    const unsigned at = base + n * kW;
    const Held past{held_dist_[slot], held_end_[slot]};
    const bool goes_on = past.dist != 0 && past.end >= at;
    slot = slot + 1 == kLoop ? 0 : slot + 1;
    ahead.goes_on = goes_on ? 1 : 0;
    ahead.units = _mm_cvtsi32_si128(static_cast<int>(past.dist));
    ahead.followed_too = covered < at + kW;
    ahead.looked_up = ahead.followed_too || !goes_on || past.dist != match_.dist;
    if (ahead.looked_up) {
      ahead.first = candidates16_.look_up<kW>(at);
    } else {
      candidates16_.insert<kW>(at);
    }
  }
  unsigned some = 0;
  for (AheadWindow& ahead : ahead_) {
    ahead.followed.takes = 0;
    if (!ahead.looked_up) continue;
    ahead.units =
        _mm_mask_mov_epi32(avx512::unit_distances(ahead.first), ahead.goes_on, ahead.units);
    _mm_store_si128(reinterpret_cast<__m128i*>(ahead.dists.data()), ahead.units);
    some |= _mm_test_epi32_mask(ahead.units, ahead.units);
  }
  if (some == 0) return;
  for (unsigned n = 0; n < kAheadWindows; ++n) {
    if (!ahead_[n].followed_too) continue;
    ahead_[n].runs = avx512::runs_behind(text_ + base + n * kW, ahead_[n].dists);
  }
  for (unsigned n = 0; n < kAheadWindows; ++n) {
    AheadWindow& ahead = ahead_[n];
    if (!ahead.followed_too) continue;
    const unsigned at = base + n * kW;
    avx512::follow(text_ + at, at, ahead.first, ahead.units, ahead.dists, ahead.runs,
                   ahead.followed);
  }
}

// The parser comes to it.
[[gnu::always_inline]] inline void MatchFinder::pass(unsigned base, const AheadWindow& ahead) {
  constexpr unsigned kW = Avx512Candidates::kW;
  const unsigned own =
      _mm_cmpeq_epi32_mask(ahead.units, _mm_set1_epi32(static_cast<int>(match_.dist)));
  if (match_.open && match_.end >= base + kW) {
    if (own != 0) extend<kW>(base, ends_at<kW>(base, match_.dist));
    return;
  }
  if (own != 0 && match_.open && match_.end >= base) {
    extend<kW>(base,
               ahead.followed.ends.data() + kW * static_cast<unsigned>(std::countr_zero(own)));
  }
  parse<kW>(base, ahead.first, ahead.dists.data(), ahead.followed);
}
#endif

// The same as find_window() for windows that can be looked at ahead; false for others.
template <unsigned kW>
[[gnu::always_inline]] inline bool MatchFinder::pass_looked_at([[maybe_unused]] unsigned base,
                                                               [[maybe_unused]] unsigned slot) {
#ifdef PP_CODEC_AVX512
  if constexpr (kW == Avx512Candidates::kW) {
    constexpr unsigned kGroup = kW * kAheadWindows;
    const unsigned group = base / kGroup * kGroup;
    if (config_.units != avx512::kUnits || group + kGroup - kW + kLoop * kW > match_end_) {
      return false;
    }
    if (base == group) look_ahead(base, slot);
    pass(base, ahead_[(base - group) / kW]);
    return true;
  }
#endif
  return false;
}

template <unsigned kW, class CandidatesOfW>
void MatchFinder::find_windows(CandidatesOfW& candidates) {
  candidates.start(text_, size_);
  held_dist_ = {};
  held_end_ = {};
  unsigned slot = 0;
  for (unsigned base = 0; base < size_; base += kW) {
    row_is_new_ = true;
    if (!pass_looked_at<kW>(base, slot)) {
      find_window<kW>(base, {held_dist_[slot], held_end_[slot]}, candidates);
    }
    held_dist_[slot] = match_.dist;
    held_end_[slot] = match_.end;
    slot = slot + 1 == kLoop ? 0 : slot + 1;
    ++cycle_;
  }
  row_is_new_ = true;
  emit_open();
  emit({match_.end, size_ - match_.end, 0, 0});
}

MatchFinder::MatchFinder(const EngineConfig& config)
    : config_((check_geometry(config), config)),
      candidates_(config),
      candidates16_(config),
      units_log2_(static_cast<unsigned>(std::countr_zero(config.units))) {}

void MatchFinder::find(std::span<const std::uint8_t> unit, std::vector<SequenceRow>& rows) {
  check_unit_size(unit.size());
  rows.clear();
  rows_ = &rows;
  text_ = unit_.load(unit);
  size_ = static_cast<unsigned>(unit.size());
  last_start_ = size_ - kLastMatchStart;
  match_end_ = size_ - kMatchEnd;
  match_ = {};
  cycle_ = 0;
  switch (config_.w) {
    case 8:
      return find_windows<8>(candidates_);
    case 16:
      return find_windows<16>(candidates16_);
    default:
      return find_windows<kMaxW>(candidates_);
  }
}

}  // namespace pagepress::model
