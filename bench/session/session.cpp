// SPDX-License-Identifier: Apache-2.0
#include "bench/session/session.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <ctime>
#include <exception>
#include <new>
#include <stdexcept>
#include <systemc>

#include <fmt/format.h>

#include "bench/session/completion_watch.hpp"
#include "model/codec/crc32c.hpp"
#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "rtl/abi/pagepress_abi.h"
#include "sim/host/tlm_bus.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kSubmissions = 0x10'0000'0000;
constexpr std::uint64_t kCompletions = 0x20'0000'0000;
constexpr std::uint64_t kSources = 0x30'0000'0000;
constexpr std::uint64_t kDestinations = 0x40'0000'0000;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kLine = 64;  // sources begin with one, as blocks in a pool do
constexpr double kWatchdogMs = 10;

// Whole pages, so that where a device cuts its bursts is the same in every process.
class Pages {
 public:
  explicit Pages(std::size_t bytes)
      : size_((bytes + kPage - 1) / kPage * kPage),
        data_(static_cast<std::uint8_t*>(::operator new (size_, std::align_val_t{kPage}))) {
    std::memset(data_, 0, size_);
  }
  ~Pages() { ::operator delete (data_, std::align_val_t{kPage}); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::size_t size_;
  std::uint8_t* data_;
};

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::size_t source_room(std::span<const Unit> units) {
  std::size_t room = 0;
  for (const Unit& unit : units) room += (unit.source.size() + kLine - 1) / kLine * kLine;
  return room;
}

class Loop : public sc_core::sc_module {
 public:
  Loop(const MakeDevice& make_device, const SessionConfig& config, std::span<const Unit> units)
      : sc_module(sc_core::sc_module_name("session")),
        config_(config),
        units_(units),
        ring_log2_(static_cast<unsigned>(std::bit_width(std::max(config.depth, 2U) * 2 - 1))),
        submissions_(ring_bytes(PP_SQE_SIZE) * config.priorities.size()),
        completions_(ring_bytes(PP_CQE_SIZE) * config.priorities.size()),
        sources_(source_room(units)),
        destinations_(units.size() * kPage),
        device_(make_device()),
        link_("link", config.link),
        memory_("memory"),
        watch_("watch", kCompletions, ring_bytes(PP_CQE_SIZE), config.priorities.size()),
        bus_("bus", memory_),
        queues_(config.priorities.size()) {
    device_->dma.bind(link_.dma);
    link_.memory.bind(watch_.target);
    watch_.initiator.bind(memory_.socket);
    bus_.socket.bind(link_.host);
    link_.registers.bind(device_->registers);
    device_->irq.bind(link_.irq_in);
    memory_.add_range(kSubmissions, submissions_.data(), submissions_.size(), false);
    memory_.add_range(kCompletions, completions_.data(), completions_.size(), true);
    memory_.add_range(kSources, sources_.data(), sources_.size(), false);
    memory_.add_range(kDestinations, destinations_.data(), destinations_.size(), true);
    result_.units.resize(units.size());
    place_sources();
    SC_HAS_PROCESS(Loop);
    SC_THREAD(drive);
  }

  SessionResult run() {
    sc_core::sc_set_stop_mode(sc_core::SC_STOP_IMMEDIATE);
    const double start = cpu_seconds();
    sc_core::sc_start();
    result_.host_s = cpu_seconds() - start;
    if (error_) std::rethrow_exception(error_);
    if (done_ != units_.size()) throw std::runtime_error("the simulation ran dry");
    for (std::size_t n = 0; n < units_.size(); ++n) {
      Outcome& outcome = result_.units[n];
      outcome.out_crc32c = model::crc32c({destinations_.data() + n * kPage, outcome.out_len});
    }
    return std::move(result_);
  }

