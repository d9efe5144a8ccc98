// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/stats/sampler.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr double kNsPerS = 1e9;

struct LevelName {
  const char* name;
  std::uint64_t (*of)(const Mm::Levels&);
};
constexpr LevelName kLevels[] = {
    {"free", [](const Mm::Levels& l) { return l.free; }},
    {"anon", [](const Mm::Levels& l) { return l.anon_active + l.anon_inactive; }},
    {"file", [](const Mm::Levels& l) { return l.file_active + l.file_inactive; }},
    {"pool", [](const Mm::Levels& l) { return l.pool; }},
    {"queued", [](const Mm::Levels& l) { return l.queued; }},
};

struct CountName {
  const char* name;
  std::uint64_t (*of)(const Vmstat&);
};
constexpr CountName kCounts[] = {
    {"pgsteal_anon", [](const Vmstat& v) { return v.pgsteal_anon; }},
    {"pgsteal_file", [](const Vmstat& v) { return v.pgsteal_file; }},
    {"pgsteal_direct", [](const Vmstat& v) { return v.pgsteal_direct; }},
    {"pgscan", [](const Vmstat& v) { return v.pgscan_kswapd + v.pgscan_direct; }},
    {"allocstall", [](const Vmstat& v) { return v.allocstall; }},
    {"pswpin", [](const Vmstat& v) { return v.pswpin; }},
    {"zswpin", [](const Vmstat& v) { return v.zswpin; }},
};

// Of one more per interval; 0 for the first sample and an empty interval.
double share(double before, double after, Ns from, Ns until) {
  return until > from ? (after - before) / static_cast<double>(until - from) : 0.0;
}

// A group's CPU time in a sample; groups appear when their first task does.
double cpu_ns(const Sample& sample, const std::string& group) {
  const auto found = std::find_if(sample.groups.begin(), sample.groups.end(),
                                  [&](const auto& use) { return use.group == group; });
  return found == sample.groups.end() ? 0.0 : static_cast<double>(found->cpu_ns);
}

json busy_json(const std::vector<Sample>& samples) {
  json busy = json::object();
  for (const Scheduler::GroupUse& group : samples.back().groups) {
    json& shares = busy[group.group] = json::array();
    const Sample* last = &samples.front();
    for (const Sample& sample : samples) {
      shares.push_back(
          share(cpu_ns(*last, group.group), cpu_ns(sample, group.group), last->at, sample.at));
      last = &sample;
    }
  }
  return busy;
}

// The i-th resource's busy time while kswapd was awake, over the time it was.
double awake_share(const std::vector<Sample>& samples, std::size_t index, double awake_ns) {
  const ResourceUse& use = samples.back().resources[index];
  if (use.awake_only) {
    return (use.busy_ns - samples.front().resources.at(index).busy_ns) / use.units / awake_ns;
  }
  double busy_ns = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const Sample& before = samples[i - 1];
    const Sample& after = samples[i];
    if (after.at == before.at) continue;
    const double awake = static_cast<double>(after.kswapd_awake_ns - before.kswapd_awake_ns) /
                         static_cast<double>(after.at - before.at);
    busy_ns += awake * (after.resources.at(index).busy_ns - before.resources.at(index).busy_ns);
  }
  return busy_ns / use.units / awake_ns;
}

}  // namespace

Sampler::Sampler(Ns period, std::function<Sample()> look)
    : period_(period), look_(std::move(look)) {
  if (period == 0) throw std::invalid_argument("sample_ms must be more than 0");
  sc_core::sc_spawn([this] { watch(); });
}

void Sampler::watch() {
  while (!stopped_) {
    take();
    sc_core::wait(sc_ns(period_), stopping_);
  }
}

void Sampler::take() {
  const Ns now = now_ns();
  if (!samples_.empty() && samples_.back().at == now) samples_.pop_back();
  samples_.push_back(look_());
  samples_.back().at = now;
}

void Sampler::stop() {
  if (stopped_) return;
  stopped_ = true;
  take();
  stopping_.notify();
}

json series_json(const std::vector<Sample>& samples) {
  json series = json::object();
  if (samples.empty()) return series;
  const bool engine = samples.back().engine_busy.has_value();
  const Sample* last = &samples.front();
  for (const Sample& sample : samples) {
    series["t_s"].push_back(static_cast<double>(sample.at) / kNsPerS);
    for (const LevelName& level : kLevels) series[level.name].push_back(level.of(sample.levels));
    for (const CountName& count : kCounts) {
      series[count.name].push_back(count.of(sample.vmstat) - count.of(last->vmstat));
    }
    if (engine) {
      series["engine_busy"].push_back(share(last->engine_busy.value_or(0),
                                            sample.engine_busy.value_or(0), last->at, sample.at));
    }
    last = &sample;
  }
  series["busy"] = busy_json(samples);
  return series;
}

json binding_resource(const std::vector<Sample>& samples) {
  json binds = {{"resource", "none"}, {"share", nullptr}, {"shares", json::array()}};
  if (samples.size() < 2) return binds;
  const double awake_ns = static_cast<double>(samples.back().kswapd_awake_ns) -
                          static_cast<double>(samples.front().kswapd_awake_ns);
  if (!(awake_ns > 0)) return binds;
  for (std::size_t i = 0; i < samples.back().resources.size(); ++i) {
    const std::string& name = samples.back().resources[i].name;
    const double found = awake_share(samples, i, awake_ns);
    binds["shares"].push_back({{"resource", name}, {"share", found}});
    if (binds["share"].is_null() || found > binds["share"].get<double>()) {
      binds["resource"] = name;
      binds["share"] = found;
    }
  }
  return binds;
}

}  // namespace pagepress::reclaim
