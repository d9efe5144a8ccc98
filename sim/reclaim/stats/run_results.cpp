// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/stats/run_results.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"
#include "sim/stats/stats.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr double kNsPerS = 1e9;
constexpr unsigned kP50 = 500;
constexpr unsigned kP99 = 990;
constexpr unsigned kP999 = 999;

void require(bool holds, std::string_view what, std::uint64_t left, std::uint64_t right) {
  if (!holds) throw ConservationError(fmt::format("{}: {} against {}", what, left, right));
}

json ratio(double of, double by) { return by > 0 ? json(of / by) : json(); }

json vmstat_json(const Vmstat& vmstat) {
  json counts = json::object();
  for (const VmstatName& entry : vmstat_names()) counts[entry.name] = vmstat.*entry.value;
  return counts;
}

json rates_json(const RunRecord& record) {
  const Vmstat& v = record.vmstat;
  const double seconds = static_cast<double>(record.simulated) / kNsPerS;
  const double awake = static_cast<double>(record.kswapd_awake) / kNsPerS;
  const auto per_s = [&](std::uint64_t count) {
    return ratio(static_cast<double>(count), seconds);
  };
  return {{"pgsteal_anon_per_s", per_s(v.pgsteal_anon)},
          {"pgsteal_anon_per_s_awake", ratio(static_cast<double>(v.pgsteal_anon), awake)},
          {"pgsteal_file_per_s", per_s(v.pgsteal_file)},
          {"pgsteal_kswapd_per_s", per_s(v.pgsteal_kswapd)},
          {"pgsteal_direct_per_s", per_s(v.pgsteal_direct)},
          {"pgscan_per_s", per_s(v.pgscan_kswapd + v.pgscan_direct)},
          {"allocstall_per_s", per_s(v.allocstall)},
          {"memcg_max_events_per_s", per_s(v.memcg_max_events)},
          {"pgmajfault_per_s", per_s(v.pgmajfault)},
          {"pswpin_per_s", per_s(v.pswpin)},
          {"pswpout_per_s", per_s(v.pswpout)},
          {"zswpin_per_s", per_s(v.zswpin)},
          {"zswpout_per_s", per_s(v.zswpout)}};
}

// Percentiles of times, as compare has them; null where there are none.
json times_json(const sim::Sample& times) {
  json found = {{"mean_ns", nullptr}, {"p50_ns", nullptr}, {"p99_ns", nullptr},
                {"p999_ns", nullptr}, {"max_ns", nullptr}, {"histogram", nullptr}};
  if (times.empty()) return found;
  found["mean_ns"] = times.mean();
  found["p50_ns"] = times.percentile(kP50);
  found["p99_ns"] = times.percentile(kP99);
  found["p999_ns"] = times.percentile(kP999);
  found["max_ns"] = times.sorted().back();
  const sim::Histogram histogram = sim::latency_histogram(times);
  found["histogram"] = {{"bins_ns", histogram.edges}, {"counts", histogram.counts}};
  return found;
}

// Nearest rank among `all`, of which those that are not in `times` are 0.
json percentile_of_all(const sim::Sample& times, std::uint64_t all, unsigned permille) {
  if (all == 0) return nullptr;
  const std::uint64_t zeros = all - times.size();
  const std::uint64_t rank = (all * permille + 999) / 1000;  // 1-based, rounded up
  return rank <= zeros ? json(0) : json(times.sorted()[rank - zeros - 1]);
}

json stalls_json(std::vector<Ns> stalled, std::uint64_t allocations) {
  const sim::Sample times(std::move(stalled));
  Ns total = 0;
  for (const Ns ns : times.sorted()) total += ns;
  json stalls = times_json(times);
  stalls["allocations"] = allocations;
  stalls["stalled"] = times.size();
  stalls["total_ns"] = total;
  stalls["all_p99_ns"] = percentile_of_all(times, allocations, kP99);
  stalls["all_p999_ns"] = percentile_of_all(times, allocations, kP999);
  return stalls;
}

json counted_times_json(std::vector<Ns> values) {
  const sim::Sample times(std::move(values));
  json json = times_json(times);
  json["count"] = times.size();
  return json;
}

json cpu_json(const RunRecord& record) {
  json groups = json::array();
  for (const Scheduler::GroupUse& use : record.groups) {
    groups.push_back({{"group", use.group},
                      {"cpu_ns", use.cpu_ns},
                      {"work_ns", use.work_ns},
                      {"switches", use.switches}});
  }
  json cores = json::array();
  for (const Scheduler::CoreUse& use : record.cores) {
    cores.push_back({{"name", use.name},
                     {"kind", use.kind->name},
                     {"speed", use.kind->speed},
                     {"busy_ns", use.busy_ns}});
  }
  return {{"groups", groups}, {"cores", cores}};
}