 private:
  struct Queue {
    std::uint16_t tail = 0;  // submissions so far
    std::uint16_t head = 0;  // completions so far
    std::uint16_t told = 0;  // of them, that the device knows of
    bool rung = true;        // its doorbell, since the last submission
    std::size_t seen = 0;    // completions so far, beyond 16 bits
  };

  [[nodiscard]] std::size_t ring() const { return std::size_t{1} << ring_log2_; }
  [[nodiscard]] std::size_t ring_bytes(std::size_t entry) const {
    return std::max(kPage, ring() * entry);
  }
  [[nodiscard]] static std::uint64_t now_ps() {
    static const std::uint64_t kUnitsPerPs = sc_core::sc_time(1, sc_core::SC_PS).value();
    return sc_core::sc_time_stamp().value() / kUnitsPerPs;
  }

  void place_sources() {
    std::size_t at = 0;
    for (const Unit& unit : units_) {
      std::memcpy(sources_.data() + at, unit.source.data(), unit.source.size());
      places_.push_back(kSources + at);
      at += (unit.source.size() + kLine - 1) / kLine * kLine;
    }
  }

  void drive() {
    try {
      start();
      while (done_ < units_.size()) {
        submit();
        if (complete()) continue;
        sc_core::wait(sc_core::sc_time(kWatchdogMs, sc_core::SC_MS), watch_.written);
        if (!complete()) throw std::runtime_error("the device hangs: no completion for 10 ms");
      }
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // SystemC's own way to end a process
    } catch (...) {
      error_ = std::current_exception();
    }
    sc_core::sc_stop();
  }

  void start() {
    bus_.write32(PP_REG_CTRL, PP_CTRL_RESET);
    while ((bus_.read32(PP_REG_CTRL) & PP_CTRL_RESET) != 0) {
    }
    bus_.write32(PP_REG_CTRL, PP_CTRL_ENABLE);
    for (unsigned q = 0; q < queues_.size(); ++q) {
      const std::uint64_t sq = kSubmissions + q * ring_bytes(PP_SQE_SIZE);
      const std::uint64_t cq = kCompletions + q * ring_bytes(PP_CQE_SIZE);
      write_queue(q, PP_Q_SIZE, ring_log2_ | ring_log2_ << 8);
      write_queue(q, PP_Q_SQ_BASE_LO, static_cast<std::uint32_t>(sq));
      write_queue(q, PP_Q_SQ_BASE_HI, static_cast<std::uint32_t>(sq >> 32));
      write_queue(q, PP_Q_CQ_BASE_LO, static_cast<std::uint32_t>(cq));
      write_queue(q, PP_Q_CQ_BASE_HI, static_cast<std::uint32_t>(cq >> 32));
      write_queue(q, PP_Q_CTRL,
                  PP_Q_CTRL_ENABLE | config_.priorities[q] << PP_Q_CTRL_PRIORITY_SHIFT);
      const std::uint32_t state = bus_.read32(PP_QUEUE_BASE + q * PP_QUEUE_STRIDE + PP_Q_STATE);
      if ((state & 0xf) != PP_QSTATE_RUNNING) {
        throw std::runtime_error(fmt::format("queue {} does not start: state {:#x}", q, state));
      }
    }
  }
  void write_queue(unsigned q, std::uint64_t offset, std::uint32_t value) {
    bus_.write32(PP_QUEUE_BASE + q * PP_QUEUE_STRIDE + offset, value);
  }

  void submit() {
    for (;;) {
      const std::size_t count = std::min<std::size_t>(config_.batch, units_.size() - submitted_);
      if (count == 0 || submitted_ - done_ + count > config_.depth) return;
      const std::uint64_t now = now_ps();
      for (std::size_t n = 0; n < count; ++n) push(now);
      for (unsigned q = 0; q < queues_.size(); ++q) {
        if (std::exchange(queues_[q].rung, true)) continue;
        bus_.write32(PP_DOORBELL_BASE + q * PP_DOORBELL_STRIDE + PP_DB_SQ_TAIL, queues_[q].tail);
      }
    }
  }

