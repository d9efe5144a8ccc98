// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/engine.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/host/engine_models.hpp"
#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/stats/trace.hpp"

namespace pagepress::reclaim {
namespace {

constexpr std::size_t kEalMib = 32;  // for rings and DPDK itself, besides destinations

bool expects_faults(const PolicyContext& context) {
  return context.faults && !context.faults->faults.empty();
}

// With faults each of two queues a worker has two bounce slots of two pages for an entry.
std::size_t eal_mib(const PolicyConfig& config, bool faults) {
  const std::size_t pages = faults ? 2 + 2 * 2 * 2 : 2;
  return kEalMib + (pages * config.workers * config.depth * kPageSize >> 20);
}

sim::HardwareConfig hardware_config(const PolicyConfig& config, const PolicyContext& context) {
  const sim::EngineSetup setup{.clock_period = sim::clock_period(context.engine.clock_mhz),
                               .engines = static_cast<unsigned>(context.engine.engines),
                               .w = static_cast<unsigned>(context.engine.w)};
  const bool rtl = config.codec == "engine:rtl";
  return {
      .make_device =
          [setup, rtl] { return rtl ? sim::make_rtl_engine(setup) : sim::make_fast_engine(setup); },
      .link = model::link_preset(context.engine.link_preset),
      .faults = context.faults,
      .vectors = config.wait == WaitMode::kPoll ? 0 : 2 * static_cast<unsigned>(config.workers)};
}

WaitConfig wait_config(const PolicyConfig& config, const PolicyContext& context) {
  WaitConfig wait{.mode = config.wait};
  if (config.wait == WaitMode::kPoll) return wait;
  wait.irq_count = static_cast<unsigned>(config.irq_count);
  const double cycles = static_cast<double>(config.irq_us) * context.engine.clock_mhz;
  if (wait.irq_count > 1) wait.irq_cycles = static_cast<std::uint32_t>(cycles);
  return wait;
}

}  // namespace

std::size_t Turns::take(Task& task) {
  for (;;) {
    const auto found = std::find(taken_.begin(), taken_.end(), false);
    if (found != taken_.end()) {
      *found = true;
      return static_cast<std::size_t>(found - taken_.begin());
    }
    task.wait(free_);
  }
}

void Turns::give(std::size_t index) {
  taken_[index] = false;
  free_.notify();
}

Engine::Engine(const PolicyConfig& config, const PolicyContext& context, PageMemo& memo)
    : config_(config),
      context_(context),
      memo_(memo),
      hardware_(hardware_config(config, context)),
      eal_({.memory_mib = eal_mib(config, expects_faults(context))}),
      clock_(context.scheduler),
      bus_(hardware_.bus, context.scheduler, context.costs.irq_ns),
      sources_(memo.ranges()),
      turns_(config.workers),
      urgent_turns_(config.workers) {
  if (config.swapin_engine) {
    context.store.vault().on_arena(
        [this](std::span<const std::byte> arena) { unmapped_.push_back(arena); });
  }
  context.scheduler.spawn({.name = "engine", .group = "engine"}, [this](Task& task) { run(task); });
}

std::unique_ptr<Engine::Driver> Engine::make_driver() {
  Driver::MakeCpu make_cpu;
  if (expects_faults(context_)) {
    make_cpu = [this] {
      auto codec = std::make_unique<PageCodec>(memo_, context_.scheduler);
      helpers_.push_back(codec.get());
      return codec;
    };
  }
  const sim::EngineDriverConfig setup{.workers = config_.workers,
                                      .depth = config_.depth,
                                      .watchdog_us = context_.engine.watchdog_us,
                                      .wait = wait_config(config_, context_),
                                      .spare_pages = config_.workers};
  try {
    return std::make_unique<Driver>(config_.codec, bus_, clock_, eal_.memory(), setup, sources_,
                                    make_cpu);
  } catch (const DeviceError& error) {
    if (!make_cpu) throw;
    no_device_ = error.what();  // a fault has it that there is none
    helpers_.clear();
    return nullptr;
  }
}

void Engine::run(Task& task) {
  std::unique_ptr<Driver> driver = make_driver();
  if (driver && config_.swapin_engine && !driver->has_urgent_queues()) {
    throw std::invalid_argument(
        fmt::format("policy '{}': swapin_engine: the device has no queue of a higher class for "
                    "each of {} workers",
                    config_.spec, config_.workers));
  }
  driver_ = driver.get();
  set_up_ = true;
  set_up_ns_ = now_ns();
  set_up_event_.notify();
  while (!ending_) task.wait(end_event_);
  driver_ = nullptr;
  if (driver) {
    const auto recovery = driver->recovery();
    read_counters(*driver);
    if (recovery) {
      nlohmann::json& reliable = counters_["reliable"];
      for (const ReliableCounterName& name : reliable_counter_names()) {
        reliable[std::string(name.name)] = (*recovery).*(name.value);
      }
    }
    Ns cpu = 0;
    for (const PageCodec* helper : helpers_) cpu += helper->spent_ns();
    counters_["fallback_cpu_ns"] = cpu;
    driver.reset();
  }
  ended_ = true;
  end_event_.notify();
}

bool Engine::ready(Task& task) {
  while (!set_up_) task.wait(set_up_event_);
  return driver_ != nullptr && !closing_;
}

WorkerTools Engine::tools(std::size_t worker, std::uint64_t slots) {
  const Driver::Worker& own = driver_->workers()[worker];
  const WaitConfig wait = own.queue->config().wait;
  return {.codec = own.compress.get(),
          .destinations = driver_->pages(worker).first(slots * kPageSize),
          .costs = {.dequeue_ns = context_.steps.dequeue_ns,
                    .submit_ns = context_.steps.submit_ns,
                    .doorbell_ns = context_.steps.doorbell_ns,
                    .poll_ns = context_.steps.poll_ns,
                    .completion_ns = context_.steps.completion_ns},
          .look_ns = config_.wait == WaitMode::kPoll ? wait.poll_ns : wait.recheck_ns,
          .draw_batches = true};
}

void Engine::await(Task& task, Codec& codec, std::span<Completion> done) {
  for (std::size_t count = 0; count < done.size();) {
    const std::size_t more = codec.poll(done.subspan(count));
    task.charge(more * context_.steps.completion_ns, "driver");
    count += more;
    if (more == 0) codec.wait(context_.engine.watchdog_us * 1000);
  }
}

bool Engine::compress(Task& task, std::span<const Page> pages,
                      const std::function<void(const PageDone&)>& done) {
  if (!ready(task)) return false;
  const std::size_t turn = turns_.take(task);
  if (closing_) {  // while it waited for its turn
    turns_.give(turn);
    return false;
  }
  Codec& codec = *driver_->workers()[turn].compress;
  const std::span<std::byte> out = driver_->pages(turn);
  std::vector<Request> requests;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    requests.push_back(to_request(pages[i], out.data() + i * kPageSize, context_.limit_bytes, i));
  }
  task.charge(pages.size() * context_.steps.submit_ns + context_.steps.doorbell_ns, "driver");
  const Ns from = now_ns();
  if (codec.submit(requests) != requests.size()) {
    throw std::logic_error("an idle queue does not take a batch");
  }
  std::vector<Completion> completions(pages.size());
  await(task, codec, completions);
  draw(turn, from);
  for (const Completion& completion : completions) {
    PageDone page;
    page.page = pages[completion.tag];
    page.completion = completion;
    page.completion.tag = page.page.cookie;
    page.out = {out.data() + completion.tag * kPageSize, completion.out_len};
    page.enqueue_ns = page.submit_ns = from;
    page.complete_ns = now_ns();
    page.synchronous = true;
    done(page);
  }
  task.settle();
  turns_.give(turn);
  return true;
}

