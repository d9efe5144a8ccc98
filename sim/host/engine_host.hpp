// SPDX-License-Identifier: Apache-2.0
// An engine on the timeline: the model's side of it (Hardware), and the driver's (EngineDriver)
// with a queue pair, or one a direction, for each worker. With a CPU codec beside them the workers'
// codecs are ReliableCodecs that believe nothing: no fault of the device ends the run.
//
//   EngineDriver --> TlmBus --> Link --> Device
//              HostMemory <-- [CompletionProbe] <-'
//
// Limitation: one device.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pagepress/codecs.hpp>
#include <pagepress/device.hpp>
#include <pagepress/memory.hpp>
#include <pagepress/queue_pair.hpp>
#include <pagepress/reliable_codec.hpp>

#include "model/device/device.hpp"
#include "model/fault/fault_injector.hpp"
#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "sim/host/completion_probe.hpp"
#include "sim/host/tlm_bus.hpp"

namespace pagepress::sim {

struct HardwareConfig {
  std::function<std::unique_ptr<model::Device>()> make_device;
  model::LinkConfig link;
  std::optional<model::FaultPlan> faults = std::nullopt;  // none: no injector either
  unsigned vectors = 0;                                   // of interrupts, that reach the bus
  bool probe = false;  // note when completions are written: one queue at a time
};

// Made during elaboration.
struct Hardware {
  explicit Hardware(HardwareConfig config);
  model::HostMemory memory;
  std::optional<CompletionProbe> probe;
  model::Link link;
  TlmBus bus;
  std::unique_ptr<model::Device> device;
  std::optional<model::FaultInjector> faults;
};

struct EngineDriverConfig {
  std::size_t workers = 1;
  std::size_t depth = 64;  // of each queue, in descriptors; a power of two
  std::uint64_t watchdog_us = 10'000;
  WaitConfig wait = {};         // `vector`: of the first queue; each has its own
  WaitConfig urgent_wait = {};  // of the queues of a higher class, likewise
  std::size_t spare_pages = 1;  // destinations beside the workers'
};

// Lives in the first worker's process, as its set-up and its end wait for registers.
class EngineDriver {
 public:
  // What a worker has to itself.
  struct Worker {
    std::unique_ptr<QueuePair> queue;
    std::unique_ptr<QueuePair> urgent;  // for decompression, where there are classes
    std::shared_ptr<Codec> compress;
    std::shared_ptr<Codec> decompress;  // the same one, if there is one queue
  };
  using MakeCpu = std::function<std::unique_ptr<Codec>()>;

  // `sources`: memory that pages are in, mapped for as long as this lives. `make_cpu`: what does a
  // page that the engine fails to do; none: its faults are errors of the run. Throws UnfitEngine if
  // the device cannot decompress or has too few queues, and what the driver throws.
  EngineDriver(const std::string& name, Bus& bus, Clock& clock, DmaAllocator& allocator,
               const EngineDriverConfig& config,
               std::span<const std::span<const std::byte>> sources, const MakeCpu& make_cpu);

  [[nodiscard]] const Capabilities& capabilities() const { return device_.capabilities(); }
  [[nodiscard]] pagepress::Device& device() noexcept { return device_; }
  [[nodiscard]] DmaMap& map() noexcept { return map_; }
  [[nodiscard]] const std::vector<Worker>& workers() const noexcept { return workers_; }
  // Whether decompression has queues of its own.
  [[nodiscard]] bool has_urgent_queues() const { return workers_.front().urgent != nullptr; }
  // Destinations: of all workers, of one (`depth` pages), and pages for what comes back beside
  // them.
  [[nodiscard]] std::span<std::byte> pages() const;
  [[nodiscard]] std::span<std::byte> pages(std::size_t worker) const;
  [[nodiscard]] std::span<std::byte> spare_page(std::size_t index = 0) const;
  // Of all workers; none without a CPU codec beside them.
  [[nodiscard]] std::optional<ReliableCounters> recovery() const;

 private:
  [[nodiscard]] std::shared_ptr<Codec> make_codec(const std::string& name, QueuePair& queue,
                                                  const MakeCpu& make_cpu);

  pagepress::Device device_;
  DmaMap map_;
  std::size_t depth_;
  std::size_t spare_pages_;
  DmaBuffer destinations_;  // outlives the queues: a running one may write there
  std::vector<Worker> workers_;
  std::vector<std::shared_ptr<ReliableCodec>> reliable_;
};

}  // namespace pagepress::sim
