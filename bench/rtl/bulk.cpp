// SPDX-License-Identifier: Apache-2.0
#include "bench/rtl/bulk.hpp"

#include <stdexcept>

#include "tests/rtl/device/reference.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kSlotBytes = std::uint64_t{4} * kLargestUnit;
constexpr unsigned kSlots = 1400;
constexpr std::uint64_t kPatience = 1000000;

}  // namespace

Bulk::Bulk(Device& device, unsigned latency, std::uint64_t seed)
    : device_(device),
      arena_(device.memory(), device.axi(), seed, kSlotBytes, kSlots, 0),
      generator_(device.memory(), arena_, seed + 1),
      host_(device, arena_, kQueues, kQueues + 1, seed + 2) {
  device_.axi().set_timing({latency, latency, 0});
  host_.verify = false;
  host_.on_completion = [this](unsigned, const pp_sqe& sqe, const pp_cqe& cqe) {
    if (cqe.status != PP_STATUS_OK) throw Violation("a unit of the load is not OK");
    ++completed_;
    if (sqe.tag == awaited_tag_) awaited_at_ = device_.cycle();
  };
  host_.enable_device(true);
}

void Bulk::start(unsigned q, unsigned priority) {
  QueueSetting setting;
  setting.sq_log2 = setting.cq_log2 = kDepthLog2;
  setting.priority = priority;
  host_.start(q, setting);
}

void Bulk::load(unsigned q, std::uint8_t opcode) { loads_.push_back({q, opcode}); }

void Bulk::feed() {
  for (const Load& load : loads_) {
    // In batches, so that doorbells are few.
    const unsigned room = host_.room(load.queue);
    const unsigned free = (1U << kDepthLog2) - static_cast<unsigned>(host_.outstanding(load.queue));
    if (room < 8 || free < 8) continue;
    for (unsigned i = 0; i < 8; ++i) host_.submit(load.queue, generator_.plain(load.opcode));
    host_.ring(load.queue);
  }
  for (unsigned q = 0; q < kQueues; ++q) {
    if (host_.unconsumed(q) >= 8) host_.consume(q);
  }
  device_.tick(16);
}

std::uint64_t Bulk::run(std::uint64_t units) {
  const std::uint64_t until = completed_ + units;
  const std::uint64_t begin = device_.cycle();
  while (completed_ < until) {
    feed();
    if (device_.cycle() > begin + kPatience) throw Violation("the load does not get on");
  }
  return device_.cycle() - begin;
}

void Bulk::drain() {
  const std::uint64_t begin = device_.cycle();
  for (bool done = false; !done;) {
    done = true;
    for (unsigned q = 0; q < kQueues; ++q) {
      done = done && host_.outstanding(q) == 0;
      host_.consume(q);
    }
    device_.tick(16);
    if (device_.cycle() > begin + kPatience) throw Violation("the load does not end");
  }
}

std::uint64_t Bulk::latency(unsigned q, std::uint8_t opcode) {
  while (host_.room(q) == 0) feed();
  Submission submission = generator_.plain(opcode);
  awaited_tag_ = submission.sqe.tag;
  awaited_at_ = 0;
  host_.submit(q, std::move(submission));
  const std::uint64_t begin = device_.cycle();
  host_.ring(q);
  while (awaited_at_ == 0) {
    feed();
    if (device_.cycle() > begin + kPatience) throw Violation("a unit does not complete");
  }
  host_.consume(q);
  return awaited_at_ - begin;
}

}  // namespace pagepress::bench
