// SPDX-License-Identifier: Apache-2.0
// A recorded process as a task: touches the pages that it touched, at its times. Private to
// workload/. Inside an interval the order is drawn, always the same of one seed.
// Limitations: one task, whatever the threads of the process; its CPU time is that of page faults
// and reclaim alone; anonymous pages only.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/random.hpp"
#include "sim/reclaim/workload/recording.hpp"
#include "sim/reclaim/workload/workload.hpp"

namespace pagepress::reclaim {

class Replay {
 public:
  // During elaboration; `ended` is called when its task ends. Throws sim::FileError.
  Replay(const WorkloadConfig& config, Scheduler& scheduler, Mm& mm, Contents& contents,
         std::size_t file_pages, std::function<void()> ended);

  [[nodiscard]] nlohmann::json to_json() const;

 private:
  void run(Task& task);
  void play(Task& task, const RecordedInterval& interval, Ns from, Ns until);

  const WorkloadConfig& config_;
  Mm& mm_;
  std::function<void()> ended_;
  Recording recording_;
  PageId first_ = 0;
  RandomStream random_;
  std::vector<std::uint32_t> order_;  // of an interval
  std::vector<bool> written_;         // by page, in an interval
  std::uint64_t touches_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t faults_ = 0;
  std::uint64_t oom_kills_ = 0;
  std::uint64_t intervals_ = 0;  // played to their ends
  Ns latest_ = 0;                // behind the recording, at most
};

}  // namespace pagepress::reclaim
