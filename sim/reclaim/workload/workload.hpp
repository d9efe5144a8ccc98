// SPDX-License-Identifier: Apache-2.0
// What puts memory under pressure: tasks of simulated programs that use CPU time and touch pages.
// Synthetic ones, by stated parameters, or one that was recorded (`pagepress record`).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/mm/mm.hpp"

namespace pagepress::reclaim {

// So many programs alike.
struct ProgramConfig {
  std::string name = "app";
  std::uint64_t count = 1;      // 0: left out
  std::uint64_t threads = 1;    // each has its own part of the memory
  std::uint64_t anon_mib = 64;  // of each program
  std::uint64_t file_mib = 0;
  double start_s = 0;    // of the first
  double stagger_s = 0;  // between two
  double end_s = 0;      // exit of the first, the others `stagger_s` later each; 0: stay to the end
  // Access: pages by a Zipf law over the memory (exponent 0: uniform), `write_share` of them
  // writes.
  double zipf = 0.9;
  double write_share = 0.3;
  double touches_per_s = 10'000;  // a thread: paced; 0: as fast as it gets
  Ns touch_cpu_ns = 500;          // CPU time of a program beside each touch
  bool populate = true;           // first touches all its memory, in order, as a launch does
  std::uint64_t populate_pages_per_ms = 0;  // 0: as fast as it gets
  double busy_share = 0;                    // threads that only compute: share of one core each
  int nice = 0;
  std::string cores;
};

struct WorkloadConfig {
  std::vector<ProgramConfig> programs;
  std::filesystem::path recording;  // replayed beside them; empty: none
  double recording_speed = 1.0;
  double zero_share = -1;    // of contents: -1 as the files have it; else zero pages are drawn so
  double random_share = -1;  // likewise incompressible ones (generated)
  double seconds = 10;       // simulated time of the run
  std::uint64_t seed = 1;
};

class Workload {
 public:
  virtual ~Workload() = default;
  // Waits for the end of all tasks; in a task.
  virtual void join(Task& current) = 0;
  // By program: touches, allocations, progress (work done in the time), launches' times, OOM kills.
  [[nodiscard]] virtual nlohmann::json to_json() const = 0;
};

// During elaboration: adds regions to `mm` and `contents`, spawns tasks. `pages`: how many content
// indices are of files (the rest are generated: zero pages first, then random ones).
// Throws std::invalid_argument, FileError.
[[nodiscard]] std::unique_ptr<Workload> make_workload(const WorkloadConfig& config,
                                                      Scheduler& scheduler, Mm& mm,
                                                      Contents& contents, std::size_t file_pages);

}  // namespace pagepress::reclaim
