// SPDX-License-Identifier: Apache-2.0
// CompareConfig: every setting of `pagepress compare`, with its default, its TOML
// key and where its value comes from.
//
// One table (for_each_setting) drives reading TOML, checking ranges and writing
// the `config` object of results.json, so that no setting can be in one and
// missing in another. The command line loads a TOML file first and then lets
// flags override it.
// Limitation: one device, one direction at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "model/fault/fault_plan.hpp"
#include "model/link/link_config.hpp"
#include "sim/config/setting.hpp"

namespace pagepress::sim {

// Settings that are right one by one, but not together.
class ImpossibleCombination : public ConfigError {
 public:
  using ConfigError::ConfigError;
};

// A device outside of this process: what run.bus says.
struct RemoteBus {
  std::string kind;    // "vfio-user" or "vfio"
  std::string target;  // a socket; a PCI address with options
  // The back end that it reaches.
  [[nodiscard]] std::string backend() const { return "engine:" + kind; }
};
inline constexpr std::string_view kKnownBuses = "in-process, vfio-user:SOCKET, vfio:PCI-ADDRESS";

struct CompareConfig {
  // [compare]
  std::vector<std::filesystem::path> files;  // page files, in this order
  std::vector<std::string> backends{"cpu:lz4", "engine:rtl"};
  std::filesystem::path costs;  // empty: measured, not saved

  // [queue]
  std::string shape = "batch";       // of kcompressd's queue; what follows differs from it
  std::uint64_t fifo_entries = 256;  // kcompressd's FIFO
  std::uint64_t batch = 32;          // pages that the worker takes and submits at once
  std::uint64_t depth = 64;          // descriptors in flight
  std::uint64_t limit_bytes = 3625;  // longer output counts as incompressible
  std::uint64_t workers = 1;         // threads of kcompressd
  std::string split = "shared";      // how they divide what waits among them
  std::string policy = "wait";       // what kswapd does when the FIFO is full
  std::string route = "engine";      // "adaptive": to a CPU while the engine is slow or sick

  // [host]: CPU time of the driver's steps, charged as simulated time
  double cost_scale = 1.0;               // other core / this machine: codecs and the steps below
  std::uint64_t cost_sweeps = 7;         // measuring runs over all pages
  std::uint64_t enqueue_ns = 40;         // kswapd: put one page into the FIFO
  std::uint64_t full_wait_ns = 1000;     // kswapd: until it looks again at a full FIFO
  std::uint64_t dequeue_ns = 2;          // worker: take one page out of the FIFO
  std::uint64_t submit_ns = 20;          // worker: write one descriptor
  std::uint64_t doorbell_ns = 100;       // worker: one posted register write
  std::uint64_t completion_ns = 30;      // worker: read one completion
  std::uint64_t poll_interval_ns = 200;  // worker: from one look at an empty ring to the next

  // [engine]
  std::uint64_t engines = 2;  // in the device
  std::uint64_t w = 16;       // positions that an engine looks at in a cycle
  double clock_mhz = 1000.0;

  // [link]
  std::string link_preset = "soc";  // of model/link; what follows differs from it
  std::optional<double> link_upstream_latency_ns;
  std::optional<double> link_downstream_latency_ns;
  std::optional<double> link_memory_latency_ns;
  std::optional<double> link_upstream_bytes_per_ns;
  std::optional<double> link_downstream_bytes_per_ns;

  // [run]
  std::string time = "simulated";     // or "real": threads of this machine, measured
  std::string bus = "in-process";     // of kKnownBuses: where engine:vfio-user or engine:vfio is
  std::uint64_t idle_pages = 64;      // pages of the depth-1 latency probe; 0: no probe
  std::uint64_t watchdog_us = 10000;  // simulated time without a completion that is an error
  std::filesystem::path faults;       // plan of what goes wrong with engines; empty: nothing

  // Not settings: what created.command of the results says.
  std::vector<std::string> command;

  [[nodiscard]] bool real_time() const noexcept { return time == "real"; }
  // What `bus` says, if it is not this process.
  [[nodiscard]] std::optional<RemoteBus> remote_bus() const;
  // The preset with its overrides. Throws ConfigError for an unknown preset.
  [[nodiscard]] model::LinkConfig link_config() const;
  // None without `faults`. Throws ConfigError for a plan that cannot be used.
  [[nodiscard]] std::optional<model::FaultPlan> fault_plan() const;
  // Whether the plan, if there is one, has any. Throws likewise.
  [[nodiscard]] bool expects_faults() const;
};

// Reads a TOML file over `config` (keys that it does not have stay as they are).
// Relative paths are taken as relative to the working directory, as flags are.
// Throws ConfigError: unreadable, syntax, unknown key, wrong type, out of range.
void load_toml(const std::filesystem::path& file, CompareConfig& config);

// Ranges and combinations. Throws ConfigError.
void check(const CompareConfig& config);

// The `config` object: { section: { key: {value, provenance, source} } }.
[[nodiscard]] nlohmann::json to_json(const CompareConfig& config);

}  // namespace pagepress::sim
