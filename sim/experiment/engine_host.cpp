// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/engine_host.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "rtl/abi/pagepress_abi.h"
#include "sim/experiment/compare.hpp"

namespace pagepress::sim {
namespace {

// Every page and block is registered: one that is not is a fault of this file. With faults some of
// it may have to be taken away from the device: then there is a pool.
constexpr EngineCodecConfig kNoBounce{.bounce_slots = 0};
constexpr unsigned kBounceSlots = 2;         // a request: source and destination
constexpr unsigned kDecompressPriority = 1;  // compression has 0: a swap-in is waited for

std::span<std::byte> source_bytes(const Workload::Input& input) {
  // The device maps it read-only; Bus::map() takes a plain pointer for both.
  const std::span<const std::uint8_t> bytes = input.file.bytes();
  return {reinterpret_cast<std::byte*>(const_cast<std::uint8_t*>(bytes.data())), bytes.size()};
}

QueueConfig queue_config(const CompareConfig& config, std::size_t index, unsigned priority) {
  QueueConfig queue;
  queue.index = static_cast<unsigned>(index);
  queue.priority = priority;
  queue.sq_depth = static_cast<unsigned>(config.depth);
  queue.cq_depth = static_cast<unsigned>(config.depth);
  queue.completion_timeout_ns = config.watchdog_us * 1000;
  return queue;
}

}  // namespace

Hardware::Hardware(const Backend& backend, const CompareConfig& config)
    : memory("memory"),
      probe("probe"),
      link("link", config.link_config()),
      bus("bus", memory, sc_core::sc_time(config.link_config().iommu_map_ns, sc_core::SC_NS)),
      device(backend.make_device({.clock_period = clock_period(config.clock_mhz),
                                  .engines = static_cast<unsigned>(config.engines),
                                  .w = static_cast<unsigned>(config.w)})) {
  bus.socket.bind(link.host);
  link.memory.bind(probe.target);
  probe.initiator.bind(memory.socket);
  if (std::optional<model::FaultPlan> plan = config.fault_plan()) {
    faults.emplace("faults", std::move(*plan)).bind(*device, link);
    return;
  }
  link.registers.bind(device->registers);
  device->dma.bind(link.dma);
  device->irq.bind(link.irq_in);
}

EngineDriver::EngineDriver(const std::string& name, Bus& bus, Clock& clock, DmaAllocator& allocator,
                           const CompareConfig& config, const Workload& workload,
                           const MakeCpu& make_cpu)
    : device_(bus, clock, {.register_timeout_ns = config.watchdog_us * 1000}),
      map_(bus),
      depth_(config.depth),
      destinations_(map_, allocator, (config.workers * config.depth + 1) * kPageBytes),
      workers_(config.workers) {
  const Capabilities& capabilities = device_.capabilities();
  if ((capabilities.operations >> PP_OP_DECOMPRESS & 1u) == 0) {
    throw CompareError(
        "the device cannot decompress (PP_REG_CAP1 lacks PP_OP_DECOMPRESS), so that there is "
        "nothing to compare");
  }
  if (workers_.size() > capabilities.queues) {
    throw CompareError(fmt::format("queue.workers ({}): the device has {} queues, one a worker",
                                   workers_.size(), capabilities.queues));
  }
  const bool urgent =
      capabilities.has(PP_FEAT_PRIORITY) && capabilities.queues >= 2 * workers_.size();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    worker.queue =
        std::make_unique<QueuePair>(device_, map_, allocator, queue_config(config, i, 0));
    worker.compress = make_codec(name, *worker.queue, make_cpu);
    if (urgent) {
      worker.urgent = std::make_unique<QueuePair>(
          device_, map_, allocator, queue_config(config, workers_.size() + i, kDecompressPriority));
    }
    worker.decompress = urgent ? make_codec(name, *worker.urgent, make_cpu) : worker.compress;
  }
  for (const Workload::Input& input : workload.inputs()) map_.add_source(source_bytes(input));
}

std::shared_ptr<Codec> EngineDriver::make_codec(const std::string& name, QueuePair& queue,
                                                const MakeCpu& make_cpu) {
  if (!make_cpu) return make_engine_codec(name, queue, map_, kNoBounce);
  // Destinations are bounced as a completion may name another page than the one that is done; and
  // sources once the device had to be cut off from memory.
  const EngineCodecConfig bounce{.bounce_slots = kBounceSlots * static_cast<unsigned>(depth_),
                                 .bounce_destinations = true};
  reliable_.push_back(make_reliable_codec(make_engine_codec(name, queue, map_, bounce), make_cpu(),
                                          {.check_answers = true}));
  return reliable_.back();
}

std::optional<ReliableCounters> EngineDriver::recovery() const {
  if (reliable_.empty()) return std::nullopt;
  ReliableCounters sum;
  for (const auto& codec : reliable_) sum += codec->counters();
  return sum;
}

std::span<std::byte> EngineDriver::pages() const {
  return destinations_.span().first(destinations_.size() - kPageBytes);
}

std::span<std::byte> EngineDriver::pages(std::size_t worker) const {
  return pages().subspan(worker * depth_ * kPageBytes, depth_ * kPageBytes);
}

std::span<std::byte> EngineDriver::spare_page() const {
  return destinations_.span().last(kPageBytes);
}

}  // namespace pagepress::sim
