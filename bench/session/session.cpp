// SPDX-License-Identifier: Apache-2.0
#include "bench/session/session.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <ctime>
#include <exception>
#include <stdexcept>
#include <systemc>

#include <fmt/format.h>

#include "bench/session/host_queues.hpp"
#include "model/codec/crc32c.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kRings = 0x10'0000'0000;
constexpr std::uint64_t kSources = 0x30'0000'0000;
constexpr std::uint64_t kDestinations = 0x40'0000'0000;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kLine = 64;  // sources begin with one, as blocks in a pool do
constexpr double kWatchdogMs = 10;

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::size_t source_room(std::span<const Descriptor> units) {
  std::size_t room = 0;
  for (const Descriptor& unit : units) room += (unit.source.size() + kLine - 1) / kLine * kLine;
  return room;
}

class Loop : public sc_core::sc_module {
 public:
  Loop(const MakeDevice& make_device, const SessionConfig& config,
       std::span<const Descriptor> units)
      : sc_module(sc_core::sc_module_name("session")),
        config_(config),
        units_(units),
        sources_(source_room(units)),
        destinations_(units.size() * kPage),
        host_("host", make_device(), config.link, static_cast<unsigned>(config.priorities.size()),
              static_cast<unsigned>(std::bit_width(std::max(config.depth, 2U) * 2 - 1))),
        orders_(config.priorities.size()) {
    host_.memory().add_range(kSources, sources_.data(), sources_.size(), false);
    host_.memory().add_range(kDestinations, destinations_.data(), destinations_.size(), true);
    result_.units.resize(units.size());
    place_sources();
    SC_HAS_PROCESS(Loop);
    SC_THREAD(drive);
    SC_METHOD(watch);
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
  [[nodiscard]] static std::uint64_t ps(const sc_core::sc_time& time) {
    static const std::uint64_t kUnitsPerPs = sc_core::sc_time(1, sc_core::SC_PS).value();
    return time.value() / kUnitsPerPs;
  }

  void place_sources() {
    std::size_t at = 0;
    for (const Descriptor& unit : units_) {
      std::memcpy(sources_.data() + at, unit.source.data(), unit.source.size());
      places_.push_back(kSources + at);
      at += (unit.source.size() + kLine - 1) / kLine * kLine;
    }
  }

  void drive() {
    try {
      host_.start(kRings, config_.priorities);
      while (done_ < units_.size()) {
        submit();
        if (!complete()) sc_core::wait(host_.written());
      }
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // SystemC's own way to end a process
    } catch (...) {
      error_ = std::current_exception();
    }
    sc_core::sc_stop();
  }

  // A process of its own: SystemC keeps the timeouts of all waits that ended before them.
  void watch() {
    if (watching_ && done_ == seen_) {
      error_ =
          std::make_exception_ptr(std::runtime_error("the device hangs: no completion for 10 ms"));
      sc_core::sc_stop();
      return;
    }
    watching_ = true;
    seen_ = done_;
    next_trigger(sc_core::sc_time(kWatchdogMs, sc_core::SC_MS));
  }

  void submit() {
    for (;;) {
      const std::size_t count = std::min<std::size_t>(config_.batch, units_.size() - submitted_);
      if (count == 0 || submitted_ - done_ + count > config_.depth) return;
      const std::uint64_t now = ps(sc_core::sc_time_stamp());
      for (std::size_t n = 0; n < count; ++n) push(now);
      for (unsigned q = 0; q < orders_.size(); ++q) host_.ring(q);
    }
  }

  void push(std::uint64_t now) {
    const auto index = static_cast<std::uint32_t>(submitted_++);
    const Descriptor& unit = units_[index];
    pp_sqe sqe{};
    sqe.opcode = unit.opcode;
    sqe.algorithm = PP_ALG_LZ4_BLOCK;
    sqe.src_len = static_cast<std::uint32_t>(unit.source.size());
    sqe.src_addr = places_[index];
    sqe.dst_addr = kDestinations + index * kPage;
    sqe.dst_capacity = kPage;
    sqe.limit = kPage;
    sqe.tag = index;
    host_.push(unit.queue, sqe);
    result_.units[index].submit_ps = now;
  }

  // Everything that has been written; false if that is nothing.
  bool complete() {
    bool any = false;
    for (unsigned q = 0; q < orders_.size(); ++q) {
      HostQueues::Completion completion;
      while (host_.poll(q, completion)) {
        take(q, completion);
        any = true;
      }
      if (host_.untold(q) >= std::max(1U, config_.batch / 2)) host_.tell(q);
    }
    return any;
  }

  void take(unsigned q, const HostQueues::Completion& completion) {
    const pp_cqe& cqe = completion.cqe;
    if (cqe.tag >= units_.size() || result_.units[cqe.tag].submit_ps == 0 ||
        result_.units[cqe.tag].arrive_ps != 0) {
      throw std::runtime_error(fmt::format("queue {}: unit {} is not in flight", q, cqe.tag));
    }
    Outcome& outcome = result_.units[cqe.tag];
    outcome.status = cqe.status;
    outcome.flags = static_cast<std::uint8_t>(cqe.flags & ~PP_CQE_F_PHASE);
    outcome.out_len = std::min<std::uint32_t>(cqe.out_len, kPage);
    outcome.crc32c = cqe.crc32c;
    outcome.info = cqe.info;
    outcome.order = orders_[q]++;
    outcome.arrive_ps = ps(completion.at);
    ++done_;
  }

  const SessionConfig& config_;
  const std::span<const Descriptor> units_;
  std::vector<std::uint8_t> sources_, destinations_;
  HostQueues host_;
  std::vector<std::uint32_t> orders_;  // completions of each queue so far
  std::vector<std::uint64_t> places_;
  std::size_t submitted_ = 0;
  std::size_t done_ = 0;
  std::size_t seen_ = 0;   // of them when watch() looked last
  bool watching_ = false;  // it has looked before
  SessionResult result_;
  std::exception_ptr error_;
};

}  // namespace

SessionResult run_session(const MakeDevice& make_device, const SessionConfig& config,
                          std::span<const Descriptor> units) {
  if (units.empty() || config.batch == 0 || config.batch > config.depth) {
    throw std::invalid_argument("a session has units, and batches of at most its depth");
  }
  Loop loop(make_device, config, units);
  return loop.run();
}

}  // namespace pagepress::bench
