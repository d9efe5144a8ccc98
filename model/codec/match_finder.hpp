// SPDX-License-Identifier: Apache-2.0
// The match finder and parser of rtl/lz, with its tables: what find_rows() does, for many units.
// plain_match_finder.hpp is the same position by position: read that one beside the RTL.
//
// Limitation: not for two threads at once.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "model/codec/avx512.hpp"
#include "model/codec/candidates.hpp"
#include "model/codec/lz4_engine.hpp"
#include "model/codec/unit_text.hpp"
#ifdef PP_CODEC_AVX512
#include "model/codec/avx512_candidates.hpp"
#include "model/codec/avx512_follow.hpp"
#endif

namespace pagepress::model {

class MatchFinder {
 public:
  // Throws std::invalid_argument for a geometry that the RTL does not elaborate with.
  explicit MatchFinder(const EngineConfig& config);

  // The rows of this unit, in place of what `rows` held. Throws std::invalid_argument for a unit of
  // another size than the engine takes.
  void find(std::span<const std::uint8_t> unit, std::vector<SequenceRow>& rows);

 private:
  static constexpr unsigned kLoop = 6;  // windows from the parser back to the followed distances
  static constexpr unsigned kMaxUnits = 8;

  // The match that the parser has open: it may still grow.
  struct OpenMatch {
    bool open = false;
    unsigned lit_pos = 0;  // first literal of its sequence
    unsigned start = 0;
    unsigned end = 0;  // also where pending literals begin
    unsigned dist = 0;
  };
  // What of it the choice of distances knows: nothing but its state kLoop windows ago.
  struct Held {
    unsigned dist = 0;  // 0: none
    unsigned end = 0;
  };
  struct Distances {
    std::array<std::uint32_t, kMaxUnits + 1> dist{};  // one more: where the next is tried
    unsigned count = 0;
  };
  template <unsigned kW>
  struct Resolved;
#ifdef PP_CODEC_AVX512
  using Candidates16 = Avx512Candidates;

  // Windows are looked at ahead of the parser: a wrong guess of where it goes is dear while what
  // it depends on is still being found.
  static constexpr unsigned kAheadWindows = 4;
  static_assert(kAheadWindows <= kLoop);
  struct AheadWindow {
    FirstMatches<Avx512Candidates::kW> first;  // not if the open match is known to go on
    bool looked_up;                            // first is there
    bool followed_too;                         // the other members, too
    __mmask8 goes_on;  // 1: the first unit has the match held kLoop windows ago
    __m128i units;     // their distances
    alignas(16) std::array<std::uint32_t, avx512::kUnits> dists;  // likewise
    std::uint32_t runs;
    avx512::Followed followed;
  };
#else
  using Candidates16 = Candidates;
#endif

  template <unsigned kW, class CandidatesOfW>
  void find_windows(CandidatesOfW& candidates);
  template <unsigned kW>
  [[nodiscard]] Distances choose(unsigned base, const FirstMatches<kW>& first,
                                 const Held& past) const;
  template <unsigned kW>
  [[nodiscard]] auto ends_at(unsigned base, unsigned dist) const;
  template <unsigned kW, class Lanes>
  void extend(unsigned base, const Lanes& ends);
  template <unsigned kW, class CandidatesOfW>
  void pass_covered(unsigned base, const Held& past, CandidatesOfW& candidates);
  template <unsigned kW>
  void resolve(unsigned base, const FirstMatches<kW>& first, const Distances& followed,
               Resolved<kW>& resolved);
  // `followed`: the distances that resolved.source counts from 1.
  template <unsigned kW, class OfWindow>
  void parse(unsigned base, const FirstMatches<kW>& first, const std::uint32_t* followed,
             const OfWindow& resolved);
  template <unsigned kW, class CandidatesOfW>
  void find_window(unsigned base, const Held& past, CandidatesOfW& candidates);
  template <unsigned kW>
  bool pass_looked_at(unsigned base, unsigned slot);
#ifdef PP_CODEC_AVX512
  void look_ahead(unsigned base, unsigned slot);
  void pass(unsigned base, const AheadWindow& ahead);
#endif
  [[nodiscard]] unsigned bytes_before(unsigned base, unsigned dist) const;
  void emit_open();
  void emit(const Sequence& sequence);

  EngineConfig config_;
  UnitText unit_;
  Candidates candidates_;
  Candidates16 candidates16_;
  unsigned units_log2_;
  // Of the unit in hand
  const std::uint8_t* text_ = nullptr;
  unsigned size_ = 0;
  unsigned last_start_ = 0;  // a match starts here or before
  unsigned match_end_ = 0;   // and ends here or before
  OpenMatch match_;
  unsigned cycle_ = 0;       // window
  bool row_is_new_ = false;  // nothing of this window has been emitted
  std::vector<SequenceRow>* rows_ = nullptr;
  // Of the last kLoop windows. Two arrays: as one piece the two that have just been written apart
  // would be read, which waits for both.
  std::array<unsigned, kLoop> held_dist_;
  std::array<unsigned, kLoop> held_end_;
#ifdef PP_CODEC_AVX512
  std::array<AheadWindow, kAheadWindows> ahead_;
#endif
};

}  // namespace pagepress::model
