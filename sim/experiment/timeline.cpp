// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/timeline.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <systemc>

#include <fmt/format.h>
#include <pagepress/codecs.hpp>
#include <pagepress/eal.hpp>

#include "sim/experiment/adaptive_route.hpp"
#include "sim/experiment/block_store.hpp"
#include "sim/experiment/compare.hpp"
#include "sim/experiment/page_costs.hpp"
#include "sim/experiment/queue_setup.hpp"
#include "sim/experiment/verify.hpp"
#include "sim/experiment/worker_crew.hpp"
#include "sim/host/costed_codec.hpp"
#include "sim/host/engine_host.hpp"
#include "sim/host/sc_clock.hpp"
#include "sim/pagefile/page_class.hpp"

namespace pagepress::sim {
namespace {

constexpr std::size_t kEalMib = 32;              // for rings and DPDK itself, besides destinations
constexpr std::size_t kProcessStack = 1u << 20;  // libraries keep tables on the stack

// A queue with its workers, and what its producer compresses itself.
struct Kit {
  std::unique_ptr<PageQueue> queue;
  WorkerCrew::Workers workers;
  std::unique_ptr<SynchronousPath> path;  // none if the policy needs none
};

// All pages of one operation on their way through the FIFOs.
struct Pass {
  Pass(Operation op, PassRun& outcome) : operation(op), run(outcome) {}
  Operation operation;
  PassRun& run;
  std::vector<Page> items;  // cookies are indices of run.pages
  std::size_t done = 0;
  // Members: kswapd uses them even after the workers have ended in an error.
  Kit kit;
  sc_core::sc_event ready{operation == Operation::kCompress ? "store_ready" : "load_ready"};
};

class Timeline {
 public:
  Timeline(const CompareConfig& config, const std::string& name, const BackendTable& backends,
           const Workload& workload, const CostTable& costs, const PageCountFn& progress)
      : config_(config),
        shape_(queue_shape_of(config)),
        expects_faults_(config.expects_faults()),
        name_(name),
        backend_(backends.find(name)),
        workload_(workload),
        progress_(progress),
        verifier_(backend_.make_decoder, static_cast<std::uint32_t>(config.limit_bytes)),
        eal_({.memory_mib = eal_mib(config, expects_faults_)}) {
    run_.name = name;
    run_.mixed = backend_.is_engine() && config.route == "adaptive";
    if (backend_.is_engine()) {
      run_.clock_mhz = 1e6 / (clock_period(config.clock_mhz) / sc_core::sc_time(1, sc_core::SC_PS));
      hardware_.emplace(hardware_config());
      if (needs_cpu_codec(config)) {
        use_cpu(backends, std::string(kSoftwareCodec), costs, PageCosts::NoBlock::kMean);
      }
    } else {
      use_cpu(backends, name, costs, PageCosts::NoBlock::kError);
    }
  }

  BackendRun run() {
    sc_core::sc_spawn_options options;
    options.set_stack_size(static_cast<int>(kProcessStack));
    sc_core::sc_spawn([this] { guard([this] { kcompressd(); }); }, "kcompressd", &options);
    crew_.spawn(
        shape_.workers, [this](const std::function<void()>& body) { guard(body); }, options);
    sc_core::sc_spawn([this] { guard([this] { kswapd(); }); }, "kswapd", &options);
    sc_core::sc_spawn([this] { guard([this] { page_faults(); }); }, "page_faults", &options);
    // Else processes that are ready would run once more after sc_stop(), beside one that ended.
    sc_core::sc_set_stop_mode(sc_core::SC_STOP_IMMEDIATE);
    sc_core::sc_start();
    if (error_) std::rethrow_exception(error_);
    for (const Pass* pass : {&compress_, &decompress_}) {
      const std::vector<PageRecord>& pages = pass->run.pages;
      const auto missing = std::count_if(pages.begin(), pages.end(),
                                         [](const PageRecord& page) { return !page.completed; });
      if (missing != 0) {
        throw CompareError(
            fmt::format("{}: {} of {} pages were never completed: the simulation ran dry",
                        to_string(pass->operation), missing, pages.size()));
      }
    }
    if (hardware_ && hardware_->faults) run_.faults = report(hardware_->faults->book());
    return std::move(run_);
  }

