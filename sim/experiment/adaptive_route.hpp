// SPDX-License-Identifier: Apache-2.0
// AdaptiveRoute: what a worker with queue.route = "adaptive" has in place of an engine's
// codec: a CodecRouter over the engine and a CPU codec, with the CPU time of both.
// Limitation: an engine that hangs is restarted, its pages come back as aborted.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <pagepress/codec_router.hpp>
#include <pagepress/queue_pair.hpp>

#include "sim/host/charged_codec.hpp"
#include "sim/host/costed_codec.hpp"

namespace pagepress::sim {

class AdaptiveRoute {
 public:
  // `queue`: whose codec `engine` is. `costs`: of the driver's steps. `watchdog_ns`: silence
  // that the driver takes for a hang. References outlive this.
  AdaptiveRoute(const std::string& name, Codec& engine, QueuePair& queue,
                std::unique_ptr<CostedCodec> cpu, Clock& clock, const CpuCosts& costs,
                std::uint64_t watchdog_ns)
      : engine_(engine, clock, costs),
        cpu_(std::move(cpu)),
        router_(name, engine_, std::array<Codec*, 1>{cpu_.get()}, clock,
                config(queue, watchdog_ns)) {}
  AdaptiveRoute(const AdaptiveRoute&) = delete;
  AdaptiveRoute& operator=(const AdaptiveRoute&) = delete;

  [[nodiscard]] CodecRouter& codec() noexcept { return router_; }
  // CPU time of pages by either way.
  [[nodiscard]] std::uint64_t spent_ns() const noexcept {
    return engine_.spent_ns() + cpu_->spent_ns();
  }

 private:
  static RouterConfig config(QueuePair& queue, std::uint64_t watchdog_ns) {
    RouterConfig config;
    config.stall_ns = watchdog_ns / 2;  // CPUs take over before the driver gives up
    config.recover = [&queue] {
      queue.restart();
      return true;
    };
    return config;
  }

  ChargedCodec engine_;
  std::unique_ptr<CostedCodec> cpu_;
  CodecRouter router_;
};

}  // namespace pagepress::sim
