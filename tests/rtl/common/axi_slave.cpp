// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/common/axi_slave.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace pagepress::bench {
namespace {

constexpr unsigned kIncr = 1;
constexpr std::uint64_t kBoundary = 4096;

}  // namespace

AxiSlave::AxiSlave(AxiPins pins, Memory& memory, std::uint64_t seed)
    : pins_(pins), beat_bytes_(pins.beat_bytes), memory_(memory), random_(seed) {
  drive();
}

std::size_t AxiSlave::outstanding() const {
  std::size_t count = std::max(write_addresses_.size(), write_data_.size());
  for (const auto& queue : reads_) count += queue.size();
  for (const auto& queue : writes_) count += queue.size();
  return count;
}

void AxiSlave::violation(std::string what) {
  violations_.push_back(fmt::format("cycle {}: {}", cycle_, std::move(what)));
}

void AxiSlave::check_stable(Held& held, const char* channel, bool valid, bool ready,
                            std::vector<std::uint64_t> payload) {
  if (held.valid && !valid) violation(fmt::format("{}: valid fell before ready", channel));
  if (held.valid && valid && held.payload != payload) {
    violation(fmt::format("{}: payload changed before ready", channel));
  }
  held.valid = valid && !ready;
  held.payload = std::move(payload);
}

void AxiSlave::check_burst(const char* channel, std::uint64_t address, unsigned len, unsigned size,
                           unsigned burst) {
  if ((1U << size) != beat_bytes_ || burst != kIncr) {
    violation(fmt::format("{} {:#x}: size {} burst {}", channel, address, size, burst));
  }
  if (address % beat_bytes_ != 0) violation(fmt::format("{} {:#x}: unaligned", channel, address));
  if (address % kBoundary + (std::uint64_t{len} + 1) * beat_bytes_ > kBoundary) {
    violation(fmt::format("{} {:#x}: {} beats cross 4 KiB", channel, address, len + 1));
  }
}

std::uint8_t AxiSlave::response(std::uint64_t address, std::uint64_t length, bool is_write) const {
  if (!memory_.mapped(address)) return kDecerr;
  for (const AxiFault& fault : faults_) {
    if (fault.is_write == is_write && address < fault.end && address + length > fault.begin) {
      return fault.response;
    }
  }
  return kOkay;
}

std::uint64_t AxiSlave::response_time() {
  return cycle_ + random_.between(timing_.latency_min, timing_.latency_max);
}

// ---- Before the edge

void AxiSlave::sample() {
  if (pins_.arvalid != nullptr) sample_read();
  if (pins_.awvalid != nullptr) sample_write();
}

void AxiSlave::sample_read() {
  const bool valid = *pins_.arvalid != 0;
  const bool ready = *pins_.arready != 0;
  check_stable(held_ar_, "AR", valid, ready, {*pins_.arid, *pins_.araddr, *pins_.arlen});
  if (valid && ready) {
    check_burst("AR", *pins_.araddr, *pins_.arlen, *pins_.arsize, *pins_.arburst);
    Burst burst;
    burst.address = *pins_.araddr;
    burst.beats = *pins_.arlen + 1U;
    burst.id = *pins_.arid;
    burst.ready = response_time();
    reads_.at(burst.id).push_back(std::move(burst));
    ++stats_.read_bursts;
  }
  if (*pins_.rvalid != 0 && *pins_.rready != 0) {
    auto& queue = reads_.at(*pins_.rid);
    ++stats_.read_beats;
    if (++queue.front().done == queue.front().beats) queue.pop_front();
  }
}

void AxiSlave::sample_write() {
  const bool aw_valid = *pins_.awvalid != 0;
  const bool aw_ready = *pins_.awready != 0;
  const bool w_valid = *pins_.wvalid != 0;
  const bool w_ready = *pins_.wready != 0;
  check_stable(held_aw_, "AW", aw_valid, aw_ready, {*pins_.awid, *pins_.awaddr, *pins_.awlen});
  if (w_valid || held_w_.valid) {
    std::vector<std::uint64_t> payload(pins_.wdata, pins_.wdata + beat_bytes_ / 4);
    payload.insert(payload.end(), {strobes(pins_), *pins_.wlast});
    check_stable(held_w_, "W", w_valid, w_ready, std::move(payload));
  }

  if (w_valid && w_ready) {
    if (write_data_.empty() || write_data_.back().closed) write_data_.emplace_back();
    Burst& burst = write_data_.back();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(pins_.wdata);
    burst.data.insert(burst.data.end(), bytes, bytes + beat_bytes_);
    burst.strobes.push_back(strobes(pins_));
    burst.closed = *pins_.wlast != 0;
    ++burst.done;
    ++stats_.write_beats;
  }
  if (aw_valid && aw_ready) {
    check_burst("AW", *pins_.awaddr, *pins_.awlen, *pins_.awsize, *pins_.awburst);
    Burst burst;
    burst.address = *pins_.awaddr;
    burst.beats = *pins_.awlen + 1U;
    burst.id = *pins_.awid;
    write_addresses_.push_back(std::move(burst));
    ++stats_.write_bursts;
  }
  join_writes();
  if (*pins_.bvalid != 0 && *pins_.bready != 0) writes_.at(*pins_.bid).pop_front();
}

