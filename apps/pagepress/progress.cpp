// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "apps/pagepress/cli.hpp"

namespace pagepress::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPeriod{100};

bool can_show() {
  const char* const term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

void put(std::string_view text) {
  // Nothing depends on it: a failure is no error.
  static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

}  // namespace

Progress::Progress(std::string label)
    : label_(std::move(label)), start_(Clock::now()), terminal_(can_show()) {}

Progress::~Progress() { clear(); }

void Progress::update(std::uint64_t done, std::uint64_t total) {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  show(label_, done, total, seconds > 0 ? static_cast<double>(done) / seconds : 0);
}

void Progress::show(std::string_view label, std::uint64_t done, std::uint64_t total, double per_s,
                    std::string_view unit) {
  const auto now = Clock::now();
  if (!terminal_ || (visible_ && now - shown_ < kPeriod)) {
    return;
  }
  shown_ = now;
  visible_ = true;
  const double percent =
      total > 0 ? 100.0 * static_cast<double>(done) / static_cast<double>(total) : 100.0;
  // Slow work has a rate with a fraction.
  const std::string rate =
      per_s < 10 ? fmt::format("{:.1f}", per_s) : with_commas(static_cast<std::uint64_t>(per_s));
  put(fmt::format("\r\x1b[K{}: {} of {} {} ({:.0f} %), {} {}/s", label, with_commas(done),
                  with_commas(total), unit, percent, rate, unit));
}

void Progress::clear() {
  if (std::exchange(visible_, false)) {
    put("\r\x1b[K");
  }
}

}  // namespace pagepress::app