  void push(std::uint64_t now) {
    const auto index = static_cast<std::uint32_t>(submitted_++);
    const Unit& unit = units_[index];
    Queue& queue = queues_[unit.queue];
    pp_sqe sqe{};
    sqe.opcode = unit.opcode;
    sqe.algorithm = PP_ALG_LZ4_BLOCK;
    sqe.src_len = static_cast<std::uint32_t>(unit.source.size());
    sqe.src_addr = places_[index];
    sqe.dst_addr = kDestinations + index * kPage;
    sqe.dst_capacity = kPage;
    sqe.limit = kPage;
    sqe.tag = index;
    std::memcpy(submissions_.data() + unit.queue * ring_bytes(PP_SQE_SIZE) +
                    queue.tail % ring() * sizeof sqe,
                &sqe, sizeof sqe);
    ++queue.tail;
    queue.rung = false;
    result_.units[index].submit_ps = now;
  }

  // Everything that has been written; false if that is nothing.
  bool complete() {
    bool any = false;
    for (unsigned q = 0; q < queues_.size(); ++q) {
      Queue& queue = queues_[q];
      while (queue.seen < watch_.arrivals_ps(q).size()) {
        take(q, queue);
        any = true;
      }
      if (static_cast<std::uint16_t>(queue.head - queue.told) >= std::max(1U, config_.batch / 2)) {
        queue.told = queue.head;
        bus_.write32(PP_DOORBELL_BASE + q * PP_DOORBELL_STRIDE + PP_DB_CQ_HEAD, queue.head);
      }
    }
    return any;
  }

  void take(unsigned q, Queue& queue) {
    pp_cqe cqe;
    std::memcpy(
        &cqe, completions_.data() + q * ring_bytes(PP_CQE_SIZE) + queue.head % ring() * sizeof cqe,
        sizeof cqe);
    const unsigned phase = (queue.head / ring() & 1U) == 0 ? PP_CQE_F_PHASE : 0;
    if ((cqe.flags & PP_CQE_F_PHASE) != phase || cqe.tag >= units_.size()) {
      throw std::runtime_error(fmt::format("queue {}: completion {} is none", q, queue.seen));
    }
    Outcome& outcome = result_.units[cqe.tag];
    if (outcome.submit_ps == 0 || outcome.arrive_ps != 0) {
      throw std::runtime_error(fmt::format("queue {}: unit {} is not in flight", q, cqe.tag));
    }
    outcome.status = cqe.status;
    outcome.flags = static_cast<std::uint8_t>(cqe.flags & ~PP_CQE_F_PHASE);
    outcome.out_len = std::min<std::uint32_t>(cqe.out_len, kPage);
    outcome.crc32c = cqe.crc32c;
    outcome.info = cqe.info;
    outcome.order = static_cast<std::uint32_t>(queue.seen);
    outcome.arrive_ps = watch_.arrivals_ps(q)[queue.seen];
    ++queue.seen;
    ++queue.head;
    ++done_;
  }

  const SessionConfig& config_;
  const std::span<const Unit> units_;
  const unsigned ring_log2_;
  Pages submissions_, completions_, sources_, destinations_;
  std::unique_ptr<model::Device> device_;
  model::Link link_;
  model::HostMemory memory_;
  CompletionWatch watch_;
  sim::TlmBus bus_;
  std::vector<Queue> queues_;
  std::vector<std::uint64_t> places_;
  std::size_t submitted_ = 0;
  std::size_t done_ = 0;
  SessionResult result_;
  std::exception_ptr error_;
};

}  // namespace

SessionResult run_session(const MakeDevice& make_device, const SessionConfig& config,
                          std::span<const Unit> units) {
  if (units.empty() || config.batch == 0 || config.batch > config.depth) {
    throw std::invalid_argument("a session has units, and batches of at most its depth");
  }
  Loop loop(make_device, config, units);
  return loop.run();
}

}  // namespace pagepress::bench
