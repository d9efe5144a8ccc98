// SPDX-License-Identifier: Apache-2.0
// Where each page goes, and that it comes back under its own tag.
#include <pagepress/codec_router.hpp>
#include <pagepress/error.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace pagepress {
namespace {

constexpr double kCpuWeight = 0.125;  // of a page in the mean of a core's time

}  // namespace

std::string_view to_string(Route route) noexcept {
  switch (route) {
    case Route::kEngine:
      return "engine";
    case Route::kCpuSlow:
      return "cpu-slow";
    case Route::kCpuSick:
      return "cpu-sick";
  }
  return "unknown";
}

RouterCounters& RouterCounters::operator+=(const RouterCounters& other) noexcept {
  to_engine += other.to_engine;
  to_cpu += other.to_cpu;
  to_cpu_samples += other.to_cpu_samples;
  left_slow += other.left_slow;
  left_sick += other.left_sick;
  returned += other.returned;
  probes += other.probes;
  failed_probes += other.failed_probes;
  failures += other.failures;
  recoveries += other.recoveries;
  return *this;
}

CodecRouter::CodecRouter(std::string name, Codec& engine, std::span<Codec* const> cpus,
                         Clock& clock, const RouterConfig& config)
    : name_(std::move(name)),
      engine_(engine),
      cpus_(cpus.begin(), cpus.end()),
      cpu_held_(cpus.size()),
      clock_(clock),
      config_(config) {
  if (cpus_.empty()) {
    throw std::invalid_argument("codec router: no CPU codec");
  }
  if (!(config.return_ratio <= config.leave_ratio) || config.window_pages == 0 ||
      config.probe_pages == 0 || config.sick_after == 0) {
    throw std::invalid_argument(
        "codec router: return_ratio must not exceed leave_ratio, and window_pages, probe_pages "
        "and sick_after must not be 0");
  }
  const std::size_t depth =
      std::accumulate(cpus_.begin(), cpus_.end(), engine.depth(),
                      [](std::size_t sum, const Codec* cpu) { return sum + cpu->depth(); });
  flights_.resize(depth);
  free_.resize(depth);
  std::iota(free_.rbegin(), free_.rend(), 0u);
  batch_.reserve(depth);
}

std::size_t CodecRouter::submit(std::span<const Request> requests) {
  if (requests.empty()) {
    return 0;
  }
  const std::uint64_t now = clock_.now_ns();
  watch(now);
  std::size_t taken = 0;
  if (route_ == Route::kEngine && wants_cpu_sample()) {
    taken = submit_cpu(requests.first(1), now);
    counters_.to_cpu_samples += taken;
  }
  const std::size_t share = engine_share(requests.size() - taken);
  const std::size_t to_engine = share == 0 ? 0 : submit_engine(requests.subspan(taken, share), now);
  taken += to_engine;
  // While a probe goes out, CPUs are left alone: their pages would count as the engine's time.
  if (route_ != Route::kEngine && (probe_.unsent == 0 || to_engine == 0)) {
    taken += submit_cpu(requests.subspan(taken), now);
  }
  return taken;
}

// How many of so many requests are for the engine: all, or what is missing of a probe.
std::size_t CodecRouter::engine_share(std::size_t requests) {
  if (route_ == Route::kEngine) {
    return requests;
  }
  if (!probe_.under_way && held_ == 0 && clock_.now_ns() >= probe_.next_ns) {
    begin_probe();
  }
  return std::min<std::size_t>(requests, probe_.unsent);
}

bool CodecRouter::wants_cpu_sample() const noexcept {
  if (cpu_held_.front() != 0) {
    return false;
  }
  if (!cpu_ns_) {
    return engine_ns_.has_value();
  }
  return config_.cpu_sample_every != 0 && since_sample_ >= config_.cpu_sample_every;
}

std::size_t CodecRouter::submit_engine(std::span<const Request> requests, std::uint64_t now) {
  std::size_t taken = 0;
  try {
    taken = take(engine_, requests, now);
  } catch (const DeviceError&) {
    recover_or_throw(now);
    return 0;
  }
  if (taken == 0) {
    if (held_ == 0 && !refused_since_) {
      refused_since_ = now;
    }
    return 0;
  }
  refused_since_.reset();
  if (held_ == 0) {
    busy_since_ = now;
  }
  held_ += taken;
  since_sample_ += taken;
  counters_.to_engine += taken;
  if (probe_.under_way) {
    probe_.unsent -= static_cast<unsigned>(taken);
  }
  return taken;
}

std::size_t CodecRouter::submit_cpu(std::span<const Request> requests, std::uint64_t now) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < cpus_.size() && taken < requests.size(); ++i) {
    const std::size_t count = take(*cpus_[i], requests.subspan(taken), now);
    cpu_held_[i] += count;
    taken += count;
  }
  counters_.to_cpu += taken;
  if (taken != 0) {
    since_sample_ = 0;
  }
  return taken;
}

std::size_t CodecRouter::take(Codec& codec, std::span<const Request> requests, std::uint64_t now) {
  const std::size_t count = std::min(requests.size(), free_.size());
  batch_.assign(requests.begin(), requests.begin() + static_cast<std::ptrdiff_t>(count));
  // From the back, which is where they are taken off.
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t flight = free_[free_.size() - 1 - i];
    flights_[flight] = {.user_tag = batch_[i].tag, .submit_ns = now};
    batch_[i].tag = flight;
  }
  const std::size_t taken = count == 0 ? 0 : codec.submit(batch_);
  free_.resize(free_.size() - taken);
  return taken;
}

// Puts the caller's tag in; when the request was submitted.
std::uint64_t CodecRouter::give_back(Completion& done) {
  const auto flight = static_cast<std::uint32_t>(done.tag);
  free_.push_back(flight);
  done.tag = flights_[flight].user_tag;
  return flights_[flight].submit_ns;
}

std::size_t CodecRouter::poll(std::span<Completion> done) {
  const std::size_t count = poll_engine(done);
  return count + poll_cpus(done.subspan(count));
}

std::size_t CodecRouter::poll_engine(std::span<Completion> done) {
  if (held_ == 0) {
    return 0;
  }
  std::size_t count = 0;
  try {
    count = engine_.poll(done);
  } catch (const DeviceError&) {
    recover_or_throw(clock_.now_ns());
    return 0;
  }
  const std::uint64_t now = clock_.now_ns();
  if (count == 0) {
    watch(now);
    return 0;
  }
  for (Completion& completion : done.first(count)) {
    give_back(completion);
  }
  held_ -= count;
  judge(done.first(count), now);
  busy_since_ = now;
  return count;
}

std::size_t CodecRouter::poll_cpus(std::span<Completion> done) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < cpus_.size() && total < done.size(); ++i) {
    if (cpu_held_[i] == 0) {
      continue;
    }
    const std::span<Completion> room = done.subspan(total);
    const std::size_t count = cpus_[i]->poll(room);
    const std::uint64_t now = clock_.now_ns();
    for (Completion& completion : room.first(count)) {
      const auto ns = static_cast<double>(now - give_back(completion));
      cpu_ns_ = cpu_ns_ ? *cpu_ns_ + kCpuWeight * (ns - *cpu_ns_) : ns;
    }
    cpu_held_[i] -= count;
    total += count;
  }
  return total;
}

}  // namespace pagepress
