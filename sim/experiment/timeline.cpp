// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/timeline.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>
#include <new>
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

#include "model/fault/fault_injector.hpp"
#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "rtl/abi/pagepress_abi.h"
#include "sim/experiment/compare.hpp"
#include "sim/experiment/verify.hpp"
#include "sim/host/completion_probe.hpp"
#include "sim/host/costed_codec.hpp"
#include "sim/host/sc_clock.hpp"
#include "sim/host/tlm_bus.hpp"
#include "sim/pagefile/page_class.hpp"

namespace pagepress::sim {
namespace {

constexpr std::size_t kEalMib = 32;  // for rings and DPDK itself, besides destinations
// Every page and block is registered: one that is not is a fault of this file.
constexpr EngineCodecConfig kNoBounce{.bounce_slots = 0};
constexpr unsigned kDecompressPriority = 1;      // compression has 0: a swap-in is waited for
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
  model::HostMemory memory;
  CompletionProbe probe;
  model::Link link;
  TlmBus bus;
  std::unique_ptr<model::Device> device;
  std::optional<model::FaultInjector> faults;
};

// The driver's side of an engine: lives in the worker's process, as its set-up
// and its end wait for registers.
struct Driver {
  Driver(const std::string& name, Bus& bus, Clock& clock, DmaAllocator& allocator,
         const CompareConfig& config, const Workload& workload)
      : device(bus, clock, {.register_timeout_ns = config.watchdog_us * 1000}),
        map(bus),
        destinations(map, allocator, (config.depth + 1) * kPageBytes),
        queue(device, map, allocator, queue_config(config)),
        compress(make_engine_codec(name, queue, map, kNoBounce)) {
    const Capabilities& capabilities = device.capabilities();
    if ((capabilities.operations >> PP_OP_DECOMPRESS & 1u) == 0) {
      throw CompareError(
          "the device cannot decompress (PP_REG_CAP1 lacks PP_OP_DECOMPRESS), so that there is "
          "nothing to compare");
    }
    if (capabilities.has(PP_FEAT_PRIORITY) && capabilities.queues > 1) {
      QueueConfig urgent = queue_config(config);
      urgent.index = 1;
      urgent.priority = kDecompressPriority;
      urgent_queue.emplace(device, map, allocator, urgent);
    }
    decompress = make_engine_codec(name, urgent_queue ? *urgent_queue : queue, map, kNoBounce);
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
  // Of the passes, and one page for what comes back beside them.
  [[nodiscard]] std::span<std::byte> pages() const {
    return destinations.span().first(destinations.size() - kPageBytes);
  }
  [[nodiscard]] std::span<std::byte> spare_page() const {
    return destinations.span().last(kPageBytes);
  }
  DmaBuffer destinations;  // outlives the queue: a running one may write there
  QueuePair queue;
  std::optional<QueuePair> urgent_queue;  // for decompression, where there are classes
  std::unique_ptr<Codec> compress;
  std::unique_ptr<Codec> decompress;
};

// Memory that begins with a page: where a device cuts its bursts depends on addresses
// inside pages, and must not depend on where this process happened to get memory.
template <class T>
struct PageAllocator {
  using value_type = T;
  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{kPageBytes}));
  }
  void deallocate(T* memory, std::size_t) noexcept {
    ::operator delete (memory, std::align_val_t{kPageBytes});
  }
  bool operator==(const PageAllocator&) const noexcept { return true; }
};

