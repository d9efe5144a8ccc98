// SPDX-License-Identifier: Apache-2.0
#include "sim/host/cost_table.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <pagepress/monotonic_clock.hpp>

namespace pagepress::sim {
namespace {

constexpr std::string_view kSchema = "pagepress.costs/1";
constexpr std::string_view kMethod =
    "CLOCK_MONOTONIC around one page, less the timer's overhead; least of the sweeps";

std::uint64_t measure_timer_overhead() noexcept {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t before = monotonic_ns();
    least = std::min(least, monotonic_ns() - before);
  }
  return least;
}

nlohmann::json identity(std::span<const CostInput> inputs) {
  nlohmann::json list = nlohmann::json::array();
  for (const CostInput& input : inputs) {
    list.push_back({{"path", input.path},
                    {"pages", input.bytes.size() / kPageSize},
                    {"crc32c", fmt::format("{:08x}", input.crc32c)}});
  }
  return list;
}

constexpr std::array kDriverKeys = {
    std::pair{"enqueue_ns", &DriverCost::enqueue_ns},
    std::pair{"dequeue_ns", &DriverCost::dequeue_ns},
    std::pair{"submit_ns", &DriverCost::submit_ns},
    std::pair{"completion_ns", &DriverCost::completion_ns},
    std::pair{"empty_poll_ns", &DriverCost::empty_poll_ns},
};

// Reads one byte, so that a page fault on a page file's mapping falls outside what is timed.
void touch(const std::uint8_t* page) noexcept {
  (void)*static_cast<const volatile std::uint8_t*>(page);
}

// Compresses one page and waits for it: what a kernel thread does with a CPU codec.
void compress_page(Codec& codec, const std::uint8_t* page, std::span<std::uint8_t> destination,
                   std::uint32_t limit) {
  const Request request{.src = page,
                        .dst = destination.data(),
                        .capacity = static_cast<std::uint32_t>(destination.size()),
                        .limit = limit};
  Completion done;
  if (codec.submit({&request, 1}) != 1 || codec.poll({&done, 1}) != 1) {
    throw CostError(
        fmt::format("{}: not a synchronous codec, its CPU time cannot be measured", codec.name()));
  }
}

}  // namespace

double CodecCosts::mean_ns() const {
  double sum = 0;
  std::size_t pages = 0;
  for (const auto& file : ns) {
    for (const std::uint32_t cost : file) sum += cost;
    pages += file.size();
  }
  return pages == 0 ? 0 : sum / static_cast<double>(pages);
}

CostTable::CostTable(std::string cpu, std::span<const CostInput> inputs, std::uint64_t sweeps,
                     std::uint32_t limit_bytes)
    : cpu_(std::move(cpu)),
      sweeps_(sweeps),
      limit_bytes_(limit_bytes),
      timer_overhead_ns_(measure_timer_overhead()),
      inputs_(identity(inputs)) {}

CostTable::CostTable(const std::filesystem::path& file, std::span<const CostInput> inputs,
                     std::uint32_t limit_bytes)
    : origin_(file.string()) {
  std::ifstream stream(file);
  if (!stream) throw CostError(fmt::format("{}: cannot read the cost table", origin_));
  parse(nlohmann::json::parse(stream, nullptr, /*allow_exceptions=*/false));
  check_pages(inputs, limit_bytes);
}

CostTable::CostTable(const nlohmann::json& json, std::span<const CostInput> inputs,
                     std::uint32_t limit_bytes) {
  parse(json);
  check_pages(inputs, limit_bytes);
}

void CostTable::parse(const nlohmann::json& json) {
  if (!json.is_object() || json.value("schema", "") != kSchema) {
    throw CostError(fmt::format("{}: not a cost table ({})", origin_, kSchema));
  }
  try {
    cpu_ = json.at("machine").at("cpu").get<std::string>();
    sweeps_ = json.at("sweeps").get<std::uint64_t>();
    limit_bytes_ = json.at("limit_bytes").get<std::uint32_t>();
    timer_overhead_ns_ = json.at("timer_overhead_ns").get<std::uint64_t>();
    for (const auto& input : json.at("inputs")) {
      inputs_.push_back({{"path", input.at("path").get<std::string>()},
                         {"pages", input.at("pages").get<std::uint64_t>()},
                         {"crc32c", input.at("crc32c").get<std::string>()}});
    }
    for (const auto& [key, member] : kDriverKeys) {
      driver_.*member = json.at("driver").at(key).get<double>();
    }
    for (const auto& [name, entry] : json.at("codecs").items()) {
      CodecCosts& costs = codecs_[name];
      costs.library = entry.at("library").get<std::string>();
      costs.thread_cpu_ns_per_page = entry.at("thread_cpu_ns_per_page").get<double>();
      costs.ns = entry.at("ns").get<std::vector<std::vector<std::uint32_t>>>();
    }
  } catch (const nlohmann::json::exception& error) {
    throw CostError(fmt::format("{}: damaged cost table: {}", origin_, error.what()));
  }
}

