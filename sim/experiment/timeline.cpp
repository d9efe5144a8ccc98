// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/timeline.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <systemc>

#include <fmt/format.h>
#include <pagepress/codecs.hpp>
#include <pagepress/device.hpp>
#include <pagepress/eal.hpp>
#include <pagepress/kcompressd.hpp>
#include <pagepress/memory.hpp>
#include <pagepress/queue_pair.hpp>

#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "sim/experiment/compare.hpp"
#include "sim/experiment/verify.hpp"
#include "sim/host/completion_probe.hpp"
#include "sim/host/costed_codec.hpp"
#include "sim/host/sc_clock.hpp"
#include "sim/host/tlm_bus.hpp"
#include "sim/pagefile/page_class.hpp"

namespace pagepress::sim {
namespace {

constexpr std::size_t kEalMib = 32;              // for rings and DPDK itself, besides destinations
constexpr std::size_t kProcessStack = 1u << 20;  // liblz4 keeps its tables on the stack

std::span<std::byte> source_bytes(const Workload::Input& input) {
  // The device maps it read-only; Bus::map() takes a plain pointer for both.
  const std::span<const std::uint8_t> bytes = input.file.bytes();
  return {reinterpret_cast<std::byte*>(const_cast<std::uint8_t*>(bytes.data())), bytes.size()};
}

// The model's side of an engine: made during elaboration.
struct Hardware {
  Hardware(const Backend& backend, const CompareConfig& config)
      : memory("memory"),
        probe("probe"),
        link("link", config.link_config()),
        bus("bus", memory),
        device(backend.make_device(clock_period(config.clock_mhz))) {
    bus.socket.bind(link.host);
    link.registers.bind(device->registers);
    device->dma.bind(link.dma);
    link.memory.bind(probe.target);
    probe.initiator.bind(memory.socket);
    device->irq.bind(link.irq_in);
  }
  model::HostMemory memory;
  CompletionProbe probe;
  model::Link link;
  TlmBus bus;
  std::unique_ptr<model::Device> device;
};

// The driver's side of an engine: lives in the worker's process, as its set-up
// and its end wait for registers.
struct Driver {
  Driver(const std::string& name, Bus& bus, Clock& clock, DmaAllocator& allocator,
         const CompareConfig& config, const Workload& workload)
      : device(bus, clock, {.register_timeout_ns = config.watchdog_us * 1000}),
        map(bus),
        destinations(map, allocator, config.depth * kPageBytes),
        queue(device, map, allocator, queue_config(config)),
        codec(make_engine_codec(name, queue, map)) {
    for (const Workload::Input& input : workload.inputs()) map.add_source(source_bytes(input));
  }
  static QueueConfig queue_config(const CompareConfig& config) {
    QueueConfig queue;
    queue.sq_depth = static_cast<unsigned>(config.depth);
    queue.cq_depth = static_cast<unsigned>(config.depth);
    queue.completion_timeout_ns = config.watchdog_us * 1000;
    return queue;
  }
  pagepress::Device device;
  DmaMap map;
  DmaBuffer destinations;  // outlives the queue: a running one may write there
  QueuePair queue;
  std::unique_ptr<Codec> codec;
};

class Timeline {
 public:
  Timeline(const CompareConfig& config, const std::string& name, const Backend& backend,
           const Workload& workload, const CostTable& costs, const PageCountFn& progress)
      : config_(config),
        name_(name),
        backend_(backend),
        workload_(workload),
        progress_(progress),
        eal_({.memory_mib = kEalMib + (2 * config.depth * kPageBytes >> 20)}) {
    run_.name = name;
    run_.pages.resize(workload.page_count());
    run_.order.reserve(workload.page_count());
    if (backend.is_engine()) {
      run_.clock_mhz = 1e6 / (clock_period(config.clock_mhz) / sc_core::sc_time(1, sc_core::SC_PS));
      hardware_.emplace(backend, config);
    } else {
      costs_ = &costs.codec(name, backend.library);
      run_.cpu_ns_per_page = costs_->mean_ns() * config.cost_scale;
    }
  }