// What a back end stored as blocks, each at the start of a cache line and with the
// rest of its last line to itself.
class BlockStore {
 public:
  struct Block {
    std::size_t page;  // in the workload
    std::size_t line;
    std::uint32_t len;
  };
  void add(std::size_t page, std::span<const std::byte> block) {
    const std::size_t line = lines_.size();
    lines_.resize(line + (block.size() + sizeof(Line) - 1) / sizeof(Line));
    std::memcpy(&lines_[line], block.data(), block.size());
    blocks_.push_back({page, line, static_cast<std::uint32_t>(block.size())});
    bytes_ += block.size();
  }
  // In order of addresses. They stay where they are once add() is called no more.
  [[nodiscard]] const std::vector<Block>& blocks() const noexcept { return blocks_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const std::byte* data(const Block& block) const noexcept {
    return lines_[block.line].bytes.data();
  }
  [[nodiscard]] const Block& at(const void* address) const {
    const auto line = static_cast<std::size_t>(static_cast<const Line*>(address) - lines_.data());
    return *std::lower_bound(
        blocks_.begin(), blocks_.end(), line,
        [](const Block& block, std::size_t wanted) { return block.line < wanted; });
  }
  [[nodiscard]] std::span<const std::byte> memory() const noexcept {
    return std::as_bytes(std::span(lines_));
  }

 private:
  struct alignas(64) Line {
    std::array<std::byte, 64> bytes;
  };
  std::vector<Line, PageAllocator<Line>> lines_;
  std::vector<Block> blocks_;
  std::uint64_t bytes_ = 0;
};

// All pages of one operation on their way through the FIFO.
struct Pass {
  Pass(Operation op, PassRun& outcome) : operation(op), run(outcome) {}
  Operation operation;
  PassRun& run;
  std::vector<Page> items;  // cookies are indices of run.pages
  // Members: kswapd uses them even after the worker has ended in an error.
  std::optional<Kcompressd> queue;
  sc_core::sc_event ready{operation == Operation::kCompress ? "store_ready" : "load_ready"};
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
    if (backend.is_engine()) {
      run_.clock_mhz = 1e6 / (clock_period(config.clock_mhz) / sc_core::sc_time(1, sc_core::SC_PS));
      hardware_.emplace(backend, config);
    } else {
      costs_ = &costs.codec(name, backend.library);
    }
  }