void Engine::draw(std::size_t turn, Ns from) {
  if (context_.trace == nullptr) return;
  const Trace::Track track =
      context_.trace->track("engine", fmt::format("requests of queue {}", turn));
  context_.trace->slice(track, "batch", from, now_ns());
}

const std::byte* Engine::decompress(Task& task, const Copy& copy) {
  if (!ready(task)) return nullptr;
  const std::size_t turn = urgent_turns_.take(task);
  if (closing_) {
    urgent_turns_.give(turn);
    return nullptr;
  }
  map_arenas(task);
  Codec& codec = *driver_->workers()[turn].decompress;
  std::byte* const page = driver_->spare_page(turn).data();
  const Request request{.src = copy.block.data(),
                        .dst = page,
                        .capacity = kPageSize,
                        .operation = Operation::kDecompress,
                        .src_len = static_cast<std::uint32_t>(copy.block.size()),
                        .verify = copy.crc32c != 0,
                        .expected_crc32c = copy.crc32c};
  task.charge(context_.steps.submit_ns + context_.steps.doorbell_ns, "driver");
  Completion done;
  if (codec.submit({&request, 1}) != 1) {
    throw std::logic_error("an idle queue does not take a block");
  }
  await(task, codec, {&done, 1});
  task.settle();
  urgent_turns_.give(turn);
  decompress_cycles_ += done.engine_cycles;
  if (done.status != Status::kOk || done.out_len != kPageSize) {
    throw ConservationError(
        fmt::format("the engine's answer to a block that was stored: {}", to_string(done.status)));
  }
  return page;
}

