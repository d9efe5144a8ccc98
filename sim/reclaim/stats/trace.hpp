// SPDX-License-Identifier: Apache-2.0
// A timeline for people: slices, counters and instants on named tracks, as Chrome's and Perfetto's
// trace viewers read them (Trace Event Format, JSON). Limitations: kept in memory up to a number of
// events, after which no more are taken (the file says how many were dropped).
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

class Trace {
 public:
  using Track = std::uint32_t;
  struct Window {
    Ns from = 0;
    Ns until = ~Ns{0};
    std::size_t most_events = 2'000'000;
  };
  explicit Trace(const Window& window);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // `group`: tracks that stand together ("CPUs", "kcompressd", "engine").
  [[nodiscard]] Track track(std::string_view group, std::string_view name);
  // `what` must be of static storage, or interned by intern().
  void slice(Track track, const char* what, Ns from, Ns until);
  void counter(Track track, Ns at, double value);
  void instant(Track track, const char* what, Ns at);
  [[nodiscard]] const char* intern(std::string_view text);
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  void write(std::ostream& out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pagepress::reclaim