// Addresses and data meet in order.
void AxiSlave::join_writes() {
  while (!write_addresses_.empty() && !write_data_.empty()) {
    Burst& address = write_addresses_.front();
    Burst& data = write_data_.front();
    const bool over = data.done > address.beats;
    if (!data.closed && !over) return;
    if (data.done != address.beats) {
      violation(fmt::format("W: last with beat {} of {}", data.done, address.beats));
    }
    address.beats = data.done;  // what there is can still be written
    address.data = std::move(data.data);
    address.strobes = std::move(data.strobes);
    address.ready = response_time();
    write_data_.pop_front();
    writes_.at(address.id).push_back(std::move(address));
    write_addresses_.pop_front();
  }
}

// ---- After the edge

void AxiSlave::drive() {
  ++cycle_;
  if (pins_.arvalid != nullptr) drive_read();
  if (pins_.awvalid != nullptr) drive_write();
}

// The ID whose oldest burst may answer now, or -1.
int AxiSlave::pick(const std::array<std::deque<Burst>, kIds>& queues) {
  if (hold_ || random_.percent(timing_.stall_percent)) return -1;
  std::array<int, kIds> candidates{};
  std::size_t count = 0;
  for (unsigned id = 0; id < kIds; ++id) {
    if (!queues[id].empty() && queues[id].front().ready <= cycle_) {
      candidates[count++] = static_cast<int>(id);
    }
  }
  return count == 0 ? -1 : candidates[random_.below(count)];
}

void AxiSlave::drive_read() {
  *pins_.arready = !random_.percent(timing_.stall_percent);
  // What was shown and not taken stays (our masters always take).
  if (*pins_.rvalid != 0 && *pins_.rready == 0) return;
  const int id = pick(reads_);
  *pins_.rvalid = id >= 0;
  if (id < 0) return;
  Burst& burst = reads_[static_cast<unsigned>(id)].front();
  if (burst.data.empty()) {
    burst.data.resize(std::size_t{burst.beats} * beat_bytes_, 0xee);
    if (memory_.mapped(burst.address)) memory_.read(burst.address, burst.data);
  }
  const std::uint64_t offset = std::uint64_t{burst.done} * beat_bytes_;
  *pins_.rid = static_cast<std::uint8_t>(id);
  *pins_.rresp = response(burst.address + offset, beat_bytes_, false);
  *pins_.rlast = burst.done + 1 == burst.beats;
  std::memcpy(pins_.rdata, burst.data.data() + offset, beat_bytes_);
  if (observer_ != nullptr) observer_->on_read(burst.address + offset, beat_bytes_, burst.id);
}

void AxiSlave::drive_write() {
  bool aw_ready = !random_.percent(timing_.stall_percent);
  bool w_ready = !random_.percent(timing_.stall_percent);
  if (timing_.aw_waits_for_w) {
    // The address and its first beat are taken together, or the address first.
    aw_ready = aw_ready && *pins_.wvalid != 0;
    w_ready = w_ready && (!write_addresses_.empty() || (aw_ready && *pins_.awvalid != 0));
  }
  if (timing_.w_before_aw) {
    aw_ready = aw_ready && !write_data_.empty() && write_data_.front().closed;
  }
  *pins_.awready = aw_ready;
  *pins_.wready = w_ready;
  if (*pins_.bvalid != 0 && *pins_.bready == 0) return;
  const int id = pick(writes_);
  *pins_.bvalid = id >= 0;
  if (id < 0) return;
  *pins_.bid = static_cast<std::uint8_t>(id);
  *pins_.bresp = commit(writes_[static_cast<unsigned>(id)].front());
}

std::uint8_t AxiSlave::commit(const Burst& burst) {
  std::uint8_t worst = kOkay;
  for (unsigned beat = 0; beat < burst.beats; ++beat) {
    const std::uint64_t address = burst.address + std::uint64_t{beat} * beat_bytes_;
    const std::uint8_t resp = response(address, beat_bytes_, true);
    worst = std::max(worst, resp);
    for (unsigned i = 0; resp == kOkay && i < beat_bytes_;) {
      // A run of strobes at a time.
      unsigned end = i;
      while (end < beat_bytes_ && (burst.strobes[beat] >> end & 1U) != 0) ++end;
      if (end != i) {
        memory_.write(address + i, {&burst.data[std::size_t{beat} * beat_bytes_ + i], end - i});
      }
      i = end + 1;
    }
    if (observer_ != nullptr) {
      observer_->on_write(address, beat_bytes_, burst.strobes[beat], resp == kOkay);
    }
  }
  return worst;
}

}  // namespace pagepress::bench
