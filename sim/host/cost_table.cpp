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

constexpr std::string_view kSchema = "pagepress.costs/2";
constexpr std::string_view kSchemaBefore = "pagepress.costs/1";  // knew no decompression
constexpr std::size_t kBlockAlign = 64;                          // a cache line, as in a run
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

// One page there or back, and waits for it: what a kernel thread does with a CPU codec.
Completion run_page(Codec& codec, const Request& request) {
  Completion done;
  if (codec.submit({&request, 1}) != 1 || codec.poll({&done, 1}) != 1) {
    throw CostError(
        fmt::format("{}: not a synchronous codec, its CPU time cannot be measured", codec.name()));
  }
  return done;
}

// What was stored as blocks, each at the start of a cache line.
class BlockStore {
 public:
  struct Block {
    std::size_t input;
    std::size_t page;
    std::size_t offset;
    std::uint32_t len;
  };
  void add(std::size_t input, std::size_t page, std::span<const std::uint8_t> block) {
    const std::size_t offset = (bytes_.size() + kBlockAlign - 1) / kBlockAlign * kBlockAlign;
    bytes_.resize(offset);
    bytes_.insert(bytes_.end(), block.begin(), block.end());
    blocks_.push_back({input, page, offset, static_cast<std::uint32_t>(block.size())});
  }
  [[nodiscard]] const std::vector<Block>& blocks() const noexcept { return blocks_; }
  [[nodiscard]] const std::uint8_t* data(const Block& block) const noexcept {
    return bytes_.data() + block.offset;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::vector<Block> blocks_;
};

// Least net time of each page over the sweeps, and of a sweep by the thread's CPU clock.
class Stopwatch {
 public:
  explicit Stopwatch(std::uint64_t overhead_ns) : overhead_ns_(overhead_ns) {}
  // Of body(), into `cost` if that is less than what is there.
  template <typename Body>
  auto time(std::uint32_t& cost, Body body) const {
    const std::uint64_t before = monotonic_ns();
    const auto result = body();
    const std::uint64_t elapsed = monotonic_ns() - before;
    const std::uint64_t net = elapsed - std::min(elapsed, overhead_ns_);
    cost = static_cast<std::uint32_t>(std::min<std::uint64_t>(cost, net));
    return result;
  }
  template <typename Body>
  void sweep(Body body) {
    const std::uint64_t before = thread_cpu_ns();
    body();
    least_ = std::min(least_, thread_cpu_ns() - before);
  }
  [[nodiscard]] double per_page(std::uint64_t pages) const {
    return pages == 0 ? 0 : static_cast<double>(least_) / static_cast<double>(pages);
  }

