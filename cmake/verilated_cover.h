// SPDX-License-Identifier: Apache-2.0
// Coverage of Verilated code that outlives its models. Builds with PP_RTL_COVERAGE
// include this file ahead of all generated code, in which pp_cover_count takes the place
// of std::atomic<uint32_t> (PagepressVerilate.cmake).
//
// What a model has seen is added to the process's points when the model is destroyed, and
// the process writes them when it ends, to a file of its own in the folder that the
// environment names by PP_RTL_COVERAGE_DIR; without it nothing is written. A bench may
// therefore make as many models as it likes, in whatever contexts, and knows nothing of it.
//
// Limitations: what models saw that are still alive when the process ends, or in a
// process that a signal ends, is lost. Instances and parameter sets of a module count
// together. Points say whether they were ever reached, not how often.
#pragma once

#include <verilated_cov.h>

#include <atomic>
#include <cstdint>

// As large as the counter for which generated code takes it, which it sets to 0 at first.
class pp_cover_count {
 public:
  ~pp_cover_count() {
    if ((bits_ & kSeen) != 0) pp_cover_seen(bits_ & ~kSeen);
  }
  void fetch_add(std::uint32_t, std::memory_order) { bits_ |= kSeen; }
  void set_point(std::uint32_t index) { bits_ = index; }

 private:
  static constexpr std::uint32_t kSeen = 1U << 31;
  static void pp_cover_seen(std::uint32_t index);

  std::uint32_t bits_ = 0;  // index of the point, 0 for none, and kSeen
};

void pp_cover_insert(pp_cover_count* count, const char* file, int line, int column,
                     const char* page, const char* comment, const char* lines);

// Generated code registers each count by this macro, in a function whose arguments have
// these names; enable is false for further instances that share the count.
#undef VL_COVER_INSERT
#define VL_COVER_INSERT(...) \
  if (enable) pp_cover_insert(countp, filenamep, lineno, column, pagep, commentp, linescovp)
