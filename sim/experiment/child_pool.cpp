// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/child_pool.hpp"

#include <list>
#include <utility>
#include <vector>

namespace pagepress::sim {
namespace {

constexpr int kTickMs = 100;

}  // namespace

void run_pool(std::size_t count, std::size_t jobs, const PoolCalls& calls) {
  struct Running {
    std::size_t index;
    ChildProcess process;
  };
  std::list<Running> running;
  for (std::size_t next = 0; next != count || !running.empty();) {
    while (next != count && running.size() < jobs) {
      const PoolTask task = calls.task(next);
      running.push_back({next++, ChildProcess(task.name, task.body)});
    }
    std::vector<ChildProcess*> children;
    for (Running& child : running) children.push_back(&child.process);
    await_children(children, kTickMs, {});
    for (auto it = running.begin(); it != running.end();) {
      if (it->process.speaks()) {
        ++it;
        continue;
      }
      calls.ended(it->index, it->process);
      it = running.erase(it);
    }
    calls.tick();
  }
}

}  // namespace pagepress::sim
