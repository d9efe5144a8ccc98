// SPDX-License-Identifier: Apache-2.0
// Device: one engine behind a Bus: probe, reset, enable, error log, counters.
//
// Every wait has a time-out by the Clock; a device that does not answer yields
// a DeviceError that names the register.
//
// Queues of one device may belong to different threads. What they share is here: the registers of
// the whole device, behind Device::Control, and the generation, which tells every queue's owner
// that the device was reset, whoever did it. Nobody touches a queue that is not his own.
// Limitation: one driver a device.
#pragma once

#include <pagepress/bus.hpp>
#include <pagepress/clock.hpp>
#include <pagepress/error.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace pagepress {

// PP_REG_CAP*, PP_REG_FEATURES_*.
struct Capabilities {
  unsigned version_major = 0;
  unsigned version_minor = 0;
  unsigned queues = 0;
  unsigned engines = 0;
  unsigned depth_log2 = 0;       // deepest ring
  unsigned unit_log2 = 0;        // largest unit
  std::uint32_t algorithms = 0;  // one bit a PP_ALG_*
  std::uint32_t operations = 0;  // one bit a PP_OP_*
  unsigned positions = 0;        // of the match finder a cycle
  unsigned align_log2 = 0;       // of buffers, unless PP_FEAT_UNALIGNED
  unsigned sge_max = 0;
  unsigned vectors = 0;
  std::uint64_t features = 0;  // PP_FEAT_*

  [[nodiscard]] bool has(std::uint64_t feature) const noexcept {
    return (features & feature) == feature;
  }
  bool operator==(const Capabilities&) const = default;
};

// One entry of the error log (PP_REG_ERR_*).
struct ErrorLogEntry {
  unsigned condition = 0;  // PP_ERR_*
  unsigned queue = 0;
  std::uint32_t index = 0;
  std::uint64_t address = 0;
};
[[nodiscard]] std::string to_string(const ErrorLogEntry& entry);

struct DeviceConfig {
  std::uint64_t register_timeout_ns = 100'000'000;  // reset, enable, disable, idle
  std::uint64_t register_poll_ns = 1'000;           // between two reads while waiting
};

class Device {
 public:
  // Checks identity, version and what this driver cannot do without (LZ4
  // compression of 4 KiB units), then resets. Throws DeviceError.
  Device(Bus& bus, Clock& clock, const DeviceConfig& config = {});
  // Disables the device and waits until it is idle (at most the time-out).
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] const Capabilities& capabilities() const noexcept { return capabilities_; }

  // The right to use registers that are the whole device's: held for set-up, stops and resets,
  // never on the way of a page. Waiting for it passes the Clock's time, so that it also works
  // among processes of a simulation. Not recursive.
  class Control {
   public:
    explicit Control(Device& device);
    ~Control();
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;

   private:
    Device& device_;
  };

  // All queues disabled, all registers at reset. Queue pairs need restart(), which their poll()
  // says as DeviceFault::kReset. Throws DeviceError if the reset does not end: then lost() holds.
  void reset();
  void reset(const Control& control);
  // Number of resets that were begun: changes before the first register does.
  [[nodiscard]] std::uint64_t generation() const noexcept {
    return generation_.load(std::memory_order_acquire);
  }
  // A reset did not end: what the device does is unknown until revive().
  [[nodiscard]] bool lost() const noexcept { return lost_.load(std::memory_order_acquire); }
  // For a device that was lost: checks that the same device answers again, and resets it. Throws
  // DeviceError if it does not; lost() then still holds. Does nothing if it was not lost.
  void revive(const Control& control);

  void enable();
  // Stops fetching, waits until nothing is outstanding.
  void disable();
  // Takes the oldest entry off the error log.
  [[nodiscard]] std::optional<ErrorLogEntry> pop_error();
  // Empties the log: its entries as text, "error log empty" if there are none.
  [[nodiscard]] std::string drain_errors();
  [[nodiscard]] std::string drain_errors(const Control& control);
  // PP_PERF_SCOPE_*, instance in that scope, PP_PERF_*. Needs PP_FEAT_COUNTERS.
  [[nodiscard]] std::uint64_t counter(unsigned scope, unsigned instance, unsigned counter);

  [[nodiscard]] Bus& bus() noexcept { return bus_; }
  [[nodiscard]] Clock& clock() noexcept { return clock_; }

  // Reads `offset` until (value & mask) == want. Throws DeviceError with
  // `name` if that takes longer than the time-out or the device is gone.
  std::uint32_t wait_register(std::uint64_t offset, std::uint32_t mask, std::uint32_t want,
                              const std::string& name);

 private:
  [[nodiscard]] Capabilities probe();
  [[nodiscard]] std::optional<ErrorLogEntry> next_error();

  Bus& bus_;
  Clock& clock_;
  DeviceConfig config_;
  Capabilities capabilities_;
  std::atomic_flag control_ = ATOMIC_FLAG_INIT;
  std::atomic<std::uint64_t> generation_ = 0;
  std::atomic<bool> lost_ = false;
};

}  // namespace pagepress
