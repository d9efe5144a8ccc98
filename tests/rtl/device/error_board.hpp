// SPDX-License-Identifier: Apache-2.0
// Entries that the error log owes, must not have, or may have.
// Limitation: the order of entries is not checked.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace pagepress::bench {

struct LogEntry {
  std::uint32_t condition = 0;
  std::uint32_t queue = 0;
  std::uint32_t index = 0;
  std::uint64_t address = 0;
  bool operator==(const LogEntry&) const = default;
};

inline std::string to_string(const LogEntry& e) {
  return fmt::format("condition {} queue {} index {} address {:#x}", e.condition, e.queue, e.index,
                     e.address);
}

class ErrorBoard {
 public:
  // An entry that must be logged, or has been already.
  void expect(const LogEntry& entry) {
    if (!erase(early_, entry)) owed_.push_back(entry);
  }
  // An entry that may be logged, or has been.
  void allow(const LogEntry& entry) {
    if (!erase(early_, entry)) allowed_.push_back(entry);
  }
  // What was allowed is owed, unless it has been logged.
  void insist(const LogEntry& entry) {
    if (erase(allowed_, entry)) expect(entry);
  }
  void on_logged(const LogEntry& entry) {
    ++logged_;
    if (!erase(owed_, entry) && !erase(allowed_, entry)) early_.push_back(entry);
  }
  // After a device reset.
  void reset() { *this = {}; }

  // Empty if all that was owed has been logged and nothing else.
  [[nodiscard]] std::string difference() const {
    if (!owed_.empty()) return "not logged: " + to_string(owed_.front());
    if (!early_.empty()) return "logged for no reason: " + to_string(early_.front());
    return {};
  }
  void forget_allowed() { allowed_.clear(); }
  [[nodiscard]] std::uint64_t logged() const { return logged_; }
  [[nodiscard]] std::size_t owed() const { return owed_.size(); }

 private:
  static bool erase(std::vector<LogEntry>& from, const LogEntry& entry) {
    const auto it = std::find(from.begin(), from.end(), entry);
    if (it == from.end()) return false;
    from.erase(it);
    return true;
  }

  std::vector<LogEntry> owed_;
  std::vector<LogEntry> allowed_;
  std::vector<LogEntry> early_;  // logged before anyone expected them
  std::uint64_t logged_ = 0;
};

}  // namespace pagepress::bench
