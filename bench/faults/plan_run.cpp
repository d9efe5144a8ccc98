// SPDX-License-Identifier: Apache-2.0
#include "bench/faults/plan_run.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <pagepress/codecs.hpp>
#include <pagepress/device.hpp>
#include <pagepress/memory.hpp>
#include <pagepress/queue_pair.hpp>
#include <systemc>

#include "bench/faults/owner.hpp"
#include "model/fault/fault_injector.hpp"
#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "sim/host/costed_codec.hpp"
#include "sim/host/sc_clock.hpp"
#include "sim/host/tlm_bus.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kDepth = 64;
constexpr unsigned kSlots = 4 * kDepth;  // so that one rests for long before it is used again
constexpr unsigned kVectors = 16;
constexpr std::uint64_t kPatienceNs = 200'000;      // of the driver
constexpr std::uint64_t kWatchdogNs = 200'000'000;  // without a completion: a hang
constexpr std::uint64_t kCompressNs = 3'000;        // a page on a CPU
constexpr std::uint64_t kDecompressNs = 800;
constexpr std::size_t kProcessStack = 1U << 20;  // liblz4 keeps its tables on the stack

// Plain memory: EAL's start would cost more than a whole plan.
class PlainMemory final : public DmaAllocator {
 public:
  void* allocate(std::size_t len, std::size_t align) override {
    const std::size_t whole = (len + align - 1) / align * align;
    void* const memory = std::aligned_alloc(align, whole);
    if (memory == nullptr) throw std::bad_alloc();
    return std::memset(memory, 0, whole);
  }
  void release(void* addr) noexcept override { std::free(addr); }
};

bool poisons(const model::FaultPlan& plan) {
  return std::ranges::any_of(plan.faults, [](const model::Fault& fault) {
    return fault.kind == model::FaultKind::kPoisonedCompletion;
  });
}

class PlanRun {
 public:
  PlanRun(std::uint64_t seed, const model::FaultPlan& plan, std::span<const Page> pages,
          MakeDevice make_device, Belief belief)
      : seed_(seed),
        pages_(pages),
        belief_(belief),
        // A device that says of the wrong request that it is done still writes where it was told.
        bounce_(poisons(plan) || seed % 2 != 0),
        link_("link", model::link_preset(seed % 5 == 0 ? "pcie4x8" : "soc")),
        bus_("bus", host_memory_, sc_core::SC_ZERO_TIME, kVectors),
        device_(make_device()),
        faults_("faults", plan) {
    bus_.socket.bind(link_.host);
    link_.memory.bind(host_memory_.socket);
    link_.irq.bind(bus_.irq);
    faults_.bind(*device_, link_);
  }

  nlohmann::json run() {
    sc_core::sc_spawn_options options;
    options.set_stack_size(static_cast<int>(kProcessStack));
    sc_core::sc_spawn([this] { guard(); }, "owner", &options);
    sc_core::sc_set_stop_mode(sc_core::SC_STOP_IMMEDIATE);
    sc_core::sc_start();
    if (error_) std::rethrow_exception(error_);
    if (!finished_) throw CampaignFailure("the simulation ran dry");
    return std::move(result_);
  }

 private:
  void guard() {
    try {
      drive();
      finished_ = true;
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // SystemC's own way to end a process
    } catch (...) {
      error_ = std::current_exception();
    }
    sc_core::sc_stop();
  }

  void drive() {
    PlainMemory memory;
    DmaMap map(bus_);
    DmaBuffer slots(map, memory, kSlots * kPageSize);
    map.add_source(std::as_bytes(pages_));
    Owner owner(pages_, slots.span(), belief_, seed_ % 3 == 0);
    drive_device(map, memory, owner);
    owner.check();
    result_["accepted_lies"] = owner.lies();
    result_["blocks"] = owner.stored_blocks();
    result_["sim_us"] = clock_.now_ns() / 1000;
    const model::FaultBook& book = faults_.book();
    for (std::size_t i = 0; i < model::kFaultKinds; ++i) {
      const auto kind = static_cast<model::FaultKind>(i);
      result_["faults"][std::string(to_string(kind))] = book.applied(kind);
    }
    result_["log"] = nlohmann::json::array();
    for (const auto& entry : book.log()) result_["log"].push_back(book.describe(entry));
  }

