// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/real_compare.hpp"

#include <fmt/format.h>

#include "sim/experiment/compare.hpp"
#include "sim/experiment/queue_setup.hpp"
#include "sim/experiment/remote_engine.hpp"

namespace pagepress::sim {

RealConfig real_config(const CompareConfig& config) {
  RealConfig real;
  real.shape = queue_shape_of(config);
  real.depth = config.depth;
  real.limit_bytes = static_cast<std::uint32_t>(config.limit_bytes);
  real.policy = config.policy;
  real.full_wait_ns = config.full_wait_ns;
  real.poll_interval_ns = config.poll_interval_ns;
  real.idle_pages = config.idle_pages;
  return real;
}

BackendRun run_real_backend(const CompareConfig& config, const std::string& name,
                            const Backend& backend, const Workload& workload,
                            const RealProgressFn& progress) {
  if (backend.is_engine() && !backend.remote) {
    throw CompareError(fmt::format("{} does not run in real time", name));
  }
  if (backend.remote) {
    const RemoteBus bus = config.remote_bus().value();
    RemoteEngine engine(bus, static_cast<unsigned>(config.depth));
    BackendRun run = run_real(real_config(config), engine.backend(name), workload, progress);
    run.emulated = bus.kind == "vfio-user";
    return run;
  }
  RealBackend real;
  real.name = name;
  real.make_own_codec = [&backend] { return backend.make_codec(/*for_cost=*/true); };
  real.make_codec = [&real](Operation) { return real.make_own_codec(); };
  real.make_decoder = backend.make_decoder;
  return run_real(real_config(config), real, workload, progress);
}

}  // namespace pagepress::sim