  BackendRun run() {
    sc_core::sc_spawn_options options;
    options.set_stack_size(static_cast<int>(kProcessStack));
    sc_core::sc_spawn([this] { guard([this] { kcompressd(); }); }, "kcompressd", &options);
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

  std::uint64_t scaled_cost(std::uint32_t ns) const {
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(ns) * config_.cost_scale));
  }

  std::uint64_t page_cost(const Request& request) const {
    if (request.operation == Operation::kDecompress) {
      return scaled_cost(block_cost(store_.at(request.src).page));
    }
    const auto* source = static_cast<const std::uint8_t*>(request.src);
    for (std::size_t i = 0; i < workload_.inputs().size(); ++i) {
      const std::span<const std::uint8_t> bytes = workload_.inputs()[i].file.bytes();
      if (source < bytes.data() || source >= bytes.data() + bytes.size()) continue;
      const std::size_t page = static_cast<std::size_t>(source - bytes.data()) / kPageBytes;
      return scaled_cost(costs_->compress.ns[i][page]);
    }
    throw CompareError("a page that is of no input was compressed");
  }

  std::uint32_t block_cost(std::size_t page) const {
    const std::size_t file = workload_.file_of(page);
    const Workload::Input& input = workload_.inputs()[file];
    const std::uint32_t ns = costs_->decompress.ns[file][page - input.first_page];
    if (ns == 0) {
      throw CompareError(fmt::format(
          "the cost table has no cost of decompressing page {} of {}, which was stored; remove the "
          "table to measure anew",
          page - input.first_page, input.file.path().string()));
    }
    return ns;
  }

  void kcompressd() {
    if (!backend_.is_engine()) {
      CostedCodec codec(backend_.make_codec(/*for_cost=*/false), clock_,
                        [this](const Request& request) { return page_cost(request); });
      std::vector<std::byte> destinations(codec.depth() * kPageBytes);
      store_pages(codec, destinations);
      load_pages(codec, destinations);
      // A fault decompresses on the core of its process: nobody is in its way.
      CostedCodec own(backend_.make_codec(/*for_cost=*/false), clock_,
                      [this](const Request& request) { return page_cost(request); });
      std::vector<std::byte> page(kPageBytes);
      load_while_storing(codec, destinations, own, page);
      return;  // nothing is left to happen
    }
    auto driver =
        std::make_unique<Driver>(name_, hardware_->bus, clock_, eal_.memory(), config_, workload_);
    run_.device = driver->device.capabilities();
    try {
      store_pages(*driver->compress, driver->pages());
      if (!store_.blocks().empty()) driver->map.add_source(store_.memory());
      load_pages(*driver->decompress, driver->pages());
      if (driver->urgent_queue) {
        load_while_storing(*driver->compress, driver->pages(), *driver->decompress,
                           driver->spare_page());
      }
    } catch (...) {
      // Its end would wait for a device that may never answer, and model every cycle of
      // that; the simulation stops here and so does the process.
      (void)driver.release();
      throw;
    }
    driver.reset();
    sc_core::sc_stop();
  }

  void store_pages(Codec& codec, std::span<std::byte> destinations) {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < workload_.page_count(); ++i) {
      compress_.items.push_back({.data = workload_.page(i).data(), .cookie = i});
      // Same-filled pages take a shorter way and would flatter the idle latency.
      if (classify(workload_.page(i)) == PageKind::kOther) candidates.push_back(i);
    }
    run_pass(compress_, codec, destinations, candidates);
    if (costs_ != nullptr) run_.compress.cpu_ns_per_page = costs_->mean_ns() * config_.cost_scale;
  }

  void load_pages(Codec& codec, std::span<std::byte> destinations) {
    run_.block_bytes = store_.bytes();
    const std::vector<BlockStore::Block>& blocks = store_.blocks();
    if (blocks.empty()) return;
    std::vector<std::size_t> candidates;
    for (const BlockStore::Block& block : blocks) {
      candidates.push_back(decompress_.items.size());
      decompress_.items.push_back({.data = store_.data(block),
                                   .cookie = decompress_.items.size(),
                                   .operation = Operation::kDecompress,
                                   .len = block.len});
    }
    run_pass(decompress_, codec, destinations, candidates);
    if (costs_ != nullptr) {
      double sum = 0;
      for (const BlockStore::Block& block : blocks) sum += block_cost(block.page);
      run_.decompress.cpu_ns_per_page =
          sum / static_cast<double>(blocks.size()) * config_.cost_scale;
    }
  }

  KcompressdConfig queue_config() const {
    KcompressdConfig config;
    config.fifo_entries = static_cast<unsigned>(config_.fifo_entries);
    config.batch = static_cast<unsigned>(config_.batch);
    config.limit = static_cast<std::uint32_t>(config_.limit_bytes);
    config.poll_interval_ns = config_.poll_interval_ns;
    config.idle_interval_ns = config_.poll_interval_ns;
    config.costs = cpu_costs();
    return config;
  }

  // Page faults while kswapd compresses as fast as it can: kswapd goes round all pages
  // again until page_faults() has had its own.
  void load_while_storing(Codec& storing, std::span<std::byte> destinations, Codec& loading,
                          std::span<std::byte> page) {
    if (store_.blocks().empty() || config_.idle_pages == 0) return;
    // Their answers have been verified in the pass of compression.
    load_.emplace(Load{.queue = {}, .codec = loading, .page = page});
    load_->queue = std::make_unique<Kcompressd>(
        storing, clock_, destinations, [](const PageDone&) {}, queue_config());
    load_ready_.notify();
    load_->queue->run();
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
    while (load_->queue->counters().completed < config_.depth) {
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
          verify_decompressed(workload_.page(source), done, load_->page.first(done.out_len));
      if (!reason.empty() && !known_wrong(source)) {
        note(run_.decompress, source, "while others were compressed: " + reason);
      }
    }
    faults_done_ = true;
  }

  void run_pass(Pass& pass, Codec& codec, std::span<std::byte> destinations,
                const std::vector<std::size_t>& idle_candidates) {
    PassRun& run = pass.run;
    run.pages.resize(pass.items.size());
    run.order.reserve(pass.items.size());
    probe_idle_latency(pass, codec, destinations, idle_candidates);

    pass.queue.emplace(
        codec, clock_, destinations, [this, &pass](const PageDone& done) { sink(pass, done); },
        queue_config());
    if (hardware_) hardware_->probe.start(destinations);
    progress_(pass.operation, 0, pass.items.size());
    const auto started = std::chrono::steady_clock::now();
    pass.ready.notify();
    pass.queue->run();
    run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    run.worker = pass.queue->counters();
    if (backend_.is_engine()) {
      run.cpu_ns_per_page =
          static_cast<double>(run.worker.charged_ns) / static_cast<double>(run.pages.size());
    }
  }

  // kswapd's part, and swap-in's: all pages in order; `wait` when the FIFO is full.
  void kswapd() {
    // A back end that hangs is found by the worker; a slow one may keep the FIFO full for long.
    constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();
    const auto policy = make_wait_policy(config_.full_wait_ns, kForEver);
    for (Pass* pass : {&compress_, &decompress_}) {
      if (!pass->queue) sc_core::wait(pass->ready);  // for ever, if nothing was stored
      Producer producer(*pass->queue, clock_, *policy);
      for (const Page& page : pass->items) (void)producer.put(page);
      pass->queue->stop();
    }
    if (!load_) sc_core::wait(load_ready_);
    Producer producer(*load_->queue, clock_, *policy);
    for (std::size_t i = 0; !faults_done_; i = (i + 1) % compress_.items.size()) {
      (void)producer.put(compress_.items[i]);
    }
    load_->queue->stop();
  }

  void sink(Pass& pass, const PageDone& done) {
    PassRun& run = pass.run;
    const std::size_t index = done.page.cookie;
    PageRecord& page = run.pages.at(index);
    if (page.completed) {
      throw CompareError(
          fmt::format("{}: page {} was completed twice", to_string(pass.operation), index));
    }
    page.completed = true;
    page.status = done.completion.status;
    page.out_len = done.completion.out_len;
    page.engine_cycles = done.completion.engine_cycles;
    page.zero = page.status == Status::kSameFilled && done.completion.info == 0;
    page.enqueue_ns = done.enqueue_ns;
    page.submit_ns = done.submit_ns;
    page.complete_ns = done.complete_ns;
    // One queue in a pass: completions are polled in the order in which they were written.
    // With faults some are written that nobody sees.
    if (hardware_ && !hardware_->faults) {
      page.arrive_ps = hardware_->probe.arrivals_ps().at(run.order.size());
    }
    run.order.push_back(static_cast<std::uint32_t>(index));
    if (pass.operation == Operation::kCompress) {
      check_stored(index, done);
    } else {
      const std::size_t source = store_.blocks().at(index).page;
      note(run, source, verify_decompressed(workload_.page(source), done.completion, done.out));
    }
    progress_(pass.operation, run.order.size(), run.pages.size());
  }

  // What was stored wrongly is counted here and not sent back: it cannot come back right.
  void check_stored(std::size_t index, const PageDone& done) {
    std::string reason = verify(workload_.page(index), done.completion, done.out,
                                static_cast<std::uint32_t>(config_.limit_bytes));
    if (reason.empty() && done.completion.status == Status::kOk) store_.add(index, done.out);
    note(run_.compress, index, std::move(reason));
  }

  static void note(PassRun& run, std::size_t page, std::string reason) {
    if (!reason.empty()) run.mismatches.push_back({page, std::move(reason)});
  }

  // Latency without waiting: one page at a time, pages spread over the candidates.
  // They are verified when they come again in the main phase.
  void probe_idle_latency(Pass& pass, Codec& codec, std::span<std::byte> destinations,
                          const std::vector<std::size_t>& candidates) {
    const std::size_t count = std::min<std::size_t>(candidates.size(), config_.idle_pages);
    for (std::size_t i = 0; i < count; ++i) {
      Completion done;
      const Page& page = pass.items[candidates[i * candidates.size() / count]];
      pass.run.idle_ns.push_back(run_alone(codec, page, destinations, done));
    }
  }

  // One page, nothing else by this process; how long it took.
  std::uint64_t run_alone(Codec& codec, const Page& page, std::span<std::byte> destination,
                          Completion& done) {
    const CpuCosts costs = cpu_costs();
    const Request request{.src = page.data,
                          .dst = destination.data(),
                          .capacity = kPageBytes,
                          .limit = static_cast<std::uint32_t>(config_.limit_bytes),
                          .tag = page.cookie,
                          .operation = page.operation,
                          .src_len = page.len};
    const std::uint64_t start = clock_.now_ns();  // as Kcompressd stamps it
    clock_.pause_ns(costs.submit_ns + costs.doorbell_ns);
    if (codec.submit({&request, 1}) != 1) throw CompareError("an idle back end took no page");
    while (codec.poll({&done, 1}) == 0) clock_.pause_ns(config_.poll_interval_ns);
    clock_.pause_ns(costs.completion_ns);
    return clock_.now_ns() - start;
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
  BackendRun run_;
  BlockStore store_;
  Pass compress_{Operation::kCompress, run_.compress};
  Pass decompress_{Operation::kDecompress, run_.decompress};
  // Compression once more, with page faults beside it.
  struct Load {
    std::unique_ptr<Kcompressd> queue;
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
                        const Backend& backend, const Workload& workload, const CostTable& costs,
                        const PageCountFn& progress) {
  Timeline timeline(config, name, backend, workload, costs, progress);
  return timeline.run();
}

}  // namespace pagepress::sim
