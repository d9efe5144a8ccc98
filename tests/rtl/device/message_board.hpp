// SPDX-License-Identifier: Apache-2.0
// Which interrupt messages the device owes, and by when; a message that comes without
// need, too early or not at all is a Violation.
//
// Of a vector that several queues share: each message needs an event of its own, and each
// event a message behind it in time. Of a vector of one queue also that none comes before
// count or time of the moderation ask for it.
// Limitation: an event of the last kSlack cycles before a message may or may not be told by
// it; whether it is told by the next one is then not insisted on.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace pagepress::bench {

class MessageBoard {
 public:
  // Cycles from a completion's response to its message, moderation and masks aside.
  static constexpr std::uint64_t kSlack = 40;

  struct Setting {
    bool enable = false;
    bool mask = false;
    std::uint32_t count = 0;
    std::uint32_t time = 0;
    std::uint32_t vector = 0;
  };

  MessageBoard(unsigned queues, unsigned vectors);

  // Around the register writes that change a setting: events between are not owed.
  void begin_change(unsigned queue, std::uint64_t cycle);
  void end_change(unsigned queue, const Setting& setting, std::uint64_t cycle);
  // After a device reset.
  void reset();

  void on_event(unsigned queue, std::uint64_t cycle);
  void on_message(unsigned vector, std::uint64_t cycle);
  // Once a cycle, or now and then.
  void check(std::uint64_t cycle);

  // So many messages may be missing from now on (injection). Meanwhile none is spurious.
  void allow_drops(unsigned queue, std::uint64_t count) {
    queues_.at(queue).drops = count;
    queues_.at(queue).lenient = true;
  }
  void end_drops(unsigned queue) {
    queues_.at(queue).drops = 0;
    queues_.at(queue).lenient = false;
  }
  [[nodiscard]] bool lenient(unsigned queue) const { return queues_.at(queue).lenient; }

  // Of the error log: messages on its vector since the last call of reset().
  void set_error_vector(unsigned vector) { error_vector_ = vector; }
  [[nodiscard]] std::uint64_t error_messages() const { return error_messages_; }

  // Messages of a queue that has a vector of its own, since the last clear.
  [[nodiscard]] std::uint64_t messages(unsigned queue) const { return queues_.at(queue).messages; }
  [[nodiscard]] bool shares(unsigned queue) const;
  [[nodiscard]] bool quiet() const;  // nothing owed
  void clear_counts();
  // A line for the history that a Violation tells.
  void note(std::string what);

 private:
  struct Event {
    std::uint64_t cycle = 0;
    bool owed = true;
  };
  struct Queue {
    Setting setting;
    bool changing = false;
    std::deque<Event> events;
    std::uint64_t unmasked = 0;  // cycle of the last unmasking or enabling
    std::uint64_t drops = 0;
    bool lenient = false;
    std::uint64_t messages = 0;
  };

  [[nodiscard]] static std::uint64_t owed(const Queue& queue);
  // The cycle in which a message is due for the events that are surely owed one, or for all.
  [[nodiscard]] static std::uint64_t due(const Queue& queue, bool owed_only);
  void told(Queue& queue, std::uint64_t cycle);
  [[noreturn]] void violate(const std::string& what) const;

  std::vector<Queue> queues_;
  unsigned vectors_;
  std::deque<std::string> history_;  // of late, for a human
  unsigned error_vector_ = ~0U;
  std::uint64_t error_messages_ = 0;
};

}  // namespace pagepress::bench
