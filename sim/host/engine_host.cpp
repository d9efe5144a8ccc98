// SPDX-License-Identifier: Apache-2.0
#include "sim/host/engine_host.hpp"

#include <utility>

#include <fmt/format.h>

#include "rtl/abi/pagepress_abi.h"
#include "sim/host/engine_queues.hpp"

namespace pagepress::sim {
namespace {

// Every page and block is registered: one that is not is a fault of this file. With faults some of
// it may have to be taken away from the device: then there is a pool.
constexpr EngineCodecConfig kNoBounce{.bounce_slots = 0};
constexpr unsigned kBounceSlots = 2;  // a request: source and destination

QueueConfig queue_config(const EngineDriverConfig& config, std::size_t index, unsigned priority,
                         const WaitConfig& wait) {
  QueueConfig queue;
  queue.index = static_cast<unsigned>(index);
  queue.priority = priority;
  queue.sq_depth = static_cast<unsigned>(config.depth);
  queue.cq_depth = static_cast<unsigned>(config.depth);
  queue.completion_timeout_ns = config.watchdog_us * 1000;
  queue.wait = wait;
  queue.wait.vector += queue.index;
  return queue;
}

}  // namespace

Hardware::Hardware(HardwareConfig config)
    : memory("memory"),
      link("link", config.link),
      bus("bus", memory, sc_core::sc_time(config.link.iommu_map_ns, sc_core::SC_NS),
          config.vectors),
      device(config.make_device()) {
  bus.socket.bind(link.host);
  if (config.vectors != 0) link.irq.bind(bus.irq);
  if (config.probe) {
    probe.emplace("probe");
    link.memory.bind(probe->target);
    probe->initiator.bind(memory.socket);
  } else {
    link.memory.bind(memory.socket);
  }
  if (config.faults) {
    faults.emplace("faults", std::move(*config.faults)).bind(*device, link);
    return;
  }
  link.registers.bind(device->registers);
  device->dma.bind(link.dma);
  device->irq.bind(link.irq_in);
}

EngineDriver::EngineDriver(const std::string& name, Bus& bus, Clock& clock, DmaAllocator& allocator,
                           const EngineDriverConfig& config,
                           std::span<const std::span<const std::byte>> sources,
                           const MakeCpu& make_cpu)
    : device_(bus, clock, {.register_timeout_ns = config.watchdog_us * 1000}),
      map_(bus),
      depth_(config.depth),
      spare_pages_(config.spare_pages),
      destinations_(map_, allocator,
                    (config.workers * config.depth + config.spare_pages) * kPageSize),
      workers_(config.workers) {
  const Capabilities& capabilities = device_.capabilities();
  require_decompression(capabilities);
  if (workers_.size() > capabilities.queues) {
    throw UnfitEngine(fmt::format("queue.workers ({}): the device has {} queues, one a worker",
                                  workers_.size(), capabilities.queues));
  }
  const bool urgent =
      capabilities.has(PP_FEAT_PRIORITY) && capabilities.queues >= 2 * workers_.size();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    worker.queue = std::make_unique<QueuePair>(device_, map_, allocator,
                                               queue_config(config, i, 0, config.wait));
    worker.compress = make_codec(name, *worker.queue, make_cpu);
    if (urgent) {
      worker.urgent = std::make_unique<QueuePair>(
          device_, map_, allocator,
          queue_config(config, workers_.size() + i, kDecompressPriority, config.urgent_wait));
    }
    worker.decompress = urgent ? make_codec(name, *worker.urgent, make_cpu) : worker.compress;
  }
  for (const std::span<const std::byte> source : sources) map_.add_source(source);
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
  return destinations_.span().first(destinations_.size() - spare_pages_ * kPageSize);
}

std::span<std::byte> EngineDriver::pages(std::size_t worker) const {
  return pages().subspan(worker * depth_ * kPageSize, depth_ * kPageSize);
}

std::span<std::byte> EngineDriver::spare_page(std::size_t index) const {
  return destinations_.span().last((spare_pages_ - index) * kPageSize).first(kPageSize);
}

}  // namespace pagepress::sim
