// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/metrics.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include <pagepress/codecs.hpp>

#include "sim/experiment/fnv.hpp"
#include "sim/stats/stats.hpp"

namespace pagepress::sim {
namespace {

constexpr std::size_t kListedMismatches = 20;

// Counts and bytes of a set of pages.
struct Sizes {
  std::uint64_t pages = 0;
  std::uint64_t zero = 0;
  std::uint64_t same_filled = 0;
  std::uint64_t incompressible = 0;
  std::uint64_t bytes_out = 0;
  std::vector<std::uint64_t> histogram = std::vector<std::uint64_t>(kSizeBins);

  void add(const PageRecord& page) {
    ++pages;
    switch (page.status) {
      case Status::kSameFilled:
        ++same_filled;
        if (page.zero) ++zero;
        return;
      case Status::kOk:
        bytes_out += page.out_len;
        ++histogram[std::min<std::size_t>(page.out_len / kSizeBinBytes, kSizeBins - 2)];
        return;
      case Status::kIncompressible:
        ++incompressible;
        break;
      default:  // failed: the page has to be kept as it is; it is a mismatch, too
        break;
    }
    bytes_out += kPageBytes;
    ++histogram[kSizeBins - 1];
  }
  [[nodiscard]] nlohmann::json to_json() const {
    return {{"pages", pages},
            {"zero_pages", zero},
            {"same_filled_pages", same_filled},
            {"incompressible_pages", incompressible},
            {"bytes_in", pages * kPageBytes},
            {"bytes_out", bytes_out},
            {"ratio", bytes_out == 0 ? nlohmann::json()
                                     : nlohmann::json(static_cast<double>(pages * kPageBytes) /
                                                      static_cast<double>(bytes_out))}};
  }
};

nlohmann::json or_null(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json latency_json(const Sample& sample) {
  nlohmann::json json = {{"p50", nullptr}, {"p99", nullptr}, {"p999", nullptr}};
  if (sample.empty()) return json;
  json["p50"] = sample.percentile(500);
  json["p99"] = sample.percentile(990);
  json["p999"] = sample.percentile(999);
  return json;
}

template <typename Get>
Sample collect(const PassRun& run, Get get) {
  std::vector<std::uint64_t> values;
  values.reserve(run.pages.size());
  for (const PageRecord& page : run.pages) values.push_back(get(page));
  return Sample(std::move(values));
}

Sample submit_to_complete(const PassRun& run) {
  return collect(run, [](const PageRecord& p) { return p.complete_ns - p.submit_ns; });
}

nlohmann::json engine_cycles_json(const PassRun& run, bool engine, bool mixed) {
  std::vector<std::uint64_t> cycles;
  for (const PageRecord& page : run.pages) {
    // What a CPU did in the engine's place took none.
    const bool by_cpu = page.synchronous || (mixed && page.engine_cycles == 0);
    if (page.status != Status::kSameFilled && !by_cpu) {
      cycles.push_back(page.engine_cycles);
    }
  }
  const Sample sample(std::move(cycles));
  if (!engine || sample.empty()) return nullptr;
  return {
      {"mean", sample.mean()}, {"p50", sample.percentile(500)}, {"p99", sample.percentile(990)}};
}

// Bytes of pages over the timeline's time, first submission to last completion.
nlohmann::json gb_per_s(const PassRun& run) {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t last = 0;
  for (const PageRecord& page : run.pages) {
    first = std::min(first, page.submit_ns);
    last = std::max(last, page.complete_ns);
  }
  if (last <= first) return nullptr;
  return static_cast<double>(run.pages.size() * kPageBytes) / static_cast<double>(last - first);
}

// Of an engine; a CPU codec is called, nobody rings for it.
nlohmann::json pages_per_doorbell(const PassRun& run, bool engine) {
  if (!engine || run.worker.doorbells == 0) return nullptr;
  return static_cast<double>(run.worker.submitted) / static_cast<double>(run.worker.doorbells);
}

nlohmann::json mismatches_json(const PassRun& run, const Workload& workload) {
  nlohmann::json list = nlohmann::json::array();
  for (const Mismatch& mismatch : run.mismatches) {
    if (list.size() == kListedMismatches) break;
    const Workload::Input& input = workload.inputs()[workload.file_of(mismatch.page)];
    list.push_back({{"path", input.file.path().string()},
                    {"page", mismatch.page - input.first_page},
                    {"reason", mismatch.reason}});
  }
  return list;
}

nlohmann::json device_json(const BackendRun& run) {
  if (!run.device) return nullptr;
  return {{"queues", run.device->queues},
          {"engines", run.device->engines},
          {"positions", run.device->positions},
          {"unit_bytes", std::uint64_t{1} << run.device->unit_log2}};
}

nlohmann::json faults_json(const BackendRun& run) {
  if (!run.faults) return nullptr;
  return {
      {"applied", run.faults->applied}, {"log", run.faults->log}, {"not_due", run.faults->not_due}};
}

nlohmann::json driver_json(const BackendRun& run) {
  if (!run.driver) return nullptr;
  nlohmann::json counters;
  for (const ReliableCounterName& counter : reliable_counter_names()) {
    counters[std::string(counter.name)] = run.driver->counters.*counter.value;
  }
  nlohmann::json reason;
  if (!run.driver->no_device.empty()) reason = run.driver->no_device;
  return {{"counters", std::move(counters)}, {"no_device", std::move(reason)}};
}

nlohmann::json verdict_json(const PassRun& run, const Workload& workload) {
  return {{"verified", run.pages.size() - run.mismatches.size()},
          {"mismatches", run.mismatches.size()},
          {"mismatch_list", mismatches_json(run, workload)}};
}

nlohmann::json histogram_json(const BackendRun& backend, const PassRun& run) {
  const Histogram histogram =
      latency_histogram(backend.emulated ? Sample({}) : submit_to_complete(run));
  return {{"bins_ns", histogram.edges}, {"counts", histogram.counts}};
}

nlohmann::json pages_per_s(const PassRun& run) {
  if (run.wall_s <= 0) return nullptr;
  return static_cast<double>(run.pages.size()) / run.wall_s;
}

nlohmann::json threads_json(const PassRun& run) {
  nlohmann::json threads = nlohmann::json::array();
  for (const ThreadRun& thread : run.threads) {
    threads.push_back({{"name", thread.name},
                       {"cpu_s", static_cast<double>(thread.cpu_ns) / 1e9},
                       {"pages", thread.pages}});
  }
  return threads;
}

nlohmann::json route_json(const std::optional<RouterCounters>& route) {
  if (!route) return nullptr;
  return {{"to_engine", route->to_engine},    {"to_cpu", route->to_cpu},
          {"samples", route->to_cpu_samples}, {"left_slow", route->left_slow},
          {"left_sick", route->left_sick},    {"returned", route->returned},
          {"probes", route->probes},          {"failed_probes", route->failed_probes},
          {"failures", route->failures},      {"recoveries", route->recoveries}};
}

nlohmann::json queue_json(const QueueRun& queue) {
  nlohmann::json refused = nlohmann::json::object();
  for (std::size_t i = 1; i < kRefusals; ++i) {
    refused[std::string(to_string(static_cast<Refusal>(i)))] = queue.refused[i];
  }
  nlohmann::json workers = nlohmann::json::array();
  for (const KcompressdCounters& worker : queue.workers) {
    workers.push_back({{"pages", worker.completed},
                       {"batches", worker.batches},
                       {"busy", worker.busy},
                       {"driver_ns", worker.charged_ns},
                       {"polling_ns", worker.poll_wait_ns},
                       {"idle_ns", worker.idle_ns}});
  }
  return {{"enqueued", queue.pages.enqueued},  {"rejected", queue.pages.rejected},
          {"drained", queue.pages.taken_back}, {"refused", std::move(refused)},
          {"synchronous", queue.synchronous},  {"synchronous_ns", queue.synchronous_ns},
          {"workers", std::move(workers)},     {"route", route_json(queue.route)}};
}

// Hash of all answers in the order of the pages.
std::string answers_fnv(const PassRun& run) {
  Fnv hash;
  for (const PageRecord& page : run.pages) hash.add(std::as_bytes(std::span(&page.answer, 1)));
  return hash.text();
}

nlohmann::json pass_json(const BackendRun& backend, const PassRun& run) {
  const std::optional<double> clock_mhz = backend.clock_mhz;
  const bool engine = clock_mhz.has_value() || backend.device.has_value();
  const Sample queued =
      collect(run, [](const PageRecord& p) { return p.complete_ns - p.enqueue_ns; });
  // None of an engine whose time is not ours.
  const auto timed = [&](nlohmann::json figure) {
    return backend.emulated ? nlohmann::json() : std::move(figure);
  };
  const auto latency = [&](const Sample& sample) {
    return latency_json(backend.emulated ? Sample({}) : sample);
  };
  // Cycles say nothing where CPUs take part in the pages, or a fault plan does.
  const bool by_engine = !backend.mixed && !backend.faults;
  const Throughput throughput = steady_throughput(run, by_engine ? clock_mhz : std::nullopt,
                                                  backend.device ? backend.device->engines : 1);
  const auto per_page = [&](std::uint64_t ns) -> nlohmann::json {
    if (run.pages.empty() || backend.real_time) return nullptr;
    return static_cast<double>(ns) / static_cast<double>(run.pages.size());
  };
  nlohmann::json json = {{"sim_gb_per_s", timed(gb_per_s(run))},
                         {"latency_ns", latency(submit_to_complete(run))},
                         {"queue_latency_ns", latency(queued)},
                         {"idle_latency_ns", latency(Sample(run.idle_ns))},
                         {"cpu_ns_per_page", timed(or_null(run.cpu_ns_per_page))},
                         {"worker_ns_per_page",
                          {{"driver", per_page(run.worker.charged_ns)},
                           {"polling", per_page(run.worker.poll_wait_ns)}}},
                         {"pages_per_doorbell", pages_per_doorbell(run, engine)},
                         {"queue", queue_json(run.queue)},
                         {"engine_cycles_per_page", engine_cycles_json(run, engine, backend.mixed)},
                         {"bytes_per_cycle", or_null(throughput.matched)},
                         {"bytes_per_cycle_all_pages", or_null(throughput.all)},
                         {"answers_fnv", answers_fnv(run)}};
  if (backend.real_time) json["threads"] = threads_json(run);
  return json;
}

nlohmann::json files_json(const BackendRun& run, const Workload& workload) {
  nlohmann::json files = nlohmann::json::array();
  for (const Workload::Input& input : workload.inputs()) {
    Sizes sizes;
    for (std::size_t i = 0; i < input.file.page_count(); ++i) {
      sizes.add(run.compress.pages[input.first_page + i]);
    }
    nlohmann::json file = sizes.to_json();
    file["path"] = input.file.path().string();
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

std::uint64_t answer_hash(const Completion& answer, std::span<const std::byte> out) {
  const std::array<std::uint64_t, 4> facts = {
      static_cast<std::uint64_t>(answer.status),
      answer.status == Status::kSameFilled ? answer.info : 0, answer.out_len,
      crc32c(out.data(), out.size())};
  Fnv hash;
  hash.add(std::as_bytes(std::span(facts)));
  return hash.value();
}

PageRecord to_record(const PageDone& done) {
  PageRecord page;
  page.completed = true;
  page.synchronous = done.synchronous;
  page.status = done.completion.status;
  page.out_len = done.completion.out_len;
  page.engine_cycles = done.completion.engine_cycles;
  page.zero = page.status == Status::kSameFilled && done.completion.info == 0;
  page.enqueue_ns = done.enqueue_ns;
  page.submit_ns = done.submit_ns;
  page.complete_ns = done.complete_ns;
  return page;
}

Throughput steady_throughput(const PassRun& run, std::optional<double> clock_mhz,
                             unsigned engines) {
  Throughput result;
  if (!clock_mhz || run.order.size() < 2) return result;
  const double cycles_per_ps = *clock_mhz / 1e6;
  const auto per_cycle = [&](std::uint64_t units, std::uint64_t ps) -> std::optional<double> {
    if (ps == 0) return std::nullopt;
    return static_cast<double>(units * kPageBytes) / (static_cast<double>(ps) * cycles_per_ps);
  };
  // With one engine an interval between two completions is what the later page took. With
  // several it is not: other pages pass in it, and to leave out some intervals would leave
  // out time in which bytes of others went through.
  std::uint64_t units = 0;
  std::uint64_t ps = 0;
  for (std::size_t i = 1; i < run.order.size(); ++i) {
    const PageRecord& before = run.pages[run.order[i - 1]];
    const PageRecord& after = run.pages[run.order[i]];
    const bool matched = after.status != Status::kSameFilled;
    if (engines == 1 && (!matched || before.status == Status::kSameFilled)) continue;
    units += matched ? 1 : 0;
    ps += after.arrive_ps - before.arrive_ps;
  }
  result.matched = per_cycle(units, ps);
  const std::uint64_t span_ps =
      run.pages[run.order.back()].arrive_ps - run.pages[run.order.front()].arrive_ps;
  result.all = per_cycle(run.order.size() - 1, span_ps);
  return result;
}

nlohmann::json to_json(const BackendRun& run, const Workload& workload) {
  const PassRun& compress = run.compress;
  Sizes sizes;
  for (const PageRecord& page : compress.pages) sizes.add(page);
  nlohmann::json json = sizes.to_json();
  json["name"] = run.name;
  json["device"] = device_json(run);
  json["faults"] = faults_json(run);
  json["driver"] = driver_json(run);
  json.update(verdict_json(compress, workload));
  json["compress"] = pass_json(run, compress);
  json["host"] = {{"wall_s", compress.wall_s},
                  {"pages_per_s", pages_per_s(compress)},
                  {"decompress_wall_s", run.decompress.wall_s},
                  {"decompress_pages_per_s", pages_per_s(run.decompress)}};
  json["size_histogram"] = {{"bin_bytes", kSizeBinBytes}, {"counts", sizes.histogram}};
  json["latency_histogram"] = histogram_json(run, compress);
  json["decompress"] = pass_json(run, run.decompress);
  json["decompress"].update(verdict_json(run.decompress, workload));
  json["decompress"]["busy_latency_ns"] =
      latency_json(Sample(run.emulated ? std::vector<std::uint64_t>{} : run.decompress.busy_ns));
  json["decompress"]["pages"] = run.decompress.pages.size();
  json["decompress"]["bytes_in"] = run.block_bytes;
  json["decompress"]["bytes_out"] = run.decompress.pages.size() * kPageBytes;
  json["decompress"]["latency_histogram"] = histogram_json(run, run.decompress);
  json["files"] = files_json(run, workload);
  return json;
}

}  // namespace pagepress::sim
