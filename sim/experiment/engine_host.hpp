// SPDX-License-Identifier: Apache-2.0
// An engine on the timeline: the model's side of it (Hardware), and the driver's (EngineDriver)
// with a queue pair, or one a direction, for each worker. With a CPU codec beside them the workers'
// codecs are ReliableCodecs that believe nothing: no fault of the device ends the run.
//
//   EngineDriver --> TlmBus --> Link --> Device
//                HostMemory <-- CompletionProbe <--'
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
#include "sim/experiment/backends.hpp"
#include "sim/experiment/config.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/host/completion_probe.hpp"
#include "sim/host/tlm_bus.hpp"

namespace pagepress::sim {

// Made during elaboration.
struct Hardware {
  Hardware(const Backend& backend, const CompareConfig& config);
  model::HostMemory memory;
  CompletionProbe probe;
  model::Link link;
  TlmBus bus;
  std::unique_ptr<model::Device> device;
  std::optional<model::FaultInjector> faults;  // with run.faults
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

  // `make_cpu`: what does a page that the engine fails to do; none: its faults are errors of the
  // run. Throws CompareError if the device cannot decompress or has too few queues, and what the
  // driver throws.
  EngineDriver(const std::string& name, Bus& bus, Clock& clock, DmaAllocator& allocator,
               const CompareConfig& config, const Workload& workload, const MakeCpu& make_cpu);

  [[nodiscard]] const Capabilities& capabilities() const { return device_.capabilities(); }
  [[nodiscard]] DmaMap& map() noexcept { return map_; }
  [[nodiscard]] const std::vector<Worker>& workers() const noexcept { return workers_; }
  // Whether decompression has queues of its own.
  [[nodiscard]] bool has_urgent_queues() const { return workers_.front().urgent != nullptr; }
  // Destinations: of all workers, of one (queue.depth pages), and a page for what comes back
  // beside them.
  [[nodiscard]] std::span<std::byte> pages() const;
  [[nodiscard]] std::span<std::byte> pages(std::size_t worker) const;
  [[nodiscard]] std::span<std::byte> spare_page() const;
  // Of all workers; none without a CPU codec beside them.
  [[nodiscard]] std::optional<ReliableCounters> recovery() const;

 private:
  [[nodiscard]] std::shared_ptr<Codec> make_codec(const std::string& name, QueuePair& queue,
                                                  const MakeCpu& make_cpu);

  pagepress::Device device_;
  DmaMap map_;
  std::size_t depth_;
  DmaBuffer destinations_;  // outlives the queues: a running one may write there
  std::vector<Worker> workers_;
  std::vector<std::shared_ptr<ReliableCodec>> reliable_;
};

}  // namespace pagepress::sim
