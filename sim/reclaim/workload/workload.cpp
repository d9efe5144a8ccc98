// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/workload/workload.hpp"

#include <deque>
#include <optional>
#include <utility>

#include <systemc>

#include "sim/reclaim/workload/program.hpp"
#include "sim/reclaim/workload/region_map.hpp"
#include "sim/reclaim/workload/replay.hpp"
#include "sim/stats/stats.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr std::uint64_t kPagesPerMib = 256;
constexpr double kNsPerS = 1e9;
constexpr double kNsPerMs = 1e6;

// Null of none.
json milliseconds(const sim::Sample& times, unsigned permille) {
  if (times.empty()) return nullptr;
  return static_cast<double>(times.percentile(permille)) / kNsPerMs;
}

class Programs final : public Workload {
 public:
  Programs(const WorkloadConfig& config, Scheduler& scheduler, Mm& mm, Contents& contents,
           std::size_t file_pages)
      : config_(config), mm_(mm), contents_(contents), files_(file_pages) {
    for (const ProgramConfig& program : config_.programs) add(program, scheduler);
    if (!config_.recording.empty()) {
      ++living_;
      replay_.emplace(config_, scheduler, mm, contents, file_pages, [this] { end_one(); });
    }
  }

  void join(Task& current) override {
    while (living_ > 0) current.wait(ended_);
  }

  json to_json() const override {
    json programs = json::array();
    for (const Group& group : groups_) programs.push_back(describe(group));
    json made = {{"programs", std::move(programs)}};
    if (replay_) made["recording"] = replay_->to_json();
    return made;
  }

 private:
  // Programs of one configuration.
  struct Group {
    const ProgramConfig* config;
    ProgramUse use;
    std::vector<Zipf> access;  // a thread's; empty: it only computes
    std::deque<Program> programs;
  };

  void add(const ProgramConfig& config, Scheduler& scheduler) {
    Group& group = groups_.emplace_back();
    group.config = &config;
    const std::uint64_t anon = config.anon_mib * kPagesPerMib;
    const std::uint64_t file = config.file_mib * kPagesPerMib;
    if (config.busy_share == 0 && anon + file > 0) {
      for (std::uint64_t i = 0; i < config.threads; ++i) {
        const auto part = [&](std::uint64_t pages) {
          return pages * (i + 1) / config.threads - pages * i / config.threads;
        };
        group.access.emplace_back(static_cast<std::uint32_t>(part(anon) + part(file)), config.zipf);
      }
    }
    for (std::uint64_t i = 0; i < config.count; ++i) {
      const Program::Setup setup{.config = config,
                                 .instance = i,
                                 .process = ++processes_,
                                 .anon = add_region(PageType::kAnonymous, anon),
                                 .file = add_region(PageType::kFile, file),
                                 .end = static_cast<Ns>(config_.seconds * kNsPerS),
                                 .seed = RandomStream(config_.seed, ++streams_).next(),
                                 .access = group.access};
      living_ += config.threads;
      group.programs.emplace_back(setup, scheduler, mm_, group.use, [this] { end_one(); });
    }
  }

  Pages add_region(PageType type, std::uint64_t pages) {
    if (pages == 0) return {};
    RandomStream random(config_.seed, ++streams_);
    const PageId first = mm_.add_region(type, pages);
    contents_.add_region(first, pages,
                         make_region_map(pages, {files_, contents_.size()},
                                         {config_.zero_share, config_.random_share}, random));
    return {first, static_cast<std::uint32_t>(pages)};
  }

  void end_one() {
    if (--living_ == 0) ended_.notify(sc_core::SC_ZERO_TIME);
  }

  static json describe(const Group& group) {
    const ProgramUse& use = group.use;
    const sim::Sample launches(use.launch_ns);
    return {{"name", group.config->name},
            {"count", group.config->count},
            {"touches", use.touches},
            {"faults", use.faults},
            {"launches", launches.size()},
            {"launch_p50_ms", milliseconds(launches, 500)},
            {"launch_max_ms", milliseconds(launches, 1000)},
            {"progress",
             use.asked == 0 ? json()
                            : json(static_cast<double>(use.done) / static_cast<double>(use.asked))},
            {"oom_kills", use.oom_kills}};
  }

  const WorkloadConfig config_;
  Mm& mm_;
  Contents& contents_;
  std::size_t files_;
  std::deque<Group> groups_;
  std::optional<Replay> replay_;
  std::uint64_t streams_ = 0;
  std::uint32_t processes_ = 0;
  std::uint64_t living_ = 0;  // tasks
  sc_core::sc_event ended_;
};

}  // namespace

std::unique_ptr<Workload> make_workload(const WorkloadConfig& config, Scheduler& scheduler, Mm& mm,
                                        Contents& contents, std::size_t file_pages) {
  return std::make_unique<Programs>(config, scheduler, mm, contents, file_pages);
}

}  // namespace pagepress::reclaim