json memory_json(const std::vector<ZoneMarks>& zones) {
  json watermarks = json::array();
  for (const ZoneMarks& zone : zones) {
    watermarks.push_back({{"zone", zone.zone},
                          {"min", zone.marks.min},
                          {"low", zone.marks.low},
                          {"high", zone.marks.high},
                          {"managed", zone.managed}});
  }
  return {{"watermarks", watermarks}};
}

json store_json(const SwapStore::Use& use) {
  return {{"pages", use.pages},
          {"same_filled", use.same_filled},
          {"raw", use.raw},
          {"compressed_bytes", use.compressed_bytes},
          {"pool_frames", use.pool_frames},
          {"on_device", use.on_device},
          {"rejected", use.rejected},
          {"limit_hit", use.limit_hit},
          {"written_back", use.written_back}};
}

json traffic_json(const Traffic& traffic) {
  const auto number = [](const std::optional<double>& value) {
    return value ? json(*value) : json();
  };
  return {{"dram_bytes_per_page", number(traffic.dram_bytes_per_page)},
          {"link_bytes_per_page", number(traffic.link_bytes_per_page)},
          {"basis", traffic.basis}};
}

json energy_json(const EnergyUse& use, const Vmstat& vmstat) {
  constexpr double kUjPerMj = 1000;
  const double total = use.cpu + use.engine + use.dram + use.link + use.device;
  const double pages = static_cast<double>(vmstat.pgsteal_kswapd + vmstat.pgsteal_direct);
  return {{"cpu_mj", use.cpu},
          {"engine_mj", use.engine},
          {"dram_mj", use.dram},
          {"link_mj", use.link},
          {"device_mj", use.device},
          {"total_mj", total},
          {"uj_per_page_reclaimed", ratio(total * kUjPerMj, pages)}};
}

}  // namespace

void check_identities(const RunRecord& record) {
  const Vmstat& v = record.vmstat;
  const auto equal = [](std::string_view what, std::uint64_t left, std::uint64_t right) {
    require(left == right, what, left, right);
  };
  const auto at_most = [](std::string_view what, std::uint64_t left, std::uint64_t right) {
    require(left <= right, what, left, right);
  };
  equal("pgscan_kswapd + pgscan_direct = pgscan_anon + pgscan_file",
        v.pgscan_kswapd + v.pgscan_direct, v.pgscan_anon + v.pgscan_file);
  equal("pgsteal_kswapd + pgsteal_direct = pgsteal_anon + pgsteal_file",
        v.pgsteal_kswapd + v.pgsteal_direct, v.pgsteal_anon + v.pgsteal_file);
  at_most("pgsteal_kswapd <= pgscan_kswapd", v.pgsteal_kswapd, v.pgscan_kswapd);
  at_most("pgsteal_direct <= pgscan_direct", v.pgsteal_direct, v.pgscan_direct);
  at_most("pgsteal_anon <= pgscan_anon", v.pgsteal_anon, v.pgscan_anon);
  at_most("pgsteal_file <= pgscan_file", v.pgsteal_file, v.pgscan_file);
  at_most("pgmajfault <= pgfault", v.pgmajfault, v.pgfault);
  at_most("refault_queued <= swap_cache_hit", v.refault_queued, v.swap_cache_hit);
  const std::uint64_t stalled = record.stalls.stall_ns.size();
  at_most("stalled allocations <= allocations", stalled, record.stalls.allocations);
  at_most("stalled allocations <= allocstall + direct_throttled + memcg_max_events", stalled,
          v.allocstall + v.direct_throttled + v.memcg_max_events);
  at_most("faults that waited for a queued page <= refault_queued", record.stalls.queued_ns.size(),
          v.refault_queued);
  // What is queued when the workload ends is drained after the time that counts as the run's.
  const Ns end = record.samples.empty() ? 0 : record.samples.back().at;
  at_most("kswapd's time awake <= time of the run", record.kswapd_awake,
          std::max(record.simulated, end));
}

json to_json(RunRecord record) {
  check_identities(record);
  json run = {{"policy", record.policy},
              {"settings", record.settings},
              {"seconds", static_cast<double>(record.simulated) / kNsPerS},
              {"vmstat", vmstat_json(record.vmstat)},
              {"rates", rates_json(record)},
              {"kswapd_awake_s", static_cast<double>(record.kswapd_awake) / kNsPerS},
              {"cpu", cpu_json(record)},
              {"memory", memory_json(record.zones)},
              {"store", store_json(record.store)},
              {"queue", record.queue},
              {"traffic", traffic_json(record.traffic)},
              {"energy", energy_json(record.energy, record.vmstat)},
              {"workload", record.workload},
              {"binds", binding_resource(record.samples)},
              {"series", series_json(record.samples)}};
  run["stalls"] = stalls_json(std::move(record.stalls.stall_ns), record.stalls.allocations);
  run["faults"] = counted_times_json(std::move(record.stalls.fault_ns));
  run["faults"]["queued_wait"] = counted_times_json(std::move(record.stalls.queued_ns));
  return run;
}

}  // namespace pagepress::reclaim
