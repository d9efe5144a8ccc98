// SPDX-License-Identifier: Apache-2.0
// One line on standard error that says how far the work is. Only a terminal
// gets to see it; it is gone when the work is done.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace pagepress::app {

class Progress {
 public:
  explicit Progress(std::string label = {});
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows "LABEL: 1,234 of 5,678 pages (22 %), 250 pages/s", ten times a second
  // at most. The rate is that since the line was made.
  void update(std::uint64_t done, std::uint64_t total);
  // The same for work that has its own names and units and measures its own rate.
  void show(std::string_view label, std::uint64_t done, std::uint64_t total, double per_s,
            std::string_view unit = "pages");

 private:
  void clear();

  std::string label_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point shown_;
  bool terminal_;
  bool visible_ = false;
};

}  // namespace pagepress::app
