// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/workload/replay.hpp"

#include <algorithm>
#include <utility>

namespace pagepress::reclaim {
namespace {

constexpr double kNsPerS = 1e9;
constexpr double kNsPerUs = 1e3;
constexpr double kNsPerMs = 1e6;
constexpr Ns kPaceNs = 1'000'000;  // sleeps are not shorter: touches of a millisecond come together
constexpr std::uint64_t kStream = ~std::uint64_t{0};  // of random numbers: no program's

}  // namespace

Replay::Replay(const WorkloadConfig& config, Scheduler& scheduler, Mm& mm, Contents& contents,
               std::size_t file_pages, std::function<void()> ended)
    : config_(config),
      mm_(mm),
      ended_(std::move(ended)),
      recording_(read_recording(config.recording)),
      random_(config.seed, kStream),
      written_(recording_.pages) {
  if (recording_.pages != 0) {
    // Page i of the recording is page i of the page file that it was made with.
    std::vector<std::uint32_t> map(recording_.pages);
    for (std::uint32_t i = 0; i < map.size(); ++i) {
      map[i] = static_cast<std::uint32_t>(i % file_pages);
    }
    first_ = mm.add_region(PageType::kAnonymous, recording_.pages);
    contents.add_region(first_, recording_.pages, std::move(map));
  }
  scheduler.spawn({.name = "recording", .group = "recording"}, [this](Task& task) { run(task); });
}

void Replay::run(Task& task) {
  const auto end = static_cast<Ns>(config_.seconds * kNsPerS);
  Ns from = 0;
  try {
    for (const RecordedInterval& interval : recording_.intervals) {
      const auto until = static_cast<Ns>(static_cast<double>(interval.end_us) * kNsPerUs /
                                         config_.recording_speed);
      if (until > end || now_ns() >= end) break;
      play(task, interval, from, until);
      from = until;
      ++intervals_;
    }
  } catch (const OutOfMemory&) {
    ++oom_kills_;
    mm_.discard(task, first_, recording_.pages);
  }
  if (end > now_ns()) task.sleep(end - now_ns());
  ended_();
}

void Replay::play(Task& task, const RecordedInterval& interval, Ns from, Ns until) {
  order_.clear();
  for (const PageRun& run : interval.touched) {
    for (std::uint32_t i = 0; i < run.count; ++i) order_.push_back(run.first + i);
  }
  for (std::size_t i = order_.size(); i > 1; --i) {
    std::swap(order_[i - 1], order_[random_.below(static_cast<std::uint32_t>(i))]);
  }
  std::fill(written_.begin(), written_.end(), false);
  for (const PageRun& run : interval.written) {
    std::fill_n(written_.begin() + run.first, run.count, true);
  }
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const Ns due = from + (until - from) * i / order_.size();
    if (due > now_ns() + kPaceNs) task.sleep(due - now_ns());
    const bool write = written_[order_[i]];
    ++touches_;
    writes_ += write;
    faults_ += mm_.touch(task, first_ + order_[i], write);
  }
  for (const PageRun& run : interval.gone) mm_.discard(task, first_ + run.first, run.count);
  if (until > now_ns()) {
    task.sleep(until - now_ns());
  } else {
    latest_ = std::max(latest_, now_ns() - until);
  }
}

nlohmann::json Replay::to_json() const {
  return {{"file", config_.recording.string()},
          {"recorded", recording_.header},
          {"pages", recording_.pages},
          {"intervals", intervals_},
          {"touches", touches_},
          {"writes", writes_},
          {"faults", faults_},
          {"oom_kills", oom_kills_},
          {"latest_ms", static_cast<double>(latest_) / kNsPerMs}};
}

}  // namespace pagepress::reclaim