 private:
  std::uint64_t overhead_ns_;
  std::uint64_t least_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace

double CodecCosts::mean_ns() const {
  double sum = 0;
  std::size_t pages = 0;
  for (const auto& file : compress.ns) {
    for (const std::uint32_t cost : file) sum += cost;
    pages += file.size();
  }
  return pages == 0 ? 0 : sum / static_cast<double>(pages);
}

std::uint64_t CodecCosts::blocks() const {
  std::uint64_t count = 0;
  for (const auto& file : decompress.ns) {
    count += static_cast<std::uint64_t>(file.end() - file.begin()) -
             static_cast<std::uint64_t>(std::count(file.begin(), file.end(), 0u));
  }
  return count;
}

double CodecCosts::mean_decompress_ns() const {
  double sum = 0;
  for (const auto& file : decompress.ns) {
    for (const std::uint32_t cost : file) sum += cost;
  }
  const std::uint64_t count = blocks();
  return count == 0 ? 0 : sum / static_cast<double>(count);
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
  const std::string schema = json.is_object() ? json.value("schema", "") : "";
  if (schema == kSchemaBefore) {
    throw CostError(fmt::format(
        "{}: an older cost table ({}), without the costs of decompression; remove it to measure "
        "anew",
        origin_, kSchemaBefore));
  }
  if (schema != kSchema) {
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
      const auto read = [](OperationCosts& operation, const nlohmann::json& from) {
        operation.thread_cpu_ns_per_page = from.at("thread_cpu_ns_per_page").get<double>();
        operation.ns = from.at("ns").get<std::vector<std::vector<std::uint32_t>>>();
      };
      read(costs.compress, entry);
      read(costs.decompress, entry.at("decompress"));
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
    for (const OperationCosts* operation : {&costs.compress, &costs.decompress}) {
      bool complete = operation->ns.size() == inputs.size();
      for (std::size_t i = 0; complete && i < inputs.size(); ++i) {
        complete = operation->ns[i].size() == inputs[i].bytes.size() / kPageSize;
      }
      if (!complete) {
        throw CostError(
            fmt::format("{}: damaged: {} does not have a cost for each page", origin_, name));
      }
    }
  }
}

void CostTable::measure(const std::string& name, const std::string& library, Codec& codec,
                        std::span<const CostInput> inputs, const ProgressFn& progress) {
  constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();
  CodecCosts costs;
  costs.library = library;
  std::uint64_t pages = 0;
  for (const CostInput& input : inputs) {
    const std::size_t count = input.bytes.size() / kPageSize;
    costs.compress.ns.emplace_back(count, kNever);
    costs.decompress.ns.emplace_back(count, 0u);
    pages += count;
  }
  const std::uint64_t total = 2 * pages * sweeps_;
  std::array<std::uint8_t, kPageSize> destination{};
  std::uint64_t done = 0;
  const auto advance = [&](std::uint64_t count) {
    done += count;
    if (progress) progress(done, total);
  };

  BlockStore store;
  Stopwatch compressing(timer_overhead_ns_);
  const auto compress = [&](std::size_t i, std::size_t page, std::uint32_t& cost) {
    const std::uint8_t* source = inputs[i].bytes.data() + page * kPageSize;
    touch(source);
    const Request request{
        .src = source, .dst = destination.data(), .capacity = kPageSize, .limit = limit_bytes_};
    return compressing.time(cost, [&] { return run_page(codec, request); });
  };
  // Once before the sweeps, for the blocks: keeping them is then in none of the times.
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t page = 0; page < costs.compress.ns[i].size(); ++page) {
      std::uint32_t unused = 0;
      const Completion answer = compress(i, page, unused);
      if (answer.status == Status::kOk) {
        store.add(i, page, std::span(destination).first(answer.out_len));
      }
    }
  }
  for (std::uint64_t sweep = 0; sweep < sweeps_; ++sweep) {
    compressing.sweep([&] {
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::size_t count = costs.compress.ns[i].size();
        for (std::size_t page = 0; page < count; ++page) {
          (void)compress(i, page, costs.compress.ns[i][page]);
        }
        advance(count);
      }
    });
  }
  costs.compress.thread_cpu_ns_per_page = compressing.per_page(pages);

  Stopwatch decompressing(timer_overhead_ns_);
  for (std::uint64_t sweep = 0; sweep < sweeps_; ++sweep) {
    decompressing.sweep([&] {
      for (const BlockStore::Block& block : store.blocks()) {
        const Request request{.src = store.data(block),
                              .dst = destination.data(),
                              .capacity = kPageSize,
                              .operation = Operation::kDecompress,
                              .src_len = block.len};
        std::uint32_t& cost = costs.decompress.ns[block.input][block.page];
        if (cost == 0) cost = kNever;
        const Completion answer =
            decompressing.time(cost, [&] { return run_page(codec, request); });
        if (answer.status != Status::kOk || answer.out_len != kPageSize) {
          throw CostError(fmt::format("{}: page {} of {} did not decompress: {}", codec.name(),
                                      block.page, inputs[block.input].path,
                                      to_string(answer.status)));
        }
        cost = std::max(cost, 1u);  // 0 says that there is no block
      }
    });
    advance(pages);
  }
  costs.decompress.thread_cpu_ns_per_page = decompressing.per_page(store.blocks().size());
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
                         {"timer_overhead_ns", timer_overhead_ns_},
                         {"codecs", nlohmann::json::object()}};
  for (const auto& [key, member] : kDriverKeys) json["driver"][key] = driver_.*member;
  for (const auto& [name, costs] : codecs_) {
    json["codecs"][name] = {{"library", costs.library},
                            {"mean_ns", costs.mean_ns()},
                            {"thread_cpu_ns_per_page", costs.compress.thread_cpu_ns_per_page}};
    const bool any = costs.blocks() != 0;
    json["codecs"][name]["decompress"] = {
        {"blocks", costs.blocks()},
        {"mean_ns", any ? nlohmann::json(costs.mean_decompress_ns()) : nlohmann::json()},
        {"thread_cpu_ns_per_page", costs.decompress.thread_cpu_ns_per_page}};
  }
  return json;
}

nlohmann::json CostTable::to_json() const {
  nlohmann::json json = describe();
  json["schema"] = kSchema;
  json["inputs"] = inputs_;
  for (const auto& [name, costs] : codecs_) {
    json["codecs"][name]["ns"] = costs.compress.ns;
    json["codecs"][name]["decompress"]["ns"] = costs.decompress.ns;
  }
  return json;
}

}  // namespace pagepress::sim