  BackendRun run() {
    sc_core::sc_spawn_options options;
    options.set_stack_size(static_cast<int>(kProcessStack));
    sc_core::sc_spawn([this] { guard([this] { kcompressd(); }); }, "kcompressd", &options);
    sc_core::sc_spawn([this] { guard([this] { kswapd(); }); }, "kswapd", &options);
    // Else processes that are ready would run once more after sc_stop(), beside one that ended.
    sc_core::sc_set_stop_mode(sc_core::SC_STOP_IMMEDIATE);
    sc_core::sc_start();
    if (error_) std::rethrow_exception(error_);
    const auto missing = std::count_if(run_.pages.begin(), run_.pages.end(),
                                       [](const PageRecord& page) { return !page.completed; });
    if (missing != 0) {
      throw CompareError(fmt::format("{} of {} pages were never completed: the simulation ran dry",
                                     missing, run_.pages.size()));
    }
    return std::move(run_);
  }

 private:
  // An exception must not unwind into SystemC: it ends the simulation.
  template <typename Body>
  void guard(Body body) {
    try {
      body();
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // SystemC's own way to end a process
    } catch (...) {
      if (!error_) error_ = std::current_exception();
      sc_core::sc_stop();
    }
  }

  CpuCosts cpu_costs() const {
    const auto scaled = [this](std::uint64_t ns) {
      return static_cast<std::uint64_t>(std::llround(static_cast<double>(ns) * config_.cost_scale));
    };
    CpuCosts costs;
    costs.enqueue_ns = scaled(config_.enqueue_ns);
    costs.dequeue_ns = scaled(config_.dequeue_ns);
    if (backend_.is_engine()) {  // a CPU codec is a function call
      costs.submit_ns = scaled(config_.submit_ns);
      costs.doorbell_ns = scaled(config_.doorbell_ns);
      costs.completion_ns = scaled(config_.completion_ns);
    }
    return costs;
  }

  std::uint64_t page_cost(const Request& request) const {
    const auto* source = static_cast<const std::uint8_t*>(request.src);
    for (std::size_t i = 0; i < workload_.inputs().size(); ++i) {
      const std::span<const std::uint8_t> bytes = workload_.inputs()[i].file.bytes();
      if (source < bytes.data() || source >= bytes.data() + bytes.size()) continue;
      const std::size_t page = static_cast<std::size_t>(source - bytes.data()) / kPageBytes;
      return static_cast<std::uint64_t>(std::llround(costs_->ns[i][page] * config_.cost_scale));
    }
    throw CompareError("a page that is of no input was compressed");
  }

  void kcompressd() {
    if (!backend_.is_engine()) {
      CostedCodec codec(backend_.make_codec(/*for_cost=*/false), clock_,
                        [this](const Request& request) { return page_cost(request); });
      std::vector<std::byte> destinations(codec.depth() * kPageBytes);
      compress(codec, destinations);
      return;  // nothing is left to happen
    }
    auto driver =
        std::make_unique<Driver>(name_, hardware_->bus, clock_, eal_.memory(), config_, workload_);
    try {
      compress(*driver->codec, driver->destinations.span());
    } catch (...) {
      // Its end would wait for a device that may never answer, and model every cycle of
      // that; the simulation stops here and so does the process.
      (void)driver.release();
      throw;
    }
    driver.reset();
    sc_core::sc_stop();
  }

  void compress(Codec& codec, std::span<std::byte> destinations) {
    probe_idle_latency(codec, destinations);

    KcompressdConfig queue_config;
    queue_config.fifo_entries = static_cast<unsigned>(config_.fifo_entries);
    queue_config.batch = static_cast<unsigned>(config_.batch);
    queue_config.limit = static_cast<std::uint32_t>(config_.limit_bytes);
    queue_config.poll_interval_ns = config_.poll_interval_ns;
    queue_config.idle_interval_ns = config_.poll_interval_ns;
    queue_config.costs = cpu_costs();
    queue_.emplace(
        codec, clock_, destinations, [this](const PageDone& done) { sink(done); }, queue_config);
    if (hardware_) hardware_->probe.start(destinations);
    progress_(0);
    const auto started = std::chrono::steady_clock::now();
    queue_ready_.notify();
    queue_->run();
    run_.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    run_.worker = queue_->counters();
    if (backend_.is_engine()) {
      run_.cpu_ns_per_page =
          static_cast<double>(run_.worker.charged_ns) / static_cast<double>(run_.pages.size());
    }
  }