  void drive_device(DmaMap& map, DmaAllocator& memory, Owner& owner) {
    std::optional<Device> device;
    std::optional<QueuePair> queue;
    try {
      device.emplace(bus_, clock_, DeviceConfig{.register_timeout_ns = kPatienceNs});
      queue.emplace(*device, map, memory, queue_config());
    } catch (const DeviceError&) {
      // A device that is sick from the start is none; all work is the CPU's.
      const std::unique_ptr<Codec> cpu = make_cpu();
      result_["no_device"] = 1;
      pass(*cpu, owner);
      owner.begin_loading();
      pass(*cpu, owner);
      return;
    }
    ReliableCodec codec(
        make_engine_codec("engine", *queue, map,
                          {.bounce_slots = 2 * kDepth, .bounce_destinations = bounce_}),
        make_cpu(),
        {.backoff_ns = 100'000,
         .backoff_most_ns = 1'000'000,
         .check_answers = belief_ == Belief::kChecking});
    pass(codec, owner);
    owner.begin_loading();
    // In a mapping, as a pool's; else all sources would be bounced.
    if (!map.revoked()) map.add_source(owner.blocks());
    pass(codec, owner);
    count(codec.counters());
  }

  // Takes its time, so that a device that was sick can be well again before all is done.
  std::unique_ptr<Codec> make_cpu() {
    return std::make_unique<sim::CostedCodec>(make_cpu_lz4(), clock_, [](const Request& request) {
      return request.operation == Operation::kCompress ? kCompressNs : kDecompressNs;
    });
  }

  QueueConfig queue_config() const {
    constexpr std::array<WaitMode, 3> kModes{WaitMode::kPoll, WaitMode::kInterrupt,
                                             WaitMode::kHybrid};
    QueueConfig config{
        .sq_depth = kDepth, .cq_depth = kDepth, .completion_timeout_ns = kPatienceNs};
    config.wait.mode = kModes[seed_ % kModes.size()];
    config.wait.recheck_ns = 50'000;
    return config;
  }

  // Every page there, or every block back.
  void pass(Codec& codec, Owner& owner) {
    std::vector<Request> ready;
    std::vector<Completion> done(kDepth);
    std::uint64_t last = clock_.now_ns();
    while (!owner.done()) {
      while (ready.size() < kDepth) {
        const std::optional<Request> request = owner.next();
        if (!request) break;
        ready.push_back(*request);
      }
      const std::size_t taken = codec.submit(ready);
      ready.erase(ready.begin(), ready.begin() + static_cast<std::ptrdiff_t>(taken));
      const std::size_t count = codec.poll(done);
      for (std::size_t i = 0; i < count; ++i) owner.take(done[i]);
      const std::uint64_t now = clock_.now_ns();
      if (count != 0) {
        last = now;
        continue;
      }
      if (now - last > kWatchdogNs) throw CampaignFailure("hangs: no completion for 200 ms");
      codec.wait(kPatienceNs);
      if (clock_.now_ns() == now) clock_.pause_ns(500);
    }
  }

  void count(const ReliableCounters& counters) {
    for (const ReliableCounterName& counter : reliable_counter_names()) {
      result_["driver"][std::string(counter.name)] = counters.*counter.value;
    }
  }

  const std::uint64_t seed_;
  const std::span<const Page> pages_;
  const Belief belief_;
  const bool bounce_;
  model::HostMemory host_memory_{"memory"};
  model::Link link_;
  sim::TlmBus bus_;
  std::unique_ptr<model::Device> device_;
  model::FaultInjector faults_;
  sim::ScClock clock_;
  nlohmann::json result_;
  std::exception_ptr error_;
  bool finished_ = false;
};

}  // namespace

nlohmann::json run_plan(std::uint64_t seed, const model::FaultPlan& plan,
                        std::span<const Page> pages, MakeDevice make_device, Belief belief) {
  return PlanRun(seed, plan, pages, make_device, belief).run();
}

}  // namespace pagepress::bench
