// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/core.hpp"

#include <algorithm>

namespace pagepress::model::fast {
namespace {

// Events outside the machine.
constexpr std::uint32_t kAccess = 0;
constexpr std::uint32_t kDrained = 1;  // the bus may be idle
constexpr std::uint32_t kRelease = 2;  // the reset is over

constexpr Cycle kHoldCycles = 5;
constexpr std::uint32_t kWord = 4;

}  // namespace

Core::Core(const Geometry& geometry, Surroundings& world)
    : geometry_(geometry),
      world_(world),
      machine_(std::make_unique<Machine>(events_, world, pool_, geometry_, 0)) {}

Cycle Core::next() const { return std::min(events_.next(), outside_.next()); }

void Core::run_one() {
  // An access sees what was before the edge.
  if (outside_.next() <= events_.next()) {
    events_.pass(outside_.next());
    outside_.run_one();
  } else {
    events_.run_one();
  }
}

void Core::begin(Access& access, Cycle edge) {
  access_ = &access;
  access.done = kNever;
  outside_.at(edge, *this, kAccess);
}

void Core::act(Cycle now, std::uint32_t what) {
  switch (what) {
    case kAccess:
      perform(now);
      break;
    case kDrained:
      check_drained(now);
      break;
    default:
      reset_ = Reset::kNone;
      break;
  }
}

void Core::perform(Cycle now) {
  Access& access = *access_;
  const std::uint32_t address = access.address / kWord * kWord;
  if (access.write) {
    // Writes during a reset are ignored.
    if (!resetting() && machine_->write(address, access.value, access.strobes, now)) {
      reset_ = Reset::kDraining;
      machine_->quiesce();
      outside_.at(now + 1, *this, kDrained);
    }
  } else {
    const Cycle readable = machine_->readable(address);
    if (readable > now && !resetting()) {
      outside_.at(readable, *this, kAccess);
      return;
    }
    access.value = machine_->read(address, resetting(), now);
  }
  access_ = nullptr;
  access.done = now + 1;
}

void Core::answer(Burst& burst) {
  const Cycle arrival = burst.arrival;
  machine_->answer(burst);
  if (reset_ == Reset::kDraining) outside_.at(arrival + 1, *this, kDrained);
}

void Core::check_drained(Cycle now) {
  if (reset_ != Reset::kDraining) return;
  if (!machine_->bus_idle(now)) {
    // The last beats may be under way; without an answer nothing else is to come.
    if (machine_->bus_answered()) outside_.at(now + 1, *this, kDrained);
    return;
  }
  events_.clear();
  machine_ = std::make_unique<Machine>(events_, world_, pool_, geometry_, now + kHoldCycles);
  reset_ = Reset::kHeld;
  outside_.at(now + kHoldCycles, *this, kRelease);
}

}  // namespace pagepress::model::fast
