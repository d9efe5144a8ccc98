// SPDX-License-Identifier: Apache-2.0
// Meter: how far a child process is, told to its parent a few times a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/experiment/child_process.hpp"
#include "sim/experiment/compare.hpp"

namespace pagepress::sim {

// Passes progress on a few times a second. 0 pages done (re)starts its clock.
class Meter {
 public:
  Meter(std::uint64_t total, Emit emit) : total_(total), emit_(std::move(emit)) {}
  void operator()(std::uint64_t done) { (*this)(done, total_, nlohmann::json::object()); }
  // With another total, and more to say.
  void operator()(std::uint64_t done, std::uint64_t total, nlohmann::json message) {
    total_ = total;
    const auto now = std::chrono::steady_clock::now();
    if (done == 0) start_ = last_ = now;
    if (done != 0 && done != total_ && now - last_ < std::chrono::milliseconds(200)) return;
    last_ = now;
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    message["done"] = done;
    message["total"] = total_;
    message["pages_per_s"] = elapsed > 0 ? static_cast<double>(done) / elapsed : 0.0;
    emit_(message);
  }

 private:
  std::uint64_t total_;
  Emit emit_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_ = start_;
};

// Passes a Meter's messages on in the parent; nothing, if nobody wants them.
[[nodiscard]] Emit report_progress(const ProgressFn& progress, Progress::Phase phase,
                                   const std::string& backend);

}  // namespace pagepress::sim
