// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/swap_device.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"

namespace pagepress::reclaim {
namespace {

constexpr double kPage = 4096;

double positive(double value, const char* name) {
  if (!(value > 0) || !std::isfinite(value)) {
    throw std::invalid_argument(fmt::format("{} is {}, but must be positive", name, value));
  }
  return value;
}

}  // namespace

SwapDevice::SwapDevice(const SwapDeviceConfig& config, WriteDone done)
    : depth_(config.queue_depth),
      reads_{config.read_latency_ns,
             positive(config.read_bytes_per_ns, "device.read_bytes_per_ns")},
      writes_channel_{config.write_latency_ns,
                      positive(config.write_bytes_per_ns, "device.write_bytes_per_ns")},
      done_(std::move(done)) {
  if (depth_ == 0) throw std::invalid_argument("device.queue_depth is 0, but must be 1 or more");
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&due_);
  sc_core::sc_spawn([this] { end_writes(); }, "swap_device", &options);
}

Ns SwapDevice::schedule(Channel& channel) {
  const Ns now = now_ns();
  while (!places_.empty() && places_.top() <= now) places_.pop();
  Ns begins = now;
  if (places_.size() >= depth_) {  // the request waits for the place that is free first
    begins = places_.top();
    places_.pop();
  }
  const auto data_ns = static_cast<Ns>(std::ceil(kPage / channel.bytes_per_ns));
  channel.data_until = std::max(begins + channel.latency_ns, channel.data_until) + data_ns;
  places_.push(channel.data_until);
  for (; !held_.empty() && held_.front().until <= now; held_.pop_front()) {
    held_ns_ += held_.front().until - held_.front().from;
  }
  held_.push_back({begins, channel.data_until});
  return channel.data_until;
}

Ns SwapDevice::busy_ns() const {
  const Ns now = now_ns();
  Ns busy = held_ns_;
  for (const Held& held : held_) {
    if (held.from < now) busy += std::min(now, held.until) - held.from;
  }
  return busy;
}

std::uint32_t SwapDevice::write(SwapSlots::Slot slot, PageId page, Version version, bool of_mm) {
  const std::uint32_t id = next_id_;
  next_id_ = next_id_ == ~std::uint32_t{0} ? 1 : next_id_ + 1;
  const Ns ends = schedule(writes_channel_);
  if (writes_.empty()) due_.notify(sc_ns(ends - now_ns()));
  writes_.push_back({{slot, page, version, id, of_mm}, ends});
  return id;
}

void SwapDevice::fail(PageId page, Version version) {
  failed_.push_back({SwapSlots::kNone, page, version, 0, true});
  due_.notify(sc_core::SC_ZERO_TIME);
}

Ns SwapDevice::read() { return schedule(reads_) - now_ns(); }

void SwapDevice::expect(SwapSlots::Slot slot, PageId page, Version version) const {
  const Contents held = slot < slots_.size() ? slots_[slot] : Contents{};
  if (held.page == page && held.version == version) return;
  const std::string found =
      held.page == kNoPage ? "nothing" : fmt::format("page {} version {}", held.page, held.version);
  throw ConservationError(
      fmt::format("page {} version {} is to be in slot {} of the swap device,"
                  " where {} is",
                  page, version, slot, found));
}

void SwapDevice::end_writes() {
  for (const Write& write : std::exchange(failed_, {})) done_(write, WriteEnd::kFailed);
  while (!writes_.empty() && writes_.front().ends <= now_ns()) {
    const Write write = writes_.front().write;
    writes_.pop_front();
    if (write.slot >= slots_.size()) slots_.resize(std::size_t{write.slot} + 1);
    slots_[write.slot] = {write.page, write.version};
    done_(write, WriteEnd::kStored);
  }
  if (!writes_.empty()) due_.notify(sc_ns(writes_.front().ends - now_ns()));
}

}  // namespace pagepress::reclaim
