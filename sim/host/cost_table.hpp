// SPDX-License-Identifier: Apache-2.0
// CostTable: CPU time of CPU codecs on this machine, page by page, and of the
// driver's own steps; measured or loaded from a file ("pagepress.costs/2").
//
// A page's cost is the least time that compressing it, or decompressing what was
// stored of it, took in several sweeps over all pages, by CLOCK_MONOTONIC, less the
// timer's own cost. Interruptions only ever add, so that the least is CPU time; no
// page comes twice in a row, so that it does not find its own state in the caches.
// CLOCK_THREAD_CPUTIME_ID is a system call of ~0.5 us here, too coarse for a
// page of 7 us; it is kept a sweep at a time, as a cross-check.
// Limitations: costs hold for the pages they were measured on, and no others; the
// destination stays one page, warm in the caches, which flatters a CPU.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <pagepress/codec.hpp>
#include <pagepress/measure.hpp>

namespace pagepress::sim {

class CostError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A page file as the table knows it: content counts, not the name.
struct CostInput {
  std::string path;
  std::span<const std::uint8_t> bytes;  // whole pages
  std::uint32_t crc32c = 0;
};

// Of one operation.
struct OperationCosts {
  // [input][page]. Decompression: 0 for a page of which no block was stored.
  std::vector<std::vector<std::uint32_t>> ns;
  double thread_cpu_ns_per_page = 0;  // cross-check: least sweep, timer included
};

struct CodecCosts {
  std::string library;  // "lz4 1.9.4"
  OperationCosts compress;
  OperationCosts decompress;

  // Of compressing a page.
  [[nodiscard]] double mean_ns() const;
  // Pages that were stored as blocks.
  [[nodiscard]] std::uint64_t blocks() const;
  // Of decompressing one of them; 0 if there are none.
  [[nodiscard]] double mean_decompress_ns() const;
};

class CostTable {
 public:
  using ProgressFn = std::function<void(std::uint64_t done, std::uint64_t total)>;

  // An empty table for these pages, of this machine.
  CostTable(std::string cpu, std::span<const CostInput> inputs, std::uint64_t sweeps,
            std::uint32_t limit_bytes);
  // Throws CostError, beginning with the file's name: unreadable, not a cost
  // table, not of these pages, or of another limit (it decides when a codec gives up).
  CostTable(const std::filesystem::path& file, std::span<const CostInput> inputs,
            std::uint32_t limit_bytes);
  // From to_json(): between processes.
  CostTable(const nlohmann::json& json, std::span<const CostInput> inputs,
            std::uint32_t limit_bytes);

  // Times `codec`, one page at a time, over the pages of the constructor: first
  // compressing them, then decompressing what was stored as blocks. Progress
  // counts each page of each sweep, so to 2 * sweeps * pages.
  void measure(const std::string& name, const std::string& library, Codec& codec,
               std::span<const CostInput> inputs, const ProgressFn& progress);
  void set_driver(const DriverCost& cost) { driver_ = cost; }

  // Throws CostError if the table does not have `name`, or of another library.
  [[nodiscard]] const CodecCosts& codec(const std::string& name, const std::string& library) const;
  // The CPU that it was measured on.
  [[nodiscard]] const std::string& cpu() const noexcept { return cpu_; }

  [[nodiscard]] nlohmann::json to_json() const;
  // Where the costs come from: machine, method; without the costs.
  [[nodiscard]] nlohmann::json describe() const;

 private:
  void parse(const nlohmann::json& json);
  void check_pages(std::span<const CostInput> inputs, std::uint32_t limit_bytes);

  std::string origin_ = "cost table";  // what messages begin with
  std::string cpu_;
  std::uint64_t sweeps_ = 0;
  std::uint32_t limit_bytes_ = 0;
  std::uint64_t timer_overhead_ns_ = 0;
  nlohmann::json inputs_ = nlohmann::json::array();
  std::map<std::string, CodecCosts> codecs_;
  DriverCost driver_;
};

}  // namespace pagepress::sim