 private:
  // With faults each of two queues a worker has two bounce slots of two pages for an entry.
  static std::size_t eal_mib(const CompareConfig& config, bool bounces) {
    const std::size_t pages = bounces ? 2 + 2 * 2 * 2 : 2;
    return kEalMib + (pages * config.workers * config.depth * kPageBytes >> 20);
  }

  static FaultReport report(const model::FaultBook& book) {
    FaultReport report;
    for (std::size_t i = 0; i < model::kFaultKinds; ++i) {
      const auto kind = static_cast<model::FaultKind>(i);
      if (book.applied(kind) != 0)
        report.applied[std::string(to_string(kind))] = book.applied(kind);
    }
    for (const model::FaultBook::Applied& entry : book.log()) {
      report.log.push_back(book.describe(entry));
    }
    report.not_due = book.not_due();
    return report;
  }

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

  std::uint64_t scaled(std::uint64_t ns) const {
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(ns) * config_.cost_scale));
  }

  // Of the driver's steps; a CPU codec is a function call.
  CpuCosts cpu_costs() const {
    CpuCosts costs;
    costs.enqueue_ns = scaled(config_.enqueue_ns);
    costs.dequeue_ns = scaled(config_.dequeue_ns);
    if (backend_.is_engine()) {
      costs.submit_ns = scaled(config_.submit_ns);
      costs.doorbell_ns = scaled(config_.doorbell_ns);
      costs.completion_ns = scaled(config_.completion_ns);
    }
    return costs;
  }

  // Of those that a worker is charged; where a CPU is beside it, the engine's codec charges its
  // own.
  CpuCosts worker_costs() const {
    CpuCosts costs = cpu_costs();
    if (run_.mixed) costs = {.enqueue_ns = costs.enqueue_ns, .dequeue_ns = costs.dequeue_ns};
    return costs;
  }

  // A CPU codec of our own on the timeline; needs costs.
  std::unique_ptr<CostedCodec> make_cpu() {
    return std::make_unique<CostedCodec>(
        cpu_->make_codec(/*for_cost=*/false), clock_,
        [this](const Request& request) { return page_costs_->of(request); });
  }

  void use_cpu(const BackendTable& backends, const std::string& name, const CostTable& costs,
               PageCosts::NoBlock no_block) {
    cpu_ = backends.find(name);
    page_costs_.emplace(costs.codec(name, cpu_->library), workload_, store_, config_.cost_scale,
                        no_block);
  }

  // A codec for each worker, and where it writes to.
  struct Station {
    Codec& codec;
    std::span<std::byte> destinations;
    std::shared_ptr<AdaptiveRoute> route = nullptr;  // around the codec, if there is a choice
    [[nodiscard]] Codec& worker_codec() const { return route ? route->codec() : codec; }
  };
  using Stations = std::vector<Station>;

  void kcompressd() {
    if (!backend_.is_engine()) {
      run_cpu();
      return;  // nothing is left to happen
    }
    auto driver = make_driver();
    if (!driver) {
      run_cpu();
      sc_core::sc_stop();
      return;
    }
    run_.device = driver->capabilities();
    try {
      run_engine(*driver);
    } catch (...) {
      // Its end would wait for a device that may never answer, and model every cycle of
      // that; the simulation stops here and so does the process.
      (void)driver.release();
      throw;
    }
    if (const auto counters = driver->recovery()) run_.driver = DriverReport{*counters, {}};
    driver.reset();
    sc_core::sc_stop();
  }

  HardwareConfig hardware_config() const {
    return {.make_device =
                [this] {
                  return backend_.make_device({.clock_period = clock_period(config_.clock_mhz),
                                               .engines = static_cast<unsigned>(config_.engines),
                                               .w = static_cast<unsigned>(config_.w)});
                },
            .link = config_.link_config(),
            .faults = config_.fault_plan(),
            .probe = true};
  }

