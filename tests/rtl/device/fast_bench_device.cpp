// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/device/fast_bench_device.hpp"

#include <bit>
#include <cstring>

namespace pagepress::bench {
namespace {

using model::fast::kNever;

constexpr std::uint8_t kError = 2;  // of AXI's responses: SLVERR and DECERR have this bit

}  // namespace

FastBenchDevice::FastBenchDevice(const model::fast::Geometry& geometry, std::uint64_t seed)
    : beat_bytes_(geometry.beat_bytes), core_(geometry, *this) {
  port_.arsize = port_.awsize = static_cast<std::uint8_t>(std::countr_zero(beat_bytes_));
  axi_ = std::make_unique<AxiSlave>(bind(), memory_, seed);
  axil_ = std::make_unique<AxilMaster>(
      bind_lite(), [this] { tick(); }, seed + 1);
}

AxiPins FastBenchDevice::bind() {
  AxiPins p{};
  p.beat_bytes = beat_bytes_;
  p.awid = &port_.awid;
  p.awaddr = &port_.awaddr;
  p.awlen = &port_.awlen;
  p.awsize = &port_.awsize;
  p.awburst = &port_.awburst;
  p.awvalid = &port_.awvalid;
  p.awready = &port_.awready;
  p.wdata = port_.wdata.data();
  p.wstrb = &port_.wstrb;
  p.wlast = &port_.wlast;
  p.wvalid = &port_.wvalid;
  p.wready = &port_.wready;
  p.bid = &port_.bid;
  p.bresp = &port_.bresp;
  p.bvalid = &port_.bvalid;
  p.bready = &port_.bready;
  p.arid = &port_.arid;
  p.araddr = &port_.araddr;
  p.arlen = &port_.arlen;
  p.arsize = &port_.arsize;
  p.arburst = &port_.arburst;
  p.arvalid = &port_.arvalid;
  p.arready = &port_.arready;
  p.rid = &port_.rid;
  p.rdata = port_.rdata.data();
  p.rresp = &port_.rresp;
  p.rlast = &port_.rlast;
  p.rvalid = &port_.rvalid;
  p.rready = &port_.rready;
  return p;
}

AxilPins FastBenchDevice::bind_lite() {
  return {&lite_.awaddr, &lite_.awvalid, &lite_.awready, &lite_.wdata,  &lite_.wstrb,
          &lite_.wvalid, &lite_.wready,  &lite_.bresp,   &lite_.bvalid, &lite_.bready,
          &lite_.araddr, &lite_.arvalid, &lite_.arready, &lite_.rdata,  &lite_.rresp,
          &lite_.rvalid, &lite_.rready};
}

bool FastBenchDevice::busy() const {
  return access_open_ || messages_ != 0 || !raised_.empty() || core_.busy();
}

// ---- A cycle ---------------------------------------------------------------------------------

void FastBenchDevice::eval(bool clock) {
  if (!clock) return;
  ++edge_;
  sample_bus();
  sample_registers();
  while (core_.next() <= edge_) core_.run_one();
  drive_bus();
  drive_registers();
  messages_ = 0;
  while (!raised_.empty() && raised_.front().edge <= edge_ + 1) {
    messages_ |= std::uint64_t{1} << raised_.front().vector;
    raised_.pop_front();
  }
}

void FastBenchDevice::send(Burst& burst, model::fast::Cycle /*edge*/) {
  if (!burst.write) {
    reads_.push_back(&burst);
    return;
  }
  writes_.push_back(&burst);
  write_data_.push_back(&burst);
}

void FastBenchDevice::raise(unsigned vector, model::fast::Cycle edge) {
  raised_.push_back({vector, edge});
}

// What the edge transfers.
void FastBenchDevice::sample_bus() {
  if (port_.arvalid != 0 && port_.arready != 0) {
    Burst& burst = *reads_.front();
    reads_.pop_front();
    read_open_[burst.id].push_back(&burst);
  }
  if (port_.awvalid != 0 && port_.awready != 0) writes_.pop_front();
  if (port_.wvalid != 0 && port_.wready != 0) {
    Burst& burst = *write_data_.front();
    if (write_beat_ == 0) write_open_[burst.id].push_back(&burst);
    if (++write_beat_ == burst.beats) {
      write_data_.pop_front();
      write_beat_ = 0;
    }
  }
  if (port_.rvalid != 0) {
    Burst& burst = *read_open_[port_.rid].front();
    unsigned& beat = read_beats_[port_.rid];
    std::memcpy(burst.data.data() + beat * beat_bytes_, port_.rdata.data(), beat_bytes_);
    if ((port_.rresp & kError) != 0) burst.refused.set(beat);
    if (++beat == burst.beats) {
      beat = 0;
      read_open_[port_.rid].pop_front();
      burst.arrival = edge_ + 1;
      core_.answer(burst);
    }
  }
  if (port_.bvalid != 0) {
    Burst& burst = *write_open_[port_.bid].front();
    write_open_[port_.bid].pop_front();
    if ((port_.bresp & kError) != 0) burst.refused.set(0);
    burst.arrival = edge_ + 1;
    core_.answer(burst);
  }
}

void FastBenchDevice::drive_bus() {
  port_.arvalid = !reads_.empty();
  if (!reads_.empty()) {
    const Burst& burst = *reads_.front();
    port_.arid = burst.id;
    port_.araddr = burst.address;
    port_.arlen = static_cast<std::uint8_t>(burst.beats - 1);
  }
  port_.awvalid = !writes_.empty();
  if (!writes_.empty()) {
    const Burst& burst = *writes_.front();
    port_.awid = burst.id;
    port_.awaddr = burst.address;
    port_.awlen = static_cast<std::uint8_t>(burst.beats - 1);
  }
  port_.wvalid = !write_data_.empty();
  if (!write_data_.empty()) {
    const Burst& burst = *write_data_.front();
    const unsigned at = write_beat_ * beat_bytes_;
    std::memcpy(port_.wdata.data(), burst.data.data() + at, beat_bytes_);
    port_.wstrb = 0;
    for (unsigned i = 0; i < beat_bytes_; ++i) {
      if (at + i >= burst.first && at + i < burst.end) port_.wstrb |= std::uint64_t{1} << i;
    }
    port_.wlast = write_beat_ + 1 == burst.beats;
  }
}

// ---- Registers -------------------------------------------------------------------------------

void FastBenchDevice::sample_registers() {
  if (lite_.awvalid != 0 && lite_.awready != 0) address_held_ = true;
  if (lite_.wvalid != 0 && lite_.wready != 0) data_held_ = true;
  if (lite_.arvalid != 0 && lite_.arready != 0) read_held_ = true;
  if (lite_.bvalid != 0 && lite_.bready != 0) lite_.bvalid = 0;
  if (lite_.rvalid != 0 && lite_.rready != 0) lite_.rvalid = 0;
  if (access_open_ || (!(address_held_ && data_held_) && !read_held_)) return;
  if (lite_.bvalid != 0 || lite_.rvalid != 0) return;
  access_ = {.address = read_held_ ? lite_.araddr : lite_.awaddr,
             .value = lite_.wdata,
             .strobes = lite_.wstrb,
             .write = !read_held_};
  access_open_ = true;
  core_.begin(access_, edge_ + 1);
}

void FastBenchDevice::drive_registers() {
  if (access_open_ && access_.done != kNever) {
    access_open_ = false;
    if (access_.write) {
      lite_.bvalid = 1;
      address_held_ = data_held_ = false;
    } else {
      lite_.rvalid = 1;
      lite_.rdata = access_.value;
      read_held_ = false;
    }
  }
  lite_.awready = !address_held_;
  lite_.wready = !data_held_;
  lite_.arready = !read_held_;
}

}  // namespace pagepress::bench