  // kswapd's part: all pages in order; `wait` when the FIFO is full.
  void kswapd() {
    if (!queue_) sc_core::wait(queue_ready_);
    // A back end that hangs is found by the worker; a slow one may keep the FIFO full for long.
    constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();
    const auto policy = make_wait_policy(config_.full_wait_ns, kForEver);
    Producer producer(*queue_, clock_, *policy);
    for (std::size_t i = 0; i < workload_.page_count(); ++i) {
      (void)producer.put({.data = workload_.page(i).data(), .cookie = i});
    }
    queue_->stop();
  }

  void sink(const PageDone& done) {
    const std::size_t index = done.page.cookie;
    PageRecord& page = run_.pages.at(index);
    if (page.completed) throw CompareError(fmt::format("page {} was completed twice", index));
    page.completed = true;
    page.status = done.completion.status;
    page.out_len = done.completion.out_len;
    page.engine_cycles = done.completion.engine_cycles;
    page.zero = page.status == Status::kSameFilled && done.completion.info == 0;
    page.enqueue_ns = done.enqueue_ns;
    page.submit_ns = done.submit_ns;
    page.complete_ns = done.complete_ns;
    // One queue: completions are polled in the order in which they were written.
    if (hardware_) page.arrive_ps = hardware_->probe.arrivals_ps().at(run_.order.size());
    run_.order.push_back(static_cast<std::uint32_t>(index));
    std::string reason = verify(workload_.page(index), done.completion, done.out,
                                static_cast<std::uint32_t>(config_.limit_bytes));
    if (!reason.empty()) run_.mismatches.push_back({index, std::move(reason)});
    progress_(run_.order.size());
  }

  // Latency without waiting: one page at a time, pages spread over the workload.
  // They are verified when they come again in the main phase.
  void probe_idle_latency(Codec& codec, std::span<std::byte> destinations) {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < workload_.page_count(); ++i) {
      // Same-filled pages take a shorter way and would flatter the figure.
      if (classify(workload_.page(i)) == PageKind::kOther) candidates.push_back(i);
    }
    const std::size_t count = std::min<std::size_t>(candidates.size(), config_.idle_pages);
    const CpuCosts costs = cpu_costs();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t index = candidates[i * candidates.size() / count];
      const Request request{.src = workload_.page(index).data(),
                            .dst = destinations.data(),
                            .capacity = kPageBytes,
                            .limit = static_cast<std::uint32_t>(config_.limit_bytes),
                            .tag = index};
      const std::uint64_t start = clock_.now_ns();  // as Kcompressd stamps it
      clock_.pause_ns(costs.submit_ns + costs.doorbell_ns);
      if (codec.submit({&request, 1}) != 1) throw CompareError("an idle back end took no page");
      Completion done;
      while (codec.poll({&done, 1}) == 0) clock_.pause_ns(config_.poll_interval_ns);
      clock_.pause_ns(costs.completion_ns);
      run_.idle_ns.push_back(clock_.now_ns() - start);
    }
  }

  const CompareConfig& config_;
  const std::string& name_;
  const Backend& backend_;
  const Workload& workload_;
  const CodecCosts* costs_ = nullptr;
  const PageCountFn& progress_;
  ScClock clock_;
  Eal eal_;  // before all that allocates from it
  std::optional<Hardware> hardware_;
  // A member: kswapd uses it even after the worker has ended in an error.
  std::optional<Kcompressd> queue_;
  sc_core::sc_event queue_ready_{"queue_ready"};
  std::exception_ptr error_;
  BackendRun run_;
};

}  // namespace

BackendRun run_timeline(const CompareConfig& config, const std::string& name,
                        const Backend& backend, const Workload& workload, const CostTable& costs,
                        const PageCountFn& progress) {
  Timeline timeline(config, name, backend, workload, costs, progress);
  return timeline.run();
}

}  // namespace pagepress::sim
