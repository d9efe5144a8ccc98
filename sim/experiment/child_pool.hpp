// SPDX-License-Identifier: Apache-2.0
// Many functions in forked processes, some at a time (child_process.hpp).
// Limitation: the caller must not have other threads.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "sim/experiment/child_process.hpp"

namespace pagepress::sim {

struct PoolTask {
  std::string name;  // what messages begin with
  ChildBody body;
};

struct PoolCalls {
  std::function<PoolTask(std::size_t index)> task;
  // The child says no more: its result() is to be taken, in the order in which they end.
  std::function<void(std::size_t index, ChildProcess& child)> ended;
  std::function<void()> tick;  // a few times a second; may throw, which kills the children
};

// Runs tasks 0 to count - 1, at most `jobs` at a time, started in order.
void run_pool(std::size_t count, std::size_t jobs, const PoolCalls& calls);

}  // namespace pagepress::sim
