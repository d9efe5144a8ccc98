// SPDX-License-Identifier: Apache-2.0
// Who compresses: policies of one queue, each a SwapPath.
//
//   kswapd      whoever reclaims compresses, inline
//   kcompressd  the RFC's thread and FIFO of 256 (shape=rfc), or zram-v1's four (shape=zram-v1)
//   threads     several threads on chunks of joined batches, as padata (shape=parallel)
//   batch       zswap's batches: the pages of one large folio in one request, inline; with an
//               engine if `codec` is one
//   engine      kcompressd's queue, batches, and the real driver on FastDevice or RtlDevice
//
// A specification is NAME[@KEY=VALUE[,KEY=VALUE]...], as of compare's back ends.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <pagepress/kcompressd.hpp>
#include <pagepress/wait.hpp>

#include "model/fault/fault_plan.hpp"
#include "sim/host/cost_table.hpp"
#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/costs.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/swap/swap_path.hpp"
#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

// An engine and its link, as compare's [engine] and [link].
struct EngineConfig {
  std::uint64_t engines = 2;
  std::uint64_t w = 16;
  double clock_mhz = 1000.0;
  std::string link_preset = "soc";
  std::uint64_t watchdog_us = 10'000;
};

struct PolicyConfig {
  std::string spec;                    // as it was asked for; the name in reports
  std::string who = "kswapd";          // one of the above
  std::string shape;                   // of driver/kcompressd: "rfc", ...; empty: it has no queue
  std::string split;                   // among workers: "shared", "own", "chunks"
  std::string rule;                    // which pages may be queued: "rfc", "zram-v1" or "any"
  std::string state = "locked";        // of queued folios: "locked" (RFC) or "writeback" (v1)
  std::string policy = "sync-newest";  // back pressure: back_pressure_names()
  // cpu:lz4, cpu:lzo, cpu:zstd, ...; engine:fast or engine:rtl.
  std::string codec = "cpu:lz4";
  std::uint64_t fifo_entries = 0;   // 0: the shape's
  std::uint64_t workers = 0;        // 0: the shape's
  std::uint64_t batch = 0;          // pages a doorbell; 0: the shape's
  std::uint64_t depth = 64;         // of the engine's queues
  WaitMode wait = WaitMode::kPoll;  // of workers for the engine
  std::uint64_t irq_count = 8;      // completions an interrupt at most
  std::uint64_t irq_us = 5;         // longest delay of one that waits for its count
  std::string same_filled = "cpu";  // who finds such pages: the caller, or ("engine") the engine
  bool memalloc = true;             // workers may dip below the watermarks (PF_MEMALLOC)
  bool swapin_engine = false;       // faults decompress with the engine's urgent queue, not the CPU
  std::string cores;                // kind of core that workers are bound to
  int nice = 0;                     // of the workers

  [[nodiscard]] bool has_engine() const noexcept { return codec.starts_with("engine:"); }
};
// Throws std::invalid_argument: names what is wrong and what there is.
[[nodiscard]] PolicyConfig parse_policy(std::string_view spec);
// Whether the machine has what the policy names: the kind of core, the engine. Throw
// std::invalid_argument: names what is wrong and what there is.
void check_cores(const PolicyConfig& config, const SchedulerConfig& machine);
void check_engine(const PolicyConfig& config, const EngineConfig& engine);
// Every key with its value, as results.json has it.
[[nodiscard]] nlohmann::json to_json(const PolicyConfig& config);
// Names and keys with their values, a line each: for help.
[[nodiscard]] std::vector<std::string> describe_policies();

struct PolicyContext {
  Scheduler& scheduler;
  WriteSink& mm;
  SwapStore& store;
  const Contents& contents;
  const sim::CostTable& cpu_costs;  // its one input: pages by content index
  double cost_scale;                // of cpu_costs, to a core of speed 1
  const KernelCosts& costs;
  CpuCosts steps;  // of the driver, core of speed 1
  EngineConfig engine;
  std::optional<model::FaultPlan> faults;
  Trace* trace;  // may be null
  std::uint32_t limit_bytes;
  bool memcg_zswap_writeback = true;  // MmConfig's: else zswap must answer to the caller at once
};

class Policy : public SwapPath {
 public:
  // What compressing and decompressing has used since the start.
  struct Use {
    std::uint64_t pages = 0;         // compressed, by whomever
    std::uint64_t block_bytes = 0;   // that they came to
    unsigned engines = 0;            // 0: none
    Ns engine_busy_ns = 0;           // of all together: engine cycles of what has completed
    std::uint64_t device_bytes = 0;  // that the device read and wrote in memory
    std::uint64_t link_bytes = 0;    // on its wires, both ways, headers too
    double link_busy_ns = 0;         // of the busier direction
  };
  [[nodiscard]] virtual Use use() const = 0;
  // A CPU codec of the format of the blocks that are stored.
  [[nodiscard]] virtual std::unique_ptr<Codec> make_decoder() const = 0;
  // CPU time of decompressing the page of a content index, on a core of speed 1.
  [[nodiscard]] virtual Ns decompress_ns(std::uint32_t content) const = 0;
  // After all tasks of the workload have ended: pages still queued get through. In a task.
  virtual void drain(Task& current) = 0;
  // Pages on their way to be compressed, now.
  [[nodiscard]] virtual std::uint64_t queued() const noexcept = 0;
  // Queue, workers, gate, engine, link, faults: what results.json has of it.
  [[nodiscard]] virtual nlohmann::json to_json() const = 0;
};

// During elaboration: makes workers' tasks and, with an engine, the device. Throws
// std::invalid_argument, DeviceError, sim::CostError.
[[nodiscard]] std::unique_ptr<Policy> make_policy(const PolicyConfig& config,
                                                  const PolicyContext& context);

}  // namespace pagepress::reclaim
