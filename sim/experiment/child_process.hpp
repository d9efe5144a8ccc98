// SPDX-License-Identifier: Apache-2.0
// Runs a function in a forked process and gets JSON back; one such process, or many at a time.
//
// SystemC elaborates once a process, so every simulation needs its own; a crash
// of one back end also stays its own. The child's stdout and stderr are kept
// from the terminal; what it said last is part of the message if it fails. The
// child dies with its parent.
// Limitation: the caller must not have other threads.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

namespace pagepress::sim {

using Emit = std::function<void(const nlohmann::json&)>;
// In the child: may emit() any number of messages; what it returns is the result.
using ChildBody = std::function<nlohmann::json(const Emit& emit)>;

class ChildProcess {
 public:
  // What it can be listened to by: messages and result, and what it prints.
  static constexpr std::size_t kFds = 2;

  // Starts it. Throws std::system_error.
  ChildProcess(std::string name, const ChildBody& body);
  // Kills it, unless result() was called.
  ~ChildProcess();
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;

  // -1: closed.
  [[nodiscard]] int fd(std::size_t index) const;
  // Takes what is there on an fd that poll() found ready.
  void read(std::size_t index, const Emit& on_message);
  // Whether there is more to come; if not, result() waits for the end only.
  [[nodiscard]] bool speaks() const;
  // At most once. Throws CompareError, beginning with the name, if the child ended by a
  // signal, without a result, or if its body threw (with that exception's message).
  [[nodiscard]] nlohmann::json result();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Waits until one of them says something, a signal comes, or the time is over (-1: never), and
// takes what was said.
void await_children(std::span<ChildProcess*> children, int timeout_ms, const Emit& on_message);

// One child from start to result(). Calls on_message in the parent for each message, as it
// arrives. If on_message throws, the child is killed and the exception passed on.
[[nodiscard]] nlohmann::json run_in_child(const std::string& name, const ChildBody& body,
                                          const Emit& on_message);

}  // namespace pagepress::sim
