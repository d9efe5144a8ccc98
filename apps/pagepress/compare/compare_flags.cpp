// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/compare/compare_flags.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/experiment/compare.hpp"
#include "sim/experiment/queue_setup.hpp"

namespace pagepress::app {
namespace {

using sim::CompareConfig;

template <typename T>
struct Unwrapped {
  using Type = T;
};
template <typename T>
struct Unwrapped<std::optional<T>> {
  using Type = T;
};

class FlagAdder {
 public:
  FlagAdder(CLI::App& command, std::shared_ptr<CompareConfig> config)
      : command_(command), config_(std::move(config)) {}

  // A number or text. Ranges are for sim::check(), as they hold in TOML alike.
  template <typename Field>
  void add(const std::string& group, const std::string& names, Field CompareConfig::*field,
           const std::string& description) {
    using Value = typename Unwrapped<Field>::Type;
    CLI::Option* const option = command_.add_option_function<Value>(
        names, [config = config_, field](const Value& value) { (*config).*field = value; },
        description);
    option->group(group)->type_name(std::is_same_v<Value, std::string> ? "NAME" : "N");
    if constexpr (std::is_same_v<Field, Value>) {
      option->default_str(fmt::format("{}", (*config_).*field));
    }
  }

 private:
  CLI::App& command_;
  std::shared_ptr<CompareConfig> config_;
};

}  // namespace

void add_compare_flags(CLI::App& command, const std::shared_ptr<CompareConfig>& config) {
  // First, as the parser calls the options in the order of their definition.
  command
      .add_option_function<std::string>(
          "-c,--config", [config](const std::string& file) { sim::load_toml(file, *config); },
          "TOML file with any of the settings below; flags override it")
      ->type_name("FILE");
  command
      .add_option_function<std::vector<std::string>>(
          "FILE",
          [config](const std::vector<std::string>& files) {
            config->files.assign(files.begin(), files.end());
          },
          "Page files, compared in this order")
      ->type_name("");
  command
      .add_option_function<std::vector<std::string>>(
          "--backend,--backends",
          [config](const std::vector<std::string>& names) { config->backends = names; },
          "Back end, once for each (below)")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->default_str(fmt::format("{}", fmt::join(config->backends, " ")));
  command
      .add_option_function<std::string>(
          "--costs", [config](const std::string& file) { config->costs = file; },
          "CPU cost table: read if it is there, else measured and saved")
      ->type_name("FILE");

  FlagAdder flags(command, config);
  using C = CompareConfig;
  const std::string queue = "Queue of kcompressd";
  // Before those that differ from it.
  command
      .add_option_function<std::string>(
          "--queue,--shape",
          [config](const std::string& name) {
            config->shape = name;
            sim::apply_shape(*config);
          },
          "Shape of the queue: rfc, zram-v1, batch or parallel; what follows differs from it")
      ->group(queue)
      ->type_name("NAME")
      ->default_str(config->shape);
  flags.add(queue, "--fifo,--fifo-entries", &C::fifo_entries, "Entries of a FIFO");
  flags.add(queue, "--batch", &C::batch, "Pages that it takes and submits at once");
  flags.add(queue, "--depth", &C::depth, "Descriptors in flight");
  flags.add(queue, "--limit,--limit-bytes", &C::limit_bytes,
            "Longer output counts as incompressible [B]");
  flags.add(queue, "--workers", &C::workers, "Threads of kcompressd");
  flags.add(queue, "--split", &C::split, "How they divide what waits: shared, own, chunks");
  flags.add(queue, "--policy", &C::policy,
            "What kswapd does when the FIFO is full: wait, sync-newest, drain-oldest, "
            "divert-to-cpu");
  flags.add(queue, "--route", &C::route,
            "engine; or adaptive: to a CPU while the engine is slow or sick");

  const std::string host = "CPU of the host";
  flags.add(host, "--cost-scale", &C::cost_scale, "Time of CPU codecs: other core / this machine");
  flags.add(host, "--cost-sweeps", &C::cost_sweeps, "Measuring runs over all pages");
  flags.add(host, "--enqueue-ns", &C::enqueue_ns, "kswapd: put one page into the FIFO");
  flags.add(host, "--full-wait-ns", &C::full_wait_ns,
            "kswapd: until it looks again at a full FIFO");
  flags.add(host, "--dequeue-ns", &C::dequeue_ns, "Worker: take one page out of the FIFO");
  flags.add(host, "--submit-ns", &C::submit_ns, "Worker: write one descriptor");
  flags.add(host, "--doorbell-ns", &C::doorbell_ns, "Worker: one posted register write");
  flags.add(host, "--completion-ns", &C::completion_ns, "Worker: read one completion");
  flags.add(host, "--poll-interval-ns", &C::poll_interval_ns,
            "Worker: from one look at an empty ring to the next");

  const std::string engine = "Engine and link";
  flags.add(engine, "--engines", &C::engines, "Engines in the device (engine:fast)");
  flags.add(engine, "--w", &C::w,
            "Positions an engine looks at in a cycle: 8, 16, 32 (engine:fast)");
  flags.add(engine, "--clock-mhz", &C::clock_mhz, "Clock of the engine");
  flags.add(engine, "--link,--link-preset", &C::link_preset, "Link; what follows differs from it");
  flags.add(engine, "--link-upstream-latency-ns", &C::link_upstream_latency_ns,
            "Device to host, one way");
  flags.add(engine, "--link-downstream-latency-ns", &C::link_downstream_latency_ns,
            "Host to device, one way");
  flags.add(engine, "--link-memory-latency-ns", &C::link_memory_latency_ns,
            "From a read's arrival at memory to its first byte");
  flags.add(engine, "--link-upstream-bytes-per-ns", &C::link_upstream_bytes_per_ns,
            "Bandwidth, device to host");
  flags.add(engine, "--link-downstream-bytes-per-ns", &C::link_downstream_bytes_per_ns,
            "Bandwidth, host to device");

  const std::string run = "The run";
  flags.add(run, "--time", &C::time,
            "simulated, or real: threads of this machine, measured (back ends of the CPU, --bus)");
  command
      .add_option_function<std::string>(
          "--bus",
          [config, &command](const std::string& bus) {
            config->bus = bus;
            const std::optional<sim::RemoteBus> remote = config->remote_bus();
            if (!remote) return;
            if (command.count("--time") == 0) config->time = "real";
            if (command.count("--backend") == 0 && config->backends == CompareConfig().backends) {
              config->backends = {remote->backend()};
            }
          },
          "in-process; vfio-user:SOCKET: the engine that another process serves; or "
          "vfio:PCI-ADDRESS[,iova=va|pa]: one of this machine that vfio-pci has. Then --time is "
          "real and it is the back end unless others are named")
      ->group(run)
      ->type_name("BUS")
      ->default_str(config->bus);
  flags.add(run, "--idle-pages", &C::idle_pages, "Pages of the depth-1 latency probe; 0: none");
  flags.add(run, "--watchdog-us", &C::watchdog_us,
            "Simulated time without a completion that is an error");
  command
      .add_option_function<std::string>(
          "--faults", [config](const std::string& file) { config->faults = file; },
          "Plan of what goes wrong with engines (docs/faults.md)")
      ->group(run)
      ->type_name("FILE");
}

}  // namespace pagepress::app
