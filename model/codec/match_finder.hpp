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
  struct Distances {
    std::array<std::uint32_t, kMaxUnits + 1> dist{};  // one more: where the next is tried
    unsigned count = 0;
  };
  template <unsigned kW>
  struct Resolved;
#ifdef PP_CODEC_AVX512
  using Candidates16 = Avx512Candidates;
#else
  using Candidates16 = Candidates;
#endif

  template <unsigned kW, class CandidatesOfW>
  void find_windows(CandidatesOfW& candidates);
  template <unsigned kW>
  [[nodiscard]] Distances choose(unsigned base, const FirstMatches<kW>& first,
                                 const OpenMatch& past) const;
  template <unsigned kW>
  [[nodiscard]] auto ends_at(unsigned base, unsigned dist) const;
  template <unsigned kW, class Lanes>
  void extend(unsigned base, const Lanes& ends);
  template <unsigned kW, class CandidatesOfW>
  void pass_covered(unsigned base, const OpenMatch& past, CandidatesOfW& candidates);
  template <unsigned kW>
  void resolve(unsigned base, const FirstMatches<kW>& first, const Distances& followed,
               Resolved<kW>& resolved);
  template <unsigned kW>
  void parse(unsigned base, const FirstMatches<kW>& first, const Distances& followed,
             const Resolved<kW>& resolved);
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
};

}  // namespace pagepress::model