  // None if a fault has it that there is no device: then all is the CPU's.
  std::unique_ptr<EngineDriver> make_driver() {
    EngineDriver::MakeCpu make_helper;
    if (expects_faults_) {
      make_helper = [this] {
        auto codec = make_cpu();
        helpers_.push_back(codec.get());
        return codec;
      };
    }
    std::vector<std::span<const std::byte>> sources;
    for (const Workload::Input& input : workload_.inputs()) {
      sources.push_back(std::as_bytes(input.file.bytes()));
    }
    const EngineDriverConfig setup{
        .workers = config_.workers, .depth = config_.depth, .watchdog_us = config_.watchdog_us};
    try {
      return std::make_unique<EngineDriver>(name_, hardware_->bus, clock_, eal_.memory(), setup,
                                            sources, make_helper);
    } catch (const DeviceError& error) {
      if (!expects_faults_) throw;
      helpers_.clear();
      run_.mixed = false;
      run_.driver = DriverReport{.counters = {}, .no_device = error.what()};
      return nullptr;
    }
  }

  // CPU time of what engines with faults left to CPUs, and of checking their answers.
  std::uint64_t helpers_ns() const {
    std::uint64_t ns = 0;
    for (const CostedCodec* codec : helpers_) ns += codec->spent_ns();
    return ns;
  }

  void run_cpu() {
    std::vector<std::unique_ptr<CostedCodec>> codecs;
    std::vector<std::byte> destinations(shape_.workers * kPageBytes);
    Stations stations;
    for (std::size_t i = 0; i < shape_.workers; ++i) {
      codecs.push_back(make_cpu());
      stations.push_back(
          {*codecs.back(), std::span(destinations).subspan(i * kPageBytes, kPageBytes)});
    }
    store_pages(stations);
    load_pages(stations);
    // A fault decompresses on the core of its process: nobody is in its way.
    const auto own = make_cpu();
    std::vector<std::byte> page(kPageBytes);
    load_while_storing(stations, *own, page);
  }

  void run_engine(EngineDriver& driver) {
    hardware_pages_ = driver.pages();
    Stations storing;
    Stations loading;
    for (std::size_t i = 0; i < driver.workers().size(); ++i) {
      // A worker that waits for its batch has no more than that in flight.
      const std::size_t bytes = (shape_.pipelined ? config_.depth : shape_.batch) * kPageBytes;
      const std::span<std::byte> pages = driver.pages(i).first(bytes);
      const EngineDriver::Worker& worker = driver.workers()[i];
      storing.push_back({*worker.compress, pages});
      loading.push_back({*worker.decompress, pages});
      if (!run_.mixed) continue;
      storing.back().route = make_route(*worker.compress, *worker.queue);
      loading.back().route =
          make_route(*worker.decompress, worker.urgent ? *worker.urgent : *worker.queue);
    }
    store_pages(storing);
    // A map that was revoked takes nothing any more; what is not in it is bounced.
    if (!store_.blocks().empty() && !driver.map().revoked()) {
      driver.map().add_source(store_.memory());
    }
    load_pages(loading);
    if (driver.has_urgent_queues()) {
      load_while_storing(storing, loading.front().codec, driver.spare_page());
    }
  }

  std::shared_ptr<AdaptiveRoute> make_route(Codec& engine, QueuePair& queue) {
    return std::make_shared<AdaptiveRoute>(name_, engine, queue, make_cpu(), clock_, cpu_costs(),
                                           config_.watchdog_us * 1000);
  }

