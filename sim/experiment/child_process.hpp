// SPDX-License-Identifier: Apache-2.0
// Runs a function in a forked process and gets JSON back.
//
// SystemC elaborates once a process, so every simulation needs its own; a crash
// of one back end also stays its own. The child's stdout and stderr are kept
// from the terminal; what it said last is part of the message if it fails. The
// child dies with its parent.
// Limitation: the caller must not have other threads.
#pragma once

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

namespace pagepress::sim {

using Emit = std::function<void(const nlohmann::json&)>;
// In the child: may emit() any number of messages; what it returns is the result.
using ChildBody = std::function<nlohmann::json(const Emit& emit)>;

// Calls on_message in the parent for each message, as it arrives. Throws
// CompareError, beginning with `name`, if the child ends by a signal, without a
// result, or if body threw (with that exception's message). If on_message
// throws, the child is killed and the exception passed on.
[[nodiscard]] nlohmann::json run_in_child(const std::string& name, const ChildBody& body,
                                          const Emit& on_message);

}  // namespace pagepress::sim
