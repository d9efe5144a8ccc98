// SPDX-License-Identifier: Apache-2.0
// rtl/regs/pp_error_log.sv: the oldest errors, and a count of all.
//
// Limitation: an error is logged at the edge at which it happens; the RTL lets those of
// one source wait while another's are logged.
#pragma once

#include <cstdint>
#include <deque>

#include "model/device/fast/records.hpp"

namespace pagepress::model::fast {

class ErrorLog {
 public:
  explicit ErrorLog(unsigned depth) : depth_(depth) {}

  // False: there was no room.
  bool log(const LogEntry& entry) {
    if (count_ != UINT32_MAX) ++count_;
    if (entries_.size() == depth_) {
      overflow_ = true;
      return false;
    }
    entries_.push_back(entry);
    return true;
  }
  void pop() {
    if (entries_.empty()) return;
    entries_.pop_front();
    if (entries_.empty()) overflow_ = false;
  }
  // The oldest; null: none.
  [[nodiscard]] const LogEntry* first() const {
    return entries_.empty() ? nullptr : &entries_.front();
  }
  [[nodiscard]] bool overflow() const { return overflow_; }
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  unsigned depth_;
  std::deque<LogEntry> entries_;
  std::uint32_t count_ = 0;
  bool overflow_ = false;
};

}  // namespace pagepress::model::fast