// Mapping takes time, in which another arena, or another task may come: the map is one task's at a
// time, and none goes on before what it needs is mapped.
void Engine::map_arenas(Task& task) {
  while (mapping_) task.wait(mapped_event_);
  mapping_ = true;
  // Of a map that was revoked nothing is lost: what is not mapped is bounced.
  while (!unmapped_.empty() && !driver_->map().revoked()) {
    const std::span<const std::byte> arena = unmapped_.back();
    unmapped_.pop_back();
    driver_->map().add_source(arena);
  }
  mapping_ = false;
  mapped_event_.notify();
}

void Engine::end(Task& current) {
  if (closing_) return;
  (void)ready(current);
  closing_ = true;
  for (std::size_t i = 0; i < config_.workers; ++i) {
    (void)turns_.take(current);
    (void)urgent_turns_.take(current);
  }
  // Nobody is at the device any more; who waits for a turn is to see that it is closed.
  for (std::size_t i = 0; i < config_.workers; ++i) {
    turns_.give(i);
    urgent_turns_.give(i);
  }
  ending_ = true;
  end_event_.notify();
  while (!ended_) current.wait(end_event_);
}

void Engine::read_counters(Driver& driver) {
  counters_["set_up_ns"] = set_up_ns_;
  const double cycles =
      static_cast<double>(now_ns() - set_up_ns_) * context_.engine.clock_mhz / 1e3;
  counters_["cycles"] = cycles;
  nlohmann::json& engines = counters_["engines"] = nlohmann::json::array();
  if (!driver.capabilities().has(PP_FEAT_COUNTERS)) return;
  try {
    for (unsigned i = 0; i < driver.capabilities().engines; ++i) {
      const auto of = [&](unsigned counter) {
        return driver.device().counter(PP_PERF_SCOPE_ENGINE, i, counter);
      };
      const std::uint64_t busy = of(PP_PERF_BUSY_CYCLES);
      engines.push_back({{"units", of(PP_PERF_COMPLETED)},
                         {"bytes_in", of(PP_PERF_BYTES_IN)},
                         {"bytes_out", of(PP_PERF_BYTES_OUT)},
                         {"busy_cycles", busy},
                         {"busy_share", cycles > 0 ? static_cast<double>(busy) / cycles : 0.0},
                         {"stall_input_cycles", of(PP_PERF_STALL_INPUT)},
                         {"stall_output_cycles", of(PP_PERF_STALL_OUTPUT)}});
    }
  } catch (const DeviceError& error) {
    no_device_ = error.what();  // it is gone by now
  }
}

void Engine::add_to(Policy::Use& use, std::uint64_t cycles) const {
  constexpr double kNsPerUs = 1e3;
  const model::Link::Totals& totals = hardware_.link.totals();
  const model::LinkConfig& link = hardware_.link.config();
  use.engines = static_cast<unsigned>(context_.engine.engines);
  use.engine_busy_ns = static_cast<Ns>(static_cast<double>(cycles + decompress_cycles_) /
                                       context_.engine.clock_mhz * kNsPerUs);
  use.device_bytes = totals.read_bytes + totals.write_bytes;
  use.link_bytes = totals.upstream_bytes + totals.downstream_bytes;
  use.link_busy_ns =
      std::max(static_cast<double>(totals.upstream_bytes) / link.upstream_bytes_per_ns,
               static_cast<double>(totals.downstream_bytes) / link.downstream_bytes_per_ns);
}

nlohmann::json Engine::to_json() const {
  const model::Link::Totals& link = hardware_.link.totals();
  nlohmann::json json = counters_.is_null() ? nlohmann::json::object() : counters_;
  json["model"] = config_.codec;
  json["wait"] = to_string(config_.wait);
  if (!no_device_.empty()) json["no_device"] = no_device_;
  // What device and memory exchange: each byte read or written is one of DRAM, as pages and blocks
  // are not in a cache that the device shares.
  json["dram"] = {{"read_bytes", link.read_bytes}, {"write_bytes", link.write_bytes}};
  json["link"] = {{"preset", context_.engine.link_preset},
                  {"upstream_bytes", link.upstream_bytes},
                  {"downstream_bytes", link.downstream_bytes},
                  {"reads", link.reads},
                  {"writes", link.writes},
                  {"register_reads", link.register_reads},
                  {"register_writes", link.register_writes},
                  {"interrupts", link.interrupts},
                  {"iotlb_misses", link.iotlb_misses},
                  {"errors", link.errors}};
  if (hardware_.faults) {
    const model::FaultBook& book = hardware_.faults->book();
    nlohmann::json& applied = json["faults"] = nlohmann::json::object();
    for (std::size_t i = 0; i < model::kFaultKinds; ++i) {
      const auto kind = static_cast<model::FaultKind>(i);
      if (book.applied(kind) != 0) applied[std::string(to_string(kind))] = book.applied(kind);
    }
  }
  return json;
}

}  // namespace pagepress::reclaim