  void store_pages(const Stations& stations) {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < workload_.page_count(); ++i) {
      compress_.items.push_back({.data = workload_.page(i).data(), .cookie = i});
      // Same-filled pages take a shorter way and would flatter the idle latency.
      if (classify(workload_.page(i)) == PageKind::kOther) candidates.push_back(i);
    }
    run_pass(compress_, stations, candidates);
    if (!backend_.is_engine()) run_.compress.cpu_ns_per_page = page_costs_->mean_compress();
  }

  void load_pages(const Stations& stations) {
    run_.block_bytes = store_.bytes();
    const std::vector<BlockStore::Block>& blocks = store_.blocks();
    if (blocks.empty()) return;
    std::vector<std::size_t> candidates;
    for (const BlockStore::Block& block : blocks) {
      candidates.push_back(decompress_.items.size());
      decompress_.items.push_back({.data = store_.data(block),
                                   .cookie = decompress_.items.size(),
                                   .operation = Operation::kDecompress,
                                   .len = block.len,
                                   .crc32c = expected_crc(block.page)});
    }
    run_pass(decompress_, stations, candidates);
    if (!backend_.is_engine()) run_.decompress.cpu_ns_per_page = page_costs_->mean_decompress();
  }

  // None: nobody doubts the device.
  std::optional<std::uint32_t> expected_crc(std::size_t page) const {
    if (!expects_faults_) return std::nullopt;
    return crc32c(workload_.page(page).data(), kPageBytes);
  }

  KcompressdConfig queue_config() const {
    KcompressdConfig config;
    config.batch = shape_.batch;
    config.limit = static_cast<std::uint32_t>(config_.limit_bytes);
    config.poll_interval_ns = config_.poll_interval_ns;
    config.idle_interval_ns = config_.poll_interval_ns;
    config.costs = worker_costs();
    return config;
  }

  Kit make_kit(const Stations& stations, const PageSink& sink) {
    Kit kit;
    kit.queue = make_page_queue(shape_);
    for (unsigned i = 0; i < shape_.workers; ++i) {
      kit.workers.push_back(
          std::make_unique<Kcompressd>(*kit.queue, shape_.fifo_of(i), stations[i].worker_codec(),
                                       clock_, stations[i].destinations, sink, queue_config()));
    }
    if (page_costs_ && (!backend_.is_engine() || needs_software(config_))) {
      if (!kswapd_codec_) kswapd_codec_ = make_cpu();
      kit.path = std::make_unique<SynchronousPath>(*kswapd_codec_, sink,
                                                   static_cast<std::uint32_t>(config_.limit_bytes));
    }
    return kit;
  }

  // Page faults while kswapd compresses as fast as it can: kswapd goes round all pages
  // again until page_faults() has had its own.
  void load_while_storing(const Stations& storing, Codec& loading, std::span<std::byte> page) {
    if (store_.blocks().empty() || config_.idle_pages == 0) return;
    // Their answers have been verified in the pass of compression.
    load_.emplace(
        Load{.kit = make_kit(storing, [](const PageDone&) {}), .codec = loading, .page = page});
    load_ready_.notify();
    crew_.run(load_->kit.workers);
  }

  // A page counts once, however often it came back wrong.
  [[nodiscard]] bool known_wrong(std::size_t page) const {
    const std::vector<Mismatch>& wrong = run_.decompress.mismatches;
    return std::any_of(wrong.begin(), wrong.end(),
                       [page](const Mismatch& mismatch) { return mismatch.page == page; });
  }

  void page_faults() {
    if (!load_) sc_core::wait(load_ready_);  // for ever, if there are none
    // Not before the back end is full.
    while (load_->kit.queue->counters().completed < config_.depth) {
      clock_.pause_ns(config_.poll_interval_ns);
    }
    const std::vector<Page>& blocks = decompress_.items;
    const std::size_t count = std::min<std::size_t>(blocks.size(), config_.idle_pages);
    for (std::size_t i = 0; i < count; ++i) {
      const Page& block = blocks[i * blocks.size() / count];
      Completion done;
      run_.decompress.busy_ns.push_back(run_alone(load_->codec, block, load_->page, done));
      const std::size_t source = store_.blocks().at(block.cookie).page;
      const std::string reason =
          verifier_.loaded(workload_.page(source), done, load_->page.first(done.out_len));
      if (!reason.empty() && !known_wrong(source)) {
        note(run_.decompress, source, "while others were compressed: " + reason);
      }
    }
    faults_done_ = true;
  }

  void run_pass(Pass& pass, const Stations& stations,
                const std::vector<std::size_t>& idle_candidates) {
    PassRun& run = pass.run;
    run.pages.resize(pass.items.size());
    run.order.reserve(pass.items.size());
    probe_idle_latency(pass, stations.front(), idle_candidates);
    const std::uint64_t helped_ns = helpers_ns();

    pass.kit = make_kit(stations, [this, &pass](const PageDone& done) { sink(pass, done); });
    if (hardware_) hardware_->probe->start(hardware_pages_);
    progress_(pass.operation, 0, pass.items.size());
    const auto started = std::chrono::steady_clock::now();
    pass.ready.notify();
    crew_.run(pass.kit.workers);
    run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    note_queue(pass);
    if (backend_.is_engine()) {
      std::uint64_t ns =
          run.worker.charged_ns + run.queue.synchronous_ns + helpers_ns() - helped_ns;
      for (const Station& station : stations) ns += station.route ? station.route->spent_ns() : 0;
      run.cpu_ns_per_page = static_cast<double>(ns) / static_cast<double>(run.pages.size());
    }
    if (run_.mixed) note_routes(run.queue.route.emplace(), stations);
  }

  static void note_routes(RouterCounters& sum, const Stations& stations) {
    for (const Station& station : stations) sum += station.route->codec().counters();
  }

  void note_queue(Pass& pass) {
    QueueRun& queue = pass.run.queue;
    queue.pages = pass.kit.queue->counters();
    queue.refused = gate_.counts();
    if (pass.kit.path) {
      queue.synchronous = pass.kit.path->pages();
      queue.synchronous_ns = pass.kit.path->spent_ns();
    }
    for (const auto& worker : pass.kit.workers) {
      queue.workers.push_back(worker->counters());
      pass.run.worker += worker->counters();
    }
  }

  // kswapd's part, and swap-in's: all pages in order, back pressure where there is no room.
  void kswapd() {
    for (Pass* pass : {&compress_, &decompress_}) {
      if (!pass->kit.queue) sc_core::wait(pass->ready);  // for ever, if nothing was stored
      produce(pass->kit, [pass](Producer& producer) {
        for (const Page& page : pass->items) (void)producer.put(page);
      });
    }
    if (!load_) sc_core::wait(load_ready_);
    produce(load_->kit, [this](Producer& producer) {
      for (std::size_t i = 0; !faults_done_; i = (i + 1) % compress_.items.size()) {
        (void)producer.put(compress_.items[i]);
      }
    });
  }

  template <typename Body>
  void produce(Kit& kit, Body body) {
    gate_ = EnqueueGate(shape_.rule);
    const auto policy = make_policy(config_, kit.path.get());
    Producer producer(*kit.queue, clock_, *policy, cpu_costs().enqueue_ns);
    producer.set_gate(gate_, kit.path.get());
    body(producer);
    kit.queue->stop();
  }

  void sink(Pass& pass, const PageDone& done) {
    PassRun& run = pass.run;
    const std::size_t index = done.page.cookie;
    PageRecord& page = run.pages.at(index);
    if (page.completed) {
      throw CompareError(
          fmt::format("{}: page {} was completed twice", to_string(pass.operation), index));
    }
    page = to_record(done);
    page.answer = answer_hash(done.completion, done.out);
    if (!done.synchronous) {
      page.arrive_ps = arrival_ps(run, done);
      run.order.push_back(static_cast<std::uint32_t>(index));
    }
    if (pass.operation == Operation::kCompress) {
      check_stored(index, done);
    } else {
      const std::size_t source = store_.blocks().at(index).page;
      note(run, source, verifier_.loaded(workload_.page(source), done.completion, done.out));
    }
    progress_(pass.operation, ++pass.done, run.pages.size());
  }

  // When the next completion of the workers was written, which `done` is of.
  std::uint64_t arrival_ps(const PassRun& run, const PageDone& done) const {
    if (!hardware_) return 0;
    // One queue: completions are polled in the order in which they were written. With faults some
    // are written that nobody sees.
    if (shape_.workers == 1 && !run_.mixed && !hardware_->faults) {
      return hardware_->probe->arrivals_ps().at(run.order.size());
    }
    return done.complete_ns * 1000;
  }

  // What was stored wrongly is counted here and not sent back: it cannot come back right.
  void check_stored(std::size_t index, const PageDone& done) {
    std::string reason = verifier_.stored(workload_.page(index), done.completion, done.out);
    if (reason.empty() && done.completion.status == Status::kOk) store_.add(index, done.out);
    note(run_.compress, index, std::move(reason));
  }

  static void note(PassRun& run, std::size_t page, std::string reason) {
    if (!reason.empty()) run.mismatches.push_back({page, std::move(reason)});
  }

  // Latency without waiting: one page at a time, pages spread over the candidates.
  // They are verified when they come again in the main phase.
  void probe_idle_latency(Pass& pass, const Station& station,
                          const std::vector<std::size_t>& candidates) {
    const std::size_t count = std::min<std::size_t>(candidates.size(), config_.idle_pages);
    for (std::size_t i = 0; i < count; ++i) {
      Completion done;
      const Page& page = pass.items[candidates[i * candidates.size() / count]];
      pass.run.idle_ns.push_back(run_alone(station.codec, page, station.destinations, done));
    }
  }

  // One page, nothing else by this process; how long it took.
  std::uint64_t run_alone(Codec& codec, const Page& page, std::span<std::byte> destination,
                          Completion& done) {
    const CpuCosts costs = cpu_costs();
    const Request request = to_request(
        page, destination.data(), static_cast<std::uint32_t>(config_.limit_bytes), page.cookie);
    const std::uint64_t start = clock_.now_ns();  // as Kcompressd stamps it
    clock_.pause_ns(costs.submit_ns + costs.doorbell_ns);
    if (codec.submit({&request, 1}) != 1) throw CompareError("an idle back end took no page");
    while (codec.poll({&done, 1}) == 0) clock_.pause_ns(config_.poll_interval_ns);
    clock_.pause_ns(costs.completion_ns);
    return clock_.now_ns() - start;
  }

  const CompareConfig& config_;
  const QueueShape shape_;
  const bool expects_faults_;
  const std::string& name_;
  const Backend backend_;
  const Workload& workload_;
  const PageCountFn& progress_;
  const Verifier verifier_;
  ScClock clock_;
  Eal eal_;  // before all that allocates from it
  std::optional<Hardware> hardware_;
  std::span<const std::byte> hardware_pages_;  // destinations of all workers
  BackendRun run_;
  BlockStore store_;
  std::optional<Backend> cpu_;           // of the CPU codecs, with
  std::optional<PageCosts> page_costs_;  // their costs: none if the run has no CPU codec
  std::unique_ptr<CostedCodec> kswapd_codec_;
  std::vector<const CostedCodec*> helpers_;  // the CPUs of ReliableCodecs
  WorkerCrew crew_;
  EnqueueGate gate_{shape_.rule};  // of the present pass
  Pass compress_{Operation::kCompress, run_.compress};
  Pass decompress_{Operation::kDecompress, run_.decompress};
  // Compression once more, with page faults beside it.
  struct Load {
    Kit kit;
    Codec& codec;               // of the faults
    std::span<std::byte> page;  // theirs
  };
  std::optional<Load> load_;
  sc_core::sc_event load_ready_{"faults_ready"};
  bool faults_done_ = false;
  std::exception_ptr error_;
};

}  // namespace

BackendRun run_timeline(const CompareConfig& config, const std::string& name,
                        const BackendTable& backends, const Workload& workload,
                        const CostTable& costs, const PageCountFn& progress) {
  Timeline timeline(config, name, backends, workload, costs, progress);
  return timeline.run();
}

}  // namespace pagepress::sim
