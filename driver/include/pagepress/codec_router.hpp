// SPDX-License-Identifier: Apache-2.0
// CodecRouter: one Codec out of an engine's and CPU ones. Pages go to the engine; while it is
// slower than a core, or sick, they go to CPUs; now and then a few pages probe it, and when it is
// well again they come back.
//
//   slow   a page takes the engine longer than a core (means of late), with hysteresis:
//          away from leave_ratio times a core's time on, back from return_ratio times on
//   sick   sick_after failures in a row (aborted, internal, DMA fault); or stall_ns without a
//          completion while pages are with it; or it throws DeviceError
//
// A page of the engine costs the time between two completions while it is busy, so that depth
// counts in its favour; a probe is a burst for the same reason. Time is the Clock's and nothing
// else decides, so that simulated runs repeat.
// Delivery: every request that submit() took completes once, from whichever codec has it.
// Completions of one codec keep that codec's order; between codecs there is none. A page
// that the engine has is never given to another: a failure is passed on as it is (a codec
// that tries again belongs below this one).
// Limitations: one thread, which also pays for what CPU codecs do in submit() or poll(); a time of
// an engine is taken to be the same for every page, of either operation.
#pragma once

#include <pagepress/clock.hpp>
#include <pagepress/codec.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pagepress {

struct RouterConfig {
  double leave_ratio = 1.25;           // engine's time a page / a core's: from here on to CPUs
  double return_ratio = 0.9;           // and back from here on; below leave_ratio
  unsigned window_pages = 64;          // completions of the engine that its mean is taken over
  unsigned sick_after = 4;             // failures in a row
  std::uint64_t stall_ns = 5'000'000;  // without a completion
  std::uint64_t probe_interval_ns = 1'000'000;  // doubled after each probe that fails
  std::uint64_t probe_interval_max_ns = 1'000'000'000;
  unsigned probe_pages = 16;  // a burst; of a sick engine, one page comes first
  // While pages go to the engine, every so many of them one goes to a CPU, to know what a core
  // takes; 0: only until one time is known.
  unsigned cpu_sample_every = 4096;
  // Called when the engine throws DeviceError: is to stop it and see to it that what it has
  // completes (QueuePair::restart(): as kAborted), then true. Else, or without it, the
  // exception goes on to the caller.
  std::function<bool()> recover;
};

enum class Route : std::uint8_t { kEngine, kCpuSlow, kCpuSick };
// "engine", "cpu-slow", "cpu-sick".
[[nodiscard]] std::string_view to_string(Route route) noexcept;

struct RouterCounters {
  std::uint64_t to_engine = 0;  // pages, probes among them
  std::uint64_t to_cpu = 0;
  std::uint64_t to_cpu_samples = 0;  // of those: to know a core's time
  std::uint64_t left_slow = 0;       // switches to CPUs
  std::uint64_t left_sick = 0;
  std::uint64_t returned = 0;  // switches back
  std::uint64_t probes = 0;    // bursts
  std::uint64_t failed_probes = 0;
  std::uint64_t failures = 0;    // completions of the engine with a failure's status
  std::uint64_t recoveries = 0;  // DeviceErrors that recover() settled

  // What several routers did together.
  RouterCounters& operator+=(const RouterCounters& other) noexcept;
};

class CodecRouter final : public Codec {
 public:
  // At least one CPU codec; all references outlive this. Throws std::invalid_argument.
  CodecRouter(std::string name, Codec& engine, std::span<Codec* const> cpus, Clock& clock,
              const RouterConfig& config = {});

  [[nodiscard]] std::string_view name() const noexcept override { return name_; }
  [[nodiscard]] std::size_t depth() const noexcept override { return flights_.size(); }
  std::size_t submit(std::span<const Request> requests) override;
  std::size_t poll(std::span<Completion> done) override;

  [[nodiscard]] Route route() const noexcept { return route_; }
  [[nodiscard]] const RouterCounters& counters() const noexcept { return counters_; }
  // Means of late, ns a page; none: not known yet.
  [[nodiscard]] std::optional<double> engine_ns() const noexcept { return engine_ns_; }
  [[nodiscard]] std::optional<double> cpu_ns() const noexcept { return cpu_ns_; }

 private:
  struct Flight {
    std::uint64_t user_tag;
    std::uint64_t submit_ns;
  };
  // A burst that tells whether the engine is well again.
  struct Probe {
    bool under_way = false;
    unsigned unsent = 0;
    unsigned pages = 0;
    std::uint64_t next_ns = 0;  // when the next one may begin
    std::uint64_t interval_ns = 0;
  };
  // Completions of the engine and the time that it was busy for them.
  struct Window {
    std::uint64_t pages = 0;
    std::uint64_t busy_ns = 0;
  };

  std::size_t submit_engine(std::span<const Request> requests, std::uint64_t now);
  std::size_t submit_cpu(std::span<const Request> requests, std::uint64_t now);
  std::size_t poll_engine(std::span<Completion> done);
  std::size_t poll_cpus(std::span<Completion> done);
  std::size_t take(Codec& codec, std::span<const Request> requests, std::uint64_t now);
  std::uint64_t give_back(Completion& done);
  [[nodiscard]] std::size_t engine_share(std::size_t requests);
  [[nodiscard]] bool wants_cpu_sample() const noexcept;
  void judge(std::span<const Completion> done, std::uint64_t now);
  void judge_window();
  void watch(std::uint64_t now);
  void leave(Route to, std::uint64_t now);
  void begin_probe();
  void end_probe(bool good, std::uint64_t now);
  void recover_or_throw(std::uint64_t now);

  std::string name_;
  Codec& engine_;
  std::vector<Codec*> cpus_;
  std::vector<std::size_t> cpu_held_;  // pages with each CPU codec
  Clock& clock_;
  RouterConfig config_;
  std::vector<Flight> flights_;      // by the tag that codecs see
  std::vector<std::uint32_t> free_;  // of them
  std::vector<Request> batch_;

  Route route_ = Route::kEngine;
  std::size_t held_ = 0;                        // pages with the engine
  std::uint64_t busy_since_ = 0;                // its last completion, or since when it has pages
  std::optional<std::uint64_t> refused_since_;  // it takes nothing, and has nothing
  Window window_;
  unsigned failed_in_a_row_ = 0;
  std::uint64_t since_sample_ = 0;  // pages to the engine since a CPU had one
  std::optional<double> engine_ns_;
  std::optional<double> cpu_ns_;
  Probe probe_;
  RouterCounters counters_;
};

}  // namespace pagepress
