// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/workload/program.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pagepress::reclaim {
namespace {

constexpr double kNsPerS = 1e9;
constexpr Ns kNsPerMs = 1'000'000;
constexpr Ns kPortionNs = 50'000;         // of CPU time that is taken at once
constexpr Ns kPaceNs = kNsPerMs;          // how often a paced thread looks what is due
constexpr Ns kComputeNs = 10 * kNsPerMs;  // period of a thread that computes for a share of it

// Part `index` of `parts` nearly equal ones.
Pages part_of(const Pages& pages, std::uint64_t index, std::uint64_t parts) {
  const std::uint64_t first = pages.count * index / parts;
  const std::uint64_t end = pages.count * (index + 1) / parts;
  return {static_cast<PageId>(pages.first + first), static_cast<std::uint32_t>(end - first)};
}

}  // namespace

Program::Program(const Setup& setup, Scheduler& scheduler, Mm& mm, ProgramUse& use,
                 std::function<void()> ended)
    : config_(setup.config),
      anon_(setup.anon),
      file_(setup.file),
      mm_(mm),
      use_(use),
      ended_(std::move(ended)) {
  const double later = config_.stagger_s * static_cast<double>(setup.instance);
  start_ = static_cast<Ns>((config_.start_s + later) * kNsPerS);
  end_ = setup.end;
  if (config_.end_s > 0) {
    end_ = std::min(end_, static_cast<Ns>((config_.end_s + later) * kNsPerS));
  }
  exits_ = end_ < setup.end;
  const std::uint64_t count = config_.threads;
  launching_ = living_ = count;
  for (std::uint64_t i = 0; i < count; ++i) {
    threads_.push_back({.anon = part_of(anon_, i, count),
                        .file = part_of(file_, i, count),
                        .access = setup.access.empty() ? nullptr : &setup.access[i],
                        .random = RandomStream(setup.seed, i)});
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string name = count == 1 ? fmt::format("{}/{}", config_.name, setup.instance)
                                        : fmt::format("{}/{}.{}", config_.name, setup.instance, i);
    scheduler.spawn({.name = name,
                     .group = config_.name,
                     .nice = config_.nice,
                     .cores = config_.cores,
                     .process = setup.process},
                    [this, i](Task& task) { run(task, threads_[i]); });
  }
}

void Program::run(Task& task, Thread& thread) {
  const Ns from = std::min(start_, end_);
  if (from > now_ns()) task.sleep(from - now_ns());
  try {
    if (config_.populate) populate(task, thread);
    if (config_.busy_share > 0) {
      compute(task);
    } else if (thread.access == nullptr) {
      if (!over()) task.sleep(end_ - now_ns());
    } else if (config_.touches_per_s > 0) {
      access_paced(task, thread);
    } else {
      access(task, thread);
    }
  } catch (const OutOfMemory&) {
    // The others of the program end as soon as they look.
    if (!killed_) ++use_.oom_kills;
    killed_ = true;
  }
  leave(task);
}

void Program::populate(Task& task, const Thread& thread) {
  const Ns begin = now_ns();
  std::uint64_t touched = 0;
  Ns owed = 0;
  for (const auto& [part, write] : {std::pair{thread.anon, true}, {thread.file, false}}) {
    for (std::uint32_t i = 0; i < part.count; ++i) {
      if (over()) return;
      touch(task, part.first + i, write);
      owed += config_.touch_cpu_ns;
      ++touched;
      if (owed >= kPortionNs) task.run(std::exchange(owed, 0), "launch");
      if (config_.populate_pages_per_ms == 0) continue;
      const Ns due = begin + touched * kNsPerMs / config_.populate_pages_per_ms;
      if (due > now_ns() + kPaceNs) task.sleep(due - now_ns());
    }
  }
  if (owed > 0) task.run(owed, "launch");
  if (--launching_ == 0) use_.launch_ns.push_back(now_ns() - start_);
}

void Program::access(Task& task, Thread& thread) {
  Ns owed = 0;
  while (!over()) {
    touch_one(task, thread);
    // Time must pass even if the program's own touches cost none.
    owed += std::max<Ns>(1, config_.touch_cpu_ns);
    if (owed >= kPortionNs) task.run(std::exchange(owed, 0), "program");
  }
}

void Program::access_paced(Task& task, Thread& thread) {
  const Ns begin = now_ns();
  Ns lost = 0;  // time that was not caught up with
  std::uint64_t done = 0;
  while (!over()) {
    const Ns passed = now_ns() - begin - lost;
    const auto due =
        static_cast<std::uint64_t>(static_cast<double>(passed) / kNsPerS * config_.touches_per_s);
    Ns owed = 0;
    while (done < due && !killed_) {
      touch_one(task, thread);
      ++done;
      owed += config_.touch_cpu_ns;
      if (owed >= kPortionNs) task.run(std::exchange(owed, 0), "program");
    }
    if (owed > 0) task.run(owed, "program");
    // The time of its accesses is time in which the next became due, if no more than a period.
    const Ns took = now_ns() - begin - lost - passed;
    if (took > kPaceNs) lost += took - kPaceNs;
    // A slow one's next access may lie further ahead than a time can say.
    const auto next_ns =
        static_cast<Ns>(std::min(static_cast<double>(done + 1) / config_.touches_per_s * kNsPerS,
                                 static_cast<double>(end_)));
    const Ns next = std::max(now_ns() + 1, begin + lost + std::max(passed + kPaceNs, next_ns));
    if (next > now_ns()) task.sleep(std::min(next, std::max(end_, now_ns() + 1)) - now_ns());
  }
  use_.done += done;
  use_.asked += static_cast<std::uint64_t>(static_cast<double>(now_ns() - begin) / kNsPerS *
                                           config_.touches_per_s);
}

void Program::compute(Task& task) {
  const auto busy = static_cast<Ns>(config_.busy_share * static_cast<double>(kComputeNs));
  while (!over()) {
    const Ns begin = now_ns();
    if (busy > 0) task.run(busy, "compute");
    const Ns next = begin + kComputeNs;
    if (busy < kComputeNs && next > now_ns()) task.sleep(next - now_ns());
  }
}

void Program::touch(Task& task, PageId page, bool write) {
  ++use_.touches;
  if (mm_.touch(task, page, write)) ++use_.faults;
}

void Program::touch_one(Task& task, Thread& thread) {
  const std::uint32_t index = thread.access->page(thread.random);
  if (index >= thread.anon.count) {
    touch(task, thread.file.first + (index - thread.anon.count), false);
  } else {
    touch(task, thread.anon.first + index, thread.random.share() < config_.write_share);
  }
}

void Program::leave(Task& task) {
  if (--living_ == 0 && (exits_ || killed_)) {
    for (const Pages& pages : {anon_, file_}) {
      if (pages.count != 0) mm_.discard(task, pages.first, pages.count);
    }
  }
  ended_();
}

}  // namespace pagepress::reclaim
