// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/device/message_board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tests/rtl/device/device.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kNever = ~std::uint64_t{0};
// An event so shortly before a message may have come too late for it.
constexpr std::uint64_t kWindow = 20;

}  // namespace

MessageBoard::MessageBoard(unsigned queues, unsigned vectors)
    : queues_(queues), vectors_(vectors) {}

void MessageBoard::note(std::string what) {
  history_.push_back(std::move(what));
  if (history_.size() > 100) history_.pop_front();
}

void MessageBoard::violate(const std::string& what) const {
  std::string text = what + "; before that:\n";
  for (const std::string& line : history_) text += line + "\n";
  throw Violation(text);
}

bool MessageBoard::shares(unsigned queue) const {
  const unsigned vector = queues_.at(queue).setting.vector;
  unsigned users = 0;
  for (const Queue& other : queues_) {
    users += other.setting.vector == vector &&
             (other.setting.enable || other.changing || !other.events.empty());
  }
  return users > 1 || vector == error_vector_;
}

void MessageBoard::begin_change(unsigned queue, std::uint64_t cycle) {
  Queue& q = queues_.at(queue);
  check(cycle);
  q.changing = true;
}

void MessageBoard::end_change(unsigned queue, const Setting& setting, std::uint64_t cycle) {
  Queue& q = queues_.at(queue);
  note(fmt::format("{}: queue {} enable {} mask {} count {} time {} vector {}", cycle, queue,
                   setting.enable, setting.mask, setting.count, setting.time, setting.vector));
  q.changing = false;
  q.unmasked = cycle;
  if (!setting.enable) {
    // Forgotten; what had left already may still arrive.
    for (Event& event : q.events) event = {cycle, false};
  }
  q.setting = setting;
}

void MessageBoard::reset() {
  for (Queue& q : queues_) q = {};
  error_messages_ = 0;
}

std::uint64_t MessageBoard::owed(const Queue& queue) {
  std::uint64_t count = 0;
  for (const Event& event : queue.events) count += event.owed;
  return count;
}

std::uint64_t MessageBoard::due(const Queue& queue, bool owed_only) {
  std::uint64_t nth = 0;
  std::uint64_t at = kNever;
  const std::uint64_t count = std::max(queue.setting.count, 1U);
  for (const Event& event : queue.events) {
    if (owed_only && !event.owed) continue;
    if (nth == 0) at = event.cycle + queue.setting.time;
    if (++nth == count) at = std::min(at, event.cycle);
  }
  return at == kNever ? at : std::max(at, queue.unmasked);
}

void MessageBoard::on_event(unsigned queue, std::uint64_t cycle) {
  Queue& q = queues_.at(queue);
  if (q.setting.enable) note(fmt::format("{}: queue {} event", cycle, queue));
  if (q.changing) {
    q.events.push_back({cycle, false});
  } else if (q.setting.enable) {
    q.events.push_back({cycle, q.setting.vector < vectors_});
  }
}

// One that is due by count tells of so many events, any other of all before it.
void MessageBoard::told(Queue& queue, std::uint64_t cycle) {
  std::deque<Event>& events = queue.events;
  const std::size_t count = std::max(queue.setting.count, 1U);
  const bool by_time = events.empty() || queue.setting.time == 0 ||
                       events.front().cycle + queue.setting.time <= cycle;
  if (by_time || events.size() < count || queue.changing || queue.unmasked + kSlack >= cycle ||
      queue.lenient) {
    while (!events.empty() && events.front().cycle + kWindow < cycle) events.pop_front();
    for (Event& event : events) event.owed = false;
    return;
  }
  // Those that an earlier message may have told of shift what this one tells of.
  std::size_t doubtful = 0;
  for (const Event& event : events) doubtful += !event.owed;
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(count));
  for (Event& event : events) {
    if (doubtful == 0) break;
    --doubtful;
    event.owed = false;
  }
}

void MessageBoard::on_message(unsigned vector, std::uint64_t cycle) {
  if (vector == error_vector_) {
    ++error_messages_;
    return;
  }
  note(fmt::format("{}: vector {} message", cycle, vector));
  bool needed = false;
  for (unsigned i = 0; i < queues_.size(); ++i) {
    Queue& q = queues_[i];
    if (q.setting.vector != vector) continue;
    needed = needed || q.lenient || !q.events.empty();
    if (q.events.empty()) continue;
    if (shares(i)) {
      // Whoever sent it: all who look now see their completions.
      for (Event& event : q.events) event.owed = false;
      continue;
    }
    ++q.messages;
    const bool settled =
        !q.changing && !q.lenient && q.setting.enable && q.unmasked + kSlack < cycle;
    if (settled && q.setting.mask) {
      violate(fmt::format("queue {}: message while masked", i));
    }
    if (settled && cycle < due(q, false)) {
      violate(fmt::format("queue {}: message {} cycles before it is due, {} events", i,
                          due(q, false) - cycle, q.events.size()));
    }
    told(q, cycle);
  }
  if (!needed) violate(fmt::format("vector {}: message without an event", vector));
}

void MessageBoard::check(std::uint64_t cycle) {
  for (unsigned i = 0; i < queues_.size(); ++i) {
    Queue& q = queues_[i];
    if (q.setting.mask && q.setting.enable) continue;
    const std::uint64_t held = q.setting.enable ? q.setting.time : 0;
    while (!q.events.empty() && !q.events.front().owed &&
           std::max(q.events.front().cycle + held, q.unmasked) + kSlack < cycle) {
      q.events.pop_front();
    }
    if (q.changing || !q.setting.enable) continue;
    const std::uint64_t at = due(q, true);
    if (at == kNever || at + kSlack >= cycle) continue;
    if (q.drops != 0) {
      --q.drops;
      told(q, cycle);
      continue;
    }
    violate(fmt::format("queue {}: {} completions, the first at {}, without a message since {}", i,
                        owed(q), q.events.front().cycle, at));
  }
}

bool MessageBoard::quiet() const {
  return std::all_of(queues_.begin(), queues_.end(), [](const Queue& q) {
    return q.events.empty() || q.setting.mask || !q.setting.enable;
  });
}

void MessageBoard::clear_counts() {
  for (Queue& q : queues_) q.messages = 0;
}

}  // namespace pagepress::bench
