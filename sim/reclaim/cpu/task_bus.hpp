// SPDX-License-Identifier: Apache-2.0
// TaskBus: a driver's Bus (sim/host/tlm_bus.hpp) where its callers are tasks. A register access
// comes after what the task owes, and keeps the core for as long as it takes (a CPU stalls on a
// read). An interrupt is waited for without a core, and costs `irq_ns` of CPU time.
//
// The interrupt's time is that of the task it wakes: handler and wake-up, on the task's core.
// Limitation: outside of tasks (set-up by other processes) it is the inner bus and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>

#include <pagepress/bus.hpp>

#include "sim/reclaim/cpu/scheduler.hpp"

namespace pagepress::reclaim {

class TaskBus final : public Bus {
 public:
  TaskBus(Bus& bus, Scheduler& scheduler, Ns irq_ns)
      : bus_(bus), scheduler_(scheduler), irq_ns_(irq_ns) {}

  std::uint32_t read32(std::uint64_t offset) override {
    settle();
    return bus_.read32(offset);
  }
  void write32(std::uint64_t offset, std::uint32_t value) override {
    settle();
    bus_.write32(offset, value);
  }
  Iova map(void* addr, std::size_t len, bool writable) override {
    settle();
    return bus_.map(addr, len, writable);
  }
  void unmap(Iova iova, std::size_t len) override {
    settle();
    bus_.unmap(iova, len);
  }
  [[nodiscard]] unsigned vectors() const noexcept override { return bus_.vectors(); }

  bool wait_interrupt(unsigned vector, std::uint64_t timeout_ns) override {
    Task* const task = scheduler_.current_or_null();
    if (task == nullptr) return bus_.wait_interrupt(vector, timeout_ns);
    task->settle();
    bool came = bus_.wait_interrupt(vector, 0);  // before the core is given away for nothing
    if (!came && timeout_ns != 0) {
      task->block([&] { came = bus_.wait_interrupt(vector, timeout_ns); });
    }
    if (came) task->run(irq_ns_, "interrupt");
    return came;
  }

 private:
  void settle() {
    if (Task* const task = scheduler_.current_or_null()) task->settle();
  }

  Bus& bus_;
  Scheduler& scheduler_;
  const Ns irq_ns_;
};

}  // namespace pagepress::reclaim