void CostTable::check_pages(std::span<const CostInput> inputs, std::uint32_t limit_bytes) {
  // The same content in the same order; names may differ.
  const nlohmann::json wanted = identity(inputs);
  bool same = inputs_.size() == wanted.size();
  for (std::size_t i = 0; same && i < wanted.size(); ++i) {
    same = inputs_[i]["crc32c"] == wanted[i]["crc32c"] && inputs_[i]["pages"] == wanted[i]["pages"];
  }
  if (!same) {
    throw CostError(fmt::format(
        "{}: measured on other pages than these; give another file or remove it to measure anew",
        origin_));
  }
  inputs_ = wanted;
  if (limit_bytes_ != limit_bytes) {
    throw CostError(fmt::format("{}: measured with queue.limit_bytes = {}, this run has {}",
                                origin_, limit_bytes_, limit_bytes));
  }
  for (const auto& [name, costs] : codecs_) {
    bool complete = costs.ns.size() == inputs.size();
    for (std::size_t i = 0; complete && i < inputs.size(); ++i) {
      complete = costs.ns[i].size() == inputs[i].bytes.size() / kPageSize;
    }
    if (!complete) {
      throw CostError(
          fmt::format("{}: damaged: {} does not have a cost for each page", origin_, name));
    }
  }
}

void CostTable::measure(const std::string& name, const std::string& library, Codec& codec,
                        std::span<const CostInput> inputs, const ProgressFn& progress) {
  CodecCosts costs;
  costs.library = library;
  std::uint64_t total = 0;
  for (const CostInput& input : inputs) {
    const std::size_t pages = input.bytes.size() / kPageSize;
    costs.ns.emplace_back(pages, std::numeric_limits<std::uint32_t>::max());
    total += pages * sweeps_;
  }
  std::array<std::uint8_t, kPageSize> destination{};
  std::uint64_t done = 0;
  std::uint64_t least_sweep = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t sweep = 0; sweep < sweeps_; ++sweep) {
    const std::uint64_t cpu_before = thread_cpu_ns();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      for (std::size_t page = 0; page < costs.ns[i].size(); ++page) {
        const std::uint8_t* source = inputs[i].bytes.data() + page * kPageSize;
        touch(source);
        const std::uint64_t before = monotonic_ns();
        compress_page(codec, source, destination, limit_bytes_);
        const std::uint64_t elapsed = monotonic_ns() - before;
        const std::uint64_t net = elapsed - std::min(elapsed, timer_overhead_ns_);
        std::uint32_t& cost = costs.ns[i][page];
        cost = static_cast<std::uint32_t>(std::min<std::uint64_t>(cost, net));
        ++done;
      }
      if (progress) progress(done, total);
    }
    least_sweep = std::min(least_sweep, thread_cpu_ns() - cpu_before);
  }
  costs.thread_cpu_ns_per_page =
      static_cast<double>(least_sweep * sweeps_) / static_cast<double>(total);
  codecs_[name] = std::move(costs);
}

const CodecCosts& CostTable::codec(const std::string& name, const std::string& library) const {
  const auto it = codecs_.find(name);
  if (it == codecs_.end()) {
    throw CostError(
        fmt::format("{}: has no costs of {}; remove it to measure anew", origin_, name));
  }
  if (it->second.library != library) {
    throw CostError(fmt::format("{}: costs of {} are of {}, this is {}; remove it to measure anew",
                                origin_, name, it->second.library, library));
  }
  return it->second;
}

nlohmann::json CostTable::describe() const {
  nlohmann::json json = {{"machine", {{"cpu", cpu_}}},
                         {"method", kMethod},
                         {"sweeps", sweeps_},
                         {"limit_bytes", limit_bytes_},
                         {"timer_overhead_ns", timer_overhead_ns_}};
  for (const auto& [key, member] : kDriverKeys) json["driver"][key] = driver_.*member;
  for (const auto& [name, costs] : codecs_) {
    json["codecs"][name] = {{"library", costs.library},
                            {"mean_ns", costs.mean_ns()},
                            {"thread_cpu_ns_per_page", costs.thread_cpu_ns_per_page}};
  }
  return json;
}

nlohmann::json CostTable::to_json() const {
  nlohmann::json json = describe();
  json["schema"] = kSchema;
  json["inputs"] = inputs_;
  if (codecs_.empty()) json["codecs"] = nlohmann::json::object();
  for (const auto& [name, costs] : codecs_) json["codecs"][name]["ns"] = costs.ns;
  return json;
}

}  // namespace pagepress::sim
